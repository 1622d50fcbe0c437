"""The cross-entropy explorer: what a loss, and its gradient, make of one prediction."""

import math
from functools import cache

import numpy as np

from ._live import Choice, Dial, LiveFigure, declare, fixed

STOPS = range(161)  # the slider's stops: from -8 to 8 in tenths
SURE = 3  # from this logit on, the network is confident
TOP = 8  # of the loss axis


def cross_entropy_explorer(*, logit=-4.0, label=1):
    """Show cross-entropy and squared error of one prediction, and how hard each corrects it.

    The network's last number is the logit z, and the predicted probability of a face is
    p = sigmoid(z). One plot shows both losses against p, the other their gradients with respect
    to z. Where the network is confidently wrong, the gradient of squared error dies; that of
    cross-entropy does not.

    Parameters
    ----------
    logit : float, default -4.0
        Where the slider stands at first, from -8 to 8, in tenths.
    label : {0, 1}, default 1
        The truth: 1 for a face, 0 for anything else.

    Returns
    -------
    LiveFigure
        Its attributes ``logit`` and ``label`` follow the controls and move them.

    Examples
    --------
    >>> figure = cross_entropy_explorer(logit=-2)
    >>> figure
    <cross_entropy_explorer: logit=-2, label=1>
    >>> figure.label = 0
    """
    dials = {"logit": (Dial(-8, 8, 0.1), logit), "label": (_Label((0, 1)), label)}
    return LiveFigure("cross_entropy_explorer", {}, dials, _still)


class _Label(Choice):
    """The choice between a face and anything else, as a whole number."""

    def check(self, name, value):
        if value not in self.options:
            raise ValueError(f"{name} must be 1 (a face) or 0 (not a face), got {value!r}")
        return int(value)


# What follows draws the still in Python exactly as cross_entropy_explorer.js redraws it.


def _sigmoid(logit):
    return 1 / (1 + math.exp(-logit))


def _measures(logit, label):
    """Return the probability of a face, and both losses with their gradients by the logit."""
    p = _sigmoid(logit)
    error = p - label
    return {
        "p": p,
        "entropy": -math.log(p if label else 1 - p),
        "squared": error * error,
        "entropy_pull": error,
        "squared_pull": 2 * error * p * (1 - p),
    }


def _path(points):
    """Return a curve as an SVG path of whole numbers, in thousandths of the plot."""
    whole = np.floor(1000 * np.array(points) + 0.5).astype(int)
    return "M" + "L".join(f"{x} {1000 - y}" for x, y in whole)


@cache
def _curves(label):
    """Return what the logit does not change: the four curves."""
    at = [(stop / 160, _measures((stop - 80) / 10, label)) for stop in STOPS]
    losses = {name: [(m["p"], m[name] / TOP) for _, m in at] for name in ("entropy", "squared")}
    pulls = {
        name: [(part, (1 + m[name]) / 2) for part, m in at]
        for name in ("entropy_pull", "squared_pull")
    }
    return {f"{name}_curve": _path(points) for name, points in (losses | pulls).items()}


def _digits(p):
    """Return with how many decimals both p and 1 - p keep four significant digits."""
    digits = 4
    while min(p, 1 - p) * 10 ** (digits - 3) < 1:
        digits += 1
    return digits


def _signed(number, digits):
    return fixed(number, digits).replace("-", "−")


def _verdict(margin):
    """Return what a prediction is whose logit is so far on the side of the truth."""
    if abs(margin) < 0.5:
        return "Unsure"
    word = "Right" if margin > 0 else "Wrong"
    return word if abs(margin) < SURE else f"Confidently {word.lower()}"


def _words(logit, label, m):
    """Return the verdict, and what both losses do about it."""
    verdict = _verdict(logit if label else -logit)
    still, only = ("still ", "only ") if verdict == "Confidently wrong" else ("", "")
    towards = "up" if label else "down"
    return {
        "verdict": f"{verdict}:",
        "effect": f"cross-entropy {still}pulls z {towards} with "
        f"{fixed(abs(m['entropy_pull']), 3)}, "
        f"squared error with {only}{fixed(abs(m['squared_pull']), 3)}.",
    }


def _formulas(label, m):
    """Return the losses and gradients with the numbers of the moment put in."""
    digits = _digits(m["p"])
    p, rest = fixed(m["p"], digits), fixed(1 - m["p"], digits)
    return {
        "p": p,
        "entropy_sum": f"−[{label}·log {p} + {1 - label}·log {rest}]",
        "squared_sum": f"({p} − {label})²",
        "entropy_pull_sum": f"{p} − {label}",
        "squared_pull_sum": f"2·({p} − {label})·{p}·{rest}",
    }


def _reading(logit, label):
    """Return what the controls change, by the name of its slot."""
    m = _measures(logit, label)
    pulls = ("entropy_pull", "squared_pull")
    return {
        "logit": _signed(logit, 1),
        **{name: _signed(m[name], 3) for name in ("entropy", "squared", *pulls)},
        **_formulas(label, m),
        **_words(logit, label, m),
        "x_p": fixed(m["p"], 5),
        "x_z": fixed((logit + 8) / 16, 5),
        **{f"y_{name}": fixed(m[name] / TOP, 5) for name in ("entropy", "squared")},
        **{f"y_{name}": fixed((1 + m[name]) / 2, 5) for name in pulls},
    }


def _still(data, logit, label):
    """Return what the figure shows, by the name of its slot in ``cross_entropy_explorer.html``."""
    shown = _curves(label) | _reading(logit, label)
    places = [name for name in shown if name[:2] in ("x_", "y_")]
    shown["places"] = declare({name: shown[name] for name in places})
    shown["stop"] = fixed(logit, 1)
    shown["label"] = str(label)
    shown["one"], shown["zero"] = ("checked", "") if label else ("", "checked")
    return shown
