"""Checks of what a caller passes in, with one wording: name, what was given, what is wanted."""

import math
import os
from numbers import Integral, Real
from pathlib import Path

import numpy as np

LARGEST = 1e15  # of what is multiplied and summed: products of two stay finite in float32 too
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
    labels = as_array(name, labels)
    if labels.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold only 0 and 1, got dtype {labels.dtype}")
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
    scores = as_array(name, scores)
    if scores.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers from 0 to 1, got dtype {scores.dtype}")
    scores = scores.astype(float)
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
    is_one = isinstance(value, kind) and not isinstance(value, bool)
    too_long = not integer and isinstance(value, int) and abs(value) > LARGEST  # for a float
    if is_one and low <= value <= high and not too_long:
        return value  # without the words for the message, which take longer
    wanted = f"{name} must be {words} from {low} to {high}, got {_shown(value)}"
    raise (ValueError if is_one else TypeError)(wanted)


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

    Raises
    ------
    TypeError
        If the values are not real numbers.
    ValueError
        If the shape is wrong, or a value is NaN or out of bounds.

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

    Raises
    ------
    TypeError, ValueError
        If it is no such tuple.

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
        From 1 to 1024.

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
    shape = check_array("picture", picture, ("H", "W", 3)).shape
    check_images("picture", np.asarray(picture)[np.newaxis], shape)
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


def check_file(name, value, kind):
    """Return a path if `value` names a file that is there; a folder or a device is none.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : str or path-like
        The path.
    kind : str
        What file is wanted, for the message.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    TypeError, ValueError
        As `check_path`.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> check_file("path", "no-such-photo.jpg", "picture")
    Traceback (most recent call last):
        ...
    FileNotFoundError: there is no picture file no-such-photo.jpg
    """
    path = check_path(name, value)
    if not path.is_file():
        raise FileNotFoundError(f"there is no {kind} file {path}")
    return path


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

    Raises
    ------
    TypeError, ValueError
        If it is none.

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


def check_seed(name, value):
    """Return a seed if it is a whole number from 0 to 2**32 - 1.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int
        The seed.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If it is not.

    Examples
    --------
    >>> check_seed("seed", -1)
    Traceback (most recent call last):
        ...
    ValueError: seed must be a whole number from 0 to 4294967295, got -1
    """
    return int(check_number(name, value, 0, 2**32 - 1, integer=True))


def check_rng(name, value):
    """Return a source of random numbers if it is one of NumPy's.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : numpy.random.Generator
        As ``numpy.random.default_rng(seed)`` makes it.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    TypeError
        If it is not.

    Examples
    --------
    >>> check_rng("rng", 0)
    Traceback (most recent call last):
        ...
    TypeError: rng must be a numpy.random.Generator, such as default_rng(0), got 0
    """
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator, such as default_rng(0), got {_shown(value)}"
        )
    return value


def check_flag(name, value):
    """Return a value if it is True or False.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : bool
        The flag.

    Returns
    -------
    bool

    Raises
    ------
    TypeError
        If it is neither.

    Examples
    --------
    >>> check_flag("mirror", "no")
    Traceback (most recent call last):
        ...
    TypeError: mirror must be True or False, got 'no'
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {_shown(value)}")
    return bool(value)


def check_choice(name, value, choices):
    """Return a value if it is one of the choices.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : str or None
        What was chosen.
    choices : iterable of str or None
        What there is.

    Returns
    -------
    str or None

    Raises
    ------
    TypeError
        If it is of another kind than the choices.
    ValueError
        If it is none of them.

    Examples
    --------
    >>> check_choice("padding", "full", ("valid", "same"))
    Traceback (most recent call last):
        ...
    ValueError: padding must be one of valid, same, got 'full'
    """
    choices = list(choices)
    wanted = f"{name} must be one of {', '.join(map(str, choices))}, got {_shown(value)}"
    if not isinstance(value, str | None):
        raise TypeError(wanted)
    if value not in choices:
        raise ValueError(wanted)
    return value


def check_callable(name, value):
    """Return a value if it can be called.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : callable
        A function, or what acts as one.

    Returns
    -------
    callable

    Raises
    ------
    TypeError
        If it cannot.

    Examples
    --------
    >>> check_callable("statistic", 3)
    Traceback (most recent call last):
        ...
    TypeError: statistic must be a function, got 3
    """
    if not callable(value):
        raise TypeError(f"{name} must be a function, got {_shown(value)}")
    return value


def check_names(name, values, length=None, per=""):
    """Return names of people or of groups as a vector of texts or of whole numbers.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    values : array_like, (N,)
        All of them texts, or all of them finite numbers.
    length : int, optional
        The wanted N.
    per : str
        What there is one name for, for the message.

    Returns
    -------
    ndarray, (N,)

    Raises
    ------
    TypeError
        If they are of another kind, or of several.
    ValueError
        If the shape is wrong, or a number is NaN or infinite.

    Examples
    --------
    >>> check_names("identities", ["Ann", "Bo"], 3)
    Traceback (most recent call last):
        ...
    ValueError: identities must have shape (3,), got (2,)
    """
    mixed = isinstance(values, list | tuple) and len({isinstance(one, str) for one in values}) > 1
    values = as_array(name, values)
    for kind, dtype in ((str, str), (Integral, np.int64)):  # as tables of data often hold them
        if (
            values.dtype == object
            and values.size
            and all(isinstance(one, kind) for one in values.flat)
        ):
            values = values.astype(dtype)
    if values.dtype.kind not in "biufU" or mixed:
        found = "both" if mixed else f"dtype {values.dtype}"
        raise TypeError(f"{name} must hold texts, or numbers, got {found}")
    if values.ndim != 1 or values.size == 0 or length not in (None, len(values)):
        wanted = "(N,) with N >= 1" if length is None else f"({length},)"
        wanted += f", one per {per}" if per else ""
        raise ValueError(f"{name} must have shape {wanted}, got {values.shape}")
    return check_finite(name, values) if values.dtype.kind == "f" else values


def check_classes(name, labels, length, classes):
    """Return labels as a vector of whole numbers, each one of so many classes.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    labels : array_like, (N,), int
        From 0.
    length : int
        The wanted N.
    classes : int
        How many there are.

    Returns
    -------
    ndarray, (N,), int

    Raises
    ------
    TypeError, ValueError
        If the shape or the type is wrong, or there is no such class.

    Examples
    --------
    >>> check_classes("labels", [0, 2], 2, classes=2)
    Traceback (most recent call last):
        ...
    ValueError: labels must hold values from 0 to 1, got 0 to 2
    """
    labels = as_array(name, labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold whole numbers, got dtype {labels.dtype}")
    check_numbers(name, labels, (length,), low=0, high=classes - 1)
    return labels


def as_array(name, values):
    """Return an array, or an error that names the argument: some lists make none."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array: {error}") from None


def _shown(value):
    """Return how a message shows a value: short, and on one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
