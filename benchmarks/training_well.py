"""Change one thing of chapter 8's training at a time, and measure it on the same splits.

The network is that of chapter 9: chapter 8's in small, on grey images of half the side, with a
quarter of the filters and an eighth of the units. So a training takes a second or two, and each
change can be trained on ten splits. Every split has its own faces, photographs, initial weights and
order of the batches; all changes see the same. All have the same budget of ten passes, unless their
name says otherwise. Each setting is the usual one; none was tuned but the rate at which the thawed
encoder trains, 0.001 after a look at split 0, where 0.0001 had been the plan.

On the test images of each split stand the cross-entropy, the shares of faces found and of false
alarms, and the area under the ROC curve; beside them the cross-entropy on the training images, each
face once and as it was taken. `evaluation.mean_over_splits` compares a change with the baseline.

Few faces: twelve training faces and as many non-faces as go with them. An encoder learns from
synthetic people who is on an image; then its convolutions are frozen, or trained further, or a
network begins from nothing. An untrained encoder, frozen, is the control.

Budget: 29 trainings of one to three seconds on each of ten splits, some 10 minutes on a free core.
Each network is compiled once, and begins anew on each split.

    python benchmarks/training_well.py
"""

from time import perf_counter

import numpy as np
from _record import options, positive, run

from facebook_tut import evaluation
from facebook_tut._backend import keras
from facebook_tut._progress import progress_bar
from facebook_tut.augmentation import augment
from facebook_tut.data.patches import load_patches
from facebook_tut.data.synthetic import sample_people
from facebook_tut.training import set_seed

SIDE, COPIES = 32, 2
FILTERS, UNITS = (8, 16, 32), 64
FEW = 12  # faces to learn from, in the last trainings
PEOPLE = (100, 10)  # synthetic people, and images of each
LONG = 4  # times as long as the others trains what shows overfitting
layers = keras.layers


def main():
    """Train, measure, print and record."""
    parser = options(__doc__, "training_well")
    add = parser.add_argument
    add("--splits", type=positive, default=10, help="of the images (default 10)")
    add("--epochs", type=positive, default=10, help="passes over the images (default 10)")
    run(parser.parse_args(), compare, table, "scikit-image")


def compare(arguments):
    """Return what was measured of every change, on every split."""
    splits = [Split(seed) for seed in range(arguments.splits)]
    encoder, accuracy = learn_people(arguments.epochs)
    changes = {**CHANGES, **few_faces(encoder)}
    trainings = []
    for name in progress_bar(changes, desc="changes", unit="change"):
        train = changes[name](arguments.epochs)
        trainings += [result for split in splits for result in train(split, name)]
    return {
        "splits": arguments.splits,
        "epochs": arguments.epochs,
        "batch_size": 32,
        "training_images": [int(np.sum(splits[0].y == kind)) for kind in (1, 0)],
        "few_faces": FEW,
        "people": list(PEOPLE),
        "people_right": round(accuracy, 4),
        "parameters": int(build().count_params()),
        "test_ratio": round(1 / 3, 4),
        "trainings": trainings,
    }


# The images


class Split:
    """The images of one split of chapter 8, grey and of half the side."""

    def __init__(self, seed):
        self.seed = seed
        splits = load_patches(seed, hard_per_photograph=15, random_per_photograph=10, copies=0)
        self.faces, self.nonfaces = halved(splits.train.faces), halved(splits.train.nonfaces)
        self.validation, self.test = (
            (halved(part.images), part.labels) for part in (splits.validation, splits.test)
        )
        self.copies = augment(np.repeat(self.faces, 3, -1), COPIES, seed)[..., :1]
        self.x, self.y = self.with_faces(self.faces, self.copies)
        self.plain = self.with_faces(self.faces)

    def with_faces(self, *faces):
        """Return training images with these faces, and their labels."""
        x = np.concatenate([*faces, self.nonfaces])
        return x, (np.arange(len(x)) < len(x) - len(self.nonfaces)).astype(np.float32)

    def few(self):
        """Return the training images with few faces, and as many non-faces as go with them."""
        share = FEW / len(self.faces)
        chosen = np.arange(len(self.copies)) % len(self.faces) < FEW
        faces = np.concatenate([self.faces[:FEW], self.copies[chosen]])
        others = self.nonfaces[:: round(1 / share)]
        return np.concatenate([faces, others]), np.repeat([1, 0], [len(faces), len(others)])


def halved(images):
    """Return grey images of half the side: the mean of each 2 × 2 pixels, (N, 32, 32, 1)."""
    grey = images[..., :1].reshape(-1, SIDE, 2, SIDE, 2, 1)
    return grey.mean((2, 4)).astype(np.float32)


# The network and its changes


def build(
    activation="relu",
    kernel_initializer="glorot_uniform",
    keeps=None,
    dropout=0.0,
    blocks=0,
    skip=False,
):
    """Build chapter 8's network in half; `blocks` adds pairs of convolutions after two poolings.

    `keeps` is how much of the moving mean and variance each step of batch normalisation keeps.
    """
    begin = {"kernel_initializer": kernel_initializer}
    images = keras.Input((SIDE, SIDE, 1))
    x = images
    for level, filters in enumerate(FILTERS):
        x = layers.Conv2D(filters, 3, use_bias=not keeps, **begin)(x)
        x = layers.BatchNormalization(momentum=keeps)(x) if keeps else x
        x = layers.MaxPooling2D()(layers.Activation(activation)(x))
        for _ in range(blocks if level < 2 else 0):
            x = pair(x, filters, activation, skip, begin)
    x = layers.Dense(UNITS, activation=activation, **begin)(layers.Flatten()(x))
    x = layers.Dropout(dropout)(x) if dropout else x
    return keras.Model(images, layers.Dense(1, activation="sigmoid", **begin)(x))


def pair(x, filters, activation, skip, begin):
    """Add two convolutions that keep the shape; with a skip, their input is added to them."""
    y = layers.Conv2D(filters, 3, padding="same", activation=activation, **begin)(x)
    y = layers.Conv2D(filters, 3, padding="same", **begin)(y)
    return layers.Activation(activation)(layers.Add()([x, y]) if skip else y)


class Network:
    """A network that is compiled once and begins anew as often as wanted.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer, optional
        Adam with the default settings if not given.
    frozen : bool
        Whether the convolutions keep their weights.
    **layout
        As for `build`.
    """

    def __init__(self, optimizer=None, *, frozen=False, **layout):
        self.layout, self.model = layout, build(**layout)
        for layer in self.model.layers:
            layer.trainable = not (frozen and isinstance(layer, layers.Conv2D))
        self.model.compile(optimizer or keras.optimizers.Adam(), "binary_crossentropy")
        self.model.optimizer.build(self.model.trainable_variables)
        self.start = [keras.ops.convert_to_numpy(one) for one in self.model.optimizer.variables]

    def begin(self, seed, weights=None):
        """Take fresh weights, or these, and forget all steps."""
        set_seed(seed)
        self.model.set_weights(weights or build(**self.layout).get_weights())
        for variable, value in zip(self.model.optimizer.variables, self.start, strict=True):
            variable.assign(value)

    def fit(self, x, y, epochs, batch_size=32, **more):
        """Train with Keras' loop."""
        self.model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0, **more)


def change(optimizer=None, faces=None, batch_size=32, weigh=False, **layout):
    """Return a training with something changed: of the layout, the optimiser or the images."""

    def prepare(epochs):
        network = Network(optimizer(epochs) if optimizer else None, **layout)

        def train(split, name):
            clock = perf_counter()
            network.begin(split.seed)
            x, y = split.with_faces(*faces(split)) if faces else (split.x, split.y)
            more = {"class_weight": weights_of(y)} if weigh else {}
            network.fit(x, y, epochs, batch_size, **more)
            return [measure(split, name, network.model, perf_counter() - clock)]

        return train

    return prepare


def fresh_copies(epochs):
    """Return a training with other moved copies of the faces in every pass."""
    network = Network()

    def train(split, name):
        clock, colour = perf_counter(), np.repeat(split.faces, 3, -1)
        network.begin(split.seed)
        for epoch in range(epochs):
            moved = augment(colour, COPIES + 1, 1000 * (split.seed + 1) + epoch)
            network.fit(*split.with_faces(moved[..., :1]), 1)
        return [measure(split, name, network.model, perf_counter() - clock)]

    return train


class Curves(keras.callbacks.Callback):
    """The losses after each pass, and the weights where that on the validation images is lowest."""

    def __init__(self, split):
        super().__init__()
        self.split, self.curves = split, {"training": [], "validation": [], "test": []}
        self.best, self.passes, self.kept = np.inf, 0, None

    def on_epoch_end(self, epoch, logs=None):
        """Measure, and keep the best weights."""
        parts = (self.split.plain, self.split.validation, self.split.test)
        for curve, part in zip(self.curves.values(), parts, strict=True):
            curve.append(round(loss_of(self.model, *part), 4))
        if self.curves["validation"][-1] < self.best:
            self.best, self.passes = self.curves["validation"][-1], epoch + 1
            self.kept = self.model.get_weights()


def long_training(epochs):
    """Return a training of four times the length, measured after each pass.

    It gives two results: at the end, and where the validation loss was lowest.
    """
    network = Network()

    def train(split, name):
        clock, watch, model = perf_counter(), Curves(split), network.model
        network.begin(split.seed)
        network.fit(split.x, split.y, LONG * epochs, callbacks=[watch])
        last = measure(split, name, model, perf_counter() - clock) | {"curves": watch.curves}
        model.set_weights(watch.kept)
        stopped = measure(split, f"{name}, stopped early", model, perf_counter() - clock)
        return [last, stopped | {"stopped_after": watch.passes}]

    return train


def weights_of(y):
    """Return class weights that make both classes count alike; their mean over the images is 1."""
    return {kind: float(len(y) / (2 * np.sum(y == kind))) for kind in (0, 1)}


def scaled(factor):
    """Return an initialisation by Glorot's rule, times a factor."""
    return keras.initializers.VarianceScaling(factor**2, "fan_avg", "uniform")


def steps(name, **settings):
    """Return a function that makes an optimiser; the number of epochs does not matter to it."""
    return lambda epochs: getattr(keras.optimizers, name)(**settings)


def cosine(epochs):
    """Return Adam whose rate rises in the first tenth of the steps, then falls along a cosine."""
    count = 17 * epochs
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, count * 9 // 10, warmup_target=3e-3, warmup_steps=count // 10
    )
    return keras.optimizers.Adam(rate)


CHANGES = {
    "baseline": change(),
    "initialisation: He": change(kernel_initializer="he_uniform"),
    "initialisation: a tenth": change(kernel_initializer=scaled(0.1)),
    "initialisation: tenfold": change(kernel_initializer=scaled(10)),
    "SGD, rate 0.01": change(steps("SGD", learning_rate=0.01)),
    "SGD, rate 0.1": change(steps("SGD", learning_rate=0.1)),
    "momentum 0.9, rate 0.01": change(steps("SGD", learning_rate=0.01, momentum=0.9)),
    "RMSProp": change(steps("RMSprop")),
    "Adam, rate 0.0001": change(steps("Adam", learning_rate=1e-4)),
    "Adam, rate 0.01": change(steps("Adam", learning_rate=1e-2)),
    "Adam, warm-up and cosine": change(cosine),
    "batches of 128": change(batch_size=128),
    "sigmoid": change(activation="sigmoid"),
    "tanh": change(activation="tanh"),
    "batch normalisation, keeps 0.99": change(keeps=0.99),
    "batch normalisation, keeps 0.9": change(keeps=0.9),
    "dropout 0.5": change(dropout=0.5),
    "weight decay 1": change(steps("AdamW", weight_decay=1.0)),
    "no augmentation": change(faces=lambda split: [split.faces] * (COPIES + 1)),
    "new copies in each epoch": fresh_copies,
    "class weights": change(weigh=True),
    "eight more convolutions": change(blocks=2),
    "eight more convolutions, residual": change(blocks=2, skip=True),
    "four times as long": long_training,
}


# Few faces


def learn_people(epochs):
    """Return a network that learnt from synthetic people who is on an image, and its accuracy."""
    count, each = PEOPLE
    people = sample_people(count, each + 2, seed=0, size=SIDE)
    grey, who = people.images.mean(-1, keepdims=True), people.identities
    known = np.arange(len(who)) % (each + 2) < each
    set_seed(0)
    model = build()
    vector = layers.Dense(UNITS, activation="relu")(model.layers[-3].output)
    names = keras.Model(model.input, layers.Dense(count, activation="softmax")(vector))
    names.compile("adam", "sparse_categorical_crossentropy")
    names.fit(grey[known], who[known], batch_size=32, epochs=3 * epochs, verbose=0)
    right = names.predict(grey[~known], verbose=0).argmax(1) == who[~known]
    return model.get_weights(), float(right.mean())


def few_faces(encoder):
    """Return the trainings on few faces: from nothing, and from an encoder."""
    return {
        "few faces: from nothing": on_few(None, frozen=False),
        "few faces: untrained encoder, frozen": on_few(None, frozen=True),
        "few faces: encoder, frozen": on_few(encoder, frozen=True),
        "few faces: encoder, frozen, then trained": on_few(encoder, frozen=True, thaw=True),
        "few faces: encoder, trained": on_few(encoder, frozen=False),
    }


def on_few(encoder, frozen, thaw=False):
    """Return a training on few faces, with as many steps as the others."""

    def prepare(epochs):
        network = Network(frozen=frozen)
        thawed = Network() if thaw else None

        def train(split, name):
            clock, (x, y) = perf_counter(), split.few()
            passes = epochs * len(split.x) // len(x)
            network.begin(split.seed)
            if encoder is not None:  # the convolutions' six arrays; dense layers begin anew
                network.model.set_weights([*encoder[:6], *network.model.get_weights()[6:]])
            network.fit(x, y, passes // 2 if thaw else passes)
            model = network.model
            if thaw:
                thawed.begin(split.seed, model.get_weights())
                thawed.fit(x, y, passes // 2)
                model = thawed.model
            return [measure(split, name, model, perf_counter() - clock)]

        return train

    return prepare


# Measuring


def measure(split, name, model, seconds):
    """Return how good a network is on the test images of a split."""
    x, y = split.test
    p = answers(model, x)
    counts = evaluation.confusion(y, p)
    return {
        "change": name,
        "split": split.seed,
        "seconds": round(seconds, 1),
        "training_loss": round(loss_of(model, *split.plain), 4),
        "loss": round(cross_entropy(y, p), 4),
        "auc": round(float(evaluation.roc(y, p).auc), 4),
        "faces_found": round(counts.recall.value, 4),
        "false_alarms": round(counts.false_positive_rate.value, 4),
    }


def answers(model, x):
    """Return the probabilities of images."""
    return keras.ops.convert_to_numpy(model(x, training=False))[:, 0].astype(float)


def loss_of(model, x, y):
    """Return the cross-entropy on images."""
    return cross_entropy(y, answers(model, x))


def cross_entropy(y, p):
    """Return the binary cross-entropy; no probability counts as less than Keras lets it be."""
    return float(-np.mean(np.log(np.clip(np.where(y == 1, p, 1 - p), 1e-7, 1))))


def table(record):
    """Return the mean of each change over the splits, and its difference from the baseline."""
    names = [*dict.fromkeys(one["change"] for one in record["trainings"])]
    fields = ("training_loss", "loss", "auc", "faces_found", "false_alarms", "seconds")
    lines = [f"{'':<42}" + "".join(f"{field:>14}" for field in fields) + "  loss above baseline"]
    of = {name: [one for one in record["trainings"] if one["change"] == name] for name in names}
    for name, results in of.items():
        base = "few faces: from nothing" if name.startswith("few") else "baseline"
        gaps = [ours["loss"] - its["loss"] for ours, its in zip(results, of[base], strict=True)]
        means = (np.mean([one[field] for one in results]) for field in fields)
        more = evaluation.mean_over_splits(gaps, record["test_ratio"]) if len(gaps) > 1 else ""
        lines.append(f"{name:<42}" + "".join(f"{mean:>14.3f}" for mean in means) + f"  {more}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
