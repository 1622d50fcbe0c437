"""The convolution explorer: how a 3 x 3 kernel turns a picture into a feature map."""

from typing import NamedTuple

import numpy as np

from facebook_tut._validation import check_picture

from ._live import Choice, Dial, LiveFigure, Table, bitmap, declare, fixed, levels

PRESETS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "vertical edge": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],  # Sobel
    "horizontal edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],  # Laplacian
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "blur": [[1 / 9] * 3] * 3,
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}
OWN = "your own"  # what the menu calls any other kernel
SIDES = (8, 64)
MARGIN = 3  # pixels around the pictures: the widest ring of zeros


class Kernel(Table):
    """A table that also answers to the name of a preset."""

    def check(self, name, value):
        """Return `value`, a table or a preset's name, as a list of rows.

        Examples
        --------
        >>> Kernel(3, 3, -9, 9).check("kernel", "identity")
        [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
        """
        if isinstance(value, str):
            value = PRESETS[Choice(tuple(PRESETS)).check(name, value)]
        return super().check(name, value)


def convolution_explorer(
    image, *, kernel="vertical edge", stride=1, padding="valid", dilation=1, row=7, column=9
):
    """Show what a 3 x 3 kernel makes of a picture, and how each output pixel comes about.

    The figure shows the input, the feature map, and the nine products under the window whose sum
    is one pixel of it. As in Keras' ``Conv2D``, the kernel is not flipped.

    Parameters
    ----------
    image : array_like of float, shape (H, W)
        A grey picture from 0 to 1, each side from 8 to 64; it is rounded to 255ths.
    kernel : array_like of float, shape (3, 3), or str, default "vertical edge"
        Weights from -9 to 9; or identity, vertical edge, horizontal edge, outline, sharpen, blur
        or emboss.
    stride : int, default 1
        How many pixels the window moves at a time, from 1 to 4.
    padding : {"valid", "same"}, default "valid"
        None, or zeros around the input, so that a stride of 1 keeps its size.
    dilation : int, default 1
        How many pixels the kernel's taps are apart, from 1 to 3.
    row, column : int, defaults 7 and 9
        The output pixel shown, from 0; in a smaller feature map, its last row or column.

    Returns
    -------
    LiveFigure
        Its attributes ``kernel``, ``stride``, ``padding``, ``dilation``, ``row`` and ``column``
        follow the reader and move the figure.

    Examples
    --------
    >>> figure = convolution_explorer(np.eye(8), kernel="sharpen")
    >>> figure.kernel
    [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]
    >>> figure.kernel = "blur"
    >>> figure.stride = 2
    """
    data = {"pixels": _check(image).tolist(), "presets": PRESETS}
    dials = {
        "kernel": (Kernel(3, 3, -9, 9), kernel),
        "stride": (Dial(1, 4, 1), stride),
        "padding": (Choice(("valid", "same")), padding),
        "dilation": (Dial(1, 3, 1), dilation),
        "row": (Dial(0, SIDES[1] - 1, 1), row),
        "column": (Dial(0, SIDES[1] - 1, 1), column),
    }
    return LiveFigure("convolution_explorer", data, dials, _still)


def _check(image):
    """Return `image` as integers from 0 to 255, or say what is wrong with it."""
    image, (low, high) = np.asarray(image), SIDES
    if image.ndim != 2 or not all(low <= side <= high for side in image.shape):
        raise ValueError(
            f"image must have shape (H, W) with sides from {low} to {high}, got {image.shape}"
        )
    image = check_picture("image", image)
    return image if image.dtype == np.uint8 else levels(image, 1)[0]


# What follows draws the still in Python exactly as convolution_explorer.js redraws it, so that
# nothing jumps when the script takes over; tests/interactive compares the two.


class Axis(NamedTuple):
    """One direction: the input's pixels, the output's, and the zeros before and after the input."""

    side: int
    size: int
    before: int
    after: int


def _axis(side, stride, padding, span):
    """Return the sizes in one direction, as Keras and TensorFlow have them."""
    if padding == "valid":
        return Axis(side, (side - span) // stride + 1, 0, 0)
    size = -(-side // stride)
    zeros = max((size - 1) * stride + span - side, 0)
    return Axis(side, size, zeros // 2, zeros - zeros // 2)


def _correlate(padded, kernel, stride, dilation, shape):
    """Return the feature map; JavaScript sums the nine products in the same order."""
    total = np.zeros(shape)
    for i, j in np.ndindex(3, 3):
        taps = padded[i * dilation :: stride, j * dilation :: stride]
        total += kernel[i][j] * taps[: shape[0], : shape[1]]
    return total / 255


def _still(data, kernel, stride, padding, dilation, row, column):
    """Return what the figure shows, by the name of its slot in ``convolution_explorer.html``."""
    pixels, stride, dilation = np.array(data["pixels"]), int(stride), int(dilation)
    span = 2 * dilation + 1
    axes = [_axis(side, stride, padding, span) for side in pixels.shape]
    padded = np.pad(pixels, [(axis.before, axis.after) for axis in axes])
    features = _correlate(padded, kernel, stride, dilation, [axis.size for axis in axes])
    at = [min(int(i), axis.size - 1) for i, axis in zip((row, column), axes, strict=True)]
    top, left = (stride * i for i in at)
    window = padded[top : top + span : dilation, left : left + span : dilation]
    places = _places(axes, at, stride, span)
    shown = places | _products(window.ravel().tolist(), np.ravel(kernel).tolist())
    shown |= _facts(axes, stride, dilation) | _values(features)
    shown |= {"sum": _number(features[*at]), "stride": str(stride), "dilation": str(dilation)}
    shown["greys"] = declare({f"grey{k}": shown[f"grey{k}"] for k in range(9)})
    shown["places"] = declare(_frame(pixels) | places)
    return shown | _fixture(pixels) | _controls(kernel, padding, axes)


def _number(value):
    """Return a value with three decimals and a true minus."""
    return fixed(value, 3).replace("-", "−")


def _places(axes, at, stride, span):
    """Return where the ring of zeros, the window and the feature map lie, in input pixels.

    Each pixel of the feature map is as large as the stride, and its centre is its window's.
    """
    places = {}
    for name, axis, i in zip("yx", axes, at, strict=True):
        first = MARGIN - axis.before
        places[f"ring_{name}"] = str(first)
        places[f"ring_size_{name}"] = str(axis.before + axis.side + axis.after)
        places[f"window_{name}"] = str(first + stride * i)
        places[f"map_{name}"] = f"{first + (span - stride) / 2:g}"
    rows, columns = (str(axis.size) for axis in axes)
    places |= {"rows": rows, "columns": columns, "row": str(at[0]), "column": str(at[1])}
    return places | {"span": str(span), "stride": str(stride)}


def _frame(pixels):
    """Return the size of both pictures with their margins, in input pixels."""
    down, across = (side + 2 * MARGIN for side in pixels.shape)
    return {"across": across, "down": down}


def _products(window, weights):
    """Return the nine pixels under the window, their greys, and their products."""
    shown = {}
    for k, (pixel, weight) in enumerate(zip(window, weights, strict=True)):
        shown[f"grey{k}"] = str(pixel)
        shown[f"pixel{k}"] = fixed(pixel / 255, 3)
        shown[f"product{k}"] = _number(weight * pixel / 255)
    return shown


def _facts(axes, stride, dilation):
    """Return the sums that give the feature map's size and cost."""
    span = 2 * dilation + 1
    rows, columns = (axis.size for axis in axes)
    return {
        "size": f"{rows} × {columns}",
        "zeros": "hatched: zeros" if any(axis.before + axis.after for axis in axes) else "unpadded",
        "taps": f"2 × {dilation} + 1 = {span}",
        "formula_y": _formula(axes[0], stride, span),
        "formula_x": _formula(axes[1], stride, span),
        "multiplications": f"{rows} × {columns} × 9 = {rows * columns * 9}",
    }


def _formula(axis, stride, span):
    """Return how the output's size follows; the brackets of a floor stand where they matter."""
    zeros = axis.before + axis.after
    added = f" + {zeros}" if zeros else ""
    steps = f"({axis.side}{added} − {span}) / {stride}"
    if (axis.side + zeros - span) % stride:
        steps = f"⌊{steps}⌋"
    return f"{steps} + 1 = {axis.size}"


def _values(features):
    """Return the feature map as a picture, with its legend and its extremes."""
    limit = np.abs(features).max()
    grey, palette = levels(features, limit)
    legends = {
        "grey": f"black 0, white {_number(limit or 1)}",
        "signed": "blue −, orange +",
    }
    return {
        "map": bitmap(grey, palette),
        "legend": legends[palette],
        "smallest": _number(features.min()),
        "largest": _number(features.max()),
    }


def _fixture(pixels):
    """Return what no dial changes: the input and its size."""
    height, width = pixels.shape
    return {"input": bitmap(pixels), "input_size": f"{height} × {width}"}


def _controls(kernel, padding, axes):
    """Return how the controls stand at first; later they are the script's."""
    preset = next((name for name, table in PRESETS.items() if table == kernel), OWN)
    shown = {f"weight{k}": _short(weight) for k, weight in enumerate(np.ravel(kernel).tolist())}
    return shown | {
        "preset": preset,
        "presets": _options([*PRESETS, OWN], preset),
        "paddings": _options(["valid", "same"], padding),
        "last_row": str(axes[0].size - 1),
        "last_column": str(axes[1].size - 1),
    }


def _short(weight):
    """Return a weight with as many decimals as it has, at most three."""
    return f"{float(fixed(weight, 3)):g}"


def _options(names, chosen):
    """Return the options of a menu; the reader cannot choose `OWN`, only come to it."""
    state = {chosen: " selected"}
    closed = {OWN: " disabled"}
    return "".join(f"<option{state.get(n, '')}{closed.get(n, '')}>{n}</option>" for n in names)
