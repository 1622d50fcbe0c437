"""Progress bars, which all obey one parameter and one environment variable."""

import os
import sys

from tqdm.auto import tqdm


def progress_bar(*arguments, shown=True, **options):
    """Return a bar of tqdm, hidden if it is not to be shown or ``TQDM_DISABLE`` says so.

    Parameters
    ----------
    *arguments, **options
        Of `tqdm.auto.tqdm`.
    shown : bool
        False hides it whatever the variable says.

    Returns
    -------
    tqdm.auto.tqdm

    Examples
    --------
    >>> [*progress_bar("ab", shown=False)]
    ['a', 'b']
    """
    # tqdm's notebook bar shows itself before it reads the variable.
    hidden = not shown or os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    return tqdm(*arguments, disable=hidden or not _can_be_shown(), **options)


def _can_be_shown():
    """Return whether standard error is there: a Windows service has none."""
    return hasattr(sys.stderr, "write") and not getattr(sys.stderr, "closed", False)
