"""The people of View 1's test list, whom no network of ours has met, and all pairs among them."""

import numpy as np

from facebook_tut import evaluation
from facebook_tut.data.lfw import photos_of

FARS = (0.01, 0.001, 0.0001)
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


def rates(same, scores, threshold):
    """Return the shares of genuine pairs rejected and impostor pairs accepted."""
    [found] = evaluation.group_rates(same, scores, np.zeros(len(same)), threshold)
    return {"fnmr": share(found.fnmr), "fmr": share(found.fmr)}


def share(proportion):
    """Return a proportion as numbers: its value, its 95 % interval and what was counted."""
    low, high = proportion.interval()
    return {
        "value": round(proportion.value, 5),
        "interval": [round(low, 5), round(high, 5)],
        "counted": [proportion.successes, proportion.trials],
    }
