"""What a score is worth as evidence: likelihood ratios, and the cost of wrong ones.

A score says which of two pairs is more alike. A *likelihood ratio* says how many times as likely
the score is for a genuine pair as for an impostor pair, and so how far it should move a belief.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from facebook_tut._validation import check_number, check_numbers
from facebook_tut.evaluation._pairs import _check_pairs

STEPS = 100  # of Newton's method, which needs about ten


@dataclass(frozen=True)
class LikelihoodRatio:
    """A straight line from a score to the logarithm of its likelihood ratio.

    Attributes
    ----------
    slope : float
        By how much the log ratio grows with the score.
    offset : float
        The log ratio of a score of 0.

    Examples
    --------
    >>> calibrated = LikelihoodRatio(slope=10.0, offset=-5.0)
    >>> calibrated.log_ratio([0.5, 0.7]).round(6).tolist()
    [0.0, 2.0]
    >>> round(calibrated.probability(0.7, prior=0.001), 4)
    0.0073
    """

    slope: float
    offset: float

    def __post_init__(self):
        check_number("slope", self.slope, -1e300, 1e300)
        check_number("offset", self.offset, -1e300, 1e300)

    def log_ratio(self, scores):
        """Return the natural logarithms of the likelihood ratios: an array of the scores' shape."""
        return self.slope * check_numbers("scores", scores) + self.offset

    def probability(self, score, prior):
        """Return the probability that a pair is genuine, by Bayes' rule.

        Parameters
        ----------
        score : float
            Of the pair.
        prior : float
            The share of genuine pairs among those that are compared, between 0 and 1.

        Returns
        -------
        float
            Its odds are those of the prior times the likelihood ratio.
        """
        check_number("score", score, -1e300, 1e300)
        check_number("prior", prior, 1e-15, 1 - 1e-15)
        return float(expit(np.log(prior / (1 - prior)) + self.log_ratio(score)))


def fit_likelihood_ratio(same, scores):
    """Fit the line from scores to log likelihood ratios that has the lowest `log_ratio_cost`.

    This is logistic regression in which the genuine pairs together count as much as the impostor
    pairs, however many there are of either, solved by Newton's method.

    Parameters
    ----------
    same, scores
        As for `roc`. Of other people than those whose scores are then turned into ratios.

    Returns
    -------
    LikelihoodRatio

    Raises
    ------
    ValueError
        If a threshold separates the genuine from the impostor pairs, or all scores are equal: then
        no slope is the best.

    References
    ----------
    Brümmer and du Preez, "Application-independent evaluation of speaker detection" (2006).

    Examples
    --------
    >>> same, scores = [1, 1, 1, 0, 0, 0], [0.9, 0.8, 0.4, 0.6, 0.2, 0.1]
    >>> found = fit_likelihood_ratio(same, scores)
    >>> found.slope > 0, round(float(found.log_ratio(0.5)), 6)
    (True, 0.0)

    The scores are mirrored in 0.5, so a score of 0.5 is no evidence.
    """
    same, scores = _check_pairs(same, scores)
    highest, lowest = scores[~same].max(), scores[same].min()
    if lowest >= highest or scores[same].max() <= scores[~same].min():
        raise ValueError(
            "scores must overlap: a threshold separates the two kinds, so no slope is the best"
        )
    middle, spread = scores.mean(), scores.std()
    x = np.column_stack([(scores - middle) / spread, np.ones(len(scores))])  # (N, 2)
    slope, offset = _newton(x, same, np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum()))
    return LikelihoodRatio(float(slope / spread), float(offset - slope * middle / spread))


def log_ratio_cost(same, log_ratios):
    """Return Cllr, the cost of log likelihood ratios in bits: 0 is perfect, 1 is saying nothing.

    A genuine pair with the log ratio l costs log₂(1 + e⁻ˡ), an impostor pair log₂(1 + eˡ): each is
    the surprise of somebody who held both kinds for equally likely beforehand. The cost is the mean
    of the means of both kinds. It is above 1 where the ratios mislead.

    Parameters
    ----------
    same : array_like, (N,), bool or 0 and 1
        1 for a genuine pair, 0 for an impostor pair; both must occur.
    log_ratios : array_like, (N,), float
        Natural logarithms.

    Returns
    -------
    float

    References
    ----------
    Brümmer and du Preez, "Application-independent evaluation of speaker detection" (2006).

    Examples
    --------
    >>> log_ratio_cost([1, 0], [0.0, 0.0])
    1.0
    >>> round(log_ratio_cost([1, 0], np.log([3.0, 1 / 3])), 4)
    0.415
    """
    same, log_ratios = _check_pairs(same, log_ratios, "log_ratios")
    genuine = np.logaddexp(0, -log_ratios[same]).mean()
    impostor = np.logaddexp(0, log_ratios[~same]).mean()
    return float((genuine + impostor) / (2 * np.log(2)))


def _newton(x, same, weights):
    """Return the two weights of a logistic regression, by steps that halve until the loss falls."""
    found, signs = np.zeros(2), np.where(same, 1.0, -1.0)

    def loss(w):
        return weights @ np.logaddexp(0, -signs * (x @ w))

    for _ in range(STEPS):
        p = expit(x @ found)  # (N,)
        gradient = x.T @ (weights * (p - same))  # (2,)
        curvature = (x.T * (weights * p * (1 - p))) @ x  # (2, 2)
        step = np.linalg.solve(curvature, gradient)
        while loss(found - step) > loss(found) + 1e-15:
            step /= 2
        found = found - step
        if np.abs(step).max() < 1e-12:
            break
    return found
