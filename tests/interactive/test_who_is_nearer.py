"""Who is nearer? Its measures and cosines against the package, and a reader's photographs."""

import io
from functools import cache

import numpy as np
import pytest
import skimage.data
from figures import PHOTOGRAPHS, Quick
from live_figures import drawn
from PIL import Image

from facebook_tut.alignment import align
from facebook_tut.corruption import add_noise, cover, darken, defocus
from facebook_tut.export import browser_network
from facebook_tut.interactive import who_is_nearer
from facebook_tut.preprocessing import quality
from facebook_tut.pretrained import LIMITS, THRESHOLD

RNG = np.random.default_rng(0)
ASTRONAUT = skimage.data.astronaut()
FACE = align(ASTRONAUT, np.array([[203.0, 100.7], [246.0, 102.6]]))  # (64, 64, 3)
SITE = "https://book.test/"  # a camera wants a secure page


def quick(photographs=PHOTOGRAPHS, **options):
    return who_is_nearer(photographs, recognizer=Quick(), **options)


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


# Values


@pytest.mark.parametrize(
    ("kind", "image"),
    [
        ("", FACE),
        ("too dark", darken(FACE, 0.05)),
        ("too noisy", add_noise(FACE, 0.1)),
        ("too blurred", defocus(FACE, 3)),
        ("too covered", cover(FACE, 0.4)),
        ("too grey", np.repeat(FACE.mean(axis=2, keepdims=True), 3, axis=2)),
        ("", RNG.random((64, 64, 3))),
        ("", np.zeros((64, 64, 3))),
    ],
)
def test_measures_and_reasons_are_those_of_the_package(javascript, kind, image):
    image = np.asarray(image, np.float32)
    given = {"values": image.ravel().tolist(), "limits": LIMITS, "size": 90}
    asked = "((face) => [quality(face, size), beyond(quality(face, size), limits)])"
    asked += "({ data: Float32Array.from(values), shape: [64, 64, 3] })"
    measures, reasons = javascript("who_is_nearer", asked, **given)
    own = quality(image, size=90)
    for name, value in measures.items():
        assert value == pytest.approx(getattr(own, name), abs=1e-6), name
    assert tuple(reasons) == own.beyond(LIMITS)
    assert kind in ("", *reasons)


def test_a_pair_is_judged_by_the_threshold_and_by_its_reasons(javascript):
    photos = [{"name": n, "reasons": r} for n, r in (("=a", []), ("b", []), ("c", ["too grey"]))]
    photos = [{**photo, "index": k} for k, photo in enumerate(photos)]
    data = {"cosines": [[1, 0.4196, 0.9], [0.4196, 1, 0.2], [0.9, 0.2, 1]]}
    data["rates"] = [[0.29, "1 %"], [0.42, "0.1 %"]]
    given = {"data": data, "photos": photos}
    asked = "[sentence({ data, photos, threshold: .42 }), csv(data, photos, .42)]"
    told, file = javascript("who_is_nearer", asked, **given)
    assert "A and B: 0.41, below the threshold." in told  # not 0.42, which would be above
    assert "A and C: 0.90, not judged." in told and "C is not judged: too grey." in told
    lines = file.split("\r\n")
    assert lines[1] == '"A =a",,0.420,0.900,""' and lines[3].endswith('"too grey"')
    rates = javascript("who_is_nearer", "[.2, .29, .5].map((t) => rate(data, t))", **given)
    assert [rate.split(" of")[0] for rate in rates] == [
        "More than 1 %",
        "At most 1 %",
        "At most 0.1 %",
    ]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"photographs": PHOTOGRAPHS[:1]}, ValueError, "photographs must be from 2 to 6"),
        ({"photographs": PHOTOGRAPHS[:, :32]}, ValueError, r"photographs\[0\] must have sides"),
        ({"photographs": PHOTOGRAPHS[..., 0]}, ValueError, r"photographs\[0\] must have shape"),
        ({"photographs": PHOTOGRAPHS + 2}, ValueError, r"photographs\[0\] must"),
        ({"names": ["a"]}, ValueError, "names must be 4 words"),
        ({"eyes": [1]}, TypeError, "eyes must be a dict"),
        ({"eyes": {4: [[1, 1], [9, 9]]}}, ValueError, "eyes must have keys from 0 to 3"),
        ({"eyes": {0: [[1, 1], [1, 1]]}}, ValueError, r"eyes\[0\] must be two positions"),
        ({"eyes": {0: [[1, 1], [1, 999]]}}, ValueError, r"eyes\[0\] must be two positions"),
        ({"threshold": 2}, ValueError, "threshold must be a number from 0 to 1"),
    ],
)
def test_what_is_wrong_is_told(options, error, words):
    with pytest.raises(error, match=words):
        quick(**options)


def test_a_photograph_without_a_face_and_another_network_are_told_of(monkeypatch):
    monkeypatch.setattr(Quick, "detect", lambda self, picture: [])
    with pytest.raises(ValueError, match=r"photographs\[0\] must show a face that is found"):
        quick()
    monkeypatch.setattr(Quick, "fingerprint", "another", raising=False)
    monkeypatch.setattr(Quick, "name", "another one", raising=False)
    with pytest.raises(ValueError, match="recognizer must have the network that ships"):
        quick()


# In the page

HTML = """<!doctype html><html data-content_root="../"><meta charset="utf-8"><title>Test</title>
<body>{body}</body></html>"""


@cache
def example():
    """Return the page of the figure as the book's build draws it."""
    return HTML.format(body=drawn(who_is_nearer()._repr_html_()))


@pytest.fixture(scope="module")
def context(browser):
    """One window for all tests of this file: its cache keeps nothing."""
    context = browser.new_context(permissions=["camera"])
    yield context
    context.close()


@pytest.fixture
def site(context):
    """A function that opens the figure's page, with all that it has asked for."""
    pages = []

    def open_(before="", networks=True):
        page = context.new_page()
        pages.append(page)
        page.asked, page.wrong = [], []
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))

        def answer(route):
            page.asked.append(route.request.url.removeprefix(SITE))
            name = page.asked[-1].rpartition("/")[2].removesuffix(".bin")
            if page.asked[-1] == "book/page.html":
                route.fulfill(body=example(), content_type="text/html")
            elif networks and page.asked[-1].endswith(".bin"):
                route.fulfill(body=browser_network(name), content_type="application/octet-stream")
            else:
                route.fulfill(status=404, body="no")

        page.route("https://**/*", answer)
        page.add_init_script(before or ";")
        page.goto(f"{SITE}book/page.html")
        return page

    yield open_
    wrong = [error for page in pages for error in page.wrong]
    for page in pages:
        page.close()
    assert wrong == []


REST = """() => {
  const stop = document.querySelector("[data-do=stop]"); // there while something is done
  globalThis.rested = new Promise((resolve) => new MutationObserver(() => stop.hidden && resolve())
    .observe(stop, { attributes: true }));
}"""


def choose(page, *files):
    """Open files, each a name, a kind and bytes, and wait until the figure is done with them."""
    given = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    page.evaluate(REST)
    page.locator("[data-part=files]").set_input_files(given)
    page.evaluate("() => rested")
    return page.locator(".ft-status").inner_text()


def cosine(page, i, j):
    text = page.locator(f"[data-slot=cell_{i}_{j}]").text_content()
    return float(text.strip("()").replace("−", "-"))


MATRIX = "async () => await (globalThis.saved)"
SAVING = """URL.createObjectURL = ((own) => (blob) => {
  if (blob.type === "text/csv") globalThis.saved = blob.text();
  return own.call(URL, blob);
})(URL.createObjectURL);"""


def test_cosines_are_those_of_the_recogniser_and_nothing_but_weights_is_asked_for(site):
    from facebook_tut.pipeline import Recognizer

    page = site(SAVING)
    assert page.asked == ["book/page.html"]
    pictures = [ASTRONAUT, np.ascontiguousarray(ASTRONAUT[:300, 80:400, ::-1])]  # other colours
    files = [(f"{k}.png", "image/png", png(one)) for k, one in enumerate(pictures)]
    assert choose(page, *files) == "A face was found in B."
    page.locator("[data-do=save]").click()
    value = float(page.evaluate(MATRIX).splitlines()[1].split(",")[2])
    found = [Recognizer().faces(picture)[0].embedding for picture in pictures]
    assert value == pytest.approx(found[0] @ found[1], abs=0.005)
    networks = ["_static/networks/mtcnn.bin", "_static/networks/face_embedder.bin"]
    assert page.asked == ["book/page.html", *networks]
    before = cosine(page, 0, 1)
    eye = page.locator("[data-eye='0 0']")
    eye.focus()
    for _ in range(4):
        eye.press("Shift+ArrowDown")
    page.wait_for_function(
        "before => ![`${before}`, '–'].includes("
        "document.querySelector('[data-slot=cell_0_1]').textContent)",
        arg=f"{before:.2f}",
    )
    assert cosine(page, 0, 1) < before
    page.locator("[data-do='found 0']").click()  # back to the five points
    page.wait_for_function(
        "before => document.querySelector('[data-slot=cell_0_1]').textContent === before",
        arg=f"{before:.2f}",
    )


def test_bad_files_are_told_of_and_many_leave_nothing_behind(site):
    page = site()
    text = ("notes.txt", "text/plain", b"no picture at all")
    assert "notes.txt: The browser cannot read this file as a picture." in choose(page, text)
    blank = ("blank.png", "image/png", png(np.full((40, 40, 3), 128, np.uint8)))
    said = choose(page, blank)
    assert said == "No face was found in A. Put its two rings on the eyes."
    session = page.context.new_cdp_session(page)

    def heap():
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"]

    several = [blank] * 6
    before = heap()
    for _ in range(8):  # fifty with the two above
        page.locator("[data-do=forget]").click()
        choose(page, *several)
    page.locator("[data-do=forget]").click()
    assert heap() - before < 3e6
    assert page.locator(".ft-card").count() == 4  # the example again


def test_the_reader_picks_one_of_several_faces_and_drags_an_eye(site):
    page = site()
    two = np.hstack([ASTRONAUT[:220, 110:340], ASTRONAUT[:220, 110:340, ::-1]])
    assert choose(page, ("two.png", "image/png", png(two))).startswith("2 faces were found in A.")
    faces = page.locator(".ft-face")
    frame = page.locator("[data-slot=frame_0]")
    first = frame.get_attribute("d")
    faces.nth(1).evaluate("one => one.click()")
    assert frame.get_attribute("d") != first
    pressed = [face.get_attribute("aria-pressed") for face in faces.all()]
    assert pressed == ["false", "true"]
    crop, told = page.locator("[data-slot=crop_0]"), page.locator("[data-slot=told_0]")
    before = crop.get_attribute("src")
    assert told.inner_text() == "aligned by five points"
    box = page.locator("[data-eye='0 1']").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 4, y + 6)
    page.mouse.up()
    assert told.inner_text() == "aligned by two eyes"
    assert crop.get_attribute("src") != before


STREAMS = """globalThis.streams = [];
const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (...given) => {
  const stream = await asked(...given);
  streams.push(...stream.getTracks());
  return stream;
};"""


def test_the_camera_is_let_go_when_a_picture_is_taken_or_the_figure_left(site):
    page = site(STREAMS, networks=False)
    state = "streams.map((one) => one.readyState)"
    for k, leave in enumerate(("take", "close", "pagehide")):
        page.locator("[data-do=camera]").click()
        page.wait_for_selector("video", state="visible")
        assert page.evaluate(state)[k] == "live"
        if leave == "pagehide":
            page.evaluate("dispatchEvent(new Event('pagehide'))")
        else:
            page.locator(f"[data-do={leave}]").click()
        page.wait_for_selector("video", state="hidden")
        assert page.evaluate(state)[k] == "ended"


def test_no_camera_is_told(site):
    page = site("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    page.locator("[data-do=camera]").click()
    said = page.locator(".ft-status")
    page.wait_for_function("document.querySelector('.ft-status').innerText.includes('camera')")
    assert "cannot use a camera" in said.inner_text()
    assert page.locator(".ft-status").get_attribute("role") == "status"
    assert float(page.locator("[data-dial=threshold]").input_value()) == THRESHOLD
