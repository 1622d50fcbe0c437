"""Images side by side, tables of numbers, and photographs with what was found in them."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import AsinhNorm, Normalize, to_rgb
from matplotlib.patches import Rectangle

from facebook_tut.plots.style import (
    COLOURS,
    FACE,
    NONFACE,
    SIGNED,
    TINTS,
    WIDTH,
    WINDOW,
    _minus,
    tone,
)


def image_grid(images, titles=None, columns=8, size=0.85, signed=False, title=""):
    """Draw images side by side.

    Parameters
    ----------
    images : sequence of ndarray, (H, W, 3) or (H, W)
        Values from 0 to 1; images without colours are drawn in grey, each over its own range.
    titles : sequence of str, optional
        One over each image.
    columns : int
        Images in a row.
    size : float
        Inches of one image.
    signed : bool
        Draw values below 0 in blue and above in orange, 0 in white.
    title : str
        Above all images.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(image_grid(np.zeros((3, 8, 8)), columns=2).axes)
    4
    """
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(rows, columns, layout="compressed", squeeze=False)
    above = 0.03 if titles is None else 0.06
    figure.get_layout_engine().set(w_pad=0.03, h_pad=above, wspace=0, hspace=0)
    for axis in axes.flat:
        axis.axis("off")
    for index, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        limit = np.abs(image).max() or 1.0
        colours = {"cmap": SIGNED, "vmin": -limit, "vmax": limit} if signed else {"cmap": "gray"}
        axis.imshow(image, **colours)
        if titles is not None and titles[index]:
            axis.set_title(_minus(titles[index]), fontsize=9, pad=4)
    if title:
        figure.suptitle(title, fontsize=11)
    _fit(figure, axes, size)
    return figure


def _fit(figure, axes, size):
    """Make the figure as large as rows of images that are `size` inches wide need."""
    words = [
        max(axis.get_title().count("\n") + bool(axis.get_title()) for axis in row) for row in axes
    ]
    heights = [np.divide(*axis.images[0].get_array().shape[:2]) for axis in axes[:, 0]]
    above = 0.35 if figure.get_suptitle() else 0
    lines = sum(0.1 * (count > 0) + 0.16 * count for count in words)
    figure.set_size_inches(size * axes.shape[1], size * sum(heights) + lines + above)


def number_grid(tables, titles=None, marks=(), digits=0, size=0.42):
    """Draw small tables of numbers side by side, as one works them by hand.

    Parameters
    ----------
    tables : sequence of ndarray, (H, W)
        The numbers, all on one scale and in cells of one size: the larger, the darker the orange;
        the further below 0, the darker the blue. White is 0 or, where no number is below 0, the
        smallest.
    titles : sequence of str, optional
        One over each table.
    marks : sequence of (int, int, int, int, int)
        Outlines in green: the table, and the top, left, height and width of its marked cells.
    digits : int
        Decimals shown.
    size : float
        Inches of one cell, less where the tables would be wider than a page.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = number_grid([np.eye(2), np.eye(3)], marks=[(1, 0, 0, 2, 2)])
    >>> [len(axis.texts) for axis in figure.axes]
    [4, 9]
    """
    figure, axes = plt.subplots(1, len(tables), squeeze=False)
    scale = _one_scale(tables)
    for index, (axis, table) in enumerate(zip(axes.flat, tables, strict=True)):
        axis.imshow(table, cmap=TINTS, norm=scale)
        for (row, column), value in np.ndenumerate(table):
            number = _minus(f"{value:.{digits}f}")
            axis.text(column, row, number, ha="center", va="center", fontsize=9, color="black")
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
        if titles is not None:
            axis.set_title(titles[index], fontsize=9)
    for index, top, left, height, width in marks:
        outline = Rectangle((left - 0.5, top - 0.5), width, height, fill=False, clip_on=False)
        outline.set(color=tone(WINDOW), linewidth=3)
        axes.flat[index].add_patch(outline)
    _set_in_row(figure, axes[0], np.array([np.shape(table) for table in tables]), size)
    return figure


def _one_scale(tables):
    """From white at 0 or, where no number is below 0, at the smallest; small numbers differ too."""
    low, high = min(map(np.min, tables)), max(map(np.max, tables))
    if low < 0:
        limit = max(-low, high)
        return AsinhNorm(limit / 10, vmin=-limit, vmax=limit)
    high = max(high, low + 1e-9)
    return Normalize(2 * low - high, high)


def _set_in_row(figure, axes, shapes, size, gap=0.2):
    """Set tables of these shapes side by side, each as wide as its title or its cells."""
    titles = [axis.title.get_window_extent() for axis in axes]
    inches = np.array([[box.width, box.height] for box in titles]) / figure.dpi
    room = WIDTH - gap * len(shapes)
    size = min(size, room / shapes[:, 1].sum())
    slots = np.maximum(size * shapes[:, 1], inches[:, 0]) + gap
    above, below = inches[:, 1].max() + 0.12, size * shapes[:, 0].max()
    figure.set_size_inches(np.ceil(10 * np.array([slots.sum(), above + below])) / 10)
    middles = np.cumsum(slots) - slots / 2
    for axis, middle, (rows, columns) in zip(axes, middles, size * shapes, strict=True):
        corner = middle - columns / 2, below - rows + 0.02
        box = np.array([*corner, columns, rows]) / np.tile(figure.get_size_inches(), 2)
        axis.set_position(box)


def boxes(picture, found, words, colours, size=4.0):
    """Draw a photograph with a box around each face, and words in the colour of the box.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        The photograph.
    found : sequence of (float, float, float, float)
        The top, left, bottom and right of each box, in pixels; a box drawn later is on top.
    words : sequence of str
        What to write at each.
    colours : sequence of str
        Of each box.
    size : float
        Inches across.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = boxes(np.zeros((90, 90)), [(10, 10, 40, 40)], ["Ada"], [FACE])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['Ada']
    >>> plt.close(figure)
    """
    height, width = picture.shape[:2]
    figure, axis = plt.subplots(figsize=(size, size * height / width), layout="compressed")
    axis.imshow(picture, cmap="gray")
    axis.axis("off")
    taken = []
    for (top, left, bottom, right), name, colour in zip(found, words, colours, strict=True):
        edges = {"fill": False, "color": colour, "linewidth": 2.5}
        axis.add_patch(Rectangle((left, top), right - left, bottom - top, **edges))
        paper = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
        text = axis.text(0, 0, name, fontsize=9, va="top", bbox=paper, color=_on(colour))
        _place_tag(text, (top, left, bottom, right), (height, width), taken)
    return figure


def _on(colour):
    """Black or white, whichever reads better on the colour."""
    linear = np.array(to_rgb(colour)) ** 2.2
    return "black" if linear @ [0.2126, 0.7152, 0.0722] > 0.18 else "white"


def _place_tag(text, box, shape, taken):
    """Put words at a corner of their box, in the picture, off all that is taken; take the place."""
    corner, end = text.axes.transData.inverted().transform(text.get_window_extent().get_points())
    wide, high = abs(end - corner) + 0.015 * shape[1]
    (top, left, bottom, right), (height, width) = box, shape
    rows = top - high, bottom, top - 2 * high, bottom + high, top, bottom - high
    places = [(y, x) for y in rows for x in (left, right - wide)]
    inside = [(y, x) for y, x in places if 0 <= y <= height - high and 0 <= x <= width - wide]
    clear = (
        (y, x)
        for y, x in inside
        if all(abs(y - b) >= high or not a - wide < x < a + w for b, a, w in taken)
    )
    y, x = next(clear, places[0])
    taken.append((y, x, wide))
    text.set_position((x, y))


def detections(picture, found, colours=(FACE, NONFACE)):
    """Draw a photograph with a box and the votes of each detection, the best in another colour.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        The photograph.
    found : list of detection.Detection
        Most votes first.
    colours : tuple of str
        Of the first box, and of the others.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from facebook_tut.detection import Detection
    >>> len(detections(np.zeros((9, 9)), [Detection(1, 1, 4, 0.9, 3.2)]).axes[0].patches)
    1
    """
    words = [f"{one.votes:.1f} votes" for one in found]
    colours = [colours[min(rank, 1)] for rank in range(len(found))]
    return boxes(picture, [one.box for one in found], words, colours)


def feature_maps(picture, maps, titles, size=2.3):
    """Draw a picture in grey, and beside it what kernels make of it.

    Parameters
    ----------
    picture : ndarray, (H, W)
        What the kernels see.
    maps : sequence of ndarray, (H', W')
        Feature maps, all drawn on one scale: below 0 in blue, above in orange, 0 in white.
    titles : sequence of str
        One over the picture, then one over each map.
    size : float
        Inches of one image.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = feature_maps(np.eye(4), [np.eye(2), -np.eye(2)], ["it", "right", "left"])
    >>> [axis.get_title() for axis in figure.axes]
    ['it', 'right', 'left']
    """
    limit = max(np.abs(values).max() for values in maps) or 1.0
    count = 1 + len(maps)
    figure, axes = plt.subplots(1, count, figsize=(size * count, size * 1.1), layout="constrained")
    axes[0].imshow(picture, cmap="gray")
    for axis, values in zip(axes[1:], maps, strict=True):
        axis.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit)
    for axis, title in zip(axes, titles, strict=True):
        axis.axis("off")
        axis.set_title(title, fontsize=9)
    return figure


def nested_windows(picture, windows, size=1.3):
    """Outline square windows on a picture, and draw beside it what is in each.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        Values from 0 to 1.
    windows : sequence of (int, int, int)
        The top, left and edge of each, in pixels.
    size : float
        Inches of one window; the picture takes as much as two rows of them.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = nested_windows(np.zeros((9, 9)), [(2, 2, 3), (1, 1, 5)])
    >>> [axis.get_title() for axis in figure.axes[1:]]
    ['3×3', '5×5']
    """
    columns = -(-len(windows) // 2)
    figure = plt.figure(figsize=(size * (columns + 2.2), size * 2.5), layout="constrained")
    grid = figure.add_gridspec(2, columns + 2)
    whole = figure.add_subplot(grid[:, :2])
    whole.imshow(picture, cmap="gray", vmin=0, vmax=1)
    whole.axis("off")
    for index, (top, left, edge) in enumerate(windows):
        colour = COLOURS[index % len(COLOURS)]
        outline = Rectangle((left - 0.5, top - 0.5), edge, edge, fill=False, color=colour, lw=1.5)
        whole.add_patch(outline)
        axis = figure.add_subplot(grid[index // columns, 2 + index % columns])
        part = picture[top : top + edge, left : left + edge]
        axis.imshow(part, cmap="gray", vmin=0, vmax=1)
        axis.set_title(f"{edge}×{edge}", fontsize=9, color=tone(colour))
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(color=colour, linewidth=2.5, visible=True)
    return figure
