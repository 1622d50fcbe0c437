"""The people of View 1's test list, whom no network of ours has met, and all pairs among them."""

import numpy as np

from facebook_tut import evaluation
from facebook_tut.data.lfw import photos_of

FARS = (0.01, 0.001, 0.0001)
ROUNDS = 1000  # of a bootstrap over people
AT_MOST = 3  # photographs of a person, so that nobody outweighs the others


def test_photos(data, experiment, at_most=None):
    """Return the first photographs of each person of View 1's test list, whom nothing has met."""
    people = data.people("view1/test")
    evaluation.check_disjoint([*experiment.people], [*people])
    return [photo for photo in photos_of(people) if photo.number <= (at_most or AT_MOST)]


def all_pairs(photos):
    """Return the rows of all pairs of photographs, left and right, and whether they are genuine."""
    person = np.unique([photo.name for photo in photos], return_inverse=True)[1]
    left, right = np.triu_indices(len(photos), 1)
    return left, right, person[left] == person[right]


def rows_of(photos):
    """Return the rows of people with two photographs, (K, 2), and of people with one, (S,)."""
    rows = {}
    for row, photo in enumerate(photos):
        rows.setdefault(photo.name, []).append(row)
    both = [own for own in rows.values() if len(own) == 2]
    return np.array(both), np.array([own[0] for own in rows.values() if len(own) == 1])


def split(names):
    """Return the people in two halves by chance, those who choose and those who report."""
    people = np.random.default_rng(0).permutation(np.unique(names))
    return {"choosing": people[: len(people) // 2], "reporting": people[len(people) // 2 :]}


def draw(names, people, size, most, rng):
    """Return the rows of a stream: so many people, of each from one photograph to `most`."""
    rows = []
    for name in rng.choice(people, size, replace=False):
        own = rng.permutation(np.flatnonzero(names == name))
        rows.append(own[: rng.integers(1, min(most, len(own)) + 1)])
    return np.concatenate(rows)


def operating_points(same, scores):
    """Return what the scores of many pairs say, as numbers."""
    points = {far: evaluation.tar_at_far(same, scores, far) for far in FARS}
    return {
        "auc": round(evaluation.roc(same, scores).auc, 4),
        "operating_points": {str(far): describe_point(point) for far, point in points.items()},
    }


def describe_point(point):
    """Return an operating point as numbers."""
    return {
        "threshold": round(point.threshold, 4),
        "tar": share(point.tar),
        "far": share(point.far),
    }


def rates(same, scores, threshold, people=None):
    """Return the shares of genuine pairs rejected and impostor pairs accepted.

    With `people`, (N, 2), those of the two sides, each share has an interval `over_people`, for
    which they are drawn again.
    """
    [found] = evaluation.group_rates(same, scores, np.zeros(len(same)), threshold)
    described = {"fnmr": share(found.fnmr), "fmr": share(found.fmr)}
    if people is not None:
        over = over_people(same, scores < threshold, people)
        for one, interval in zip(described.values(), over, strict=True):
            one["over_people"] = interval
    return described


def over_people(same, rejected, people):
    """Return the intervals of FNMR and of FMR that people give when they are drawn again."""
    return [
        fnmr_over_people(same, rejected, people),
        resampled(lambda same, gone: 1 - np.mean(gone[~same]), same, rejected, people),
    ]


def resampled(statistic, same, rejected, people):
    """Return the interval of a rate over people."""
    interval = evaluation.bootstrap(statistic, same, rejected, people, rounds=ROUNDS)
    return [round(bound, 5) for bound in interval]


def fnmr_over_people(same, rejected, people):
    """Return the interval of the FNMR alone, which is quick however many impostor pairs there are.

    >>> same, people = np.array([True, True, False]), np.array([[0, 0], [1, 1], [0, 1]])
    >>> fnmr_over_people(same, np.array([True, True, False]), people)
    [1.0, 1.0]
    """
    few = same | (np.arange(len(same)) == np.argmin(same))  # one impostor pair, which it ignores
    return resampled(lambda same, gone: np.mean(gone[same]), same[few], rejected[few], people[few])


def fnmr_difference(rejected, groups, people):
    """Return how much higher the FNMR of one group is than another's.

    Parameters
    ----------
    rejected : ndarray, (N,), bool
        Of genuine pairs.
    groups : ndarray, (N,), int
        0 and 1 are compared; any other number is left out.
    people : ndarray, (N,)
        Whose pair it is: people are drawn again, with all their pairs in either group.
    """

    def difference(times):
        inside = [groups == g for g in (0, 1)]
        if not all(times[some].any() for some in inside):
            return None  # drawn again
        first, second = (np.average(rejected[some], weights=times[some]) for some in inside)
        return first - second

    over = evaluation.bootstrap_people(difference, people, rounds=ROUNDS)
    return {
        "value": round(float(difference(np.ones(len(rejected)))), 5),
        "over_people": [round(bound, 5) for bound in over],
    }


def share(proportion):
    """Return a proportion as numbers: its value, its 95 % interval and what was counted."""
    low, high = proportion.interval()
    return {
        "value": round(proportion.value, 5),
        "interval": [round(low, 5), round(high, 5)],
        "counted": [proportion.successes, proportion.trials],
    }
