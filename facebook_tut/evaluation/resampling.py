"""How sure a measure is: the ten folds of LFW, and the bootstrap over people."""

import math
from dataclasses import dataclass
from itertools import islice

import numpy as np

from facebook_tut._validation import (
    as_array,
    check_callable,
    check_names,
    check_number,
    check_numbers,
    check_seed,
)
from facebook_tut.evaluation._pairs import _check_pairs
from facebook_tut.evaluation.verification import accuracy_at, best_threshold

MOST_DRAWS = 100  # for each that is of use


@dataclass(frozen=True, eq=False)
class FoldedAccuracy:
    """The accuracy on each fold, at a threshold that was chosen on the other folds.

    Attributes
    ----------
    accuracies : ndarray, (F,), float
        One per fold, in the sorted order of their names.
    thresholds : ndarray, (F,), float
        The threshold used on that fold.

    Examples
    --------
    >>> FoldedAccuracy(np.array([0.70, 0.74, 0.72]), np.array([0.5, 0.5, 0.6]))
    0.720 ± 0.012 (standard error over 3 folds)
    """

    accuracies: np.ndarray
    thresholds: np.ndarray

    @property
    def mean(self):
        """The mean accuracy of the folds; their sum is exact, so that it ends alike everywhere."""
        return math.fsum(self.accuracies) / len(self.accuracies)

    @property
    def standard_error(self):
        """The standard deviation of the folds (n − 1 in it) over √n."""
        return float(np.std(self.accuracies, ddof=1) / np.sqrt(len(self.accuracies)))

    def __repr__(self):
        folds = len(self.accuracies)
        return f"{self.mean:.3f} ± {self.standard_error:.3f} (standard error over {folds} folds)"


def cross_validated_accuracy(same, scores, folds):
    """Return the accuracy by the protocol of LFW's View 2: no fold chooses its own threshold.

    Each fold in turn is the test; its threshold is the `best_threshold` of all the other folds.
    Whatever else was learnt for the scores of a fold must not have seen that fold either.

    Parameters
    ----------
    same, scores
        As for `roc`.
    folds : array_like, (N,)
        The name of each pair's fold. At least two, each with genuine and impostor pairs. In LFW
        they are ten, no person is in two, and each has 300 pairs of either kind.

    Returns
    -------
    FoldedAccuracy

    References
    ----------
    Huang, Ramesh, Berg and Learned-Miller, "Labeled Faces in the Wild: a database for studying face
    recognition in unconstrained environments" (2007), View 2: the mean, and its standard error.

    Examples
    --------
    >>> same = [1, 0, 1, 0]
    >>> result = cross_validated_accuracy(same, [0.9, 0.5, 0.4, 0.0], folds=[1, 1, 2, 2])
    >>> result.thresholds.tolist(), result.accuracies.tolist()
    ([0.2, 0.7], [0.5, 0.5])
    >>> result
    0.500 ± 0.000 (standard error over 2 folds)

    Each fold is separable, but not by the threshold of the other.
    """
    same, scores = _check_pairs(same, scores)
    tests = _check_folds(folds, same)
    thresholds = [best_threshold(same[~test], scores[~test]) for test in tests]
    accuracies = [
        accuracy_at(same[test], scores[test], threshold).value
        for test, threshold in zip(tests, thresholds, strict=True)
    ]
    return FoldedAccuracy(np.array(accuracies), np.array(thresholds))


def bootstrap(statistic, same, scores, groups=None, rounds=1000, seed=0, confidence=0.95):
    """Return a percentile interval for any statistic of pairs, by drawing the pairs again.

    Pairs that share a person are not independent: who is hard to recognise is hard in all of their
    pairs, and an interval that counts each pair for itself is too narrow. With `groups`, people are
    drawn in place of pairs. A genuine pair then comes as often as its person was drawn, and an
    impostor pair as often as the one times the other. Draws that leave one kind of pair out are
    drawn again.

    Parameters
    ----------
    statistic : callable
        From (same, scores) to a number, such as `equal_error_rate`, or
        ``lambda same, scores: roc(same, scores).tar_at(0.001)``.
    same, scores
        As for `roc`.
    groups : array_like, (N, 2), optional
        The people of the two sides: one person where `same` is 1, two where it is 0. Without it,
        pairs are drawn.
    rounds : int
        How many times all is drawn, with replacement.
    seed : int
        The same draws for the same seed.
    confidence : float
        How often, over repetitions, such an interval should hold the true value. Drawing people
        counts the noise of a single impostor pair up to three times, so that the interval is
        rather too wide than too narrow (Owen, 2007).

    Returns
    -------
    low, high : float

    References
    ----------
    Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 13; Bolle, Ratha and
    Pankanti, "Error analysis of pattern recognition systems: the subsets bootstrap" (2004); Owen,
    "The pigeonhole bootstrap" (2007).

    Examples
    --------
    >>> from facebook_tut.evaluation.verification import equal_error_rate
    >>> same, scores = np.arange(200) % 2, np.linspace(0, 1, 200) + 0.1 * (np.arange(200) % 2)
    >>> low, high = bootstrap(equal_error_rate, same, scores)
    >>> low < equal_error_rate(same, scores) < high
    True
    """
    same, scores = _check_pairs(same, scores)
    left, right = _check_groups(groups, same)
    check_callable("statistic", statistic)
    check_number("rounds", rounds, 1, 1_000_000, integer=True)
    check_number("confidence", confidence, 0, 1)
    check_seed("seed", seed)
    people, values = max(left.max(), right.max()) + 1, []
    for drawn in _rounds(people, seed):
        times = drawn[left] * np.where(left == right, 1, drawn[right])  # (N,)
        rows = np.repeat(np.arange(len(same)), times)
        if same[rows].any() and not same[rows].all():
            values.append(statistic(same[rows], scores[rows]))
        if len(values) == rounds:
            break
    values = check_numbers("statistic(same, scores)", values, (rounds,))
    return tuple(np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist())


def bootstrap_people(statistic, people, rounds=1000, seed=0, confidence=0.95):
    """Return a percentile interval for any statistic of rows that belong to one person each.

    Such as genuine pairs, or photographs. A person is drawn with all of their rows, or not at all.
    The draws are those of `bootstrap` with the same seed.

    Parameters
    ----------
    statistic : callable
        From how often each row comes, (N,), to a number; or to None where a draw is of no use, as
        when it leaves a group out, and is drawn again.
    people : array_like, (N,)
        Whose each row is.
    rounds, seed, confidence
        As for `bootstrap`.

    Returns
    -------
    low, high : float

    References
    ----------
    Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 13.

    Examples
    --------
    >>> missed, people = np.array([1, 1, 0, 0]), ["Ann", "Ann", "Bo", "Cy"]
    >>> bootstrap_people(lambda times: np.average(missed, weights=times), people)
    (0.0, 1.0)
    """
    check_callable("statistic", statistic)
    person = np.unique(check_names("people", people, None, "row"), return_inverse=True)[1]
    check_number("rounds", rounds, 1, 1_000_000, integer=True)
    check_number("confidence", confidence, 0, 1)
    check_seed("seed", seed)
    tried = islice(_rounds(person.max() + 1, seed), MOST_DRAWS * rounds)
    values = (statistic(drawn[person]) for drawn in tried)
    values = list(islice((value for value in values if value is not None), rounds))
    if len(values) < rounds:
        raise ValueError(f"statistic must be None for few draws, got {len(values)} other values")
    values = check_numbers("statistic(times)", values, (rounds,))
    return tuple(np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist())


def _rounds(people, seed):
    """Yield without end how often each person is drawn, (P,)."""
    rng = np.random.default_rng(seed)
    while True:
        yield np.bincount(rng.integers(people, size=people), minlength=people)


def _check_folds(folds, same):
    """Return for each fold, sorted by name, which pairs are in it: a list of (N,) bool."""
    folds = check_names("folds", folds, len(same), "pair")
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError(f"folds must name at least two folds, got only {names[0]}")
    tests = [folds == name for name in names]
    for name, test in zip(names, tests, strict=True):
        if same[test].all() or not same[test].any():
            raise ValueError(
                f"folds must hold both genuine and impostor pairs, fold {name} does not"
            )
    return tests


def _check_groups(groups, same):
    """Return the people of the two sides as numbers from 0, or each pair as a person of its own."""
    if groups is None:
        return np.arange(len(same)), np.arange(len(same))
    groups = as_array("groups", groups)
    shape = groups.shape
    if shape != (len(same), 2):
        raise ValueError(f"groups must have shape ({len(same)}, 2), got {shape}")
    groups = check_names("groups", np.ravel(groups)).reshape(shape)
    wrong = (groups[:, 0] == groups[:, 1]) != same
    if wrong.any():
        raise ValueError(
            "groups must name one person where same is 1 and two where it is 0,"
            f" pair {wrong.argmax()} does not"
        )
    return np.unique(groups, return_inverse=True)[1].reshape(-1, 2).T
