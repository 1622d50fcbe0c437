"""The reader's own photograph: the page against the package, and what a browser does."""

import base64
import io
import re

import numpy as np
import pytest
import skimage.data
from cameras import seeing_the_astronaut
from figures import ASTRONAUT, FIGURES, shown
from live_figures import drawn
from PIL import Image

from facebook_tut import detection, training
from facebook_tut.cascade import detect_in_stages
from facebook_tut.export import browser_network
from facebook_tut.interactive import own_photograph
from facebook_tut.interactive.own_photograph import (
    LIGHT,
    SHIFT,
    _network_input,
    _square,
    _stops,
)
from facebook_tut.pretrained import load_classifier, load_pixel_filter

SITE = "https://book.test/"  # a camera needs a safe page
SQUARES = [
    {"x": 50, "y": 40, "size": 60, "shift": 0, "light": 1},
    {"x": 0, "y": 100, "size": 25.5, "shift": -16, "light": 0.1},
    {"x": 93, "y": 12.5, "size": 100, "shift": 6, "light": 0.7},
    {"x": 31, "y": 64, "size": 5, "shift": 16, "light": 0.5},
]


@pytest.fixture(scope="module")
def figure():
    return FIGURES["own_photograph"]()


def plane_of(figure):
    """Return the picture that the network reads, as the figure keeps it."""
    data = figure._data
    levels = np.frombuffer(base64.b64decode(data["pixels"]), np.uint8)
    return levels.reshape(data["height"], data["width"])


def read(picture, x, y, size, shift, light):
    """Return what the package reads of a square."""
    return _network_input(picture, *_square(picture.shape[:2], x, y, size), shift, light)


def test_the_page_reads_of_each_square_what_the_package_reads(javascript, figure):
    expression = """squares.map((one) => [...inputOf(exampleOf(data),
      squareOf(exampleOf(data), one), one.shift, one.light).data])"""
    found = javascript("own_photograph", expression, data=figure._data, squares=SQUARES)
    for one, image in zip(SQUARES, found, strict=True):
        wanted = read(plane_of(figure), **one)
        assert wanted.std() > 0.01
        np.testing.assert_allclose(np.reshape(image, wanted.shape), wanted, atol=0.02)
        assert np.abs(np.reshape(image, wanted.shape) - wanted).mean() < 1e-3


def test_what_the_figure_says_of_its_example_is_what_keras_says(figure):
    at, data = figure._data["at"], figure._data
    for shift, light in [(0, 1.0), (-16, 0.3), (10, 0.1)]:
        image = read(plane_of(figure), **at, shift=shift, light=light)
        [wanted] = training.predict(load_classifier(), image[None])
        row, column = _stops(SHIFT).index(shift), _stops(LIGHT).index(light)
        assert data["table"][row][column] == pytest.approx(wanted, abs=1e-3)
        told = shown(FIGURES["own_photograph"](shift=shift, light=light))
        assert float(told["probability"]) == pytest.approx(wanted, abs=2e-3)


def test_the_boxes_are_those_of_the_package_and_the_threshold_counts_votes(figure):
    plane, model = plane_of(figure), load_classifier()
    boxes = detect_in_stages(lambda x: training.predict(model, x), plane, load_pixel_filter())
    for threshold in (0, 5, 50):
        told = shown(FIGURES["own_photograph"](threshold=threshold))
        wanted = [box for box in boxes if box.votes >= threshold]
        assert told["boxes"].count("<b ") == len(wanted)
        places = [float(n) / 100 for n in re.findall(r"([\d.]+)%", told["boxes"])]
        for box, (left, top, width, height) in zip(
            wanted, np.reshape(places, (-1, 4)), strict=True
        ):
            own = [left * plane.shape[1], top * plane.shape[0], height * plane.shape[0]]
            assert own == pytest.approx([box.left, box.top, box.size], abs=0.1)
            assert width * plane.shape[1] == pytest.approx(own[2], abs=0.1)
    assert told["count"] == "No box has at least 50 votes."


def test_what_chapter_8_says_of_the_astronaut():
    figure = own_photograph()
    told = shown(figure)
    votes = [float(n) for n in re.findall(r"<span>([\d.]+)</span>", told["boxes"])]
    assert len(votes) == 5 and votes[0] > 2 * votes[1]
    [face] = detection.detect_with_cascade(skimage.data.astronaut())
    top, left, side = _square((512, 512), figure.x, figure.y, figure.size)
    assert detection.intersection_over_union(face.box, [(top, left, top + side, left + side)]) > 0.4
    table = {
        shift: row[-1] for shift, row in zip(_stops(SHIFT), figure._data["table"], strict=True)
    }
    assert [shift for shift, p in table.items() if p >= 0.5] == [*range(-12, 7, 2)]
    lights = dict(zip(_stops(LIGHT), figure._data["table"][8], strict=True))
    assert abs(lights[0.5] - lights[1.0]) < 0.01 and lights[0.2] < 0.5


def test_a_square_that_nobody_asked_about_has_no_probability():
    told = shown(FIGURES["own_photograph"](x=2, y=3, size=30))
    assert (told["probability"], told["verdict"]) == ("–", "not asked yet")
    assert told["shift_curve"] == told["light_curve"] == ""
    assert told["stale"]


def test_a_picture_without_a_face_puts_the_square_in_its_middle():
    figure = own_photograph(np.full((64, 64), 0.5))
    assert (figure.x, figure.y, figure.size) == (50, 50, 50)
    assert shown(figure)["count"] == "No box has at least 5 votes."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"picture": np.zeros((31, 40))}, "picture must have sides of 32 pixels or more"),
        ({"picture": np.zeros((40, 81, 3))}, "at most 2 times the shorter, got shape"),
        ({"picture": np.zeros(9)}, "picture must have shape"),
        ({"x": 101}, "x must be a number from 0 to 100, got 101"),
        ({"size": 4}, "size must be a number from 5 to 100, got 4"),
        ({"shift": 17}, "shift must be a number from -16 to 16, got 17"),
        ({"light": 0}, "light must be a number from 0.1 to 1, got 0"),
        ({"threshold": -1}, "threshold must be a number from 0 to 50, got -1"),
    ],
)
def test_bad_arguments_are_named(given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        own_photograph(**{"picture": ASTRONAUT, **given})


def test_a_widget_is_sent_the_network_when_it_asks(figure, monkeypatch):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    sent = []
    monkeypatch.setattr(figure.widget, "send", lambda *given: sent.append(given))
    figure._send_weights(figure.widget, {"weights": "face_classifier"}, [])
    assert sent == [({"weights": "face_classifier"}, [browser_network("face_classifier")])]


# In a browser

PAGE = """<!doctype html><html lang="en" data-content_root="../"><meta charset="utf-8">
<title>Test</title><body>%s<div style="height: 4000px"></div></body></html>"""
COUNTED = """globalThis.held = 0;
for (const [name, by] of [["createObjectURL", 1], ["revokeObjectURL", -1]]) {
  const own = URL[name].bind(URL);
  URL[name] = (given) => ((held += by), own(given));
}
const bitmap = createImageBitmap;
globalThis.createImageBitmap = async (...given) => {
  const made = await bitmap(...given), close = made.close.bind(made);
  held += 1;
  made.close = () => ((held -= 1), close());
  return made;
};
globalThis.workers = 0;
globalThis.Worker = class extends Worker {
  constructor(...given) { super(...given); workers += 1; }
  terminate() { workers -= 1; super.terminate(); }
};"""


@pytest.fixture(scope="module")
def html(figure):
    return PAGE % drawn(figure._repr_html_())


@pytest.fixture
def site(browser, html):
    """A function that opens the figure on a site which has the network; all that it asked for."""
    contexts = []

    def open_(before="", using=browser, clock=False):
        contexts.append(using.new_context(permissions=["camera"]))
        page, asked = contexts[-1].new_page(), []
        page.set_default_timeout(300_000)

        def answer(route):
            asked.append(route.request.url.removeprefix(SITE))
            if asked[-1].endswith(".html"):
                return route.fulfill(body=html, content_type="text/html")
            assert asked[-1] == "_static/networks/face_classifier.bin"
            return route.fulfill(body=browser_network("face_classifier"))

        contexts[-1].route("**/*", answer)
        page.add_init_script(COUNTED + before)
        if clock:
            page.clock.install()
        page.goto(f"{SITE}book/chapter.html")
        page.locator("[data-part=load]:enabled").wait_for()
        page.asked = asked
        return page

    yield open_
    for context in contexts:
        context.close()


def written(picture, **options):
    """Return a picture as a file that a reader may choose."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", **options)
    return {"name": "own.png", "mimeType": "image/png", "buffer": file.getvalue()}


def says(page, text):
    page.locator("[role=status]").get_by_text(text).wait_for()


def load(page):
    page.locator("[data-part=load]").click()
    says(page, "The network is loaded.")


def test_a_photograph_is_judged_and_searched_in_the_page_and_nothing_is_sent(site):
    page = site()
    assert page.asked == ["book/chapter.html"]
    load(page)
    picture = np.ascontiguousarray(skimage.data.astronaut()[:300, 60:360])
    page.locator("[data-part=file]").set_input_files(written(picture))
    says(page, "Your photograph, 300 × 300 pixels")
    for name, value in {"x": 55, "y": 39.5, "size": 36}.items():
        page.locator(f"[data-dial={name}]").fill(str(value))
    said = page.locator("[data-slot=probability]")
    page.wait_for_function("document.querySelector('[data-stale]') === null")
    image = read(picture, 55, 39.5, 36, 0, 1)
    [wanted] = training.predict(load_classifier(), image[None])
    assert float(said.text_content()) == pytest.approx(wanted, abs=0.01)
    points = (
        "() => document.querySelector('[data-slot=light_curve]').getAttribute('d').match(/[ML]/g)"
    )
    page.wait_for_function(f"({points})()?.length === 10")
    both = "['search', 'stop'].map((part) => document.querySelector(`[data-part=${part}]`).click())"
    page.evaluate(both)  # at once: the search of so small a photograph takes a second
    says(page, "Stopped.")
    assert "has not been searched yet" in page.locator("[data-slot=count]").text_content()
    page.locator("[data-part=search]").click()
    says(page, "Searched: ")
    page.locator("[data-dial=threshold]").fill("0")
    best = page.locator(".ft-boxes b").first.get_attribute("style")
    left, top, side, _ = (3 * float(n) for n in re.findall(r"([\d.]+)%", best))
    [face] = detection.detect_with_cascade(picture)
    found = detection.intersection_over_union(face.box, [(top, left, top + side, left + side)])
    assert found[0] > 0.3
    assert page.evaluate("workers") > 0
    page.locator("[data-part=search]").click()
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    says(page, "You left the figure")
    assert page.evaluate("workers") == 0
    assert page.asked == ["book/chapter.html", "_static/networks/face_classifier.bin"]


def test_fifty_photographs_leave_nothing_behind_and_what_is_no_picture_is_told(site):
    page = site()
    chosen = page.locator("[data-part=file]")
    kept = page.evaluate("held")
    for k in range(50):
        chosen.set_input_files(written(np.full((40, 50 + k, 3), 5 * k, np.uint8)))
        says(page, f"Your photograph, {50 + k} × 40 pixels")
    assert page.evaluate("held") == kept
    text = {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture at all"}
    chosen.set_input_files(text)
    says(page, "The browser cannot read this file as a picture.")
    page.locator("[data-part=example]").click()
    says(page, "The example: ")
    assert page.evaluate("held") == kept


def test_without_camera_or_worker_the_figure_says_so_or_goes_on(site):
    page = site("globalThis.Worker = undefined; delete Navigator.prototype.mediaDevices;")
    page.locator("[data-part=camera]").click()
    says(page, "This page cannot use a camera")
    load(page)
    page.locator("[data-dial=x]").fill("30")
    page.wait_for_function("document.querySelector('[data-stale]') === null")
    assert 0 <= float(page.locator("[data-slot=probability]").text_content()) <= 1


def test_the_square_is_dragged_or_tapped_and_a_page_from_a_file_is_given_its_network(
    open_page, figure
):
    page = open_page(drawn(figure._repr_html_()), has_touch=True)
    photo = page.locator(".ft-photo .ft-pixels")
    photo.scroll_into_view_if_needed()
    box = photo.bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
    dial = lambda name: float(page.locator(f"[data-dial={name}]").input_value())  # noqa: E731
    before = dial("x"), dial("y")
    page.mouse.move(*at(before[0] / 100, before[1] / 100))
    page.mouse.down()
    page.mouse.move(*at(before[0] / 100 + 0.1, before[1] / 100 - 0.1))
    page.mouse.up()
    assert (dial("x"), dial("y")) == pytest.approx((before[0] + 10, before[1] - 10), abs=1)
    page.locator("[data-dial=size]").fill("10")
    page.touchscreen.tap(*at(0.4, 0.6))
    assert (dial("x"), dial("y")) == pytest.approx((40, 60), abs=1)
    assert "not asked yet" in page.locator("[aria-live]").text_content()
    assert page.locator("[data-part=weights]").is_hidden()
    page.locator("[data-part=load]").click()
    says(page, "This page was opened as a file")
    given = {"name": "face_classifier.bin", "mimeType": "application/octet-stream"}
    chosen = page.locator("[data-part=weights]")
    chosen.set_input_files({**given, "buffer": b"something else"})
    page.wait_for_function(
        "!document.querySelector('[role=status]').textContent.includes('opened')"
    )
    assert page.locator("[data-part=search]").is_hidden()
    chosen.set_input_files({**given, "buffer": browser_network("face_classifier")})
    says(page, "The network is loaded.")


TRACK = "document.querySelector('[data-part=video]').srcObject?.getTracks()[0].readyState"


def test_the_camera_gives_a_photograph_and_is_let_go_when_the_figure_is_left(
    site, browser, tmp_path
):
    with seeing_the_astronaut(browser, tmp_path) as other:
        page = site(using=other, clock=True)
        page.locator("[data-part=camera]").click()
        says(page, "The camera is on.")
        page.evaluate("globalThis.first = document.querySelector('video').srcObject")
        page.locator("[data-part=camera]").click()
        says(page, "Your photograph, 320 × 240 pixels")
        assert page.evaluate("first.getTracks()[0].readyState") == "ended"
        page.locator("[data-part=camera]").click()
        says(page, "The camera is on.")
        assert page.evaluate(TRACK) == "live"
        page.evaluate("globalThis.first = document.querySelector('video').srcObject")
        page.evaluate("scrollTo(0, 4000)")
        page.wait_for_timeout(200)
        page.clock.fast_forward(4_000)
        says(page, "You left the figure, so the camera is off.")
        assert page.evaluate("first.getTracks()[0].readyState") == "ended"
        page.context.close()
