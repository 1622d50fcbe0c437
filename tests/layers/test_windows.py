"""The arithmetic of sliding windows, against counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facebook_tut.layers.windows import Windows, extent, output_length, same_padding

AXES = (st.integers(1, 30), st.integers(1, 5), st.integers(1, 6), st.integers(1, 3))


@given(*AXES)
def test_a_valid_window_stands_as_often_as_counting_says(length, size, stride, dilation):
    span = (size - 1) * dilation + 1
    starts = range(0, length - span + 1, stride)
    if span > length:
        with pytest.raises(ValueError, match=f"a window of {span} pixels does not fit"):
            output_length(length, size, stride, "valid", dilation)
    else:
        assert output_length(length, size, stride, "valid", dilation) == len(starts)


@given(*AXES)
def test_same_padding_is_just_enough(length, size, stride, dilation):
    before, after = same_padding(length, size, stride, dilation)
    windows = output_length(length, size, stride, "same", dilation)
    assert windows == -(-length // stride)
    assert 0 <= after - before <= 1
    reach = (windows - 1) * stride + extent(size, dilation)
    assert before + length + after >= reach
    assert before + after == max(0, reach - length)


@given(*AXES, st.sampled_from(["valid", "same"]))
def test_view_taps_and_positions_are_the_same_windows(length, size, stride, dilation, padding):
    if padding == "valid" and extent(size, dilation) > length:
        return
    shape = (2, length, length + 3, 2)
    pairs = ((size, 1), (stride, 2), padding, (dilation, 1))
    windows = Windows(shape, *pairs)
    padded = windows.pad(np.arange(np.prod(shape), dtype=float).reshape(shape), -1)
    view = windows.view(padded)  # (N, H', W', kh, kw, C)
    assert view.shape == (2, *windows.output, size, 1, 2)
    for u, v, pixels in windows.taps():
        np.testing.assert_array_equal(padded[pixels], view[:, :, :, u, v])
    for i, j, pixels in windows.positions():
        np.testing.assert_array_equal(padded[pixels], view[:, i, j])


def test_crop_undoes_pad():
    windows = Windows((1, 4, 5, 1), (3, 4), (1, 1), "same")
    x = np.arange(20.0).reshape(1, 4, 5, 1)
    assert windows.pad(x).shape == (1, 6, 8, 1)
    np.testing.assert_array_equal(windows.crop(windows.pad(x)), x)


def test_the_edges_of_the_books_network():
    edges, edge = [], 64
    for size, stride in [(3, 1), (2, 2)] * 3:
        edge = output_length(edge, size, stride)
        edges.append(edge)
    assert edges == [62, 31, 29, 14, 12, 6]


def test_an_unknown_padding_is_named():
    with pytest.raises(ValueError, match="padding must be one of valid, same, got 'full'"):
        output_length(5, 3, padding="full")
