"""Names of people or of groups, and the classes that they become: one per image."""

from numbers import Integral

import numpy as np

from facebook_tut._validation.arrays import as_array, check_finite, check_numbers


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
