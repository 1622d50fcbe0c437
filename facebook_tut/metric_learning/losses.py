"""Losses on embeddings and on cosines, for batches on whatever backend Keras runs on.

They are those of `losses`, which has them in NumPy."""

import numpy as np

from facebook_tut._backend import keras

ops = keras.ops


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


def excess_likeness(embeddings, teacher):
    """Return by how much images are more alike to a student than to its teacher, as a tensor.

    The mean over all pairs of a batch of max(0, student's cosine − teacher's)². What the teacher
    finds unlike must not become alike because light or lens took away what tells them apart.

    Parameters
    ----------
    embeddings, teacher : tensor, (N, D), float32
        The student's and the teacher's embeddings of N images, of length 1.

    Returns
    -------
    tensor, (), float32

    References
    ----------
    Park, Kim, Lu and Cho, "Relational knowledge distillation" (2019), for the comparison of pairs
    instead of single embeddings.

    Examples
    --------
    >>> float(excess_likeness([[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]))
    0.5
    """
    seen, wanted = (x @ ops.transpose(x) for x in map(ops.convert_to_tensor, (embeddings, teacher)))
    return ops.mean(ops.square(ops.relu(seen - wanted)))


def _margin_loss(cosines, labels, scale, harder):
    """Return the cross-entropy of the scaled cosines, the true class made harder by its margin."""
    labels = ops.cast(labels, "int32")  # Keras hands them over as floats
    true = ops.expand_dims(labels, 1) == ops.arange(cosines.shape[1])  # (N, K)
    logits = scale * ops.where(true, harder, cosines)
    return ops.mean(ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))


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


CLASS_LOSSES = {  # of cosines with one prototype per person
    "softmax": lambda cosines, labels, scale, margin: softmax_loss(cosines, labels, scale),
    "cosface": cosface_loss,
    "arcface": arcface_loss,
}
PAIR_LOSSES = {"contrastive": contrastive_loss, "triplet": triplet_loss}  # of embeddings
MARGINS = {"softmax": 0.0, "cosface": 0.2, "arcface": 0.2, "contrastive": 1.0, "triplet": 0.2}


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
