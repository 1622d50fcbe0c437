"""Learn from Labeled Faces in the Wild and nothing else, and be measured on people never seen.

View 1 is for choosing: what is measured learns from the people of `peopleDevTrain.txt` and meets
the 1,000 pairs of `pairsDevTest.txt`. The scores of its own people would set the threshold too
high, so the threshold of each tenth of those pairs comes from the other nine tenths.

View 2 is for reporting: 6,000 pairs in ten folds, no person in two. Every fold is scored by a
recogniser that saw nobody of it, and its threshold comes from the other nine folds. `--trainings
10` leaves out one fold at a time; `--trainings 2` learns from five folds and scores the other five.

Three methods can be measured: `fisher` (lfw_fisher.py), the strongest that we have found; `network`
(lfw_network.py), which learns all by itself; `student` (lfw_student.py), a network that the first
has taught, much quicker than its teacher. Beside each stand eigenfaces (Turk and Pentland, 1991):
150 principal components of the same training people's images, whitened, compared by cosine. Their
crop is tighter, without hair and background, which serves them better in View 1.

What takes long is kept in files: every epoch, every thousand Fisher vectors. A run that was
interrupted goes on from them when the same command is given again, and ends with the same numbers.
A network that trains on one core is a third quicker with `MALLOC_MMAP_MAX_=0` and
`MALLOC_TRIM_THRESHOLD_=536870912` in the environment: else glibc returns every large array to the
system and asks for it again.

    python benchmarks/lfw.py --view 1 --data folder/with/lfw
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import lfw_fisher
import lfw_network
import lfw_student
import numpy as np
from machine import RECORDED, command, describe, positive, write
from sklearn.decomposition import PCA

from facebook_tut import evaluation
from facebook_tut._files import check_writable, replacing
from facebook_tut.data.lfw import FOLDS, Pairs, load_lfw, photos_of
from facebook_tut.preprocessing import grayscale

HERE = Path(__file__).resolve().parent
METHODS = {"fisher": lfw_fisher, "network": lfw_network, "student": lfw_student}
COMPONENTS = 150
EIGENFACES_BOX, EIGENFACES_SIZE = (0.32, 0.34, 0.72, 0.66), 40
FARS = (0.1, 0.01, 0.001)
POINTS = 200  # of a ROC curve, at most
EXPERIMENTS = RECORDED / "lfw_experiments.csv"
COLUMNS = (
    *("changed", "expected", "accuracy", "standard_error", "low", "high", "auc"),
    *("seconds", "parameters", "date", "command"),
)


def main():
    """Train, measure, print and record."""
    arguments = parse()
    method = METHODS[arguments.method]
    output = arguments.output or RECORDED / default_name(arguments)
    check_writable(output, overwrite=True)
    arguments.checkpoints.mkdir(parents=True, exist_ok=True)
    data = load_lfw(arguments.data)
    experiments = plan(data, arguments.view, arguments.trainings)
    results = [run(data, experiment, method, arguments) for experiment in experiments]
    record = summarise(arguments.method, experiments, results)
    print(table(arguments.method, record))
    about = {
        "view": arguments.view,
        "method": arguments.method,
        "protocol": paragraph(__doc__, arguments.view) + " " + paragraph(method.__doc__, -1),
        "recipe": method.recipe(arguments),
        "eigenfaces_recipe": {
            "components": COMPONENTS,
            "box": EIGENFACES_BOX,
            "size": EIGENFACES_SIZE,
        },
        "data_fingerprint": data.fingerprint,
    }
    record = {**describe("scikit-learn", "scikit-image", "pillow"), **about, **record}
    write(record, output)
    if arguments.experiment:
        note(arguments.experiment, record)


def note(experiment, record):
    """Add a row to the table of experiments."""
    result = record[record["method"]]
    row = [*experiment, record["mean"], record["standard_error"], *result["wilson_interval"]]
    row += [result["auc"], record["seconds"], record["parameters"]]
    at = sys.argv.index("--experiment")
    row += [record["date"][:10], command(*sys.argv[:at], *sys.argv[at + 3 :])]
    rows = EXPERIMENTS.read_text(encoding="utf-8") if EXPERIMENTS.is_file() else ""
    with (
        replacing(EXPERIMENTS, overwrite=True) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        file.write(rows or ",".join(COLUMNS) + "\n")
        csv.writer(file, lineterminator="\n").writerow(row)


def default_name(arguments):
    """Return the name of the JSON file: that of the strongest method is short."""
    suffix = "" if arguments.method == "fisher" else f"_{arguments.method}"
    return f"lfw_view{arguments.view}{suffix}.json"


def paragraph(text, number):
    """Return a paragraph of a text on one line."""
    return " ".join(text.strip().split("\n\n")[number].split())


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--view", type=int, choices=(1, 2), required=True, help="1 for choosing, 2 for reporting")
    add("--data", type=Path, help="the folder of LFW (default: as data.lfw.load_lfw finds it)")
    add("--method", choices=METHODS, default="fisher", help="what is measured (default fisher)")
    add("--trainings", type=int, choices=(2, 10), default=10, help="of View 2 (default 10)")
    add(
        "--experiment",
        nargs=2,
        metavar=("CHANGED", "EXPECTED"),
        help=f"with View 1: add a row to {EXPERIMENTS.name}: what is new, and what it should bring",
    )
    add("--seed", type=int, default=0, help="of everything that is drawn (default 0)")
    add("--output", type=Path, help="the JSON file (default: in facebook_tut/recorded)")
    add("--checkpoints", type=Path, default=HERE / "checkpoints", help="folder of what is kept")
    fisher = parser.add_argument_group("fisher, and the teacher of student").add_argument
    fisher("--modes", type=positive, default=256, help="Gaussians of a mixture (default 256)")
    fisher("--components", type=positive, default=600, help="principal components (default 600)")
    fisher("--shrinkage", type=float, default=0.1, help="of PLDA (default 0.1)")
    fisher("--nearest", type=positive, default=100, help="strangers per face (default 100)")
    fisher("--colour", type=float, default=0.7, help="weight of colour beside shape (default 0.7)")
    network = parser.add_argument_group("network and student", defaults_of_networks()).add_argument
    network("--epochs", type=positive, help="of each training")
    network("--batch-size", type=positive, help="images per step")
    network("--dimensions", type=positive, help="of an embedding")
    network("--learning-rate", type=float, help="the largest")
    network("--scale", type=float, help="s of the loss")
    network("--margin", type=float, help="m of the loss")
    network("--loss", choices=("softmax", "cosface", "arcface"))
    network("--size", type=positive, help="edge of the images in pixels")
    network("--augment", choices=lfw_student.AUGMENT, help="how student's images are varied")
    arguments = parser.parse_args()
    if arguments.experiment and arguments.view != 1:
        parser.error("argument --experiment: choices are made on View 1 only")
    for name, value in getattr(METHODS[arguments.method], "DEFAULTS", {}).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    return arguments


def defaults_of_networks():
    """Return the defaults of both networks as text."""
    both = {name: METHODS[name].DEFAULTS for name in ("network", "student")}
    words = {name: ", ".join(f"{k} {v}" for k, v in each.items()) for name, each in both.items()}
    return "Defaults: " + "; ".join(f"{name}: {text}" for name, text in words.items())


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
    """

    name: str
    people: dict
    pairs: Pairs
    folds: np.ndarray
    group: Group


def plan(data, view, trainings):
    """Return the experiments of a view."""
    if view == 1:
        pairs, people = data.pairs("view1/test"), data.people("view1/train")
        half = len(pairs) // 2  # genuine first, then impostor, each in the order of the alphabet
        tenths = np.arange(half) * len(FOLDS) // half + 1
        group = Group("view1", people, [*photos_of(people), *pairs.photos])
        return [Experiment("view1", people, pairs, np.tile(tenths, 2), group)]
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


def run(data, experiment, method, arguments):
    """Train on an experiment's people; return the scores of its pairs and how they came about."""
    pairs = experiment.pairs
    evaluation.check_disjoint([*experiment.people], [photo.name for photo in pairs.photos])
    print(f"{experiment.name}: learning from {len(experiment.people):,} people", flush=True)
    scores, details = method.run(data, experiment, arguments)
    photos, seen = photos_of(experiment.people, at_least=2), pairs.photos
    components = whitened_components(data, photos, seen, arguments.seed)
    eigenfaces = evaluation.pair_scores(*(components[rows] for rows in pairs.rows(seen)))
    return {
        "name": experiment.name,
        **details,
        "scores": {arguments.method: scores, "eigenfaces": eigenfaces},
    }


def whitened_components(data, photos, tests, seed):
    """Return the coordinates of the photographs `tests` on the eigenfaces of `photos`."""
    known, new = (brightness(data, which) for which in (photos, tests))
    components = min(COMPONENTS, len(known) - 1)
    pca = PCA(components, whiten=True, svd_solver="randomized", random_state=seed)
    return pca.fit(known).transform(new)  # (N, 150), on `known` of unit variance


def brightness(data, photos):
    """Return the grey values of photographs, one row each, (N, H·W) float32."""
    images = data.images(photos, box=EIGENFACES_BOX, size=EIGENFACES_SIZE)
    return np.stack([grayscale(image).ravel().astype(np.float32) for image in images])


def summarise(method, experiments, results):
    """Return what all experiments together say of a method and of eigenfaces."""
    same = np.concatenate([experiment.pairs.same for experiment in experiments])
    folds = np.concatenate([experiment.folds for experiment in experiments])
    scores = {
        kind: np.concatenate([result["scores"][kind] for result in results])
        for kind in (method, "eigenfaces")
    }
    measured = {kind: measure(same, values, folds) for kind, values in scores.items()}
    return {
        "mean": measured[method]["mean"],
        "standard_error": measured[method]["standard_error"],
        "folds": measured[method]["fold_accuracies"],
        "parameters": results[0]["parameters"],
        "seconds": total_seconds(experiments, results),
        "trainings": [
            {k: v for k, v in result.items() if k not in ("scores", "parameters")}
            for result in results
        ],
        **measured,
        "pairs": {
            "same": same.astype(int).tolist(),
            "fold": folds.tolist(),
            **{kind: values.round(4).tolist() for kind, values in scores.items()},
        },
    }


def total_seconds(experiments, results):
    """Return the seconds of all trainings, and of the encodings that some of them shared."""
    shared = {
        experiment.group.name: result.get("encoding_seconds", 0)
        for experiment, result in zip(experiments, results, strict=True)
    }
    return round(sum(result["seconds"] for result in results) + sum(shared.values()), 1)


def measure(same, scores, folds):
    """Return the accuracy by folds and the rates at every threshold."""
    result = evaluation.cross_validated_accuracy(same, scores, folds)
    threshold = result.thresholds[np.unique(folds, return_inverse=True)[1]]  # of each pair
    right = evaluation.Proportion(int(((scores >= threshold) == same).sum()), len(same))
    curve = evaluation.roc(same, scores)
    kept = np.unique(np.linspace(0, len(curve.far) - 1, POINTS).round().astype(int))
    return {
        "mean": round(result.mean, 4),
        "standard_error": round(result.standard_error, 4),
        "right": right.successes,
        "wilson_interval": [round(bound, 4) for bound in right.interval()],
        "fold_accuracies": result.accuracies.round(4).tolist(),
        "fold_thresholds": result.thresholds.round(4).tolist(),
        "equal_error_rate": round(evaluation.equal_error_rate(same, scores), 4),
        "auc": round(curve.auc, 4),
        "tar_at_far": {
            str(far): round(evaluation.tar_at_far(same, scores, far).tar.value, 4)
            for far in FARS
            if far >= 3 / (~same).sum()  # fewer pairs establish no such rate
        },
        "roc": {"far": curve.far[kept].round(4).tolist(), "tar": curve.tar[kept].round(4).tolist()},
    }


def table(method, record):
    """Return the record's numbers as lines of text."""
    lines = [f"{'':<12}{'accuracy':>18}{'95 % interval':>18}{'EER':>8}{'AUC':>8}"]
    for kind in ("eigenfaces", method):
        result = record[kind]
        accuracy = f"{result['mean']:.4f} ± {result['standard_error']:.4f}"
        low, high = result["wilson_interval"]
        lines.append(
            f"{kind:<12}{accuracy:>18}{f'{low:.4f} to {high:.4f}':>18}"
            f"{result['equal_error_rate']:>8.4f}{result['auc']:>8.4f}"
        )
    lines.append(f"{record['parameters']:,} parameters, {record['seconds']:.0f} s of training")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
