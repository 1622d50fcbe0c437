"""Each corruption does what its name says, no more, and leaves the picture that was given alone."""

from functools import partial

import numpy as np
import pytest
import skimage.data

from facebook_tut import corruption
from facebook_tut.preprocessing import to_linear_light

FACE = skimage.data.astronaut()[60:156, 180:276] / 255
SOME = {
    "darken": partial(corruption.darken, share=0.25),
    "light_from_side": partial(corruption.light_from_side, contrast=0.9),
    "remove_colour": corruption.remove_colour,
    "shrink": partial(corruption.shrink, edge=16),
    "defocus": partial(corruption.defocus, sigma=2.0),
    "add_noise": partial(corruption.add_noise, deviation=0.1),
    "compress": partial(corruption.compress, quality=10),
    "cover": partial(corruption.cover, share=0.4),
    "turn": partial(corruption.turn, degrees=15),
    "corrupt": partial(corruption.corrupt, kind="out of focus", severity=4),
    "corrupt_at_random": lambda picture: corruption.corrupt_at_random(
        picture, np.random.default_rng(5)
    ),
}
NOTHING = {
    "darken": partial(corruption.darken, share=1),
    "light_from_side": partial(corruption.light_from_side, contrast=0),
    "remove_colour": partial(corruption.remove_colour, share=0),
    "corrupt": partial(corruption.corrupt, kind="JPEG", severity=0),
    "shrink": partial(corruption.shrink, edge=96),
    "defocus": partial(corruption.defocus, sigma=0),
    "add_noise": partial(corruption.add_noise, deviation=0),
    "cover": partial(corruption.cover, share=0),
    "turn": partial(corruption.turn, degrees=0),
}


def test_every_corruption_is_tested():
    public = {name for name in vars(corruption) if getattr(corruption, name) in functions()}
    assert public == SOME.keys()


def functions():
    own = [value for value in vars(corruption).values() if callable(value)]
    return [
        value
        for value in own
        if value.__module__ == corruption.__name__ and not value.__name__.startswith("_")
    ]


@pytest.mark.parametrize("alter", SOME.values(), ids=SOME)
def test_it_changes_a_copy_and_keeps_shape_and_range(alter):
    before = FACE.copy()
    after = alter(FACE)
    np.testing.assert_array_equal(FACE, before)
    assert after.shape == FACE.shape and after.min() >= 0 and after.max() <= 1
    assert np.abs(after - FACE).mean() > 0.005
    np.testing.assert_array_equal(after, alter(FACE))  # the same every time
    lower = alter(FACE.astype(np.float32))
    np.testing.assert_allclose(lower, after, atol=0.05)


@pytest.mark.parametrize("alter", SOME.values(), ids=SOME)
def test_rounding_leads_to_no_value_above_white(alter):
    assert alter(np.ones((96, 96, 3))).max() <= 1
    assert alter(np.round(FACE)).max() <= 1


@pytest.mark.parametrize("alter", NOTHING.values(), ids=NOTHING)
def test_none_of_it_changes_nothing(alter):
    np.testing.assert_allclose(alter(FACE), FACE, atol=1e-9)


@pytest.mark.parametrize("alter", SOME.values(), ids=SOME)
@pytest.mark.parametrize(
    ("picture", "error", "words"),
    [
        (np.zeros((4, 4)), ValueError, r"picture must have shape \(H, W, 3\), got \(4, 4\)"),
        (np.zeros((4, 4, 3), np.uint8), TypeError, "picture must hold floats"),
        (np.full((4, 4, 3), 2.0), ValueError, "picture"),
        (np.full((4, 4, 3), np.nan), ValueError, "picture"),
    ],
)
def test_what_is_no_colour_picture_is_refused(alter, picture, error, words):
    if alter is SOME["shrink"]:
        alter = partial(corruption.shrink, edge=2)
    with pytest.raises(error, match=words):
        alter(picture)


@pytest.mark.parametrize(
    ("function", "option", "bad"),
    [
        (corruption.darken, "share", 1.5),
        (corruption.light_from_side, "contrast", -0.1),
        (corruption.remove_colour, "share", 1.5),
        (corruption.shrink, "edge", 0),
        (corruption.shrink, "edge", 97),
        (corruption.defocus, "sigma", -1),
        (corruption.add_noise, "deviation", 2),
        (corruption.compress, "quality", 0),
        (corruption.cover, "share", 2),
        (corruption.turn, "degrees", 181),
    ],
)
def test_a_strength_that_cannot_be_is_named(function, option, bad):
    with pytest.raises(ValueError, match=f"{option} must be"):
        function(FACE, **{option: bad})


WHITE = np.ones((200, 500, 3))


def light(picture):
    return to_linear_light(picture)


def test_darkness_takes_light_not_values():
    dark = corruption.darken(WHITE, 0.2)
    assert abs(light(dark).mean() - 0.2) < 1e-3
    assert np.abs(255 * dark - np.round(255 * dark)).max() < 1e-9  # as a camera stores them


def test_the_noise_of_darkness_is_that_of_counting_and_reading():
    share, electrons, reading = 0.2, corruption.ELECTRONS, corruption.READ_NOISE
    wanted = share * (1 - share) / electrons + (reading / electrons) ** 2 * (1 - share**2)
    assert abs(light(corruption.darken(WHITE, share)).std() / np.sqrt(wanted) - 1) < 0.03


def test_noise_stands_out_the_more_the_darker_it_is():
    ratios = [x.std() / x.mean() for x in (light(corruption.darken(WHITE, s)) for s in (0.5, 0.05))]
    assert ratios[1] > 3 * ratios[0]
    one, other = (corruption.darken(FACE, 0.1, seed=seed) for seed in (1, 2))
    assert (one != other).any()


def test_light_falls_off_to_the_right_only():
    fallen = light(corruption.light_from_side(np.ones((4000, 11, 3)), 0.5)).mean((0, 2))
    np.testing.assert_allclose(fallen, np.linspace(1, 0.5, 11), atol=2e-3)


def test_without_colour_brightness_stays():
    from facebook_tut.preprocessing import grayscale

    grey = corruption.remove_colour(FACE)
    np.testing.assert_array_equal(grey[..., 0], grayscale(FACE))


def test_few_pixels_hold_no_fine_stripes():
    stripes = np.tile([0.0, 1.0], 32)[None, :, None] * np.ones((64, 1, 3))
    assert corruption.shrink(stripes, 16)[:, 8:-8].std() < 0.1
    wide = np.repeat([0.2, 0.8], 32)[None, :, None] * np.ones((32, 1, 3))  # not square
    assert corruption.shrink(wide, 8).shape == wide.shape
    np.testing.assert_allclose(corruption.shrink(wide, 8)[:, :16], 0.2, atol=0.02)


def test_defocus_spreads_a_spot_by_sigma():
    spot = np.zeros((41, 41, 3))
    spot[20, 20] = 1
    blurred = corruption.defocus(spot, 3.0)[..., 0]
    assert blurred.sum() == pytest.approx(1)
    rows = np.arange(41) - 20
    assert np.sqrt((blurred.sum(1) * rows**2).sum()) == pytest.approx(3, rel=0.02)


def test_noise_has_its_deviation_and_its_seed():
    flat = np.full((50, 50, 3), 0.5)
    assert corruption.add_noise(flat, 0.05).std() == pytest.approx(0.05, rel=0.03)
    assert (corruption.add_noise(flat, 0.05, seed=1) != corruption.add_noise(flat, 0.05)).any()


def test_jpeg_loses_more_at_lower_quality():
    losses = [np.abs(corruption.compress(FACE, q) - FACE).mean() for q in (95, 50, 10)]
    assert losses == sorted(losses) and losses[0] < 0.02


def test_a_cover_leaves_what_is_above_it():
    covered = corruption.cover(FACE, 0.25, grey=0.3)
    np.testing.assert_array_equal(covered[:72], FACE[:72])
    assert (covered[72:] == 0.3).all()


def test_a_turn_moves_a_spot_to_the_left_and_down():
    spot = np.zeros((31, 31, 3))
    spot[4:7, 14:17] = 1  # above the centre
    rows, columns = np.nonzero(corruption.turn(spot, 90)[..., 0] > 0.5)
    assert columns.mean() == pytest.approx(5) and rows.mean() == pytest.approx(15)


@pytest.mark.parametrize("kind", corruption.SEVERITIES)
def test_each_step_changes_more_than_the_one_before(kind):
    face = FACE[16:80, 16:80]
    changes = [np.abs(corruption.corrupt(face, kind, step) - face).mean() for step in range(6)]
    assert changes[0] == 0
    assert np.all(np.diff(changes) > 0)


def test_a_step_is_the_corruption_with_its_strength():
    np.testing.assert_array_equal(
        corruption.corrupt(FACE, "few pixels", 2), corruption.shrink(FACE, 24)
    )
    noisy = corruption.corrupt(FACE, "noise", 5, seed=3)
    np.testing.assert_array_equal(noisy, corruption.add_noise(FACE, 0.12, seed=3))


def test_a_kind_or_a_step_that_there_is_not_is_named():
    with pytest.raises(ValueError, match=r"kind must be one of little light, .* got 'rain'"):
        corruption.corrupt(FACE, "rain", 1)
    with pytest.raises(ValueError, match="severity must be"):
        corruption.corrupt(FACE, "JPEG", 6)


def test_chance_draws_every_kind_and_step(monkeypatch):
    drawn = []
    monkeypatch.setattr(corruption, "corrupt", lambda picture, *drawing: drawn.append(drawing))
    rng = np.random.default_rng(0)
    for _ in range(1000):
        corruption.corrupt_at_random(FACE, rng)
    wanted = {(kind, step) for kind in corruption.SEVERITIES for step in range(1, 6)}
    assert {(kind, step) for kind, step, _ in drawn} == wanted
    assert len({seed for _, _, seed in drawn}) == 1000
