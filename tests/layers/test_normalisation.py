"""Batch normalisation: that of Keras in training and in use, and its gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facebook_tut import layers


@st.composite
def batches(draw):
    shape = draw(st.sampled_from([(4, 3), (2, 3, 4, 3), (8, 1, 2, 5), (3, 1)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    arrays = rng.normal(size=(4, *shape)), rng.normal(size=(2, shape[-1]))
    return [array.astype(dtype) for array in (*arrays[0][:2], *arrays[1])]


def our_layer(shape, gamma, beta):
    layer = layers.BatchNormalization()
    assert layer.build(shape, rng=None) == shape
    layer.parameters = {"gamma": gamma, "beta": beta}
    layer.moving_mean, layer.moving_variance = (
        part.astype(gamma.dtype) for part in (layer.moving_mean, layer.moving_variance)
    )
    return layer


@settings(max_examples=25)
@given(batches())
def test_training_and_use_are_those_of_keras(close, batch):
    from facebook_tut._backend import keras

    x, other, gamma, beta = batch
    theirs = keras.layers.BatchNormalization(dtype=x.dtype.name)
    theirs.build((None, *x.shape[1:]))
    theirs.gamma.assign(gamma)
    theirs.beta.assign(beta)
    ours = our_layer(x.shape[1:], gamma, beta)
    for training, values in [(True, x), (True, other), (False, x)]:
        expected = np.asarray(theirs(values, training=training))
        close(ours.forward(values, training=training), expected, x.dtype.name)
    close(ours.moving_mean, np.asarray(theirs.moving_mean), x.dtype.name)
    close(ours.moving_variance, np.asarray(theirs.moving_variance), x.dtype.name)


def normalise(x, gamma, beta):
    axes = tuple(range(x.ndim - 1))
    return layers.batch_norm(x, gamma, beta, x.mean(axes), x.var(axes))


@given(batches())
def test_gradients_are_the_differences_of_the_output(differences, batch):
    x, flow, gamma, beta = (array.astype(float) for array in batch)
    expected = (
        differences(lambda moved: normalise(moved, gamma, beta), x, flow),
        differences(lambda moved: normalise(x, moved, beta), gamma, flow),
        differences(lambda moved: normalise(x, gamma, moved), beta, flow),
    )
    layer = our_layer(x.shape[1:], gamma, beta)
    layer.forward(x, training=True)
    layer_gradients = (layer.backward(flow), *layer.gradients.values())
    function_gradients = layers.batch_norm_backward(flow, x, gamma)
    for own, function, slopes in zip(layer_gradients, function_gradients, expected, strict=True):
        np.testing.assert_array_equal(own, function)
        np.testing.assert_allclose(own, slopes, atol=1e-5)


def test_a_normalised_batch_has_mean_0_and_variance_1():
    x = np.random.default_rng(0).normal(5, 3, size=(50, 4, 4, 2))
    y = normalise(x, np.ones(2), np.zeros(2))
    np.testing.assert_allclose(y.mean((0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((0, 1, 2)), 1, rtol=1e-3)


def test_backward_without_training_is_refused():
    layer = our_layer((2,), np.ones(2), np.zeros(2))
    layer.forward(np.ones((3, 2)))
    with pytest.raises(ValueError, match="backward needs a forward pass with training=True"):
        layer.backward(np.ones((3, 2)))
