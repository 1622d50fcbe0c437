"""Dense layers and flattening: loops, matrix product, Keras and differences agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facebook_tut import layers


@st.composite
def products(draw):
    n, d, m = (draw(st.integers(1, 7)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    return [rng.normal(size=shape).astype(dtype) for shape in [(n, d), (d, m), (m,), (n, m)]]


@given(products())
def test_the_matrix_product_is_the_definition(close, arrays):
    x, weights, bias, _ = arrays
    expected = layers.dense_loops(x, weights, bias)
    close(layers.dense(x, weights, bias), expected, x.dtype.name)


@given(products())
def test_dense_is_that_of_keras(keras_says, close, arrays):
    x, weights, bias, flow = arrays

    def layer(keras, x, weights, bias):
        return keras.ops.matmul(x, weights) + bias

    y, _, gradients = keras_says(layer, lambda shape: flow, x, weights, bias)
    close(layers.dense(x, weights, bias), y, x.dtype.name)
    for own, theirs in zip(layers.dense_backward(flow, x, weights), gradients, strict=True):
        close(own, theirs, x.dtype.name)


@given(products())
def test_gradients_are_the_differences_of_the_output(differences, arrays):
    x, weights, bias, flow = (array.astype(float) for array in arrays)
    expected = (
        differences(lambda moved: layers.dense(moved, weights, bias), x, flow),
        differences(lambda moved: layers.dense(x, moved, bias), weights, flow),
        differences(lambda moved: layers.dense(x, weights, moved), bias, flow),
    )
    for own, slopes in zip(layers.dense_backward(flow, x, weights), expected, strict=True):
        np.testing.assert_allclose(own, slopes, atol=1e-7)


@given(products())
def test_the_layer_is_the_function(close, arrays):
    x, weights, bias, flow = arrays
    layer = layers.Dense(weights.shape[1])
    assert layer.build(x.shape[1:], np.random.default_rng(0)) == (weights.shape[1],)
    layer.parameters = {"kernel": weights, "bias": bias}
    close(layer.forward(x), layers.dense(x, weights, bias), x.dtype.name)
    ours = (layer.backward(flow), *layer.gradients.values())
    for own, function in zip(ours, layers.dense_backward(flow, x, weights), strict=True):
        close(own, function, x.dtype.name)


def test_the_numbers_worked_by_hand():
    x, weights, bias = [[1.0, 2.0]], [[3.0, -1.0], [4.0, 0.5]], [10.0, 0.0]
    np.testing.assert_array_equal(layers.dense(x, weights, bias), [[21, 0]])
    grad_x, grad_weights, grad_bias = layers.dense_backward([[1.0, 2.0]], x, weights)
    np.testing.assert_array_equal(grad_x, [[1, 5]])
    np.testing.assert_array_equal(grad_weights, [[1, 2], [2, 4]])
    np.testing.assert_array_equal(grad_bias, [1, 2])


def test_flatten_keeps_the_order_of_keras():
    from facebook_tut._backend import keras

    x = np.arange(48.0, dtype="float32").reshape(2, 3, 4, 2)
    layer = layers.Flatten()
    assert layer.build(x.shape[1:], rng=None) == (24,)
    np.testing.assert_array_equal(layer.forward(x), keras.layers.Flatten()(x))
    np.testing.assert_array_equal(layer.backward(layer.forward(x)), x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [[1.0]]), r"x must have shape \(N, D\), got \(1,\)"),
        (([[1.0, 2.0]], [[1.0]]), r"weights must have shape \(2, M\), got \(1, 1\)"),
        (([[1.0]], [[1.0]], [1.0, 2.0]), r"bias must have shape \(1,\), got \(2,\)"),
    ],
)
def test_wrong_shapes_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.dense(*arguments)


def test_a_dense_layer_on_feature_maps_says_to_flatten_them():
    with pytest.raises(ValueError, match=r"must have shape \(D,\), got \(6, 6, 128\): flatten it"):
        layers.Dense(512).build((6, 6, 128), np.random.default_rng(0))
