"""Files that are written whole or not at all, and never over what a user made."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path


def check_writable(path, *, overwrite=False, suffix=""):
    """Return `path` if a file can be written there.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    overwrite : bool
        Whether an existing file may be replaced.
    suffix : str
        What the name must end in.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        If the name has another suffix.
    FileExistsError
        If the file exists and `overwrite` is false.
    FileNotFoundError
        If its folder does not exist.
    PermissionError
        If its folder cannot be written to.
    IsADirectoryError
        If `path` is a folder.

    Examples
    --------
    >>> check_writable("no-such-folder/model.keras")
    Traceback (most recent call last):
        ...
    FileNotFoundError: cannot write no-such-folder/model.keras: there is no folder no-such-folder
    """
    path = Path(path)
    if suffix and path.suffix != suffix:
        raise ValueError(f"path must end in {suffix}, got {path}")
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder, a file name is wanted")
    if path.exists() and not overwrite:
        raise FileExistsError(
            f"cannot write {path}: it exists; overwrite=True or --force replaces it"
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"cannot write {path}: the folder {path.parent} is not writable")
    return path


@contextmanager
def replacing(path, *, overwrite=False):
    """Give a temporary path to write to, and move it to `path` when the block ends without error.

    Parameters
    ----------
    path : str or path-like
        Where the finished file goes.
    overwrite : bool
        Whether an existing file may be replaced.

    Yields
    ------
    pathlib.Path
        A file name in the same folder, with the same suffix.

    Raises
    ------
    OSError
        As `check_writable`. Whatever else goes wrong, the old file stays as it was.

    Examples
    --------
    >>> folder = tempfile.TemporaryDirectory()
    >>> with replacing(Path(folder.name) / "note.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> (Path(folder.name) / "note.txt").read_text()
    'whole'
    >>> folder.cleanup()
    """
    path = check_writable(path, overwrite=overwrite)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as folder:
        temporary = Path(folder) / path.name
        yield temporary
        check_writable(path, overwrite=overwrite)  # someone may have made it meanwhile
        temporary.replace(path)
