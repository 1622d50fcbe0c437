"""The arithmetic of windows that slide over images: shared by convolution and pooling."""

from itertools import product

import numpy as np

from facebook_tut._validation import MOST_PIXELS, check_choice, check_number

PADDINGS = ("valid", "same")


def extent(size, dilation=1):
    """Return how many pixels a window spans along one axis when its taps are `dilation` apart.

    Examples
    --------
    >>> extent(3), extent(3, dilation=2)
    (3, 5)
    """
    check_number("size", size, 1, MOST_PIXELS, integer=True)
    return (size - 1) * check_number("dilation", dilation, 1, MOST_PIXELS, integer=True) + 1


def check_padding(padding):
    """Return the name of a padding if there is one of that name.

    Examples
    --------
    >>> check_padding("same")
    'same'
    """
    return check_choice("padding", padding, PADDINGS)


def output_length(length, size, stride=1, padding="valid", dilation=1):
    """Return how often a window fits along an axis: what the output measures there.

    Parameters
    ----------
    length : int
        Pixels of the input.
    size : int
        Taps of the window.
    stride : int
        Pixels from one window to the next.
    padding : {"valid", "same"}
        ``"valid"``: no padding, ⌊(length − extent) / stride⌋ + 1; ``"same"``: enough zeros around
        for ⌈length / stride⌉.
    dilation : int
        Pixels from one tap to the next.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the window does not fit.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), section 2.

    Examples
    --------
    >>> output_length(64, 3), output_length(62, 2, stride=2), output_length(29, 2, stride=2)
    (62, 31, 14)
    >>> output_length(64, 3, stride=2, padding="same")
    32
    """
    check_number("length", length, 1, 2**31, integer=True)
    span = extent(size, dilation)
    check_number("stride", stride, 1, MOST_PIXELS, integer=True)
    if check_padding(padding) == "same":
        return -(-length // stride)
    if span > length:
        raise ValueError(
            f"a window of {span} pixels does not fit into an input of {length}:"
            " size, window or kernel must be smaller, or the length larger"
        )
    return (length - span) // stride + 1


def same_padding(length, size, stride=1, dilation=1):
    """Return the zeros before and after an axis that ``padding="same"`` adds.

    When their number is odd, the extra one comes after, as in TensorFlow.

    Examples
    --------
    >>> same_padding(64, 3), same_padding(64, 3, stride=2), same_padding(5, 2)
    ((1, 1), (0, 1), (0, 1))
    """
    steps = output_length(length, size, stride, "same") - 1
    total = max(steps * stride + extent(size, dilation) - length, 0)
    return total // 2, total - total // 2


class Windows:
    """The places of a window of `size` on images of `shape`; every pair is (down, across).

    Attributes
    ----------
    output : tuple of int
        (H', W'): how many windows there are.
    padding : tuple of tuple of int
        Pixels added above and below, left and right.

    Examples
    --------
    >>> Windows((1, 5, 5, 1), size=(3, 3), stride=(2, 2)).output
    (2, 2)
    """

    def __init__(self, shape, size, stride=(1, 1), padding="valid", dilation=(1, 1)):
        self.shape, self.size, self.stride, self.dilation = tuple(shape), size, stride, dilation
        axes = list(zip(shape[1:3], size, stride, dilation, strict=True))
        self.output = tuple(output_length(n, k, s, padding, d) for n, k, s, d in axes)
        none = ((0, 0), (0, 0))
        self.padding = none if padding == "valid" else tuple(same_padding(*axis) for axis in axes)

    def pad(self, x, value=0):
        """Return `x` (N, H, W, C) with the padding around each image."""
        if not np.any(self.padding):
            return x
        return np.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=value)

    def crop(self, padded):
        """Return the images without their padding: the inverse of `pad`."""
        (above, _), (left, _) = self.padding
        return padded[:, above : above + self.shape[1], left : left + self.shape[2]]

    def zeros(self, dtype):
        """Return zeros of the padded images' shape, to collect gradients in."""
        return self.pad(np.zeros(self.shape, dtype))

    def view(self, padded):
        """Return every window as a view (N, H', W', kh, kw, C) that copies nothing."""
        n, _, _, c = padded.strides
        down, across = padded.strides[1:3]
        shape = (self.shape[0], *self.output, *self.size, self.shape[3])
        steps = (down * self.stride[0], across * self.stride[1])
        taps = (down * self.dilation[0], across * self.dilation[1])
        strides = (n, *steps, *taps, c)
        return np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False)

    def taps(self):
        """Yield, row by row, each tap's place (u, v) and the index of its pixel in all windows."""
        for u, v in product(range(self.size[0]), range(self.size[1])):
            starts = (u * self.dilation[0], v * self.dilation[1])
            rows, columns = (
                slice(start, start + (count - 1) * step + 1, step)
                for start, count, step in zip(starts, self.output, self.stride, strict=True)
            )
            yield u, v, (slice(None), rows, columns)

    def positions(self):
        """Yield the place (i, j) of each window, and the index of its pixels."""
        for i, j in product(*map(range, self.output)):
            rows, columns = (
                slice(at * step, at * step + extent(size, dilation), dilation)
                for at, step, size, dilation in zip(
                    (i, j), self.stride, self.size, self.dilation, strict=True
                )
            )
            yield i, j, (slice(None), rows, columns)
