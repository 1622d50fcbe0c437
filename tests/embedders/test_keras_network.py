"""A network of Keras behind the interface gives what it gives without it."""

import numpy as np
import pytest

from facebook_tut import models, pretrained
from facebook_tut.alignment import align
from facebook_tut.embedders import KerasEmbedder, ShippedEmbedder, check_embedder
from facebook_tut.metric_learning import embed, fingerprint


@pytest.fixture(scope="module")
def model(build_quick_embedder):
    return build_quick_embedder(8, input_shape=(32, 32, 3))


def test_faces_are_cut_and_embedded_as_by_the_functions(model):
    embedder = check_embedder(KerasEmbedder(model, threshold=0.4))
    picture = np.random.default_rng(0).random((60, 50, 3)).astype(np.float32)
    eyes = [[15, 20], [35, 22]]
    face = embedder.align(picture, eyes)
    np.testing.assert_array_equal(face, align(picture, eyes, 32))
    np.testing.assert_array_equal(embedder.embed(face[None]), embed(model, face[None]))
    assert (embedder.size, embedder.threshold, embedder.count_threshold) == (32, 0.4, None)
    assert embedder.fingerprint == fingerprint(model)


def test_a_network_that_is_no_embedder_is_refused():
    with pytest.raises(ValueError, match="model must be an embedder"):
        KerasEmbedder(models.build_classifier())


def test_the_shipped_one_has_the_thresholds_that_were_measured():
    embedder = ShippedEmbedder()
    assert embedder.threshold == pretrained.THRESHOLD
    assert embedder.count_threshold == pretrained.COUNT_THRESHOLD
    assert embedder.name == "the shipped network"
