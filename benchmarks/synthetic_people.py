"""Measure what tells synthetic people apart, and how many faces a second one core draws.

    OPENBLAS_NUM_THREADS=1 python benchmarks/synthetic_people.py --rounds 15

Drawing runs on one core. The figure is that of the fastest round by the process' own clock, since
whatever else the machine does can only slow a round down.

What tells them apart is asked of pixels and of two networks, all on people whom no network has met:

- the equal error rate (EER) of pixels, each picture minus its mean, in colour and in grey: of the
  middle of the picture, and aligned by the true landmarks; and of the networks: the one of the
  book's chapter on embeddings, and a larger one that learns from more people;
- by dial, the R² of a ridge regression from embeddings to the dial, on people not used for the fit;
- the swap test: how often a genuine pair has a higher score than a pair of two people who differ in
  a part of their traits only (AUC; 0.5 is chance). The second picture of such a pair is the genuine
  one, drawn again with that part of somebody else.

Intervals are of 95 %, over people. With `--before`, an earlier record is kept beside the new one.
"""

import json
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from _draws import draws, estimate
from _machine import busy_seconds, others
from _record import options, positive, run
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from facebook_tut import evaluation
from facebook_tut._progress import progress_bar
from facebook_tut.alignment import align
from facebook_tut.data.synthetic import DIALS, PARTS, TRAITS, render_faces, sample_people
from facebook_tut.metric_learning import embed, fit_embedder
from facebook_tut.models import build_embedder
from facebook_tut.preprocessing import grayscale
from facebook_tut.training import set_seed

PEOPLE, IMAGES, SIZE = 40, 16, 64
TARGET = 2000  # images a second

DRAWN, CROP = 32, 24  # edge of a picture, and of the crop in its middle
TESTED, PICTURES = 300, 4  # people, and pictures of each
FITTED = 200  # of them, for the regressions
# People and pictures that a network learns from, its layout, and how it is trained.
NETWORKS = {
    "chapter": (
        (200, 8),
        {"filters": (16, 32), "blocks": (0, 1)},
        {"epochs": 4, "batch_size": 64, "learning_rate": 0.01, "augment": False},
    ),
    "larger": ((600, 8), {"filters": (16, 32, 64)}, {"epochs": 8}),
}
SWAPS = {
    **PARTS,
    "geometry": tuple(name for name in TRAITS if name not in PARTS["colours"]),
    "skin tone": ("skin tone",),
    "all traits": tuple(TRAITS),
}
READ = tuple(name for name, dial in DIALS.items() if dial.spread != "rare")
ROUNDS = 500  # of the bootstrap


def main():
    """Measure, print the figures and record them."""
    parser = options(__doc__, "synthetic_people")
    parser.add_argument("--rounds", type=positive, default=15, help="measurements (default 15)")
    parser.add_argument("--before", type=Path, help="an earlier record, to be kept in this one")
    run(parser.parse_args(), measure, table, "scikit-learn")


def measure(arguments):
    """Return the images a second of all rounds, and what tells people apart."""
    figures = {**speed(arguments.rounds), "identity": identity()}
    if arguments.before:
        before = json.loads(arguments.before.read_text("utf-8"))
        keys = ("date", "images_per_second", "median_images_per_second", "identity")
        figures["before"] = {key: before[key] for key in keys}
    return figures


def speed(rounds):
    """Return the images a second of all rounds."""
    sample_people(PEOPLE, IMAGES)  # warm up
    seeds = progress_bar(range(rounds), desc="measuring", unit="round")
    seconds, taken = zip(*map(draw, seeds), strict=True)
    rates = [round(PEOPLE * IMAGES / took) for took in seconds]
    return {
        "people": PEOPLE,
        "images_per_person": IMAGES,
        "size": SIZE,
        "target_images_per_second": TARGET,
        "images_per_second": max(rates),
        "median_images_per_second": sorted(rates)[len(rates) // 2],
        "cores_taken_by_others": round(sorted(taken)[len(taken) // 2], 3),
        "rounds": rates,
    }


def draw(seed):
    """Draw once; return the seconds on the processor, and the cores that others took."""
    busy, begin = busy_seconds(), process_time()
    wall = perf_counter()
    sample_people(PEOPLE, IMAGES, seed, size=SIZE)
    took = process_time() - begin
    return took, max(0.0, (busy_seconds() - busy - took) / (perf_counter() - wall))


# What tells people apart


def identity():
    """Return the EER of pixels, and what each network goes by."""
    test = sample_people(TESTED, PICTURES, seed=3, size=DRAWN)
    large = sample_people(TESTED, PICTURES, seed=3, size=2 * DRAWN)
    pairs = zip(large.images, large.landmarks, strict=True)
    views = {"middle": middle(test.images), "aligned": np.stack([align(*p, CROP) for p in pairs])}
    pixels = {}
    for name, crops in views.items():
        grey = np.stack([grayscale(crop) for crop in crops])
        pixels[f"{name}, colour"] = error(centred(crops), test.identities)
        pixels[f"{name}, grey"] = error(centred(grey), test.identities)
    networks = {name: judged(trained(*how), test) for name, how in NETWORKS.items()}
    return {"people": TESTED, "pictures": PICTURES, "pixels": pixels, "networks": networks}


def middle(images):
    """Return the middle of each picture."""
    part = slice((DRAWN - CROP) // 2, (DRAWN + CROP) // 2)
    return images[:, part, part]


def centred(crops):
    """Return every picture as a row, minus its mean."""
    rows = crops.reshape(len(crops), -1)
    return rows - rows.mean(axis=1, keepdims=True)


def trained(known, layout, how):
    """Return a network that learnt from synthetic people with the contrastive loss."""
    people = sample_people(*known, seed=1, size=DRAWN)
    set_seed(0)
    model = build_embedder(64, input_shape=(CROP, CROP, 3), dropout=0.0, **layout)
    crops = middle(people.images)
    options = {"loss": "contrastive", "seed": 0, "progress": False}
    fit_embedder(model, crops, people.identities, **options, **how)
    return model


def judged(model, test):
    """Return the EER of a network, and R² and AUC by dial and by part."""
    vectors = embed(model, middle(test.images))
    return {
        "eer": error(vectors, test.identities),
        "r2": {name: readable(vectors, test, name) for name in progress_bar(READ, desc="dials")},
        "swap_auc": {name: swapped(model, vectors, test, part) for name, part in SWAPS.items()},
    }


def error(vectors, who):
    """Return the EER of random pairs."""
    genuine = TESTED * PICTURES * (PICTURES - 1) // 2
    left, right, same = evaluation.sample_pairs(who, 2 * genuine)
    scores = evaluation.pair_scores(vectors[left], vectors[right])
    groups = np.column_stack([who[left], who[right]])
    return with_interval(evaluation.equal_error_rate, same, scores, groups)


def with_interval(statistic, same, scores, groups):
    """Return a statistic of pairs, with its interval over people."""
    value = round(float(statistic(same, scores)), 4)
    interval = evaluation.bootstrap(statistic, same, scores, groups, ROUNDS)
    return {"value": value, "interval": np.round(interval, 4).tolist()}


def readable(vectors, test, dial):
    """Return the R² of a regression from embeddings to a dial, on people not used for the fit."""
    target, known = test.attributes[dial].astype(float), test.identities < FITTED
    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-1, 4, 11)))
    model.fit(vectors[known], target[known])
    target = target[~known].reshape(-1, PICTURES)  # (people, pictures)
    missed = ((model.predict(vectors[~known]).reshape(target.shape) - target) ** 2).sum(1)

    def r2(times):
        mean = times @ target.mean(1) / times.sum()
        return 1 - times @ missed / (times @ ((target - mean) ** 2).sum(1))

    values = [r2(times) for times in draws(len(target), ROUNDS)]
    return estimate(r2(np.ones(len(target))), values)


def swapped(model, vectors, test, part):
    """Return the AUC of genuine pairs against pairs of people who differ in a part only."""
    first = np.arange(0, len(test), PICTURES)  # the picture that is enrolled
    later = np.setdiff1d(np.arange(len(test)), first)
    who, enrolled = test.identities[later], vectors[first]
    other = (who + 1) % TESTED
    dials = {name: values[later].copy() for name, values in test.attributes.items()}
    dials |= {name: test.attributes[name][first][other] for name in part}
    impostors = embed(model, middle(render_faces(dials, DRAWN)[0]))
    scores = [evaluation.pair_scores(enrolled[who], rows) for rows in (vectors[later], impostors)]
    groups = np.concatenate([np.column_stack([who, who]), np.column_stack([who, other])])
    same = np.repeat([1, 0], len(later))
    auc = lambda same, scores: evaluation.roc(same, scores).auc  # noqa: E731
    return with_interval(auc, same, np.concatenate(scores), groups)


# The table


def table(record):
    """Return the record's figures as lines of text."""
    lines = [
        f"{record['images_per_second']} images a second at {SIZE}×{SIZE}×3 on one core"
        f" (target {TARGET}; median round {record['median_images_per_second']})",
        others(record["cores_taken_by_others"]),
    ]
    now, before = record["identity"], record.get("before", {}).get("identity")
    columns = [flat(found) for found in (before, now) if found]
    for name in columns[-1]:
        cells = "  ".join(f"{column[name]:<20}" for column in columns)
        lines.append(f"{name:<34}{cells}".rstrip())
    return "\n".join(lines)


def flat(found):
    """Return the figures on identity by one name each, as text."""
    rows = {f"EER, pixels, {name}": value for name, value in found["pixels"].items()}
    for name, network in found["networks"].items():
        rows[f"EER, {name} network"] = network["eer"]
        for dial in TRAITS:
            rows[f"{name}, R², {dial}"] = network["r2"][dial]
        for part, value in network["swap_auc"].items():
            rows[f"{name}, swap, {part}"] = value
    return {
        name: f"{each['value']:.3f} ({each['interval'][0]:.3f}–{each['interval'][1]:.3f})"
        for name, each in rows.items()
    }


if __name__ == "__main__":
    main()
