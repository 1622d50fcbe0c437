"""make.py: which Python will do, and an environment that installs nothing twice."""

import importlib.util
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import check_lock  # of the folder tools
import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def make(tmp_path, monkeypatch):
    """make.py, whose environment is elsewhere, and whose `ran` lists what it would run."""
    spec = importlib.util.spec_from_file_location("make", ROOT / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ran, module.really_run = [], module.run
    monkeypatch.setattr(module, "VENV", tmp_path / "venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / "venv" / "python")
    monkeypatch.setattr(module, "run", lambda *words, **_: module.ran.append(words))
    monkeypatch.setattr(module.venv, "create", lambda folder, **_: create(module))
    return module


def create(make):
    make.ran.append(("create",))
    make.VENV.mkdir(exist_ok=True)
    for stamp in make.VENV.glob("installed*"):  # all is cleared
        stamp.unlink()
    make.PYTHON.touch()


# --- which Python ------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 13, 9)])
def test_a_python_that_will_do_is_told_nothing(make, version):
    assert make.unsuitable(version, "book") is None


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ((3, 14, 2), "Python 3.14.2 is too new: TensorFlow 2.21 and the h5py it needs"),
        ((3, 10, 13), "Python 3.10.13 is too old: NumPy 2.4 and SciPy 1.17"),
    ],
)
def test_another_is_told_why_in_one_line_and_which_to_take(make, monkeypatch, version, reason):
    monkeypatch.setattr(make, "works", lambda name: name == "python3.12")
    said = make.unsuitable(version, "book")
    assert said == f"{reason} have no wheels for it; run python3.12 make.py book"
    monkeypatch.setattr(make, "works", lambda name: False)
    assert make.unsuitable(version, "book").endswith("; install Python 3.13, 3.12 or 3.11")


def test_main_stops_there(make, monkeypatch):
    monkeypatch.setattr(make.sys, "version_info", (3, 14, 0, "final", 0))
    monkeypatch.setattr(make.sys, "argv", ["make.py", "book"])
    monkeypatch.setattr(make, "works", lambda name: False)
    with pytest.raises(SystemExit, match=r"^==> Python 3\.14\.0 is too new: [^\n]*$"):
        make.main()
    assert make.ran == []


def test_a_program_that_is_missing_or_fails_does_not_work(make, monkeypatch):
    assert not make.works("no-such-python")
    assert make.works(make.sys.executable)
    monkeypatch.setattr(make.subprocess, "call", lambda *_, **__: 127)  # a shim without a version
    assert not make.works(make.sys.executable)


def test_all_name_the_same_pythons(make):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    admitted = SpecifierSet(project["requires-python"])
    pythons = [f"3.{minor}" for minor in range(30) if f"3.{minor}" in admitted]
    oldest, newest = (".".join(map(str, version)) for version in (make.OLDEST, make.NEWEST))
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == pythons
    assert list(check_lock.PYTHONS) == pythons
    assert (pythons[0], pythons[-1]) == (oldest, newest)


# --- the environment ---------------------------------------------------------------------------


def installs(make):
    """Return what pip was asked for, and forget it."""
    asked = [words[words.index("requirements.lock") + 1 :] for words in make.ran if len(words) > 1]
    asked += [words for words in make.ran if words == ("create",)]
    make.ran.clear()
    return asked


def test_the_book_gets_what_it_needs_and_the_tests_add_the_rest(make):
    make.environment()
    assert installs(make) == [("-e", ".[book,interactive,privacy]"), ("create",)]
    make.environment(tests=True)
    (added,) = installs(make)
    assert any(word.startswith("pytest>") for word in added)
    for tests in (False, True, False):
        make.environment(tests=tests)
        assert make.ran == []


def test_the_tests_alone_get_both(make):
    make.environment(tests=True)
    book, tests, created = installs(make)
    assert book == ("-e", ".[book,interactive,privacy]") and "nbval>=0.11" in tests
    assert created == ("create",)


def test_what_failed_is_tried_again_and_what_was_done_is_not(make, monkeypatch):
    make.environment()
    installs(make)
    with monkeypatch.context() as patch:
        patch.setattr(make, "run", lambda *words, **_: make.sys.exit("no network"))
        with pytest.raises(SystemExit):
            make.environment(tests=True)
    make.environment()
    assert make.ran == []
    make.environment(tests=True)
    assert len(installs(make)) == 1


def test_a_setting_of_the_tests_installs_nothing_and_another_pin_does(make, monkeypatch):
    settings, state = make.pyproject(), make.recipe()
    settings["tool"]["pytest"]["ini_options"]["timeout"] = 1
    monkeypatch.setattr(make, "pyproject", lambda: settings)
    assert make.recipe() == state
    settings["project"]["dependencies"].append("colorama")
    assert make.recipe() != state
    del settings["project"]["dependencies"][-1]
    monkeypatch.setattr(make, "fingerprint", lambda *_: "other pins")
    assert make.recipe() != state


# --- what a command says -----------------------------------------------------------------------


def test_a_hushed_command_says_only_what_failed(make, capfd):
    python = make.sys.executable, "-c"
    make.really_run(*python, "print('all is well')", hushed=True)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(SystemExit, match="failed with exit code 3"):
        make.really_run(*python, "print('what went wrong'); raise SystemExit(3)", hushed=True)
    assert capfd.readouterr().out == "what went wrong\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot put a program in place of another")
def test_the_server_takes_the_place_of_make_so_that_signals_reach_it():
    code = (
        "import make, os, sys; print(os.getpid(), flush=True)\n"
        "make.become(sys.executable, '-c', 'import os; print(os.getpid(), os.getcwd())')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    before, after, folder = done.stdout.split(maxsplit=2)
    assert (before, str(ROOT)) == (after, folder.strip()), done.stderr
