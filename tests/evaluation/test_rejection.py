"""Error-versus-reject curves: by hand, and for qualities that say nothing or everything."""

import numpy as np
import pytest

from facebook_tut.evaluation import error_versus_reject


def test_a_curve_by_hand():
    curve = error_versus_reject([1, 0, 1, 0, 0], [0.3, 0.9, 0.1, 0.5, 0.7])
    np.testing.assert_allclose(curve.rejected, [0, 0.2, 0.4, 0.6, 0.8])
    assert curve.errors.tolist() == [2, 1, 0, 0, 0]
    assert curve.left.tolist() == [5, 4, 3, 2, 1]
    assert (curve.at(0).successes, curve.at(0).trials) == (2, 5)
    assert (curve.at(0.39).successes, curve.at(0.4).successes) == (1, 0)
    assert curve.area(0.5) == pytest.approx((0.2 * 2 / 5 + 0.2 * 1 / 4) / 0.5)


def test_equal_qualities_go_together():
    curve = error_versus_reject([1, 0, 1, 0], [1, 1, 2, 2])
    assert curve.rejected.tolist() == [0, 0.5]
    assert curve.at(0.4).value == curve.at(0.5).value == 0.5
    constant = error_versus_reject([1, 0, 1, 0], np.zeros(4))
    assert constant.left.tolist() == [4] and constant.area(1) == 0.5


def test_a_quality_that_says_nothing_leaves_the_error_and_the_best_takes_it_away():
    rng = np.random.default_rng(0)
    wrong = rng.random(5000) < 0.2
    nothing, best = (error_versus_reject(wrong, q) for q in (rng.random(5000), ~wrong))
    assert nothing.area(0.5) == pytest.approx(wrong.mean(), abs=0.01)
    assert best.errors.tolist() == [wrong.sum(), 0]
    noisy = error_versus_reject(wrong, rng.normal(0, 1, 5000) - wrong)
    assert best.area(0.5) < noisy.area(0.5) < nothing.area(0.5)


def test_every_point_counts_what_its_definition_says():
    rng = np.random.default_rng(1)
    wrong, quality = rng.random(200) < 0.3, rng.integers(0, 20, 200)
    curve = error_versus_reject(wrong, quality)
    for point, value in enumerate(np.unique(quality)):
        kept = quality >= value
        assert (curve.errors[point], curve.left[point]) == (wrong[kept].sum(), kept.sum())
        assert curve.rejected[point] == pytest.approx(1 - kept.mean())


@pytest.mark.parametrize(
    ("wrong", "quality", "message"),
    [
        ([], [], "wrong must have shape"),
        ([0, 2], [1, 1], "wrong must hold only 0 and 1, got 2"),
        ([0, 1], [1, 1, 1], r"quality must have shape \(2,\), got \(3,\)"),
        ([0, 1], [1, np.nan], "quality must hold finite numbers, got nan"),
    ],
)
def test_bad_input_is_named(wrong, quality, message):
    with pytest.raises(ValueError, match=message):
        error_versus_reject(wrong, quality)


def test_shares_out_of_range_are_named():
    curve = error_versus_reject([0, 1], [1, 2])
    with pytest.raises(ValueError, match="share must be"):
        curve.at(1.5)
    with pytest.raises(ValueError, match="most must be"):
        curve.area(0)
