"""PLDA: against the densities it stands for, and against populations of known covariances."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from facebook_tut.plda import PLDA, fit_plda

MODEL = PLDA(np.array([1.0, -2.0]), np.array([[1.0, 0.5], [0.0, 2.0]]), np.array([4.0, 0.25]))


def sample(people=3000, photos=3, seed=0):
    """Return features of known covariances, and whose they are."""
    rng = np.random.default_rng(seed)
    between, within = np.array([3.0, 1.0, 0.0]), np.array([1.0, 2.0, 0.5])
    who = np.repeat(np.arange(people), photos)
    features = (rng.normal(size=(people, 3)) * between)[who]
    return features + rng.normal(size=features.shape) * within + (5, 0, -5), who


def test_the_ratio_is_that_of_the_densities():
    left, right = np.random.default_rng(1).normal(size=(2, 20, 2)) * 2
    a, b = MODEL.project(left), MODEL.project(right)
    total = np.diag(1 + MODEL.ratios)
    shared = np.diag(MODEL.ratios)
    together = multivariate_normal(cov=np.block([[total, shared], [shared, total]]))
    alone = multivariate_normal(cov=total)
    wanted = together.logpdf(np.hstack([a, b])) - alone.logpdf(a) - alone.logpdf(b)
    np.testing.assert_allclose(MODEL.log_likelihood_ratio(left, right), wanted, rtol=1e-10)


def test_known_covariances_are_found():
    model = fit_plda(*sample(), shrinkage=0)
    np.testing.assert_allclose(model.mean, (5, 0, -5), atol=0.15)
    np.testing.assert_allclose(model.ratios[:2], (9, 0.25), rtol=0.1)
    assert model.ratios[2:].sum() < 0.05  # nothing tells people apart in the third
    main = model.directions[:, 0]
    np.testing.assert_allclose(np.abs(main), (1, 0, 0), atol=0.05)


def test_coordinates_have_the_promised_covariances():
    features, who = sample()
    model = fit_plda(features, who, shrinkage=0)
    coordinates = model.project(features).reshape(-1, 3, model.ratios.size)
    means = coordinates.mean(axis=1)
    off = (coordinates - means[:, None]).reshape(-1, model.ratios.size)
    within = off.T @ off / (2 * len(means))
    np.testing.assert_allclose(within, np.eye(len(within)), atol=1e-8)
    between = np.cov(means, rowvar=False) - within / 3
    np.testing.assert_allclose(between, np.diag(model.ratios), atol=1e-8)


def test_people_with_one_photograph_count_between_people():
    features, who = sample(photos=2)
    single = np.concatenate([who[who < 1500], 10_000 + np.arange((who >= 1500).sum())])
    model = fit_plda(features, single, shrinkage=0)
    np.testing.assert_allclose(model.ratios[:2], (9, 0.25), rtol=0.1, atol=0.05)


def test_it_does_not_matter_in_which_units_features_are_measured():
    features, who = sample(people=200)
    mix = np.random.default_rng(2).normal(size=(3, 3))
    one, other = fit_plda(features, who, shrinkage=0), fit_plda(features @ mix, who, shrinkage=0)
    np.testing.assert_allclose(one.ratios, other.ratios, rtol=1e-8)
    score = one.log_likelihood_ratio(features[::2], features[1::2])
    other_score = other.log_likelihood_ratio(features[::2] @ mix, features[1::2] @ mix)
    np.testing.assert_allclose(score, other_score, rtol=1e-6, atol=1e-8)


def test_embeddings_weigh_directions_by_their_ratio():
    features, _ = sample(people=2)
    scaled = MODEL.project(features[:, :2]) * np.sqrt(MODEL.ratios / (1 + MODEL.ratios))
    wanted = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    np.testing.assert_allclose(MODEL.embed(features[:, :2]), wanted)


def test_few_directions_are_the_best_ones():
    features, who = sample()
    everything, best = fit_plda(features, who), fit_plda(features, who, dimensions=1)
    np.testing.assert_array_equal(best.ratios, everything.ratios[:1])
    np.testing.assert_array_equal(best.directions, everything.directions[:, :1])


def test_shrinkage_lets_more_numbers_than_photographs_pass():
    features = np.random.default_rng(3).normal(size=(8, 20))
    who = [0, 0, 1, 1, 2, 2, 3, 3]
    with pytest.raises(ValueError, match="features of 20 numbers must vary within people"):
        fit_plda(features, who, shrinkage=0)
    assert fit_plda(features, who, shrinkage=0.1).ratios.min() > 0


@pytest.mark.parametrize(
    ("features", "who", "options", "wrong"),
    [
        ([1.0, 2.0], [0, 1], {}, "features"),
        ([[1.0], [np.nan]], [0, 0], {}, "features must hold finite"),
        ([[1.0], [2.0]], [0], {}, r"identities must have shape \(2,\), one per row"),
        ([[1.0], [2.0]], [0, 0], {}, "two or more people"),
        ([[1.0], [2.0]], [0, 1], {}, "two photographs"),
        ([[1.0], [2.0], [3.0]], [0, 0, 1], {"dimensions": 2}, "dimensions"),
        ([[1.0], [2.0], [3.0]], [0, 0, 1], {"shrinkage": -1}, "shrinkage"),
    ],
)
def test_bad_input_is_named(features, who, options, wrong):
    with pytest.raises((TypeError, ValueError), match=wrong):
        fit_plda(features, who, **options)


def test_features_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"features.*2"):
        MODEL.project(np.zeros((4, 3)))
