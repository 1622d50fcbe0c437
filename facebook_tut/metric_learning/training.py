"""Training an embedder, on people or after a teacher."""

import hashlib

import numpy as np
from sklearn.preprocessing import normalize

from facebook_tut._backend import keras, on_keras
from facebook_tut._validation import (
    check_callable,
    check_choice,
    check_flag,
    check_names,
    check_number,
    check_numbers,
    check_seed,
)
from facebook_tut.metric_learning.batches import _Batches
from facebook_tut.metric_learning.checkpoints import EmbedderHistory, _Checkpoint
from facebook_tut.metric_learning.embedding import _check_images
from facebook_tut.metric_learning.losses import (
    CLASS_LOSSES,
    MARGINS,
    PAIR_LOSSES,
    Prototypes,
    distillation_loss,
    excess_likeness,
)
from facebook_tut.models import check_network
from facebook_tut.models.embedder import _check_embeddings, _check_gives_embeddings, _tried
from facebook_tut.training import Progress

ops = keras.ops


@on_keras
def fit_embedder(
    model,
    images,
    identities,
    *,
    loss="cosface",
    scale=16.0,
    margin=None,
    epochs=10,
    batch_size=64,
    images_per_person=4,
    learning_rate=5e-3,
    seed=0,
    augment=True,
    validation=None,
    after_epoch=None,
    checkpoint=None,
    progress=True,
):
    """Train an embedder, so that images of one person land together and those of two apart.

    Adam (Kingma and Ba, 2015) with a learning rate that rises over the first twentieth of the steps
    and falls along a cosine to 0 (Loshchilov and Hutter, 2017). The losses ``"softmax"``,
    ``"cosface"`` and ``"arcface"`` compare embeddings with one prototype per person,
    ``"contrastive"`` and ``"triplet"`` with each other.

    Parameters
    ----------
    model : keras.Model
        From (N, H, W, C) images to (N, D) embeddings. Trained in place.
    images : ndarray, (N, H, W, C), float or uint8
        Floats from 0 to 1, or 8-bit integers, which need a quarter of the memory.
    identities : array_like, (N,)
        Who is on each image: numbers or names.
    loss : {"softmax", "cosface", "arcface", "contrastive", "triplet"}
        What is minimised.
    scale : float
        s, of the losses on cosines.
    margin : float, optional
        m; if not given, that of the loss in `MARGINS`.
    epochs : int
        Passes over the images.
    batch_size : int
        Images per step, about: an epoch's batches are of equal size, up to one.
    images_per_person : int
        Of a batch, for the losses that compare images. People with one image are then left out.
    learning_rate : float
        The largest of the schedule.
    seed : int
        Of the order of the images, of their variations and of the prototypes.
    augment : bool or callable
        Vary every image anew in each epoch, by `augmentation.vary` or by ``augment(images, rng)``.
    validation : callable, optional
        ``validation(model)`` gives a number, measured after every epoch.
    after_epoch : callable, optional
        ``after_epoch(epoch, model)`` is called after every epoch, the first of which is 1.
    checkpoint : path-like, optional
        A ``.npz`` file that is written after every epoch. If it exists, training goes on from it
        and ends as if it had never been interrupted.
    progress : bool
        Show a progress bar (the environment variable ``TQDM_DISABLE=1`` hides it as well).

    Returns
    -------
    EmbedderHistory

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the checkpoint is of another training; the model is
        then untouched.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(8, input_shape=(16, 16, 3), filters=(8,))
    >>> images, identities = np.random.rand(6, 16, 16, 3), list("aabbcc")
    >>> fit_embedder(model, images, identities, epochs=2, progress=False).epochs
    2
    """
    check_choice("loss", loss, MARGINS)
    _check_trainable(model, of_length_one=loss in CLASS_LOSSES)
    images = _check_images(model, images)
    labels = _check_identities(identities, len(images))
    margin = MARGINS[loss] if margin is None else margin
    _check_loss(loss, scale, margin, labels)
    _check_schedule(epochs, batch_size, images_per_person, learning_rate, seed)
    _check_callbacks(augment, validation, after_epoch, progress)
    together = images_per_person if loss in PAIR_LOSSES else 1
    batches = _Batches(images, labels, batch_size, together, seed, augment)

    trained = _with_head(model, labels, loss, seed)
    settings = (loss, scale, margin)
    return _fit(
        model,
        trained,
        _objective(*settings),
        batches,
        settings,
        epochs=epochs,
        learning_rate=learning_rate,
        validation=validation,
        after_epoch=after_epoch,
        checkpoint=checkpoint,
        progress=progress,
    )


@on_keras
def fit_student(
    model,
    images,
    teacher,
    *,
    scale=16.0,
    apart=0.0,
    epochs=10,
    batch_size=64,
    learning_rate=2e-3,
    seed=0,
    augment=True,
    validation=None,
    after_epoch=None,
    checkpoint=None,
    progress=True,
):
    """Train an embedder to see likeness as a teacher sees it, who is better and slower.

    The student learns from all that the teacher knows of an image, how like it is to each of the
    others, not only from a name. The schedule is that of `fit_embedder`.

    Parameters
    ----------
    model : keras.Model
        From (N, H, W, C) images to (N, D) embeddings. Trained in place.
    images : ndarray, (N, H, W, C), float or uint8
        As in `fit_embedder`.
    teacher : array_like, (N, D), float
        The teacher's embeddings of the images.
    scale : float
        s, of `distillation_loss`.
    apart : float
        Weight of `excess_likeness`, which keeps images of one batch from being more alike than
        their originals are to the teacher.
    epochs, batch_size, learning_rate, seed, augment, validation, after_epoch, checkpoint, progress
        As in `fit_embedder`.

    Returns
    -------
    EmbedderHistory

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the checkpoint is of another training; the model is
        then untouched.

    References
    ----------
    Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015).

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(8, input_shape=(16, 16, 3), filters=(8,))
    >>> images, teacher = np.random.rand(6, 16, 16, 3), np.random.randn(6, 8)
    >>> fit_student(model, images, teacher, epochs=2, progress=False).epochs
    2
    """
    _check_trainable(model, of_length_one=True)
    images = _check_images(model, images)
    teacher = check_numbers("teacher", teacher, (len(images), model.output_shape[1]))
    check_number("scale", scale, 0, 1000)
    _check_schedule(epochs, batch_size, 2, learning_rate, seed)
    _check_callbacks(augment, validation, after_epoch, progress)
    check_number("apart", apart, 0, 1e6)
    teacher = normalize(teacher).astype(np.float32)
    batches = _Batches(images, np.arange(len(images)), batch_size, 1, seed, augment)

    prototypes = Prototypes(len(teacher), trainable=False)
    both = [prototypes(model.output), model.output]
    trained = keras.Model(model.input, keras.layers.Concatenate()(both))  # (N, B + D)
    prototypes.directions.assign(teacher)

    def objective(rows, outputs):
        directions = prototypes.directions
        cosines, embeddings = ops.split(outputs, [len(teacher)], axis=1)
        wanted = ops.take(directions, ops.cast(rows, "int32"), axis=0)  # (N, D)
        loss = distillation_loss(cosines, wanted @ ops.transpose(directions), scale)
        return loss + apart * excess_likeness(embeddings, wanted) if apart else loss

    settings = ("distillation", scale, apart, hashlib.sha256(teacher).hexdigest())
    return _fit(
        model,
        trained,
        objective,
        batches,
        settings,
        epochs=epochs,
        learning_rate=learning_rate,
        validation=validation,
        after_epoch=after_epoch,
        checkpoint=checkpoint,
        progress=progress,
    )


def _fit(
    model,
    trained,
    objective,
    batches,
    settings,
    *,
    epochs,
    learning_rate,
    validation,
    after_epoch,
    checkpoint,
    progress,
):
    """Train the model with its head on, from its checkpoint if there is one."""
    schedule = _schedule(learning_rate, epochs * batches.per_epoch)
    trained.compile(keras.optimizers.Adam(schedule), objective)
    trained.optimizer.build(trained.trainable_variables)

    settings = (*settings, epochs, learning_rate, *batches.settings)
    kept = None
    if checkpoint is not None:
        kept = _Checkpoint(checkpoint, trained, repr(settings))
    history = kept.restore() if kept else EmbedderHistory([], [])
    if history.epochs < epochs:
        trained.fit(
            batches.of_epochs(range(history.epochs, epochs)),
            steps_per_epoch=batches.per_epoch,
            initial_epoch=history.epochs,
            epochs=epochs,
            callbacks=[
                Progress(epochs - history.epochs, hidden=not progress),
                _recorder(model, history, validation, after_epoch, kept),
            ],
            shuffle=False,  # the batches are in order
            verbose=0,
        )
    return history


def _recorder(model, history, validation, after_epoch, kept):
    """Return a callback that records an epoch, calls the caller's functions, and then keeps it."""

    def record(epoch, logs):
        history.loss.append(float(logs["loss"]))
        if validation is not None:
            history.validation.append(float(validation(model)))
        if after_epoch is not None:
            after_epoch(epoch + 1, model)
        if kept:
            kept.write(history)

    return keras.callbacks.LambdaCallback(on_epoch_end=record)


def _with_head(model, labels, loss, seed):
    """Return the network that is trained: the model, and the prototypes where the loss has them."""
    if loss in PAIR_LOSSES:
        return keras.Model(model.input, model.output)
    return keras.Model(model.input, Prototypes(int(labels.max()) + 1, seed)(model.output))


def _schedule(learning_rate, steps):
    """Return a learning rate that rises for a twentieth of the steps, then falls to 0."""
    warmup = steps // 20
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else learning_rate,
        steps - warmup,
        warmup_target=learning_rate if warmup else None,
        warmup_steps=warmup,
    )


def _objective(loss, scale, margin):
    """Return the loss as Keras calls it, labels first."""
    if loss in CLASS_LOSSES:
        return lambda labels, cosines: CLASS_LOSSES[loss](cosines, labels, scale, margin)
    return lambda labels, embeddings: PAIR_LOSSES[loss](embeddings, labels, margin)


def _check_identities(identities, length):
    """Return the identities as whole numbers from 0."""
    identities = check_names("identities", identities, length, "image")
    people, labels = np.unique(identities, return_inverse=True)
    if len(people) < 2:
        raise ValueError(f"identities must be of at least two people, got {len(people)}")
    return labels


def _check_loss(loss, scale, margin, labels):
    check_number("scale", scale, 0, 1000)
    check_number("margin", margin, 0, np.pi)
    if loss in PAIR_LOSSES and np.sum(np.bincount(labels) > 1) < 2:
        raise ValueError(f"identities must hold two images of two people at least for {loss!r}")


def _check_schedule(epochs, batch_size, images_per_person, learning_rate, seed):
    check_number("epochs", epochs, 1, 100_000, integer=True)
    check_number("batch_size", batch_size, 2, 1_000_000, integer=True)
    check_number("images_per_person", images_per_person, 2, batch_size, integer=True)
    check_number("learning_rate", learning_rate, 1e-9, 10)
    check_seed("seed", seed)


def _check_callbacks(augment, validation, after_epoch, progress):
    if not callable(augment):
        check_flag("augment", augment)
    for name, function in (("validation", validation), ("after_epoch", after_epoch)):
        if function is not None:
            check_callable(name, function)
    check_flag("progress", progress)


def _check_trainable(model, of_length_one):
    """Check that a network can learn embeddings, of length 1 where the loss takes their cosines."""
    given, made = _check_gives_embeddings(check_network(model))
    if of_length_one:
        _check_embeddings(_tried(model, given), made, "model")
