"""Alignment against scikit-image, hand-worked cases and people whose landmarks are known."""

import numpy as np
import pytest
import skimage.data
from skimage.transform import SimilarityTransform, resize, warp

from facebook_tut import alignment
from facebook_tut.alignment import (
    BOX_EYES,
    TEMPLATE,
    align,
    alignment_error,
    crop,
    locate_eyes,
    similarity_transform,
)
from facebook_tut.data.synthetic import NUISANCES, sample_people
from facebook_tut.detection import detect_with_cascade

POSE = ("roll", "scale", "shift x", "shift y")
STEADY = {name: dial.neutral for name, dial in NUISANCES.items() if name not in POSE}


def rng(seed=0):
    return np.random.default_rng(seed)


def move(points, turn, scale, shift):
    """Turn points by degrees, scale and shift them."""
    cosine, sine = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    return scale * points @ np.array([[cosine, sine], [-sine, cosine]]) + shift


# --- similarity_transform ---------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 3, 5, 40])
@pytest.mark.parametrize("noise", [0, 0.3, 5])
def test_it_is_that_of_scikit_image(count, noise):
    generator = rng(count)
    source = generator.normal(0, 10, (count, 2))
    target = move(source, generator.uniform(-180, 180), generator.uniform(0.1, 9), (4, -7))
    target += generator.normal(0, noise, target.shape)
    expected = SimilarityTransform.from_estimate(source, target)
    np.testing.assert_allclose(similarity_transform(source, target), expected.params, atol=1e-9)


@pytest.mark.parametrize("turn", [-180, -90, -30, 0, 12, 90, 179])
@pytest.mark.parametrize("scale", [1e-3, 1, 50])
def test_it_finds_what_was_done(turn, scale):
    source = rng().normal(0, 3, (5, 2))
    matrix = similarity_transform(source, move(source, turn, scale, (1e3, -2)))
    assert np.hypot(*matrix[:2, 0]) == pytest.approx(scale)
    wanted = np.deg2rad(turn)
    assert np.cos(np.arctan2(matrix[1, 0], matrix[0, 0]) - wanted) == pytest.approx(1)
    np.testing.assert_array_equal(matrix[2], (0, 0, 1))


def test_no_similarity_near_it_is_better():
    source, target = rng(1).normal(0, 3, (2, 6, 2))

    def cost(matrix):
        return ((source @ matrix[:2, :2].T + matrix[:2, 2] - target) ** 2).sum()

    best = similarity_transform(source, target)
    for seed in range(50):
        turn, scale, *shift = rng(seed).normal(0, 0.05, 4)
        other = best.copy()
        other[:2, :2] = move(best[:2, :2], np.rad2deg(turn), np.exp(scale), 0)
        other[:2, 2] += shift
        assert cost(other) > cost(best)


def test_it_never_mirrors():
    source = rng(2).normal(0, 3, (6, 2))
    matrix = similarity_transform(source, source * (-1, 1) + rng(3).normal(0, 1, (6, 2)))
    a, b = matrix[0, 0], matrix[1, 0]
    np.testing.assert_allclose(matrix[:2, :2], [[a, -b], [b, a]], atol=1e-12)
    assert np.linalg.det(matrix[:2, :2]) > 0


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ([[3, 3], [3, 3]], [[0, 0], [1, 0]]),
        ([[0, 0], [1, 0]], [[3, 3], [3, 3]]),
        ([[1, 1], [1, -1], [-1, 1], [-1, -1]], [[-1, 1], [-1, -1], [1, 1], [1, -1]]),  # mirrored
    ],
)
def test_points_that_leave_the_turn_open_are_refused(source, target):
    with pytest.raises(ValueError, match=r"^source and target must determine a turn"):
        similarity_transform(source, target)


@pytest.mark.parametrize(
    ("source", "target", "error", "message"),
    [
        (np.zeros((1, 2)), np.zeros((1, 2)), ValueError, "^source must hold two or more finite"),
        ([[0, 0], [1, np.inf]], np.eye(2), ValueError, "^source must hold two or more finite"),
        (np.eye(2), [[0, 0], [1, np.nan]], ValueError, "^target must hold two or more finite"),
        (np.eye(3), np.eye(3), ValueError, r"^source must have shape \(K, 2\), got \(3, 3\)"),
        (np.eye(2), np.ones((3, 2)), ValueError, r"^target must have shape \(2, 2\) as source"),
        ([["a", "b"]] * 2, np.eye(2), TypeError, "^source must hold real numbers"),
    ],
)
def test_bad_points_are_named(source, target, error, message):
    with pytest.raises(error, match=message):
        similarity_transform(source, target)


# --- align and crop ---------------------------------------------------------------------------


def spots(points, shape=(200, 200), width=3):
    """Return a picture with a soft bright spot at each point."""
    y, x = np.indices(shape)
    return sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * width**2)) for a, b in points)


def centre(image, near, reach):
    """Return the centre of brightness about a point."""
    left, top = (np.round(near) - reach).astype(int)
    part = image[max(top, 0) : top + 2 * reach + 1, max(left, 0) : left + 2 * reach + 1, 0]
    y, x = np.indices(part.shape)
    return np.array([(x * part).sum(), (y * part).sum()]) / part.sum() + np.maximum((left, top), 0)


@pytest.mark.parametrize("size", [48, 64, 112])
@pytest.mark.parametrize("turn", [0, 25, -70])
@pytest.mark.parametrize("count", [2, 5])
def test_landmarks_come_to_the_template(size, turn, count):
    landmarks = move(TEMPLATE[:count] - 0.5, turn, 110, (104, 97))
    aligned = align(np.clip(spots(landmarks), 0, 1), landmarks, size)
    assert aligned.shape == (size, size, 3)
    assert aligned.dtype == np.float32
    for goal in TEMPLATE[:count] * size - 0.5:
        np.testing.assert_allclose(centre(aligned, goal, size // 12), goal, atol=0.15)


def test_warping_is_that_of_scikit_image():
    picture = skimage.data.astronaut()[:150, 100:300] / 255
    landmarks = np.array([[80.0, 70], [130, 85]])
    expected = SimilarityTransform.from_estimate(landmarks, TEMPLATE[:2] * 200 - 0.5)
    found = align(picture, landmarks, 200)  # a crop larger than the face: nothing is smoothed
    wanted = warp(picture, expected.inverse, output_shape=(200, 200), order=1, mode="edge")
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_shrinking_is_that_of_scikit_image():
    picture = skimage.data.astronaut()[:240, 90:330] / 255
    found = crop(picture, (0, 0, 240, 240), 48)
    wanted = resize(picture, (48, 48), order=1, mode="edge", anti_aliasing=True)
    np.testing.assert_allclose(found[2:-2, 2:-2], wanted[2:-2, 2:-2], atol=2e-3)


def test_a_small_part_of_a_large_picture_is_smoothed_as_the_whole_would_be():
    picture = rng().random((400, 500))
    landmarks = np.array([[180.0, 150], [260, 170]])
    one = align(picture, landmarks, 24)
    far = np.pad(picture, ((0, 300), (0, 300)), constant_values=1)
    np.testing.assert_allclose(align(far, landmarks, 24), one, atol=1e-6)
    assert one.std() < picture.std() / 3  # of noise finer than the crop's pixels


def test_the_same_face_gives_the_same_crop_wherever_it_was():
    people = sample_people(1, 1, seed=2, size=200, fixed=STEADY | dict.fromkeys(POSE[2:], 0))
    picture, landmarks = people.images[0], people.landmarks[0].astype(float)
    expected = align(picture, landmarks)
    turned = SimilarityTransform(rotation=0.3, scale=0.9, translation=(40, -20))
    moved = warp(picture, turned.inverse, order=3, mode="edge")
    found = align(np.clip(moved, 0, 1), turned(landmarks))
    assert np.abs(found - expected)[8:-8, 8:-8].mean() < 0.01


def test_whole_boxes_are_cut_as_slices():
    picture = rng().random((30, 40, 3)).astype(np.float32)
    np.testing.assert_allclose(crop(picture, (4, 7, 24, 27), 20), picture[4:24, 7:27], atol=1e-6)


def test_beyond_the_picture_its_edge_goes_on():
    picture = rng().random((20, 20, 3))
    padded = np.pad(picture, ((8, 8), (8, 8), (0, 0)), mode="edge")
    np.testing.assert_allclose(crop(picture, (-8, -8, 28, 28), 36), padded, atol=1e-6)
    far = crop(picture, (100, 100, 120, 120), 8)
    np.testing.assert_allclose(far, np.broadcast_to(picture[-1, -1], far.shape), atol=1e-6)


@pytest.mark.parametrize("cut", [crop, align])
def test_every_kind_of_picture_gives_the_same_crop(cut):
    grey = rng().integers(0, 256, (60, 70), dtype=np.uint8)
    rgb = np.repeat(grey[..., np.newaxis], 3, axis=2)
    rgba = np.dstack([rgb, np.full((60, 70), 9, np.uint8)])
    where = (10, 20, 40, 50) if cut is crop else [[25, 30], [40, 33]]
    expected = cut(grey, where, 16)
    assert expected.min() >= 0
    assert expected.max() <= 1
    for picture in (rgb, rgba, grey / 255, rgb / 255, (rgba / 255).astype(np.float32)):
        np.testing.assert_allclose(cut(picture, where, 16), expected, atol=1e-5)


def test_the_template_is_symmetrical_and_in_order():
    mirrored = (TEMPLATE * (-1, 1) + (1, 0))[[1, 0, 2, 4, 3]]
    np.testing.assert_allclose(mirrored, TEMPLATE, atol=1e-12)
    assert (np.diff(TEMPLATE[[0, 2, 3], 1]) > 0).all()
    with pytest.raises(ValueError, match="read-only"):
        TEMPLATE[0] = 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"landmarks": np.ones((3, 2))}, ValueError, r"^landmarks must have shape \(5, 2\) or"),
        ({"landmarks": np.eye(3)}, ValueError, r"^landmarks must have shape \(K, 2\)"),
        ({"landmarks": np.ones((2, 2))}, ValueError, "^source and target must determine"),
        ({"size": 0}, ValueError, "^size must be a whole number from 1 to 4096, got 0"),
        ({"size": 6.5}, TypeError, "^size must be a whole number"),
        ({"picture": np.zeros((9, 9), int)}, TypeError, "^picture must hold floats"),
        ({"picture": np.zeros(9)}, ValueError, "^picture must have shape"),
        ({"template": np.ones((5, 3))}, ValueError, "^template must have shape"),
    ],
)
def test_bad_arguments_of_align_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        align(**{"picture": np.zeros((9, 9)), "landmarks": np.eye(2)} | arguments)


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (5, 0, 0, 5), (0, 0, np.nan, 5), (0, 0, 5, np.inf)])
def test_a_box_without_area_is_refused(box):
    with pytest.raises(ValueError, match=r"^box must be \(top, left, bottom, right\) with an area"):
        crop(np.zeros((9, 9)), box)


def test_a_box_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"^box must have shape \(4,\), got \(3,\)"):
        crop(np.zeros((9, 9)), (1, 2, 3))


# --- alignment_error --------------------------------------------------------------------------


def test_the_error_is_in_distances_between_the_eyes():
    true = np.array([[[0, 0], [10, 0], [5, 6]], [[0, 0], [0, 20], [7, 7]]], float)
    found = true + np.array([[[3, 4], [0, 0], [0, 1]], [[0, 0], [0, 2], [0, 4]]])
    np.testing.assert_allclose(alignment_error(found, true), [0.2, 0.1])


def test_the_error_does_not_change_with_turn_and_scale():
    found, true = rng().normal(0, 5, (2, 7, 5, 2))
    expected = alignment_error(found, true)
    moved = alignment_error(move(found, 33, 4, (1, 2)), move(true, 33, 4, (1, 2)))
    np.testing.assert_allclose(moved, expected)
    np.testing.assert_array_equal(alignment_error(true, true), 0)


@pytest.mark.parametrize(
    ("found", "true", "message"),
    [
        (np.ones((1, 5, 2)), np.ones((1, 4, 2)), r"^found must have shape \(1, 4, 2\)"),
        (np.ones((5, 2)), np.ones((5, 2)), r"^true must have shape \(N, K, 2\)"),
        (np.ones((1, 1, 2)), np.ones((1, 1, 2)), "^true must begin with the two eyes"),
        (np.ones((1, 2, 2)), np.ones((1, 2, 2)), "^true must have eyes apart, got face 0 without"),
    ],
)
def test_bad_arguments_of_the_error_are_named(found, true, message):
    with pytest.raises(ValueError, match=message):
        alignment_error(found, true)


# --- locate_eyes ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [24, 64, 150])
@pytest.mark.parametrize("turn", [-15, 0, 15])
def test_drawn_pupils_are_found(size, turn):
    eyes = (move(BOX_EYES - BOX_EYES.mean(0), turn, 1.05, BOX_EYES.mean(0)) + 0.02) * size - 0.5
    face = 0.8 - 0.6 * np.clip(spots(eyes, (size, size), size / 30), 0, 1)
    found = locate_eyes(face)
    assert alignment_error([found], [eyes])[0] < 0.05
    np.testing.assert_allclose(locate_eyes(np.repeat(face[..., None], 3, 2)), found)


def slow_agreement(region):
    """Timm and Barth's objective by its formula, pixel by pixel, on a region from 0 to 1."""
    from scipy.ndimage import gaussian_filter

    down, across = np.gradient(gaussian_filter(region, 0.5))
    strength = np.hypot(across, down)
    strong = np.argwhere(strength > strength.mean() + 0.3 * strength.std())
    values = np.empty(region.shape)
    for c in np.ndindex(region.shape):
        total = 0
        for x in strong:
            d = (x - c) / max(np.linalg.norm(x - c), 1)
            g = np.array([down[tuple(x)], across[tuple(x)]]) / strength[tuple(x)]
            total += max(d @ g, 0) ** 2
        values[c] = total / len(strong)
    return values * (1 - gaussian_filter(region, 1))


def test_the_objective_is_that_of_the_paper():
    from facebook_tut.alignment import _gradient_agreement

    region = rng().random((9, 11))
    region = (region - region.min()) / np.ptp(region)
    np.testing.assert_allclose(
        _gradient_agreement(region).reshape(9, 11), slow_agreement(region), atol=1e-12
    )


@pytest.mark.parametrize("factor", [5, 9])
def test_a_face_is_cut_from_a_large_photograph_as_from_a_small_one(factor):
    picture = skimage.data.astronaut()[20:220, 120:320]
    landmarks = np.array([[83, 80], [126, 82], [105, 106], [83, 120], [125, 121]])
    large = picture.repeat(factor, 0).repeat(factor, 1)
    expected = align(picture, landmarks)
    found = align(large, (landmarks + 0.5) * factor - 0.5)
    assert np.abs(found - expected).mean() < 0.02
    box = np.array([40, 50, 150, 160])
    assert np.abs(crop(large, box * factor) - crop(picture, box)).mean() < 0.02


def test_only_the_part_about_a_face_is_converted(monkeypatch):
    seen = []
    convert = alignment.img_as_float32
    monkeypatch.setattr(
        alignment, "img_as_float32", lambda part: seen.append(part.shape) or convert(part)
    )
    crop(np.zeros((3000, 3000, 3), np.uint8), (1000, 1000, 1100, 1100))
    assert len(seen) == 1 and max(seen[0]) < 150


def test_eyes_of_synthetic_people_are_found():
    usual = [[0.37, 0.485], [0.63, 0.485]]
    people = sample_people(40, 1, seed=7, fixed=STEADY)
    true = people.landmarks[:, :2]
    found = [locate_eyes(image, usual) for image in people.images]
    guess = np.broadcast_to(np.multiply(usual, 64) - 0.5, true.shape)
    assert np.median(alignment_error(found, true)) < 0.06
    assert np.median(alignment_error(guess, true)) > 0.1


def test_the_eyes_of_a_photograph_are_found():
    picture = skimage.data.astronaut()[:300, 100:400]
    [face] = detect_with_cascade(picture)
    window = crop(picture, face.box, 96)
    scale = face.size / 96
    eyes = (locate_eyes(window) + 0.5) * scale - 0.5 + (face.left + 100, face.top)
    assert alignment_error([eyes], [[[203, 100], [246.5, 102.5]]])[0] < 0.05  # marked by hand


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_where_there_are_no_eyes_the_usual_places_are_given(level):
    np.testing.assert_allclose(locate_eyes(np.full((64, 64), level)), BOX_EYES * 64 - 0.5, atol=1)


def test_an_implausible_pair_is_not_given():
    eyes = np.array([[0.31, 0.23], [0.66, 0.52]]) * 64 - 0.5  # steeper than a head is held
    face = 0.8 - 0.6 * np.clip(spots(eyes, (64, 64), 2), 0, 1)
    np.testing.assert_allclose(locate_eyes(face), BOX_EYES * 64 - 0.5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"face": np.zeros((23, 64))}, ValueError, "^face must be at least 24 pixels high"),
        ({"face": np.zeros((64, 64), int)}, TypeError, "^picture must hold floats"),
        ({"expected": [[0.3, 0.3], [1.2, 0.3]]}, ValueError, "^expected must hold two places"),
        ({"expected": [[0.3, 0.3], [0.3, 0.3]]}, ValueError, "^expected must hold two places"),
        ({"expected": TEMPLATE}, ValueError, "^expected must hold two places"),
    ],
)
def test_bad_arguments_of_locate_eyes_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        locate_eyes(**{"face": np.zeros((64, 64))} | arguments)
