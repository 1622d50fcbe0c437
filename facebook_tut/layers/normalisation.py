"""Batch normalisation: each channel gets mean 0 and variance 1, then a scale and a shift."""

import numpy as np

from facebook_tut._validation import LARGEST, as_array, check_number, check_numbers
from facebook_tut.layers.base import Layer

TINY = 1e-30  # a variance, or what is added to it, that is as good as 0


def batch_norm(x, gamma, beta, mean, variance, epsilon=1e-3):
    """Return gamma · (x − mean) / √(variance + epsilon) + beta, channel by channel.

    Parameters
    ----------
    x : array_like, (..., C)
        Features, channels last.
    gamma, beta : array_like, (C,), or float
        Scale and shift.
    mean, variance : array_like, (C,), or float
        Of the batch in training; in use, of what training saw.
    epsilon : float
        From 0; keeps the division safe.

    Returns
    -------
    ndarray, (..., C)

    Raises
    ------
    ValueError
        If variance and epsilon are both 0.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift" (2015), algorithm 1.

    Examples
    --------
    >>> x = np.array([[1.0], [3.0]])
    >>> batch_norm(x, 1.0, 0.0, x.mean(0), x.var(0), epsilon=0)
    array([[-1.],
           [ 1.]])
    """
    x = check_numbers("x", x, ("...", "C"))
    gamma, beta, mean = _of_channels(x.shape[-1], gamma=gamma, beta=beta, mean=mean)
    return gamma * (x - mean) / _deviation(x.shape[-1], variance, epsilon) + beta


def batch_norm_backward(gradient, x, gamma, epsilon=1e-3):
    """Return the gradients of a batch normalisation in training.

    The batch's mean and variance depend on every input, so every input gets a share of each
    output's gradient.

    Parameters
    ----------
    gradient : array_like, (..., C)
        Of the output.
    x, gamma, epsilon
        What `batch_norm` was given, with the batch's own mean and variance.

    Returns
    -------
    tuple of ndarray
        Of `x` (..., C), of `gamma` (C,), of `beta` (C,).

    Examples
    --------
    >>> x = np.array([[1.0], [3.0]])
    >>> batch_norm_backward(np.array([[1.0], [0.0]]), x, np.ones(1))[1:]
    (array([-0.99950037]), array([1.]))
    """
    x = check_numbers("x", x, ("...", "N", "C"))
    gradient = check_numbers("gradient", gradient, x.shape)
    [gamma] = _of_channels(x.shape[-1], gamma=gamma)
    axes = tuple(range(x.ndim - 1))
    root = _deviation(x.shape[-1], x.var(axes), epsilon)
    normal = (x - x.mean(axes)) / root
    grad_gamma, grad_beta = (gradient * normal).sum(axes), gradient.sum(axes)
    common = (grad_beta + normal * grad_gamma) / (x.size // x.shape[-1])
    return gamma / root * (gradient - common), grad_gamma, grad_beta


def _of_channels(channels, **arrays):
    """Return arrays with one number for each channel, or one for all."""
    return [
        check_numbers(name, value, (channels,) if as_array(name, value).ndim else ())
        for name, value in arrays.items()
    ]


def _deviation(channels, variance, epsilon):
    """Return √(variance + epsilon), which must be above 0."""
    epsilon = check_number("epsilon", epsilon, 0, LARGEST)
    [variance] = _of_channels(channels, variance=variance)
    check_numbers("variance", variance, variance.shape, low=0)
    if not np.all(variance + epsilon > TINY):
        raise ValueError("epsilon must be above 0 where a variance is 0, got 0")
    return np.sqrt(variance + epsilon)


class BatchNormalization(Layer):
    """`batch_norm` as a layer that learns scale and shift.

    Parameters
    ----------
    momentum : float
        How much of the moving mean and variance each training batch keeps.
    epsilon : float
        As for `batch_norm`.

    Examples
    --------
    >>> layer = BatchNormalization(epsilon=0.0)
    >>> layer.build((1,), rng=None)
    (1,)
    >>> layer.forward(np.array([[1.0], [3.0]]), training=True)
    array([[-1.],
           [ 1.]])
    """

    def __init__(self, momentum=0.99, epsilon=1e-3):
        super().__init__()
        self.momentum = check_number("momentum", momentum, 0, 1)
        self.epsilon = check_number("epsilon", epsilon, 0, LARGEST)

    def _build(self, shape, rng):
        """Start with scale 1 and shift 0."""
        ones, zeros = np.ones(shape[-1], np.float32), np.zeros(shape[-1], np.float32)
        self.parameters = {"gamma": ones, "beta": zeros}
        self.moving_mean, self.moving_variance = zeros.copy(), ones.copy()
        return shape

    def _forward(self, x, training):
        """Normalise by the batch in training, and by what training saw otherwise."""
        gamma, beta = self._weights()
        x = check_numbers("x", x, ("...", "N", len(gamma)))
        mean, variance = self.moving_mean, self.moving_variance
        if training:
            axes = tuple(range(x.ndim - 1))
            mean, variance = x.mean(axes), x.var(axes)
        y = batch_norm(x, gamma, beta, mean, variance, self.epsilon)
        if training:
            self.moving_mean = self._move(self.moving_mean, mean)
            self.moving_variance = self._move(self.moving_variance, variance)
        self._x, self._training = x, training
        return y

    def _move(self, moving, batch):
        return self.momentum * moving + (1 - self.momentum) * batch

    def backward(self, gradient):
        """Fill the gradients of scale and shift, and return that of the input."""
        gamma, gradient = self.parameters.get("gamma"), self._checked(gradient)
        if not self._training:
            raise ValueError("gradient: backward needs a forward pass with training=True before it")
        grad_x, grad_gamma, grad_beta = batch_norm_backward(gradient, self._x, gamma, self.epsilon)
        self.gradients = {"gamma": grad_gamma, "beta": grad_beta}
        return grad_x

    def parameter_gradients(self, gradient):
        """Fill the gradients of scale and shift."""
        self.backward(gradient)

    def input_gradient(self, gradient):
        """Return the gradient of the input; those of scale and shift come with it."""
        return self.backward(gradient)
