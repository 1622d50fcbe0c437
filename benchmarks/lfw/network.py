"""The method `network` of lfw: a residual network that learns all by itself.

It is trained with a margin loss (`metric_learning.fit_embedder`) on the training people who have
two photographs or more; the score of a pair is the cosine of its embeddings.
"""

import json
from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar

import numpy as np

from facebook_tut import evaluation
from facebook_tut._files import replacing
from facebook_tut.data.lfw import FACE_BOX, photos_of
from facebook_tut.metric_learning import embed, fit_embedder
from facebook_tut.models import build_embedder, save_model
from facebook_tut.training import set_seed
from lfw import recipe
from lfw.protocol import scores_of

NAME = "network"


@dataclass(frozen=True)
class Training(recipe.Recipe):
    """What every training of a network is told.

    Attributes
    ----------
    epochs : int
        Of each training.
    batch_size : int
        Images per step.
    dimensions : int
        Of an embedding.
    learning_rate : float
        The largest.
    scale : float
        s of the loss.
    size : int
        Edge of the images in pixels.
    """

    epochs: int = 20
    batch_size: int = 64
    dimensions: int = 128
    learning_rate: float = 2e-3
    scale: float = 16.0
    size: int = 64

    CHECKS: ClassVar = {
        **recipe.Recipe.CHECKS,
        **dict.fromkeys(("epochs", "batch_size", "dimensions", "size"), recipe.whole),
        "learning_rate": recipe.between(1e-9, 10),
        "scale": recipe.between(1e-3, 1e3),
    }

    def record(self):
        """Return what a record says of the recipe."""
        return {**super().record(), "box": FACE_BOX}


@dataclass(frozen=True)
class Recipe(Training):
    """The numbers of a network that learns by itself.

    Attributes
    ----------
    margin : float
        m of the loss.
    loss : str
        Of `fit_embedder`.
    """

    margin: float = 0.2
    loss: str = "cosface"

    CHECKS: ClassVar = {
        **Training.CHECKS,
        "margin": recipe.between(0, 1),
        "loss": recipe.one_of(recipe.LOSSES),
    }


def run(data, experiment, chosen, kept):
    """Return the scores of an experiment's pairs, and how they came about."""
    photos = photos_of(experiment.people, at_least=2)
    names = [photo.name for photo in photos]

    def fit(model, images, **options):
        options |= {"loss": chosen.loss, "margin": chosen.margin}
        return fit_embedder(model, images, names, **options)

    set_seed(chosen.seed)
    model = build_embedder(chosen.dimensions, input_shape=(chosen.size, chosen.size, 3))
    return measure(model, fit, photos, data, experiment, chosen, kept / file_of(experiment, NAME))


def file_of(experiment, method):
    """Return the name, without a suffix, of what is kept of a training."""
    return f"{experiment.name}_{method}"


def measure(model, fit, photos, data, experiment, chosen, kept):
    """Train a network on photographs by `fit`; return the scores of its pairs, and its training.

    What is kept of the training has the path `kept`, with a suffix.
    """
    pairs = experiment.pairs
    images = data.images(photos, size=chosen.size)
    tests = data.images(pairs.photos, size=chosen.size)

    def scores(model):
        return scores_of(pairs, embed(model, tests))

    def accuracy(model):
        folds = experiment.folds
        return evaluation.cross_validated_accuracy(pairs.same, scores(model), folds).mean

    note, seconds = stopwatch(kept.with_name(f"{kept.name}_seconds.json"))
    history = fit(
        model,
        images,
        scale=chosen.scale,
        epochs=chosen.epochs,
        batch_size=chosen.batch_size,
        learning_rate=chosen.learning_rate,
        seed=chosen.seed,
        validation=accuracy if experiment.for_choosing else None,
        after_epoch=note,
        checkpoint=kept.with_suffix(".npz"),
    )
    save_model(model, kept.with_suffix(".keras"), overwrite=True)
    return scores(model), {
        "people": len({photo.name for photo in photos}),
        "images": len(images),
        "parameters": model.count_params(),
        "seconds": round(sum(seconds), 1),
        "epoch_seconds": seconds,
        "epoch_loss": np.round(history.loss, 4).tolist(),
        "epoch_accuracy": np.round(history.validation, 4).tolist(),
    }


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
