"""The detector in stages: its filter, its votes, and that stages leave the answer as it is."""

import numpy as np
import pytest

from facebook_tut.cascade import (
    PixelFilter,
    detect_in_stages,
    fit_pixel_filter,
    group_log_odds,
    log_odds,
    window_log_odds,
)
from facebook_tut.data import Dataset
from facebook_tut.detection import detect_faces, sliding_windows
from facebook_tut.preprocessing import even_contrast, to_network_input

EVERYTHING = PixelFilter(np.zeros((25, 25)), 1.0)
NOTHING = PixelFilter(np.zeros((25, 25)), -1.0)


def bright_above(images):
    """A classifier that likes what is brighter in its upper half."""
    upper = images[:, :32].mean((1, 2, 3)) - images[:, 32:].mean((1, 2, 3))
    return 1 / (1 + np.exp(-10 * upper))


@pytest.fixture(scope="module")
def picture():
    rng = np.random.default_rng(0)
    picture = rng.uniform(0.4, 0.6, (90, 120))
    picture[30:45, 60:90] += 0.4
    return picture


@pytest.fixture(scope="module")
def patches(picture):
    return sliding_windows(picture)[0]


@pytest.fixture(scope="module")
def fitted():
    """A filter of 30 patches bright above and 90 bright below."""
    rng = np.random.default_rng(1)
    small = rng.uniform(0, 0.6, (120, 25, 25))
    small[:30, :12] += 0.4
    small[30:, 13:] += 0.4
    labels = np.repeat([1, 0], [30, 90])
    dataset = Dataset(to_network_input(small), labels, [str(k) for k in range(120)])
    return fit_pixel_filter(dataset), small, labels


def test_the_filter_is_a_weighted_sum_of_even_pixels(fitted, patches):
    first, _, _ = fitted
    sums = [(first.weights * (even_contrast(p[None])[0] - 0.5)).sum() for p in patches[:5]]
    np.testing.assert_allclose(first.log_odds(patches[:5]), np.add(sums, first.bias))


def test_the_filter_tells_what_it_was_fitted_to_and_counts_both_kinds_alike(fitted):
    first, small, labels = fitted
    found = first.log_odds(small)
    assert ((found > 0) == (labels == 1)).all()
    assert found[labels == 1].mean() == pytest.approx(-found[labels == 0].mean(), rel=0.1)


def test_log_odds_are_those_of_the_probabilities_and_finite():
    z = np.array([-3.0, 0.0, 5.0])
    np.testing.assert_allclose(log_odds(1 / (1 + np.exp(-z))), z)
    assert np.isfinite(log_odds([0, 1])).all()


def test_an_image_and_its_mirror_image_get_one_answer(patches):
    def left(images):
        return np.clip(images[:, :, :32].mean((1, 2, 3)), 0.01, 0.99)

    some = patches[:7]
    np.testing.assert_allclose(
        window_log_odds(left, some), window_log_odds(left, some[:, :, ::-1]), atol=1e-5
    )
    alone = window_log_odds(left, some, mirror=False)
    np.testing.assert_allclose(alone, log_odds(left(to_network_input(some))), atol=1e-5)
    assert window_log_odds(left, some[:0]).shape == (0,)


def test_without_a_filter_it_finds_what_single_windows_say(picture):
    found = detect_in_stages(bright_above, picture, mirror=False)
    plain = detect_faces(bright_above, picture, threshold=0.5)
    assert len(found) == len(plain) > 0
    assert {round(each.score, 5) for each in found} == {round(each.score, 5) for each in plain}


def test_the_filter_throws_windows_out_before_the_network_sees_them(picture, patches):
    seen = []

    def count(images):
        seen.append(len(images))
        return bright_above(images)

    first = PixelFilter(np.tile(np.repeat([[1.0], [-1.0]], [12, 13], axis=0), 25), 0.0)
    found = detect_in_stages(count, picture, first, mirror=False)
    left = (first.log_odds(patches) > 0).sum()
    assert sum(seen) == left < len(patches)
    whole = detect_in_stages(bright_above, picture, EVERYTHING, mirror=False)
    assert found[0].score == whole[0].score
    assert detect_in_stages(bright_above, picture, NOTHING) == []


def test_votes_are_log_odds_above_the_floor():
    boxes = np.array([[0, 0, 10, 10], [0, 2, 10, 12], [50, 50, 60, 60], [90, 90, 99, 99]])
    scores = np.array([2.0, 1.0, 4.0, -2.0])
    first, second = group_log_odds(boxes, scores)
    assert (first.votes, second.votes) == (4, 3)
    assert first.score == pytest.approx(1 / (1 + np.exp(-4)))
    assert second.left == pytest.approx(2 / 3)  # weighed by log-odds
    lower = group_log_odds(boxes, scores, floor=-1)
    assert [each.votes for each in lower] == [5, 5]
    assert lower[1].score in (pytest.approx(1 / (1 + np.exp(-4))), pytest.approx(0.880797))
    assert group_log_odds(boxes, scores, floor=4) == []


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"classify": 1}, TypeError, "classify must be a function"),
        ({"floor": None}, TypeError, "floor must be a number"),
        ({"overlap": 2}, ValueError, "overlap must be a number from 0 to 1"),
        ({"first": PixelFilter(np.zeros((3, 3)), 0)}, ValueError, "first.weights must have shape"),
        ({"picture": np.zeros((20, 20))}, ValueError, "picture must be large enough"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    good = {"classify": bright_above, "picture": np.zeros((60, 60))}
    with pytest.raises(error, match=f"^{message}"):
        detect_in_stages(**good | arguments)
