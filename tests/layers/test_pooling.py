"""Pooling: loops and fast agree, with each other, Keras, scikit-image and differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import block_reduce

from facebook_tut import layers


@st.composite
def poolings(draw, ties=(True, False), images=3):
    """Draw feature maps (with many equal values, or none), options and randomness that fit."""
    window = draw(st.one_of(st.integers(1, 4), st.tuples(st.integers(1, 4), st.integers(1, 4))))
    options = {
        "window": window,
        "stride": draw(st.one_of(st.none(), st.integers(1, 4), st.just((1, 3)))),
        "padding": draw(st.sampled_from(["valid", "same"])),
    }
    shape = [draw(st.integers(size, 10)) for size in np.broadcast_to(window, 2)]
    shape = (draw(st.integers(1, images)), *shape, draw(st.integers(1, 3)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.integers(-1, 2, shape) if draw(st.sampled_from(ties)) else rng.normal(size=shape)
    return x.astype(draw(st.sampled_from(["float32", "float64"]))), options, rng


@given(poolings())
def test_fast_max_pooling_is_the_definition(close, case):
    x, options, rng = case
    slow = layers.max_pool_loops(x, **options)
    close(layers.max_pool(x, **options), slow, x.dtype.name)
    flow = rng.normal(size=slow.shape).astype(x.dtype)
    expected = layers.max_pool_backward_loops(flow, x, **options)
    close(layers.max_pool_backward(flow, x, **options), expected, x.dtype.name)


@given(poolings())
def test_fast_average_pooling_is_the_definition(close, case):
    x, options, _ = case
    expected = layers.average_pool_loops(x, **options)
    close(layers.average_pool(x, **options), expected, x.dtype.name)


@pytest.mark.parametrize("kind", ["max", "average"])
@given(case=poolings())
def test_pooling_and_its_ties_are_those_of_keras(keras_says, close, kind, case):
    x, options, rng = case
    y, flow, (gradient,) = keras_says(
        lambda keras, x: getattr(keras.ops, f"{kind}_pool")(
            x, options["window"], strides=options["stride"], padding=options["padding"]
        ),
        lambda shape: rng.normal(size=shape).astype(x.dtype),
        x,
    )
    close(getattr(layers, f"{kind}_pool")(x, **options), y, x.dtype.name)
    given_to_backward = x if kind == "max" else x.shape
    backward = getattr(layers, f"{kind}_pool_backward")
    close(backward(flow, given_to_backward, **options), gradient, x.dtype.name)


@pytest.mark.parametrize("kind", ["max", "average"])
@settings(max_examples=20)
@given(case=poolings(ties=(False,), images=1))
def test_gradients_are_the_differences_of_the_output(differences, kind, case):
    x, options, rng = case
    x = x.astype(float)
    pool, backward = (getattr(layers, f"{kind}_pool{end}") for end in ("", "_backward"))
    flow = rng.normal(size=pool(x, **options).shape)
    gradient = backward(flow, x if kind == "max" else x.shape, **options)
    expected = differences(lambda moved: pool(moved, **options), x, flow)
    np.testing.assert_allclose(gradient, expected, atol=1e-8)


@pytest.mark.parametrize(("pool", "reduction"), [("max_pool", np.max), ("average_pool", np.mean)])
def test_touching_windows_are_the_blocks_of_scikit_image(lfw_face, pool, reduction):
    ours = getattr(layers, pool)(lfw_face[None, ..., None], 5)[0, :, :, 0]
    np.testing.assert_allclose(ours, block_reduce(lfw_face, (5, 5), reduction), rtol=1e-5)


def test_the_numbers_worked_by_hand():
    x = np.array([[1, 3, 2, 1], [4, 2, 0, 1], [0, 1, 5, 6], [2, 1, 7, 7]], float)[None, ..., None]
    np.testing.assert_array_equal(layers.max_pool(x)[0, :, :, 0], [[4, 2], [2, 7]])
    np.testing.assert_array_equal(layers.average_pool(x)[0, :, :, 0], [[2.5, 1], [1, 6.25]])
    flow = np.array([[10.0, 20], [30, 40]])[None, ..., None]
    routed = [[0, 0, 20, 0], [10, 0, 0, 0], [0, 0, 0, 0], [30, 0, 40, 0]]  # the first of two 7s
    np.testing.assert_array_equal(layers.max_pool_backward(flow, x)[0, :, :, 0], routed)
    shared = layers.average_pool_backward(flow, x.shape)[0, :, :, 0]
    np.testing.assert_array_equal(shared, np.kron([[2.5, 5], [7.5, 10]], np.ones((2, 2))))


def test_averaging_is_a_convolution_with_equal_weights(lfw_face):
    x = lfw_face[None, ..., None].astype(float)
    kernel = np.full((3, 3, 1, 1), 1 / 9)
    np.testing.assert_allclose(
        layers.average_pool(x, 3, stride=2), layers.conv2d(x, kernel, stride=2), atol=1e-12
    )


@pytest.mark.parametrize("pool", [layers.max_pool, layers.average_pool, layers.max_pool_loops])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((4, 4)),), r"x must have shape \(N, H, W, C\), got \(4, 4\)"),
        ((np.zeros((1, 4, 4, 1)), 0), "window must be a whole number from 1 to 1024, or a pair"),
        ((np.zeros((1, 4, 4, 1)), 5), "a window of 5 pixels does not fit into an input of 4"),
    ],
)
def test_wrong_arguments_are_named(pool, arguments, message):
    with pytest.raises(ValueError, match=message):
        pool(*arguments)


def test_a_gradient_of_another_shape_is_named():
    for backward, given_to in [
        (layers.max_pool_backward, np.zeros((1, 4, 4, 2))),
        (layers.average_pool_backward, (1, 4, 4, 2)),
    ]:
        with pytest.raises(ValueError, match=r"gradient must have shape \(1, 2, 2, 2\), got"):
            backward(np.zeros((1, 4, 4, 2)), given_to)


@pytest.mark.parametrize("kind", ["max", "average"])
@given(case=poolings())
def test_the_layer_is_the_function(close, kind, case):
    x, options, rng = case
    layer = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}[kind](**options)
    shape = layer.build(x.shape[1:], rng)
    y = layer.forward(x)
    assert y.shape[1:] == shape
    close(y, getattr(layers, f"{kind}_pool")(x, **options), x.dtype.name)
    flow = rng.normal(size=y.shape).astype(x.dtype)
    backward = getattr(layers, f"{kind}_pool_backward")
    expected = backward(flow, x if kind == "max" else x.shape, **options)
    close(layer.backward(flow), expected, x.dtype.name)
