"""The pooling explorer: its arithmetic against plain loops and scikit-image, and real events."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from skimage.measure import block_reduce

from facebook_tut.interactive import pooling_explorer

NAMES = ("kind", "window", "stride", "shift_right", "shift_down", "row", "column")
SLOTS = ("window", "stride", "right", "down", "row", "column")
RNG = np.random.default_rng(0)
IMAGES = {
    "square": RNG.random((25, 25)),
    "smallest, full of ties": RNG.integers(0, 3, (8, 8)) / 2,
    "wide": RNG.random((9, 64)),
    "tall": RNG.random((64, 31)),
    "white": np.ones((10, 10)),
    "a dot": np.pad([[1.0]], [(4, 5), (3, 6)]),
}
DIALS = [
    ("max", 2, 2, 0, 0, 4, 5),
    ("max", 2, 1, 1, 0, 6, 6),
    ("max", 3, 3, -2, 1, 0, 0),
    ("max", 4, 4, 0, -1, 1, 0),
    ("max", 5, 2, -4, -4, 3, 1),
    ("max", 2, 6, 4, 4, 0, 1),
    ("average", 2, 2, 0, 0, 3, 3),
    ("average", 3, 1, 0, 3, 2, 5),
    ("average", 6, 6, 1, -1, 0, 0),
    ("average", 2, 5, -3, 0, 1, 1),
]


def grey(image):
    """Return an image's levels: halves go up."""
    return np.floor(255 * np.asarray(image) + 0.5).astype(int)


def moved(levels, right, down):
    """Return `levels` shifted, cut out of a picture with wide repeated borders."""
    height, width = levels.shape
    wide = np.pad(levels, 4, mode="edge")
    return wide[4 - down : 4 - down + height, 4 - right : 4 - right + width]


def windows(levels, side, stride):
    """Yield each window's place in the pooled map, its top and left, and its levels."""
    for row, top in enumerate(range(0, len(levels) - side + 1, stride)):
        for column, left in enumerate(range(0, len(levels[0]) - side + 1, stride)):
            yield (row, column), (top, left), levels[top : top + side, left : left + side]


def pooled(levels, kind, side, stride):
    """Return each window's largest level or sum, by its place; and each one's winner."""
    results, winners = {}, {}
    for place, (top, left), values in windows(levels, side, stride):
        results[place] = int(values.max() if kind == "max" else values.sum())
        first = min(
            (-values[i, j], i, j) for i in range(side) for j in range(side)
        )  # the largest; of equals, the first in reading order
        winners[place] = (top + first[1], left + first[2])
    return results, winners


def as_table(results):
    """Return results by place as an array."""
    table = np.zeros(np.max(list(results), axis=0) + 1, dtype=int)
    for place, result in results.items():
        table[place] = result
    return table


def pixels(uri):
    """Return the levels of a picture in a data URI."""
    with Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2]))) as image:
        return np.array(image.convert("L"), dtype=int)


def cells(markup, side):
    """Return the texts of a table, and where in it the strong one is, if there is one."""
    inside = re.findall(r"<td[^>]*>(.*?)</td>", markup)
    strong = [divmod(at, side) for at, text in enumerate(inside) if "<b>" in text]
    texts = np.array([re.sub("<.?b>", "", text) for text in inside]).reshape(side, side)
    return texts, strong


@pytest.fixture(scope="module")
def computed(javascript):
    """What the script makes of every image and setting; one start of node for all of them."""
    images = {name: pooling_explorer(image)._data["image"] for name, image in IMAGES.items()}
    one = """(image) => settings.map(([kind, side, stride, right, down, row, column]) => {
      const dials = { kind, window: side, stride, row, column };
      Object.assign(dials, { shift_right: right, shift_down: down });
      const input = shift(image, right, down);
      return {
        input, pooled: pool(input, kind, side, stride), change: change(image, input, 1),
        drawn: view({ data: { image }, ...dials }),
      };
    })"""
    values = javascript(
        "pooling", f"Object.values(images).map({one})", images=images, settings=DIALS
    )
    return dict(zip(images, values, strict=True))


@pytest.fixture(params=IMAGES)
def cases(request, computed):
    """An image's levels, and for each setting the setting and what the script makes of it."""
    levels = np.array(pooling_explorer(IMAGES[request.param])._data["image"])
    return levels, list(zip(DIALS, computed[request.param], strict=True))


# The arithmetic of the page


def test_a_shift_repeats_the_border(cases):
    levels, settings = cases
    for (_, _, _, right, down, *_), page in settings:
        np.testing.assert_array_equal(page["input"], moved(levels, right, down))
        np.testing.assert_array_equal(pixels(page["drawn"]["input"]), page["input"])


def test_pooling_is_that_of_plain_loops(cases):
    for (kind, side, stride, *_), page in cases[1]:
        results, winners = pooled(np.array(page["input"]), kind, side, stride)
        np.testing.assert_array_equal(page["pooled"]["totals"], as_table(results))
        if kind == "average":
            assert page["pooled"]["won"] is None
            continue
        for (row, column), winner in winners.items():
            at = page["pooled"]["won"][row][column]
            assert (stride * row + at // side, stride * column + at % side) == winner


def test_the_map_is_that_of_scikit_image_where_windows_stand_side_by_side(cases):
    seen = 0
    for (kind, side, stride, *_), page in cases[1]:
        if side != stride:
            continue
        levels = np.array(page["input"])
        whole = levels[: len(levels) // side * side, : len(levels[0]) // side * side]
        expected = block_reduce(whole, side, np.max if kind == "max" else np.mean)
        shown = pixels(page["drawn"]["map"])
        np.testing.assert_array_equal(shown, np.floor(expected + 0.5).astype(int))
        seen += 1
    assert seen == 5


def test_the_dots_are_the_winners_and_the_veil_is_what_no_window_holds(cases):
    for (kind, side, stride, *_), page in cases[1]:
        drawn, levels = page["drawn"], np.array(page["input"])
        dots = [(int(y), int(x)) for x, y in re.findall(r"M(\d+) (\d+)h0", drawn["winners"])]
        winners = set(pooled(levels, kind, side, stride)[1].values()) if kind == "max" else set()
        assert sorted(dots) == sorted(winners)
        seen = np.zeros(levels.shape, dtype=bool)
        for _, (top, left), _ in windows(levels, side, stride):
            seen[top : top + side, left : left + side] = True
        unread = np.zeros(levels.shape, dtype=bool)
        rows = re.findall(r"M0 (\d+)h\d+v1H0z", drawn["veil"])
        columns = re.findall(r"M(\d+) 0h1v\d+h-1z", drawn["veil"])  # the same way round as rows
        assert len(rows) + len(columns) == drawn["veil"].count("M")
        unread[[int(row) for row in rows]] = True
        unread[:, [int(column) for column in columns]] = True
        np.testing.assert_array_equal(unread, ~seen)
        assert drawn["unseen"] == f"{unread.sum()} of {unread.size} pixels in no window"


def test_the_window_and_its_gradient(cases):
    """The gradient is measured: how much the result moves when one value moves."""
    for (kind, side, stride, _, _, row, column), page in cases[1]:
        drawn, levels = page["drawn"], np.array(page["input"])
        results, winners = pooled(levels, kind, side, stride)
        at = tuple(np.minimum([row, column], np.max(list(results), axis=0)))
        assert (int(drawn["row"]), int(drawn["column"])) == at
        _, (top, left), values = next(w for w in windows(levels, side, stride) if w[0] == at)
        texts, strong = cells(drawn["window_cells"], side)
        np.testing.assert_array_equal(texts.astype(int), values)
        gradients, gets_all = cells(drawn["backward_cells"], side)
        if kind == "average":
            assert strong == gets_all == []
            assert drawn["result"].startswith(f"{results[at]} / {side**2} = ")
            assert float(drawn["result"].split()[-1]) == pytest.approx(values.mean(), abs=0.005001)
            assert set(gradients.ravel()) == {f"1/{side**2}"}
            continue
        winner = winners[at][0] - top, winners[at][1] - left
        assert strong == gets_all == [winner]
        assert drawn["result"] == f"max = {values.max()}"
        assert (int(drawn["won_row"]), int(drawn["won_column"])) == winners[at]
        tied = (values == values.max()).sum()
        assert drawn["tied"].startswith(f"{tied} pixels tie") if tied > 1 else drawn["tied"] == ""
        if tied == 1:
            nudge = 0.5 * np.eye(side * side).reshape(-1, side, side)
            measured = ((values + nudge).max((1, 2)) - values.max()) / 0.5
            np.testing.assert_array_equal(gradients.astype(int).ravel(), measured)


def test_the_change_is_that_of_numpy_over_the_whole_map(cases):
    levels, settings = cases
    for (kind, side, stride, right, down, *_), page in settings:
        area = 1 if kind == "max" else side**2
        maps = [
            as_table(pooled(image, kind, side, stride)[0]) / area
            for image in (levels, np.array(page["input"]))
        ]
        change = {
            "input": np.abs(np.array(page["input"]) - levels),
            "map": np.abs(maps[1] - maps[0]),
        }
        for name, difference in change.items():
            same, drawn = (difference <= 1 + 1e-9).sum(), page["drawn"]
            assert float(drawn[f"{name}_change"]) == pytest.approx(difference.mean(), abs=0.05001)
            assert drawn[f"{name}_same"] == f"{same} of {difference.size}"
            share = 100 * same / difference.size
            assert float(drawn[f"{name}_share"]) == pytest.approx(share, abs=0.05001)
        assert page["change"]["mean"] == pytest.approx(change["input"].mean())
        if not (right or down):
            assert "in its place" in page["drawn"]["moved"]
        elif change["input"].any():
            ratio = 100 * change["map"].mean() / change["input"].mean()
            percent = int(re.search(r"is (\d+) %", page["drawn"]["moved"])[1])
            assert percent == pytest.approx(ratio, abs=0.5001)
        else:
            assert "looks the same" in page["drawn"]["moved"]


def test_a_shift_by_the_stride_moves_the_map_by_one_pixel(javascript):
    levels = grey(IMAGES["square"]).tolist()
    code = "[pool(image, 'max', 3, 2), pool(shift(image, 2, 0), 'max', 3, 2)].map((p) => p.totals)"
    before, after = map(np.array, javascript("pooling", code, image=levels))
    np.testing.assert_array_equal(after[:, 2:], before[:, 1:-1])


def test_the_size_formula_is_that_of_valid_padding(cases):
    for (_, side, stride, *_), page in cases[1]:
        drawn, shape = page["drawn"], np.shape(page["input"])
        sizes = [(length - side) // stride + 1 for length in shape]
        assert drawn["size"] == f"{sizes[0]} × {sizes[1]}"
        formulas = re.findall(r"(\d+) = ⌊\((\d+) − (\d+)\) / (\d+)⌋ \+ 1", drawn["formula"])
        found = {tuple(map(int, numbers)) for numbers in formulas}
        assert found == {
            (size, length, side, stride) for size, length in zip(sizes, shape, strict=True)
        }


# The Python object


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (np.zeros((8, 8, 3)), ValueError, r"image must have shape \(H, W\) .* got \(8, 8, 3\)"),
        (np.zeros((7, 20)), ValueError, r"H and W from 8 to 64, got \(7, 20\)"),
        (np.zeros((20, 65)), ValueError, r"H and W from 8 to 64, got \(20, 65\)"),
        (
            np.zeros((8, 8), int),
            TypeError,
            "image must hold floats from 0 to 1 or uint8",
        ),
        (np.full((8, 8), np.nan), ValueError, "image must not hold NaN, got 64 of them"),
        (np.full((8, 8), -0.5), ValueError, "image must hold values from 0 to 1, got -0.5"),
        (np.full((8, 8), 200.0), ValueError, "image must hold values from 0 to 1, got 200"),
    ],
)
def test_a_wrong_image_is_named(image, error, message):
    with pytest.raises(error, match=message):
        pooling_explorer(image)


@pytest.mark.parametrize(
    ("dials", "message"),
    [
        ({"kind": "min"}, "kind must be one of max, average, got 'min'"),
        ({"window": 1}, "window must be a number from 2 to 6, got 1"),
        ({"window": 7}, "window must be a number from 2 to 6, got 7"),
        ({"stride": 0}, "stride must be a number from 1 to 6, got 0"),
        ({"shift_right": 5}, "shift_right must be a number from -4 to 4, got 5"),
        ({"shift_down": -5}, "shift_down must be a number from -4 to 4, got -5"),
        ({"row": 9}, "row must be a number from 0 to 8, got 9"),
        ({"column": 20}, "column must be a number from 0 to 18, got 20"),
    ],
)
def test_a_dial_out_of_range_is_named(dials, message):
    with pytest.raises(ValueError, match=message):
        pooling_explorer(np.zeros((10, 20)), **dials)


def test_levels_are_those_of_the_image(lfw_face):
    before = lfw_face.copy()
    levels = np.array(pooling_explorer(lfw_face)._data["image"])
    np.testing.assert_array_equal(levels, grey(lfw_face))
    np.testing.assert_array_equal(lfw_face, before)


# The page in a browser


def dial(page, name):
    return page.locator(f"[data-dial={name}]")


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def assert_shows(page, image):
    """The page shows what loops make of the image at the page's own dials; return those."""
    values = [int(slot(page, name).replace("−", "-")) for name in SLOTS]
    side, stride, right, down, row, column = values
    kind = dial(page, "kind").input_value()
    levels = moved(grey(image), right, down)
    results, winners = pooled(levels, kind, side, stride)
    area = 1 if kind == "max" else side**2
    shown = {
        name: page.locator(f"[data-slot={name}]").get_attribute("src") for name in ("input", "map")
    }
    np.testing.assert_array_equal(pixels(shown["input"]), levels)
    expected = np.floor(as_table(results) / area + 0.5)
    np.testing.assert_array_equal(pixels(shown["map"]), expected)
    top, left = stride * row, stride * column
    texts = page.locator(".ft-forward td").all_text_contents()
    assert list(map(int, texts)) == levels[top : top + side, left : left + side].ravel().tolist()
    height, width = levels.shape
    assert_lies(page, ".ft-window", left / width, top / height, side / width, side / height)
    rows, columns = expected.shape
    assert_lies(page, ".ft-pick", column / columns, row / rows, 1 / columns, 1 / rows)
    assert int(dial(page, "row").get_attribute("max")) == rows - 1
    assert [dial(page, name).input_value() for name in ("row", "column")] == [str(row), str(column)]
    if kind == "max":
        y, x = winners[row, column]
        assert_lies(page, ".ft-winner", (x + 0.5) / width, (y + 0.5) / height)
    return values


def assert_lies(page, mark, left, top, *size):
    """A mark lies in its picture at these parts of it: its corner and size, or its centre."""
    box, picture = page.evaluate(
        """(mark) => [document.querySelector(mark), document.querySelector(mark).parentNode]
        .map((part) => part.getBoundingClientRect().toJSON())""",
        mark,
    )
    shift = 0 if size else 0.5
    x = (box["left"] + shift * box["width"] - picture["left"]) / picture["width"]
    y = (box["top"] + shift * box["height"] - picture["top"]) / picture["height"]
    assert (x, y) == pytest.approx((left, top), abs=0.004)
    if size:
        parts = box["width"] / picture["width"], box["height"] / picture["height"]
        assert parts == pytest.approx(size, abs=0.004)


def middle_of(page, row, column):
    """Return where on the page a pixel of the pooled map is."""
    box = page.locator(".ft-output .ft-pixels").bounding_box()
    rows, columns = map(int, slot(page, "size").split(" × "))
    x = box["x"] + (column + 0.5) / columns * box["width"]
    return x, box["y"] + (row + 0.5) / rows * box["height"]


def test_keys_and_the_menu_set_every_dial(open_page, lfw_face):
    page = open_page(pooling_explorer(lfw_face))
    assert assert_shows(page, lfw_face) == [2, 2, 0, 0, 4, 5]
    for name, key, expected in [
        ("window", "ArrowRight", [3, 2, 0, 0, 4, 5]),
        ("stride", "ArrowLeft", [3, 1, 0, 0, 4, 5]),
        ("shift_right", "ArrowRight", [3, 1, 1, 0, 4, 5]),
        ("shift_down", "Home", [3, 1, 1, -4, 4, 5]),
        ("row", "End", [3, 1, 1, -4, 22, 5]),
        ("column", "ArrowLeft", [3, 1, 1, -4, 22, 4]),
    ]:
        dial(page, name).press(key)
        assert assert_shows(page, lfw_face) == expected
    dial(page, "kind").select_option("average")
    assert assert_shows(page, lfw_face) == expected
    assert page.locator(".ft-winner").evaluate("(mark) => getComputedStyle(mark).opacity") == "0"
    said = page.locator("[aria-live]").text_content()
    assert said.startswith("Average pooling") and "row 22, column 4: " in said


def test_the_mouse_chooses_a_pixel_of_the_map(open_page, lfw_face):
    page = open_page(pooling_explorer(lfw_face))
    for row, column in [(0, 0), (7, 3), (11, 11)]:
        page.mouse.move(*middle_of(page, row, column))
        assert assert_shows(page, lfw_face)[-2:] == [row, column]


def test_a_tap_chooses_a_pixel_of_the_map(open_page, lfw_face):
    figure = pooling_explorer(lfw_face, window=4, stride=4)
    page = open_page(figure, has_touch=True, viewport={"width": 390, "height": 800})
    page.touchscreen.tap(*middle_of(page, 1, 4))
    assert assert_shows(page, lfw_face)[-2:] == [1, 4]


def test_the_pixel_stays_in_a_map_that_shrinks_and_comes_back(open_page, lfw_face):
    page = open_page(pooling_explorer(lfw_face, row=11, column=10))
    dial(page, "stride").press("End")
    assert assert_shows(page, lfw_face) == [2, 6, 0, 0, 3, 3]
    dial(page, "stride").press("Home")
    assert assert_shows(page, lfw_face) == [2, 1, 0, 0, 11, 10]


def test_the_button_puts_the_image_back(open_page, lfw_face):
    page = open_page(pooling_explorer(lfw_face, shift_right=3, shift_down=-2))
    assert assert_shows(page, lfw_face)[2:4] == [3, -2]
    assert slot(page, "moved").startswith("Moved 3 right and 2 up: ")
    page.get_by_role("button", name="Put it back").click()
    assert assert_shows(page, lfw_face)[2:4] == [0, 0]
    assert [slot(page, f"{name}_change") for name in ("input", "map")] == ["0.0", "0.0"]
    assert [dial(page, name).input_value() for name in ("shift_right", "shift_down")] == ["0", "0"]
    assert "in its place" in page.locator("[aria-live]").text_content()


def test_bars_are_as_long_as_their_numbers(open_page, lfw_face):
    page = open_page(pooling_explorer(lfw_face, shift_right=2))
    lengths = page.evaluate(
        """["input-change", "map-change", "input-share", "map-share"].map((name) =>
        document.querySelector(`.ft-${name}`).getBoundingClientRect().width)"""
    )
    numbers = [
        float(slot(page, name))
        for name in ("input_change", "map_change", "input_share", "map_share")
    ]
    assert lengths[1] / lengths[0] == pytest.approx(numbers[1] / numbers[0], abs=0.01)
    assert lengths[3] / lengths[2] == pytest.approx(numbers[3] / numbers[2], rel=0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_values_stand_out_on_every_grey(open_page, scheme):
    levels = np.resize(np.r_[0, 255, 100:134], (8, 8))
    figure = pooling_explorer(levels / 255, window=6, row=0, column=0, stride=1)
    page = open_page(figure, color_scheme=scheme)
    colours = page.evaluate(
        """[...document.querySelectorAll(".ft-forward td")].map((cell) => getComputedStyle(cell))
        .map(({ color, backgroundColor }) => [color, backgroundColor])"""
    )
    for pair in colours:
        parts = [int(re.match(r"rgb\((\d+), \1, \1\)", colour)[1]) / 255 for colour in pair]
        light = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        assert (max(light) + 0.05) / (min(light) + 0.05) >= 4.5


def test_nothing_below_moves_however_the_dials_stand_together(open_page, lfw_face):
    page = open_page(pooling_explorer(lfw_face))
    settings = [dict(zip(NAMES, setting, strict=True)) for setting in DIALS]
    move = """(settings) => settings.map((setting) => {
      for (const [name, value] of Object.entries(setting)) {
        const input = document.querySelector(`[data-dial=${name}]`);
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
      const below = document.querySelector("#after").getBoundingClientRect().top;
      return [below, document.documentElement.scrollWidth];
    })"""
    for width in (300, 390, 620, 800):
        page.set_viewport_size({"width": width, "height": 800})
        first, *others = page.evaluate(move, settings)
        assert first[1] <= width
        assert all(other == first for other in others)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_takes_the_scheme_of_its_page(open_page, lfw_face, scheme):
    page = open_page(pooling_explorer(lfw_face), color_scheme=scheme)
    read = """() => [[".ft-window", "outlineColor"], [".ft-backward td b", "color"]].map(
      ([name, part]) => getComputedStyle(document.querySelector(name))[part])"""
    on_orange = {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 17, 17)"}[scheme]
    assert page.evaluate(read) == ["rgb(255, 154, 31)", on_orange]


def test_the_map_fits_the_frame_of_a_long_image(open_page):
    image = RNG.random((40, 12))
    page = open_page(pooling_explorer(image, window=6, stride=6, row=5, column=0))
    assert assert_shows(page, image) == [6, 6, 0, 0, 5, 0]
    frame, shown = (
        page.locator(f".ft-output {part}").bounding_box() for part in (".ft-frame", ".ft-pixels")
    )
    for place in ("x", "y", "width"):
        assert shown[place] == pytest.approx(frame[place], abs=0.5)
    assert shown["height"] == pytest.approx(3 * frame["width"], abs=1)
    assert shown["height"] < frame["height"]


def test_every_control_has_a_name_and_every_picture_a_text(open_page, lfw_face):
    page = open_page(pooling_explorer(lfw_face))
    names = ["Window 2 × 2", "Stride 2", "Shift right 0", "Shift down 0", "Row 4", "Column 5"]
    for name in names:
        assert page.get_by_role("slider", name=name, exact=True).count() == 1
    assert page.get_by_role("combobox", name="Pooling").count() == 1
    assert page.get_by_role("img", name="The pooled map").count() == 1
    assert page.get_by_role("img", name="The input").count() == 1
