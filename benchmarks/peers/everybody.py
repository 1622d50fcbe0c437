"""All pairs among the first three photographs of each person of View 1's test list.

The threshold of each system for an FMR of one in a thousand comes from there, for all that follows.
"""

import numpy as np
from _draws import Ranked, draws, estimate
from lfw.people import all_pairs

from facebook_tut import evaluation
from peers.rows import FAR, Rows, differences

FARS = (0.01, 0.001, 0.0001)
DISTANCE = 0.6  # dlib's own threshold


def measure_all_pairs(seen, photos):
    """Return the operating points of each system on all pairs, and its threshold."""
    left, right, same = all_pairs(photos)
    person = np.unique([photo.name for photo in photos], return_inverse=True)[1]
    drawn, found, values = draws(person.max() + 1), {}, {}
    for name, rows in seen.items():
        scores = (rows.of(photos) @ rows.of(photos).T)[left, right]
        ranked, points = Ranked(person, left, right, same, scores, max(FARS)), {}
        for far in FARS:
            point = evaluation.tar_at_far(same, scores, far)
            tars, limits = ranked.tar(drawn, far)
            values[name, far] = point.tar.value, tars
            points[str(far)] = {
                "threshold": estimate(point.threshold, limits),
                "tar": estimate(point.tar.value, tars),
            }
        found[name] = {
            "auc": round(evaluation.roc(same, scores).auc, 4),
            "equal_error_rate": round(evaluation.equal_error_rate(same, scores), 4),
            "impostor_cosine": round(float(scores[~same].mean()), 4),
            "genuine_cosine": round(float(scores[same].mean()), 4),
            "operating_points": points,
        }
    pairs = {"genuine_pairs": int(same.sum()), "impostor_pairs": int((~same).sum())}
    sizes = {"people": int(person.max()) + 1, "photos": len(photos), **pairs}
    less = differences({name: values[name, FAR] for name in found})
    thresholds = {
        name: round(one["operating_points"][str(FAR)]["threshold"]["value"], 3)
        for name, one in found.items()
    }
    result = {**sizes, "systems": found, "tar_differences": less, "thresholds": thresholds}
    return result, thresholds


def measure_distance(dlib, photos, chosen):
    """Return what dlib's own rule gives, a distance of 0.6, and which cosine it amounts to."""
    rows = Rows(photos, dlib.descriptors(photos)).of(chosen).astype(float)
    left, right, same = all_pairs(chosen)
    lengths = np.linalg.norm(rows, axis=1)
    products = (rows @ rows.T)[left, right]
    squares = lengths[left] ** 2 + lengths[right] ** 2 - 2 * products
    distances, cosines = np.sqrt(squares.clip(0)), products / lengths[left] / lengths[right]
    near = np.argsort(np.abs(distances - DISTANCE))[: len(left) // 1000 + 1]
    return {
        "threshold": DISTANCE,
        "lengths": np.quantile(lengths, [0, 0.5, 1]).round(3).tolist(),
        "cosine": round(float(cosines[near].mean()), 3),
        "cosine_of_95_percent": np.quantile(cosines[near], [0.025, 0.975]).round(3).tolist(),
        "tar": round(float((distances[same] <= DISTANCE).mean()), 4),
        "fmr": round(float((distances[~same] <= DISTANCE).mean()), 5),
        "tar_at_fmr": round(evaluation.tar_at_far(same, -distances, FAR).tar.value, 4),
    }
