"""Template inversion: a picture from an embedding, so a stolen gallery is a stolen photo album.

The attacker has the network, or only what it answers, and pictures of other people. `fit_inverter`
learns the way back from embeddings to pictures. `refine` then moves a picture until the network
gives it the stolen embedding, for which it takes the network itself.
"""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_images, check_number, check_numbers


@dataclass(frozen=True, eq=False)
class Inverter:
    """A linear way back from embeddings to pictures.

    Attributes
    ----------
    mean_embedding : ndarray, (D,), float64
    mean_image : ndarray, (H, W, C), float64
    weights : ndarray, (D, K), float64
        From an embedding, without the mean, to its picture's coordinates.
    components : ndarray, (K, H, W, C), float64
        Principal components of faces: eigenfaces.

    Examples
    --------
    >>> grey, white = np.full((1, 1, 1), 0.5), np.ones((1, 1, 1, 1))
    >>> flat = Inverter(np.zeros(2), grey, np.eye(2)[:, :1], white)
    >>> flat.invert([[0.25, 0.0]]).ravel().tolist()
    [0.75]
    """

    mean_embedding: np.ndarray
    mean_image: np.ndarray
    weights: np.ndarray
    components: np.ndarray

    def invert(self, embeddings):
        """Return the pictures that embeddings seem to be of.

        Parameters
        ----------
        embeddings : array_like, (N, D), float
            Stolen ones.

        Returns
        -------
        ndarray, (N, H, W, C), float32
            From 0 to 1.
        """
        embeddings = check_numbers("embeddings", embeddings, ("N", len(self.mean_embedding)))
        coordinates = (embeddings - self.mean_embedding) @ self.weights  # (N, K)
        images = self.mean_image + np.tensordot(coordinates, self.components, axes=1)
        return np.clip(images, 0, 1).astype(np.float32)


def fit_inverter(embeddings, images, components=64, *, penalty=0.1):
    """Learn the way back from embeddings to pictures.

    Pictures are described by their coordinates along principal components (Turk and Pentland,
    1991), and ridge regression takes embeddings to these coordinates. Mai, Cao, Yuen and Jain
    (2018) train a network for the same. All the attacker needs is a network that answers, and
    pictures of people, who need not be those in the stolen gallery.

    Parameters
    ----------
    embeddings : array_like, (N, D), float
        Of the attacker's own pictures, by the network that is attacked.
    images : array_like, (N, H, W, C), float
        These pictures, from 0 to 1.
    components : int
        K, how many are kept; from 1 to N.
    penalty : float
        Of the squared weights, against as many squared errors as there are pictures, in units of
        the embeddings' mean variance: more of it, smoother pictures.

    Returns
    -------
    Inverter

    References
    ----------
    Turk and Pentland, "Eigenfaces for recognition" (1991); Mai, Cao, Yuen and Jain, "On the
    reconstruction of face images from deep face templates" (2018).

    Examples
    --------
    >>> embeddings = np.random.default_rng(0).random((20, 3))
    >>> images = np.tile(embeddings[:, :1, None, None], (1, 4, 4, 1))
    >>> inverter = fit_inverter(embeddings, images, components=1, penalty=1e-6)
    >>> bool(np.allclose(inverter.invert(embeddings), images, atol=1e-3))
    True
    """
    embeddings = check_numbers("embeddings", embeddings, ("N", "D")).astype(np.float64)
    images = check_images("images", images, shape=None).astype(np.float64)
    check_numbers("images", images, (len(embeddings), "H", "W", "C"))
    check_number("components", components, 1, len(images), integer=True)
    check_number("penalty", penalty, 0, 1e12)
    mean, mean_image = embeddings.mean(axis=0), images.mean(axis=0)
    x, flat = embeddings - mean, (images - mean_image).reshape(len(images), -1)
    axes = _principal_axes(flat, components)  # (K, H·W·C)
    ridge = penalty * x.var(axis=0).mean() * np.eye(x.shape[1])
    weights = np.linalg.solve(x.T @ x / len(x) + ridge, x.T @ (flat @ axes.T) / len(x))
    return Inverter(mean, mean_image, weights, axes.reshape(-1, *mean_image.shape))


def _principal_axes(flat, components):
    """Return the first principal components of rows without their mean, (K, D)."""
    if len(flat) < flat.shape[1]:  # the smaller matrix of inner products has the same ones
        vectors = np.linalg.eigh(flat @ flat.T)[1][:, ::-1][:, :components]  # (N, K)
        axes = vectors.T @ flat
        lengths = np.linalg.norm(axes, axis=1, keepdims=True)
        if lengths.min() > 1e-5 * lengths.max():  # else rounding would turn the last ones
            return axes / lengths
    return np.linalg.svd(flat, full_matrices=False)[2][:components]


def refine(model, images, embeddings, *, steps=100, learning_rate=0.02, smoothness=0.1):
    """Move pictures until a network gives them the stolen embeddings: the attack with its weights.

    Gradient descent (Adam) through the network on 1 − cosine, plus the mean absolute difference of
    neighbouring pixels (total variation), which keeps out the noise that means something to the
    network only (Mahendran and Vedaldi, 2015).

    Parameters
    ----------
    model : keras.Model
        From (N, H, W, C) images to (N, D) embeddings of length 1, on TensorFlow.
    images : array_like, (N, H, W, C), float
        Where it starts, from 0 to 1, such as what `Inverter.invert` returns.
    embeddings : array_like, (N, D), float
        The stolen ones.
    steps : int
        Of the descent.
    learning_rate : float
        Of Adam: about how much a pixel may change in a step.
    smoothness : float
        Weight of the total variation.

    Returns
    -------
    ndarray, (N, H, W, C), float32
        From 0 to 1.

    References
    ----------
    Mahendran and Vedaldi, "Understanding deep image representations by inverting them" (2015).

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(4, input_shape=(8, 8, 3), filters=(4,))
    >>> refine(model, np.full((2, 8, 8, 3), 0.5), np.eye(2, 4), steps=2).shape
    (2, 8, 8, 3)
    """
    import tensorflow as tf

    from facebook_tut._backend import check_not_forked
    from facebook_tut.models.embedder import _check_gives_embeddings

    check_not_forked()
    shape, (_, dimensions) = _check_gives_embeddings(model)
    images = check_images("images", images, shape[1:])
    targets = check_numbers("embeddings", embeddings, (len(images), dimensions))
    check_number("steps", steps, 1, 100_000, integer=True)
    check_number("learning_rate", learning_rate, 1e-9, 1)
    check_number("smoothness", smoothness, 0, 1e6)
    targets = tf.math.l2_normalize(targets.astype(np.float32), axis=1)
    pixels = tf.Variable(images)
    optimizer = _adam(learning_rate)
    optimizer.build([pixels])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            cosines = tf.reduce_sum(targets * model(pixels, training=False), axis=1)  # (N,)
            roughness = tf.image.total_variation(pixels) / images[0].size  # (N,)
            loss = tf.reduce_sum(1 - cosines + smoothness * roughness)
        optimizer.apply([tape.gradient(loss, pixels)], [pixels])
        pixels.assign(tf.clip_by_value(pixels, 0.0, 1.0))

    for _ in range(steps):
        step()
    return pixels.numpy()


def _adam(learning_rate):
    from facebook_tut._backend import keras

    return keras.optimizers.Adam(learning_rate)
