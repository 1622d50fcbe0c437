"""The arithmetic of int8, worked by hand and against LiteRT."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from facebook_tut import export, training
from facebook_tut._backend import keras
from facebook_tut.export import litert

NUMBERS = arrays(float, array_shapes(max_dims=3, max_side=5), elements=st.floats(-1e6, 1e6))


@pytest.mark.parametrize(
    ("x", "symmetric", "scale", "zero_point", "q"),
    [
        ([-1.0, 0.0, 4.1], False, 0.02, -78, [-128, -78, 127]),
        ([2.0, 5.1], False, 0.02, -128, [-28, 127]),  # zero is in the range all the same
        ([-5.1, -2.0], False, 0.02, 127, [-128, 27]),
        ([-2.54, 0.0, 1.0], True, 0.02, 0, [-127, 0, 50]),
        ([[0.1], [0.635]], True, 0.005, 0, [[20], [127]]),
        ([0.0, 0.0], False, 1.0, -128, [-128, -128]),
        ([0.0], True, 1.0, 0, [0]),
    ],
)
def test_int8_is_as_worked_out_by_hand(x, symmetric, scale, zero_point, q):
    found = export.quantisation_parameters(x, symmetric=symmetric)
    assert [float(each.squeeze()) for each in found] == pytest.approx([scale, zero_point])
    quantised = export.quantise(x, *found)
    assert quantised.dtype == np.int8 and quantised.tolist() == q
    np.testing.assert_allclose(export.dequantise(quantised, *found), x, atol=1e-12)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(NUMBERS, st.booleans(), st.data())
def test_no_number_moves_by_more_than_half_a_step_and_zero_not_at_all(x, symmetric, data):
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    scale, zero_point = export.quantisation_parameters(x, axis, symmetric=symmetric)
    q = export.quantise(x, scale, zero_point)
    error = np.abs(export.dequantise(q, scale, zero_point) - x)
    assert (error <= scale / 2 * (1 + 1e-9)).all()
    assert (zero_point >= export.LOWEST).all() and (zero_point <= export.HIGHEST).all()
    zeros = export.quantise(np.zeros_like(x), scale, zero_point)
    assert (export.dequantise(zeros, scale, zero_point) == 0).all()
    assert not symmetric or q.min() >= -127


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_a_channel_has_the_parameters_it_would_have_alone(axis, symmetric):
    x = np.random.default_rng(0).normal(size=(3, 4, 5)) * np.arange(1, 6)
    parameters = export.quantisation_parameters(x, axis, symmetric=symmetric)
    for channel in range(x.shape[axis]):
        alone = export.quantisation_parameters(np.take(x, channel, axis), symmetric=symmetric)
        for found, wanted in zip(parameters, alone, strict=True):
            assert np.take(found, channel, axis).item() == wanted.item()


def test_channels_of_their_own_lose_less():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 8, 4)) * (0.01, 0.1, 1, 10)

    def loss(axis):
        parameters = export.quantisation_parameters(kernel, axis, symmetric=True)
        error = export.dequantise(export.quantise(kernel, *parameters), *parameters) - kernel
        return np.abs(error).mean((0, 1, 2))

    assert (loss(-1)[:3] < 0.2 * loss(None)[:3]).all()  # all but the widest


def test_numbers_beyond_the_range_take_the_last_step():
    assert export.quantise([-9.0, 9.0], 0.02, 0).tolist() == [-128, 127]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: export.quantisation_parameters([]), ValueError, r"x must not be empty"),
        (lambda: export.quantisation_parameters(["a"]), TypeError, "x must hold real numbers"),
        (lambda: export.quantisation_parameters([np.inf]), ValueError, "x must hold finite .*inf"),
        (lambda: export.quantisation_parameters([1.0], 1), ValueError, "axis must be .* got 1"),
        (lambda: export.quantise([1.0], 0.0, 0), ValueError, "scale must be above 0, got 0"),
        (lambda: export.quantise([np.nan], 1.0, 0), ValueError, "x must hold finite numbers"),
        (lambda: export.dequantise([1], 1.0, 0), TypeError, "q must hold int8, got dtype int64"),
        (
            lambda: export.dequantise(np.zeros(1, np.int8), -1.0, 0),
            ValueError,
            "scale must be above 0, got -1",
        ),
    ],
)
def test_what_int8_cannot_hold_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_litert_stores_the_same_int8():
    training.set_seed(0)
    convolution, dense = keras.layers.Conv2D(4, 3), keras.layers.Dense(8, use_bias=False)
    network = [keras.Input((6, 6, 3)), convolution, keras.layers.Flatten(), dense]
    seen = np.random.default_rng(0).random((20, 6, 6, 3), dtype=np.float32)
    seen[0, 0, 0] = 0, 1, 1  # the whole range
    content = export.to_litert(keras.Sequential(network), "int8", seen)
    stored = litert._interpreter(content, 1)
    details = stored.get_tensor_details()
    int8 = {tuple(each["shape"]): each for each in details if each["dtype"] == np.int8}
    filters = np.moveaxis(convolution.kernel.numpy(), -1, 0)  # LiteRT has the outputs first
    for kernel in (filters, dense.kernel.numpy().T):
        scale, zero_point = export.quantisation_parameters(kernel, 0, symmetric=True)
        found = int8[kernel.shape]
        kept = found["quantization_parameters"]
        np.testing.assert_allclose(kept["scales"], scale.ravel(), rtol=1e-6)
        assert (kept["zero_points"] == 0).all() and kept["quantized_dimension"] == 0
        q = export.quantise(kernel, scale, zero_point)
        np.testing.assert_array_equal(stored.get_tensor(found["index"]), q)
    scale, zero_point = export.quantisation_parameters(seen)
    found = int8[1, 6, 6, 3]["quantization"]
    assert found == (pytest.approx(scale.item()), zero_point.item())
    assert found == (pytest.approx(1 / 255), -128)
