"""Dropout: forget at random while learning, so that no output leans on one input."""

import numpy as np

from facebook_tut._validation import check_number

from .base import Layer


def dropout(x, rate, rng):
    """Set a share of the values to 0, and scale the others up so that the mean stays.

    Parameters
    ----------
    x : ndarray
        Of any shape.
    rate : float
        The share to drop, from 0 to below 1.
    rng : numpy.random.Generator
        Chooses which.

    Returns
    -------
    tuple of ndarray
        The output, and the mask (0 or 1 / (1 − rate)) that made it: output and gradient alike are
        multiplied by it.

    Raises
    ------
    TypeError, ValueError
        If `rate` is not such a number.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way to prevent
    neural networks from overfitting" (2014); scaled while training, as in Keras.

    Examples
    --------
    >>> y, mask = dropout(np.ones(8), 0.5, np.random.default_rng(0))
    >>> y
    array([2., 0., 0., 0., 2., 2., 2., 2.])
    """
    rate = check_number("rate", rate, 0, 1)
    if rate == 1:
        raise ValueError("rate must be below 1, or nothing is left, got 1")
    mask = (rng.random(np.shape(x)) >= rate).astype(x.dtype) / x.dtype.type(1 - rate)
    return x * mask, mask


class Dropout(Layer):
    """`dropout` as a layer: it acts in training only.

    Parameters
    ----------
    rate : float
        The share to drop.

    Examples
    --------
    >>> layer = Dropout(0.5)
    >>> layer.build((4,), np.random.default_rng(0))
    (4,)
    >>> layer.forward(np.ones((1, 4)))
    array([[1., 1., 1., 1.]])
    """

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def build(self, shape, rng):
        """Keep the source of randomness."""
        self._rng = rng
        return shape

    def forward(self, x, training=False):
        """Return `x` with values dropped in training, and `x` itself otherwise."""
        if not training:
            self._mask = 1
            return x
        y, self._mask = dropout(x, self.rate, self._rng)
        return y

    def input_gradient(self, gradient):
        """Return the gradient of what was kept."""
        return gradient * self._mask
