"""Batches: the images of a data set in an order that a seed sets, so many at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import (
    check_classes,
    check_images,
    check_labels,
    check_number,
    check_seed,
)
from facebook_tut.data.files import ImageFiles


@dataclass(frozen=True)
class Batches:
    """Images and labels in batches, epoch after epoch.

    Attributes
    ----------
    images : ndarray, (N, H, W, C), float32
        The images; or `data.files.ImageFiles`, which several threads read ahead.
    labels : ndarray, (N,)
        Their labels.
    batch_size : int
        Images per batch; the last one of an epoch may be smaller.
    orders : ndarray, (epochs, N), int
        The rows of the images in the order of each epoch.
    weights : ndarray, (N,), float32, optional
        How much each image counts; if given, they come third in each batch.
    augment : callable, optional
        Makes varied images of a batch of them and a `numpy.random.Generator`.
    seeds : ndarray, (epochs,), int, optional
        Of that generator, anew in each epoch.

    Examples
    --------
    >>> batches = Batches(np.zeros((3, 1, 1, 1)), np.arange(3), 2, np.array([[0, 1, 2], [2, 0, 1]]))
    >>> [labels.tolist() for _, labels in batches]
    [[0, 1], [2], [2, 0], [1]]
    """

    images: np.ndarray
    labels: np.ndarray
    batch_size: int
    orders: np.ndarray
    weights: np.ndarray = None
    augment: Callable = None
    seeds: np.ndarray = None

    @property
    def per_epoch(self):
        """Number of batches in an epoch."""
        return -(-len(self.labels) // self.batch_size)  # rounded up

    def __iter__(self):
        streamed = isinstance(self.images, ImageFiles)
        ahead = _read_ahead(self.images, self.orders, self.batch_size) if streamed else None
        for epoch, order in enumerate(self.orders):
            rng = np.random.default_rng(self.seeds[epoch]) if self.augment else None
            for start in range(0, len(order), self.batch_size):
                rows = order[start : start + self.batch_size]
                images = next(ahead) if streamed else self.images[rows]
                images = self.augment(images, rng) if self.augment else images
                weights = () if self.weights is None else (self.weights[rows],)
                yield images, self.labels[rows], *weights


def _read_ahead(files, orders, batch_size):
    """Return an iterator over the images of each batch, (batch, H, W, C), through ``tf.data``."""
    import tensorflow as tf

    def read(row):
        image = tf.numpy_function(files.read, [row], tf.float32, stateful=False)
        return tf.ensure_shape(image, files.shape[1:])

    def epoch(order):
        images = tf.data.Dataset.from_tensor_slices(order)
        return images.map(read, tf.data.AUTOTUNE, deterministic=True).batch(batch_size)

    orders = tf.data.Dataset.from_tensor_slices(np.asarray(orders))
    return orders.flat_map(epoch).prefetch(2).as_numpy_iterator()


def shuffled_batches(dataset, batch_size, epochs, seed):
    """Cut a data set into batches, in an order that `seed` sets anew for every epoch.

    Parameters
    ----------
    dataset : Dataset
        Images and labels.
    batch_size, epochs, seed : int
        As in `training.fit`.

    Returns
    -------
    Batches

    Examples
    --------
    >>> from facebook_tut.data import Dataset
    >>> few = Dataset(np.zeros((4, 64, 64, 3)), [0, 1, 0, 1], list("abcd"))
    >>> shuffled_batches(few, batch_size=3, epochs=2, seed=0).per_epoch
    2
    """
    _check_dataset("dataset", dataset)
    check_number("batch_size", batch_size, 1, 1_000_000, integer=True)
    check_number("epochs", epochs, 1, 100_000, integer=True)
    rng = np.random.default_rng(check_seed("seed", seed))
    orders = np.stack([rng.permutation(len(dataset)) for _ in range(epochs)])  # (epochs, N)
    return Batches(dataset.images, dataset.labels, batch_size, orders)


def _check_dataset(name, dataset, classes=None):
    """Check that a data set has images and as many labels, whoever made it; return its classes."""
    if not hasattr(dataset, "images") or not hasattr(dataset, "labels"):
        raise TypeError(f"{name} must be a data.Dataset, got {type(dataset).__name__}")
    images, found = dataset.images, getattr(dataset, "classes", 2)
    if classes not in (None, found):
        raise ValueError(f"{name} must have {classes} classes, got {found}")
    if not isinstance(images, ImageFiles):
        images = check_images(f"{name}.images", images)
    if found == 2:
        check_labels(f"{name}.labels", dataset.labels, len(images))
    else:
        check_classes(f"{name}.labels", dataset.labels, len(images), found)
    return found
