"""The method `network` of lfw.py: a residual network that learns all by itself.

It is trained with a margin loss (`metric_learning.fit_embedder`) on the training people who have
two photographs or more; the score of a pair is the cosine of its embeddings.
"""

import json
from time import perf_counter

import numpy as np

from facebook_tut import evaluation
from facebook_tut._files import replacing
from facebook_tut.data.lfw import FACE_BOX, photos_of
from facebook_tut.metric_learning import embed, fit_embedder
from facebook_tut.models import build_embedder, save_model
from facebook_tut.training import set_seed

DEFAULTS = {
    "epochs": 20,
    "batch_size": 64,
    "dimensions": 128,
    "learning_rate": 2e-3,
    "scale": 16.0,
    "margin": 0.2,
    "loss": "cosface",
    "size": 64,
}


def recipe(arguments):
    """Return the numbers of the recipe."""
    options = {name: getattr(arguments, name) for name in DEFAULTS}
    return {**options, "seed": arguments.seed, "box": FACE_BOX}


def run(data, experiment, arguments):
    """Return the scores of an experiment's pairs, and how they came about."""
    photos = photos_of(experiment.people, at_least=2)
    names = [photo.name for photo in photos]

    def fit(model, images, **options):
        options |= {"loss": arguments.loss, "margin": arguments.margin}
        return fit_embedder(model, images, names, **options)

    set_seed(arguments.seed)
    shape = (arguments.size, arguments.size, 3)
    model = build_embedder(arguments.dimensions, input_shape=shape)
    return measure(model, fit, photos, data, experiment, arguments)


def measure(model, fit, photos, data, experiment, arguments):
    """Train a network on photographs by `fit`; return the scores of its pairs, and its training."""
    pairs = experiment.pairs
    images = data.images(photos, size=arguments.size)
    tests = data.images(pairs.photos, size=arguments.size)

    def scores(model):
        return scores_of(pairs, embed(model, tests))

    def accuracy(model):
        folds = experiment.folds
        return evaluation.cross_validated_accuracy(pairs.same, scores(model), folds).mean

    kept = arguments.checkpoints / f"{experiment.name}_{arguments.method}"
    note, seconds = stopwatch(kept.with_name(f"{kept.name}_seconds.json"))
    history = fit(
        model,
        images,
        scale=arguments.scale,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
        validation=accuracy if arguments.view == 1 else None,  # nothing is looked at in View 2
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


def scores_of(pairs, embeddings):
    """Return the cosine of each pair from the embeddings of its photographs, in their order."""
    left, right = pairs.rows(pairs.photos)
    return evaluation.pair_scores(embeddings[left], embeddings[right])


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
