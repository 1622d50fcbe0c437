"""Measure a method by LFW's protocol, with eigenfaces beside it."""

import csv
import sys

import numpy as np
from _record import CHECKPOINTS, RECORDED, command, describe, options, positive, write

from facebook_tut import evaluation
from facebook_tut._files import check_writable, replacing
from facebook_tut.data.lfw import load_lfw
from lfw import eigenfaces, fisher, network, recipe, robust, student
from lfw.protocol import measure, plan

METHODS = {"fisher": fisher, "network": network, "student": student, "robust": robust}
EXPERIMENTS = RECORDED / "lfw_experiments.csv"
SIDES = ("left", "right")
COLUMNS = (
    *("changed", "expected", "accuracy", "standard_error", "low", "high", "auc"),
    *("seconds", "parameters", "date", "command"),
)


def main(text, words):
    """Train, measure, print and record; `text` says what is done, `words` are the command line's.

    The record says by which protocol, in the paragraph of `text` on its view.
    """
    arguments = parse(text, words)
    method = METHODS[arguments.method]
    chosen = method.Recipe.of(vars(arguments))
    output = arguments.output or RECORDED / default_name(arguments.method, arguments.view)
    check_writable(output, overwrite=True)
    arguments.checkpoints.mkdir(parents=True, exist_ok=True)
    data = load_lfw(arguments.data)
    record = {
        **describe("scikit-learn", "scikit-image", "pillow"),
        "view": arguments.view,
        "method": arguments.method,
        "protocol": paragraph(text, arguments.view) + " " + paragraph(method.__doc__, -1),
        "recipe": chosen.record(),
        "eigenfaces_recipe": eigenfaces.RECIPE,
        "data_fingerprint": data.fingerprint,
    }
    experiments = plan(data, arguments.view, arguments.trainings)
    results = [
        run(data, experiment, arguments.method, chosen, arguments.checkpoints)
        for experiment in experiments
    ]
    record |= summarise(arguments.method, experiments, results)
    print(table(arguments.method, record))
    write(record, output)
    if arguments.experiment:
        note(arguments.experiment, record)


def parse(text, words):
    """Read the command line."""
    parser = options(text, None, data=True, kept=CHECKPOINTS)
    add = parser.add_argument
    add("--view", type=int, choices=(1, 2), required=True, help="1 for choosing, 2 for reporting")
    add("--method", choices=METHODS, default="fisher", help="what is measured (default fisher)")
    add("--trainings", type=int, choices=(2, 10), default=10, help="of View 2 (default 10)")
    add(
        "--experiment",
        nargs=2,
        metavar=("CHANGED", "EXPECTED"),
        help=f"with View 1: add a row to {EXPERIMENTS.name}: what is new, and what it should bring",
    )
    add("--seed", type=int, help="of everything that is drawn (default 0)")
    about = f"Defaults: {fisher.Recipe.defaults()}"
    add = parser.add_argument_group("fisher, and the teacher of student", about).add_argument
    add("--modes", type=positive, help="Gaussians of a mixture")
    add("--components", type=positive, help="principal components")
    add("--shrinkage", type=float, help="of PLDA")
    add("--nearest", type=positive, help="strangers per face")
    add("--colour", type=float, help="weight of colour beside shape")
    trained = ("network", "student", "robust")
    about = "; ".join(f"{name}: {METHODS[name].Recipe.defaults()}" for name in trained)
    add = parser.add_argument_group(", ".join(trained), f"Defaults: {about}").add_argument
    add("--epochs", type=positive, help="of each training")
    add("--batch-size", type=positive, help="images per step")
    add("--dimensions", type=positive, help="of an embedding")
    add("--learning-rate", type=float, help="the largest")
    add("--scale", type=float, help="s of the loss")
    add("--size", type=positive, help="edge of the images in pixels")
    add("--margin", type=float, help="m of network's loss")
    add("--loss", choices=recipe.LOSSES, help="of network")
    add("--augment", choices=recipe.AUGMENT, help="how student's images are varied")
    add("--start", help="the .keras file of student, as which robust begins")
    add("--apart", type=float, help="weight of robust's excess likeness")
    arguments = parser.parse_args(words)
    if arguments.experiment and arguments.view != 1:
        parser.error("argument --experiment: choices are made on View 1 only")
    return arguments


def default_name(method, view):
    """Return the name of the JSON file: that of the strongest method is short."""
    suffix = "" if method == "fisher" else f"_{method}"
    return f"lfw_view{view}{suffix}.json"


def paragraph(text, number):
    """Return a paragraph of a text on one line."""
    return " ".join(text.strip().split("\n\n")[number].split())


def run(data, experiment, name, chosen, kept):
    """Train on an experiment's people; return the scores of its pairs and how they came about."""
    names = [photo.name for photo in experiment.pairs.photos]
    evaluation.check_disjoint([*experiment.people], names)
    print(f"{experiment.name}: learning from {len(experiment.people):,} people", flush=True)
    scores, details = METHODS[name].run(data, experiment, chosen, kept)
    beside = eigenfaces.run(data, experiment, chosen.seed)
    return {"name": experiment.name, **details, "scores": {name: scores, "eigenfaces": beside}}


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
            **people_of([experiment.pairs for experiment in experiments]),
            **{kind: values.round(4).tolist() for kind, values in scores.items()},
        },
    }


def people_of(parts):
    """Return who is on either side of each pair, as numbers: names are nobody's business here."""
    names = [[photo.name for part in parts for photo in getattr(part, s)] for s in SIDES]
    left, right = np.unique(names, return_inverse=True)[1].reshape(2, -1)
    return {"left": left.tolist(), "right": right.tolist()}


def total_seconds(experiments, results):
    """Return the seconds of all trainings, and of the encodings that some of them shared."""
    shared = {
        experiment.group.name: result.get("encoding_seconds", 0)
        for experiment, result in zip(experiments, results, strict=True)
    }
    return round(sum(result["seconds"] for result in results) + sum(shared.values()), 1)


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
