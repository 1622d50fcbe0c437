"""Learning embeddings: near each other for one person, far apart for two.

The losses are those of `losses`, written for batches on whatever backend Keras runs on.
"""

import hashlib
from dataclasses import dataclass
from zipfile import is_zipfile

import numpy as np
from sklearn.preprocessing import normalize

from facebook_tut import corruption, preprocessing
from facebook_tut._backend import keras, on_keras
from facebook_tut._files import check_writable, replacing
from facebook_tut._validation import (
    as_array,
    check_callable,
    check_choice,
    check_finite,
    check_flag,
    check_images,
    check_names,
    check_number,
    check_numbers,
    check_seed,
)
from facebook_tut.models import (
    _check_embeddings,
    _check_gives_embeddings,
    _tried,
    check_network,
)
from facebook_tut.training import Progress

ops = keras.ops

# Losses on cosines and labels


def softmax_loss(cosines, labels, scale=16.0):
    """Return `losses.normalised_softmax` of a batch, as a tensor.

    Parameters
    ----------
    cosines : tensor, (N, K), float32
        Of each embedding with each class's prototype.
    labels : tensor, (N,), int
        The true class of each row, from 0.
    scale : float
        s, by which the cosines are multiplied.

    Returns
    -------
    tensor, (), float32

    Examples
    --------
    >>> round(float(softmax_loss([[1.0, 0.0]], [0], scale=1.0)), 4)
    0.3133
    """
    return cosface_loss(cosines, labels, scale, margin=0.0)


def cosface_loss(cosines, labels, scale=16.0, margin=0.2):
    """Return `losses.cosface` of a batch, as a tensor.

    Parameters
    ----------
    cosines, labels, scale
        As in `softmax_loss`.
    margin : float
        m, which is taken from the cosine of the true class.

    Returns
    -------
    tensor, (), float32

    Examples
    --------
    >>> round(float(cosface_loss([[0.6, 0.2]], [0], scale=10.0, margin=0.3)), 4)
    0.3133
    """
    cosines = ops.convert_to_tensor(cosines)
    return _margin_loss(cosines, labels, scale, cosines - margin)


def arcface_loss(cosines, labels, scale=16.0, margin=0.2):
    """Return `losses.arcface` of a batch, as a tensor.

    cos(θ + m) is cos θ cos m − sin θ sin m: no arc cosine, whose slope at ±1 is infinite.

    Parameters
    ----------
    cosines, labels, scale
        As in `softmax_loss`.
    margin : float
        m, in radians, which is added to the angle of the true class.

    Returns
    -------
    tensor, (), float32

    Examples
    --------
    >>> round(float(arcface_loss([[1.0, 0.0]], [0], scale=2.0, margin=np.pi / 3)), 4)
    0.3133
    """
    cosines = ops.convert_to_tensor(cosines)
    sines = ops.sqrt(ops.maximum((1 - cosines) * (1 + cosines), 1e-14))
    moved = cosines * np.cos(margin) - sines * np.sin(margin)
    beyond = cosines - margin * np.sin(margin)  # θ + m > π, where the cosine would rise again
    return _margin_loss(cosines, labels, scale, ops.where(cosines > -np.cos(margin), moved, beyond))


def distillation_loss(cosines, wanted, scale=16.0):
    """Return how far a student's cosines are from the teacher's, as a tensor.

    Both turn into shares of likeness by a softmax; the loss is the cross-entropy of the student's
    shares with the teacher's (Hinton, Vinyals and Dean, 2015, section 2).

    Parameters
    ----------
    cosines : tensor, (N, K), float32
        Of each of the student's embeddings with K of the teacher's.
    wanted : tensor, (N, K), float32
        Of the teacher's embeddings of the same images with the same K.
    scale : float
        s, by which the cosines are multiplied.

    Returns
    -------
    tensor, (), float32

    Examples
    --------
    >>> round(float(distillation_loss([[1.0, 0.0]], [[1.0, 1.0]], scale=1.0)), 4)
    0.8133
    """
    shares = ops.softmax(scale * ops.convert_to_tensor(wanted))
    logits = scale * ops.convert_to_tensor(cosines)
    return ops.mean(ops.categorical_crossentropy(shares, logits, from_logits=True))


def _margin_loss(cosines, labels, scale, harder):
    """Return the cross-entropy of the scaled cosines, the true class made harder by its margin."""
    labels = ops.cast(labels, "int32")  # Keras hands them over as floats
    true = ops.expand_dims(labels, 1) == ops.arange(cosines.shape[1])  # (N, K)
    logits = scale * ops.where(true, harder, cosines)
    return ops.mean(ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))


# Losses on embeddings and identities


def contrastive_loss(embeddings, identities, margin=1.0):
    """Return `losses.contrastive` over all pairs of a batch, as a tensor.

    Parameters
    ----------
    embeddings : tensor, (N, D), float32
        At least two.
    identities : tensor, (N,), int
        Who each is of.
    margin : float
        m: impostor pairs at this distance or farther are far enough apart.

    Returns
    -------
    tensor, (), float32

    Examples
    --------
    >>> round(float(contrastive_loss([[0.0], [1.0], [1.5]], [0, 0, 1], margin=1.0)), 4)
    0.2083
    """
    squares, same = _squared_distances(embeddings), _same(identities)
    distances = ops.sqrt(ops.maximum(squares, 1e-12))  # its slope at 0 is finite
    losses = ops.where(same, squares, ops.square(ops.maximum(margin - distances, 0))) / 2
    pairs = ops.triu(ops.ones_like(losses), k=1)  # each once, none with itself
    return ops.sum(losses * pairs) / ops.sum(pairs)


def triplet_loss(embeddings, identities, margin=0.2):
    """Return `losses.triplet` over the `losses.semi_hard_triplets` of a batch, as a tensor.

    Parameters
    ----------
    embeddings, identities
        As in `contrastive_loss`.
    margin : float
        m, by which the negative's squared distance is to exceed the positive's.

    Returns
    -------
    tensor, (), float32
        0 if the batch holds no triplet.

    Examples
    --------
    >>> round(float(triplet_loss([[0.0], [0.5], [0.6]], [0, 0, 1], margin=0.2)), 4)
    0.265
    """
    squares, same = _squared_distances(embeddings), _same(identities)  # (N, N)
    itself = ops.triu(ops.tril(ops.ones_like(squares)))
    positives = ops.logical_and(same, itself == 0)
    farther = squares[:, None, :] > squares[:, :, None]  # anchor, positive, negative: (N, N, N)
    semi_hard = ops.logical_and(farther, ops.logical_not(same)[:, None, :])
    nearest = ops.argmin(ops.where(semi_hard, squares[:, None, :], np.inf), axis=2)  # (N, N)
    farthest = ops.argmax(ops.where(same, 0.0, squares), axis=1, keepdims=True)  # (N, 1)
    negatives = ops.where(ops.any(semi_hard, axis=2), nearest, farthest)
    losses = ops.maximum(squares - ops.take_along_axis(squares, negatives, axis=1) + margin, 0)
    triplets = ops.logical_and(positives, ops.logical_not(ops.all(same, axis=1, keepdims=True)))
    count = ops.maximum(ops.sum(ops.cast(triplets, "float32")), 1)
    return ops.sum(ops.where(triplets, losses, 0.0)) / count


def _squared_distances(embeddings):
    embeddings = ops.convert_to_tensor(embeddings)
    return ops.sum(ops.square(embeddings[:, None] - embeddings[None]), axis=2)  # (N, N)


def _same(identities):
    identities = ops.convert_to_tensor(identities)
    return ops.equal(identities[:, None], identities[None])


# Training

CLASS_LOSSES = {  # of cosines with one prototype per person
    "softmax": lambda cosines, labels, scale, margin: softmax_loss(cosines, labels, scale),
    "cosface": cosface_loss,
    "arcface": arcface_loss,
}
PAIR_LOSSES = {"contrastive": contrastive_loss, "triplet": triplet_loss}  # of embeddings
MARGINS = {"softmax": 0.0, "cosface": 0.2, "arcface": 0.2, "contrastive": 1.0, "triplet": 0.2}


@dataclass(frozen=True)
class EmbedderHistory:
    """What the training of an embedder measured, one number per epoch.

    Attributes
    ----------
    loss : list of float
        Mean loss of the batches of the epoch.
    validation : list of float
        What the caller's measure gave after the epoch; empty without one.

    Examples
    --------
    >>> EmbedderHistory([4.0, 2.5], []).epochs
    2
    """

    loss: list
    validation: list

    @property
    def epochs(self):
        """Number of passes over the training images."""
        return len(self.loss)


class Prototypes(keras.layers.Layer):
    """One direction per class; the cosine of an embedding with each.

    Used in training only, by the losses on cosines.

    Parameters
    ----------
    classes : int
        K.
    seed : int, optional
        Of the first directions.
    **options
        Of a Keras layer, such as ``trainable``.

    Examples
    --------
    >>> cosines = Prototypes(5)(np.eye(3, dtype="float32"))
    >>> tuple(cosines.shape), bool(ops.all(ops.abs(cosines) <= 1))
    ((3, 5), True)
    """

    def __init__(self, classes, seed=None, **options):
        super().__init__(**options)
        self.classes, self.seed = classes, seed
        self.initializer = keras.initializers.RandomNormal(seed=seed)

    def build(self, shape):
        """Make the K directions, for embeddings of shape (N, D)."""
        self.directions = self.add_weight((self.classes, shape[-1]), self.initializer)

    def call(self, embeddings):
        """Return the cosines, (N, K)."""
        return embeddings @ ops.transpose(ops.normalize(self.directions, axis=1))

    def get_config(self):
        """Return what a file must hold to make the layer again."""
        return {**super().get_config(), "classes": self.classes, "seed": self.seed}


for part in (
    *(softmax_loss, cosface_loss, arcface_loss, distillation_loss),
    *(contrastive_loss, triplet_loss, Prototypes),
):  # so that files of networks may name them
    keras.saving.register_keras_serializable("facebook_tut")(part)


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
        Vary every image anew in each epoch, by `vary` or by ``augment(images, rng)``.
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
    teacher = normalize(teacher).astype(np.float32)
    batches = _Batches(images, np.arange(len(images)), batch_size, 1, seed, augment)

    prototypes = Prototypes(len(teacher), trainable=False)
    trained = keras.Model(model.input, prototypes(model.output))
    prototypes.directions.assign(teacher)

    def objective(rows, cosines):
        wanted = ops.take(prototypes.directions, ops.cast(rows, "int32"), axis=0)  # (N, D)
        wanted = wanted @ ops.transpose(prototypes.directions)
        return distillation_loss(cosines, wanted, scale)

    settings = ("distillation", scale, hashlib.sha256(teacher).hexdigest())
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


@dataclass(frozen=True)
class _Batches:
    """Images and labels in batches, epoch after epoch, each with random numbers of its own."""

    images: np.ndarray
    labels: np.ndarray
    batch_size: int
    together: int  # images of one person in a row
    seed: int
    augment: object  # bool or callable

    @property
    def per_epoch(self):
        return len(self._rows(np.random.default_rng(self.seed)))

    @property
    def settings(self):
        people = hashlib.sha256(self.labels).hexdigest()
        change = getattr(self.augment, "__name__", self.augment)
        return (*self.images.shape, people, self.batch_size, self.together, self.seed, change)

    def of_epochs(self, epochs):
        change = vary if self.augment is True else self.augment
        for epoch in epochs:
            rng = np.random.default_rng((self.seed, epoch))
            for rows in self._rows(rng):
                batch = _as_floats(self.images[rows])
                yield (change(batch, rng) if change else batch), self.labels[rows]

    def _rows(self, rng):
        """Return the rows of each batch of an epoch: a list of vectors, of equal size up to one."""
        groups = _groups(self.labels, self.together, rng)
        steps = max(1, round(sum(map(len, groups)) / self.batch_size))
        parts = np.array_split(rng.permutation(len(groups)), steps)
        return [np.concatenate([groups[i] for i in part]) for part in parts]


def _groups(labels, together, rng):
    """Return rows of one person, so many at a time; single ones only if single ones are wanted."""
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]  # person by person
    people = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    groups = [one[i : i + together] for one in people for i in range(0, len(one), together)]
    return [group for group in groups if len(group) > 1 or together == 1]


def _as_floats(images):
    return images / np.float32(255) if images.dtype == np.uint8 else images


def vary(images, rng, *, shift=0.06, brightness=0.1, contrast=0.2):
    """Vary images at random: mirrored or not, shifted, brighter or darker, of other contrast.

    Parameters
    ----------
    images : ndarray, (N, H, W, C), float32
        From 0 to 1.
    rng : numpy.random.Generator
        Where the random numbers come from.
    shift : float
        Largest shift, as a share of the edge. What comes in repeats the edge.
    brightness : float
        Largest number added to an image.
    contrast : float
        Largest change, as a share, of the deviations from an image's mean.

    Returns
    -------
    ndarray, (N, H, W, C), float32
        From 0 to 1.

    Examples
    --------
    >>> vary(np.zeros((2, 64, 64, 3), "float32"), np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    n, height, width, _ = images.shape
    rows = _shifted(n, height, rng, shift)
    columns = _shifted(n, width, rng, shift)
    mirrored = rng.random(n) < 0.5
    columns[mirrored] = columns[mirrored, ::-1]
    moved = images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    mean = moved.mean((1, 2, 3), keepdims=True)
    gain = 1 + rng.uniform(-contrast, contrast, (n, 1, 1, 1)).astype(np.float32)
    lift = rng.uniform(-brightness, brightness, (n, 1, 1, 1)).astype(np.float32)
    return np.clip(mean + lift + gain * (moved - mean), 0, 1)


def vary_strongly(images, rng):
    """Vary images at random as `vary` does, and also turn and scale them and cover a part.

    Parameters
    ----------
    images : ndarray, (N, H, W, C), float32
        From 0 to 1.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    ndarray, (N, H, W, C), float32
        From 0 to 1.

    Examples
    --------
    >>> vary_strongly(np.zeros((2, 64, 64, 3), "float32"), np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    moved = preprocessing.augment(images, 1, int(rng.integers(2**32)), turn=10.0)
    return erase(vary(moved, rng, shift=0, contrast=0.4), rng)


def vary_camera(images, rng, *, share=0.5):
    """Vary images at random as `vary_strongly` does, and a share of them as light and cameras do.

    Parameters
    ----------
    images : ndarray, (N, H, W, 3), float32
        From 0 to 1, faces of about 64×64 pixels.
    rng : numpy.random.Generator
        Where the random numbers come from.
    share : float
        The chance of each image to be corrupted, by `corruption.corrupt_at_random`.

    Returns
    -------
    ndarray, (N, H, W, 3), float32
        From 0 to 1.

    Examples
    --------
    >>> vary_camera(np.zeros((2, 64, 64, 3), "float32"), np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    images = vary_strongly(images, rng)
    for row in np.flatnonzero(rng.random(len(images)) < share):
        images[row] = corruption.corrupt_at_random(images[row], rng)
    return images


def erase(images, rng, *, share=0.3, largest=0.5):
    """Cover a random rectangle of some images with a random grey.

    Parameters
    ----------
    images : ndarray, (N, H, W, C), float32
        From 0 to 1.
    rng : numpy.random.Generator
        Where the random numbers come from.
    share : float
        The chance of each image.
    largest : float
        Largest height and width of the rectangle, as shares of the image's.

    Returns
    -------
    ndarray, (N, H, W, C), float32

    References
    ----------
    Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation" (2020).

    Examples
    --------
    >>> covered = erase(np.zeros((1, 8, 8, 3), "float32"), np.random.default_rng(0), share=1)
    >>> 0 < int((covered[0, :, :, 0] > 0).sum()) <= 16
    True
    """
    images = images.copy()
    for row in np.flatnonzero(rng.random(len(images)) < share):
        size = [rng.integers(1, max(2, round(largest * n) + 1)) for n in images.shape[1:3]]
        start = [rng.integers(n - m + 1) for n, m in zip(images.shape[1:3], size, strict=True)]
        rows, columns = (slice(a, a + m) for a, m in zip(start, size, strict=True))
        images[row, rows, columns] = rng.random()
    return images


def _shifted(n, length, rng, share):
    """Return for n images which row or column comes where, (n, length)."""
    most = round(share * length)
    offsets = rng.integers(-most, most + 1, (n, 1))
    return np.clip(np.arange(length) + offsets, 0, length - 1)


# Checkpoints


class _Checkpoint:
    """A file with all that training goes on from: weights, random states, optimiser, history."""

    def __init__(self, path, trained, settings):
        self.path = check_writable(path, overwrite=True, suffix=".npz", name="checkpoint")
        self.settings = f"{settings} {trained.count_params()}"
        self.variables = [*trained.variables, *trained.optimizer.variables]

    def write(self, history):
        arrays = {str(i): ops.convert_to_numpy(each) for i, each in enumerate(self.variables)}
        with replacing(self.path, overwrite=True) as temporary:
            np.savez(temporary, settings=self.settings, **arrays, **vars(history))

    def restore(self):
        """Set the variables to what the file holds, if there is one; return the history so far."""
        if not self.path.exists():
            return EmbedderHistory([], [])
        if not is_zipfile(self.path):
            raise ValueError(f"{self.path} is not a checkpoint that fit_embedder wrote")
        with np.load(self.path) as kept:
            if kept["settings"] != self.settings:
                raise ValueError(
                    f"{self.path} is of another training: {kept['settings']}, not {self.settings}"
                )
            for i, variable in enumerate(self.variables):
                variable.assign(kept[str(i)])
            return EmbedderHistory(kept["loss"].tolist(), kept["validation"].tolist())


# Use


@on_keras
def embed(model, images, *, mirror=True, batch_size=256):
    """Return the embeddings of images.

    Parameters
    ----------
    model : keras.Model
        From (N, H, W, C) images to (N, D) embeddings.
    images : ndarray, (N, H, W, C), float or uint8
        Floats from 0 to 1, or 8-bit integers; in colour as red, green, blue.
    mirror : bool
        Take the mean of the embeddings of an image and of its mirror image, normalised.
    batch_size : int
        Images at a time; the result does not depend on it beyond rounding.

    Returns
    -------
    ndarray, (N, D), float32
        Rows of length 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> embed(build_embedder(16), np.zeros((3, 64, 64, 3))).shape
    (3, 16)
    """
    _check_gives_embeddings(model)
    images = _check_images(model, images)
    check_flag("mirror", mirror)
    check_number("batch_size", batch_size, 1, 1_000_000, integer=True)
    parts = []
    for start in range(0, len(images), batch_size):
        batch = _as_floats(images[start : start + batch_size])
        views = [batch, batch[:, :, ::-1]] if mirror else [batch]
        embeddings = model.predict_on_batch(np.concatenate(views))  # in one call: it is quicker
        parts.append(sum(np.split(embeddings, len(views))))
    sums = check_finite("model(images)", np.concatenate(parts))
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)


def fingerprint(model):
    """Return a short text that changes with any weight: embeddings of two networks do not compare.

    Parameters
    ----------
    model : keras.Model
        The network.

    Returns
    -------
    str
        The SHA-256 of the weights' shapes and bytes, 64 hexadecimal digits.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(16)
    >>> len(fingerprint(model)), fingerprint(model) == fingerprint(model)
    (64, True)
    """
    if not hasattr(model, "get_weights") or isinstance(model, type):
        raise TypeError(f"model must be a network of Keras, got {type(model).__name__}")
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(f"{weight.dtype} {weight.shape}".encode())
        digest.update(np.ascontiguousarray(weight))
    return digest.hexdigest()


# Checks


def _check_images(model, images):
    """Return the images if they are floats from 0 to 1 or 8-bit integers, as large as read."""
    images, shape = as_array("images", images), model.input_shape[1:]
    if images.dtype != np.uint8:
        return check_images("images", images, shape)
    if images.shape[1:] != shape or len(images) == 0:
        wanted = ", ".join(map(str, shape))
        raise ValueError(f"images must have shape (N, {wanted}), got {images.shape}")
    return images


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
