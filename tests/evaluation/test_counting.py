"""Counts of people: by hand, and the sum of splits and merges on random groups."""

import numpy as np
import pytest

from facebook_tut.evaluation import CountErrors, count_errors


@pytest.mark.parametrize(
    ("groups", "people", "splits", "merges"),
    [
        ([0, 0, 1], ["Ann", "Ann", "Bo"], 0, 0),
        ([0, 1, 2], ["Ann", "Ann", "Bo"], 1, 0),
        ([0, 0, 0], ["Ann", "Ann", "Bo"], 0, 1),
        ([0, 1, 1, 2, 2], ["Ann", "Ann", "Bo", "Bo", "Cy"], 2, 2),
        ([7, 7, 7, 7], ["Ann", "Bo", "Cy", "Di"], 0, 3),
        ([7], ["Ann"], 0, 0),
    ],
)
def test_splits_and_merges_by_hand(groups, people, splits, merges):
    found = count_errors(groups, people)
    there, counted = len(set(people)), len(set(groups))
    assert found == CountErrors(there, counted, splits, merges)
    assert found.error == counted - there == splits - merges


def test_the_error_is_splits_less_merges_whatever_the_groups():
    rng = np.random.default_rng(0)
    for _ in range(50):
        groups, people = rng.integers(0, 9, (2, 40))
        found = count_errors(groups, people)
        held = sum(len(set(groups[people == who])) - 1 for who in set(people))
        assert found.splits == held
        assert found.merges == sum(len(set(people[groups == g])) - 1 for g in set(groups))
        assert found.error == found.splits - found.merges


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"groups must have shape \(N,\) with N >= 1, got \(0,\)"):
        count_errors([], [])
    with pytest.raises(
        ValueError, match=r"groups must have shape \(N,\) with N >= 1, got \(1, 2\)"
    ):
        count_errors([[0, 1]], [[0, 1]])
    with pytest.raises(ValueError, match=r"people must have shape \(2,\), got \(3,\)"):
        count_errors([0, 1], [0, 1, 2])
