"""Grey, contrast and scaling, against scikit-image and against themselves."""

import numpy as np
import pytest
import skimage.data
from skimage.transform import resize as skimage_resize

from facebook_tut.preprocessing import even_contrast, grayscale, resize, to_network_input

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def patches():
    return skimage.data.lfw_subset()[90:110]  # faces and non-faces


def test_scaling_is_that_of_scikit_image(patches):
    even = even_contrast(patches)
    expected = [skimage_resize(one, (64, 64), order=1, mode="edge") for one in even]
    found = to_network_input(patches)
    assert found.dtype == np.float32
    for channel in range(3):
        np.testing.assert_allclose(found[..., channel], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", [(25, 25), (2, 25, 24), (2, 64, 64), (2, 25, 25, 3)])
def test_patches_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"^patches must have shape \(N, 25, 25\), got"):
        to_network_input(np.zeros(shape))


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 0.0), (1.0, 0.1), (0.5, 0.4)])
def test_light_does_not_matter(gain, offset):
    patches = 0.8 * RNG.integers(0, 2, (4, 25, 25))
    expected = even_contrast(patches)
    np.testing.assert_allclose(even_contrast(gain * patches + offset), expected, atol=1e-9)


def test_contrast_is_even(patches):
    even = even_contrast(patches)
    assert even.min() >= 0
    assert even.max() <= 1
    before, after = (values[:10].std((1, 2)) for values in (patches, even))  # the faces
    np.testing.assert_allclose(even[:10].mean((1, 2)), 0.5, atol=0.05)
    assert after.std() / after.mean() < before.std() / before.mean() / 2


def test_contrast_keeps_the_order_of_brightness(patches):
    for before, after in zip(patches, even_contrast(patches), strict=True):
        assert (np.diff(after.ravel()[np.argsort(before.ravel())]) >= 0).all()


def test_flat_patches_stay_flat():
    np.testing.assert_allclose(even_contrast(np.full((1, 25, 25), 0.3)), 0.5)
    faint = 0.3 + RNG.normal(0, 1e-3, (1, 25, 25))
    strong = 0.3 + RNG.normal(0, 5e-2, (1, 25, 25))
    assert even_contrast(faint).std() < even_contrast(strong).std() / 5


def test_each_patch_is_treated_alone(patches):
    both = to_network_input(patches)
    np.testing.assert_array_equal(both[3:4], to_network_input(patches[3:4]))


def test_grey_comes_from_all_kinds_of_pictures():
    grey = RNG.integers(0, 256, (6, 5), dtype=np.uint8)
    rgb = np.repeat(grey[..., np.newaxis], 3, axis=2)
    rgba = np.dstack([rgb, RNG.integers(0, 256, (6, 5), dtype=np.uint8)])
    for picture in (grey, rgb, rgba, grey / 255, rgb / 255, (rgb / 255).astype(np.float32)):
        np.testing.assert_allclose(grayscale(picture), grey / 255, atol=1e-6)


def test_green_is_brighter_than_red_than_blue():
    red, green, blue = (grayscale(np.eye(3)[[[channel]]])[0, 0] for channel in range(3))
    assert green > red > blue > 0
    assert red + green + blue == pytest.approx(1)


def test_shrinking_leaves_no_moire():
    stripes = np.tile([0.0, 1.0], (60, 30))  # as fine as pixels are
    np.testing.assert_allclose(resize(stripes, (20, 20))[:, 2:-2], 0.5, atol=0.05)
