"""The photo recogniser: what Python answers, and a browser with a file and a simulated camera."""

import base64
import io
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from facebook_tut import _live
from facebook_tut.detection import Detection
from facebook_tut.interactive.photos import FOLDER, _words, photo_recognizer
from facebook_tut.matching import Gallery
from facebook_tut.pipeline import Face, Recognition

SCRIPT = FOLDER / "figure.js"


class Squares:
    """A recogniser of plain squares: each bright one is a face, and its colour its embedding."""

    threshold, least_quality = 0.9, 0.2

    def __init__(self):
        self.gallery, self.seen = Gallery(), []

    def faces(self, picture):
        self.seen.append(picture)
        if min(picture.shape[:2]) < 20:
            raise ValueError("picture must be large enough")
        lit = picture.max(axis=2) > 128
        columns = np.flatnonzero(lit.any(axis=0))
        groups = np.split(columns, np.flatnonzero(np.diff(columns) > 3) + 1) if len(columns) else []
        return [self._face(picture, lit, group) for group in groups]

    def _face(self, picture, lit, columns):
        rows = np.flatnonzero(lit[:, columns].any(axis=1))
        box = Detection(rows[0], columns[0], len(columns), 1.0, 1.0).box
        colour = picture[int(np.mean(rows)), int(np.mean(columns))].astype(float)
        score = 0.1 if len(columns) < 12 else 1.0
        quality = SimpleNamespace(score=score)
        return Face(box, None, None, quality, colour / np.linalg.norm(colour))

    def embedding(self, picture):
        found = self.faces(picture)
        if len(found) != 1:
            raise ValueError(f"picture must show one face, {len(found) or 'no face'} found")
        return found[0].embedding

    def enrol(self, name, picture):
        self.gallery.enrol(name, self.embedding(picture))

    def update(self, name, picture):
        self.gallery.update(name, self.embedding(picture))

    def identify(self, picture):
        return [self._recognise(face) for face in self.faces(picture)]

    def _recognise(self, face):
        if not len(self.gallery):
            return Recognition(face, None, None, "empty gallery")
        [[best]] = self.gallery.identify(face.embedding[None], threshold=-1)
        if face.quality.score < self.least_quality:
            return Recognition(face, None, best.score, "low quality")
        if best.score < self.threshold:
            return Recognition(face, None, best.score, "unknown")
        return Recognition(face, best.name, best.score, "")


def test_a_condition_without_a_threshold_is_told():
    answer = Recognition(None, None, 0.5, "too grey, too dark")
    assert _words(answer, 0.4) == "no name: too grey, too dark"


def squares(*colours, edge=40, mode="RGB"):
    """Return a picture with a square of each colour on black, 100 pixels apart."""
    picture = np.zeros((80, 100 * max(1, len(colours)), 3), np.uint8)
    for k, colour in enumerate(colours):
        picture[20 : 20 + edge, 100 * k + 30 : 100 * k + 30 + edge] = colour
    return Image.fromarray(picture).convert(mode)


def encoded(picture, kind="png"):
    """Return a picture's file as bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def uri(picture):
    """Return a picture as the page sends it."""
    return "data:image/png;base64," + base64.b64encode(encoded(picture)).decode()


RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.fixture
def photos():
    return photo_recognizer(Squares())


# What Python answers


def test_every_face_has_its_box_in_shares_of_the_picture(photos):
    answer = photos.look(uri(squares(RED, BLUE)))
    assert answer["said"] == "2 faces found."
    boxes = [face["box"] for face in answer["faces"]]
    np.testing.assert_allclose(boxes, [[0.25, 0.15, 0.75, 0.35], [0.25, 0.65, 0.75, 0.85]])
    assert [face["text"] for face in answer["faces"]] == ["nobody is enrolled yet"] * 2
    assert photos.picture.shape == (80, 200, 3) and photos.picture.dtype == np.uint8


def test_who_is_enrolled_is_named_and_nobody_else(photos):
    photos.look(uri(squares(RED)))
    answer = photos.enrol("  Ada ")
    assert answer["said"] == "Ada is enrolled."
    assert answer["known"] == "Enrolled: Ada."
    assert [face["text"] for face in answer["faces"]] == ["Ada, cosine 1.00"]
    answer = photos.look(uri(squares(GREEN, RED)))
    assert [face["text"] for face in answer["faces"]] == [
        "unknown: nearest cosine 0.00, threshold 0.90",
        "Ada, cosine 1.00",
    ]
    assert repr(photos) == "<photo_recognizer: 1 enrolled>"


def test_a_second_photograph_of_somebody_is_merged(photos):
    for colour in (RED, GREEN):
        photos.look(uri(squares(colour)))
        photos.enrol("Ada")
    assert photos.recognizer.gallery.names == ("Ada",)
    template = photos.recognizer.gallery.template("Ada")
    np.testing.assert_allclose(template, [0.5**0.5, 0.5**0.5, 0], atol=1e-6)


def test_a_poor_face_says_so(photos):
    photos.look(uri(squares(RED)))
    photos.enrol("Ada")
    [face] = photos.look(uri(squares(RED, edge=8)))["faces"]
    assert face["text"] == "not named: too small, dark, pale or blurred (quality 0.10)"


@pytest.mark.parametrize(
    ("colours", "name", "words"),
    [
        ((), "Ada", "Not enrolled: picture must show one face, no face found."),
        ((RED, BLUE), "Ada", "Not enrolled: picture must show one face, 2 found."),
        ((RED,), "  ", "Not enrolled: name must not be blank, got ''."),
    ],
)
def test_what_cannot_be_enrolled_says_why(photos, colours, name, words):
    photos.look(uri(squares(*colours)))
    answer = photos.enrol(name)
    assert answer["said"] == words
    assert len(answer["faces"]) == len(colours)
    assert len(photos.recognizer.gallery) == 0


def test_nothing_is_enrolled_before_there_is_a_photograph(photos):
    answer = photos.enrol("Ada")
    assert answer["said"] == "Choose a photograph first."
    assert answer["known"] == "Nobody is enrolled."


def test_no_face_and_too_small_a_picture_are_answers(photos):
    answer = photos.look(uri(squares()))
    assert answer["said"].startswith("No face found.") and answer["faces"] == []
    answer = photos.look(uri(Image.new("RGB", (10, 10))))
    assert answer["said"] == "This cannot be searched: picture must be large enough."


def test_forgetting_leaves_nothing(photos):
    photos.look(uri(squares(RED)))
    photos.enrol("Ada")
    answer = photos.forget()
    assert answer["known"] == "Nobody is enrolled." and answer["faces"] == []
    assert photos.picture is None and len(photos.recognizer.gallery) == 0
    assert photos.enrol("Ada")["said"] == "Choose a photograph first."


# Whatever happens, there is an answer


def asked(photos, do, *values):
    """Return what the page gets; it is always of this form."""
    answer = photos._receive({"do": do, "with": list(values)})
    assert sorted(answer) == ["faces", "known", "said"]
    assert re.fullmatch(r"[A-Z0-9].*\.", answer["said"])  # a sentence, on one line
    return answer["said"]


def data(content, kind="png"):
    return f"data:image/{kind};base64," + base64.b64encode(content).decode()


WHOLE = encoded(squares(RED), "jpeg")
BROKEN = {
    "no data": ("data:,", "This photograph cannot be read: it is empty, or too narrow"),
    "nothing": ("", "This photograph cannot be read: it is empty"),
    "an empty file": (data(b""), "This photograph cannot be read: it is empty"),
    "no picture": (data(b"some notes"), "This photograph cannot be read: it is no picture."),
    "no base64": ("data:image/png;base64,abc", "This photograph cannot be read: Incorrect padding"),
    "beyond ASCII": ("data:image/png;base64,é", "This photograph cannot be read: string argument"),
    "cut off": (data(WHOLE[: len(WHOLE) // 2]), "This photograph cannot be read: it is damaged."),
    "a broken PNG": (data(encoded(squares(RED))[:60]), "This photograph cannot be read: it is"),
    "too large": (uri(Image.new("1", (6000, 6000))), "it is too large, 6000 × 6000 pixels."),
    "a bomb": (uri(Image.new("1", (20_000, 20_000))), "This photograph cannot be read: it is too"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_photograph_that_cannot_be_read_says_so_and_is_not_the_one_before(photos, case):
    photo, words = BROKEN[case]
    assert asked(photos, "look", uri(squares(RED))) == "1 face found."
    assert words in asked(photos, "look", photo)
    assert asked(photos, "enrol", "Ada") == "Choose a photograph first."
    assert asked(photos, "look", uri(squares(RED))) == "1 face found."


@pytest.fixture(scope="module")
def real(build_quick_embedder):
    """The package's own recogniser, with its own detector."""
    from facebook_tut.pipeline import Recognizer

    return Recognizer(build_quick_embedder(8))


@pytest.mark.parametrize("size", [(1, 1), (5000, 1), (1, 5000), (23, 23), (5000, 30)])
def test_a_picture_of_any_form_is_answered(real, size):
    photos = photo_recognizer(real)
    said = asked(photos, "look", uri(Image.new("RGB", size)))
    assert "cannot be searched" in said or "No face found." in said
    assert asked(photos, "enrol", "Ada").startswith("Not enrolled: ")
    assert len(real.gallery) == 0


FAULTS = {
    "memory": (MemoryError(), "There is not enough memory for this photograph."),
    "stop": (KeyboardInterrupt(), "This was stopped."),
    "own": (RuntimeError("the network\nis gone"), "(RuntimeError: the network is gone)."),
    "wordless": (ZeroDivisionError(), "Something went wrong in Python (ZeroDivisionError)."),
    "type": (TypeError("picture must be uint8"), "This cannot be searched: picture must be uint8."),
}


@pytest.mark.parametrize("case", FAULTS)
def test_any_error_of_the_recogniser_is_answered_and_the_next_photograph_is_found(
    photos, monkeypatch, case
):
    def fail(picture):
        raise error

    error, words = FAULTS[case]
    with monkeypatch.context() as patch:
        patch.setattr(photos.recognizer, "faces", fail)
        assert words in asked(photos, "look", uri(squares(RED)))
        said = asked(photos, "enrol", "Ada")
        assert words in said or "Not enrolled: picture must be uint8." in said
    assert asked(photos, "look", uri(squares(RED))) == "1 face found."
    assert asked(photos, "enrol", "Ada") == "Ada is enrolled."


MESSAGES = (
    None,
    "look",
    [],
    {},
    {"do": "look"},
    {"do": "look", "with": []},
    {"do": "look", "with": None},
    {"do": "look", "with": [None]},
    {"do": "look", "with": [3]},
    {"do": "look", "with": "a"},
    {"do": "enrol", "with": ["Ada", "Eve"]},
    {"do": "enrol", "with": [["Ada"]]},
    {"do": "forget", "with": ["Ada"]},
    {"do": "_receive", "with": ["Ada"]},
    {"do": ["look"], "with": [""]},
    {"do": None, "with": []},
)


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_a_message_of_another_form_is_answered(photos, message):
    photos.look(uri(squares(RED)))
    answer = photos._receive(message)
    assert answer["said"] == "The page asked for something unknown. Run its cell again."
    assert photos.picture is not None and len(photos.recognizer.gallery) == 0


@pytest.mark.parametrize("name", ["", " \t", "Ada\x1b[31m", "Ada\0", "\ud800", "Ada\nEve"])
def test_a_name_that_is_none_is_not_enrolled_or_tidied(photos, name):
    photos.look(uri(squares(RED)))
    said = asked(photos, "enrol", name)
    assert said.startswith("Not enrolled: ") or photos.recognizer.gallery.names == ("Ada Eve",)
    assert asked(photos, "enrol", "Ada") == "Ada is enrolled."


def test_whom_somebody_else_has_just_removed_can_be_forgotten(photos, monkeypatch):
    photos.look(uri(squares(RED)))
    photos.enrol("Ada")
    monkeypatch.setattr(Gallery, "names", property(lambda gallery: ("Eve", *gallery._people)))
    said = asked(photos, "forget")
    assert said.startswith("Everybody is forgotten") and len(photos.recognizer.gallery) == 0


def test_an_answer_carries_the_number_of_its_request(photos):
    message = {"do": "look", "with": [uri(squares(RED))], "number": 7}
    assert photos._receive(message)["number"] == 7
    assert photos._receive({"number": 8})["number"] == 8


# The still and the widget


def test_the_still_says_who_is_enrolled_and_is_always_the_same(photos):
    photos.recognizer.gallery.enrol("<b>Ada</b> & co", [1, 0, 0])
    html = photos._repr_html_()
    assert "Enrolled: &lt;b&gt;Ada&lt;/b&gt; &amp; co." in html and "http" not in html
    assert html == photos._repr_html_()
    bundle, _ = photos._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]


def test_the_widget_answers_and_keeps_nothing(photos, monkeypatch):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    sent, widget = [], photos.widget
    monkeypatch.setattr(widget, "send", sent.append)
    before = widget.get_state()
    photo = uri(squares(RED))
    for message in (
        {"do": "look", "with": [photo]},
        {"do": "enrol", "with": ["Ada"]},
        {"do": "forget", "with": []},
    ):
        widget._handle_custom_msg(message, [])  # what the page's message does
    said = [answer["said"] for answer in sent]
    assert said[:2] == ["1 face found.", "Ada is enrolled."] and "forgotten" in said[2]
    assert widget.get_state() == before  # no photograph, no name


# The page in a browser


HOST = """
<div id="cell"></div>
<script type="module">{script}
const heard = [];
const model = {{
  get: () => document.querySelector("#markup").innerHTML,
  on: (event, listener) => heard.push(listener),
  send: async (message) => {{
    const answer = await window.python(message);
    heard.forEach((listener) => listener(answer));
  }},
}};
const el = document.querySelector("#cell");
window.begin = () => {{ window.end = photos.render({{ model, el }}); }};
</script>
<template id="markup">{markup}</template>"""


@pytest.fixture(scope="module")
def answering():
    """Who answers a page: no page forgets a function that it was given, but each is used again."""
    return {}


@pytest.fixture
def page(photos, open_page, answering):
    """The widget's page, its messages answered by `photos`."""
    source = _live.script(SCRIPT).replace("export default {", "const photos = {")
    markup = photos._repr_html_().partition("</style>")[2].removesuffix("</div>")
    style = f"<style>{_live.style(SCRIPT.with_suffix('.css'))}</style>"
    page = open_page(style + HOST.format(script=source, markup=markup), reduced_motion="reduce")
    if page not in answering:
        page.expose_function("python", lambda message: answering[page]._receive(message))
    answering[page] = photos
    page.evaluate("begin()")
    return page


def choose(page, picture, kind="png", name="photo.png"):
    file = {"name": name, "mimeType": f"image/{kind}", "buffer": encoded(picture, kind)}
    page.locator("[type=file]").set_input_files(file)


def said(page, words):
    """Wait until the page says these words."""
    page.locator("[data-part=said]").filter(has_text=words).wait_for()
    return page.locator("[data-part=faces] li").all_text_contents()


def test_a_file_is_shown_boxed_enrolled_named_and_forgotten(page, photos):
    assert page.locator("[data-part=note]").count() == 0  # only the still has it
    choose(page, squares(RED))
    assert said(page, "1 face found.") == ["nobody is enrolled yet"]
    picture = page.locator("[data-part=picture]").bounding_box()
    box = page.locator("[data-part=boxes] b").bounding_box()
    for side, size, low, high in (("x", "width", 0.3, 0.7), ("y", "height", 0.25, 0.75)):
        assert box[side] == pytest.approx(picture[side] + low * picture[size], abs=2)
        assert box[size] == pytest.approx((high - low) * picture[size], abs=4)
    page.locator("[data-part=name]").fill("Ada")
    page.keyboard.press("Enter")
    assert said(page, "Ada is enrolled.") == ["Ada, cosine 1.00"]
    assert page.locator("[data-part=known]").text_content().strip() == "Enrolled: Ada."
    choose(page, squares(GREEN, RED))
    assert [text.partition(",")[0] for text in said(page, "2 faces found.")][1] == "Ada"
    page.get_by_role("button", name="Forget everybody").click()
    assert said(page, "forgotten") == []
    assert not page.locator("[data-part=picture]").is_visible()
    assert photos.picture is None


def test_names_are_shown_as_text(page):
    choose(page, squares(RED))
    said(page, "1 face found.")
    page.locator("[data-part=name]").fill("<img src=x>")
    page.get_by_role("button", name="Enrol this face").click()
    assert said(page, "is enrolled.") == ["<img src=x>, cosine 1.00"]


def test_a_large_file_is_sent_small_upright_and_on_white(page, photos):
    turned = squares(RED).resize((2000, 1600)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    buffer = io.BytesIO()
    turned.save(buffer, "jpeg", exif=exif, quality=95)
    page.locator("[type=file]").set_input_files(
        {"name": "turned.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
    )
    said(page, "1 face found.")
    assert photos.picture.shape == (1280, 1600, 3)
    rows, columns = np.nonzero(photos.picture[..., 0] > 128)
    middle = rows.mean() / 1280, columns.mean() / 1600
    assert middle == pytest.approx((0.5, 0.5), abs=0.01)
    clear = squares(RED, mode="RGBA")
    clear.putalpha(0)
    choose(page, clear)
    page.wait_for_function("document.querySelector('[data-part=picture]').naturalWidth === 100")
    said(page, "1 face found.")  # all is white
    assert photos.picture.min() > 250


def test_a_file_that_is_no_picture_says_so(page, photos):
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.locator("[type=file]").set_input_files(file)
    said(page, "This file cannot be shown:")
    assert photos.recognizer.seen == []


def test_a_picture_of_one_row_is_answered(page, photos):
    choose(page, Image.new("RGB", (5000, 1)))
    said(page, "This cannot be searched: picture must be large enough.")
    assert photos.picture.shape == (1, 1600, 3)
    choose(page, squares(RED))
    said(page, "1 face found.")


def test_the_answer_to_the_photograph_before_is_not_drawn_on_this_one(page):
    """Python answers in order; both wait until both were asked."""
    page.evaluate(
        "() => { const python = window.python, wait = []; window.go = () => wait.forEach(f => f());"
        "window.python = async (message) => { const answer = await python(message);"
        "await new Promise(resolve => wait.push(resolve)); return answer; };"
        "window.said = []; new MutationObserver(() => said.push("
        "document.querySelector('[data-part=said]').textContent)).observe("
        "document.querySelector('[data-part=said]'), {childList: true}); }"
    )
    choose(page, squares(RED, GREEN))
    page.wait_for_function("document.querySelector('[data-part=picture]').naturalWidth === 200")
    choose(page, squares(RED))
    page.wait_for_function("document.querySelector('[data-part=picture]').naturalWidth === 100")
    page.wait_for_function("go.length === 0 && (go(), said.at(-1).includes('found'))")
    assert "2 faces found." not in page.evaluate("said")
    assert page.locator("[data-part=boxes] b").count() == 1


def test_no_answer_is_said_after_a_minute(page):
    page.evaluate(
        "() => { window.python = () => new Promise(() => {});"
        "window.setTimeout = (act, wait) => { if (wait === 60000) window.late = act; }; }"
    )
    choose(page, squares(RED))
    said(page, "…")
    page.evaluate("late()")
    said(page, "No answer yet. Is Python busy? Else run the cell again.")


def test_the_camera_takes_a_picture_and_goes_off(page, photos):
    button, video = page.locator("[data-part=camera]"), page.locator("video")
    assert not video.is_visible()
    button.click()
    page.get_by_role("button", name="Take the picture").wait_for()
    assert video.is_visible()
    page.evaluate("window.track = document.querySelector('video').srcObject.getTracks()[0]")
    button.click()
    page.wait_for_function("document.querySelector('[data-part=said]').textContent.length > 1")
    assert page.evaluate("track.readyState") == "ended"
    assert not video.is_visible() and button.text_content() == "Use the camera"
    sides = page.evaluate(
        "(({ naturalHeight, naturalWidth }) => [naturalHeight, naturalWidth])"
        "(document.querySelector('[data-part=picture]'))"
    )
    assert photos.picture.shape == (*sides, 3)
    assert np.ptp(photos.picture) > 100  # the test picture, not a black frame


@pytest.mark.parametrize("way", ["close", "the cell is cleared"])
def test_the_camera_goes_off_without_a_picture(page, photos, way):
    page.locator("[data-part=camera]").click()
    page.get_by_role("button", name="Take the picture").wait_for()
    page.evaluate("window.track = document.querySelector('video').srcObject.getTracks()[0]")
    if way == "close":
        page.get_by_role("button", name="Close it").click()
    else:
        page.evaluate("end()")
    assert page.evaluate("track.readyState") == "ended"
    assert photos.picture is None


def test_a_camera_that_is_refused_says_so(page):
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('Permission denied', 'NotAllowedError')); }"
    )
    page.locator("[data-part=camera]").click()
    said(page, "The camera cannot be used: Permission denied.")
    assert not page.locator("video").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800])
def test_the_still_fits_and_its_controls_are_off(photos, open_page, width, scheme):
    size = {"width": width, "height": 900}
    page = open_page(photos, viewport=size, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("input, button").all():
        assert control.is_disabled()
    assert "running notebook" in page.locator("[data-part=note]").text_content()
