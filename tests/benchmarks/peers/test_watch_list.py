"""A watch list and its rates by hand."""

import numpy as np
import pytest
from peers.watch_list import described, rates_of_lists, search

ONCE = np.ones((1, 4), int)  # a draw in which everybody comes once


def test_a_search_and_its_rates_by_hand():
    angles = np.deg2rad([0, 40, 90, 135, 320, 200])  # Ann twice, Bo twice, two strangers
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    listed, strangers = np.array([[0, 1], [2, 3]]), np.array([4, 5])
    own, alarms = search(embeddings, listed, strangers, lists := [np.array([0, 1])] * 2)
    np.testing.assert_allclose(own, [np.cos(np.deg2rad([40, 45]))] * 2)
    np.testing.assert_allclose(alarms, [np.cos(np.deg2rad([40, 110]))] * 2)
    found = described(*rates_of_lists((own, alarms), lists, 0.75, ONCE)["at_pairs_threshold"])
    assert found["fnir"]["value"] == found["fpir"]["value"] == 0.5  # Bo is missed, one is named
    lists = [np.array([0]), np.array([1])]
    named = search(embeddings, listed, strangers, lists)
    found = described(*rates_of_lists(named, lists, 0.75, ONCE)["at_pairs_threshold"])
    assert (found["fnir"]["value"], found["fpir"]["value"]) == (0.5, 0.25)  # Bo's list names nobody


def test_a_probe_that_is_more_like_somebody_else_is_missed_at_any_threshold():
    angles = np.deg2rad([0, 80, 90, 95, 200])  # Ann's second photograph is nearer to Bo's first
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    listed = np.array([[0, 1], [2, 3]])
    [own], _ = search(embeddings, listed, np.array([4]), [np.array([0, 1])])
    assert own[0] == -np.inf and own[1] == pytest.approx(np.cos(np.deg2rad(5)))
