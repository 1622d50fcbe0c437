"""The content of a folder of classes: their names, their pictures, and what is none."""

import os
import unicodedata

from facebook_tut._folders import (
    Item,
    entries_of,
    is_folder,
    key_of,
    pictures_below,
    read_before,
    reason,
)
from facebook_tut._pictures import looks_like_picture
from facebook_tut._validation import check_path
from facebook_tut.data import MOST_CLASSES

NO_CLASS = "it is of no class: each class's pictures lie in a folder named after it"


def class_names(path):
    """Return the names of a folder's classes, in the order of their letters; no picture is read.

    Parameters
    ----------
    path : str or path-like
        As in `load_folder`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> class_names("no-such-folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: there is no folder no-such-folder
    """
    path = _check_folder(path)
    return sorted(_classes(path, [])[0])


def _check_folder(path):
    path = check_path("path", path)
    if not path.exists():
        raise FileNotFoundError(f"there is no folder {path}")
    if not path.is_dir():
        raise ValueError(f"path must be a folder with one folder for each class, {path} is a file")
    return path


def _classes(path, ignored):
    """Return the folders of the classes by name, what else is beside them, and all as seen."""
    folders, others, seen = {}, [], {}
    read_before(path, seen)
    for entry in entries_of(path, ignored):
        if not is_folder(entry):
            others += [Item(item.path, item.why or NO_CLASS) for item in _judge(entry)]
            continue
        name = _class_name(entry)
        if name in folders:
            raise ValueError(f"{path} must hold one folder for each class, got {name!r} twice")
        if before := read_before(entry, seen):
            raise ValueError(f"each class must have pictures of its own, got {entry}: {before}")
        folders[name] = entry
    if not 2 <= len(folders) <= MOST_CLASSES:
        found = f"{len(folders)}: {', '.join(map(repr, folders))}" if folders else "none"
        hint = _inner(*folders.values()) if len(folders) == 1 else ""
        raise ValueError(
            f"{path} must hold a folder for each class, two or more, got {found}{hint}"
        )
    return folders, others, seen


def _inner(folder):
    """Return a hint if the classes are one folder further down, as in many an unpacked archive."""
    inside = sum(map(is_folder, entries_of(folder)))
    return f"; {folder} holds {inside} folders: is it meant?" if inside > 1 else ""


def _class_name(folder):
    """Return the name of a class: of the two spellings that Unicode has of "é" the composed one."""
    try:
        return unicodedata.normalize("NFC", os.fsencode(folder.name).decode())
    except UnicodeError as error:
        raise ValueError(f"a class's name must be text in UTF-8, got {folder.name!a}") from error


def _ordered(path, names, positive):
    """Return the names of the classes in the order of their labels."""
    names = sorted(names)
    if positive is None:
        return names
    if not isinstance(positive, str):
        raise TypeError(f"positive must be the name of a class, got {positive!r}")
    positive = unicodedata.normalize("NFC", positive)
    if positive not in names or len(names) != 2:
        wanted = f"positive must be one of two classes of {path}, got {positive!r}"
        raise ValueError(f"{wanted}, and the classes are {', '.join(map(repr, names))}")
    return sorted(names, key=lambda name: name == positive)


def _pictures_of(name, folder, seen, ignored):
    """Return the pictures in a class's folder, and what is none."""
    del seen[key_of(folder)]  # the others' remain: a link to them is not followed
    items = pictures_below(folder, seen, _judge, ignored)
    return [Item(item.path, item.why, name) for item in items]


def _judge(path):
    """Return a file as a picture, or as something that is none and why."""
    try:
        if path.is_symlink() and not path.exists():
            return [Item(path, "a link that leads nowhere")]
        if not path.is_file():
            return [Item(path, "not a file")]
        return [Item(path, "" if looks_like_picture(path) else "not a picture")]
    except OSError as error:
        return [Item(path, reason(error))]
