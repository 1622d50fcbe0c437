"""Every chapter of the book keeps every rule."""

import tomllib
from functools import cache
from pathlib import Path

import pytest
from lint_notebooks import MAX_CODE_LINE, RULES, problems, rule_name, unedited
from normalise_notebooks import differs, normalised_text, read, validate
from words import in_file

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
PAGES = [*sorted((ROOT / "book").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
CARD = ROOT / "facebook_tut" / "pretrained" / "MODEL_CARD.md"
MADE = {"api", "references", "model_card"}  # from docstrings, references.bib and CARD
PAGES = [*(page for page in PAGES if page.stem not in MADE), CARD]

chapter = cache(read)  # rules only look

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@each_chapter
@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_chapter_keeps_the_rule(path, rule):
    assert problems(rule, chapter(path), path) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_keeps_the_words_or_is_to_be_edited(page):
    found = [(words, entry.write) for _, words, entry in in_file(page)]
    if "words" in unedited(ROOT).get(page.stem, ()):
        assert found, f"take {page.stem} off the list in tools/unedited.toml"
    else:
        assert found == []


def test_what_is_to_be_edited_is_there():
    names = {path.stem for path in [*CHAPTERS, *PAGES]}
    rules = {rule_name(rule) for rule in RULES}
    assert all(name in names and rules.issuperset(of) for name, of in unedited(ROOT).items())


def test_ruff_leaves_alone_the_chapters_whose_lines_are_to_be_edited():
    settings = tomllib.loads((ROOT / "book" / "ruff.toml").read_text("utf-8"))
    listed = [f"{name}.ipynb" for name, of in unedited(ROOT).items() if "code-line-length" in of]
    assert settings["format"]["exclude"] == sorted(listed)
    assert settings["line-length"] == MAX_CODE_LINE


@each_chapter
def test_chapter_is_a_valid_notebook(path):
    validate(chapter(path))


@each_chapter
def test_chapter_is_normalised(path):
    fix = f"run `python tools/normalise_notebooks.py book/{path.name}`"
    assert not differs(path, normalised_text(path)), fix
