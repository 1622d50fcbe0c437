"""Curves labelled at their ends, and repeated measurements as dots."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from facebook_tut.plots.style import BLUE, COLOURS, INK, ORANGE, TRAINING, VALIDATION, WIDTH, tone


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


def with_slopes(curves, names=("output", "slope"), xlabel="", title=""):
    """Draw functions and, beside them, their slopes, each labelled at its right end.

    Parameters
    ----------
    curves : dict of str to (array_like, array_like, array_like)
        By name: x, the function's value there, and its slope there.
    names : tuple of str
        Above the two panels.
    xlabel : str
        Below both.
    title : str
        Above all.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = with_slopes({"square": ([0, 1, 2], [0, 1, 4], [0, 2, 4])})
    >>> [axis.get_title() for axis in figure.axes]
    ['output', 'slope']
    """
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 2.8), layout="constrained")
    for axis, name, part in zip(axes, names, (1, 2), strict=True):
        ends = {}
        for (label, curve), colour in zip(curves.items(), COLOURS, strict=False):
            axis.plot(curve[0], curve[part], color=colour)
            ends[label] = np.asarray(curve[part])[-1], colour
        _label_ends(axis, ends)
        axis.set(xlabel=xlabel, title=name)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title, fontsize=11)
    return figure


def panels(groups, xlabel="", ylabel="", title="", log=""):
    """Draw several groups of curves side by side, each curve labelled at its right end.

    Parameters
    ----------
    groups : dict of str to dict of str to (array_like, array_like)
        By the words above a panel, its curves by name: x and y. A name has one colour in all
        panels, and all have one axis of y. If x falls, it falls to the right.
    xlabel, ylabel, title : str
        Words below all panels, beside the first one, and above all.
    log : str
        The axes that are logarithmic: "", "x", "y" or "xy".

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = panels({"a": {"up": ([1, 2], [1, 10])}, "b": {"up": ([1, 2], [1, 9])}}, log="y")
    >>> [axis.get_yscale() for axis in figure.axes]
    ['log', 'log']
    """
    figure, axes = plt.subplots(
        1,
        len(groups),
        figsize=(WIDTH, 2.9),
        layout="constrained",
        squeeze=False,
        sharey=True,
    )
    names = [*dict.fromkeys(name for curves in groups.values() for name in curves)]
    colours = dict(zip(names, COLOURS * len(names), strict=False))
    for axis, (words, curves) in zip(axes.flat, groups.items(), strict=True):
        axis.set(title=words, xlabel=xlabel, xscale=_scale("x", log), yscale=_scale("y", log))
        axis.spines[["top", "right"]].set_visible(False)
        for name, (x, y) in curves.items():
            axis.plot(x, y, color=colours[name])
        axis.xaxis.set_inverted(x[0] > x[-1])
        if np.asarray(x).dtype.kind == "i" and "x" not in log:
            axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for axis, curves in zip(axes.flat, groups.values(), strict=True):  # once y has its limits
        _label_ends(axis, {name: (y[-1], colours[name]) for name, (_, y) in curves.items()})
    axes[0, 0].set_ylabel(ylabel)
    figure.suptitle(title, fontsize=11)
    return figure


def _scale(axis, log):
    return "log" if axis in log else "linear"


def intervals(differences, xlabel="", title=""):
    """Draw differences as dots with their intervals, a row for each, beside a line at 0.

    Parameters
    ----------
    differences : dict of str to evaluation.SplitMean
        By name, from above; an interval that does not hold 0 is orange.
    xlabel, title : str
        Words below and above.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from facebook_tut.evaluation import mean_over_splits
    >>> figure = intervals({"wider": mean_over_splits([0.2, 0.1], test_to_train=1 / 3)})
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['wider']
    """
    height = 0.9 + 0.27 * len(differences)
    figure, axis = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    for row, found in enumerate(differences.values()):
        colour = BLUE if found.low <= 0 <= found.high else ORANGE
        axis.plot([found.low, found.high], [row, row], color=colour, lw=1.5)
        axis.plot(found.mean, row, "o", markersize=5, color=colour)
    axis.axvline(0, color=INK, lw=0.8, zorder=0)
    axis.set(yticks=range(len(differences)), yticklabels=[*differences], xlabel=xlabel)
    axis.set_ylim(len(differences) - 0.5, -0.5)
    axis.grid(axis="x", alpha=0.3)
    axis.spines[["top", "right"]].set_visible(False)
    axis.set_title(title)
    return figure


def _label_ends(axis, ends):
    """Write each curve's name right of its end, and keep names that would touch apart."""
    heights = [*axis.get_ylim(), *(end for end, _ in ends.values())]
    left = axis.get_xlim()[0]
    low, high, *wanted = axis.transScale.transform([(left, one) for one in heights])[:, 1]
    wanted = [(end - low) / (high - low) for end in wanted]
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
    most = max(len(values) for groups in panels.values() for values in groups.values())
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(WIDTH, 0.95 + max(0.42, 0.08 * most) * len(rows)),
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
    gap = min(0.2, 0.6 / max(count - 1, 1))  # rows keep apart
    return centre + gap * (np.arange(count) - (count - 1) / 2)
