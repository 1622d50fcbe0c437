"""Errors of groups, and of people drawn again."""

import _draws
import numpy as np
import pytest
from privacy import judging

from facebook_tut.evaluation import group_rates


def test_groups_differ_in_the_tone_of_the_skin_and_pairs_stay_within(pixels, monkeypatch):
    monkeypatch.setattr(judging, "embed", pixels)
    images, who = judging.groups(6, 4, pictures=3, seed=0)
    assert who.tolist() == np.repeat(np.arange(10), 3).tolist()
    cheeks = images[:, 17:20, 8:24].mean((1, 2, 3))
    assert cheeks[:18].mean() > cheeks[18:].mean() + 0.1
    same, scores, group = judging.pairs("a network", seed=1, people=5, pictures=3)
    assert len(same) == len(scores) == 2 * 15 * 14 // 2
    assert same.sum() == 2 * 5 * 3 and (group == "dark").sum() == len(group) / 2
    rates = judging.rates((same, scores, group), 0.5)
    for expected in group_rates(same, scores, group, 0.5):
        found = rates[expected.group]["fmr"]
        assert found["successes"] / found["trials"] == expected.fmr.value


def test_rates_of_people_drawn_again_are_those_of_their_pairs():
    """Three people; the second is drawn twice and the third not at all."""
    accepted = np.array([[1.0, 2, 0], [0, 2, 3], [0, 0, 4]])
    pairs = np.array([[2.0, 4, 4], [0, 2, 4], [0, 0, 4]])
    times = np.array([[1.0, 1, 1], [1, 2, 0]])
    fmr, fnmr = judging.rates_again(accepted, pairs, times)
    np.testing.assert_allclose(fmr, [5 / 12, 4 / 8])
    np.testing.assert_allclose(fnmr, [1 - 7 / 8, 1 - 5 / 6])


def test_redrawn_starts_with_the_rates_themselves(pixels, monkeypatch):
    monkeypatch.setattr(judging, "embed", pixels)
    monkeypatch.setattr(_draws, "ROUNDS", 50)
    new = judging.pairs("a network", seed=1, people=5, pictures=3)
    again = judging.redrawn(new, 0.5, 0, people=5, pictures=3)
    for expected in group_rates(*new, 0.5):
        fmr, fnmr = again[expected.group]
        assert fmr[0] == pytest.approx(expected.fmr.value) and len(fmr) == 51
        assert fnmr[0] == pytest.approx(expected.fnmr.value)
    summary = judging.over_people({name: [{"one": again, "own": again}] for name in judging.SHARES})
    same = summary["half dark instead of 10 %"]["one"]["dark"]["fmr"]
    assert same == {"value": 0.0, "interval": [0.0, 0.0]}  # the same people, drawn alike
    dark = summary["means"]["half dark"]["one"]["dark"]["fnmr"]
    assert dark["interval"][0] <= dark["value"] <= dark["interval"][1]
