"""The records themselves: JSON, and one table of what was tried."""

import csv
import json
from importlib.resources import files

from facebook_tut._validation import check_choice

NUMBERS = ("accuracy", "standard_error", "low", "high", "auc", "seconds", "parameters")


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


def experiments():
    """Return what was tried on LFW's View 1, in the order in which it was tried.

    Returns
    -------
    list of dict
        The rows of ``lfw_experiments.csv``: what was ``changed`` and ``expected``, the ``date`` and
        the ``command`` as text, all else as numbers, or None where none was noted.

    Examples
    --------
    >>> from facebook_tut import recorded
    >>> first = recorded.experiments()[0]
    >>> first["accuracy"], first["parameters"]
    (0.87, 1754080.0)
    """
    with (files(__package__) / "lfw_experiments.csv").open(encoding="utf-8", newline="") as file:
        return [
            {name: _number(text) if name in NUMBERS else text for name, text in row.items()}
            for row in csv.DictReader(file)
        ]


def _number(text):
    return float(text) if text else None
