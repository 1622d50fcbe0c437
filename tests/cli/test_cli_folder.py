"""The command line on the reader's own images: train --data, evaluate --data, predict."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facebook_tut import cli, models, training
from facebook_tut._backend import keras


@pytest.fixture(autouse=True)
def compiling_nothing(eagerly):
    with eagerly():
        yield


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(classes=2):
    """Build a network that is trained sooner than the book's."""
    outputs, end = (1, "sigmoid") if classes == 2 else (classes, "softmax")
    layers = [keras.Input((64, 64, 3)), keras.layers.AveragePooling2D(16)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(outputs, activation=end)]
    return keras.Sequential(layers)


@pytest.fixture(autouse=True)
def small_network(monkeypatch):
    monkeypatch.setattr(models, "build_classifier", build)


@pytest.fixture
def run(capsys):
    """Return the exit code, standard output and standard error of a command."""

    def run_(*arguments):
        code = cli.main([*map(str, arguments), "--quiet"])
        return code, *capsys.readouterr()

    return run_


SHADES = {"cats": 30, "dogs": 130, "猫": 220}  # how bright each class is


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Ten pictures of each class, as bright as it is, with noise. Do not write to it."""
    root, rng = tmp_path_factory.mktemp("drawn"), np.random.default_rng(0)
    for name, shade in SHADES.items():
        (root / name).mkdir()
        for number in range(10):
            coarse = shade + rng.integers(-30, 30, (8, 8, 3))
            image = Image.fromarray(coarse.clip(0, 255).astype(np.uint8))
            image.resize((30, 30)).save(root / name / f"{number}.png")
    return root


def copy(drawn, **counts):
    """Copy so many pictures of each class."""
    for name, count in counts.items():
        for path in sorted((drawn / name).iterdir())[:count]:
            (goal := folder_of(name)).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, goal)


def folder_of(name):
    return Path("pictures") / name


def read(name):
    return json.loads(Path(name).read_text("utf-8"))


TRAIN = ("train", "--data", "pictures", "--epochs", 2, "--output", "a.keras")


@pytest.fixture(scope="module")
def trained_once(drawn, eagerly, tmp_path_factory):
    """A folder of five cats, five dogs and the network trained on them. Do not write to it."""
    with pytest.MonkeyPatch.context() as patch, eagerly():
        patch.chdir(tmp_path_factory.mktemp("trained"))
        patch.setattr(models, "build_classifier", build)
        copy(drawn, cats=5, dogs=5)
        assert cli.main([*map(str, TRAIN), "--quiet"]) == 0
        return Path.cwd()


@pytest.fixture
def trained(trained_once, folder):
    """The same in the test's own folder, as pictures/ and a.keras."""
    shutil.copytree(trained_once, folder, dirs_exist_ok=True)


def test_two_classes_are_trained_measured_and_told(run, drawn):
    copy(drawn, cats=10, dogs=5)
    code, output, errors = run(*TRAIN)
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].split() == ["class", "label", "training", "validation", "test"]
    assert [line.split() for line in lines[1:3]] == [
        ["cats", "0", "6", "2", "2"],
        ["dogs", "1", "3", "1", "1"],
    ]
    assert (
        "ignored: 0 hidden" in output and "copies, each in the split of its original: 0" in output
    )
    assert "2.0 times the training images of the smallest; one answer" in output
    assert "is right for 0.67 of them; --class-weights" in output
    assert lines[-1].endswith("saved a.keras")
    notes = models.notes_of(models.load_model("a.keras"))
    assert (notes.class_names, notes.colour, notes.seed) == (("cats", "dogs"), True, 0)
    assert (len(notes.trained), len(notes.validated)) == (9, 3)

    code, output, errors = run("evaluate", "a.keras", "--data", "pictures", "--output", "r.json")
    assert (code, errors) == (0, "")
    report = read("r.json")
    assert report["class_names"] == ["cats", "dogs"] and report["data"] == "pictures"
    for line, name, count in zip(output.splitlines(), ("validation", "test"), (3, 3), strict=False):
        assert line.startswith(name) and f" of {count})" in line
        assert len(report[name]["images"]) == count
    assert output.splitlines()[-1].startswith(
        "none of them was in its training; pictures was split"
    )
    assert not {*report["test"]["images"]} & {*report["validation"]["images"]}


def test_three_classes_have_probabilities_that_add_up(run, drawn):
    copy(drawn, cats=5, dogs=5, 猫=5)
    assert run(*TRAIN, "--seed", 2, "--stream")[0] == 0
    model = models.load_model("a.keras")
    assert model.output_shape == (None, 3)
    assert models.notes_of(model).class_names == ("cats", "dogs", "猫")
    code, output, _ = run("evaluate", "a.keras", "--data", "pictures", "--output", "r.json")
    assert code == 0 and output.count("猫") == 2
    report = read("r.json")
    assert report["seed"] == 2  # that of the training
    assert np.sum(report["test"]["confusion"]) == 3 == len(report["test"]["images"])

    pictures = [folder_of(name) / "0.png" for name in SHADES]
    code, output, errors = run("predict", "a.keras", *pictures, "--format", "json")
    assert (code, errors) == (0, "")
    for row, path in zip(json.loads(output)["pictures"], pictures, strict=True):
        assert row["picture"] == str(path) and row["why"] == ""
        assert list(row["probabilities"]) == [*SHADES]
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert row["probabilities"][row["class"]] == row["probability"]
        assert row["probability"] == max(row["probabilities"].values())


def test_streamed_and_kept_images_give_the_same_network(run, trained):
    assert run(*TRAIN[:-1], "b.keras", "--stream")[0] == 0
    one, other = (models.load_model(name).get_weights() for name in ("a.keras", "b.keras"))
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left, right)


def test_options_reach_the_training(run, drawn, monkeypatch):
    copy(drawn, cats=5, dogs=5)
    seen = {}

    def fit(model, train, validation, **options):
        seen.update(options, train=train)
        return training.History([0.5] * 3, [0.5] * 3, [0.5, 0.2, 0.3], [0.1, 0.7, 0.2])

    monkeypatch.setattr(training, "fit", fit)
    options = ("--augment", "--class-weights", "--early-stopping", "--grey", "--positive", "cats")
    code, output, _ = run(*TRAIN, *options)
    assert code == 0
    assert (seen["augment"], seen["class_weights"], seen["patience"]) == (True, "balanced", 3)
    assert (seen["train"].images[..., 0] == seen["train"].images[..., 2]).all()
    assert "3 of 2 epochs; the weights are those of epoch 2\nvalidation accuracy 0.700" in output
    notes = models.notes_of(models.load_model("a.keras"))
    assert (notes.class_names, notes.colour) == (("dogs", "cats"), False)
    assert run(*TRAIN, "--force", "--early-stopping", 7)[0] == 0
    assert (seen["augment"], seen["class_weights"], seen["patience"]) == (False, None, 7)


@pytest.mark.parametrize("option", [("--positive", "cats"), ("--grey",), ("--stream",)])
def test_options_of_a_folder_need_one(run, option):
    code, _, errors = run("train", *option)
    assert (code, errors) == (1, f"error: {option[0]} needs --data FOLDER\n")
    assert run("evaluate", "a.keras", "--all")[0] == 1


def test_what_was_skipped_is_told_and_the_exit_code_says_so(run, drawn):
    copy(drawn, cats=5, dogs=5)
    (folder_of("cats") / "notes.txt").write_text("no picture")
    (folder_of("cats") / ".hidden.png").write_bytes(b"")
    code, output, _ = run(*TRAIN)
    assert code == 0 and "cats/notes.txt  not a picture" in output and "ignored: 1" in output
    (folder_of("dogs") / "empty.png").write_bytes(b"")
    code, output, _ = run(*TRAIN, "--force")
    assert code == 3 and "dogs/empty.png  is not a whole picture: it is empty" in output


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "there is no folder pictures"),
        ({"cats": 5}, "two or more, got 1: 'cats'"),
        ({"cats": 5, "dogs": 2}, "class 'dogs' of pictures must hold 3 different pictures"),
    ],
)
def test_a_folder_that_cannot_be_learned_from_is_named_before_training(
    run, drawn, folder, monkeypatch, counts, words
):
    monkeypatch.setattr(training, "fit", lambda *a, **k: pytest.fail("it began to train"))
    copy(drawn, **counts)
    for command in (TRAIN, ("train", "--data", "a.txt")):
        (folder / "a.txt").write_text("no folder")
        code, _, errors = run(*command)
        assert code == 1 and errors.startswith("error: ") and errors.count("\n") == 1
    assert "a.txt is a file" in errors
    assert words in run(*TRAIN)[2]
    assert not (folder / "a.keras").exists()


# Never on training images


def test_training_images_are_left_out_wherever_they_lie(run, drawn, folder):
    copy(drawn, cats=10, dogs=10)
    assert run(*TRAIN)[0] == 0
    code, output, errors = run("evaluate", "a.keras", "--data", "pictures", "--seed", 1)
    assert code == 0 and errors.count("images are left out, seen in training") == 2
    trained = models.notes_of(models.load_model("a.keras")).trained
    assert len(trained) == 12

    (folder / "pictures").rename(folder / "moved")
    for name in ("cats", "dogs"):  # other names, and another split
        for path in (folder / "moved" / name).iterdir():
            path.rename(path.with_name(f"x{path.name}"))
    code, output, errors = run("evaluate", "a.keras", "--data", "moved", "--all")
    assert code == 0 and errors == "all: 16 of 20 images are left out, seen in training\n"
    assert output.startswith("all        accuracy ") and " of 4)" in output

    for path in (folder / "moved").rglob("*.png"):
        Image.open(path).point(lambda v: 255 - v).save(path)  # pictures that it has not seen
    code, output, errors = run("evaluate", "a.keras", "--data", "moved", "--all")
    assert code == 0 and errors == "" and " of 20)" in output


def test_a_network_that_does_not_say_what_it_saw_is_measured_with_a_warning(run, drawn):
    copy(drawn, cats=5, dogs=5)
    folder_of("cats").rename(folder_of("face"))
    folder_of("dogs").rename(folder_of("non-face"))
    models.save_model(models.build_classifier(), "old.keras")
    code, _, errors = run("evaluate", "old.keras", "--data", "pictures")
    assert code == 0 and "does not say which pictures it was trained on" in errors


def test_all_images_trained_on_leave_nothing_to_measure(run, trained):
    model = models.load_model("a.keras")
    notes = models.notes_of(model)
    from facebook_tut.data.folder import load_folder

    digests = load_folder("pictures", progress=False).digests.values()
    known = models.Notes(notes.class_names, notes.colour, trained=list(digests))
    models.save_model(models.add_notes(model, known), "b.keras")
    code, _, errors = run("evaluate", "b.keras", "--data", "pictures")
    assert code == 1 and "all 2 validation images of pictures were trained on" in errors


def test_other_classes_than_the_networks_are_named(run, trained):
    folder_of("dogs").rename(folder_of("birds"))
    code, _, errors = run("evaluate", "a.keras", "--data", "pictures")
    assert code == 1
    assert "must hold the classes 'cats', 'dogs' of the network, got 'birds', 'cats'" in errors


def test_a_network_for_other_classes_is_not_measured_on_faces(run, trained):
    code, _, errors = run("evaluate", "a.keras")
    assert code == 1
    assert errors.startswith("error: the network tells 'cats' and 'dogs' apart, not faces: --data")


# Predictions


def test_each_picture_gets_a_row_whatever_it_is(run, trained, folder):
    Image.new("RGB", (10, 10)).save("small.png")
    Image.new("CMYK", (30, 40)).save("print.jpg")
    (folder / "text.png").write_text("no picture")
    pictures = ("pictures/cats/0.png", "small.png", "print.jpg", "text.png", "gone.png")
    code, output, errors = run("predict", "a.keras", *pictures, "--output", "r.json")
    assert (code, errors) == (3, "")
    rows = read("r.json")["pictures"]
    assert [row["picture"] for row in rows] == [*pictures]
    assert [row["class"] is None for row in rows] == [False, True, False, True, True]
    assert "too small: 10×10 pixels" in rows[1]["why"] and not rows[1]["failed"]
    assert rows[3]["failed"] and rows[4]["failed"]
    assert [line.split()[0] for line in output.splitlines()] == ["picture", *pictures]
    answer = training.predict(
        models.load_model("a.keras"),
        np.ones((1, 64, 64, 3), np.float32),  # no ink is white
    )[0]
    assert rows[2]["probabilities"]["dogs"] == pytest.approx(float(answer), abs=1e-4)
    assert run("predict", "a.keras", "small.png")[0] == 1


@pytest.mark.parametrize(("threshold", "expected"), [(0, "dogs"), (1, "cats")])
def test_a_threshold_moves_the_line_between_two_classes(run, trained, threshold, expected):
    _, output, _ = run("predict", "a.keras", "pictures", "--threshold", threshold)
    assert {line.split()[1] for line in output.splitlines()[1:]} == {expected}


def test_many_pictures_are_answered_as_one_by_one(run, trained, monkeypatch):
    whole = run("predict", "a.keras", "pictures")[1]
    monkeypatch.setattr("facebook_tut.cli._classifier.AT_ONCE", 3)
    assert run("predict", "a.keras", "pictures")[1] == whole


def test_a_network_of_colours_finds_no_faces_in_grey_windows(run, trained):
    code, _, errors = run("detect", "a.keras", "pictures/cats/0.png")
    assert code == 1 and "a.keras was trained on colour images" in errors and "--grey" in errors
    assert run(*TRAIN, "--grey", "--force")[0] == 0
    assert run("detect", "a.keras", "pictures/cats/0.png")[0] == 0


# Interruptions


def interrupt(monkeypatch, at):
    """Let the training be stopped in an epoch, before it is kept."""
    end = training.Progress.on_epoch_end

    def stop(self, epoch, logs=None):
        if epoch == at:
            raise KeyboardInterrupt
        end(self, epoch, logs)

    monkeypatch.setattr(training.Progress, "on_epoch_end", stop)


def test_resume_ends_as_if_nothing_had_happened(run, drawn, folder, monkeypatch):
    copy(drawn, cats=5, dogs=5)
    train = ("train", "--data", "pictures", "--epochs", 4, "--augment", "--early-stopping", 3)
    assert run(*train, "--output", "whole.keras")[0] == 0
    with monkeypatch.context() as patch:
        interrupt(patch, 2)
        code, _, errors = run(*train, "--output", "b.keras", "--resume")
    assert (code, errors) == (130, "stopped; b.resume.npz was saved\n")
    assert not (folder / "b.keras").exists()
    code, _, errors = run(*train, "--output", "b.keras", "--resume")
    assert (code, errors) == (0, "going on from b.resume.npz\n")
    assert not (folder / "b.resume.npz").exists()
    one, other = (models.load_model(name).get_weights() for name in ("whole.keras", "b.keras"))
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left, right)


def test_a_file_of_the_users_is_never_gone_on_from(run, drawn, folder):
    copy(drawn, cats=5, dogs=5)
    np.savez(folder / "a.resume.npz", mine=np.arange(3))
    before = (folder / "a.resume.npz").read_bytes()
    code, _, errors = run(*TRAIN, "--resume")
    assert code == 1 and "error: a.resume.npz is of another training" in errors
    assert (folder / "a.resume.npz").read_bytes() == before and not (folder / "a.keras").exists()
    assert run(*TRAIN)[0] == 0  # without --resume it is not looked at
    assert (folder / "a.resume.npz").read_bytes() == before
