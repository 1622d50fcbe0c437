"""What several test files share: small data, an untrained network, and a browser."""

import json
import shutil
import subprocess

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")  # figures in files, not on a screen; kernels keep their own backend


@pytest.fixture(scope="session")
def few():
    """A `Dataset` of eight images that a glance tells apart: faces bright above, others below."""
    from facebook_tut.data import Dataset

    images = np.random.default_rng(0).uniform(0, 0.5, (8, 64, 64, 3))
    images[:4, :32] += 0.5
    images[4:, 32:] += 0.5
    return Dataset(images, np.repeat([1, 0], 4), [f"source {index}" for index in range(8)])


@pytest.fixture(scope="session")
def untrained():
    """The book's network with repeatable weights. Do not train it."""
    from facebook_tut import models, training

    training.set_seed(0)
    return models.build_classifier()


@pytest.fixture(scope="session")
def untrained_file(untrained, tmp_path_factory):
    """The file of `untrained`. Do not write to it."""
    from facebook_tut import models

    return models.save_model(untrained, tmp_path_factory.mktemp("models") / "untrained.keras")


@pytest.fixture(scope="session")
def lfw_face():
    """One of scikit-image's faces, (25, 25), from 0 to 1."""
    import skimage.data

    return skimage.data.lfw_subset()[3]


@pytest.fixture(scope="session")
def javascript():
    """A function: the value of an expression over what a figure's script defines, through node.

    ``javascript(name, expression, **names)`` takes the figure's name, and what else the
    expression may use; infinity comes back as "∞".
    """
    from facebook_tut.interactive import _live

    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, and the JavaScript arithmetic is tested with it")

    def evaluate(figure, expression, **names):
        program = (
            f"{_live.script(_live.FOLDER / f'{figure}.js')}\n"
            f"const {{ {', '.join(names)} }} = {json.dumps(names)};\n"
            f"console.log(JSON.stringify({expression}, (_, x) => x === Infinity ? '∞' : x));"
        )
        command = [node, "--input-type=module"]
        run = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return evaluate


# The page in a browser

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark; font-family: sans-serif }}</style>
<body><h1>Test</h1>{body}<p id="after">After</p></body></html>"""


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium, or a skip that says what is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with api.sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=found or shutil.which("google-chrome"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
        except api.Error as error:
            pytest.skip(f"no browser for playwright: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Open HTML, or what shows as HTML, from a file.

    At the end, fail on a console error or a request for more.
    """
    trouble, contexts = [], []

    def open_(*parts, **options):
        shown = (part if isinstance(part, str) else part._repr_html_() for part in parts)
        (tmp_path / "page.html").write_text(PAGE.format(body="".join(shown)), "utf-8")
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        url = (tmp_path / "page.html").as_uri()
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: request.url == url or trouble.append(request.url))
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []
