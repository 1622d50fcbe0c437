"""Labelled images: what every loader returns, and the loaders, one module each."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import (
    check_classes,
    check_images,
    check_labels,
    check_number,
    check_one_per,
)
from facebook_tut.data.files import ImageFiles

SHARES = (0.6, 0.2, 0.2)  # of the sources: train, validation, test
MOST_CLASSES = 10_000


@dataclass(frozen=True)
class Dataset:
    """Images with their labels and sources.

    Attributes
    ----------
    images : ndarray, (N, 64, 64, 3), float32
        RGB values from 0 to 1; or `ImageFiles`, which are read when they are asked for.
    labels : ndarray, (N,), float32
        1 for a face, 0 for a non-face; of more than two classes, whole numbers from 0.
    sources : ndarray, (N,), str
        Where each image comes from: two images with one source are never in two splits.
    classes : int
        How many classes there are.

    Examples
    --------
    >>> two = Dataset(np.zeros((2, 64, 64, 3)), [0, 1], ["brick", "face 0"])
    >>> len(two), two.images.dtype, two.faces.shape
    (2, dtype('float32'), (1, 64, 64, 3))
    """

    images: np.ndarray
    labels: np.ndarray
    sources: np.ndarray
    classes: int = 2

    def __post_init__(self):
        check_number("classes", self.classes, 2, MOST_CLASSES, integer=True)
        images = self.images
        images = images if isinstance(images, ImageFiles) else check_images("images", images)
        if self.classes == 2:
            labels = check_labels("labels", self.labels, len(images))
        else:
            labels = check_classes("labels", self.labels, len(images), self.classes)
        sources = check_one_per("sources", np.ravel(self.sources), len(labels), "image")
        for name, value in (("images", images), ("labels", labels), ("sources", sources)):
            object.__setattr__(self, name, value)

    def __len__(self):
        return len(self.labels)

    @property
    def faces(self):
        """The images whose label is 1, (F, 64, 64, 3)."""
        return self.images[self.labels == 1]

    @property
    def nonfaces(self):
        """The images whose label is 0, (N - F, 64, 64, 3)."""
        return self.images[self.labels == 0]


@dataclass(frozen=True)
class Splits:
    """Three data sets with no source in common.

    Attributes
    ----------
    train : Dataset
        What the network learns from.
    validation : Dataset
        What its author looks at while making choices.
    test : Dataset
        What is looked at once, at the end.
    """

    train: Dataset
    validation: Dataset
    test: Dataset

    def __iter__(self):
        return iter((self.train, self.validation, self.test))
