"""1:1, are two pictures of one person: error rates, thresholds, intervals, the LFW protocol.

A *genuine* pair shows one person twice, an *impostor* pair two people. `same` is 1 for genuine and
0 for impostor; `scores` are any real numbers, the higher the more alike. A pair is accepted when
its score is at least the threshold."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from facebook_tut._validation import check_number, check_numbers
from facebook_tut.evaluation._pairs import _accepted, _check_pairs, _check_resolvable, _share
from facebook_tut.evaluation.classification import Proportion


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
    ValueError
        If `far` is too small for so few impostor pairs.

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
