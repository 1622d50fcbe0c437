"""The engine in a browser: workers, weights, pictures; and what it says when something fails."""

import base64
import io

import numpy as np
import pytest
import skimage.data
from PIL import Image

from facebook_tut import _live, models
from facebook_tut.export import to_browser
from facebook_tut.export.browser import browser_network

SITE = "http://book.test/"
HTML = '<!doctype html><html data-content_root="../"><meta charset="utf-8"><body></body></html>'
FIGURE = """import {
  openEngine, readPicture, openCamera, Trouble, group, windowSizes
} from "%s/engine.js";
Object.assign(globalThis, { openEngine, readPicture, openCamera, Trouble, group, windowSizes });
const told = ({ code, message }) => [code, message];
globalThis.tried = (promise) => promise.then((value) => value, told);
globalThis.file = (text, type = "") =>
  new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], "file", { type });
"""
EMBEDDER = to_browser(models.build_embedder(8, filters=(4, 8)))


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """The engine as a figure's script has it."""
    (path := tmp_path_factory.mktemp("figure") / "figure.js").write_text(
        FIGURE % (_live.FOLDER / "network")
    )
    return _live.script(path)


@pytest.fixture
def site(browser, script):
    """A function that opens a page of a site with these networks; all that it asked for."""
    contexts = []

    def open_(networks=(), before="", status=200):
        context = browser.new_context()
        contexts.append(context)
        page, asked = context.new_page(), []
        page.set_default_timeout(30_000)

        def answer(route):
            asked.append(route.request.url.removeprefix(SITE))
            name = route.request.url.rpartition("/")[2].removesuffix(".bin")
            if asked[-1] == "book/page.html":
                route.fulfill(body=HTML, content_type="text/html")
            elif name in networks:
                route.fulfill(body=networks[name], content_type="application/octet-stream")
            else:
                route.fulfill(status=404, body="no")

        page.route("**/*", answer)
        page.goto(f"{SITE}book/page.html")
        page.add_script_tag(content=before or ";")
        page.add_script_tag(content=script, type="module")
        page.wait_for_function("globalThis.openEngine")
        page.asked = asked
        return page

    yield open_
    for context in contexts:
        context.close()


RUN = """async () => {
  const engine = openEngine({});
  const progress = [];
  await engine.load(["face_embedder"], { progress: (one) => progress.push(one) });
  await engine.load(["face_embedder"]);
  const image = { data: new Float32Array(64 * 64 * 3).fill(0.25), shape: [64, 64, 3] };
  const [row] = await engine.ask("embed", { images: [image] });
  const { loaded } = engine;
  engine.close();
  return { row: [...row], last: progress.at(-1), loaded,
           after: await tried(engine.ask("embed", { images: [image] })) };
}"""
NO_WORKER = "globalThis.Worker = undefined;"
FORBIDDEN = "globalThis.Worker = class { constructor() { throw new Error('refused') } };"


@pytest.mark.parametrize("before", ["", NO_WORKER, FORBIDDEN])
def test_a_network_is_asked_for_once_and_runs_with_and_without_a_worker(site, before):
    page = site({"face_embedder": EMBEDDER}, before)
    assert page.asked == ["book/page.html"]
    found = page.evaluate(RUN)
    assert page.asked[1:] == ["_static/networks/face_embedder.bin"]
    assert np.linalg.norm(found["row"]) == pytest.approx(1, abs=1e-5)
    assert found["last"]["done"] == len(EMBEDDER)
    assert found["loaded"] == ["face_embedder"]
    assert found["after"][0] == "closed"


@pytest.mark.parametrize(
    ("networks", "code"),
    [
        ({}, "missing"),
        ({"face_embedder": EMBEDDER[:-5]}, "damaged"),
        ({"face_embedder": b"<html>"}, "damaged"),
        ({"face_embedder": EMBEDDER[:4] + b"\x09" + EMBEDDER[5:]}, "version"),
    ],
)
def test_a_network_that_does_not_arrive_whole_is_told_of_and_can_be_asked_for_again(
    site, networks, code
):
    page = site(networks)
    load = "tried((globalThis.engine ??= openEngine({})).load(['face_embedder']))"
    found, sentence = page.evaluate(load)
    assert found == code
    assert sentence.endswith(".")
    networks["face_embedder"] = EMBEDDER
    page.unroute("**/*")
    page.route("**/*", lambda route: route.fulfill(body=EMBEDDER))
    assert page.evaluate(load) is None


def test_what_is_cancelled_ends_and_the_next_is_answered(site):
    page = site({"face_embedder": EMBEDDER})
    found = page.evaluate("""async () => {
      const engine = openEngine({});
      await engine.load(["face_embedder"]);
      const image = { data: new Float32Array(64 * 64 * 3).fill(0.25), shape: [64, 64, 3] };
      const given = { images: Array(20_000).fill(image) }; // would take minutes
      const control = new AbortController();
      const stopped = tried(engine.ask("embed", given, { signal: control.signal }));
      setTimeout(() => control.abort(), 50);
      const after = await stopped;
      const [row] = await engine.ask("embed", { images: [image] });
      return [after[0], row.length];
    }""")
    assert found == ["cancelled", 8]


def test_workers_that_search_side_by_side_find_what_one_finds(site):
    page = site({"face_classifier": browser_network("face_classifier")})
    astronaut = Image.fromarray(skimage.data.astronaut()).resize((160, 160))
    together, apart = page.evaluate(
        """async (text) => {
            const engine = openEngine({});
            await engine.load(["face_classifier"]);
            const picture = await readPicture(file(text, "image/png"));
            const boxes = (windows) => windows.map(({ box }) => box.join()).sort();
            const apart = [];
            for (const size of windowSizes([picture.height, picture.width]))
                apart.push(...await engine.search(picture, { sizes: [size] }));
            const together = [];
            for (let k = 0; k < 5; k++) together.push(boxes(await engine.search(picture)));
            engine.close();
            return [together, boxes(apart)];
        }""",
        written(astronaut, "PNG"),
    )
    assert len(apart) > 20
    assert together == [apart] * 5


def test_offline_and_a_page_that_is_a_file_say_what_to_do(site, open_page, script):
    page = site()
    page.context.set_offline(True)
    page.unroute("**/*")
    assert page.evaluate("tried(openEngine({}).load(['mtcnn']))")[0] == "offline"
    page = open_page(f'<script type="module">{script}</script>')
    page.wait_for_function("globalThis.openEngine")
    found, sentence = page.evaluate("tried(openEngine({}).load(['mtcnn']))")
    assert found == "file-page"
    assert "mtcnn.bin" in sentence
    given = page.evaluate(
        """async (text) => {
          const engine = openEngine({});
          await engine.give("face_embedder", await file(text).arrayBuffer());
          return engine.loaded;
        }""",
        base64.b64encode(EMBEDDER).decode(),
    )
    assert given == ["face_embedder"]


def test_in_a_notebook_the_kernel_sends_the_bytes(site):
    page = site()
    page.add_script_tag(
        content="""globalThis.kernel = (text) => {
          const listeners = new Set();
          const tell = (...parts) => listeners.forEach((one) => one(...parts));
          return {
            on: (_, listener) => listeners.add(listener),
            off: (_, listener) => listeners.delete(listener),
            send: async ({ weights }) => {
              const view = new DataView(await file(text).arrayBuffer());
              if (weights === "face_embedder") tell({ weights }, [view]);
              else tell({ weights, trouble: "Not here." }, []);
            },
          };
        };"""
    )
    found = page.evaluate(
        """async (text) => {
          const engine = openEngine(kernel(text));
          const other = await tried(engine.load(["other"]));
          await engine.load(["face_embedder"]);
          return [engine.loaded, other];
        }""",
        base64.b64encode(EMBEDDER).decode(),
    )
    assert found == [["face_embedder"], ["missing", "Not here."]]
    assert page.asked == ["book/page.html"]


def written(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return base64.b64encode(file.getvalue()).decode()


READ = """async ([text, type, options]) => {
  const picture = await tried(readPicture(file(text, type), options));
  if (Array.isArray(picture)) return picture;
  const { width, height, scale, data } = picture;
  return { width, height, scale, first: [...data.slice(0, 3)], last: [...data.slice(-4, -1)] };
}"""


def test_a_picture_is_turned_as_its_note_says_and_made_small(site):
    page, half = site(), np.zeros((60, 120, 3), np.uint8)
    half[:, :60] = [200, 0, 0]
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    text = written(Image.fromarray(half), "JPEG", quality=95, exif=exif)
    found = page.evaluate(READ, [text, "image/jpeg", {}])
    assert (found["width"], found["height"], found["scale"]) == (60, 120, 1)
    assert found["first"] == pytest.approx([200, 0, 0], abs=8)  # the left half is on top
    assert found["last"] == pytest.approx([0, 0, 0], abs=8)
    found = page.evaluate(READ, [text, "image/jpeg", {"longest": 40}])
    assert (found["width"], found["height"]) == (20, 40)
    assert found["scale"] == pytest.approx(1 / 3)
    assert found["first"] == pytest.approx([200, 0, 0], abs=8)


def test_fifty_megapixels_are_read_small(site):
    large = Image.fromarray(np.full((6000, 8400, 3), [10, 120, 240], np.uint8))
    found = site().evaluate(READ, [written(large, "JPEG", quality=30), "image/jpeg", {}])
    assert (found["width"], found["height"]) == (1280, 914)
    assert found["first"] == pytest.approx([10, 120, 240], abs=8)


@pytest.mark.parametrize(
    "text", ["", "AAAA", "R0lGODlh", written(Image.new("L", (9, 9)), "PNG")[:60]]
)
def test_a_file_that_is_no_picture_is_told_of(site, text):
    found, sentence = site().evaluate(READ, [text, "image/png", {}])
    assert found == "no-picture"
    assert sentence.startswith("The browser cannot read this file as a picture.")


def test_a_camera_is_let_go_and_one_that_is_not_there_is_told_of(site):
    found = site().evaluate("""async () => {
      const none = await tried(openCamera(document.createElement("video")));
      const [track] = [{ stop() { this.readyState = "ended" } }];
      const refuse = async () => { throw new DOMException("", "NotAllowedError") };
      const devices = { getUserMedia: refuse };
      Object.defineProperty(navigator, "mediaDevices", { value: devices, configurable: true });
      const refused = await tried(openCamera(document.createElement("video")));
      devices.getUserMedia = async () => ({ getTracks: () => [track] });
      const video = { play: async () => {}, srcObject: null };
      (await openCamera(video))();
      return [none[0], refused[1].slice(0, 24), track.readyState, video.srcObject];
    }""")
    assert found == ["no-camera", "The camera was refused. ", "ended", None]
