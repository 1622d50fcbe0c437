"""Means over overlapping splits against SciPy, and intervals that resample whole sources."""

import numpy as np
import pytest
from scipy import stats

from facebook_tut.evaluation import bootstrap_sources, mean_over_splits

VALUES = np.array([0.93, 0.95, 0.9, 0.97, 0.94, 0.91, 0.96, 0.92, 0.95, 0.9])
LABELS, SOURCES = np.repeat([1, 0], 40), [*range(40), *np.repeat([50, 51, 52, 53], 10)]
SCORES = np.repeat([1.0, 1.0, 0.0], [40, 10, 30])  # wrong on all patches of one photograph


def accuracy(labels, scores):
    return np.mean(labels == (scores > 0.5))


def test_without_overlap_it_is_the_plain_t_test():
    found, plain = mean_over_splits(VALUES, 0), stats.ttest_1samp(VALUES, 0)
    interval = plain.confidence_interval()
    assert found.mean == pytest.approx(VALUES.mean())
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    differences = VALUES - 0.92
    assert mean_over_splits(differences, 0).p == pytest.approx(stats.ttest_1samp(VALUES, 0.92)[1])


def test_overlap_widens_the_interval_by_the_correction_of_nadeau_and_bengio():
    plain, found = mean_over_splits(VALUES, 0), mean_over_splits(VALUES, 1 / 3)
    wider = np.sqrt((1 / 10 + 1 / 3) / (1 / 10))
    assert found.standard_error == pytest.approx(wider * plain.standard_error)
    assert found.high - found.mean == pytest.approx(wider * (plain.high - plain.mean))
    assert mean_over_splits(VALUES - 0.92, 1 / 3).p > mean_over_splits(VALUES - 0.92, 0).p


def test_the_corrected_test_rejects_a_true_hypothesis_about_as_often_as_it_says():
    """200 examples split at random 15 times: the plain t-test is wrong far more often."""
    rng, wrong = np.random.default_rng(0), np.zeros(2)
    for _ in range(300):
        errors = rng.normal(size=200)  # of two methods, one example each; the true mean is 0
        tests = [rng.permutation(200)[:50] for _ in range(15)]
        means = [errors[test].mean() for test in tests]
        wrong += [mean_over_splits(means, ratio).p < 0.05 for ratio in (0, 1 / 3)]
    plain, corrected = wrong / 300
    assert plain > 0.2
    assert corrected < 0.1


def test_equal_values_leave_no_doubt():
    assert mean_over_splits([0, 0, 0], 0.5).p == 1
    found = mean_over_splits([0.5, 0.5], 0.5)
    assert (found.low, found.high, found.p) == (0.5, 0.5, 0)


def test_whole_photographs_are_drawn():
    low, high = bootstrap_sources(accuracy, LABELS, SCORES, SOURCES)
    one_by_one = bootstrap_sources(accuracy, LABELS, SCORES, np.arange(80))
    assert low < accuracy(LABELS, SCORES) < high
    assert high - low > 1.5 * (one_by_one[1] - one_by_one[0])
    assert (low, high) == bootstrap_sources(accuracy, LABELS, SCORES, SOURCES)


def test_patches_of_a_source_come_together():
    seen = []

    def count(labels, scores):
        seen.append([int((scores == k).sum()) for k in (0, 1, 2)])
        return 0.0

    sources = ["a", "a", "a", "b", "b", "c"]
    bootstrap_sources(count, [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 2], sources, rounds=20)
    assert all(a % 3 == 0 and b % 2 == 0 and a and (b or c) for a, b, c in seen)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"values": [0.9]}, ValueError, r"values must hold at least two splits"),
        ({"values": [0.9, np.nan]}, ValueError, "values must hold finite numbers, got nan"),
        ({"test_to_train": -1}, ValueError, "test_to_train must be a number from 0 to 100"),
        ({"confidence": 1}, ValueError, "confidence must lie between 0 and 1, got 1"),
    ],
)
def test_bad_values_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        mean_over_splits(**{"values": VALUES, "test_to_train": 0.3} | arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"statistic": 1}, TypeError, "statistic must be a function"),
        ({"labels": np.ones(80)}, ValueError, "labels must hold both 0 and 1"),
        ({"scores": SCORES[1:]}, ValueError, r"scores must have shape \(80,\), got \(79,\)"),
        ({"sources": SOURCES[1:]}, ValueError, "sources must"),
        ({"rounds": 0}, ValueError, "rounds must be a whole number from 1"),
        ({"seed": -1}, ValueError, "seed must be"),
    ],
)
def test_bad_arguments_of_the_bootstrap_are_named(arguments, error, message):
    good = {"statistic": accuracy, "labels": LABELS, "scores": SCORES, "sources": SOURCES}
    with pytest.raises(error, match=f"^{message}"):
        bootstrap_sources(**good | arguments)
