"""1:N search, against loops in words and hand-worked cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facebook_tut.evaluation import Proportion, cmc, dir_at_fpir, open_set, roc

DRAWN = settings(deadline=None, derandomize=True, max_examples=50)


@st.composite
def searches(draw, strangers=False):
    """Draw scores with ties or without, of a gallery in which people may stand several times."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gallery = rng.integers(0, draw(st.integers(1, 6)), draw(st.integers(1, 12)))
    probes = rng.choice(gallery, draw(st.integers(1, 20)))
    if strangers:
        probes = rng.permutation([*probes, *rng.integers(100, 103, draw(st.integers(1, 20)))])
    levels = draw(st.sampled_from([2, 5, 10**6]))
    scores = rng.integers(-levels, levels, (len(probes), len(gallery))) / levels
    if draw(st.booleans()):
        return scores, np.array([f"person {n}" for n in probes]), [f"person {n}" for n in gallery]
    return scores, probes, gallery


def best_of(row, gallery):
    """Return each person's best score in one row of scores."""
    best = {}
    for score, name in zip(row, gallery, strict=True):
        best[name] = max(score, best.get(name, -np.inf))
    return best


@DRAWN
@given(searches())
def test_the_characteristic_is_the_loop_in_words(search):
    scores, probes, gallery = search
    ranks = []
    for row, name in zip(scores, probes, strict=True):
        best = best_of(row, gallery)
        ranks.append(1 + sum(best[other] >= best[name] for other in best if other != name))
    found = cmc(*search)
    assert len(found) == len(set(gallery))
    for k, share in enumerate(found, start=1):
        assert share == np.mean([rank <= k for rank in ranks])
    assert found[-1] == 1
    assert (np.diff(found) >= 0).all()


@DRAWN
@given(searches())
def test_the_order_of_gallery_and_probes_does_not_matter(search):
    scores, probes, gallery = search[0], np.asarray(search[1]), np.asarray(search[2])
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(len(probes)), rng.permutation(len(gallery))
    shuffled = cmc(scores[rows][:, columns], probes[rows], gallery[columns])
    np.testing.assert_array_equal(shuffled, cmc(*search))


@pytest.mark.parametrize(
    ("scores", "probes", "gallery", "shares"),
    [
        ([[3, 2, 1], [1, 2, 3]], "ab", "abc", [1 / 2, 1, 1]),
        ([[1, 1, 1]], "a", "abc", [0, 0, 1]),  # all the same: last, and no reward for the first row
        ([[1, 5, 4, 3]], "a", "abbb", [0, 1]),  # three entries of one person are one rank
        ([[1, 5, 7]], "a", "aba", [1, 1]),  # the better of two entries
        ([[0]], "a", "a", [1]),
    ],
)
def test_characteristics_worked_by_hand(scores, probes, gallery, shares):
    assert cmc(scores, [*probes], [*gallery]).tolist() == shares


def test_scores_without_meaning_find_one_in_so_many():
    scores = np.random.default_rng(0).normal(size=(4000, 10))
    found = cmc(scores, np.arange(4000) % 10, np.arange(10))
    np.testing.assert_allclose(found, np.arange(1, 11) / 10, atol=0.03)


def rates(scores, probes, gallery, threshold):
    """Return FPIR and DIR at one threshold, probe by probe."""
    named, found = [], []
    for row, name in zip(scores, probes, strict=True):
        best = best_of(row, gallery)
        if name not in best:
            named.append(max(best.values()) >= threshold)
        else:
            first = all(best[name] > best[other] for other in best if other != name)
            found.append(first and best[name] >= threshold)
    return np.mean(named), np.mean(found)


@DRAWN
@given(searches(strangers=True))
def test_the_open_set_is_the_loop_in_words(search):
    curve = open_set(*search)
    for threshold, fpir, dir_ in zip(curve.thresholds, curve.fpir, curve.dir, strict=True):
        assert (fpir, dir_) == rates(*search, threshold)
    np.testing.assert_array_equal(curve.fnir, 1 - curve.dir)
    assert (curve.thresholds[0], curve.fpir[0], curve.dir[0]) == (np.inf, 0, 0)
    assert (np.diff(curve.thresholds) < 0).all()
    # Between its thresholds nothing happens: elsewhere the rates are those of the one above.
    for threshold in np.unique(search[0]):
        k = np.flatnonzero(curve.thresholds >= threshold)[-1]
        assert rates(*search, threshold) == (curve.fpir[k], curve.dir[k])


@DRAWN
@given(searches(strangers=True))
def test_the_open_set_ends_at_the_closed_one(search):
    scores, probes, gallery = search
    mated = np.isin(probes, gallery)
    curve = open_set(*search)
    assert curve.fpir[-1] == 1
    assert curve.dir[-1] == cmc(scores[mated], probes[mated], gallery)[0]


def test_a_gallery_of_one_person_is_verification():
    rng = np.random.default_rng(0)
    same, scores = rng.integers(0, 2, 50), rng.integers(0, 9, 50)
    names = np.where(same, "Ann", "Bo")
    curve, pairs = open_set(scores[:, None], names, ["Ann"]), roc(same, scores)
    np.testing.assert_array_equal(curve.thresholds, pairs.thresholds)
    np.testing.assert_array_equal(curve.fpir, pairs.far)
    np.testing.assert_array_equal(curve.dir, pairs.tar)


def test_a_larger_gallery_names_more_strangers():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(400, 200))
    scores[np.arange(200), np.arange(200)] += 4
    names, fpir = np.arange(400), []
    for size in (10, 50, 200):
        rows = np.r_[:size, 200:400]
        curve = open_set(scores[rows][:, :size], names[rows], names[:size])
        fpir.append(curve.fpir[curve.thresholds >= 2.5][-1])
    assert fpir == sorted(fpir)
    assert fpir[0] < 0.2 < 0.5 < fpir[-1]


@DRAWN
@given(searches(strangers=True), st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_the_rate_at_an_fpir_is_the_best_within_the_limit(search, fpir):
    scores, probes, gallery = np.tile(search[0], (30, 1)), np.tile(search[1], 30), search[2]
    point = dir_at_fpir(scores, probes, gallery, fpir)
    mated = int(np.isin(probes, gallery).sum())
    assert (point.fpir.trials, point.dir.trials) == (len(probes) - mated, mated)
    reached = rates(scores, probes, gallery, point.threshold)
    assert (point.fpir.value, point.dir.value) == reached
    allowed = [rates(*search, t) for t in [np.inf, *np.unique(search[0])]]
    assert point.dir.value == max(dir_ for measured, dir_ in allowed if measured <= fpir)


def test_the_rate_at_an_fpir_worked_by_hand():
    strangers = np.stack([np.arange(300) / 300, np.zeros(300)], axis=1)
    scores = np.concatenate([[[2, 1], [0.991, 0.5], [0.5, 0.4], [3, 4]], strangers])
    names = ["Ann", "Ann", "Ann", "Ann", *(f"stranger {n}" for n in range(300))]
    point = dir_at_fpir(scores, names, ["Ann", "Bo"], 0.01)
    assert point.fpir == Proportion(3, 300)  # 297, 298 and 299 of 300
    assert point.dir == Proportion(2, 4)  # one scores too little, one is taken for Bo
    assert point.threshold == 0.99
    assert repr(point) == (
        "DIR 0.50 (95 % interval 0.15 to 0.85, 2 of 4) at FPIR 0.01 (3 of 300), threshold 0.99"
    )


def test_single_precision_finds_the_same():
    rng = np.random.default_rng(0)
    scores, names = rng.normal(size=(60, 20)).astype(np.float32), np.arange(60) % 40
    scores[np.arange(60), names % 20] += 2
    point = dir_at_fpir(scores, names, np.arange(20), 0.3)
    assert point == dir_at_fpir(scores.astype(float), names, np.arange(20), 0.3)


@pytest.mark.parametrize("fpir", [0, 0.001, 0.00999])
def test_no_rate_that_the_data_cannot_support(fpir):
    scores = np.arange(301.0)[:, None]
    with pytest.raises(
        ValueError, match=r"fpir must be at least 0.01 with 300 unmated probes \(rule of 3\), got"
    ):
        dir_at_fpir(scores, np.arange(301), [0], fpir)
    assert dir_at_fpir(scores, np.arange(301), [0], 0.01).fpir == Proportion(3, 300)


@pytest.mark.parametrize("function", [cmc, open_set, lambda *search: dir_at_fpir(*search, 0.5)])
@pytest.mark.parametrize(
    ("scores", "probes", "gallery", "error", "message"),
    [
        ([1, 2], [1, 2], [1], ValueError, r"scores must have shape \(P, G\), got \(2,\)"),
        ([[]], [1], [], ValueError, r"scores must have shape \(P, G\), got \(1, 0\)"),
        ([["a"]], [1], [1], TypeError, "scores must hold real numbers"),
        ([[1], [np.nan]], [1, 2], [1], ValueError, "scores must hold finite numbers, got nan"),
        (
            [[1], [2]],
            [1],
            [1],
            ValueError,
            r"probe_names must have shape \(2,\), one per row of scores, got \(1,\)",
        ),
        (
            [[1], [2]],
            [1, 2],
            [1, 2],
            ValueError,
            r"gallery_names must have shape \(1,\), one per column of scores, got \(2,\)",
        ),
    ],
)
def test_bad_searches_are_named(function, scores, probes, gallery, error, message):
    with pytest.raises(error, match=message):
        function(scores, probes, gallery)


def test_a_stranger_in_a_closed_set_is_named():
    with pytest.raises(ValueError, match="probe_names must all be in gallery_names, Di is not"):
        cmc([[1, 2], [1, 2]], ["Ann", "Di"], ["Ann", "Bo"])


@pytest.mark.parametrize(("names", "found"), [([1, 2], "all"), ([3, 4], "none")])
def test_an_open_set_needs_both_kinds(names, found):
    message = "probe_names must hold people in gallery_names and people not in it, got "
    for function in (open_set, lambda *search: dir_at_fpir(*search, 0.5)):
        with pytest.raises(ValueError, match=message + found):
            function([[1, 2], [2, 1]], names, [1, 2])


def test_a_bad_rate_is_named():
    with pytest.raises(ValueError, match="fpir must be a number from 0 to 1, got 2"):
        dir_at_fpir([[1], [2]], [1, 2], [1], 2)
