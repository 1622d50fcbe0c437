"""What Colab opens: copies of the chapters, with full addresses, and with solutions folded."""

from pathlib import Path

import colab_copies
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from normalise_notebooks import normalise, read

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
PATH = ROOT / "book" / "04_convolution.ipynb"
COLAB = "https://colab.research.google.com/github/facebook-tut/facebook_tut/blob/main"
PAGES = "https://facebook-tut.github.io/facebook_tut"


def copied(*cells):
    """Return a chapter's copy."""
    title = new_markdown_cell(
        "# A\n\n[![Open](b.svg)](https://colab.research.google.com/a)\n\nText."
    )
    return colab_copies.copy_of(new_notebook(cells=[title, *cells]), PATH)


def test_the_copies_are_those_of_the_chapters(capsys):
    assert colab_copies.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_copy_runs_the_code_of_its_chapter(path):
    copy = read(ROOT / "open_in_colab" / path.name)
    sources = [
        [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        for notebook in (read(path), copy)
    ]
    assert [code.partition("\n")[2] if "@title" in code[:8] else code for code in sources[1]] == (
        sources[0]
    )


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("05_pooling.ipynb", f"{COLAB}/open_in_colab/05_pooling.ipynb"),
        (
            "08_full_training_code.ipynb#Your-own-images",
            "open_in_colab/08_full_training_code.ipynb#scroll",
        ),
        ("#Learn-a-kernel", "#scrollTo="),
        ("references.md#lin2014", f"{PAGES}/book/references.html#lin2014"),
        ("faq.md", f"{PAGES}/book/faq.html"),
        ("https://example.org/a", "https://example.org/a"),
    ],
)
def test_links_are_full_addresses(target, address):
    (title, text) = colab_copies.copy_of(
        new_notebook(cells=[new_markdown_cell("# A"), new_markdown_cell(f"[a]({target})")]), PATH
    ).cells
    assert title.source == "# A" and address in text.source


def test_the_badge_is_left_out_and_cells_can_be_found():
    title, text = copied(new_markdown_cell("Text", id="here")).cells
    assert title.source == "# A\n\nText." and text.metadata.id == "here"


def test_what_is_hidden_is_a_form_and_a_solution_shows_nothing_yet():
    output = new_output("stream", text="2")
    hidden = {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    solution = {"tags": ["hide-cell"], "jupyter": {"source_hidden": True}}
    cells = [
        new_code_cell("a", outputs=[output]),
        new_code_cell("b", outputs=[output], metadata=hidden),
        new_code_cell("c", outputs=[output], metadata=solution, execution_count=3),
    ]
    _, plain, form, answer = copied(*cells).cells
    assert plain.source == "a" and "cellView" not in plain.metadata
    assert form.source == "# @title Code\nb" and form.metadata.cellView == "form" and form.outputs
    assert answer.source == "# @title Solution\nc" and answer.outputs == []


def test_a_live_figure_has_its_caption_below_it():
    live = new_output("execute_result", data={"text/html": '<div class="ft-live"></div>'})
    named = {"mystnb": {"figure": {"caption": "Move it, as [there](faq.md)."}}}
    cells = [new_markdown_cell("# A"), new_code_cell("a", outputs=[live], metadata=named)]
    copy = colab_copies.copy_of(normalise(new_notebook(cells=cells), PATH), PATH)
    address = f"{PAGES}/book/faq.html"
    assert copy.cells[-1].source == f"**Figure 4.1.** Move it, as [there]({address})."
