"""Can two templates be seen to be of one person, though their secrets differ?

Two databases hold a person under two secrets. A *mated* score compares two templates of one person,
a *non-mated* score those of two. If both kinds of score are distributed alike, the templates are
*unlinkable*: no score tells anything.
"""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import LARGEST, check_number, check_numbers


@dataclass(frozen=True, eq=False)
class Linkability:
    """How linkable templates are, score by score and over all.

    Attributes
    ----------
    edges : ndarray, (B + 1,), float
        Of the bins of scores.
    local : ndarray, (B,), float
        D↔(s) in each bin: 0 where a score speaks for two people or for neither, towards 1 the more
        it speaks for one.
    overall : float
        D↔sys, the mean of D↔(s) over the mated scores: 0 unlinkable, 1 fully linkable.

    Examples
    --------
    >>> linkability([0.9, 0.8], [0.1, 0.2], bins=4).local.tolist()
    [0.0, 0.0, 0.0, 1.0]
    """

    edges: np.ndarray
    local: np.ndarray
    overall: float


def linkability(mated, non_mated, *, prior_ratio=1.0, bins=100):
    """Measure how far scores link templates: D↔(s) and D↔sys.

    With the likelihood ratio LR(s) = p(s | mated) / p(s | non-mated) and the ratio ω of the prior
    probabilities, D↔(s) = 2 ω LR / (1 + ω LR) − 1 where ω LR > 1, and 0 elsewhere: how far the
    probability that both templates are of one person is above that they are of two.
    D↔sys = ∫ p(s | mated) D↔(s) ds. Densities are histograms.

    Parameters
    ----------
    mated, non_mated : array_like, (N,) and (M,), float
        Any finite numbers, higher for more alike.
    prior_ratio : float
        ω, how much more often a comparison is mated than not; 1 is the usual choice.
    bins : int
        From the lowest score to the highest. Chance fills bins unevenly and seems to link: with n
        scores of either kind in each bin, D↔sys of equal distributions is about 0.28 / √n in place
        of 0. So take few bins where scores are few.

    Returns
    -------
    Linkability

    References
    ----------
    Gomez-Barrero, Galbally, Rathgeb and Busch, "General framework to evaluate unlinkability in
    biometric template protection systems" (2018); the terms are those of ISO/IEC 30136.

    Examples
    --------
    >>> linkability([0, 0, 1, 1], [0, 1, 0, 1], bins=2).overall
    0.0
    >>> linkability([1, 1, 1, 0], [0, 0, 0, 1], bins=2).overall
    0.375

    Of the mated scores 3/4 are 1, of the others 1/4: LR = 3 and D↔ = 2 · 3/4 − 1 = 0.5 there.
    """
    mated, non_mated = _check_scores("mated", mated), _check_scores("non_mated", non_mated)
    check_number("prior_ratio", prior_ratio, 0, LARGEST)
    check_number("bins", bins, 1, 1_000_000, integer=True)
    edges = _edges(np.concatenate([mated, non_mated]), bins)
    one, two = (np.histogram(scores, edges)[0] / len(scores) for scores in (mated, non_mated))
    mass = prior_ratio * one + two  # (B,)
    posterior = np.divide(prior_ratio * one, mass, out=np.zeros(bins), where=mass > 0)
    local = np.maximum(2 * posterior - 1, 0)
    return Linkability(edges, local, float(one @ local))


def _edges(scores, bins):
    try:
        return np.histogram_bin_edges(scores, bins)
    except ValueError:  # no number is between them
        raise ValueError(f"bins must be fewer for scores so near each other, got {bins}") from None


def _check_scores(name, scores):
    return check_numbers(name, scores, ("N",)).astype(np.float64)
