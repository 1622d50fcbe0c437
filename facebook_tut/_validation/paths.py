"""Paths and files."""

import os
from pathlib import Path


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
