"""What bad pictures and copies do on LFW's View 1, and what finds them.

The package's face embedder, and one that went on from it with most of its images spoiled (`python
benchmarks/lfw --method robust`), learned from the people of View 1's training list. Four questions:

- severity: the second photograph of each of View 1's 1,000 pairs is spoiled by each of
  `corruption.SEVERITIES`, in each step. Each network keeps the threshold that it has for a FAR of
  one in a thousand on clean photographs. Which genuine pairs are missed? The difference between
  the networks has an interval for which people are drawn again.
- mended: as severity, of little light only, if each picture is made as bright again as those of
  the training list are on average.
- rejection: half of the photographs of View 1's test people, up to three of each person, are
  spoiled at random. How does the share of missed genuine pairs fall, at the threshold for a FAR of
  one in a hundred, if the pairs of the lowest quality are turned away, by several measures?
- copies: which of all 13,233 photographs are the same picture, under one name or under two, and in
  which lists?

What is done is kept in a file for each part; a run that was interrupted goes on with the others.

    python benchmarks/lfw quality --data folder/with/lfw --camera camera.keras
"""

from functools import cache, partial
from pathlib import Path

import numpy as np
from _draws import estimate
from _record import CHECKPOINTS, kept, options, run

from facebook_tut import cleaning, evaluation, pretrained
from facebook_tut._progress import progress_bar
from facebook_tut.corruption import SEVERITIES, corrupt, corrupt_at_random
from facebook_tut.data.lfw import load_lfw, photos_of
from facebook_tut.metric_learning import embed
from facebook_tut.models import load_model
from facebook_tut.preprocessing import quality, set_brightness
from lfw.people import all_pairs, operating_points, rates, share, test_photos
from lfw.protocol import measure, plan

FAR, REJECT_FAR = 0.001, 0.01  # of the thresholds; at the second fewer pairs are missed anyway
REJECTED = [round(0.05 * step, 2) for step in range(11)]  # shares turned away
COMPARED, BEST = 0.2, "score of the picture"  # share at which measures are compared, and with what
SPOILED = 0.5  # of the photographs in which the measures of quality are compared
MENDABLE, KNOWN = "little light", 1000  # photographs whose brightness is the aim
WHOLE, EDGE = (0, 0, 1, 1), 64  # whole photographs, in which copies are looked for


def main(words=None):
    """Measure what is not done yet, print and record; `words` are the command line's."""
    parser = options(__doc__, "lfw_quality", data=True, kept=CHECKPOINTS / "quality")
    help_ = "the .keras file taught with spoiled images"
    parser.add_argument("--camera", type=Path, required=True, help=help_)
    run(parser.parse_args(words), answers, table, "scikit-image", "pillow")


def answers(arguments):
    """Return the answers to the four questions."""
    data = load_lfw(arguments.data)
    [experiment] = plan(data, view=1)
    networks = {"shipped": pretrained.load_embedder(), "camera": load_model(arguments.camera)}

    @cache
    def limit(name, far):  # several parts ask for it
        return threshold_of(data, experiment, networks[name], far)

    measured = partial(severity, data, experiment, networks, limit)
    parts = {
        "severity": lambda: measured(SEVERITIES),
        "mended": lambda: measured([MENDABLE], brighten(data, experiment)),
        "rejection": lambda: rejection(data, experiment, networks["shipped"], limit),
        "copies": lambda: copies(data),
    }
    found = {name: kept(arguments.checkpoints / f"{name}.json", parts[name]) for name in parts}
    return {"data_fingerprint": data.fingerprint, **found}


# Severity


def severity(data, experiment, networks, limit, chosen, mend=lambda images: images):
    """Return what each network gives on View 1's pairs, the second photograph spoiled."""
    pairs = experiment.pairs
    images = data.images(pairs.photos) / np.float32(255)
    left, right = pairs.rows(pairs.photos)
    probes, at = np.unique(right, return_inverse=True)
    thresholds = {name: limit(name, FAR) for name in networks}
    plain = {name: embed(network, images) for name, network in networks.items()}
    found = {name: {"threshold": thresholds[name], "kinds": {}} for name in networks}
    people = np.array([photo.name for photo in pairs.left])[pairs.same]
    for kind in progress_bar(chosen, unit="kind"):
        for network in found.values():
            network["kinds"][kind] = []
        for step in range(len(SEVERITIES[kind][1]) + 1):
            spoiled = np.stack([corrupt(images[p], kind, step, seed=int(p)) for p in probes])
            mended, missed = mend(spoiled.astype(np.float32)), {}
            for name, network in networks.items():
                other = embed(network, mended)[at]
                scores = evaluation.pair_scores(plain[name][left], other)
                missed[name] = scores[pairs.same] < thresholds[name]
                found[name]["kinds"][kind].append(
                    judge(pairs.same, scores, experiment.folds, thresholds[name])
                )
            found["camera"]["kinds"][kind][-1]["fewer_missed"] = fewer(*missed.values(), people)
    return found


def fewer(missed, missed_now, people):
    """Return which share of genuine pairs less is missed now, with an interval over people.

    The pairs are the same, so the difference is taken pair by pair; a person is drawn with all of
    their pairs, or not at all.
    """
    gained = missed.astype(float) - missed_now
    low, high = evaluation.bootstrap_people(lambda t: np.average(gained, weights=t), people)
    return {"value": round(float(gained.mean()), 5), "interval": [round(low, 5), round(high, 5)]}


def brighten(data, experiment):
    """Return a function that makes images as bright as training photographs are on average."""
    known = data.images(photos_of(experiment.people)[:KNOWN], progress=False)
    return partial(set_brightness, mean=float(known.mean() / 255))


def threshold_of(data, experiment, network, far):
    """Return the threshold for a FAR on all clean pairs of the test people."""
    photos = test_photos(data, experiment)
    embeddings = embed(network, data.images(photos))
    left, right, same = all_pairs(photos)
    scores = (embeddings @ embeddings.T)[left, right]
    return round(operating_points(same, scores)["operating_points"][str(far)]["threshold"], 4)


def judge(same, scores, folds, threshold):
    """Return the numbers of one step."""
    own = measure(same, scores, folds)
    chosen = {name: own[name] for name in ("mean", "standard_error", "auc")}
    return {**chosen, **rates(same, scores, threshold)}


# Rejection


def rejection(data, experiment, network, limit):
    """Return the curves of error against the share turned away, by several qualities."""
    photos, rng = test_photos(data, experiment), np.random.default_rng(0)
    clean = data.images(photos) / np.float32(255)
    spoiled = rng.random(len(photos)) < SPOILED
    images = np.stack(
        [
            corrupt_at_random(image, rng) if bad else image
            for image, bad in zip(clean, spoiled, strict=True)
        ]
    ).astype(np.float32)
    left, right, same = all_pairs(photos)
    left, right = left[same], right[same]  # genuine
    threshold = limit("shipped", REJECT_FAR)
    embeddings = embed(network, images)
    scores = evaluation.pair_scores(embeddings[left], embeddings[right])
    missed = scores < threshold
    worse = {
        name: np.minimum(values[left], values[right])
        for name, values in qualities(network, images).items()
    }
    worse["best possible"] = scores
    people = np.array([photo.name for photo in photos])[left]
    return {
        "threshold": threshold,
        "spoiled": int(spoiled.sum()),
        "measures": {
            name: curve(evaluation.error_versus_reject(missed, pair))
            for name, pair in worse.items()
        },
        "compared": compare(missed, worse, people),
    }


def compare(missed, qualities, people, rounds=1000):
    """Return how much less is missed of what is left, as each quality turns pairs away.

    Less than with nobody turned away, and less than as `BEST` does it. In each round people are
    drawn, with all their pairs, and everything is done anew.
    """
    person = np.unique(people, return_inverse=True)[1]
    rows = [np.flatnonzero(person == each) for each in range(person.max() + 1)]
    rng = np.random.default_rng(0)
    drawn = [np.arange(len(missed))]
    for _ in range(rounds):
        drawn.append(np.concatenate([rows[k] for k in rng.integers(len(rows), size=len(rows))]))
    before = np.array([missed[some].mean() for some in drawn])
    after = {
        name: np.array([left_over(missed[some], quality[some]) for some in drawn])
        for name, quality in qualities.items()
    }
    return {
        name: {
            "than nobody turned away": from_rounds(before - errors),
            f"than by {BEST}": from_rounds(after[BEST] - errors),
        }
        for name, errors in after.items()
    }


def left_over(missed, quality):
    """Return which share is missed of the pairs that are left, without those of low quality."""
    order = np.argsort(quality, kind="stable")
    return missed[order[round(COMPARED * len(order)) :]].mean()


def from_rounds(values):
    """Return the first value and, of the others, the interval."""
    return estimate(values[0], values[1:], digits=5)


def qualities(network, images):
    """Return several measures of quality of each image."""
    looks = [quality(image) for image in progress_bar(images, desc="quality")]
    once, mirrored = (embed(network, x, mirror=False) for x in (images, images[:, :, ::-1]))
    return {
        "drawn at random": np.random.default_rng(1).random(len(images)),
        "sharpness": np.array([look.sharpness for look in looks]),
        "score of the picture": np.array([look.score for look in looks]),
        "agreement with the mirror image": (once * mirrored).sum(axis=1),
        "stability of the embedding": cleaning.stability(network, images),
    }


def curve(found):
    """Return the error once each share was turned away, and its mean."""
    return {
        "mean_to_a_half": round(found.area(0.5), 4),
        "error": [share(found.at(rejected)) for rejected in REJECTED],
    }


# Copies


def copies(data):
    """Return how many pairs of photographs are one picture, and where."""
    lists = {part: set(data.people(part)) for part in ("view1/train", "view1/test")}
    photos = photos_of({**data.people("view1/train"), **data.people("view1/test")})
    images = data.images(photos, box=WHOLE, size=EDGE)
    names = np.array([photo.name for photo in photos])
    pairs = [names[row] for row in cleaning.near_duplicates(images)]
    across = [{name in lists["view1/test"] for name in pair} == {False, True} for pair in pairs]
    two = [len(set(pair)) == 2 for pair in pairs]
    return {
        "photographs": len(photos),
        "pairs": len(pairs),
        "under_two_names": sum(two),
        "in_training_and_test": sum(across),
    }


def table(record):
    """Return the record's numbers as lines of text."""
    lines = []
    measured = [
        (name, net) for part in ("severity", "mended") for name, net in record[part].items()
    ]
    for name, network in measured:
        lines.append(f"{name}, threshold {network['threshold']}: genuine pairs missed, by step")
        for kind, steps in network["kinds"].items():
            cells = "".join(f"{step['fnmr']['value']:7.3f}" for step in steps)
            lines.append(f"  {kind:<22}{cells}   accuracy {steps[-1]['mean']:.3f}")
    for name, one in record["rejection"]["measures"].items():
        some = [one["error"][REJECTED.index(rejected)]["value"] for rejected in (0, 0.2, 0.5)]
        cells = "".join(f"{value:7.3f}" for value in some)
        lines.append(f"  {name:<34}{cells}   mean {one['mean_to_a_half']:.3f}")
    return "\n".join([*lines, str(record["copies"])])
