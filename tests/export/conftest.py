"""Small networks and their files."""

import numpy as np
import pytest

from facebook_tut import export, training
from facebook_tut.models import build_embedder

SHAPE = (16, 16, 3)


def images(n, seed=0):
    return np.random.default_rng(seed).random((n, *SHAPE), dtype=np.float32)


@pytest.fixture(scope="module")
def small():
    """An untrained embedder. Do not train it."""
    training.set_seed(0)
    return build_embedder(16, input_shape=SHAPE, filters=(8, 16))


@pytest.fixture(scope="module")
def content(small):
    """The small embedder as a LiteRT file."""
    return export.to_litert(small)
