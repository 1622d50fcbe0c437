"""Links to the glossary: the first use of each term in prose, with its definition, and no other.

And the book's own glossary: in order, each term with the chapter that teaches it.
"""

import io
import json
import re
from pathlib import Path

import glossary_links
import pytest
import yaml
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = """\
extensions = ["myst_parser", "glossary_links"]
exclude_patterns = ["_build"]
glossary_links_emphasised = ["batch"]
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
epub_show_urls = "no"
copyright = version = "1"
source_suffix = {".md": "markdown"}  # no default that tests share
suppress_warnings = ["epub.unknown_project_files"]
"""
GLOSSARY = """\
# Glossary

```{glossary}
batch
  Some examples, with a stride.

FAR
false accept rate
  The share of impostors who get in. → [The page](page)

Wilson's interval
  What k of n says.

open set
  Where strangers come.

stride
  How far a window moves. → [The page](page)

stride rate
  A longer term that starts alike.
```
"""
PAGE = """\
# The stride of a heading

[The stride of a link](glossary), `the stride of code`, $stride$ and a bestrider, stride-like.

```
A stride in a block of code
```

| stride in a head |
| --- |
| Strides in a body |

Another stride; the stride rates; it is far from here, and FAR is near, as is a false accept rate.

A batch, a *batch size*, a *Batch* and a *batch*; Wilson’s interval; *open-set search*.
"""
OTHER = "# Other\n\nOnly one stride here.\n"


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A function that builds a little book, with some files replaced; it returns the folder."""
    folder = tmp_path_factory.mktemp("glossary")
    index = "# Index\n\n```{toctree}\npage\nother\nglossary\n```\n"
    files = {"index": index, "page": PAGE, "other": OTHER, "glossary": GLOSSARY}
    (folder / "conf.py").write_text(CONFIGURATION, "utf-8")

    def build(builder="html", **changed):
        for name, text in {**(files if builder not in built else {}), **changed}.items():
            (folder / f"{name}.md").write_text(text, "utf-8")
        built.add(builder)
        out, warnings = folder / "_build" / builder, io.StringIO()
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                folder, folder, out, folder / "_build" / "trees", builder, None, None, warnings
            )
            app.build()
        assert warnings.getvalue() == ""
        return out

    built = set()
    return build


def links(path):
    """Return the words, the target and the title of each link to the glossary in a page."""
    soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    found = soup.find_all("a", class_="glossary-link")
    return [(link.get_text(), link["href"], link["title"]) for link in found]


def test_the_first_use_of_each_term_in_prose_becomes_a_link(build):
    far = "The share of impostors who get in."
    longer = "A longer term that starts alike."
    assert links(build() / "page.html") == [
        ("Strides", "glossary.html#term-stride", "How far a window moves."),
        ("stride rates", "glossary.html#term-stride-rate", longer),
        ("FAR", "glossary.html#term-FAR", far),
        ("Batch", "glossary.html#term-batch", "Some examples, with a stride."),
        ("Wilson’s interval", "glossary.html#term-Wilson-s-interval", "What k of n says."),
        ("open-set", "glossary.html#term-open-set", "Where strangers come."),
    ]


def test_each_page_starts_anew_and_the_glossary_is_left_alone(build):
    out = build()
    assert [words for words, *_ in links(out / "other.html")] == ["stride"]
    assert links(out / "glossary.html") == []


def test_a_link_leads_to_its_term_in_an_electronic_book_too(build):
    out = build("epub")
    _, target, title = links(out / "other.xhtml")[0]
    page, id_ = target.split("#")
    soup = BeautifulSoup((out / page).read_text("utf-8"), "html.parser")
    assert soup.find(id=id_).get_text(strip=True) == "stride"
    assert title == "How far a window moves."


def test_a_changed_definition_reaches_pages_that_did_not_change(build):
    out = build()
    page = out / "other.html"
    before = page.stat().st_mtime_ns
    build()
    assert page.stat().st_mtime_ns == before, "nothing changed, and the page was written again"
    build(glossary=GLOSSARY.replace("How far a window moves", "The step of a window"))
    assert links(page) == [("stride", "glossary.html#term-stride", "The step of a window.")]
    build(glossary=GLOSSARY.replace("stride\n  How far", "pace\n  How far"))
    assert links(page) == []


# The book's own glossary


def entries():
    """Return the terms, the text and the chapter of each entry of the book's glossary."""
    text = (ROOT / "book" / "glossary.md").read_text("utf-8")
    body = re.search(r"```\{glossary\}\n(.*?)\n```", text, re.DOTALL)[1]
    found = []
    for entry in body.split("\n\n"):
        *terms, definition = entry.splitlines()
        text, target = re.fullmatch(r"  (.*) → \[.+\]\((\w+)\.ipynb\)", definition).groups()
        found.append((terms, text, target))
    return found


def test_the_glossary_is_in_alphabetical_order_and_defines_each_term_once():
    first = [terms[0].lower() for terms, *_ in entries()]
    assert first == sorted(first)
    everything = [term.lower() for terms, *_ in entries() for term in terms]
    assert len(set(everything)) == len(everything) >= 70


def test_every_definition_is_a_sentence_or_a_few():
    for terms, text, _ in entries():
        assert text.endswith((".", ".)")) and 20 < len(text) < 220, terms


def test_the_chapter_of_a_term_uses_it():
    chapters = {target: None for *_, target in entries()}
    for target in chapters:
        cells = json.loads((ROOT / "book" / f"{target}.ipynb").read_text("utf-8"))["cells"]
        chapters[target] = "\n".join(
            "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
        )
    for terms, _, target in entries():
        # Emphasis and brackets may stand between the words, as in *Genuine* and *impostor* pairs.
        assert glossary_links.pattern(terms).search(re.sub(r"[*]", "", chapters[target])), terms


def test_everyday_words_that_wait_for_emphasis_are_terms():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    terms = {term for terms, *_ in entries() for term in terms}
    assert set(config["glossary_links_emphasised"]) <= terms
