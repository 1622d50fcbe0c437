"""What the benchmarks wrote, for chapters to show: installed as `facebook_tut.recorded`."""

import json
from importlib.resources import files


def load(name):
    """Return what a benchmark recorded: its figures, command, date, machine and versions.

    Parameters
    ----------
    name : str
        Of a file in ``benchmarks/results``, without ``.json``.

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
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(names)}, got {name!r}")
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
