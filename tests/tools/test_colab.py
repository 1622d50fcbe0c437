"""A place like Colab, where the package is only what a chapter's first cell installs.

Chapters run in it whole that between them use all that the package ships beside its code: a live
figure, a quiz, a benchmark's record. Of every chapter it runs the first cell and the imports; the
rest is what `pytest --nbval` runs anyway.

The place is a virtual environment that sees the packages of the running one, but not its editable
install of this repository, and that has a stand-in for `google.colab`. Nothing there needs a
network: git takes the working tree for GitHub, and pip may not look for packages anywhere, so a
dependency that is not met by what is there already fails the test.
"""

import ast
import json
import os
import shutil
import subprocess
import sysconfig
import tomllib
import venv
from importlib.metadata import distributions
from pathlib import Path

import colab
import colab_environment
import nbformat
import nbformat.v4 as nb
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
WHOLE = ("05_pooling",)
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = PROJECT["dependencies"] + EXTRAS["interactive"] + EXTRAS["privacy"]

[COLAB_PYTHON] = colab_environment.listed("python").values()
COLAB = colab_environment.listed("packages")


def test_colabs_python_is_admitted():
    assert Requirement("python" + PROJECT["requires-python"]).specifier.contains(COLAB_PYTHON)


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_colabs_version_is_admitted(text):
    requirement = Requirement(text)
    assert requirement.specifier.contains(COLAB[requirement.name])


def test_the_list_holds_what_the_package_asks_for():
    assert set(COLAB) == {Requirement(text).name for text in REQUIREMENTS}


@pytest.mark.parametrize("name", WHOLE)
def test_first_cell_installs_what_a_chapter_and_all_imports_need_and_moves_no_version(name, place):
    """All in one kernel: the first cells are alike, so installing once is enough."""
    chapters = [read(path) for path in CHAPTERS]
    assert {install_cell_of(chapter) for chapter in chapters} == {colab.install_cell()}
    lines = dict.fromkeys(line for chapter in chapters for line in imports(chapter))
    assert "import numpy as np" in lines
    whole = read(ROOT / "book" / f"{name}.ipynb")
    whole.cells.append(nb.new_code_cell("\n".join(lines)))
    before = versions(place)
    execute(whole, place)
    assert versions(place) == before
    assert Path(where_is_the_package(place)).is_relative_to(packages_of(place))


def test_first_cell_does_nothing_outside_colab(place):
    shutil.rmtree(packages_of(place) / "google")
    execute(notebook(colab.install_cell()), place)
    assert where_is_the_package(place) is None


def test_a_failure_shows_its_cell_and_what_pip_said(place):
    branch = colab.repository(ROOT)[1]
    wrong = colab.install_cell().replace(f"@{branch}", "@no-such-branch")
    with pytest.raises(CellExecutionError, match="import facebook_tut  # fails") as failure:
        execute(notebook(wrong, "import facebook_tut  # fails"), place)
    assert "no-such-branch" in failure.value.__notes__[0]


def read(path):
    """Return a chapter."""
    return nbformat.read(path, as_version=4)


def install_cell_of(chapter):
    """Return the source of the chapter's cell that installs the package."""
    (source,) = (
        cell.source for cell in chapter.cells if "colab-install" in cell.metadata.get("tags", [])
    )
    return source


def imports(chapter):
    """Yield the imports of a chapter's other cells, each on one line, but those of Colab itself."""
    for cell in chapter.cells:
        if cell.cell_type == "code" and "colab-install" not in cell.metadata.get("tags", []):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    line = ast.unparse(node)
                    if not line.startswith("from google.colab "):
                        yield line


def execute(chapter, place):
    """Run a notebook in the empty folder; an error shows the failing cell and what pip said."""
    empty = {"metadata": {"path": str(place / "empty")}}
    try:
        NotebookClient(chapter, kernel_name="colab", resources=empty).execute()
    except CellExecutionError as error:
        first = next(cell for cell in chapter.cells if cell.cell_type == "code")
        printed = "".join(output.get("text", "") for output in first.outputs)
        error.add_note(f"The first cell printed:\n{printed}")
        raise


def notebook(*sources):
    """Return a notebook as the chapters are: a Markdown cell, then code cells."""
    cells = [nb.new_markdown_cell("# A chapter"), *map(nb.new_code_cell, sources)]
    return nb.new_notebook(cells=cells)


@pytest.fixture
def place(tmp_path, clone, monkeypatch):
    """Make an environment, its kernel `colab` and an empty folder; return the environment."""
    place = tmp_path / "place"
    venv.create(place, symlinks=os.name != "nt")  # without pip: that comes with the others
    packages = packages_of(place)
    # Python reads the .pth files of `packages` alone, so the one of the editable install is left.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "google" / "colab").mkdir(parents=True)
    (packages / "google" / "colab" / "__init__.py").touch()  # `google` itself is protobuf's too
    (place / "empty").mkdir()
    write_kernel(place, clone)
    monkeypatch.setenv("JUPYTER_PATH", str(place / "share" / "jupyter"))
    assert where_is_the_package(place) is None, "facebook_tut must be installed with pip -e"
    return place


def write_kernel(place, clone):
    """Write the kernel spec `colab`: the environment's Python and its variables."""
    spec = {
        "argv": [str(python_of(place)), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Colab",
        "language": "python",
        "env": variables(clone),
    }
    file = place / "share" / "jupyter" / "kernels" / "colab" / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(spec), encoding="utf-8")


def variables(clone):
    """Return what makes git take the clone for GitHub, and pip do without any index."""
    name, _ = colab.repository(ROOT)
    return {
        **{setting: "" for setting in os.environ if setting.startswith("PIP_")},
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{name}",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it inverted: 0 is `--no-build-isolation`
        "PIP_NO_INDEX": "1",
        "PIP_NO_WARN_CONFLICTS": "0",  # inverted too: other packages need not suit each other
        "PYTHONPATH": "",
        "TQDM_DISABLE": "1",
    }


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """Make a git repository of the working tree's files, as if they were pushed to GitHub."""
    check_builder()
    folder = tmp_path_factory.mktemp("clone")
    names = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in names:
        if (ROOT / name).is_file():  # neither the empty name at the end nor a deleted file
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch", colab.repository(ROOT)[1])
    git(folder, "add", "--all", "--force")
    author = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=no")
    git(folder, *author, "commit", "--quiet", "--message", "The working tree")
    return folder


def check_builder():
    """Assert that what builds the package is installed, since pip must not fetch it."""
    for needed in map(Requirement, PYPROJECT["build-system"]["requires"]):
        found = next(iter(distributions(name=needed.name)), None)
        assert found and needed.specifier.contains(found.version), f"pip install '{needed}'"


def git(folder, *arguments):
    """Run git in a folder and return what it prints."""
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def python_of(place):
    """Return the environment's Python."""
    scripts = Path(sysconfig.get_path("scripts", "venv", {"base": str(place)}))
    return scripts / ("python.exe" if os.name == "nt" else "python")


def packages_of(place):
    """Return the environment's site-packages."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(place)}))


def ask(place, code):
    """Run code in the environment and return what it prints, decoded from JSON."""
    command = [python_of(place), "-I", "-c", "import json; " + code]
    answer = subprocess.run(command, cwd=place / "empty", check=True, stdout=subprocess.PIPE)
    return json.loads(answer.stdout)


def where_is_the_package(place):
    """Return the path of the package's `__init__.py` in the environment, or None."""
    found = "spec = find_spec('facebook_tut'); print(json.dumps(spec and spec.origin))"
    return ask(place, "from importlib.util import find_spec; " + found)


def versions(place):
    """Return all that is installed in the environment, apart from the package, with versions."""
    names = "{d.name + ' ' + d.version for d in distributions() if d.name != 'facebook_tut'}"
    found = f"print(json.dumps(sorted({names})))"
    return ask(place, "from importlib.metadata import distributions; " + found)
