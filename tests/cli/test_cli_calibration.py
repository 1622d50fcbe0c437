"""The command calibrate: what it prints and keeps, and what too few pictures cannot show."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from facebook_tut import cli, pipeline
from facebook_tut.cli import _recognizer
from facebook_tut.evaluation import calibrate_threshold
from facebook_tut.matching import Gallery

EDGE, MODEL = 8, "stand-in"


@dataclass
class Seen:
    embedding: np.ndarray
    quality: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(score=1.0))


def read(pixels):
    """Return the embedding that a picture is: its pixels about their middle."""
    row = pixels.astype(float).ravel()[: EDGE * EDGE * 3] - 127.5
    return row / np.linalg.norm(row)


class StandIn:
    """A recogniser to whom a picture is its embedding, a black one a wall, a white one too grey."""

    least_quality = 0

    def __init__(self, gallery):
        self.gallery = Gallery(MODEL) if gallery is None else gallery
        if self.gallery.model != MODEL:
            raise ValueError("gallery must be of this network")

    def face(self, picture):
        if picture.max() == 0:
            raise ValueError("picture must show one face, no face found")
        if picture.min() == 255:
            raise ValueError(
                f"picture must show a face {pipeline.OUT_OF_CONDITION}, got one too grey"
            )
        return Seen(read(picture))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(_recognizer, "_recognizer", lambda options, gallery=None: StandIn(gallery))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def people(count, pictures=2, seed=0, where="people"):
    """Make folders of people who are unlike; each picture is a person and some noise."""
    rng = np.random.default_rng(seed)
    for n in range(count):
        place = Path(where) / f"person {n:02}"
        place.mkdir(parents=True)
        person = rng.normal(size=(EDGE, EDGE, 3))
        for k in range(pictures):
            pixels = 127.5 + 40 * person + 25 * rng.normal(size=person.shape)
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(place / f"{k}.png")


@pytest.fixture
def run(capsys):
    def run_(*arguments):
        code = cli.main(["calibrate", "people", *map(str, arguments), "--quiet"])
        return code, *capsys.readouterr()

    return run_


def as_report(result, code=0):
    assert result[0] == code
    return json.loads(result[1])


def test_the_threshold_is_that_of_the_function(run, folder):
    people(40)
    code, output, errors = run("--far", 0.01, "--format", "json", "--output", "report.json")
    found = as_report((code, output, errors))
    assert json.loads((folder / "report.json").read_text("utf-8")) == found
    rows, names = [], []
    for path in sorted((folder / "people").glob("*/*.png")):
        rows.append(read(np.array(Image.open(path))))
        names.append(path.parent.name)
    again = calibrate_threshold(rows, names, 0.01)
    assert found["threshold"] == again.threshold
    assert found["threshold_interval"] == [again.low, again.high]
    assert (found["people"], found["impostor_pairs"], found["genuine_pairs"]) == (40, 3120, 40)
    assert found["fmr"] <= 0.01 and found["fmr_interval"][1] > 0.01
    assert found["people_for_a_factor_of_2"] == again.people_for()
    assert len(found["pictures"]) == 80 and all(row["used"] for row in found["pictures"])


def test_the_table_ends_with_what_was_found(run):
    people(30)
    code, output, errors = run("--far", 0.1)
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].split() == ["picture", "name", "used", "why"]
    assert lines[-5].startswith("threshold: 0.") and " to " in lines[-5]
    assert "of 1740 impostor pairs of 30 people" in lines[-4]
    assert "of 30 genuine pairs" in lines[-3]
    assert lines[-1] == "intervals: 95 %, over people"


def test_few_people_are_told_how_many_it_takes(run):
    people(25, pictures=4)
    code, _, errors = run("--far", 0.001)
    assert code == 0 and "may differ by more than a factor of 2: 25 people" in errors
    assert errors.startswith("warning: ") and errors.count("\n") == 1


def test_a_gallery_keeps_the_threshold_and_its_people(run, folder, capsys):
    people(30)
    gallery = Gallery(MODEL)
    gallery.enrol("Ada", np.ones(192))
    gallery.save("people.npz")
    found = as_report(run("--far", 0.05, "--gallery", "people.npz", "--format", "json"))
    kept = Gallery.load("people.npz")
    assert kept.threshold == found["threshold"] and kept.names == ("Ada",)
    assert cli.main(["list", "--gallery", "people.npz"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"threshold: {found['threshold']}"
    assert cli.main(["remove", "Ada", "--gallery", "people.npz"]) == 0
    assert Gallery.load("people.npz").threshold == found["threshold"]
    assert cli.main(["list", "--gallery", "people.npz", "--format", "json"]) == 0
    assert '"threshold"' in capsys.readouterr().out


def test_a_far_that_the_pictures_cannot_show_is_not_kept(run, folder):
    people(5, pictures=1)
    Gallery(MODEL).save("people.npz")
    before = (folder / "people.npz").read_bytes()
    code, output, errors = run("--gallery", "people.npz")
    assert code == 1 and (folder / "people.npz").read_bytes() == before
    warning, error = errors.splitlines()
    assert "10 impostor pairs cannot show a FAR of 0.001, only one of 0.3 (rule of 3)" in warning
    assert error.startswith("error: people.npz was left as it is: ask for a --far of 0.3")
    assert "no person has two pictures" in output and "within a factor of 2: at least" in output
    found = as_report((0, run("--format", "json")[1], ""))
    assert found["fnmr"] is None and found["threshold_interval"] is None


@pytest.mark.parametrize(("count", "pictures"), [(1, 3), (2, 0)])
def test_one_person_is_too_few(run, folder, count, pictures):
    people(count, pictures)
    Gallery(MODEL).save("people.npz")
    before = (folder / "people.npz").read_bytes()
    code, output, errors = run("--gallery", "people.npz")
    assert code == 1 and errors.startswith("error: ")
    wanted = "two people or more are needed" if pictures else "none of 2 pictures could be used"
    assert wanted in errors
    assert (folder / "people.npz").read_bytes() == before
    assert output.splitlines()[0].split() == ["picture", "name", "used", "why"]


def test_pictures_without_a_face_or_too_grey_are_rows_with_their_reason(run, folder):
    people(20)
    for name, value in (("wall", 0), ("grey", 255)):
        Image.new("RGB", (EDGE, EDGE), (value,) * 3).save(f"people/person 00/{name}.png")
    (folder / "people" / "person 01" / "half.png").write_bytes(b"\x89PNG\r\n")
    found = as_report(run("--far", 0.2, "--format", "json"), code=3)
    why = {row["picture"].rpartition("/")[2]: row["why"] for row in found["pictures"]}
    assert "no face found" in why["wall.png"] and "too grey" in why["grey.png"] and why["half.png"]
    assert found["people"] == 20 and found["impostor_pairs"] == 40 * 39 // 2 - 20


def test_a_photograph_of_two_people_is_no_impostor_pair(run, folder):
    people(20)
    shutil.copy("people/person 00/0.png", "people/person 01/copy.png")
    shutil.copy("people/person 02/0.png", "people/person 02/again.png")
    code, output, errors = run("--far", 0.1, "--format", "json")
    found = as_report((code, output, errors))
    assert found["impostor_pairs"] == 40 * 39 // 2 - 20 and found["threshold"] < 0.9
    assert "copy.png" in errors and "again.png" in errors
    unused = [row for row in found["pictures"] if not row["used"]]
    assert all(row["why"].startswith("the same picture as") for row in unused)
    assert len(unused) == 2


def test_nothing_that_is_read_is_written_and_another_network_is_refused(run, folder):
    people(3)
    for options in (
        ("--output", "people/person 00/0.png"),
        ("--output", "people.npz", "--force", "--gallery", "people.npz"),
        ("--gallery", "missing.npz"),
        ("--gallery", "people.txt"),
        ("--gallery", "other.npz"),
    ):
        Gallery(MODEL).save("people.npz", overwrite=True)
        Gallery("another").save("other.npz", overwrite=True)
        before = (folder / "people.npz").read_bytes(), (folder / "other.npz").read_bytes()
        code, _, errors = run(*options)
        assert code == 1 and errors.startswith("error: ") and errors.count("\n") == 1, options
        after = (folder / "people.npz").read_bytes(), (folder / "other.npz").read_bytes()
        assert after == before


def test_who_changes_the_gallery_meanwhile_loses_nothing(run, folder, monkeypatch):
    people(20)
    Gallery(MODEL).save("people.npz")
    see = _recognizer._see

    def enrols_meanwhile(*arguments):
        with Gallery.updating("people.npz") as gallery:
            if "Ada" not in gallery:
                gallery.enrol("Ada", np.ones(192))
        return see(*arguments)

    monkeypatch.setattr(_recognizer, "_see", enrols_meanwhile)
    assert run("--far", 0.1, "--gallery", "people.npz")[0] == 0
    kept = Gallery.load("people.npz")
    assert kept.names == ("Ada",) and kept.threshold is not None


def test_pictures_refused_for_their_condition_bring_advice(run):
    people(30)
    white = np.full((EDGE, EDGE, 3), 255, np.uint8)
    for n in range(3):
        Image.fromarray(white).save(f"people/person {n:02}/white.png")
    _, _, errors = run("--far", 0.1)
    assert "warning: 3 of 63 pictures were refused for their condition" in errors
    assert "--any-condition" in errors
