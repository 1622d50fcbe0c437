"""What a detector is trained on: of the sources named and no other, in the framing of the faces."""

import numpy as np
import pytest
import skimage.data

from facebook_tut.cascade import PixelFilter
from facebook_tut.data import detector_patches
from facebook_tut.data.detector_patches import (
    FRAMING,
    framed,
    load_detector_patches,
    mine_false_alarms,
    moved_face,
    part_of_face,
    synthetic_faces,
    turned_face,
)
from facebook_tut.preprocessing import to_network_input

SOURCES = ["face 3", "face 4", "non-face 5", "coins", "coins", "text"]
LITTLE = {"people": 5, "copies": 2, "hard_per_photograph": 3, "random_per_photograph": 2}


@pytest.fixture(scope="module")
def little():
    return load_detector_patches(SOURCES, 1, **LITTLE)


def test_faces_are_those_named_their_copies_and_synthetic_people(little):
    sources = little.sources[little.labels == 1].tolist()
    assert sources.count("face 3") == sources.count("face 4") == 3
    assert sources[6:] == [f"synthetic {k}" for k in range(5)]
    raw = to_network_input(skimage.data.lfw_subset()[3:5])
    np.testing.assert_array_equal(little.faces[:2], raw)


def test_nonfaces_are_of_the_sources_named_and_of_faces(little):
    sources = little.sources[little.labels == 0].tolist()
    counts = {name: sources.count(name) for name in set(sources)}
    made = {"turned face": 7, "part of a face": 7}  # of 2 faces and 5 synthetic ones
    assert counts == {"coins": 5, "text": 5, "non-face 5": 1} | made


def test_one_seed_gives_the_same_bytes_and_another_does_not(little):
    again, other = (load_detector_patches(SOURCES, seed, **LITTLE) for seed in (1, 2))
    assert little.images.tobytes() == again.images.tobytes()
    assert little.images.tobytes() != other.images.tobytes()


def test_synthetic_faces_lie_as_the_photographed_ones_do():
    mean = skimage.data.lfw_subset()[:100].mean(0).ravel()
    drawn = synthetic_faces(60, np.random.default_rng(0))
    upright = np.corrcoef(drawn.mean(0).ravel(), mean)[0, 1]
    shifted = np.corrcoef(np.roll(drawn.mean(0), 5, 0).ravel(), mean)[0, 1]
    assert upright > 0.6 > shifted + 0.1
    assert drawn.shape == (60, 25, 25) and drawn.min() >= 0 and drawn.max() <= 1
    assert synthetic_faces(0, np.random.default_rng(0)).shape == (0, 25, 25)


def test_eyes_and_mouth_are_framed():
    grey, points = np.zeros((64, 64)), np.array([(20, 30), (37, 27), (30, 48)])
    for x, y in points:
        grey[y - 1 : y + 2, x - 1 : x + 2] = 1
    face = framed(grey, points)
    for x, y in np.array(FRAMING) * 25 - 0.5:
        window = face[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
        assert window.max() == pytest.approx(face.max(), rel=0.5)
    assert face.mean() < 0.1


@pytest.mark.parametrize("change", [moved_face, turned_face, part_of_face])
def test_changed_faces_stay_patches_and_differ(change, lfw_face):
    rng = np.random.default_rng(0)
    found = [change(lfw_face, rng) for _ in range(12)]
    assert {face.shape for face in found} == {(25, 25)}
    assert np.min(found) >= 0 and np.max(found) <= 1
    assert len({face.tobytes() for face in found}) == 12 or change is turned_face
    likeness = [np.corrcoef(face.ravel(), lfw_face.ravel())[0, 1] for face in found]
    if change is moved_face:
        assert np.mean(likeness) > 0.4
    else:
        assert np.mean(likeness) < 0.4


def test_false_alarms_are_the_windows_of_highest_probability(monkeypatch):
    monkeypatch.setattr(detector_patches, "_photograph", lambda name: stripes)
    stripes = np.tile(np.repeat([0.2, 0.8], 40), (60, 1))  # (60, 80): dark, then light
    first = PixelFilter(np.zeros((25, 25)), 0.0)

    def light_right(images):
        return np.clip(images[:, :, 32:].mean((1, 2, 3)) - images[:, :, :32].mean((1, 2, 3)), 0, 1)

    found = mine_false_alarms(light_right, ["coins", "face 1", "text"], first, 4, least=0.3)
    assert found.sources.tolist() == ["coins"] * 4 + ["text"] * 4
    assert set(found.labels) == {0}
    scores = light_right(found.images[:4])
    assert (np.diff(scores) <= 0).all() and scores.min() >= 0.3
    with pytest.raises(ValueError, match=r"^classify must take a window for a face"):
        mine_false_alarms(lambda images: np.zeros(len(images)), ["coins"], first)


def test_the_first_stage_says_which_windows_are_asked_about(monkeypatch):
    monkeypatch.setattr(detector_patches, "_photograph", lambda name: picture)
    picture = np.random.default_rng(0).uniform(0.4, 0.6, (60, 80))
    picture[:20] += 0.4
    above = PixelFilter(np.tile(np.repeat([[1.0], [-1.0]], [12, 13], axis=0), 25), 0.0)
    asked = []

    def ask(images):
        asked.append(images)
        return np.ones(len(images))

    mine_false_alarms(ask, ["coins"], above, 2, asked=7)
    [images] = asked
    assert len(images) == 7
    assert (images[:, :32].mean((1, 2, 3)) > images[:, 32:].mean((1, 2, 3))).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sources": ["coins"]}, ValueError, "sources must name a face"),
        ({"sources": ["face 3", "astronaut"]}, ValueError, "sources must be named as by"),
        ({"sources": ["face 100"]}, ValueError, "sources must be named as by"),
        ({"people": -1}, ValueError, "people must be a whole number from 0"),
        ({"copies": 1.5}, TypeError, "copies must be a whole number"),
        ({"seed": -1}, ValueError, "seed must be"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        load_detector_patches(**{"sources": SOURCES} | arguments)
