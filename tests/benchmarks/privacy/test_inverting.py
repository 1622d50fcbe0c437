"""Faces made from stolen templates, of people who are noise around a point of each."""

import _draws
import _inversion
import numpy as np
from privacy import inverting


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


def test_faces_given_back_are_recognised_and_those_of_turned_templates_are_not(pixels, monkeypatch):
    monkeypatch.setattr(inverting, "embed", pixels)
    monkeypatch.setattr(_draws, "ROUNDS", 20)
    monkeypatch.setattr(_inversion, "COMPONENTS", (32,))
    monkeypatch.setattr(inverting.pretrained, "load_embedder", lambda: "a network")
    found = inverting.inverting(Photographs())
    assert found["victims"] == 6 and found["attacker's people"] == 60
    assert found["inverter"]["components"] == 32
    ranks = {name: one["rank 1"]["counted"] for name, one in found["probes"].items()}
    assert ranks["the photograph"] == [6, 6] and ranks["given back"][0] >= 5
    assert ranks["turned by a secret"][0] <= 3
    assert 0.5 < found["cosine of a BioHash undone"] < 0.95
