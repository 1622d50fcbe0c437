"""The networks of the detector: the chapter's, trained on richer patches, and on false alarms."""

import numpy as np

from facebook_tut import models, training
from facebook_tut.cascade import PixelFilter, fit_pixel_filter
from facebook_tut.data import Dataset
from facebook_tut.data.detector_patches import load_detector_patches, mine_false_alarms

CHAPTER = {"hard_per_photograph": 15, "random_per_photograph": 10, "copies": 2}
RICHER = {"people": 400, "copies": 3, "hard_per_photograph": 30, "random_per_photograph": 20}
EPOCHS = {"chapter": 10, "richer": 3, "bootstrapped": 3}
MINED, ASKED = 60, 300  # false alarms of each photograph, out of so many windows
RATES = (0.5, 1, 2, 5, 10, 50)  # alarms per megapixel
STEPS = (
    "chapter: votes of windows",
    "chapter: log-odds",
    "richer patches",
    "richer patches, bootstrapped",
    "scikit-image's cascade",
)
BATCH = 256  # windows that the network judges at a time


def train_or_load(splits, seed, folder):
    """Return the three networks of a seed, and the first stage of the plain and of the richer set.

    What an earlier run left in the folder is taken from there.
    """
    paths = {name: folder / f"detector_{seed}_{name}.keras" for name in EPOCHS}
    filters = folder / f"detector_{seed}_filters.npz"
    if not filters.is_file():
        networks, stages = train(splits, seed)
        for name, model in networks.items():
            models.save_model(model, paths[name], overwrite=True)
        pairs = {name: np.append(stage.weights, stage.bias) for name, stage in stages.items()}
        np.savez(filters, **pairs)
    numbers = np.load(filters)
    stages = {
        name: PixelFilter(numbers[name][:-1].reshape(25, 25), numbers[name][-1])
        for name in numbers.files
    }
    return {name: models.load_model(path) for name, path in paths.items()}, stages


def train(splits, seed):
    """Train step by step; return the network after each step, and both first stages."""
    networks, known = {}, [*splits.train.sources, *splits.validation.sources]
    training.set_seed(seed)
    model = models.build_classifier()
    train_on(model, splits.train, splits, seed, EPOCHS["chapter"])
    networks["chapter"] = copied(model)
    richer = load_detector_patches(known, seed, **RICHER)
    first = fit_pixel_filter(richer)
    train_on(model, richer, splits, seed, EPOCHS["richer"])
    networks["richer"] = copied(model)
    mined = mine_false_alarms(classifier(model), known, first, MINED, asked=ASKED)
    print(seed, len(richer), "patches and", len(mined), "false alarms", flush=True)
    train_on(model, joined(richer, mined), splits, seed + 1, EPOCHS["bootstrapped"])
    networks["bootstrapped"] = model
    return networks, {"chapter": fit_pixel_filter(splits.train), "richer": first}


def train_on(model, dataset, splits, seed, epochs):
    """Train a network further."""
    training.fit(model, dataset, splits.validation, epochs=epochs, seed=seed, progress=False)


def copied(model):
    """Return a network with the same weights."""
    twin = models.build_classifier()
    twin.set_weights(model.get_weights())
    return twin


def joined(one, other):
    """Return two data sets as one."""
    parts = ("images", "labels", "sources")
    return Dataset(*(np.concatenate([getattr(one, p), getattr(other, p)]) for p in parts))


def classifier(model):
    """Return the function that gives a network's probabilities, as detectors want it."""

    def classify(images):
        parts = [images[k : k + BATCH] for k in range(0, len(images), BATCH)]
        # One call of `predict` for the few windows of a frame would take longer than the network.
        answers = [np.array(model(part, training=False))[:, 0] for part in parts]
        return np.concatenate([np.zeros(0), *answers])

    return classify
