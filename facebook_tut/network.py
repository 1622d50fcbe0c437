"""A network in NumPy: layers in a row, trained as Keras trains them, without TensorFlow."""

import numpy as np

from facebook_tut._validation import (
    check_array,
    check_labels,
    check_like,
    check_number,
    check_numbers,
    check_seed,
    check_shape,
)
from facebook_tut.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU, Sigmoid
from facebook_tut.losses import (
    binary_cross_entropy_from_logits,
    binary_cross_entropy_from_logits_gradient,
)
from facebook_tut.optimizers import Adam


class Sequential:
    """Layers in a row, each fed with what the one before outputs.

    Parameters
    ----------
    layers : list of layers.Layer
        Fresh layers; to be trained, the last one is a `Sigmoid` over one output.
    input_shape : tuple of int
        Of one input, without the batch axis.
    seed : int
        Of the initial weights.

    Raises
    ------
    ValueError
        If the layers do not fit each other.

    Examples
    --------
    >>> network = Sequential([Dense(8), ReLU(), Dense(1), Sigmoid()], input_shape=(2,))
    >>> network.forward(np.zeros((3, 2))).shape
    (3, 1)
    """

    def __init__(self, layers, input_shape, seed=0):
        rng = np.random.default_rng(check_seed("seed", seed))
        self.layers, self.shapes = _check_layers(layers), [check_shape("input_shape", input_shape)]
        for layer in self.layers:
            self.shapes.append(_built(layer, self.shapes[-1], rng))

    def count_params(self):
        """Return how many numbers the network learns."""
        return sum(weights.size for weights in self.get_weights())

    def get_weights(self):
        """Return the weights, layer by layer, as Keras' ``get_weights`` orders them."""
        return [weights for layer in self.layers for weights in layer.parameters.values()]

    def set_weights(self, weights):
        """Take over weights, such as those of the same network in Keras."""
        weights = iter(check_like("weights", weights, self.get_weights()))
        for layer in self.layers:
            layer.parameters = {name: np.array(next(weights)) for name in layer.parameters}

    def forward(self, x, training=False):
        """Return the output for a batch (N, ...)."""
        x = check_array("x", x, ("N", *self.shapes[0]))
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, gradient, below=None):
        """Fill every layer's gradients from the gradient of the output.

        The chain rule, from the last layer to the first, whose input needs no gradient.
        `below` leaves out that layer and those above it.
        """
        first, *others = self._below(below)
        for layer in reversed(others):
            gradient = layer.backward(gradient)
        first.parameter_gradients(gradient)

    def train_step(self, x, labels, optimiser):
        """Take one step down the gradient of the binary cross-entropy; return the loss before it.

        The sigmoid and the loss are taken together, from the logits: their gradient is ŷ − y.
        """
        x = self._check_batch(x)
        labels = check_labels("labels", labels, len(x))
        logits = self._logits(x)
        loss = binary_cross_entropy_from_logits(labels, logits)
        gradient = binary_cross_entropy_from_logits_gradient(labels, logits)
        self.backward(gradient[:, None], below=-1)
        gradients = [grad for layer in self.layers for grad in layer.gradients.values()]
        _check_steps(optimiser).step(self.get_weights(), gradients)
        return loss

    def _logits(self, x):
        """Return what goes into the last sigmoid, (N,), in a training pass."""
        if not isinstance(self.layers[-1], Sigmoid) or self.shapes[-1] != (1,):
            raise ValueError("to be trained, a network must end in a Sigmoid over one output")
        for layer in self.layers[:-1]:
            x = layer.forward(x, training=True)
        return x[:, 0]

    def fit(self, x, labels, *, epochs=10, batch_size=32, optimiser=None, seed=0):
        """Train on all of `x` (N, ...) so many times, in shuffled batches.

        Parameters
        ----------
        x : array_like, (N, ...)
            Inputs.
        labels : array_like, (N,)
            One 0 or 1 for each of them.
        epochs, batch_size : int
            Passes over them, and how many make a step.
        optimiser : optimizers.Adam, optional
            Or another of `optimizers`; Adam with the default settings if not given.
        seed : int
            Of the order of the inputs.

        Returns
        -------
        list of float
            Each epoch's mean loss.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as described; the weights are then as they were.
        """
        check_number("epochs", epochs, 1, 10**6, integer=True)
        check_number("batch_size", batch_size, 1, 10**6, integer=True)
        rng, optimiser = np.random.default_rng(check_seed("seed", seed)), _check_steps(optimiser)
        x, history = self._check_batch(x), []
        labels = check_labels("labels", labels, len(x))
        for _ in range(epochs):
            order, total = rng.permutation(len(x)), 0.0
            for start in range(0, len(x), batch_size):
                batch = order[start : start + batch_size]
                total += len(batch) * self.train_step(x[batch], labels[batch], optimiser)
            history.append(total / len(x))
        return history

    def _check_batch(self, x):
        return check_numbers("x", x, ("N", *self.shapes[0]))

    def _below(self, below):
        """Return the layers below a layer, or all of them."""
        most = len(self.layers)
        if below is not None:
            check_number("below", below, -most, most, integer=True)
        if not self.layers[:below]:
            raise ValueError(f"below must leave a layer, got {below} of {most} layers")
        return self.layers[:below]


def _check_layers(layers):
    """Return layers as a list, if there is one or more, and none twice."""
    layers = list(layers) if isinstance(layers, list | tuple) else layers
    if not isinstance(layers, list) or not all(isinstance(one, Layer) for one in layers):
        raise TypeError(f"layers must be a list of layers.Layer, got {layers!r}"[:200])
    if not layers or len({id(one) for one in layers}) < len(layers):
        raise ValueError(f"layers must hold one layer or more, and none twice, got {len(layers)}")
    return layers


def _built(layer, shape, rng):
    """Build a layer and return the shape of its output, or an error that tells which it is."""
    try:
        return layer.build(shape, rng)
    except (TypeError, ValueError) as error:
        kind = type(layer).__name__
        raise type(error)(f"layers must fit input_shape and each other, {kind}: {error}") from None


def _check_steps(optimiser):
    """Return an optimiser, that of the default settings if none is given."""
    optimiser = Adam() if optimiser is None else optimiser
    if not callable(getattr(optimiser, "step", None)) or isinstance(optimiser, type):
        raise TypeError(f"optimiser must have a method step, as Adam has, got {optimiser!r}"[:200])
    return optimiser


def build_classifier(seed=0):
    """Build the book's network in NumPy: the same layers as `models.build_classifier`.

    Parameters
    ----------
    seed : int
        Of the initial weights.

    Returns
    -------
    Sequential
        From (N, 64, 64, 3) images to (N, 1) probabilities.

    Examples
    --------
    >>> build_classifier().count_params()
    2453569
    """
    return Sequential(
        [
            *(Conv2D(32, 3), ReLU(), MaxPooling2D(2)),  # (N, 31, 31, 32)
            *(Conv2D(64, 3), ReLU(), MaxPooling2D(2)),  # (N, 14, 14, 64)
            *(Conv2D(128, 3), ReLU(), MaxPooling2D(2)),  # (N, 6, 6, 128)
            *(Flatten(), Dense(512), ReLU()),  # (N, 512)
            *(Dense(1), Sigmoid()),  # (N, 1)
        ],
        input_shape=(64, 64, 3),
        seed=seed,
    )
