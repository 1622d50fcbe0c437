"""Dropout: as many values as asked, scaled as Keras scales, and only in training."""

import numpy as np
import pytest

from facebook_tut import layers


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_dropout_drops_and_scales_as_keras_does(rate):
    from facebook_tut._backend import keras

    x = np.random.default_rng(0).uniform(1, 2, (100, 200)).astype("float32")
    ours, mask = layers.dropout(x, rate, np.random.default_rng(1))
    theirs = np.asarray(keras.layers.Dropout(rate, seed=1)(x, training=True))
    for y in (ours, theirs):
        kept = y != 0
        assert (1 - kept.mean()) == pytest.approx(rate, abs=0.01)
        np.testing.assert_allclose(y[kept], x[kept] / (1 - rate), rtol=1e-6)
    assert ours.dtype == mask.dtype == "float32"
    np.testing.assert_array_equal(ours, x * mask)


def test_the_layer_drops_in_training_only_and_passes_gradients_where_it_kept():
    layer = layers.Dropout(0.5)
    layer.build((1000,), np.random.default_rng(0))
    x = np.ones((1, 1000))
    assert layer.forward(x) is x
    np.testing.assert_array_equal(layer.backward(x), x)
    y = layer.forward(x, training=True)
    assert set(np.unique(y)) == {0, 2}
    np.testing.assert_array_equal(layer.backward(x), y)
    assert (layer.forward(x, training=True) != y).any()


@pytest.mark.parametrize("rate", [-0.1, 1, 1.1])
def test_a_rate_out_of_range_is_named(rate):
    with pytest.raises(ValueError, match=f"rate must be .*, got {rate}"):
        layers.dropout(np.ones(3), rate, np.random.default_rng(0))
