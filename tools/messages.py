"""What of a chapter or a page is said in a language, and the same in another one.

A notebook's messages are the paragraphs, headings, list items and table cells of its Markdown, the
captions and alternative texts of its figures, and the strings of its code that readers meet: those
of several words, and all that is printed, drawn or asked. In an f-string what stands between braces
is code: a translation has the same, in any order.

`translated_notebook` replaces them and nothing else. All code but those strings stays as it is.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode
from normalise_notebooks import CAPTION_TAGS

EXTENSIONS = {"amsmath", "colon_fence", "deflist", "dollarmath", "smartquotes", "substitution"}
SUMMARY = re.compile(r"(?<=<summary>)[^<]+(?=</summary>)")
LETTERS = re.compile(r"[^\W\d_]{2}")
WORDS = re.compile(r"[^\W\d_]\W* \W*[^\W\d_]")  # two or more
MAGIC = re.compile(r"^(\s*)([%!].*)$", re.MULTILINE)
# Calls whose strings are read, at whatever depth: by the function's name, or its module's.
SHOWING = {"print", "plots", "quiz", "title", "suptitle", "legend", "text", "annotate"}
SHOWING |= {"set", "set_title", "set_xlabel", "set_ylabel", "xlabel", "ylabel"}
FIGURE = (("caption", "figure", "caption"), ("alternative text", "image", "alt"))
NEVER = {"colab-install"}  # tags of cells that are code alone

Translate = Callable[["Message"], str]


class Message(NamedTuple):
    """One text: its words, the id of its cell, and what it is."""

    text: str
    cell: str
    kind: str


@cache
def parser() -> MarkdownIt:
    """Return the parser of Markdown with the extensions that the book uses."""
    return create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)


def messages(notebook: NotebookNode) -> list[Message]:
    """Return all messages of a notebook in their order, each text of a kind once."""
    found = {}

    def note(message: Message) -> str:
        found.setdefault((message.text, message.kind == "code"), message)
        return message.text

    translated_notebook(notebook, note)
    return [*found.values()]


def translated_notebook(notebook: NotebookNode, translate: Translate) -> NotebookNode:
    """Return a copy of a notebook with the messages that `translate` gives; outputs stay."""
    made = copy.deepcopy(notebook)
    shown = shown_strings(made)
    for cell in made.cells:
        tags = set(cell.metadata.get("tags", ()))
        if cell.cell_type == "markdown" and not tags.issuperset(CAPTION_TAGS):
            cell.source = translated_markdown(cell.source, cell.id, translate)
        elif cell.cell_type == "code" and not tags & NEVER:
            cell.source = translated_code(cell.source, cell.id, translate, shown)
            for kind, holder, name in figure_words(cell):
                holder[name] = translate(Message(holder[name], cell.id, kind))
    return made


def figure_words(cell: NotebookNode) -> Iterator[tuple[str, dict, str]]:
    """Yield the caption and the alternative text of a code cell: kind, holder and name."""
    shown = cell.metadata.get("mystnb", {})
    for kind, part, name in (
        ("caption", "figure", "caption"),
        ("alternative text", "image", "alt"),
    ):
        if shown.get(part, {}).get(name):
            yield kind, shown[part], name


# Markdown


def translated_markdown(source: str, place: str, translate: Translate) -> str:
    r"""Return Markdown with its texts translated; code, formulas of their own and marks stay.

    >>> upper = lambda message: message.text.upper()
    >>> translated_markdown("## Pooling\n\n- a *map*\n\n$$y = x$$", "cell-01", upper)
    '## POOLING\n\n- A *MAP*\n\n$$y = x$$'
    """
    lines = source.split("\n")
    done = [0] * len(lines)  # how far each line is translated
    tokens = parser().parse(source)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and LETTERS.search(token.content):
            kind = kind_of(before)
            put(lines, done, token, translate(Message(token.content, place, kind)))
        elif token.type == "html_block":
            for row in range(*token.map):
                lines[row] = SUMMARY.sub(
                    lambda found: translate(Message(found[0], place, "summary")), lines[row]
                )
    return "\n".join(line for line in lines if line is not None)


def kind_of(before: Token | None) -> str:
    """Return what a text is, by the token before it."""
    kind = before.type.removesuffix("_open") if before else ""
    names = {"heading": "heading", "td": "table cell", "th": "head of a column"}
    return names.get(kind, "text")


def put(lines: list, done: list[int], token: Token, text: str) -> None:
    """Replace a token's content in its lines; what is before and after it in them stays.

    A text on as many lines as the content keeps what stands before each; another is put on one.
    """
    parts, row = token.content.split("\n"), token.map[0]
    told = text.split("\n") if text.count("\n") == len(parts) - 1 else [text.replace("\n", " ")]
    for part in parts:
        start = lines[row].index(part, done[row])
        own = told.pop(0) if told else ""
        lines[row] = lines[row][:start] + own + lines[row][start + len(part) :]
        done[row] = start + len(own)
        if not own.strip() and not lines[row].strip("> "):
            lines[row] = None
        row += 1


# Code


def shown_strings(notebook: NotebookNode) -> set[str]:
    """Return the strings of a notebook's code that readers meet."""
    found = set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and not set(cell.metadata.get("tags", ())) & NEVER:
            tree = parsed(cell.source)
            everywhere = {text for node, text in strings(tree) if WORDS.search(text)}
            read = [node for node in ast.walk(tree) if shows(node)]
            found |= everywhere | {text for node in read for _, text in strings(node)}
    return {text for text in found if LETTERS.search(without_code(text))}


def parsed(source: str) -> ast.Module:
    """Return the tree of a cell's code, with its magics as comments."""
    return ast.parse(MAGIC.sub(r"\1pass  # \2", source))


def shows(node: ast.AST) -> bool:
    """Return whether a node is a call that prints, draws or asks."""
    if not isinstance(node, ast.Call):
        return False
    names = {
        part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "")
        for part in ast.walk(node.func)
    }
    return bool(names & SHOWING)


def strings(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Yield the strings of some code, and of f-strings the template; docstrings are code."""
    held = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    held |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in held:
            continue
        if isinstance(node, ast.JoinedStr):
            yield node, template(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value


def template(node: ast.JoinedStr) -> str:
    """Return an f-string's text, with the code between braces as `ast` writes it."""
    written = ast.unparse(node)
    return ast.literal_eval(written[1:])


def without_code(text: str) -> str:
    """Return a template without what is between braces."""
    return re.sub(r"\{[^{}]*\}", "", text)


def translated_code(source: str, place: str, translate: Translate, shown: set[str]) -> str:
    r"""Return code with those of its strings that readers meet translated.

    >>> upper = lambda message: message.text.replace("mean", "MEAN")
    >>> translated_code('print(f"mean {x:.2f}", "mean")', "cell-01", upper, {"mean {x:.2f}"})
    'print(f"MEAN {x:.2f}", "mean")'
    """
    tree, data = parsed(source), source.encode()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node, text in sorted(strings(tree), key=lambda found: place_of(found[0]), reverse=True):
        if text not in shown:
            continue
        told = translate(Message(text, place, "code"))
        if told == text:
            continue
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[node.end_lineno - 1] + node.end_col_offset
        data = data[:first] + literal(told, node).encode() + data[last:]
    return data.decode()


def place_of(node: ast.expr) -> tuple[int, int]:
    """Return the line and the byte at which a node begins."""
    return node.lineno, node.col_offset


def literal(text: str, node: ast.expr) -> str:
    """Return a string as code, in double quotes where that can be."""
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(node, ast.JoinedStr):
        return f"f{quoted}" if '"' not in text else f"f{text!r}"
    return quoted
