"""Fisher vectors: what patches see, what vectors must not depend on, what they tell apart."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from facebook_tut.fisher import SCALES, FisherEncoder, colour_patches, describe, shape_patches

KINDS = ("shape", "colour")


def pictures(count=6, shape=(96, 84), seed=0):
    """Return smooth random pictures, (N, H, W, 3), values from 0.2 to 0.8."""
    noise = np.random.default_rng(seed).random((count, *shape, 3))
    smooth = gaussian_filter(noise, (0, 2, 2, 0))
    low, high = smooth.min(axis=(1, 2, 3), keepdims=True), smooth.max(axis=(1, 2, 3), keepdims=True)
    return 0.2 + 0.6 * (smooth - low) / (high - low)


@pytest.fixture(scope="module", params=KINDS)
def encoder(request):
    return FisherEncoder(request.param, components=6, modes=3).fit(pictures())


@pytest.mark.parametrize("patches", [shape_patches, colour_patches])
def test_a_patch_sees_what_is_near_its_centre_and_nothing_else(patches):
    plain = pictures(1, shape=(60, 60))[0]
    marked = plain.copy()
    marked[24:36, 24:36] = plain[24:36, 24:36][::-1]  # mean and deviation stay as they are
    change = np.abs(patches(plain, 3) - patches(marked, 3)).sum(axis=-1)
    row, column = np.unravel_index(change.argmax(), change.shape)
    assert max(abs(9 + 3 * row - 30), abs(9 + 3 * column - 30)) <= 12
    assert change[0].max() < change.max() / 10


def test_shape_finds_the_direction_of_an_edge():
    down = np.linspace(0, 1, 60)[:, None, None] * np.ones((60, 60, 3))
    centre = shape_patches(down, 3)[7, 7].reshape(13, 8).mean(axis=0)
    across = shape_patches(down.transpose(1, 0, 2), 3)[7, 7].reshape(13, 8).mean(axis=0)
    assert abs(centre.argmax() - across.argmax()) in (2, 6)  # a quarter turn of 8 directions


def test_shape_hardly_depends_on_light():
    picture = pictures(1)[0]
    dim = 0.4 + 0.5 * picture
    change = np.abs(shape_patches(picture, 3) - shape_patches(dim, 3)).mean()
    assert change < 0.1 * shape_patches(picture, 3).mean()


def test_colour_depends_on_neither_brightness_nor_contrast():
    picture = pictures(1)[0]
    np.testing.assert_allclose(
        colour_patches(0.1 + 0.5 * picture, 3), colour_patches(picture, 3), atol=1e-9
    )


def test_colour_keeps_half_of_a_tint():
    grey = pictures(1)[0].mean(axis=-1, keepdims=True) * np.ones(3)
    means = colour_patches(grey * (1.2, 1, 0.8), 3).reshape(-1, 16, 6)[..., :3].mean(axis=(0, 1))
    assert means[0] > means[1] > means[2]


@pytest.mark.parametrize("kind", KINDS)
def test_places_are_the_centres_of_the_patches(kind):
    descriptors, places = describe(pictures(1)[0], kind)
    assert len(descriptors) == len(places)
    assert np.abs(places).max() < 0.5
    full = (len(range(9, 96 - 9, SCALES[1.0])), len(range(9, 84 - 9, SCALES[1.0])))
    np.testing.assert_allclose(places[0], (9 / 96 - 0.5, 9 / 84 - 0.5), rtol=1e-6)
    last = places[full[0] * full[1] - 1]
    wanted = [(9 + SCALES[1.0] * (n - 1)) / m - 0.5 for n, m in zip(full, (96, 84), strict=True)]
    np.testing.assert_allclose(last, wanted, rtol=1e-5)


def test_a_vector_is_the_gradient_of_the_log_likelihood(encoder):
    """With respect to the means, by finite differences, in the mixture's own metric."""
    picture = pictures(1, seed=5)[0]
    coordinates = encoder._coordinates(*describe(picture, encoder.kind)).astype(float)
    mixture = encoder.mixture
    weights, deviations = mixture.weights_, np.sqrt(mixture.covariances_)
    gradient = np.empty_like(mixture.means_)
    for place in np.ndindex(gradient.shape):
        sides = []
        for step in (1e-3, -1e-3):
            mixture.means_[place] += step
            sides.append(mixture.score(coordinates))
            mixture.means_[place] -= step
        gradient[place] = (sides[0] - sides[1]) / 2e-3
    gradient *= deviations / np.sqrt(weights)[:, None]
    rooted = np.sign(gradient) * np.sqrt(np.abs(gradient))
    k, d = gradient.shape
    found = encoder._vector(picture)[k : k + k * d].reshape(k, d)
    cosine = (found * rooted).sum() / np.linalg.norm(found) / np.linalg.norm(rooted)
    assert cosine > 0.999


def test_vectors_are_of_length_one_and_of_the_promised_size(encoder):
    vectors = encoder.encode(pictures(3, seed=1), progress=False)
    assert vectors.shape == (3, 3 * (2 * (6 + 2) + 1))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_the_mirror_image_has_the_same_vector(encoder):
    picture = pictures(1, seed=1)
    there, back = (encoder.encode(p, progress=False) for p in (picture, picture[:, :, ::-1]))
    np.testing.assert_allclose(there, back, atol=1e-6)


def test_eight_bits_give_the_vectors_of_floats(encoder):
    eight = (pictures(2, seed=1) * 255).round().astype(np.uint8)
    one, other = (encoder.encode(p, progress=False) for p in (eight, eight / 255))
    np.testing.assert_allclose(one, other, atol=2e-3)


def test_two_processes_give_the_vectors_of_one(encoder):
    few = pictures(3, seed=2)
    one, two = (encoder.encode(few, jobs=jobs, progress=False) for jobs in (1, 2))
    np.testing.assert_allclose(one, two, atol=1e-5)  # their libraries use other numbers of threads


def test_the_seed_decides_everything():
    few = pictures(4)
    a, b, c = (
        FisherEncoder("colour", components=4, modes=2, seed=seed).fit(few).encode(few)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).max() > 1e-3


def test_moved_pictures_stay_nearer_than_others(encoder):
    """By a pixel or two: what a box round a face is always off by."""
    large = pictures(8, shape=(100, 88), seed=3)
    vectors = encoder.encode(large[:, 2:98, 2:86], progress=False)
    moved = encoder.encode(large[:, 3:99, 1:85], progress=False)
    cosines = vectors @ moved.T
    np.testing.assert_array_equal(cosines.argmax(axis=1), np.arange(8))


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"kind": "smell"}, "kind must be one of shape, colour, got 'smell'"),
        ({"components": 0}, "components"),
        ({"modes": 1.5}, "modes"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_options_are_named(options, wrong):
    with pytest.raises((TypeError, ValueError), match=wrong):
        FisherEncoder(**options)


@pytest.mark.parametrize("shape", [(96, 84, 3), (2, 96, 84), (2, 96, 84, 1), (2, 79, 96, 3)])
def test_bad_pictures_are_named(shape):
    with pytest.raises(ValueError, match="pictures must"):
        FisherEncoder().fit(np.zeros(shape))


def test_an_encoder_without_a_mixture_says_what_to_do():
    with pytest.raises(ValueError, match=r"call fit\(pictures\) first"):
        FisherEncoder().encode(pictures(1))
