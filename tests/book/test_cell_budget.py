"""The slowest notebook cells are listed, and those over their budget named; time fails no test."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbformat.v4 as nb
import pytest

ROOT = Path(__file__).resolve().parents[2]
CLOCK = """
import pytest

TOOK = {"Cell 0": 2.0, "Cell 1": 1.0, "Cell 2": 90.0}

@pytest.hookimpl(wrapper=True, trylast=True)  # before conftest.py looks
def pytest_runtest_makereport(item, call):
    report = yield
    report.duration = TOOK[report.nodeid.split("::")[1]]
    return report
"""
OVER = "chapter.ipynb Cell 2 took 90.0 s, its budget is 60 s (cell_budget)"


@pytest.fixture
def run(tmp_path):
    """A function: pytest's exit code and output for a notebook of three cells, the last slow."""
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "clock.py").write_text(CLOCK)
    cells = [nb.new_code_cell("1 + 1") for _ in range(3)]  # without outputs: none is compared
    (tmp_path / "chapter.ipynb").write_text(nbformat.writes(nb.new_notebook(cells=cells)))

    def run_(settings, *options):
        (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = .\n{settings}\n")
        command = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "-p", "xdist", "--nbval"]
        done = subprocess.run(
            [*command, "-p", "clock", "--nbval-current-env", *options],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run_


def test_without_a_budget_the_slowest_cells_are_listed(run):
    code, said = run("")
    assert code == 0, said
    listed = said.partition("slowest notebook cells")[2]
    lines = re.findall(r"^ *([\d.]+) s  chapter\.ipynb  (Cell \d)$", listed, re.MULTILINE)
    assert lines == [("90.0", "Cell 2"), ("2.0", "Cell 0"), ("1.0", "Cell 1")]
    assert "over budget" not in said


def test_a_cell_over_its_budget_is_named_and_passes(run):
    code, said = run("cell_budget = 60", "-n", "1", "--dist", "loadfile")
    assert code == 0, said
    assert "3 passed" in said
    assert re.findall("^over budget: (.*)$", said, re.MULTILINE) == [OVER]


def test_a_cell_over_its_budget_fails_where_that_is_asked_for(run):
    code, said = run("cell_budget = 60", "--fail-over-budget", "-n", "1", "--dist", "loadfile")
    assert code == 1, said
    assert "1 failed, 2 passed" in said
    assert OVER in said.partition("FAILURES")[2]
