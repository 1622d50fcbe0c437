"""The package's floors: each stands on those below it, without a circle, and the core is small.

An import counts wherever it stands, inside functions too. A name that a folder's `__init__` gives
on counts as an import of the module that makes it.
"""

import ast
from functools import cache
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import floors
import nbformat
import pytest
import yaml

import facebook_tut

ROOT = Path(facebook_tut.__file__).parents[1]
PATHS = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "facebook_tut").rglob("*.py"))
}
MODULES = [name for name in PATHS if name not in ("facebook_tut", "facebook_tut.__main__")]
TABLE = floors.floors(facebook_tut.__doc__)
FLOOR = {name: -height for height, names in enumerate(TABLE.values()) for name in names}
EXCEPTIONS = {}  # (module, module of a floor above): why
# What Part I needs, and its ways out.
CORE = (
    *("plots", "interactive", "quiz", "evaluation.classification", "evaluation.splits"),
    *("models", "batches", "training", "checkpoints", "layers", "losses", "network"),
    *("initializers", "optimizers"),
    *("data", "data.patches", "data.folder", "data.files", "detection", "cascade"),
    *("preprocessing.network_input", "preprocessing.copies", "preprocessing.framing"),
    "preprocessing._shrinking",
    "augmentation.moves",
    *("recorded.records", "recorded.tables"),
    *("_pictures", "_folders", "_table", "_names"),
    *("_validation", "_files", "_keras_files", "_progress", "_backend", "_live"),
)
BEYOND_THE_CORE = {
    ("training", "distribution"): "only if several devices or machines are asked for",
    ("models.files", "metric_learning.losses"): "files may name them, so Keras must know them",
}
LINES_OF_THE_CORE = 10900  # docstrings included
SHOWN = {"interactive", "_live", "recorded"}  # live figures and records, which are not read
LINES_OF_WHAT_IT_TEACHES = 8600  # without its ground: checks, files, Keras' settings
LINES = 400  # of a module
LONG = {}  # module: why it is longer


def inner(module):
    """Return a module's name within the package."""
    return module.removeprefix("facebook_tut").lstrip(".")


@cache
def statements(module):
    """Return the import statements of a module: (statement, the package it stands in)."""
    path = PATHS[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(path.read_text("utf-8"))
    return [(n, package) for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]


def source(name, package):
    """Return the absolute name of where a ``from`` statement takes something."""
    dotted = "." * name.level + (name.module or "")
    return resolve_name(dotted, package) if name.level else dotted


@cache
def made_in(module, name):
    """Return the module that makes a name which another one gives: itself or one below it."""
    if f"{module}.{name}" in PATHS:
        return f"{module}.{name}"
    for node, package in statements(module) if PATHS[module].name == "__init__.py" else ():
        if isinstance(node, ast.ImportFrom):
            base = source(node, package)
            if base in PATHS and name in [alias.asname or alias.name for alias in node.names]:
                return made_in(base, name)
    return module


@cache
def imported(module):
    """Return the modules of the package that a module imports, wherever it does."""
    found = set()
    for node, package in statements(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in PATHS}
        elif (base := source(node, package)) in PATHS:
            found |= {made_in(base, alias.name) for alias in node.names}
    return frozenset(found - {module, "facebook_tut"})


def floor_of(module):
    return FLOOR[floors.place_of(inner(module), FLOOR)]


def test_the_tables_say_which_chapters_use_a_module(capsys):
    assert floors.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("numbers", "words"), [([], ""), ([8], "08"), ([1, 2, 3, 8, 10, 11], "01–03, 08, 10–11")]
)
def test_chapters_in_a_row_are_written_as_a_range(numbers, words):
    assert floors.ranges(numbers) == words


def test_what_a_chapter_takes_is_read_from_its_cells(tmp_path):
    cells = [
        "%pip install facebook_tut\nfrom facebook_tut import plots, quiz as q",
        "from facebook_tut.data.lfw import load_lfw\nplots.lines({})\nnp.plots.none, other.thing",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    nbformat.write(notebook, tmp_path / "01_some.ipynb")
    taken = floors.taken(tmp_path / "01_some.ipynb")
    assert taken == {"plots", "quiz", "plots.lines", "data.lfw.load_lfw"}
    places = {floors.place_of(name, ["data", "data.lfw", "plots"]) for name in taken}
    assert places == {"data.lfw", "plots", None}


def test_every_module_has_a_floor_and_every_floor_modules():
    assert [name for name in MODULES if not floors.place_of(inner(name), FLOOR)] == []
    assert [name for name in FLOOR if f"facebook_tut.{name}" not in PATHS] == []


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_a_floor_above(module):
    above = [other for other in imported(module) if floor_of(other) > floor_of(module)]
    assert [one for one in above if (inner(module), inner(one)) not in EXCEPTIONS] == []


def test_no_exception_outlives_its_import():
    for one, other in [*EXCEPTIONS, *BEYOND_THE_CORE]:
        assert f"facebook_tut.{other}" in imported(f"facebook_tut.{one}")


def lines_of(module):
    return len(PATHS[module].read_text("utf-8").splitlines())


def test_no_module_is_long():
    assert {inner(name) for name in PATHS if lines_of(name) > LINES} == {*LONG}


def test_the_imports_make_no_circle():
    order = TopologicalSorter({name: imported(name) for name in MODULES}).static_order()
    assert set(order) >= set(MODULES)  # a circle raises CycleError, which names it


def test_imports_are_seen_wherever_they_stand():
    of = {inner(name): {inner(one) for one in imported(name)} for name in MODULES}
    assert "_backend" in of["models.classifier"]
    assert "distribution" in of["training"]  # inside a function
    assert "evaluation.verification" in of["plots.embeddings"]  # inside a function
    assert "models.classifier" in of["training"]  # by the folder's name or by the module's
    assert "plots.curves" in of["plots"]


# The core


def part_one():
    """Return the numbers of the chapters of Part I."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    return [int(Path(one["file"]).name[:2]) for one in parts[0]["chapters"]]


def maker_of(name):
    """Return the module that makes what a chapter takes by a dotted name."""
    module, rest = "facebook_tut", name.split(".")
    while rest:
        found = made_in(module, rest.pop(0))
        if found == module:
            break
        module = found
        if rest and PATHS[module].name != "__init__.py":
            break
    return module


@cache
def core():
    """Return the modules that Part I needs, with all that they import."""
    waiting = {
        maker_of(name) for number in part_one() for name in floors.taken(floors.chapters()[number])
    }
    waiting = {name for name in waiting if PATHS[name].name != "__init__.py"}
    found = set()
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= {
            other
            for other in imported(module) - found
            if (inner(module), inner(other)) not in BEYOND_THE_CORE
        }
    return found


def test_part_one_needs_the_core_alone():
    assert [name for name in core() if not floors.place_of(inner(name), CORE)] == []


def test_the_core_is_read_in_an_afternoon():
    folders = {name.rpartition(".")[0] for name in core()}
    read = [name for name in core() | folders if not SHOWN & {*name.split(".")}]
    assert sum(map(lines_of, read)) <= LINES_OF_THE_CORE
    taught = [name for name in read if "._" not in name]
    assert sum(map(lines_of, taught)) <= LINES_OF_WHAT_IT_TEACHES
