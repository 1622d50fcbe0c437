"""Proportions and confusion matrices, against published numbers and scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from facebook_tut.evaluation import Confusion, Proportion, confusion


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # Newcombe (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(successes, trials, low, high):
    assert Proportion(successes, trials).interval() == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("confidence", "z"), [(0.95, 1.959964), (0.99, 2.575829), (0.5, 0.67449)])
@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (19, 20), (20, 20), (500, 1000)])
def test_the_interval_is_wilsons_closed_form(k, n, confidence, z):
    centre = (k + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(k * (n - k) / n + z**2 / 4)
    found = Proportion(k, n).interval(confidence)
    assert found == pytest.approx((centre - half, centre + half), abs=1e-6)
    assert 0 <= found[0] <= Proportion(k, n).value <= found[1] <= 1


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    truths = rng.uniform(0.02, 0.98, 1000)
    intervals = [Proportion(int(count), 40).interval() for count in rng.binomial(40, truths)]
    held = [low <= truth <= high for truth, (low, high) in zip(truths, intervals, strict=True)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("confidence", "error"), [(1.1, ValueError), (-0.1, ValueError), ("95 %", TypeError)]
)
def test_a_bad_confidence_is_named(confidence, error):
    with pytest.raises(error, match="confidence must be a number from 0 to 1, got"):
        Proportion(1, 2).interval(confidence)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0, 0.3, 0.5, 1])
def test_the_counts_are_those_of_scikit_learn(seed, threshold):
    rng = np.random.default_rng(seed)
    labels = rng.permutation([0, 1, *rng.integers(0, 2, 60)])
    scores = rng.integers(0, 11, 62) / 10  # so that some lie on the threshold
    counts = confusion(labels, scores, threshold)
    called = scores >= threshold
    np.testing.assert_array_equal(counts.as_array(), metrics.confusion_matrix(labels, called))
    assert counts.accuracy.value == pytest.approx(metrics.accuracy_score(labels, called))
    assert counts.recall.value == pytest.approx(metrics.recall_score(labels, called))
    specificity = metrics.recall_score(labels, called, pos_label=0)
    assert counts.false_positive_rate.value == pytest.approx(1 - specificity)


def test_rates_count_the_right_images():
    counts = Confusion(true_positives=3, false_negatives=1, false_positives=2, true_negatives=14)
    assert counts.accuracy == Proportion(17, 20)
    assert counts.recall == Proportion(3, 4)
    assert counts.false_positive_rate == Proportion(2, 16)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1, 1], [0.5, 0.5]), ValueError, "labels must hold both 0 and 1, got only 1"),
        (([0, 2], [0.5, 0.5]), ValueError, "labels must hold only 0 and 1, got 2"),
        (([0, 1], [0.5]), ValueError, r"scores must have shape \(2,\), one per label, got \(1,\)"),
        (([0, 1], [[0.5], [0.5]]), ValueError, r"scores must have shape \(2,\)"),
        (([], []), ValueError, r"labels must have shape \(N,\) with N >= 1"),
        (([0, 1], [0.5, np.nan]), ValueError, "scores must not hold NaN"),
        (([0, 1], [0.5, 1.5]), ValueError, "scores must hold values from 0 to 1, got 0.5 to 1.5"),
        (([0, 1], [0.5, 0.5], 2), ValueError, "threshold must be a number from 0 to 1, got 2"),
        (([0, 1], [0.5, 0.5], "0.5"), TypeError, "threshold must be a number from 0 to 1"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=message):
        confusion(*arguments)
