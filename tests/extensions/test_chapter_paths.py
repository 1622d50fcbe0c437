"""The table of the paths: what each chapter says of itself, and paths that can be walked."""

import json
import tomllib
from pathlib import Path

import chapter_paths
import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = chapter_paths.chapters_of(BOOK)
PATHS = tomllib.loads((BOOK / chapter_paths.SOURCE).read_text("utf-8"))["paths"]


def write_chapter(folder, *texts):
    cells = [{"cell_type": "markdown", "source": [text]} for text in texts]
    path = folder / "07_cross_entropy.ipynb"
    path.write_text(json.dumps({"cells": cells}), "utf-8")
    return path


def test_a_chapter_builds_on_the_earlier_ones_that_it_names(tmp_path):
    needs = "**You need first** [one](03_a.ipynb), [two](06_b.ipynb#c), later [three](08_d.ipynb)."
    chapter = write_chapter(tmp_path, "*Reading time: about 35 minutes.*", needs, "[x](01_e.ipynb)")
    assert chapter_paths.facts(chapter) == (35, [3, 6])


def test_a_chapter_that_does_not_say_its_time_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"07_cross_entropy\.ipynb does not say"):
        chapter_paths.facts(write_chapter(tmp_path, "# A chapter"))


@pytest.mark.parametrize(("minutes", "words"), [(270, "4½ h"), (360, "6 h"), (44, "½ h")])
def test_minutes_are_rounded_to_half_hours(minutes, words):
    assert chapter_paths.hours(minutes) == words


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path["name"])
def test_whoever_walks_a_path_has_read_or_knows_what_each_chapter_needs(path):
    read = set(path["knows"])
    for chapter in (number for sitting in path["read"] for number in sitting):
        assert set(chapter_paths.facts(CHAPTERS[chapter - 1])[1]) <= read
        read.add(chapter)


def test_the_paths_lead_through_every_chapter():
    assert {n for path in PATHS for sitting in path["read"] for n in sitting} == set(
        range(1, len(CHAPTERS) + 1)
    )
