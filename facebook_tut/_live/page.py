"""The HTML of a live figure or a quiz: script, style and data in one piece, nothing to fetch."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import (?:\* as (\w+)|\{[^}]*\}) from "([./\w-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)(?!\{)", re.MULTILINE)
_EXPORTED = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
_UNREAD = re.compile(r"^ */\*.*?\*/\n|^ +|^\n", re.MULTILINE | re.DOTALL)  # comments and indents


@cache
def script(path):
    """Return the ES module at `path` with what it imports written before it, ``live.js`` first.

    A module that is imported as a whole, ``import * as it``, becomes an object of its own, whose
    ``text`` is the function that makes it: a worker can be made of that.
    """
    return _inside(_bare(_joined(path, [], [FOLDER / "live.js"])), "script")


def _joined(path, known, first=()):
    """Return a module's source after those of the modules that it imports and none before did."""
    source, parts = path.read_text("utf-8"), []
    imports = [(None, one) for one in first]
    for name, place in _IMPORT.findall(source):
        shared = place.endswith("/live.js")  # wherever the figure's folder is
        imports.append((name, FOLDER / "live.js" if shared else path.parent / place))
    for name, one in imports:
        if name:
            parts.append(_as_object(name, one))
        elif one.resolve() not in known:
            known.append(one.resolve())
            parts.append(_joined(one, known))
    return "".join([*parts, _IMPORT.sub("", source)])


def _as_object(name, path):
    """Return a module as an object of what it exports in a list at its end."""
    source = _joined(path, [])
    [*_, names] = _EXPORTED.findall(source)
    source = _EXPORT.sub("", _EXPORTED.sub("", source))
    made = f"{source}return {{ {names.strip().rstrip(',')}, text: String(make) }};\n"
    return f"const {name} = (function make() {{\n{made}}})();\n"


@cache
def style(path):
    """Return the style sheet at `path` with the shared one, ``live.css``, written before it.

    It is nested in the figure, by a name said twice, so that it outranks what a page says of its
    outputs, and the shared one, which each figure and quiz on a page brings again.
    """
    shared, own = (file.read_text("utf-8") for file in (FOLDER / "live.css", path))
    return _inside(_bare(f"{shared}.ft-live.ft-live {{\n{own}}}\n"), "style")


def _bare(source):
    """Return a source without what only its authors read: each figure of a chapter brings it."""
    return _UNREAD.sub("", source)


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
    text = json.dumps(rounded(data), separators=(",", ":"), allow_nan=False)
    return text.replace("<", r"\u003c")


def rounded(data):
    """Return data for JSON with its floats rounded to twelve digits.

    Examples
    --------
    >>> rounded({"third": (1 / 3,)})
    {'third': [0.333333333333]}
    """
    if isinstance(data, dict):
        return {name: rounded(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [rounded(value) for value in data]
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
        What is read where no script runs.
    values : dict
        What the script's ``model.get`` returns, by name.

    Returns
    -------
    str
        Style, markup, data and script.
    """
    name = key(path.parent.name, markup, values)
    return (
        f'<div class="ft-live" data-live="{name}">\n'
        f"<style>\n{style(path.with_suffix('.css'))}</style>\n{markup}\n"
        f'<script type="application/json">{embed_json(values)}</script>\n</div>\n'
        f'<script type="module">\n{script(path)}mount("{name}", hydrate);\n</script>'
    )


def minus(text):
    """Return a number's text with the sign that is as wide as a plus.

    Examples
    --------
    >>> minus("-0.5")
    '−0.5'
    """
    return text.replace("-", "−")
