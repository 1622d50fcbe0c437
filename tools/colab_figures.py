"""Shows every live figure as a widget in the classic Notebook, moves it from both sides, and tells.

Colab's own page is not to be had elsewhere. The Notebook of the versions that Colab lists speaks
the same widget protocol, 2, with the same ipywidgets and anywidget in its kernel, and runs
anywidget's front end from the files that anywidget installs. Every request to another host is
refused, and counts as an error, as does one of the page's own.
"""

import json
import secrets
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import chromium
from colab_environment import variables

PATIENCE = 120  # seconds for the server, a kernel, or a cell, which may import TensorFlow
# A stand-in tells anywidget that this is Colab, where it asks for Colab's manager of widgets.
START = """\
import sys
from types import SimpleNamespace
import numpy as np
import skimage.data
from PIL import Image
from facebook_tut import interactive, models, pipeline
Image.fromarray(skimage.data.astronaut()).save("astronaut.png")
rng = np.random.default_rng(0)
sys.modules["google.colab.output"] = SimpleNamespace(
    enable_custom_widget_manager=lambda: None,
    _widgets=SimpleNamespace(_installed_url="Colab's own"),
)"""
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# Runs code in the notebook's kernel and returns what it prints.
ASK = """code => new Promise((resolve, reject) => {
  const output = ({ msg_type, content }) =>
    msg_type === "stream" && content.name === "stdout" ? resolve(content.text.trim())
      : msg_type === "error" && reject(new Error(`${content.ename}: ${content.evalue}`));
  Jupyter.notebook.kernel.execute(code, { iopub: { output } }, { silent: false });
})"""
# What a cell's output says of the manager that Colab is to show it with.
MANAGER = """k => Jupyter.notebook.get_cell(k).output_area.outputs.at(-1)
  .metadata["application/vnd.jupyter.widget-view+json"]?.colab.custom_widget_manager.url"""
READY = "window.Jupyter?.notebook?.kernel?.info_reply?.status === 'ok'"


@dataclass(frozen=True)
class Figure:
    """A live figure: the code that makes it, and one of its dials.

    `control` is a CSS selector of a slider, `read` what Python says of it, and `write` sets it to
    `value`, which is where the slider then has to stand.
    """

    name: str
    source: str
    control: str
    read: str
    write: str
    value: float

    @property
    def cell(self):
        """The notebook's cell that shows it."""
        return f"{self.name} = interactive.{self.name}({self.source})\n{self.name}"


def figure(name, source, dial, value):
    """Return a `Figure` with a plain number for a dial."""
    attribute = f"{name}.{dial}"
    return Figure(name, source, f"[data-dial={dial}]", attribute, f"{attribute} = {value}", value)


FIGURES = (
    Figure(
        "alignment_explorer",
        "np.eye(64), [[20, 30], [44, 30]]",
        "[data-dial=eyes][data-cell='0 1']",
        "alignment_explorer.eyes[0][1]",
        "alignment_explorer.eyes = [[20, 33], [44, 27]]",
        33,
    ),
    figure("convolution_explorer", "np.eye(8), kernel='sharpen'", "stride", 3),
    figure("cross_entropy_explorer", "logit=-2", "logit", 1.5),
    figure(
        "curves_explorer",
        "{'faces': {'plain': ([10, 100, 1000], [0.4, 0.25, 0.1])}}, 'people', 'error', log=True",
        "at",
        75,
    ),
    figure("decision_explorer", "[0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]", "threshold", 0.3),
    figure("descent_explorer", "surface='saddle'", "momentum", 0.5),
    figure(
        "embedding_explorer",
        "rng.random((2, 12, 2)), rng.random((12, 24, 24)), np.repeat([0, 1, 2], 4), "
        "{'light': rng.random(12)}",
        "face",
        7,
    ),
    figure("last_layer", "", "steps", 40),
    figure("network_explorer", "models.build_classifier(), rng.random((1, 64, 64, 3))", "row", 11),
    figure("own_photograph", "skimage.data.astronaut()[40:200, 130:310]", "threshold", 12),
    figure("pooling_explorer", "np.eye(8), window=3", "window", 5),
    figure(
        "severity_explorer",
        "{'dark': rng.random((3, 64, 64, 3))}, {'dark': [0.9, 0.6, 0.2]}, threshold=0.4",
        "severity",
        2,
    ),
    figure("who_is_nearer", "", "threshold", 0.54),
)
RECOGNIZER = "photo_recognizer"
RECOGNIZER_CELL = f"{RECOGNIZER} = interactive.{RECOGNIZER}(pipeline.Recognizer())\n{RECOGNIZER}"


@dataclass
class Seen:
    """What was seen of a figure: is it shown, and does a move arrive, either way?"""

    name: str
    shown: bool = False
    to_python: bool = False
    to_page: bool = False
    errors: list = field(default_factory=list)

    @property
    def passed(self):
        """Whether all is as it should be."""
        return self.shown and self.to_python and self.to_page and not self.errors


def notebook():
    """Return the notebook that shows the figures, one in each cell after the first."""
    sources = [START, *(each.cell for each in FIGURES), RECOGNIZER_CELL]
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "id": f"cell-{k}"}
        | {"execution_count": None}
        for k, source in enumerate(sources)
    ]
    metadata = {"kernelspec": KERNEL}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def run_figures(python, told=print):
    """Show all figures in a page of the environment's Notebook; tell and return what was seen."""
    from playwright.sync_api import sync_playwright

    told(f"{'figure':<24}{'shown':<14}{'page→Python':<14}{'Python→page':<14}errors")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "figures.ipynb").write_text(json.dumps(notebook()), "utf-8")
        with serving(python, folder) as (address, token):
            browser = chromium.launch(playwright, "--disable-background-networking")
            page, trouble = open_page(browser, address, token)
            seen = []
            for cell, (figure, look) in enumerate(looks(folder / "astronaut.png").items(), 1):
                seen.append(watch(page, trouble, cell, figure, look))
                told(line(seen[-1]))
            browser.close()
    return seen


def looks(picture):
    """Return what looks at each figure, by its name, in the order of the notebook's cells."""
    by_name = {figure.name: partial(look_at, figure=figure) for figure in FIGURES}
    return {**by_name, RECOGNIZER: partial(look_at_recognizer, picture=picture)}


def watch(page, trouble, cell, name, look):
    """Return what `look` sees of the figure of a cell, and what goes wrong meanwhile."""
    from playwright.sync_api import Error

    seen = Seen(name)
    try:
        look(page, cell, seen)
    except Error as error:
        seen.errors.append(error.message.splitlines()[0])
    seen.errors += trouble
    trouble.clear()
    return seen


@contextmanager
def serving(python, folder):
    """Serve a folder's notebooks at a free port of this machine; yield the address and the key."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, address = secrets.token_hex(), f"http://127.0.0.1:{port}"
    own = {name: str(folder / ".jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    own |= {"JUPYTER_RUNTIME_DIR": str(folder / ".jupyter"), "IPYTHONDIR": str(folder / ".ipython")}
    options = ("--no-browser", "--allow-root", "--no-mathjax", "--ip=127.0.0.1", f"--port={port}")
    command = [str(python), "-m", "notebook", *options, "--port-retries=0"]
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(
        command, cwd=folder, env=variables(JUPYTER_TOKEN=token, **own), stdout=log, stderr=log
    )
    try:
        wait_for(f"{address}/api", server)
        yield address, token
    finally:
        server.terminate()
        server.wait(PATIENCE)
        log.close()


def wait_for(address, server):
    """Wait until a server answers."""
    for _ in range(2 * PATIENCE):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.5)
    raise RuntimeError(f"no Notebook answers at {address}")


def open_page(browser, address, token):
    """Open the notebook, run its first cell; return the page, and a list that gathers trouble."""
    page, trouble = browser.new_page(), []
    page.set_default_timeout(1000 * PATIENCE)
    page.route("**/*", lambda route: guard(route, address, trouble))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda note: note.type == "error" and trouble.append(note.text))
    page.goto(f"{address}/notebooks/figures.ipynb?token={token}")
    page.wait_for_function(READY)
    page.evaluate("Jupyter.notebook.get_cell(0).execute()")
    ask(page, "print(rng)")
    return page, trouble


def guard(route, address, trouble):
    """Let only requests to the server pass."""
    if route.request.url.startswith((f"{address}/", "data:", "blob:")):
        return route.continue_()
    trouble.append(f"asked {route.request.url}")
    return route.abort()


def ask(page, code):
    """Run code in the notebook's kernel and return what it prints."""
    return page.evaluate(ASK, code)


def show(page, cell, seen):
    """Run a cell and return its figure, once it answers its reader."""
    page.evaluate("k => Jupyter.notebook.get_cell(k).execute()", cell)
    output = page.locator("#notebook-container .cell").nth(cell)
    root = output.locator(".jupyter-widgets-view .ft-live")
    root.locator("input:enabled, button:enabled").first.wait_for()
    seen.shown = page.evaluate(MANAGER, cell) == "Colab's own"
    return root


def look_at(page, cell, seen, figure):
    """Show a figure, move its dial in the page and in Python, and fill in what followed."""
    root = show(page, cell, seen)
    control, before = root.locator(figure.control).first, root.inner_html()
    at_first = float(ask(page, f"print({figure.read})"))
    control.press("ArrowRight")
    moved = float(control.input_value())
    there = settled(page, lambda: float(ask(page, f"print({figure.read})")) == moved)
    seen.to_python = there and moved != at_first and root.inner_html() != before
    before = root.inner_html()
    ask(page, f"{figure.write}; print('set')")
    there = settled(page, lambda: float(control.input_value()) == figure.value)
    seen.to_page = there and moved != figure.value and root.inner_html() != before


def look_at_recognizer(page, cell, seen, picture):
    """Give the recogniser a photograph, enrol its face, and give it again: is it named?"""
    root = show(page, cell, seen)
    said, faces = root.locator("[data-part=said]"), root.locator("[data-part=faces]")
    chosen = root.locator("input[type=file]")
    chosen.set_input_files(picture)
    found = settled(page, lambda: said.inner_text() == "1 face found.")
    root.locator("[data-part=name]").fill("Eileen")
    root.locator("[data-part=enrol]").click()
    enrolled = settled(page, lambda: said.inner_text() == "Eileen is enrolled.")
    known = ask(page, f"print({RECOGNIZER}.recognizer.gallery.names)")
    seen.to_python = found and enrolled and "Eileen" in known
    chosen.set_input_files(picture)
    seen.to_page = settled(page, lambda: faces.inner_text().startswith("Eileen, cosine 1.00"))


def settled(page, holds, seconds=30):
    """Wait until something holds, and return whether it came to that."""
    for _ in range(10 * seconds):
        if holds():
            return True
        page.wait_for_timeout(100)
    return False


def line(seen):
    """Return the row of a figure."""
    marks = ("yes" if mark else "NO" for mark in (seen.shown, seen.to_python, seen.to_page))
    return (
        f"{seen.name:<24}"
        + "".join(f"{mark:<14}" for mark in marks)
        + ("; ".join(seen.errors) or "–")
    )
