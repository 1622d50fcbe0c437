"""Pairs and their scores are what their definitions say."""

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from facebook_tut.evaluation import (
    check_disjoint,
    equal_error_rate,
    normalised_pair_scores,
    pair_scores,
    sample_pairs,
)


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
