"""Build, test and serve the book: `python make.py book`, `python make.py test`, and so on.

Needs nothing but Python 3.11, 3.12 or 3.13. The first run makes the environment in .venv; later
runs find it there. `make TARGET` does the same where there is make.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
COLAB = ROOT / ".venv-colab"  # of tools/colab_environment.py
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BUILD = ROOT / "_build"
PAGE = BUILD / "html" / "index.html"
OLDEST, NEWEST = (3, 11), (3, 13)
TOO_OLD = "too old: NumPy 2.4 and SciPy 1.17 have no wheels for it"
TOO_NEW = "too new: TensorFlow 2.21 and the h5py it needs have no wheels for it"
EXTRAS = "book,interactive,privacy"  # of pyproject.toml; the tests need `test` besides
# Only macOS needs the first of these, and only Windows the others.
ELSEWHERE = ("appnope==1.0.0", "colorama==0.4.6", "pywinpty==3.1.2")
# Chapters are executed and compared without progress bars, which never print the same twice, and
# without TensorFlow's report on the machine where a chapter itself imports Keras.
QUIET = {"TQDM_DISABLE": "1", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
QUIET["TF_CPP_MIN_LOG_LEVEL"] = "3"
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def say(text):
    """Print what is being done, at once."""
    print(f"==> {text}", flush=True)


def run(*command, hushed=False, **variables):
    """Run a command in the project's folder; stop with its exit code if it fails.

    What a `hushed` one writes to standard output is printed only then.
    """
    environment, words = {**os.environ, **QUIET, **variables}, list(map(str, command))
    kept = subprocess.PIPE if hushed else None
    done = subprocess.run(words, cwd=ROOT, env=environment, stdout=kept)
    if done.returncode:
        sys.stdout.write((done.stdout or b"").decode(errors="replace"))
        sys.exit(f"==> failed with exit code {done.returncode}: {' '.join(words)}")


def become(*command):
    """Run a command in place of this program, so that every signal reaches it."""
    if os.name == "nt":  # where this program would seem to have ended
        return run(*command)
    os.chdir(ROOT)
    os.execve(command[0], list(map(str, command)), {**os.environ, **QUIET})


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


def pyproject():
    """Return what pyproject.toml says."""
    import tomllib  # Python 3.10 has none, and is told so in `main`

    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def extra(name):
    """Return the requirements of one extra of pyproject.toml."""
    return pyproject()["project"]["optional-dependencies"][name]


def recipe():
    """Return a hash of all that decides what is installed: this Python, the pins, the package."""
    settings = pyproject()
    parts = [fingerprint("requirements.lock"), EXTRAS, settings["project"]]
    parts += [settings["build-system"], settings["tool"]["setuptools"]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def environment(tests=False):
    """Make .venv with what the book needs, and with what `tests` need, unless it is there."""
    state, stamp = recipe(), VENV / "installed"
    if not (unchanged(stamp, state) and PYTHON.exists()):
        say(f"environment: installing the locked versions into {VENV} (a few minutes, once)")
        venv.create(VENV, clear=VENV.exists(), with_pip=True)
        install(stamp, state, "-e", f".[{EXTRAS}]")
    if tests and not unchanged(VENV / "installed-tests", state):
        say("environment: adding what the tests need (a minute, once)")
        install(VENV / "installed-tests", state, *extra("test"))
    say(f"environment: {VENV} is up to date")


def install(stamp, state, *wanted):
    """Let pip install the locked versions; it is silent but for errors. Then write the stamp."""
    run(PYTHON, "-m", "pip", "install", "-qq", "-c", "requirements.lock", *wanted)
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
    command = ("jupyter-book", "build", ".", "-n", "-W", "--keep-going", "-q", *options)
    run(BIN / command[0], *command[1:], hushed=True)


def book():
    """Execute the chapters that changed and build the pages; any warning is an error."""
    build()
    say(f"book: {PAGE}")


def pdf():
    """Print the whole book to one PDF, with Chromium."""
    environment(tests=True)  # they have what drives it
    build("--builder", "singlehtml")
    run(PYTHON, "tools/print_book.py", BUILD / "singlehtml", BUILD / "facebook_tut.pdf")
    say(f"pdf: {BUILD / 'facebook_tut.pdf'}")


def epub():
    """Make an EPUB of the book."""
    build("--builder", "custom", "--custom-builder", "epub")
    say(f"epub: {BUILD / 'epub' / 'facebook_tut.epub'}")


def look():
    """Draw every page, in light, in dark and on a phone, to be looked at before a release."""
    environment(tests=True)  # they have what draws them
    build()
    run(PYTHON, "tools/look.py", PAGE.parent, BUILD / "look")
    say(f"look: {BUILD / 'look'}")


def picture():
    """Draw the picture that the README shows, from the cover's live figure."""
    environment(tests=True)
    build()
    run(
        PYTHON,
        "tools/cover_picture.py",
        PAGE.parent / "book" / "intro.html",
        ROOT / ".github" / "cover.png",
    )


def links():
    """Visit every link that leads out of the book, over the network, and list the broken ones."""
    build("--builder", "linkcheck")


def test():
    """Run every test: package, doctests, the notebooks' rules and what every chapter prints."""
    environment(tests=True)
    say("test: package, doctests, notebook rules, and every chapter cell by cell")
    for threads in ONE_THREAD:
        os.environ.setdefault(threads, "1")
    # Three tests at a time on two cores: many wait for a browser, a kernel or a clock. The long
    # files come first.
    three = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
    run(PYTHON, "-m", "pytest", "--nbval", "--nbval-current-env", *three)
    say("test: all passed")


def serve():
    """Build the book and serve it at the address it prints; rebuild and reload on every save."""
    book()
    become(PYTHON, "tools/serve_book.py", PAGE.parent)


def lint():
    """Check the style of the code and the rules of the notebooks; changes nothing."""
    environment(tests=True)
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(PYTHON, "tools/lint_notebooks.py", *chapters())


def normalise():
    """Run every chapter and store its outputs, in normal form; write what is made of them."""
    environment()
    run(PYTHON, "tools/normalise_notebooks.py", "--execute", *chapters())
    run(PYTHON, "tools/references.py")
    run(PYTHON, "tools/colab_copies.py")
    run(PYTHON, "tools/floors.py")
    run(PYTHON, "benchmarks/shipped.py", "--facts")


def bench():
    """Measure training, layers, drawing, search and embedding, some against peers; record all."""
    environment(tests=True)
    run(PYTHON, "-m", "pip", "install", "-qq", *extra("bench"))
    for name in ("train_seed_model", "layers", "synthetic_people", "search", "embedder_speed"):
        run(PYTHON, f"benchmarks/{name}.py")
    budget()


def budget():
    """Run every chapter, and fail where a cell takes longer than its budget."""
    environment(tests=True)
    say("budget: every chapter, one at a time")
    run(PYTHON, "-m", "pytest", "--nbval", "--nbval-current-env", "--fail-over-budget", *chapters())


def portable():
    """Run chapters and package tests as other processors would, and print what differs."""
    environment(tests=True)
    run(PYTHON, "tools/portable.py")


def colab():
    """Run every chapter and live figure with Colab's versions, in an environment of its own."""
    environment(tests=True)
    run(PYTHON, "tools/colab_run.py")


def wheels():
    """Ask the package index whether the locked versions have wheels for every platform."""
    environment(tests=True)
    run(PYTHON, "tools/check_lock.py")


def lock():
    """Write requirements.lock anew: every installed version, as plain name==version."""
    environment(tests=True)
    freeze = [PYTHON, "-m", "pip", "list", "--format=freeze", "--exclude-editable"]
    listed = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    peers = (f"{peer.partition('==')[0]}==" for peer in extra("bench"))
    left_out = ("facebook_tut==", "pip==", *peers)
    pins = {line for line in listed.splitlines() if not line.lower().startswith(left_out)}
    pins.update(ELSEWHERE)
    (ROOT / "requirements.lock").write_text("\n".join(sorted(pins, key=str.lower)) + "\n")
    say(f"lock: {len(pins)} versions in requirements.lock")


def clean():
    """Remove what the other targets made: the pages and the environments."""
    for folder in (BUILD, VENV, COLAB):
        say(f"clean: removing {folder}")
        shutil.rmtree(folder, ignore_errors=True)


def chapters():
    """The notebooks of the book, in reading order."""
    return sorted(ROOT.glob("book/*.ipynb"))


TARGETS = (
    book,
    test,
    serve,
    pdf,
    epub,
    links,
    look,
    picture,
    lint,
    normalise,
    bench,
    budget,
    portable,
    colab,
    wheels,
    lock,
    clean,
)


def unsuitable(version, target):
    """Return in one line why this Python will not do, and which would; None where it does."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    reason = TOO_OLD if tuple(version[:2]) < OLDEST else TOO_NEW
    found = next(filter(works, ("python3.13", "python3.12", "python3.11")), None)
    use = f"run {found} make.py {target}" if found else "install Python 3.13, 3.12 or 3.11"
    return f"Python {'.'.join(map(str, version[:3]))} is {reason}; {use}"


def works(name):
    """Return whether this program is on PATH and runs: some that are there only say they do not."""
    path = shutil.which(name)
    return path is not None and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0


def main():
    """Run the target named on the command line."""
    lines = "\n".join(f"  {target.__name__:<10} {target.__doc__}" for target in TARGETS)
    parser = argparse.ArgumentParser(
        description=__doc__ + "\ntargets:\n" + lines,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", choices=[target.__name__ for target in TARGETS], metavar="TARGET")
    name = parser.parse_args().target
    trouble = unsuitable(sys.version_info, name)
    if trouble:
        sys.exit(f"==> {trouble}")
    next(target for target in TARGETS if target.__name__ == name)()


if __name__ == "__main__":
    main()
