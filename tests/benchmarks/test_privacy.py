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


def test_rates_of_people_drawn_again_are_those_of_their_pairs(privacy):
    """Three people; the second is drawn twice and the third not at all."""
    accepted = np.array([[1.0, 2, 0], [0, 2, 3], [0, 0, 4]])
    pairs = np.array([[2.0, 4, 4], [0, 2, 4], [0, 0, 4]])
    times = np.array([[1.0, 1, 1], [1, 2, 0]])
    fmr, fnmr = privacy.rates_again(accepted, pairs, times)
    np.testing.assert_allclose(fmr, [5 / 12, 4 / 8])
    np.testing.assert_allclose(fnmr, [1 - 7 / 8, 1 - 5 / 6])


def test_redrawn_starts_with_the_rates_themselves(privacy, monkeypatch):
    monkeypatch.setattr(privacy, "embed", pixels)
    monkeypatch.setattr(privacy, "ROUNDS", 50)
    new = privacy.pairs("a network", seed=1, people=5, pictures=3)
    again = privacy.redrawn(new, 0.5, 0, people=5, pictures=3)
    for expected in group_rates(*new, 0.5):
        fmr, fnmr = again[expected.group]
        assert fmr[0] == pytest.approx(expected.fmr.value) and len(fmr) == 51
        assert fnmr[0] == pytest.approx(expected.fnmr.value)
    summary = privacy.over_people({name: [{"one": again, "own": again}] for name in privacy.SHARES})
    same = summary["half dark instead of 10 %"]["one"]["dark"]["fmr"]
    assert same == {"value": 0.0, "interval": [0.0, 0.0]}  # the same people, drawn alike
    dark = summary["means"]["half dark"]["one"]["dark"]["fnmr"]
    assert dark["interval"][0] <= dark["value"] <= dark["interval"][1]


def test_a_delta_is_a_tenth_of_one_in_the_number_of_people(privacy):
    assert privacy.delta_of(300) == pytest.approx(1 / 3000)


class Photographs:
    """Three people with two photographs each, and many with one: noise around a point of each."""

    fingerprint = "made up"
    pairs_of, alone = 6, 60

    def people(self, part):
        if part == "view1/train":
            return {"Somebody_Else": 1}
        many = {f"Person_{n}": 2 for n in range(self.pairs_of)}
        return many | {f"Single_{n}": 1 for n in range(self.alone)}

    def images(self, photos):
        names = {name: n for n, name in enumerate(self.people("view1/test"))}
        points = np.random.default_rng(0).integers(40, 215, (len(names), 4, 4, 3))
        noise = np.random.default_rng(len(photos)).integers(-5, 6, (len(photos), 4, 4, 3))
        return (points[[names[photo.name] for photo in photos]] + noise).astype(np.uint8)


def test_faces_given_back_are_recognised_and_those_of_turned_templates_are_not(
    privacy, monkeypatch
):
    monkeypatch.setattr(privacy, "embed", lambda model, images: pixels(model, images, False))
    monkeypatch.setattr(privacy, "ROUNDS", 20)
    monkeypatch.setattr(privacy, "COMPONENTS", (32,))
    monkeypatch.setattr(privacy.pretrained, "load_embedder", lambda: "a network")
    found = privacy.inverting(Photographs())
    assert found["victims"] == 6 and found["attacker's people"] == 60
    assert found["inverter"]["components"] == 32
    ranks = {name: one["rank 1"]["counted"] for name, one in found["probes"].items()}
    assert ranks["the photograph"] == [6, 6] and ranks["given back"][0] >= 5
    assert ranks["turned by a secret"][0] <= 3
    assert 0.5 < found["cosine of a BioHash undone"] < 0.95
