"""The decision explorer: what moving a threshold does to the mistakes of a classifier."""

import math
from html import escape

import numpy as np

from ._live import Dial, LiveFigure, declare, fixed

BINS = 40
LOW, TALL = 4, 78  # the lowest and the tallest bar, in hundredths of a side
STOPS = np.arange(101) / 100  # where the slider can stand


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
        Where the slider stands at first, in hundredths.
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
    return LiveFigure("decision_explorer", data, dials, _still)


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


# What follows draws the still in Python exactly as decision_explorer.js redraws it, so that
# nothing jumps when the script takes over; tests/test_interactive.py compares the two.


def _confusion(labels, scores, threshold):
    """Return the four counts of a confusion matrix by name."""
    face, called = labels == 1, scores >= threshold
    cells = {"tp": face & called, "fp": ~face & called, "fn": face & ~called, "tn": ~face & ~called}
    return {name: int(cell.sum()) for name, cell in cells.items()}


def _rates(tp, fp, fn, tn):
    """Return the four rates of a confusion matrix; a rate of nothing is NaN."""
    return {
        "accuracy": (tp + tn) / (tp + fp + fn + tn),
        "precision": tp / (tp + fp) if tp + fp else math.nan,
        "recall": tp / (tp + fn),
        "fpr": fp / (fp + tn),
    }


def _roc(labels, scores):
    """Return the ROC curve as counts of false and of true positives, from none to all."""
    cuts = [math.inf, *np.unique(scores)[::-1]]
    points = [_confusion(labels, scores, cut) for cut in cuts]
    return np.array([(point["fp"], point["tp"]) for point in points]).T


def _cost(counts, ratio):
    """Return what the mistakes cost, in false alarms."""
    return ratio * counts["fn"] + counts["fp"]


def _cheapest(labels, scores, ratio):
    """Return the cheapest stop of the slider; of several equally cheap ones, the middle one."""
    costs = np.array([_cost(_confusion(labels, scores, stop), ratio) for stop in STOPS])
    cheapest = STOPS[costs == costs.min()]
    return float(cheapest[len(cheapest) // 2])


def _histogram(labels, scores, threshold):
    """Return the bars as SVG paths: faces rise from the middle line, non-faces hang from it."""
    bins = np.minimum(BINS - 1, (scores * BINS).astype(int))
    called = scores >= threshold
    cells = {"tp": (1, True), "fp": (0, True), "fn": (1, False), "tn": (0, False)}
    count = {
        name: np.bincount(bins[(labels == label) & (called == call)], minlength=BINS)
        for name, (label, call) in cells.items()
    }
    tp, fn, face_peak = _side(count["tp"], count["fn"])
    tn, fp, other_peak = _side(count["tn"], count["fp"])
    return {
        "face_peak": face_peak,
        "other_peak": other_peak,
        "bars_tp": _shape(tp, 0 * tp, -1),
        "bars_fp": _shape(fp, 0 * fp, 1),
        "bars_fn": _shape(fn, tp, -1),
        "bars_tn": _shape(tn, fp, 1),
    }


def _side(*cells):
    """Return the heights of one side's two cells, on a scale of its own, and its largest count."""
    peak = sum(cells).max()
    heights = (
        np.where(n, np.maximum(LOW, np.floor(TALL * n / peak + 0.5).astype(int)), 0) for n in cells
    )
    return *heights, str(peak)


def _shape(heights, bases, direction):
    """Return the bars of one cell, each on its base (up: -1, down: 1), as an SVG path."""
    bars = enumerate(zip(heights, bases, strict=True))
    return "".join(
        f"M{10 * i} {100 + direction * base}h9v{direction * height}h-9z"
        for i, (height, base) in bars
        if height
    )


def _still(data, threshold, cost_ratio):
    """Return what the figure shows, by the name of its slot in ``decision_explorer.html``."""
    labels, scores = np.array(data["labels"]), np.array(data["scores"])
    counts = _confusion(labels, scores, threshold)
    cheapest = _cheapest(labels, scores, cost_ratio)
    shown = {name: str(count) for name, count in counts.items()}
    shown |= {name: fixed(rate, 3) for name, rate in _rates(**counts).items()}
    shown |= _histogram(labels, scores, threshold) | _curve(labels, scores)
    shown |= {
        "threshold": fixed(threshold, 2),
        "cost_ratio": fixed(cost_ratio, 1),
        "cost": fixed(_cost(counts, cost_ratio), 1),
        "cheapest": fixed(cheapest, 2),
        "cheapest_cost": fixed(_cost(_confusion(labels, scores, cheapest), cost_ratio), 1),
    }
    names = (escape(name).replace("-", "\N{NON-BREAKING HYPHEN}") for name in data["names"])
    shown["positive"], shown["negative"] = names
    shown["unit"] = escape(data["unit"])
    places = ("threshold", "cheapest", "fpr", "recall")
    shown["places"] = declare({name: shown[name] for name in places})
    return shown


def _curve(labels, scores):
    """Return the part that no slider changes: the ROC curve, its area, and the two numbers."""
    fp, tp = _roc(labels, scores)
    slices = np.diff(fp) * (tp[1:] + tp[:-1])
    x, y = (np.floor(1000 * (count / count[-1]) + 0.5).astype(int) for count in (fp, tp))
    return {
        "faces": str(tp[-1]),
        "others": str(fp[-1]),
        "area": fixed(slices.sum() / (2 * fp[-1] * tp[-1]), 3),
        "roc": "M" + "L".join(f"{right} {1000 - up}" for right, up in zip(x, y, strict=True)),
    }
