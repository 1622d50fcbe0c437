"""The curves explorer: measured curves, and what they say at any place of their axis."""

import math
from html import escape

import numpy as np

from facebook_tut._validation import check_array, check_number

from ._live import Choice, Dial, LiveFigure, check_names, declare, fixed, minus

STEPS = 100  # of the slider
PANELS, CURVES = 12, 4  # at most
X_TICKS = 6  # at most
DOTS = 30  # a curve of more points is drawn without them
NICE = (1, 2, 2.5, 5)  # a tick's step, times a power of ten
SPARE = 4  # decimals that settle a half before it is rounded


def curves_explorer(
    panels, x_label, y_label, *, log=False, percent=False, digits=2, x_digits=0, panel=None, at=None
):
    """Show measured curves, with a slider along their axis that tells every curve's value.

    Below the plot a table gives each curve's value at the slider and its difference to the
    panel's first curve. Between two measured points the value lies on the straight line that is
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
        Where the slider stands at first, from 0, the panel's smallest x, to 100, its largest; by
        default in the middle. A measured x within half a step is hit exactly.

    Returns
    -------
    LiveFigure
        Its attributes ``panel`` and ``at`` follow the controls and move them.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

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
    data = _collect(_check_panels(panels, log, percent), look)
    names = tuple(panels)
    dials = {
        "panel": (Choice(names), names[0] if panel is None else panel),
        "at": (Dial(0, STEPS, 1), STEPS // 2 if at is None else at),
    }
    return LiveFigure("curves_explorer", data, dials, _still)


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


# What Python prepares once: axes, ticks, the shapes of the curves, the slider's stops.


def _collect(panels, look):
    """Return what the figure shows, ready for JSON."""
    scale = 100 if look["percent"] else 1
    curves = [curve for panel in panels.values() for curve in panel.values()]
    heights = [value for curve in curves for part in set(curve) - {"x"} for value in curve[part]]
    marks, decimals = _ticks(scale * min(heights), scale * max(heights), outside=True)
    y_axis = {"low": marks[0], "high": marks[-1], "scale": scale}
    texts = [minus(fixed(mark, decimals)) + (" %" if look["percent"] else "") for mark in marks]
    looks = _looks(panels)
    data = {**look, "y_axis": y_axis, "y_ticks": [list(t) for t in zip(marks, texts, strict=True)]}
    data["looks"] = 1 + max(max(one.values()) for one in looks.values())
    data["panels"] = {name: _panel(panel, looks[name], data) for name, panel in panels.items()}
    return data


def _looks(panels):
    """Return the look of each curve, from 0, by panel and name: of a name, one if that can be."""
    names = list(dict.fromkeys(name for panel in panels.values() for name in panel))
    if len(names) <= CURVES:
        return {panel: {name: names.index(name) for name in panels[panel]} for panel in panels}
    return {panel: {name: at for at, name in enumerate(panels[panel])} for panel in panels}


def _panel(curves, looks, data):
    """Return one panel: its curves, what the slider does not change, and where that can stand."""
    xs = sorted({x for curve in curves.values() for x in curve["x"]})
    ends = [xs[0], xs[-1]]
    listed = [{"name": name, "look": looks[name], **curve} for name, curve in curves.items()]
    shown = _axes(xs, data)
    for k in range(data["looks"]):
        shown |= {f"{name}_{k}": "" for name in ("band", "line", "dots", "name")}
    for curve in listed:
        shown |= _shape(curve, ends, data)
    shown["against"] = f"difference to {listed[0]['name']}" if len(listed) > 1 else ""
    stops, marked = _stops(xs, data["log"])
    stops = [[stop, _x_text(stop, data["x_digits"])] for stop in stops]
    return {"shown": shown, "curves": listed, "ends": ends, "stops": stops, "marked": marked}


def _axes(xs, data):
    """Return the ticks of the x axis and the lines of all ticks, by the name of their slot."""
    ticks = _x_ticks(xs, data["log"])
    places = [_place(tick, (xs[0], xs[-1]), data["log"]) for tick in ticks]
    shown = {f"text_{k}": "" for k in range(X_TICKS)} | {f"tick_{k}": "0" for k in range(X_TICKS)}
    texts = _tick_texts(ticks, data["x_digits"], data["log"])
    for k, (text, place) in enumerate(zip(texts, places, strict=True)):
        shown |= {f"text_{k}": text, f"tick_{k}": fixed(place, 5)}
    low, high = data["y_axis"]["low"], data["y_axis"]["high"]
    levels = [(mark - low) / (high - low) for mark, _ in data["y_ticks"]]
    shown["grid"] = _grid(places, levels) + _zero(low, high)
    return shown


def _nice_steps(span):
    """Yield the nice steps, from one far below `span`, with the decimals that each needs."""
    first = math.floor(math.log10(span)) - 2
    for power in range(first, first + 5):
        for nice in NICE:
            yield nice * 10.0**power, max(0, (nice == 2.5) - power)


def _ticks(low, high, *, outside):
    """Return from 3 to 5 nice numbers, the last ones outside of low and high or not; decimals."""
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    down, up = (math.floor, math.ceil) if outside else (math.ceil, math.floor)
    noise = 1e-9 if outside else -1e-9
    for step, decimals in _nice_steps(high - low):
        first, last = down(low / step + noise), up(high / step - noise)
        if last - first <= 4:
            return [round(k * step, decimals) for k in range(first, last + 1)], decimals
    raise AssertionError("the last steps are longer than low to high")


def _x_ticks(xs, log):
    """Return from 3 to 5 nice places between the ends; a few even places are ticks themselves."""
    low, high = xs[0], xs[-1]
    if log:
        return _log_ticks(low, high) or _ticks(low, high, outside=False)[0]
    if 3 <= len(xs) <= X_TICKS and np.allclose(np.diff(xs), (high - low) / (len(xs) - 1)):
        return xs
    return _ticks(low, high, outside=False)[0]


def _log_ticks(low, high):
    """Return from 3 to 5 of 1, 2 and 5 times powers of ten; none where there are too few."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    for times, every in [((1, 2, 5), 1), ((1, 5), 1), *(((1,), every) for every in range(1, 200))]:
        ticks = [
            float(f"{nice}e{power}") for power in powers if power % every == 0 for nice in times
        ]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= 5:
            break
    return ticks if len(ticks) >= 3 else []


def _along(x, log):
    return math.log(x) if log else x


def _place(x, ends, log):
    """Return which part of the axis lies before x."""
    low, high = (_along(end, log) for end in ends)
    return (_along(x, log) - low) / (high - low)


def _x_text(x, digits):
    """Return x with the fewest decimals that keep four significant digits."""
    while digits < 12 and abs(round(x, digits) - x) > 5e-4 * abs(x):
        digits += 1
    text = fixed(x, digits)
    return minus(f"{float(text):,.{digits}f}" if abs(x) >= 10_000 else text)


def _tick_texts(ticks, digits, log):
    """Return the texts of the x axis; on a linear one all have as many decimals."""
    texts = [_x_text(tick, digits) for tick in ticks]
    most = max(len(text.partition(".")[2]) for text in texts)
    return texts if log else [_x_text(tick, most) for tick in ticks]


def _grid(places, levels):
    """Return the lines of the ticks that are not the plot's own border."""
    inner = [1000 - _whole(level) for level in levels if 0 < level < 1]
    across = "".join(f"M0 {level}H1000" for level in inner)
    return across + "".join(f"M{_whole(place)} 0V1000" for place in places if 0 < place < 1)


def _zero(low, high):
    """Return the line of zero once more, and so stronger, where it crosses the plot."""
    return f"M0 {1000 - _whole(-low / (high - low))}H1000" if low < 0 < high else ""


def _whole(part):
    """Return a part of the plot in whole thousandths."""
    return math.floor(1000 * part + 0.5)


def _shape(curve, ends, data):
    """Return a curve's name, line, dots and band, by the name of their slot."""
    axis, look = data["y_axis"], curve["look"]
    across = [_whole(_place(x, ends, data["log"])) for x in curve["x"]]
    levels = {
        part: [1000 - _whole(_height(value, axis)) for value in curve[part]]
        for part in ("y", "low", "high")
        if part in curve
    }
    points = {
        part: [f"{x} {y}" for x, y in zip(across, ys, strict=True)] for part, ys in levels.items()
    }
    shown = {f"name_{look}": curve["name"], f"line_{look}": "M" + "L".join(points["y"])}
    if len(across) <= DOTS:
        shown[f"dots_{look}"] = "".join(f"M{point}h0" for point in points["y"])
    if "low" in points:
        shown[f"band_{look}"] = "M" + "L".join(points["high"] + points["low"][::-1]) + "z"
    return shown


def _stops(xs, log):
    """Return the x of every stop of the slider, and which stops are measured places.

    A measured x within half a step is a stop; others are rounded, but not past a measured one.
    """
    places = np.array([_place(x, (xs[0], xs[-1]), log) for x in xs])
    stops, marked = [], []
    for at in range(STEPS + 1):
        near = int(np.abs(places - at / STEPS).argmin())
        if abs(places[near] - at / STEPS) <= 0.5 / STEPS + 1e-9:
            stops.append(xs[near])
            marked.append(at)
            continue
        after = int(np.searchsorted(places, at / STEPS))
        x = _rounded(at / STEPS, xs, log)
        stops.append(min(max(x, xs[after - 1]), xs[after]))
    return stops, marked


def _rounded(part, xs, log):
    """Return the x at a part of the axis, rounded to about the slider's step.

    On a logarithmic axis it keeps two digits, and is whole where all measured places are.
    """
    low, high = xs[0], xs[-1]
    x = low * (high / low) ** part if log else low + (high - low) * part
    step = x * ((high / low) ** (1 / STEPS) - 1) if log else (high - low) / STEPS
    power = math.floor(math.log10(2.5 * step if log else step) + 1e-9)
    if log:
        power = min(power, math.floor(math.log10(x)) - 1)
        power = max(power, 0) if all(x == round(x) for x in xs) else power
    return float(round(x, -power))


# What follows reads the curves in Python exactly as curves_explorer.js reads them: a number is
# settled before it is rounded, so that the last bit of a logarithm never decides what is shown.


def _settled(number, digits):
    """Return a number as text, of which noise far below its last digit moves no half."""
    if math.isnan(number):
        return fixed(number, digits)
    unit = 10 ** (digits + SPARE)
    return minus(fixed(math.floor(number * unit + 0.5) / unit, digits))


def _height(value, axis):
    """Return which part of the y axis lies below a value."""
    return (axis["scale"] * value - axis["low"]) / (axis["high"] - axis["low"])


def _interpolate(xs, values, x, log):
    """Return the value at x on the straight lines between points as drawn; NaN outside."""
    if not xs[0] <= x <= xs[-1]:
        return math.nan
    after = next(k for k, end in enumerate(xs) if end >= x)
    if xs[after] == x:
        return values[after]
    part = _place(x, (xs[after - 1], xs[after]), log)
    return values[after - 1] + part * (values[after] - values[after - 1])


def _signed(number, digits):
    text = _settled(number, digits)
    return f"+{text}" if float(text.replace("−", "-").replace("–", "0")) > 0 else text


def _told(data, curve, x, first):
    """Return what the table and the plot tell about one curve, by the name of its slot."""
    digits, axis, end = data["digits"], data["y_axis"], " %" if data["percent"] else ""
    value, low, high = (
        _interpolate(curve["x"], curve[part], x, data["log"]) if part in curve else math.nan
        for part in ("y", "low", "high")
    )
    ends = [_settled(axis["scale"] * value, digits) for value in (low, high)]
    inside = not math.isnan(value)
    told = {
        "value": _settled(axis["scale"] * value, digits) + (end if inside else ""),
        "interval": "" if math.isnan(low) else f"{ends[0]} to {ends[1]}{end}",
        "difference": _signed(axis["scale"] * (value - first), digits),
        "y": _settled(_height(value, axis), 5) if inside else "0",
        "on": "1" if inside else "0",
    }
    return {f"{name}_{curve['look']}": text for name, text in told.items()}


def _reading(data, panel, at):
    """Return what the controls change, by the name of its slot."""
    chosen = data["panels"][panel]
    x, text = chosen["stops"][at]
    first, *others = chosen["curves"]
    base = _interpolate(first["x"], first["y"], x, data["log"])
    shown = {}
    for k in range(data["looks"]):
        shown |= {f"{name}_{k}": "" for name in ("value", "interval", "difference")}
        shown |= {f"{name}_{k}": "0" for name in ("y", "on")}
    for curve in (first, *others):
        shown |= _told(data, curve, x, base)
    shown[f"difference_{first['look']}"] = ""
    place = _settled(_place(x, chosen["ends"], data["log"]), 5)
    return {**chosen["shown"], **shown, "x": text, "place": place}


# The still's own elements, which curves_explorer.js fills and never makes.


def _paths(shown, looks):
    """Return the curves in the plot: all bands, then all lines with their dots."""
    kinds = [("band", "band", k) for k in range(looks)]
    for k in range(looks):
        kinds += [("line", "line", k), ("dots", "dots", k), ("hole", "dots", k)]
    return "\n".join(
        f'<path class="ft-{kind} ft-look-{k}" data-slot="{slot}_{k}" d="{shown[f"{slot}_{k}"]}"/>'
        for kind, slot, k in kinds
    )


def _marks(data, shown):
    """Return the texts at both axes, and the points at the slider's x."""
    axis = {**data["y_axis"], "scale": 1}
    sides = (
        f'<span class="ft-tick-y" style="--at: {fixed(_height(mark, axis), 5)}">{text}</span>'
        for mark, text in data["y_ticks"]
    )
    below = (
        f'<span class="ft-tick-x" style="--at: var(--tick_{k})" data-slot="text_{k}">'
        f"{shown[f'text_{k}']}</span>"
        for k in range(X_TICKS)
    )
    points = (
        f'<span class="ft-point ft-look-{k}" style="--y: var(--y_{k}); --on: var(--on_{k})"></span>'
        for k in range(data["looks"])
    )
    return "\n".join([*sides, *below, *points])


KEY = (
    '<svg viewBox="0 0 40 12" aria-hidden="true"><path class="ft-line" d="M1 6H39"/>'
    '<path class="ft-dots" d="M20 6h0"/><path class="ft-hole" d="M20 6h0"/></svg>'
)


def _rows(shown, looks):
    """Return the rows of the table, one for each look; that of no curve is hidden."""
    return "\n".join(
        f'<tr class="ft-look-{k}"><th scope="row">{KEY}<span class="ft-who"'
        f' data-slot="name_{k}">{shown[f"name_{k}"]}</span></th>\n'
        f'<td><b data-slot="value_{k}">{shown[f"value_{k}"]}</b>\n'
        f'<small data-slot="interval_{k}">{shown[f"interval_{k}"]}</small></td>\n'
        f'<td data-slot="difference_{k}">{shown[f"difference_{k}"]}</td></tr>'
        for k in range(looks)
    )


def _options(names, panel):
    """Return the options of the menu."""
    return "".join(
        f'<option value="{escape(name)}"{" selected" if name == panel else ""}>{escape(name)}'
        "</option>"
        for name in names
    )


def _still(data, panel, at):
    """Return what the figure shows, by the name of its slot in ``curves_explorer.html``."""
    shown = {name: escape(text) for name, text in _reading(data, panel, int(at)).items()}
    looks = data["looks"]
    places = [f"tick_{k}" for k in range(X_TICKS)] + ["place"]
    places += [f"{name}_{k}" for k in range(looks) for name in ("y", "on")]
    bands = any("low" in c for one in data["panels"].values() for c in one["curves"])
    return shown | {
        "places": " ".join(places),
        "placed": declare({name: shown[name] for name in places}),
        "at": str(int(at)),
        "x_label": escape(data["x_label"]),
        "y_label": escape(data["y_label"]),
        "scale": ", logarithmic" if data["log"] else "",
        "unit": "in percentage points" if data["percent"] else "",
        "wide": str(max(len(text) for _, text in data["y_ticks"])),
        "kind": " ".join(["ft-bands"] * bands + ["ft-lone"] * (len(data["panels"]) == 1)),
        "options": _options(data["panels"], panel),
        "paths": _paths(shown, looks),
        "marks": _marks(data, shown),
        "rows": _rows(shown, looks),
    }
