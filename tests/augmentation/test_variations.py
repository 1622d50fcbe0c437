"""Variations of a batch stay images, within their bounds, and leave the originals alone."""

import numpy as np
import pytest

from facebook_tut import corruption
from facebook_tut.augmentation import erase, vary, vary_camera, vary_strongly

SHAPE = (16, 16, 3)
IDENTITIES = np.repeat(np.arange(6), 5)  # six patterns, five images each


def faces(seed=0):
    """Return five noisy images of each of six patterns."""
    rng = np.random.default_rng(seed)
    patterns = np.random.default_rng(9).random((6, *SHAPE))
    return np.clip(patterns[IDENTITIES] + rng.normal(0, 0.1, (30, *SHAPE)), 0, 1).astype("float32")


def test_variations_are_the_images_mirrored_and_shifted():
    images, rng = faces(), np.random.default_rng(0)
    varied = vary(images, rng, shift=0.13, brightness=0, contrast=0)  # two pixels at most
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    seen = set()
    for image, candidates in zip(varied, padded, strict=True):
        for down, across, step in np.ndindex(5, 5, 2):
            moved = candidates[down : down + 16, across : across + 16]
            if np.allclose(image, moved[:, :: 1 - 2 * step], atol=1e-6):
                seen.add((down, across, step))
                break
        else:
            pytest.fail("a variation is no shifted image")
    assert len(seen) > 10
    assert {step for *_, step in seen} == {0, 1}


def test_variations_change_brightness_and_contrast_within_bounds():
    images = np.full((200, 4, 4, 3), 0.5, "float32")
    images[:, ::2] += 0.1
    images[:, 1::2] -= 0.1
    varied = vary(images, np.random.default_rng(0), shift=0, brightness=0.1, contrast=0.2)
    means, spreads = varied.mean((1, 2, 3)), varied.std((1, 2, 3))
    assert 0.4 <= means.min() < 0.42 < 0.58 < means.max() <= 0.6
    assert 0.08 <= spreads.min() < 0.083 < 0.117 < spreads.max() <= 0.12 + 1e-6


def test_variations_stay_images_and_leave_the_originals():
    images = faces()
    before = images.copy()
    varied = vary(images, np.random.default_rng(0), brightness=0.5)
    assert (varied.dtype, varied.shape) == (np.float32, images.shape)
    assert varied.min() == 0
    assert varied.max() == 1
    np.testing.assert_array_equal(images, before)
    again = vary(images, np.random.default_rng(0), brightness=0.5)
    np.testing.assert_array_equal(varied, again)


def test_strong_variations_stay_images_and_leave_the_originals():
    images, copy = faces(), faces()
    varied = vary_strongly(images, np.random.default_rng(0))
    np.testing.assert_array_equal(images, copy)
    assert varied.dtype == np.float32
    assert varied.shape == images.shape
    assert varied.min() >= 0
    assert varied.max() <= 1
    again = vary_strongly(images, np.random.default_rng(0))
    np.testing.assert_array_equal(varied, again)
    assert np.abs(varied - images).mean(axis=(1, 2, 3)).min() > 1e-3


def test_a_share_of_the_images_is_spoiled_as_cameras_spoil_them():
    images = np.random.default_rng(1).random((200, 64, 64, 3)).astype(np.float32)
    strong = vary_strongly(images, np.random.default_rng(0))
    varied = vary_camera(images, np.random.default_rng(0), share=0.3, grey=0)
    spoiled = (varied != strong).any(axis=(1, 2, 3))
    assert 40 < spoiled.sum() < 80
    assert varied.dtype == np.float32 and varied.min() >= 0 and varied.max() <= 1
    again = vary_camera(images, np.random.default_rng(0), share=0.3, grey=0)
    np.testing.assert_array_equal(varied, again)
    none = vary_camera(images, np.random.default_rng(0), share=0, grey=0)
    np.testing.assert_array_equal(none, strong)


def test_a_batch_meets_few_kinds_of_damage(monkeypatch):
    met = []
    monkeypatch.setattr(
        corruption, "corrupt_at_random", lambda image, rng, kinds: (met.append(kinds), image)[1]
    )
    vary_camera(np.zeros((20, 64, 64, 3), np.float32), np.random.default_rng(0), kinds=2)
    assert len({tuple(kinds) for kinds in met}) == 1 and len(set(met[0])) == 2


def test_a_share_of_the_images_loses_its_colour():
    images = np.random.default_rng(1).random((300, 16, 16, 3)).astype(np.float32)
    varied = vary_camera(images, np.random.default_rng(0), share=0, grey=0.25)
    grey = (np.ptp(varied, axis=-1) < 1e-6).all(axis=(1, 2))
    assert 50 < grey.sum() < 100


def test_erasing_covers_one_rectangle_of_a_share_of_the_images():
    images = np.full((400, 20, 30, 3), -1, np.float32)
    covered = erase(images, np.random.default_rng(0), share=0.25, largest=0.4)
    changed = (covered != -1).all(axis=-1)
    assert 70 < changed.any(axis=(1, 2)).sum() < 130
    heights = changed.any(axis=2).sum(axis=1)
    widths = changed.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(changed.sum(axis=(1, 2)), heights * widths)  # a rectangle
    assert (heights.max(), widths.max()) == (8, 12)
    greys = [np.unique(one[one != -1]) for one in covered if (one != -1).any()]
    assert all(len(grey) == 1 and 0 <= grey[0] <= 1 for grey in greys)
    assert (images == -1).all()
