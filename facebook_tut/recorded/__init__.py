"""What the benchmarks wrote, for chapters to show."""

import csv
import json
from importlib.resources import files

from facebook_tut._validation import check_choice
from facebook_tut.recorded.peers import peers_table

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


def with_interval(value, interval, form=".3f"):
    """Return a measured value and its interval as text, alike in all chapters.

    Parameters
    ----------
    value : float
        What was measured.
    interval : tuple of float
        Its two ends.
    form : str
        Of each number, in Python's format language: ``"+.3f"`` for a difference, ``".0%"`` for a
        share.

    Returns
    -------
    str

    Examples
    --------
    >>> with_interval(0.38462, (0.35552, 0.41456))
    '0.385 (0.356 to 0.415)'
    """
    low, high = interval
    return f"{value:{form}} ({low:{form}} to {high:{form}})"


def table(rows, title=""):
    """Return rows as text in columns, numbers one below the other.

    Parameters
    ----------
    rows : dict of str to dict
        By a row's name, its cells by column; nothing is shown where a row has none.
    title : str
        Above the names of the rows.

    Returns
    -------
    str

    Examples
    --------
    >>> print(table({"ours": {"right": 5562, "AUC": "0.980"}, "chance": {"right": 3000}}))
            right    AUC
    ours     5562  0.980
    chance   3000
    """
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [(title, *columns)]
    lines += [(name, *(str(row.get(c, "")) for c in columns)) for name, row in rows.items()]
    first, *others = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            [name.ljust(first), *(c.rjust(w) for c, w in zip(cells, others, strict=True))]
        ).rstrip()
        for name, *cells in lines
    )


def _number(text):
    return float(text) if text else None
