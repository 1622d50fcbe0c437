"""The curves explorer: measured curves, and what they say at any place of their axis."""

from pathlib import Path

import numpy as np

from facebook_tut._live import Choice, Dial, LiveFigure, check_names
from facebook_tut._validation import check_array, check_number

STEPS = 100  # of the slider
PANELS, CURVES = 12, 4  # at most


def curves_explorer(
    panels, x_label, y_label, *, log=False, percent=False, digits=2, x_digits=0, panel=None, at=None
):
    """Show measured curves, with a slider along their axis that tells every curve's value.

    Below the plot a table gives each curve's value at the slider and its difference to the
    panel's first curve. Between two measured points the value is on the straight line that is
    drawn, and outside a curve's own points there is none. All panels have one y axis, so that
    they compare; a menu chooses the panel.

    Parameters
    ----------
    panels : dict of str to dict of str to tuple of array_like
        From 1 to 12 panels by name, each of 1 to 4 curves by name. A curve is ``(x, y)``, or
        ``(x, y, low, high)`` with an interval around each y, drawn as a band. All are finite and
        equally long, from 2 points, and x increases. A curve of up to 30 points shows them as
        dots. A name has the same colour in every panel unless there are more than 4 of them.
    x_label, y_label : str
        What the axes show.
    log : bool, default False
        Whether the x axis is logarithmic; x must then be positive.
    percent : bool, default False
        Whether y, from -1 to 1, is shown in percent.
    digits : int, default 2
        The decimals of the values in the table, from 0 to 6.
    x_digits : int, default 0
        The fewest decimals of an x, from 0 to 6; more are shown where x needs them.
    panel : str, optional
        The panel that is shown at first; by default the first one.
    at : int, optional
        Where the slider is at first, from 0, the panel's smallest x, to 100, its largest; by
        default in the middle. A measured x within half a step is hit exactly.

    Returns
    -------
    LiveFigure
        Its attributes ``panel`` and ``at`` follow the controls and move them.

    Examples
    --------
    >>> people, errors = [10, 100, 1000], [0.4, 0.25, 0.1]
    >>> panels = {"faces": {"plain": (people, errors), "wide": (people, [0.3, 0.2, 0.1])}}
    >>> figure = curves_explorer(panels, "people", "error", log=True, percent=True)
    >>> figure
    <curves_explorer: panel=faces, at=50>
    >>> figure.at = 75
    """
    look = _check_look(x_label, y_label, log, percent)
    for name, count in (("digits", digits), ("x_digits", x_digits)):
        look[name] = int(check_number(name, count, 0, 6, integer=True))
    data = {**look, "panels": _check_panels(panels, log, percent)}
    names = tuple(panels)
    dials = {
        "panel": (Choice(names), names[0] if panel is None else panel),
        "at": (Dial(0, STEPS, 1), STEPS // 2 if at is None else at),
    }
    return LiveFigure("curves_explorer", Path(__file__).parent, data, dials)


# What the caller passes in


def _check_look(x_label, y_label, log, percent):
    """Return labels and flags by name, or say what is wrong with them."""
    for name, text in (("x_label", x_label), ("y_label", y_label)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} must be a text that is not empty, got {text!r}")
    for name, flag in (("log", log), ("percent", percent)):
        if not isinstance(flag, bool | np.bool_):
            raise TypeError(f"{name} must be True or False, got {flag!r}")
    return {"x_label": x_label, "y_label": y_label, "log": bool(log), "percent": bool(percent)}


def _check_panels(panels, log, percent):
    """Return all curves as dicts of lists, by panel and name, or say what is wrong with them."""
    check_names("panels", panels, "panel", PANELS)
    checked = {}
    for panel, curves in panels.items():
        check_names(f"panels[{panel!r}]", curves, "curve", CURVES)
        checked[panel] = {
            name: _check_curve(f"panels[{panel!r}][{name!r}]", curve, log, percent)
            for name, curve in curves.items()
        }
    return checked


def _check_curve(where, curve, log, percent):
    """Return a curve as a dict of lists, or say what is wrong with it."""
    if not isinstance(curve, tuple | list) or len(curve) not in (2, 4):
        got = f"{len(curve)} parts" if isinstance(curve, tuple | list) else repr(curve)
        raise ValueError(f"{where} must be (x, y) or (x, y, low, high), got {got}")
    parts = dict(zip(("x", "y", "low", "high"), curve, strict=False))
    parts = {name: _check_part(f"{name} of {where}", part) for name, part in parts.items()}
    counts = [len(part) for part in parts.values()]
    if len(set(counts)) > 1 or counts[0] < 2:
        raise ValueError(f"{where} must hold equally long parts of 2 points or more, got {counts}")
    _check_x(f"x of {where}", parts["x"], log)
    if percent:
        _check_shares(where, parts)
    if "low" in parts and (parts["low"] > parts["high"]).any():
        at = (parts["low"] > parts["high"]).argmax()
        low, high = parts["low"][at], parts["high"][at]
        raise ValueError(f"low of {where} must not exceed high, got {low:g} and {high:g}")
    return {name: part.tolist() for name, part in parts.items()}


def _check_part(where, part):
    """Return one part of a curve as floats, or say what is wrong with it."""
    try:
        part = np.asarray(part)
    except ValueError:
        raise ValueError(f"{where} must have shape (N,), got rows of unequal length") from None
    part = check_array(where, part, ("N",)).astype(float)
    if not np.isfinite(part).all():
        wrong = part[~np.isfinite(part)][0]
        raise ValueError(f"{where} must hold finite numbers, got {wrong}")
    return part


def _check_x(where, x, log):
    """Say what is wrong with the places of a curve's points."""
    falls = np.flatnonzero(np.diff(x) <= 0)
    if falls.size:
        before, after = x[falls[0]], x[falls[0] + 1]
        raise ValueError(f"{where} must increase strictly, got {after:g} after {before:g}")
    if log and x[0] <= 0:
        raise ValueError(f"{where} must be positive on a logarithmic axis, got {x[0]:g}")


def _check_shares(where, parts):
    """Say which part of a curve holds something that is no share."""
    for name in list(parts)[1:]:
        if np.abs(parts[name]).max() > 1:
            wrong = parts[name][np.abs(parts[name]).argmax()]
            raise ValueError(f"{name} of {where} must be from -1 to 1 for percent, got {wrong:g}")
