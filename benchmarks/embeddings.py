"""Compare the five losses that teach embeddings, on drawn people whom no network has seen.

Every network has the layout of the book's chapter on embeddings and learns from the same pictures:
the middle of the drawn ones, not aligned. Only the loss and the seed differ. A validation group of
people sets the threshold of the accuracy and is measured after every epoch. A test group is
measured once, at the end. Intervals come from drawing the people of the test anew.

The last trainings have fewer people, with as many steps: the contrastive loss again, on a twentieth
and on a fifth of the people. Beside the networks stand, all compared by cosine, the pixels
themselves, each picture minus its mean; their principal components, whitened; and Fisherfaces
(Belhumeur, Hespanha and Kriegman, 1997), which learn from the same labels, but are linear.

    python benchmarks/embeddings.py
"""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from _record import options, positive, run
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline

from facebook_tut import evaluation
from facebook_tut._progress import progress_bar
from facebook_tut.data.synthetic import sample_people
from facebook_tut.metric_learning import MARGINS, embed, fit_embedder
from facebook_tut.models import build_embedder
from facebook_tut.training import set_seed

DRAWN, SIZE = 32, 24  # edge of a picture, and of the crop in its middle
DIMENSIONS, FILTERS = 64, (16, 32, 64)
FISHER = (250, 20)  # principal components, and how many directions of them
FEW = ("contrastive", (20, 5))  # trained again on a 20th and a 5th of the people
FARS = (0.01, 0.001)
ROUNDS = 500  # of the bootstrap


@dataclass(frozen=True)
class Group:
    """Pictures of people who are in no other group.

    Attributes
    ----------
    crops : ndarray, (N, SIZE, SIZE, 3), float32
        The middle of each picture.
    who : ndarray, (N,), int
        Who is on each.
    """

    crops: np.ndarray
    who: np.ndarray

    def first(self, people):
        """Return the group's first people."""
        return Group(self.crops[self.who < people], self.who[self.who < people])

    def scores(self, features):
        """Return random pairs, their scores, and who is on both sides of each."""
        vectors, counts = features(self.crops), np.bincount(self.who)
        genuine = int(np.sum(counts * (counts - 1)) // 2)
        left, right, same = evaluation.sample_pairs(self.who, 2 * genuine)
        scores = evaluation.pair_scores(vectors[left], vectors[right])
        return same, scores, np.column_stack([self.who[left], self.who[right]])


def main():
    """Train, measure, print and record."""
    parser = options(__doc__, "embeddings")
    add = parser.add_argument
    add("--people", type=positive, default=1000, help="who are learnt from (default 1000)")
    add("--pictures", type=positive, default=10, help="of each of them (default 10)")
    add("--epochs", type=positive, default=12, help="passes over the pictures (default 12)")
    add("--seeds", type=positive, default=3, help="trainings of each kind (default 3)")
    add("--tests", type=positive, default=300, help="who are tested (default 300)")
    run(parser.parse_args(), compare, table, "scikit-learn")


def compare(arguments):
    """Return how good the baselines and the networks are."""
    training = draw(arguments.people, arguments.pictures, seed=1)
    validation, test = draw(arguments.tests // 3, 6, seed=2), draw(arguments.tests, 6, seed=3)
    baselines = {
        "pixels": pixels,
        "principal components": principal_components(training),
        "Fisherfaces": fisherfaces(training),
    }
    plan = [(loss, 1, seed) for loss in MARGINS for seed in range(arguments.seeds)]
    plan += [(FEW[0], share, seed) for share in FEW[1] for seed in range(arguments.seeds)]
    return {
        "people": arguments.people,
        "pictures": arguments.pictures,
        "epochs": arguments.epochs,
        "test_people": arguments.tests,
        "test_pairs": len(test.scores(pixels)[0]),
        "baselines": {
            name: measure(features, validation, test) for name, features in baselines.items()
        },
        "trainings": [
            train(training, validation, test, *setting, arguments.epochs)
            for setting in progress_bar(plan, desc="training", unit="network")
        ],
    }


def draw(people, pictures, seed):
    """Return a group of people."""
    drawn = sample_people(people, pictures, seed=seed, size=DRAWN)
    middle = slice((DRAWN - SIZE) // 2, (DRAWN + SIZE) // 2)
    return Group(drawn.images[:, middle, middle], drawn.identities)


def pixels(crops):
    """Return every picture as a row, minus its mean."""
    rows = crops.reshape(len(crops), -1)
    return rows - rows.mean(axis=1, keepdims=True)


def principal_components(group):
    """Return a function from crops to as many whitened components as an embedding has numbers."""
    rows = group.crops.reshape(len(group.crops), -1)
    components = min(DIMENSIONS, len(rows) // 2)
    pca = PCA(components, whiten=True, svd_solver="randomized", random_state=0).fit(rows)
    return lambda crops: pca.transform(crops.reshape(len(crops), -1))


def fisherfaces(group):
    """Return a function from crops to the directions in which the people of a group differ."""
    rows = group.crops.reshape(len(group.crops), -1)
    components = min(FISHER[0], len(rows) // 2)
    directions = min(FISHER[1], components, len(np.unique(group.who)) - 1)
    pca = PCA(components, svd_solver="randomized", random_state=0)
    lda = LinearDiscriminantAnalysis("eigen", shrinkage=1e-3, n_components=directions)
    model = make_pipeline(pca, lda).fit(rows, group.who)
    return lambda crops: model.transform(crops.reshape(len(crops), -1))


def train(training, validation, test, loss, share, seed, epochs):
    """Train one network on a share of the people; return how good it is on others."""
    known = training.first(len(np.unique(training.who)) // share)

    def validation_eer(model):
        same, scores, _ = validation.scores(lambda crops: embed(model, crops))
        return evaluation.equal_error_rate(same, scores)

    set_seed(seed)
    model = build_embedder(
        DIMENSIONS, input_shape=(SIZE, SIZE, 3), filters=FILTERS, dropout=0, name="embedder"
    )
    begin = perf_counter()
    history = fit_embedder(
        model,
        known.crops,
        known.who,
        loss=loss,
        epochs=epochs * share,
        seed=seed,
        validation=validation_eer if share == 1 else None,
        progress=False,
    )
    return {
        "loss": loss,
        "people": len(np.unique(known.who)),
        "epochs": history.epochs,
        "seed": seed,
        "seconds": round(perf_counter() - begin, 1),
        "validation_eer": np.round(history.validation, 4).tolist(),
        **measure(lambda crops: embed(model, crops), validation, test),
    }


def measure(features, validation, test):
    """Return accuracy, EER and TAR@FAR on the people of the test, with 95 % intervals."""
    threshold = evaluation.best_threshold(*validation.scores(features)[:2])
    same, scores, groups = test.scores(features)
    statistics = {
        "accuracy": lambda same, scores: np.mean((scores >= threshold) == same),
        "eer": evaluation.equal_error_rate,
    }
    for far in FARS:
        if far >= 3 / np.sum(~same):  # fewer pairs establish no such rate
            statistics[f"tar_at_far_{far:g}"] = lambda same, scores, far=far: evaluation.roc(
                same, scores
            ).tar_at(far)
    measured = {}
    for name, statistic in statistics.items():
        measured[name] = round(float(statistic(same, scores)), 4)
        interval = evaluation.bootstrap(statistic, same, scores, groups, ROUNDS)
        measured[f"{name}_interval"] = np.round(interval, 4).tolist()
    return measured


def table(record):
    """Return the record's figures as lines of text, the mean over the seeds of each training."""
    kinds = {name: [result] for name, result in record["baselines"].items()}
    for result in record["trainings"]:
        kinds.setdefault(f"{result['loss']}, {result['people']} people", []).append(result)
    names = [name for name in kinds["pixels"][0] if not name.endswith("interval")]
    lines = [f"{'':<28}" + "".join(f"{name:>18}" for name in names)]
    for kind, results in kinds.items():
        means = (np.mean([result[name] for result in results]) for name in names)
        lines.append(f"{kind:<28}" + "".join(f"{mean:>18.3f}" for mean in means))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
