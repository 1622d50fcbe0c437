"""tools/execute_chapters.py: chapters side by side, once, and a failure that says where."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from execute_chapters import run
from execution import counts

PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "execute_chapters.py"


def chapter(path, *cells):
    """Write a notebook with these code cells."""
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel}), path)
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The folder of two chapters, and what running them twice said."""
    folder = tmp_path_factory.mktemp("chapters")
    good = chapter(folder / "01_good.ipynb", "x = 1", "print(x)")
    bad = chapter(folder / "02_bad.ipynb", "x = 1", "y = x - 1\nx / y")
    command = [sys.executable, PROGRAM, folder / "cache", good, bad]
    return folder, [subprocess.run(command, capture_output=True, text=True) for _ in range(2)]


def test_a_failed_cell_is_named_with_its_error(ran):
    _, (first, _) = ran
    assert first.returncode == 1
    assert "02_bad.ipynb: cell 1 (y = x - 1 …)" in first.stderr
    assert "ZeroDivisionError: division by zero" in first.stderr
    assert "01_good: " in first.stdout


def test_what_has_run_does_not_run_again(ran):
    _, (first, second) = ran
    assert "2 of 2 chapters to run" in first.stdout
    assert "1 of 2 chapters to run" in second.stdout and "01_good" not in second.stdout


def test_what_is_printed_in_pieces_is_kept_as_one(tmp_path):
    pieces = "import time\nprint('answer', end='', flush=True)\ntime.sleep(0.3)\nprint(': True')"
    path = chapter(tmp_path / "01_pieces.ipynb", pieces)
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    assert run(path, notebook).err is None
    assert [output.text for output in notebook.cells[0].outputs] == ["answer: True\n"]


def test_the_table_counts_what_is_compared():
    cells = [nbformat.v4.new_code_cell("x") for _ in range(4)] + [nbformat.v4.new_markdown_cell("")]
    for cell in cells[:3]:
        cell.outputs = [nbformat.v4.new_output("stream", text="1")]
    cells[0].metadata["tags"] = ["nbval-ignore-output"]
    assert counts(nbformat.v4.new_notebook(cells=cells)) == (4, 3, 2)
