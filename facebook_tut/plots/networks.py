"""Networks as boxes and lines."""

import re

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from facebook_tut.plots.style import (
    BLUE,
    BOX,
    FACE,
    GREEN,
    INK,
    NONFACE,
    ORANGE,
    WIDTH,
    _minus,
    tone,
)


def network(layers, image=None):
    """Draw a network as boxes: height for the feature map's side, width for its channels.

    Parameters
    ----------
    layers : list of models.LayerSummary
        From `models.summarise`.
    image : ndarray, (H, W) or (H, W, C), optional
        An input from 0 to 1, which is then left of the boxes, drawn to the same scale.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> layer = SimpleNamespace(name="Dense", output_shape=(1,), parameters=513)
    >>> len(network([layer]).axes[0].patches)
    1
    """
    figure, axis = plt.subplots(figsize=(WIDTH, 3.0), layout="constrained")
    colours = {"Conv2D": ORANGE, "MaxPooling2D": GREEN, "Dense": BLUE}
    left = 0.0
    if image is not None:
        left = _input(axis, np.asarray(image))
    for layer in layers:
        width, height = _box_of(layer.output_shape)
        slot = max(width + 4, 20)
        corner = left + (slot - width) / 2, -height / 2
        colour = colours.get(layer.name, INK)
        axis.add_patch(Rectangle(corner, width, height, color=colour, alpha=0.85))
        shape = "×".join(map(str, layer.output_shape))
        if image is not None:  # less room
            shape = re.sub("×(?=[0-9]+$)", "\n×", shape)
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "\n", layer.name)
        middle = left + slot / 2
        axis.text(middle, height / 2 + 2, name, ha="center", va="bottom", fontsize=8)
        axis.text(middle, -height / 2 - 2, shape, ha="center", va="top", fontsize=8)
        left += slot
    axis.set(xlim=(0, left), ylim=(-42, 48))
    axis.axis("off")
    return figure


def _input(axis, image):
    """Show an image at the left, and return where the boxes after it begin."""
    height, width = image.shape[:2]
    place = (2, 2 + width, -height / 2, height / 2)
    axis.imshow(image, cmap="gray", vmin=0, vmax=1, extent=place, aspect="auto")
    look = {"ha": "center", "fontsize": 8}
    axis.text(2 + width / 2, height / 2 + 2, "input", va="bottom", **look)
    shape = "×".join(map(str, image.shape))
    axis.text(2 + width / 2, -height / 2 - 2, shape, va="top", **look)
    return width + 6.0


def _box_of(shape):
    """Width and height of the box that stands for an output of this shape."""
    if len(shape) == 3:
        return 3 + shape[2] / 16, shape[0]
    return 3, 4 + np.sqrt(shape[0]) * 0.8


def decision_regions(points, labels, classifiers, names=("", ""), size=2.9):
    """Draw points of two kinds over what classifiers make of the plane, a panel for each.

    Parameters
    ----------
    points : ndarray, (N, 2)
        Two measurements of each thing.
    labels : ndarray, (N,)
        1 for a face (orange discs), 0 for a non-face (blue triangles).
    classifiers : dict of str to (callable or None)
        By title: a function from (M, 2) points to M probabilities of a face. Its half is shaded in
        the colour of its kind, and a line is drawn where it says one half. None draws points only.
    names : tuple of str
        Of the two measurements.
    size : float
        Inches of one panel.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = decision_regions(np.eye(2), np.array([0, 1]), {"right": lambda x: x[:, 0] > 0.5})
    >>> [axis.get_title() for axis in figure.axes]
    ['right']
    """
    columns = min(len(classifiers), 2)
    rows = -(-len(classifiers) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(size * columns, size * rows + 0.2),
        layout="constrained",
        squeeze=False,
        sharex=True,
        sharey=True,
    )
    margin = 0.05 * np.ptp(points, axis=0)
    low, high = points.min(0) - margin, points.max(0) + margin
    x, y = np.meshgrid(*np.linspace(low, high, 150).T)
    for axis, (title, classify) in zip(axes.flat, classifiers.items(), strict=False):
        if classify is not None:
            scores = np.reshape(classify(np.column_stack([x.ravel(), y.ravel()])), x.shape)
            axis.contourf(x, y, scores, [-1, 0.5, 2], colors=[NONFACE, FACE], alpha=0.15)
            if scores.min() < 0.5 < scores.max():
                axis.contour(x, y, scores, [0.5], colors=INK, linewidths=1.5)
        for label, marker, colour in ((0, "^", NONFACE), (1, "o", FACE)):
            axis.plot(*points[labels == label].T, marker, color=colour, markersize=3.5)
        axis.set_title(title, fontsize=10)
    for axis in axes.flat[len(classifiers) :]:
        axis.axis("off")
    for axis in axes[-1]:
        axis.set_xlabel(names[0])
    for axis in axes[:, 0]:
        axis.set_ylabel(names[1])
    handles = axes[0, 0].lines[-1:-3:-1]
    figure.legend(handles, ["face", "non-face"], loc="outside lower center", ncols=2, frameon=False)
    return figure


def units(columns, edges, notes=None, title=""):
    """Draw a small network: a box for each unit, a line for each weight.

    Parameters
    ----------
    columns : list of list of str
        The text in the boxes, column by column, from the input to the output.
    edges : list of list of list of str
        Between two columns: the text on the line from each unit (rows) to each of the next.
    notes : list of list of str, optional
        The text below each box, in another colour.
    title : str
        Above the network.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = units([["1", "2"], ["7"]], [[["3"], ["2"]]])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['3', '2', '1', '2', '7']
    """
    figure, axis = plt.subplots(figsize=(WIDTH * 0.8, 3.0), layout="constrained")
    heights = [np.linspace(len(c) - 1, 1 - len(c), len(c)) if len(c) > 1 else [0] for c in columns]
    look = {"ha": "center", "fontsize": 9}
    for column, weights in enumerate(edges):
        for start, row in zip(heights[column], weights, strict=True):
            for end, text in zip(heights[column + 1], row, strict=True):
                gap = [0.27, np.nan, 0.45] if text else []
                way = np.array([0, *gap, 1])
                axis.plot(column + way, start + way * (end - start), color=INK, lw=1)
                place = column + 0.36, start + 0.36 * (end - start)
                axis.text(*place, _minus(text), va="center", **look)
    for column, texts in enumerate(columns):
        for row, (height, text) in enumerate(zip(heights[column], texts, strict=True)):
            axis.text(column, height, _minus(text), va="center", **look, **BOX)
            if notes is not None:
                below = _minus(notes[column][row])
                axis.text(column, height - 0.42, below, va="top", color=tone(ORANGE), **look)
    tallest = max(map(len, columns)) - 1
    axis.set(xlim=(-0.4, len(columns) - 0.6), ylim=(-tallest - 0.9, tallest + 0.5))
    axis.set_title(title, fontsize=11)
    axis.axis("off")
    return figure
