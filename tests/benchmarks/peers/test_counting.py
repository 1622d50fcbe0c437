"""Counts by hand."""

import numpy as np
from peers.counting import count, summarise


def test_counts_by_hand():
    angles = np.deg2rad([0, 10, 90, 100])
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    names = np.array(["Ann", "Ann", "Bo", "Cy"])
    assert count(embeddings, names, [0.9, 0.999]) == [[0, 1 / 3, -1 / 3], [1 / 3, 0, 1 / 3]]
    found = summarise(np.array([[0, 0.5, -0.5], [0.5, 0, 0.5]]))
    assert found["wrong_by"] == 0.5 and found["splits"] == found["merges"] == 0.25
