"""Dropout: forget at random while learning, so that no output leans on one input."""

import numpy as np

from facebook_tut._validation import check_number, check_numbers, check_rng
from facebook_tut.layers.base import Layer

MOST_DROPPED = 0.999_999  # more, and what is left is scaled beyond measure


def dropout(x, rate, rng):
    """Set a share of the values to 0, and scale the others up so that the mean stays.

    Parameters
    ----------
    x : array_like, float
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
    x, rate = check_numbers("x", x), _check_rate(rate)
    mask = (check_rng("rng", rng).random(np.shape(x)) >= rate).astype(x.dtype) / x.dtype.type(
        1 - rate
    )
    return x * mask, mask


def _check_rate(rate):
    if check_number("rate", rate, 0, 1) > MOST_DROPPED:
        raise ValueError(f"rate must be below 1, or nothing is left, got {rate}")
    return rate


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
        self.rate, self._rng = _check_rate(rate), None

    def _build(self, shape, rng):
        """Keep the source of randomness."""
        self._rng = check_rng("rng", rng)
        return shape

    def _forward(self, x, training):
        """Return `x` with values dropped in training, and `x` itself otherwise."""
        x = check_numbers("x", x, ("...", "K"))
        if self._rng is None:
            raise ValueError("x came before the source of randomness: call build first")
        if not training:
            self._mask = 1
            return x
        y, self._mask = dropout(x, self.rate, self._rng)
        return y

    def _input_gradient(self, gradient):
        """Return the gradient of what was kept."""
        return gradient * self._mask
