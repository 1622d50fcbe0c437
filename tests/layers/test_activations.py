"""Activations: those of Keras, of SciPy, stable far out, and their gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from facebook_tut import layers

KINDS = ["relu", "sigmoid", "softmax", "tanh"]
seeds = st.integers(0, 2**32 - 1)
dtypes = st.sampled_from(["float32", "float64"])


@pytest.mark.parametrize("kind", KINDS)
@given(seed=seeds, dtype=dtypes)
def test_value_and_gradient_are_those_of_keras(keras_says, close, kind, seed, dtype):
    rng = np.random.default_rng(seed)
    x, flow = (3 * rng.normal(size=(4, 5)).astype(dtype) for _ in range(2))
    y, _, (gradient,) = keras_says(
        lambda keras, x: getattr(keras.ops, kind)(x), lambda shape: flow, x
    )
    ours = getattr(layers, kind)(x)
    close(ours, y, dtype)
    close(getattr(layers, f"{kind}_backward")(flow, ours), gradient, dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_the_differences_of_the_output(differences, kind):
    rng = np.random.default_rng(0)
    x, flow = rng.normal(size=(2, 3, 4, 5))
    function = getattr(layers, kind)
    gradient = getattr(layers, f"{kind}_backward")(flow, function(x))
    np.testing.assert_allclose(gradient, differences(function, x, flow), atol=1e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_out_nothing_overflows(dtype):
    z = np.array([-1e4, -100, -20, 0, 20, 100, 1e4], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        sigmoids, softmaxes = layers.sigmoid(z), layers.softmax(z)
    np.testing.assert_allclose(sigmoids, special.expit(z), rtol=1e-6, atol=1e-40)
    np.testing.assert_allclose(softmaxes, special.softmax(z), rtol=1e-6, atol=1e-40)
    assert sigmoids.dtype == softmaxes.dtype == dtype


def test_softmax_does_not_care_for_a_constant_and_sums_to_1():
    z = np.random.default_rng(0).normal(size=(6, 7))
    np.testing.assert_allclose(layers.softmax(z), layers.softmax(z + 5), rtol=1e-12)
    np.testing.assert_allclose(layers.softmax(z).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (layers.ReLU, "relu"),
        (layers.Sigmoid, "sigmoid"),
        (layers.Softmax, "softmax"),
        (layers.Tanh, "tanh"),
    ],
)
def test_the_layer_is_the_function(layer, kind):
    x, flow = np.random.default_rng(0).normal(size=(2, 4, 5))
    layer = layer()
    assert layer.build((5,), rng=None) == (5,)
    y = layer.forward(x)
    np.testing.assert_array_equal(y, getattr(layers, kind)(x))
    expected = getattr(layers, f"{kind}_backward")(flow, y)
    np.testing.assert_array_equal(layer.backward(flow), expected)
