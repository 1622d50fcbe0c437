"""Build, test and serve the book: `python make.py book`, `python make.py test`, and so on.

Needs nothing but Python 3.11 or later. The first run makes the environment in .venv; later runs
find it there. `make TARGET` does the same where there is make.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BUILD = ROOT / "_build"
PAGE = BUILD / "html" / "index.html"
# Chapters are executed and compared without progress bars, which never print the same twice.
QUIET = {"TQDM_DISABLE": "1", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def say(text):
    """Print what is being done, at once."""
    print(f"==> {text}", flush=True)


def run(*command, **variables):
    """Run a command in the project's folder; stop with its exit code if it fails."""
    environment = {**os.environ, **QUIET, **variables}
    code = subprocess.run(list(map(str, command)), cwd=ROOT, env=environment).returncode
    if code:
        sys.exit(f"==> failed with exit code {code}: {' '.join(map(str, command))}")


def fingerprint(*patterns):
    """Return a hash of the files that match, and of this Python's version."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def unchanged(stamp, state):
    """Return whether the file `stamp` says that `state` was reached before."""
    return stamp.is_file() and stamp.read_text() == state


def environment():
    """Make .venv with the locked versions, unless it is there already."""
    stamp, state = VENV / "installed", fingerprint("pyproject.toml", "requirements.lock", "make.py")
    if unchanged(stamp, state) and PYTHON.exists():
        return say(f"environment: {VENV} is up to date")
    say(f"environment: installing the locked versions into {VENV} (a few minutes, once)")
    venv.create(VENV, clear=VENV.exists(), with_pip=True)
    extras = ".[book,test,interactive]"
    run(PYTHON, "-m", "pip", "install", "-c", "requirements.lock", "-e", extras)
    stamp.write_text(state)


def build(*options):
    """Execute the chapters that changed, two at a time, and build; any warning is an error."""
    environment()
    stamp, state = BUILD / "package", fingerprint("facebook_tut/**/*", "requirements.lock")
    if not unchanged(stamp, state):  # the package changed, so every chapter's numbers may have
        shutil.rmtree(BUILD, ignore_errors=True)
    say("book: executing the chapters that changed")
    run(PYTHON, "tools/execute_chapters.py", BUILD / ".jupyter_cache", *chapters())
    stamp.write_text(state)
    say("book: building the pages")
    run(BIN / "jupyter-book", "build", ".", "-n", "-W", "--keep-going", "-q", *options)


def book():
    """Execute the chapters that changed and build the pages; any warning is an error."""
    build()
    say(f"book: {PAGE}")


def pdf():
    """Print the whole book to one PDF, with Chromium."""
    build("--builder", "singlehtml")
    run(PYTHON, "tools/print_book.py", BUILD / "singlehtml", BUILD / "facebook_tut.pdf")
    say(f"pdf: {BUILD / 'facebook_tut.pdf'}")


def epub():
    """Make an EPUB of the book."""
    build("--builder", "custom", "--custom-builder", "epub")
    say(f"epub: {BUILD / 'epub' / 'facebook_tut.epub'}")


def links():
    """Visit every link that leads out of the book, over the network, and list the broken ones."""
    build("--builder", "linkcheck")


def test():
    """Run every test: package, doctests, the notebooks' rules and every number on every page."""
    environment()
    say("test: package, doctests, notebook rules, and every chapter cell by cell")
    for threads in ONE_THREAD:  # two tests at a time, one core for each
        os.environ.setdefault(threads, "1")
    two = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")  # the long files first
    run(PYTHON, "-m", "pytest", "--nbval", "--nbval-current-env", *two)
    say("test: all passed")


def serve():
    """Build the book and serve it at http://localhost:8000; rebuild and reload on every save."""
    book()
    say("serve: http://localhost:8000 (Ctrl-C stops)")
    run(PYTHON, "tools/serve_book.py", PAGE.parent)


def lint():
    """Check the style of the code and the rules of the notebooks; changes nothing."""
    environment()
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(PYTHON, "tools/lint_notebooks.py", *chapters())


def normalise():
    """Run every chapter from top to bottom and store its outputs, in normal form."""
    environment()
    run(PYTHON, "tools/normalise_notebooks.py", "--execute", *chapters())


def bench():
    """Measure training, layers, drawing, search and embedding, some against peers; record all."""
    environment()
    run(PYTHON, "-m", "pip", "install", "--quiet", *peers())
    for name in ("train_seed_model", "layers", "synthetic_people", "search", "embedder_speed"):
        run(PYTHON, f"benchmarks/{name}.py")


def lock():
    """Write requirements.lock anew: every installed version, as plain name==version."""
    environment()
    freeze = [PYTHON, "-m", "pip", "list", "--format=freeze", "--exclude-editable"]
    listed = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    left_out = ("facebook_tut==", "pip==", *(f"{peer.partition('==')[0]}==" for peer in peers()))
    pins = [line for line in listed.splitlines() if not line.lower().startswith(left_out)]
    (ROOT / "requirements.lock").write_text("\n".join(sorted(pins, key=str.lower)) + "\n")
    say(f"lock: {len(pins)} versions in requirements.lock")


def clean():
    """Remove what the other targets made: the pages and the environment."""
    for folder in (BUILD, VENV):
        say(f"clean: removing {folder}")
        shutil.rmtree(folder, ignore_errors=True)


def peers():
    """The packages that `bench` measures against, as pyproject.toml pins them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["optional-dependencies"]["bench"]


def chapters():
    """The notebooks of the book, in reading order."""
    return sorted(ROOT.glob("book/*.ipynb"))


TARGETS = (book, test, serve, pdf, epub, links, lint, normalise, bench, lock, clean)


def main():
    """Run the target named on the command line."""
    lines = "\n".join(f"  {target.__name__:<10} {target.__doc__}" for target in TARGETS)
    parser = argparse.ArgumentParser(
        description=__doc__ + "\ntargets:\n" + lines,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", choices=[target.__name__ for target in TARGETS], metavar="TARGET")
    name = parser.parse_args().target
    if sys.version_info < (3, 11):  # noqa: UP036 - someone else's Python may start this
        sys.exit("==> Python 3.11 or later is needed; this is " + sys.version.split()[0])
    next(target for target in TARGETS if target.__name__ == name)()


if __name__ == "__main__":
    main()
