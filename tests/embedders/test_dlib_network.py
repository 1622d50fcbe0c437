"""dlib's network: what was measured of it is recorded, and, where it is installed, it works."""

import json
from importlib.util import find_spec

import numpy as np
import pytest
import skimage.data

from facebook_tut import embedders, recorded
from facebook_tut.alignment import TEMPLATE, similarity_transform
from facebook_tut.embedders import dlib_network
from facebook_tut.pipeline import Recognizer

PHOTO = skimage.data.astronaut()
EYES = np.array([[203.5, 100.5], [247, 102]])  # read off the photograph


def test_the_thresholds_are_those_that_were_recorded():
    facts, record = dlib_network.read_facts(), recorded.load("peers")
    assert facts["fingerprint"] == record["fingerprints"]["dlib"]
    assert facts["thresholds"] == {
        "verify": record["all_pairs"]["thresholds"]["dlib"],
        "count": record["counting"]["systems"]["dlib"]["threshold"],
    }
    assert facts["records"]["peers"]["date"] == record["date"]
    point = record["all_pairs"]["systems"]["dlib"]["operating_points"]["0.001"]
    assert facts["thresholds"]["verify"] == round(point["threshold"]["value"], 3)


def test_the_window_has_the_eyes_where_the_landmarks_were_learned():
    left, top, right, bottom = dlib_network.BOX
    eyes = dlib_network._window_template()[:2] * dlib_network.WINDOW
    inside = (eyes - [left, top]) / [right - left, bottom - top]
    np.testing.assert_allclose(inside, dlib_network.BOX_EYES)
    whole = dlib_network._window_template()
    matrix = similarity_transform(TEMPLATE, whole)  # one shift and size take all five there
    moved = TEMPLATE @ matrix[:2, :2].T + matrix[:2, 2]
    np.testing.assert_allclose(moved, whole, atol=1e-9)


@pytest.fixture(scope="module")
def dlib_embedder():
    pytest.importorskip("dlib")
    if not find_spec("face_recognition_models"):
        pytest.skip("dlib's weights are not installed")
    return embedders.load("dlib")


@pytest.fixture(scope="module")
def face(dlib_embedder):
    return dlib_embedder.align(PHOTO, EYES)


def test_it_is_the_network_that_was_measured(dlib_embedder):
    embedders.check_embedder(dlib_embedder)
    facts = dlib_network.read_facts()
    assert dlib_embedder.fingerprint == facts["fingerprint"]
    assert dlib_embedder.threshold == facts["thresholds"]["verify"]
    assert dlib_embedder.count_threshold == facts["thresholds"]["count"]


def test_of_other_weights_no_threshold_is_known(dlib_embedder, monkeypatch):
    other = {"fingerprint": "dlib other", "thresholds": {"verify": 0.5, "count": 0.5}}
    monkeypatch.setattr(dlib_network, "read_facts", lambda: other)
    assert dlib_embedder.threshold is None
    assert dlib_embedder.count_threshold is None


def test_a_face_is_cut_upright_however_it_is_given(dlib_embedder, face):
    assert face.shape == (150, 150, 3) and face.dtype == np.float32
    assert 0 <= face.min() < face.max() <= 1
    turned = np.rot90(PHOTO, -1)  # clockwise: (x, y) goes to (height − 1 − y, x)
    eyes = np.stack([PHOTO.shape[0] - 1 - EYES[:, 1], EYES[:, 0]], axis=1)
    again = dlib_embedder.align(turned, eyes)
    assert np.abs(again - face).mean() < 0.01
    small = dlib_embedder.align(PHOTO[::2, ::2], EYES / 2)
    one, two, three = dlib_embedder.embed(np.stack([face, again, small]))
    assert one @ two > 0.99 and one @ three > 0.97


def test_a_face_in_the_box_of_dlib_s_own_detector_is_the_same_face(dlib_embedder, face):
    import dlib

    [box] = dlib.get_frontal_face_detector()(PHOTO)
    chip = dlib_embedder.chip(PHOTO, (box.left(), box.top(), box.right(), box.bottom()))
    assert chip.shape == face.shape and chip.dtype == np.float32
    one, two = dlib_embedder.embed(np.stack([face, chip]))
    assert one @ two > 0.97


def test_embeddings_have_length_one_and_descriptors_have_not(dlib_embedder, face):
    rows = dlib_embedder.embed(face[None])
    assert rows.shape == (1, 128) and rows.dtype == np.float32
    assert np.linalg.norm(rows) == pytest.approx(1, abs=1e-6)
    raw = dlib_embedder.descriptors(np.round(255 * face[None]).astype(np.uint8))
    assert 1.1 < np.linalg.norm(raw) < 1.8
    np.testing.assert_allclose(dlib_embedder.as_embeddings(raw), rows, atol=1e-6)


@pytest.mark.parametrize(
    "images", [np.zeros((1, 64, 64, 3)), np.zeros((0, 150, 150, 3), np.uint8), np.zeros(3)]
)
def test_images_of_another_size_are_refused(dlib_embedder, images):
    with pytest.raises(ValueError, match="images must have shape"):
        dlib_embedder.embed(images)


def test_a_recogniser_enrols_and_knows_again_with_it(dlib_embedder):
    recognizer = Recognizer(embedder=dlib_embedder)
    assert recognizer.threshold == dlib_embedder.threshold and recognizer.model is None
    recognizer.enrol("Eileen Collins", PHOTO)
    darker = (PHOTO[:, ::-1] * 0.7).astype(np.uint8)
    assert [answer.name for answer in recognizer.identify(darker)] == ["Eileen Collins"]


def test_the_facts_are_json_of_a_few_numbers():
    text = (dlib_network.files(dlib_network.__package__) / dlib_network.FACTS_FILE).read_text()
    assert len(text) < 1000 and json.loads(text) == dlib_network.read_facts()
