"""The convolution explorer: its arithmetic against SciPy, and a browser's own events."""

import base64
import re

import numpy as np
import pytest
from figures import open_widget, shown
from scipy import signal

from facebook_tut.interactive import convolution_explorer
from facebook_tut.interactive.convolution import PRESETS

OWN = [[0.1, -2.7, 3], [0, 1 / 3, -8.999], [9, 0.25, -0.0625]]
# Kernel, stride, padding, dilation, row and column.
DIALS = [
    ("vertical edge", 1, "valid", 1, 7, 9),
    ("vertical edge", 1, "same", 1, 0, 0),
    ("horizontal edge", 2, "same", 1, 63, 63),
    ("outline", 2, "valid", 1, 3, 1),
    ("sharpen", 3, "valid", 2, 2, 0),
    ("blur", 3, "same", 2, 1, 4),
    ("emboss", 4, "same", 3, 0, 63),
    ("emboss", 4, "valid", 3, 0, 1),
    ("identity", 4, "same", 1, 1, 1),
    (OWN, 1, "same", 3, 5, 6),
    (np.zeros((3, 3)), 2, "valid", 1, 0, 0),
]
NAMES = ("kernel", "stride", "padding", "dilation", "row", "column")
rng = np.random.default_rng(0)
IMAGES = {
    "square": rng.random((25, 25)),
    "smallest": rng.random((8, 8)),
    "wide": rng.random((9, 16)),
    "tall and widest": rng.random((64, 31)),
    "white": np.ones((10, 10)),
}


def padded(pixels, kernel_size, stride):
    """Return `pixels` with TensorFlow's zeros around them for padding "same"."""
    total = [
        max((-(-side // stride) - 1) * stride + kernel_size - side, 0) for side in pixels.shape
    ]
    return np.pad(pixels, [(zeros // 2, zeros - zeros // 2) for zeros in total])


def spread(kernel, dilation):
    """Return `kernel` with zeros between its taps."""
    wide = np.zeros((2 * dilation + 1, 2 * dilation + 1))
    wide[::dilation, ::dilation] = kernel
    return wide


def reference(data, kernel, stride, padding, dilation):
    """Return the feature map and the padded input, as SciPy and the definition have them."""
    pixels = np.array(data["pixels"]) / 255
    wide = spread(kernel, dilation)
    if padding == "same":
        pixels = padded(pixels, len(wide), stride)
    return signal.correlate2d(pixels, wide, mode="valid")[::stride, ::stride], pixels


def figure_at(image, dials):
    return convolution_explorer(image, **dict(zip(NAMES, dials, strict=True)))


def value(text):
    return float(text.replace("−", "-"))


@pytest.fixture(scope="module")
def computed(javascript):
    """What the script makes of every image and setting; one start of node for all of them."""
    figures = {name: [figure_at(image, dials) for dials in DIALS] for name, image in IMAGES.items()}
    cases = [
        {"pixels": one[0]._data["pixels"], "settings": [figure._values for figure in one]}
        for one in figures.values()
    ]
    code = """cases.map(({ pixels, settings }) => settings.map((dials) => {
      const span = 2 * dials.dilation + 1, sides = [pixels.length, pixels[0].length];
      const axes = sides.map((side) => axis(side, dials.stride, dials.padding, span));
      const shown = view({ data: { pixels, presets }, ...dials });
      return { features: correlate(pixels, axes, dials), shown };
    }))"""
    pages = javascript("convolution", code, cases=cases, presets=PRESETS)
    return {
        name: list(zip(one, page, strict=True))
        for (name, one), page in zip(figures.items(), pages, strict=True)
    }


@pytest.fixture(params=IMAGES)
def case(request, computed):
    """Pairs of a figure and what the script makes of it, for one image."""
    return computed[request.param]


# The arithmetic of the page


def test_the_feature_map_is_that_of_scipy(case):
    for figure, page in case:
        expected, _ = reference(figure._data, *list(figure._values.values())[:4])
        np.testing.assert_allclose(page["features"], expected, rtol=0, atol=1e-12)


def test_the_numbers_are_those_of_scipy(case):
    for figure, page in case:
        values = figure._values
        expected, seen = reference(figure._data, *list(values.values())[:4])
        shown, (rows, columns) = page["shown"], expected.shape
        row, column = min(values["row"], rows - 1), min(values["column"], columns - 1)
        assert [shown["row"], shown["column"]] == [row, column]
        assert shown["size"] == f"{rows} × {columns}"
        assert shown["multiplications"] == f"{rows} × {columns} × 9 = {expected.size * 9}"
        wanted = [expected[row, column], expected.min(), expected.max()]
        got = [value(shown[name]) for name in ("sum", "smallest", "largest")]
        assert got == pytest.approx(wanted, abs=0.000501)
        top, left, d = row * values["stride"], column * values["stride"], values["dilation"]
        window = seen[top : top + 2 * d + 1 : d, left : left + 2 * d + 1 : d]
        products = [value(shown[f"product{k}"]) for k in range(9)]
        assert products == pytest.approx((window * values["kernel"]).ravel(), abs=0.000501)
        assert [int(shown[f"grey{k}"]) / 255 for k in range(9)] == pytest.approx(window.ravel())
        assert [value(shown[f"pixel{k}"]) for k in range(9)] == pytest.approx(
            window.ravel(), abs=0.000501
        )


def test_the_formula_gives_the_size(case):
    for figure, page in case:
        values, shown = figure._values, page["shown"]
        expected, seen = reference(figure._data, *list(values.values())[:4])
        span = 2 * values["dilation"] + 1
        assert shown["taps"] == f"2 × {values['dilation']} + 1 = {span}"
        for k, name in enumerate("yx"):
            left, right = shown[f"formula_{name}"].split(" = ")
            sum_ = re.sub("[−⌊⌋/]", lambda sign: {"−": "-", "/": "//"}.get(sign[0], ""), left)
            assert eval(sum_) == int(right) == expected.shape[k]
            inside = [int(number) for number in re.findall(r"\d+", left.split(")")[0])]
            assert sum(inside[:-1]) == seen.shape[k]
            assert inside[-1] == span
            assert ("⌊" in left) == ((seen.shape[k] - span) % values["stride"] != 0)


def test_the_picture_is_the_feature_map(case):
    for figure, page in case:
        expected, _ = reference(figure._data, *list(figure._values.values())[:4])
        rows, columns = expected.shape
        raw = base64.b64decode(page["shown"]["map"].split(",")[1])
        lines = np.frombuffer(raw[14 + 40 + 1024 :], np.uint8).reshape(rows, -1)[:, :columns]
        limit = np.abs(expected).max()
        limit = limit if limit > 1e-9 else 1
        signed = page["shown"]["legend"] == "blue −, orange +"
        assert signed == (expected.min() < -1e-9)
        levels = 128 + 127 * expected / limit if signed else 255 * expected / limit
        np.testing.assert_allclose(lines, levels, rtol=0, atol=0.501)


def test_a_kernel_has_the_name_of_its_preset(case):
    for (kernel, *_), (_, page) in zip(DIALS, case, strict=True):
        assert page["shown"]["preset"] == (kernel if isinstance(kernel, str) else "your own")


def test_a_preset_is_known_with_fewer_digits_too(javascript):
    blur = np.full((3, 3), 0.111111111111).tolist()  # as JSON has it
    code = "presetName(presets, blur)"
    assert javascript("convolution", code, presets=PRESETS, blur=blur) == "blur"


def test_sobel_answers_to_its_edge_alone():
    step = np.zeros((9, 9))
    step[:, 5:] = 1  # dark, then bright to the right
    figures = [convolution_explorer(step, kernel=k) for k in ("vertical edge", "horizontal edge")]
    across, down = map(shown, figures)
    assert (across["smallest"], across["largest"]) == ("0.000", "4.000")
    assert (down["smallest"], down["largest"]) == ("0.000", "0.000")


@pytest.mark.parametrize(
    ("side", "stride", "span", "wanted"),
    [(25, 1, 3, (25, 1, 1)), (25, 2, 3, (13, 1, 1)), (24, 2, 3, (12, 0, 1)), (8, 4, 3, (2, 0, 0))],
)
def test_same_padding_is_that_of_tensorflow(javascript, side, stride, span, wanted):
    page = javascript("convolution", f"axis({side}, {stride}, 'same', {span})")
    assert tuple(page.values()) == (side, *wanted)


# The Python object


def test_the_image_is_kept_in_255ths():
    image = np.arange(64).reshape(8, 8) / 63
    kept = np.array(convolution_explorer(image)._data["pixels"])
    assert np.abs(kept / 255 - image).max() <= 0.5 / 255 + 1e-12
    same = (np.arange(64).reshape(8, 8) * 4).astype(np.uint8)
    assert convolution_explorer(same)._data["pixels"] == same.tolist()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((25, 25, 3)), r"image must have shape \(H, W\) .* 8 to 64, got \(25, 25, 3\)"),
        (np.zeros((7, 25)), r"image must have shape .*, got \(7, 25\)"),
        (np.zeros((25, 65)), r"image must have shape .*, got \(25, 65\)"),
        (np.full((8, 8), 1.5), "image must hold values from 0 to 1, got 1.5 to 1.5"),
        (np.full((8, 8), np.nan), "image must not hold NaN"),
    ],
)
def test_wrong_images_are_named(image, message):
    with pytest.raises(ValueError, match=message):
        convolution_explorer(image)


def test_an_image_of_the_wrong_type_is_named():
    with pytest.raises(TypeError, match="image must hold floats from 0 to 1 or uint8, got dtype"):
        convolution_explorer(np.zeros((8, 8), int))


@pytest.mark.parametrize(
    ("dial", "message"),
    [
        ({"kernel": "sobel"}, "kernel must be one of identity, vertical edge, .*, got 'sobel'"),
        ({"kernel": [[1, 2], [3, 4]]}, "kernel must hold 3 x 3 numbers from -9 to 9, got"),
        ({"kernel": np.full((3, 3), 9.1)}, "kernel must hold 3 x 3 numbers from -9 to 9, got"),
        ({"stride": 5}, "stride must be a number from 1 to 4, got 5"),
        ({"padding": "full"}, "padding must be one of valid, same, got 'full'"),
        ({"dilation": 0}, "dilation must be a number from 1 to 3, got 0"),
        ({"row": -1}, "row must be a number from 0 to 63, got -1"),
        ({"column": 64}, "column must be a number from 0 to 63, got 64"),
    ],
)
def test_wrong_dials_are_named(dial, message):
    with pytest.raises(ValueError, match=message):
        convolution_explorer(IMAGES["smallest"], **dial)


def test_a_preset_can_be_set_by_name_later_too():
    figure = convolution_explorer(IMAGES["smallest"])
    figure.kernel = "blur"
    assert figure.kernel == [[1 / 9] * 3] * 3
    with pytest.raises(ValueError, match="kernel must be one of"):
        figure.kernel = "blurr"


def test_every_preset_is_a_kernel_and_only_edges_ignore_a_plain_area():
    sums = {name: round(float(np.sum(table)), 9) for name, table in PRESETS.items()}
    edges = {"vertical edge", "horizontal edge", "outline"}
    assert sums == {name: 0 if name in edges else 1 for name in PRESETS}


# The page in a browser


def dial(page, name):
    return page.locator(f"[data-dial={name}]")


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def announced(page):
    return page.locator("[aria-live]").text_content()


def assert_shows(page, image, *dials):
    """Every slot on the page is that of a figure made with these dials."""
    expected = shown(figure_at(image, dials))
    read = """Object.fromEntries([...document.querySelectorAll("[data-slot]")].map((slot) =>
      [slot.dataset.slot, slot.getAttribute("src") ?? slot.textContent]))"""
    found = page.evaluate(read)
    assert found == {name: expected[name] for name in found}


def centre(page, row, column):
    """Return where the centre of an output pixel is on the screen."""
    box = page.locator("img.ft-map").bounding_box()
    rows, columns = map(int, slot(page, "size").split(" × "))
    x = box["x"] + (column + 0.5) * box["width"] / columns
    return x, box["y"] + (row + 0.5) * box["height"] / rows


def test_pointing_at_the_feature_map_moves_the_window(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face))
    for row, column in [(0, 0), (22, 22), (4, 17)]:
        page.mouse.move(*centre(page, row, column))
        assert_shows(page, lfw_face, "vertical edge", 1, "valid", 1, row, column)
        for name, wanted in (("row", row), ("column", column)):
            assert dial(page, name).input_value() == str(wanted)
    dial(page, "stride").press("End")
    page.mouse.click(*centre(page, 5, 2))
    assert_shows(page, lfw_face, "vertical edge", 4, "valid", 1, 5, 2)


def test_a_tap_picks_the_pixel(open_page, lfw_face):
    page = open_page(
        convolution_explorer(lfw_face), has_touch=True, viewport={"width": 390, "height": 800}
    )
    page.touchscreen.tap(*centre(page, 12, 3))
    assert_shows(page, lfw_face, "vertical edge", 1, "valid", 1, 12, 3)


def test_pointing_at_the_input_moves_the_window_there(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face, padding="same", row=0, column=0))
    box = page.locator(".ft-input img").bounding_box()
    cell = box["width"] / 25
    page.mouse.move(box["x"] + 9.5 * cell, box["y"] + 20.5 * cell)
    assert_shows(page, lfw_face, "vertical edge", 1, "same", 1, 20, 9)


def test_keys_do_what_the_pointer_does(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face))
    dial(page, "row").press("ArrowRight")
    dial(page, "column").press("End")
    assert_shows(page, lfw_face, "vertical edge", 1, "valid", 1, 8, 22)
    centre_value = slot(page, "sum")
    assert announced(page) == f"Feature map 23 × 23. Row 8, column 22: {centre_value}."
    dial(page, "stride").press("ArrowRight")
    dial(page, "dilation").press("End")
    dial(page, "padding").select_option("same")
    assert_shows(page, lfw_face, "vertical edge", 2, "same", 3, 8, 22)
    assert announced(page).startswith("Feature map 13 × 13.")


def test_a_slider_ends_with_the_feature_map_and_remembers_its_place(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face, row=20))
    dial(page, "stride").press("End")
    assert (dial(page, "row").get_attribute("max"), dial(page, "row").input_value()) == ("5", "5")
    assert slot(page, "row") == "5"
    dial(page, "stride").press("Home")
    assert (dial(page, "row").get_attribute("max"), dial(page, "row").input_value()) == ("22", "20")
    assert_shows(page, lfw_face, "vertical edge", 1, "valid", 1, 20, 9)


def weights(page):
    return [float(cell.input_value()) for cell in dial(page, "kernel").all()]


def test_choosing_a_preset_fills_the_kernel(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face, kernel=OWN))
    menu = page.get_by_label("Kernel")
    assert menu.input_value() == "your own"
    for name, table in PRESETS.items():
        menu.select_option(name)
        assert weights(page) == [round(weight, 3) for row in table for weight in row]
        assert_shows(page, lfw_face, name, 1, "valid", 1, 7, 9)
        assert announced(page) == f"Feature map 23 × 23. Row 7, column 9: {slot(page, 'sum')}."


def test_editing_a_weight_makes_the_kernel_the_readers_own(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face))
    menu, cell = page.get_by_label("Kernel"), page.get_by_label("Weight, row 1, column 2")
    cell.fill("-3.5")
    kernel = [[-1, 0, 1], [-2, 0, -3.5], [-1, 0, 1]]
    assert menu.input_value() == "your own"
    assert_shows(page, lfw_face, kernel, 1, "valid", 1, 7, 9)
    cell.press("ArrowUp")
    kernel[1][2] = float(cell.input_value())
    assert kernel[1][2] > -3.5
    assert_shows(page, lfw_face, kernel, 1, "valid", 1, 7, 9)
    cell.fill("2")
    assert menu.input_value() == "vertical edge"


def test_a_weight_half_typed_or_too_large_changes_nothing(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face))
    cell = page.get_by_label("Weight, row 1, column 2")
    for typed in ("", "20"):
        cell.fill(typed)
        assert cell.input_value() == typed
        assert_shows(page, lfw_face, "vertical edge", 1, "valid", 1, 7, 9)
        cell.press("Tab")
        assert cell.input_value() == "2"


def turn(page, figure):
    """Set every dial of the page's model to that of `figure`."""
    page.evaluate("(dials) => { for (const d in dials) model.set(d, dials[d]) }", figure._values)


def marks(page):
    """Return where each mark is by its selector, in input pixels from its picture's corner."""
    read = """(selectors) => selectors.map((selector) =>
      [...document.querySelectorAll(selector)].map((part) => {
        const frame = part.closest(".ft-pixels"), box = part.getBoundingClientRect();
        const { left, top, width } = frame.getBoundingClientRect();
        const unit = width / getComputedStyle(frame).getPropertyValue("--across");
        return [box.top - top, box.left - left, box.height, box.width].map((x) => x / unit);
      }))"""
    names = ["input img", "ring", "window", "window i", "output img", "pick", "input .ft-map"]
    return dict(zip(names, page.evaluate(read, [f".ft-{name}" for name in names]), strict=True))


@pytest.mark.parametrize("name", ["square", "wide"])
def test_every_mark_lies_where_scipy_looks(open_page, name):
    image = IMAGES[name]
    page = open_widget(open_page, figure_at(image, DIALS[0]))
    for dials in DIALS:
        figure = figure_at(image, dials)
        turn(page, figure)
        _, stride, _, dilation, *chosen = dials
        features, seen = reference(figure._data, *list(figure._values.values())[:4])
        before = (np.array(seen.shape) - image.shape) // 2
        at = np.minimum(chosen, np.array(features.shape) - 1)
        span, window = 2 * dilation + 1, 3 - before + stride * at
        taps = [[*(window + np.array(k) * dilation), 1, 1] for k in np.ndindex(3, 3)]
        corner = 3 - before + span / 2 - stride / 2
        features_box = [*corner, *(stride * np.array(features.shape))]
        wanted = {
            "input img": [[3, 3, *image.shape]],
            "ring": [[*(3 - before), *seen.shape]],
            "window": [[*window, span, span]],
            "window i": taps,
            "output img": [features_box],
            "pick": [[*(window + span / 2 - stride / 2), stride, stride]],
            "input .ft-map": [features_box],
        }
        found = marks(page)
        for part, boxes in wanted.items():
            np.testing.assert_allclose(found[part], boxes, rtol=0, atol=0.02, err_msg=part)


def test_the_swatches_are_the_pixels_under_the_window(open_page, lfw_face):
    figure = convolution_explorer(lfw_face)
    page = open_page(figure)
    dial(page, "row").press("Home")
    dial(page, "column").press("Home")
    window = np.array(figure._data["pixels"])[:3, :3].ravel()
    read = "[...document.querySelectorAll('td i')].map((i) => getComputedStyle(i).backgroundColor)"
    assert page.evaluate(read) == [f"rgb({v}, {v}, {v})" for v in window]


def test_nothing_moves_when_a_dial_does(open_page, lfw_face):
    page = open_widget(open_page, figure_at(lfw_face, DIALS[0]))
    extreme = (np.array([[-9, -8.125, 8.125]] * 3), 1, "same", 3, 24, 24)
    settings = [figure_at(lfw_face, dials)._values for dials in [*DIALS, extreme]]
    layout = """(settings) => settings.map((dials) => {
      for (const name in dials) model.set(name, dials[name]);
      const parts = document.querySelectorAll("label, table, td, .ft-pixels, #after");
      return [document.documentElement.scrollWidth, ...[...parts].map((part) => part.offsetTop)];
    })"""
    for width in (300, 390, 600, 680, 700, 757, 800):
        page.set_viewport_size({"width": width, "height": 800})
        first, *others = page.evaluate(layout, settings)
        assert first[0] <= width
        assert all(other == first for other in others)


def test_frames_on_pictures_are_the_same_in_light_and_dark_and_the_table_takes_the_scheme(
    open_page, lfw_face
):
    page = open_page(convolution_explorer(lfw_face), color_scheme="light")
    read = """() => [".ft-pick", ".ft-sum tbody"].map(
      (name) => getComputedStyle(document.querySelector(name)).outlineColor)"""
    assert page.evaluate(read) == ["rgb(255, 154, 31)", "rgb(166, 74, 6)"]
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(read) == ["rgb(255, 154, 31)", "rgb(245, 163, 92)"]


def test_the_dark_book_neither_frames_nor_dims_the_pictures(open_page, lfw_face):
    theme = """<style>
      html[data-theme=dark] img:not(.only-dark, .dark-light) { filter: brightness(.8) }
      html[data-theme=dark] .bd-content div.cell_output img { padding: .5rem; border-radius: 4px }
    </style>"""
    body = convolution_explorer(lfw_face)._repr_html_()
    page = open_page(f'{theme}<div class="bd-content"><div class="cell_output">{body}</div></div>')
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    read = """(({ padding, filter, borderRadius }) => [padding, filter, borderRadius])(
      getComputedStyle(document.querySelector(".ft-output img")))"""
    assert page.evaluate(read) == ["0px", "none", "0px"]


def test_every_control_and_picture_has_a_name(open_page, lfw_face):
    page = open_page(convolution_explorer(lfw_face))
    for name in ("Row", "Column", "Stride", "Dilation"):
        assert page.get_by_role("slider", name=re.compile(f"^{name}")).count() == 1
    for name in ("Kernel", "Padding"):
        assert page.get_by_role("combobox", name=name).count() == 1
    for i, j in np.ndindex(3, 3):
        weight = page.get_by_role("spinbutton", name=f"Weight, row {i}, column {j}")
        assert weight.get_attribute("data-cell") == f"{i} {j}"
    assert page.get_by_role("img", name=re.compile("^The (input|feature map)")).count() == 2


def test_a_redraw_takes_less_than_a_frame(open_page):
    page = open_page(convolution_explorer(IMAGES["tall and widest"]))
    page.evaluate("""() => { window.turn = () => {
      const slider = document.querySelector("[data-dial=column]");
      slider.value = (slider.valueAsNumber + 1) % 20;
      slider.dispatchEvent(new Event("input"));
    }; for (let k = 0; k < 20; k++) turn(); }""")
    spent = page.evaluate("""() => { const start = performance.now();
      for (let k = 0; k < 50; k++) turn();
      return (performance.now() - start) / 50; }""")
    assert spent < 16
