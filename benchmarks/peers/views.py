"""LFW's pairs of View 1 and View 2, the threshold of each fold chosen on the others."""

import json

import numpy as np
from _draws import accuracy, draws, estimate
from _record import RECORDED
from lfw.protocol import measure

from peers.rows import COMPARED, Rows, differences

SIDES = ("left", "right")


def view_2(system, experiments, seen):
    """Return the embeddings of View 2's photographs; those that View 1 has are not made anew."""
    wanted = dict.fromkeys(photo for one in experiments for photo in one.pairs.photos)
    rest = [photo for photo in wanted if photo not in seen.row]  # fold by fold
    rows = [seen.rows, system.rows(rest)] if rest else [seen.rows]
    return Rows([*seen.photos, *rest], np.concatenate(rows))


def measure_view(view, experiments, seen):
    """Return the accuracy of the systems on a view's pairs, and paired differences."""
    left, right, same, folds = pairs_of(experiments)
    scores = recorded_scores(view, same, folds)
    for name, rows in seen.items():
        scores[name] = np.sum(rows.of(left) * rows.of(right), axis=1)
    return judge_pairs(experiments, scores)


def pairs_of(experiments):
    """Return the pairs of experiments: photographs left and right, same or not, and folds."""
    left, right = ([p for one in experiments for p in getattr(one.pairs, s)] for s in SIDES)
    same = np.concatenate([one.pairs.same for one in experiments])
    return left, right, same, np.concatenate([one.folds for one in experiments])


def judge_pairs(experiments, scores, compared=COMPARED):
    """Return the accuracy of several scores of the same pairs, and paired differences.

    Parameters
    ----------
    experiments : list of Experiment
        Of `plan`.
    scores : dict of str to ndarray, (N,)
        By system.
    compared : sequence of (str, str)
        Which system with which.
    """
    left, right, same, folds = pairs_of(experiments)
    names = [photo.name for photo in [*left, *right]]
    sides = np.unique(names, return_inverse=True)[1].reshape(2, -1)
    drawn, found, values = draws(sides.max() + 1), {}, {}
    for name, own in scores.items():
        result = measure(same, own, folds)
        limits = np.array(result["fold_thresholds"])[np.unique(folds, return_inverse=True)[1]]
        right_answers = (own >= limits) == same
        values[name] = result["mean"], accuracy(right_answers, same, *sides, drawn)
        chosen = ("standard_error", "equal_error_rate", "auc", "tar_at_far")
        chosen = {key: result[key] for key in chosen}
        found[name] = {"accuracy": estimate(*values[name]), **chosen}
    less = differences(values, compared)
    return {"pairs": len(same), "systems": found, "accuracy_differences": less}


def recorded_scores(view, same, folds):
    """Return the scores of Fisher vectors and eigenfaces that `python benchmarks/lfw` recorded."""
    path = RECORDED / f"lfw_view{view}.json"
    pairs = json.loads(path.read_text(encoding="utf-8"))["pairs"]
    if pairs["same"] != same.astype(int).tolist() or pairs["fold"] != folds.tolist():
        raise ValueError(f"{path} must hold the scores of these pairs; run benchmarks/lfw again")
    return {name: np.array(pairs[name]) for name in ("fisher", "eigenfaces")}
