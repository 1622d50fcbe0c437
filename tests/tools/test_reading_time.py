"""How long a chapter takes: what counts, and where it is written."""

from pathlib import Path

import normalise_notebooks
import pytest
import reading_time
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

TITLE = "# A\n\n*Reading time: ?. It runs in a second.*"
PATH = Path(__file__).parent / "fixtures" / "04_a.ipynb"


def notebook(*cells):
    """Return a notebook of a title, Markdown and code; code is a tuple with its tags."""
    made = [
        new_markdown_cell(cell)
        if isinstance(cell, str)
        else new_code_cell(cell[0], metadata={"tags": [*cell[1:]]})
        for cell in (TITLE, *cells)
    ]
    return new_notebook(cells=made)


def read(*cells):
    """Return the words and lines that count, beyond the title's."""
    title = reading_time.amounts(notebook())["read"]
    amount = reading_time.amounts(notebook(*cells))["read"]
    return amount.words - title.words, amount.lines - title.lines


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Three plain words.", (3, 0)),
        ("A [link to](page.md#somewhere-else) $w^2$ and `code`", (7, 0)),
        ("$$\\begin{aligned} a &= b \\cdot c \\tag{4.1} \\end{aligned}$$", (3, 0)),
        ("Code:\n\n```python\na = 1\n\nb = 2\n```", (1, 2)),
        ("<details>\n<summary>The solution in words</summary>\n\nNo.\n\n</details>", (0, 0)),
        (("a = 1\n\nb = 2",), (0, 2)),
        (("a = 1", "hide-input"), (0, 0)),
        (("a = 1", "hide-cell"), (0, 0)),
    ],
)
def test_what_the_page_shows_counts(cell, expected):
    assert read(cell) == expected


def test_exercises_are_listed_and_not_counted():
    cells = ("One.\n\n## Exercises\n\nTwo three.", ("starter = 1",), "Four.\n\n## Quiz\n\nFive.")
    assert read(*cells) == (2, 0)  # one and five


def test_minutes_are_a_multiple_of_five_and_at_least_that():
    assert reading_time.minutes(notebook()) == 5
    assert reading_time.minutes(notebook("word " * 170 * 12)) == 10
    assert reading_time.minutes(notebook("word " * 170 * 10, ("x = 1\n" * 60,))) == 15


def test_the_normaliser_writes_the_time_and_keeps_what_follows():
    made = notebook("word " * 170 * 20)
    for _ in range(2):
        cells = normalise_notebooks.normalise(made, PATH).cells
        line = cells[0].source.splitlines()[-1]
        expected = "*Reading time: about 20 minutes, exercises not counted. It runs in a second.*"
        assert line == expected


def test_the_table_names_each_chapter(tmp_path, capsys):
    path = tmp_path / "04_a.ipynb"
    path.write_text(normalise_notebooks.to_text(notebook()))
    assert reading_time.main([str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "04_a"
