"""Batches of photographs of people, each epoch with random numbers of its own."""

import hashlib
from dataclasses import dataclass

import numpy as np

from facebook_tut.augmentation.moves import vary
from facebook_tut.metric_learning.embedding import _as_floats


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
