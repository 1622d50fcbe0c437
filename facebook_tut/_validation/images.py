"""Images, pictures of any size, and pairs of points on them."""

import os
from numbers import Integral

import numpy as np

from facebook_tut._validation.arrays import _check_values, as_array
from facebook_tut._validation.values import _shown

MOST_PIXELS = 1024  # that a window, a stride or a dilation may measure


def check_images(name, images, shape=(64, 64, 3)):
    """Return `images` as float32 if they are a batch of pictures with values from 0 to 1.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    images : array_like, (N, H, W, C), float
        The pictures.
    shape : tuple of int, optional
        The wanted ``(H, W, C)``; any if it is None.

    Returns
    -------
    ndarray, (N, H, W, C), float32

    Examples
    --------
    >>> check_images("images", np.zeros((2, 32, 32, 3)))
    Traceback (most recent call last):
        ...
    ValueError: images must have shape (N, 64, 64, 3), got (2, 32, 32, 3)
    """
    images = as_array(name, images)
    if images.dtype.kind != "f":
        raise TypeError(f"{name} must hold floats from 0 to 1, got dtype {images.dtype}")
    if images.ndim != 4 or (shape is not None and images.shape[1:] != tuple(shape)):
        wanted = "H, W, C" if shape is None else ", ".join(map(str, shape))
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
    picture = as_array(name, picture)
    if picture.dtype.kind != "f" and picture.dtype != np.uint8:
        raise TypeError(f"{name} must hold floats from 0 to 1 or uint8, got dtype {picture.dtype}")
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] not in (3, 4)):
        raise ValueError(
            f"{name} must have shape (H, W), (H, W, 3) or (H, W, 4), got {picture.shape}"
        )
    if picture.dtype.kind == "f" or picture.size == 0:
        _check_values(name, picture)
    return picture


def check_pair(name, value):
    """Return a whole number, or two of them, as a pair: down and across.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int or (int, int)
        From 1 to 1024.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> check_pair("stride", 2), check_pair("stride", (1, 2))
    ((2, 2), (1, 2))
    >>> check_pair("stride", 0)
    Traceback (most recent call last):
        ...
    ValueError: stride must be a whole number from 1 to 1024, or a pair of them, got 0
    """
    wanted = (
        f"{name} must be a whole number from 1 to {MOST_PIXELS}, or a pair of them,"
        f" got {_shown(value)}"
    )
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if not all(isinstance(n, Integral) and not isinstance(n, bool) for n in pair):
        raise TypeError(wanted)
    if len(pair) != 2 or min(pair) < 1 or max(pair) > MOST_PIXELS:
        raise ValueError(wanted)
    return tuple(map(int, pair))
