"""What every live figure shares: one JavaScript source, shown on a static page or as a widget.

A figure ``name`` is made of ``name.js``, ``name.css`` and ``name.html`` beside this file, and of a
Python function that returns a `LiveFigure`. ``name.html`` is the finished figure with ``$slots``
that Python fills, so the reader sees it at once, also without JavaScript and in print; then
``name.js`` takes over the same elements. On a static page the script stands in the page; in
Jupyter and Colab the same script is an anywidget, where the sliders and Python move each other.
"""

import base64
import hashlib
import importlib.util
import json
import math
import re
import struct
import sys
from dataclasses import dataclass
from functools import cache
from html import escape
from numbers import Real
from pathlib import Path
from string import Template

import numpy as np

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r"^import .* from \"[./\w]*live\.js\";\n", re.MULTILINE)


@cache
def script(path):
    """Return the ES module at `path` with the one it may import, ``live.js``, written before it.

    Examples
    --------
    >>> "import" in script(FOLDER / "decision_explorer.js")
    False
    """
    source = _IMPORT.sub("", path.read_text("utf-8"))
    return _inside((FOLDER / "live.js").read_text("utf-8") + source, "script")


@cache
def style(path):
    """Return the style sheet at `path` with the shared one, ``live.css``, written before it.

    It is nested in the figure, by a name said twice, so that it outranks what a page says of its
    outputs, and the shared one, which each figure and quiz on a page brings again.
    """
    shared, own = (file.read_text("utf-8") for file in (FOLDER / "live.css", path))
    return _inside(f"{shared}.ft-live.ft-live {{\n{own}}}\n", "style")


def _inside(source, tag):
    """Return `source` if it can stand inside ``<tag>``, where only the end tag ends it."""
    if re.search(rf"</{tag}|<!--", source, re.IGNORECASE):
        raise ValueError(f"the source must hold neither </{tag} nor <!--, which end its element")
    return source


def embed_json(data):
    r"""Return `data` as JSON that can stand inside a script element, whatever its strings hold.

    Floats are rounded to twelve digits: the last ones differ from processor to processor.

    Examples
    --------
    >>> embed_json({"note": "</script>", "third": (1 / 3,)})
    '{"note":"\\u003c/script>","third":[0.333333333333]}'
    """
    text = json.dumps(_rounded(data), separators=(",", ":"), allow_nan=False)
    return text.replace("<", r"\u003c")


def _rounded(data):
    """Return data for JSON with its floats rounded to twelve digits."""
    if isinstance(data, dict):
        return {name: _rounded(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_rounded(value) for value in data]
    return float(f"{data:.12g}") if isinstance(data, float) else data


def key(*parts):
    """Return a short name that depends on `parts` alone, so that equal figures give equal HTML.

    Examples
    --------
    >>> key("a figure", [1, 2]) == key("a figure", [1, 2]) != key("a figure", [1, 3])
    True
    """
    return "ft-" + hashlib.sha256(embed_json(parts).encode()).hexdigest()[:10]


def fragment(path, markup, values):
    """Return the HTML that shows `markup` and brings it to life, with nothing to fetch.

    Parameters
    ----------
    path : pathlib.Path
        The figure's script, which defines ``hydrate(root, model)``; its style sheet is beside it.
    markup : str
        The finished HTML, as it is read where there is no JavaScript.
    values : dict
        What the script's ``model.get`` returns, by name.

    Returns
    -------
    str
        Style, markup, data and script.
    """
    name = key(path.stem, markup, values)
    return (
        f'<div class="ft-live" data-live="{name}">\n'
        f"<style>\n{style(path.with_suffix('.css'))}</style>\n{markup}\n"
        f'<script type="application/json">{embed_json(values)}</script>\n</div>\n'
        f'<script type="module">\n{script(path)}mount("{name}", hydrate);\n</script>'
    )


def fixed(number, digits):
    """Return a number with so many decimals, halves rounded up; a dash for NaN.

    Examples
    --------
    >>> fixed(0.125, 2)
    '0.13'
    """
    if math.isnan(number):
        return "–"
    unit = 10**digits
    return f"{math.floor(number * unit + 0.5) / unit:.{digits}f}"


def minus(text):
    """Return a number's text with the sign that is as wide as a plus.

    Examples
    --------
    >>> minus("-0.5")
    '−0.5'
    """
    return text.replace("-", "−")


def check_names(where, given, kind, most):
    """Say what is wrong with a dict that should hold from 1 to so many named things."""
    if not isinstance(given, dict):
        raise TypeError(f"{where} must be a dict of {kind} name to {kind}, got {given!r}")
    if not 1 <= len(given) <= most:
        raise ValueError(f"{where} must hold from 1 to {most} {kind}s, got {len(given)}")
    for name in given:
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"{where} must have {kind} names that are not empty, got {name!r}")


def declare(values):
    """Return values as CSS variables: the style of an element with ``data-places``.

    Examples
    --------
    >>> declare({"row": 3, "column": 4})
    '--row: 3; --column: 4;'
    """
    return " ".join(f"--{name}: {value};" for name, value in values.items())


# The ends of a bitmap's colours: blue, through white at the middle, to orange.
PALETTES = {"grey": ((0, 0, 0), (255, 255, 255)), "signed": ((11, 95, 168), (166, 74, 6))}


def bitmap(levels, palette="grey"):
    """Return a picture as a data URI: every machine, and live.js, give the same text.

    Parameters
    ----------
    levels : array_like of int, (H, W)
        From 0 to 255; in the signed palette 128 is white, less is blue and more is orange.
    palette : {"grey", "signed"}
        The colours.

    Returns
    -------
    str
        A Windows bitmap of 8 bits per pixel, rows from the top (its height is negative).

    Examples
    --------
    >>> bitmap([[0, 255]]).startswith("data:image/bmp;base64,Qk0")
    True
    """
    levels = np.asarray(levels, dtype=np.uint8)
    height, width = levels.shape
    rows = np.pad(levels, [(0, 0), (0, -width % 4)]).tobytes()
    start = 14 + 40 + 4 * 256
    header = struct.pack("<2sIHHI", b"BM", start + len(rows), 0, 0, start)
    header += struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 8, 0, len(rows), 0, 0, 256, 0)
    colours = b"".join(bytes([*_colour(level, palette)[::-1], 0]) for level in range(256))
    return "data:image/bmp;base64," + base64.b64encode(header + colours + rows).decode()


def _colour(level, palette):
    """Return red, green and blue of a level from 0 to 255."""
    low, high = PALETTES[palette]
    if palette == "grey":
        return (level, level, level)
    end, weight = (low, 128 - level) if level < 128 else (high, level - 128)
    return [255 - (255 - part) * weight // 128 for part in end]


def levels(values, limit):
    """Return values from 0 to `limit`, or to its negative, as levels of grey or of signed colours.

    Parameters
    ----------
    values : ndarray, (H, W)
        If one is negative, the levels are for the signed palette.
    limit : float
        The magnitude that takes the strongest colour; 0 if all are 0.

    Returns
    -------
    tuple of (ndarray of int, str)
        The levels, and the name of the palette.

    Examples
    --------
    >>> levels(np.array([[0.0, 1.0, 2.0]]), 2.0)
    (array([[  0, 128, 255]]), 'grey')
    >>> levels(np.array([[-2.0, 0.0, 2.0]]), 2.0)
    (array([[  1, 128, 255]]), 'signed')
    """
    parts = values / (limit or 1)
    if values.min() < 0:
        return np.floor(128.5 + 127 * parts).astype(int), "signed"
    return np.floor(0.5 + 255 * parts).astype(int), "grey"


@dataclass(frozen=True)
class Dial:
    """A number that the reader can set, between `low` and `high` and in steps of `step`."""

    low: float
    high: float
    step: float

    def check(self, name, value):
        """Return `value` on the nearest step, or say what is wrong with it.

        Examples
        --------
        >>> Dial(0, 1, 0.01).check("threshold", 0.4999)
        0.5
        >>> Dial(0, 1, 0.01).check("threshold", 50)
        Traceback (most recent call last):
            ...
        ValueError: threshold must be a number from 0 to 1, got 50
        """
        if not isinstance(value, Real) or not self.low <= value <= self.high:
            wanted = f"{name} must be a number from {self.low} to {self.high}"
            error = ValueError if isinstance(value, Real) else TypeError
            raise error(f"{wanted}, got {value!r}")
        steps = round((value - self.low) / self.step)
        return round(self.low + steps * self.step, 10)

    def trait(self, value):
        """Return the trait of a widget that holds it."""
        from traitlets import Float

        return Float(value, min=self.low, max=self.high)


@dataclass(frozen=True)
class Choice:
    """One of several words that the reader can choose."""

    options: tuple

    def check(self, name, value):
        """Return `value` if it is one of the options, or say what they are.

        Examples
        --------
        >>> Choice(("valid", "same")).check("padding", "full")
        Traceback (most recent call last):
            ...
        ValueError: padding must be one of valid, same, got 'full'
        """
        if value not in self.options:
            raise ValueError(f"{name} must be one of {', '.join(self.options)}, got {value!r}")
        return value

    def trait(self, value):
        """Return the trait of a widget that holds it."""
        from traitlets import Enum

        return Enum(self.options, value)


@dataclass(frozen=True)
class Table:
    """A table of numbers from `low` to `high` that the reader can edit."""

    rows: int
    columns: int
    low: float
    high: float

    def check(self, name, value):
        """Return `value` as a list of rows, or say what is wrong with it.

        Examples
        --------
        >>> Table(1, 2, -9, 9).check("kernel", [[1, -1]])
        [[1.0, -1.0]]
        >>> Table(1, 2, -9, 9).check("kernel", [[1, 90]])
        Traceback (most recent call last):
            ...
        ValueError: kernel must hold 1 x 2 numbers from -9 to 9, got [[1, 90]]
        """
        wanted = f"{name} must hold {self.rows} x {self.columns} numbers"
        try:
            table = np.array(value, dtype=float)
        except (TypeError, ValueError):
            table = np.array(np.nan)
        inside = (table >= self.low) & (table <= self.high)
        if table.shape != (self.rows, self.columns) or not inside.all():
            raise ValueError(f"{wanted} from {self.low} to {self.high}, got {value}")
        return table.tolist()

    def trait(self, value):
        """Return the trait of a widget that holds it."""
        from traitlets import List

        return List(value)


class LiveFigure:
    """A figure that answers its reader; display it by leaving it as a cell's last line.

    Its dials are attributes: reading one gives where the reader has left it, and setting one
    moves the figure.

    Parameters
    ----------
    name : str
        The figure's files are ``name.js``, ``name.css`` and ``name.html``.
    data : dict
        What the figure shows, ready for JSON.
    dials : dict of str to (Dial, Choice or Table, and its value)
        What the reader can change, and where it stands at first.
    still : callable
        ``still(data, **dials)`` returns a string for each ``$slot`` of ``name.html``.
    """

    def __init__(self, name, data, dials, still):
        values = {dial: spec.check(dial, value) for dial, (spec, value) in dials.items()}
        specs = {dial: spec for dial, (spec, _) in dials.items()}
        vars(self).update(
            _name=name, _data=data, _dials=specs, _still=still, _values=values, _widget=None
        )

    def __getattr__(self, name):
        values = vars(self).get("_values", {})
        if name not in values:
            raise AttributeError(f"{type(self).__name__} has no attribute or dial {name!r}")
        return values[name]

    def __setattr__(self, name, value):
        if name not in self._dials:
            raise AttributeError(f"no dial {name!r}; the dials are {', '.join(self._dials)}")
        self._values[name] = self._dials[name].check(name, value)
        if self._widget is not None:
            setattr(self._widget, name, self._values[name])

    def __dir__(self):
        return [*super().__dir__(), *self._dials]

    def __repr__(self):
        shown = {
            name: f"{value:g}" if isinstance(value, Real) else str(value)
            for name, value in self._values.items()
        }
        dials = ", ".join(f"{name}={value}" for name, value in shown.items())
        return f"<{self._name}: {dials}>"

    def _markup(self):
        template = Template((FOLDER / f"{self._name}.html").read_text("utf-8"))
        chosen = {f"chosen_{dial}": escape(str(value)) for dial, value in self._values.items()}
        return template.substitute(chosen, **self._still(self._data, **self._values))

    def _repr_html_(self):
        values = {"data": self._data, **self._values}
        return fragment(FOLDER / f"{self._name}.js", self._markup(), values)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle, metadata = {"text/plain": repr(self), "text/html": self._repr_html_()}, {}
        if _kernel_is_there() and importlib.util.find_spec("anywidget"):
            live, metadata = self.widget._repr_mimebundle_()
            bundle = {**live, **bundle}
        return bundle, metadata

    @property
    def widget(self):
        """The figure as a Jupyter widget, made when it is first asked for (needs anywidget)."""
        if self._widget is None:
            vars(self)["_widget"] = _make_widget(self)
        return self._widget


def _kernel_is_there():
    """Return whether this runs in a Jupyter kernel, without importing IPython."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def _make_widget(figure):
    """Return an anywidget with the figure's script, each of its dials a synced trait."""
    try:
        import anywidget
        from traitlets import Dict, Unicode
    except ImportError as error:
        raise ImportError("a live widget needs anywidget: pip install anywidget") from error
    path = FOLDER / f"{figure._name}.js"
    traits = {
        name: dial.trait(figure._values[name]).tag(sync=True)
        for name, dial in figure._dials.items()
    }
    shown = {"data": Dict(figure._data), "markup": Unicode(figure._markup())}
    shown = {name: trait.tag(sync=True) for name, trait in shown.items()}
    code = {"_esm": script(path), "_css": style(path.with_suffix(".css"))}
    widget = type(figure._name, (anywidget.AnyWidget,), {**code, **shown, **traits})()
    widget.observe(lambda change: figure._values.update({change.name: change.new}), list(traits))
    return widget
