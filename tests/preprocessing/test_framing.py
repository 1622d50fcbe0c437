"""Tighter faces: what is kept, in the form that the network reads."""

import numpy as np
import pytest
import skimage.data

from facebook_tut.preprocessing import BROWS_TO_MOUTH, soften, tighten, to_network_input


@pytest.fixture(scope="module")
def faces():
    return to_network_input(skimage.data.lfw_subset()[:6])


@pytest.mark.parametrize("change", [tighten, soften])
@pytest.mark.parametrize("side", [1, 0.8, BROWS_TO_MOUTH])
def test_what_comes_out_is_what_the_network_reads(change, side, faces):
    found = change(faces, side)
    assert found.shape == (6, 64, 64, 3) and found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1
    np.testing.assert_allclose(found[..., 0].mean((1, 2)), 0.5, atol=0.06)


@pytest.mark.parametrize("change", [tighten, soften])
def test_a_side_of_1_keeps_the_face(change, faces):
    for one, other in zip(change(faces, 1), faces, strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97


def test_what_is_kept_is_the_square_from_brows_to_mouth():
    ramps = np.stack(np.meshgrid(np.linspace(0, 1, 64), np.linspace(0, 1, 64)), -1)  # x, y
    images = np.stack([np.repeat(ramps[..., k, None], 3, axis=-1) for k in (0, 1)])
    tight = tighten(images, BROWS_TO_MOUTH)
    assert np.corrcoef(tight[0].ravel(), images[0].ravel())[0, 1] > 0.99
    marked = np.zeros((2, 64, 64, 3))
    marked[0, 2:8] = 1  # the forehead
    marked[1, 20:24] = 1  # the eyes
    flat, eyes = tighten(marked, BROWS_TO_MOUTH).std((1, 2, 3))
    assert flat < 0.01 < eyes


def test_softening_keeps_the_layout_and_loses_detail(faces):
    soft = soften(faces, BROWS_TO_MOUTH)
    steps = [np.abs(np.diff(images[..., 0], axis=2)).mean() for images in (faces, soft)]
    assert steps[1] < 0.8 * steps[0]
    for one, other in zip(soft, faces, strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.85


@pytest.mark.parametrize("change", [tighten, soften])
@pytest.mark.parametrize("side", [0.5, 1.1, -1])
def test_other_sides_are_refused(change, side, faces):
    with pytest.raises(ValueError, match=rf"^side must be a number from 0.54 to 1, got {side}"):
        change(faces, side)


@pytest.mark.parametrize("change", [tighten, soften])
def test_other_images_are_refused(change):
    with pytest.raises(ValueError, match=r"^images must have shape"):
        change(np.zeros((2, 25, 25)), 0.8)
