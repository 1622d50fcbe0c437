"""The words of the book: which to write, and where a text has another.

    python tools/words.py book/*.ipynb README.md   # list what is found, and the counts

`words.toml` has the list. It is asked of what people read: the Markdown of cells and of pages,
captions and alternative texts, and strings of three words or more in code: titles, printed lines,
quizzes. Code, the targets of links and what is between backticks are left alone.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

LIST = Path(__file__).with_suffix(".toml")
START = r"(?:^|(?<=[.?!:;] )|(?<=\*\* ))"  # of a sentence, or of a paragraph
FENCED = re.compile(r"^[> ]*(`{3,}|~{3,}).*?(?:^[> ]*\1|\Z)", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
TARGET = re.compile(r"(?<=\])\([^)\s]*\)")
CITATION = re.compile(r"\[[^\]]*\d{4}\w?\)?\]\(references\.md#[^)]*\)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
LINE_END = re.compile(r"(?<=\S) *\n[> ]*(?=[^\s>|#*+-])")  # within a paragraph
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
MIN_WORDS = 3  # of a string that is read, not a name or an option


class Entry(NamedTuple):
    """One entry of the list: what to write, what not, where that is right after all, and why."""

    write: str
    unwanted: re.Pattern
    allowed: re.Pattern | None
    why: str
    wrong: tuple[str, ...]
    right: tuple[str, ...]


@cache
def entries(path: Path = LIST) -> tuple[Entry, ...]:
    """Return the list."""
    return tuple(entry(**fields) for fields in tomllib.loads(path.read_text("utf-8"))["word"])


def entry(write: str, why: str, wrong: list[str], right: list[str], **expressions) -> Entry:
    """Return one entry, its expressions compiled."""
    unwanted = compiled(expressions.pop("not"))
    allowed = expressions.pop("except", None)
    if expressions:
        raise ValueError(f"{LIST.name}: the entry {write!r} has {', '.join(expressions)}")
    return Entry(write, unwanted, allowed and compiled(allowed), why, (*wrong,), (*right,))


def compiled(expressions: list[str]) -> re.Pattern:
    """Return the expression that finds what any of those finds."""
    joined = "|".join(f"(?:{one})" for one in expressions).replace("<start>", START)
    return re.compile(joined, re.MULTILINE)


def faults(text: str) -> Iterator[tuple[str, Entry]]:
    """Yield what is found in a text of plain words, each with the entry that asks for another."""
    for one in entries():
        spans = [found.span() for found in one.allowed.finditer(text)] if one.allowed else []
        for found in one.unwanted.finditer(text):
            if not any(start < found.end() and found.start() < end for start, end in spans):
                yield found[0], one


def plain(markdown: str) -> str:
    r"""Return the words of Markdown: no code, no targets of links, a paragraph on one line.

    >>> plain("See [the\nnetwork](08_code.ipynb), `a.color`.")
    'See [the network], ``.'
    """
    for pattern, instead in ((FENCED, ""), (COMMENT, ""), (CITATION, "[]"), (CODE_SPAN, "``")):
        markdown = pattern.sub(instead, markdown)
    return LINE_END.sub(" ", TARGET.sub("", markdown))


def strings(code: str) -> list[str]:
    """Return the strings of code that are read: those of three words or more.

    >>> strings("ax.set(title='The loss falls fast', color='tab:blue')")
    ['The loss falls fast']
    """
    try:
        tree = ast.parse(MAGIC.sub(r"\1pass", code))
    except SyntaxError:
        return []
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [text for text in found if isinstance(text, str) and len(text.split()) >= MIN_WORDS]


def texts(cell: NotebookNode) -> list[str]:
    """Return what readers read of a cell; a caption is read from the cell of its figure."""
    if cell.cell_type == "markdown":
        return [] if "caption" in cell.metadata.get("tags", []) else [plain(cell.source)]
    options = cell.metadata.get("mystnb", {})
    said = [options.get("image", {}).get("alt", ""), options.get("figure", {}).get("caption", "")]
    return [plain(str(one)) for one in said if one] + [plain(one) for one in strings(cell.source)]


def in_notebook(notebook: NotebookNode) -> Iterator[tuple[int, str, Entry]]:
    """Yield what is found in a notebook: the number of the cell, the words, and the entry."""
    for number, cell in enumerate(notebook.cells, start=1):
        for text in texts(cell):
            for found, one in faults(text):
                yield number, found, one


def in_file(path: Path) -> list[tuple[int, str, Entry]]:
    """Return what is found in a notebook or in a page, which counts as its cell 1."""
    if path.suffix == ".ipynb":
        return list(in_notebook(nbformat.read(path, as_version=4)))
    return [(1, found, one) for found, one in faults(plain(path.read_text("utf-8")))]


def main(arguments: list[str] | None = None) -> int:
    """List what is found, and how often each entry found something; return 1 if any did."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    total = Counter()
    for path in parser.parse_args(arguments).paths:
        for number, found, one in in_file(path):
            print(f"{path}: cell {number}: `{found}`: {one.why}: write {one.write}")
            total[one.write] += 1
    for write, count in total.most_common():
        print(f"{count:>5}  {write}")
    return int(bool(total))


if __name__ == "__main__":
    sys.exit(main())
