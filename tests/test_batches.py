"""Batches: every image once an epoch, in an order that the seed sets."""

import numpy as np
import pytest

from facebook_tut.batches import shuffled_batches
from facebook_tut.data import Dataset


@pytest.mark.parametrize(("count", "size"), [(1, 1), (5, 2), (6, 3), (7, 32), (40, 16)])
def test_every_epoch_has_every_image_once_in_an_order_of_its_own(count, size):
    images = np.broadcast_to((np.arange(count) / count)[:, None, None, None], (count, 64, 64, 3))
    labels = np.arange(count) % 2
    dataset = Dataset(images, labels, [str(index) for index in range(count)])
    batches = shuffled_batches(dataset, size, epochs=5, seed=0)
    cut = list(batches)
    assert len(cut) == 5 * batches.per_epoch == 5 * np.ceil(count / size)
    orders = []
    for epoch in range(5):
        part = cut[epoch * batches.per_epoch : (epoch + 1) * batches.per_epoch]
        assert {len(labels) for _, labels in part[:-1]} <= {size}
        rows = np.concatenate([pictures[:, 0, 0, 0] for pictures, _ in part]) * count
        orders.append(tuple(rows.round().astype(int)))
        assert sorted(orders[-1]) == list(range(count))
        assert (
            np.concatenate([labels for _, labels in part]).tolist()
            == labels[[*orders[-1]]].tolist()
        )
    if count > 5:
        assert len(set(orders)) == 5
