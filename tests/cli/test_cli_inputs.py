"""What people's disks hold and what terminals do: no input ends a run, and no answer is lost."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import facebook_tut
from facebook_tut import cli
from facebook_tut.cli import _recognizer, _report
from facebook_tut.matching import Gallery
from facebook_tut.pipeline import Recognition
from facebook_tut.pretrained import COUNT_THRESHOLD, THRESHOLD

ROOT = Path(facebook_tut.__file__).parents[1]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows knows no such thing")


@dataclass
class Seen:
    embedding: np.ndarray
    box: tuple = (0, 0, 24, 24)
    quality: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(score=1.0))


class StandIn:
    """A recogniser that needs no network: a face's embedding is the colours of the photograph."""

    least_quality = 0
    embedder = SimpleNamespace(threshold=THRESHOLD, count_threshold=COUNT_THRESHOLD)

    def __init__(self, gallery, threshold=None):
        self.gallery = Gallery("stand-in") if gallery is None else gallery
        self.threshold = THRESHOLD if threshold is None else threshold

    def face(self, picture):
        if picture.std() == 0 and picture.flat[0] == 255:
            raise ValueError("picture must show one face, no face found")
        pixels = picture.astype(float).reshape(-1, 3)
        colour, grain = pixels.mean(axis=0) - 90, (pixels - pixels.mean(axis=0)).ravel()[:300]
        length = np.linalg.norm(grain) or 1
        return Seen(np.concatenate([2 * colour / np.linalg.norm(colour), grain / length, [0.01]]))

    def faces(self, picture):
        return [self.face(picture)]

    def refuses(self, face):
        return ""

    def identify(self, picture):
        return [Recognition(self.face(picture), None, 0.1, "unknown")]

    def verify(self, name, picture):
        return self.gallery.verify(name, self.face(picture).embedding, 0.5)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder, and a recogniser that is there at once."""

    def recognizer(options, gallery=None, what="threshold"):
        given = getattr(options, "threshold", None)
        return StandIn(gallery, getattr(StandIn.embedder, what) if given is None else given)

    monkeypatch.setattr(_recognizer, "_recognizer", recognizer)
    monkeypatch.chdir(tmp_path)
    return tmp_path


COLOURS = {"red": (220, 30, 30), "green": (30, 220, 30), "blue": (30, 30, 220)}


def photo(path, colour="red", seed=0, kind=None):
    """Make a photograph that is like all of one colour and like none of another."""
    generator = np.random.default_rng(seed)
    pixels = np.array(COLOURS[colour]) + generator.integers(-25, 26, (24, 24, 3))
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, kind)
    return path


@pytest.fixture
def run(capsys):
    """Return the exit code, standard output and standard error of a command."""

    def run_(*arguments):
        code = cli.main([*map(str, arguments)])
        return code, *capsys.readouterr()

    return run_


@pytest.fixture
def enrol(run):
    """Enrol `people` and return the exit code, the rows and what was said."""

    def enrol_(*arguments, gallery="people.npz", folder="people"):
        options = ("--gallery", gallery, "--format", "json", "--quiet")
        code, output, errors = run("enroll", folder, *options, *arguments)
        rows = json.loads(output)["pictures"] if output else []
        return code, {row["picture"].replace(os.sep, "/"): row for row in rows}, errors

    return enrol_


# --- folders -------------------------------------------------------------------------------------


def test_hidden_and_system_folders_are_no_people(enrol):
    photo("people/Ada/1.png")
    for name in (".ipynb_checkpoints", ".git", "__MACOSX", "@eaDir", "$RECYCLE.BIN", "lost+found"):
        photo(f"people/{name}/1.png", "green")
        photo(f"people/Ada/{name}/2.png", "green")
    photo("people/Ada/._1.png", "green")
    (Path("people") / ".Trash").mkdir()
    code, rows, errors = enrol()
    assert (code, [*rows], errors) == (0, ["people/Ada/1.png"], "")
    assert Gallery.load("people.npz").names == ("Ada",)


def test_a_person_without_a_usable_picture_is_a_row_and_an_exit_code(enrol):
    photo("people/Ada/1.png")
    Path("people/Empty").mkdir()
    Path("people/Phone").mkdir()
    Path("people/Phone/1.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
    Path("people/Notes").mkdir()
    Path("people/Notes/notes.txt").write_text("no picture")
    Image.new("RGB", (30, 30), "white").save(photo("people/Wall/1.png"))
    code, rows, _ = enrol()
    assert code == 3
    assert rows["people/Empty"]["why"] == rows["people/Notes"]["why"] == "it holds no picture"
    assert "HEIC: convert it to JPEG, or install pillow-heif" in rows["people/Phone/1.heic"]["why"]
    assert "no face found" in rows["people/Wall/1.png"]["why"]
    assert [row["failed"] for row in rows.values()] == [False, True, True, True, True]
    assert Gallery.load("people.npz").names == ("Ada",)


def test_nested_people_and_loose_pictures_are_reported_and_not_merged(enrol):
    photo("people/Ada/1.png")
    photo("people/team/Grace/1.png", "green")
    photo("people/team/Eve/1.png", "blue")
    photo("people/loose.jpg", "blue")
    Path("people/Ada/empty").mkdir()
    code, rows, _ = enrol()
    assert code == 3 and Gallery.load("people.npz").names == ("Ada",)
    assert Gallery.load("people.npz").count("Ada") == 1
    assert "holds no picture" in rows["people/team"]["why"]
    for name in ("people/team/Grace", "people/team/Eve"):
        assert "a folder in a person's folder" in rows[name]["why"]
    assert "belongs to nobody" in rows["people/loose.jpg"]["why"]


@posix
def test_links_are_followed_or_reported_and_circles_end(enrol, run, folder):
    photo("elsewhere/1.png", "green")
    photo("people/Ada/1.png")
    Path("people/Grace").symlink_to(folder / "elsewhere")
    Path("people/Loop").symlink_to(folder / "people")
    Path("people/Again").symlink_to("Ada")
    Path("people/AA").symlink_to("Ada")  # a link comes after what it leads to
    Path("people/Ada/circle").symlink_to(".")
    Path("people/Ada/gone.png").symlink_to("nowhere.png")
    Path("people/Ada/self.png").symlink_to("self.png")
    code, rows, _ = enrol()
    assert code == 3
    assert Gallery.load("people.npz").names == ("Ada", "Grace")
    for name in ("people/Loop", "people/Again", "people/Ada/circle"):
        assert "a link to" in rows[name]["why"] and "read already" in rows[name]["why"]
    for name in ("gone.png", "self.png"):
        assert "leads nowhere" in rows[f"people/Ada/{name}"]["why"]
    code, output, _ = run("count", "people", "--quiet")
    assert output.count("1.png") == 2 and output.count("a link to") >= 2


@posix
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root reads all")
def test_a_folder_that_may_not_be_read_is_a_row(enrol):
    photo("people/Ada/1.png")
    photo("people/Grace/1.png").parent.chmod(0)
    try:
        code, rows, _ = enrol()
    finally:
        Path("people/Grace").chmod(0o700)
    assert code == 3 and "permission denied" in rows["people/Grace"]["why"]


def test_a_folder_that_cannot_be_read_is_a_row(enrol, monkeypatch):
    photo("people/Ada/1.png")
    photo("people/Grace/1.png")
    listed = Path.iterdir

    def iterdir(self):
        if self.name == "Grace":
            raise PermissionError(13, "Permission denied")
        return listed(self)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    code, rows, _ = enrol()
    assert code == 3 and rows["people/Grace"]["why"] == "it cannot be read: permission denied"
    assert Gallery.load("people.npz").names == ("Ada",)


def test_pictures_are_found_by_their_content(enrol, run):
    photo("people/Ada/1.jfif", kind="JPEG")
    photo("people/Ada/scan", seed=1, kind="PNG")
    photo("people/Ada/2.avif", seed=2)
    Path("people/Ada/notes.txt").write_text("none")
    assert [*enrol()[1]] == [f"people/Ada/{name}" for name in ("1.jfif", "2.avif", "scan")]
    assert run("count", "people", "--quiet")[1].count("people") == 4


TREE = st.recursive(
    st.sampled_from(["picture", "text", "cut", "empty"]),
    lambda inner: st.dictionaries(
        st.text("aé\u0301 .\n\x1b", min_size=1, max_size=4).filter(lambda n: n.strip(".")), inner
    ),
    max_leaves=8,
)


def grow(place, tree):
    """Make files and folders as a tree says."""
    if isinstance(tree, dict):
        place.mkdir(exist_ok=True)
        for name, inner in tree.items():
            grow(place / name, inner)
    elif tree == "picture":
        photo(place, kind="PNG")
    else:
        place.write_bytes({"text": b"hello", "cut": b"\x89PNG\r\n", "empty": b""}[tree])


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(tree=TREE.filter(lambda tree: isinstance(tree, dict)))
def test_whatever_a_folder_holds_enrolling_ends_in_rows_or_a_sentence(tmp_path_factory, tree):
    place = tmp_path_factory.mktemp("tree")
    grow(place / "people", tree)
    gallery, output = place / "people.npz", place / "report.json"
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", said)
        patch.setattr(sys, "stdout", io.StringIO())
        options = ["--gallery", gallery, "--output", output, "--quiet"]
        code = cli.main([*map(str, ["enroll", place / "people", *options])])
    assert code in (0, 1, 3) and "Traceback" not in said.getvalue()
    assert said.getvalue().count("\n") == len(said.getvalue().splitlines())
    if gallery.exists():
        people = {name for name, inner in tree.items() if isinstance(inner, dict)}
        assert len(Gallery.load(gallery)) <= len(people)
        assert json.loads(output.read_text("utf-8"))["people"] == len(Gallery.load(gallery))


# --- names ---------------------------------------------------------------------------------------


def test_two_spellings_of_a_name_are_one_person(enrol, run):
    photo("people/Zo\u00eb/1.png")
    photo("people/Zoe\u0308/2.png", seed=1)
    if len([*Path("people").iterdir()]) == 1:
        pytest.skip("this file system spells names one way")
    photo("people/Zo\u00eb /3.png", seed=2)
    assert enrol()[0] == 0
    gallery = Gallery.load("people.npz")
    assert gallery.names == ("Zo\u00eb",) and gallery.count("Zo\u00eb") == 3
    code, output, _ = run("verify", " Zoe\u0308", "people", "--gallery", "people.npz", "--quiet")
    assert code == 0 and output.count("yes") == 3


@posix
def test_a_name_that_moves_the_cursor_is_a_row_and_is_spelled_out(run):
    photo("people/Ada/1.png")
    for name in ("\x1b[2J\x1b[31mEve", "Eve\u202e", "Eve\x9b1A"):
        photo(f"people/{name}/1\x1b[1A.png")
    code, output, errors = run("enroll", "people", "--gallery", "people.npz", "--quiet")
    assert code == 3 and Gallery.load("people.npz").names == ("Ada",)
    assert output.count("\n") == 6 and "no control characters" in output
    for text in (output, errors):
        assert all(c == "\n" or c.isprintable() for c in text)
    code, output, _ = run("count", "people", "--format", "json", "--quiet")
    assert all(c == "\n" or c.isprintable() for c in output)
    assert any("\x1b[1A" in row["picture"] for row in json.loads(output)["pictures"])


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_name_that_is_not_utf8_is_a_row_and_the_report_is_whole(run, folder):
    photo("people/Ada/1.png")
    photo(os.fsdecode(b"people/Zo\xeb/1.png"))
    photo(os.fsdecode(b"people/Ada/2\xff.png"), seed=1)
    options = ("--gallery", "people.npz", "--output", "report.json", "--quiet")
    code, output, _ = run("enroll", "people", *options)
    assert code == 3 and "its name is no person's" in output
    gallery = Gallery.load("people.npz")
    assert gallery.names == ("Ada",) and gallery.count("Ada") == 2
    rows = json.loads(Path("report.json").read_text("utf-8"))["pictures"]
    assert os.fsdecode(b"people/Ada/2\xff.png") in [row["picture"] for row in rows]


def test_a_mistyped_name_is_answered_with_the_right_one(enrol, run):
    photo("people/Ada Lovelace/1.png")
    enrol()
    for command in (("verify", "Ada Lovelac", "people"), ("remove", "ada lovelace")):
        code, _, errors = run(*command, "--gallery", "people.npz", "--quiet")
        assert code == 1 and "did you mean 'Ada Lovelace'?" in errors


# --- what enrolment believes ---------------------------------------------------------------------


@pytest.fixture
def doubted():
    """People with a copy of a photograph, a stranger, and one photograph under two names."""
    for name, colour in (("Ada", "red"), ("Grace", "green"), ("Eve", "blue")):
        for seed in range(3):
            photo(f"people/{name}/{seed}.png", colour, seed=10 * len(name) + seed)
    Path("people/Ada/copy.png").write_bytes(Path("people/Ada/0.png").read_bytes())
    Path("people/Grace/also.png").write_bytes(Path("people/Eve/1.png").read_bytes())


def test_copies_strangers_and_one_face_under_two_names_are_warned_of(doubted, enrol):
    code, rows, errors = enrol()
    assert code == 0
    copy, also = rows["people/Ada/copy.png"], rows["people/Grace/also.png"]
    assert not copy["used"] and "the same picture as people/Ada/0.png" in copy["warning"]
    assert also["used"] and "the same picture as people/Eve/1.png of Eve" in also["warning"]
    assert Gallery.load("people.npz").count("Ada") == 3
    for place in ("people/Ada/copy.png: the same picture as people/Ada/0.png", "people/Eve/1.png"):
        assert place in errors
    assert errors.count("warning: ") == errors.count("\n") >= 2


def test_strict_enrols_nobody_if_anything_is_odd(doubted, enrol, run):
    code, rows, errors = enrol("--strict")
    assert code == 1 and "nobody was enrolled: --strict" in errors and rows
    assert not Path("people.npz").exists()
    for path in ("people/Ada/copy.png", "people/Grace/also.png"):
        Path(path).unlink()
    assert enrol("--strict")[0] == 0 and len(Gallery.load("people.npz")) == 3


def test_a_picture_that_comes_again_with_an_update_counts_once(enrol):
    photo("people/Ada/1.png")
    photo("people/Grace/1.png", "green")
    enrol()
    photo("people/Ada/2.png", seed=1)
    Path("people/Grace/2.png").write_bytes(Path("people/Ada/1.png").read_bytes())
    code, rows, _ = enrol("--update")
    assert code == 0 and not rows["people/Ada/1.png"]["used"]
    assert "the same picture as an earlier run" in rows["people/Ada/1.png"]["warning"]
    assert "an earlier run of Ada" in rows["people/Grace/2.png"]["warning"]
    gallery = Gallery.load("people.npz")
    assert (gallery.count("Ada"), gallery.count("Grace")) == (2, 2)
    before = Path("people.npz").read_bytes()
    assert enrol("--update", "--strict")[0] == 1
    assert Path("people.npz").read_bytes() == before


def test_a_photograph_among_the_wrong_persons_is_warned_of(enrol):
    for seed in range(3):
        photo(f"people/Ada/{seed}.png", "red", seed)
        photo(f"people/Grace/{seed}.png", "green", 10 + seed)
    photo("people/Grace/wrong.png", "red", 99)
    code, rows, errors = enrol()
    assert code == 0 and "people/Grace/wrong.png: " in errors
    assert "Ada" in rows["people/Grace/wrong.png"]["warning"]
    assert not rows["people/Grace/0.png"]["warning"]


def test_people_are_listed_and_removed(enrol, run):
    for name, colour in (("Ada", "red"), ("Grace", "green"), ("名前", "blue")):
        photo(f"people/{name}/1.png", colour)
    photo("people/Ada/2.png", seed=5)
    enrol()
    code, output, errors = run("list", "--gallery", "people.npz")
    lines = [line.split() for line in output.splitlines()]
    assert (code, errors) == (0, "")
    assert lines == [
        ["name", "pictures"],
        ["Ada", "2"],
        ["Grace", "1"],
        ["名前", "1"],
        ["people:", "3"],
    ]
    columns = {line.index(line.split()[1]) for line in output.splitlines()[:3]}
    assert len(columns) == 1
    code, output, _ = run("list", "--gallery", "people.npz", "--format", "json")
    assert json.loads(output)["people"][0] == {"name": "Ada", "pictures": 2}
    before = Path("people.npz").read_bytes()
    assert run("remove", "Ada", "Nobody", "--gallery", "people.npz")[0] == 1
    assert Path("people.npz").read_bytes() == before  # all of them or none
    code, output, _ = run("remove", "Ada", "Grace", "Ada ", "--gallery", "people.npz")
    assert (code, output) == (0, "people: 1\n")
    assert Gallery.load("people.npz").names == ("名前",)
    assert (
        run("list", "--gallery", "missing.npz")[2]
        == "error: there is no gallery file missing.npz\n"
    )


# --- what is printed and written -----------------------------------------------------------------


class Terminal(io.TextIOWrapper):
    """A standard output in an encoding of its own."""

    def __init__(self, encoding):
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "utf-8"])
@pytest.mark.parametrize("kind", ["table", "json"])
def test_a_console_that_lacks_a_character_loses_no_answer(monkeypatch, encoding, kind):
    photo("people/名前/1.png")
    Path("people/Empty").mkdir()
    terminal = Terminal(encoding)
    monkeypatch.setattr(sys, "stdout", terminal)
    options = ["--gallery", "people.npz", "--output", "report.json", "--format", kind, "--quiet"]
    assert cli.main(["enroll", "people", *options]) == 3
    printed = terminal.buffer.getvalue()
    report = json.loads(Path("report.json").read_bytes().decode("utf-8"))
    assert [row["name"] for row in report["pictures"]] == ["Empty", "名前"]
    if kind == "json":
        assert json.loads(printed.decode("utf-8")) == report
    else:
        assert printed.decode(encoding).count("\n") == 4


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_without_a_terminal_it_works_all_the_same(monkeypatch, stream):
    photo("people/Ada/1.png")
    monkeypatch.setattr(sys, stream, None)
    options = ["--gallery", "people.npz", "--output", "report.json"]
    assert cli.main(["enroll", "people", *options]) == 0
    assert cli.main(["list", "--gallery", "missing.npz"]) == 1
    assert json.loads(Path("report.json").read_text("utf-8"))["people"] == 1


def test_the_report_is_there_before_anything_is_printed(monkeypatch):
    photo("a.png")

    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert cli.main(["count", "a.png", "--output", "report.json", "--quiet"]) == 1
    assert json.loads(Path("report.json").read_text("utf-8"))["people"] == 1


def test_a_closed_pipe_ends_quietly(monkeypatch, capsys):
    photo("a.png")

    class Closed(io.StringIO):
        def flush(self):
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", Closed())
    assert cli.main(["count", "a.png", "--output", "report.json", "--quiet"]) == 141
    assert capsys.readouterr().err == ""
    assert Path("report.json").exists()


def test_no_progress_bar_where_nobody_sees_it(run, capsys):
    photo("a.png")
    assert run("count", "a.png")[2] == ""


# --- what is written over ------------------------------------------------------------------------


def test_an_output_that_is_read_or_written_too_is_refused(enrol, run, folder):
    photo("people/Ada/1.png")
    photo("door.png")
    enrol()
    if os.name != "nt":
        Path("link.json").symlink_to("people.npz")
    os.link("door.png", "hard.json")
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    gallery, force = ("--gallery", "people.npz"), ("--force", "--quiet", "--output")
    commands = [
        ("verify", "Ada", "door.png", *gallery, *force, "people.npz"),
        ("verify", "Ada", "door.png", *gallery, *force, "./people.npz"),
        ("verify", "Ada", "door.png", *gallery, *force, "door.png"),
        ("verify", "Ada", "door.png", *gallery, *force, "hard.json"),
        ("verify", "Ada", ".", *gallery, *force, "people/Ada/1.png"),
        ("identify", "door.png", *gallery, *force, "people.npz"),
        ("count", "people", *force, "people/Ada/1.png"),
        ("list", *gallery, "--force", "--output", "people.npz"),
        ("enroll", "people", *gallery, "--update", *force, "people.npz"),
        ("enroll", "people", "--gallery", "new.npz", *force, "new.npz"),
        ("enroll", "people", "--gallery", "new.npz", *force, "people/Ada/1.png"),
        ("count", "door.png", *force, os.devnull),
        ("enroll", "people", *gallery, "--replace-gallery", "--model", "people.npz"),
    ]
    if os.name != "nt":
        commands.append(("identify", "door.png", *gallery, *force, "link.json"))
    for command in commands:
        code, _, errors = run(*command)
        assert code == 1 and errors.startswith("error: ") and errors.count("\n") == 1, command
    assert contents == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_file_has_a_flag_of_its_own(enrol, run):
    photo("people/Ada/1.png")
    enrol()
    before = Path("people.npz").read_bytes()
    Path("report.json").write_text("old")
    code, _, errors = enrol("--output", "report.json", "--force")
    assert code == 1 and "people.npz: it exists" in errors and "--replace-gallery" in errors
    assert Path("people.npz").read_bytes() == before
    code, _, errors = enrol("--output", "report.json", "--replace-gallery")
    assert code == 1 and "report.json: it exists" in errors and "--force" in errors
    assert Path("people.npz").read_bytes() == before
    assert enrol("--output", "report.json", "--replace-gallery", "--force")[0] == 0
    assert json.loads(Path("report.json").read_text())["people"] == 1
    with pytest.raises(SystemExit) as stopped:
        enrol("--update", "--replace-gallery")
    assert stopped.value.code == 2


def test_what_was_saved_is_said_when_it_is_stopped_later(enrol, monkeypatch):
    photo("people/Ada/1.png")

    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(_recognizer, "finish", stop)
    code, _, errors = enrol()
    assert (code, errors) == (130, "stopped; people.npz was saved\n")
    monkeypatch.setattr(_recognizer, "_see", stop)
    assert enrol("--update")[::2] == (130, "stopped; no file was changed\n")


@posix
def test_the_system_ends_it_as_ctrl_c_does(enrol, monkeypatch):
    photo("people/Ada/1.png")

    def stop(*arguments):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)

    monkeypatch.setattr(_recognizer, "_see", stop)
    before = signal.getsignal(signal.SIGTERM)
    assert enrol()[::2] == (143, "stopped; no file was changed\n")
    assert signal.getsignal(signal.SIGTERM) is before


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (MemoryError(), 1, "error: the memory is not enough"),
        (OSError(28, "No space left on device"), 1, "error: "),
        (ImportError("no TensorFlow here"), 1, "error: no TensorFlow here"),
        (ZeroDivisionError("a mistake"), 70, "This is an error of facebook_tut. Please report"),
        (RecursionError("deep"), 70, "Please report the lines above at https://"),
        (TypeError("a mistake"), 70, "Please report"),
    ],
)
def test_errors_are_one_line_and_mistakes_are_to_be_reported(run, monkeypatch, error, code, words):
    photo("a.png")

    def fail(*arguments):
        raise error

    monkeypatch.setattr(_recognizer, "_group", fail)
    found, _, errors = run("count", "a.png", "--quiet")
    assert found == code and words in errors
    assert errors.count("\n") == 1 or "Traceback" in errors
    assert ("Traceback" in errors) == (code == 70)


def test_memory_that_one_picture_lacks_ends_no_run(enrol, monkeypatch):
    photo("people/Ada/1.png")
    photo("people/Ada/2.png", seed=1)
    face, calls = StandIn.face, []

    def hungry(self, picture):
        calls.append(picture)
        if len(calls) == 1:
            raise MemoryError
        return face(self, picture)

    monkeypatch.setattr(StandIn, "face", hungry)
    code, rows, _ = enrol()
    assert code == 3 and rows["people/Ada/1.png"]["why"] == "it would fill the memory"
    assert rows["people/Ada/2.png"]["used"]


def test_a_missing_face_is_an_answer_but_a_person_who_is_not_enrolled_is_none(enrol, run):
    photo("people/Ada/1.png")
    Image.new("RGB", (30, 30), "white").save(photo("wall.png"))
    assert enrol()[0] == 0
    assert enrol("--update")[0] == 0  # nothing is new
    gallery = ("--gallery", "people.npz", "--quiet")
    assert run("verify", "Ada", "wall.png", *gallery)[0] == 1  # none of all could be used
    assert run("verify", "Ada", "wall.png", "people", *gallery)[0] == 0
    Path("people/Ada/2.png").write_bytes(Path("wall.png").read_bytes())
    assert enrol("--replace-gallery")[0] == 0
    photo("people/Eve/1.png").write_bytes(Path("wall.png").read_bytes())
    code, rows, _ = enrol("--replace-gallery")
    assert code == 3 and rows["people/Eve/1.png"]["failed"]
    assert not rows["people/Ada/2.png"]["failed"]


def test_a_picture_that_gives_no_number_is_a_row(run, monkeypatch):
    photo("a.png")
    photo("b.png", seed=1)
    face, calls = StandIn.face, []

    def odd(self, picture):
        calls.append(picture)
        return Seen(np.full(304, np.nan)) if len(calls) == 1 else face(self, picture)

    monkeypatch.setattr(StandIn, "face", odd)
    code, output, _ = run("count", "a.png", "b.png", "--quiet")
    assert code == 0 and "NaN" in output and output.endswith("people: 1\n")


def test_a_report_that_cannot_be_written_loses_no_answer(run, monkeypatch):
    photo("a.png")

    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_report, "replacing", fail)
    code, output, errors = run("count", "a.png", "--output", "report.json", "--quiet")
    assert code == 1 and "people: 1" in output and "No space left" in errors


@pytest.mark.skipif(sys.platform != "linux", reason="names may be longer elsewhere")
def test_a_name_too_long_for_a_file_is_a_row(run):
    photo("a.png")
    code, output, _ = run("count", "a" * 300, "a.png", "--quiet")
    assert code == 3 and "file name too long" in output


def test_what_was_typed_moves_no_cursor(capsys):
    for arguments in (["list", "--gallery", "g.npz", "\x1b[31mboo"], ["\x1b[2J"]):
        with pytest.raises(SystemExit):
            cli.main(arguments)
        assert "\x1b" not in capsys.readouterr().err


@posix
def test_what_is_ignored_stays_ignored(run):
    photo("a.png")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with cli._ending_in_order():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@posix
def test_a_name_is_text_whatever_the_terminal_speaks(enrol, run):
    photo("people/王小明/1.png")
    enrol()
    typed = "王小明".encode().decode("ascii", "surrogateescape")
    code, output, _ = run("verify", typed, "people", "--gallery", "people.npz", "--quiet")
    assert code == 0 and " yes" in output


def test_a_gallery_that_is_not_there_gets_no_lock(enrol, run):
    photo("people/Ada/1.png")
    assert "no gallery file typo.npz" in run("remove", "Ada", "--gallery", "typo.npz")[2]
    assert "no gallery file typo.npz" in enrol("--update", gallery="typo.npz")[2]
    assert [path.name for path in Path().iterdir()] == ["people"]


def test_replacing_and_updating_take_turns(enrol, monkeypatch):
    photo("people/Ada/1.png")
    photo("more/Bob/1.png", "blue")
    enrol()
    see, order = _recognizer._see, []

    def slow(recognizer, item, options):
        order.append(item.name)
        time.sleep(0.3)
        return see(recognizer, item, options)

    monkeypatch.setattr(_recognizer, "_see", slow)
    commands = [
        ["enroll", "people", "--gallery", "people.npz", "--update", "--quiet"],
        ["enroll", "more", "--gallery", "people.npz", "--replace-gallery", "--quiet"],
    ]
    threads = [threading.Thread(target=cli.main, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert order == ["Ada", "Bob"]
    assert Gallery.load("people.npz").names == ("Bob",)


def test_large_pictures_are_refused_by_their_number_of_pixels(run):
    photo("a.png")
    code, output, _ = run("count", "a.png", "--most-pixels", 100, "--quiet")
    assert code == 1 and "576 pixels, and 100 are the most" in output
    Image.new("RGB", (64, 64), "red").save("b.jpg")
    code, _, errors = run("count", "b.jpg", "--most-pixels", 1100, "--quiet")
    assert code == 0 and errors.startswith("warning: b.jpg was shrunk to 1/2 of its edges")


OPTIONS = {
    "train": ["--epochs", "--batch-size", "--seed", "--early-stopping"],
    "evaluate": ["--seed", "--threshold"],
    "predict": ["--threshold", "--most-pixels"],
    "detect": ["--threshold", "--votes", "--most-pixels"],
    "enroll": ["--most-pixels", "--smallest"],
    "verify": ["--threshold", "--most-pixels", "--smallest"],
    "identify": ["--threshold", "--most-pixels", "--smallest"],
    "count": ["--threshold", "--most-pixels", "--smallest"],
    "calibrate": ["--far", "--most-pixels", "--smallest"],
}
NEEDED = {
    "evaluate": ["m.keras"],
    "predict": ["m.keras", "a.png"],
    "detect": ["m.keras", "a.png"],
    "enroll": ["people", "--gallery", "g.npz"],
    "verify": ["Ada", "a.png", "--gallery", "g.npz"],
    "identify": ["a.png", "--gallery", "g.npz"],
    "count": ["a.png"],
    "calibrate": ["people"],
}


@pytest.mark.parametrize(
    ("command", "option"), [(name, each) for name, some in OPTIONS.items() for each in some]
)
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-7", "1e99", "many", "", "1,5"])
def test_a_wrong_number_is_wrong_usage(capsys, monkeypatch, command, option, value):
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # nothing heavy is loaded first
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, *NEEDED.get(command, []), f"{option}={value}"])
    assert stopped.value.code == 2
    assert f"argument {option}: must be a" in capsys.readouterr().err


RECOGNIZING = ("enroll", "verify", "identify", "count")


@pytest.mark.parametrize("command", RECOGNIZING)
def test_an_unknown_detector_is_wrong_usage(capsys, monkeypatch, command):
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # nothing heavy is loaded first
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, *NEEDED[command], "--detector", "eyes"])
    assert stopped.value.code == 2
    assert "--detector" in (said := capsys.readouterr().err) and "cascade" in said


@pytest.mark.parametrize("command", RECOGNIZING)
def test_a_face_smaller_than_a_detector_reads_is_refused_at_once(run, monkeypatch, command):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    given = [command, *NEEDED[command], "--detector", "cascade", "--smallest", "23"]
    code, output, errors = run(*given)
    assert (code, output) == (1, "")
    assert errors == "error: --smallest must be at least 24 with --detector cascade, got 23\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(
    st.lists(
        st.sampled_from(["--gallery", "--output", "--force", "--format", "--threshold", "--quiet"])
        | st.text(max_size=6),
        max_size=5,
    ),
    st.sampled_from([*OPTIONS, "list", "remove"]),
)
def test_whatever_the_arguments_they_are_answered(tmp_path_factory, arguments, command):
    if command in ("train", "evaluate", "predict", "detect"):
        arguments = [*arguments, "--nonsense"]  # these would load TensorFlow
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("arguments"))
        patch.setattr(sys, "stderr", said := io.StringIO())
        patch.setattr(sys, "stdout", io.StringIO())
        try:
            code = cli.main([command, *arguments])
        except SystemExit as stopped:
            code = stopped.code
    assert code in (0, 1, 2, 3), said.getvalue()
    assert "Traceback" not in said.getvalue()


def test_a_wrong_number_is_answered_at_once():
    command = [sys.executable, "-m", "facebook_tut", "detect", "m.keras", "a.png", "--votes", "nan"]
    times = []
    for _ in range(3):
        start = os.times()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        times.append(os.times().children_user - start.children_user)
        assert done.returncode == 2 and "--votes" in done.stderr
    assert min(times) < 1.5  # seconds of work; with TensorFlow it would be four


def test_ctrl_c_while_it_loads_is_quiet():
    code = (
        "import sys, builtins, runpy\n"
        "real = builtins.__import__\n"
        "def loading(name, *more, **options):\n"
        "    if name == 'facebook_tut.cli': raise KeyboardInterrupt\n"
        "    return real(name, *more, **options)\n"
        "builtins.__import__ = loading\n"
        "sys.argv = ['facebook_tut', 'count', 'a.png']\n"
        "runpy.run_module('facebook_tut', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "stopped; no file was changed\n")
