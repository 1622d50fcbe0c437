"""Where the links in a notebook's text lead: to files of the book, and to headings in them.

A heading is known by the id that JupyterLab gives it: its words, with hyphens for blanks.
"""

import json
import re
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(
    r"\]\(<?(?P<inline>[^)\s>]+)"
    r"|^\[[^\]]+\]:\s*(?P<reference>\S+)"
    r"|\b(?:src|href)=[\"'](?P<html>[^\"']+)",
    re.MULTILINE,
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
HEADING = re.compile(r"^#{1,6} +(?P<words>.*?) *#* *$", re.MULTILINE)
ANCHOR = re.compile(r"<a id=\"(?P<key>[^\"]+)\"")


def targets(text: str) -> list[tuple[str, str]]:
    """Return the file and the anchor of each link in Markdown that leads to no other site.

    >>> targets("[a](x.md#part), [b](#part) and [c](https://example.org/)")
    [('x.md', 'part'), ('', 'part')]
    """
    found = [match[match.lastgroup] for match in LINK.finditer(text)]
    parts = [target.partition("#") for target in found if not SCHEME.match(target)]
    return [(unquote(path), unquote(anchor)) for path, _, anchor in parts]


def heading_id(words: str) -> str:
    """Return the id of a heading in JupyterLab.

    >>> heading_id("How *large* is it?")
    'How-large-is-it?'
    """
    return re.sub(r"[*`]", "", words).replace(" ", "-")


def headings(cells: list) -> dict[str, str]:
    """Return the id of each heading in the cells of a notebook, and that of its cell."""
    found = [(match["words"], cell) for cell in cells for match in headings_of(cell)]
    return {heading_id(words): cell.get("id", "") for words, cell in reversed(found)}


def headings_of(cell: dict) -> list[re.Match]:
    """Return the headings in a cell."""
    source = "".join(cell["source"])
    return list(HEADING.finditer(source)) if cell["cell_type"] == "markdown" else []


def anchors(path: Path) -> set[str]:
    """Return what a link may name in a file of the book: its headings, and its anchors."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        return set(headings(json.loads(text)["cells"]))
    words = [match["words"] for match in HEADING.finditer(text)]
    return {*map(heading_id, words), *(match["key"] for match in ANCHOR.finditer(text))}
