"""Folds and the bootstrap, against loops in words."""

import numpy as np
import pytest
from scipy import stats

from facebook_tut.evaluation import (
    FoldedAccuracy,
    accuracy_at,
    best_threshold,
    bootstrap,
    bootstrap_people,
    cross_validated_accuracy,
    equal_error_rate,
    roc,
    sample_pairs,
)


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


def test_people_are_drawn_with_all_of_their_rows():
    rng = np.random.default_rng(0)
    people = rng.integers(40, size=300)
    values = rng.random(300) + (people < 20)

    def mean(times):
        return np.average(values, weights=times)

    low, high = bootstrap_people(mean, people, rounds=300)
    means, names = [], np.unique(people)
    again = np.random.default_rng(0)
    for _ in range(300):
        rows = [np.flatnonzero(people == names[k]) for k in again.integers(40, size=40)]
        means.append(values[np.concatenate(rows)].mean())
    assert (low, high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))
    alone, _ = bootstrap_people(mean, np.arange(300))
    assert values.mean() - low > 1.5 * (values.mean() - alone)  # rows of a person are alike


def test_a_draw_of_no_use_is_drawn_again_but_not_for_ever():
    people, first = np.arange(4), np.array([1, 0, 0, 0])

    def share_of_first(times):
        return times @ first if times[0] else None

    low, _ = bootstrap_people(share_of_first, people, rounds=200)
    assert low >= 1
    with pytest.raises(ValueError, match="statistic must be None for few draws"):
        bootstrap_people(lambda times: None, people, rounds=5)
