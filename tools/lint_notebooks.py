r"""Check the rules that every notebook of the book keeps.

    python tools/lint_notebooks.py book/*.ipynb
    python tools/lint_notebooks.py --counts book/*.ipynb   # what is left to edit, by chapter
    python tools/lint_notebooks.py --prune book/*.ipynb    # take what holds off the list

Each rule is one function in RULES: it takes a notebook and its path and yields the problems it
finds. `def colab_badge` is the rule `colab-badge`. A problem says what is wrong and how to put it
right. Cells are numbered from 1, Markdown cells included.

Chapters that are still to be edited are in `tools/unedited.toml`, each with the rules that it does
not keep yet. For those a rule is turned around: a chapter that keeps it comes off the list.

The exit code is 0 without a problem, 1 with one, and 2 where a file is not a readable notebook.
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import colab
import links
import quizzes
import reading_time as times
import references
import words as book_words
from nbformat import NotebookNode
from normalise_notebooks import (
    EQUATION_TAG,
    KERNEL,
    NOTEBOOK_KEYS,
    TITLE,
    caption_of,
    chapter,
    code_cells,
    figures_in,
    is_install_cell,
    is_solution,
    read,
    validate,
)

NORMALISE = "run `python tools/normalise_notebooks.py` on it"
EXECUTE = "run `python tools/normalise_notebooks.py --execute` on it"

MIN_ALT_LENGTH = 15  # characters: less hardly describes a figure
MAX_OUTPUT_SIZE = 300_000  # bytes: rows of faces large enough to see
MIN_STRICT_PERCENT = 90
MAX_VERDICTS = 20  # printed lines for each that may end in True or False
MAX_CODE_LINE = 76  # characters: a box of code does not scroll at 1,280 pixels

# Tags as nbval 0.11 spells them; it ignores any other spelling without a word.
LOOSE_TAGS = {"nbval-ignore-output", "nbval-skip"}
NBVAL_TAGS = LOOSE_TAGS | {"nbval-check-output"}
NBVAL_COMMENT = re.compile(r"^\s*#[#\s]*(?:NBVAL_|PYTEST_VALIDATE)", re.MULTILINE)

IMAGE_FILE = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp)", re.IGNORECASE)
MARKDOWN_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\][(\[]")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
HTML_ALT = re.compile(r"\balt=(?P<quote>[\"'])(?P<alt>.*?)(?P=quote)", re.IGNORECASE | re.DOTALL)

# Not after a character that makes it a part of a URL, of a relative path or of an f-string.
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./~})\-])/(?:home|Users|root|tmp|work|content|private|var/folders)/"
    r"|file:///"
    r"|(?<!\w)[A-Za-z]:(?:/(?!/)|\\(?![nrt\s\"']))"
)
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
# What differs from processor to processor or from version to version, and what to write instead.
UNSTABLE = {
    re.compile(r"argsort\((?![^\n]*kind=\"stable\")"): 'give it `kind="stable"`, on the same line',
    re.compile(r"\bdetect_multi_scale\b|\bCascade\("): "call `detection.cascade_windows`",
    re.compile(r"\b(?:Stratified)?GroupKFold\b"): "number the folds, and use `PredefinedSplit`",
}
# What a reader of a figure stumbles over, in the code that draws it, and what to write instead;
# what only the figure itself shows, `figure_faults` finds when a chapter runs.
OWN_COLOUR = "take one of `plots`, in its `tone` for text"
HARD_TO_READ = {
    re.compile(r"\b(?:fontsize|labelsize)=[0-7](?:\.\d+)?\b"): "write at 8 points or more",
    re.compile(r"\bfigsize=\((?:[89]|\d\d|7\.\d*[1-9])[\d.]*"): "draw at most `plots.WIDTH` across",
    re.compile(r"(?:[\"']#[\da-fA-F]{3,8}|color=[\"'](?:0?\.\d+|C\d|tab:\w+))[\"']"): OWN_COLOUR,
}
COLOUR = re.compile(r"\x1b\[[\d;]*m")

TOP_HEADING = re.compile(r"^# \S|^=+\s*$", re.MULTILINE)
# What only Jupyter Book reads, and what to write instead.
RAW = {
    re.compile(r"(?<!`)\{[\w:-]+\}`"): "write words, or a link to references.md#key",
    re.compile(r"^[> ]*(?:`{3,}|~{3,}|:{3,}) *\{", re.MULTILINE): "write a quotation with a title",
    re.compile(r"^\([\w-]+\)= *$", re.MULTILINE): "remove it, and link to the heading below it",
    re.compile(r"\$\$ ?\([\w-]+\)"): r"write its number into the formula, as `\tag{4.2}`",
}
VERDICT = re.compile(r"\b(?:True|False)\W*$")
# Ends of sentences: not after a single letter or what is short for something, nor in "0.5"
SENTENCE_END = re.compile(
    r"(?<!\b\w)(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bal)[.?!][)*\"’”]*(?=\s|$)"
)
EXERCISE = re.compile(r"^> \*\*(?P<title>\d+\. .+ \((?:easy|medium|hard)\))\*\* *$", re.MULTILINE)
COMMENT_AT_END = re.compile(r"\n *#.*\s*\Z")


class Problem(NamedTuple):
    """What is wrong, and how to put it right, in a cell (or, with None, in the whole notebook)."""

    cell: int | None
    what: str
    fix: str


Rule = Callable[[NotebookNode, Path], Iterator[Problem]]


# The rules -----------------------------------------------------------------------------------


def kernel_metadata(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require one format and kernel for everyone, and no metadata that a tool left."""
    kept = {key: value for key, value in notebook.metadata.items() if key not in NOTEBOOK_KEYS}
    if kept != KERNEL or notebook.nbformat_minor != 5:
        yield Problem(None, "the kernel, format or metadata is not the book's", NORMALISE)


def execution_counts(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that the code cells ran once each, top to bottom, in a fresh kernel."""
    filled = [(n, cell) for n, cell in numbered(notebook, "code") if cell.source.strip()]
    for expected, (number, cell) in enumerate(filled, start=1):
        if cell.execution_count != expected:
            what = f"the execution count is {cell.execution_count}, not {expected}"
            yield Problem(number, what, EXECUTE)
            return


def colab_badge(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require in the first cell the badge that opens this very file in Colab."""
    badge = colab.badge(path)
    lines = notebook.cells[0].source.splitlines() if notebook.cells else []
    if badge not in lines:
        yield Problem(1, f"the Colab badge is not {badge}", NORMALISE)


def colab_install(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that the first code cell installs the package in Colab."""
    for number, cell in numbered(notebook, "code")[:1]:
        tagged = colab.INSTALL_TAG in tags(cell)
        if cell.source != colab.install_cell(path) or not tagged:
            what = f"the first code cell is not the install cell with the tag {colab.INSTALL_TAG}"
            yield Problem(number, what, NORMALISE)


def output_alt_text(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require, for every figure that a cell draws, a text for those who cannot see it."""
    for number, cell in numbered(notebook, "code"):
        if any(mime.startswith("image/") for mime in output_types(cell)):
            fault = alt_fault(figure_alt(cell), MIN_ALT_LENGTH)
            if fault:
                fix = (
                    'set the cell metadata {"mystnb": {"image": {"alt": "what the figure shows"}}}'
                )
                yield Problem(number, f"the figure's alt text {fault}", fix)


def markdown_alt_text(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require, for every image in the text, a text for those who cannot see it."""
    for number, cell in numbered(notebook, "markdown"):
        for alt in image_alts(prose(cell.source)):
            if alt_fault(alt):
                fix = "write ![alt](file) or <img alt=...>"
                yield Problem(number, f"an image's alt text {alt_fault(alt)}", fix)


def absolute_path(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject a path that exists on one machine only."""
    for number, cell in numbered(notebook):
        for line in "\n".join([cell.source, *output_texts(cell)]).splitlines():
            if ABSOLUTE_PATH.search(line):
                fix = "use a path relative to the notebook's folder"
                yield Problem(number, f"an absolute path in `{shorten(line)}`", fix)


def output_size(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject an output so large that it bloats the page and the repository."""
    for number, cell in numbered(notebook, "code"):
        for output in cell.outputs:
            size = len(json.dumps(output, ensure_ascii=False).encode())
            if size > MAX_OUTPUT_SIZE:
                what = f"an output of {size / 1000:.0f} kB is above {MAX_OUTPUT_SIZE // 1000} kB"
                yield Problem(number, what, "show less, or lower the figure's size or dpi")


def strict_comparison(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that nearly all stored outputs are compared with those of a fresh run."""
    shown = [cell for cell in code_cells(notebook) if cell.outputs]
    loose = [cell for cell in shown if LOOSE_TAGS & tags(cell)]
    if 100 * len(loose) > (100 - MIN_STRICT_PERCENT) * len(shown):
        what = f"{len(loose)} of {len(shown)} cells with output are not compared"
        fix = f"make outputs repeatable and remove the tags {' and '.join(sorted(LOOSE_TAGS))}"
        yield Problem(None, what, fix)


def nbval_tags(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require the spelling of tags that nbval knows: it ignores all others silently."""
    for number, cell in numbered(notebook, "code"):
        for tag in sorted(tags(cell) - NBVAL_TAGS):
            if tag.lower().startswith(("nbval", "pytest")):
                fix = f"use one of {', '.join(sorted(NBVAL_TAGS))} or raises-exception"
                yield Problem(number, f"the tag {tag} is not one that the book uses", fix)


def nbval_comments(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject comments for nbval: a tag does the same, and readers do not see it."""
    for number, cell in numbered(notebook, "code"):
        if NBVAL_COMMENT.search(cell.source):
            fix = "remove it and give the cell the tag, such as nbval-ignore-output"
            yield Problem(number, "a comment for nbval in the code", fix)


def no_svg_output(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject SVG: its random ids differ at each run, and nbval compares them."""
    for number, cell in numbered(notebook, "code"):
        if "image/svg+xml" in output_types(cell):
            yield Problem(number, "an SVG output, which never matches a fresh run", "show a PNG")


def no_error_output(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject a stored error, unless the chapter shows it on purpose."""
    for number, cell in numbered(notebook, "code"):
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed and "raises-exception" not in tags(cell):
            fix = "correct the cell, or give it the tag raises-exception if it shall fail"
            yield Problem(number, "a stored error", fix)


def no_stderr(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject stored warnings and logs: they depend on the machine."""
    for number, cell in numbered(notebook, "code"):
        if any(output.get("name") == "stderr" for output in cell.outputs):
            fix = "remove the cause of the warning, or print to the standard output"
            yield Problem(number, "stored output of the standard error stream", fix)


def no_memory_address(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject a memory address in an output: it differs at each run."""
    for number, cell in numbered(notebook, "code"):
        found = MEMORY_ADDRESS.search("\n".join(output_texts(cell)))
        if found:
            fix = "assign the value, end a plot with `plt.show()` or print what matters"
            yield Problem(number, f"a memory address, `{found[0]}`, in the output", fix)


def same_everywhere(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject what has another result on another processor or with another version."""
    for number, _, found, fix in matches(notebook, "code", UNSTABLE):
        yield Problem(number, f"`{found.strip('(')}` differs between machines", fix)


def readable_figures(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject small letters, wide figures and colours of one's own in cells that draw."""
    for number, cell, found, fix in matches(notebook, "code", HARD_TO_READ):
        if "image/png" in output_types(cell):
            yield Problem(number, f"`{found}` reads badly in light, dark or narrow", fix)


def single_title(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require the title at the start of the first cell, and no other top heading."""
    first = notebook.cells[0] if notebook.cells else None
    if not (first and first.cell_type == "markdown" and TITLE.match(first.source)):
        yield Problem(1, "no title", "start the first cell, a Markdown cell, with `# Title`")
        return
    for number, cell in numbered(notebook, "markdown"):
        if len(TOP_HEADING.findall(prose(cell.source))) > (number == 1):
            yield Problem(number, "a second top heading", "use `##` for all but the title")


def internal_links(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that every file and heading exists that the text links to, or shows."""
    for number, cell in numbered(notebook, "markdown"):
        for file, anchor in links.targets(prose(cell.source)):
            if not (path.parent / file).is_file() and file:
                fix = f"write a file's name, relative to {path.parent.as_posix()}/"
                yield Problem(number, f"the link to {file} leads nowhere", fix)
            elif anchor and anchor not in anchors(notebook, path, file):
                fix = "write `#` and the words of a heading, with hyphens for blanks"
                yield Problem(number, f"the link to {file}#{anchor} leads nowhere", fix)


def plain_markdown(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject what JupyterLab, GitHub and Colab show as it is written."""
    for number, _, found, fix in matches(notebook, "markdown", RAW):
        yield Problem(number, f"`{found.strip()}` is no plain Markdown", fix)


def citation_names(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that citations lead to references, and say what those say of authors and year."""
    for number, cell in numbered(notebook, "markdown"):
        for found in references.CITATION.finditer(cell.source):
            known = references.names(path.parent / "references.bib")
            if found["key"] not in known:
                what = f"{found['key']} is not in references.bib"
                yield Problem(number, what, "add it there, or correct the key")
            elif found[0] != references.with_names(found[0], known):
                yield Problem(number, f"`{found['text']}` is not its name", NORMALISE)


def equation_numbers(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that equations are numbered by chapter, in order."""
    cells = numbered(notebook, "markdown")
    tags = [(number, tag) for number, cell in cells for tag in EQUATION_TAG.findall(cell.source)]
    first = chapter(path, [tag for _, tag in tags])
    for count, (number, tag) in enumerate(tags, start=1):
        if tag != f"{first}.{count}":
            yield Problem(number, f"equation {tag} should be {first}.{count}", NORMALISE)
            return


def answer_in_words(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Reject an answer that is a comment at the end of a solution: a page cuts it off."""
    for number, cell in numbered(notebook, "code"):
        if is_solution(cell) and COMMENT_AT_END.search(cell.source):
            fix = "put it into a Markdown cell below, between <details> and </details>"
            yield Problem(number, "the solution ends in a comment", fix)


def figure_caption(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require below every figure one sentence or two on what to see in it."""
    for number, cell in numbered(notebook, "code"):
        count = figures_in(cell)
        if count > 1:
            what = f"{count} figures in one cell, which has one caption"
            yield Problem(number, what, "draw one figure in each cell")
        elif count and caption_fault(cell):
            what = f"the figure's caption {caption_fault(cell)}"
            fix = 'set the cell metadata {"mystnb": {"figure": {"caption": "what to see in it"}}}'
            yield Problem(number, what, fix)


def verdicts(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that nearly all printed lines say something other than True or False."""
    lines = printed_lines(notebook)
    found = [number for number, line in lines if VERDICT.search(line)]
    if len(found) * MAX_VERDICTS > len(lines):
        cells = ", ".join(map(str, dict.fromkeys(found)))
        what = f"{len(found)} of {len(lines)} printed lines end in True or False (cells {cells})"
        yield Problem(None, what, "print the numbers, and assert what holds without a print")


def code_line_length(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require lines of code that a page shows whole, in cells and in blocks of the text."""
    for number, cell in numbered(notebook):
        long = [line for line in code_lines(cell) if len(line) > MAX_CODE_LINE]
        if long:
            what = f"{len(long)} lines above {MAX_CODE_LINE} characters, `{shorten(long[0])}`"
            yield Problem(number, what, "break them: `ruff format` with book/ruff.toml does most")


def quiz_hints(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require a hint of its own for each wrong answer, and right answers in varied places."""
    places = []
    for number, cell in numbered(notebook, "code"):
        for count, question in enumerate(quizzes.questions(cell), start=1):
            places += question.place
            if question.without_hint:
                what = f"question {count}: {question.without_hint} wrong answers have no own hint"
                fix = "give `choice` a list `explain`, or `numeric` the `hints` of usual mistakes"
                yield Problem(number, what, fix)
    if len(places) > 1 and len(set(places)) == 1:
        what = f"all {len(places)} right answers stand in place {places[0] + 1}"
        yield Problem(None, what, "change the order of some questions' options")


def exercise_starter(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require below each exercise a cell to begin with, which marks the place to change."""
    for (number, cell), (_, below) in pairwise([*numbered(notebook), (0, None)]):
        found = EXERCISE.findall(cell.source) if cell.cell_type == "markdown" else []
        for place, title in enumerate(found, start=1):
            if place < len(found) or not is_starter(below):
                fix = "put a code cell below it that runs, with a comment where to change it"
                yield Problem(number, f"exercise {title} has no starter cell", fix)


def words(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require one word for one thing, and English as an editor would have it."""
    for number, found, entry in book_words.in_notebook(notebook):
        yield Problem(number, f"`{found}`: {entry.why}", f"write {entry.write}")


def reading_time(notebook: NotebookNode, path: Path) -> Iterator[Problem]:
    """Require that a chapter says how long it takes to read, as computed."""
    stated = times.stated(notebook)
    if stated is None and re.match(r"\d+_", path.name):
        fix = "write *Reading time: ?* into the first cell, and normalise"
        yield Problem(1, "the time that the chapter takes is not said", fix)
    elif stated not in (None, times.sentence(notebook)):
        what = f"`{stated}` should be `{times.sentence(notebook)}`"
        yield Problem(1, what, NORMALISE)


RULES: list[Rule] = [
    kernel_metadata,
    execution_counts,
    colab_badge,
    colab_install,
    output_alt_text,
    markdown_alt_text,
    absolute_path,
    output_size,
    strict_comparison,
    nbval_tags,
    nbval_comments,
    no_svg_output,
    no_error_output,
    no_stderr,
    no_memory_address,
    same_everywhere,
    readable_figures,
    single_title,
    internal_links,
    plain_markdown,
    citation_names,
    equation_numbers,
    answer_in_words,
    figure_caption,
    verdicts,
    code_line_length,
    quiz_hints,
    exercise_starter,
    words,
    reading_time,
]


# What the rules need: cells and outputs ------------------------------------------------------


def numbered(notebook: NotebookNode, kind: str | None = None) -> list[tuple[int, NotebookNode]]:
    """Return the cells, or those of one kind, each with its number in the notebook."""
    cells = enumerate(notebook.cells, start=1)
    return [(number, cell) for number, cell in cells if kind in (None, cell.cell_type)]


def matches(
    notebook: NotebookNode, kind: str, patterns: dict[re.Pattern, str]
) -> Iterator[tuple[int, NotebookNode, str, str]]:
    """Yield a cell's number, the cell, what a pattern finds first in it, and the pattern's fix."""
    for number, cell in numbered(notebook, kind):
        for pattern, fix in patterns.items():
            found = pattern.search(cell.source)
            if found:
                yield number, cell, found[0], fix


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def output_types(cell: NotebookNode) -> set[str]:
    """Return the MIME types of what a cell displays."""
    return {mime for output in cell.outputs for mime in output.get("data", {})}


def output_texts(cell: NotebookNode) -> list[str]:
    """Return all text that a cell stored, without terminal colours."""
    texts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        texts += [output.get("text", ""), *output.get("traceback", [])]
        texts += [content for mime, content in data.items() if mime.startswith("text/")]
    return [COLOUR.sub("", text) for text in texts]


def shorten(line: str, width: int = 60) -> str:
    """Return the line, cut to `width` characters."""
    line = line.strip()
    return line if len(line) <= width else line[: width - 3] + "..."


# What the rules need: alt texts --------------------------------------------------------------


def figure_alt(cell: NotebookNode) -> str:
    """Return the alt text that MyST-NB gives to the images of a cell."""
    options = cell.metadata.get("mystnb", {}).get("image", {})
    return str(options.get("alt", ""))


def alt_fault(alt: str, min_length: int = 1) -> str:
    """Say what is wrong with an alt text, or return an empty string."""
    alt = alt.strip()
    if not alt:
        return "is missing"
    if IMAGE_FILE.fullmatch(alt):
        return f"is a file name, {alt}"
    if len(alt) < min_length:
        return f"has less than {min_length} characters"
    return ""


def image_alts(text: str) -> list[str]:
    """Return the alt text, empty where there is none, of each image in Markdown."""
    return [
        *(match["alt"] for match in MARKDOWN_IMAGE.finditer(text)),
        *(first_group(HTML_ALT, tag) for tag in HTML_IMAGE.findall(text)),
    ]


def first_group(pattern: re.Pattern, text: str) -> str:
    """Return the group `alt` of the first match, or an empty string."""
    match = pattern.search(text)
    return match["alt"] if match else ""


def caption_fault(cell: NotebookNode) -> str:
    """Say what is wrong with the caption of a cell's figure, or return an empty string."""
    caption = caption_of(cell)
    if not caption:
        return "is missing"
    sentences = len(SENTENCE_END.findall(caption))
    if sentences not in (1, 2):
        return f"has {sentences} sentences, not one or two"
    if " ".join(caption.split()).lower() == " ".join(figure_alt(cell).split()).lower():
        return "is the alt text, which says what is drawn: say what to see"
    return ""


# What the rules need: lines, exercises -------------------------------------------------------


def printed_lines(notebook: NotebookNode) -> list[tuple[int, str]]:
    """Return the lines that cells print or show as text, each with the number of its cell."""
    found = []
    for number, cell in numbered(notebook, "code"):
        for output in cell.outputs:
            data = output.get("data", {})
            shown = data.get("text/plain", "") if set(data) == {"text/plain"} else ""
            lines = f"{output.get('text', '')}\n{shown}".splitlines()
            found += [(number, line) for line in lines if line.strip()]
    return found


def code_lines(cell: NotebookNode) -> list[str]:
    """Return the lines of a code cell, or of the code in a Markdown cell; none that install."""
    if cell.cell_type == "code":
        return [] if is_install_cell(cell) else cell.source.splitlines()
    blocks = times.FENCED.finditer(cell.source)
    return [line for block in blocks for line in block["code"].splitlines()]


def is_starter(cell: NotebookNode | None) -> bool:
    """Tell whether a cell is code that readers see and are told to change."""
    if cell is None or cell.cell_type != "code" or is_solution(cell):
        return False
    return re.search(r"^[^\"'#]*#", cell.source, re.MULTILINE) is not None


# What the rules need: Markdown ---------------------------------------------------------------


def anchors(notebook: NotebookNode, path: Path, file: str) -> set[str]:
    """Return what a link to a file of the book, or to the notebook itself, may name there."""
    return links.anchors(path.parent / file) if file else set(links.headings(notebook.cells))


def prose(source: str) -> str:
    """Return Markdown without its code: what a fenced block or `backticks` enclose."""
    return book_words.CODE_SPAN.sub("", book_words.FENCED.sub("", source))


# Command line --------------------------------------------------------------------------------


def rule_name(rule: Rule) -> str:
    """Return the name of a rule: `colab-badge` for `colab_badge`."""
    return rule.__name__.replace("_", "-")


@cache
def unedited(root: Path) -> dict[str, list[str]]:
    """Return, by the name of a chapter, the rules that it does not keep yet."""
    path = root / "tools" / "unedited.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def prune(path: Path) -> None:
    """Take the rules that a chapter keeps now off the list of what is to be edited."""
    root, notebook = colab.book_root(path), read(path)
    listed = unedited(root).get(path.stem, [])
    left = [rule for rule in RULES if rule_name(rule) in listed and list(rule(notebook, path))]
    names = "".join(f'    "{rule_name(rule)}",\n' for rule in left)
    entry = re.compile(rf"^{re.escape(path.stem)} = \[[^\]]*\]\n\n?", re.MULTILINE)
    change(root / "tools" / "unedited.toml", entry, names and f"{path.stem} = [\n{names}]\n\n")
    if code_line_length not in left:  # then ruff looks after its lines
        line = re.compile(rf' *"{re.escape(path.name)}",\n')
        change(root / "book" / "ruff.toml", line, "")
    unedited.cache_clear()


def change(path: Path, pattern: re.Pattern, text: str) -> None:
    """Replace what a pattern finds in a file, which ends in one line break."""
    old = path.read_text("utf-8")
    path.write_text(pattern.sub(lambda _: text, old).rstrip("\n") + "\n", "utf-8")


def problems(rule: Rule, notebook: NotebookNode, path: Path) -> list[Problem]:
    """Return what a rule finds, or, where the chapter is not edited yet, that it finds nothing."""
    found = list(rule(notebook, path))
    if rule_name(rule) not in unedited(colab.book_root(path)).get(path.stem, ()):
        return found
    fix = f'take "{rule_name(rule)}" off the list of {path.stem} in tools/unedited.toml'
    return [] if found else [Problem(None, "the chapter keeps this rule now", fix)]


def lint(path: Path) -> dict[str, list[Problem]]:
    """Check one notebook against all rules.

    Parameters
    ----------
    path : Path
        The notebook. The nearest `_config.yml` above it tells which book it belongs to.

    Returns
    -------
    dict
        The problems by the name of the rule; a rule without a problem is left out.
    """
    notebook = read(path)
    validate(notebook)
    found = {rule_name(rule): problems(rule, notebook, path) for rule in RULES}
    return {name: listed for name, listed in found.items() if listed}


def report(path: Path) -> int:
    """Print the problems of one notebook and return its exit code."""
    try:
        found = lint(path)
    except (OSError, ValueError) as error:
        print(f"{path}: cannot be checked: {error}")
        return 2
    for name, listed in found.items():
        for cell, what, fix in listed:
            place = f"cell {cell}" if cell else "notebook"
            print(f"{path}: {place}: [{name}] {what}: {fix}")
    return 1 if found else 0


def counts(path: Path) -> dict[str, int]:
    """Return what is left to edit in a chapter, by the heading of a column."""
    notebook = read(path)
    printed = [bool(VERDICT.search(line)) for _, line in printed_lines(notebook)]
    cells = [cell for _, cell in numbered(notebook)]
    asked = [question for cell in code_cells(notebook) for question in quizzes.questions(cell)]
    return {
        "printed": len(printed),
        "verdicts": sum(printed),
        "figures": sum(map(figures_in, code_cells(notebook))),
        "no caption": len([*figure_caption(notebook, path)]),
        "questions": len(asked),
        "no hint": sum(question.without_hint for question in asked),
        "code": sum(len(code_lines(cell)) for cell in cells),
        f"above {MAX_CODE_LINE}": sum(
            len(line) > MAX_CODE_LINE for cell in cells for line in code_lines(cell)
        ),
        "exercises": sum(len(EXERCISE.findall(cell.source)) for cell in cells),
        "no starter": len([*exercise_starter(notebook, path)]),
        "words": len([*words(notebook, path)]),
        "minutes": times.minutes(notebook),
    }


def print_counts(paths: list[Path]) -> None:
    """Print a table of what is left to edit, with the sums in its last row."""
    rows = {path.stem: counts(path) for path in paths}
    columns = list(next(iter(rows.values())))
    rows["all"] = {name: sum(row[name] for row in rows.values()) for name in columns}
    wide = max(map(len, rows))
    print(" " * wide, *columns, sep="  ")
    for name, row in rows.items():
        print(f"{name:<{wide}}", *(f"{row[column]:>{len(column)}}" for column in columns), sep="  ")


def main(arguments: list[str] | None = None) -> int:
    """Check the notebooks; return the highest of their exit codes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--counts", action="store_true", help="print what is left to edit")
    parser.add_argument("--prune", action="store_true", help="take what holds off the list first")
    options = parser.parse_args(arguments)
    for path in options.paths if options.prune else ():
        prune(path)
    if options.counts:
        print_counts(options.paths)
        return 0
    codes = [report(path) for path in options.paths]
    print(f"checked: {len(codes)}, with problems: {len(codes) - codes.count(0)}")
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
