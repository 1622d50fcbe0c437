"""Files that one program changes at a time, from when it reads them until it has written them."""

import hashlib
import os
from contextlib import contextmanager

from facebook_tut._files import A_DAY, _target, check_writable
from facebook_tut._validation import check_number

LONG = 200  # bytes of a name that leave room for more
PATIENCE = 60  # seconds that a program waits for another one's lock


@contextmanager
def locked(path, *, patience=PATIENCE, waiting=None):
    """Keep other programs from changing a file from when it is read until it is written.

    Only those who ask for the same lock are kept off: a file ``.NAME.lock`` next to it, which stays
    there.

    Parameters
    ----------
    path : str or path-like
        The file, which need not exist.
    patience : float
        Seconds to wait for another program that holds the lock.
    waiting : callable, optional
        Called once, with a sentence, if there is a wait.

    Raises
    ------
    TimeoutError
        If the other program holds the lock for longer.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> with locked(Path(folder.name) / "people.npz"):
    ...     pass
    >>> folder.cleanup()
    """
    from filelock import FileLock, Timeout  # a tenth of a second that few need

    check_number("patience", patience, 0, A_DAY)
    target = _target(check_writable(path, overwrite=True))
    name = target.name
    if len(os.fsencode(name)) > LONG:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    lock = FileLock(target.with_name(f".{name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if waiting:
            waiting(f"waiting for another program that changes {path} (at most {patience:.0f} s)")
        try:
            lock.acquire(timeout=patience)
        except Timeout as error:
            raise TimeoutError(
                f"cannot change {path}: another program has been changing it for {patience:.0f} s"
            ) from error
    try:
        yield
    finally:
        lock.release()
