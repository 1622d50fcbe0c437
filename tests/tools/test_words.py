"""The list of words, which its own sentences try, and where a text is looked at."""

import pytest
import words
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ENTRIES = words.entries()


def found_by(entry, text):
    return [found for found, one in words.faults(words.plain(text)) if one is entry]


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.write[:20] for entry in ENTRIES])
def test_an_entry_finds_what_is_wrong_and_leaves_what_is_right(entry):
    assert entry.wrong and all(found_by(entry, text) for text in entry.wrong)
    assert [found_by(entry, text) for text in entry.right] == [[]] * len(entry.right)


def test_an_entry_with_a_misspelt_field_is_refused(tmp_path):
    path = tmp_path / "words.toml"
    fields = 'write = "a"\nnot = ["b"]\nwhy = "c"\nwrong = ["b"]\nright = []\nexcepts = ["d"]'
    path.write_text(f"[[word]]\n{fields}\n")
    with pytest.raises(ValueError, match="'a' has excepts"):
        words.entries(path)


WRONG = "It sounds well."
FIGURE = {"image": {"alt": WRONG}, "figure": {"caption": WRONG}}


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (new_markdown_cell(WRONG), 1),
        (new_markdown_cell("It sounds\nwell, and `sounds well`.\n\n```\nsounds well\n```"), 1),
        (new_markdown_cell("[It](pictures.md)"), 0),
        (new_markdown_cell(WRONG, metadata={"tags": ["caption"]}), 0),
        (new_code_cell(f"%matplotlib inline\nprint('{WRONG}')  # sounds well"), 1),
        (new_code_cell("sounds_well = 'sounds well'"), 0),
        (new_code_cell("draw()", metadata={"mystnb": FIGURE}), 2),
    ],
)
def test_what_readers_read_is_looked_at_and_nothing_else(cell, count):
    notebook = new_notebook(cells=[cell])
    assert [number for number, *_ in words.in_notebook(notebook)] == [1] * count


def test_the_command_lists_and_counts(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(WRONG)
    assert words.main([str(page)]) == 1
    assert f"{page}: cell 1: `sounds well`: " in capsys.readouterr().out
    page.write_text("It sounds good.")
    assert words.main([str(page)]) == 0
