"""Convolution: loops and matrix product agree, with each other, Keras, SciPy and differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from facebook_tut import layers
from facebook_tut.layers.windows import extent


@st.composite
def convolutions(draw, most_groups=1, least_groups=1):
    """Draw images, kernels, biases and options that fit together."""
    groups = draw(st.integers(least_groups, most_groups))
    size = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    options = {
        "stride": draw(st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.just(2)))),
        "padding": draw(st.sampled_from(["valid", "same"])),
        "dilation": draw(st.sampled_from([1, 1, 2, (1, 2)])),
        "groups": groups,
    }
    dilation = np.broadcast_to(options["dilation"], 2)
    shape = [draw(st.integers(extent(k, d), 9)) for k, d in zip(size, dilation, strict=True)]
    channels, filters = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    x = rng.normal(size=(draw(st.integers(1, 3)), *shape, channels)).astype(dtype)
    kernel = rng.normal(size=(*size, channels // groups, filters)).astype(dtype)
    return x, kernel, rng.normal(size=filters).astype(dtype), options, rng


@given(convolutions(most_groups=3))
def test_the_matrix_product_is_the_definition(close, case):
    x, kernel, bias, options, rng = case
    slow = layers.conv2d_loops(x, kernel, bias, **options)
    fast = layers.conv2d(x, kernel, bias, **options)
    close(fast, slow, x.dtype.name)
    flow = rng.normal(size=slow.shape).astype(x.dtype)
    backward = layers.conv2d_backward(flow, x, kernel, **options)
    loops = layers.conv2d_backward_loops(flow, x, kernel, **options)
    for quick, plain in zip(backward, loops, strict=True):
        close(quick, plain, x.dtype.name)


def compare_with_keras(keras_says, close, case):
    x, kernel, bias, options, rng = case
    stride, dilation, padding = options["stride"], options["dilation"], options["padding"]
    y, flow, gradients = keras_says(
        lambda keras, x, kernel, bias: (
            keras.ops.conv(x, kernel, strides=stride, padding=padding, dilation_rate=dilation)
            + bias
        ),
        lambda shape: rng.normal(size=shape).astype(x.dtype),
        *(x, kernel, bias),
    )
    close(layers.conv2d(x, kernel, bias, **options), y, x.dtype.name)
    ours = layers.conv2d_backward(flow, x, kernel, **options)
    for own, theirs in zip(ours, gradients, strict=True):
        close(own, theirs, x.dtype.name)


@given(convolutions())
def test_convolution_is_that_of_keras(keras_says, close, case):
    options = case[3]
    if np.max(options["stride"]) > 1:
        options["dilation"] = 1  # Keras allows one of the two
    compare_with_keras(keras_says, close, case)


@settings(max_examples=5)  # for each, TensorFlow compiles
@given(convolutions(most_groups=3, least_groups=2))
def test_groups_are_those_of_keras(keras_says, close, case):
    case[3].update(dilation=1, stride=1)
    compare_with_keras(keras_says, close, case)


@settings(max_examples=10)
@given(convolutions(most_groups=2))
def test_gradients_are_the_differences_of_the_output(differences, case):
    x, kernel, bias, options, rng = (
        part.astype(float) if isinstance(part, np.ndarray) else part for part in case
    )
    flow = rng.normal(size=layers.conv2d(x, kernel, bias, **options).shape)
    ours = layers.conv2d_backward(flow, x, kernel, **options)
    expected = (
        differences(lambda moved: layers.conv2d(moved, kernel, bias, **options), x, flow),
        differences(lambda moved: layers.conv2d(x, moved, bias, **options), kernel, flow),
        differences(lambda moved: layers.conv2d(x, kernel, moved, **options), bias, flow),
    )
    for own, slopes in zip(ours, expected, strict=True):
        np.testing.assert_allclose(own, slopes, atol=1e-7)


def test_it_is_scipys_correlation_and_not_its_convolution(lfw_face):
    kernel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    ours = layers.conv2d(lfw_face[None, ..., None], kernel[..., None, None])[0, :, :, 0]
    np.testing.assert_allclose(ours, signal.correlate2d(lfw_face, kernel, "valid"), atol=1e-6)
    flipped = signal.convolve2d(lfw_face, kernel[::-1, ::-1], "valid")
    np.testing.assert_allclose(ours, flipped, atol=1e-6)


def test_the_number_worked_by_hand():
    image = np.array([[1, 2, 0], [0, 1, 3], [2, 1, 1]])
    kernel = np.array([[1, 0], [-1, 2]])
    y = layers.conv2d(image[None, ..., None], kernel[..., None, None])[0, :, :, 0]
    #  1·1 + 2·0 − 0·1 + 1·2 = 3,   2·1 + 0·0 − 1·1 + 3·2 = 7
    #  0·1 + 1·0 − 2·1 + 1·2 = 0,   1·1 + 3·0 − 1·1 + 1·2 = 2
    np.testing.assert_array_equal(y, [[3, 7], [0, 2]])


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.zeros((5, 5, 1))}, ValueError, r"x must have shape \(N, H, W, C\), got"),
        ({"x": np.full((1, 5, 5, 1), "a")}, TypeError, "x must hold real numbers, got dtype <U1"),
        ({"kernel": np.zeros((3, 3, 2, 4))}, ValueError, "kernel must have C / groups = 1 chan"),
        ({"kernel": np.zeros((7, 3, 1, 4))}, ValueError, "window of 7 pixels does not fit .* 5"),
        ({"bias": np.zeros(3)}, ValueError, r"bias must have shape \(4,\), got \(3,\)"),
        (
            {"stride": 0},
            ValueError,
            "stride must be a whole number from 1 to 1024, or a pair of them",
        ),
        (
            {"stride": 1.5},
            TypeError,
            "stride must be a whole number from 1 to 1024, or a pair of them",
        ),
        (
            {"dilation": (1, 2, 3)},
            ValueError,
            "dilation must be a whole number from 1 to 1024, or a pair",
        ),
        ({"padding": "full"}, ValueError, "padding must be one of valid, same, got 'full'"),
        ({"groups": 2}, ValueError, "groups must be a whole number from 1 to 1, got 2"),
    ],
)
def test_wrong_arguments_are_named(loops, change, error, message):
    function = layers.conv2d_loops if loops else layers.conv2d
    arguments = {"x": np.zeros((1, 5, 5, 1)), "kernel": np.zeros((3, 3, 1, 4))}
    with pytest.raises(error, match=message):
        function(**{**arguments, **change})


def test_groups_must_divide_channels_and_filters():
    with pytest.raises(ValueError, match="groups must divide channels and filters, got 2 for 4"):
        layers.conv2d(np.zeros((1, 5, 5, 4)), np.zeros((3, 3, 2, 3)), groups=2)


def test_a_gradient_of_another_shape_is_named():
    x, kernel = np.zeros((1, 5, 5, 1)), np.zeros((3, 3, 1, 4))
    with pytest.raises(ValueError, match=r"gradient must have shape \(1, 3, 3, 4\), got"):
        layers.conv2d_backward(np.zeros((1, 5, 5, 4)), x, kernel)


@given(convolutions(most_groups=2))
def test_the_layer_is_the_function(close, case):
    x, kernel, bias, options, rng = case
    layer = layers.Conv2D(kernel.shape[3], kernel.shape[:2], **options)
    shape = layer.build(x.shape[1:], rng)
    assert layer.parameters["kernel"].shape == kernel.shape
    layer.parameters = {"kernel": kernel, "bias": bias}
    y = layer.forward(x)
    assert y.shape[1:] == shape
    close(y, layers.conv2d(x, kernel, bias, **options), x.dtype.name)
    flow = rng.normal(size=y.shape).astype(x.dtype)
    expected = layers.conv2d_backward(flow, x, kernel, **options)
    ours = (layer.backward(flow), *layer.gradients.values())
    for own, function in zip(ours, expected, strict=True):
        close(own, function, x.dtype.name)
