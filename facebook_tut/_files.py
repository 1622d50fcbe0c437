"""Files that are written whole or not at all, and never over what a user made."""

import os
import re
import shutil
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from facebook_tut._validation import check_flag, check_path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

NEW, WRITING = ".facebook_tut-new-", ".facebook_tut-"  # folders of files that are being written
OURS = re.compile(re.escape(WRITING) + r"(new-)?[a-z0-9_]{8}")
MARK, WORDS = ".mark", "facebook_tut writes a file here, and deletes this folder afterwards.\n"
A_DAY = 24 * 60 * 60  # seconds; nobody writes a file for longer
OPTION = "overwrite=True or --force"  # that replaces a file


def check_writable(path, *, overwrite=False, suffix="", option=OPTION, name="path"):
    """Return `path` if a file can be written there.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    overwrite : bool
        Whether an existing file may be replaced.
    suffix : str
        What the name must end in.
    option : str
        What the message says would replace the file.
    name : str
        The argument's name, for the message.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    TypeError, ValueError
        If it is no path, or the name has another suffix.
    FileExistsError
        If there is a file and `overwrite` is false, or there is something that is no file, such as
        a device.
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
    path, overwrite = check_path(name, path), check_flag("overwrite", overwrite)
    if suffix and path.suffix != suffix:
        raise ValueError(f"{name} must end in {suffix}, got {path}")
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder, a file name is wanted")
    if path.exists() and not path.is_file():
        raise FileExistsError(f"cannot write {path}: it is a device or a pipe, no file")
    if path.exists() and not overwrite:
        raise FileExistsError(f"cannot write {path}: it exists; {option} replaces it")
    folder = (_target(path) if path.is_symlink() else path).parent
    if not folder.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"cannot write {path}: the folder {folder} is not writable")
    return path


@contextmanager
def replacing(path, *, overwrite=False, private=False):
    """Give a temporary path to write to, and move it to `path` when the block ends without error.

    What is written reaches the disk before the old file is given up. A link stays a link: the file
    that it leads to is replaced. Mode and, where the system lets us, owner of an old file are kept.
    What a program that was killed left half-written is cleared away by the next one that writes to
    the same folder.

    Parameters
    ----------
    path : str or path-like
        Where the finished file goes.
    overwrite : bool
        Whether an existing file may be replaced.
    private : bool
        Whether only its owner may read a new file.

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
    target = _target(path)
    _clear_away(target.parent)
    with _folder(target.parent) as folder:
        temporary = folder / target.name
        yield temporary
        if private:
            temporary.chmod(0o600)
        _flush(temporary)
        if overwrite:
            _keep_mode(target, temporary)
            temporary.replace(target)
        else:
            _place(temporary, target)
        _flush(target.parent)


def _target(path):
    """Return where a path leads when all links are followed."""
    try:
        return path.resolve()
    except RuntimeError as error:  # before Python 3.13, of links in a circle
        raise OSError(f"cannot write {path}: its links lead in a circle") from error


@contextmanager
def _folder(parent):
    """Give a new folder that tells others, as long as this process lives, that it is in use."""
    folder = Path(tempfile.mkdtemp(prefix=NEW, dir=parent))
    handle = None
    try:
        if fcntl:  # the system lets go of the lock when the process ends, however it ends
            handle = os.open(folder, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
        (folder / MARK).write_text(WORDS)
        folder = folder.rename(parent / folder.name.replace(NEW, WRITING))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _clear_away(parent):
    """Delete what processes that were killed left half-written in a folder."""
    for folder in parent.glob(f"{WRITING}*"):
        if OURS.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
            with suppress(OSError):
                if _is_abandoned(folder):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder):
    """Return whether it is a folder of `_folder`, to which nobody writes any more."""
    if not folder.name.startswith(NEW) and (folder / MARK).read_text() != WORDS:
        return False
    if not fcntl or folder.name.startswith(NEW):
        return time.time() - folder.stat().st_mtime > A_DAY
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _keep_mode(old, new):
    """Give a new file the mode and, if we may, the owner of the one that it replaces."""
    with suppress(FileNotFoundError):
        status = old.stat()
        with suppress(OSError, AttributeError):  # not ours to give; Windows has no such thing
            os.chown(new, status.st_uid, status.st_gid)
        new.chmod(stat.S_IMODE(status.st_mode))


def _place(temporary, path):
    """Give a file its name unless there is such a file, also if somebody makes one this moment."""
    taken = f"cannot write {path}: it was made meanwhile"
    try:
        os.link(temporary, path)
    except FileExistsError as error:
        raise FileExistsError(taken) from error
    except OSError:  # a file system without hard links
        try:
            path.open("x").close()
        except FileExistsError as error:
            raise FileExistsError(taken) from error
        temporary.replace(path)


def _flush(path):
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return
    if path.is_dir():
        with suppress(OSError):  # a folder that may not be listed, a file system that cannot tell
            _sync(os.open(path, os.O_RDONLY))
    else:
        _sync(os.open(path, os.O_RDWR))


def _sync(handle):
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
