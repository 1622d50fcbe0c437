"""The network explorer: what it shows against Keras, and a browser's own events."""

import base64
import io

import numpy as np
import pytest
from figures import open_widget
from PIL import Image

from facebook_tut.interactive import network, network_explorer

RNG = np.random.default_rng(0)
SEEN = {1: (3, 1), 2: (4, 2), 3: (8, 2), 4: (10, 4), 5: (18, 4), 6: (22, 8), 7: (22, 8)}
SIZES = {1: 62, 2: 31, 3: 29, 4: 14, 5: 12, 6: 6, 7: 6}  # SEEN: pixels, and pixels to the next
MIDDLE = {"image": 0, "layer": 1, "channel": 0, "row": 30, "column": 24}
DIALS = [
    MIDDLE,
    {**MIDDLE, "image": 1, "layer": 2, "channel": 7, "row": 61, "column": 0},
    {**MIDDLE, "layer": 3, "channel": 3, "row": 0, "column": 61},
    {**MIDDLE, "layer": 4, "channel": 5, "row": 5, "column": 13},
    {**MIDDLE, "image": 2, "layer": 5, "row": 11, "column": 3},
    {**MIDDLE, "image": 1, "layer": 6, "channel": 1, "row": 2, "column": 4},
    {**MIDDLE, "layer": 7, "channel": 6, "row": 3, "column": 5},
    {**MIDDLE, "image": 2, "layer": 8, "channel": 4, "row": 15, "column": 31},
    {**MIDDLE, "layer": 9, "channel": 2},
]


def smooth(count, planes=1):
    """Return images of soft blobs in 8 bits, as values from 0 to 1."""
    coarse = RNG.random((count, 8, 8, planes)).repeat(8, 1).repeat(8, 2)
    mixed = np.floor(255 * (0.8 * coarse + 0.2 * RNG.random(coarse.shape))) / 255
    return np.broadcast_to(mixed, (count, 64, 64, 3)).astype("float32")


IMAGES = smooth(3)
COLOUR = smooth(1, planes=3)


@pytest.fixture(scope="module")
def figure(untrained):
    return network_explorer(untrained, IMAGES)


@pytest.fixture(scope="module")
def in_colour(untrained):
    return network_explorer(untrained, COLOUR)


@pytest.fixture(scope="module")
def black(untrained):
    return network_explorer(untrained, np.zeros((1, 64, 64, 3)))


@pytest.fixture(scope="module")
def outputs(untrained):
    """What Keras says that every layer puts out, layer 1 first."""
    from facebook_tut import models

    return models.feature_maps(untrained, IMAGES)


@pytest.fixture(scope="module")
def computed(javascript, figure, in_colour, black):
    """What the script makes of both figures; one start of node for all of it."""
    expression = """{
      maps: [0, 1, 2].map((image) => mapsOf(data, image)), colours: mapsOf(rgb, 0),
      windows: dials.map((d) => windowsOf(data.layers, d.layer, d.row, d.column)),
      path: windowsOf(data.layers, 5, 7, 2),
      coloured: pictures(mapsOf(rgb, 0), 1, 0), strip: strip(data.filters),
      drawn: dials.map((one) => view({ data, ...one })), blank: view({ data: empty, ...dials[0] }),
      moved: [[1, 61, 0, 6], [6, 5, 2, 1], [9, 0, 0, 3], [3, 14, 7, 8]].map(
        ([layer, row, column, next]) => moved(data.layers, { layer, row, column }, next)),
    }"""
    names = {"data": figure._data, "rgb": in_colour._data, "dials": DIALS, "empty": black._data}
    return javascript("network", expression, **names)


def field(layer, at):
    """Return the first and the last pixel, down or across, that a value of a layer sees."""
    if layer >= 8:
        return 0, 61  # 62 pixels: poolings drop what does not fill a window
    size, step = SEEN[layer]
    return at * step, at * step + size - 1


# What the figure holds, against Keras


def test_maps_are_those_of_keras_within_half_a_level(figure, outputs, computed):
    for image in range(3):
        maps = [np.array(each) for each in computed["maps"][image]]
        for layer in range(1, 8):
            chosen = figure._data["chosen"][min(layer - 1, 5) // 2]
            limits = np.array(figure._data["limits"][min(layer - 1, 5) // 2])
            wanted = outputs[min(layer, 6) - 1][image][..., chosen]
            found = maps[layer].transpose(1, 2, 0) * limits / 255
            assert (np.abs(found - wanted) <= 0.501 * limits / 255 + 1e-5).all()
            assert (maps[layer].max(axis=(1, 2)) > 50).any()
        limit = figure._data["limits"][3][0]
        dense = maps[8].ravel() * limit / 255
        np.testing.assert_allclose(dense, outputs[7][image], atol=0.501 * limit / 255)
        probability = figure._data["probabilities"][image]
        assert probability == pytest.approx(float(outputs[8][image, 0]), abs=1e-4)


def test_a_colour_image_is_convolved_in_colour(untrained, in_colour, computed):
    from facebook_tut import models

    wanted = models.feature_maps(untrained, COLOUR)[0][0][..., in_colour._data["chosen"][0]]
    limits = np.array(in_colour._data["limits"][0])
    found = np.transpose(computed["colours"][1], (1, 2, 0)) * limits / 255
    assert (np.abs(found - wanted) <= 0.501 * limits / 255 + 1e-5).all()


def test_white_is_the_largest_value_of_a_map_in_any_image(computed):
    for layer in (1, 3, 5, 8):
        maps = np.array([each[layer] for each in computed["maps"]])
        assert (maps.max(axis=(0, 2, 3)) == 255).all()


def test_the_most_active_maps_are_shown_and_ties_go_by_number(figure, outputs):
    for chosen, layer in zip(figure._data["chosen"], (0, 2, 4), strict=True):
        means = outputs[layer].mean(axis=(0, 1, 2)).tolist()
        ranked = sorted(range(len(means)), key=lambda number: (-means[number], number))
        assert chosen == ranked[:8]
    equal = np.broadcast_to([1.0, 3.0, 3.0, 2.0, 0, 0, 0, 0, 0], (1, 2, 2, 9))
    assert network._most_active(equal).tolist() == [1, 2, 3, 0, 4, 5, 6, 7]


def test_images_are_rounded_to_8_bits(untrained, figure):
    nearly = np.clip(IMAGES + 0.001, 0, 1)
    assert network_explorer(untrained, nearly)._data == figure._data


def test_images_of_one_value_are_drawn(black, computed):
    assert black._data["chosen"][0] == list(range(8))
    shown = computed["blank"]
    assert (shown["value"], shown["probability"]) == ("0.00", "0.500")


def test_filters_are_those_of_keras(untrained, figure, computed):
    kernel = untrained.layers[0].get_weights()[0]
    for number, found in zip(figure._data["chosen"][0], figure._data["filters"], strict=True):
        planes = [kernel[:, :, plane, number] for plane in range(3)]
        np.testing.assert_allclose(np.reshape(found, (3, 3, 3)) / 1e6, planes, atol=1e-6)
    strip = pixels_of(computed["strip"])
    assert strip.shape == (3, 109, 3)
    first = np.reshape(figure._data["filters"][1], (3, 3, 3))
    for plane in range(3):
        blue_less = strip[:, 14 + 4 * plane :, :][:, :3].astype(int)
        more_red = blue_less[..., 0] - blue_less[..., 2]
        strong = np.abs(first[plane]) > np.abs(first).max() / 10
        assert (np.sign(more_red) == np.sign(first[plane]))[strong].all()


# What one value sees


def test_windows_follow_the_arithmetic_of_receptive_fields(computed):
    for dials, windows in zip(DIALS, computed["windows"], strict=True):
        layer, row, column = dials["layer"], dials["row"], dials["column"]
        top, left, rows, columns = windows[0]
        assert (top, top + rows - 1) == field(layer, row)
        assert (left, left + columns - 1) == field(layer, column)
        for index, (top, _, rows, _) in enumerate(windows[1 : min(layer, 8)], 1):
            assert field(index, top)[0] == windows[0][0]
            assert field(index, top + rows - 1)[1] == windows[0][0] + windows[0][2] - 1


@pytest.mark.parametrize(
    ("layer", "row", "column"),
    [(1, 0, 61), (2, 30, 7), (3, 28, 5), (4, 13, 0), (5, 4, 11), (6, 5, 2), (7, 0, 3), (8, 3, 9)],
)
def test_a_value_depends_on_its_window_and_on_nothing_else(untrained, layer, row, column):
    from facebook_tut import models

    (top, bottom), (left, right) = field(layer, row), field(layer, column)
    inside = np.zeros((64, 64), bool)
    inside[top : bottom + 1, left : right + 1] = True
    lines = [np.s_[top], np.s_[bottom], np.s_[:, left], np.s_[:, right]]
    edges = [np.zeros_like(inside) for _ in lines]
    for edge, line in zip(edges, lines, strict=True):
        edge[line] = inside[line]
    changed = [np.zeros_like(inside), ~inside, *edges]
    images = np.stack([np.where(mask[..., None], 1 - IMAGES[0], IMAGES[0]) for mask in changed])
    output = models.feature_maps(untrained, images)[min(layer, 8) - 1 - (layer == 7)]
    values = output if layer == 8 else output[:, row, column]
    np.testing.assert_allclose(values[1], values[0], atol=1e-6)
    for each in values[2:]:  # a change of one edge of the window shows in some map
        assert np.abs(each - values[0]).max() > 1e-4


def test_pictures_are_what_they_show(computed):
    maps = [np.array(each) for each in computed["maps"][0]]
    drawn = computed["drawn"][2]
    np.testing.assert_array_equal(pixels_of(drawn["map"])[..., 0], maps[3][3])
    np.testing.assert_array_equal(pixels_of(drawn["input"])[..., 1], maps[0][0])
    sheet = pixels_of(drawn["sheet"])[..., 2]
    for index in range(8):
        top, left = 29 * (index // 2), 29 * (index % 2)
        np.testing.assert_array_equal(sheet[top : top + 29, left : left + 29], maps[3][index])
    np.testing.assert_array_equal(pixels_of(drawn["card1"])[..., 0], maps[1][3][::2, ::2])
    np.testing.assert_array_equal(pixels_of(drawn["card7"])[:, 0, 0], maps[6][3].ravel())
    colour = pixels_of(computed["coloured"]["input"])
    np.testing.assert_array_equal(colour, np.rint(COLOUR[0] * 255))


def pixels_of(uri):
    data = base64.b64decode(uri.partition("base64,")[2])
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image.convert("RGB"))


def test_another_layer_is_entered_at_the_same_place(computed):
    places = [(one["layer"], one["row"], one["column"]) for one in computed["moved"]]
    assert places == [(6, 5, 0), (1, 56, 25), (3, 14, 14), (8, 8, 8)]


# The Python object


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.zeros((1, 32, 32, 3)), ValueError, r"images must have shape \(N, 64, 64, 3\), got"),
        (np.zeros((1, 64, 64, 3), int), TypeError, "images must hold floats from 0 to 1"),
        (np.full((1, 64, 64, 3), 2.0), ValueError, "images must hold values from 0 to 1"),
        (np.zeros((0, 64, 64, 3)), ValueError, "images must not be empty"),
        (np.zeros((4, 64, 64, 3)), ValueError, "images must hold at most 3 grey .*, got 4 grey"),
        (smooth(2, planes=3), ValueError, "images must hold .* or one in colour, got 2 in colour"),
    ],
)
def test_wrong_images_are_named(untrained, images, error, message):
    with pytest.raises(error, match=message):
        network_explorer(untrained, images)


@pytest.mark.parametrize(
    ("dial", "value", "message"),
    [
        ("image", 3, "image must be a number from 0 to 2, got 3"),
        ("layer", 0, "layer must be a number from 1 to 9, got 0"),
        ("channel", 8, "channel must be a number from 0 to 7, got 8"),
        ("row", 62, "row must be a number from 0 to 61, got 62"),
        ("column", -1, "column must be a number from 0 to 61, got -1"),
    ],
)
def test_wrong_dials_are_named(untrained, dial, value, message):
    with pytest.raises(ValueError, match=message):
        network_explorer(untrained, IMAGES, **{dial: value})


def test_another_network_is_refused():
    from facebook_tut._backend import keras

    layers = [keras.Input((64, 64, 3)), keras.layers.Conv2D(32, 3, activation="tanh")]
    with pytest.raises(ValueError, match=r"with \('Conv2D', .*'relu'\), got \('Conv2D', .*'tanh'"):
        network_explorer(keras.Sequential(layers), IMAGES)
    layers[1] = keras.layers.Conv2D(32, 3, activation="relu")
    with pytest.raises(ValueError, match=r"with .'MaxPooling2D', .*, got no more"):
        network_explorer(keras.Sequential(layers), IMAGES)
    with pytest.raises(TypeError, match="model must be a Keras network, got str"):
        network_explorer("face.keras", IMAGES)


# The page in a browser


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def button(page, dial, value):
    return page.locator(f"[data-set='{dial} {value}']")


def assert_shows(page, outputs, figure, layer, channel, row, column, image=0):
    """The page shows Keras' value and what it sees."""
    assert (slot(page, "row"), slot(page, "column")) == (str(row), str(column))
    (top, bottom), (left, right) = field(layer, row), field(layer, column)
    assert slot(page, "rows") == f"rows {top}–{bottom},"
    assert slot(page, "columns") == f"columns {left}–{right}."
    assert (
        slot(page, "size") == f"sees {bottom - top + 1} × {right - left + 1} pixels of the image:"
    )
    number = figure._data["chosen"][min(layer - 1, 5) // 2][channel]
    if layer < 7:
        assert slot(page, "place") == f"at row {row}, column {column} of map {number}"
        value = outputs[layer - 1][image, row, column, number]
    else:
        at = {7: (row * 6 + column) * 128 + number, 8: row * 32 + column, 9: 0}[layer]
        value = outputs[layer - 1][image, at]
        if layer < 9:
            assert f"is number {at} of" in slot(page, "place")
    step = (
        0.001
        if layer == 9
        else max(figure._data["limits"][3 if layer == 8 else min(layer - 1, 5) // 2]) / 510 + 0.01
    )
    assert float(slot(page, "value")) == pytest.approx(float(value), abs=step)


def cell(page, row, column, size):
    """Return where a cell of the enlarged map is on the screen."""
    box = page.locator(".ft-map .ft-pixels").bounding_box()
    at = [(part + 0.5) * box["width"] / size for part in (column, row)]
    return box["x"] + at[0], box["y"] + at[1]


def frame(page, picture, mark, size):
    """Return first row, first column, rows and columns of a frame, measured on the screen."""
    box, own = (page.locator(each).bounding_box() for each in (picture, f"{picture} {mark}"))
    unit = box["width"] / size
    parts = (own["y"] - box["y"], own["x"] - box["x"], own["height"], own["width"])
    return [part / unit for part in parts]


@pytest.fixture
def page(open_page, figure):
    return open_page(figure, viewport={"width": 800, "height": 900})


def test_the_mouse_chooses_image_layer_map_and_value(page, figure, outputs):
    assert_shows(page, outputs, figure, 1, 0, 30, 24)
    for layer, size in SIZES.items():
        button(page, "layer", layer).click()
        button(page, "channel", layer).click()
        row, column = size - 1, size // 3
        page.mouse.move(*cell(page, row, column, size))
        assert_shows(page, outputs, figure, layer, layer, row, column)
        assert frame(page, ".ft-map .ft-pixels", "i", size) == pytest.approx(
            [row, column, 1, 1], abs=0.05
        )
        (top, bottom), (left, right) = field(layer, row), field(layer, column)
        seen = frame(page, ".ft-image .ft-pixels", "i", 64)
        assert seen == pytest.approx([top, left, bottom - top + 1, right - left + 1], abs=0.05)
    button(page, "image", 2).click()
    assert_shows(page, outputs, figure, 7, 7, row, column, image=2)
    assert float(slot(page, "probability")) == pytest.approx(float(outputs[8][2, 0]), abs=1e-3)
    shown = pixels_of(page.locator("[data-slot=input]").get_attribute("src"))
    np.testing.assert_array_equal(shown, np.rint(IMAGES[2] * 255))


def test_dense_layers_see_all_that_pooling_keeps(page, figure, outputs):
    button(page, "channel", 3).click()
    button(page, "layer", 8).click()
    page.locator("[data-dial=row]").press("End")
    page.locator("[data-dial=column]").press("Home")
    assert_shows(page, outputs, figure, 8, 0, 15, 0)
    assert page.locator(".ft-tiles button:visible").count() == 1
    button(page, "layer", 9).click()
    assert_shows(page, outputs, figure, 9, 0, 0, 0)
    button(page, "layer", 2).click()
    assert page.locator(".ft-tiles button:visible").count() == 8
    assert button(page, "channel", 3).get_attribute("aria-pressed") == "true"


def test_the_path_is_framed_in_every_layer_before(page, computed):
    button(page, "layer", 5).click()
    page.mouse.move(*cell(page, 7, 2, 12))
    windows = computed["path"]
    cards = page.locator(".ft-card")
    for index, window in enumerate(windows):
        box, own = (
            cards.nth(index).locator(each).bounding_box() for each in (".ft-pixels", ".ft-pixels i")
        )
        unit = box["width"] / [64, *SIZES.values()][index]
        found = (own["y"] - box["y"], own["x"] - box["x"], own["height"], own["width"])
        assert [part / unit for part in found] == pytest.approx(window, abs=0.1 / unit + 0.02)
    assert not cards.nth(6).locator("i").is_visible()
    assert not cards.nth(8).locator("i").is_visible()


def test_keys_do_what_the_mouse_does(page, figure, outputs):
    button(page, "layer", 4).focus()
    page.keyboard.press("Enter")
    button(page, "channel", 6).focus()
    page.keyboard.press("Space")
    row, column = page.locator("[data-dial=row]"), page.locator("[data-dial=column]")
    row.press("End")
    column.press("Home")
    column.press("ArrowRight")
    assert_shows(page, outputs, figure, 4, 6, 13, 1)
    assert (row.get_attribute("max"), row.input_value(), column.input_value()) == ("13", "13", "1")
    said = page.locator("[aria-live]").text_content()
    assert said.endswith("sees 10 × 10 pixels of the image: rows 52–61, columns 4–13.")
    button(page, "image", 1).focus()
    page.keyboard.press("Enter")
    assert_shows(page, outputs, figure, 4, 6, 13, 1, image=1)


def test_a_finger_chooses_too(open_page, figure, outputs):
    page = open_page(figure, viewport={"width": 390, "height": 800}, has_touch=True)
    button(page, "layer", 6).tap()
    button(page, "channel", 2).tap()
    page.locator(".ft-map").scroll_into_view_if_needed()
    page.touchscreen.tap(*cell(page, 4, 1, 6))
    assert_shows(page, outputs, figure, 6, 2, 4, 1)


def test_the_filter_of_the_map_is_marked_in_the_first_two_layers(page):
    marked = page.locator("[data-filter][data-on=true]")
    button(page, "channel", 5).click()
    assert marked.get_attribute("data-filter") == "5"
    button(page, "layer", 2).click()
    assert marked.count() == 1
    button(page, "layer", 3).click()
    assert marked.count() == 0


@pytest.mark.parametrize("width", [316, 390, 816])
def test_nothing_below_moves_and_nothing_sticks_out(open_page, figure, width):
    page = open_page(figure, viewport={"width": width, "height": 900})
    layout = """[document.documentElement.scrollWidth,
      document.querySelector('#after').getBoundingClientRect().top + scrollY]"""
    before = page.evaluate(layout)
    assert before[0] <= width
    play = """(layout) => [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((layer) => {
      document.querySelector(`[data-set='layer ${layer}']`).click();
      return ["row", "column"].flatMap((dial) => [0, 1].map((end) => {
        const input = document.querySelector(`[data-dial=${dial}]`);
        input.value = end * input.max;
        input.dispatchEvent(new Event("input"));
        return eval(layout);
      }));
    })"""
    after = page.evaluate(play, layout)
    assert len(after) == 36
    assert after == [before] * 36


def test_the_widget_clamps_what_python_sets(open_page, figure, outputs):
    page = open_widget(open_page, figure)
    page.evaluate("model.set('layer', 6); model.set('row', 40)")  # what Python does
    assert_shows(page, outputs, figure, 6, 0, 5, 5)
    page.locator("[data-dial=row]").press("ArrowLeft")
    assert page.evaluate("model.get('row')") == 4
    page.evaluate("model.set('layer', 1)")
    assert_shows(page, outputs, figure, 1, 0, 4, 24)
    button(page, "image", 1).click()
    assert page.evaluate("model.get('image')") == 1


def test_figures_on_one_page_live_apart(open_page, figure, untrained):
    other = network_explorer(untrained, IMAGES[:1], layer=6)
    page = open_page(figure, other)
    button(page, "layer", 3).last.click()
    assert [slot.text_content()[:4] for slot in page.locator("[data-slot=size]").all()] == [
        "sees"
    ] * 2
    titles = page.locator("[data-slot=sheet_title]").all_text_contents()
    assert titles == ["8 of 32 maps", "8 of 64 maps"]


def test_a_move_is_drawn_in_a_frame(page):
    took = """(act) => { const times = [];
      for (let i = 0; i < 15; i++) { const start = performance.now();
        (0, eval)(act)(i); times.push(performance.now() - start); }
      return Math.min(...times); }"""
    row = "document.querySelector('[data-dial=row]')"
    slide = f"(i) => {{ {row}.value = i; {row}.dispatchEvent(new Event('input')); }}"
    layer = "(i) => document.querySelector(`[data-set='layer ${1 + (i % 9)}']`).click()"
    assert page.evaluate(took, slide) < 16
    assert page.evaluate(took, layer) < 16
