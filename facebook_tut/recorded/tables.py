"""Records as text, alike in all chapters: values with intervals, and rows in columns."""


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
