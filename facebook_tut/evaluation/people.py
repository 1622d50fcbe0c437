"""Error rates on all pairs of photographs, and how sure they are: people are drawn, not pairs."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import (
    check_callable,
    check_names,
    check_number,
    check_numbers,
    check_seed,
)
from facebook_tut.evaluation.pairs import _unit

BLOCK = 1024  # photographs that are compared with all others at a time


@dataclass(frozen=True)
class PeopleShare:
    """A share of pairs, with an interval over people.

    Attributes
    ----------
    successes, trials : int
        Such as accepted pairs, of all pairs.
    low, high : float
        The interval.

    Examples
    --------
    >>> PeopleShare(3, 1000, 0.0011, 0.0074)
    0.0030 (0.0011 to 0.0074, 3 of 1000)
    """

    successes: int
    trials: int
    low: float
    high: float

    @property
    def value(self):
        """The share itself, from 0 to 1."""
        return self.successes / self.trials

    def __repr__(self):
        low, high = (f"{bound:.2g}" for bound in (self.low, self.high))
        return f"{self.value:.4f} ({low} to {high}, {self.successes} of {self.trials})"


@dataclass(frozen=True)
class PeopleRates:
    """The errors at a threshold on all pairs of photographs of some people.

    Attributes
    ----------
    threshold : float
        Pairs that score as much or more are accepted.
    people : int
        Whose photographs they are.
    fmr : PeopleShare
        Accepted impostor pairs, of all impostor pairs.
    fnmr : PeopleShare or None
        Rejected genuine pairs, of all genuine pairs; None if there is none.

    Examples
    --------
    >>> PeopleRates(0.5, 9, PeopleShare(1, 36, 0.01, 0.1), None).fmr.trials
    36
    """

    threshold: float
    people: int
    fmr: PeopleShare
    fnmr: PeopleShare | None


def people_rates(
    embeddings, identities, threshold, other=None, *, rounds=1000, seed=0, confidence=0.95
):
    """Return FMR and FNMR on all pairs of photographs, with intervals over people.

    A pair has two people. In each round as many people are drawn as there are, with replacement. A
    genuine pair then comes as often as its person was drawn, an impostor pair as often as the one
    times the other, as in `bootstrap`. Here all pairs are counted once, in a table of people by
    people; a round is then a product of matrices, however many pairs there are.

    Parameters
    ----------
    embeddings : array_like, (N, D), float
        One photograph a row; no row may be all zeros.
    identities : array_like, (N,)
        Who is in each; two people at least.
    threshold : float
        The lowest cosine that is accepted.
    other : array_like, (N, D), float, optional
        The same photographs in another condition. The pairs then have one side from each; a
        photograph is never compared with itself.
    rounds : int
        How many times people are drawn.
    seed : int
        The same draws for the same seed.
    confidence : float
        Of the intervals.

    Returns
    -------
    PeopleRates
        Where no pair is counted, or every pair, all rounds agree. The bound on that side is then
        that of the rule of 3, from as many pairs as have no person in common: half as many as
        there are people for the FMR, as many as have two photographs for the FNMR.

    Raises
    ------
    ValueError
        If there is one person only.

    References
    ----------
    Bolle, Ratha and Pankanti, "Error analysis of pattern recognition systems: the subsets
    bootstrap" (2004); Owen, "The pigeonhole bootstrap" (2007), by which such an interval is rather
    too wide than too narrow.

    Examples
    --------
    >>> rows = [[1, 0], [0.9, 0.1], [0, 1], [0.8, 0.6]]
    >>> found = people_rates(rows, ["Ann", "Ann", "Bo", "Cy"], threshold=0.7)
    >>> (found.fmr.successes, found.fmr.trials), (found.fnmr.successes, found.fnmr.trials)
    ((2, 5), (0, 1))
    """
    accepted, trials = _tables(embeddings, identities, threshold, other)
    check_number("rounds", rounds, 1, 1_000_000, integer=True)
    check_number("confidence", confidence, 0, 1)
    check_seed("seed", seed)
    drawn = _draws(trials, rounds, seed)  # (R, P)
    return _rates(accepted, trials, threshold, drawn, confidence, 2 if other is None else 1)


def _tables(embeddings, identities, threshold, other=None):
    """Return for each two people how many ordered pairs are accepted, and how many there are."""
    left, person = _checked(embeddings, identities)
    right = left
    if other is not None:
        right = _unit("other", check_numbers("other", other, left.shape).astype(float))
    threshold = check_number("threshold", threshold, -np.inf, np.inf)
    sizes = np.bincount(person).astype(float)
    accepted = _accepted(left, right, person, threshold)
    return accepted + accepted.T, 2 * (np.outer(sizes, sizes) - np.diag(sizes))


def _checked(embeddings, identities):
    """Return embeddings of length 1, and their people as numbers from 0."""
    rows = check_numbers("embeddings", embeddings, ("N", "D")).astype(float)
    names = check_names("identities", identities, len(rows), "photograph")
    person = np.unique(names, return_inverse=True)[1]
    if person.max() == 0:
        raise ValueError(f"identities must name two people or more, got {names[0]} alone")
    return _unit("embeddings", rows), person


def _accepted(left, right, person, threshold):
    """Count for each two people the pairs, left and right, that reach the threshold: (P, P)."""
    order = np.argsort(person, kind="stable")
    left, right, person = left[order], right[order], person[order]
    starts = np.flatnonzero(np.diff(person, prepend=-1))  # the first photograph of each person
    counted = np.zeros((len(starts), len(starts)))
    for start in range(0, len(left), BLOCK):
        reached = left[start : start + BLOCK] @ right.T >= threshold  # (B, N)
        rows = np.arange(len(reached))
        reached[rows, start + rows] = False  # a photograph and itself
        columns = np.add.reduceat(reached, starts, axis=1, dtype=float)  # (B, P)
        np.add.at(counted, person[start : start + BLOCK], columns)
    return counted


def draw_people(people, rounds=1000, seed=0, fits=None):
    """Draw people with replacement, as often as there are people, round after round.

    What a round says of a table of people by people is then a product of matrices. `people_rates`
    draws so, and the benchmarks. Systems that see the same draws are compared in pairs.

    Parameters
    ----------
    people : int
        How many there are.
    rounds : int
        How many times they are drawn.
    seed : int
        The same draws for the same seed.
    fits : callable, optional
        From draws, (R, P), to whether each is of use, (R,); those that are not are drawn again.

    Returns
    -------
    ndarray, (rounds, people), int
        How often each person comes in each round.

    References
    ----------
    Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 6.

    Examples
    --------
    >>> draw_people(4, rounds=2).sum(axis=1).tolist()
    [4, 4]
    """
    check_number("people", people, 1, 1_000_000_000, integer=True)
    check_number("rounds", rounds, 1, 1_000_000, integer=True)
    check_seed("seed", seed)
    if fits is not None:
        check_callable("fits", fits)
    return _drawn(np.random.default_rng(seed), people, rounds, fits)


def _drawn(rng, people, rounds, fits=None):
    """Return what `draw_people` returns."""
    found, left = [], rounds
    while left:
        drawn = rng.multinomial(people, np.full(people, 1 / people), size=left)
        found.append(drawn if fits is None else drawn[fits(drawn)])
        left -= len(found[-1])
    return np.concatenate(found)


def _draws(trials, rounds, seed):
    """Return how often each person comes in each round, (R, P); no round lacks a kind of pair."""
    own = np.diag(trials)

    def fits(drawn):
        two = (drawn > 0).sum(axis=1) > 1
        return two & (drawn @ own > 0) if own.any() else two

    return draw_people(len(trials), rounds, seed, fits).astype(float)


def _rates(accepted, trials, threshold, drawn, confidence, times):
    """Return the rates; each pair is `times` times in half of the tables."""
    people, own, own_trials = len(trials), np.diag(accepted), np.diag(trials)
    fmr = _share(
        *(_between(table).sum() for table in (accepted, trials)),
        _impostors(accepted, drawn) / _impostors(trials, drawn),
        (people // 2, confidence, 2 * times),
    )
    fnmr = None
    if own_trials.any():
        rejected = own_trials - own
        shares = (drawn @ rejected) / (drawn @ own_trials)
        independent = int((own_trials > 0).sum())
        fnmr = _share(
            rejected.sum(), own_trials.sum(), shares, (independent, confidence, 2 * times)
        )
    return PeopleRates(float(threshold), people, fmr, fnmr)


def _between(table):
    """Return a table of people by people without what is a person's own."""
    return table - np.diag(np.diag(table))


def _impostors(table, drawn):
    """Return how many impostor pairs each round has: (R,)."""
    return ((drawn @ _between(table)) * drawn).sum(axis=1)


def _share(successes, trials, shares, how):
    """Return a share with its interval; the rule of 3 bounds it where all rounds agree."""
    independent, confidence, times = how
    low, high = np.quantile(shares, [(1 - confidence) / 2, (1 + confidence) / 2])
    most = 1 - (1 - confidence) ** (1 / max(independent, 1))
    low = 1 - most if successes == trials else low
    high = most if successes == 0 else high
    return PeopleShare(round(successes / times), round(trials / times), float(low), float(high))
