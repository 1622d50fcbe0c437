"""Training: one seed, one call, and a history that can be looked at."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from facebook_tut._backend import keras, on_keras
from facebook_tut._progress import progress_bar
from facebook_tut._validation import (
    check_callable,
    check_choice,
    check_finite,
    check_flag,
    check_images,
    check_number,
    check_numbers,
    check_seed,
)
from facebook_tut.augmentation.moves import vary
from facebook_tut.batches import Batches, _check_dataset, shuffled_batches
from facebook_tut.checkpoints import Checkpoint, Recorder
from facebook_tut.data.files import ImageFiles
from facebook_tut.models.classifier import _check_gives_probabilities, check_classifier


@dataclass(frozen=True)
class History:
    """What training measured, one number per epoch.

    Attributes
    ----------
    loss, val_loss : list of float
        Mean cross-entropy on the training and on the validation images, in nats; weighed, if
        there are class weights.
    accuracy, val_accuracy : list of float
        Share of right answers, at the threshold 0.5 or by the largest probability, from 0 to 1.

    Examples
    --------
    >>> History([0.7, 0.4], [0.5, 0.8], [0.6, 0.5], [0.6, 0.7]).epochs
    2
    """

    loss: list
    accuracy: list
    val_loss: list
    val_accuracy: list

    @property
    def epochs(self):
        """Number of passes over the training images."""
        return len(self.loss)

    @property
    def best_epoch(self):
        """The first epoch, counted from 1, with the lowest `val_loss`."""
        return 1 + self.val_loss.index(min(self.val_loss))


def set_seed(seed):
    """Make what follows repeatable: Python's, NumPy's and Keras' generators, and every operation.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Notes
    -----
    Equal seeds give equal numbers on one machine with one set of versions. Another processor adds
    in another order, so the last digits differ there, and training makes such differences grow.

    Examples
    --------
    >>> set_seed(0)
    >>> first = keras.random.uniform(())
    >>> set_seed(0)
    >>> bool(keras.random.uniform(()) == first)
    True
    """
    keras.utils.set_random_seed(check_seed("seed", seed))
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


@on_keras
def fit(
    model,
    train,
    validation,
    *,
    epochs=10,
    batch_size=32,
    seed=0,
    distribute=None,
    augment=False,
    class_weights=None,
    patience=None,
    checkpoint=None,
    progress=True,
):
    """Train a classifier with Adam (Kingma and Ba, 2015) on the cross-entropy.

    Parameters
    ----------
    model : keras.Model
        From (N, 64, 64, 3) images to (N, 1) probabilities; of more than two classes, to
        (N, classes). Trained in place.
    train, validation : Dataset
        What it learns from, and what it is measured on after every epoch. Images in files
        (`data.files.ImageFiles`) are read ahead through ``tf.data``, and never all kept.
    epochs : int
        Passes over the training images.
    batch_size : int
        Images per step; with several devices or machines, of all of them together.
    seed : int
        Of the order of the images and of their variations.
    distribute : {None, "devices", "workers"}
        Train on one device, on all devices of this machine, or on several machines, with the same
        batches and the same result; see `distribution`. Only for two classes, and without class
        weights, patience and checkpoint.
    augment : bool or callable
        Vary the training images anew in every epoch: with `augmentation.vary`, or a function like
        it.
    class_weights : {None, "balanced"} or array_like, (classes,)
        How much the loss on an image of each class counts, in training and in validation.
        ``"balanced"`` lets all classes count alike: those of N images in K classes, n of them its
        own, have N / (K n).
    patience : int, optional
        Stop early: when the validation loss has not fallen for so many epochs. The weights are then
        those of the best epoch, also if there was no time to stop.
    checkpoint : str or path-like, optional
        A ``.npz`` file that is written after every epoch. If it is there, training goes on from it,
        and ends with the weights that it would have had without a break.
    progress : bool
        Show a progress bar (the environment variable ``TQDM_DISABLE=1`` hides it as well).

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the checkpoint is of another training; the model is
        then untouched.

    Examples
    --------
    >>> from facebook_tut.data import Dataset
    >>> from facebook_tut.models import build_classifier
    >>> few = Dataset(np.random.rand(4, 64, 64, 3), [0, 1, 0, 1], list("abcd"))
    >>> fit(build_classifier(), few, few, epochs=1, progress=False).epochs
    1
    """
    check_choice("distribute", distribute, (None, "devices", "workers"))
    check_flag("progress", progress)
    classes = _check_dataset("train", train)
    _check_dataset("validation", validation, classes)
    check_classifier(model, classes=classes)
    batches = shuffled_batches(train, batch_size, epochs, seed)
    batches = replace(batches, **_variation(augment, epochs, seed))
    held_out = Batches(
        validation.images, validation.labels, batch_size, np.arange(len(validation))[np.newaxis]
    )
    if class_weights is not None:
        weights = _check_weights(class_weights, train.labels, classes)
        batches = replace(batches, weights=weights[np.asarray(train.labels, int)])
        held_out = replace(held_out, weights=weights[np.asarray(validation.labels, int)])
    if patience is not None:
        check_number("patience", patience, 1, 100_000, integer=True)
    if distribute is None:
        settings = (seed, class_weights, patience)
        return _fit_here(
            model, batches, held_out, classes, patience, checkpoint, settings, progress
        )
    if classes > 2 or not (class_weights is patience is checkpoint is None):
        raise ValueError(
            "distribute must be None with more than two classes, class_weights, patience or"
            f" checkpoint, got {distribute!r}"
        )
    from facebook_tut import distribution

    strategy = distribution.STRATEGIES[distribute]()
    callback = Progress(epochs, hidden=not progress)
    return History(**distribution.fit(strategy, model, batches, validation, callback))


def _variation(augment, epochs, seed):
    """Return how batches are varied, and the seeds of all epochs."""
    if not callable(augment):
        if not check_flag("augment", augment):
            return {}
        augment = vary
    seeds = np.random.SeedSequence(seed).generate_state(epochs, np.uint64)
    return {"augment": check_callable("augment", augment), "seeds": seeds}


def _check_weights(class_weights, labels, classes):
    """Return the weight of each class."""
    if isinstance(class_weights, str):
        check_choice("class_weights", class_weights, (None, "balanced"))
        counts = np.bincount(np.asarray(labels, int), minlength=classes)
        if not counts.all():
            raise ValueError(f"train must hold each of the {classes} classes, got {counts} of them")
        return (len(labels) / (classes * counts)).astype(np.float32)
    weights = check_numbers("class_weights", class_weights, (classes,), low=0, high=1e6)
    return np.asarray(weights, np.float32)


def _fit_here(model, batches, held_out, classes, patience, checkpoint, settings, progress):
    """Train on one device with Keras' own loop."""
    _compile(model, classes)
    kept = None
    if checkpoint is not None:
        augment = getattr(batches.augment, "__qualname__", batches.augment)
        settings = repr((*settings, batches.batch_size, augment, _digest(batches)))
        kept = Checkpoint(checkpoint, model, settings, "fit")
    epochs = len(batches.orders)
    recorder = Recorder(model, patience, kept)
    done = recorder.restore()
    if done < epochs and not recorder.is_over():
        seeds = None if batches.seeds is None else batches.seeds[done:]
        rest = replace(batches, orders=batches.orders[done:], seeds=seeds)
        try:
            model.fit(
                iter(rest),
                steps_per_epoch=batches.per_epoch,
                initial_epoch=done,
                epochs=epochs,
                validation_data=_validation_data(held_out),
                validation_batch_size=batches.batch_size,
                shuffle=False,  # the batches are in order
                callbacks=[Progress(epochs - done, hidden=not progress), recorder],
                verbose=0,
            )
        except Exception as error:
            for images in (batches.images, held_out.images):
                if getattr(images, "failure", None):  # which TensorFlow hides
                    raise images.failure from error
            raise
    recorder.take_best()
    return History(**recorder.curves)


def _compile(model, classes):
    if classes == 2:
        loss, accuracy = "binary_crossentropy", keras.metrics.BinaryAccuracy("accuracy")
    else:
        loss = "sparse_categorical_crossentropy"
        accuracy = keras.metrics.SparseCategoricalAccuracy("accuracy")
    model.compile(optimizer="adam", loss=loss, metrics=[accuracy])
    model.optimizer.build(model.trainable_variables)  # else Keras traces the first step twice


def _validation_data(held_out):
    """Return validation images as Keras takes them again after every epoch."""
    if isinstance(held_out.images, ImageFiles):
        from facebook_tut import distribution

        return distribution.as_tensors(held_out)
    weights = () if held_out.weights is None else (held_out.weights,)
    return (held_out.images, held_out.labels, *weights)


def _digest(batches):
    """Return by what the images of a training are known again."""
    digest = hashlib.sha256(np.ascontiguousarray(batches.labels))
    if isinstance(batches.images, ImageFiles):
        for path in batches.images.paths:
            digest.update(f"{path} {path.stat().st_size}\n".encode("utf-8", "surrogateescape"))
    else:
        digest.update(np.ascontiguousarray(batches.images))
    return digest.hexdigest()


class Progress(keras.callbacks.Callback):
    """A progress bar with one step per epoch, in a notebook or a terminal.

    Parameters
    ----------
    epochs : int
        How many there will be.
    hidden : bool
        Show nothing. The environment variable ``TQDM_DISABLE=1`` does the same.
    """

    def __init__(self, epochs, hidden=False):
        super().__init__()
        check_number("epochs", epochs, 1, 100_000, integer=True)
        check_flag("hidden", hidden)
        self._bar = progress_bar(total=epochs, desc="training", unit="epoch", shown=not hidden)

    def on_epoch_end(self, epoch, logs=None):
        """Show what the epoch measured."""
        self._bar.set_postfix({name: f"{value:.3f}" for name, value in (logs or {}).items()})
        self._bar.update()
        if self._bar.n == self._bar.total:
            self._bar.close()


@on_keras
def predict(model, images, *, batch_size=256):
    """Return a classifier's probability of a face, or of each class, for every image.

    Parameters
    ----------
    model : keras.Model
        From (N, 64, 64, 3) images to (N, 1) probabilities; of more than two classes, to
        (N, classes).
    images : ndarray, (N, 64, 64, 3), float
        RGB values from 0 to 1; or `data.files.ImageFiles`, which are read batch by batch.
    batch_size : int
        Images at a time; the result does not depend on it beyond rounding.

    Returns
    -------
    ndarray, (N,) or (N, classes), float32

    Raises
    ------
    ValueError
        If the network's weights give NaN.

    Examples
    --------
    >>> from facebook_tut.models import build_classifier
    >>> predict(build_classifier(), np.zeros((3, 64, 64, 3))).shape
    (3,)
    """
    _check_gives_probabilities(model, classes=None)
    check_number("batch_size", batch_size, 1, 1_000_000, integer=True)
    if isinstance(images, ImageFiles):
        starts = range(0, len(images), batch_size)
        parts = [model.predict(images[i : i + batch_size], verbose=0) for i in starts]
        answers = np.concatenate(parts)
    else:
        images = check_images("images", images)
        answers = model.predict(images, batch_size=batch_size, verbose=0)
    answers = answers[:, 0] if answers.shape[1] == 1 else answers  # (N, 1) -> (N,)
    return check_finite("model(images)", answers)
