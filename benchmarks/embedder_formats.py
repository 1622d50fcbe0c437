"""Measure forms of the shipped embedder: how large, how quick and how accurate each is.

In Keras: as `predict_on_batch` runs it, under `tf.function`, and compiled by XLA. In LiteRT: with
weights of 32 and of 16 bits, with int8 whose activations are scaled as they come, and with int8 all
through, calibrated by 200 photographs of View 1's training people. Pruned, in LiteRT: without the
smallest half to nine tenths of all weights; then trained again on the same people, without their
names, to say what the whole network says, with float32 and with dynamic int8.

Size: of the file, and of the file after gzip. The shipped weights were rounded to 16 bits, so that
Keras' file compresses to less than one of freshly trained weights would; LiteRT folds batch
normalisation into the convolutions, which makes new numbers of theirs. Time: of one face, given
alone or with 31 others, without its mirror image, on one core. The forms take turns. Whoever else
uses the machine can only make a turn slower, so the fastest of a form's turns is the one to
compare; the medians and all turns are recorded too. Accuracy: of the 1,000 pairs of View 1, with
the mirror image, by LFW's protocol. The network has learned from View 1's training people and was
chosen on these pairs: they say what a form loses, not how good the network is.

The trainings are kept in files, and a run that was interrupted goes on from them.

    python benchmarks/embedder_formats.py --data folder/with/lfw
"""

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from _machine import QUIET
from _record import CHECKPOINTS, options, positive, run
from _turns import take_turns
from lfw import protocol

from facebook_tut import evaluation, export, pretrained
from facebook_tut.data.lfw import load_lfw, photos_of
from facebook_tut.metric_learning import embed, fit_student
from facebook_tut.models import save_model

MANY, CALIBRATION = 32, 200
SPARSITIES = (0.5, 0.7, 0.8, 0.9)
LEARNING_RATE = 1e-3  # half of that of the first training
ALONE, TOGETHER = "one at a time", f"{MANY} at a time"


def main():
    """Convert, measure, print the table and record it."""
    parser = options(__doc__, "embedder_formats", data=True, kept=CHECKPOINTS)
    parser.add_argument("--rounds", type=positive, default=15, help="turns of each (default 15)")
    parser.add_argument("--epochs", type=positive, default=2, help="of pruned ones (default 2)")
    parser.add_argument("--core", type=int, default=0, help="which core (default 0)")
    run(parser.parse_args(), measure, table, "scikit-learn", "pillow")


def measure(arguments):
    """Return sizes, times and accuracies of all forms."""
    os.sched_setaffinity(0, {arguments.core})  # before TensorFlow counts the cores
    data = load_lfw(arguments.data)
    [experiment] = protocol.plan(data, view=1)
    known = known_images(data, experiment)
    calibration = known[:CALIBRATION] / np.float32(255)
    forms = {
        **forms_of(pretrained.load_embedder(), calibration),
        **pruned_forms_of(pretrained.load_embedder(), known, arguments),
    }
    return {
        "data_fingerprint": data.fingerprint,
        "sha256": pretrained.SHA256,
        "core": arguments.core,
        "rounds": arguments.rounds,
        "calibration_images": len(calibration),
        "trained_again": {
            "images": len(known),
            "epochs": arguments.epochs,
            "learning_rate": LEARNING_RATE,
        },
        **summarise(
            {name: size(form) for name, form in forms.items()},
            speeds(forms, calibration, arguments.rounds),
            accuracies(forms, data, experiment),
        ),
    }


def known_images(data, experiment):
    """Return the images of the people whom the network learned from, shuffled, (N, 64, 64, 3)."""
    evaluation.check_disjoint([*experiment.people], [p.name for p in experiment.pairs.photos])
    photos = photos_of(experiment.people)
    order = np.random.default_rng(0).permutation(len(photos))
    return data.images([photos[row] for row in order])


# Forms


class Form(NamedTuple):
    """A form of the network.

    Attributes
    ----------
    embedder : object
        With `input_shape`, `output_shape` and `predict_on_batch`, as `metric_learning.embed` wants.
    content : bytes
        Of its file.
    sparsity : float
        Share of zeros among the kernels' weights.
    """

    embedder: object
    content: bytes
    sparsity: float


class Compiled:
    """A network under `tf.function`, asked as the network itself is."""

    def __init__(self, model, xla):
        import tensorflow as tf

        self.input_shape, self.output_shape = model.input_shape, model.output_shape
        signature = [tf.TensorSpec(model.input_shape, tf.float32)]
        self._call = tf.function(
            lambda images: model(images, training=False),
            input_signature=signature,
            jit_compile=xla,
        )

    def predict_on_batch(self, images):
        """Return the embeddings of images, (N, D)."""
        return self._call(images).numpy()


def forms_of(model, calibration):
    """Return the forms of the whole network by name."""
    file = keras_file(model)
    forms = {
        "Keras": Form(model, file, 0.0),
        "tf.function": Form(Compiled(model, xla=False), file, 0.0),
        "XLA": Form(Compiled(model, xla=True), file, 0.0),
    }
    for form in export.FORMATS:
        images = calibration if form == "int8" else None
        forms[f"LiteRT {form}"] = litert(model, form, images)
    return forms


def pruned_forms_of(model, images, arguments):
    """Return the forms of the pruned networks by name; keep their trainings."""
    teacher, forms = embed(model, images, mirror=False), {}
    for sparsity in SPARSITIES:
        pruned = export.prune(model, sparsity)
        name = f"pruned {sparsity:.0%}"
        forms[name] = litert(pruned, "float32")
        export.keep_zeros(pruned)
        fit_student(
            pruned,
            images,
            teacher,
            epochs=arguments.epochs,
            learning_rate=LEARNING_RATE,
            checkpoint=arguments.checkpoints / f"pruned_{sparsity}_{arguments.epochs}.npz",
        )
        forms[f"{name}, trained again"] = litert(pruned, "float32")
        forms[f"{name}, trained again, int8"] = litert(pruned, "dynamic int8")
    return forms


def litert(model, form, calibration=None):
    """Return a network's form in LiteRT."""
    content = export.to_litert(model, form, calibration)
    return Form(export.LiteRTEmbedder(content), content, export.sparsity_of(model))


def keras_file(model):
    """Return the bytes of a network's file in Keras' format."""
    with tempfile.TemporaryDirectory() as folder:
        return save_model(model, Path(folder) / "embedder.keras").read_bytes()


# What is measured


def size(form):
    """Return how many bytes a form takes, and how much of it is zero."""
    return {
        "bytes": len(form.content),
        "gzip_bytes": export.compressed_size(form.content),
        "sparsity": round(form.sparsity, 4),
    }


def speeds(forms, images, rounds):
    """Return the times of all forms, in turns, and the fastest of each."""
    readers = {name: form.embedder.predict_on_batch for name, form in forms.items()}
    faces = np.resize(images, (MANY, *images.shape[1:]))
    cases = {ALONE: faces[:, np.newaxis], TOGETHER: faces[np.newaxis]}
    found = {name: take_turns(readers, each, rounds) for name, each in cases.items()}
    for case in found.values():
        turns = case["milliseconds_per_face"].items()
        case["fastest_milliseconds_per_face"] = {name: min(each) for name, each in turns}
    return found


def accuracies(forms, data, experiment):
    """Return how right each form is on the pairs, and how near it is to Keras."""
    images = data.images(experiment.pairs.photos)
    wanted = embed(forms["Keras"].embedder, images)  # (N, D)
    thresholds = accuracy(wanted, experiment)["fold_thresholds"]
    return {
        name: compare(embed(form.embedder, images), wanted, experiment, thresholds)
        for name, form in forms.items()
    }


def accuracy(embeddings, experiment):
    """Return what LFW's protocol says of the embeddings of an experiment's photographs."""
    scores = protocol.scores_of(experiment.pairs, embeddings)
    return protocol.measure(experiment.pairs.same, scores, experiment.folds)


def compare(embeddings, wanted, experiment, thresholds):
    """Return how right embeddings are, and how near to the wanted ones.

    Accuracy moves by some thousandths when thresholds are chosen anew, whatever the form. Hence
    also the pairs that are decided otherwise at thresholds that stay.
    """
    measured = accuracy(embeddings, experiment)
    fold = np.unique(experiment.folds, return_inverse=True)[1]  # of each pair
    accepted, before = (
        protocol.scores_of(experiment.pairs, each) >= np.array(thresholds)[fold]
        for each in (embeddings, wanted)
    )
    kept = ("mean", "standard_error", "right", "wilson_interval", "auc")
    return {
        **{key: measured[key] for key in kept},
        "right_at_thresholds_of_keras": int((accepted == experiment.pairs.same).sum()),
        "decided_otherwise": int((accepted != before).sum()),
        "smallest_cosine": round(float(np.einsum("nd,nd->n", embeddings, wanted).min()), 5),
    }


def summarise(sizes, times, results):
    """Return all that was found, by form, and beside it the times of all turns."""
    forms = {}
    for name in sizes:
        fastest = {
            case: found["fastest_milliseconds_per_face"][name] for case, found in times.items()
        }
        forms[name] = {**sizes[name], "milliseconds_per_face": fastest, **results[name]}
    return {"forms": forms, "times": times}


def table(record):
    """Return the record's numbers as lines of text."""
    lines = [
        f"{'':<32}{'MB':>7}{'gzip':>7}{'ms alone':>10}{f'ms in {MANY}':>10}{'accuracy':>18}"
        f"{'AUC':>8}{'otherwise':>11}{'cosine':>9}"
    ]
    for name, form in record["forms"].items():
        alone, together = form["milliseconds_per_face"].values()
        accuracy = f"{form['mean']:.4f} ± {form['standard_error']:.4f}"
        lines.append(
            f"{name:<32}{form['bytes'] / 1e6:>7.2f}{form['gzip_bytes'] / 1e6:>7.2f}"
            f"{alone:>10.2f}{together:>10.2f}{accuracy:>18}{form['auc']:>8.4f}"
            f"{form['decided_otherwise']:>11}{form['smallest_cosine']:>9.4f}"
        )
    for name, case in record["times"].items():
        if case["cores_taken_by_others"] > QUIET:
            lines.append(f"{name}: {case['cores_taken_by_others']:.2f} cores were taken by others")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
