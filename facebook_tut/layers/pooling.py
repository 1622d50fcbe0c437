"""Pooling: each window of a feature map becomes one number, its largest or its mean."""

from functools import reduce

import numpy as np

from facebook_tut._validation import check_numbers, check_pair, check_shape
from facebook_tut.layers.base import Layer
from facebook_tut.layers.windows import Windows, check_padding


def max_pool_loops(x, window=2, *, stride=None, padding="valid"):
    """Return the largest value of each window, as the definition says: slowly.

    Parameters
    ----------
    x, window, stride, padding
        As for `max_pool`.

    Returns
    -------
    ndarray, (N, H', W', C)

    Examples
    --------
    >>> max_pool_loops(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return _pool_loops(np.max, x, window, stride, padding)


def average_pool_loops(x, window=2, *, stride=None, padding="valid"):
    """Return the mean of each window, as the definition says: slowly.

    Parameters
    ----------
    x, window, stride, padding
        As for `average_pool`.

    Returns
    -------
    ndarray, (N, H', W', C)

    Examples
    --------
    >>> average_pool_loops(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    return _pool_loops(np.nanmean, x, window, stride, padding)


def max_pool(x, window=2, *, stride=None, padding="valid"):
    """Return the largest value of each window.

    Parameters
    ----------
    x : array_like, (N, H, W, C)
        Feature maps.
    window : int or (int, int)
        Pixels of a window, down and across.
    stride : int or (int, int), optional
        Pixels from one window to the next; by default the windows touch.
    padding : {"valid", "same"}
        Whether windows may hang over the edge; what hangs over does not count.

    Returns
    -------
    ndarray, (N, H', W', C)

    Raises
    ------
    ValueError
        If the window does not fit.

    Examples
    --------
    >>> max_pool(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    x, windows = _check(x, window, stride, padding)
    padded = windows.pad(x, -np.inf)
    return reduce(np.maximum, (padded[pixels] for _, _, pixels in windows.taps()))


def average_pool(x, window=2, *, stride=None, padding="valid"):
    """Return the mean of each window.

    Parameters
    ----------
    x, window, stride, padding
        As for `max_pool`.

    Returns
    -------
    ndarray, (N, H', W', C)

    Examples
    --------
    >>> average_pool(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    x, windows = _check(x, window, stride, padding)
    padded = windows.pad(x)
    return sum(padded[pixels] for _, _, pixels in windows.taps()) / _counts(windows, x.dtype)


def max_pool_backward_loops(gradient, x, window=2, *, stride=None, padding="valid"):
    """Return the gradient of the feature maps, as the definition says: slowly.

    Parameters
    ----------
    gradient, x, window, stride, padding
        As for `max_pool_backward`.

    Returns
    -------
    ndarray, (N, H, W, C)

    Examples
    --------
    >>> x = np.array([[3.0, 7.0], [7.0, 1.0]]).reshape(1, 2, 2, 1)
    >>> max_pool_backward_loops(np.ones((1, 1, 1, 1)), x)[0, :, :, 0]
    array([[0., 1.],
           [0., 0.]])
    """
    x, windows = _check(x, window, stride, padding)
    gradient = _check_gradient(gradient, windows)
    padded, grad_padded = windows.pad(x, -np.inf), windows.zeros(x.dtype)
    for i, j, pixels in windows.positions():
        for n in range(x.shape[0]):
            for c in range(x.shape[3]):
                seen = padded[n, *pixels[1:], c]  # (kh, kw)
                winner = np.unravel_index(seen.argmax(), seen.shape)  # the first of several
                grad_padded[n, *pixels[1:], c][winner] += gradient[n, i, j, c]
    return windows.crop(grad_padded)


def max_pool_backward(gradient, x, window=2, *, stride=None, padding="valid"):
    """Return the gradient of the feature maps: each window's goes to the pixel that won.

    Where several pixels of a window are equally large, the first one, row by row, takes all, as
    in Keras on TensorFlow.

    Parameters
    ----------
    gradient : array_like, (N, H', W', C)
        Of the output.
    x, window, stride, padding
        What `max_pool` was given.

    Returns
    -------
    ndarray, (N, H, W, C)

    Examples
    --------
    >>> x = np.array([[3.0, 7.0], [7.0, 1.0]]).reshape(1, 2, 2, 1)
    >>> max_pool_backward(np.ones((1, 1, 1, 1)), x)[0, :, :, 0]
    array([[0., 1.],
           [0., 0.]])
    """
    x, windows = _check(x, window, stride, padding)
    gradient = _check_gradient(gradient, windows)
    return _route(gradient, _winners(x, windows)[1], windows)


def average_pool_backward(gradient, shape, window=2, *, stride=None, padding="valid"):
    """Return the gradient of the feature maps: each window's is shared by its pixels alike.

    Parameters
    ----------
    gradient : array_like, (N, H', W', C)
        Of the output.
    shape : tuple of int
        (N, H, W, C), of what `average_pool` was given.
    window, stride, padding
        What `average_pool` was given.

    Returns
    -------
    ndarray, (N, H, W, C)

    Examples
    --------
    >>> average_pool_backward(np.ones((1, 1, 1, 1)), (1, 2, 2, 1))[0, :, :, 0]
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    windows = _windows(check_shape("shape", shape, 4), window, stride, padding)
    gradient = _check_gradient(gradient, windows)
    shares = gradient / _counts(windows, gradient.dtype)
    grad_padded = windows.zeros(gradient.dtype)
    for _, _, pixels in windows.taps():
        grad_padded[pixels] += shares
    return windows.crop(grad_padded)


class _Pooling2D(Layer):
    """What both kinds of pooling share: a window and a stride, and no weights."""

    def __init__(self, window=2, *, stride=None, padding="valid"):
        super().__init__()
        self.window = check_pair("window", window)
        stride = self.window if stride is None else check_pair("stride", stride)
        self.options = {"stride": stride, "padding": check_padding(padding)}

    def _build(self, shape, rng):
        """Return the shape of one output."""
        shape = check_shape("shape", shape, 3)
        windows = _windows((1, *shape), self.window, **self.options)
        return (*windows.output, shape[2])


class MaxPooling2D(_Pooling2D):
    """Max pooling as a layer.

    Parameters
    ----------
    window, stride, padding
        As for `max_pool`.

    Examples
    --------
    >>> MaxPooling2D(2).build((62, 62, 32), rng=None)
    (31, 31, 32)
    """

    def _forward(self, x, training):
        """Return the pooled maps (N, H', W', C) of (N, H, W, C)."""
        x, self._windows = _check(x, self.window, **self.options)
        y, self._winner = _winners(x, self._windows)
        return y

    def _input_gradient(self, gradient):
        """Return the gradient (N, H, W, C) of the feature maps."""
        return _route(gradient, self._winner, self._windows)


class AveragePooling2D(_Pooling2D):
    """Average pooling as a layer.

    Parameters
    ----------
    window, stride, padding
        As for `average_pool`.

    Examples
    --------
    >>> AveragePooling2D(6).build((6, 6, 128), rng=None)
    (1, 1, 128)
    """

    def _forward(self, x, training):
        """Return the pooled maps (N, H', W', C) of (N, H, W, C)."""
        y = average_pool(x, self.window, **self.options)
        self._shape = np.shape(x)
        return y

    def _input_gradient(self, gradient):
        """Return the gradient (N, H, W, C) of the feature maps."""
        return average_pool_backward(gradient, self._shape, self.window, **self.options)


def _pool_loops(reduction, x, window, stride, padding):
    """Reduce each window to one number for each channel; padding is NaN or smaller than all."""
    x, windows = _check(x, window, stride, padding)
    padded = windows.pad(x, -np.inf if reduction is np.max else np.nan)
    y = np.zeros((x.shape[0], *windows.output, x.shape[3]), x.dtype)
    for i, j, pixels in windows.positions():
        for n in range(x.shape[0]):
            for c in range(x.shape[3]):
                y[n, i, j, c] = reduction(padded[n, *pixels[1:], c])
    return y


def _winners(x, windows):
    """Return the largest value of each window, and which tap, row by row, held it first."""
    padded = windows.pad(x, -np.inf)
    taps = [padded[pixels] for _, _, pixels in windows.taps()]
    y, winner = taps[0].copy(), np.zeros(taps[0].shape, np.min_scalar_type(len(taps)))
    for tap, values in enumerate(taps[1:], start=1):
        better = values > y
        np.maximum(winner, better * winner.dtype.type(tap), out=winner)  # the last to be better
        np.maximum(y, values, out=y)
    return y, winner


def _route(gradient, winner, windows):
    """Return the gradient of the images: each window's goes to its winner."""
    grad_padded = windows.zeros(gradient.dtype)
    apart = all(step >= size for step, size in zip(windows.stride, windows.size, strict=True))
    for tap, (_, _, pixels) in enumerate(windows.taps()):
        if apart:  # no pixel is in two windows, so there is nothing to add up
            np.multiply(gradient, winner == tap, out=grad_padded[pixels])
        else:
            grad_padded[pixels] += gradient * (winner == tap)
    return windows.crop(grad_padded)


def _counts(windows, dtype):
    """Return how many pixels of the image each window holds, (1, H', W', 1)."""
    ones = np.ones((1, *windows.shape[1:3], 1), dtype)
    padded = windows.pad(ones)
    return sum(padded[pixels] for _, _, pixels in windows.taps())


def _check(x, window, stride, padding):
    """Return the arguments of a pooling as an array and its windows."""
    x = check_numbers("x", x, ("N", "H", "W", "C"))
    return x, _windows(x.shape, window, stride, padding)


def _windows(shape, window, stride, padding):
    window = check_pair("window", window)
    stride = window if stride is None else check_pair("stride", stride)
    return Windows(shape, window, stride, padding)


def _check_gradient(gradient, windows):
    """Return `gradient` if it has the shape of the output."""
    return check_numbers(
        "gradient", gradient, (windows.shape[0], *windows.output, windows.shape[3])
    )
