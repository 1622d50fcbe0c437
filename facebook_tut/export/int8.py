"""The arithmetic of int8, from scratch."""

import numpy as np

from facebook_tut._validation import as_array, check_flag, check_number, check_numbers

LOWEST, HIGHEST = -128, 127  # of int8
TINY = 1e-290  # a scale that is as good as 0


def quantisation_parameters(x, axis=None, *, symmetric=False):
    """Return the scale and the zero point with which int8 holds the numbers of an array.

    An int8 q stands for the number ``scale * (q - zero_point)``. The numbers from the smallest to
    the largest share the 256 steps. Zero is one of the steps, whatever the range: the zeros that a
    convolution pads with, and those of ReLU, stay exact.

    Parameters
    ----------
    x : array_like, float
        The numbers, at least one, finite.
    axis : int, optional
        The axis of the channels, each of which gets its own scale and zero point. Without it, all
        of `x` shares one of each.
    symmetric : bool
        Put the zero point at 0 and use −127 to 127, as LiteRT does for weights: products of
        activations and weights then have one term less.

    Returns
    -------
    scale : ndarray, float64
        Above 0. Of as many axes as `x`, each of length 1 but `axis`.
    zero_point : ndarray, int64
        From −128 to 127, of the same shape.

    References
    ----------
    Jacob, Kligys, Chen, Zhu, Tang, Howard, Adam and Kalenichenko, "Quantization and training of
    neural networks for efficient integer-arithmetic-only inference" (2018), equation 1 and
    section 3.

    Examples
    --------
    >>> scale, zero_point = quantisation_parameters([-1.0, 0.0, 4.1])
    >>> scale.round(6).tolist(), zero_point.tolist()
    ([0.02], [-78])
    """
    x = _check_numbers(x)
    check_flag("symmetric", symmetric)
    others = tuple(range(x.ndim)) if axis is None else _all_but(axis, x.ndim)
    low = np.minimum(x.min(others, keepdims=True), 0)
    high = np.maximum(x.max(others, keepdims=True), 0)
    if symmetric:
        scale = _step(np.maximum(-low, high), HIGHEST)
        return scale, np.zeros(scale.shape, int)
    scale = _step(high - low, HIGHEST - LOWEST)
    return scale, np.round(LOWEST - low / scale).astype(int)


def _step(width, steps):
    """Return the width of one step; 1 where all numbers are 0 and any will do."""
    scale = width / steps
    return np.where(scale > TINY, scale, 1.0)


def quantise(x, scale, zero_point):
    """Return the int8 that stand for the numbers of an array.

    Parameters
    ----------
    x : array_like, float
        The numbers, finite.
    scale, zero_point : array_like
        As `quantisation_parameters` returns them.

    Returns
    -------
    ndarray, int8
        Of `x`'s shape. Numbers beyond the range take the nearest step.

    References
    ----------
    Jacob et al. (2018), equation 1, solved for q.

    Examples
    --------
    >>> quantise([-1.0, 0.0, 4.1, 9.0], 0.02, -78).tolist()
    [-128, -78, 127, 127]
    """
    x, (scale, zero_point) = _check_numbers(x), _check_steps(scale, zero_point)
    _check_together("scale", scale, x.shape)
    steps = np.round(x / scale) + zero_point
    return np.clip(steps, LOWEST, HIGHEST).astype(np.int8)


def dequantise(q, scale, zero_point):
    """Return the numbers that int8 stand for: at most half a scale from those they were made of.

    Parameters
    ----------
    q : array_like, int8
        As `quantise` returns them.
    scale, zero_point : array_like
        As `quantisation_parameters` returns them.

    Returns
    -------
    ndarray, float64
        Of `q`'s shape.

    References
    ----------
    Jacob et al. (2018), equation 1.

    Examples
    --------
    >>> dequantise(np.array([-128, -78, 127], np.int8), 0.02, -78).round(6).tolist()
    [-1.0, 0.0, 4.1]
    """
    q = as_array("q", q)
    if q.dtype != np.int8:
        raise TypeError(f"q must hold int8, got dtype {q.dtype}")
    scale, zero_point = _check_steps(scale, zero_point)
    _check_together("scale", scale, q.shape)
    return scale * (q.astype(int) - zero_point)  # wider first: int8 would overflow


def _check_numbers(x):
    """Return an array of finite float64, at least one."""
    return check_numbers("x", x).astype(float)


def _check_scale(scale):
    scale = check_numbers("scale", scale)
    if not (scale > TINY).all():
        raise ValueError(f"scale must be above 0, got {scale.min()}")
    return scale


def _check_steps(scale, zero_point):
    """Return scale and zero point of one shape, or of which one is a number."""
    scale, zero_point = _check_scale(scale), check_numbers("zero_point", zero_point)
    _check_together("zero_point", zero_point, scale.shape)
    if (zero_point % 1).any() or zero_point.min() < LOWEST or zero_point.max() > HIGHEST:
        raise ValueError(f"zero_point must hold whole numbers from {LOWEST} to {HIGHEST}")
    return scale, zero_point.astype(int)


def _check_together(name, array, shape):
    """Check that an array goes with one of a shape without making it larger."""
    try:
        fits = np.broadcast_shapes(array.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} must go with the shape {shape}, got {array.shape}")


def _all_but(axis, axes):
    """Return all axes of an array but one."""
    axis = check_number("axis", axis, -axes, axes - 1, integer=True) % axes
    return tuple(k for k in range(axes) if k != axis)
