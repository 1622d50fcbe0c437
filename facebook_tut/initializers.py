"""Initial weights: random numbers, as large as keeps the size of signals from layer to layer."""

import math

import numpy as np

from facebook_tut._validation import check_number, check_rng, check_shape


def fans(shape):
    """Return how many inputs each output sums, and how many outputs each input feeds.

    Parameters
    ----------
    shape : tuple of int
        Of the weights: (D, M) of a dense layer, or (kh, kw, C, F) of a convolution.

    Returns
    -------
    tuple of int
        Fan in and fan out.

    Examples
    --------
    >>> fans((784, 100)), fans((3, 3, 16, 32))
    ((784, 100), (144, 288))
    """
    shape = check_shape("shape", shape)
    if len(shape) < 2:
        raise ValueError(f"shape must have two axes or more, inputs and outputs last, got {shape}")
    *window, inputs, outputs = shape
    return math.prod(window) * inputs, math.prod(window) * outputs


def glorot_uniform(shape, rng):
    """Sample weights of variance 2 / (fan in + fan out): for what is linear near zero, as tanh is.

    Parameters
    ----------
    shape : tuple of int
        As for `fans`.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    ndarray, float32
        Uniform in ±√(6 / (fan in + fan out)).

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
    (2010), equation 16. It is what Keras does by default.

    Examples
    --------
    >>> weights = glorot_uniform((3, 3, 3, 32), np.random.default_rng(0))
    >>> weights.shape, bool(abs(weights).max() <= np.sqrt(6 / (27 + 288)))
    ((3, 3, 3, 32), True)
    """
    return _uniform(shape, rng, variance=2 / sum(fans(shape)))


def he_uniform(shape, rng):
    """Sample weights of variance 2 / fan in: for ReLU, which loses half of what it is given.

    Parameters
    ----------
    shape, rng
        As for `glorot_uniform`.

    Returns
    -------
    ndarray, float32
        Uniform in ±√(6 / fan in).

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers: surpassing human-level performance on
    ImageNet classification" (2015), equation 10.

    Examples
    --------
    >>> he_uniform((5000, 100), np.random.default_rng(0)).var().round(5) == 2 / 5000
    np.True_
    """
    return _uniform(shape, rng, variance=2 / fans(shape)[0])


def random_normal(shape, rng, stddev=0.05):
    """Sample weights of one size, whatever the shape.

    Parameters
    ----------
    shape, rng
        As for `glorot_uniform`.
    stddev : float
        Their standard deviation.

    Returns
    -------
    ndarray, float32

    Examples
    --------
    >>> random_normal((100, 100), np.random.default_rng(0), stddev=2.0).std().round(1)
    np.float32(2.0)
    """
    check_number("stddev", stddev, 0, 1000)
    fans(shape)
    return check_rng("rng", rng).normal(0, stddev, tuple(shape)).astype(np.float32)


def _uniform(shape, rng, variance):
    """Sample in ± a limit: a uniform distribution has the variance limit² / 3."""
    limit = np.sqrt(3 * variance)
    return check_rng("rng", rng).uniform(-limit, limit, tuple(shape)).astype(np.float32)
