"""MTCNN finds faces and five points on any photograph, and opens known weights only."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
from skimage.transform import resize

from facebook_tut.alignment import alignment_error
from facebook_tut.data.synthetic import sample_people
from facebook_tut.detection import (
    detect_with_mtcnn,
    intersection_over_union,
    mtcnn,
    mtcnn_networks,
    mtcnn_stages,
    non_maximum_suppression,
    proposal_map,
)

EYES = [(203, 100), (246, 102)]  # (x, y) of Eileen Collins', by hand
FACE = (66, 174, 173, 282)  # (top, left, bottom, right), as the cascade finds it


@pytest.fixture(scope="module")
def astronaut():
    return skimage.data.astronaut()


@pytest.mark.parametrize("smallest", [20, 45, 60, 90])
def test_the_one_face_is_found_whatever_the_smallest(astronaut, smallest):
    """The package itself finds nothing here with 60."""
    [face] = detect_with_mtcnn(astronaut, smallest=smallest)
    assert intersection_over_union(face.box, [FACE])[0] > 0.7
    left, right, nose, left_mouth, right_mouth = face.landmarks
    assert alignment_error([[left, right]], [EYES])[0] < 0.1
    assert left[0] < nose[0] < right[0] and left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left[1], right[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    assert 0.9 <= face.score == face.votes <= 1


def test_the_package_itself_misses_her_where_its_last_level_is_too_small(astronaut):
    """Why we do not ask it; the error of Keras or TensorFlow depends on their versions."""
    from mtcnn import MTCNN
    from mtcnn.utils.images import build_scale_pyramid

    assert len(MTCNN().detect_faces(astronaut, min_face_size=20)) == 1
    try:
        found = MTCNN().detect_faces(astronaut, min_face_size=60)
    except ValueError as error:
        assert "empty output" in str(error)
        found = []
    assert found == []
    sides = {size: 512 * build_scale_pyramid(512, 512, size, 0.709) for size in (20, 60)}
    assert sides[20].min() > mtcnn.WINDOW > sides[60].min()


def test_every_kind_of_picture_gives_the_same_face(astronaut):
    part = astronaut[20:220, 120:320]
    [expected] = detect_with_mtcnn(part)
    rgba = np.dstack([part, np.full(part.shape[:2], 9, np.uint8)])
    for picture in (rgba, part / 255, (part / 255).astype(np.float32)):
        [found] = detect_with_mtcnn(picture)
        assert found.box == pytest.approx(expected.box, abs=0.5)
        assert np.ravel(found.landmarks) == pytest.approx(np.ravel(expected.landmarks), abs=0.5)
    grey = (part @ [0.2125, 0.7154, 0.0721]).round().astype(np.uint8)
    [one], [other] = detect_with_mtcnn(grey), detect_with_mtcnn(grey / 255)
    assert one.box == pytest.approx(other.box, abs=0.5)
    assert one.box == pytest.approx(expected.box, abs=10)


@pytest.mark.parametrize("factor", [0.4, 2, 5])
def test_the_points_grow_with_the_photograph(astronaut, factor):
    part = astronaut[20:220, 120:320]
    picture = resize(part, (round(200 * factor), round(200 * factor)))
    [face] = detect_with_mtcnn(picture)
    eyes = (np.array(EYES) + 0.5 - (120, 20)) * factor - 0.5
    assert alignment_error([face.landmarks[:2]], [eyes])[0] < 0.1


def test_two_faces_are_found_the_surest_first(astronaut):
    face = astronaut[30:210, 130:310]
    both = detect_with_mtcnn(np.hstack([face, face[:, ::-1]]))
    assert [each.left > 180 for each in sorted(both, key=lambda each: each.left)] == [False, True]
    assert both[0].score >= both[1].score


def test_a_face_that_fills_the_photograph_is_found(astronaut):
    [face] = detect_with_mtcnn(astronaut[60:180, 170:290])
    assert intersection_over_union(face.box, [(6, 4, 113, 112)])[0] > 0.6


def test_strips_of_a_level_hold_the_windows_of_the_whole(astronaut, monkeypatch):
    level = astronaut[:150, 100:300].astype(np.float32)
    read, whole = mtcnn._windows_of_level(level)
    monkeypatch.setattr(mtcnn, "STRIP", 30 * 200)
    parts_read, parts = mtcnn._windows_of_level(level)
    assert len(whole) > 10
    assert read == parts_read == 70 * 95
    np.testing.assert_allclose(parts, whole, atol=1e-3)


# Looked into


def test_each_stage_reads_what_the_one_before_left(astronaut):
    proposed, refined, output = mtcnn_stages(astronaut, smallest=40)
    [face] = detect_with_mtcnn(astronaut, smallest=40)
    assert [stage.network for stage in (proposed, refined, output)] == ["P-Net", "R-Net", "O-Net"]
    assert refined.read == len(proposed.left)
    assert output.read == len(refined.left)
    sides = [round(512 * 0.3 * 0.709**k) for k in range(8)]
    assert proposed.read == sum(((side - 2 + 1) // 2 - 4) ** 2 for side in sides if side >= 12)
    for stage in (proposed, refined, output):
        assert stage.read > len(stage.accepted) == len(stage.moved) >= len(stage.left) > 0
    top, left, bottom, right = output.left[0]
    assert face.size == pytest.approx(max(bottom - top, right - left))


def test_stages_of_a_shrunk_photograph_are_in_its_own_pixels(astronaut):
    for stage in mtcnn_stages(astronaut, smallest=80):
        assert intersection_over_union(FACE, stage.left).max() > 0.45
        assert intersection_over_union(FACE, stage.accepted).max() > 0.3


def test_a_photograph_without_windows_has_empty_stages():
    proposed, refined, output = mtcnn_stages(np.zeros((60, 80)))
    assert proposed.read > refined.read == output.read == 0
    for stage in (proposed, refined, output):
        assert stage.accepted.shape == stage.moved.shape == stage.left.shape == (0, 4)


def test_moves_bring_boxes_nearer_to_the_face(astronaut):
    proposed, refined, output = mtcnn_stages(astronaut, smallest=40)
    for stage in (proposed, refined):
        before, after = (
            np.array([intersection_over_union(output.left[0], [box])[0] for box in boxes])
            for boxes in (stage.accepted, stage.moved)
        )
        on_it = before > 0.3
        assert on_it.any()
        assert after[on_it].mean() > before[on_it].mean()


def test_the_map_is_what_the_network_of_the_package_says(astronaut):
    from mtcnn.stages import StagePNet
    from mtcnn.utils.images import normalize_images, scale_images

    level = scale_images(astronaut[np.newaxis].astype(np.float32), new_shape=(102, 102))
    _, chances = StagePNet().model(normalize_images(level))
    ours = proposal_map(astronaut.astype(np.float32) / 255, 60)
    assert ours.shape == (46, 46)
    difference = np.abs(ours - chances[0, ..., 1].numpy())  # ours averages whole blocks first
    assert np.median(difference) < 0.01
    row, column = np.unravel_index(ours.argmax(), ours.shape)
    assert 0 <= ours.min() <= ours.max() <= 1 and 50 < row * 10 < 130 and 150 < column * 10 < 230


def test_faces_are_those_of_the_package(astronaut):
    from mtcnn import MTCNN

    for picture in (astronaut, np.hstack([astronaut[:200, 100:300]] * 2)):
        theirs = MTCNN().detect_faces(picture)
        ours = detect_with_mtcnn(picture, smallest=20)
        assert len(theirs) == len(ours)
        for one in theirs:
            x, y, width, height = one["box"]
            box = y, x, y + height, x + width
            best = max(ours, key=lambda each: intersection_over_union(each.box, [box])[0])
            eyes = [one["keypoints"][name] for name in ("left_eye", "right_eye")]
            assert alignment_error([best.landmarks[:2]], [eyes])[0] < 0.05


def test_our_suppression_is_that_of_tensorflow():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 60, (300, 2)).round()
    boxes, scores = np.hstack([corners, corners + rng.uniform(9, 30, (300, 2))]), rng.random(300)
    for overlap in (0.3, 0.5, 0.7):
        left = non_maximum_suppression(boxes, scores, overlap)
        assert 3 < len(left) < 300
        assert left.tolist() == mtcnn._suppress(boxes, scores, overlap).tolist()


def test_nothing_is_found_where_there_is_nothing():
    assert detect_with_mtcnn(np.zeros((60, 80))) == []
    assert detect_with_mtcnn(skimage.data.brick()) == []
    assert detect_with_mtcnn(np.random.default_rng(0).random((20, 20))) == []


def test_the_least_score_is_asked_of_every_face(astronaut):
    [face] = detect_with_mtcnn(astronaut)
    assert detect_with_mtcnn(astronaut, least_score=1) == []
    assert face in detect_with_mtcnn(astronaut, least_score=0.5)


def test_landmarks_of_synthetic_people_are_found():
    people = sample_people(12, 1, seed=3, size=128)
    found = [detect_with_mtcnn(image) for image in people.images]
    seen = [k for k, boxes in enumerate(found) if boxes]
    marks = [found[k][0].landmarks for k in seen]
    assert len(seen) >= 4
    assert np.median(alignment_error(marks, people.landmarks[seen])) < 0.2


def test_boxes_that_hold_a_better_one_go():
    boxes = np.array([[0, 0, 10, 10], [2, 2, 6, 6], [20, 0, 30, 10], [8, 0, 18, 10]], float)
    assert mtcnn._largest(boxes, np.array([0.9, 0.95, 0.5, 0.7])) == [1, 3, 2]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"picture": np.zeros((19, 90))}, ValueError, "picture must be at least 20 pixels"),
        ({"picture": np.zeros((90, 90), int)}, TypeError, "picture must hold floats"),
        ({"picture": np.full((90, 90), np.nan)}, ValueError, "picture must not hold NaN"),
        ({"picture": np.zeros(9)}, ValueError, r"picture must have shape \(H, W\)"),
        ({"picture": "a.jpg"}, TypeError, "picture must be an array of pixels"),
        ({"smallest": 19}, ValueError, "smallest must be a number from 20 to 90, got 19"),
        ({"smallest": 91}, ValueError, "smallest must be a number from 20 to 90, got 91"),
        ({"smallest": np.nan}, ValueError, "smallest must be a number from 20 to 90, got nan"),
        ({"smallest": "24"}, TypeError, "smallest must be a number"),
        ({"least_score": 1.1}, ValueError, "least_score must be a number from 0 to 1, got 1.1"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        detect_with_mtcnn(**{"picture": np.zeros((90, 90))} | arguments)


@pytest.mark.parametrize(
    ("picture", "size", "message"),
    [
        (np.zeros((11, 90)), 12, "picture must be at least 12 pixels"),
        (np.zeros((90, 90)), 11, "size must be a number from 12 to 90, got 11"),
        (np.zeros((90, 90)), 91, "size must be a number from 12 to 90, got 91"),
    ],
)
def test_a_map_needs_a_window(picture, size, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        proposal_map(picture, size)


# The weights are pickles.


def test_weights_in_the_working_folder_are_not_opened(tmp_path, monkeypatch):
    (tmp_path / "pnet.lz4").write_bytes(b"no weights")
    monkeypatch.chdir(tmp_path)
    assert mtcnn_networks._checked_weights("pnet").parent != tmp_path
    mtcnn_networks._compiled.cache_clear()
    assert callable(mtcnn_networks._compiled("pnet"))


def test_other_weights_are_refused_unopened(tmp_path, monkeypatch):
    [folder] = importlib.util.find_spec("mtcnn").submodule_search_locations
    shutil.copytree(Path(folder) / "assets", tmp_path / "assets")
    path = tmp_path / "assets" / "weights" / "onet.lz4"
    path.write_bytes(path.read_bytes() + b"more")
    elsewhere = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: elsewhere)
    assert mtcnn_networks._checked_weights("pnet").is_file()
    with pytest.raises(ImportError, match=r"mtcnn must be version 1\.0\.0"):
        mtcnn_networks._checked_weights("onet")


def test_importing_the_detectors_loads_no_tensorflow():
    code = (
        "import sys, facebook_tut.detection, facebook_tut.alignment;"
        " print({'tensorflow', 'mtcnn'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
