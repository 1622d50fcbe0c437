"""Scripts of benchmarks stand alone: what they share is in helpers and in the package lfw."""

import ast
import subprocess
import sys

import pytest
from _record import HERE

SCRIPTS = {path.stem for path in HERE.glob("[!_]*.py")}


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_imports_a_script(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    assert imported & SCRIPTS == set()


@pytest.mark.parametrize(
    ("words", "option"),
    [(("lfw", "quality"), "--camera"), (("peers",), "--spoiled"), (("privacy",), "--only")],
)
def test_a_package_is_run_by_its_folder(words, option):
    folder, *words = words
    command = [sys.executable, HERE / folder, *words, "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent)
    assert option in said.stdout
