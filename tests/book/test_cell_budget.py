"""The slowest notebook cells are listed, and a cell over its budget fails."""

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
CELLS = ["1 + 1", "import time", "time.sleep(1.5)"]


@pytest.fixture
def run(tmp_path):
    """A function: pytest's exit code and output for a notebook with one slow cell."""
    shutil.copy(ROOT / "conftest.py", tmp_path)
    cells = [nb.new_code_cell(source) for source in CELLS]  # without outputs: none is compared
    (tmp_path / "chapter.ipynb").write_text(nbformat.writes(nb.new_notebook(cells=cells)))

    def run_(settings, *options):
        (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings}\n")
        command = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "-p", "xdist", "--nbval"]
        done = subprocess.run(
            [*command, "--nbval-current-env", *options],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run_


def test_without_a_budget_the_slowest_cells_are_listed_and_none_fails(run):
    code, said = run("")
    assert code == 0, said
    listed = said.partition("slowest notebook cells")[2]
    lines = re.findall(r"^ *([\d.]+) s  chapter\.ipynb  (Cell \d)$", listed, re.MULTILINE)
    times = [float(seconds) for seconds, _ in lines]
    assert len(lines) == 3
    assert lines[0][1] == "Cell 2" and 1.5 <= times[0] < 30
    assert times == sorted(times, reverse=True)


def test_a_cell_over_its_budget_fails_and_is_named(run):
    code, said = run("cell_budget = 1.4", "-n", "1", "--dist", "loadfile")
    assert code == 1, said
    assert "1 failed, 2 passed" in said
    wanted = r"chapter\.ipynb Cell 2 took [\d.]+ s, more than its budget, 1\.4 s \(cell_budget\)"
    assert re.search(wanted, said), said
    assert re.search(r"slowest notebook cells .*\n +[\d.]+ s  chapter\.ipynb  Cell 2\n", said)
