"""The book's figures, each a function of arrays: what a figure shows can be tested through them."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

# After Okabe and Ito (2008), whose colours survive colour blindness. Blue and orange differ in
# brightness too. All stand out on white and on black, at least 3:1 on both, and the grey of text
# and lines 4.5:1. `facebook_tut.book` is the style.
FACE, NONFACE, ACCENT, INK = "#DD7700", "#0060AC", "#009E73", "#757575"
COLOURS = (NONFACE, FACE, ACCENT, "#CC79A7", "#9A6A00", INK)
SIGNED = LinearSegmentedColormap.from_list("signed", [NONFACE, "white", FACE])
TINTS = LinearSegmentedColormap.from_list("tints", ["white", "#A6CBE3"])  # under dark numbers
WIDTH = 7.0  # inches, of every figure


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
        for key, label, colour in (("", "training", NONFACE), ("val_", "validation", FACE)):
            values = getattr(history, key + name)
            axis.plot(epochs, values, marker="o", markersize=3, color=colour)
            axis.annotate(
                label, (epochs[-1], values[-1]), (6, 0), textcoords="offset points", color=colour
            )
        axis.set(xlabel="epoch", title=name.capitalize())
        axis.margins(x=0.25)
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def image_grid(images, titles=None, columns=8, size=0.85, signed=False):
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
    height = size * (1.25 if titles is not None else 1.0)
    figure, axes = plt.subplots(
        rows, columns, figsize=(size * columns, height * rows), layout="constrained", squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for index, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        limit = np.abs(image).max() or 1.0
        colours = {"cmap": SIGNED, "vmin": -limit, "vmax": limit} if signed else {"cmap": "gray"}
        axis.imshow(image, **colours)
        if titles is not None:
            axis.set_title(titles[index], fontsize=8)
    return figure


def number_grid(tables, titles=None, marks=(), digits=0, size=0.42):
    """Draw small tables of numbers side by side, as one works them by hand.

    Parameters
    ----------
    tables : sequence of ndarray, (H, W)
        The numbers; the larger, the darker the cell.
    titles : sequence of str, optional
        One over each table.
    marks : sequence of (int, int, int, int, int)
        Outlines: the table, and the top, left, height and width of its marked cells.
    digits : int
        Decimals shown.
    size : float
        Inches of one cell.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = number_grid([np.eye(2), np.eye(3)], marks=[(1, 0, 0, 2, 2)])
    >>> [len(axis.texts) for axis in figure.axes]
    [4, 9]
    """
    shapes = np.array([np.shape(table) for table in tables])
    figure, axes = plt.subplots(
        1,
        len(tables),
        figsize=(size * (shapes[:, 1] + 0.8).sum(), size * (shapes[:, 0].max() + 1)),
        width_ratios=shapes[:, 1],
        layout="constrained",
        squeeze=False,
    )
    for index, (axis, table) in enumerate(zip(axes.flat, tables, strict=True)):
        axis.imshow(table, cmap=TINTS)
        for (row, column), value in np.ndenumerate(table):
            number = f"{value:.{digits}f}"
            axis.text(column, row, number, ha="center", va="center", fontsize=9, color="black")
        axis.set(xticks=[], yticks=[], anchor="N")
        if titles is not None:
            axis.set_title(titles[index], fontsize=9)
    for index, top, left, height, width in marks:
        outline = Rectangle(
            (left - 0.5, top - 0.5), width, height, fill=False, color=FACE, lw=3, clip_on=False
        )
        axes.flat[index].add_patch(outline)
    return figure


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
    figure, axis = plt.subplots(figsize=(WIDTH * 0.75, 3.0), layout="constrained")
    for (x, y), colour in zip(curves.values(), COLOURS, strict=False):
        axis.plot(x, y, color=colour, marker="o" if points else None, markersize=4)
    _label_ends(axis, curves)
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def _label_ends(axis, curves):
    """Write each curve's name right of its end, and keep names that would touch apart."""
    low, high = axis.get_ylim()
    ends = [(np.asarray(y)[-1] - low) / (high - low) for _, y in curves.values()]
    place = -1.0
    for index in np.argsort(ends, kind="stable"):
        place = max(ends[index], place + 0.09)
        axis.annotate(
            [*curves][index],
            (1.01, place),
            xycoords="axes fraction",
            color=COLOURS[index % len(COLOURS)],
            va="center",
        )


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
    colours = {"Conv2D": FACE, "MaxPooling2D": ACCENT, "Dense": NONFACE}
    left = 0.0
    for layer in layers:
        width, height = _box_of(layer.output_shape)
        colour = colours.get(layer.name, INK)
        axis.add_patch(Rectangle((left, -height / 2), width, height, color=colour, alpha=0.85))
        shape = "×".join(map(str, layer.output_shape))
        middle = left + width / 2
        axis.text(middle, height / 2 + 2, layer.name, ha="center", fontsize=7, rotation=35)
        axis.text(middle, -height / 2 - 3, shape, ha="center", va="top", fontsize=7)
        left += width + 11
    axis.set(xlim=(-4, left), ylim=(-45, 52))
    axis.axis("off")
    return figure


def _box_of(shape):
    """Width and height of the box that stands for an output of this shape."""
    if len(shape) == 3:
        return 3 + shape[2] / 16, shape[0]
    return 3, 4 + np.sqrt(shape[0]) * 0.8


def confusion_matrix(confusion):
    """Draw a confusion matrix: rows the truth, columns the answer.

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
    >>> [text.get_text() for text in confusion_matrix(Confusion(9, 1, 2, 28)).axes[0].texts]
    ['28', '2', '1', '9']
    """
    from sklearn.metrics import ConfusionMatrixDisplay

    figure, axis = plt.subplots(figsize=(3.4, 3.0), layout="constrained")
    display = ConfusionMatrixDisplay(confusion.as_array(), display_labels=["non-face", "face"])
    display.plot(ax=axis, cmap="Blues", colorbar=False)
    axis.set(xlabel="the network says", ylabel="it is")
    return figure


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
    for (name, scores), colour in zip(curves.items(), (FACE, NONFACE, ACCENT), strict=False):
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


def detections(picture, found, colours=(FACE, NONFACE)):
    """Draw a photograph with a box for each detection: the best in one colour, others in another.

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
    figure, axis = plt.subplots(figsize=(3.6, 3.6), layout="constrained")
    axis.imshow(picture, cmap="gray")
    for index, box in enumerate(found):
        colour = colours[min(index, 1)]
        square = Rectangle((box.left, box.top), box.size, box.size, fill=False, color=colour)
        square.set_linewidth(2.5 if index == 0 else 1)
        axis.add_patch(square)
        axis.text(box.left, box.top - 4, f"{box.votes:.1f}", color=colour, fontsize=9)
    axis.axis("off")
    return figure


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
        axis.vlines(said, low, high, color=NONFACE)
        axis.plot(said, [share.value for share in shares], "o", markersize=5, color=NONFACE)
        axis.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), aspect="equal", xlabel="predicted")
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
            axis.contourf(x, y, scores, [-1, 0.5, 2], colors=[NONFACE, FACE], alpha=0.25)
            if scores.min() < 0.5 < scores.max():
                axis.contour(x, y, scores, [0.5], colors=INK, linewidths=1.5)
        for label, marker, colour in ((0, "^", NONFACE), (1, "o", FACE)):
            axis.plot(*points[labels == label].T, marker, color=colour, markersize=3, alpha=0.8)
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
    box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": NONFACE}
    for column, weights in enumerate(edges):
        for start, row in zip(heights[column], weights, strict=True):
            for end, text in zip(heights[column + 1], row, strict=True):
                axis.plot([column, column + 1], [start, end], color=INK, lw=1, zorder=0)
                place = column + 0.36, start + 0.36 * (end - start)
                paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
                axis.text(*place, text, ha="center", va="center", fontsize=9, bbox=paper)
    for column, texts in enumerate(columns):
        for row, (height, text) in enumerate(zip(heights[column], texts, strict=True)):
            axis.text(column, height, text, ha="center", va="center", fontsize=10, bbox=box)
            if notes is not None:
                axis.text(
                    column,
                    height - 0.42,
                    notes[column][row],
                    ha="center",
                    va="top",
                    fontsize=9,
                    color=FACE,
                )
    tallest = max(map(len, columns)) - 1
    axis.set(xlim=(-0.4, len(columns) - 0.6), ylim=(-tallest - 0.9, tallest + 0.5))
    axis.set_title(title, fontsize=11)
    axis.axis("off")
    return figure


def nested_windows(picture, windows, size=1.0):
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
        axis.set_title(f"{edge}×{edge}", fontsize=9, color=colour)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(color=colour, linewidth=2.5)
    return figure


def dots(panels, title=""):
    """Draw repeated measurements as dots, a row for each group, with intervals where they have any.

    Parameters
    ----------
    panels : dict of str to dict of str to list
        By quantity, and in it by group: what each repetition measured, numbers or
        `evaluation.Proportion`. All panels have the same groups.
    title : str
        Above the panels.

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
        figsize=(WIDTH, 0.8 + 0.42 * len(rows)),
        layout="constrained",
        squeeze=False,
        sharey=True,
    )
    for axis, (quantity, groups) in zip(axes.flat, panels.items(), strict=True):
        for row, values in enumerate(groups.values()):
            for place, value in zip(_spread(row, len(values)), values, strict=True):
                if hasattr(value, "interval"):
                    axis.plot(value.interval(), [place, place], color=NONFACE, lw=1)
                    value = value.value
                axis.plot(value, place, "o", markersize=4, color=NONFACE)
        axis.set(xlabel=quantity, yticks=range(len(rows)), yticklabels=rows)
        axis.set_xlim(left=0)
        axis.grid(axis="x", alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].invert_yaxis()
    figure.suptitle(title, fontsize=11)
    return figure


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
    figure, axis = plt.subplots(figsize=(WIDTH * 0.75, 3.0), layout="constrained")
    bins = np.linspace(scores.min(), scores.max(), 41)
    for kind, name, mistake, side, colour in (
        (same, "same person", "false rejects", "right", FACE),
        (~same, "different people", "false accepts", "left", NONFACE),
    ):
        words = {"textcoords": "offset points", "color": colour, "ha": "center"}
        density, _, _ = axis.hist(scores[kind], bins, density=True, color=colour, alpha=0.7)
        top = np.argmax(density)
        axis.annotate(name, (bins[top : top + 2].mean(), density[top]), (0, 4), **words)
        if threshold is not None:
            wrong = np.mean((scores[kind] >= threshold) != same[kind])
            place = {"xycoords": ("data", "axes fraction"), **words, "ha": side, "va": "top"}
            gap = (-6 if side == "right" else 6, 0)
            axis.annotate(f"{mistake} {100 * wrong:.2g} %", (threshold, 1), gap, **place)
    if threshold is not None:
        axis.axvline(threshold, color=INK, linestyle=":")
    axis.margins(y=0.25)
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

    figure, axis = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
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
    axis.legend(loc="upper right", frameon=False)
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
    figure = lines(ranked, "best k candidates", "right person among them", points=True)
    figure.axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


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
    for index, (axis, points) in enumerate(zip(figure.axes, found, strict=False)):
        axis.plot(*np.transpose(points), "x", color=FACE, markersize=6, markeredgewidth=2)
        if wanted is not None:
            ring = {"markersize": 8, "markerfacecolor": "none", "color": COLOURS[4]}
            axis.plot(*np.transpose(wanted[index]), "o", markeredgewidth=1.5, **ring)
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
    box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": NONFACE}
    right = len(names) - 0.3
    axis.plot([-1, right], [0, 0], color=INK, marker=">", markevery=[1], zorder=0)
    for place, name in enumerate(names):
        axis.text(place, 0, name, ha="center", va="center", fontsize=9, bbox=box)
    if past is not None:
        start, end, words = past
        corners = [start - 0.75, start - 0.75, end, end], [0, 1, 1, 0.5]
        axis.plot(*corners, color=FACE, lw=2, marker="v", markevery=[3])
        axis.text((start + end) / 2, 1.1, words, ha="center", va="bottom", fontsize=9, color=FACE)
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
            colour = "#999999" if row == len(names) - 1 else COLOURS[row]
            arc = here * np.cos(turns), here * np.sin(turns)
            axis.plot(*arc, lw=7, solid_capstyle="butt", color=colour, label=name)
        for label, angle in (points or {}).get(title, {}).items():
            x, y = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            axis.plot(x, y, "o", color="white", markeredgecolor="black", markersize=6)
            axis.text(1.08 * x + 0.02, 1.12 * y, label, va="center", fontsize=9)
        axis.set_title(title, fontsize=10)
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
        axis.set_title(title, fontsize=10)
    for axis in axes.flat[len(frames) :]:
        axis.axis("off")
    return figure
