"""Light made even, brighter or darker."""

import numpy as np
import pytest

from facebook_tut.data.synthetic import NUISANCES, sample_people
from facebook_tut.preprocessing import (
    from_linear_light,
    normalise_illumination,
    set_brightness,
    to_linear_light,
)


def test_brightness_becomes_what_was_asked_for_and_light_drops_out():
    images = np.random.default_rng(0).uniform(0.05, 0.3, (3, 8, 6, 3))
    bright = set_brightness(images, 0.4)
    np.testing.assert_allclose(bright.mean((1, 2, 3)), 0.4, atol=1e-6)
    np.testing.assert_allclose(set_brightness(0.3 * images, 0.4), bright, atol=1e-6)
    np.testing.assert_allclose(bright[1] / images[1], 0.4 / images[1].mean(), rtol=1e-5)


def test_what_grows_too_bright_is_clipped_and_black_stays_black():
    images = np.zeros((2, 4, 4, 3))
    images[0, 0] = 0.9
    bright = set_brightness(images, 0.5)
    assert bright.max() == 1 and (bright[1] == 0).all()
    with pytest.raises(ValueError, match="mean must be"):
        set_brightness(images, 0)
    with pytest.raises(ValueError, match="images must have shape"):
        set_brightness(images[0], 0.5)


def neutral(**dials):
    return {name: dial.neutral for name, dial in NUISANCES.items()} | dials


def auc(images, identities):
    """Return how often two images of one person are nearer (cosine) than two of two people."""
    rows = images.reshape(len(images), -1)
    rows = rows - rows.mean(1, keepdims=True)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    left, right = np.triu_indices(len(rows), 1)
    scores, same = (rows @ rows.T)[left, right], identities[left] == identities[right]
    impostors = np.sort(scores[~same])
    return np.searchsorted(impostors, scores[same]).mean() / len(impostors)


def test_people_are_told_apart_better_under_a_lamp_from_the_side():
    lamp = ("light azimuth", "light elevation", "brightness", "warmth")
    steady = {name: value for name, value in neutral().items() if name not in lamp}
    steady["ambient"] = NUISANCES["ambient"].low
    people = sample_people(40, 4, seed=1, fixed=steady)
    before = auc(people.images, people.identities)
    after = auc(normalise_illumination(people.images), people.identities)
    assert 1 - after < (1 - before) / 3


def test_it_is_the_formula():
    from scipy.ndimage import gaussian_filter

    images = np.random.default_rng(0).uniform(0.1, 1, (2, 32, 40, 3))
    found = normalise_illumination(images, scale=1 / 8)
    assert found.dtype == np.float32
    for image, out in zip(images, found, strict=True):
        smooth = np.stack(
            [gaussian_filter(image[..., c], 4, mode="nearest") for c in range(3)], axis=-1
        )
        ratio = np.log((image + 1 / 64) / (smooth + 1 / 64))
        expected = np.clip(0.5 + (ratio - ratio.mean()) / ratio.std() / 6, 0, 1)
        np.testing.assert_allclose(out, expected, atol=1e-5)


@pytest.mark.parametrize("gain", [0.5, [0.9, 0.7, 0.5]])
def test_exposure_and_the_lamps_colour_do_not_matter(gain):
    images = np.random.default_rng(0).uniform(0.3, 1, (2, 32, 32, 3))
    difference = normalise_illumination(images * gain) - normalise_illumination(images)
    assert np.abs(difference).mean() < 0.01  # not 0: DARKEST is added


def test_flat_images_become_grey_and_each_image_is_treated_alone():
    flat = np.full((1, 16, 16, 3), 0.3)
    np.testing.assert_allclose(normalise_illumination(flat), 0.5, atol=1e-5)
    images = np.random.default_rng(0).random((3, 16, 16, 3))
    np.testing.assert_allclose(
        normalise_illumination(images)[1:2], normalise_illumination(images[1:2]), atol=1e-6
    )


@pytest.mark.parametrize(
    ("images", "scale", "error", "message"),
    [
        (np.zeros((8, 8, 3)), 0.1, ValueError, r"^images must have shape \(N, H, W, 3\), got"),
        (np.zeros((1, 8, 8, 1)), 0.1, ValueError, r"^images must have shape \(N, H, W, 3\), got"),
        (np.zeros((1, 8, 8, 3), np.uint8), 0.1, TypeError, "^images must hold floats"),
        (np.zeros((1, 8, 8, 3)) - 1, 0.1, ValueError, "^images must hold values from 0 to 1"),
        (np.zeros((1, 8, 8, 3)), 0, ValueError, "^scale must be a number from 0.01 to 1, got 0"),
    ],
)
def test_bad_arguments_of_the_retinex_are_named(images, scale, error, message):
    with pytest.raises(error, match=message):
        normalise_illumination(images, scale)


def test_values_and_light_lead_back_to_each_other():
    values = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(from_linear_light(to_linear_light(values)), values, atol=1e-6)
    assert (np.diff(to_linear_light(values)) > 0).all()


def test_a_middle_grey_is_a_fifth_of_the_light():
    assert abs(float(to_linear_light(118 / 255)) - 0.18) < 0.005  # photographers' 18 % grey


@pytest.mark.parametrize("change", [to_linear_light, from_linear_light])
@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan])
def test_light_beyond_white_or_below_black_is_refused(change, bad):
    with pytest.raises(ValueError, match=r"(values|light) must"):
        change([0.5, bad])
