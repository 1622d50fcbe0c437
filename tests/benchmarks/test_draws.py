"""Intervals over people: weights, rates and thresholds by hand."""

import _draws
import numpy as np
import pytest

from facebook_tut import evaluation

ONCE = np.ones((1, 4), int)  # a draw in which everybody comes once


def test_a_person_takes_their_pairs_along():
    left, right = np.array([0, 0, 1]), np.array([0, 1, 2])
    assert _draws.weights(np.array([2, 3, 0]), left, right).tolist() == [2, 6, 0]
    drawn = _draws.draws(5, rounds=50)
    assert drawn.shape == (50, 5) and (drawn.sum(1) == 5).all()
    assert (drawn == _draws.draws(5, rounds=50)).all()


def test_an_accuracy_weighs_both_kinds_alike():
    same = np.array([True, False, False, False])
    right = np.array([False, True, True, False])
    left, other = np.array([0, 0, 1, 2]), np.array([0, 1, 2, 3])
    assert _draws.accuracy(right, same, left, other, ONCE).tolist() == [pytest.approx(1 / 3)]
    twice = np.array([[1, 2, 1, 0]])  # the pairs 0–1 and 1–2 count twice, 2–3 not at all
    assert _draws.accuracy(right, same, left, other, twice).tolist() == [0.5]


def test_a_difference_is_paired():
    values = np.random.default_rng(0).random(1000)
    found = _draws.difference((0.6, values + 0.1), (0.5, values))
    assert found == {"value": 0.1, "interval": [0.1, 0.1]}


def test_where_everybody_comes_once_it_is_the_plain_rate():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(40), 3)
    left, right = np.triu_indices(120, 1)
    same = person[left] == person[right]
    scores = rng.normal(size=len(same)) + 2 * same
    ranked = _draws.Ranked(person, left, right, same, scores, most=0.01)
    for far in (0.01, 0.002):
        point = evaluation.tar_at_far(same, scores, far)
        [tar], [threshold] = ranked.tar(np.ones((1, 40), int), far)
        assert (tar, threshold) == (pytest.approx(point.tar.value), point.threshold)


def test_the_draws_are_those_of_the_package_s_bootstrap():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(30), 3)
    left, right = np.triu_indices(90, 1)
    same = person[left] == person[right]
    scores = rng.normal(size=len(same)) + 2 * same
    ranked = _draws.Ranked(person, left, right, same, scores, most=0.01)
    tars, _ = ranked.tar(_draws.draws(30, rounds=400), 0.01)
    groups = np.stack([person[left], person[right]], axis=1)

    def tar(same, scores):
        return evaluation.roc(same, scores).tar_at(0.01)

    other = evaluation.bootstrap(tar, same, scores, groups, rounds=400)
    np.testing.assert_allclose(_draws.interval(tars), other, atol=0.06)


def test_rates_of_a_matrix_by_hand():
    scores = np.array([[0.9, 0.1, 0.8], [0.2, 0.3, 0.1], [0.1, 0.7, 0.9]])
    drawn = np.array([[1, 1, 1], [2, 0, 1]])
    (tar, tars), (fmr, fmrs) = _draws.rates(scores, 0.6, drawn)
    assert (tar, fmr) == (pytest.approx(2 / 3), pytest.approx(2 / 6))
    assert tars.tolist() == [pytest.approx(2 / 3), 1]
    assert fmrs.tolist() == [pytest.approx(2 / 6), pytest.approx(2 / 4)]  # 0–2 twice, of 4


def test_a_spread_has_the_digits_that_count():
    values = [0.0123456, *np.linspace(0.01, 0.02, 1001)]
    assert _draws.spread(values) == {"value": 0.01235, "interval": [0.01025, 0.01975]}
