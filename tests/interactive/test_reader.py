"""What a reader may give the figures with a network, and what each says of it; and their memory."""

import io
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
from cameras import seeing_the_astronaut
from figures import FIGURES
from live_figures import drawn
from PIL import Image

from facebook_tut.export import browser_network
from facebook_tut.interactive import who_is_nearer

SITE = "https://book.test/"  # a camera wants a secure page
HTML = """<!doctype html><html data-content_root="../"><meta charset="utf-8"><title>Test</title>
<body>%s</body></html>"""
ASTRONAUT = skimage.data.astronaut()
BLANK = np.full((60, 80, 3), 128, np.uint8)
OWN = SimpleNamespace(
    name="own_photograph",
    file="[data-part=file]",
    camera="[data-part=camera]",
    load="[data-part=load]",
    networks=["face_classifier"],
)
NEARER = SimpleNamespace(
    name="who_is_nearer",
    file="[data-part=files]",
    camera="[data-do=camera]",
    load="[data-do=load]",
    networks=["mtcnn", "face_embedder"],
)
BOTH = pytest.mark.parametrize("figure", [OWN, NEARER], ids=lambda figure: figure.name)


@cache
def html(name):
    """Return the page of a figure as the book's build draws it."""
    figure = who_is_nearer() if name == "who_is_nearer" else FIGURES[name]()
    return HTML % drawn(figure._repr_html_())


@pytest.fixture
def site(browser):
    """A function that opens a figure's page: the sentences of its status, and what it asked for."""
    contexts = []

    def open_(figure, before="", networks=None, using=browser):
        contexts.append(using.new_context(permissions=["camera"]))
        page, asked, wrong = contexts[-1].new_page(), [], []
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.networks = networks or {name: browser_network(name) for name in figure.networks}

        def answer(route):
            asked.append(route.request.url.removeprefix(SITE))
            name = asked[-1].rpartition("/")[2].removesuffix(".bin")
            if name in page.networks:
                route.fulfill(body=page.networks[name], content_type="application/octet-stream")
            elif asked[-1].endswith(".html"):
                route.fulfill(body=html(figure.name), content_type="text/html")
            else:
                route.fulfill(status=404, body="no")

        page.route("**/*", answer)
        page.add_init_script(before or ";")
        page.goto(f"{SITE}book/page.html")
        page.locator(f"{figure.load}:enabled").wait_for()
        page.asked, page.wrong = asked, wrong
        return page

    yield open_
    wrong = [error for context in contexts for page in context.pages for error in page.wrong]
    for context in contexts:
        context.close()
    assert wrong == []


def says(page, text):
    page.locator("[role=status]").get_by_text(text).wait_for()


def file_of(picture, kind="PNG", **options):
    """Return a picture as a file that a reader may choose."""
    file = io.BytesIO()
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture.save(file, kind, **options)
    return {
        "name": f"own.{kind.lower()}",
        "mimeType": f"image/{kind.lower()}",
        "buffer": file.getvalue(),
    }


def choose(page, figure, file):
    page.locator(figure.file).set_input_files(file)


# The camera

REFUSING = """navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("", "%s");
};"""


@BOTH
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotAllowedError", "The camera was refused. Allow it for this page in the browser’s"),
        ("NotFoundError", "There is no camera here. Choose a file instead."),
        ("NotReadableError", "The camera is in use by another program. Close that, or choose"),
    ],
)
def test_a_camera_that_cannot_be_used_is_told_of_and_a_file_still_opens(
    site, figure, error, sentence
):
    page = site(figure, REFUSING % error)
    page.locator(figure.camera).click()
    says(page, sentence)
    assert page.locator("video").is_hidden()
    assert page.locator(figure.file).is_enabled() and page.locator(figure.camera).is_enabled()


def test_a_face_before_the_camera_is_found_and_the_camera_let_go(site, browser, tmp_path):
    with seeing_the_astronaut(browser, tmp_path, width=640) as other:
        page = site(NEARER, using=other)
        page.locator(NEARER.camera).click()
        page.wait_for_function("document.querySelector('video').videoWidth === 640")
        page.evaluate("globalThis.track = document.querySelector('video').srcObject.getTracks()[0]")
        page.locator("[data-do=take]").click()
        says(page, "A face was found in A.")
        assert page.evaluate("track.readyState") == "ended"
        assert page.asked[1:] == [f"_static/networks/{name}.bin" for name in NEARER.networks]
        page.context.close()


# Files


@BOTH
@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_picture_is_told_of(site, figure, content):
    page = site(figure)
    choose(page, figure, {"name": "a.png", "mimeType": "image/png", "buffer": content})
    says(page, "The browser cannot read this file as a picture. Choose a JPEG, PNG or WebP file.")
    assert len(page.asked) == 1  # no network for that


SHOWN = "[...document.querySelectorAll('.ft-pixels img[alt*=hotograph]')].at(-1)"
SIDES = f"({SHOWN}).decode().then(() => [{SHOWN}.naturalWidth, {SHOWN}.naturalHeight])"


@BOTH
def test_a_picture_turned_by_its_note_stands_upright(site, figure):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    page = site(figure)
    choose(page, figure, file_of(BLANK, "JPEG", exif=exif))
    says(page, "60 × 80 pixels" if figure is OWN else "No face was found in A.")
    assert page.evaluate(SIDES) == [60, 80]


@BOTH
def test_fifty_megapixels_are_made_small_and_nothing_hangs(site, figure):
    page = site(figure)
    large = Image.new("RGB", (10_000, 5_000), (90, 120, 200))
    choose(page, figure, file_of(large, "JPEG", quality=30))
    says(page, "960 × 480 pixels" if figure is OWN else "No face was found in A.")
    width, height = page.evaluate(SIDES)
    assert (width, height) == ((960, 480) if figure is OWN else (480, 240))
    assert page.evaluate("new Promise((resolve) => requestAnimationFrame(() => resolve(1)))") == 1


# Faces: who_is_nearer with several and with none is in its own tests


def searched(page):
    page.locator("[data-part=search]").click()
    says(page, "Searched: ")
    return page.locator("[data-slot=count]").inner_text()


def test_a_search_finds_two_faces_and_says_if_there_is_none(site):
    page = site(OWN)
    page.locator(OWN.load).click()
    says(page, "The network is loaded.")
    face = Image.fromarray(ASTRONAUT[20:260, 100:340]).resize((160, 160))
    choose(page, OWN, file_of(np.hstack([face, face])))
    says(page, "Your photograph, 320 × 160 pixels")
    assert "boxes have at least" in searched(page)
    page.wait_for_function(  # one in each half
        """() => {
            const boxes = [...document.querySelectorAll(".ft-boxes b")];
            const lefts = boxes.map((one) => parseFloat(one.style.left));
            return Math.min(...lefts) < 40 && Math.max(...lefts) > 50;
        }"""
    )
    choose(page, OWN, file_of(BLANK))
    says(page, "Your photograph, 80 × 60 pixels")
    assert searched(page) == "No box has at least 5 votes."


# Browsers and networks


@BOTH
def test_without_workers_and_webassembly_the_figure_goes_on(site, figure):
    page = site(figure, "delete globalThis.Worker; delete globalThis.WebAssembly;")
    choose(page, figure, file_of(BLANK))
    says(page, "Your photograph" if figure is OWN else "No face was found in A.")
    if figure is NEARER:
        return
    page.locator(figure.load).click()
    says(page, "The network is loaded.")
    page.wait_for_function("document.querySelector('[data-stale]') === null")
    assert 0 <= float(page.locator("[data-slot=probability]").text_content()) <= 1


@BOTH
@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        (None, "is not on this site (404)."),
        (lambda content: content[:-9], "arrived damaged. Load it again."),
        (lambda content: b"<!doctype html>" * 9, "is not one of this book. Load it again."),
    ],
    ids=["missing", "cut short", "another file"],
)
def test_a_network_that_does_not_come_whole_is_told_of_and_can_be_asked_for_again(
    site, figure, spoiled, sentence
):
    name = figure.networks[0]
    given = {name: spoiled(browser_network(name))} if spoiled else {"other": b""}
    page = site(figure, networks=given)
    page.locator(figure.load).click()
    says(page, sentence)
    assert page.locator(figure.load).is_visible() and page.locator("progress").is_hidden()
    page.networks = {name: browser_network(name) for name in figure.networks}
    page.locator(figure.load).click()
    says(page, "loaded.")


@BOTH
def test_a_network_that_cannot_be_fetched_is_told_of(site, figure):
    page = site(figure)
    page.context.set_offline(True)
    page.unroute("**/*")
    page.locator(figure.load).click()
    says(page, "The network could not be loaded. Check the connection and try again.")


# Memory

MARGIN = 2e6  # bytes: two of these photographs are more


@BOTH
def test_memory_is_given_back_after_fifty_photographs(site, figure):
    page = site(figure)
    session = page.context.new_cdp_session(page)

    def memory():
        session.send("HeapProfiler.collectGarbage")
        used = session.send("Runtime.getHeapUsage")
        parts = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
        return sum(used[part] for part in parts)

    def take(k):
        picture = np.full((500, 500 + k, 3), 4 * k, np.uint8)  # 1 MB of pixels
        if figure is OWN:
            choose(page, figure, file_of(picture))
            return says(page, f"Your photograph, {500 + k} × 500 pixels")
        page.locator("[data-do=forget]").evaluate("one => one.click()")
        says(page, "An example")
        choose(page, figure, file_of(picture))
        return says(page, "No face was found in A.")

    page.locator(figure.load).click()
    says(page, "loaded.")
    early = [take(k) or memory() for k in range(5)][-1]
    late = [take(k) or k for k in range(5, 50)] and memory()
    assert late - early < MARGIN


# A reader who is quick, or goes on to something else

LAST = SimpleNamespace(
    name="last_layer",
    file="[data-files='1']",
    camera="[data-do=camera]",
    load="[data-do=step]",  # it loads its networks by itself
    networks=["face_classifier", "mtcnn"],
)
ALL = pytest.mark.parametrize("figure", [OWN, NEARER, LAST], ids=lambda figure: figure.name)
ASKING = """navigator.mediaDevices.getUserMedia = () =>
  new Promise((resolve) => (globalThis.allow = () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 9, 9);
    globalThis.stream = canvas.captureStream(30);
    resolve(stream);
  }));"""


@ALL
def test_a_camera_that_is_allowed_once_the_figure_is_left_stays_off(site, figure):
    page = site(figure, ASKING)
    page.clock.install()
    page.locator(figure.camera).click()
    says(page, "Waiting for the camera …")
    page.evaluate("document.body.style.paddingBottom = '9000px'; scrollTo(0, 8000)")
    page.wait_for_timeout(300)
    page.clock.fast_forward(9_000)
    says(page, "You left the figure, so the camera is off.")
    page.evaluate("allow()")
    page.wait_for_function("stream.getTracks()[0].readyState === 'ended'")


@ALL
def test_a_file_opens_while_the_browser_asks_for_the_camera(site, figure):
    page = site(figure, ASKING)
    page.locator(figure.camera).click()
    says(page, "Waiting for the camera …")
    choose(page, figure, file_of(BLANK))
    sentence = {"own_photograph": "Your photograph", "who_is_nearer": "No face was found in A."}
    says(page, sentence.get(figure.name, "0 photographs were added"))


def test_a_button_of_the_camera_that_is_pressed_twice_acts_once(site, browser, tmp_path):
    with seeing_the_astronaut(browser, tmp_path) as other:
        page = site(OWN, using=other)
        page.locator(OWN.camera).dblclick()
        says(page, "The camera is on.")
        page.locator(OWN.camera).dblclick()
        says(page, "Your photograph, 320 × 240 pixels")
        page.wait_for_timeout(500)
        assert page.locator("video").is_hidden()
        page.context.close()


def test_the_status_does_not_speak_of_what_is_gone(site, browser, tmp_path):
    with seeing_the_astronaut(browser, tmp_path) as other:
        page = site(NEARER, using=other)
        page.locator(NEARER.camera).click()
        says(page, "The camera is on.")
        page.locator("[data-do=close]").click()
        says(page, "The camera is off.")
        page.locator(NEARER.load).click()
        says(page, "The networks are loaded.")
        page.evaluate("dispatchEvent(new Event('pagehide'))")
        says(page, "You left the figure, so the networks are gone.")
        page.context.close()


@pytest.mark.parametrize(
    ("figure", "back", "shown"),
    [(NEARER, "forget", ".ft-card"), (LAST, "example", ".ft-item")],
    ids=["who_is_nearer", "last_layer"],
)
def test_what_still_waits_does_not_come_once_the_example_is_back(site, figure, back, shown):
    page = site(figure)
    cards = page.locator(shown)
    before = cards.count()
    choose(page, figure, file_of(ASTRONAUT))
    says(page, "A face was found in A." if figure is NEARER else "1 photograph was added")
    for _ in range(2):
        choose(page, figure, [file_of(ASTRONAUT[:, k:]) for k in range(3)])
    page.locator(f"[data-do={back}]").click()
    page.wait_for_timeout(200)
    page.locator("[data-do=stop]").wait_for(state="hidden")
    page.wait_for_timeout(1000)
    assert cards.count() == before
    assert "example" in page.locator("[role=status]").inner_text()


def test_an_eye_that_is_held_while_photographs_come_or_go_harms_nothing(site):
    page = site(NEARER)
    eye = page.locator("[data-eye='2 0']")
    eye.scroll_into_view_if_needed()
    box = eye.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    choose(page, NEARER, file_of(ASTRONAUT))
    says(page, "A face was found in A.")
    card = page.locator(".ft-card .ft-pixels").bounding_box()
    place = page.locator("[data-eye='0 0']").get_attribute("style")
    for k in range(4):
        page.mouse.move(card["x"] + 30 + 9 * k, card["y"] + 30)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.locator("[data-eye='0 0']").get_attribute("style") == place


def test_an_example_may_be_changed_or_removed_while_the_networks_take_it_in(site):
    held = """globalThis.decoded = [];
    HTMLImageElement.prototype.decode = ((own) => async function () {
      await new Promise((resolve) => decoded.push(resolve));
      return own.call(this);
    })(HTMLImageElement.prototype.decode);"""
    page = site(NEARER, held)
    count = page.locator(".ft-card").count()

    def waiting(number):
        page.wait_for_function(f"decoded.length === {number}")

    page.locator(NEARER.load).click()
    waiting(1)
    page.locator("[data-eye='0 0']").press("ArrowLeft")
    waiting(2)
    page.evaluate("decoded[1]()")
    page.locator("[data-do='found 0']").wait_for()
    place = page.locator("[data-eye='0 0']").get_attribute("style")
    page.wait_for_timeout(500)  # its embedding comes before the other photographs are read
    page.evaluate("decoded[0]()")
    waiting(3)
    page.locator("[data-do='remove 1']").click()
    for number in range(3, count + 2):
        waiting(number)
        page.evaluate(f"decoded[{number - 1}]()")
    says(page, "The networks are loaded.")
    assert page.locator(".ft-card").count() == count - 1
    assert page.locator("[data-eye='0 0']").get_attribute("style") == place
    unknown = "document.querySelector('td[data-pair=unknown]:not(.ft-near)')"
    page.wait_for_function(f"{unknown} === null")


def test_a_photograph_without_a_face_is_told_of_though_others_follow(site):
    page = site(NEARER)
    choose(page, NEARER, [file_of(BLANK), file_of(ASTRONAUT)])
    page.locator("[data-slot=told_1]").get_by_text("aligned by five points").wait_for()
    page.locator("[data-do=stop]").wait_for(state="hidden")
    says(page, "No face was found in A. Put its two rings on the eyes.")


def test_the_cosines_of_six_photographs_fit_on_a_phone(site):
    page = site(NEARER)
    page.set_viewport_size({"width": 358, "height": 800})  # a page's text at 390 pixels is so wide
    choose(page, NEARER, [file_of(BLANK)] * 6)
    says(page, "No face was found in F.")
    overflowing = """() => [...document.querySelectorAll("tbody td[data-pair]:not(.ft-near)")]
      .filter((cell) => {
        cell.dataset.pair = "%s";
        cell.firstElementChild.textContent = "%s";
        const place = document.createRange();
        place.selectNodeContents(cell.firstElementChild);
        const [word, box] = [place, cell].map((one) => one.getBoundingClientRect());
        return word.right > box.right || word.left < box.left;
      }).length"""
    for pair, text in [("unjudged", "(−0.88)"), ("above", "0.88"), ("below", "−0.88")]:
        assert page.evaluate(overflowing % (pair, text)) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
