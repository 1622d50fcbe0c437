"""For tests of pages, the book built once."""

import shutil
import subprocess
import sysconfig
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
HANG = 300_000  # milliseconds that nothing takes, however slow the machine


def pytest_collection_modifyitems(items):
    """Start with the tests that build the pages, so that no worker waits for another to do it."""
    items.sort(key=lambda item: item.path.name != "test_pages.py")


@pytest.fixture(scope="session")
def pages(browser, tmp_path_factory, worker_id):
    """The folder of the built pages, built once for all workers that run tests side by side."""
    if worker_id == "master":
        return build_pages(tmp_path_factory.mktemp("book"))
    folder = tmp_path_factory.getbasetemp().parent / "book"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            build_pages(folder.with_name("unfinished")).parents[1].rename(folder)
    return folder / "_build" / "html"


def build_pages(folder):
    """Build the pages in a folder from the outputs that the notebooks store; return theirs."""
    for name in ("book", "_static", "_templates", "extensions"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "_toc.yml", folder)
    (folder / "facebook_tut" / "pretrained").mkdir(parents=True)  # a page includes the card
    for card in (ROOT / "facebook_tut" / "pretrained").glob("*.md"):
        shutil.copy(card, folder / "facebook_tut" / "pretrained")
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    config["execute"]["execute_notebooks"] = "off"
    (folder / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    command = [program, "build", folder, "-n", "-W", "-q"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert "TensorFlow" not in run.stderr  # the reference loads it
    return folder / "_build" / "html"


@pytest.fixture(scope="session")
def opened(browser, pages):
    """A context with a function that opens a built page: see `opening`."""
    return lambda: opening(browser, pages)


@contextmanager
def opening(browser, pages):
    """Give a function that opens a built page; at the end, fail on errors and foreign requests."""
    trouble, contexts = [], []

    def open_(name, key="Shift", **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(HANG)
        page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("requestfailed", lambda request: trouble.append(f"failed: {request.url}"))
        page.on("request", lambda request: is_local(request.url) or trouble.append(request.url))
        page.goto((pages / f"{name}.html").as_uri())
        if key:
            page.keyboard.press(key)  # live figures wait no longer
            page.wait_for_function("!document.querySelector('[data-live]')")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []


def is_local(url):
    return url.startswith(("file:", "data:", "blob:"))


@pytest.fixture
def open_built(opened):
    """A function that opens a built page."""
    with opened() as open_:
        yield open_
