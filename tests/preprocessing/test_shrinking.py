"""Means of blocks are those of the blocks, whatever a photograph holds."""

import numpy as np
import pytest

from facebook_tut.preprocessing import _shrinking
from facebook_tut.preprocessing._shrinking import block_means

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("edge", [1, 2, 3, 7])
@pytest.mark.parametrize("shape", [(50, 41), (50, 41, 3), (50, 41, 4)])
def test_each_mean_is_that_of_its_block(edge, shape, monkeypatch):
    monkeypatch.setattr(_shrinking, "ROWS", 10)  # several strips, the last of them short
    picture = RNG.integers(0, 256, shape, dtype=np.uint8)
    means = block_means(picture, edge)
    assert means.shape == (50 // edge, 41 // edge, *(3,) * (len(shape) == 3))
    for row, column in ((0, 0), (3, 2), (50 // edge - 1, 41 // edge - 1)):
        block = picture[row * edge : (row + 1) * edge, column * edge : (column + 1) * edge]
        expected = block.reshape(edge * edge, -1).mean(0)[:3] / 255
        np.testing.assert_allclose(np.ravel(means[row, column]), expected, atol=1e-12)
    for same in (picture / 255, (picture / 255).astype(np.float32)):
        np.testing.assert_allclose(block_means(same, edge), means, atol=1e-6)


def test_bytes_are_the_rounded_means():
    picture = RNG.random((30, 30, 3))
    rounded = block_means(picture, 3, as_bytes=True)
    assert rounded.dtype == np.uint8
    assert np.abs(rounded - 255 * block_means(picture, 3)).max() <= 0.5


def test_white_stays_within_the_range():
    assert block_means(np.ones((9, 9), np.float32), 3).max() == 1
