"""The benchmark of the detector: how it counts, and that it runs on a tiny fake LFW."""

import json
import sys

import _detector
import _photographs
import detector
import numpy as np
import pytest
import skimage.data
from _photographs import FACE, SMALLEST_ON_FRAMES, frame_sizes, is_known, load_frames, on_face
from detector import at_rates, look, summary

from facebook_tut.cascade import PixelFilter
from facebook_tut.data import Dataset, Splits
from facebook_tut.data.lfw import load_lfw
from facebook_tut.detection import Detection
from facebook_tut.preprocessing import resize

EVERYTHING = PixelFilter(np.zeros((25, 25)), 1.0)


def made(own, alarms):
    """What `look` would return: photographs of one megapixel each."""
    names = detector.PHOTOGRAPHS
    return {
        "own": own,
        "alarms": {names[k]: (scores, 1.0) for k, scores in enumerate(alarms)}
        | {"scikit-learn 0": ([7.0, 1.0], 0.5)},
        "astronaut": {"3": 2, "2": 1},
    }


def test_the_threshold_is_read_off_the_false_alarms(monkeypatch):
    monkeypatch.setattr(detector, "RATES", (0.4, 0.5, 1))
    one = made([9.0, 5.0, 3.0, 0.0], [[6.0, 4.0], []])  # two alarms on two megapixels
    found = at_rates([one], np.array([one["own"]]), 5)
    assert found["0.4"]["mean"] == 0.25  # no alarm: above 6
    assert found["0.5"]["mean"] == 0.5  # one alarm: above 4
    assert found["1"]["mean"] == 0.75  # two: all that was found


def test_the_alarms_of_all_seeds_are_pooled_and_each_seed_is_kept(monkeypatch):
    monkeypatch.setattr(detector, "RATES", (1,))
    looks = [made([3.0, 1.5], [[4.0, 2.0, 1.0], []]), made([9.0, 0.0], [[], []])]
    own = np.array([each["own"] for each in looks])
    found = at_rates(looks, own, 20)["1"]  # three alarms on four megapixels: all are allowed
    assert found["seeds"] == [1.0, 0.5] and found["mean"] == 0.75
    assert found["low"] <= 0.75 <= found["high"]


def test_a_summary_tells_where_the_alarms_are(monkeypatch):
    monkeypatch.setattr(detector, "RATES", (0.5, 1))
    looks = [made([9.0, 0.5] * 10, [[4.0], [1.0]]), made([9.0, 0.0] * 10, [[4.0, 2.0]])]
    whole = summary(looks, rounds=20)
    assert whole["seeds"] == 2 and whole["astronaut"] == {"3": [2, 2], "2": [1, 1]}
    assert whole["faces found at any"] == 0.75
    assert whole["alarms per megapixel at any"] == pytest.approx(4 / 3, abs=1e-4)
    first, second = detector.PHOTOGRAPHS[:2]
    expected = {first: [1, 2], second: [1], "scikit-learn 0": [2, 2]}
    assert whole["alarms by photograph at any"] == expected
    assert whole["unseen alarms per megapixel at 1"] == [4, 2]  # above 0 and 2, on half a megapixel


def test_a_box_finds_a_face_if_it_overlaps_enough():
    boxes = [Detection(10, 10, 20, 1, 1), Detection(14, 10, 20, 1, 1), Detection(25, 10, 20, 1, 1)]
    assert on_face(boxes, (10, 10, 30, 30)) == [True, True, False]


def test_windows_on_a_frame_are_of_the_faces_size_too():
    sizes = np.array(frame_sizes(125)) / 125
    assert sizes[0] == SMALLEST_ON_FRAMES and sizes[-1] <= 1
    assert np.abs(sizes - (FACE[2] - FACE[0])).min() < 0.01


def test_a_look_tells_faces_from_alarms(monkeypatch):
    monkeypatch.setattr(detector, "_photograph", lambda name: np.zeros((100, 100)))

    def detect(grey, sizes=None, step=3):
        edge = len(grey)
        top, left, bottom, _ = np.array(FACE) * edge
        return [Detection(top, left, bottom - top, 1, edge), Detection(0, 0, edge / 5, 1, 3.0)]

    found = look(detect, [np.zeros((50, 50)), np.zeros((60, 60))], ["coins"])
    assert found["own"] == [50, 60]
    assert found["alarms"]["coins"] == ([100, 3.0], pytest.approx(0.01))
    assert [*found["alarms"]] == ["coins", "scikit-learn 0", "scikit-learn 1"]
    assert found["astronaut"] == {"3": 0, "2": 0}


def test_a_frame_that_a_face_was_cut_from_is_known():
    face = skimage.data.lfw_subset()[7]
    frame = np.full((125, 125), 0.5)
    frame[35:96, 36:97] = resize(face, (61, 61))
    assert is_known(frame)
    noise = np.random.default_rng(0).uniform(size=(125, 125))
    assert not is_known(noise)


@pytest.fixture
def quick(few, monkeypatch):
    """Small photographs, a classifier of brightness, and no training."""
    sources = ["face 3", "face 4", "non-face 1", "coins"]
    small = Dataset(few.images[:4], [1, 1, 0, 0], sources)
    held = Dataset(few.images[:4], [1, 1, 0, 0], ["face 5", "face 6", "non-face 2", "text"])
    monkeypatch.setattr(detector, "load_patches", lambda seed, **options: Splits(small, few, held))
    monkeypatch.setattr(detector, "PHOTOGRAPHS", ("coins", "text"))
    monkeypatch.setattr(detector, "_photograph", lambda name: np.eye(50))
    monkeypatch.setattr(detector, "unseen", lambda: {"scikit-learn 0": np.eye(60)})
    monkeypatch.setattr(_detector, "load_detector_patches", lambda *a, **k: small)
    monkeypatch.setattr(_detector, "mine_false_alarms", lambda *a, **k: small)
    monkeypatch.setattr(_detector, "train_on", lambda *arguments: None)
    monkeypatch.setattr(_detector, "fit_pixel_filter", lambda dataset: EVERYTHING)
    bright = lambda images: np.clip(images.mean((1, 2, 3)), 0, 1)  # noqa: E731
    for module in (detector, _detector):
        monkeypatch.setattr(module, "classifier", lambda model: bright)
    monkeypatch.setattr(detector.skimage.data, "astronaut", lambda: np.eye(60))
    monkeypatch.setattr(_detector.models, "build_classifier", tiny)


def tiny():
    """A network that is saved and read sooner than the book's."""
    from facebook_tut._backend import keras

    layers = [keras.Input((64, 64, 3)), keras.layers.GlobalAveragePooling2D()]
    return keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])


def test_it_runs_on_a_fake_lfw_and_goes_on_where_it_was(quick, folder, tmp_path, monkeypatch):
    output, kept = tmp_path / "record.json", tmp_path / "kept"
    command = ["detector.py", "--data", str(folder), "--output", str(output), "--frames", "2"]
    monkeypatch.setattr(sys, "argv", [*command, "--seeds", "0", "--checkpoints", str(kept)])
    detector.main()
    record = json.loads(output.read_text())
    assert [*record["steps"]] == [*detector.STEPS]
    assert record["frames"] == 2 and record["view"] == 2
    for found in record["steps"].values():
        assert 0 <= found["faces found"]["1"]["mean"] <= 1
        assert [len(ranks) for ranks in found["astronaut"].values()] == [1, 1]
    assert {"text", "scikit-learn 0"} == set(found["alarms by photograph at any"]) - {"coins"}
    names = {path.name for path in kept.iterdir()}
    assert {"detector_0_bootstrapped.keras", "detector_0_votes.json"} <= names
    monkeypatch.setattr(_detector, "train", None)  # which would fail
    monkeypatch.setattr(detector, "window_log_odds", None)
    detector.main()
    assert json.loads(output.read_text())["steps"] == record["steps"]


def test_frames_are_of_different_people_none_of_them_known_to_the_choice(folder, monkeypatch):
    data = load_lfw(folder)
    asked = []
    monkeypatch.setattr(
        _photographs, "is_known", lambda grey: asked.append(grey) or len(asked) == 1
    )
    frames = load_frames(data, 2, 30)
    assert len(frames) == 14  # of the 15 people who are not in View 1's list, one frame was known
    assert {frame.shape for frame in frames} == {(40, 40)}
    assert len(load_frames(data, 1, 5)) == 5
