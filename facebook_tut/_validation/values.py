"""Single values: numbers, seeds, flags, choices, functions."""

from numbers import Integral, Real

import numpy as np

LARGEST = 1e15  # of what is multiplied and summed: products of two stay finite in float32 too


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


def check_one_per(name, values, count, per):
    """Return values if there is one for each of so many other things.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    values : sized
        Such as labels.
    count : int
        How many are wanted.
    per : str
        What there is one for, for the message.

    Returns
    -------
    sized
        `values`.

    Examples
    --------
    >>> check_one_per("labels", [0, 1], 3, "image")
    Traceback (most recent call last):
        ...
    ValueError: labels must have length 3, one per image, got 2
    """
    if len(values) != count:
        raise ValueError(f"{name} must have length {count}, one per {per}, got {len(values)}")
    return values


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


def _shown(value):
    """Return how a message shows a value: short, and on one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
