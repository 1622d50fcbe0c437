"""Likelihood ratios: by hand, against scikit-learn and against scores whose ratio is known."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from facebook_tut.evaluation import LikelihoodRatio, fit_likelihood_ratio, log_ratio_cost

RNG = np.random.default_rng(0)
SAME = np.repeat([1, 0], [300, 900])
SCORES = np.where(SAME == 1, 0.6, 0.2) + RNG.normal(0, 0.2, len(SAME))


def test_the_cost_by_hand():
    assert log_ratio_cost([1, 1, 0], [0, 0, 0]) == pytest.approx(1)
    assert log_ratio_cost([1, 0], np.log([3, 1 / 3])) == pytest.approx(np.log2(4 / 3))
    assert log_ratio_cost([1, 0], np.log([1 / 3, 3])) == pytest.approx(2)
    one_kind_costs = np.log2(1 + 1 / 7) + np.log2(1 + 1 / 3)
    assert log_ratio_cost([1, 0, 0], np.log([7, 1 / 3, 1 / 3])) == pytest.approx(one_kind_costs / 2)


def test_the_cost_of_sure_and_wrong_ratios_is_finite_and_high():
    assert log_ratio_cost([1, 0], [-1000, 1000]) == pytest.approx(1000 / np.log(2))
    assert log_ratio_cost([1, 0], [1000, -1000]) == 0


def test_the_line_is_the_balanced_logistic_regression_of_scikit_learn():
    found = fit_likelihood_ratio(SAME, SCORES)
    theirs = LogisticRegression(C=1e12, class_weight="balanced", tol=1e-12, max_iter=1000)
    theirs.fit(SCORES[:, None], SAME)
    assert found.slope == pytest.approx(theirs.coef_[0, 0], rel=1e-4)
    assert found.offset == pytest.approx(theirs.intercept_[0], rel=1e-4)


def test_no_line_nearby_has_a_lower_cost():
    found = fit_likelihood_ratio(SAME, SCORES)
    lowest = log_ratio_cost(SAME, found.log_ratio(SCORES))
    for slope, offset in ((0.3, 0), (-0.3, 0), (0, 0.1), (0, -0.1)):
        other = LikelihoodRatio(found.slope + slope, found.offset + offset)
        assert log_ratio_cost(SAME, other.log_ratio(SCORES)) > lowest


def test_gaussian_scores_have_the_ratio_that_their_densities_have():
    rng, same = np.random.default_rng(1), np.repeat([1, 0], 100_000)
    scores = np.where(same == 1, 2.0, 0.0) + rng.normal(size=len(same))
    found = fit_likelihood_ratio(same, scores)  # log density ratio: 2 s − 2
    assert found.slope == pytest.approx(2, abs=0.03)
    assert found.offset == pytest.approx(-2, abs=0.03)


@pytest.mark.parametrize(("scale", "shift"), [(1e-6, 0), (1e6, 5), (-3, 100)])
def test_a_line_applied_to_the_scores_leaves_the_ratios(scale, shift):
    plain, moved = (fit_likelihood_ratio(SAME, s) for s in (SCORES, scale * SCORES + shift))
    np.testing.assert_allclose(
        moved.log_ratio(scale * SCORES + shift), plain.log_ratio(SCORES), atol=1e-5
    )


def test_how_many_impostors_there_are_does_not_move_the_line():
    genuine, impostor = SCORES[SAME == 1], SCORES[SAME == 0]
    many = np.r_[genuine, np.tile(impostor, 5)]
    found = fit_likelihood_ratio(np.repeat([1, 0], [300, 4500]), many)
    plain = fit_likelihood_ratio(SAME, SCORES)
    assert (found.slope, found.offset) == pytest.approx((plain.slope, plain.offset))


def test_the_probability_is_bayes_rule():
    line = LikelihoodRatio(0.0, np.log(9))
    assert line.probability(0.3, prior=0.5) == pytest.approx(0.9)
    assert line.probability(0.3, prior=0.1) == pytest.approx(0.5)


@pytest.mark.parametrize("scores", [[0.9, 0.8, 0.2, 0.1], [0.1, 0.2, 0.8, 0.9], [0.5] * 4])
def test_separated_scores_have_no_best_slope(scores):
    with pytest.raises(ValueError, match="scores must overlap"):
        fit_likelihood_ratio([1, 1, 0, 0], scores)


def test_one_kind_of_pair_is_refused_by_name():
    with pytest.raises(ValueError, match="same must hold both genuine"):
        log_ratio_cost([1, 1], [0.1, 0.2])
    with pytest.raises(ValueError, match="log_ratios must have shape"):
        log_ratio_cost([1, 0], [0.1, 0.2, 0.3])
