"""tools/check_lock.py: what is needed where, and what is said of a wheel that is missing."""

import subprocess
import sys
from types import SimpleNamespace

import check_lock
import pytest
from check_lock import PLATFORMS, Question

LINUX, ARM, MAC_12, MAC_14, WINDOWS = PLATFORMS
THREE = {"python_version": "3.12", "python_full_version": "3.12.0"}
PROJECT = {
    "dependencies": ["numpy>=1"],
    "optional-dependencies": {
        "book": ["ipykernel"],
        "interactive": [],
        "privacy": [],
        "test": ["faiss-cpu; 'Version 21.' not in platform_version", "pytest; extra == 'test'"],
        "bench": ["torch"],
    },
}
INSTALLED = {
    "ipykernel": ["appnope; platform_system == 'Darwin'", "IPython[all]", "no; extra == 'doc'"],
    "ipython": [
        "colorama; sys_platform == 'win32'",
        "pexpect; extra == 'all' and os_name == 'posix'",
    ],
}


@pytest.fixture
def installed(monkeypatch):
    """Distributions of which each asks for others."""
    monkeypatch.setattr(check_lock, "asked_by", lambda name: INSTALLED.get(name, ()))


@pytest.fixture
def pip(monkeypatch):
    """A pip that answers as it is told, by the package's name; and the commands it was given."""
    answers, given = {}, []

    def run(command, **_):
        given.append(command)
        code, out, err = answers[command[command.index("versions") + 1]]
        return SimpleNamespace(returncode=code, stdout=out, stderr=err)

    monkeypatch.setattr(subprocess, "run", run)
    return SimpleNamespace(answers=answers, given=given)


@pytest.mark.parametrize(
    ("platform", "more"),
    [
        (LINUX, {"faiss-cpu", "pexpect"}),
        (MAC_12, {"appnope", "pexpect"}),
        (MAC_14, {"faiss-cpu", "appnope", "pexpect"}),
        (WINDOWS, {"faiss-cpu", "colorama"}),
    ],
)
def test_what_is_needed_depends_on_the_platform(installed, platform, more):
    met = check_lock.needed(check_lock.roots(PROJECT), platform.marks | THREE)
    assert met == {"numpy", "ipykernel", "ipython"} | more


def test_compiled_pins_are_asked_for_and_what_has_no_pin_is_named(installed, monkeypatch):
    pure = {"ipykernel": False, "appnope": None, "numpy": True}
    monkeypatch.setattr(check_lock, "is_compiled", pure.get)
    lock = {"numpy": "2.0", "ipykernel": "7.0", "appnope": "1.0", "ipython": "9"}
    asked, unpinned = check_lock.questions(lock, PROJECT)
    assert Question(MAC_12.name, "3.11", "numpy", "2.0") in asked
    assert {each.platform for each in asked if each.name == "appnope"} == {MAC_12.name, MAC_14.name}
    assert "ipykernel" not in {each.name for each in asked}
    assert ("colorama", WINDOWS.name) in unpinned and ("colorama", LINUX.name) not in unpinned


def test_what_holds_machine_code_is_told_by_its_wheel():
    assert check_lock.is_compiled("numpy") and check_lock.is_compiled("libclang")
    assert check_lock.is_compiled("pytest") is False
    assert check_lock.is_compiled("no-such-distribution") is None


def test_the_platforms_are_told_by_their_tags_and_marks():
    assert "manylinux_2_17_aarch64" in ARM.tags and "manylinux2014_aarch64" in ARM.tags
    assert "manylinux1_x86_64" in LINUX.tags and "manylinux1_aarch64" not in ARM.tags
    assert MAC_12.tags == ("macosx_12_0_arm64",)
    assert [each.marks["sys_platform"] for each in PLATFORMS] == [
        *("linux", "linux", "darwin", "darwin", "win32")
    ]


def test_pip_is_asked_for_wheels_of_another_computer(pip):
    pip.answers["numpy"] = (0, "numpy (2.1)\nAvailable versions: 2.1, 2.0\n", "WARNING: new\n")
    question = Question(WINDOWS.name, "3.13", "numpy", "2.0")
    assert check_lock.available(question) == ["2.1", "2.0"]
    words = " ".join(pip.given[0])
    assert words.startswith(f"{sys.executable} -m pip index versions numpy --only-binary=:all:")
    assert "--python-version 3.13" in words and words.endswith("--platform win_amd64")


def test_no_wheel_is_an_answer_and_no_network_is_none(pip):
    pip.answers["a"] = (1, "", "ERROR: No matching distribution found for a\n")
    pip.answers["b"] = (1, "", "ERROR: no such option\n")
    pip.answers["c"] = (1, "", "WARNING: Retrying\nERROR: No matching distribution found for c\n")
    assert check_lock.available(Question(LINUX.name, "3.11", "a", "1")) == []
    for name, said in (("b", "ERROR: no such option"), ("c", "WARNING: Retrying")):
        with pytest.raises(SystemExit, match=f"pip cannot ask for {name}: {said}"):
            check_lock.available(Question(LINUX.name, "3.11", name, "1"))


def test_the_report_counts_and_names_what_is_missing():
    answers = {
        Question("Linux", "3.11", "a", "1.0"): ["1.0"],
        Question("Linux", "3.12", "a", "1.0"): ["1.1", "1.0"],
        Question("Linux", "3.12", "b", "2.0"): [],
        Question("Windows", "3.12", "a", "1.0"): ["0.9"],
    }
    assert check_lock.report(answers) == [
        "compiled pins that have a wheel",
        "                     3.11     3.12     3.13",
        "Linux                 1/1      1/2      0/0",
        "Windows               0/0      0/1      0/0",
        "missing: b==2.0, Linux, 3.12: the newest there is none; this index has it for no platform",
        "missing: a==1.0, Windows, 3.12: the newest there is 0.9",
    ]


@pytest.mark.parametrize(
    ("found", "unpinned", "last"),
    [
        (["1.0"], [], f"{LINUX.name:<16}" + "      1/1      0/0      0/0"),
        ([], [], "missing: a==1.0, Linux x86_64, 3.11: the newest there is none; this index has"),
        (["1.0"], [("b", "Windows x86_64")], "not pinned: b, which Windows x86_64 needs"),
    ],
)
def test_it_ends_with_1_if_anything_is_missing(monkeypatch, capsys, found, unpinned, last):
    asked = [Question(LINUX.name, "3.11", "a", "1.0")]
    monkeypatch.setattr(check_lock, "questions", lambda *_: (asked, unpinned))
    monkeypatch.setattr(check_lock, "available", lambda _: found)
    monkeypatch.setattr(sys, "argv", ["check_lock.py"])
    with pytest.raises(SystemExit) as end:
        check_lock.main()
    assert end.value.code == (found == [] or unpinned != [])
    assert capsys.readouterr().out.splitlines()[-1].startswith(last)
