"""What `make colab` does, without a network: programs and the page are played by others."""

import inspect
import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import colab_chapters
import colab_environment
import colab_figures
import colab_run
import numpy as np
import pytest
import skimage.data

from facebook_tut import interactive, models

REPORT = """<testsuites><testsuite><testcase name="Cell 0"/><testcase name="Cell 1">
<failure message="differ">#x1B[31mstored: 1\nprinted: 2#x1B[0m</failure></testcase></testsuite>
</testsuites>"""


@pytest.fixture
def pip(monkeypatch):
    """A pip that knows what is installed, and what installing the package adds; and all calls."""
    pip = SimpleNamespace(installed={"numpy": "2.1.3"}, adds={"facebook_tut": "0.1"}, calls=[])

    def call(*command, **options):
        pip.calls.append([str(part) for part in command])
        if "list" in pip.calls[-1]:
            return json.dumps([{"name": n, "version": v} for n, v in pip.installed.items()])
        if "uninstall" in pip.calls[-1]:
            pip.installed.pop("facebook_tut", None)
        elif "install" in pip.calls[-1]:
            pip.sources = sorted(path.name for path in Path(command[-1]).glob("*"))
            pip.installed |= pip.adds
        elif "venv" in pip.calls[-1]:
            Path(command[-1]).mkdir()
        return ""

    monkeypatch.setattr(colab_environment, "call", call)
    return pip


# The environment


def test_every_version_says_where_it_was_read():
    whole = tomllib.loads(colab_environment.LIST.read_text("utf-8"))
    rows = [row for table in ("python", "packages", "others") for row in whole[table].values()]
    assert {row["read"] for row in rows} == set(whole["places"])
    assert all(place["date"] >= "2026" and place["at"] for place in whole["places"].values())


def test_pip_gets_every_version_exactly():
    pins = colab_environment.pins()
    assert {"numpy==2.1.3", "ipywidgets==7.7.1", "anywidget==0.9.21"} <= set(pins)
    assert all(pin.count("==") == 1 for pin in pins)


@pytest.mark.parametrize("versions, found", [({}, 0), ({"a": "3.12.9"}, 0), ({"b": "3.13.0"}, 1)])
def test_the_wanted_python_is_found_or_else_the_running_one(monkeypatch, versions, found):
    monkeypatch.setattr(colab_environment, "candidates", lambda wanted: map(Path, versions))
    monkeypatch.setattr(colab_environment, "version_of", lambda path: versions[str(path)])
    expected = Path("b") if found else Path(sys.executable)
    assert colab_environment.find_python("3.13") == expected


def test_python_3_1_is_not_taken_for_3_13_nor_a_program_that_does_not_start(monkeypatch):
    monkeypatch.setattr(colab_environment, "candidates", lambda wanted: [Path("no-such-python")])
    assert colab_environment.version_of("no-such-python") == ""
    assert colab_environment.find_python("3.13") == Path(sys.executable)
    monkeypatch.setattr(colab_environment, "version_of", lambda path: "3.13.0")
    assert colab_environment.find_python("3.1") == Path(sys.executable)


def test_candidates_are_on_the_path_and_of_pyenv(tmp_path, monkeypatch):
    python = tmp_path / "versions" / "3.13.2" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(colab_environment.shutil, "which", {"python3.13": "/on/path"}.get)
    assert [*colab_environment.candidates("3.13")] == [Path("/on/path"), python]


def test_it_is_made_once_and_anew_for_other_versions(tmp_path, monkeypatch, pip):
    folder = tmp_path / "place"
    for _ in range(2):
        python = colab_environment.make(folder)
    assert python.parent.parent == folder
    venv, install = pip.calls
    assert venv[1:] == ["-m", "venv", str(folder)] and install[-1].startswith("nbval==")
    monkeypatch.setattr(colab_environment, "pins", lambda: ["numpy==9"])
    colab_environment.make(folder)
    assert len(pip.calls) == 4 and pip.calls[-1][-1] == "numpy==9"


def test_the_package_is_built_from_its_sources_alone_and_moves_nothing(pip):
    assert colab_environment.install_package("python")["numpy"] == "2.1.3"
    assert pip.sources == ["LICENSE", "README.md", "facebook_tut", "pyproject.toml"]
    assert colab_environment.install_package("python")["facebook-tut"] == "0.1"


@pytest.mark.parametrize("moved", [{"numpy": "2.2.0"}, {"torch": "2.0"}])
def test_a_version_that_moves_or_comes_is_an_error(pip, moved):
    pip.adds |= moved
    with pytest.raises(SystemExit, match=f"moved other versions.*{next(iter(moved.values()))}"):
        colab_environment.install_package("python")


def test_a_program_sees_nothing_of_this_python_and_its_failure_ends_all(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    shown = "import os; print(os.environ.get('PYTHONPATH'), os.environ['TQDM_DISABLE'])"
    assert colab_environment.call(sys.executable, "-c", shown) == "None 1\n"
    with pytest.raises(SystemExit, match=r"(?s)failed: .*wrong"):
        colab_environment.call(sys.executable, "-c", "import sys; sys.exit('wrong')")


# The chapters


def test_a_report_is_read_and_shown_with_both_outputs():
    outcome = colab_chapters.read_report("05_pooling", REPORT)
    assert (outcome.passed, outcome.failed) == (1, {"Cell 1": "stored: 1\nprinted: 2"})
    whole = colab_chapters.read_report("06", "<testsuite><testcase name='Cell 0'/></testsuite>")
    assert (
        colab_chapters.line(outcome) == "05_pooling                             1 of 2     Cell 1"
    )
    assert colab_chapters.line(whole) == "06                                     1 of 1     –"
    assert colab_chapters.summary([outcome, whole]).splitlines() == [
        "all                                    2 of 3",
        "",
        "05_pooling, Cell 1:",
        "stored: 1",
        "printed: 2",
    ]


def test_a_chapter_without_cells_is_a_failure():
    assert colab_chapters.read_report("a", "<testsuite/>").failed == {"pytest": "no cell was run"}


def test_a_chapter_runs_alone_in_an_empty_folder(tmp_path, monkeypatch):
    path, seen = tmp_path / "01.ipynb", []
    path.write_text("{}")

    def run(command, cwd, **options):
        seen.append((sorted(file.name for file in cwd.iterdir()), command[-1]))
        report = next(part for part in command if "junitxml" in part).split("=")[1]
        Path(report).write_text(REPORT)

    monkeypatch.setattr(colab_chapters.subprocess, "run", run)
    rows = []
    [outcome] = colab_chapters.run_chapters("python", [path], rows.append)
    assert seen == [(["01.ipynb", "pytest.ini"], "01.ipynb")]
    assert outcome.passed == 1 and [row.split()[0] for row in rows] == ["chapter", "01"]


def test_a_pytest_that_does_not_start_is_told(tmp_path, monkeypatch):
    path = tmp_path / "01.ipynb"
    path.write_text("{}")
    broken = subprocess.CompletedProcess([], 4, stdout="no module named nbval")
    monkeypatch.setattr(colab_chapters.subprocess, "run", lambda *_, **__: broken)
    [outcome] = colab_chapters.run_chapters("python", [path], lambda row: None)
    assert outcome.failed == {"pytest": "no module named nbval"}


# The figures


def test_every_live_figure_is_looked_at():
    figures = inspect.getmembers(interactive, inspect.isfunction)
    assert set(colab_figures.looks("a.png")) == {name for name, _ in figures}
    cells = [cell["source"] for cell in colab_figures.notebook()["cells"]]
    names = [cell.splitlines()[-1] for cell in cells[1:]]
    assert names == [*colab_figures.looks("a.png")]


@pytest.mark.parametrize("figure", colab_figures.FIGURES, ids=lambda figure: figure.name)
def test_a_figures_code_runs_and_its_dial_moves(figure):
    names = {"np": np, "rng": np.random.default_rng(0)}
    names |= {"interactive": interactive, "models": models, "skimage": skimage}
    exec(figure.cell, names)
    before = eval(figure.read, names)
    exec(figure.write, names)
    assert eval(figure.read, names) == figure.value != before
    assert figure.control.startswith("[data-dial=")


def test_a_figure_passes_only_if_all_is_as_it_should_be():
    seen = colab_figures.Seen("a", shown=True, to_python=True, to_page=True)
    assert seen.passed
    seen.errors.append("asked https://elsewhere")
    assert not seen.passed and colab_figures.line(seen).endswith("asked https://elsewhere")
    assert "NO" in colab_figures.line(colab_figures.Seen("a"))


def test_what_goes_wrong_in_the_page_is_told_of_its_figure_alone():
    pytest.importorskip("playwright")
    from playwright.sync_api import Error

    def look(page, cell, seen):
        seen.shown = True
        raise Error("no such slider\nfor long")

    trouble = ["a console error"]
    seen = colab_figures.watch(None, trouble, 1, "a", look)
    assert seen.shown and seen.errors == ["no such slider", "a console error"] and trouble == []


@pytest.mark.parametrize("url, passes", [("http://h:1/a", 1), ("data:,", 1), ("https://cdn/a", 0)])
def test_only_the_server_is_asked(url, passes):
    done, trouble = Counter(), []
    route = SimpleNamespace(
        request=SimpleNamespace(url=url),
        continue_=lambda: done.update(["continue"]),
        abort=lambda: done.update(["abort"]),
    )
    colab_figures.guard(route, "http://h:1", trouble)
    assert done == {"continue" if passes else "abort": 1}
    assert trouble == ([] if passes else ["asked https://cdn/a"])


# All of it


@pytest.mark.parametrize(
    "failed, moves, code", [({}, True, 0), ({"Cell 1": "x"}, True, 1), ({}, False, 1)]
)
def test_a_cell_or_a_figure_that_fails_gives_exit_code_1(monkeypatch, capsys, failed, moves, code):
    installed = colab_environment.listed()
    monkeypatch.setattr(colab_environment, "make", lambda: sys.executable)
    monkeypatch.setattr(colab_environment, "install_package", lambda python: installed)
    outcome = colab_chapters.Outcome("01", 2, failed)
    monkeypatch.setattr(colab_chapters, "run_chapters", lambda *_: [outcome])
    seen = colab_figures.Seen("a", True, True, moves)
    monkeypatch.setattr(colab_figures, "run_figures", lambda *_: [seen])
    assert colab_run.main([]) == code
    printed = capsys.readouterr().out
    assert "numpy 2.1.3" in printed and "no version moved" in printed
    assert f"2 of {2 + len(failed)}" in printed


def test_the_running_python_is_named_where_colabs_is_not_found():
    installed = colab_environment.listed()
    assert colab_run.heading("3.13.7", installed).startswith("Python 3.13.7 (as Colab), anywidget")
    assert "3.12.1 (no 3.13, as Colab has, found)" in colab_run.heading("3.12.1", installed)
