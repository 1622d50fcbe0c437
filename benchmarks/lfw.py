"""Train an embedder on Labeled Faces in the Wild and nothing else, and measure it on unseen people.

View 1 is for choosing: the network learns from the people of `peopleDevTrain.txt` and is measured
on the 1,000 pairs of `pairsDevTest.txt`. The scores of its own people would set the threshold too
high, so the threshold of each tenth of those pairs comes from the other nine tenths.

View 2 is for reporting: 6,000 pairs in ten folds, no person in two. Every fold is scored by a
network that saw nobody of it, and its threshold comes from the other nine folds. `--trainings 10`
leaves out one fold at a time; `--trainings 2` trains on five folds and scores the other five.

Beside the network stand eigenfaces (Turk and Pentland, 1991): 150 principal components of the same
training people's images, whitened, compared by cosine. Their crop is tighter, without hair and
background, which serves them better in View 1.

Every epoch is kept in a checkpoint. A run that was interrupted goes on from it when the same
command is given again, and ends with the same numbers. Trained networks are kept beside it.

    python benchmarks/lfw.py --view 1 --data folder/with/lfw
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from machine import describe, positive, write
from sklearn.decomposition import PCA

from facebook_tut import evaluation
from facebook_tut._files import check_writable, replacing
from facebook_tut.data.lfw import FACE_BOX, FOLDS, Pairs, load_lfw, photos_of
from facebook_tut.metric_learning import embed, fit_embedder
from facebook_tut.models import build_embedder, save_model
from facebook_tut.preprocessing import grayscale
from facebook_tut.training import set_seed

HERE = Path(__file__).resolve().parent
COMPONENTS = 150
EIGENFACES_BOX, EIGENFACES_SIZE = (0.32, 0.34, 0.72, 0.66), 40
FARS = (0.1, 0.01, 0.001)
POINTS = 200  # of a ROC curve, at most


def main():
    """Train, measure, print and record."""
    arguments = parse()
    output = arguments.output or HERE / "results" / f"lfw_view{arguments.view}.json"
    check_writable(output, overwrite=True)
    data = load_lfw(arguments.data)
    experiments = plan(data, arguments.view, arguments.trainings)
    results = [run(data, experiment, arguments) for experiment in experiments]
    record = summarise(experiments, results)
    print(table(record))
    apart = ("view", "trainings", "data", "output", "checkpoints")
    recipe = {name: value for name, value in vars(arguments).items() if name not in apart}
    about = {
        "view": arguments.view,
        "protocol": " ".join(__doc__.split("\n\n")[arguments.view].split()),
        "recipe": {**recipe, "box": FACE_BOX},
        "eigenfaces_recipe": {
            "components": COMPONENTS,
            "box": EIGENFACES_BOX,
            "size": EIGENFACES_SIZE,
        },
        "data_fingerprint": data.fingerprint,
    }
    write({**describe("scikit-learn", "pillow"), **about, **record}, output)


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--view", type=int, choices=(1, 2), required=True, help="1 for choosing, 2 for reporting")
    add("--data", type=Path, help="the folder of LFW (default: as data.lfw.load_lfw finds it)")
    add("--trainings", type=int, choices=(2, 10), default=10, help="of View 2 (default 10)")
    add("--epochs", type=positive, default=20, help="of each training (default 20)")
    add("--batch-size", type=positive, default=64, help="images per step (default 64)")
    add("--dimensions", type=positive, default=128, help="of an embedding (default 128)")
    add("--learning-rate", type=float, default=2e-3, help="the largest (default 0.002)")
    add("--scale", type=float, default=16.0, help="s of the loss (default 16)")
    add("--margin", type=float, default=0.2, help="m of the loss (default 0.2)")
    add("--loss", choices=("softmax", "cosface", "arcface"), default="cosface", help="(cosface)")
    add("--size", type=positive, default=64, help="edge of the images in pixels (default 64)")
    add("--seed", type=int, default=0, help="of everything that is drawn (default 0)")
    add("--output", type=Path, help="the JSON file (default: results/lfw_viewN.json)")
    add("--checkpoints", type=Path, default=HERE / "checkpoints", help="folder of the checkpoints")
    return parser.parse_args()


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
    """

    name: str
    people: dict
    pairs: Pairs
    folds: np.ndarray


def plan(data, view, trainings):
    """Return the experiments of a view."""
    if view == 1:
        pairs = data.pairs("view1/test")
        half = len(pairs) // 2  # genuine first, then impostor, each in the order of the alphabet
        tenths = np.arange(half) * len(FOLDS) // half + 1
        return [Experiment("view1", data.people("view1/train"), pairs, np.tile(tenths, 2))]
    experiments = []
    for group in np.array_split(FOLDS, trainings):
        parts = [data.pairs(f"view2/{fold}") for fold in group]
        left = [photo for part in parts for photo in part.left]
        right = [photo for part in parts for photo in part.right]
        folds = np.repeat(group, [len(part) for part in parts])
        name = "view2_without_" + "_".join(map(str, group))
        people = data.training_people(group)
        experiments.append(Experiment(name, people, Pairs(left, right), folds))
    return experiments


def run(data, experiment, arguments):
    """Train on an experiment's people; return the scores of its pairs and how they came about."""
    pairs, photos = experiment.pairs, photos_of(experiment.people, at_least=2)
    evaluation.check_disjoint([*experiment.people], [photo.name for photo in pairs.photos])
    images, seen = data.images(photos, size=arguments.size), pairs.photos
    tests = data.images(seen, size=arguments.size)
    eigenfaces = pair_scores(whitened_components(data, photos, seen, arguments.seed), seen, pairs)

    def score(model):
        return pair_scores(embed(model, tests), seen, pairs)

    def accuracy(model):
        folds = experiment.folds
        return evaluation.cross_validated_accuracy(pairs.same, score(model), folds).mean

    names = [photo.name for photo in photos]
    watch = accuracy if arguments.view == 1 else None  # nothing is looked at in View 2
    model, history, seconds = train(experiment.name, images, names, watch, arguments)
    save_model(model, arguments.checkpoints / f"{experiment.name}.keras", overwrite=True)
    return {
        "name": experiment.name,
        "people": len(set(names)),
        "images": len(images),
        "parameters": model.count_params(),
        "epoch_seconds": seconds,
        "epoch_loss": np.round(history.loss, 4).tolist(),
        "epoch_accuracy": np.round(history.validation, 4).tolist(),
        "scores": {"network": score(model), "eigenfaces": eigenfaces},
    }


def train(name, images, names, watch, arguments):
    """Train, or go on training; return the network, its history and the seconds of every epoch."""
    arguments.checkpoints.mkdir(parents=True, exist_ok=True)
    note, seconds = stopwatch(arguments.checkpoints / f"{name}_seconds.json")
    set_seed(arguments.seed)
    model = build_embedder(arguments.dimensions, input_shape=(arguments.size, arguments.size, 3))
    history = fit_embedder(
        model,
        images,
        names,
        loss=arguments.loss,
        scale=arguments.scale,
        margin=arguments.margin,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
        validation=watch,
        after_epoch=note,
        checkpoint=arguments.checkpoints / f"{name}.npz",
    )
    return model, history, seconds


def stopwatch(path):
    """Return a function that notes after each epoch how long it took, and the list that it fills.

    The list is kept in a file, so that epochs before an interruption count.
    """
    seconds, last = json.loads(path.read_text()) if path.is_file() else [], [perf_counter()]

    def note(epoch, model):
        seconds[epoch - 1 :] = [round(perf_counter() - last[0], 1)]
        last[0] = perf_counter()
        with replacing(path, overwrite=True) as temporary:
            temporary.write_text(json.dumps(seconds))

    return note, seconds


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


def pair_scores(embeddings, photos, pairs):
    """Return the cosine of every pair of photographs, given the embedding of each photograph."""
    row = {photo: number for number, photo in enumerate(photos)}
    left, right = ([row[photo] for photo in side] for side in (pairs.left, pairs.right))
    return evaluation.pair_scores(embeddings[left], embeddings[right])


def summarise(experiments, results):
    """Return what all experiments together say."""
    same = np.concatenate([experiment.pairs.same for experiment in experiments])
    folds = np.concatenate([experiment.folds for experiment in experiments])
    scores = {
        kind: np.concatenate([result["scores"][kind] for result in results])
        for kind in ("network", "eigenfaces")
    }
    return {
        "parameters": results[0]["parameters"],
        "seconds": round(sum(sum(result["epoch_seconds"]) for result in results), 1),
        "trainings": [
            {k: v for k, v in result.items() if k not in ("scores", "parameters")}
            for result in results
        ],
        **{kind: measure(same, values, folds) for kind, values in scores.items()},
        "pairs": {
            "same": same.astype(int).tolist(),
            "fold": folds.tolist(),
            **{kind: values.round(4).tolist() for kind, values in scores.items()},
        },
    }


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


def table(record):
    """Return the record's numbers as lines of text."""
    lines = [f"{'':<12}{'accuracy':>18}{'95 % interval':>18}{'EER':>8}{'AUC':>8}"]
    for kind in ("eigenfaces", "network"):
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
