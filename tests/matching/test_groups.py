"""People are counted alike by the plain clustering and along the graph of the pairs that matter."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facebook_tut import pretrained
from facebook_tut.matching import group_people, groups


def crowd(people, pictures, seed=0, length=48):
    """Return embeddings in some order, and whose they are."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(people, 1, length))
    rows = (centres + generator.normal(size=(people, pictures, length))).reshape(-1, length)
    order = generator.permutation(len(rows))
    return rows[order], np.repeat(np.arange(people), pictures)[order]


def same(one, other):
    """Return whether two groupings put the same faces together."""
    pairs = np.unique(np.stack([one, other]), axis=1).shape[1]
    return pairs == len(np.unique(one)) == len(np.unique(other))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 5), st.floats(-0.2, 0.9), st.integers(0, 1000))
def test_the_graph_gives_the_groups_of_scikit_learn(people, pictures, threshold, seed):
    rows, _ = crowd(people, pictures, seed)
    if len(rows) < 2:
        return
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert same(groups._by_graph(rows, threshold), groups._all_pairs(rows, threshold))


def test_more_faces_than_few_give_the_same_groups_too(monkeypatch):
    rows, _ = crowd(120, 5)
    plain = group_people(rows)
    monkeypatch.setattr(groups, "FEW", 100)
    monkeypatch.setattr(groups, "BLOCK", 64)
    np.testing.assert_array_equal(group_people(rows), plain)
    assert plain[0] == 0 and (np.diff([*dict.fromkeys(plain)]) == 1).all()  # as they appear


def test_equally_near_faces_are_merged_in_some_order_and_it_ends():
    rows = np.repeat(np.eye(4), 700, axis=0)[np.random.default_rng(0).permutation(2800)]
    found = group_people(rows)
    assert same(found, rows.argmax(axis=1)) and len(found) > groups.FEW
    ring = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)])
    assert len(np.unique(groups._by_graph(ring, 0.9))) < 24


def test_among_very_many_people_everyone_is_still_found(monkeypatch):
    monkeypatch.setattr(groups, "FEW", 100)
    monkeypatch.setattr(groups, "MANY", 200)
    rows, who = crowd(400, 5, length=128)
    found, wanted = group_people(rows, 0.35), groups._all_pairs(rows, 0.35)
    differ = (found[:, None] == found) != (wanted[:, None] == wanted)
    together = (who[:, None] == who).sum() - len(who)
    assert differ.sum() < 0.05 * together  # of the pairs of faces that are one person's
    assert abs(len(np.unique(found)) - len(np.unique(wanted))) <= 20


def test_too_many_pairs_raise_the_bar_and_not_the_memory(monkeypatch):
    rows, _ = crowd(500, 5)
    plain = group_people(rows[:2000], 0.2).max() * 2500 / 2000
    monkeypatch.setattr(groups, "FEW", 100)
    monkeypatch.setattr(groups, "EDGES", 20_000)
    assert groups._bar(rows / np.linalg.norm(rows, axis=1, keepdims=True), -1) > 0.2
    tracemalloc.start()
    found = group_people(rows, 0.2)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * len(rows) ** 2 / 2  # all pairs in double precision would be twice as much
    assert 0.7 * plain < found.max() < 1.5 * plain


def test_few_and_none():
    points = np.array([[1, 0], [0, 1], [0.96, 0.28], [-1, 0], [0, 5], [0, 1]])
    assert group_people(points, 0.9).tolist() == [0, 1, 0, 2, 1, 1]
    assert group_people(points[:1]).tolist() == [0] and group_people([]).tolist() == []
    assert group_people(np.zeros((0, 2))).tolist() == []
    for alike in ([[1, 0], [1, 0]], np.repeat([[0.6, 0.8]], 2500, axis=0)):  # by either way
        assert group_people(alike, threshold=1).max() == 0
    assert group_people([[1, 0], [0, 1]], threshold=0).tolist() == [0, 0]
    halfway = [[1, 0], [0.3, np.sqrt(1 - 0.09)]]
    assert group_people(halfway).tolist() == [0, 0]
    assert group_people(halfway, pretrained.THRESHOLD).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1, 0], [0, 0]],), "must have a direction, row 1"),
        (([[1, 0], [np.nan, 0]],), "must have a direction, row 1"),
        (([1, 0],), r"must have shape \(N, D\)"),
        (([[1, 0]], 3), "threshold must be a number"),
        (([[1, 0]], np.nan), "threshold must be a number"),
        (([[1], [1, 0]],), "embeddings must be an array"),
    ],
)
def test_what_is_wrong_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        group_people(*arguments)
    for none in (None, "text", 1j):
        with pytest.raises((TypeError, ValueError), match=r"^embeddings must"):
            group_people(none)
