"""What embeddings are, and how well they tell people apart."""

import matplotlib.pyplot as plt
import numpy as np

from facebook_tut.plots.curves import lines
from facebook_tut.plots.style import COLOURS, DIFFERENT, INK, SAME, WIDTH, tone


def score_histogram(same, scores, threshold=None):
    r"""Draw the scores of genuine and of impostor pairs, and the mistakes of a threshold.

    Parameters
    ----------
    same : array_like, (N,), bool or 0 and 1
        1 for a genuine pair, 0 for an impostor pair; both must occur.
    scores : array_like, (N,), float
        Higher for more alike.
    threshold : float, optional
        A pair is accepted from here on. The rate of the mistakes on each side is written there.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = score_histogram([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.1], threshold=0.45)
    >>> [text.get_text().split("\n") for text in figure.axes[0].texts[1::2]]
    [['false non-matches', '50 %'], ['false matches', '50 %']]
    """
    same, scores = np.asarray(same, bool), np.asarray(scores, float)
    figure, axis = plt.subplots(figsize=(WIDTH * 0.8, 3.0), layout="constrained")
    bins = np.linspace(scores.min(), scores.max(), 41)
    for kind, name, mistake, end, side, colour in (
        (same, "same person", "false non-matches", 1, "right", SAME),
        (~same, "different people", "false matches", 0.02, "left", DIFFERENT),
    ):
        axis.hist(scores[kind], bins, density=True, color=colour, alpha=0.7)
        look = {"color": tone(colour), "ha": side, "va": "top"}
        axis.text(end, 1, name, transform=axis.transAxes, **look)
        if threshold is not None:
            wrong = np.mean((scores[kind] >= threshold) != same[kind])
            words = f"{mistake}\n{100 * wrong:.2g} %"
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
    """Draw DET curves: FNMR against FMR, both axes stretched by the probit.

    Parameters
    ----------
    curves : dict of str to evaluation.Roc
        The error rates of each system, by name. Rates of 0 and 1 are outside.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from facebook_tut.evaluation import roc
    >>> figure = det_curve({"some": roc([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1])})
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['some', 'FMR = FNMR']
    """
    from facebook_tut.evaluation.verification import probit

    figure, axis = plt.subplots(figsize=(WIDTH * 0.85, 4.2), layout="constrained")
    for (name, curve), colour in zip(curves.items(), COLOURS, strict=False):
        fmr, fnmr = probit(curve.far), probit(curve.frr)
        inside = np.isfinite(fmr) & np.isfinite(fnmr)
        axis.plot(fmr[inside], fnmr[inside], color=colour, label=name)
    rates = np.array([0.001, 0.01, 0.05, 0.2, 0.5, 0.8])
    edges = probit([0.0005, 0.9])
    axis.plot(edges, edges, color=INK, linestyle=":", linewidth=1, label="FMR = FNMR")
    ticks = {"ticks": probit(rates), "labels": [f"{100 * rate:g}" for rate in rates]}
    axis.set_xticks(**ticks)
    axis.set_yticks(**ticks)
    axis.set(xlim=edges, ylim=edges, aspect="equal", xlabel="FMR, %", ylabel="FNMR, %")
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
