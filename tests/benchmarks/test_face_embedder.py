"""The network that ships, measured on a tiny fake LFW."""

import hashlib
import itertools
import json
import sys
from types import SimpleNamespace

import face_embedder
import numpy as np
import pytest
from lfw import people

from facebook_tut import pretrained
from facebook_tut.data.lfw import load_lfw
from facebook_tut.models import build_embedder, save_model

DIMENSIONS = pretrained.LAYOUT["dimensions"]


def test_the_shipped_network_is_measured_on_people_it_never_met(folder, tmp_path, monkeypatch):
    output = tmp_path / "record.json"
    centre = SimpleNamespace(box=(0, 0, 250, 250), embedding=np.ones(DIMENSIONS))
    elsewhere = SimpleNamespace(box=(0, 0, 90, 90), embedding=-np.ones(DIMENSIONS))

    def recognizer(model):
        turn = itertools.cycle([[elsewhere, centre]] * 9 + [[elsewhere]])  # some are not found
        return SimpleNamespace(faces=lambda picture: next(turn))

    monkeypatch.setattr(face_embedder, "Recognizer", recognizer)
    monkeypatch.setattr(people, "FARS", (0.1, 0.01))
    monkeypatch.setattr(face_embedder, "CHOSEN", 0.01)
    conditions = {"the same": lambda image: image, "dark": lambda image: 0 * image}
    monkeypatch.setattr(face_embedder, "CONDITIONS", conditions)
    monkeypatch.setattr(
        sys, "argv", ["face_embedder.py", "--data", str(folder), "--output", str(output)]
    )
    face_embedder.main()
    record = json.loads(output.read_text())
    assert (record["people"], record["photos"]) == (15, 45)
    assert (record["genuine_pairs"], record["impostor_pairs"]) == (15 * 3, 45 * 44 // 2 - 15 * 3)
    point = record["operating_points"]["0.01"]
    accepted, trials = point["far"]["counted"]
    assert trials == 945 and accepted <= 9
    assert record["threshold"] == round(point["threshold"], 2)
    for thirds in record["groups"].values():
        pairs = [one[kind]["counted"][1] for one in thirds for kind in ("fnmr", "fmr")]
        assert len(thirds) == 3 and sum(pairs) == 3 * (15 * 14 // 2)  # of 15 photographs each
    for one in record["differences"].values():
        assert [*one] == ["low - middle", "low - high", "middle - high"]
        for found in one.values():
            low, high = found["over_people"]
            assert low <= found["value"] <= high
    low, high = point["over_people"]["fnmr"]
    assert low <= 1 - point["tar"]["value"] <= high
    conditions = record["conditions"]
    assert [*conditions] == ["as it is", "the same", "dark", "found by Recognizer"]
    assert conditions["the same"] == conditions["as it is"]
    assert conditions["as it is"]["pairs_not_found"] == conditions["dark"]["pairs_not_found"] == 0
    assert conditions["dark"]["auc"] != conditions["as it is"]["auc"]
    found = conditions["found by Recognizer"]
    lost = found["pairs_not_found"]
    assert 0 < lost < 40
    fixed = found["at_threshold"]  # all who are found look alike, all others are rejected
    same = load_lfw(folder).pairs("view1/test").same
    rejected, accepted = (fixed[kind]["counted"][0] for kind in ("fnmr", "fmr"))
    assert rejected + (same.size - same.sum() - accepted) == lost


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A network that is not the shipped one: packed, and as a file."""
    model = build_embedder(**pretrained.LAYOUT)
    path = tmp_path_factory.mktemp("other") / "other.keras"
    return pretrained.pack(model), save_model(model, path)


def test_another_network_is_measured_into_a_file_of_its_own(
    other, folder, tmp_path, monkeypatch, capsys
):
    packed, model = other
    command = ["face_embedder.py", "--data", str(folder), "--model", str(model)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit):
        face_embedder.main()
    assert "--model needs --output" in capsys.readouterr().err
    monkeypatch.setattr(face_embedder, "measure_all_pairs", lambda *_: {"threshold": 0.5})
    monkeypatch.setattr(face_embedder, "measure_conditions", lambda *_: {})
    monkeypatch.setattr(face_embedder, "table", lambda record: "")
    output = tmp_path / "record.json"
    monkeypatch.setattr(sys, "argv", [*command, "--output", str(output)])
    face_embedder.main()
    record = json.loads(output.read_text())
    assert record["sha256"] == hashlib.sha256(packed).hexdigest()
    assert record["sha256"] != pretrained.SHA256
    assert str(model) not in record["command"]


def test_proxies_of_a_photograph_see_what_they_name():
    pale, dark = (
        np.full((64, 64, 3), colour) for colour in ((0.9, 0.75, 0.65), (0.35, 0.22, 0.15))
    )
    assert face_embedder.skin_tone(pale) > 40 > -20 > face_embedder.skin_tone(dark)
    face = np.random.default_rng(0).random((64, 64, 3))
    both = (face + face[:, ::-1]) / 2
    assert face_embedder.symmetry(both) == pytest.approx(1)
    assert abs(face_embedder.symmetry(face)) < 0.1


def test_a_difference_of_groups_draws_people_not_pairs():
    rejected = np.array([1, 1, 1, 0, 0, 0, 0, 1]) == 1
    groups, owners = np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 0, 1, 2, 2, 2, 3])
    found = people.fnmr_difference(rejected, groups, owners)
    assert found["value"] == 0.5
    assert found["over_people"] == [-1, 1]  # two people in each: all of the one, or of the other
    everybody = people.fnmr_difference(rejected, groups, np.arange(8))
    low, high = everybody["over_people"]
    assert -1 < low < 0.5 < high <= 1
