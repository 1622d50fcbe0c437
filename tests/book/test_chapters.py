"""Every chapter of the book keeps every rule."""

from functools import cache
from pathlib import Path

import pytest
from lint_notebooks import RULES, rule_name
from normalise_notebooks import differs, normalised_text, read, validate

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "book").glob("*.ipynb"))

chapter = cache(read)  # rules only look

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@each_chapter
@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_chapter_keeps_the_rule(path, rule):
    assert list(rule(chapter(path), path)) == []


@each_chapter
def test_chapter_is_a_valid_notebook(path):
    validate(chapter(path))


@each_chapter
def test_chapter_is_normalised(path):
    fix = f"run `python tools/normalise_notebooks.py book/{path.name}`"
    assert not differs(path, normalised_text(path)), fix
