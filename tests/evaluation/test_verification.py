"""1:1 verification, against scikit-learn, brute force and hand-worked cases."""

import itertools
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from facebook_tut.evaluation import (
    Proportion,
    accuracy_at,
    best_threshold,
    bootstrap,
    cross_validated_accuracy,
    equal_error_rate,
    probit,
    roc,
    tar_at_far,
)

DRAWN = settings(deadline=None, derandomize=True, max_examples=50)


@st.composite
def scored_pairs(draw):
    """Draw pairs of both kinds, with scores of few values (many ties) or of many."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    same = rng.permutation([0, 1, *rng.integers(0, 2, draw(st.integers(0, 40)))])
    levels = draw(st.sampled_from([1, 3, 10, 10**6]))
    return same, rng.integers(-levels, levels, len(same)) / levels * draw(st.sampled_from([1, 50]))


@DRAWN
@given(scored_pairs())
def test_the_curve_is_that_of_scikit_learn(pairs):
    curve = roc(*pairs)
    far, tar, thresholds = metrics.roc_curve(*pairs, drop_intermediate=False)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    np.testing.assert_array_equal(curve.far, far)
    np.testing.assert_array_equal(curve.tar, tar)
    np.testing.assert_array_equal(curve.frr, 1 - tar)
    assert curve.auc == pytest.approx(metrics.roc_auc_score(*pairs), abs=1e-12)


@DRAWN
@given(scored_pairs())
def test_the_curve_counts_the_accepted_pairs(pairs):
    same, scores = pairs
    curve = roc(*pairs)
    for threshold, far, tar in zip(curve.thresholds, curve.far, curve.tar, strict=True):
        assert far == np.mean(scores[same == 0] >= threshold)
        assert tar == np.mean(scores[same == 1] >= threshold)
    above = [np.sign(g - i) for g in scores[same == 1] for i in scores[same == 0]]
    assert curve.auc == pytest.approx((np.mean(above) + 1) / 2, abs=1e-12)


@DRAWN
@given(scored_pairs())
def test_only_the_order_of_the_scores_counts(pairs):
    same, scores = pairs
    curve, moved = roc(same, scores), roc(same == 1, np.arctan(scores) - 7)
    np.testing.assert_array_equal(moved.far, curve.far)
    np.testing.assert_array_equal(moved.tar, curve.tar)
    assert equal_error_rate(same, scores) == equal_error_rate(same, np.arctan(scores) - 7)


def mean_score(same, scores):
    return scores.mean()


def test_the_curve_keeps_scores_of_single_precision():
    same, scores = [1, 0, 1], np.array([0.1, 0.2, 0.1], np.float32)
    assert roc(same, scores).thresholds.tolist() == [np.inf, np.float32(0.2), np.float32(0.1)]
    assert tar_at_far([1, *[0] * 3], np.float32([0.1] * 4), 1).tar == Proportion(1, 1)


def crossing(same, scores):
    """Return where the broken line through (FAR, FRR) meets FAR = FRR, segment by segment."""
    curve = roc(same, scores)
    points = list(zip(curve.far, 1 - curve.tar, strict=True))
    for (a, b), (c, d) in itertools.pairwise(points):
        if a - b <= 0 <= c - d:
            share = (b - a) / ((c - d) - (a - b))
            return a + share * (c - a)
    raise AssertionError("no crossing")


@DRAWN
@given(scored_pairs())
def test_the_equal_error_rate_is_where_the_lines_cross(pairs):
    assert equal_error_rate(*pairs) == pytest.approx(crossing(*pairs), abs=1e-12)


@DRAWN
@given(scored_pairs())
def test_the_equal_error_rate_is_that_of_the_other_kind_turned_round(pairs):
    same, scores = pairs
    assert equal_error_rate(1 - same, -scores) == pytest.approx(equal_error_rate(*pairs))


@pytest.mark.parametrize(
    ("same", "scores", "rate"),
    [
        ([1, 1, 0, 0], [4, 3, 2, 1], 0),
        ([1, 1, 0, 0], [1, 2, 3, 4], 1),
        ([1, 0, 1, 0], [4, 3, 2, 1], 1 / 2),
        ([1, 0, 0], [5, 5, 5], 1 / 2),  # from (0, 1) straight to (1, 0)
        ([1, 1, 0, 1, 0], [9, 8, 6, 4, 1], 1 / 3),
        ([1, 1, 0, 0, 0], [3, 2, 2, 1, 1], 1 / 5),  # (0, 1/2) to (1/3, 0): a tie
    ],
)
def test_equal_error_rates_worked_by_hand(same, scores, rate):
    assert equal_error_rate(same, scores) == pytest.approx(rate)


def test_gaussian_scores_have_the_rates_of_the_formula():
    distance, n = 2.0, 20000
    centres = np.linspace(0.5 / n, 1 - 0.5 / n, n)  # quantiles in place of random draws
    scores = np.concatenate([stats.norm.ppf(centres) + distance, stats.norm.ppf(centres)])
    same = np.arange(2 * n) < n
    assert equal_error_rate(same, scores) == pytest.approx(stats.norm.cdf(-distance / 2), abs=1e-4)
    curve = roc(same, scores)
    assert curve.auc == pytest.approx(stats.norm.cdf(distance / np.sqrt(2)), abs=1e-4)
    inner = (curve.far > 0.001) & (curve.frr > 0.001)
    line = probit(curve.far[inner]) + probit(curve.frr[inner])
    np.testing.assert_allclose(line, -distance, atol=0.02)  # straight on DET axes


def test_probit_is_the_normal_quantile():
    rates = np.linspace(0, 1, 101).reshape(1, 101)
    np.testing.assert_allclose(probit(rates), stats.norm.ppf(rates), atol=1e-12)
    assert probit([0, 1]).tolist() == [-np.inf, np.inf]


@pytest.mark.parametrize("rates", [[-0.1], [1.1], [np.nan]])
def test_no_probit_of_what_is_no_rate(rates):
    with pytest.raises(
        ValueError, match=r"rates must hold (values from 0 to 1|finite numbers), got"
    ):
        probit(rates)


@DRAWN
@given(scored_pairs(), st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_tar_at_far_is_the_best_within_the_limit(pairs, far):
    same, scores = np.tile(pairs[0], 30), np.tile(pairs[1], 30)
    point = tar_at_far(same, scores, far)
    far_of = {t: np.mean(scores[same == 0] >= t) for t in [np.inf, *scores]}
    assert point.threshold == min(t for t, measured in far_of.items() if measured <= far)
    accepted = scores >= point.threshold
    assert point.far == Proportion(np.sum(accepted & (same == 0)), np.sum(same == 0))
    assert point.tar == Proportion(np.sum(accepted & (same == 1)), np.sum(same == 1))
    assert point.far.value <= far
    assert point.tar.value == roc(same, scores).tar_at(far)


def test_tar_at_far_worked_by_hand():
    impostors = np.arange(1000) / 1000  # 0.999, 0.998 ...
    genuine = [0.9985, 0.998, 0.9975, 0.995, 0.9945]
    same, scores = [1] * 5 + [0] * 1000, np.concatenate([genuine, impostors])
    point = tar_at_far(same, scores, 0.003)  # the three best impostors score 0.997 and more
    assert (point.threshold, point.far) == (0.997, Proportion(3, 1000))
    assert point.tar == Proportion(3, 5)
    assert point.tar.interval() == Proportion(3, 5).interval()
    assert repr(point) == (
        "TAR 0.60 (95 % interval 0.23 to 0.88, 3 of 5) at FAR 0.003 (3 of 1000), threshold 0.997"
    )


def test_where_strangers_tie_at_the_top_nobody_is_accepted():
    point = tar_at_far([1] + [0] * 10, [5] * 11, 0.5)
    assert (point.threshold, point.far, point.tar) == (
        np.inf,
        Proportion(0, 10),
        Proportion(0, 1),
    )


@pytest.mark.parametrize("far", [0, 1e-9, 1e-4, 0.000999])
def test_no_rate_that_the_data_cannot_support(far):
    same, scores = [1] * 50 + [0] * 3000, np.arange(3050)
    with pytest.raises(
        ValueError, match=r"far must be at least 0.001 with 3000 impostor pairs \(rule of 3\), got"
    ):
        tar_at_far(same, scores, far)
    assert tar_at_far(same, scores, 0.001).far == Proportion(3, 3000)


def test_the_rule_of_three_is_that_of_the_binomial():
    # Without one error in N trials, a rate of 3 / N is ruled out at 95 % confidence.
    for trials in (30, 300, 3000):
        assert 0.95 <= 1 - stats.binom.pmf(0, trials, 3 / trials) < 0.96


@DRAWN
@given(scored_pairs())
def test_no_threshold_is_better_than_the_best(pairs):
    same, scores = pairs
    found = accuracy_at(*pairs, best_threshold(*pairs)).value
    values = np.unique(scores)
    everywhere = [-np.inf, *values, *(values[1:] + values[:-1]) / 2, np.inf]
    assert found == max(np.mean((scores >= t) == same) for t in everywhere)


@DRAWN
@given(scored_pairs())
def test_the_best_threshold_does_not_depend_on_the_order_of_the_pairs(pairs):
    same, scores = pairs
    order = np.random.default_rng(0).permutation(len(same))
    assert best_threshold(same[order], scores[order]) == best_threshold(same, scores)


@pytest.mark.parametrize(
    ("same", "scores", "threshold"),
    [
        ([1, 0], [3, 1], 2),
        ([1, 0, 1, 0], [8, 6, 5, 1], 3),  # the wider of two
        ([1, 0, 1, 0], [9, 5, 4, 2], 7),
        ([1, 0, 1, 0], [9, 7, 4, 2], 8),  # of equally wide ones the highest
        ([1, 0], [4, 4], np.inf),  # no gap at all
        ([0, 1], [3, 1], np.inf),  # the wrong way round: either answer to all, the first
        ([1, 1, 0], [1, 1, 2], -np.inf),
        ([1, 0, 0], [1, 2, 2], np.inf),
        ([1, 0, 1], [3, 2, 1], 2.5),  # as good as accepting all
        ([1, 0], [np.nextafter(1, 2), 1.0], np.nextafter(1, 2)),  # no number between them
    ],
)
def test_best_thresholds_worked_by_hand(same, scores, threshold):
    assert best_threshold(same, scores) == threshold


@pytest.mark.parametrize("low", np.float32([1, np.nextafter(np.float32(1), np.float32(2))]))
def test_a_threshold_between_neighbours_of_single_precision_parts_them(low):
    scores = np.float32([np.nextafter(low, np.float32(2)), low])
    assert accuracy_at([1, 0], scores, best_threshold([1, 0], scores)) == Proportion(2, 2)


def work(function, *given):
    """Return a function's result, how many calls it made, and the bytes it held at most."""
    calls = []
    tracemalloc.start()
    sys.setprofile(lambda _, event, what: "call" in event and calls.append(event))
    try:
        result = function(*given)
    finally:
        sys.setprofile(None)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return result, len(calls), peak


def test_the_best_threshold_of_many_pairs_is_quick():
    rng = np.random.default_rng(0)
    same = rng.random(300_000) < 0.5
    scores = rng.normal(size=300_000) + 2 * same
    few_calls = work(best_threshold, same[:3000], scores[:3000])[1]
    threshold, calls, peak = work(best_threshold, same, scores)
    assert threshold == pytest.approx(1, abs=0.1)
    assert calls < 2 * few_calls  # no loop over pairs
    assert peak < 200 * 300_000  # and no array of all pairs of pairs


def test_accuracy_counts_a_score_on_the_threshold_as_accepted():
    assert accuracy_at([1, 0, 0], [2, 2, 1], 2) == Proportion(2, 3)
    assert accuracy_at([1, 0, 0], [2, 2, 1], np.inf) == Proportion(2, 3)
    assert accuracy_at([True, False, False], [2, 2, 1], -np.inf) == Proportion(1, 3)


STATISTICS = [
    roc,
    equal_error_rate,
    best_threshold,
    lambda same, scores: tar_at_far(same, scores, 1),
    lambda same, scores: accuracy_at(same, scores, 0),
    lambda same, scores: cross_validated_accuracy(same, scores, [0, 1]),
    lambda same, scores: bootstrap(equal_error_rate, same, scores),
]


@pytest.mark.parametrize("function", STATISTICS)
@pytest.mark.parametrize(
    ("same", "scores", "error", "message"),
    [
        ([1, 1], [1, 2], ValueError, r"same must hold both genuine \(1\) and impostor \(0\) pairs"),
        ([False] * 3, [1, 2, 3], ValueError, "got only 0, 3 times"),
        ([1, 2], [1, 2], ValueError, "same must hold only 0 and 1, got 2"),
        ([[1, 0]], [[1, 2]], ValueError, r"same must have shape \(N,\) with N >= 1, got \(1, 2\)"),
        ([1, 0], [1, 2, 3], ValueError, r"scores must have shape \(2,\), got \(3,\)"),
        ([1, 0], [1, np.nan], ValueError, "scores must hold finite numbers, got nan"),
        ([1, 0], [-np.inf, 1], ValueError, "scores must hold finite numbers, got -inf"),
        ([1, 0], ["1", "2"], TypeError, "scores must hold real numbers, got dtype <U1"),
    ],
)
def test_bad_pairs_are_named(function, same, scores, error, message):
    with pytest.raises(error, match=message):
        function(same, scores)


SAME, SCORES = [1, 0, 1, 0], [4.0, 3.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tar_at_far(SAME, SCORES, 1.5), ValueError, "far must be a number from 0 to 1"),
        (lambda: tar_at_far(SAME, SCORES, "1"), TypeError, "far must be a number from 0 to 1"),
        (lambda: tar_at_far(SAME, SCORES, 1), ValueError, "far must be at least 1.5 with 2 impos"),
        (lambda: roc(SAME, SCORES).tar_at(-1), ValueError, "far must be a number from 0 to 1"),
        (lambda: accuracy_at(SAME, SCORES, np.nan), ValueError, "threshold must be a number"),
        (
            lambda: cross_validated_accuracy(SAME, SCORES, [1, 1, 2]),
            ValueError,
            r"folds must have shape \(4,\), one per pair, got \(3,\)",
        ),
        (
            lambda: cross_validated_accuracy(SAME, SCORES, [3] * 4),
            ValueError,
            "folds must name at least two folds, got only 3",
        ),
        (
            lambda: cross_validated_accuracy(SAME, SCORES, [1, 2, 1, 1]),
            ValueError,
            "folds must hold both genuine and impostor pairs, fold 2 does not",
        ),
        (
            lambda: bootstrap(mean_score, SAME, SCORES, [1, 2, 3, 4]),
            ValueError,
            r"groups must have shape \(4, 2\), got \(4,\)",
        ),
        (
            lambda: bootstrap(mean_score, SAME, SCORES, [[1, 1], [1, 2], [1, 2], [1, 2]]),
            ValueError,
            "one person where same is 1 and two where it is 0, pair 2 does not",
        ),
        (lambda: bootstrap(mean_score, SAME, SCORES, rounds=0), ValueError, "rounds must be a"),
        (
            lambda: bootstrap(mean_score, SAME, SCORES, confidence=95),
            ValueError,
            "confidence must be a number from 0 to 1, got 95",
        ),
    ],
)
def test_bad_settings_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
