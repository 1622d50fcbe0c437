"""The recogniser on photographs that are made here: one astronaut, two, none."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from scipy.ndimage import rotate

from facebook_tut import models, pipeline, pretrained, training
from facebook_tut.alignment import TEMPLATE, align, alignment_error, similarity_transform
from facebook_tut.detection import Detection, detect_with_cascade, detect_with_mtcnn
from facebook_tut.embedders import KerasEmbedder
from facebook_tut.matching import Gallery
from facebook_tut.metric_learning import embed, fingerprint
from facebook_tut.pipeline import Recognizer, group_people, landmarks_of

PHOTO = skimage.data.astronaut()
WALL = np.repeat(skimage.data.brick()[..., np.newaxis], 3, axis=-1)
TWO = np.hstack([PHOTO, PHOTO[:, ::-1]])


@pytest.fixture(scope="module")
def model():
    training.set_seed(0)
    return models.build_embedder(16, filters=(4, 8))


@pytest.fixture
def recognizer(model):
    return Recognizer(model)


def test_a_face_is_found_aligned_and_embedded(recognizer, model):
    [face] = recognizer.faces(PHOTO)
    top, left, bottom, right = face.box
    assert top < 110 < bottom and left < 223 < right  # her nose
    assert face.image.shape == (64, 64, 3)
    np.testing.assert_allclose(face.embedding, embed(model, face.image[None])[0], atol=1e-6)
    assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-5)
    assert 0.3 < face.quality.score <= 1
    assert face.quality.size == pytest.approx(bottom - top)


def test_the_eyes_come_to_where_the_template_has_them(recognizer):
    [face] = recognizer.faces(PHOTO)
    true = np.array([[203.5, 100.5], [247, 102]])  # read off the photograph
    assert np.abs(face.eyes - true).max() < 2
    matrix = similarity_transform(face.eyes, TEMPLATE[:2] * 64 - 0.5)
    goal = (np.hstack([face.eyes, np.ones((2, 1))]) @ matrix.T)[:, :2]
    np.testing.assert_allclose(goal, TEMPLATE[:2] * 64 - 0.5, atol=1e-6)
    left, right = (goal + 0.5).astype(int)
    eyes = [face.image[y - 3 : y + 4, x - 3 : x + 4].mean() for x, y in (left, right)]
    cheeks = [face.image[y + 12 : y + 19, x - 3 : x + 4].mean() for x, y in (left, right)]
    assert max(eyes) < min(cheeks)


def test_every_kind_of_picture_gives_the_same_face(recognizer):
    [face] = recognizer.faces(PHOTO)
    opaque = np.dstack([PHOTO, np.full(PHOTO.shape[:2], 255, np.uint8)])
    for same in (PHOTO / 255, opaque, (PHOTO / 255).astype(np.float32)):
        [again] = recognizer.faces(same)
        assert again.box == pytest.approx(face.box, abs=1)
        assert again.embedding @ face.embedding > 0.999
    grey = np.repeat(skimage.color.rgb2gray(PHOTO)[..., None], 3, axis=-1)
    [one], [other] = recognizer.faces(grey), recognizer.faces(grey[..., 0])
    assert one.embedding @ other.embedding > 0.999


def test_enrol_verify_identify_update(recognizer):
    recognizer.enrol("Eileen Collins", PHOTO)
    assert recognizer.verify("Eileen Collins", PHOTO).score == pytest.approx(1, abs=1e-5)
    recognizer.update("Eileen Collins", PHOTO[:, ::-1])
    [answer] = recognizer.identify(PHOTO)
    assert (answer.name, answer.reason) == ("Eileen Collins", "")
    assert answer.score == pytest.approx(
        recognizer.gallery.template("Eileen Collins") @ answer.face.embedding, abs=1e-6
    )
    assert [found.name for found in recognizer.identify(TWO)] == ["Eileen Collins"] * 2


def test_a_template_is_the_mean_of_its_photographs(recognizer):
    turned = rotate(PHOTO, 5, reshape=False, mode="nearest")
    recognizer.enrol("both", PHOTO, turned)
    mean = recognizer.face(PHOTO).embedding + recognizer.face(turned).embedding
    np.testing.assert_allclose(
        recognizer.gallery.template("both"), mean / np.linalg.norm(mean), atol=1e-6
    )


def test_nobody_is_named_without_reason(model):
    strict = Recognizer(model, threshold=1.0)
    assert strict.identify(PHOTO)[0].reason == "empty gallery"
    strict.enrol("another", PHOTO)
    darker = (PHOTO * 0.7).astype(np.uint8)
    [answer] = strict.identify(darker)
    assert (answer.name, answer.reason) == (None, "unknown")
    assert answer.score < 1
    fussy = Recognizer(model, strict.gallery, threshold=-1, least_quality=1.0)
    [answer] = fussy.identify(PHOTO)
    assert (answer.name, answer.reason) == (None, "low quality")
    assert strict.identify(WALL) == []


GREY = np.repeat(PHOTO.mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.uint8)
LIMITS = {
    "too grey": {"measure": "colour", "least": 0.02},
    "too dark": {"measure": "brightness", "least": 0.25},
}


def test_a_face_in_a_condition_without_a_threshold_is_not_named_enrolled_or_verified(model):
    limited = Recognizer(model, limits=LIMITS, least_quality=0)
    assert limited.identify(GREY)[0].reason == "empty gallery"
    limited.enrol("Eileen Collins", PHOTO)
    [answer] = limited.identify(GREY)
    assert (answer.name, answer.reason) == (None, "too grey") and answer.score is not None
    dark = (GREY * 0.3).astype(np.uint8)
    assert limited.identify(dark)[0].reason == "too grey, too dark"
    for work in (
        lambda: limited.enrol("new", GREY),
        lambda: limited.enrol("new", PHOTO, GREY),
        lambda: limited.update("Eileen Collins", GREY),
        lambda: limited.verify("Eileen Collins", GREY),
    ):
        with pytest.raises(ValueError, match="whose condition the threshold holds, got one too gr"):
            work()
    assert limited.gallery.names == ("Eileen Collins",)
    assert limited.gallery.count("Eileen Collins") == 1
    free = Recognizer(model, limited.gallery, threshold=-1, least_quality=0)
    assert free.limits == {}  # of another network nothing was measured
    assert free.identify(GREY)[0].name == "Eileen Collins"


def test_the_limits_are_those_of_the_network_that_they_were_measured_on(model, monkeypatch):
    monkeypatch.setattr(pipeline, "FINGERPRINT", fingerprint(model))
    monkeypatch.setattr(pipeline, "LIMITS", LIMITS)
    assert Recognizer(model).limits == LIMITS
    assert Recognizer(model, limits={}).limits == {}
    monkeypatch.setattr(pipeline, "LIMITS", {})  # as a network has them that holds everywhere
    assert Recognizer(model).refuses(Recognizer(model).faces(GREY)[0]) == ""


def test_the_threshold_is_the_callers_or_the_gallerys_or_the_measured_one(model):
    gallery = Gallery(fingerprint(model), threshold=0.7)
    assert Recognizer(model, gallery).threshold == 0.7
    assert Recognizer(model, gallery, threshold=0.0).threshold == 0
    assert Recognizer(model).threshold == pretrained.THRESHOLD
    gallery.threshold = None
    assert Recognizer(model, gallery).threshold == pretrained.THRESHOLD


@pytest.mark.parametrize(
    ("picture", "words"),
    [(WALL, "one face, no face found"), (TWO, "one face, 2 found")],
    ids=["none", "two"],
)
def test_enrolling_and_verifying_want_one_face(recognizer, picture, words):
    recognizer.enrol("known", PHOTO)
    for work in (
        lambda: recognizer.enrol("new", picture),
        lambda: recognizer.enrol("new", PHOTO, picture),
        lambda: recognizer.update("known", picture),
        lambda: recognizer.verify("known", picture),
    ):
        with pytest.raises(ValueError, match=words):
            work()
    assert recognizer.gallery.names == ("known",)


def test_a_face_of_low_quality_is_neither_enrolled_nor_verified(model):
    fussy = Recognizer(model, least_quality=1.0)
    with pytest.raises(ValueError, match=r"quality 1\.00 at least"):
        fussy.enrol("dim", PHOTO)
    assert len(fussy.gallery) == 0


def test_what_is_wrong_is_named(recognizer, model):
    with pytest.raises(ValueError, match="at least one photograph"):
        recognizer.enrol("nobody")
    with pytest.raises(ValueError, match="'nobody'"):
        recognizer.verify("nobody", PHOTO)
    with pytest.raises(ValueError, match="picture must be at least 20 pixels"):
        recognizer.faces(np.zeros((10, 10)))
    with pytest.raises(ValueError, match="picture must have shape"):
        recognizer.faces(np.zeros(5))
    with pytest.raises(ValueError, match=r"threshold must be a number from -1 to 1, got 2"):
        Recognizer(model, threshold=2)
    for gallery in (Gallery("another network"), Gallery()):
        with pytest.raises(ValueError, match="gallery must be of this network"):
            Recognizer(model, gallery)
    Recognizer(model, Gallery(fingerprint(model)))


def test_another_detector_can_be_plugged_in(model):
    box = Detection(60, 170, 110, 1.0, 1.0)
    [face] = Recognizer(model, detect=lambda picture: [box]).faces(PHOTO)
    assert face.box == box.box


class Colour:
    """An embedder of another make: the mean colours of the quarters of a face."""

    name, size, fingerprint = "mean colours", 32, "colours 1"
    threshold, count_threshold = 0.9, None

    def align(self, picture, landmarks):
        return align(picture, landmarks, self.size)

    def embed(self, images):
        rows = images.reshape(len(images), 2, 16, 2, 16, 3).mean((2, 4)).reshape(len(images), -1)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_another_embedder_can_be_plugged_in(model):
    recognizer = Recognizer(embedder=Colour())
    assert (recognizer.threshold, recognizer.model) == (0.9, None)
    assert recognizer.gallery.model == "colours 1"
    recognizer.enrol("Eileen Collins", PHOTO)
    [answer] = recognizer.identify((PHOTO * 0.9).astype(np.uint8))
    assert answer.name == "Eileen Collins" and answer.score > 0.99
    assert answer.face.image.shape == (32, 32, 3) and answer.face.embedding.shape == (12,)
    assert Recognizer(embedder=Colour(), threshold=0.5).threshold == 0.5
    words = r"this network, mean colours \(colours 1…\), got one of .{12}…: enrol"
    with pytest.raises(ValueError, match=words):
        Recognizer(embedder=Colour(), gallery=Gallery(fingerprint(model)))


def test_model_and_embedder_are_one_of_the_two(model, recognizer):
    assert recognizer.model is recognizer.embedder.model is model
    assert recognizer.threshold == pretrained.THRESHOLD
    with pytest.raises(ValueError, match="embedder must not be given beside model"):
        Recognizer(model, embedder=Colour())
    with pytest.raises(TypeError, match="embedder must have the methods align and embed, got str"):
        Recognizer(embedder="dlib")
    with pytest.raises(ValueError, match="threshold must be given: none was measured for a net"):
        Recognizer(embedder=KerasEmbedder(model))
    assert Recognizer(embedder=KerasEmbedder(model), threshold=0.3).threshold == 0.3


def test_landmarks_of_a_detector_are_what_a_face_is_aligned_by(model):
    marks = ((203, 100), (246, 102), (225, 126), (203, 140), (245, 141))
    box = Detection(60, 170, 110, 1.0, 1.0, marks)
    [face] = Recognizer(model, detect=lambda picture: [box]).faces(PHOTO)
    np.testing.assert_array_equal(face.eyes, marks[:2])
    np.testing.assert_array_equal(face.image, align(PHOTO, marks))
    np.testing.assert_array_equal(landmarks_of(PHOTO, box), marks)
    blind = Detection(*box.box[:2], box.size, 1.0, 1.0)
    [other] = Recognizer(model, detect=lambda picture: [blind]).faces(PHOTO)
    np.testing.assert_array_equal(other.image, align(PHOTO, landmarks_of(PHOTO, blind)))
    assert alignment_error([other.eyes], [marks[:2]])[0] < 0.1


@pytest.mark.parametrize("detect", [detect_with_cascade, detect_with_mtcnn])
def test_a_face_in_a_large_photograph_is_that_of_the_small_one(model, detect):
    part = PHOTO[20:220, 120:320]
    [small] = Recognizer(model, detect=detect).faces(part)
    [large] = Recognizer(model, detect=detect).faces(part.repeat(8, 0).repeat(8, 1))
    eyes = (large.eyes + 0.5) / 8 - 0.5
    assert alignment_error([eyes], [small.eyes])[0] < 0.1
    assert np.divide(large.box, 8) == pytest.approx(np.array(small.box), abs=8)


def test_people_are_grouped_in_the_order_of_their_appearance():
    angles = np.deg2rad([90, 10, 92, 200, 12, 8])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert group_people(points, 0.9).tolist() == [0, 1, 0, 2, 1, 1]
    assert group_people(points, -1).tolist() == [0] * 6
    assert group_people(points[:1]).tolist() == [0]
    halfway = [[1, 0], [0.3, np.sqrt(1 - 0.3**2)]]  # the same person only where one is counted
    assert group_people(halfway).tolist() == [0, 0]
    assert group_people(halfway, pretrained.THRESHOLD).tolist() == [0, 1]
    assert group_people(np.zeros((0, 2))).tolist() == []
    with pytest.raises(ValueError, match="threshold must be"):
        group_people(points, 3)


@pytest.mark.parametrize("picture", ["a.jpg", Path("a.jpg"), None])
def test_a_path_in_place_of_a_picture_is_told_what_reads_it(recognizer, picture):
    for act in (recognizer.faces, recognizer.identify, lambda p: recognizer.enrol("Ada", p)):
        with pytest.raises(TypeError, match=r"picture must be an array of pixels, got") as error:
            act(picture)
        assert ("preprocessing.read_picture" in str(error.value)) == (picture is not None)


def test_a_network_that_is_no_embedder_names_nobody():
    with pytest.raises(ValueError, match="model must be an embedder"):
        Recognizer(models.build_classifier())
