"""Numbers for what code cells draw: which outputs count, in which order, and what links to them."""

import base64
import io
from types import SimpleNamespace

import nbformat
import numbered_figures
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.console import strip_colors
from sphinx.util.docutils import docutils_namespace, patch_docutils

CONFIGURATION = """\
extensions = ["myst_nb", "numbered_figures"]
exclude_patterns = ["_build"]
html_theme = "basic"
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
numfig = True
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}  # no default that tests share
suppress_warnings = ["epub.unknown_project_files"]
"""
PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
).decode()
PICTURE = {"image/png": PIXEL, "text/plain": "<Figure>"}
LIVE = {"text/html": '<div class="ft-live" data-live="x">live</div>', "text/plain": "live"}
QUIZ = {"text/html": '<div class="ft-live"><form class="ft-question"></form></div>'}
TABLE = {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "1"}
MENTIONS = """\
# Figure 4.1 in a heading

See Figure 4.2, Figure 4.4 and Figure 5.1, but not `Figure 9.1`.
"""


def notebook(title, *cells, caption=None):
    """Return the text of a notebook: each cell is Markdown, or a list of outputs."""
    metadata = {"mystnb": {"figure": {"caption": caption}}} if caption else {}
    made = [new_markdown_cell(f"# {title}")]
    for cell in cells:
        if isinstance(cell, str):
            made.append(new_markdown_cell(cell))
        else:
            outputs = [new_output("display_data", data) for data in cell]
            made.append(new_code_cell("draw()", outputs=outputs, execution_count=1))
            made[-1].metadata = metadata
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.writes(new_notebook(cells=made, metadata=kernel))


FOUR = notebook("Four", [TABLE], [PICTURE, PICTURE], [QUIZ], "Text, and Figure 5.1.", [LIVE])
FILES = {
    "index.md": "# Index\n\n```{toctree}\n04_four\n05_five\nextra\nwords\n```\n",
    "04_four.ipynb": FOUR,
    "05_five.ipynb": notebook("Five", "Figure 4.3 again.", [PICTURE]),
    "extra.ipynb": notebook("No chapter", [PICTURE]),
    "words.md": MENTIONS.replace("Figure 4.4", "Figure 4.3"),
}


@pytest.fixture
def build(tmp_path):
    """A function that builds a little book and returns its folder and what Sphinx warned of."""
    (tmp_path / "conf.py").write_text(CONFIGURATION, "utf-8")

    def write(files):
        for name, text in files.items():
            (tmp_path / name).write_text(text, "utf-8")

    def build(builder="html", **changed):
        write({name.replace("__", "."): text for name, text in changed.items()})
        out, warnings = tmp_path / "_build" / builder, io.StringIO()
        with patch_docutils(), docutils_namespace():
            trees = tmp_path / "_build" / "trees"
            app = Sphinx(tmp_path, tmp_path, out, trees, builder, None, None, warnings)
            app.build()
        return out, strip_colors(warnings.getvalue())

    write(FILES)
    return build


def read(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def captions(page):
    """Return the id and the caption of each figure."""
    return [(f["id"], f.figcaption.find(string=True)) for f in page.find_all("figure")]


def targets(page):
    """Return the words and the target of each link that mentions a figure."""
    found = page.select("p a")
    return [(a.get_text(), a["href"]) for a in found if a.get_text().startswith("Figure")]


def test_pictures_and_live_figures_are_numbered_and_linked_to(build):
    out, warnings = build()
    assert warnings == ""
    four, five, extra = (read(out / f"{name}.html") for name in ("04_four", "05_five", "extra"))
    assert captions(four) == [(f"figure-4-{n}", f"Figure 4.{n}") for n in (1, 2, 3)]
    first, _, last = four.find_all("figure")
    assert first.img and last.find(class_="ft-live").get_text() == "live"
    assert first.figcaption.a["href"] == "#figure-4-1"
    assert four.find(class_="ft-question") and not four.select("figure .ft-question, figure table")
    assert captions(five) == [("figure-5-1", "Figure 5.1")]
    assert extra.find("img") and captions(extra) == []
    assert targets(four) == [("Figure 5.1", "05_five.html#figure-5-1")]
    assert targets(five) == [("Figure 4.3", "04_four.html#figure-4-3")]
    assert targets(read(out / "words.html")) == [
        ("Figure 4.2", "04_four.html#figure-4-2"),
        ("Figure 4.3", "04_four.html#figure-4-3"),
        ("Figure 5.1", "05_five.html#figure-5-1"),
    ]


@pytest.mark.parametrize(("builder", "suffix"), [("html", "html"), ("epub", "xhtml")])
def test_a_caption_stands_below_its_figure_after_the_number(build, builder, suffix):
    words = "Where $x$ is *large*, as [the text](words.md) says."
    cells = [PICTURE], [LIVE]
    out, _ = build(builder, **{"04_four__ipynb": notebook("Four", *cells, caption=words)})
    figures = read(out / f"04_four.{suffix}").find_all("figure")
    assert [figure["id"] for figure in figures] == ["figure-4-1", "figure-4-2"]
    assert figures[0].img and figures[1].find(class_="ft-live")
    for number, figure in enumerate(figures, start=1):
        for link in figure.select(".headerlink"):
            link.decompose()
        said = " ".join(figure.figcaption.get_text().split())
        assert said.startswith(f"Figure 4.{number} Where ")
        assert said.endswith("large, as the text says.")
        assert not figure.find(id=True), "an id that nothing leads to"
        assert figure.figcaption.em and figure.figcaption.find(class_="math")
        assert figure.figcaption.find("a", href=f"words.{suffix}")


def test_a_caption_is_a_paragraph_in_plain_text(build):
    cells = [PICTURE], "Text."
    out, _ = build("text", **{"04_four__ipynb": notebook("Four", *cells, caption="Look.")})
    lines = (out / "04_four.txt").read_text("utf-8").splitlines()
    assert "Look." in lines and "Text." in lines


def test_a_figure_that_does_not_exist_is_a_warning_until_it_does(build):
    out, warnings = build(words__md=MENTIONS + "\nAnd Figure 7.1 and Figure 4.0.\n")
    lines = sorted(line.partition("WARNING: ")[2] for line in warnings.splitlines())
    missing = ("4.0", "4.4", "7.1")
    assert [line.split(" [")[0] for line in lines] == [f"there is no Figure {n}" for n in missing]
    assert "words.md" in warnings
    build(words__md=MENTIONS)
    more = notebook("Four", [PICTURE, PICTURE], "Text.", [LIVE], [PICTURE])
    out, warnings = build(**{"04_four__ipynb": more})
    assert warnings == ""
    assert ("Figure 4.4", "04_four.html#figure-4-4") in targets(read(out / "words.html"))
    _, warnings = build(**{"04_four__ipynb": notebook("Four", [PICTURE])})
    assert "there is no Figure 4.4" in warnings, "a page that did not change was not checked"


def test_electronic_books_and_plain_text_keep_the_figures(build):
    out, _ = build("epub")
    page = read(out / "04_four.xhtml")
    assert [caption for _, caption in captions(page)] == ["Figure 4.1", "Figure 4.2", "Figure 4.3"]
    assert targets(read(out / "words.xhtml"))[0] == ("Figure 4.2", "04_four.xhtml#figure-4-2")
    out, _ = build("text")
    assert "Figure 4.2" in (out / "words.txt").read_text("utf-8")
    assert "<Figure>" in (out / "04_four.txt").read_text("utf-8")


def test_what_parallel_processes_read_is_gathered_and_what_has_gone_is_forgotten():
    env, other = SimpleNamespace(), SimpleNamespace(figure_counts={"04_four": 3, "05_five": 1})
    numbered_figures.merge(None, env, ["04_four", "words"], other)
    assert env.figure_counts == {"04_four": 3}
    numbered_figures.forget(None, env, "04_four")
    numbered_figures.forget(None, env, "words")
    assert env.figure_counts == {}
