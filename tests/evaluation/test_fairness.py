"""Errors by group: cases by hand, and a population whose groups differ by construction."""

import numpy as np
import pytest

from facebook_tut.evaluation import (
    Proportion,
    equal_fmr_thresholds,
    group_rates,
    max_mean_ratio,
    max_min_ratio,
    tar_at_far,
    threshold_costs,
)

SAME = [1, 1, 1, 1, 0, 0, 0, 0] * 2
SCORES = [0.9, 0.8, 0.7, 0.3, 0.4, 0.3, 0.2, 0.1, 0.9, 0.8, 0.4, 0.3, 0.8, 0.7, 0.6, 0.1]
GROUPS = ["a"] * 8 + ["b"] * 8


def population(seed=0, pairs=20_000):
    """Return pairs of two groups; the impostors of the second are more alike, by 0.1."""
    rng = np.random.default_rng(seed)
    same, second = rng.random(pairs) < 0.3, rng.random(pairs) < 0.25
    scores = rng.normal(np.where(same, 0.6, np.where(second, 0.1, 0.0)), 0.15)
    return same, scores, np.where(second, "second", "first")


def test_the_rates_by_hand():
    a, b = group_rates(SAME, SCORES, GROUPS, threshold=0.5)
    assert (a.group, a.threshold, a.fmr, a.fnmr) == ("a", 0.5, Proportion(0, 4), Proportion(1, 4))
    assert (b.group, b.threshold, b.fmr, b.fnmr) == ("b", 0.5, Proportion(3, 4), Proportion(2, 4))


def test_a_score_at_the_threshold_is_accepted():
    _, b = group_rates(SAME, SCORES, GROUPS, threshold=0.8)
    assert b.fmr == Proportion(1, 4) and b.fnmr == Proportion(2, 4)


def test_each_group_may_have_its_own_threshold():
    a, b = group_rates(SAME, SCORES, GROUPS, threshold={"a": 0.25, "b": 0.85})
    assert (a.fmr.successes, a.fnmr.successes) == (2, 0)
    assert (b.fmr.successes, b.fnmr.successes) == (0, 3)


def test_the_ratios_by_hand():
    rates = [Proportion(1, 100), Proportion(4, 100)]
    assert max_min_ratio(rates) == 4
    assert max_mean_ratio(rates) == pytest.approx(2)  # 0.04 / √(0.01 · 0.04)
    assert [max_min_ratio([0.2] * 3), max_mean_ratio([0.2] * 3)] == pytest.approx([1, 1])
    assert max_min_ratio([0.0, 0.1]) == max_mean_ratio([0.0, 0.1]) == np.inf
    assert np.isnan(max_min_ratio([0.0, 0.0])) and np.isnan(max_mean_ratio([0.0, 0.0]))


def test_own_thresholds_equal_the_fmr_and_have_their_cost():
    """One threshold leaves the second group several times the FMR; its own makes them equal.

    The first group's falls, with its false rejects; the second's rises, with its false rejects.
    """
    costs = threshold_costs(*population(), fmr=0.01)
    one, own = ([r.fmr for r in rates] for rates in (costs.one, costs.own))
    assert max_min_ratio(one) > 4 and max_min_ratio(own) < 1.1
    first, second = (
        (after.fnmr.value - before.fnmr.value)
        for before, after in zip(costs.one, costs.own, strict=True)
    )
    assert first < 0 < second and second > 0.05
    for which in ("one", "own"):
        assert costs.overall(which)[0].value == pytest.approx(0.01, abs=0.0005)
    assert costs.overall("own")[1].value == pytest.approx(costs.overall("one")[1].value, abs=0.03)


def test_own_thresholds_hold_on_other_people():
    same, scores, groups = population(pairs=200_000)
    own = equal_fmr_thresholds(same, scores, groups, fmr=0.01)
    assert list(own) == ["first", "second"] and own["first"] < own["second"]
    rows = groups == "first"
    assert own["first"] == tar_at_far(same[rows], scores[rows], 0.01).threshold
    for rates in group_rates(*population(seed=1, pairs=200_000), threshold=own):
        assert rates.fmr.value == pytest.approx(0.01, abs=0.002)


def test_overall_counts_pairs():
    costs = threshold_costs(SAME, SCORES, GROUPS, fmr=0.75)
    fmr, fnmr = costs.overall("one")
    assert fmr.trials == fnmr.trials == 8
    assert fmr.successes == sum(rates.fmr.successes for rates in costs.one)
    with pytest.raises(ValueError, match="which must be one of one, own, got 'two'"):
        costs.overall("two")


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (
            lambda: group_rates(SAME, SCORES, ["a"], 0),
            ValueError,
            r"groups must have shape \(16,\)",
        ),
        (lambda: group_rates([1, 0, 1], [1, 0, 1], list("aab"), 0), ValueError, "group 'b' does"),
        (lambda: group_rates(SAME, SCORES, GROUPS, {"a": 0}), ValueError, "'b' is missing"),
        (lambda: group_rates(SAME, SCORES, GROUPS, "0"), TypeError, "threshold must be a number"),
        (lambda: equal_fmr_thresholds(SAME, SCORES, GROUPS, 0.1), ValueError, "rule of 3"),
        (lambda: max_min_ratio([0.1]), ValueError, "rates must hold two or more numbers"),
        (lambda: max_mean_ratio([0.1, 2.0]), ValueError, "rates must hold values from 0 to 1"),
    ],
)
def test_what_is_wrong_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()
