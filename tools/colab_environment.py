"""An environment with Colab's versions, and the package in it as a chapter's first cell puts it.

The versions stand in colab_versions.toml. Installing the package must move none of them: that is
what the lower bounds of pyproject.toml are for.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv-colab"
LIST = Path(__file__).with_name("colab_versions.toml")
STRICT = ("nbval==0.11.0",)  # compares every output; Colab does not have it
SOURCES = ("facebook_tut", "pyproject.toml", "README.md", "LICENSE")
PRIVATE = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
SCRIPTS, PYTHON = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")


def listed(*tables):
    """Return Colab's versions, by name, of some tables of the list: all but Python's if none.

    Examples
    --------
    >>> sorted(listed("python"))
    ['python']
    """
    whole = tomllib.loads(LIST.read_text("utf-8"))
    rows = [whole[table] for table in tables or ("packages", "others")]
    return {name: row["version"] for table in rows for name, row in table.items()}


def pins():
    """Return what pip installs before the package."""
    return [*(f"{name}=={version}" for name, version in listed().items()), *STRICT]


def variables(**more):
    """Return the environment's variables for a program that shall see none of this Python's."""
    kept = {name: value for name, value in os.environ.items() if name not in PRIVATE}
    return {**kept, "TQDM_DISABLE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1", **more}


def call(*command, **options):
    """Run a program and return what it prints; stop with what it complains of if it fails."""
    command = [str(part) for part in command]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    done = subprocess.run(command, **{"env": variables(), **pipes, **options})
    if done.returncode:
        sys.exit(f"==> failed: {' '.join(command)}\n{done.stderr}")
    return done.stdout


def version_of(python):
    """Return the version of a Python, such as "3.13.0"; an empty text if it does not start."""
    command = [str(python), "-c", "import platform; print(platform.python_version())"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=variables())
    except OSError:
        return ""
    return done.stdout.strip()


def candidates(wanted):
    """Yield where a Python of the wanted version may be: on the PATH, and among pyenv's."""
    if found := shutil.which(f"python{wanted}"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{wanted}.*/bin/python"), reverse=True)


def find_python(wanted):
    """Return a Python of the wanted version, or the running one where there is none."""
    fitting = (path for path in candidates(wanted) if version_of(path).startswith(f"{wanted}."))
    return next(fitting, Path(sys.executable))


def python_of(folder):
    """Return the Python of a virtual environment."""
    return folder / SCRIPTS / PYTHON


def make(folder=VENV):
    """Make the environment, unless it is there with this Python and these versions."""
    [wanted] = listed("python").values()
    base = find_python(wanted)
    state = hashlib.sha256("\n".join([version_of(base), *pins()]).encode()).hexdigest()
    stamp = folder / "installed"
    if not (stamp.is_file() and stamp.read_text() == state):
        shutil.rmtree(folder, ignore_errors=True)
        call(base, "-m", "venv", folder)
        call(python_of(folder), "-m", "pip", "install", "-qq", *pins())
        stamp.write_text(state)
    return python_of(folder)


def versions(python):
    """Return all that is installed, by name in small letters."""
    found = json.loads(call(python, "-m", "pip", "list", "--format=json"))
    return {row["name"].lower().replace("_", "-"): row["version"] for row in found}


def install_package(python, root=ROOT):
    """Install the package from the tree, not editable, and return all versions, which must stay."""
    call(python, "-m", "pip", "uninstall", "-qq", "--yes", "facebook_tut")
    before = versions(python)
    with tempfile.TemporaryDirectory() as copy:  # since pip leaves a folder `build` where it builds
        copy_sources(root, Path(copy))
        call(python, "-m", "pip", "install", "-qq", copy)
    after = versions(python)
    moved = sorted(
        set(before.items()) ^ {pair for pair in after.items() if pair[0] != "facebook-tut"}
    )
    if moved:
        sys.exit(f"==> installing the package moved other versions: {moved}")
    return after


def copy_sources(root, folder):
    """Copy what the package is built from."""
    for name in SOURCES:
        if (root / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / name, folder / name, ignore=ignored)
        else:
            shutil.copy(root / name, folder / name)
