"""How long a chapter takes to read, from its words and its code.

    python tools/reading_time.py book/*.ipynb   # a table: words, lines of code, minutes

A reader takes in 170 words a minute and 3.5 seconds for a line of code that the page shows. What
the page folds away, which is solutions and the code of figures, and the exercises themselves are
listed, but are no part of the time: how long an exercise takes, no count of words can tell.
`make normalise` writes the minutes into a chapter's first cell, and the linter compares them.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

WORDS_A_MINUTE = 170
SECONDS_A_LINE = 3.5
STEP = 5  # minutes: no reader is measured more finely
LINE = re.compile(r"^\*Reading time: [^.*]*", re.MULTILINE)

FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
FENCED = re.compile(r"^[> ]*(`{3,}|~{3,})[^\n]*\n(?P<code>.*?)^[> ]*\1", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
COMMAND = re.compile(r"\\(?:begin|end|tag)\{[^}]*\}|\\[A-Za-z]+|[{}^_&]")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
TAG = re.compile(r"<[^>]+>")
WORD = re.compile(r"\w[\w.,’'/-]*")
HEADING = re.compile(r"^## +(.*?) *$", re.MULTILINE)
HIDDEN = {"hide-cell", "hide-input", "remove-cell", "remove-input"}


class Amount(NamedTuple):
    """What there is to read: words, and lines of code."""

    words: int
    lines: int

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return self.words / WORDS_A_MINUTE + self.lines * SECONDS_A_LINE / 60


def words_in(text: str) -> int:
    """Return the number of words in Markdown, without code in blocks and what is folded.

    Each letter or number of a formula counts as a word.

    >>> words_in("So [the network](08_code.ipynb) has $k^2 F$ weights.")
    8
    """
    for pattern in (LINE, FOLDED, FENCED):  # the time must not depend on what is said of it
        text = pattern.sub("", text)
    text = FORMULA.sub(lambda one: COMMAND.sub(" ", one[0]), text)
    return len(WORD.findall(TAG.sub("", LINK.sub(r"\1", text))))


def lines_in(code: str) -> int:
    """Return the number of lines of code that hold anything."""
    return sum(bool(line.strip()) for line in code.splitlines())


def amounts(notebook: NotebookNode) -> dict[str, Amount]:
    """Return what a chapter has to read.

    Returns
    -------
    dict of str to Amount
        ``"read"`` is what counts, ``"exercises"`` is their text with the cells below them, and
        ``"folded"`` is code that the page hides before the exercises.
    """
    total = {name: [0, 0] for name in ("read", "exercises", "folded")}
    section = ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            folded = "folded" if HIDDEN & set(cell.metadata.get("tags", [])) else "read"
            total["exercises" if section == "Exercises" else folded][1] += lines_in(cell.source)
            continue
        for heading, text in sections(cell.source):
            section = section if heading is None else heading
            part = total["exercises" if section == "Exercises" else "read"]
            part[0] += words_in(text)
            part[1] += sum(lines_in(found["code"]) for found in FENCED.finditer(text))
    return {name: Amount(*counted) for name, counted in total.items()}


def sections(text: str) -> list[tuple[str | None, str]]:
    """Return the parts of Markdown by the headings `## ...` above them; the first may have none.

    >>> sections("A\\n## B\\nC")
    [(None, 'A\\n'), ('B', '\\nC')]
    """
    parts = HEADING.split(text)
    return [(None, parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]


def minutes(notebook: NotebookNode) -> int:
    """Return how many minutes a chapter takes to read, its exercises not counted."""
    return max(STEP, STEP * round(amounts(notebook)["read"].minutes / STEP))


def sentence(notebook: NotebookNode) -> str:
    """Return what a chapter's first cell says of its time, without the full stop."""
    return f"*Reading time: about {minutes(notebook)} minutes, exercises not counted"


def stated(notebook: NotebookNode) -> str | None:
    """Return what the first cell says of the time now, or None where it says nothing."""
    found = LINE.search(notebook.cells[0].source) if notebook.cells else None
    return found and found[0]


def state(notebook: NotebookNode, path: Path) -> None:
    """Write the time into the first cell, where that says one."""
    if stated(notebook):
        first = notebook.cells[0]
        first.source = LINE.sub(sentence(notebook), first.source, count=1)


def main(arguments: list[str] | None = None) -> int:
    """Print what each chapter has to read, and how long it takes."""
    print(f"{'chapter':<32} words  lines  minutes  exercises: words  lines  folded lines")
    for path in map(Path, sys.argv[1:] if arguments is None else arguments):
        notebook = nbformat.read(path, as_version=4)
        read, exercises, folded = amounts(notebook).values()
        print(
            f"{path.stem:<32}{read.words:>6,}{read.lines:>7}{minutes(notebook):>9}"
            f"{exercises.words:>18,}{exercises.lines:>7}{folded.lines:>14}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
