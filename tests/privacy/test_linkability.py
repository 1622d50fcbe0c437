"""The measure of linkability: cases by hand, and what it says of Gaussian scores."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from facebook_tut.privacy.linkability import linkability


def test_equal_distributions_are_unlinkable():
    scores = np.random.default_rng(0).normal(size=500)
    result = linkability(scores, scores, bins=50)
    assert result.overall == 0 and (result.local == 0).all()


def test_separate_distributions_are_fully_linkable():
    result = linkability([5, 6, 7], [1, 2, 3], bins=12)
    assert result.overall == 1
    assert set(result.local) == {0, 1}


def test_a_case_by_hand():
    """Bins [0, 1), [1, 2), [2, 3]: mated 1/4, 1/4, 1/2, non-mated 1/2, 1/4, 1/4."""
    result = linkability([0, 1, 2, 3], [0, 0.5, 1, 3], bins=3)
    np.testing.assert_allclose(result.edges, [0, 1, 2, 3])
    np.testing.assert_allclose(result.local, [0, 0, 1 / 3], atol=1e-15)  # 2 · (2/3) − 1
    assert result.overall == pytest.approx(1 / 6)  # 1/2 · 1/3


def test_the_prior_counts():
    """ω = 2 doubles the likelihood ratios 1/2, 1 and 2."""
    result = linkability([0, 1, 2, 3], [0, 0.5, 1, 3], bins=3, prior_ratio=2)
    np.testing.assert_allclose(result.local, [0, 1 / 3, 3 / 5], atol=1e-15)
    assert result.overall == pytest.approx(1 / 12 + 3 / 10)


def test_low_scores_of_one_person_link_as_well():
    """Nothing says that mated scores are the higher ones."""
    assert linkability([1, 2], [5, 6], bins=10).overall == 1


def test_gaussian_scores_come_near_the_integral():
    def link(s):
        ratio = norm.pdf(s, 1) / norm.pdf(s, 0)
        return norm.pdf(s, 1) * max(2 * ratio / (1 + ratio) - 1, 0)

    rng = np.random.default_rng(0)
    measured = linkability(rng.normal(1, 1, 200_000), rng.normal(0, 1, 200_000)).overall
    assert measured == pytest.approx(quad(link, -8, 10, points=[0.5])[0], abs=0.01)


@pytest.mark.parametrize("per_bin", [25, 400])
def test_chance_alone_links_as_little_as_documented(per_bin):
    rng = np.random.default_rng(0)
    overall = [linkability(*rng.random((2, 20 * per_bin)), bins=20).overall for _ in range(100)]
    assert np.mean(overall) == pytest.approx(0.28 / np.sqrt(per_bin), rel=0.15)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (([], [1]), {}, ValueError, r"mated must have shape \(N,\)"),
        (([1], [[1]]), {}, ValueError, r"non_mated must have shape \(N,\)"),
        (([1], [np.nan]), {}, ValueError, "non_mated must hold finite numbers, got nan"),
        (([1], [2]), {"bins": 0}, ValueError, "bins must be a whole number from 1"),
        (([1], [2]), {"prior_ratio": -1}, ValueError, "prior_ratio must be a number from 0"),
        ((["a"], [2]), {}, TypeError, "mated must hold real numbers"),
    ],
)
def test_what_is_wrong_is_named(arguments, options, error, message):
    with pytest.raises(error, match=message):
        linkability(*arguments, **options)
