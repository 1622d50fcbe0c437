"""What a second look at an enrolment finds, and what it leaves alone."""

import numpy as np
import pytest

from facebook_tut.matching import Doubt, Gallery, enrolment_doubts
from facebook_tut.matching import doubts as module

PEOPLE, PICTURES, LENGTH = 12, 4, 64


def population(seed=0):
    """Return names and embeddings: a person's have a mean cosine of about .6, two people's of 0."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(PEOPLE, 1, LENGTH)) / np.sqrt(LENGTH)
    rows = centres + 0.8 * generator.normal(size=(PEOPLE, PICTURES, LENGTH)) / np.sqrt(LENGTH)
    return np.repeat([f"person {n}" for n in range(PEOPLE)], PICTURES), rows.reshape(-1, LENGTH)


def doubts_of(names, rows, **options):
    gallery = Gallery()
    for name, row in zip(names, rows, strict=True):
        (gallery.update if name in gallery else gallery.enrol)(name, row)
    options = {"threshold": 0.6, "least": 0.2} | options
    return enrolment_doubts(gallery, [*names], rows, **options)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_odd_about_people_who_are_who_they_are(seed):
    assert doubts_of(*population(seed)) == []


@pytest.mark.parametrize("scale", [1, 1e-3, 7])
def test_a_wrong_name_is_found_and_whose_it_is(scale):
    names, rows = population()
    names = names.copy()
    names[5] = "person 9"  # was of person 1
    found = doubts_of(names, rows * scale)
    assert [(doubt.row, doubt.kind) for doubt in found] == [(5, "other person"), (5, "stranger")]
    assert found[0].other == "person 1" and found[1].other == "person 9"
    assert found[0].score > 0.6 > 0.2 > found[1].score


@pytest.mark.parametrize("block", [3, 1024])
def test_a_copy_is_named_with_the_first_of_its_kind(monkeypatch, block):
    monkeypatch.setattr(module, "BLOCK", block)
    names, rows = population()
    rows[[7, 30, 41]] = rows[2] * 3, rows[2], rows[20] + 1e-4
    found = {doubt.row: doubt.other for doubt in doubts_of(names, rows) if doubt.kind == "copy"}
    assert found == {7: 2, 30: 2, 41: 20}


def test_who_has_one_photograph_is_no_stranger_to_himself():
    assert doubts_of(["Ada", "Eve"], np.eye(2)) == []
    assert doubts_of(["Ada"], np.eye(1, 3)) == []
    same = doubts_of(["Ada", "Eve"], [[1, 0], [0.9, 0.436]], threshold=0.8)
    assert [(doubt.row, doubt.kind, doubt.other) for doubt in same] == [
        (0, "other person", "Eve"),
        (1, "other person", "Ada"),
    ]


def test_what_is_wrong_is_named():
    gallery = Gallery()
    gallery.enrol("Ada", [1, 0])
    for arguments, words in (
        ((gallery, ["Ada"], [[1, 0]], 2, 0), "threshold"),
        ((gallery, ["Ada"], [[1, 0]], 0, np.nan), "least"),
        ((gallery, ["Ada", "Ada"], [[1, 0]], 0, 0), "embeddings"),
        ((gallery, ["Eve"], [[1, 0]], 0, 0), "nobody named 'Eve'"),
    ):
        with pytest.raises(ValueError, match=words):
            enrolment_doubts(*arguments[:3], threshold=arguments[3], least=arguments[4])
    for names in (None, 5, "Ada"):
        with pytest.raises(TypeError, match="names must be a list of names"):
            enrolment_doubts(gallery, names, [[1, 0]], threshold=0, least=0)
    with pytest.raises(TypeError, match="gallery must be a Gallery"):
        enrolment_doubts(None, ["Ada"], [[1, 0]], threshold=0, least=0)
    assert enrolment_doubts(gallery, [" Ada"], [[1, 0]], threshold=0.5, least=0.2) == []
    assert Doubt(0, "copy", 1, 1.0) == Doubt(0, "copy", 1, 1.0)
