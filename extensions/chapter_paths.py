"""Sphinx extension: the directive `chapter-paths`, the contents of the book in one look.

A line for each chapter: its number and title, how long it takes to read, the chapters that it
builds on, and for each path through the book the day, week or evening that the chapter is read on.
The paths stand in `book/paths.toml`. Each chapter says itself how long it takes and what the reader
needs first; of the chapters that it names there, the earlier ones are those that it builds on.
"""

import json
import re
import tomllib
from pathlib import Path

from docutils import nodes
from execution import entry, link
from numbered_figures import chapter as number_of
from sphinx.util.docutils import SphinxDirective

SOURCE = "paths.toml"  # beside the chapters
MINUTES = re.compile(r"Reading time: (?:about )?(\d+) minutes")
NEEDED = re.compile(r"\*\*You need first\*\*.*")
CHAPTER = re.compile(r"\]\((\d\d)_\w+\.ipynb")


class chapter_paths(nodes.General, nodes.Element):
    """Stands in the page until every chapter has its number."""


class ChapterPaths(SphinxDirective):
    """Put the table here."""

    def run(self):
        """Return the table's place, with the paths; it is made anew when a chapter changes."""
        folder = Path(self.env.srcdir, "book")
        for source in (folder / SOURCE, *chapters_of(folder)):
            self.env.note_dependency(str(source))
        return [chapter_paths(paths=tomllib.loads((folder / SOURCE).read_text("utf-8"))["paths"])]


def chapters_of(folder):
    """Return the chapters' files in their order."""
    return sorted(folder.glob("[0-9]*.ipynb"))


def facts(chapter):
    """Return a chapter's minutes and the numbers of the chapters that it builds on."""
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    minutes, needed = MINUTES.search(text), NEEDED.search(text)
    if not minutes or not needed:
        raise ValueError(f"{chapter.name} does not say its reading time, or what it needs first")
    own, named = number_of(chapter.name), {int(found) for found in CHAPTER.findall(needed[0])}
    return int(minutes[1]), sorted(one for one in named if one < own)


def sitting(path, number):
    """Return the day, week or evening of a path that a chapter is read on, or None."""
    days = [day for day, chapters in enumerate(path["read"], start=1) if number in chapters]
    return days[0] if days else None


def hours(total):
    """Return minutes in words: in hours, rounded to halves."""
    whole, half = divmod(round(total / 30), 2)
    return f"{whole or ''}{'½' if half else ''} h"


def table(app, docname, paths):
    """Return the table as nodes, with a last line of the hours of each path."""
    chapters = chapters_of(Path(app.srcdir, "book"))
    known = {number_of(chapter.name): facts(chapter) for chapter in chapters}
    lines = [
        row(app, docname, paths, chapter, *known[number_of(chapter.name)]) for chapter in chapters
    ]
    every = hours(sum(took for took, _ in known.values()))
    sums = [sum(known[n][0] for day in path["read"] for n in day) for path in paths]
    lines.append([*map(entry, ("Together", every, "", *map(hours, sums)))])
    head = ("Chapter", "Minutes", "Builds on", *(path["name"] for path in paths))
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", nodes.row("", *map(entry, head)))
    group += nodes.tbody("", *(nodes.row("", *line) for line in lines))
    return nodes.table("", group, classes=["paths"])


def row(app, docname, paths, chapter, minutes, needed):
    """Return the cells of one chapter."""
    stops = [stop(path, number_of(chapter.name)) for path in paths]
    earlier = entry(", ".join(map(str, needed)) or "–")
    return [link(app, docname, f"book/{chapter.stem}"), entry(minutes), earlier, *stops]


def stop(path, number):
    """Return a cell with the number of the sitting in a disc, or an empty one."""
    day = sitting(path, number)
    if day is None:
        return entry("")
    disc = nodes.inline("", str(day), classes=["stop", path["colour"]])
    return nodes.entry("", nodes.paragraph("", "", disc))


def fill(app, doctree, docname):
    """Put the table where the directive stood."""
    for place in list(doctree.findall(chapter_paths)):
        place.replace_self(table(app, docname, place["paths"]))


def setup(app):
    """Tell Sphinx of the directive."""
    app.add_node(chapter_paths)
    app.add_directive("chapter-paths", ChapterPaths)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
