"""What is in a folder and in all folders below it: pictures, and what is none and why."""

from dataclasses import dataclass
from pathlib import Path

from facebook_tut._pictures import looks_like_picture

SYSTEM = {  # what computers put into folders of their own accord, in small letters
    *("__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information"),
    *("lost+found", "__pycache__", "thumbs.db", "desktop.ini"),
}


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
        Whose picture it is, a person's or a class's; empty if there is none.
    """

    path: Path
    why: str = ""
    name: str = ""


def pictures_below(folder, seen, judge=None, ignored=None):
    """Return the pictures in a folder and in all folders below it, in order.

    Parameters
    ----------
    folder : pathlib.Path
        Where to look.
    seen : dict
        The folders that were read so far, by `key_of`; what is read now joins them.
    judge : callable, optional
        What makes a list of items of a file: `picture_or_why` if not given.
    ignored : list, optional
        Takes the paths of what is hidden or the system's.

    Returns
    -------
    list of Item
    """
    judge, found, waiting = judge or picture_or_why, [], [folder]
    while waiting:
        path = waiting.pop()
        if not is_folder(path):
            found += judge(path)
        elif before := read_before(path, seen):
            found.append(Item(path, before))
        else:
            try:
                waiting += reversed(entries_of(path, ignored))
            except OSError as error:
                found.append(Item(path, reason(error)))
    return found


def is_folder(path):
    """Return whether a path is a folder, as far as one may know; a name may be too long."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_before(folder, seen):
    """Return why a folder is not read, if a link led to it before; else note that it is."""
    try:
        key = key_of(folder)
    except OSError as error:
        return reason(error)
    if key in seen:
        return f"a link to {seen[key]}, which is read already"
    seen[key] = folder
    return ""


def key_of(folder):
    """Return what two paths of one folder have in common."""
    status = folder.stat()
    # Windows has no numbers for files in some cases, but then no links either.
    return (status.st_dev, status.st_ino) if status.st_ino else folder.resolve()


def entries_of(folder, ignored=None):
    """Return what is in a folder, links last, without what is hidden or the system's."""
    seen = []
    for path in folder.iterdir():
        if not path.name.startswith(".") and path.name.lower() not in SYSTEM:
            seen.append(path)
        elif ignored is not None:
            ignored.append(path)
    return sorted(seen, key=lambda path: (path.is_symlink(), path))


def picture_or_why(path):
    """Return a picture, or why it is none; nothing for what does not claim to be one."""
    try:
        if path.is_symlink() and not path.exists():
            return [Item(path, "a link that leads nowhere")]
        return [Item(path)] if path.is_file() and looks_like_picture(path) else []
    except OSError as error:
        return [Item(path, reason(error))]


def reason(error):
    """Return an error in a few words on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read: {error.strerror.lower()}"
    return " ".join(str(error).split()) or type(error).__name__
