"""Batches: the images of a data set in an order that a seed sets, so many at a time."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_images, check_labels, check_number, check_seed


@dataclass(frozen=True)
class Batches:
    """Images and labels in batches, epoch after epoch.

    Attributes
    ----------
    images : ndarray, (N, H, W, C), float32
        The images.
    labels : ndarray, (N,)
        Their labels.
    batch_size : int
        Images per batch; the last one of an epoch may be smaller.
    orders : ndarray, (epochs, N), int
        The rows of the images in the order of each epoch.

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

    @property
    def per_epoch(self):
        """Number of batches in an epoch."""
        return -(-len(self.labels) // self.batch_size)  # rounded up

    def __iter__(self):
        for order in self.orders:
            for start in range(0, len(order), self.batch_size):
                rows = order[start : start + self.batch_size]
                yield self.images[rows], self.labels[rows]


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


def _check_dataset(name, dataset):
    """Check that a data set has images and as many labels, whoever made it."""
    if not hasattr(dataset, "images") or not hasattr(dataset, "labels"):
        raise TypeError(f"{name} must be a data.Dataset, got {type(dataset).__name__}")
    images = check_images(f"{name}.images", dataset.images)
    check_labels(f"{name}.labels", dataset.labels, len(images))
