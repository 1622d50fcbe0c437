"""Curves labelled at their ends, and repeated measurements as dots."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from facebook_tut.plots.style import BLUE, COLOURS, TRAINING, VALIDATION, WIDTH, tone


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
    """Places around a row's centre, one for each repetition, that stay within the row."""
    gap = min(0.2, 0.6 / max(count - 1, 1))
    return centre + gap * (np.arange(count) - (count - 1) / 2)
