"""The recogniser's commands: what they print, write and return, and what they refuse."""

import json
import shutil
import sys

import numpy as np
import pytest
import skimage.data
from PIL import Image

from facebook_tut import cli, embedders, models, pipeline, pretrained, training
from facebook_tut.cli import _report
from facebook_tut.cli._options import DETECTORS, LEAST_SMALLEST
from facebook_tut.matching import Gallery
from facebook_tut.metric_learning import fingerprint

PHOTO = skimage.data.astronaut()[:256, 100:356]  # her face, and little else: quick to search
WALL = skimage.data.brick()[:128, :128]


@pytest.fixture(scope="module", autouse=True)
def compiling_nothing(eagerly):
    with eagerly():
        yield


@pytest.fixture(scope="module")
def model_files(tmp_path_factory, build_quick_embedder):
    """Two embedders that nobody trained, and a network that is none."""
    folder = tmp_path_factory.mktemp("models")
    for name, seed in (("embedder.keras", 0), ("other.keras", 1)):
        training.set_seed(seed)
        models.save_model(build_quick_embedder(16), folder / name)
    models.save_model(models.build_classifier(), folder / "classifier.keras")
    return folder


@pytest.fixture(scope="module")
def files(model_files, tmp_path_factory):
    """A folder with two people's pictures, a wall, a crowd of two and a damaged file."""
    folder = tmp_path_factory.mktemp("files")
    shutil.copytree(model_files, folder, dirs_exist_ok=True)
    pictures = {
        "people/Eileen Collins/1.png": PHOTO,
        "people/Eileen Collins/2.JPG": (PHOTO * 0.8).astype(np.uint8),
        "people/Mirrored/1.png": PHOTO[:, ::-1],
        "people/Mirrored/wall.png": WALL,
        "wall.png": WALL,
        "two.png": np.hstack([PHOTO, PHOTO[:, ::-1]]),
    }
    for name, pixels in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
    (folder / "people" / "notes.txt").write_text("no person")
    whole = (folder / "people" / "Mirrored" / "1.png").read_bytes()
    (folder / "damaged.png").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture(scope="module")
def gallery(files, tmp_path_factory):
    """The gallery of the people in `files`."""
    path = tmp_path_factory.mktemp("gallery") / "people.npz"
    command = ["enroll", files / "people", "--quiet", "--model", files / "embedder.keras"]
    assert cli.main([*map(str, command), "--gallery", str(path)]) == 0
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch, files):
    """A working folder: a copy of `files`."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def run(capsys, folder):
    """Return the exit code, standard output and standard error of a command."""

    def run_(command, *arguments, gallery=True, model="embedder.keras"):
        options = ["--quiet", *(["--model", model] if model else [])]
        options += ["--gallery", "people.npz"] if gallery else []
        code = cli.main([command, *map(str, arguments), *options])
        return code, *capsys.readouterr()

    return run_


@pytest.fixture
def enrolled(run, gallery, folder):
    shutil.copy(gallery, folder / "people.npz")
    return run


def report(result, code=0):
    found, output, errors = result
    assert (found, errors) == (code, "")
    return json.loads(output)


def assert_error(result, *words):
    code, _, errors = result
    assert code == 1
    assert errors.startswith("error: ") and errors.count("\n") == 1
    for word in words:
        assert str(word) in errors


def test_enroll_reads_a_folder_for_each_person(run, folder):
    code, output, errors = run("enroll", "people")
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].split() == ["picture", "name", "used", "why"]
    assert sum(" yes" in line for line in lines) == 3
    (wall,) = (line for line in lines if "wall.png" in line)
    assert " no " in wall and "no face" in wall
    assert lines[-1] == "people: 2"
    assert Gallery.load("people.npz").names == ("Eileen Collins", "Mirrored")


def test_enroll_is_spelled_in_two_ways(run, folder):
    assert run("enrol", "people") == run("enroll", "people", "--replace-gallery")


def test_enroll_neither_replaces_nor_adds_unless_told(enrolled, folder):
    before = (folder / "people.npz").read_bytes()
    assert_error(enrolled("enroll", "people"), "people.npz", "exists")
    assert (folder / "people.npz").read_bytes() == before
    shutil.rmtree(folder / "people" / "Mirrored")
    (folder / "people" / "Eileen Collins").rename(folder / "people" / "Eileen")
    assert enrolled("enroll", "people", "--update")[0] == 0
    assert Gallery.load("people.npz").names == ("Eileen Collins", "Mirrored", "Eileen")
    assert enrolled("enroll", "people", "--replace-gallery")[0] == 0
    assert Gallery.load("people.npz").names == ("Eileen",)


def test_an_update_merges_as_if_all_had_come_at_once(enrolled, folder):
    whole = Gallery.load("people.npz").template("Eileen Collins")
    (folder / "people" / "Eileen Collins" / "2.JPG").rename("later.JPG")
    assert enrolled("enroll", "people", "--replace-gallery")[0] == 0
    shutil.rmtree(folder / "people" / "Mirrored")
    (folder / "people" / "Eileen Collins" / "1.png").unlink()
    (folder / "later.JPG").rename("people/Eileen Collins/later.jpg")
    assert enrolled("enroll", "people", "--update")[0] == 0
    merged = Gallery.load("people.npz").template("Eileen Collins")
    np.testing.assert_allclose(merged, whole, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: None, ["nowhere", "must be a folder"]),
        (lambda folder: (folder / "nowhere").mkdir(), ["nowhere", "no folder"]),
        (lambda folder: (folder / "nowhere" / "Ada").mkdir(parents=True), ["none of 1 pictures"]),
    ],
    ids=["missing", "empty", "no pictures"],
)
def test_enroll_names_a_folder_that_it_cannot_use(run, folder, make, words):
    make(folder)
    assert_error(run("enroll", "nowhere"), *words)
    assert not (folder / "people.npz").exists()


def test_nobody_is_enrolled_from_useless_pictures(run, folder):
    shutil.rmtree(folder / "people" / "Eileen Collins")
    (folder / "people" / "Mirrored" / "1.png").unlink()
    assert_error(run("enroll", "people"), "none of 1 pictures")
    assert not (folder / "people.npz").exists()


def test_identify_names_boxes_and_scores(enrolled, folder):
    found = report(
        enrolled("identify", "people/Mirrored/1.png", "two.png", "wall.png", "--format", "json")
    )
    rows = found["pictures"]
    assert [row["picture"].replace("\\", "/") for row in rows] == [
        "people/Mirrored/1.png",
        "two.png",
        "two.png",
        "wall.png",
    ]
    assert rows[0]["name"] == "Mirrored" and rows[0]["score"] == pytest.approx(1, abs=1e-4)
    top, left, bottom, right = rows[0]["box"]
    assert top < 110 < bottom and left < 256 - 123 < right
    assert rows[3]["name"] is None and rows[3]["why"] == "no face"


def test_identify_says_unknown_below_the_threshold(enrolled, folder):
    Image.fromarray((PHOTO * 0.6).astype(np.uint8)).save("dim.png")
    [row] = report(enrolled("identify", "dim.png", "--threshold", 1, "--format", "json"))[
        "pictures"
    ]
    assert (row["name"], row["why"]) == (None, "unknown")
    assert 0 < row["score"] < 1


@pytest.mark.parametrize("detector", ["mtcnn", "cascade"])
def test_a_gallery_serves_with_either_detector(enrolled, folder, detector):
    given = ("--detector", detector, "--smallest", 70, "--format", "json")
    rows = report(enrolled("identify", "two.png", *given))["pictures"]
    assert len(rows) == 2
    assert all(-1 <= row["score"] <= 1 for row in rows)
    mid = sorted((row["box"][1] + row["box"][3]) / 2 for row in rows)
    assert mid == [pytest.approx(123, abs=20), pytest.approx(512 - 123, abs=20)]


def test_a_picture_smaller_than_the_smallest_face_says_so(enrolled, folder):
    given = ("--smallest", 200, "--format", "json")
    wall, two = report(enrolled("identify", "wall.png", "two.png", *given))["pictures"]
    assert "smallest must be a number from 20 to 128, got 200" in wall["why"]
    assert (two["name"], two["why"]) == (None, "no face")


def test_the_default_detector_is_that_of_the_recogniser():
    from facebook_tut import detection, pipeline

    assert pipeline.DETECT is getattr(detection, f"detect_with_{DETECTORS[0]}")
    least = {"mtcnn": detection.mtcnn.LEAST_SMALLEST, "cascade": detection.CASCADE_SIZE}
    assert least == LEAST_SMALLEST
    assert (detection.mtcnn.MTCNN_SMALLEST, detection.cascade.CASCADE_SMALLEST) == (
        40,
        60,
    )  # the help


def test_verify_answers_for_each_picture(enrolled, folder):
    arguments = (
        "verify",
        "Mirrored",
        "people/Mirrored/1.png",
        "wall.png",
        "two.png",
        "damaged.png",
    )
    rows = report(enrolled(*arguments, "--threshold", 0.9, "--format", "json"), 3)["pictures"]
    assert [row["accepted"] for row in rows] == [True, None, None, None]
    assert "no face" in rows[1]["why"]
    assert "2 found" in rows[2]["why"]
    assert "not a whole picture" in rows[3]["why"]


def test_count_groups_faces_without_a_gallery(run, folder):
    found = report(
        run("count", "people", "wall.png", "--threshold", "-1", "--format", "json", gallery=False)
    )
    assert found["people"] == 1
    assert [row["person"] for row in found["pictures"]] == [1, 1, 1, None, None]
    Image.fromarray((PHOTO * 0.6).astype(np.uint8)).save("dim.png")
    code, output, _ = run("count", "dim.png", "two.png", "--threshold", 1, gallery=False)
    assert code == 0 and output.splitlines()[-1] in ("people: 2", "people: 3")


def test_a_report_goes_to_a_file_as_well(enrolled, folder):
    code, output, _ = enrolled("identify", "two.png", "--output", "who.json")
    assert code == 0 and output.startswith("picture")
    rows = json.loads((folder / "who.json").read_text("utf-8"))["pictures"]
    assert len(rows) == 2
    assert_error(enrolled("identify", "two.png", "--output", "who.json"), "who.json", "exists")


@pytest.mark.parametrize("command", [("identify",), ("verify", "Mirrored"), ("count",)])
def test_pictures_that_cannot_be_read_are_an_error(enrolled, folder, command):
    result = enrolled(*command, "damaged.png", gallery=command[0] != "count")
    assert_error(result, "none of 1 pictures")
    assert "not a whole picture" in result[1]


def test_what_does_not_belong_together_is_refused(enrolled, folder):
    assert_error(enrolled("identify", "two.png", model="other.keras"), "people.npz", "enrol")
    assert_error(enrolled("identify", "two.png", model="classifier.keras"), "must be an embedder")
    assert_error(enrolled("identify", "two.png", model="missing.keras"), "missing.keras")
    assert_error(enrolled("verify", "Nobody", "two.png"), "'Nobody'", "people.npz")
    data = (folder / "people.npz").read_bytes()
    (folder / "people.npz").write_bytes(data[:-10])
    assert_error(enrolled("identify", "two.png"), "people.npz", "damaged")


def test_an_empty_folder_of_pictures_is_named(enrolled, folder):
    (folder / "album").mkdir()
    assert_error(enrolled("identify", "album"), "no picture in album")


@pytest.fixture
def limited(enrolled, monkeypatch):
    """The command, with a network whose threshold does not hold for grey.png."""
    limits = {"too grey": {"measure": "colour", "least": 0.02}}
    for module in (pipeline, _report):
        monkeypatch.setattr(module, "LIMITS", limits)
    monkeypatch.setattr(pipeline, "FINGERPRINT", Gallery.load("people.npz").model)
    Image.fromarray(PHOTO.mean(axis=-1).astype(np.uint8)).save("grey.png")
    return enrolled


def test_a_face_beyond_a_limit_is_answered_with_the_reason(limited, folder):
    for command in ("identify", "count"):
        result = limited(command, "grey.png", "--format", "json", gallery=command != "count")
        [row] = report(result)["pictures"]
        assert row["why"] == "too grey" and not row["failed"]
        assert row.get("name") is None and row.get("person") is None
    (folder / "more" / "Grey").mkdir(parents=True)
    shutil.copy("grey.png", "more/Grey/1.png")
    shutil.copytree("people/Mirrored", "more/Other")
    code, output, _ = limited("enroll", "more", "--replace-gallery", "--format", "json")
    rows = {row["name"]: row for row in json.loads(output)["pictures"] if row["failed"]}
    assert code == 3 and rows["Grey"]["why"].endswith("got one too grey")
    assert Gallery.load("people.npz").names == ("Other",)


def test_any_condition_is_compared_if_it_is_asked_for(limited, folder):
    options = ("--any-condition", "--threshold", -1, "--format", "json")
    [row] = report(limited("identify", "grey.png", *options))["pictures"]
    assert row["name"] in ("Eileen Collins", "Mirrored") and row["why"] == ""


def test_the_threshold_is_the_options_or_the_gallerys(enrolled, folder):
    Image.fromarray((PHOTO * 0.6).astype(np.uint8)).save("dim.png")
    gallery = Gallery.load("people.npz")
    gallery.threshold = 1.0
    gallery.save("people.npz", overwrite=True)
    [row] = report(enrolled("identify", "dim.png", "--format", "json"))["pictures"]
    assert (row["name"], row["why"]) == (None, "unknown")
    [row] = report(enrolled("verify", "Mirrored", "dim.png", "--format", "json"))["pictures"]
    assert row["accepted"] is False
    [row] = report(enrolled("identify", "dim.png", "--threshold", -1, "--format", "json"))[
        "pictures"
    ]
    assert row["name"] is not None
    assert enrolled("enroll", "people", "--update")[0] == 0
    assert Gallery.load("people.npz").threshold == 1.0


def test_without_a_model_the_one_that_ships_is_used(run, folder):
    assert run("enroll", "people", model=None)[0] == 0
    gallery = Gallery.load("people.npz")
    assert gallery.model == fingerprint(pretrained.load_embedder())
    (mirrored, herself) = sorted(
        report(run("identify", "two.png", "--format", "json", model=None))["pictures"],
        key=lambda row: -row["box"][1],
    )
    assert {mirrored["name"], herself["name"]} <= {"Eileen Collins", "Mirrored"}  # one face
    assert min(mirrored["score"], herself["score"]) > pretrained.THRESHOLD
    assert_error(run("identify", "two.png"), "people.npz", "cannot be compared")  # with another


class Colour:
    """Stands for dlib's network, which tests do without: the mean colours of a face's quarters."""

    name, size, fingerprint = "mean colours", 32, "colours " + "0123456789abcdef" * 4
    threshold, count_threshold = 1.0, -1.0

    def align(self, picture, landmarks):
        from facebook_tut.alignment import align

        return align(picture, landmarks, self.size)

    def embed(self, images):
        rows = images.reshape(len(images), 2, 16, 2, 16, 3).mean((2, 4)).reshape(len(images), -1)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_another_embedder_is_chosen_by_its_name(run, folder, monkeypatch):
    monkeypatch.setitem(embedders.EMBEDDERS, "dlib", Colour)
    dlib = ("--embedder", "dlib")
    assert run("enroll", "people", *dlib, model=None)[0] == 0
    assert Gallery.load("people.npz").model == Colour.fingerprint
    asked = ("identify", "two.png", *dlib, "--format", "json")
    found = report(run(*asked, "--threshold", 0.5, model=None))["pictures"]
    assert {row["name"] for row in found} == {"Eileen Collins", "Mirrored"}
    strict = report(run(*asked, model=None))["pictures"]  # by its own threshold
    assert {row["name"] for row in strict} == {None}
    assert min(row["score"] for row in strict) > pretrained.THRESHOLD
    counted = run("count", "two.png", *dlib, "--format", "json", model=None, gallery=False)
    assert report(counted)["people"] == 1  # by its other one
    words = ("people.npz", "'colours' (0123456789ab…), not of the shipped network (", "anew")
    assert_error(run("identify", "two.png", model=None), *words)


def test_an_extra_that_is_not_installed_is_named(run, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    result = run("enroll", "people", "--embedder", "dlib", model=None)
    assert_error(result, 'pip install "facebook_tut[dlib]"')


def test_a_name_and_a_file_are_one_of_the_two(run, folder, capsys):
    with pytest.raises(SystemExit) as stopped:
        run("enroll", "people", "--embedder", "dlib")
    assert stopped.value.code == 2 and "not allowed with" in capsys.readouterr().err
