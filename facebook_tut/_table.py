"""Tables in plain text."""

import unicodedata

from facebook_tut._names import printable


def as_table(rows, columns):
    """Return rows as text in columns, whatever script they are written in.

    Parameters
    ----------
    rows : list of dict
        A value for each column; a dash is shown where there is none.
    columns : list of str
        Their names, which are the head.

    Returns
    -------
    str

    Examples
    --------
    >>> print(as_table([{"class": "猫", "pictures": 3}, {"class": "cat"}], ["class", "pictures"]))
    class  pictures
    猫     3
    cat    -
    """
    cells = [columns, *([_cell(row.get(name)) for name in columns] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in cells
    )


def _width(cell):
    """Return how many columns of a terminal a text takes: Chinese letters two, accents none."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 1 + _is_wide(c) for c in cell
    )


def _is_wide(character):
    return unicodedata.east_asian_width(character) in "WF"


def _cell(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        return ",".join(f"{number:.0f}" for number in value)
    return printable(str(value))
