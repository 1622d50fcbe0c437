"""Arrays of numbers, of a shape and finite."""

import math
from numbers import Integral

import numpy as np

from facebook_tut._validation.values import LARGEST, _shown


def _check_values(name, values):
    if values.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {values.shape}")
    if np.isnan(values).any():
        raise ValueError(f"{name} must not hold NaN, got {np.isnan(values).sum()} of them")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"{name} must hold values from 0 to 1, got {values.min():.4g} to {values.max():.4g}"
        )


def check_scores(name, scores, length):
    """Return `scores` as a vector of `length` probabilities.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    scores : array_like, (N,)
        Numbers from 0 to 1.
    length : int
        The wanted N.

    Returns
    -------
    ndarray, (N,), float

    Examples
    --------
    >>> check_scores("scores", [0.2, 1.5], 2)
    Traceback (most recent call last):
        ...
    ValueError: scores must hold values from 0 to 1, got 0.2 to 1.5
    """
    scores = as_array(name, scores)
    if scores.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers from 0 to 1, got dtype {scores.dtype}")
    scores = scores.astype(float)
    if scores.shape != (length,):
        raise ValueError(f"{name} must have shape ({length},), one per label, got {scores.shape}")
    _check_values(name, scores)
    return scores


def check_array(name, value, shape):
    """Return `value` as an array of floats if it has the wanted shape.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Floats keep their dtype; whole numbers become float64.
    shape : tuple of int or str
        The wanted length of each axis; a word such as ``"N"`` allows any length from 1, and
        ``"..."`` in the first place any axes before the others.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> check_array("x", np.zeros((4, 4)), ("N", "H", "W", 3))
    Traceback (most recent call last):
        ...
    ValueError: x must have shape (N, H, W, 3), got (4, 4)
    """
    value = as_array(name, value)
    if value.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {value.dtype}")
    if value.size == 0 and "..." in shape:
        raise ValueError(f"{name} must not be empty, got shape {value.shape}")
    if not _fits(value.shape, tuple(shape)):
        words = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name} must have shape ({words}), got {value.shape}")
    return value if value.dtype.kind == "f" else value.astype(float)


def _fits(shape, wanted):
    """Return whether the lengths of an array's axes are those wanted."""
    if wanted[:1] == ("...",):
        ahead = len(shape) - len(wanted) + 1
        wanted = ("any",) * ahead + wanted[1:]
    return len(shape) == len(wanted) and all(
        n >= 1 if isinstance(length, str) else n == length
        for n, length in zip(shape, wanted, strict=True)
    )


def check_numbers(name, value, shape=("...",), low=-LARGEST, high=LARGEST):
    """Return `value` as an array of floats of the wanted shape, all from `low` to `high`.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Floats keep their dtype, but halves become float32; whole numbers become float64.
    shape : tuple of int or str
        As for `check_array`.
    low, high : float
        The bounds, both allowed.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> check_numbers("x", [[0.0, np.nan]], ("N", 2))
    Traceback (most recent call last):
        ...
    ValueError: x must hold finite numbers, got nan
    """
    value = check_array(name, value, shape)
    if value.dtype == np.float16:
        value = value.astype(np.float32)
    least, most = value.min(), value.max()  # either is NaN if a value is
    if low <= least and most <= high:
        return value
    check_finite(name, value)
    raise ValueError(
        f"{name} must hold values from {low:g} to {high:g}, got {least:.4g} to {most:.4g}"
    )


def check_like(name, arrays, own):
    """Return arrays of finite numbers, if they have the shapes of others.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    arrays : list of array_like
        The arrays.
    own : list of ndarray
        Those whose shapes they must have.

    Returns
    -------
    list of ndarray

    Examples
    --------
    >>> check_like("weights", [np.ones(2)], [np.ones(3)])
    Traceback (most recent call last):
        ...
    ValueError: weights must have the shapes [(3,)], got [(2,)]
    """
    if not isinstance(arrays, list | tuple):
        raise TypeError(f"{name} must be a list of arrays, got {type(arrays).__name__}")
    shapes = [one.shape for one in own]
    arrays = [check_numbers(name, one, ("...",)) for one in arrays]
    if [one.shape for one in arrays] != shapes:
        found = [one.shape for one in arrays]
        raise ValueError(f"{name} must have the shapes {shapes}, got {found}")
    return arrays


def check_shape(name, value, length=None):
    """Return a shape as a tuple of whole numbers from 1.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : tuple of int
        The length of each axis; of at most 2**31 numbers together.
    length : int, optional
        How many axes are wanted.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> check_shape("input_shape", (64, 64, 0), 3)
    Traceback (most recent call last):
        ...
    ValueError: input_shape must be a tuple of 3 whole numbers from 1, got (64, 64, 0)
    """
    many = "" if length is None else f"{length} "
    wanted = f"{name} must be a tuple of {many}whole numbers from 1, got {_shown(value)}"
    if not isinstance(value, tuple | list):
        raise TypeError(wanted)
    if not all(isinstance(n, Integral) and not isinstance(n, bool) for n in value):
        raise TypeError(wanted)
    if not value or min(value) < 1 or math.prod(map(int, value)) > 2**31:
        raise ValueError(wanted)
    if length not in (None, len(value)):
        raise ValueError(wanted)
    return tuple(map(int, value))


def check_finite(name, values):
    """Return an array if all its numbers are finite.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    values : ndarray
        Of any shape.

    Returns
    -------
    ndarray
        `values`.

    Examples
    --------
    >>> check_finite("scores", np.array([0.5, np.inf]))
    Traceback (most recent call last):
        ...
    ValueError: scores must hold finite numbers, got inf
    """
    finite = np.isfinite(values)
    if not finite.all():
        raise ValueError(f"{name} must hold finite numbers, got {values[~finite][0]}")
    return values


def as_array(name, values):
    """Return an array, or an error that names the argument: some lists make none."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array: {error}") from None
