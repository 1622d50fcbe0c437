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
    FoldedAccuracy,
    Proportion,
    accuracy_at,
    best_threshold,
    bootstrap,
    check_disjoint,
    cross_validated_accuracy,
    equal_error_rate,
    normalised_pair_scores,
    pair_scores,
    probit,
    roc,
    sample_pairs,
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


def lfw_like(seed, shift=1.0):
    """Return ten folds of 20 genuine and 20 impostor pairs."""
    rng = np.random.default_rng(seed)
    same = np.tile(np.repeat([1, 0], 20), 10)
    return same, rng.normal(size=400) + shift * same, np.repeat(np.arange(10), 40)


def test_view_2_is_the_loop_in_words():
    same, scores, folds = lfw_like(0)
    result = cross_validated_accuracy(same, scores, folds)
    right = []
    for fold in range(10):
        rest = folds != fold
        threshold = best_threshold(same[rest], scores[rest])
        assert result.thresholds[fold] == threshold
        right.append(np.mean((scores[~rest] >= threshold) == (same[~rest] == 1)))
    np.testing.assert_array_equal(result.accuracies, right)
    assert result.mean == pytest.approx(np.mean(right))
    assert result.standard_error == pytest.approx(stats.sem(right))


@pytest.mark.parametrize("seed", range(5))
def test_a_fold_that_chose_its_own_threshold_would_look_better(seed):
    same, scores, folds = lfw_like(seed)
    honest = cross_validated_accuracy(same, scores, folds)
    own = [
        accuracy_at(same[test], scores[test], best_threshold(same[test], scores[test])).value
        for test in (folds == fold for fold in range(10))
    ]
    assert all(own >= honest.accuracies)
    assert np.mean(own) > honest.mean + 0.02


def test_scores_without_meaning_get_one_half_only_if_nothing_leaks():
    results = [lfw_like(seed, shift=0) for seed in range(30)]
    honest = [cross_validated_accuracy(*result).mean for result in results]
    leaked = [
        np.mean([accuracy_at(s, x, best_threshold(s, x)).value for s, x in folds])
        for folds in (
            zip(same.reshape(10, 40), scores.reshape(10, 40), strict=True)
            for same, scores, _ in results
        )
    ]
    assert np.mean(honest) == pytest.approx(0.5, abs=0.02)
    assert np.mean(leaked) > 0.58


def test_no_fold_sees_its_own_scores():
    same, scores, folds = lfw_like(0)
    before = cross_validated_accuracy(same, scores, folds)
    moved = 0
    for fold in range(10):
        after = cross_validated_accuracy(same, scores + 3 * (folds == fold), folds)
        assert after.thresholds[fold] == before.thresholds[fold]
        assert after.accuracies[fold] < before.accuracies[fold]
        moved += np.sum(after.thresholds != before.thresholds)
    assert moved > 20  # of the 90 thresholds that other folds had a part in


def test_folds_come_in_the_order_of_their_names():
    same, scores, folds = lfw_like(1)
    names = np.array(list("jihgfedcba"))[folds]
    result, named = (cross_validated_accuracy(same, scores, f) for f in (folds, names))
    np.testing.assert_array_equal(named.accuracies, result.accuracies[::-1])


def test_the_standard_error_is_that_of_view_2():
    accuracies = np.array([0.90, 0.92, 0.94, 0.96])
    result = FoldedAccuracy(accuracies, np.zeros(4))
    spread = np.sqrt(((accuracies - 0.93) ** 2).sum() / 3)
    assert result.standard_error == pytest.approx(spread / np.sqrt(4))
    assert repr(result) == "0.930 ± 0.013 (standard error over 4 folds)"


def mean_score(same, scores):
    return scores.mean()


def test_the_bootstrap_of_pairs_is_the_textbooks():
    rng = np.random.default_rng(0)
    same, scores = np.arange(300) % 2, rng.gamma(2, size=300)
    found = bootstrap(mean_score, same, scores, rounds=4000)
    means = np.random.default_rng(1).choice(scores, (4000, 300)).mean(axis=1)
    assert found == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.02)
    assert found == pytest.approx(
        stats.norm.interval(0.95, scores.mean(), stats.sem(scores)), abs=0.02
    )
    narrow = bootstrap(mean_score, same, scores, rounds=4000, confidence=0.5)
    assert found[0] < narrow[0] < narrow[1] < found[1]


def people_and_pairs(seed, people=12, images=4):
    rng = np.random.default_rng(seed)
    identities = np.repeat(np.arange(people), images)
    left, right, same = sample_pairs(identities, 60, seed)
    easy = rng.normal(size=people)  # how easy each person is
    groups = np.stack([identities[left], identities[right]], axis=1)
    return same, easy[groups].sum(axis=1) + same + 0.1 * rng.normal(size=60), groups


def test_the_bootstrap_of_people_is_the_loop_in_words():
    same, scores, groups = people_and_pairs(0)
    seen = []
    bootstrap(lambda *pairs: seen.append(pairs) or 0.0, same, scores, groups, rounds=5, seed=3)
    rng = np.random.default_rng(3)
    for found_same, found_scores in seen:
        drawn = rng.integers(12, size=12).tolist()
        rows = []
        for row, (one, other) in enumerate(groups):
            rows += [row] * (drawn.count(one) * (1 if one == other else drawn.count(other)))
        assert found_same.tolist() == same[rows].tolist()
        assert found_scores.tolist() == scores[rows].tolist()


def test_pairs_that_share_people_need_a_wider_interval():
    for seed in range(3):
        same, scores, groups = people_and_pairs(seed)
        low, high = bootstrap(mean_score, same, scores, rounds=300)
        wide_low, wide_high = bootstrap(mean_score, same, scores, groups, rounds=300)
        assert wide_high - wide_low > 1.2 * (high - low)


def test_the_interval_over_people_holds_the_truth():
    held = []
    for seed in range(60):
        same, scores, groups = people_and_pairs(seed, people=20)
        low, high = bootstrap(mean_score, same, scores, groups, rounds=100)
        held.append(low <= 0.5 <= high)  # E = 0 for everybody, + 1 for half of the pairs
    assert np.mean(held) >= 0.9


def test_the_bootstrap_is_repeatable_and_takes_names():
    same, scores, groups = people_and_pairs(0)
    once = bootstrap(equal_error_rate, same, scores, groups, rounds=50)
    names = np.array([f"person {n:02}" for n in range(12)])[groups]
    assert bootstrap(equal_error_rate, same, scores, names, rounds=50) == once
    assert bootstrap(equal_error_rate, same, scores, groups, rounds=50, seed=1) != once
    low, high = bootstrap(lambda s, x: roc(s, x).tar_at(0.1), same, scores, groups, rounds=50)
    assert 0 <= low <= roc(same, scores).tar_at(0.1) <= high <= 1


def test_a_draw_without_one_kind_is_drawn_again():
    same, scores = [1, 0, 0, 0], [4, 3, 2, 1]  # a third of the draws lacks the genuine pair
    assert bootstrap(equal_error_rate, same, scores, rounds=100) == (0, 0)
    groups = [["Ann", "Ann"], ["Ann", "Bo"], ["Bo", "Cy"], ["Ann", "Cy"]]
    assert bootstrap(equal_error_rate, same, scores, groups, rounds=100) == (0, 0)


def test_normalised_scores_are_what_their_definition_says():
    rng = np.random.default_rng(0)
    a, b, cohort = (rng.normal(size=(n, 5)) for n in (6, 6, 30))
    for row, score in enumerate(normalised_pair_scores(a, b, cohort, nearest=7)):
        cosine = pair_scores(a[[row]], b[[row]])[0]
        z = []
        for face in (a[row], b[row]):
            usual = sorted(pair_scores(np.tile(face, (30, 1)), cohort))[-7:]
            z.append((cosine - np.mean(usual)) / np.std(usual))
        np.testing.assert_allclose(score, np.mean(z))


def test_normalised_scores_see_through_faces_that_are_like_everybody():
    rng = np.random.default_rng(1)
    people = rng.normal(size=(400, 32))
    mean = np.zeros(32)
    mean[0] = 1
    average = rng.uniform(0, 12, size=(400, 1)) * mean  # how much of everybody is in each
    faces = [people + average + 1.2 * rng.normal(size=people.shape) for _ in range(2)]
    left = np.concatenate([faces[0][:200], faces[0][:200]])
    right = np.concatenate([faces[1][:200], np.roll(faces[1][:200], 1, axis=0)])
    same = np.repeat([1, 0], 200)
    plain = equal_error_rate(same, pair_scores(left, right))
    normalised = equal_error_rate(same, normalised_pair_scores(left, right, faces[0][200:], 20))
    assert normalised < 0.7 * plain


@pytest.mark.parametrize(
    ("cohort", "nearest", "wrong"),
    [
        (np.ones((5, 3)), 2, "cohort"),
        (np.zeros((5, 2)), 2, "cohort"),
        (np.ones((5, 2)), 1, "nearest"),
        (np.ones((5, 2)), 6, "nearest"),
    ],
)
def test_normalised_scores_refuse_a_cohort_that_does_not_fit(cohort, nearest, wrong):
    with pytest.raises(ValueError, match=wrong):
        normalised_pair_scores(np.ones((4, 2)), np.ones((4, 2)), cohort, nearest)


def test_pair_scores_are_cosines():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 20, 8))
    expected = np.diag(metrics.pairwise.cosine_similarity(a, b))
    np.testing.assert_allclose(pair_scores(a, b), expected, atol=1e-12)
    np.testing.assert_allclose(pair_scores(3 * a, b / 7), expected, atol=1e-12)
    np.testing.assert_allclose(pair_scores(a, a), 1)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([[1.0, 0]], [[1.0]], r"embeddings_b must have shape \(1, 2\), got \(1, 1\)"),
        ([1.0], [1.0], r"embeddings_a must have shape \(N, D\), got \(1,\)"),
        ([[1.0], [0.0]], [[1.0], [1.0]], "embeddings_a must hold no row of zeros, row 1 is one"),
        ([[1.0]], [[np.nan]], "embeddings_b must hold finite numbers, got nan"),
    ],
)
def test_bad_embeddings_are_named(a, b, message):
    with pytest.raises(ValueError, match=message):
        pair_scores(a, b)


def unordered(left, right):
    return {frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}


@pytest.mark.parametrize("seed", range(10))
def test_sampled_pairs_are_what_they_should_be(seed):
    identities = np.random.default_rng(seed).permutation([*"aaaabbbccd"])
    left, right, same = sample_pairs(identities, 16, seed)
    assert same.tolist() == [True] * 8 + [False] * 8
    np.testing.assert_array_equal(identities[left] == identities[right], same)
    assert (left != right).all()
    assert len(unordered(left, right)) == 16
    for found, again in zip((left, right), sample_pairs(identities, 16, seed)[:2], strict=True):
        np.testing.assert_array_equal(found, again)


def test_all_pairs_can_be_had_and_not_one_more():
    identities = np.array([2, 1, 2, 1, 2])  # 4 genuine and 6 impostor pairs
    left, right, same = sample_pairs(identities, 8)
    genuine = {frozenset(p) for p in itertools.combinations((0, 2, 4), 2)} | {frozenset((1, 3))}
    assert unordered(left[same], right[same]) == genuine
    with pytest.raises(ValueError, match="count asks for 5 genuine pairs, identities has 4"):
        sample_pairs(identities, 10)
    with pytest.raises(ValueError, match="count asks for 3 impostor pairs, identities has 0"):
        sample_pairs([7] * 6, 6)
    with pytest.raises(ValueError, match="count asks for 1 genuine pairs, identities has 0"):
        sample_pairs([1, 2, 3], 2)


def test_every_pair_is_equally_likely():
    identities = np.array([*"aaabbc"])  # 4 genuine and 11 impostor pairs
    counts = {True: {}, False: {}}
    for seed in range(1100):
        left, right, same = sample_pairs(identities, 2, seed)
        for kind, pair in zip(same.tolist(), zip(left, right, strict=True), strict=True):
            counts[kind][frozenset(pair)] = counts[kind].get(frozenset(pair), 0) + 1
    assert [len(counts[True]), len(counts[False])] == [4, 11]
    for kind in counts.values():
        assert stats.chisquare(list(kind.values())).pvalue > 0.001


def test_pairs_of_many_images_need_no_list_of_all():
    identities = np.repeat(np.arange(5000), 20)  # 5 thousand million impostor pairs
    left, right, same = sample_pairs(identities, 2000)
    np.testing.assert_array_equal(identities[left] == identities[right], same)
    assert len(np.unique(identities[left])) > 1000


@pytest.mark.parametrize(
    ("identities", "count", "error", "message"),
    [
        ([1, 1, 2], 3, ValueError, "count must be even, half genuine and half impostor pairs, got"),
        ([1, 1, 2], 0, ValueError, "count must be a whole number from 2"),
        ([1, 1, 2], 2.0, TypeError, "count must be a whole number from 2"),
        ([[1, 1, 2]], 2, ValueError, r"identities must have shape \(N,\) with N >= 1, got \(1, 3"),
        ([], 2, ValueError, r"identities must have shape \(N,\) with N >= 1, got \(0,\)"),
    ],
)
def test_bad_identities_are_named(identities, count, error, message):
    with pytest.raises(error, match=message):
        sample_pairs(identities, count)


def test_people_in_both_sets_are_named():
    check_disjoint([1, 1, 2], np.array([3, 4]))
    with pytest.raises(ValueError, match=r"nobody in common, got 2 in both: 2, 3$"):
        check_disjoint([3, 3, 1, 2], [2, 2, 3, 9])
    with pytest.raises(ValueError, match=r"got 20 in both: 0, 1, 2, 3, 4, \.\.\.$"):
        check_disjoint(np.arange(20), np.arange(30))


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
