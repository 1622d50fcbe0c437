"""Checks of what a caller passes in, with one wording: name, what was given, what is wanted."""

import os
from numbers import Integral, Real
from pathlib import Path

import numpy as np


def check_images(name, images, shape=(64, 64, 3)):
    """Return `images` as float32 if they are a batch of pictures with values from 0 to 1.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    images : array_like, (N, H, W, C), float
        The pictures.
    shape : tuple of int
        The wanted ``(H, W, C)``.

    Returns
    -------
    ndarray, (N, H, W, C), float32

    Raises
    ------
    TypeError
        If the values are not floating-point numbers.
    ValueError
        If the shape is wrong, the array is empty, or a value is NaN or outside [0, 1].

    Examples
    --------
    >>> check_images("images", np.zeros((2, 32, 32, 3)))
    Traceback (most recent call last):
        ...
    ValueError: images must have shape (N, 64, 64, 3), got (2, 32, 32, 3)
    """
    images = np.asarray(images)
    if images.dtype.kind != "f":
        raise TypeError(f"{name} must hold floats from 0 to 1, got dtype {images.dtype}")
    if images.ndim != 4 or images.shape[1:] != tuple(shape):
        wanted = ", ".join(map(str, shape))
        raise ValueError(f"{name} must have shape (N, {wanted}), got {images.shape}")
    _check_values(name, images)
    return images.astype(np.float32, copy=False)


def check_picture(name, picture):
    """Return `picture` if it is one grey or RGB picture with floats from 0 to 1, or 8-bit integers.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    picture : array_like, (H, W) or (H, W, 3) or (H, W, 4), float or uint8
        The picture.

    Returns
    -------
    ndarray
        The picture, as it was given.

    Raises
    ------
    TypeError
        If the values are neither floats nor 8-bit integers.
    ValueError
        If the shape is wrong, the array is empty, or a float is NaN or outside [0, 1].

    Examples
    --------
    >>> check_picture("picture", np.zeros(5))
    Traceback (most recent call last):
        ...
    ValueError: picture must have shape (H, W), (H, W, 3) or (H, W, 4), got (5,)
    """
    if picture is None or isinstance(picture, str | os.PathLike):
        hint = "" if picture is None else ": a path was given, preprocessing.read_picture reads it"
        raise TypeError(f"{name} must be an array of pixels, got {picture!r}{hint}")
    picture = np.asarray(picture)
    if picture.dtype.kind != "f" and picture.dtype != np.uint8:
        raise TypeError(f"{name} must hold floats from 0 to 1 or uint8, got dtype {picture.dtype}")
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] not in (3, 4)):
        raise ValueError(
            f"{name} must have shape (H, W), (H, W, 3) or (H, W, 4), got {picture.shape}"
        )
    if picture.dtype.kind == "f" or picture.size == 0:
        _check_values(name, picture)
    return picture


def _check_values(name, values):
    if values.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {values.shape}")
    if np.isnan(values).any():
        raise ValueError(f"{name} must not hold NaN, got {np.isnan(values).sum()} of them")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"{name} must hold values from 0 to 1, got {values.min():.4g} to {values.max():.4g}"
        )


def check_labels(name, labels, length=None):
    """Return `labels` as float32 if they are a vector of zeros and ones.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    labels : array_like, (N,)
        1 for a face, 0 for a non-face.
    length : int, optional
        The wanted N.

    Returns
    -------
    ndarray, (N,), float32

    Raises
    ------
    ValueError
        If the shape is wrong, the vector is empty, or a label is neither 0 nor 1.

    Examples
    --------
    >>> check_labels("labels", [0, 1, 2])
    Traceback (most recent call last):
        ...
    ValueError: labels must hold only 0 and 1, got 2
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"{name} must have shape (N,) with N >= 1, got {labels.shape}")
    wrong = labels[~np.isin(labels, (0, 1))]
    if wrong.size:
        raise ValueError(f"{name} must hold only 0 and 1, got {wrong[0]}")
    if length is not None and len(labels) != length:
        raise ValueError(f"{name} must have length {length}, one per image, got {len(labels)}")
    return labels.astype(np.float32, copy=False)


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

    Raises
    ------
    ValueError
        If the shape is wrong, or a value is NaN or outside [0, 1].

    Examples
    --------
    >>> check_scores("scores", [0.2, 1.5], 2)
    Traceback (most recent call last):
        ...
    ValueError: scores must hold values from 0 to 1, got 0.2 to 1.5
    """
    scores = np.asarray(scores, dtype=float)
    if scores.shape != (length,):
        raise ValueError(f"{name} must have shape ({length},), one per label, got {scores.shape}")
    _check_values(name, scores)
    return scores


def check_number(name, value, low, high, *, integer=False):
    """Return `value` if it is a number from `low` to `high`.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int or float
        The number.
    low, high : int or float
        The bounds, both allowed.
    integer : bool
        Whether only whole numbers are allowed.

    Returns
    -------
    int or float

    Raises
    ------
    TypeError
        If `value` is not a number of the wanted kind.
    ValueError
        If it is out of bounds or NaN.

    Examples
    --------
    >>> check_number("epochs", 0, 1, 1000, integer=True)
    Traceback (most recent call last):
        ...
    ValueError: epochs must be a whole number from 1 to 1000, got 0
    """
    kind, words = (Integral, "a whole number") if integer else (Real, "a number")
    wanted = f"{name} must be {words} from {low} to {high}, got {value!r}"
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(wanted)
    if not low <= value <= high:
        raise ValueError(wanted)
    return value


def check_array(name, value, shape):
    """Return `value` as an array of floats if it has the wanted shape.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Floats keep their dtype; whole numbers become float64.
    shape : tuple of int or str
        The wanted length of each axis; a word such as ``"N"`` allows any length from 1.

    Returns
    -------
    ndarray

    Raises
    ------
    TypeError
        If the values are not real numbers.
    ValueError
        If the shape is wrong.

    Examples
    --------
    >>> check_array("x", np.zeros((4, 4)), ("N", "H", "W", 3))
    Traceback (most recent call last):
        ...
    ValueError: x must have shape (N, H, W, 3), got (4, 4)
    """
    value = np.asarray(value)
    if value.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {value.dtype}")
    fits = len(value.shape) == len(shape) and all(
        n >= 1 if isinstance(wanted, str) else n == wanted
        for n, wanted in zip(value.shape, shape, strict=True)
    )
    if not fits:
        words = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name} must have shape ({words}), got {value.shape}")
    return value if value.dtype.kind == "f" else value.astype(float)


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

    Raises
    ------
    ValueError
        If a number is infinite or NaN.

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


def check_pair(name, value):
    """Return a whole number, or two of them, as a pair: down and across.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int or (int, int)
        At least 1.

    Returns
    -------
    tuple of int

    Raises
    ------
    TypeError, ValueError
        If it is neither.

    Examples
    --------
    >>> check_pair("stride", 2), check_pair("stride", (1, 2))
    ((2, 2), (1, 2))
    >>> check_pair("stride", 0)
    Traceback (most recent call last):
        ...
    ValueError: stride must be a whole number from 1, or a pair of them, got 0
    """
    wanted = f"{name} must be a whole number from 1, or a pair of them, got {value!r}"
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if not all(isinstance(n, Integral) and not isinstance(n, bool) for n in pair):
        raise TypeError(wanted)
    if len(pair) != 2 or min(pair) < 1:
        raise ValueError(wanted)
    return tuple(map(int, pair))


def check_colour_picture(picture):
    """Return a colour picture as float64 if its values are floats from 0 to 1.

    Parameters
    ----------
    picture : array_like, (H, W, 3), float
        Of any size.

    Returns
    -------
    ndarray, (H, W, 3), float64

    Raises
    ------
    TypeError, ValueError
        If it is not.

    Examples
    --------
    >>> check_colour_picture(np.zeros((4, 4)))
    Traceback (most recent call last):
        ...
    ValueError: picture must have shape (H, W, 3), got (4, 4)
    """
    check_images("picture", [picture], check_array("picture", picture, ("H", "W", 3)).shape)
    return np.asarray(picture, dtype=np.float64)


def check_path(name, value):
    """Return a path if `value` names a file.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : str or path-like
        The path, of a file that may or may not be there.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    TypeError
        If it is neither text nor a path.
    ValueError
        If it is empty, or holds a character that no path may have.

    Examples
    --------
    >>> check_path("path", None)
    Traceback (most recent call last):
        ...
    TypeError: path must be a str or a path, got None
    """
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a str or a path, got {value!r}")
    if not text or "\0" in text:
        raise ValueError(f"{name} must be the path of a file, got {text!r}")
    return Path(text)
