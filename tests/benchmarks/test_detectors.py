"""The benchmark of the detectors: how it counts, and that it runs on a tiny fake LFW."""

import json
import sys
from types import SimpleNamespace

import detectors
import numpy as np
import pytest
from detectors import (
    central,
    differences,
    holds,
    judged,
    large_photograph,
    poisson_interval,
    spread,
)
from lfw.protocol import plan

from facebook_tut.data.lfw import load_lfw
from facebook_tut.detection import Detection


def test_the_first_box_about_the_middle_is_the_face():
    elsewhere, middle = Detection(0, 0, 90, 1, 1), Detection(90, 90, 80, 1, 1)
    assert central([elsewhere, middle]) is middle
    assert central([elsewhere]) is central([]) is None
    assert holds(middle, (100, 169)) and not holds(middle, (100, 171))


def test_faces_stand_where_the_large_photograph_says():
    picture, noses = large_photograph()
    assert picture.shape == (5774, 8660, 3) and picture.dtype == np.uint8
    assert len(noses) == 12
    edge = 5774 // 4
    parts = [
        picture[int(y // edge) * edge :, int(x // edge) * edge :][:edge, :edge] for y, x in noses
    ]
    assert all((part == parts[0]).all() for part in parts)
    assert not (picture[:edge, edge : 2 * edge] == parts[0]).all()


def test_the_interval_of_a_median_resamples_people():
    errors = [0.1, 0.1, 0.1, 0.9, 0.9, 0.9]
    assert spread(errors, [0, 0, 0, 1, 1, 1])["interval"] == [0.1, 0.9]
    assert spread([0.2] * 4, [0, 0, 1, 2]) == {
        "median": 0.2,
        "interval": [0.2, 0.2],
        "ninth_decile": 0.2,
    }


def test_no_alarm_is_not_certainty():
    assert poisson_interval(0) == (0, pytest.approx(3.689, abs=1e-3))  # Garwood's table
    assert poisson_interval(10) == (pytest.approx(4.795, abs=1e-3), pytest.approx(18.39, abs=1e-2))


def test_missed_faces_are_rejected_or_left_out(folder):
    [experiment] = plan(load_lfw(folder), view=1)
    same = experiment.pairs.same
    left = np.tile([1.0, 0.0], (len(same), 1))
    right = np.where(same[:, None], left, [0.0, 1.0])
    whole = judged(experiment, left, right)
    assert whole["missed_rejected"]["mean"] == 1 and all(whole["right"])
    first = [np.flatnonzero(same)[0], np.flatnonzero(~same)[0]]
    left[first] = np.nan
    found = judged(experiment, left, right)
    assert found["pairs_missed"] == 2 and found["missed_left_out"]["mean"] == 1
    wrong = np.flatnonzero(~np.array(found["right"]))
    assert wrong.tolist() == first[:1]  # an impostor pair is rejected rightly
    assert found["at_threshold"]["fnmr"]["counted"][0] == 1


def test_a_difference_is_that_of_the_same_pairs(folder):
    pairs = load_lfw(folder).pairs("view1/test")
    one = np.zeros(len(pairs), bool)
    found = differences(pairs, {"a": one, "b": ~one, "c": one})
    assert found["b less a"] == {"difference": 1.0, "interval": [1.0, 1.0]}
    assert found["c less a"] == {"difference": 0.0, "interval": [0.0, 0.0]}
    assert [*found] == ["b less a", "c less a", "c less b"]


def test_the_cascade_as_it_was_looks_for_a_share_of_the_frame(monkeypatch):
    asked = []
    monkeypatch.setattr(detectors, "detect_with_cascade", lambda p, **more: asked.append(more))
    for edge in (640, 100):
        detectors.unpadded_cascade(np.zeros((edge, 700)))
    assert asked == [{"smallest": 100, "margin": 0}, {"smallest": 24, "margin": 0}]


@pytest.fixture
def quick(monkeypatch):
    """Detectors that find the middle of whatever they see, and small photographs."""
    middle = lambda picture: [Detection(*np.array(picture.shape[:2]) / 4, len(picture) / 2, 1, 1)]  # noqa: E731
    monkeypatch.setattr(detectors, "DETECTORS", {"middle": middle, "other": middle})
    monkeypatch.setattr(detectors, "FRAMES", 4)
    monkeypatch.setattr(detectors, "PHOTOGRAPHS", ("cell", "lfw_subset"))
    monkeypatch.setattr(detectors, "SYNTHETIC", {"n": 2, "images_per_person": 1, "size": 48})
    detectors.synthetic_people.cache_clear()
    monkeypatch.setattr(
        detectors, "large_photograph", lambda: (np.zeros((99, 99, 3), np.uint8), [(50, 50)])
    )
    monkeypatch.setattr(detectors, "fresh_memory", lambda: 0)
    monkeypatch.setattr(detectors, "peak_since", lambda idle: 1.0)
    face = SimpleNamespace(box=(10, 10, 90, 90))
    monkeypatch.setattr(
        detectors, "Recognizer", lambda detect: SimpleNamespace(faces=lambda picture: [face])
    )


def test_it_runs_on_a_fake_lfw_and_goes_on_where_it_was(quick, folder, tmp_path, monkeypatch):
    output, kept = tmp_path / "record.json", tmp_path / "kept"
    command = ["detectors.py", "--data", str(folder), "--output", str(output)]
    monkeypatch.setattr(sys, "argv", [*command, "--checkpoints", str(kept)])
    kept.mkdir()
    large = dict.fromkeys(("faces", "found", "boxes"), 3)
    large |= dict.fromkeys(("seconds", "cpu_seconds", "mebibytes"), 0.5)
    (kept / "detectors_large_other.json").write_text(json.dumps(large))
    detectors.main()
    record = json.loads(output.read_text())
    one, other = record["detectors"].values()
    assert other["50 megapixels"] == large
    assert one["50 megapixels"]["found"] == one["50 megapixels"]["faces"] == 1
    assert one["found"]["counted"] == [4, 4]
    assert one["alarms"]["by_photograph"] == {"cell": 1}
    assert one["landmarks"]["found"]["value"] == 1
    assert one["verification"] == other["verification"]
    assert record["differences"]["other less middle"]["interval"] == [0, 0]
    assert [*kept.iterdir()] == []  # the run is through
