"""The two views of Labeled Faces in the Wild: who learns, who is measured, by which threshold."""

from dataclasses import dataclass

import numpy as np

from facebook_tut import evaluation
from facebook_tut.data.lfw import FOLDS, Pairs, photos_of

FARS = (0.1, 0.01, 0.001)


@dataclass(frozen=True)
class Group:
    """Experiments that share what is learned without names.

    Attributes
    ----------
    name : str
        Also of what is kept.
    people : dict of str to int
        Whom it is learned from: nobody that any experiment of the group is measured on.
    photos : list of Photo
        All that the group's experiments look at.
    """

    name: str
    people: dict
    photos: list


@dataclass(frozen=True)
class Experiment:
    """One training and the pairs that it is measured on.

    Attributes
    ----------
    name : str
        Also of its checkpoint.
    people : dict of str to int
        Whom it learns from.
    pairs : Pairs
        Of other people.
    folds : ndarray, (N,), int
        The fold of each pair, for the choice of the thresholds.
    group : Group
        Which other experiments it may share work with.
    for_choosing : bool
        Whether its pairs may be looked at while it learns: those of View 1.
    """

    name: str
    people: dict
    pairs: Pairs
    folds: np.ndarray
    group: Group
    for_choosing: bool = False


def plan(data, view, trainings=10):
    """Return the experiments of a view; View 2 has so many trainings."""
    if view == 1:
        pairs, people = data.pairs("view1/test"), data.people("view1/train")
        half = len(pairs) // 2  # genuine first, then impostor, each in the order of the alphabet
        tenths = np.arange(half) * len(FOLDS) // half + 1
        group = Group("view1", people, [*photos_of(people), *pairs.photos])
        folds = np.tile(tenths, 2)
        return [Experiment("view1", people, pairs, folds, group, for_choosing=True)]
    photos, experiments = photos_of(data.training_people(())), []
    for half in np.split(np.array(FOLDS), 2):
        group = Group(without(half), data.training_people(half), photos)
        for folds in np.array_split(half, trainings // 2):
            experiments.append(leave_out(data, folds, group))
    return experiments


def leave_out(data, folds, group):
    """Return the experiment that is measured on some folds and learns from all others."""
    parts = [data.pairs(f"view2/{fold}") for fold in folds]
    left = [photo for part in parts for photo in part.left]
    right = [photo for part in parts for photo in part.right]
    fold = np.repeat(folds, [len(part) for part in parts])
    people = data.training_people(folds)
    return Experiment(without(folds), people, Pairs(left, right), fold, group)


def without(folds):
    """Return the name of what is learned without some folds of View 2."""
    return "view2_without_" + "_".join(map(str, folds))


def scores_of(pairs, embeddings):
    """Return the cosine of each pair from the embeddings of its photographs, in their order."""
    left, right = pairs.rows(pairs.photos)
    return evaluation.pair_scores(embeddings[left], embeddings[right])


def measure(same, scores, folds):
    """Return the accuracy by folds, and the rates that so many pairs establish."""
    result = evaluation.cross_validated_accuracy(same, scores, folds)
    threshold = result.thresholds[np.unique(folds, return_inverse=True)[1]]  # of each pair
    right = evaluation.Proportion(int(((scores >= threshold) == same).sum()), len(same))
    return {
        "mean": round(result.mean, 4),
        "standard_error": round(result.standard_error, 4),
        "right": right.successes,
        "wilson_interval": [round(bound, 4) for bound in right.interval()],
        "fold_accuracies": result.accuracies.round(4).tolist(),
        "fold_thresholds": result.thresholds.round(4).tolist(),
        "equal_error_rate": round(evaluation.equal_error_rate(same, scores), 4),
        "auc": round(evaluation.roc(same, scores).auc, 4),
        "tar_at_far": {
            str(far): round(evaluation.tar_at_far(same, scores, far).tar.value, 4)
            for far in FARS
            if far >= 3 / (~same).sum()  # fewer pairs establish no such rate
        },
    }
