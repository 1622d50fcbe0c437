"""The last layer, learned in the page: the figure against NumPy, Keras and the package."""

import base64
import io
import re

import numpy as np
import pytest
import skimage.data
from cameras import seeing_the_astronaut
from figures import FIGURES, STRIP, shown
from live_figures import drawn
from PIL import Image

from facebook_tut import evaluation
from facebook_tut._backend import keras
from facebook_tut.data.detector_patches import framed
from facebook_tut.export import browser_network
from facebook_tut.interactive import last_layer
from facebook_tut.interactive.last_layer import EXAMPLE, _packed, _patches
from facebook_tut.models import feature_maps
from facebook_tut.preprocessing import grayscale, to_network_input
from facebook_tut.pretrained import load_classifier

SITE = "https://book.test/"  # a camera needs a safe page
LABELS = np.repeat([1, 0], 6)


@pytest.fixture(scope="module")
def figure():
    return last_layer()


def features_of(figure):
    """Return the features as the figure keeps them, (N, 512), and the labels."""
    data = figure._data
    whole = np.frombuffer(base64.b64decode(data["features"]), np.uint8)
    return whole.reshape(len(data["labels"]), -1) * data["top"] / 255, np.array(data["labels"])


def standardised(figure):
    """Return features standardised over those to learn from, labels, and which those are."""
    features, labels = features_of(figure)
    order = np.concatenate([np.arange((labels == y).sum()) for y in (1, 0)])  # label 1 comes first
    learn = order % 2 == 0
    spread = np.maximum(features[learn].std(0), 1e-6)
    return (features - features[learn].mean(0)) / spread, labels, learn


def descended(rows, labels, learn, steps, rate=0.03, decay=0.0):
    """Return the losses before each step, by the gradient of chapter 7, and the last model."""
    weights, bias, losses = np.zeros(rows.shape[1]), 0.0, []
    for _ in range(steps + 1):
        y_hat = 1 / (1 + np.exp(-(rows @ weights + bias)))
        each = -np.log(np.clip(np.where(labels, y_hat, 1 - y_hat), 1e-7, 1 - 1e-7))
        losses.append((each[learn].mean(), each[~learn].mean()))
        last = weights, bias
        error = (y_hat - labels)[learn]
        weights = weights - rate * (rows[learn].T @ error / learn.sum() + decay * weights)
        bias -= rate * error.mean()
    return np.array(losses), last


LOSSES = "losses(examples(data), rate, decay, steps)"


@pytest.mark.parametrize(("rate", "decay"), [(0.03, 0), (0.01, 0.5), (0.3, 0)])
def test_the_losses_are_those_of_numpy(javascript, figure, rate, decay):
    found = javascript("last_layer", LOSSES, data=figure._data, rate=rate, decay=decay, steps=60)
    wanted, _ = descended(*standardised(figure), 60, rate, decay)
    np.testing.assert_allclose(found["known"], wanted[:, 0], atol=1e-8)
    np.testing.assert_allclose(found["unseen"], wanted[:, 1], atol=1e-6)


@pytest.mark.parametrize("decay", [0, 0.5])
def test_the_losses_are_those_of_keras(javascript, figure, decay):
    found = javascript("last_layer", LOSSES, data=figure._data, rate=0.03, decay=decay, steps=30)
    rows, labels, learn = standardised(figure)
    layer = keras.Sequential(
        [keras.Input((512,)), keras.layers.Dense(1, "sigmoid", kernel_initializer="zeros")]
    )
    optimizer = keras.optimizers.SGD(0.03, weight_decay=decay or None)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    layer.compile(optimizer, "binary_crossentropy")
    targets = labels[:, None].astype(float)
    losses = []
    for _ in range(31):
        unseen = layer.test_on_batch(rows[~learn], targets[~learn])
        losses.append((float(layer.train_on_batch(rows[learn], targets[learn])), float(unseen)))
    np.testing.assert_allclose(found["known"], np.array(losses)[:, 0], atol=1e-4)
    np.testing.assert_allclose(found["unseen"], np.array(losses)[:, 1], atol=1e-4)


def test_the_features_are_those_of_the_package(figure):
    features, labels = features_of(FIGURES["last_layer"]())
    levels = np.floor(0.5 + 255 * STRIP) / 255
    wanted = feature_maps(load_classifier(), to_network_input(levels))[-2]
    assert features.shape == wanted.shape == (12, 512)
    np.testing.assert_allclose(features, wanted, atol=wanted.max() / 500)
    np.testing.assert_array_equal(labels, LABELS)


def test_the_example_that_ships_is_what_the_package_computes():
    wanted = _packed(_patches(0).tobytes())
    with np.load(EXAMPLE) as kept:
        how = f"to write it anew: np.savez_compressed({str(EXAMPLE)!r}, **_packed(_patches(0)...))"
        assert np.abs(kept["levels"].astype(int) - wanted["levels"]).max() <= 1, how
        assert kept["top"] == pytest.approx(wanted["top"], abs=1e-3), how
        apart = np.abs(kept["features"].astype(int) - wanted["features"])
        assert apart.max() <= 1 and apart.mean() < 0.01, how


def test_the_plane_is_the_logit_and_the_first_component_across_the_weights(javascript, figure):
    rows, labels, learn = standardised(figure)
    _, (weights, bias) = descended(rows, labels, learn, 20)
    expression = """(() => { const training = trainingOf(examples(data), 0.03, 0);
      return places(training, training.at(20).model); })()"""
    found = np.array(javascript("last_layer", expression, data=figure._data))
    np.testing.assert_allclose(found[:, 0], rows @ weights + bias, atol=1e-6)
    first = np.linalg.svd(rows[learn], full_matrices=False)[2][0]
    across = first - (first @ weights) / (weights @ weights) * weights
    across /= np.linalg.norm(across)
    assert abs(np.corrcoef(found[:, 1], rows @ across)[0, 1]) > 0.99


def test_the_interval_is_wilsons(javascript):
    for right, count in [(0, 4), (13, 20), (20, 20)]:
        found = javascript("last_layer", "wilson(right, count)", right=right, count=count)
        assert found == pytest.approx(evaluation.Proportion(right, count).interval(), abs=1e-9)


def test_the_still_says_what_numpy_says():
    figure = last_layer(steps=100, weight_decay=0.5)
    told = shown(figure)
    losses, _ = descended(*standardised(figure), 100, decay=0.5)
    assert float(told["known_loss"]) == pytest.approx(losses[-1, 0], abs=6e-4)
    assert float(told["unseen_loss"]) == pytest.approx(losses[-1, 1], abs=6e-4)
    assert told["groups"].count("<button") == 40
    assert told["told"].startswith("512 features and 20 photographs to learn from")


def test_too_few_of_a_label_are_told_of_and_nothing_is_learned(javascript, figure):
    expression = """(() => { const photos = examples(data).map((one, k) =>
      one.own === 0 && k > 21 ? { ...one, label: null } : one);
      return [lacking(photos), view({ data, learning_rate: 1, weight_decay: 0, steps: 9, photos })];
    })()"""
    told, seen = javascript("last_layer", expression, data=figure._data)
    assert told.startswith("Too few to learn from: label 0 has 1, and each label needs 2")
    assert (seen["told"], seen["known_loss"], seen["known_curve"]) == (told, "–", "")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"patches": np.zeros((12, 25, 24))}, "patches must have shape (N, 25, 25) with N from 8"),
        ({"patches": np.zeros((7, 25, 25))}, "to 60, got (7, 25, 25)"),
        ({"patches": np.full((12, 25, 25), 1.5)}, "patches must"),
        ({"labels": None}, "labels must be 0 or 1 for each of 12 patches"),
        ({"labels": np.arange(12)}, "labels must be 0 or 1 for each of 12 patches"),
        ({"labels": np.repeat([1, 0], [9, 3])}, "at least four 0 and four 1, got 9 of 1 in 12"),
        ({"names": "one"}, "names must be two words"),
        ({"patches": None, "labels": None, "seed": -1}, "seed must be"),
        ({"cut": "the hand"}, "cut must be one of the face, the middle"),
        ({"learning_rate": 2}, "learning_rate must be a number from 0.001 to 1, got 2"),
        ({"weight_decay": -1}, "weight_decay must be a number from 0 to 2, got -1"),
        ({"steps": 201}, "steps must be a number from 0 to 200, got 201"),
    ],
)
def test_bad_arguments_are_named(given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        last_layer(**{"patches": STRIP, "labels": LABELS, **given})


def test_what_chapter_8_says_of_the_example(figure):
    rows, labels, learn = standardised(figure)
    assert 185 <= (rows[learn].std(0) > 0.5).sum() <= 195
    assert np.linalg.matrix_rank(rows[learn]) == 19  # as many as 20 points can span
    told = shown(last_layer(steps=200))
    assert told["known_right"] == "20 of 20"
    assert told["unseen_right"] == "17 of 20" and told["interval"] == "0.64 to 0.95"
    for swapped in ([0, 2], [0, 30], [8, 24]):  # all are to learn from
        wrong = labels.copy()
        wrong[swapped] = 1 - wrong[swapped]
        _, (weights, bias) = descended(rows, wrong, learn, 200)
        assert ((rows @ weights + bias >= 0) == wrong)[learn].all()


def test_what_chapter_8_says_of_other_samples():
    right, fallen, higher = [], [], 0
    for seed in range(10):
        rows, labels, learn = standardised(last_layer(seed=seed))
        plain, (weights, bias) = descended(rows, labels, learn, 200)
        decayed, _ = descended(rows, labels, learn, 200, decay=1.0)
        correct = (rows @ weights + bias >= 0) == labels
        assert correct[learn].all()
        right.append(int(correct[~learn].sum()))
        assert decayed[-1, 0] > plain[-1, 0] + 0.05
        fallen.append(decayed[-1, 1] < plain[-1, 1] - 0.05)
        higher += decayed[-1, 1] > plain[-1, 1]
    assert 10 <= min(right) <= 13 and 17 <= max(right) <= 19
    assert 4 <= sum(fallen) <= 6 and higher >= 3


# In a browser

PAGE = """<!doctype html><html lang="en" data-content_root="../"><meta charset="utf-8">
<title>Test</title><body>%s<div style="height: 4000px"></div></body></html>"""
COUNTED = """globalThis.workers = 0;
globalThis.Worker = class extends Worker {
  constructor(...given) { super(...given); workers += 1; }
  terminate() { workers -= 1; super.terminate(); }
};"""


@pytest.fixture(scope="module")
def html():
    return PAGE % drawn(FIGURES["last_layer"]()._repr_html_())


@pytest.fixture
def site(browser, html):
    """A function that opens the figure on a site which has the networks; all that it asked for."""
    contexts = []

    def open_(before="", using=browser, clock=False, **options):
        contexts.append(using.new_context(**{"permissions": ["camera"], **options}))
        page, asked = contexts[-1].new_page(), []
        page.set_default_timeout(300_000)

        def answer(route):
            asked.append(route.request.url.removeprefix(SITE))
            name = asked[-1].rpartition("/")[2]
            if name == "chapter.html":
                return route.fulfill(body=html, content_type="text/html")
            return route.fulfill(body=browser_network(name.removesuffix(".bin")))

        contexts[-1].route("**/*", answer)
        page.add_init_script(COUNTED + before)
        if clock:
            page.clock.install()
        page.goto(f"{SITE}book/chapter.html")
        page.locator("[data-do=step]:enabled").wait_for()
        page.asked = asked
        return page

    yield open_
    for context in contexts:
        context.close()


def written(picture, name="own.png"):
    """Return a picture as a file that a reader may choose."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


def says(page, text):
    page.locator("[role=status]").get_by_text(text).wait_for()


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


FACE = np.ascontiguousarray(skimage.data.astronaut()[:300, 60:360])
CAT = np.ascontiguousarray(skimage.data.chelsea()[:, 75:375])


MANY = 40  # photographs, so that reading them takes longer than a click does


def faces(count):
    """Return the astronaut in as many lights, as files."""
    return [
        written((FACE * (1 - 0.8 * k / count)).astype(np.uint8), f"face {k}.png")
        for k in range(count)
    ]


def test_steps_labels_and_reset_move_what_is_seen(site):
    page = site()
    press = lambda name: page.locator(f"[data-do={name}]").click()  # noqa: E731
    press("reset")
    assert slot(page, "known_loss") == slot(page, "unseen_loss") == "0.693"
    press("step")
    press("step")
    assert slot(page, "steps") == "2" and float(slot(page, "known_loss")) < 0.69
    assert page.locator("[aria-live]").text_content().startswith("Step 2, learning rate 0.03")
    before, face = slot(page, "known_loss"), page.locator("[data-item='0']")
    assert slot(page, "known_right") == "6 of 6"
    face.press("Enter")
    assert face.get_attribute("data-label") == "0" and slot(page, "known_loss") != before
    face.press("Enter")
    assert face.get_attribute("data-label") == "–" and slot(page, "known_right") == "5 of 5"
    face.press("Enter")
    assert slot(page, "known_loss") == before
    rate = page.locator("[data-dial=exponent]")
    rate.focus()
    rate.press("ArrowLeft")
    assert float(slot(page, "rate")) < 0.03 and slot(page, "known_loss") != before
    press("run")
    page.wait_for_function("document.querySelector('[data-dial=steps]').value > 5")
    press("run")
    stopped = slot(page, "steps")
    page.wait_for_timeout(200)
    assert slot(page, "steps") == stopped
    assert page.asked == ["book/chapter.html"]


def test_with_reduced_motion_all_steps_are_taken_at_once(site):
    page = site(reduced_motion="reduce")
    page.locator("[data-do=run]").click()
    assert slot(page, "steps") == "200"


def test_the_readers_photographs_are_learned_in_the_page_and_nothing_is_sent(site):
    page = site()
    assert page.asked == ["book/chapter.html"]
    page.locator("[data-files='1']").set_input_files(faces(4))
    says(page, "4 photographs were added to label 1.")
    assert "label 0 has 0" in slot(page, "told") and slot(page, "known_loss") == "–"
    page.locator("[data-do=run]").click()
    says(page, "Too few to learn from: label 0 has 0")
    text = {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture at all"}
    two = written(np.hstack([FACE, FACE]), "two.png")
    page.locator("[data-files='0']").set_input_files([written(CAT, "cat.png"), text, two])
    says(page, "1 photograph was added to label 0.")
    says(page, "No face was found in cat.png: to use them all the same, take the middle.")
    says(page, "There are several faces in two.png: the largest was taken.")
    says(page, "The browser cannot read a.png.")
    page.locator("[data-dial=cut]").select_option("the middle")
    cats = [written(np.roll(CAT, 20 * k, 1), f"cat {k}.png") for k in range(4)]
    page.locator("[data-files='0']").set_input_files(cats)
    says(page, "4 photographs were added to label 0.")
    assert page.locator("[data-item]").count() == 9
    assert (slot(page, "steps"), slot(page, "known_loss")) == ("0", "0.693")
    page.locator("[data-dial=steps]").fill("60")
    assert float(slot(page, "known_loss")) < 0.6  # one face has both labels
    networks = [f"_static/networks/{name}.bin" for name in ("face_classifier", "mtcnn")]
    assert page.asked == ["book/chapter.html", *networks]
    assert page.evaluate("workers") == 1
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    says(page, "You left the figure, so the network is gone.")
    assert page.evaluate("workers") == 0
    page.locator("[data-do=example]").click()
    assert page.locator("[data-item]").count() == 12
    page.locator("[data-item='3']:enabled").click()


def test_the_page_frames_a_face_as_the_networks_training_did(javascript, figure):
    points = np.array([[155, 105], [195, 104], [176, 128], [160, 150], [192, 149]]) * 1.0
    small = FACE[60:200, 100:240]
    points -= [100, 60]
    expression = """(() => {
      const data = Uint8ClampedArray.from(atob(text), (c) => c.charCodeAt(0));
      const picture = { width: 140, height: 140, data };
      return [...greyed(framed(data_of, picture, points)).data]; })()"""
    opaque = np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])
    text = base64.b64encode(opaque.tobytes()).decode()
    found = javascript(
        "last_layer", expression, text=text, points=points.tolist(), data_of=figure._data
    )
    three = np.array([*points[:2], points[3:].mean(0)])
    wanted = framed(grayscale(small), three)
    assert wanted.std() > 0.1
    assert np.abs(np.reshape(found, (25, 25)) - wanted).mean() < 0.02


def test_stop_keeps_what_was_read_and_the_rest_is_not_read(site):
    page = site()
    page.locator("[data-files='1']").set_input_files(faces(MANY))
    says(page, "Reading face")
    page.locator("[data-do=stop]").click()
    says(page, "Stopped.")
    assert 0 < page.locator("[data-item]").count() < MANY
    page.locator("[data-files='1']").set_input_files(faces(MANY))
    says(page, "Reading face")
    page.locator("[data-do=example]").click()
    page.locator("progress").wait_for(state="hidden")
    assert page.locator("[data-item]").count() == 12


def test_large_pictures_and_too_many_are_taken_or_told_of(site):
    page = site()
    page.locator("[data-dial=cut]").select_option("the middle")
    large = io.BytesIO()
    Image.new("RGB", (8400, 6000), (90, 120, 200)).save(large, "JPEG", quality=20)
    file = {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": large.getvalue()}
    page.locator("[data-files='1']").set_input_files([file])
    says(page, "1 photograph was added to label 1.")
    dot = [written(np.full((30, 30, 3), 4 * k, np.uint8), f"{k}.png") for k in range(61)]
    page.locator("[data-files='1']").set_input_files(dot)
    says(page, "2 were left out, since 60 photographs are all that fit.")
    assert page.locator("[data-item]").count() == 60


def test_without_camera_or_worker_the_figure_says_so_or_goes_on(site):
    page = site("globalThis.Worker = undefined; delete Navigator.prototype.mediaDevices;")
    page.locator("[data-do=camera]").click()
    says(page, "This page cannot use a camera")
    page.locator("[data-files='1']").set_input_files(faces(1))
    says(page, "1 photograph was added to label 1.")


def test_a_refused_camera_is_told_of(site):
    refused = """navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException("", "NotAllowedError"); };"""
    page = site(refused)
    page.locator("[data-do=camera]").click()
    says(page, "The camera was refused. Allow it for this page")
    assert page.locator("[data-do='take 1']").is_hidden()


def test_a_page_from_a_file_is_given_its_networks(open_page):
    page = open_page(drawn(FIGURES["last_layer"]()._repr_html_()))
    chosen = page.locator("[data-files=weights]")
    assert chosen.is_hidden()
    page.locator("[data-files='1']").set_input_files(faces(1))
    says(page, "This page was opened as a file")
    given = {"mimeType": "application/octet-stream"}
    names = ("face_classifier", "mtcnn")
    chosen.set_input_files(
        [{"name": f"{name}.bin", "buffer": browser_network(name), **given} for name in names]
    )
    says(page, "The network is here.")
    page.locator("[data-files='1']").set_input_files(faces(1))
    says(page, "1 photograph was added to label 1.")


def test_the_camera_gives_photographs_and_is_let_go_when_the_figure_is_left(
    site, browser, tmp_path
):
    with seeing_the_astronaut(browser, tmp_path) as other:
        page = site(using=other, clock=True)
        page.locator("[data-do=camera]").click()
        says(page, "The camera is on.")
        page.evaluate("globalThis.first = document.querySelector('video').srcObject")
        page.locator("[data-do='take 1']").click()
        says(page, "1 photograph was added to label 1.")
        assert page.evaluate("first.getTracks()[0].readyState") == "live"
        page.evaluate("scrollTo(0, 4000)")
        page.wait_for_timeout(200)
        page.clock.fast_forward(4_000)
        says(page, "You left the figure, so the camera is off.")
        assert page.evaluate("first.getTracks()[0].readyState") == "ended"
        page.context.close()


def test_a_widget_is_sent_the_networks_when_it_asks(figure, monkeypatch):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    sent = []
    monkeypatch.setattr(figure.widget, "send", lambda *given: sent.append(given))
    for name in ("face_classifier", "mtcnn"):
        figure._send_weights(figure.widget, {"weights": name}, [])
    for name, (note, parts) in zip(("face_classifier", "mtcnn"), sent, strict=True):
        assert note == {"weights": name} and parts == [browser_network(name)]
