"""The book's network against logistic regression on pixels, over ten splits of the patches.

Each seed of `data.patches.load_patches` holds out other faces and other photographs. On each split
the network is trained as in chapter 8, ten epochs of batches of 32, and scored on validation and
test images after every epoch. Two decisions are compared on the test images: take the last epoch,
or the one with the smallest loss on the validation images.

Overfitting is measured on equal terms: the last epoch's loss on each part, training images once and
as they were taken, as the mean of the faces' and the non-faces' loss, whatever their shares.

A row of the record is the mean over the splits. The splits share most of their images, so its
interval, and the test of the difference of two methods, are those of Nadeau and Bengio (2003), with
images counted by source: 44 test sources to 132 training sources. The intervals of a single split
resample its sources, faces and whole photographs, in place of patches.

    python benchmarks/ten_splits.py
"""

import numpy as np
from _record import options, positive, run
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from facebook_tut import models, training
from facebook_tut._backend import keras
from facebook_tut.data.patches import load_patches
from facebook_tut.evaluation import bootstrap_sources, confusion, mean_over_splits

CHAPTER = {"hard_per_photograph": 15, "random_per_photograph": 10, "copies": 2}
CHAPTERS_SPLIT = 0
BATCH_SIZE = 32
METHODS = ("network", "network, best epoch", "logistic regression")
MEASURES = ("accuracy", "faces found", "false alarms", "area under ROC", "loss")
PAIRS = (METHODS[::2], METHODS[1::-1])
PARTS = ("training", "validation", "test")
DIGITS = 4


def main():
    """Train on every split, compare, print and record."""
    parser = options(__doc__, "ten_splits")
    parser.add_argument("--splits", type=positive, default=10, help="how many (default 10)")
    parser.add_argument("--epochs", type=positive, default=10, help="of a training (default 10)")
    run(parser.parse_args(), compare, table, "scikit-learn")


def compare(arguments):
    """Return the figures of each split, their means, and the differences of methods."""
    found = [one_split(seed, arguments.epochs) for seed in range(arguments.splits)]
    ratio = found[0].pop("test to train")
    for split in found[1:]:
        split.pop("test to train")
    columns = {
        method: {name: [split["test"][method][name] for split in found] for name in MEASURES}
        for method in METHODS
    }
    return {
        "patches": CHAPTER,
        "epochs": arguments.epochs,
        "batch_size": BATCH_SIZE,
        "chapters_split": CHAPTERS_SPLIT,
        "test_to_train": round(ratio, DIGITS),
        "means": {m: _over_splits(columns[m], ratio) for m in METHODS},
        "differences": {
            f"{a} minus {b}": _over_splits(
                {n: np.subtract(columns[a][n], columns[b][n]) for n in MEASURES}, ratio
            )
            for a, b in PAIRS
        },
        "balanced loss": _over_splits(
            {part: [split["balanced loss"][part] for split in found] for part in PARTS}, ratio
        ),
        "splits": found,
    }


def _over_splits(columns, ratio):
    """Return mean, interval and p of each measure over the splits."""
    if len(next(iter(columns.values()))) < 2:
        return {name: {"mean": round(float(values[0]), DIGITS)} for name, values in columns.items()}
    found = {name: mean_over_splits(values, ratio) for name, values in columns.items()}
    return {
        name: {field: round(value, DIGITS) for field, value in vars(result).items()}
        for name, result in found.items()
    }


def one_split(seed, epochs):
    """Train both methods on one split and return their figures on validation and test images."""
    splits = load_patches(seed, **CHAPTER)
    parts = {
        "training": load_patches(seed, **CHAPTER | {"copies": 0}).train,
        "validation": splits.validation,
        "test": splits.test,
    }
    curves = train_network(splits, parts, epochs)  # scores after every epoch, by the part's name
    best = int(np.argmin([log_loss(splits.validation.labels, s) for s in curves["validation"]]))
    baseline = train_baseline(splits.train)
    result = {"seed": seed, "best epoch": best + 1}
    for name in ("validation", "test"):
        split, last, chosen = getattr(splits, name), curves[name][-1], curves[name][best]
        scores = dict(zip(METHODS, (last, chosen, baseline(split.images)), strict=True))
        result[name] = {method: measure(split, each) for method, each in scores.items()}
    result["photographs"] = by_photograph(splits.test, scores)
    result["epoch by epoch"] = {
        f"{name} loss": [
            round(float(log_loss(parts[name].labels, s)), DIGITS) for s in curves[name]
        ]
        for name in PARTS[1:]
    }
    result["balanced loss"] = {
        name: round(balanced_loss(part.labels, curves[name][-1]), DIGITS)
        for name, part in parts.items()
    }
    result["test to train"] = len(set(splits.test.sources)) / len(set(splits.train.sources))
    print(seed, {m: result["test"][m]["accuracy"] for m in METHODS}, flush=True)
    return result


def balanced_loss(labels, scores):
    """Return the mean of the faces' and of the non-faces' cross-entropy, in nats."""
    faces = np.mean(labels)
    weights = np.where(labels, 1 / faces, 1 / (1 - faces))
    return float(log_loss(labels, scores, sample_weight=weights))


def train_network(splits, parts, epochs):
    """Train the book's network as the chapter does; return its scores on parts, epoch by epoch."""
    training.set_seed(0)
    model, watch = models.build_classifier(), Scores(parts)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    images, labels = splits.train.images, splits.train.labels
    model.fit(images, labels, batch_size=BATCH_SIZE, epochs=epochs, callbacks=[watch], verbose=0)
    return watch.scores


class Scores(keras.callbacks.Callback):
    """Keep the network's probabilities on some data sets after every epoch."""

    def __init__(self, datasets):
        super().__init__()
        self.datasets = datasets
        self.scores = {name: [] for name in datasets}

    def on_epoch_end(self, epoch, logs=None):
        """Predict."""
        for name, dataset in self.datasets.items():
            answers = self.model(dataset.images, training=False)  # (N, 1)
            self.scores[name].append(np.array(answers)[:, 0].astype(float))


def train_baseline(train):
    """Train logistic regression on the pixels; return the function that scores images."""

    def pixels(images):
        return images[..., 0].reshape(len(images), -1)  # the three channels are equal

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    model.fit(pixels(train.images), train.labels)
    return lambda images: model.predict_proba(pixels(images))[:, 1]


def measure(split, scores):
    """Return a method's figures on one split, and the accuracy's interval by resampled sources."""
    counts = confusion(split.labels, scores)
    values = (
        counts.accuracy.value,
        counts.recall.value,
        counts.false_positive_rate.value,
        roc_auc_score(split.labels, scores),
        log_loss(split.labels, scores),
    )
    found = {
        name: round(float(value), DIGITS) for name, value in zip(MEASURES, values, strict=True)
    }
    interval = bootstrap_sources(_accuracy, split.labels, scores, split.sources)
    found["accuracy by source"] = [round(end, DIGITS) for end in interval]
    found["accuracy by patch"] = [round(end, DIGITS) for end in counts.accuracy.interval()]
    return found


def _accuracy(labels, scores):
    return np.mean((scores >= 0.5) == (labels == 1))


def by_photograph(split, scores):
    """Return how many patches each photograph has, and how many of them each method calls a face.

    Returns
    -------
    dict of str to list of int
        The number of patches, then the false alarms of each of `METHODS`.
    """
    names = [s for s in np.unique(split.sources) if not s.startswith(("face ", "non-face "))]
    return {
        str(name): [
            int((split.sources == name).sum()),
            *(int((scores[m][split.sources == name] >= 0.5).sum()) for m in METHODS),
        ]
        for name in names
    }


def table(record):
    """Return the means over the splits and the differences, as Markdown."""
    lines = [f"| | {' | '.join(MEASURES)} |", f"| --- |{' --- |' * len(MEASURES)}"]
    for part in ("means", "differences"):
        for name, found in record[part].items():
            cells = [_cell(found[m], part == "differences") for m in MEASURES]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    losses = (f"{part} {_cell(found, False)}" for part, found in record["balanced loss"].items())
    lines.append(f"\nbalanced loss: {', '.join(losses)}")
    return "\n".join(lines)


def _cell(found, tested):
    if "low" not in found:  # one split has no interval
        return f"{found['mean']:.3f}"
    p = f", p = {found['p']:.2f}" if tested else ""
    return f"{found['mean']:.3f} ({found['low']:.3f} to {found['high']:.3f}{p})"


if __name__ == "__main__":
    main()
