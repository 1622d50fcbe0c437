"""Batch normalisation: each channel gets mean 0 and variance 1, then a scale and a shift."""

import numpy as np

from .base import Layer


def batch_norm(x, gamma, beta, mean, variance, epsilon=1e-3):
    """Return gamma · (x − mean) / √(variance + epsilon) + beta, channel by channel.

    Parameters
    ----------
    x : ndarray, (..., C)
        Features, channels last.
    gamma, beta : ndarray, (C,)
        Scale and shift.
    mean, variance : ndarray, (C,)
        Of the batch in training; in use, of what training saw.
    epsilon : float
        Keeps the division safe.

    Returns
    -------
    ndarray, (..., C)

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
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def batch_norm_backward(gradient, x, gamma, epsilon=1e-3):
    """Return the gradients of a batch normalisation in training.

    The batch's mean and variance depend on every input, so every input gets a share of each
    output's gradient.

    Parameters
    ----------
    gradient : ndarray, (..., C)
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
    axes = tuple(range(x.ndim - 1))
    root = np.sqrt(x.var(axes) + epsilon)
    normal = (x - x.mean(axes)) / root
    grad_gamma, grad_beta = (gradient * normal).sum(axes), gradient.sum(axes)
    common = (grad_beta + normal * grad_gamma) / (x.size // x.shape[-1])
    return gamma / root * (gradient - common), grad_gamma, grad_beta


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
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, shape, rng):
        """Start with scale 1 and shift 0."""
        ones, zeros = np.ones(shape[-1], np.float32), np.zeros(shape[-1], np.float32)
        self.parameters = {"gamma": ones, "beta": zeros}
        self.moving_mean, self.moving_variance = zeros.copy(), ones.copy()
        return shape

    def forward(self, x, training=False):
        """Normalise by the batch in training, and by what training saw otherwise."""
        mean, variance = self.moving_mean, self.moving_variance
        if training:
            axes = tuple(range(x.ndim - 1))
            mean, variance = x.mean(axes), x.var(axes)
            self.moving_mean = self._move(self.moving_mean, mean)
            self.moving_variance = self._move(self.moving_variance, variance)
        self._x, self._training = x, training
        return batch_norm(x, *self.parameters.values(), mean, variance, self.epsilon)

    def _move(self, moving, batch):
        return self.momentum * moving + (1 - self.momentum) * batch

    def backward(self, gradient):
        """Fill the gradients of scale and shift, and return that of the input."""
        gamma = self.parameters["gamma"]
        if not self._training:
            raise ValueError("backward needs a forward pass with training=True before it")
        grad_x, grad_gamma, grad_beta = batch_norm_backward(gradient, self._x, gamma, self.epsilon)
        self.gradients = {"gamma": grad_gamma, "beta": grad_beta}
        return grad_x

    def parameter_gradients(self, gradient):
        """Fill the gradients of scale and shift."""
        self.backward(gradient)
