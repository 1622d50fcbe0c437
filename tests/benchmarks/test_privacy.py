"""The benchmark of privacy and fairness, on a handful of drawn people."""

import numpy as np
import privacy as benchmark
import pytest

from facebook_tut.evaluation import group_rates


@pytest.fixture(scope="module")
def privacy():
    """The module benchmarks/privacy.py, with few people and short trainings."""
    patch = pytest.MonkeyPatch()
    few = {"PEOPLE": {60: 20}, "NEW": 80, "BUDGETS": (2,), "BY_HEART": 150, "EPOCHS": 3}
    few |= {"ATTACKERS": 12, "GALLERY": 10, "PICTURES": 2}
    few |= {"EDGES": (1,), "BLURS": (), "GROUPS": (5,)}
    for name, value in few.items():
        patch.setattr(benchmark, name, value)
    patch.setattr(benchmark, "recognizer", lambda images, identities, seed: "a network")
    yield benchmark
    patch.undo()


def pixels(model, images, mirror):
    """Stand in for `embed`: the pixels themselves, without their mean, of length 1."""
    flat = images.reshape(len(images), -1) - images.mean()
    return flat / np.linalg.norm(flat, axis=1, keepdims=True)


def test_learning_by_heart_betrays_and_a_budget_is_kept(privacy):
    [(people, study)] = privacy.learning(seeds=1)["people"].items()
    assert people == "60" and [*study["private"]] == ["2", "inf"]
    assert study["by heart"][0]["auc"] > 0.65
    for runs in study["private"].values():  # `private` itself asserts that ε is the budget
        assert runs[0]["accuracy"]["trials"] == 80
        assert runs[0]["auc"] < study["by heart"][0]["auc"]


def test_labels_are_wrong_as_often_as_told(privacy):
    _, labels, truth = privacy.masks(2000, seed=0)
    assert np.mean(labels != truth) == pytest.approx(privacy.WRONG, abs=0.03)


def test_k_same_and_one_square_hide_and_what_is_left_alone_does_not(privacy, monkeypatch):
    monkeypatch.setattr(privacy, "embed", pixels)
    ways = privacy.showing(seeds=1)["ways"]
    assert [*ways] == ["as it is", "pixelate", "blur", "k-same", "drawn face"]
    [plain] = ways["as it is"][""]
    assert plain["naive"] == plain["same treatment"] == plain["parrot"]
    assert plain["naive"]["successes"] >= 5 and plain["naive"]["trials"] == 10
    [averaged] = ways["k-same"]["5"]
    for attacker in ("naive", "same treatment", "parrot"):
        assert averaged[attacker]["successes"] <= 2  # of 10: one in five


def test_equal_pictures_are_one_and_nobody_is_named_twice_for_them(privacy, monkeypatch):
    monkeypatch.setattr(privacy, "embed", pixels)
    image = np.random.default_rng(0).random((1, 8, 8, 3))
    found = privacy.named("a network", np.repeat(image, 6, axis=0), np.repeat(image, 6, axis=0))
    assert found == {"successes": 1, "trials": 6}


def test_groups_differ_in_the_tone_of_the_skin_and_pairs_stay_within(privacy, monkeypatch):
    monkeypatch.setattr(privacy, "embed", pixels)
    images, who = privacy.groups(6, 4, pictures=3, seed=0)
    assert who.tolist() == np.repeat(np.arange(10), 3).tolist()
    cheeks = images[:, 17:20, 8:24].mean((1, 2, 3))
    assert cheeks[:18].mean() > cheeks[18:].mean() + 0.1
    same, scores, group = privacy.pairs("a network", seed=1, people=5, pictures=3)
    assert len(same) == len(scores) == 2 * 15 * 14 // 2
    assert same.sum() == 2 * 5 * 3 and (group == "dark").sum() == len(group) / 2
    rates = privacy.rates((same, scores, group), 0.5)
    for expected in group_rates(same, scores, group, 0.5):
        found = rates[expected.group]["fmr"]
        assert found["successes"] / found["trials"] == expected.fmr.value
