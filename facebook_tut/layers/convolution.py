"""Convolution: a small kernel slides over an image and answers where its pattern is."""

import numpy as np

from facebook_tut._validation import (
    check_callable,
    check_number,
    check_numbers,
    check_pair,
    check_shape,
)
from facebook_tut.initializers import glorot_uniform
from facebook_tut.layers.base import Layer
from facebook_tut.layers.windows import Windows, check_padding


def conv2d_loops(x, kernel, bias=None, *, stride=1, padding="valid", dilation=1, groups=1):
    """Convolve images with kernels, as the definition says: the same as `conv2d`, slowly.

    For the filter f, over the taps (u, v) and the channels c of its group::

        y[n, i, j, f] = bias[f] + Σ x[n, i·s + u·d, j·s + v·d, c] · kernel[u, v, c, f]

    with s the stride and d the dilation.

    Strictly this is a cross-correlation: the kernel is not flipped (Goodfellow, Bengio and
    Courville, "Deep Learning", 2016, equation 9.6), in Keras too.

    Parameters
    ----------
    x, kernel, bias, stride, padding, dilation, groups
        As for `conv2d`.

    Returns
    -------
    ndarray, (N, H', W', F)

    Examples
    --------
    >>> x = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> conv2d_loops(x, np.ones((2, 2, 1, 1)))[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    x, kernel, bias, windows = _check(x, kernel, bias, stride, padding, dilation, groups)
    padded, filters = windows.pad(x), kernel.shape[3]
    y = np.zeros((len(x), *windows.output, filters), x.dtype)
    for i, j, window in windows.positions():
        for f in range(filters):
            seen = padded[window][..., _channels(f, kernel, groups)]  # (N, kh, kw, C / groups)
            y[:, i, j, f] = (seen * kernel[..., f]).sum((1, 2, 3)) + bias[f]
    return y


def conv2d(x, kernel, bias=None, *, stride=1, padding="valid", dilation=1, groups=1):
    """Convolve images with kernels: a window view and one matrix product.

    Parameters
    ----------
    x : array_like, (N, H, W, C)
        Images.
    kernel : array_like, (kh, kw, C / groups, F)
        One kernel for each of F filters.
    bias : array_like, (F,), optional
        Added to each feature map.
    stride : int or (int, int)
        Pixels from one window to the next, down and across.
    padding : {"valid", "same"}
        None, or zeros around the image so that ⌈H / stride⌉ windows fit.
    dilation : int or (int, int)
        Pixels from one tap of the kernel to the next.
    groups : int
        Channels and filters are split into so many groups, each convolved on its own.

    Returns
    -------
    ndarray, (N, H', W', F)
        One feature map for each filter, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the kernel does not fit.

    References
    ----------
    Chellapilla, Puri and Simard, "High performance convolutional neural networks for document
    processing" (2006): convolution as a matrix product.

    Examples
    --------
    >>> x = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> conv2d(x, np.ones((2, 2, 1, 1)))[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    x, kernel, bias, windows = _check(x, kernel, bias, stride, padding, dilation, groups)
    columns = _columns(x, windows, groups)
    return _forward(columns, kernel, groups).reshape(len(x), *windows.output, -1) + bias


def conv2d_backward_loops(gradient, x, kernel, *, stride=1, padding="valid", dilation=1, groups=1):
    """Return the gradients of a convolution, as the definition says: slowly.

    Each output pixel hands its gradient back to the pixels and weights that made it.

    Parameters
    ----------
    gradient, x, kernel, stride, padding, dilation, groups
        As for `conv2d_backward`.

    Returns
    -------
    tuple of ndarray
        Of the images, of the kernel, of the bias.

    Examples
    --------
    >>> x, gradient = np.arange(9.0).reshape(1, 3, 3, 1), np.ones((1, 2, 2, 1))
    >>> conv2d_backward_loops(gradient, x, np.ones((2, 2, 1, 1)))[1][:, :, 0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    x, kernel, _, windows = _check(x, kernel, None, stride, padding, dilation, groups)
    gradient = _check_gradient(gradient, windows, kernel)
    padded, grad_padded = windows.pad(x), windows.zeros(x.dtype)
    grad_kernel = np.zeros_like(kernel)
    for i, j, window in windows.positions():
        for f in range(kernel.shape[3]):
            part = (*window, _channels(f, kernel, groups))
            flow = gradient[:, i, j, f, None, None, None]  # (N, 1, 1, 1)
            grad_padded[part] += flow * kernel[..., f]
            grad_kernel[..., f] += (flow * padded[part]).sum(0)
    return windows.crop(grad_padded), grad_kernel, gradient.sum((0, 1, 2))


def conv2d_backward(gradient, x, kernel, *, stride=1, padding="valid", dilation=1, groups=1):
    """Return the gradients of a convolution from the gradient of its output.

    Parameters
    ----------
    gradient : array_like, (N, H', W', F)
        How the loss changes with each output pixel.
    x, kernel, stride, padding, dilation, groups
        What `conv2d` was given.

    Returns
    -------
    tuple of ndarray
        How the loss changes with `x` (N, H, W, C), `kernel` (kh, kw, C / groups, F) and the bias
        (F,).

    Examples
    --------
    >>> x, gradient = np.arange(9.0).reshape(1, 3, 3, 1), np.ones((1, 2, 2, 1))
    >>> grad_x, grad_kernel, grad_bias = conv2d_backward(gradient, x, np.ones((2, 2, 1, 1)))
    >>> grad_x[0, :, :, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    x, kernel, _, windows = _check(x, kernel, None, stride, padding, dilation, groups)
    gradient = _check_gradient(gradient, windows, kernel)
    columns = _columns(x, windows, groups)
    grad_kernel = _kernel_gradient(gradient, columns, kernel.shape)
    return _input_gradient(gradient, kernel, windows, groups), grad_kernel, _bias_gradient(gradient)


class Conv2D(Layer):
    """A convolution that learns its kernels.

    Parameters
    ----------
    filters : int
        Feature maps to make, F.
    kernel_size : int or (int, int)
        Taps of each kernel, down and across.
    stride, padding, dilation, groups
        As for `conv2d`.
    initializer : callable
        From the kernel's shape and a source of randomness to the initial kernel, such as those of
        `initializers`.

    Examples
    --------
    >>> layer = Conv2D(32, 3)
    >>> layer.build((64, 64, 3), np.random.default_rng(0))
    (62, 62, 32)
    >>> sum(weights.size for weights in layer.parameters.values())
    896
    """

    def __init__(
        self,
        filters,
        kernel_size,
        *,
        stride=1,
        padding="valid",
        dilation=1,
        groups=1,
        initializer=glorot_uniform,
    ):
        super().__init__()
        self.filters = check_number("filters", filters, 1, 2**20, integer=True)
        self.size = check_pair("kernel_size", kernel_size)
        self.options = {
            "stride": check_pair("stride", stride),
            "padding": check_padding(padding),
            "dilation": check_pair("dilation", dilation),
        }
        self.groups = check_number("groups", groups, 1, 2**20, integer=True)
        self.initializer = check_callable("initializer", initializer)

    def _build(self, shape, rng):
        """Make kernels by the initializer, and biases of zero."""
        height, width, channels = check_shape("shape", shape, 3)
        kernel_shape = (*self.size, max(1, channels // self.groups), self.filters)
        self.parameters = {
            "kernel": self.initializer(kernel_shape, rng),
            "bias": np.zeros(self.filters, np.float32),
        }
        blank = np.zeros((1, height, width, channels), np.float32)
        windows = _check(blank, *self.parameters.values(), **self.options, groups=self.groups)[3]
        return (*windows.output, self.filters)

    def _forward(self, x, training):
        """Return the feature maps (N, H', W', F) of images (N, H, W, C)."""
        kernel, bias = self._weights()
        x, kernel, bias, self._windows = _check(x, kernel, bias, **self.options, groups=self.groups)
        self._columns = _columns(x, self._windows, self.groups)
        y = _forward(self._columns, kernel, self.groups)
        y += bias
        return y.reshape(len(x), *self._windows.output, -1)

    def _parameter_gradients(self, gradient):
        """Fill the gradients of kernel and bias."""
        shape = self.parameters["kernel"].shape
        self.gradients = {
            "kernel": _kernel_gradient(gradient, self._columns, shape),
            "bias": _bias_gradient(gradient),
        }

    def _input_gradient(self, gradient):
        """Return the gradient (N, H, W, C) of the images."""
        return _input_gradient(gradient, self.parameters["kernel"], self._windows, self.groups)


# A group's windows are the rows of a matrix, and its kernels the columns of another.


def _columns(x, windows, groups):
    """Return each group's windows as rows: (groups, N·H'·W', kh·kw·C / groups)."""
    view = windows.view(np.ascontiguousarray(windows.pad(x)))  # (N, H', W', kh, kw, C)
    parts = np.split(view, groups, axis=-1) if groups > 1 else [view]
    return [part.reshape(np.prod(view.shape[:3]), -1) for part in parts]


def _split_filters(kernel, groups):
    """Return each group's kernels as columns: (kh·kw·C / groups, F / groups)."""
    return np.split(kernel.reshape(-1, kernel.shape[3]), groups, axis=1)


def _forward(columns, kernel, groups):
    """Return the feature maps as (N·H'·W', F)."""
    parts = [rows @ k for rows, k in zip(columns, _split_filters(kernel, groups), strict=True)]
    return parts[0] if groups == 1 else np.concatenate(parts, axis=1)


def _kernel_gradient(gradient, columns, shape):
    """Return the gradient of the kernel: for each group, windows times flow."""
    flows = np.split(gradient.reshape(-1, gradient.shape[3]), len(columns), axis=1)
    parts = [rows.T @ flow for rows, flow in zip(columns, flows, strict=True)]
    return np.concatenate(parts, axis=1).reshape(shape)


def _input_gradient(gradient, kernel, windows, groups):
    """Return the gradient of the images: each tap's share, added where the windows overlap."""
    flows = np.split(gradient.reshape(-1, gradient.shape[3]), groups, axis=1)
    kernels = np.split(kernel, groups, axis=3)
    grad_padded = windows.zeros(gradient.dtype)
    for u, v, pixels in windows.taps():
        shares = [flow @ k[u, v].T for flow, k in zip(flows, kernels, strict=True)]
        share = shares[0] if groups == 1 else np.concatenate(shares, axis=1)
        grad_padded[pixels] += share.reshape(*gradient.shape[:3], -1)
    return windows.crop(grad_padded)


def _bias_gradient(gradient):
    """Return the gradient of the bias, axis by axis: quicker than all at once, and rounded less."""
    return gradient.sum(1).sum(1).sum(0)


def _channels(f, kernel, groups):
    """Return the channels that filter `f` sees."""
    channels, filters = kernel.shape[2:]
    group = f // (filters // groups)
    return slice(group * channels, (group + 1) * channels)


def _check(x, kernel, bias, stride, padding, dilation, groups):
    """Return the arguments of a convolution as arrays, and its windows."""
    x = check_numbers("x", x, ("N", "H", "W", "C"))
    kernel = check_numbers("kernel", kernel, ("kh", "kw", "C / groups", "F"))
    channels, filters = x.shape[3], kernel.shape[3]
    groups = check_number("groups", groups, 1, channels, integer=True)
    if channels % groups or filters % groups:
        raise ValueError(
            f"groups must divide channels and filters, got {groups} for {channels} and {filters}"
        )
    if kernel.shape[2] != channels // groups:
        raise ValueError(
            f"kernel must have C / groups = {channels // groups} channels, got {kernel.shape[2]}"
        )
    bias = check_numbers("bias", np.zeros(filters, x.dtype) if bias is None else bias, (filters,))
    stride, dilation = check_pair("stride", stride), check_pair("dilation", dilation)
    size = check_pair("kernel", kernel.shape[:2])
    return x, kernel, bias, Windows(x.shape, size, stride, padding, dilation)


def _check_gradient(gradient, windows, kernel):
    """Return `gradient` if it has the shape of the output."""
    shape = (windows.shape[0], *windows.output, kernel.shape[3])
    return check_numbers("gradient", gradient, shape)
