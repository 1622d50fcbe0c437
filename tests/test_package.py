"""The package as a whole: it imports quickly, its floors hold, every public name is explained."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import facebook_tut

FOLDER = Path(facebook_tut.__file__).parent
HEAVY = ("tensorflow", "keras", "torch", "jax", "cryptography")
FLOORS = {
    0: [
        *("", "_validation", "_files", "_names", "_pictures", "_progress", "_backend"),
        *("_keras_files", "_live", "recorded"),
    ],
    1: ["data", "preprocessing", "corruption", "alignment"],
    2: ["layers", "losses", "network"],
    3: [
        *("models", "training", "distribution", "metric_learning", "fisher", "plda"),
        *("pretrained", "export"),
    ],
    4: ["evaluation", "detection", "matching", "pipeline", "cleaning"],
    5: ["privacy", "plots", "interactive", "quiz", "cli"],
    6: ["__main__"],
}
FLOOR = {name: floor for floor, names in FLOORS.items() for name in names}
MODULES = [
    module.name
    for module in pkgutil.walk_packages([str(FOLDER)], "facebook_tut.")
    if module.name != "facebook_tut.__main__"
]
INSIDE = "runs inside a strategy, over several devices; tests/test_distribution.py"
NO_EXAMPLES = {  # name: why it has no Examples section
    "data.lfw.LFW": "needs the pictures; tests/test_data_lfw.py makes some",
    "data.synthetic.People": "`sample_people` shows one",
    "data.Splits": "`load_patches` shows one",
    "detection.Detection": "`group_windows` shows one",
    "distribution.evaluate": INSIDE,
    "distribution.first_worker_weights": INSIDE,
    "distribution.fit": INSIDE,
    "distribution.join_workers": "needs several processes",
    "distribution.learn": INSIDE,
    "distribution.mirror_devices": "depends on the machine's devices",
    "distribution.replicate": INSIDE,
    "models.LayerSummary": "`summarise` shows one",
    "pipeline.Face": "`Recognizer` shows one",
    "pipeline.Recognition": "`Recognizer` shows one",
    "preprocessing.Quality": "`quality` shows one",
    "quiz.Question": "`choice` and `numeric` show one",
    "quiz.Quiz": "`show` shows one",
    "training.Progress": "only a training moves it",
}


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_importing_the_package_is_quick_since_it_loads_nothing_else():
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import facebook_tut\n"
        "print(set(sys.modules) - before)\n"
    )
    assert run(program) == "{'facebook_tut'}\n"


LIGHT = ["data.patches", "preprocessing", "detection", "evaluation", "plots", "quiz"]
LIGHT += ["interactive", "cli", "layers", "losses", "network"]
LIGHT += ["data.synthetic", "data.lfw", "alignment", "matching", "evaluation.verification"]
LIGHT += ["fisher", "plda", "pretrained", "corruption", "export"]
LIGHT += ["privacy", "privacy.templates"]
LIGHT += ["privacy.linkability", "privacy.membership", "privacy.inversion", "privacy.accountant"]
LIGHT += ["privacy.deidentification", "privacy.storage"]


def test_only_what_trains_loads_keras():
    imports = "".join(f"import facebook_tut.{name}\n" for name in LIGHT)
    assert run(
        f"{imports}import sys\nprint([name for name in {HEAVY} if name in sys.modules])"
    ) == ("[]\n")


def top_of(module):
    """Return the part of a dotted name below ``facebook_tut`` that has a floor."""
    return [*module.split("."), ""][1]


def imported(module):
    """Yield what a module imports of the package when it is loaded itself."""
    path = FOLDER.joinpath(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    lazy = set()
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            lazy |= set(ast.walk(node))
    for node in ast.walk(tree):
        if node in lazy:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            name = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(name, package) if node.level else name
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in MODULES else base


@pytest.mark.parametrize("module", [*MODULES, "facebook_tut", "facebook_tut.__main__"])
def test_no_module_imports_from_a_floor_above(module):
    own = FLOOR[top_of(module)]
    for other in imported(module):
        if other.split(".")[0] == "facebook_tut":
            assert FLOOR[top_of(other)] <= own, f"{module} imports {other}"


def test_the_floor_test_sees_the_imports():
    assert "facebook_tut._backend" in imported("facebook_tut.models")
    assert "facebook_tut.data" in imported("facebook_tut.data.patches")
    assert "facebook_tut._live" in imported("facebook_tut.quiz")
    assert "facebook_tut.training" not in imported("facebook_tut.cli")  # it is lazy


def public():
    for module in MODULES:
        if any(part.startswith("_") for part in module.split(".")):
            continue
        tree = ast.parse(inspect.getsource(importlib.import_module(module)))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield f"{module.partition('.')[2]}.{node.name}", node


PUBLIC = dict(public())


@pytest.mark.parametrize(("name", "node"), PUBLIC.items(), ids=PUBLIC)
def test_every_public_name_is_explained_with_an_example(name, node):
    text = ast.get_docstring(node) or ""
    assert text.splitlines()[0].endswith((".", ":"))
    has_example = ">>> " in text.partition("\nExamples\n--------\n")[2]
    assert has_example != (name in NO_EXAMPLES)


def test_no_exception_outlives_its_name():
    assert set(NO_EXAMPLES) <= set(PUBLIC)


def test_every_public_method_is_explained():
    missing = [
        f"{name}.{method.name}"
        for name, node in PUBLIC.items()
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and not method.name.startswith("_")
        and not ast.get_docstring(method)
    ]
    assert missing == []


def test_the_package_ships_what_its_pages_need():
    for name in ("py.typed", "quiz.js", "_live/live.js"):
        assert (FOLDER / name).is_file()
