"""Training: one seed, one call, and a history that can be looked at."""

from dataclasses import dataclass

from facebook_tut._backend import keras, on_keras
from facebook_tut._progress import progress_bar
from facebook_tut._validation import (
    check_choice,
    check_finite,
    check_flag,
    check_images,
    check_number,
    check_seed,
)
from facebook_tut.batches import _check_dataset, shuffled_batches
from facebook_tut.models.classifier import _check_gives_probabilities, check_classifier


@dataclass(frozen=True)
class History:
    """What training measured, one number per epoch.

    Attributes
    ----------
    loss, val_loss : list of float
        Mean binary cross-entropy on the training and on the validation images, in nats.
    accuracy, val_accuracy : list of float
        Share of right answers at the threshold 0.5, from 0 to 1.

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
    model, train, validation, *, epochs=10, batch_size=32, seed=0, distribute=None, progress=True
):
    """Train a classifier with Adam (Kingma and Ba, 2015) on the binary cross-entropy.

    Parameters
    ----------
    model : keras.Model
        From (N, 64, 64, 3) images to (N, 1) probabilities. Trained in place.
    train, validation : Dataset
        What it learns from, and what it is measured on after every epoch.
    epochs : int
        Passes over the training images.
    batch_size : int
        Images per step; with several devices or machines, of all of them together.
    seed : int
        Of the order of the images.
    distribute : {None, "devices", "workers"}
        Train on one device, on all devices of this machine, or on several machines, with the same
        batches and the same result; see `distribution`.
    progress : bool
        Show a progress bar (the environment variable ``TQDM_DISABLE=1`` hides it as well).

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described; the model is then untouched.

    Examples
    --------
    >>> import numpy as np
    >>> from facebook_tut.data import Dataset
    >>> from facebook_tut.models import build_classifier
    >>> few = Dataset(np.random.rand(4, 64, 64, 3), [0, 1, 0, 1], list("abcd"))
    >>> fit(build_classifier(), few, few, epochs=1, progress=False).epochs
    1
    """
    check_choice("distribute", distribute, (None, "devices", "workers"))
    check_flag("progress", progress)
    check_classifier(model)
    _check_dataset("train", train)
    _check_dataset("validation", validation)
    batches = shuffled_batches(train, batch_size, epochs, seed)
    callback = Progress(epochs, hidden=not progress)
    if distribute is None:
        curves = _fit_here(model, batches, validation, callback)
    else:
        from facebook_tut import distribution

        strategy = distribution.STRATEGIES[distribute]()
        curves = distribution.fit(strategy, model, batches, validation, callback)
    return History(**curves)


def _fit_here(model, batches, validation, callback):
    """Train on one device with Keras' own loop and return its curves by name."""
    accuracy = keras.metrics.BinaryAccuracy("accuracy")
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=[accuracy])
    model.optimizer.build(model.trainable_variables)  # else Keras traces the first step twice
    history = model.fit(
        iter(batches),
        steps_per_epoch=batches.per_epoch,
        epochs=len(batches.orders),
        validation_data=(validation.images, validation.labels),
        validation_batch_size=batches.batch_size,
        shuffle=False,  # the batches are in order
        callbacks=[callback],
        verbose=0,
    )
    return history.history


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
    """Return a classifier's probability of a face for every image.

    Parameters
    ----------
    model : keras.Model
        From (N, 64, 64, 3) images to (N, 1) probabilities.
    images : ndarray, (N, 64, 64, 3), float
        RGB values from 0 to 1.
    batch_size : int
        Images at a time; the result does not depend on it beyond rounding.

    Returns
    -------
    ndarray, (N,), float32

    Raises
    ------
    ValueError
        If the network's weights give NaN.

    Examples
    --------
    >>> import numpy as np
    >>> import numpy as np
    >>> from facebook_tut.models import build_classifier
    >>> predict(build_classifier(), np.zeros((3, 64, 64, 3))).shape
    (3,)
    """
    _check_gives_probabilities(model)
    images = check_images("images", images)
    check_number("batch_size", batch_size, 1, 1_000_000, integer=True)
    answers = model.predict(images, batch_size=batch_size, verbose=0)[:, 0]  # (N, 1) -> (N,)
    return check_finite("model(images)", answers)
