"""Each fault that a figure can have is found, and nothing in a figure without any."""

import figure_faults
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_faults import faults
from nbformat.v4 import new_code_cell, new_notebook, writes


@pytest.fixture
def axis():
    """Axes on which nothing is wrong, in the book's style."""
    plt.close("all")  # of other tests
    with plt.style.context("facebook_tut.book"):
        figure, axis = plt.subplots(figsize=(5, 3), layout="constrained")
        axis.plot([0, 1], [0, 1])
        axis.set(xlabel="x", title="A title")
        yield axis
        plt.close(figure)


def test_a_figure_without_fault(axis):
    shown = axis.get_position().bounds
    assert faults(axis.figure) == []
    assert faults(axis.figure) == []
    assert axis.get_title() == "A title" and axis.title.get_alpha() is None
    assert axis.get_position().bounds != shown  # drawn, as it is before it is shown


def test_text_that_is_too_small(axis):
    axis.text(0.2, 0.7, "small", fontsize=7)
    assert faults(axis.figure) == ["'small' is 10 pixels high"]


def test_a_figure_that_the_page_makes_smaller(axis):
    axis.figure.set_size_inches(12, 3)
    found = faults(axis.figure)
    assert found[0].startswith("it is ") and found[0].endswith(" inches wide, and a page holds 7.1")
    assert any("pixels high" in fault for fault in found[1:])


def test_a_hyphen_for_a_minus_sign_and_none_within_words(axis):
    axis.text(0.1, 0.8, "k-same 2013-15 −1 $10^{-1}$")
    assert faults(axis.figure) == []
    axis.text(0.6, 0.1, "z = -1")
    assert faults(axis.figure) == ["'z = -1' has a hyphen for a minus sign"]


def test_texts_that_touch_or_run_together(axis):
    axis.text(0.1, 0.8, "one")
    axis.text(0.15, 0.8, "two")
    assert faults(axis.figure)[0] == "'one' and 'two' touch"


@pytest.mark.parametrize(
    ("colour", "pages"),
    [("#0060AC", ["black"]), ("#DD7700", ["white"]), ("black", ["black"]), ("#757575", [])],
)
def test_text_without_contrast_on_white_or_on_black(axis, colour, pages):
    axis.text(0.1, 0.8, "words", color=colour)
    found = [f"'words' is hard to read on {page}: 0% contrasts" for page in pages]
    assert faults(axis.figure) == found


def test_text_on_a_line_on_a_picture_and_in_a_box_of_its_own(axis):
    axis.text(0.5, 0.5, "on a line", ha="center", va="center")
    assert {fault.split(":")[0] for fault in faults(axis.figure)} == {
        f"'on a line' is hard to read on {page}" for page in ("white", "black")
    }
    axis.texts[0].remove()
    axis.imshow(np.eye(16), extent=(0, 1, 0, 1), aspect="auto")
    words = axis.text(0.5, 0.5, "on a picture", ha="center", color="black")
    assert len(faults(axis.figure)) == 2
    words.set_bbox({"facecolor": "white", "pad": 2})
    assert faults(axis.figure) == []


def test_markers_that_the_axes_cut(axis):
    (line,) = axis.plot([0, 0.5, 2], [0.5, 0.5, 0.5], "o")
    axis.set_xlim(0, 1)
    assert faults(axis.figure) == ["the axes cut 2 of the markers of a line"]
    line.set_clip_on(False)
    axis.set_xlim(0, 2)
    assert faults(axis.figure) == []


def test_pictures_that_are_too_small(axis):
    inset = axis.figure.add_axes((0.2, 0.5, 0.1, 0.1), xticks=[], yticks=[])
    inset.imshow(np.eye(3))  # a kernel
    assert faults(axis.figure) == []
    inset.imshow(np.eye(16))
    assert [fault.split(" is ")[0] for fault in faults(axis.figure)] == ["a picture"]


def test_a_kernel_writes_what_it_finds_in_the_figures_that_it_shows(axis, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.get_fignums()))
    figure_faults.watch(tmp_path)
    axis.text(0.2, 0.7, "small", fontsize=7)
    plt.show()
    assert figure_faults.recorded(tmp_path) == ["'small' is 10 pixels high"]
    assert figure_faults.recorded(tmp_path) == []
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("last", "found"),
    [
        ("text(0.1, 0.5, 'words', color='#757575')", None),
        ("text(0.1, 0.5, '-1', color='#757575')", "'-1' has a hyphen for a minus sign"),
        ("no_such_method()", "AttributeError"),
    ],
)
def test_the_command_runs_a_chapter_and_names_cells_and_faults(last, found, tmp_path, capsys):
    sources = "import matplotlib.pyplot as plt", f"plt.figure(facecolor='none').{last}\nplt.show()"
    chapter = tmp_path / "chapter.ipynb"
    chapter.write_text(writes(new_notebook(cells=list(map(new_code_cell, sources)))), "utf-8")
    before = chapter.read_bytes()
    assert figure_faults.main([str(chapter)]) == (found is not None)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{chapter}: {int(found is not None)} faults")
    assert found is None or ("cell 2: " in printed and found in printed)
    assert chapter.read_bytes() == before
