"""The package as a whole: it imports quickly, its floors hold, every public name is explained."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

import facebook_tut

FOLDER = Path(facebook_tut.__file__).parent
HEAVY = ("tensorflow", "keras", "torch", "jax", "cryptography")
MODULES = [
    module.name
    for module in pkgutil.walk_packages([str(FOLDER)], "facebook_tut.")
    if module.name != "facebook_tut.__main__"
]
INSIDE = "runs inside a strategy, over several devices; tests/test_distribution.py"
NO_EXAMPLES = {  # name: why it has no Examples section
    "data.lfw.people.LFW": "needs the pictures; tests/data/test_lfw.py makes some",
    "data.synthetic.people.People": "`sample_people` shows one",
    "data.folder.images.ImageFolder": "`load_folder` shows one",
    "data.Splits": "`load_patches` shows one",
    "detection.Detection": "`group_windows` shows one",
    "distribution.loop.evaluate": INSIDE,
    "distribution.loop.first_worker_weights": INSIDE,
    "distribution.loop.fit": INSIDE,
    "distribution.workers.join_workers": "needs several processes",
    "distribution.loop.learn": INSIDE,
    "distribution.strategies.mirror_devices": "depends on the machine's devices",
    "distribution.loop.replicate": INSIDE,
    "embedders.dlib_network.DlibEmbedder": "needs the extra; tests/embedders/test_dlib_network.py",
    "models.inspection.LayerSummary": "`summarise` shows one",
    "pipeline.Face": "`Recognizer` shows one",
    "pipeline.Recognition": "`Recognizer` shows one",
    "preprocessing.picture_quality.Quality": "`quality` shows one",
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


LIGHT = ["data.patches", "data.folder", "preprocessing", "detection", "evaluation", "plots", "quiz"]
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


def public():
    for module in MODULES:
        if "._" in module:
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


SAYS_NOTHING = re.compile(
    r"(If (\S+|an argument) (is|are) not as described|If an argument has the wrong .*"
    r"|As (for |in )?\S+|If (it|they) (is|are) (not|none|neither))\."
)


def errors(text):
    """Return what the Raises section of a docstring says, one text for each kind of error."""
    section = text.partition("\nRaises\n------\n")[2]
    lines = re.split(r"\n\n|\n.*\n---", section)[0].splitlines()
    groups = groupby(lines, lambda line: line.startswith("    "))
    return [" ".join(map(str.strip, group)) for inner, group in groups if inner]


def explained():
    """Yield each module with its docstrings, private ones as well."""
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield f"{path.relative_to(FOLDER)}: {node.name}", ast.get_docstring(node) or ""


def test_errors_are_told_only_where_they_tell_something():
    told = {name: errors(text) for name, text in explained()}
    assert sum(map(len, told.values())) > 50
    assert [name for name, texts in told.items() if any(map(SAYS_NOTHING.fullmatch, texts))] == []


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("If an argument is not as described.", True),
        ("If `x` is not as described.", True),
        ("As for `conv2d`.", True),
        ("If an argument is not as described; the model is then untouched.", False),
        ("If the kernel does not fit.", False),
    ],
)
def test_what_says_nothing_is_told_from_what_does(text, nothing):
    docstring = f"Do it.\n\nRaises\n------\nValueError\n    {text}\n\nExamples\n--------\n>>> 1"
    assert errors(docstring) == [text]
    assert bool(SAYS_NOTHING.fullmatch(text)) == nothing


def test_the_package_ships_what_its_pages_need():
    for name in ("quiz.js", "_live/live.js"):
        assert (FOLDER / name).is_file()
