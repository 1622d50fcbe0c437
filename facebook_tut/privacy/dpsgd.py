"""DP-SGD: training in which no single picture can be told from the weights, in TensorFlow.

Three changes to stochastic gradient descent (Abadi, Chu, Goodfellow, McMahan, Mironov, Talwar and
Zhang, 2016, algorithm 1): a picture takes part in a step with probability q, its own gradient is
cut to a length C, and Gaussian noise of deviation σ C is added to the sum. `accountant.epsilon`
says what that guarantees.
"""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from facebook_tut._backend import keras, on_keras
from facebook_tut._validation import (
    LARGEST,
    as_array,
    check_callable,
    check_images,
    check_number,
    check_numbers,
    check_one_per,
    check_rng,
    check_seed,
)
from facebook_tut.models import check_network
from facebook_tut.privacy.accountant import check_delta, epsilon

LEAST_NORM = 1e-9  # to which gradients may be cut


@dataclass(frozen=True)
class PrivateTraining:
    """What a training with DP-SGD did.

    Attributes
    ----------
    steps : int
        Of the training.
    sampling : float
        q, the probability with which a picture took part in a step.
    noise : float
        σ, the noise multiplier.
    shares_clipped : list of float
        How many of the gradients of each step were longer than C, from 0 to 1; NaN where nobody
        took part.

    Examples
    --------
    >>> round(PrivateTraining(100, 0.01, 2.0, []).epsilon(1e-5), 2)
    0.26
    """

    steps: int
    sampling: float
    noise: float
    shares_clipped: list

    def epsilon(self, delta):
        """Return the ε of the training; infinite without noise."""
        check_delta(delta)
        if self.noise == 0:
            return float("inf")
        return epsilon(self.sampling, self.noise, self.steps, delta)


@on_keras
def per_example_gradients(model, loss, images, labels):
    """Return the gradient of every picture's own loss.

    Parameters
    ----------
    model : keras.Model
        It runs as in training. It must not mix the pictures of a batch, as batch normalisation
        does: group or layer normalisation does not.
    loss : callable
        ``loss(labels, outputs)`` gives one number a picture, as Keras' functions do.
    images : array_like, (N, H, W, C), float
        A batch, from 0 to 1.
    labels : array_like, (N,)
        What `loss` takes.

    Returns
    -------
    list of tf.Tensor, (N, *shape)
        One for each trainable weight.

    Raises
    ------
    ValueError
        If the model has batch normalisation.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1, 1, 1)), keras.layers.Flatten()])
    >>> model.add(keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros"))
    >>> images = np.array([0.5, 1.0]).reshape(2, 1, 1, 1)
    >>> squares = lambda labels, outputs: (outputs[:, 0] - labels) ** 2
    >>> per_example_gradients(model, squares, images, np.ones(2))[0].numpy().ravel().tolist()
    [-1.0, -2.0]
    """
    images, labels = _as_arrays(model, images, labels, check_callable("loss", loss))
    _check_unmixed(model)
    return _gradients(model, loss, tf.convert_to_tensor(images), tf.convert_to_tensor(labels))


def clip_gradients(gradients, norm):
    """Cut every picture's gradient to a length: all its weights by one factor.

    Parameters
    ----------
    gradients : list of tf.Tensor, (N, *shape)
        Of `per_example_gradients`.
    norm : float
        C. A shorter gradient stays as it is.

    Returns
    -------
    clipped : list of tf.Tensor, (N, *shape)
    lengths : tf.Tensor, (N,)
        Before clipping.

    References
    ----------
    Abadi et al., "Deep learning with differential privacy" (2016), algorithm 1.

    Examples
    --------
    >>> clipped, lengths = clip_gradients([tf.constant([[3.0, 4.0], [0.3, 0.4]])], norm=1.0)
    >>> print(lengths.numpy().round(3), clipped[0].numpy().round(3).ravel())
    [5.  0.5] [0.6 0.8 0.3 0.4]
    """
    check_number("norm", norm, LEAST_NORM, np.inf)
    return _clipped(_check_gradients("gradients", gradients), norm)


def _clipped(gradients, norm):
    """Cut gradients without a look at them: TensorFlow has not computed them yet."""
    squares = [tf.reduce_sum(g**2, axis=list(range(1, len(g.shape)))) for g in gradients]
    lengths = tf.sqrt(tf.add_n(squares))  # (N,)
    factors = tf.minimum(norm / tf.maximum(lengths, 1e-12), 1.0)  # (N,)
    clipped = [g * tf.reshape(factors, [-1] + [1] * (len(g.shape) - 1)) for g in gradients]
    return clipped, lengths


def noisy_mean(clipped, norm, noise, batch_size, rng):
    """Return the mean of clipped gradients with noise in it.

    Parameters
    ----------
    clipped : list of ndarray or tf.Tensor, (N, *shape)
        Of `clip_gradients`.
    norm, noise : float
        C and σ: the sum gets Gaussian noise of the deviation σ C.
    batch_size : float
        The expected size of a batch, by which the sum is divided. The true size N would tell who
        takes part.
    rng : numpy.random.Generator
        Where the noise comes from.

    Returns
    -------
    list of ndarray, shape, float32
        One for each trainable weight.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> noisy_mean([np.ones((2, 3))], norm=1.0, noise=0.0, batch_size=4, rng=rng)[0].tolist()
    [0.5, 0.5, 0.5]
    """
    _check_noise(norm, noise)
    check_number("batch_size", batch_size, 1e-9, LARGEST)
    rng, clipped = check_rng("rng", rng), _check_gradients("clipped", clipped)
    deviation = noise * norm if noise else 0.0  # 0 times infinity, where nothing is cut
    means = []
    for gradient in clipped:
        total = np.sum(gradient, axis=0)
        noisy = total + rng.normal(0, deviation, total.shape)
        means.append((noisy / batch_size).astype(np.float32))
    return means


@on_keras
def fit_private(
    model,
    images,
    labels,
    *,
    loss=None,
    norm=1.0,
    noise=1.0,
    batch_size=32,
    epochs=10,
    learning_rate=0.1,
    seed=None,
):
    """Train a network with DP-SGD.

    Parameters
    ----------
    model : keras.Model
        From images to the probabilities of classes, or to what `loss` takes. Trained in place. It
        must not have batch normalisation.
    images : ndarray, (N, H, W, C), float
        From 0 to 1.
    labels : array_like, (N,)
        The class of each picture, from 0, or what `loss` takes.
    loss : callable, optional
        ``loss(labels, outputs)`` gives one number a picture; by default the cross-entropy
        (``keras.losses.sparse_categorical_crossentropy``).
    norm : float
        C, to which a picture's gradient is cut. Infinity cuts nothing, without noise only.
    noise : float
        σ, the noise multiplier; 0 gives no privacy.
    batch_size : int
        Expected number of pictures in a step: each takes part with q = batch_size / N, on its own
        (Poisson sampling), as the accountant assumes.
    epochs : int
        N / batch_size steps each, rounded.
    learning_rate : float
        Of plain gradient descent.
    seed : int, optional
        For experiments that can be repeated. Whoever knows the seed can take the noise away, so
        without it the noise comes from the machine's own randomness.

    Returns
    -------
    PrivateTraining
        Its `epsilon` holds for one picture. A person with m pictures has m times as much to lose.

    References
    ----------
    Abadi et al., "Deep learning with differential privacy" (2016), algorithm 1.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
    >>> model.add(keras.layers.Dense(2, activation="softmax"))
    >>> images, labels = np.random.rand(8, 2, 2, 1), np.arange(8) % 2
    >>> fit_private(model, images, labels, batch_size=4, epochs=3).steps
    6
    """
    images, labels = _as_arrays(model, images, labels, loss)
    _check_settings(images, norm, noise, batch_size, epochs, learning_rate, seed)
    _check_unmixed(model)
    loss = keras.losses.sparse_categorical_crossentropy if loss is None else loss
    rng, sampling = np.random.default_rng(seed), batch_size / len(images)
    sum_clipped = _compiled(model, loss, images, labels, norm)
    done = PrivateTraining(epochs * max(1, round(1 / sampling)), sampling, noise, [])
    nothing = [np.zeros(weight.shape) for weight in model.trainable_variables]
    for _ in range(done.steps):
        rows = np.flatnonzero(rng.random(len(images)) < sampling)
        sums, share = nothing, np.nan
        if rows.size:
            sums, share = sum_clipped(images[rows], labels[rows])
        done.shares_clipped.append(float(share))
        steps = noisy_mean([total[None] for total in sums], norm, noise, batch_size, rng)
        for weight, step in zip(model.trainable_variables, steps, strict=True):
            weight.assign_sub(learning_rate * step)
    return done


def _gradients(model, loss, images, labels):
    with tf.GradientTape() as tape:
        losses = loss(labels, model(images, training=True))  # (N,)
    return tape.jacobian(
        losses, [v.value for v in model.trainable_variables], unconnected_gradients="zero"
    )


def _compiled(model, loss, images, labels, norm):
    """Return a function from a batch to the sums of its clipped gradients and the share clipped."""
    signature = [tf.TensorSpec((None, *x.shape[1:]), x.dtype) for x in (images, labels)]

    @tf.function(input_signature=signature)
    def sum_clipped(images, labels):
        clipped, lengths = _clipped(_gradients(model, loss, images, labels), norm)
        share = tf.reduce_mean(tf.cast(lengths > norm, tf.float32))
        return [tf.reduce_sum(g, axis=0) for g in clipped], share

    return sum_clipped


def _check_unmixed(model):
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            raise ValueError(
                f"model must not mix the pictures of a batch, {layer.name!r} does: use group or"
                " layer normalisation"
            )


def _as_arrays(model, images, labels, loss):
    """Return images and labels as a network and its loss take them, if there are as many."""
    images = check_images("images", images, check_network(model).input_shape[1:])
    labels = np.atleast_1d(as_array("labels", labels))
    check_one_per("labels", labels, len(images), "image")
    if loss is None:
        most = model.output_shape[-1] - 1
        if (check_numbers("labels", labels, (len(images),), low=0, high=most) % 1).any():
            raise ValueError(f"labels must be whole numbers from 0 to {most}")
    else:
        check_callable("loss", loss)
        check_numbers("labels", labels)
    return images, labels.astype(np.float32) if labels.dtype.kind == "f" else labels


def _check_settings(images, norm, noise, batch_size, epochs, learning_rate, seed):
    _check_noise(norm, noise)
    check_number("batch_size", batch_size, 1, len(images), integer=True)
    check_number("epochs", epochs, 1, 1_000_000, integer=True)
    check_number("learning_rate", learning_rate, 1e-9, 1000)
    if seed is not None:
        check_seed("seed", seed)


def _check_noise(norm, noise):
    check_number("norm", norm, LEAST_NORM, np.inf)
    check_number("noise", noise, 0, 1e6)
    if noise and np.isinf(norm):
        raise ValueError("norm must be finite where there is noise, got inf")


def _check_gradients(name, gradients):
    """Return gradients if each has one part for every picture, all of finite numbers."""
    if not isinstance(gradients, list | tuple):
        raise TypeError(f"{name} must be a list of arrays, got {type(gradients).__name__}")
    if not gradients:
        raise ValueError(f"{name} must hold one array or more, got none")
    arrays = [as_array(name, one) for one in gradients]
    for one in arrays:
        check_numbers(name, one)
        if one.shape[:1] != arrays[0].shape[:1] or not one.ndim:
            found = [array.shape for array in arrays]
            raise ValueError(f"{name} must have one part for each picture, got shapes {found}")
    return gradients
