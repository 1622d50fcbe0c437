"""What plain Markdown becomes on the page: boxes, folded answers, numbered equations, links."""

import io

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.console import strip_colors
from sphinx.util.docutils import docutils_namespace, patch_docutils

CONFIGURATION = """\
extensions = ["myst_nb", "numbered_equations", "plain_markdown"]
exclude_patterns = ["_build"]
html_theme = "basic"
math_numfig = False
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "plain_markdown.heading_id"
nb_execution_mode = "off"
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}  # no default that tests share
"""
CHAPTER = r"""
# Four

> **1. By hand (easy)**
>
> What is $a$ in equation (4.1)?

> **What this does not show**
>
> Much.

> **A note**
>
> Text.

> Somebody said **this**.

$$a = b \tag{4.1}$$

$$\begin{aligned}
c &= d
\end{aligned} \tag{4.2}$$

Equation (4.2) follows, as [Deng et al., 2019](references.md#deng2019) say.

<details>
<summary>The solution in words</summary>

It is *b*, and $b = c$.

</details>
"""
REFERENCES = '# References\n\n<a id="deng2019"></a>Deng, J. (2019). *ArcFace*.\n'
OTHER = "# Other\n\n## Is it *here*, too?\n\nSee equation (4.1), [there](#Is-it-here,-too?).\n"
FILES = {
    "index.md": "# Index\n\n```{toctree}\n04_four\nother\nreferences\n```\n",
    "04_four.md": CHAPTER,
    "other.md": OTHER,
    "references.md": REFERENCES,
}


@pytest.fixture
def build(tmp_path):
    """A function that builds a little book and returns its pages and what Sphinx warned of."""
    (tmp_path / "conf.py").write_text(CONFIGURATION, "utf-8")

    def build(**changed):
        for name, text in (FILES | {f"{name}.md": text for name, text in changed.items()}).items():
            if not (tmp_path / name).exists() or name.removesuffix(".md") in changed:
                (tmp_path / name).write_text(text, "utf-8")
        out, warnings = tmp_path / "_build" / "html", io.StringIO()
        with patch_docutils(), docutils_namespace():
            trees = tmp_path / "_build" / "trees"
            Sphinx(tmp_path, tmp_path, out, trees, "html", None, None, warnings).build()
        pages = {path.stem: path.read_text("utf-8") for path in out.glob("*.html")}
        parsed = {name: BeautifulSoup(text, "html.parser") for name, text in pages.items()}
        return parsed, strip_colors(warnings.getvalue())

    return build


def test_a_chapter_looks_as_if_it_were_written_for_the_page(build):
    pages, warnings = build()
    four = pages["04_four"]
    assert warnings == ""
    boxes = [(box["class"][0], box.p.get_text()) for box in four.select("div.admonition")]
    titles = ["1. By hand (easy)", "What this does not show", "A note"]
    assert boxes == list(zip(["tip", "warning", "note"], titles, strict=True))
    assert four.blockquote.get_text(strip=True).startswith("Somebody said")
    answer = four.select_one("div.cell > details.hide")
    prompts = [line.get_text() for line in answer.summary("p")]
    assert prompts == ["Show the solution in words", "Hide the solution in words"]
    assert answer.em.get_text() == "b" and answer.select_one(".math")
    citation = four.find("a", href="references.html#deng2019")
    assert citation.get_text() == "Deng et al., 2019"
    assert citation["title"] == "Deng, J. (2019). ArcFace."
    entry = pages["references"].find(id="deng2019")
    assert entry.get_text() == "Deng, J. (2019). ArcFace."


def test_equations_have_their_numbers_and_the_text_leads_to_them(build):
    pages, _ = build()
    four = pages["04_four"]
    numbers = [
        (node.find_parent("div")["id"], node.find(string=True)) for node in four(class_="eqno")
    ]
    assert numbers == [("equation-4-1", "(4.1)"), ("equation-4-2", "(4.2)")]
    assert r"\tag" not in four.get_text()
    links = [(a.get_text(), a["href"]) for a in four("a") if "quation (" in a.get_text()]
    assert links == [("equation (4.1)", "#equation-4-1"), ("Equation (4.2)", "#equation-4-2")]
    assert pages["other"].find("a", href="04_four.html#equation-4-1")
    assert pages["other"].find("a", href="#is-it-here-too", string="there")


def test_an_equation_or_an_entry_that_does_not_exist_is_a_warning_until_it_does(build):
    _, warnings = build(other="# Other\n\nEquation (4.3) and [A, 2019](references.md#a2019).\n")
    assert "there is no Equation (4.3)" in warnings
    assert "local id not found in doc 'references': 'a2019'" in warnings
    more = CHAPTER + "\n$$e = f \\tag{4.3}$$\n"
    pages, warnings = build(**{"04_four": more})
    assert "there is no" not in warnings
    assert pages["other"].find("a", href="04_four.html#equation-4-3"), "a page was not renewed"
