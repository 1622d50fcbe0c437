"""The book's figures, each a function of arrays: what a figure shows can be tested through them."""

import re
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import AsinhNorm, LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

# After Okabe and Ito (2008), whose colours survive colour blindness. Blue and orange differ in
# brightness too. All stand out on white and on black, at least 3:1 on both. What is written in a
# colour has its tone, 4.5:1 on both. `facebook_tut.book` is the style.
ORANGE, BLUE, GREEN, PURPLE, BROWN = "#DD7700", "#0060AC", "#009E73", "#CC79A7", "#9A6A00"
INK = "#757575"
TONES = {
    ORANGE: "#B26000",
    BLUE: "#0077D5",
    GREEN: "#008661",
    PURPLE: "#BC4E8B",
    BROWN: "#9D6C00",
}
# One colour for one thing, in the whole book and in the live figures
FACE = SAME = VALIDATION = OURS = ORANGE  # a face, a genuine pair, what comes out on top
NONFACE = DIFFERENT = TRAINING = OTHERS = BLUE
ACCENT = WINDOW = GREEN  # a third curve; the window of a kernel and what it gives
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, BROWN, INK)  # of curves without a role, in order

SIGNED = LinearSegmentedColormap.from_list("signed", [BLUE, "white", ORANGE])
TINTS = LinearSegmentedColormap.from_list("tints", ["#A6CBE3", "white", "#F7D3A8"], 257)
WIDTH = 7.0  # inches, of every figure
BOX = {  # around words, which so read on any page
    "color": "white",
    "bbox": {"boxstyle": "round,pad=0.45", "facecolor": INK, "edgecolor": "none"},
}


def tone(colour):
    """Give the tone of a colour in which text reads, 4.5:1 on white and on black.

    Parameters
    ----------
    colour : str
        One of the book's colours; any other is given back.

    Returns
    -------
    str

    Examples
    --------
    >>> tone(FACE)
    '#B26000'
    """
    return TONES.get(colour, colour)


def note(axis, words, point, shift=(8, 0), colour=INK, **look):
    """Write words beside a point, on the side to which they are shifted.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where the point is.
    words : str
        What to write, in the tone of the colour.
    point : tuple of float
        The point, in the units of the axes.
    shift : tuple of float
        From the point to the words, in typographical points; 0 centres them.
    colour : str
        One of the book's colours.
    **look
        Further properties of the text.

    Returns
    -------
    matplotlib.text.Annotation

    Examples
    --------
    >>> note(plt.figure().subplots(), "best", (1, 2), (-8, 0), FACE).get_ha()
    'right'
    >>> plt.close()
    """
    across = ("center", "left", "right")[int(np.sign(shift[0]))]
    up = ("center", "bottom", "top")[int(np.sign(shift[1]))]
    words = axis.annotate(_minus(words), point, shift, textcoords="offset points")
    words.set(color=tone(colour), ha=across, va=up, fontsize=9, annotation_clip=False, **look)
    return words


def _minus(words):
    """Write the minus sign where a hyphen stands before a number."""
    return re.sub(r"(?<![\w.])-(?=[\d.])", "\N{MINUS SIGN}", words)


def _count(axis, last):
    """Let the axis of x count from 1 to `last`."""
    ticks = MaxNLocator(5, integer=True, steps=[1, 5, 10]).tick_values(1, last)
    margin = min(0.5, 0.1 + 0.03 * last)
    axis.set_xlim(1 - margin, last + margin)
    axis.set_xticks(sorted({1, *(int(tick) for tick in ticks if 1 < tick <= last)}))


def learning_curves(history):
    """Draw loss and accuracy by epoch, on training and on validation images.

    Parameters
    ----------
    history : training.History
        What `training.fit` returned.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> curves = dict(loss=[0.7, 0.5], accuracy=[0.5, 0.8])
    >>> history = SimpleNamespace(epochs=2, val_loss=[0.7, 0.6], val_accuracy=[0.5, 0.7], **curves)
    >>> len(learning_curves(history).axes)
    2
    """
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 2.8), layout="constrained")
    epochs = np.arange(1, history.epochs + 1)
    for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
        ends = {}
        for key, label, colour in (("", "training", TRAINING), ("val_", "validation", VALIDATION)):
            values = getattr(history, key + name)
            axis.plot(epochs, values, marker="o", markersize=3, color=colour, clip_on=False)
            ends[label] = values[-1], colour
        _label_ends(axis, ends)
        axis.set(xlabel="epoch", title=name.capitalize())
        _count(axis, history.epochs)
        axis.spines[["top", "right"]].set_visible(False)
    return figure


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


def lines(curves, xlabel="", ylabel="", title="", points=False):
    """Draw curves, each labelled at its right end in its own colour.

    Parameters
    ----------
    curves : dict of str to (array_like, array_like)
        x and y of each curve, by name.
    xlabel, ylabel, title : str
        Words on the axes and above.
    points : bool
        Whether to mark each value.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = lines({"up": ([0, 1], [0, 1]), "down": ([0, 1], [1, 0])})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['down', 'up']
    """
    figure, axis = plt.subplots(figsize=(WIDTH * 0.8, 3.0), layout="constrained")
    ends = {}
    for (name, (x, y)), colour in zip(curves.items(), COLOURS, strict=False):
        look = {"marker": "o" if points else None, "markersize": 4, "clip_on": not points}
        axis.plot(x, y, color=colour, **look)
        ends[name] = np.asarray(y)[-1], colour
    _label_ends(axis, ends)
    if all(np.array_equal(x, np.arange(1, len(x) + 1)) for x, _ in curves.values()):
        _count(axis, max(len(x) for x, _ in curves.values()))
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def _label_ends(axis, ends):
    """Write each curve's name right of its end, and keep names that would touch apart."""
    low, high = axis.get_ylim()
    wanted = [(end - low) / (high - low) for end, _ in ends.values()]
    places = _apart(wanted, 0.09)
    for index in np.argsort(wanted, kind="stable"):
        (name, (_, colour)), at = [*ends.items()][index], (1.02, places[index])
        axis.annotate(name, at, xycoords="axes fraction", color=tone(colour), va="center")


def _apart(places, gap):
    """Move places from 0 to 1, no further than needed, until neighbours are a gap apart."""
    order = np.argsort(places, kind="stable")
    moved = np.array(places, float)
    for below, here in pairwise(order):
        moved[here] = max(moved[here], moved[below] + gap)
    moved[order[-1]] = min(moved[order[-1]], 1.0)
    for above, here in pairwise(order[::-1]):
        moved[here] = min(moved[here], moved[above] - gap)
    return moved


def network(layers):
    """Draw a network as boxes: height for the feature map's edge, width for its channels.

    Parameters
    ----------
    layers : list of models.LayerSummary
        From `models.summarise`.

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
    for layer in layers:
        width, height = _box_of(layer.output_shape)
        slot = max(width + 4, 20)
        corner = left + (slot - width) / 2, -height / 2
        colour = colours.get(layer.name, INK)
        axis.add_patch(Rectangle(corner, width, height, color=colour, alpha=0.85))
        shape = "×".join(map(str, layer.output_shape))
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "\n", layer.name)
        middle = left + slot / 2
        axis.text(middle, height / 2 + 2, name, ha="center", va="bottom", fontsize=8)
        axis.text(middle, -height / 2 - 2, shape, ha="center", va="top", fontsize=8)
        left += slot
    axis.set(xlim=(0, left), ylim=(-42, 48))
    axis.axis("off")
    return figure


def _box_of(shape):
    """Width and height of the box that stands for an output of this shape."""
    if len(shape) == 3:
        return 3 + shape[2] / 16, shape[0]
    return 3, 4 + np.sqrt(shape[0]) * 0.8


def confusion_matrix(confusion):
    """Draw a confusion matrix: rows the truth, columns the answer, faces first; mistakes strong.

    Parameters
    ----------
    confusion : evaluation.Confusion
        The counts.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from facebook_tut.evaluation import Confusion
    >>> axis = confusion_matrix(Confusion(9, 1, 2, 28)).axes[0]
    >>> [text.get_text().split() for text in axis.texts[:2]]
    [['9', 'found'], ['1', 'missed']]
    >>> plt.close()
    """
    figure, axis = plt.subplots(figsize=(3.8, 3.0), layout="constrained")
    counts = confusion.as_array()[::-1, ::-1]
    words = np.array([["found", "missed"], ["false alarms", "rejected"]])
    colours = [[_pale(FACE), FACE], [NONFACE, _pale(NONFACE)]]
    axis.imshow([[to_rgb(colour) for colour in row] for row in colours], aspect="auto")
    for place, count in np.ndenumerate(counts):
        colour = colours[place[0]][place[1]]
        text = axis.text(*place[::-1], f"{count}\n{words[place]}", ha="center", va="center")
        text.set_color("white" if colour == NONFACE else "black")
    names = {"ticks": [0, 1], "labels": ["face", "non-face"]}
    axis.set_xticks(**names)
    axis.set_yticks(**names)
    axis.set(xlabel="the network says", ylabel="it is")
    axis.spines[:].set_visible(True)
    return figure


def _pale(colour):
    """The colour mixed with white, as light as the cells of a table."""
    return tuple(1 - 0.28 * (1 - np.array(to_rgb(colour))))


def roc_curve(labels, curves, chosen=None):
    """Draw the ROC curve of one classifier or several: faces found against false alarms.

    Parameters
    ----------
    labels : ndarray, (N,)
        1 for a face, 0 for a non-face.
    curves : dict of str to ndarray (N,)
        The scores of each classifier, by name.
    chosen : tuple of float, optional
        False-positive rate and true-positive rate of a point to mark.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(roc_curve(np.array([0, 1]), {"perfect": np.array([0.1, 0.9])}).axes[0].lines)
    2
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.metrics import roc_curve as points_of

    figure, axis = plt.subplots(figsize=(4.4, 3.6), layout="constrained")
    axis.plot([0, 1], [0, 1], color=INK, linestyle=":", linewidth=1)
    for (name, scores), colour in zip(curves.items(), (OURS, OTHERS, GREEN), strict=False):
        false_positives, true_positives, _ = points_of(labels, scores)
        area = roc_auc_score(labels, scores)
        axis.step(
            false_positives,
            true_positives,
            where="post",
            color=colour,
            label=f"{name} (area {area:.2f})",
        )
    if chosen is not None:
        axis.plot(*chosen, marker="o", color=FACE)
    axis.set(xlabel="false alarms, of all non-faces", ylabel="faces found, of all faces")
    axis.legend(loc="lower right", frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def boxes(picture, found, words, colours, size=4.0):
    """Draw a photograph with a box around each face, and words in the colour of the box.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        The photograph.
    found : sequence of (float, float, float, float)
        The top, left, bottom and right of each box, in pixels; a box drawn later lies above.
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


def reliability(diagrams):
    """Draw reliability diagrams: how often it was true, against how likely it was said to be.

    Parameters
    ----------
    diagrams : dict of str to list of (float, evaluation.Proportion)
        For each classifier, by name, its bins: the mean predicted probability of a face, and the
        share of faces, drawn with its interval. On the dotted diagonal both are equal.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from facebook_tut.evaluation import Proportion
    >>> figure = reliability({"bold": [(0.1, Proportion(2, 9)), (0.9, Proportion(3, 5))]})
    >>> [axis.get_title() for axis in figure.axes]
    ['bold']
    """
    count = len(diagrams)
    figure, axes = plt.subplots(
        1, count, figsize=(WIDTH / 3 * count, 2.7), layout="constrained", squeeze=False, sharey=True
    )
    for axis, (name, bins) in zip(axes.flat, diagrams.items(), strict=True):
        said, shares = zip(*bins, strict=True)
        low, high = zip(*(share.interval() for share in shares), strict=True)
        axis.plot([0, 1], [0, 1], color=INK, linestyle=":", linewidth=1)
        axis.vlines(said, low, high, color=BLUE)
        axis.plot(said, [share.value for share in shares], "o", markersize=5, color=BLUE)
        axis.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), aspect="equal", xlabel="predicted")
        axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axis.set_title(name, fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("share of faces")
    return figure


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
        the colour of its kind, and a line stands where it says one half. None draws points only.
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
        What stands in the boxes, column by column, from the input to the output.
    edges : list of list of list of str
        Between two columns: what stands on the line from each unit (rows) to each of the next.
    notes : list of list of str, optional
        What stands below each box, in another colour.
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


def dots(panels, title="", limits=None):
    """Draw repeated measurements as dots, a row for each group, with intervals where they have any.

    Parameters
    ----------
    panels : dict of str to dict of str to list
        By quantity, and in it by group: what each repetition measured, numbers or
        `evaluation.Proportion`. All panels have the same groups.
    title : str
        Above the panels.
    limits : tuple of float, optional
        Of all axes of x. Without, each axis begins at 0 or, where that would crowd its values, near
        the least of them; that it does not begin at 0 is then written below it.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = dots({"loss": {"small": [0.3, 0.4], "large": [0.2]}})
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['small', 'large']
    """
    rows = [*next(iter(panels.values()))]
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(WIDTH, 0.95 + 0.42 * len(rows)),
        layout="constrained",
        squeeze=False,
        sharey=True,
    )
    for axis, (quantity, groups) in zip(axes.flat, panels.items(), strict=True):
        ends = []
        for row, values in enumerate(groups.values()):
            for place, value in zip(_spread(row, len(values)), values, strict=True):
                if hasattr(value, "interval"):
                    axis.plot(value.interval(), [place, place], color=BLUE, lw=1.5)
                    ends += value.interval()
                    value = value.value
                axis.plot(value, place, "o", markersize=5, color=BLUE, clip_on=False)
                ends.append(value)
        axis.set(xlabel=quantity, yticks=range(len(rows)), yticklabels=rows)
        _set_limits(axis, *(limits or _around(min(ends), max(ends))))
        axis.grid(axis="x", alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylim(len(rows) - 0.6, -0.4)
    figure.suptitle(title, fontsize=11)
    return figure


def _around(low, high):
    """Give limits for values from low to high: from 0 where that does not crowd them."""
    left = 0 if low < high / 2 or low == high else low - 0.1 * (high - low)
    return left, high + 0.05 * (high - left)


def _set_limits(axis, left, right):
    """Set the limits of x, and say so where they do not begin at 0."""
    axis.set_xlim(left, right)
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    if left:
        axis.set_xlabel(f"{axis.get_xlabel()}\n(the axis does not begin at 0)", fontsize=9)


def _spread(centre, count):
    """Places around a row's centre, one for each repetition."""
    return centre + 0.2 * (np.arange(count) - (count - 1) / 2)


def score_histogram(same, scores, threshold=None):
    """Draw the scores of genuine and of impostor pairs, and the mistakes of a threshold.

    Parameters
    ----------
    same : array_like, (N,), bool or 0 and 1
        1 for a genuine pair, 0 for an impostor pair; both must occur.
    scores : array_like, (N,), float
        Higher for more alike.
    threshold : float, optional
        A pair is accepted from here on. On either side stands the rate of the mistakes there.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = score_histogram([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.1], threshold=0.45)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['same person', 'false rejects 50 %', 'different people', 'false accepts 50 %']
    """
    same, scores = np.asarray(same, bool), np.asarray(scores, float)
    figure, axis = plt.subplots(figsize=(WIDTH * 0.8, 3.0), layout="constrained")
    bins = np.linspace(scores.min(), scores.max(), 41)
    for kind, name, mistake, end, side, colour in (
        (same, "same person", "false rejects", 1, "right", SAME),
        (~same, "different people", "false accepts", 0.02, "left", DIFFERENT),
    ):
        axis.hist(scores[kind], bins, density=True, color=colour, alpha=0.7)
        look = {"color": tone(colour), "ha": side, "va": "top"}
        axis.text(end, 1, name, transform=axis.transAxes, **look)
        if threshold is not None:
            wrong = np.mean((scores[kind] >= threshold) != same[kind])
            words = f"{mistake} {100 * wrong:.2g} %"
            place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            gap = (-6 if side == "right" else 6, 0)
            axis.annotate(words, (threshold, 0.87), gap, **place, **look)
    if threshold is not None:
        axis.axvline(threshold, ymax=0.87, color=INK, linestyle=":")
    axis.set_ylim(top=axis.get_ylim()[1] / 0.72)
    axis.set(xlabel="score", ylabel="density")
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def det_curve(curves):
    """Draw DET curves: FRR against FAR, both axes stretched by the probit.

    Parameters
    ----------
    curves : dict of str to evaluation.Roc
        The error rates of each system, by name. Rates of 0 and 1 lie outside.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from facebook_tut.evaluation import roc
    >>> figure = det_curve({"some": roc([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1])})
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['some', 'FAR = FRR']
    """
    from facebook_tut.evaluation import probit

    figure, axis = plt.subplots(figsize=(WIDTH * 0.85, 4.2), layout="constrained")
    for (name, curve), colour in zip(curves.items(), COLOURS, strict=False):
        far, frr = probit(curve.far), probit(curve.frr)
        inside = np.isfinite(far) & np.isfinite(frr)
        axis.plot(far[inside], frr[inside], color=colour, label=name)
    rates = np.array([0.001, 0.01, 0.05, 0.2, 0.5, 0.8])
    edges = probit([0.0005, 0.9])
    axis.plot(edges, edges, color=INK, linestyle=":", linewidth=1, label="FAR = FRR")
    ticks = {"ticks": probit(rates), "labels": [f"{100 * rate:g}" for rate in rates]}
    axis.set_xticks(**ticks)
    axis.set_yticks(**ticks)
    axis.set(xlim=edges, ylim=edges, aspect="equal", xlabel="FAR, %", ylabel="FRR, %")
    axis.grid(alpha=0.3)
    axis.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def cmc(curves):
    """Draw how often the right person is among the best k candidates, against k.

    Parameters
    ----------
    curves : dict of str to array_like, (K,)
        What `evaluation.cmc` returned, or its first ranks, by name; all of one length.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = cmc({"good": [0.8, 0.9, 1.0], "poor": [0.5, 0.6, 0.7]})
    >>> figure.axes[0].lines[0].get_xdata().tolist()
    [1, 2, 3]
    """
    ranked = {name: (np.arange(1, len(curve) + 1), curve) for name, curve in curves.items()}
    return lines(ranked, "best k candidates", "right person among them", points=True)


def marked(images, found, wanted=None, titles=None, columns=6, size=1.15):
    """Draw images with crosses on them, and rings where the crosses should be.

    Parameters
    ----------
    images : sequence of ndarray, (H, W, 3) or (H, W)
        Values from 0 to 1.
    found : sequence of array_like, (K, 2)
        Points ``(x, y)`` in pixels of each image.
    wanted : sequence of array_like, (L, 2), optional
        The places of the rings.
    titles : sequence of str, optional
        One over each image.
    columns : int
        Images in a row.
    size : float
        Inches of one image.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = marked([np.zeros((9, 9))], [[[2, 3], [6, 3]]])
    >>> figure.axes[0].lines[0].get_xydata().tolist()
    [[2.0, 3.0], [6.0, 3.0]]
    """
    figure = image_grid(images, titles, columns, size)
    look = {"linestyle": "none", "markeredgewidth": 2, "clip_on": False}
    cross = {"color": ORANGE, "marker": "x", "markersize": 6, **look}
    ring = {"color": BROWN, "marker": "o", "markersize": 8, "markerfacecolor": "none", **look}
    for index, (axis, points) in enumerate(zip(figure.axes, found, strict=False)):
        axis.plot(*np.transpose(points), label="found", **cross)
        if wanted is not None:
            axis.plot(*np.transpose(wanted[index]), label="true", **ring)
    if wanted is not None:
        handles, _ = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
        figure.set_figheight(figure.get_figheight() + 0.35)
    return figure


def steps(names, past=None, title=""):
    """Draw the steps of a computation in a row, and an arrow that leads past some of them.

    Parameters
    ----------
    names : list of str
        What stands in the boxes.
    past : tuple of (int, int, str), optional
        The arrow: it leaves before the first of these steps, arrives at the second, and says so.
    title : str
        Above the boxes.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = steps(["twice", "plus"], past=(0, 1, "x"))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['twice', 'plus', 'x']
    >>> plt.close(figure)
    """
    figure, axis = plt.subplots(figsize=(WIDTH, 1.9), layout="constrained")
    right = len(names) - 0.3
    axis.plot([-1, right], [0, 0], color=INK, marker=">", markevery=[1], zorder=0)
    for place, name in enumerate(names):
        axis.text(place, 0, name, ha="center", va="center", fontsize=9, **BOX)
    if past is not None:
        start, end, words = past
        corners = [start - 0.75, start - 0.75, end, end], [0, 1, 1, 0.55]
        axis.plot(*corners, color=ORANGE, lw=2, marker="v", markevery=[3])
        look = {"ha": "center", "va": "bottom", "fontsize": 9, "color": tone(ORANGE)}
        axis.text((start + end) / 2, 1.1, words, **look)
    axis.set(xlim=(-1.05, right + 0.1), ylim=(-0.7, 1.6))
    axis.set_title(title, fontsize=11)
    axis.axis("off")
    return figure


def circles(panels, angles, names, points=None, columns=3, size=2.3):
    """Draw arcs of the unit circle, each part in the colour of what it belongs to.

    Parameters
    ----------
    panels : dict of str to ndarray, (N,), int
        By title: the row of `names` that each angle belongs to.
    angles : ndarray, (N,)
        Where on the circle, in degrees, rising.
    names : list of str
        What the colours mean; the last one is grey.
    points : dict of str to dict of str to float, optional
        By title, what to mark in that panel: labels, and the angles in degrees.
    columns : int
        Panels in a row.
    size : float
        Inches of a panel.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = circles({"half": [0, 0, 1]}, [0, 90, 180], ["right", "left"], {"half": {"a": 45}})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['a']
    >>> plt.close(figure)
    """
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(size * columns, size * rows), layout="constrained", squeeze=False
    )
    turns = np.radians(angles)
    for axis, (title, belongs) in zip(axes.flat, panels.items(), strict=False):
        for row, name in enumerate(names):
            here = np.where(np.asarray(belongs) == row, 1.0, np.nan)
            colour = INK if row == len(names) - 1 else COLOURS[row]
            arc = here * np.cos(turns), here * np.sin(turns)
            axis.plot(*arc, lw=7, solid_capstyle="butt", color=colour, label=name)
        for label, angle in (points or {}).get(title, {}).items():
            x, y = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            axis.plot(x, y, "o", color="white", markeredgecolor="black", markersize=6)
            axis.text(1.12 * x + 0.02, 1.16 * y, label, va="center", fontsize=9)
        axis.set_title(title, fontsize=10, pad=8)
        axis.set_aspect("equal")
    for axis in axes.flat:
        axis.margins(0.14)
        axis.axis("off")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    below = {"loc": "outside lower center", "ncols": len(names), "frameon": False, "fontsize": 9}
    figure.legend(handles, labels, **below)
    return figure


def snapshots(frames, groups, titles, columns=3, size=2.3):
    """Draw how points of several groups move in the plane, a panel for each moment.

    Parameters
    ----------
    frames : sequence of ndarray, (N, 2)
        Where the points are at each moment; each panel has its own scale.
    groups : ndarray, (N,)
        The group of each point, told by colour and shape: 12 can be told apart.
    titles : sequence of str
        One over each panel.
    columns : int
        Panels in a row.
    size : float
        Inches of a panel.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = snapshots([np.eye(3)[:, :2], np.ones((3, 2))], [0, 0, 1], ["before", "after"])
    >>> [len(axis.lines) for axis in figure.axes]
    [2, 2]
    >>> plt.close(figure)
    """
    columns = min(columns, len(frames))
    rows = -(-len(frames) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(size * columns, size * rows), layout="constrained", squeeze=False
    )
    groups = np.asarray(groups)
    for axis, points, title in zip(axes.flat, frames, titles, strict=False):
        for k, group in enumerate(np.unique(groups)):
            look = {"color": COLOURS[k % len(COLOURS)], "marker": "os^P"[k % 4], "markersize": 4}
            axis.plot(*points[groups == group].T, linestyle="none", **look)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
        axis.set_title(title, fontsize=10)
    for axis in axes.flat[len(frames) :]:
        axis.axis("off")
    return figure
