"""What of a notebook is said in a language: all of it is found, and nothing else is touched."""

import ast
import re
from pathlib import Path

import catalogues
import messages
import nbformat
import pytest
from messages import Message

BOOK = sorted((Path(__file__).parents[2] / "book").glob("[0-9]*.ipynb"))
CHAPTERS = pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
CODE = '''def shown(x):
    """Return it."""
    return f"mean {x:.2f}, " f"of {len([x])}"


names = {"dark": 1, "two words": 2}
assert names["dark"] and "padding" != "same"
print(shown(names["two words"]), "dark", 'it "is"', end="")
_ = plots.image_grid([], ["kernel", "map"], columns=2)
%pip install -q "one two"'''


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=[*cells])


def code(source, **metadata):
    return nbformat.v4.new_code_cell(source, id="code", metadata=metadata)


def blanked(source):
    """Return the tree of code without the words of its strings."""
    tree = ast.parse(messages.MAGIC.sub(r"\1pass", source))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):  # what is between braces stays
            node.values = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def marked(message):
    """Return a translation that is unlike its message, with the same code between braces."""
    return f"译{message.text}" if message.kind != "code" else f"译 {message.text}"


@CHAPTERS
def test_the_same_texts_give_the_same_notebook(path):
    chapter = nbformat.read(path, 4)
    assert messages.translated_notebook(chapter, lambda message: message.text) == chapter


@CHAPTERS
def test_a_translation_changes_strings_and_text_and_no_code(path):
    chapter = nbformat.read(path, 4)
    made = messages.translated_notebook(chapter, marked)
    for one, other in zip(chapter.cells, made.cells, strict=True):
        assert one.id == other.id and one.get("outputs") == other.get("outputs")
        if one.cell_type == "code":
            assert blanked(one.source) == blanked(other.source), one.id
        else:
            numbers = re.compile(r"\$\$.*?\$\$|^(?:#+|>|- |\d+\.|\|)", re.DOTALL | re.MULTILINE)
            assert numbers.findall(one.source) == numbers.findall(other.source), one.id


def test_strings_that_are_read_are_found_wherever_they_are():
    found = messages.messages(notebook(code(CODE)))
    texts = ["map", "kernel", 'it "is"', "dark", "two words", "mean {x:.2f}, of {len([x])}"]
    assert sorted(message.text for message in found) == sorted(texts)
    assert {message.kind for message in found} == {"code"}


def test_a_key_is_translated_with_what_asks_for_it():
    words = {
        "dark": "暗",
        "two words": "两个词",
        "mean {x:.2f}, of {len([x])}": "{len([x])} 个的均值 {x:.2f}",
    }
    [cell] = messages.translated_notebook(
        notebook(code(CODE)), lambda message: words.get(message.text, message.text)
    ).cells
    assert '{"暗": 1, "两个词": 2}' in cell.source and 'names["暗"]' in cell.source
    assert 'return f"{len([x])} 个的均值 {x:.2f}"' in cell.source
    assert '"padding" != "same"' in cell.source and '%pip install -q "one two"' in cell.source
    assert '"""Return it."""' in cell.source


def test_markdown_is_translated_by_paragraphs_headings_items_and_cells_of_tables():
    source = (
        "## A *heading*\n\nTwo words, $x = 1$.\n\n- one\n- two\n  lines\n\n"
        "| name | $n$ |\n| --- | --- |\n| one | 1 |\n\n> **1. Task (easy)**\n>\n> Do it.\n\n"
        "$$y = x$$\n\n```python\nprint('one two')\n```\n"
        "<details>\n<summary>In words</summary>\n\nSo it is.\n\n</details>"
    )
    texts = []

    def told(message):
        texts.append((message.text, message.kind))
        return message.text.upper()

    made = messages.translated_markdown(source, "cell", told)
    assert ("A *heading*", "heading") in texts and ("name", "head of a column") in texts
    assert ("In words", "summary") in texts and ("two\nlines", "text") in texts
    assert "print('one two')" in made and "$$y = x$$" in made
    assert made.lower() == source.lower() and "> **1. TASK (EASY)**\n>\n> DO IT." in made


def test_captions_and_alternative_texts_are_found_and_written_captions_are_not():
    shown = {"figure": {"caption": "See it."}, "image": {"alt": "A face."}}
    cells = [code("plt.show()", mystnb=shown)]
    cells.append(
        nbformat.v4.new_markdown_cell(
            "**Figure 1.1.** See it.", metadata={"tags": [*messages.CAPTION_TAGS]}
        )
    )
    found = messages.messages(notebook(*cells))
    assert [(one.text, one.kind) for one in found] == [
        ("See it.", "caption"),
        ("A face.", "alternative text"),
    ]


def test_a_catalogue_keeps_translations_and_marks_what_changed(tmp_path):
    path = tmp_path / "05.po"
    first = [
        Message("A smaller map of the same face", "c1", "heading"),
        Message("map", "c2", "code"),
    ]
    catalogue = catalogues.updated(catalogues.read(path, "zh_CN"), first)
    catalogue.get(first[0].text).string = "同一张脸的更小的图"
    catalogue.get("map", "code").string = "图"
    catalogues.write(catalogue, path)
    kept = path.read_bytes()
    again = catalogues.read(path, "zh_CN")
    assert catalogues.missing(again, first) == []
    catalogues.write(catalogues.updated(again, first), path)
    assert path.read_bytes() == kept  # nothing changed, so the file did not
    changed = [Message("A smaller map of the same faces", "c1", "heading"), first[1]]
    fuzzy = catalogues.updated(catalogues.read(path, "zh_CN"), changed)
    assert catalogues.missing(fuzzy, changed) == [changed[0]]
    assert fuzzy.get(changed[0].text).fuzzy and fuzzy.get(changed[0].text).string
    assert catalogues.translation(fuzzy, Message("map", "c9", "text")) is None  # another context
