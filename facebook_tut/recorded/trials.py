"""The trials on LFW's View 1, one after another."""

import csv
from importlib.resources import files

NUMBERS = ("accuracy", "standard_error", "low", "high", "auc", "seconds", "parameters")


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
