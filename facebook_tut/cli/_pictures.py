"""The pictures in files and folders, and in a folder for each person; what is none says why."""

import os
from dataclasses import dataclass
from pathlib import Path

from facebook_tut._names import clean_name
from facebook_tut._pictures import looks_like_picture, read_picture
from facebook_tut.cli._options import check_model, check_outputs
from facebook_tut.cli._report import Failure

SYSTEM = {  # what computers put into folders of their own accord, in small letters
    *("__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information"),
    *("lost+found", "__pycache__", "thumbs.db", "desktop.ini"),
}
NOBODYS = "belongs to nobody: each person's pictures lie in a folder named after them"
NESTED = "a folder in a person's folder: its pictures belong to nobody, move them or it up"


@dataclass(frozen=True)
class Item:
    """A picture that is to be read, or something that is not, and why.

    Attributes
    ----------
    path : pathlib.Path
        The file, or the folder.
    why : str
        Empty for a picture.
    name : str
        The person; empty if there is none.
    """

    path: Path
    why: str = ""
    name: str = ""


def find_pictures(paths):
    """Return the files among `paths`, and the pictures in the folders among them, in order."""
    seen, found = {}, []
    for path in paths:
        found += _walk(path, seen) if _is_dir(path) else [Item(path)]
    if not found:
        raise ValueError(f"there is no picture in {', '.join(map(str, paths))}")
    return found


def find_inputs(options):
    """Return a command's pictures, once its network is there and its report replaces no input."""
    check_model(options)
    items = find_pictures(options.pictures)
    inputs = [getattr(options, "gallery", None), options.model, *(item.path for item in items)]
    check_outputs(options, *filter(None, inputs))
    return items


def find_people(folder):
    """Return the pictures of each person: those in the folders of a folder."""
    if not folder.is_dir():
        raise ValueError(f"{folder} must be a folder that holds one folder for each person")
    seen, found, people = {_key(folder): folder}, [], 0
    for entry in _entries(folder):
        if _is_dir(entry):
            people += 1
            found += _of_person(entry, seen)
        else:
            found += [Item(item.path, item.why or NOBODYS) for item in _file(entry)]
    if not people:
        raise ValueError(f"{folder} holds no folder: one for each person is wanted")
    return found


def _of_person(folder, seen):
    """Return the pictures in a person's folder, or why there are none."""
    try:
        name = clean_name(os.fsencode(folder.name).decode())
    except ValueError as error:  # not UTF-8 is a ValueError too
        return [Item(folder, f"its name is no person's: {error}")]
    if repeated := _repeated(folder, seen):
        return [Item(folder, repeated, name)]
    try:
        entries = [(path, _is_dir(path)) for path in _entries(folder)]
    except OSError as error:
        return [Item(folder, _reason(error), name)]
    files = [item for path, is_dir in entries if not is_dir for item in _file(path)]
    found = [Item(item.path, item.why, name) for item in files]
    found += [item for path, is_dir in entries if is_dir for item in _nested(path, name, seen)]
    return found if files else [Item(folder, "it holds no picture", name), *found]


def _nested(folder, name, seen):
    """Return a folder in a person's folder if pictures lie in it, or a link led to it before."""
    if repeated := _repeated(folder, {**seen}):  # a copy: it is not read, only looked into
        return [Item(folder, repeated, name)]
    return [Item(folder, NESTED, name)] if _walk(folder, {**seen}) else []


def _walk(folder, seen):
    """Return the pictures in a folder and in all folders below it, in order."""
    found, waiting = [], [folder]
    while waiting:
        path = waiting.pop()
        if not _is_dir(path):
            found += _file(path)
        elif repeated := _repeated(path, seen):
            found.append(Item(path, repeated))
        else:
            try:
                waiting += reversed(_entries(path))
            except OSError as error:
                found.append(Item(path, _reason(error)))
    return found


def _is_dir(path):
    """Return whether a path is a folder, as far as one may know; a name may be too long."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _repeated(folder, seen):
    """Return why a folder is not read, if a link led to it before; else note that it is."""
    try:
        key = _key(folder)
    except OSError as error:
        return _reason(error)
    if key in seen:
        return f"a link to {seen[key]}, which is read already"
    seen[key] = folder
    return ""


def _key(folder):
    status = folder.stat()
    # Windows has no numbers for files in some cases, but then no links either.
    return (status.st_dev, status.st_ino) if status.st_ino else folder.resolve()


def _entries(folder):
    """Return what lies in a folder, links last, without what is hidden or the system's."""
    seen = (
        path
        for path in folder.iterdir()
        if not path.name.startswith(".") and path.name.lower() not in SYSTEM
    )
    return sorted(seen, key=lambda path: (path.is_symlink(), path))


def _file(path):
    """Return a picture, or why it is none; nothing for what does not claim to be one."""
    try:
        if path.is_symlink() and not path.exists():
            return [Item(path, "a link that leads nowhere")]
        return [Item(path)] if path.is_file() and looks_like_picture(path) else []
    except OSError as error:
        return [Item(path, _reason(error))]


def look(item, work, options):
    """Return what `work` makes of an item's picture, and why it makes nothing."""
    try:
        if item.why:
            raise ValueError(item.why)
        picture = read_picture(item.path, most_pixels=options.most_pixels)
    except (OSError, ValueError) as error:
        return None, Failure(_reason(error))
    try:
        return work(picture), ""
    except ValueError as error:
        return None, _reason(error)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return None, Failure("it would fill the memory")


def is_out_of_memory(error):
    """Return whether an error is that memory is lacking, by Python's name of it or TensorFlow's."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _reason(error):
    """Return an error in a few words on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read: {error.strerror.lower()}"
    return " ".join(str(error).split()) or type(error).__name__
