"""What several test files share: small data, a fake LFW, an untrained network, and a browser."""

import base64
import json
import shutil
import subprocess
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

matplotlib.use("agg")  # figures in files, not on a screen; kernels keep their own backend
# The same examples everywhere, however long a slow machine takes to draw them.
steady = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("book", **steady)
settings.load_profile("book")


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
def build_quick_embedder():
    """A function like `models.build_embedder`, whose network is built and compiled sooner."""
    from facebook_tut._backend import keras

    def build(dimensions, *, input_shape=(64, 64, 3), **layout):
        images = keras.Input(input_shape)
        x = keras.layers.Rescaling(2.0, offset=-1.0)(images)
        x = keras.layers.Dense(dimensions, use_bias=False)(keras.layers.Flatten()(x))
        return keras.Model(images, keras.layers.UnitNormalization()(x))

    return build


@pytest.fixture(scope="session")
def lfw_face():
    """One of scikit-image's faces, (25, 25), from 0 to 1."""
    import skimage.data

    return skimage.data.lfw_subset()[3]


@pytest.fixture(scope="session")
def eagerly():
    """A context in which Keras compiles nothing: that takes as long as some ten small steps."""

    @contextmanager
    def eagerly():
        from facebook_tut._backend import keras

        always = property(lambda model: True, lambda model, value: None)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keras.Model, "run_eagerly", always)
            yield

    return eagerly


# Labeled Faces in the Wild in small

PEOPLE = [f"Person_{number:02d}" for number in range(40)]


def pairs_lines(people, half):
    genuine = "".join(f"{people[i % len(people)]}\t1\t2\n" for i in range(half))
    impostor = "".join(f"{people[i % 2]}\t{1 + i % 3}\t{people[2]}\t1\n" for i in range(half))
    return genuine + impostor


def people_list(people):
    return f"{len(people)}\n" + "".join(f"{name}\t3\n" for name in people)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A fake LFW: forty people, three photographs each, noise of the person and of the photograph.

    The first 25 are View 1's training people. Do not write to it.
    """
    from facebook_tut.data.lfw import photos_of

    folder, rng = tmp_path_factory.mktemp("lfw"), np.random.default_rng(0)
    faces = {name: rng.integers(0, 80, (10, 10, 3)) for name in PEOPLE}
    for photo in photos_of(dict.fromkeys(PEOPLE, 3)):
        path = folder / "lfw-deepfunneled" / photo.file
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = faces[photo.name] + rng.integers(0, 176, (10, 10, 3))
        Image.fromarray(pixels.astype(np.uint8)).resize((40, 40)).save(path)
    folds = [PEOPLE[4 * fold : 4 * fold + 4] for fold in range(10)]
    for name, text in {
        "people.txt": "10\n" + "".join(map(people_list, folds)),
        "pairs.txt": "10\t3\n" + "".join(pairs_lines(fold, 3) for fold in folds),
        "peopleDevTrain.txt": people_list(PEOPLE[:25]),
        "peopleDevTest.txt": people_list(PEOPLE[25:]),
        "pairsDevTrain.txt": "40\n" + pairs_lines(PEOPLE[:25], 40),
        "pairsDevTest.txt": "40\n" + pairs_lines(PEOPLE[25:], 40),
    }.items():
        (folder / name).write_text(text)
    return folder


NODE = """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const answer = {};
  try { answer.value = (await import(`data:text/javascript;base64,${line}`)).asked; }
  catch (error) { answer.error = String(error.stack); }
  console.log(JSON.stringify(answer, (_, x) => x === Infinity ? "∞" : x));
}"""


@pytest.fixture(scope="session")
def javascript():
    """A function: the value of an expression over what a figure's script defines, through node.

    ``javascript(name, expression, **names)`` takes the figure's name, and what else the
    expression may use; infinity comes back as "∞".
    """
    from facebook_tut import _live, interactive

    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, and the JavaScript arithmetic is tested with it")
    command = [node, "--input-type=module", "--eval", NODE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}

    def evaluate(figure, expression, **names):
        path = Path(interactive.__file__).parent / figure / "figure.js"
        program = (
            f"{_live.script(path)}\n"
            f"const {{ {', '.join(names)} }} = {json.dumps(names)};\n"
            f"export const asked = {expression};"
        )
        print(base64.b64encode(program.encode()).decode(), file=running.stdin, flush=True)
        answer = json.loads(running.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]

    with subprocess.Popen(command, **pipes) as running:
        yield evaluate


# The page in a browser

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark; font-family: sans-serif }}</style>
<body><h1>Test</h1>{body}<p id="after">After</p></body></html>"""
WINDOW = {"width": 1280, "height": 720}  # Playwright's own
HANG = 300_000  # milliseconds that nothing takes, however slow the machine


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium whose camera shows a test picture, or a skip that says what is missing.

    One for all tests, since it is slow to start.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    import chromium  # of the folder tools

    with api.sync_playwright() as playwright:
        try:
            running = chromium.launch(
                playwright,
                "--disable-gpu",
                "--disable-background-networking",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            )
        except api.Error as error:
            pytest.skip(f"no browser for playwright: {error.message.splitlines()[0]}")
        yield running
        running.close()


@pytest.fixture(scope="session")
def free_pages(browser):
    """The pages that no test has open, by the options of their contexts: a context is dear."""
    return defaultdict(list)


@pytest.fixture
def open_page(browser, free_pages, tmp_path):
    """Open HTML, or what shows as HTML, from a file.

    At the end, fail on a console error or a request for more; a worker's own text is none.
    """
    trouble, opened, url = [], [], (tmp_path / "page.html").as_uri()
    listeners = {
        "console": lambda message: trouble.append(message.text),
        "pageerror": lambda error: trouble.append(str(error)),
        "request": lambda request: (
            request.url == url or request.url.startswith("blob:") or trouble.append(request.url)
        ),
    }

    def open_(
        *parts, viewport=WINDOW, color_scheme="light", reduced_motion="no-preference", **options
    ):
        shown = (part if isinstance(part, str) else part._repr_html_() for part in parts)
        (tmp_path / "page.html").write_text(PAGE.format(body="".join(shown)), "utf-8")
        free = free_pages[repr(options)]
        page = free.pop() if free else browser.new_context(**options).new_page()
        opened.append((free, page))
        if page.viewport_size != viewport:
            page.set_viewport_size(viewport)
        page.set_default_timeout(HANG)
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        for event, listener in listeners.items():
            page.on(event, listener)
        page.goto(url)
        return page

    yield open_
    for free, page in opened:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        page.mouse.move(0, 0)
        free.append(page)
    assert trouble == []
