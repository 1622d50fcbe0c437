"""Comparisons over splits: SciPy's paired t-test, and the correction for splits of one data set."""

import numpy as np
import pytest
from scipy import stats

from facebook_tut.evaluation import paired_difference


def test_without_correction_it_is_scipys_paired_t_test():
    a, b = np.random.default_rng(0).normal(size=(2, 10))
    found, theirs = paired_difference(a, b, test_ratio=0), stats.ttest_rel(a, b)
    assert found.mean == pytest.approx(np.mean(a - b))
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval()))


def test_the_correction_keeps_the_promise_where_splits_share_their_images():
    """Of 60 numbers, 20 are the test of each split; the true difference is 0."""
    rng, plain, corrected = np.random.default_rng(0), 0, 0
    for _ in range(300):
        data, gains = rng.normal(size=60), []
        for _ in range(10):
            test = rng.permutation(60)[:20]
            gains.append(data[test].mean())
        plain += paired_difference(gains, np.zeros(10), 0).p_value < 0.05
        corrected += paired_difference(gains, np.zeros(10), 20 / 40).p_value < 0.05
    assert plain / 300 > 0.2  # it errs four times as often as it says
    assert corrected / 300 < 0.08


def test_the_same_difference_everywhere_has_no_width():
    found = paired_difference([1.0, 2.0], [1.0, 2.0])
    assert (found.mean, found.low, found.high, found.p_value) == (0, 0, 0, 1)


def test_one_split_says_nothing():
    with pytest.raises(ValueError, match="ours must hold two splits or more, got 1"):
        paired_difference([1.0], [2.0])
