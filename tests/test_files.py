"""A file is written whole or not at all, and never over another one unasked."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from facebook_tut import _files
from facebook_tut._files import check_writable, replacing
from facebook_tut._locks import locked

ROOT = Path(_files.__file__).parents[1]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows knows no such thing")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_appears_at_the_end_of_the_block(tmp_path):
    path = tmp_path / "note.txt"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.suffix == ".txt"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["note.txt"]


def test_an_old_file_stays_unless_told_otherwise(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(FileExistsError, match=r"note\.txt: it exists"), replacing(path):
        pytest.fail("the work began before the check")
    assert path.read_text() == "old"
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("old", [None, "old"])
def test_trouble_half_way_leaves_the_folder_as_it_was(tmp_path, error, old):
    path = tmp_path / "note.txt"
    if old:
        path.write_text(old)
    with pytest.raises(error), replacing(path, overwrite=True) as temporary:
        temporary.write_text("ha")
        raise error
    assert names(tmp_path) == (["note.txt"] if old else [])
    if old:
        assert path.read_text() == old


def test_a_file_that_someone_makes_meanwhile_is_kept(tmp_path):
    path = tmp_path / "note.txt"
    with pytest.raises(FileExistsError), replacing(path) as temporary:
        temporary.write_text("mine")
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["note.txt"]


def test_no_file_where_none_can_be(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"note\.txt: there is no folder .*missing"):
        check_writable(tmp_path / "missing" / "note.txt")
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        check_writable(tmp_path, overwrite=True)
    with pytest.raises(ValueError, match=r"^path must end in \.keras, got .*note\.txt$"):
        check_writable(tmp_path / "note.txt", suffix=".keras")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_file_where_none_may_be(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"note\.txt: the folder .* is not writable"):
        check_writable(tmp_path / "note.txt")


def test_a_folder_that_is_not_writable_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"note\.txt: the folder .* is not writable"):
        check_writable(tmp_path / "note.txt")


@pytest.mark.parametrize(
    ("path", "error"), [(None, TypeError), (7, TypeError), (b"a", TypeError), ("a\0b", ValueError)]
)
def test_what_is_no_path_is_named(path, error):
    with pytest.raises(error, match=r"^path must"):
        check_writable(path)


# --- what an old file was stays -------------------------------------------------------------------


@posix
def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "note.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(Path("there") / "note.txt")
    with replacing(link, overwrite=True) as temporary:
        temporary.write_text("new")
    assert link.is_symlink() and link.read_text() == "new"
    assert (tmp_path / "there" / "note.txt").read_text() == "new"
    assert names(tmp_path) == ["link.txt", "there"] and names(tmp_path / "there") == ["note.txt"]


@posix
def test_a_link_that_leads_nowhere_yet_and_one_in_a_circle(tmp_path):
    (tmp_path / "link.txt").symlink_to("note.txt")
    with replacing(tmp_path / "link.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "note.txt").read_text() == "new"
    (tmp_path / "lost.txt").symlink_to(Path("missing") / "note.txt")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        check_writable(tmp_path / "lost.txt")
    (tmp_path / "circle.txt").symlink_to("circle.txt")
    with pytest.raises(OSError), replacing(tmp_path / "circle.txt", overwrite=True) as temporary:
        temporary.write_text("new")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_the_mode_of_an_old_file_is_kept(tmp_path, mode):
    path = tmp_path / "note.txt"
    path.write_text("old")
    path.chmod(mode)
    for private in (False, True):
        with replacing(path, overwrite=True, private=private) as temporary:
            temporary.write_text("new")
        assert path.stat().st_mode & 0o777 == mode


@posix
def test_a_new_file_is_as_others_or_its_owners_alone(tmp_path):
    (tmp_path / "usual.txt").write_text("")
    for name, private in (("plain.txt", False), ("private.txt", True)):
        with replacing(tmp_path / name, private=private) as temporary:
            temporary.write_text("new")
    modes = [(tmp_path / f"{name}.txt").stat().st_mode & 0o777 for name in ("usual", "plain")]
    assert modes[0] == modes[1]
    assert (tmp_path / "private.txt").stat().st_mode & 0o777 == 0o600


@posix
def test_a_device_or_a_pipe_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (Path(os.devnull), tmp_path / "pipe"):
        with pytest.raises(FileExistsError, match="a device or a pipe"):
            check_writable(path, overwrite=True)


def test_what_is_written_is_on_the_disk_before_it_gets_its_name(tmp_path, monkeypatch):
    flushed = []

    def fsync(handle):
        flushed.append((os.fstat(handle).st_size, (tmp_path / "note.txt").exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    with replacing(tmp_path / "note.txt") as temporary:
        temporary.write_text("whole")
    assert flushed[0] == (5, False)


# --- several at once ------------------------------------------------------------------------------


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "none"])
def test_of_many_that_make_the_same_file_one_succeeds(tmp_path, monkeypatch, links):
    if not links:

        def no_link(source, target):
            raise OSError("no hard links here")

        monkeypatch.setattr(os, "link", no_link)
    path, at_once, done = tmp_path / "note.txt", threading.Barrier(4), []

    def save(text):
        with replacing(path) as temporary:
            temporary.write_text(text)
            at_once.wait(timeout=60)  # all have seen that there is no such file
        done.append(text)

    def try_to(text):
        with suppress(FileExistsError):
            save(text)

    for _ in range(10):
        threads = [threading.Thread(target=try_to, args=(f"{n}",)) for n in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert done == [path.read_text()]
        path.unlink()
        done.clear()
    assert names(tmp_path) == []


SAVE = """
import os, sys, time
from facebook_tut._files import replacing
with replacing(sys.argv[1], overwrite=True) as temporary:
    temporary.write_text("half")
    print("writing", flush=True)
    time.sleep(600)
"""


def saving(path):
    """Start a process that stays in the middle of a save."""
    process = subprocess.Popen(
        [sys.executable, "-c", SAVE, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "writing\n"
    return process


@posix
def test_what_a_killed_save_left_goes_with_the_next_one_and_nothing_else(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("old")
    killed, alive = saving(path), saving(path)
    try:
        (tmp_path / ".writing-theirs").mkdir()
        (tmp_path / ".facebook_tut-notes").mkdir()  # looks like ours, but is not
        (tmp_path / ".facebook_tut-notes" / "a.txt").write_text("theirs")
        (tmp_path / ".facebook_tut-settings").mkdir()  # named as ours are, but without our mark
        (tmp_path / ".facebook_tut-settings" / "a.txt").write_text("theirs")
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert path.read_text() == "old" and len(names(tmp_path)) == 6
        theirs = {".facebook_tut-notes", ".facebook_tut-settings", ".writing-theirs", "note.txt"}
        with replacing(path, overwrite=True) as temporary:
            temporary.write_text("new")
        left = names(tmp_path)
        assert len(left) == 5 and theirs < {*left}
        (busy,) = {*left} - theirs
        assert (tmp_path / busy / "note.txt").read_text() == "half"
    finally:
        for process in (killed, alive):
            process.kill()
            process.communicate()


def test_a_folder_that_is_only_just_made_is_left_alone(tmp_path):
    new = tmp_path / ".facebook_tut-new-abcdefgh"
    new.mkdir()
    for age, there in ((60, True), (2 * 24 * 60 * 60, False)):
        then = time.time() - age
        os.utime(new, (then, then))
        with replacing(tmp_path / "note.txt", overwrite=True) as temporary:
            temporary.write_text("new")
        assert new.exists() == there


def test_a_lock_is_waited_for_with_a_message_and_a_limit(tmp_path):
    path, said, order = tmp_path / "note.txt", [], []
    held, finish = threading.Event(), threading.Event()

    def hold():
        with locked(path):
            held.set()
            finish.wait(timeout=60)
            order.append("first")

    def wait():
        with locked(path, waiting=said.append):
            order.append("second")

    holder, waiter = (threading.Thread(target=each) for each in (hold, wait))
    holder.start()
    held.wait(timeout=60)
    with pytest.raises(TimeoutError, match=r"note\.txt: another program"), locked(path, patience=0):
        pytest.fail("two hold the lock")
    waiter.start()
    while not said:
        time.sleep(0.01)
    finish.set()
    holder.join()
    waiter.join()
    assert order == ["first", "second"]
    assert len(said) == 1 and "waiting for another program" in said[0] and "note.txt" in said[0]


@pytest.mark.parametrize("patience", [-1, None, float("nan"), "x"])
def test_a_wrong_patience_is_named(tmp_path, patience):
    with (
        pytest.raises((TypeError, ValueError), match="patience must be a number"),
        locked(tmp_path / "a", patience=patience),
    ):
        pass


def test_a_long_name_is_locked_too(tmp_path):
    path = tmp_path / ("a" * 246 + ".npz")
    with replacing(path) as temporary:
        temporary.write_text("new")
    with locked(path):
        assert path.read_text() == "new"
