"""Moved copies: as many, as far and as repeatable as told."""

import numpy as np
import pytest
import skimage.data

from facebook_tut.augmentation import augment
from facebook_tut.preprocessing import to_network_input


@pytest.fixture(scope="module")
def images():
    return to_network_input(skimage.data.lfw_subset()[95:98])


def test_copies_are_the_same_for_one_seed(images):
    first = augment(images, 2, seed=4)
    assert first.tobytes() == augment(images, 2, seed=4).tobytes()
    assert not np.array_equal(first, augment(images, 2, seed=5))
    assert first.dtype == np.float32
    assert first.shape == (6, 64, 64, 3)


def test_copies_keep_the_range_and_the_originals(images):
    before = images.copy()
    moved = augment(images, 5, turn=40, scale=0.5, shift=0.3)
    assert moved.min() >= 0
    assert moved.max() <= 1
    np.testing.assert_array_equal(images, before)


def test_copies_come_in_rounds_of_all_images(images):
    still = augment(images, 3, turn=0, scale=0, shift=0)
    for index, copy in enumerate(still):
        original = images[index % len(images)]
        distance = min(np.abs(copy - original).max(), np.abs(copy - original[:, ::-1]).max())
        assert distance < 1e-5


def test_about_half_of_the_copies_are_mirrored(images):
    still = augment(images[:1], 60, turn=0, scale=0, shift=0)
    mirrored = np.abs(still - images[0]).max((1, 2, 3)) > 1e-3
    assert np.abs(still[mirrored] - images[0, :, ::-1]).max() < 1e-5
    assert 15 < mirrored.sum() < 45


def spot(image):
    """Where the only bright spot of an image is."""
    rows, columns = np.indices(image.shape[:2])
    weights = image[..., 0]
    return np.array([(weights * axis).sum() for axis in (rows, columns)]) / weights.sum()


@pytest.mark.parametrize(
    ("given", "farthest"),
    [({"shift": 0.1}, 6.4 * 2**0.5), ({"turn": 10.0}, 3.5 + 1), ({"scale": 0.2}, 4 + 1)],
)
def test_copies_move_as_far_as_told(given, farthest):
    image = np.zeros((1, 64, 64, 3))
    image[0, 49:54, 29:34] = 1  # 20 pixels below the centre
    moved = augment(image, 30, **({"turn": 0, "scale": 0, "shift": 0} | given))
    upright = [
        min((spot(one), spot(one[:, ::-1])), key=lambda at: abs(at[1] - 31)) for one in moved
    ]
    distances = np.linalg.norm(np.array(upright) - spot(image[0]), axis=1)
    assert farthest / 2 < distances.max() <= farthest + 0.5


def test_copies_of_oblong_images_turn_about_the_middle():
    image = np.zeros((1, 41, 61, 3))
    image[0, 19:22, 29:32] = 1
    moved = augment(image, 20, turn=90, scale=0, shift=0)
    for copy in moved[..., 0]:
        rows, columns = np.nonzero(copy > 0.4)
        assert (rows.mean(), columns.mean()) == pytest.approx((20, 30), abs=0.5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"copies": 0}, ValueError, "^copies must be a whole number from 1"),
        ({"copies": 1.5}, TypeError, "^copies must be a whole number from 1"),
        ({"seed": -1}, ValueError, "^seed must be a whole number from 0"),
        ({"images": np.zeros((1, 64, 64, 3), np.uint8)}, TypeError, "^images must hold floats"),
        ({"images": np.zeros((64, 64, 3))}, ValueError, "^images must have shape"),
    ],
)
def test_bad_arguments_are_named(images, arguments, error, message):
    with pytest.raises(error, match=message):
        augment(**{"images": images, "copies": 1} | arguments)
