"""Colour pictures of any size."""

import numpy as np

from facebook_tut._validation.arrays import as_array, check_array
from facebook_tut._validation.images import check_images, check_picture


def check_colour_picture(picture):
    """Return a colour picture as float64 if its values are floats from 0 to 1.

    Parameters
    ----------
    picture : array_like, (H, W, 3), float
        Of any size.

    Returns
    -------
    ndarray, (H, W, 3), float64

    Examples
    --------
    >>> check_colour_picture(np.zeros((4, 4)))
    Traceback (most recent call last):
        ...
    ValueError: picture must have shape (H, W, 3), got (4, 4)
    """
    shape = check_array("picture", picture, ("H", "W", 3)).shape
    check_images("picture", np.asarray(picture)[np.newaxis], shape)
    return np.asarray(picture, dtype=np.float64)


def check_pictures(name, pictures):
    """Return a batch of colour pictures of any size, one or more: floats from 0 to 1, or 8 bits.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    pictures : array_like, (N, H, W, 3), float or uint8
        RGB.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> check_pictures("images", np.zeros((4, 4, 3)))
    Traceback (most recent call last):
        ...
    ValueError: images must have shape (N, H, W, 3), got (4, 4, 3)
    """
    pictures = as_array(name, pictures)
    if pictures.ndim != 4 or pictures.shape[-1] != 3 or 0 in pictures.shape:
        raise ValueError(f"{name} must have shape (N, H, W, 3), got {pictures.shape}")
    check_picture(name, pictures.reshape(-1, pictures.shape[2], 3))
    return pictures
