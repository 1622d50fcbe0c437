"""What JupyterLab shows of the chapters' text: its own renderer of Markdown leaves nothing raw.

The renderer, `marked`, comes out of the installed JupyterLab and runs in a JavaScript engine, with
JupyterLab's options. Before that JupyterLab takes the mathematics out; so does this.
"""

import json
import re
from functools import cache
from importlib.metadata import files
from pathlib import Path

import links
import pytest
from bs4 import BeautifulSoup
from py_mini_racer import MiniRacer

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
COPIES = sorted((ROOT / "open_in_colab").glob("*.ipynb"))
# Of JupyterLab's files, the one with this is `marked`; its one module exports what it is asked for.
MARK = "gfm:!0,hooks:null"
LOAD = """\
var self = {};
%s
var module = Object.values(Object.values(self)[0][0][1])[0], exported = {};
module({}, exported, {
  r() {},
  d(target, parts) {
    for (const name in parts) { Object.defineProperty(target, name, { get: parts[name] }); }
  },
});
const render = text => exported.marked.parse(text, { gfm: true });"""
MATH = re.compile(
    r"(?P<code>(`+)(?!`).+?(?<!`)\2(?!`))|\$\$.+?\$\$|(?<!\\)\$[^$]+?(?<!\\)\$", re.DOTALL
)
RAW = re.compile(r"\{[\w:-]+\}|:::|```|^\([\w-]+\)=|\$|\\(?:tag|begin)|\*\*|<\w", re.MULTILINE)


@cache
def engine():
    """Return JupyterLab's renderer."""
    scripts = (file.locate() for file in files("jupyterlab") if file.match("static/*.js"))
    texts = (Path(script).read_text("utf-8") for script in scripts)
    renderer = MiniRacer()
    renderer.eval(LOAD % next(text for text in texts if MARK in text and "Chunk" in text[:99]))
    return renderer


def rendered(text):
    """Return what JupyterLab makes of Markdown, with ∑ for each formula."""
    without = MATH.sub(lambda match: match["code"] or "∑", text)
    return BeautifulSoup(engine().call("render", without), "html.parser")


def texts(path):
    """Return the Markdown cells of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def faults(text):
    """Return what a reader would see raw."""
    page = rendered(text)
    for code in page(["code", "pre"]):
        code.decompose()
    return RAW.findall(page.get_text())


def dead(text, path):
    """Return the links in a chapter's cell that lead nowhere."""
    addresses = [a["href"] for a in rendered(text)("a") if a.get("href")]
    within = [address for address in addresses if not links.SCHEME.match(address)]
    targets = [links.targets(f"]({address})")[0] for address in within]
    return [
        (file, anchor)
        for file, anchor in targets
        if not (path.parent / (file or path.name)).is_file()
        or (anchor and anchor not in links.anchors(path.parent / (file or path.name)))
    ]


each_notebook = pytest.mark.parametrize(
    "path", [*CHAPTERS, *COPIES], ids=lambda path: f"{path.parent.name}-{path.stem}"
)


@each_notebook
def test_a_reader_sees_no_role_directive_label_or_formula_raw(path):
    assert [found for text in texts(path) for found in faults(text)] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_link_of_a_chapter_is_dead(path):
    assert [target for text in texts(path) for target in dead(text, path)] == []


@pytest.mark.parametrize("path", COPIES, ids=lambda path: path.stem)
def test_links_of_a_copy_for_colab_are_full_addresses_or_cells(path):
    ids = [cell["id"] for cell in json.loads(path.read_text("utf-8"))["cells"]]
    cells = {f"#scrollTo={name}" for name in ids}
    found = {a["href"] for text in texts(path) for a in rendered(text)("a") if a.get("href")}
    assert {address for address in found if not address.startswith("https://")} <= cells


def test_an_answer_is_folded_with_its_markdown_rendered():
    page = rendered("<details>\n<summary>A</summary>\n\nIs *this* it?\n\n</details>")
    assert page.details.summary.text == "A" and page.details.em.text == "this"


@pytest.mark.parametrize(
    "text",
    [
        "As {cite}`deng2019` say.",
        "See {eq}`eq-a`.",
        "(a-label)=\n## A heading",
        "$$a$$ (eq-a)\n:::{note}\nText\n:::",
        "A price of 5 $ and no formula",
        "Bold that ** is not**",
    ],
)
def test_what_is_raw_is_found(text):
    assert faults(text)


def test_a_dead_link_is_found():
    text = "[a](04_convolution), [b](faq.md#no-heading), [c](04_convolution.ipynb#Learn-a-kernel)"
    assert dead(text, CHAPTERS[0]) == [("04_convolution", ""), ("faq.md", "no-heading")]
