"""The score follows what harms a picture, and nothing else."""

from dataclasses import asdict

import numpy as np
import pytest
import skimage.data
from skimage.transform import resize

from facebook_tut.corruption import cover
from facebook_tut.data.synthetic import NUISANCES, TRAITS, render_faces, sample_people
from facebook_tut.preprocessing import Quality, grayscale, quality


@pytest.fixture(scope="module")
def traits():
    people = sample_people(25, 1, seed=3)
    return {name: people.attributes[name] for name in TRAITS}


@pytest.mark.parametrize(
    ("dial", "better", "worse", "share"),
    [
        ("blur", 0.5, 1.5, 0.8),  # most; some are sharper than they need to be
        ("blur", 1.5, NUISANCES["blur"].high, 1),
        ("noise", 0, NUISANCES["noise"].high / 2, 1),
        ("noise", NUISANCES["noise"].high / 2, NUISANCES["noise"].high, 1),
        ("brightness", 1, NUISANCES["brightness"].low, 0.8),
    ],
)
def test_the_score_falls_as_a_picture_gets_worse(traits, dial, better, worse, share):
    def scores(value):
        images, _ = render_faces({**traits, dial: np.full(25, value)})
        return np.array([quality(image).score for image in images])

    assert (scores(worse) < scores(better)).mean() >= share


PLAIN = {"colour": 0.2, "evenness": 0.9, "mouth": 0.3}  # which have no part in the score
GOOD = Quality(
    sharpness=0.05, contrast=0.3, brightness=0.15, clipped=0.1, noise=0.01, size=50, **PLAIN
)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sharpness", (0, 0.01, 0.03)),
        ("contrast", (0, 0.05, 0.35)),
        ("brightness", (0, 0.1, 0.18)),
        ("brightness", (1, 0.9, 0.82)),
        ("clipped", (1, 0.5, 0)),
        ("noise", (0.1, 0.01, 0)),
        ("size", (1, 24, 60)),
    ],
)
def test_the_score_rises_with_each_measure(name, values):
    scores = [Quality(**asdict(GOOD) | {name: value}).score for value in values]
    assert 0 <= scores[0] < scores[1] < scores[2] < 1


def test_a_good_face_scores_one_and_nothing_scores_more():
    best = Quality(sharpness=9, contrast=9, brightness=0.5, clipped=0, noise=0, size=999, **PLAIN)
    assert best.score == 1


def test_measures_are_what_they_are_called():
    generator = np.random.default_rng(0)
    flat = np.full((64, 64), 0.25)
    found = quality(np.clip(flat + generator.normal(0, 0.02, flat.shape), 0, 1))
    assert found.noise == pytest.approx(0.02 / 0.25, rel=0.05)
    assert found.contrast == pytest.approx(0.02 / 0.25, rel=0.05)
    assert found.brightness == pytest.approx(0.25, abs=0.002)
    ramp = quality(np.tile(np.linspace(0.1, 0.9, 64), (64, 1)))
    assert ramp.noise == pytest.approx(0, abs=1e-3)  # edges of the picture apart
    assert ramp.contrast == pytest.approx(0.8 / np.sqrt(12) / 0.5, rel=0.05)
    half = flat.copy()
    half[:16], half[16:32] = 0, 1
    assert quality(half).clipped == 0.5
    rgb = np.full((32, 48, 3), 128, np.uint8)
    rgb[:8, :, 0] = 255
    assert quality(rgb).clipped == 0.25
    assert quality(rgb).size == 32
    assert quality(rgb, size=20).size == 20


def test_less_light_changes_no_more_than_brightness(traits):
    images, _ = render_faces(traits)
    for image in images[:5].astype(float):
        one, other = asdict(quality(0.9 * image + 0.01)), asdict(quality(0.45 * image + 0.005))
        assert other.pop("brightness") == pytest.approx(one.pop("brightness") / 2)
        assert other == pytest.approx(one)


def test_the_score_does_not_follow_skin_tone():
    people = sample_people(150, 1, seed=4)
    scores = [quality(image).score for image in people.images]
    assert abs(np.corrcoef(scores, people.attributes["skin tone"])[0, 1]) < 0.25


def test_quality_of_a_flat_picture_is_none():
    assert quality(np.full((64, 64, 3), 0.5)).score == pytest.approx(0, abs=1e-6)


def test_every_kind_of_picture_has_the_same_quality():
    grey = skimage.data.astronaut()[60:180, 170:280, 1]
    expected = quality(grey).score
    rgba = np.dstack([grey, grey, grey, np.full(grey.shape, 255, np.uint8)])
    for picture in (grey / 255, np.dstack([grey] * 3), rgba):
        assert quality(picture).score == pytest.approx(expected, rel=1e-6)


def test_bad_arguments_of_quality_are_named():
    with pytest.raises(ValueError, match=r"^size must be a number from 1"):
        quality(np.zeros((64, 64)), size=0)
    with pytest.raises(TypeError, match=r"^picture must hold floats"):
        quality(np.zeros((64, 64), int))


def test_colour_is_none_in_grey_in_one_tone_and_in_any_light(traits):
    images, _ = render_faces(traits)
    for image in images[:5].astype(float):
        grey = image @ [0.2125, 0.7154, 0.0721]
        sepia = np.clip(grey[..., None] * [1.0, 0.8, 0.6] + [0.0, 0.01, 0.03], 0, 1)
        assert quality(image).colour > 0.05
        assert quality(0.5 * image).colour == pytest.approx(quality(image).colour)
        assert quality(np.dstack([grey] * 3)).colour == pytest.approx(0, abs=1e-6)
        assert quality(grey).colour == 0
        assert quality(sepia).colour < 0.01
        large = np.kron(image, np.ones((2, 2, 1)))
        assert quality(large).colour == pytest.approx(quality(image).colour, rel=0.1)


def test_a_covered_mouth_has_little_contrast_whatever_covers_it():
    face = resize(skimage.data.astronaut()[70:160, 180:270] / 255, (64, 64))
    grey = grayscale(face)
    uncovered = quality(face).mouth
    assert uncovered == pytest.approx(grey[40:60, 16:48].std() / grey.mean()) and uncovered > 0.2
    for tone in (0.1, 0.5, 0.9):
        assert quality(cover(face, 0.4, tone)).mouth == pytest.approx(0, abs=1e-9)
    face[:40] = 0.5  # only mouth and chin count
    assert quality(face).mouth * grayscale(face).mean() == pytest.approx(uncovered * grey.mean())


def test_evenness_is_the_darker_half_by_the_other():
    picture = np.full((64, 64, 3), 0.6)
    assert quality(picture).evenness == pytest.approx(1)
    picture[:, 32:] = 0.15
    assert quality(picture).evenness == quality(picture[:, ::-1]).evenness == pytest.approx(0.25)
    assert quality(np.zeros((64, 64))).evenness == 0


def test_no_detail_from_pixel_to_pixel_is_left_in_an_enlarged_crop():
    rng = np.random.default_rng(0)
    crop = np.clip(0.5 + 0.02 * rng.normal(size=(64, 64, 3)), 0, 1)
    few = resize(crop, (24, 24), anti_aliasing=True)
    assert quality(resize(few, (64, 64), order=1)).noise < 0.1 * quality(crop).noise


LIMITS = {
    "too grey": {"measure": "colour", "least": 0.1},
    "too dark": {"measure": "brightness", "least": 0.2, "most": None, "conditions": ["night"]},
    "too noisy": {"measure": "noise", "most": 0.05},
}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({}, ()),
        ({"colour": 0.09}, ("too grey",)),
        ({"colour": 0.1}, ()),
        ({"noise": 0.06, "colour": 0}, ("too grey", "too noisy")),
        ({"brightness": 0.1}, ("too dark",)),
    ],
)
def test_limits_have_a_side(change, names):
    good = asdict(GOOD) | {"brightness": 0.5}
    assert Quality(**good | change).beyond(LIMITS) == names
    assert Quality(**good | change).beyond({}) == ()


def test_a_limit_of_nothing_is_named():
    with pytest.raises(ValueError, match=r"measure must be one of sharpness, .*, got 'beauty'"):
        GOOD.beyond({"too plain": {"measure": "beauty", "least": 0.5}})
