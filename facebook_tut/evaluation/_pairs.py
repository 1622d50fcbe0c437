"""What measures of pairs and of searches share: counts of accepted pairs, and checks."""

import numpy as np

from facebook_tut._validation import check_labels, check_number, check_numbers
from facebook_tut.evaluation.classification import Proportion


def _accepted(same, scores):
    """Return infinity and the distinct scores, falling, and how many of each kind are accepted."""
    order = np.argsort(-scores, kind="stable")
    scores = scores[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of each distinct score
    genuine = np.cumsum(same[order])[last]
    thresholds = np.append(np.inf, scores[last])
    return thresholds, np.append(0, last + 1 - genuine), np.append(0, genuine)


def _share(right):
    """Return how many of a vector of bool are true."""
    return Proportion(int(right.sum()), len(right))


def _check_pairs(same, scores, name="scores"):
    """Return `same` as bool and `scores` as float64, if both kinds of pair occur."""
    same = check_labels("same", same) == 1
    scores = check_numbers(name, scores, same.shape)
    if same.all() or not same.any():
        raise ValueError(
            "same must hold both genuine (1) and impostor (0) pairs,"
            f" got only {int(same[0])}, {len(same)} times"
        )
    return same, scores.astype(float)


def _check_resolvable(name, rate, trials, what):
    """Raise an error if `trials` cannot establish so small a rate, by the rule of 3."""
    check_number(name, rate, 0, 1)
    if rate < 3 / trials:
        raise ValueError(
            f"{name} must be at least {3 / trials:.6g} with {trials} {what} (rule of 3),"
            f" got {rate:g}"
        )
