"""How good a classifier is: its mistakes, its ROC curve, and how far to believe it."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from facebook_tut.plots.style import BLUE, FACE, GREEN, INK, NONFACE, OTHERS, OURS, WIDTH


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
