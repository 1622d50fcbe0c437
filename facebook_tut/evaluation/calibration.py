"""The threshold for a wanted FAR from pictures of one's own, and what so few people can show."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from facebook_tut._validation import check_number, check_seed
from facebook_tut.evaluation.people import (
    BLOCK,
    PeopleRates,
    _accepted,
    _between,
    _checked,
    _draws,
    _rates,
)

MOST_SURE = 0.999_999  # of an interval
SPARE = 10  # times as many of the highest scores are kept as are accepted: drawn again, all move
LEAST_KEPT = 100_000
DIGITS = 4  # of a threshold: no more are typed


@dataclass(frozen=True)
class Calibration:
    """The threshold for a wanted FAR, and how sure it is.

    Attributes
    ----------
    far : float
        What was wanted.
    threshold : float
        The smallest of four digits at which no larger share of the impostor pairs is accepted.
    low, high : float
        The interval of the threshold over people.
    rates : PeopleRates
        FMR and FNMR at the threshold, with intervals over people.
    least_far : float
        The smallest FAR that so many impostor pairs can show, by the rule of 3.
    single : float
        Relative variance of what two people give: of the accepted share of their pairs.
    shared : float
        Relative covariance of what two people give and what one of them and a third give. It is
        large where some people are taken for many others.

    Examples
    --------
    >>> rates = PeopleRates(0.42, 100, None, None)
    >>> found = Calibration(0.001, 0.42, 0.36, 0.47, rates, 0.0006, single=1000, shared=5)
    >>> round(found.relative_error(100), 2), found.people_for()
    (0.63, 230)
    """

    far: float
    threshold: float
    low: float
    high: float
    rates: PeopleRates
    least_far: float
    single: float
    shared: float

    @property
    def shown(self):
        """Whether there are enough impostor pairs to show so low a FAR, by the rule of 3."""
        return self.far >= self.least_far

    def relative_error(self, people):
        """Return the standard error of a measured FAR, as a share of that FAR.

        Pairs that share a person are not independent. The FAR of all pairs is a U-statistic of
        people; its variance is 2 / (n (n − 1)) times 2 (n − 2) ζ₁ + ζ₂, where ζ₂ is the variance of
        what two people give, and ζ₁ the covariance of two such results that share one of them.

        Parameters
        ----------
        people : int
            How many people like these, n, each with as many photographs as these have.

        Returns
        -------
        float

        References
        ----------
        Hoeffding, "A class of statistics with asymptotically normal distribution" (1948), equation
        5.13. `calibrate_threshold` estimates ζ₁ and ζ₂ from the sums over pairs that share a
        person, as Aronow, Samii and Assenova do, "Cluster-robust variance estimation for dyadic
        data" (2015).
        """
        n = check_number("people", people, 2, 2**53, integer=True)
        return math.sqrt((4 * (n - 2) * self.shared + 2 * self.single) / (n * (n - 1)))

    def people_for(self, factor=2.0, confidence=0.95):
        """Return how many people it takes to measure the FAR to within a factor.

        An interval of the logarithm of the FAR is z standard errors wide on either side; so the
        relative error must be log(factor) / z at most.

        Parameters
        ----------
        factor : float
            The interval goes from FAR / factor to FAR · factor.
        confidence : float
            Of the interval.

        Returns
        -------
        int
            Of people like these. It is a lower bound if `shown` is false: who is taken for many
            others is not known then.
        """
        check_number("factor", factor, 1.01, 1000)
        check_number("confidence", confidence, 0.01, MOST_SURE)
        most = (math.log(factor) / ndtri((1 + confidence) / 2)) ** 2
        half = (1 + 4 * self.shared / most) / 2  # of n² − 2 half n + rest = 0
        rest = (8 * self.shared - 2 * self.single) / most
        return max(2, math.ceil(half + math.sqrt(max(half**2 - rest, 0))))


def calibrate_threshold(embeddings, identities, far, *, rounds=1000, seed=0, confidence=0.95):
    """Return the threshold for a wanted FAR on all pairs of photographs of some people.

    Parameters
    ----------
    embeddings : array_like, (N, D), float
        One photograph a row; no row may be all zeros. The same photograph must not come twice.
    identities : array_like, (N,)
        Who is in each; two people at least. All pairs weigh the same, so that who has many
        photographs weighs more.
    far : float
        The share of impostor pairs that may be accepted, above 0 and below 1.
    rounds : int
        How many times people are drawn.
    seed : int
        The same draws for the same seed.
    confidence : float
        Of the intervals.

    Returns
    -------
    Calibration
        Where `far` is too low for so few pairs (`shown` is false), the threshold accepts none of
        them, and the true FAR may be higher than the wanted one.

    Raises
    ------
    ValueError
        If there is one person only.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> people = np.repeat(np.arange(30), 2)
    >>> rows = rng.normal(size=(30, 16))[people] + 0.5 * rng.normal(size=(60, 16))
    >>> found = calibrate_threshold(rows, people, far=0.01)
    >>> found.rates.fmr.value <= 0.01, found.low < found.threshold < found.high
    (True, True)
    """
    rows, person = _checked(embeddings, identities)
    check_number("far", far, 1e-12, 1 - 1e-12)
    check_number("rounds", rounds, 1, 1_000_000, integer=True)
    check_number("confidence", confidence, 0, 1)
    check_seed("seed", seed)
    sizes = np.bincount(person).astype(float)
    trials = 2 * (np.outer(sizes, sizes) - np.diag(sizes))
    pairs = round(_between(trials).sum() / 4)
    scores, sides = _highest(rows, person, max(LEAST_KEPT, math.ceil(SPARE * far * pairs) + 1))
    threshold = _above(scores[min(int(far * pairs), len(scores) - 1)])
    accepted = _accepted(rows, rows, person, threshold)
    accepted = accepted + accepted.T
    drawn = _draws(trials, rounds, seed)
    found = [_limit(scores, row[sides].prod(0), far * _total(sizes, row)) for row in drawn]
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    rates = _rates(accepted, trials, threshold, drawn, confidence, 2)
    single, shared = _components(accepted, trials, far)
    return Calibration(far, threshold, float(low), float(high), rates, 3 / pairs, single, shared)


def _highest(rows, person, most):
    """Return the highest scores of impostor pairs, falling, and their two people: (K,), (2, K)."""
    scores, sides = np.empty(0), np.empty((2, 0), int)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK] @ rows.T  # (B, N)
        first, second = np.arange(start, start + len(block)), np.arange(len(rows))
        wanted = (person[first][:, None] != person) & (first[:, None] < second)
        if len(scores) == most:
            wanted &= block > scores[-1]
        left, right = np.nonzero(wanted)
        scores = np.append(scores, block[left, right])
        sides = np.hstack([sides, [person[first[left]], person[right]]])
        order = np.argsort(-scores, kind="stable")[:most]
        scores, sides = scores[order], sides[:, order]
    return np.clip(scores, -1, 1), sides


def _above(score):
    """Return the smallest number of four digits above a score, none beyond 1."""
    return min(1.0, (math.floor(score * 10**DIGITS) + 1) / 10**DIGITS)


def _total(sizes, drawn):
    """Return how many impostor pairs a round has."""
    return ((drawn @ sizes) ** 2 - (drawn * sizes) @ (drawn * sizes)) / 2


def _limit(scores, times, most):
    """Return the highest score that may not be accepted, so that no more than `most` pairs are."""
    beyond = np.searchsorted(np.cumsum(times), most, side="right")
    return scores[min(beyond, len(scores) - 1)]


def _components(accepted, trials, far):
    """Return the variance of two people's share, and the covariance of two that share a person.

    Both are relative to the FAR squared. Where nobody is accepted, as many people are assumed as
    if all pairs of photographs were independent.
    """
    people, accepted, trials = len(trials), _between(accepted) / 2, _between(trials) / 2
    pairs, mean = people * (people - 1) / 2, trials.sum() / (people * (people - 1))
    if not accepted.any():
        return (1 - far) / (far * mean), 0.0
    expected = accepted.sum() / trials.sum()
    excess = (accepted - expected * trials) / (expected * mean)  # (P, P), 0 on the diagonal
    single = (excess**2).sum() / (2 * pairs)
    triples = people * (people - 1) * max(people - 2, 1)
    shared = ((excess.sum(axis=1) ** 2).sum() - (excess**2).sum()) / triples
    return float(single), float(max(shared, 0))
