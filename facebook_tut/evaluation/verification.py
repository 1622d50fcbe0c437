"""1:1, are two pictures of one person: error rates, thresholds, intervals, the LFW protocol.

A *genuine* pair shows one person twice, an *impostor* pair two people. `same` is 1 for genuine and
0 for impostor; `scores` are any real numbers, the higher the more alike. A pair is accepted when
its score is at least the threshold.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from facebook_tut._validation import (
    as_array,
    check_callable,
    check_labels,
    check_names,
    check_number,
    check_numbers,
    check_seed,
)

from .classification import Proportion


@dataclass(frozen=True, eq=False)
class Roc:
    """Error rates at every threshold that matters, from "accept nobody" to "accept everybody".

    Attributes
    ----------
    thresholds : ndarray, (T,), float
        Infinity, then each distinct score, falling.
    far : ndarray, (T,), float
        False accept rate: accepted impostor pairs, of all impostor pairs. Rises from 0 to 1.
    tar : ndarray, (T,), float
        True accept rate: accepted genuine pairs, of all genuine pairs. Rises from 0 to 1.

    Examples
    --------
    >>> curve = roc([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1])
    >>> curve.auc, curve.tar_at(0.4)
    (0.75, 0.5)
    """

    thresholds: np.ndarray
    far: np.ndarray
    tar: np.ndarray

    @property
    def frr(self):
        """False reject rate, 1 − TAR; drawn against the FAR, it is the DET curve."""
        return 1 - self.tar

    @property
    def auc(self):
        """Area under TAR over FAR, by trapezia.

        It is the chance that a genuine pair scores above an impostor pair, ties counted half.
        """
        return float(np.sum(np.diff(self.far) * (self.tar[1:] + self.tar[:-1]) / 2))

    def tar_at(self, far):
        """Return the TAR at the smallest threshold whose FAR is at most `far`.

        No question is asked whether the data are enough for that `far`: `tar_at_far` asks.
        """
        check_number("far", far, 0, 1)
        return float(self.tar[self.far <= far][-1])


def roc(same, scores):
    """Return the receiver operating characteristic: FAR and TAR at every distinct score.

    Parameters
    ----------
    same : array_like, (N,), bool or 0 and 1
        1 for a genuine pair, 0 for an impostor pair; both must occur.
    scores : array_like, (N,), float
        Any finite numbers, higher for more alike.

    Returns
    -------
    Roc
        As scikit-learn's ``roc_curve(same, scores, drop_intermediate=False)``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Fawcett, "An introduction to ROC analysis" (2006), algorithm 1.

    Examples
    --------
    >>> curve = roc(same=[1, 0, 1, 0], scores=[0.9, 0.6, 0.4, 0.1])
    >>> for row in zip(curve.thresholds, curve.far, curve.tar): print(*row)
    inf 0.0 0.0
    0.9 0.0 0.5
    0.6 0.5 0.5
    0.4 0.5 1.0
    0.1 1.0 1.0
    """
    same, scores = _check_pairs(same, scores)
    thresholds, impostors, genuine = _accepted(same, scores)
    return Roc(thresholds, impostors / impostors[-1], genuine / genuine[-1])


def _accepted(same, scores):
    """Return infinity and the distinct scores, falling, and how many of each kind are accepted."""
    order = np.argsort(-scores, kind="stable")
    scores = scores[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of each distinct score
    genuine = np.cumsum(same[order])[last]
    thresholds = np.append(np.inf, scores[last])
    return thresholds, np.append(0, last + 1 - genuine), np.append(0, genuine)


def probit(rates):
    """Return z with Φ(z) = rate: the scale of both axes of a DET plot.

    Where the scores of both kinds of pair are Gaussian, the DET curve is a straight line.

    Parameters
    ----------
    rates : array_like, float
        From 0 to 1, of any shape; 0 gives −∞ and 1 gives ∞, which a plot leaves out.

    Returns
    -------
    ndarray, float

    Raises
    ------
    ValueError
        If a rate lies outside [0, 1].

    References
    ----------
    Martin, Doddington, Kamm, Ordowski and Przybocki, "The DET curve in assessment of detection task
    performance" (1997).

    Examples
    --------
    >>> probit([0.01, 0.5, 0.99]).round(2).tolist()
    [-2.33, 0.0, 2.33]
    """
    return ndtri(check_numbers("rates", rates, low=0, high=1))


def equal_error_rate(same, scores):
    """Return the EER: the error rate at which FAR and FRR are equal.

    As the threshold falls, the FAR rises and the FRR falls, both in steps, and seldom is one
    threshold exactly at the crossing. So neighbouring points of the curve are joined by straight
    lines, and the EER is where FAR = FRR on them.

    Parameters
    ----------
    same, scores
        As for `roc`.

    Returns
    -------
    float
        0 is perfect, and 0.5 is what scores without meaning get.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> round(equal_error_rate([1, 1, 0, 1, 0], [0.9, 0.8, 0.6, 0.4, 0.1]), 4)
    0.3333

    At the threshold 0.8 the FAR is 0 and the FRR 1/3, at 0.6 they are 1/2 and 1/3: they cross at
    1/3, between two thresholds.
    """
    curve = roc(same, scores)
    return float(np.interp(0, curve.far - curve.frr, curve.far))


@dataclass(frozen=True)
class OperatingPoint:
    """What one threshold does to the pairs at hand.

    Attributes
    ----------
    threshold : float
        Pairs that score as much or more are accepted.
    far : Proportion
        Accepted impostor pairs.
    tar : Proportion
        Accepted genuine pairs.

    Examples
    --------
    >>> OperatingPoint(0.6, far=Proportion(3, 3000), tar=Proportion(19, 20))
    TAR 0.95 (95 % interval 0.76 to 0.99, 19 of 20) at FAR 0.001 (3 of 3000), threshold 0.6
    """

    threshold: float
    far: Proportion
    tar: Proportion

    def __repr__(self):
        return (
            f"TAR {self.tar} at FAR {self.far.value:.2g}"
            f" ({self.far.successes} of {self.far.trials}), threshold {self.threshold:.3g}"
        )


def tar_at_far(same, scores, far):
    """Return the true accept rate at a false accept rate, TAR@FAR, if the data can support it.

    Of the scores at hand (and infinity, which accepts nobody), the threshold is the smallest whose
    measured FAR is at most `far`.

    Parameters
    ----------
    same, scores
        As for `roc`.
    far : float
        At least 3 / (number of impostor pairs). Even with no false accept at all, fewer pairs leave
        a larger true rate possible at 95 % confidence: the rule of 3.

    Returns
    -------
    OperatingPoint
        Its Wilson intervals take the pairs for independent. Where they share people, see
        `bootstrap`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or `far` is too small for so few impostor pairs.

    References
    ----------
    Mansfield and Wayman, "Best practices in testing and reporting performance of biometric devices"
    (2002), on the rule of 3; Hanley and Lippman-Hand, "If nothing goes wrong, is everything all
    right?" (1983).

    Examples
    --------
    >>> same, scores = [1, 1, 1, 1] + [0] * 30, [0.9, 0.8, 0.7, 0.2] + [0.75] + [0.1] * 29
    >>> tar_at_far(same, scores, far=0.1)
    TAR 1.00 (95 % interval 0.51 to 1.00, 4 of 4) at FAR 0.033 (1 of 30), threshold 0.2
    >>> tar_at_far(same, scores, far=0.001)
    Traceback (most recent call last):
        ...
    ValueError: far must be at least 0.1 with 30 impostor pairs (rule of 3), got 0.001
    """
    same, scores = _check_pairs(same, scores)
    _check_resolvable("far", far, int((~same).sum()), "impostor pairs")
    curve = roc(same, scores)
    threshold = float(curve.thresholds[curve.far <= far][-1])
    return OperatingPoint(
        threshold,
        far=_share(scores[~same] >= threshold),
        tar=_share(scores[same] >= threshold),
    )


def accuracy_at(same, scores, threshold):
    """Return how many pairs are answered rightly at a threshold chosen beforehand.

    Parameters
    ----------
    same, scores
        As for `roc`.
    threshold : float
        Not chosen on these pairs: that would flatter it. See `cross_validated_accuracy`.

    Returns
    -------
    Proportion

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> accuracy_at([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], threshold=0.5)
    0.50 (95 % interval 0.15 to 0.85, 2 of 4)
    """
    same, scores = _check_pairs(same, scores)
    check_number("threshold", threshold, -np.inf, np.inf)
    return _share((scores >= threshold) == same)


def best_threshold(same, scores):
    """Return the threshold of the highest accuracy on these pairs.

    All thresholds between two neighbouring scores give one accuracy, and several such gaps may be
    equally good. Of the best gaps the widest is taken (of equally wide ones the highest), and the
    threshold is its middle. Only where no gap is as good as one answer to all pairs, it is ∞
    (accept nobody) or −∞ (accept everybody). The time is that of sorting, N log N.

    Parameters
    ----------
    same, scores
        As for `roc`.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> round(best_threshold([1, 0, 1, 0], [0.8, 0.6, 0.5, 0.1]), 3)
    0.3

    A threshold between 0.6 and 0.8, or one between 0.1 and 0.5, gets three of four pairs right.
    """
    same, scores = _check_pairs(same, scores)
    thresholds, impostors, genuine = _accepted(same, scores)
    right = genuine - impostors  # of all pairs, up to a constant
    edges = np.append(thresholds, -np.inf)  # a threshold in (edges[k + 1], edges[k]] accepts alike
    widths = np.abs(np.diff(edges))
    widths[np.isinf(widths)] = 0
    best = np.flatnonzero(right == right.max())
    k = best[np.argmax(widths[best])]
    upper, lower = edges[k], edges[k + 1]
    middle = (upper + lower) / 2
    return float(upper if lower == middle > -np.inf else middle)  # neighbouring floats have none


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
        they are ten, no person stands in two, and each has 300 pairs of either kind.

    Returns
    -------
    FoldedAccuracy

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

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

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 13; Bolle, Ratha and
    Pankanti, "Error analysis of pattern recognition systems: the subsets bootstrap" (2004); Owen,
    "The pigeonhole bootstrap" (2007).

    Examples
    --------
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
    rng, people, values = np.random.default_rng(seed), max(left.max(), right.max()) + 1, []
    while len(values) < rounds:
        drawn = np.bincount(rng.integers(people, size=people), minlength=people)
        times = drawn[left] * np.where(left == right, 1, drawn[right])  # (N,)
        rows = np.repeat(np.arange(len(same)), times)
        if same[rows].any() and not same[rows].all():
            values.append(statistic(same[rows], scores[rows]))
    values = check_numbers("statistic(same, scores)", values, (rounds,))
    return tuple(np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist())


def pair_scores(embeddings_a, embeddings_b):
    """Return the cosine of the angle between the embeddings of each pair.

    Parameters
    ----------
    embeddings_a, embeddings_b : array_like, (N, D), float
        Row n of the one is compared with row n of the other. No row may be all zeros.

    Returns
    -------
    ndarray, (N,), float
        From −1 to 1; 1 for the same direction.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> pair_scores([[1, 0], [1, 0], [0, 2]], [[3, 0], [0, 1], [0, -1]]).tolist()
    [1.0, 0.0, -1.0]
    """
    a = check_numbers("embeddings_a", embeddings_a, ("N", "D"))
    b = check_numbers("embeddings_b", embeddings_b, a.shape)
    return np.sum(_unit("embeddings_a", a) * _unit("embeddings_b", b), axis=1)


def normalised_pair_scores(embeddings_a, embeddings_b, cohort, nearest=100):
    """Return how far the cosine of each pair stands out from those with strangers.

    Some faces are like many others: their cosines with strangers are high too. So each face of a
    pair is compared with the people of a cohort. The mean and the standard deviation of its highest
    cosines there say what is usual for it: z = (cosine − mean) / deviation. The pair's score is the
    mean of its two z.

    Parameters
    ----------
    embeddings_a, embeddings_b : array_like, (N, D), float
        As in `pair_scores`.
    cohort : array_like, (C, D), float
        One embedding each of C other people. None of them may be in a pair.
    nearest : int
        How many of the cohort each face is compared with: those most like it; 2 or more.

    Returns
    -------
    ndarray, (N,), float
        In standard deviations; 0 for what is usual among strangers who are alike.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Adaptive symmetric normalisation (AS-norm) of speaker recognition: Cumani, Batzu, Colibro, Vair,
    Laface and Vasilakakis, "Comparison of speaker recognition approaches for real applications"
    (2011).

    Examples
    --------
    >>> cohort = [[0.6, 0.8], [0.8, -0.6], [-1, 0]]
    >>> normalised_pair_scores([[1, 0]], [[1, 0]], cohort, nearest=2).round(6).tolist()
    [3.0]
    """
    scores = pair_scores(embeddings_a, embeddings_b)
    cohort = check_numbers("cohort", cohort, ("C", np.shape(embeddings_a)[1]))
    check_number("nearest", nearest, 2, len(cohort), integer=True)
    cohort = _unit("cohort", cohort)

    def z(embeddings):
        usual = np.sort(_unit("embeddings", embeddings) @ cohort.T, axis=1)[:, -nearest:]
        return (scores - usual.mean(axis=1)) / np.maximum(usual.std(axis=1), 1e-6)

    return (z(embeddings_a) + z(embeddings_b)) / 2


def sample_pairs(identities, count, seed=0):
    """Return random pairs of images, as many genuine as impostor, each at most once.

    Every genuine pair that the images allow is equally likely, and so is every impostor pair. A
    person with many images therefore stands in more of the pairs.

    Parameters
    ----------
    identities : array_like, (N,)
        Who is in each image.
    count : int
        How many pairs; even.
    seed : int
        The same pairs for the same seed.

    Returns
    -------
    left, right : ndarray, (count,), int
        The rows of the two images, never one image twice. Genuine pairs come first.
    same : ndarray, (count,), bool
        Whether the pair is genuine.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or there are not so many pairs.

    Examples
    --------
    >>> identities = np.array(["Ann", "Ann", "Ann", "Bo", "Bo"])
    >>> left, right, same = sample_pairs(identities, 6)
    >>> same.tolist()
    [True, True, True, False, False, False]
    >>> (identities[left] == identities[right]).tolist()
    [True, True, True, False, False, False]
    """
    identities = check_names("identities", identities)
    check_number("count", count, 2, 2**31, integer=True)
    check_seed("seed", seed)
    if count % 2:
        raise ValueError(f"count must be even, half genuine and half impostor pairs, got {count}")
    order = np.argsort(identities, kind="stable")
    sizes = np.unique(identities, return_counts=True)[1]
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)  # where the person of each row begins
    rng, rows = np.random.default_rng(seed), np.arange(len(order))
    genuine = _draw_pairs(rng, count // 2, start, rows - start, "genuine")
    impostor = _draw_pairs(rng, count // 2, np.zeros_like(start), start, "impostor")
    left, right = order[np.concatenate([genuine, impostor], axis=1)]
    return left, right, np.arange(count) < count // 2


def _draw_pairs(rng, count, first, partners, kind):
    """Draw pairs in which row n stands with one of `partners[n]` rows, from row `first[n]` on."""
    ends = np.cumsum(partners)  # all pairs are numbered, row by row
    if count > ends[-1]:
        raise ValueError(f"count asks for {count} {kind} pairs, identities has {ends[-1]}")
    numbers = rng.choice(ends[-1], count, replace=False)
    row = np.searchsorted(ends, numbers, side="right")
    return first[row] + numbers - (ends - partners)[row], row


def check_disjoint(train_people, test_people):
    """Raise an error unless nobody is in both sets: a known face is no test of recognition.

    Parameters
    ----------
    train_people, test_people : array_like
        Names or numbers, once or many times each.

    Raises
    ------
    TypeError
        If some are texts and some are numbers.
    ValueError
        If somebody is in both. It names them, or the first five.

    Examples
    --------
    >>> check_disjoint(["Ann", "Bo", "Cy"], ["Di", "Cy", "Cy"])
    Traceback (most recent call last):
        ...
    ValueError: train_people and test_people must have nobody in common, got 1 in both: Cy
    """
    train = check_names("train_people", train_people)
    test = check_names("test_people", test_people)
    if (train.dtype.kind == "U") != (test.dtype.kind == "U"):
        raise TypeError("train_people and test_people must both be texts, or both numbers")
    both = np.intersect1d(train, test)
    if len(both):
        names = ", ".join(map(str, both[:5])) + (", ..." if len(both) > 5 else "")
        raise ValueError(
            "train_people and test_people must have nobody in common,"
            f" got {len(both)} in both: {names}"
        )


def _share(right):
    """Return how many of a vector of bool are true."""
    return Proportion(int(right.sum()), len(right))


def _unit(name, rows):
    """Return the rows at length 1."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(f"{name} must hold no row of zeros, row {lengths.argmin()} is one")
    return rows / lengths


def _check_pairs(same, scores):
    """Return `same` as bool and `scores` as float64, if both kinds of pair occur."""
    same = check_labels("same", same) == 1
    scores = check_numbers("scores", scores, same.shape)
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
