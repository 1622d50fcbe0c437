"""Dense layers: every output is a weighted sum of all inputs."""

import math

import numpy as np

from facebook_tut._validation import check_callable, check_number, check_numbers
from facebook_tut.initializers import glorot_uniform
from facebook_tut.layers.base import Layer


def dense_loops(x, weights, bias=None):
    """Return weighted sums of the inputs, as the definition says: slowly.

    For the output m, over the inputs d: ``y[n, m] = bias[m] + Σ x[n, d] · weights[d, m]``.

    Parameters
    ----------
    x, weights, bias
        As for `dense`.

    Returns
    -------
    ndarray, (N, M)

    Examples
    --------
    >>> dense_loops([[1, 2]], [[3], [4]], [10])
    array([[21.]])
    """
    x, weights, bias = _check(x, weights, bias)
    y = np.zeros((len(x), weights.shape[1]), x.dtype)
    for n in range(len(x)):
        for m in range(weights.shape[1]):
            y[n, m] = bias[m]
            for d in range(x.shape[1]):
                y[n, m] += x[n, d] * weights[d, m]
    return y


def dense(x, weights, bias=None):
    """Return weighted sums of the inputs: one matrix product.

    Parameters
    ----------
    x : array_like, (N, D)
        Inputs.
    weights : array_like, (D, M)
        One column for each output.
    bias : array_like, (M,), optional
        Added to each output.

    Returns
    -------
    ndarray, (N, M)

    Examples
    --------
    >>> dense([[1, 2]], [[3], [4]], [10])
    array([[21.]])
    """
    x, weights, bias = _check(x, weights, bias)
    return x @ weights + bias


def dense_backward(gradient, x, weights):
    """Return the gradients of a dense layer from the gradient of its output.

    Parameters
    ----------
    gradient : array_like, (N, M)
        How the loss changes with each output.
    x, weights
        What `dense` was given.

    Returns
    -------
    tuple of ndarray
        Of the inputs (N, D), of the weights (D, M), of the bias (M,).

    Examples
    --------
    >>> grad_x, grad_weights, grad_bias = dense_backward([[1.0]], [[1, 2]], [[3], [4]])
    >>> grad_x, grad_weights.tolist(), grad_bias
    (array([[3., 4.]]), [[1.0], [2.0]], array([1.]))
    """
    x, weights, _ = _check(x, weights, None)
    gradient = check_numbers("gradient", gradient, (len(x), weights.shape[1]))
    return gradient @ weights.T, x.T @ gradient, gradient.sum(0)


class Dense(Layer):
    """A dense layer that learns its weights.

    Parameters
    ----------
    units : int
        Outputs, M.
    initializer : callable
        From the shape (D, M) and a source of randomness to the initial weights, such as those of
        `initializers`.

    Examples
    --------
    >>> layer = Dense(512)
    >>> layer.build((4608,), np.random.default_rng(0))
    (512,)
    >>> sum(weights.size for weights in layer.parameters.values())
    2359808
    """

    def __init__(self, units, initializer=glorot_uniform):
        super().__init__()
        self.units = check_number("units", units, 1, 2**20, integer=True)
        self.initializer = check_callable("initializer", initializer)

    def _build(self, shape, rng):
        """Make weights by the initializer, and biases of zero."""
        if len(shape) != 1:
            raise ValueError(f"a dense layer's input must have shape (D,), got {shape}: flatten it")
        self.parameters = {
            "kernel": self.initializer((shape[0], self.units), rng),
            "bias": np.zeros(self.units, np.float32),
        }
        return (self.units,)

    def _forward(self, x, training):
        """Return the weighted sums (N, M) of inputs (N, D)."""
        self._x, weights, bias = _check(x, *self._weights())
        return self._x @ weights + bias

    def _parameter_gradients(self, gradient):
        """Fill the gradients of weights and bias."""
        self.gradients = {"kernel": self._x.T @ gradient, "bias": gradient.sum(0)}

    def _input_gradient(self, gradient):
        """Return the gradient (N, D) of the inputs."""
        return gradient @ self.parameters["kernel"].T


class Flatten(Layer):
    """Feature maps (N, H, W, C) as vectors (N, H·W·C), row by row, channels last.

    Examples
    --------
    >>> Flatten().build((6, 6, 128), rng=None)
    (4608,)
    """

    def _build(self, shape, rng):
        """Return the shape of one output."""
        return (math.prod(shape),)

    def _forward(self, x, training):
        """Return the vectors."""
        x = check_numbers("x", x, ("...", "H", "C"))
        self._shape = x.shape
        return x.reshape(len(x), -1)

    def _input_gradient(self, gradient):
        """Return the gradient in the shape of the feature maps."""
        return gradient.reshape(self._shape)


def _check(x, weights, bias):
    """Return the arguments of a dense layer as arrays."""
    x = check_numbers("x", x, ("N", "D"))
    weights = check_numbers("weights", weights, (x.shape[1], "M"))
    outputs = weights.shape[1]
    return (
        x,
        weights,
        check_numbers("bias", np.zeros(outputs, x.dtype) if bias is None else bias, (outputs,)),
    )
