"""1:N, who is it: the rank of the right person, and how often a stranger gets a name.

A *probe* is compared with every entry of a *gallery*. Scores are any real numbers, the higher the
more alike. A person may have several entries; the best one counts. Where another person scores the
same as the right one, the other comes first: a tie is no success.
"""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_names, check_numbers
from facebook_tut.evaluation._pairs import _accepted, _check_resolvable, _share
from facebook_tut.evaluation.classification import Proportion


def cmc(scores, probe_names, gallery_names):
    """Return the cumulative match characteristic: how often the right person is among the best k.

    The set is closed: everyone searched for is in the gallery. The rank of a probe is the number of
    people in the gallery whose best entry scores as much as the right person's or more, the right
    person included.

    Parameters
    ----------
    scores : array_like, (P, G), float
        Of each probe with each gallery entry; any finite numbers, higher for more alike.
    probe_names : array_like, (P,)
        Who each probe is.
    gallery_names : array_like, (G,)
        Who each entry is, perhaps several times.

    Returns
    -------
    ndarray, (K,), float
        The share of probes of rank 1, of rank 1 or 2, and so on to the number K of people in the
        gallery, where it is 1.

    Raises
    ------
    ValueError
        If a probe is of nobody in the gallery.

    References
    ----------
    Phillips, Grother and Micheals, "Evaluation methods in face recognition", in "Handbook of Face
    Recognition" (Li and Jain, 2011), on closed-set identification.

    Examples
    --------
    >>> scores = [[0.9, 0.2, 0.4], [0.5, 0.5, 0.7]]

    Ann is found first. Bo comes third, behind Cy and behind Ann, who has the same score.

    >>> cmc(scores, ["Ann", "Bo"], ["Ann", "Bo", "Cy"]).tolist()
    [0.5, 0.5, 1.0]
    """
    best, own = _compare_people(scores, probe_names, gallery_names)
    if (own < 0).any():
        stranger = np.asarray(probe_names)[own < 0][0]
        raise ValueError(
            f"probe_names must all be in gallery_names, {stranger} is not; see open_set"
        )
    rank = np.sum(best >= _pick(best, own)[:, None], axis=1)  # (P,), from 1
    return np.cumsum(np.bincount(rank, minlength=best.shape[1] + 1)[1:]) / len(best)


@dataclass(frozen=True, eq=False)
class OpenSet:
    """Errors of a search that may answer "nobody", at every threshold that matters.

    Attributes
    ----------
    thresholds : ndarray, (T,), float
        Infinity, then each distinct score at which a rate changes, falling.
    fpir : ndarray, (T,), float
        False positive identification rate: probes of nobody in the gallery that get a name, of all
        such probes. Rises from 0 to 1.
    dir : ndarray, (T,), float
        Detection and identification rate at rank 1: probes of people in the gallery that get the
        right name, of all such probes. Rises from 0 to the closed-set rate of rank 1.

    Examples
    --------
    >>> scores, names = [[0.9, 0.2], [0.4, 0.6], [0.7, 0.1]], ["Ann", "Bo", "Di"]
    >>> curve = open_set(scores, names, ["Ann", "Bo"])
    >>> curve.dir.tolist(), curve.fnir.tolist()
    ([0.0, 0.5, 0.5, 1.0], [1.0, 0.5, 0.5, 0.0])
    """

    thresholds: np.ndarray
    fpir: np.ndarray
    dir: np.ndarray

    @property
    def fnir(self):
        """False negative identification rate, 1 − DIR."""
        return 1 - self.dir


def open_set(scores, probe_names, gallery_names):
    """Return how often people are found, and strangers named, at every threshold.

    The set is open: a probe whose name is not in the gallery is *unmated*, and the right answer to
    it is "nobody". A probe gets the name of its best entry if that scores at least the threshold.

    Parameters
    ----------
    scores, probe_names, gallery_names
        As for `cmc`, but some probes, not all, are of nobody in the gallery.

    Returns
    -------
    OpenSet

    References
    ----------
    Phillips, Grother and Micheals, "Evaluation methods in face recognition", in "Handbook of Face
    Recognition" (Li and Jain, 2011), on open-set identification; the names FPIR and FNIR are those
    of ISO/IEC 19795-1.

    Examples
    --------
    >>> scores, names = [[0.9, 0.2], [0.4, 0.6], [0.7, 0.1]], ["Ann", "Bo", "Di"]

    Ann and Bo are in the gallery, Di is not but looks like Ann.

    >>> curve = open_set(scores, names, ["Ann", "Bo"])
    >>> for row in zip(curve.thresholds, curve.fpir, curve.dir): print(*row)
    inf 0.0 0.0
    0.9 0.0 0.5
    0.7 1.0 0.5
    0.6 1.0 1.0
    """
    return _curve(*_search(scores, probe_names, gallery_names))


@dataclass(frozen=True)
class OpenSetPoint:
    """What one threshold does to the probes at hand.

    Attributes
    ----------
    threshold : float
        A probe whose best entry scores as much or more gets its name.
    fpir : Proportion
        Probes of nobody in the gallery that get a name.
    dir : Proportion
        Probes of people in the gallery that get the right name.

    Examples
    --------
    >>> OpenSetPoint(0.6, fpir=Proportion(3, 300), dir=Proportion(19, 20))
    DIR 0.95 (95 % interval 0.76 to 0.99, 19 of 20) at FPIR 0.01 (3 of 300), threshold 0.6
    """

    threshold: float
    fpir: Proportion
    dir: Proportion

    def __repr__(self):
        return (
            f"DIR {self.dir} at FPIR {self.fpir.value:.2g}"
            f" ({self.fpir.successes} of {self.fpir.trials}), threshold {self.threshold:.3g}"
        )


def dir_at_fpir(scores, probe_names, gallery_names, fpir):
    """Return the detection and identification rate at an FPIR, if the data can support it.

    Of the thresholds of `open_set`, the smallest is taken whose measured FPIR is at most `fpir`.

    Parameters
    ----------
    scores, probe_names, gallery_names
        As for `open_set`.
    fpir : float
        At least 3 / (number of unmated probes), by the rule of 3: see `tar_at_far`.

    Returns
    -------
    OpenSetPoint
        Its Wilson intervals take the probes for independent: one picture of each person.

    Raises
    ------
    ValueError
        If `fpir` is too small for so few unmated probes.

    Examples
    --------
    >>> scores = [[0.9, 0.2], [0.4, 0.6], [0.7, 0.1], [0.3, 0.2], [0.1, 0.2], [0.1, 0.1]]
    >>> names = ["Ann", "Bo", "Di", "Ed", "Fay", "Gus"]
    >>> dir_at_fpir(scores, names, ["Ann", "Bo"], fpir=0.75)
    DIR 1.00 (95 % interval 0.34 to 1.00, 2 of 2) at FPIR 0.75 (3 of 4), threshold 0.2
    """
    mated, named = _search(scores, probe_names, gallery_names)
    _check_resolvable("fpir", fpir, int(np.sum(~mated)), "unmated probes")
    curve = _curve(mated, named)
    threshold = float(curve.thresholds[curve.fpir <= fpir][-1])
    return OpenSetPoint(
        threshold,
        fpir=_share(named[~mated] >= threshold),
        dir=_share(named[mated] >= threshold),
    )


def _search(scores, probe_names, gallery_names):
    """Return who is mated (P,), and up to which threshold each probe gets the name that counts.

    That is a wrong name for an unmated probe, the right one for a mated probe; −∞ means never.
    """
    best, own = _compare_people(scores, probe_names, gallery_names)
    mated = own >= 0
    if mated.all() or not mated.any():
        found = "all" if mated.all() else "none"
        raise ValueError(
            f"probe_names must hold people in gallery_names and people not in it, got {found} in it"
        )
    top = best.max(axis=1)
    first = np.sum(best >= _pick(best, own)[:, None], axis=1) == 1
    return mated, np.where(~mated | first, top, -np.inf)


def _curve(mated, named):
    """Return both rates at every score at which a name that counts is given."""
    ever = named > -np.inf
    thresholds, strangers, found = _accepted(mated[ever], named[ever])
    return OpenSet(thresholds, strangers / np.sum(~mated), found / np.sum(mated))


def _compare_people(scores, probe_names, gallery_names):
    """Return each probe's best score with each person (P, K), and the column of its own, or −1."""
    scores = check_numbers("scores", scores, ("P", "G"))
    probes = check_names("probe_names", probe_names, scores.shape[0], "row of scores")
    gallery = check_names("gallery_names", gallery_names, scores.shape[1], "column of scores")
    if (probes.dtype.kind == "U") != (gallery.dtype.kind == "U"):
        raise TypeError("probe_names and gallery_names must both be texts, or both numbers")
    order = np.argsort(gallery, kind="stable")
    people, starts = np.unique(gallery[order], return_index=True)
    best = np.maximum.reduceat(scores[:, order], starts, axis=1)
    own = np.minimum(np.searchsorted(people, probes), len(people) - 1)
    return best, np.where(people[own] == probes, own, -1)


def _pick(best, own):
    """Return the score of each probe with its own person (P,)."""
    return best[np.arange(len(best)), own]
