"""The decision explorer: what moving a threshold does to the mistakes of a classifier."""

from pathlib import Path

import numpy as np

from facebook_tut._live import Dial, LiveFigure


def decision_explorer(
    labels,
    scores,
    *,
    threshold=0.5,
    cost_ratio=1.0,
    names=("faces", "non-faces"),
    unit="images",
):
    """Show what a threshold on the scores does, with a slider to move it.

    An image is called a face when its score is at least the threshold. The figure shows the
    scores of faces and non-faces, the confusion matrix, the rates, the point on the ROC curve,
    and what the mistakes cost.

    Parameters
    ----------
    labels : array_like of {0, 1}, shape (N,)
        1 for a face, 0 for anything else; both must occur.
    scores : array_like of float, shape (N,)
        The classifier's outputs, from 0 to 1.
    threshold : float, default 0.5
        Where the slider is at first, in hundredths.
    cost_ratio : float, default 1.0
        How many false alarms cost as much as one miss, from 0.1 to 10.
    names : (str, str)
        What labels 1 and 0 stand for, in the plural.
    unit : str, default "images"
        What is counted, in the plural.

    Returns
    -------
    LiveFigure
        Its attributes ``threshold`` and ``cost_ratio`` follow the sliders and move them.

    Examples
    --------
    >>> figure = decision_explorer([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    >>> figure
    <decision_explorer: threshold=0.5, cost_ratio=1>
    >>> figure.threshold = 0.3
    """
    labels, scores = _check(labels, scores)
    thousandths = np.round(scores * 1000)
    thousandths -= thousandths / 1000 > scores  # down, so that no score crosses a threshold
    data = {"labels": labels.tolist(), "scores": (thousandths / 1000).tolist()}
    data["names"], data["unit"] = _check_names(names), _check_unit(unit)
    dials = {
        "threshold": (Dial(0, 1, 0.01), threshold),
        "cost_ratio": (Dial(0.1, 10, 0.1), cost_ratio),
    }
    return LiveFigure("decision_explorer", Path(__file__).parent, data, dials)


def _check(labels, scores):
    """Return `labels` as integers and `scores` as floats, or say what is wrong with them."""
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=float)
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise ValueError(
            "labels and scores must be one-dimensional and of equal length, "
            f"got shapes {labels.shape} and {scores.shape}"
        )
    kinds = np.unique(labels).tolist()
    if kinds != [0, 1]:
        raise ValueError(f"labels must hold both 0 (not a face) and 1 (a face), got {kinds[:5]}")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError(
            "scores must be numbers from 0 to 1, "
            f"got values from {scores.min():g} to {scores.max():g}"
        )
    return labels.astype(int), scores


def _check_names(names):
    """Return `names` as a list, or say what is wrong with them."""
    if len(names) != 2 or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"names must be two words, for labels 1 and 0, got {names!r}")
    return list(names)


def _check_unit(unit):
    """Return `unit`, or say what is wrong with it."""
    if not isinstance(unit, str) or not unit.strip():
        raise ValueError(f"unit must be a word, in the plural, got {unit!r}")
    return unit
