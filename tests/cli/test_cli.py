"""The command line, mostly in this process: what it writes, prints and returns."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facebook_tut
from facebook_tut import cli, models, training
from facebook_tut._backend import keras
from facebook_tut.data import Splits, patches
from facebook_tut.preprocessing import PATCH_SIZE


@pytest.fixture(autouse=True)
def little_data(monkeypatch, few):
    monkeypatch.setattr(patches, "load_patches", lambda seed: Splits(few, few, few))


@pytest.fixture(autouse=True)
def compiling_nothing(eagerly):
    with eagerly():
        yield


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def small_classifier(classes=2):
    """Build a network that is loaded sooner than the book's."""
    training.set_seed(0)
    layers = [keras.Input((64, 64, 3)), keras.layers.Flatten()]
    if classes > 2:
        return keras.Sequential([*layers, keras.layers.Dense(classes, activation="softmax")])
    return keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])


@pytest.fixture(scope="module")
def classifier():
    """A small network. Do not train it."""
    return small_classifier()


@pytest.fixture(scope="module")
def classifier_file(classifier, tmp_path_factory):
    """The file of `classifier`. Do not write to it."""
    return models.save_model(classifier, tmp_path_factory.mktemp("models") / "small.keras")


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*arguments, **options):
        pytest.fail("it began to train")

    monkeypatch.setattr(training, "fit", refuse)


@pytest.fixture
def stand_in(monkeypatch):
    """Let the network's answer be the brightness of an image's upper half, which is quick."""
    monkeypatch.setattr(training, "predict", lambda _, images: images[:, :32].mean((1, 2, 3)))


@pytest.fixture
def run(capsys):
    """Return the exit code, standard output and standard error of a command."""

    def run_(*arguments):
        code = cli.main([*map(str, arguments), "--quiet"])
        return code, *capsys.readouterr()

    return run_


@pytest.fixture
def usage(capsys):
    """Check that arguments are refused as wrong usage, in words."""

    def usage_(*arguments, words=()):
        with pytest.raises(SystemExit) as stopped:
            cli.main([*map(str, arguments)])
        said = capsys.readouterr().err
        return stopped.value.code == 2 and all(word in said for word in ("usage: ", *words))

    return usage_


def assert_error(result, *words):
    """Exit code 1 and one line that holds all `words`."""
    code, _, errors = result
    assert code == 1
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    assert errors.endswith("\n")
    for word in words:
        assert str(word) in errors


TRAIN = ("train", "--epochs", 1, "--batch-size", 4)


def test_train_writes_a_network(run, folder):
    code, output, errors = run(*TRAIN, "--output", "a.keras")
    assert (code, errors) == (0, "")
    assert output.endswith("saved a.keras\n")
    assert [path.name for path in folder.iterdir()] == ["a.keras"]
    assert models.load_model("a.keras").count_params() == 2_453_569
    result = run("evaluate", "a.keras")
    assert result[0] == 0
    accuracy = float(output.split()[2].rstrip(";"))  # what training says is what it gets
    assert f"accuracy {accuracy:.2f} " in result[1]


@pytest.mark.parametrize("name", [None, "other.keras"])
def test_train_refuses_to_overwrite_before_it_trains(run, folder, no_training, name):
    path = folder / (name or "face.keras")
    path.write_bytes(b"old")
    assert_error(run(*TRAIN, *(("--output", name) if name else ())), path.name, "--force")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("face.h5", ["must end in .keras", "face.h5"]),
        ("missing/face.keras", ["no folder missing"]),
        ("folder.keras", ["folder.keras: it is a folder"]),
    ],
)
def test_train_checks_its_output_before_it_trains(run, folder, no_training, output, words):
    (folder / "folder.keras").mkdir()
    assert_error(run(*TRAIN, "--output", output, "--force"), *words)


def test_train_names_an_output_folder_that_is_not_writable(run, no_training, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert_error(run(*TRAIN, "--output", "face.keras"), "face.keras", "not writable")


def test_train_replaces_when_told_so(run, folder, monkeypatch):
    monkeypatch.setattr(models, "build_classifier", small_classifier)
    history = training.History([0.5], [0.5], [0.5], [0.75])
    monkeypatch.setattr(training, "fit", lambda *arguments, **options: history)
    (folder / "face.keras").write_bytes(b"old")
    code, output, _ = run(*TRAIN, "--force")
    assert (code, output) == (0, "validation accuracy 0.750; saved face.keras\n")
    assert models.load_model("face.keras").count_params() == small_classifier().count_params()


def test_train_shows_no_bar_where_nobody_sees_it(monkeypatch, capsys):
    seen = []

    def fit(*arguments, progress, **options):
        seen.append(progress)
        return training.History([0.5], [0.5], [0.5], [0.75])

    monkeypatch.setattr(models, "build_classifier", small_classifier)
    monkeypatch.setattr(training, "fit", fit)
    for watched in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda watched=watched: watched, raising=False)
        assert cli.main(["train", "--output", f"{watched}.keras"]) == 0
    assert seen == [False, True]


@pytest.mark.parametrize("where", ["training", "saving"])
def test_an_interruption_leaves_the_old_file_alone(run, folder, monkeypatch, where):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "build_classifier", small_classifier)
    if where == "training":
        monkeypatch.setattr(training.Progress, "on_epoch_end", stop)
    else:
        history = training.History([0.5], [0.5], [0.5], [0.75])
        monkeypatch.setattr(training, "fit", lambda *arguments, **options: history)
        monkeypatch.setattr(keras.Model, "save", stop)
    (folder / "face.keras").write_bytes(b"old")
    assert run(*TRAIN, "--force") == (130, "", "stopped; no file was changed\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"face.keras": b"old"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--epochs", 0), ["--epochs", "got '0'"]),
        (("--batch-size", -1), ["--batch-size", "got '-1'"]),
        (("--batch-size", 1.5), ["--batch-size", "a whole number from 1 to", "got '1.5'"]),
        (("--seed", -1), ["--seed", "got '-1'"]),
        (("--seed", 2**32), ["--seed", "from 0 to 4294967295"]),
    ],
)
def test_train_names_a_bad_number(usage, folder, arguments, words):
    assert usage("train", *arguments, words=words)
    assert not any(folder.iterdir())


def test_evaluate_prints_and_writes_what_the_network_does(run, classifier_file, classifier, few):
    options = ("--output", "a.json", "--threshold", 0.32)
    code, output, errors = run("evaluate", classifier_file, *options)
    assert (code, errors) == (0, "")
    report = json.loads(Path("a.json").read_text("utf-8"))
    called = training.predict(classifier, few.images) >= 0.32
    right = int((called == few.labels).sum())
    for line, name in zip(output.splitlines(), ("validation", "test"), strict=True):
        assert line.startswith(name)
        assert f"{right} of 8" in line
        assert report[name]["accuracy"] == right / 8
        assert report[name]["true_positives"] == (called & (few.labels == 1)).sum()
        assert report[name]["false_positives"] == (called & (few.labels == 0)).sum()
    assert (report["seed"], report["threshold"]) == (0, 0.32)
    assert report["model"] == str(classifier_file)


SIDE = PATCH_SIZE + 6  # pixels: few windows fit


def noise(shape=(SIDE + 4, SIDE + 12)):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def detect(run, classifier_file, stand_in, folder):
    """Return the boxes that ``detect`` writes for one picture."""

    def detect_(path):
        options = ("--threshold", 0, "--votes", 1, "--output", "boxes.json", "--force")
        code, output, errors = run("detect", classifier_file, path, *options)
        assert (code, errors) == (0, "")
        rows = json.loads((folder / "boxes.json").read_text("utf-8"))["pictures"]
        assert output.count(f"\n{path} ") == len(rows) > 0
        assert {(row["picture"], row["why"], row["failed"]) for row in rows} == {(path, "", False)}
        return [{key: row[key] for key in ("top", "left", "size", "votes")} for row in rows]

    return detect_


def test_detect_reads_every_kind_of_picture(detect):
    Image.fromarray(noise()).save("grey.png")
    Image.fromarray(noise()).convert("RGB").save("rgb.bmp")
    Image.fromarray(noise()).convert("RGBA").save("rgba.png")
    Image.fromarray(noise()).convert("P").save("palette.gif")
    Image.fromarray(noise().astype(np.uint16) * 257).save("sixteen.png")
    expected = detect("grey.png")
    for path in ("rgb.bmp", "rgba.png", "palette.gif", "sixteen.png"):
        for found, box in zip(detect(path), expected, strict=True):
            assert found == pytest.approx(box, abs=1e-5)


def test_detect_turns_a_picture_upright(detect):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.fromarray(noise((SIDE + 4, SIDE + 12, 3))).save("turned.jpg", exif=exif)
    with Image.open("turned.jpg") as stored:
        upright = np.rot90(np.asarray(stored), -1)
    Image.fromarray(upright).save("upright.png")
    assert detect("turned.jpg") == detect("upright.png")


def test_detect_reports_what_its_network_finds(run, classifier_file, folder):
    Image.fromarray(noise()).save("a.png")
    Image.fromarray(noise()).save("b.png")
    code, output, errors = run("detect", classifier_file, "a.png", "b.png", "--threshold", 1)
    assert (code, errors) == (0, "")
    assert [line.split() for line in output.splitlines()] == [
        ["picture", "top", "left", "size", "votes", "why"],
        ["a.png", "-", "-", "-", "-", "no", "face"],
        ["b.png", "-", "-", "-", "-", "no", "face"],
    ]
    code, output, _ = run("detect", classifier_file, "a.png", "--threshold", 0, "--votes", 0)
    assert code == 0 and "no face" not in output
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.png"]


def test_votes_sort_out_what_few_windows_saw(run, classifier_file, stand_in):
    Image.fromarray(noise()).save("a.png")
    counts = [
        run("detect", classifier_file, "a.png", "--threshold", 0, "--votes", votes)[1].count(".")
        for votes in (0, 3, 1e6)
    ]  # each box has four numbers; "a.png" a point besides
    counts = [count - 1 for count in counts]
    assert counts[0] >= counts[1] >= counts[2] == 0 < counts[0]


def bad_picture(kind):
    path = Path(f"{kind}.jpg")
    if kind == "truncated":
        Image.fromarray(noise((200, 200, 3))).save("whole.jpg")
        path.write_bytes(Path("whole.jpg").read_bytes()[:5000])
    elif kind == "text":
        path.write_text("This is no picture.\n")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "tiny":
        Image.fromarray(noise((PATCH_SIZE - 1, 300))).save(path)
    return path


@pytest.mark.parametrize("kind", ["truncated", "text", "empty", "folder", "tiny", "missing"])
def test_detect_names_a_picture_that_it_cannot_use(run, classifier_file, folder, kind):
    path = bad_picture(kind)
    if kind == "folder":
        assert_error(run("detect", classifier_file, path), "there is no picture in", path)
        return
    result = run("detect", classifier_file, path, "--output", "boxes.json")
    assert_error(result, "none of 1 pictures could be used", "boxes.json was saved")
    [row] = json.loads((folder / "boxes.json").read_text("utf-8"))["pictures"]
    assert row["picture"] == str(path) and row["why"] and row["failed"] == (kind != "tiny")
    assert row["why"].split()[0] in result[1]
    Image.fromarray(noise()).save("a.png")  # and one bad picture never ends a run
    code, output, errors = run("detect", classifier_file, path, "a.png", "--threshold", 1)
    assert (code, errors) == (0 if kind == "tiny" else 3, "")
    assert [line.split()[0] for line in output.splitlines()] == ["picture", str(path), "a.png"]


def bad_model(kind, whole):
    path = Path(f"{kind}.keras")
    if kind == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "text":
        path.write_text("This is no network.\n")
    elif kind == "other":
        keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)]).save(path)
    elif kind == "code":
        keras.Sequential([keras.Input((5,)), keras.layers.Lambda(lambda x: x)]).save(path)
    return path


@pytest.mark.parametrize("command", ["evaluate", "detect"])
@pytest.mark.parametrize("kind", ["missing", "truncated", "text", "other", "code"])
def test_a_file_that_is_no_classifier_is_named(run, classifier_file, command, kind):
    path = bad_model(kind, classifier_file.read_bytes())
    Image.fromarray(noise()).save("a.png")
    pictures = ("a.png",) if command == "detect" else ()
    assert_error(run(command, path, *pictures), path)


@pytest.mark.parametrize("command", ["evaluate", "detect"])
def test_a_report_is_never_written_over_another_file_unasked(
    run, classifier_file, folder, monkeypatch, command
):
    def refuse(path):
        pytest.fail("the work began before the check")

    monkeypatch.setattr(models, "load_model", refuse)
    (folder / "report.json").write_text("old")
    pictures = ("a.png",) if command == "detect" else ()
    arguments = (command, classifier_file, *pictures, "--output")
    assert_error(run(*arguments, "report.json"), "report.json")
    assert_error(run(*arguments, "missing/report.json"), "report.json", "no folder missing")
    assert_error(run(*arguments, "."), "it is a folder")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert_error(run(*arguments, "new.json"), "new.json", "not writable")
    assert (folder / "report.json").read_text() == "old"


def test_a_report_is_written_whole_or_not_at_all(run, classifier_file, folder, monkeypatch):
    def write_half(self, data):
        self.write_text(data[:10].decode())
        raise KeyboardInterrupt

    (folder / "report.json").write_bytes(b"old")
    monkeypatch.setattr(Path, "write_bytes", write_half)
    assert run("evaluate", classifier_file, "--output", "report.json", "--force")[0] == 130
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"report.json": b"old"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["train", "--epochs", "many"],
        ["train", "--distribute", "gpu"],
        ["evaluate"],
        ["detect", "face.keras"],
        ["detect", "face.keras", "photo.jpg", "--colour"],
    ],
)
def test_wrong_usage_is_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m facebook_tut")


OPTIONS = {
    "train": "--output --force --quiet --epochs --batch-size --seed --distribute --data --positive"
    " --grey --stream --augment --early-stopping --class-weights --resume softmax",
    "evaluate": "model --output --force --quiet --seed --threshold --data --all",
    "predict": "model PICTURES --output --force --quiet --format --threshold --most-pixels",
    "detect": "model PICTURES --output --force --quiet --format --threshold --votes --most-pixels",
}


@pytest.mark.parametrize("command", OPTIONS)
def test_help_tells_every_option(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, "--help"])
    assert stopped.value.code == 0
    told = capsys.readouterr().out
    for option in OPTIONS[command].split():
        assert option in told


def test_help_tells_every_command_and_exit_code(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--help"])
    assert stopped.value.code == 0
    told = capsys.readouterr().out
    for word in (*OPTIONS, "examples:", "exit codes: 0", "130"):
        assert word in told


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "facebook_tut", "--version"],
        env=os.environ | {"PYTHONPATH": str(Path(facebook_tut.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, f"{facebook_tut.__version__}\n"), done.stderr
