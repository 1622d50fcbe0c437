"""Activation functions: the nonlinearities between the layers of a network."""

import numpy as np

from facebook_tut._validation import check_numbers
from facebook_tut.layers.base import Layer


def relu(x):
    """Return max(x, 0).

    Parameters
    ----------
    x : array_like, float
        Of any shape.

    Returns
    -------
    ndarray
        Of the same shape and dtype.

    References
    ----------
    Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010).

    Examples
    --------
    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    return np.maximum(check_numbers("x", x), 0)


def relu_backward(gradient, y):
    """Return the gradient of ReLU's input: that of the output where the output is above 0.

    Parameters
    ----------
    gradient : array_like
        Of the output.
    y : array_like
        What `relu` returned, in the shape of `gradient`.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> relu_backward(np.array([5.0, 5.0]), relu(np.array([-2.0, 3.0])))
    array([0., 5.])
    """
    y = check_numbers("y", y, low=0)
    return check_numbers("gradient", gradient, y.shape) * (y > 0)


def sigmoid(z):
    """Return 1 / (1 + exp(−z)), without overflow for any z.

    Parameters
    ----------
    z : array_like, float
        Logits, of any shape.

    Returns
    -------
    ndarray
        Probabilities from 0 to 1.

    Examples
    --------
    >>> sigmoid(np.array([-1e4, 0.0, 1e4]))
    array([0. , 0.5, 1. ])
    """
    z = check_numbers("z", z)
    e = np.exp(-np.abs(z))  # never above 1
    return np.where(np.greater_equal(z, 0), 1, e) / (1 + e)


def sigmoid_backward(gradient, y):
    """Return the gradient of the sigmoid's input: gradient · y · (1 − y).

    Parameters
    ----------
    gradient : array_like
        Of the output.
    y : array_like
        What `sigmoid` returned, in the shape of `gradient`.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> sigmoid_backward(np.array([1.0]), sigmoid(np.array([0.0])))
    array([0.25])
    """
    y = check_numbers("y", y, low=0, high=1)
    return check_numbers("gradient", gradient, y.shape) * y * (1 - y)


def tanh(x):
    """Return the hyperbolic tangent, which is 2 σ(2x) − 1: a sigmoid from −1 to 1.

    Parameters
    ----------
    x : array_like, float
        Of any shape.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> tanh(np.array([-1e4, 0.0, 1e4]))
    array([-1.,  0.,  1.])
    """
    return np.tanh(check_numbers("x", x))


def tanh_backward(gradient, y):
    """Return the gradient of tanh's input: gradient · (1 − y²).

    Parameters
    ----------
    gradient : array_like
        Of the output.
    y : array_like
        What `tanh` returned, in the shape of `gradient`.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> tanh_backward(np.array([1.0]), tanh(np.array([0.0])))
    array([1.])
    """
    y = check_numbers("y", y, low=-1, high=1)
    return check_numbers("gradient", gradient, y.shape) * (1 - y * y)


def softmax(z):
    """Return exp(z) / Σ exp(z) along the last axis, without overflow for any z.

    Parameters
    ----------
    z : array_like, (..., K)
        Logits of K classes.

    Returns
    -------
    ndarray, (..., K)
        Probabilities that sum to 1.

    References
    ----------
    Goodfellow, Bengio and Courville, "Deep Learning" (2016), equation 4.1 and what follows it.

    Examples
    --------
    >>> softmax(np.array([1e4, 1e4, -1e4]))
    array([0.5, 0.5, 0. ])
    """
    z = check_numbers("z", z, ("...", "K"))
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))  # the largest becomes exp(0)
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(gradient, y):
    """Return the gradient of softmax's input: y · (gradient − Σ gradient · y).

    Parameters
    ----------
    gradient : array_like, (..., K)
        Of the output.
    y : array_like, (..., K)
        What `softmax` returned.

    Returns
    -------
    ndarray, (..., K)

    Examples
    --------
    >>> softmax_backward(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    array([ 0.25, -0.25])
    """
    y = check_numbers("y", y, ("...", "K"), low=0, high=1)
    gradient = check_numbers("gradient", gradient, y.shape)
    return y * (gradient - (gradient * y).sum(axis=-1, keepdims=True))


class _Activation(Layer):
    """A layer that keeps its output, which is all that its gradient needs."""

    def _forward(self, x, training):
        self._y = self._function(check_numbers("x", x, ("...", "K")))
        return self._y

    def _input_gradient(self, gradient):
        return self._backward(gradient, self._y)


class ReLU(_Activation):
    """`relu` as a layer, whose work is so little that checking twice would double it.

    Examples
    --------
    >>> ReLU().forward(np.array([-1.0, 1.0]))
    array([0., 1.])
    """

    def _forward(self, x, training):
        self._y = np.maximum(check_numbers("x", x, ("...", "K")), 0)
        return self._y

    def _input_gradient(self, gradient):
        return gradient * (self._y > 0)


class Sigmoid(_Activation):
    """`sigmoid` as a layer.

    Examples
    --------
    >>> Sigmoid().forward(np.array([0.0]))
    array([0.5])
    """

    _function, _backward = staticmethod(sigmoid), staticmethod(sigmoid_backward)


class Tanh(_Activation):
    """`tanh` as a layer.

    Examples
    --------
    >>> Tanh().forward(np.array([0.0]))
    array([0.])
    """

    _function, _backward = staticmethod(tanh), staticmethod(tanh_backward)


class Softmax(_Activation):
    """`softmax` as a layer.

    Examples
    --------
    >>> Softmax().forward(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """

    _function, _backward = staticmethod(softmax), staticmethod(softmax_backward)
