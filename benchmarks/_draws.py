"""Intervals over people: every person is drawn with replacement, and takes all their pairs along.

A genuine pair then counts as often as its person was drawn, an impostor pair as often as the one
person times the other (Bolle, Ratha and Pankanti, 2004). All systems see the same draws, so that
the difference of two of them is a paired one.
"""

import numpy as np

from facebook_tut.evaluation.people import _drawn

ROUNDS, SEED = 1000, 0
DIGITS = 4


def draws(people, rounds=None, seed=SEED):
    """Return the draws of `evaluation.draw_people`; several numbers may be the seed."""
    return _drawn(np.random.default_rng(seed), people, rounds or ROUNDS)


def weights(drawn, left, right):
    """Return how often each pair counts in a round: those of one person by the first power."""
    return drawn[left] * np.where(left == right, 1, drawn[right])


def interval(values, digits=DIGITS):
    """Return the limits between which 95 % of the values lie."""
    return np.quantile(values, [0.025, 0.975]).round(digits).tolist()


def estimate(value, values, digits=DIGITS):
    """Return a value and its interval, as a record has them."""
    return {"value": round(float(value), digits), "interval": interval(values, digits)}


def spread(values, digits=4):
    """Return the first value, and of the others the interval, all to so many significant digits."""
    low, high = np.quantile(values[1:], (0.025, 0.975))
    value, low, high = (float(f"{one:.{digits}g}") for one in (values[0], low, high))
    return {"value": value, "interval": [low, high]}


def difference(one, other):
    """Return by how much one estimate is above another; each is (value, values of the draws)."""
    return estimate(one[0] - other[0], one[1] - other[1])


def accuracy(right, same, left, right_person, drawn):
    """Return the accuracy over draws of people, genuine and impostor pairs weighing alike.

    Parameters
    ----------
    right, same : ndarray, (N,), bool
        Whether the answer to a pair is right, and whether the pair is genuine.
    left, right_person : ndarray, (N,), int
        The people of both sides.
    drawn : ndarray, (rounds, P), int
        Of `draws`.

    Returns
    -------
    ndarray, (rounds,), float
        Fewer where a draw leaves out one kind of pair, which is the same for all systems.
    """
    values, kinds = [], (same, ~same)
    for one in drawn:
        times = weights(one, left, right_person)
        if all(times[kind].any() for kind in kinds):
            shares = [(times * right)[kind].sum() / times[kind].sum() for kind in kinds]
            values.append(np.mean(shares))
    return np.array(values)


class Ranked:
    """The scores of all pairs, sorted once, so that many draws can be asked quickly.

    Parameters
    ----------
    person : ndarray, (N,), int
        Whose each photograph is, from 0.
    left, right, same
        Of `lfw.people.all_pairs`.
    scores : ndarray, (K,), float
        Of the pairs.
    most : float
        The largest FMR that is asked for.
    """

    def __init__(self, person, left, right, same, scores, most=0.01):
        self.photos = np.bincount(person)  # of each person
        self.genuine = np.sort(scores[same])
        order = np.argsort(scores[same], kind="stable")
        self.whose = person[left[same]][order]
        strangers = np.flatnonzero(~same)
        top = min(len(strangers), int(5 * most * len(strangers)) + 100)
        top = strangers[np.argpartition(-scores[strangers], top - 1)[:top]]
        top = top[np.argsort(-scores[top], kind="stable")]
        self.impostor, self.sides = scores[top], (person[left[top]], person[right[top]])

    def tar(self, drawn, far):
        """Return the share of genuine pairs accepted where a share `far` of impostors is.

        Parameters
        ----------
        drawn : ndarray, (rounds, P), int
            Of `draws`.
        far : float
            At most `most`.

        Returns
        -------
        tar, threshold : ndarray, (rounds,), float
        """
        found = []
        for one in drawn:
            mass = one * self.photos
            total = (mass.sum() ** 2 - (mass**2).sum()) / 2  # impostor pairs of this draw
            times = np.cumsum(one[self.sides[0]] * one[self.sides[1]])
            threshold = self.impostor[max(0, np.searchsorted(times, far * total, "right") - 1)]
            accepted = one[self.whose] * (self.genuine >= threshold)
            found.append((accepted.sum() / one[self.whose].sum(), threshold))
        return tuple(np.array(found).T)


def rates(scores, threshold, drawn):
    """Return TAR and FMR of people's first photographs with people's second ones, and their draws.

    Parameters
    ----------
    scores : ndarray, (P, P), float
        On the diagonal is each person with themselves.
    threshold : float
        The lowest score that is accepted.
    drawn : ndarray, (rounds, P), int
        Of `draws`.

    Returns
    -------
    tar, fmr : tuple
        A value and those of the draws, (rounds,).
    """
    accepted = scores >= threshold
    own, others = np.diag(accepted), accepted & ~np.eye(len(scores), dtype=bool)
    drawn = np.vstack([np.ones_like(drawn[:1]), drawn]).astype(float)
    tar = drawn @ own / drawn.sum(1)
    pairs = drawn.sum(1) ** 2 - (drawn**2).sum(1)
    fmr = np.einsum("rp,pq,rq->r", drawn, others.astype(float), drawn, optimize=True) / pairs
    return (tar[0], tar[1:]), (fmr[0], fmr[1:])
