"""Embeddings of images, and the fingerprint of the network that gives them."""

import hashlib

import numpy as np

from facebook_tut._backend import on_keras
from facebook_tut._validation import as_array, check_finite, check_flag, check_images, check_number
from facebook_tut.models.embedder import _check_gives_embeddings


def _as_floats(images):
    return images / np.float32(255) if images.dtype == np.uint8 else images


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


def _check_images(model, images):
    """Return the images if they are floats from 0 to 1 or 8-bit integers, as large as read."""
    images, shape = as_array("images", images), model.input_shape[1:]
    if images.dtype != np.uint8:
        return check_images("images", images, shape)
    if images.shape[1:] != shape or len(images) == 0:
        wanted = ", ".join(map(str, shape))
        raise ValueError(f"images must have shape (N, {wanted}), got {images.shape}")
    return images
