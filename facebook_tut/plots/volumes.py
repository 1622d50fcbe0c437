"""A convolution of volumes: sheets of channels, kernels as deep as they are, a map for each."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from facebook_tut.plots.style import BROWN, INK, ORANGE, PURPLE, WIDTH, WINDOW

SHIFT = 0.8  # of a sheet from the one before it, in pixels
FILTERS = (ORANGE, PURPLE, BROWN)


def volumes(inputs, kernels, outputs, names=("input", "kernels", "output"), title=""):
    """Draw what a convolution reads, its kernels, and what it makes, one sheet for each channel.

    The first window of the input is shaded through all its channels, and so is the number that
    each kernel makes of it.

    Parameters
    ----------
    inputs : tuple of int, (H, W, C)
        Pixels and channels of the input.
    kernels : tuple of int, (kh, kw, C, F)
        At most three filters, each in a colour of its own.
    outputs : tuple of int, (H', W', F)
        Pixels and channels of the output.
    names : tuple of str
        The text above the three.
    title : str
        Above all.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = volumes((5, 5, 3), (3, 3, 3, 2), (3, 3, 2))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['input\\n5×5×3', '∗', 'kernels\\n2 of 3×3×3', '=', 'output\\n3×3×2']
    >>> plt.close(figure)
    """
    if inputs[2] != kernels[2] or kernels[3] != outputs[2] or kernels[3] > len(FILTERS):
        raise ValueError(
            "kernels must have the channels of inputs and a filter for each of outputs, at most"
            f" {len(FILTERS)}, got {inputs}, {kernels} and {outputs}"
        )
    figure, axis = plt.subplots(figsize=(WIDTH, 2.9), layout="constrained")
    window = dict.fromkeys(range(inputs[2]), (WINDOW, kernels[:2]))
    right = _sheets(axis, (0, 0), inputs, window)
    floor = -max(inputs[0], outputs[0]) / 2
    top = max(inputs[0], outputs[0]) / 2 + SHIFT * (max(inputs[2], outputs[2]) - 1)
    _name(axis, right / 2, top, f"{names[0]}\n{_size(inputs)}")
    axis.text(right + 1, 0, "∗", fontsize=13, ha="center", va="center")
    left, count = right + 2, kernels[3]
    gap = kernels[0] + SHIFT * (kernels[2] - 1) + 0.7
    for f in range(count):
        whole = dict.fromkeys(range(kernels[2]), (FILTERS[f], kernels[:2]))
        middle = ((count - 1) / 2 - f) * gap - SHIFT * (kernels[2] - 1) / 2
        right = _sheets(axis, (left, middle), kernels[:3], whole)
        floor = min(floor, middle - kernels[0] / 2)
        top_of = middle + kernels[0] / 2 + SHIFT * (kernels[2] - 1)
        top = max(top, top_of)
    _name(axis, (left + right) / 2, top, f"{names[1]}\n{count} of {_size(kernels[:3])}")
    axis.text(right + 1, 0, "=", fontsize=13, ha="center", va="center")
    made = {f: (FILTERS[f], (1, 1)) for f in range(outputs[2])}
    last = _sheets(axis, (right + 2, 0), outputs, made)
    _name(axis, (right + 2 + last) / 2, top, f"{names[2]}\n{_size(outputs)}")
    axis.set(xlim=(-0.5, last + 0.5), ylim=(floor - 0.3, top + 3.2), aspect="equal")
    axis.set_title(title, fontsize=11)
    axis.axis("off")
    return figure


def _size(shape):
    return "×".join(map(str, shape))


def _name(axis, middle, top, words):
    axis.text(middle, top + 0.5, words, ha="center", va="bottom", fontsize=9)


def _sheets(axis, corner, shape, shaded):
    """Draw (H, W, C) as C grids, the first in front, and return where they end on the right.

    `corner` is the left of the first one and its middle; `shaded` gives for a sheet the colour and
    the size of what is shaded at its upper left.
    """
    height, width, channels = shape
    for c in reversed(range(channels)):
        left, low = corner[0] + SHIFT * c, corner[1] + SHIFT * c - height / 2
        axis.add_patch(Rectangle((left, low), width, height, facecolor="white", zorder=-c))
        if c in shaded:
            colour, (tall, wide) = shaded[c]
            place = left, low + height - tall
            box = Rectangle(place, wide, tall, facecolor=colour, alpha=0.55, zorder=-c + 0.2)
            axis.add_patch(box)
        look = {"color": INK, "lw": 0.7, "zorder": -c + 0.4}
        for i in np.arange(height + 1):
            axis.plot([left, left + width], [low + i, low + i], **look)
        for j in np.arange(width + 1):
            axis.plot([left + j, left + j], [low, low + height], **look)
    return corner[0] + width + SHIFT * (channels - 1)
