"""The records themselves: JSON, and one table of what was tried."""

import json
from importlib.resources import files

from facebook_tut._validation import check_choice


def load(name):
    """Return what a benchmark recorded: its figures, command, date, machine and versions.

    Parameters
    ----------
    name : str
        Of a file in this folder, without ``.json``.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If there is no such record; the message lists those that there are.

    Examples
    --------
    >>> from facebook_tut import recorded
    >>> recorded.load("layers")["command"]
    'python benchmarks/layers.py --rounds 9'
    """
    folder = files(__package__)
    names = sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".json"))
    file = folder / f"{check_choice('name', name, names)}.json"
    return json.loads(file.read_text(encoding="utf-8"))
