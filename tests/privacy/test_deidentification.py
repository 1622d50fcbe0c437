"""De-identification: what holds against a recogniser, and what does not."""

from functools import partial

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from facebook_tut.corruption import defocus
from facebook_tut.data.synthetic import LANDMARKS, render_face
from facebook_tut.metric_learning import embed
from facebook_tut.privacy.deidentification import in_box, k_same, pixelate, replace_face

PEOPLE, BOX = 60, (0, 2, 32, 30)


@pytest.fixture(scope="module")
def pictures(studio):
    """One picture of each of some people."""
    return studio(PEOPLE, 1, seed=5).images


def recognizers(model):
    """Return what an attacker compares: pixels, embeddings, and random numbers of the pixels."""
    flat = lambda images: images.reshape(len(images), -1)  # noqa: E731
    random = np.random.default_rng(0).normal(size=(32 * 32 * 3, 20))
    return {
        "pixels": flat,
        "embeddings": lambda images: embed(model, images.astype(np.float32), mirror=False),
        "random": lambda images: flat(images) @ random,
    }


def recognised(describe, probes, gallery):
    """Return how many probes are nearest to the picture in their row.

    Equal pictures are described once: else rounding, which depends on the row, would tell them
    apart by their rows.
    """
    probes, gallery = (described_once(describe, images) for images in (probes, gallery))
    return np.mean(cdist(probes, gallery).argmin(axis=1) == np.arange(len(gallery)))


def described_once(describe, images):
    different, rows = np.unique(np.asarray(images, float), axis=0, return_inverse=True)
    return describe(different)[rows.ravel()]


BLURS = {"blur": partial(defocus, sigma=3), "mosaic": partial(pixelate, edge=6)}


@pytest.mark.parametrize("change", BLURS.values(), ids=BLURS)
def test_who_treats_the_gallery_alike_sees_through_blur_and_mosaic(pictures, change, studio):
    """The parrot's attack of Newton, Sweeney and Malin, with noise as of another photograph."""
    noise = np.random.default_rng(0).normal(0, 0.02, pictures.shape)
    probes = [change(picture) for picture in np.clip(pictures + noise, 0, 1)]
    gallery = [change(picture) for picture in pictures]
    flat = recognizers(None)["pixels"]
    assert recognised(flat, probes, gallery) > 0.95


@pytest.mark.parametrize("k", [2, 3, 7, PEOPLE])
def test_k_same_lets_nobody_be_recognised_more_often_than_one_in_k(pictures, small_embedder, k):
    surrogates, groups = k_same(pictures, k)
    assert np.bincount(groups).min() >= k and np.bincount(groups).max() < 2 * k
    for describe in recognizers(small_embedder).values():
        for gallery in (pictures, surrogates):  # known faces as they were, or treated alike
            assert recognised(describe, surrogates, gallery) <= 1 / k


def test_k_same_gives_means_and_keeps_the_mean(pictures):
    surrogates, groups = k_same(pictures, 4)
    for group in np.unique(groups):
        wanted = pictures[groups == group].astype(float).mean(axis=0)
        for surrogate in surrogates[groups == group]:
            np.testing.assert_array_equal(surrogate, wanted)
    np.testing.assert_allclose(surrogates.mean(axis=0), pictures.mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(k_same(pictures, 1)[0], pictures)


def test_k_same_averages_those_that_are_alike():
    """0 takes 0.1, then 0.5 takes the three that are left: fewer than 2 k."""
    images = np.array([0, 0.5, 0.1, 0.9, 1]).reshape(5, 1, 1, 1)
    surrogates, groups = k_same(images, 2)
    assert groups.tolist() == [0, 1, 0, 1, 1]
    np.testing.assert_allclose(surrogates.ravel(), [0.05, 0.8, 0.05, 0.8, 0.8])


def test_in_a_group_of_one_person_the_bound_of_k_same_fails(studio):
    """Two pictures of each person: the group is the person."""
    people = studio(20, 1, seed=3).images
    twice = np.concatenate([people, np.clip(people + 0.01, 0, 1)])
    _, groups = k_same(twice, 2)
    assert np.mean(groups[:20] == groups[20:]) > 0.8


def test_a_face_that_is_replaced_is_recognised_by_chance_only(pictures, small_embedder):
    seeds = np.random.default_rng(0).integers(2**32, size=PEOPLE).tolist()
    probes = [replace_face(p, BOX, seed) for p, seed in zip(pictures, seeds, strict=True)]
    for name in ("embeddings", "pixels"):
        describe = recognizers(small_embedder)[name]
        assert recognised(describe, pictures, pictures) == 1
        assert recognised(describe, probes, pictures) < 5 / PEOPLE


def test_nothing_of_the_face_is_left_within_the_ellipse(pictures):
    one, two = (replace_face(picture, BOX, seed=1) for picture in pictures[:2])
    np.testing.assert_array_equal(one[10:22, 10:22], two[10:22, 10:22])
    np.testing.assert_array_equal(one[:, :2], pictures[0][:, :2])
    assert one.min() >= 0 and one.max() <= 1


def test_a_replaced_face_looks_where_the_old_one_did():
    wanted = {"yaw": 25.0}
    new = replace_face(np.full((64, 64, 3), 0.5), (0, 0, 64, 64), seed=4, dials=wanted)
    other = replace_face(np.full((64, 64, 3), 0.5), (0, 0, 64, 64), seed=4)
    assert np.abs(new - other).mean() > 0.01
    nose = LANDMARKS.index("nose")
    assert render_face(wanted)[1][nose, 0] > render_face()[1][nose, 0] + 3


def test_a_mosaic_has_as_many_squares_and_their_means():
    picture = np.random.default_rng(0).random((40, 30, 3))
    mosaic = pixelate(picture, 3)
    assert len(np.unique(mosaic[..., 0])) == 12
    np.testing.assert_allclose(
        mosaic[:10, :10], np.tile(picture[:10, :10].mean((0, 1)), (10, 10, 1))
    )
    np.testing.assert_allclose(pixelate(picture, 30), picture)
    np.testing.assert_allclose(pixelate(picture, 1)[0, 0, 0], picture[:30, :, 0].mean(), atol=0.05)
    uneven = pixelate(picture, 7)
    assert len(np.unique(uneven[0, :, 0])) == 7 and uneven.mean() == pytest.approx(picture.mean())


def test_only_the_box_is_changed():
    picture = np.random.default_rng(0).random((20, 30, 3))
    before = picture.copy()
    changed = in_box(picture, (-5, 10.4, 8, 99), partial(pixelate, edge=1))
    np.testing.assert_array_equal(picture, before)
    outside = np.ones((20, 30), bool)
    outside[:8, 10:] = False
    np.testing.assert_array_equal(changed[outside], picture[outside])
    assert changed[:8, 10:].std(axis=(0, 1)).max() < 1e-12


GREY = np.full((8, 8, 3), 0.5)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: pixelate(GREY[0], 2), ValueError, r"picture must have shape \(H, W, 3\)"),
        (lambda: pixelate(GREY, 9), ValueError, "edge must be a whole number from 1 to 8"),
        (lambda: in_box(GREY, (9, 9, 12, 12), pixelate), ValueError, "box must lie in the picture"),
        (lambda: in_box(GREY, (1, 2, 3), pixelate), ValueError, r"box must have shape \(4,\)"),
        (lambda: in_box(GREY, (0, 0, 4, 4), lambda p: p[:2]), ValueError, r"change\(part\) must"),
        (lambda: k_same(GREY[None], 2), ValueError, "k must be a whole number from 1 to 1"),
        (lambda: k_same(GREY[None] * 3, 1), ValueError, "images must hold values from 0 to 1"),
        (lambda: replace_face(GREY, (0, 0, 8, 8), 0, {"jaw": 0}), ValueError, "the trait 'jaw'"),
        (lambda: replace_face(GREY, (0, 0, 8, 8), 0, {"hat": 0}), ValueError, "hat"),
        (lambda: replace_face(GREY, (0, 0, 8, 8), -1), ValueError, "seed must be a whole number"),
    ],
)
def test_what_is_wrong_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()
