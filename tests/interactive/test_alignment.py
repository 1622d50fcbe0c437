"""The alignment explorer: its arithmetic against NumPy and scikit-image, and real events."""

import base64
import io
import math

import numpy as np
import pytest
from PIL import Image
from skimage.transform import SimilarityTransform, warp

from facebook_tut.alignment import TEMPLATE, align, alignment_error, similarity_transform
from facebook_tut.interactive import alignment_explorer

RNG = np.random.default_rng(0)
SIZE = 48
TRUE = [[22.0, 27.0], [42.0, 31.0]]


def blobs(height, width):
    """Return a picture of soft blobs with a little noise, in 8 bits."""
    coarse = RNG.integers(0, 256, (-(-height // 8), -(-width // 8)))
    smooth = np.kron(coarse, np.ones((8, 8)))[:height, :width]
    noise = RNG.integers(0, 256, (height, width))
    return np.floor(0.8 * smooth + 0.2 * noise).astype(np.uint8)


PICTURES = {"square": blobs(64, 64), "wide": blobs(16, 128), "tall": blobs(90, 33)}
REFERENCES = [blobs(SIZE, SIZE), np.full((SIZE, SIZE), 90, np.uint8), blobs(SIZE, SIZE)]
NAMES = ["one", "flat", "another <b>"]


def anywhere(picture, count):
    """Return `count` pairs of eyes anywhere in a picture, and the places where all goes wrong."""
    height, width = picture.shape
    last = np.array([width - 1, height - 1])
    tenths = np.round(RNG.random((count, 2, 2)) * last, 1).tolist()
    exact = (RNG.random((count, 2, 2)) * last).tolist()
    corner, middle = last.tolist(), (last // 2).tolist()
    by = [[0.0, 0.0], [1.0, 0.0], [0.9, 0.0], [0.0, 2.0], [-3.0, -3.0]]
    near = [[middle, [middle[0] + x, middle[1] + y]] for x, y in by]
    edges = [[[0, 0], corner], [corner, [0, 0]], [[0, last[1]], [last[0], 0]], [[0, 0], [0, 0]]]
    return tenths + exact + near + np.array(edges, dtype=float).tolist()


PLACES = {name: anywhere(picture, 15) for name, picture in PICTURES.items()}


def apart(eyes):
    """Return the distance between two eyes."""
    return math.dist(*eyes)


def explorer(name="square", eyes=None, **options):
    """Return a figure of one of the pictures with three references."""
    true = np.minimum(TRUE, np.array(PICTURES[name].shape[::-1]) - 1)
    options = {"references": REFERENCES, "names": NAMES, "true_eyes": true, **options}
    return alignment_explorer(PICTURES[name], true if eyes is None else eyes, **options)


def transform(source, target):
    """Return the similarity from two points to two others: four equations, four unknowns."""
    rows, wanted = [], np.ravel(target)
    for x, y in source:
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
    a, b, x, y = np.linalg.solve(rows, wanted)
    return SimilarityTransform(matrix=np.array([[a, -b, x], [b, a, y], [0, 0, 1]]))


def aligned(picture, eyes, template, size=SIZE):
    """Return the crop as scikit-image cuts it, in grey levels."""
    back = transform(template, eyes)
    return warp(picture.astype(float), back, output_shape=(size, size), order=1, mode="edge")


def pixels(uri):
    """Return the levels of a picture in a data URI."""
    with Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2]))) as image:
        return np.array(image.convert("L"), dtype=int)


def number(text):
    """Return a shown number."""
    return float(text.replace("−", "-").rstrip("°% "))


@pytest.fixture(scope="module")
def shown(javascript):
    """A function: what the script shows of a figure where its eyes are, or at others."""

    def shown(figure, eyes=None):
        values = {"data": figure._data, "eyes": figure.eyes if eyes is None else eyes}
        return javascript("alignment", "view(values)", values=values)

    return shown


@pytest.fixture(scope="module")
def warped(javascript):
    """A function: the crop, unrounded, that the script cuts from a picture of levels."""

    def warped(picture, eyes, template, size=SIZE):
        names = {"pixels": picture.tolist(), "eyes": eyes, "template": template, "size": size}
        crop = javascript("alignment", "warp(pixels, eyes, template, size)", **names)
        return np.array(crop)

    return warped


@pytest.fixture(scope="module")
def computed(javascript):
    """What the script makes of every picture and place; one start of node for all of them."""
    datas = {name: explorer(name)._data for name in PICTURES}
    one = """(data, k) => {
      const pixels = unpack(data.pixels, data.width);
      return places[k].map((eyes) => ({
        eyes, drawn: view({ data, eyes }),
        warped: warp(pixels, eyes, data.template, data.size),
        forward: similarity(eyes, data.template),
      }));
    }"""
    code = f"Object.values(datas).map({one})"
    places = list(PLACES.values())
    values = javascript("alignment", code, datas=datas, places=places)
    return dict(zip(PICTURES, values, strict=True))


@pytest.fixture(params=PICTURES)
def cases(request, computed):
    """A picture, a figure of it, and what the script makes of every place."""
    return PICTURES[request.param], explorer(request.param), computed[request.param]


# The arithmetic of the page


def test_the_warp_is_that_of_scikit_image(cases):
    picture, figure, places = cases
    for page in places:
        if apart(page["eyes"]) < 1:
            continue
        expected = aligned(picture, page["eyes"], figure._data["template"])
        np.testing.assert_allclose(page["warped"], expected, atol=1e-6)


def test_the_transform_solves_the_four_equations(cases):
    _, figure, places = cases
    template = figure._data["template"]
    for page in places:
        if apart(page["eyes"]) < 1:
            continue
        expected, drawn = transform(page["eyes"], template), page["drawn"]
        numbers = [page["forward"][name] for name in "abxy"]
        matrix = expected.params
        wanted = [matrix[0, 0], matrix[1, 0], matrix[0, 2], matrix[1, 2]]
        np.testing.assert_allclose(numbers, wanted, atol=1e-9 * np.abs(wanted).max())
        turned = number(drawn["rotation"]) - np.degrees(expected.rotation)
        assert (turned + 180) % 360 - 180 == pytest.approx(0, abs=0.0501)
        assert number(drawn["scale"]) == pytest.approx(expected.scale, abs=0.000501)
        shift = [number(part) for part in drawn["shift"].strip("()").split(", ")]
        np.testing.assert_allclose(shift, expected.translation, atol=0.0501)


def test_a_positive_rotation_turns_clockwise_on_the_screen(shown, warped):
    """The right eye stands higher: the picture must turn clockwise to level the eyes."""
    tilted = shown(explorer(eyes=[[20, 30], [40, 20]]))
    assert number(tilted["rotation"]) == pytest.approx(np.degrees(np.arctan2(10, 20)), abs=0.0501)
    assert tilted["way"] == "clockwise"
    upright = np.zeros((64, 64))
    upright[20:31, 30] = 1  # a line that stands upright leans to the right once turned clockwise
    template = explorer()._data["template"]
    turned = [
        warped(upright, eyes, template) for eyes in ([[20, 25], [40, 25]], [[20, 30], [40, 20]])
    ]
    slopes = [np.polyfit(*np.nonzero(crop > 0.3), 1)[0] for crop in turned]
    assert slopes[0] == pytest.approx(0, abs=0.01)
    assert slopes[1] < -0.3  # further down is further left


def test_the_eyes_come_to_lie_where_the_template_wants_them(warped):
    picture = np.zeros((64, 64))
    picture[27, 22] = picture[31, 42] = 1
    crop = warped(picture, TRUE, explorer()._data["template"])
    for half, (x, y) in zip((slice(0, 24), slice(24, 48)), TEMPLATE[:2], strict=True):
        weights, rows, columns = (part[:, half] for part in (crop, *np.indices(crop.shape)))
        assert (rows * weights).sum() / weights.sum() == pytest.approx(y * SIZE - 0.5, abs=0.3)
        assert (columns * weights).sum() / weights.sum() == pytest.approx(x * SIZE - 0.5, abs=0.3)


def test_the_crop_and_its_likeness_are_those_of_numpy(cases):
    picture, figure, places = cases
    for page in places:
        drawn, crop = page["drawn"], pixels(page["drawn"]["crop"])
        if apart(page["eyes"]) < 1:
            assert set(crop.ravel()) == {128}
            assert [drawn[f"score{k}"] for k in range(3)] == ["–"] * 3
            assert drawn["best"] == "–"
            continue
        expected = aligned(picture, page["eyes"], figure._data["template"])
        np.testing.assert_allclose(crop, expected, atol=0.5001)
        scores = [np.corrcoef(crop.ravel(), REFERENCES[k].ravel())[0, 1] for k in (0, 2)]
        assert number(drawn["score0"]) == pytest.approx(scores[0], abs=0.00501)
        assert number(drawn["score2"]) == pytest.approx(scores[1], abs=0.00501)
        assert number(drawn["bar0"]) == pytest.approx(max(0, scores[0]), abs=0.000501)
        assert drawn["score1"] == "–"
        assert drawn["best"] == NAMES[2 * int(np.argmax(scores))]


def test_the_frame_is_the_border_of_the_crop_in_the_picture(cases):
    _, figure, places = cases
    corners = np.array([[0, 0], [SIZE, 0], [SIZE, SIZE], [0, SIZE]]) - 0.5
    for page in places:
        drawn = page["drawn"]
        if apart(page["eyes"]) < 1:
            assert drawn["frame"] == drawn["top"] == ""
            continue
        shown = np.array([point.split() for point in drawn["frame"][1:-1].split("L")], dtype=float)
        expected = transform(figure._data["template"], page["eyes"])(corners)
        np.testing.assert_allclose(shown, expected, atol=0.0501)
        assert drawn["frame"].startswith(drawn["top"] + "L")


def test_the_eye_error_is_that_of_the_package(cases):
    _, figure, places = cases
    true = figure._data["presets"]["true"]
    for page in places:
        expected = 100 * alignment_error([page["eyes"]], [true])[0]
        assert number(page["drawn"]["error"]) == pytest.approx(expected, abs=0.0501)


def test_identical_crops_have_cosine_one_and_opposite_ones_minus_one(javascript):
    crop = REFERENCES[0].astype(int)
    both = [crop.tolist(), (255 - crop).tolist()]
    values = javascript("alignment", "both.map((other) => cosine(both[0], other))", both=both)
    assert values == [1, -1]


# The presets


def test_each_preset_makes_its_one_mistake():
    presets = explorer()._data["presets"]
    template = explorer()._data["template"]
    right = transform(TRUE, template)
    middle = np.mean(TRUE, axis=0)
    other = {name: transform(eyes, template) for name, eyes in presets.items()}
    turned = {name: np.degrees(right.rotation - own.rotation) % 360 for name, own in other.items()}
    zoomed = {name: own.scale / right.scale for name, own in other.items()}
    moved = {name: np.mean(eyes, axis=0) - middle for name, eyes in presets.items()}
    assert presets["true"] == TRUE
    assert turned == pytest.approx(
        {"true": 0, "tilted": 10, "wide": 0, "low": 0, "swapped": 180}, abs=0.01
    )
    zooms = {"true": 1, "tilted": 1, "wide": 1 / 1.3, "low": 1, "swapped": 1}
    assert zoomed == pytest.approx(zooms, rel=1e-3)
    for name in ("tilted", "wide", "swapped"):
        np.testing.assert_allclose(moved[name], 0, atol=1e-3)
    down = np.array([TRUE[0][1] - TRUE[1][1], TRUE[1][0] - TRUE[0][0]])
    np.testing.assert_allclose(moved["low"], 0.3 * down, atol=1e-3)


def test_presets_stay_in_the_picture():
    presets = explorer("wide", [[1, 1], [126, 14]], true_eyes=[[1, 1], [126, 14]])._data["presets"]
    for eyes in presets.values():
        assert (np.array(eyes) >= 0).all() and (np.array(eyes) <= [127, 15]).all()


def test_a_wrong_place_costs_likeness(shown):
    """The reference is the picture itself, cut at the true eyes."""
    template = explorer()._data["template"]
    reference = np.floor(aligned(PICTURES["square"], TRUE, template) + 0.5).astype(np.uint8)
    figure = explorer(references=[reference], names=[])
    scores = {
        name: number(shown(figure, eyes)["score0"])
        for name, eyes in figure._data["presets"].items()
    }
    assert scores.pop("true") == 1
    assert max(scores.values()) < 0.8


# The Python object


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"picture": np.zeros((15, 40))}, ValueError, r"picture must have sides from 16 to 128"),
        ({"picture": np.zeros((64, 129, 3))}, ValueError, r"pixels, got shape \(64, 129, 3\)"),
        (
            {"picture": np.zeros(64)},
            ValueError,
            r"picture must have shape \(H, W\), .* got \(64,\)",
        ),
        (
            {"picture": np.zeros((64, 64), int)},
            TypeError,
            "picture must hold floats .* got dtype int",
        ),
        ({"picture": np.full((64, 64), 2.0)}, ValueError, "picture must hold values from 0 to 1"),
        ({"picture": np.full((64, 64), np.nan)}, ValueError, "picture must not hold NaN"),
        ({"eyes": [1, 2]}, ValueError, r"eyes must have shape \(2, 2\), got \(2,\)"),
        ({"eyes": [["a", "b"], ["c", "d"]]}, TypeError, "eyes must hold real numbers"),
        ({"eyes": [[0, 0], [64, 9]]}, ValueError, r"eyes must have x from 0 to 63 .* \[64, 9\]"),
        ({"eyes": [[0, -1], [6, 9]]}, ValueError, "eyes must have .* y from 0 to 63, got"),
        ({"eyes": [[0, np.nan], [6, 9]]}, ValueError, r"eyes must have .* got \[\[0.0, nan\]"),
        ({"true_eyes": [[0, 0], [99, 9]]}, ValueError, "true_eyes must have x from 0 to 63"),
        ({"true_eyes": [[5, 5], [5.5, 5]]}, ValueError, "true_eyes must be at least 1 pixel apart"),
        ({"size": 8}, ValueError, "size must be a whole number from 16 to 96, got 8"),
        ({"size": 48.0}, TypeError, "size must be a whole number from 16 to 96, got 48.0"),
        (
            {"references": [np.zeros((48, 48)), np.zeros((48, 47))]},
            ValueError,
            r"references\[1\] must have shape \(48, 48\), got \(48, 47\)",
        ),
        ({"references": [np.full((48, 48), 2.0)]}, ValueError, r"references\[0\] must hold values"),
        ({"references": [np.zeros((48, 48))], "names": ["a", "b"]}, ValueError, "names must be 1 "),
        ({"references": [np.zeros((48, 48))], "names": [""]}, ValueError, r"names .* got \[''\]"),
        ({"names": "ab"}, ValueError, r"names must be 0 words, one per reference, got \['ab'\]"),
    ],
)
def test_wrong_arguments_are_named(options, error, message):
    options = {"picture": PICTURES["square"], "eyes": TRUE, **options}
    with pytest.raises(error, match=message):
        alignment_explorer(**options)


@pytest.mark.parametrize("size", [16, 48, 96])
def test_the_template_and_the_transform_are_those_of_the_package(javascript, size):
    template = explorer(size=size, references=(), names=())._data["template"]
    np.testing.assert_allclose((np.array(template) + 0.5) / size, TEMPLATE[:2])
    found = javascript("alignment", "similarity(eyes, template)", eyes=TRUE, template=template)
    a, b, x, y = (found[name] for name in "abxy")
    matrix = similarity_transform(TRUE, template)
    np.testing.assert_allclose(matrix, [[a, -b, x], [b, a, y], [0, 0, 1]], atol=1e-9)


def test_an_enlarged_crop_is_that_of_the_package(warped):
    """A crop that shrinks the picture is smoothed by the package, and not here."""
    template = explorer(size=96, references=(), names=())._data["template"]
    picture = PICTURES["square"]
    crop = warped(picture, TRUE, template, 96)
    np.testing.assert_allclose(crop / 255, align(picture, TRUE, 96)[..., 0], atol=1e-5)


def test_colour_is_drawn_grey_and_nothing_given_is_changed(shown):
    colour = RNG.random((32, 40, 3))
    before = colour.copy()
    figure = alignment_explorer(colour, [[10, 15], [29, 15]])
    grey = colour @ [0.2125, 0.7154, 0.0721]
    np.testing.assert_allclose(pixels(shown(figure)["picture"]), 255 * grey, atol=0.5001)
    np.testing.assert_array_equal(colour, before)


def test_names_number_the_references_and_true_eyes_are_the_first_ones_if_not_given():
    figure = alignment_explorer(PICTURES["square"], [[9, 9], [30, 9]], REFERENCES[:2])
    assert figure._data["names"] == ["reference 1", "reference 2"]
    assert figure._data["presets"]["true"] == [[9, 9], [30, 9]]


def test_a_large_figure_is_small():
    options = {"references": REFERENCES * 2, "names": NAMES * 2}
    assert len(alignment_explorer(RNG.random((128, 128)), TRUE, **options)._repr_html_()) < 75_000


def test_eyes_of_python_are_checked_and_become_lists():
    figure = explorer()
    figure.eyes = np.array([[20, 20], [40, 25]])
    assert figure.eyes == [[20, 20], [40, 25]]
    with pytest.raises(ValueError, match="eyes must have x from 0 to 63"):
        figure.eyes = [[0, 0], [640, 0]]


# The page in a browser


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def dial(page, eye, axis):
    return page.locator(f"[data-dial=eyes][data-cell='{eye} {axis}']")


def eyes_of(page):
    """Return where the page says the eyes are."""
    return [[float(slot(page, f"{side}_{axis}")) for axis in "xy"] for side in ("left", "right")]


def assert_shows(page, figure, picture=PICTURES["square"]):
    """The page shows what scikit-image makes of the page's own eyes; return those."""
    eyes, template = eyes_of(page), figure._data["template"]
    crop = pixels(page.locator("[data-slot=crop]").get_attribute("src"))
    size = figure._data["size"]
    np.testing.assert_allclose(crop, aligned(picture, eyes, template, size), atol=0.5001)
    shown = [[float(dial(page, eye, axis).input_value()) for axis in (0, 1)] for eye in (0, 1)]
    np.testing.assert_allclose(shown, eyes, atol=0.25)  # sliders stand in halves
    height, width = picture.shape
    for mark, (x, y) in zip((".ft-left", ".ft-right"), eyes, strict=True):
        assert_lies(page, f".ft-photo .ft-mark{mark}", (x + 0.5) / width, (y + 0.5) / height)
    for mark, (x, y) in zip((".ft-left", ".ft-right"), template, strict=True):
        assert_lies(page, f".ft-crop .ft-mark{mark}", (x + 0.5) / size, (y + 0.5) / size)
    return eyes


def assert_lies(page, mark, x, y):
    """A mark's centre lies at these parts of its picture."""
    box = page.locator(mark).bounding_box()
    frame = page.locator(mark).locator("..").bounding_box()
    assert (box["x"] + box["width"] / 2 - frame["x"]) / frame["width"] == pytest.approx(x, abs=2e-3)
    assert (box["y"] + box["height"] / 2 - frame["y"]) / frame["height"] == pytest.approx(
        y, abs=2e-3
    )


def point(page, x, y):
    """Return where on the page a point of the photograph is."""
    box = page.locator(".ft-photo .ft-pixels").bounding_box()
    height, width = PICTURES["square"].shape
    return (
        box["x"] + (x + 0.5) / width * box["width"],
        box["y"] + (y + 0.5) / height * box["height"],
    )


def test_the_mouse_drags_a_mark(open_page):
    figure = explorer(eyes=[[20, 30], [44, 30]])
    page = open_page(figure)
    assert assert_shows(page, figure) == [[20, 30], [44, 30]]
    assert slot(page, "way") == "the eyes are level"
    page.mouse.move(*point(page, 44.4, 30.4))  # a little off the centre: the mark must not jump
    page.mouse.down()
    assert eyes_of(page) == [[20, 30], [44, 30]]
    for x, y in [(46, 26), (40.4, 50.4)]:
        page.mouse.move(*point(page, x, y))
        expected = [[20, 30], [x - 0.4, y - 0.4]]
        np.testing.assert_allclose(assert_shows(page, figure), expected, atol=0.1001)
    page.mouse.move(*point(page, 500, -90))  # outside: it stays at the border
    assert eyes_of(page) == [[20, 30], [63, 0]]
    page.mouse.up()
    page.mouse.move(*point(page, 30, 30))
    assert assert_shows(page, figure) == [[20, 30], [63, 0]]
    assert page.locator("[aria-live]").text_content().startswith("Rotation 34.9°, scale ")


def test_a_click_brings_the_nearest_mark(open_page):
    figure = explorer(eyes=[[20, 30], [44, 30]])
    page = open_page(figure)
    page.mouse.click(*point(page, 10, 50))
    np.testing.assert_allclose(assert_shows(page, figure), [[10, 50], [44, 30]], atol=0.1001)
    page.mouse.click(*point(page, 60, 60))
    np.testing.assert_allclose(assert_shows(page, figure), [[10, 50], [60, 60]], atol=0.1001)


def test_a_tap_brings_the_nearest_mark_and_a_finger_drags_only_from_a_mark(open_page):
    figure = explorer(eyes=[[20, 30], [44, 30]])
    page = open_page(figure, has_touch=True, viewport={"width": 390, "height": 800})
    page.touchscreen.tap(*point(page, 50, 10))
    np.testing.assert_allclose(assert_shows(page, figure), [[20, 30], [50, 10]], atol=0.1001)
    finger = page.context.new_cdp_session(page)

    def swipe(*path):
        steps = ["touchStart", *["touchMove"] * (len(path) - 1), "touchEnd"]
        for step, (x, y) in zip(steps, [*path, path[-1]], strict=True):
            places = [] if step == "touchEnd" else [{"x": x, "y": y}]
            finger.send("Input.dispatchTouchEvent", {"type": step, "touchPoints": places})

    swipe(point(page, 20, 30), point(page, 20, 40), point(page, 24, 50))
    np.testing.assert_allclose(assert_shows(page, figure), [[24, 50], [50, 10]], atol=0.1001)
    before = eyes_of(page)
    swipe(point(page, 40, 50), point(page, 40, 40), point(page, 40, 20))
    assert eyes_of(page) == before  # that scrolled the page


def test_keys_move_the_eyes(open_page):
    figure = explorer()
    page = open_page(figure)
    for eye, axis, key, expected in [
        (0, 0, "ArrowRight", [[22.5, 27], [42, 31]]),
        (0, 1, "ArrowUp", [[22.5, 27.5], [42, 31]]),
        (1, 0, "End", [[22.5, 27.5], [63, 31]]),
        (1, 1, "Home", [[22.5, 27.5], [63, 0]]),
    ]:
        dial(page, eye, axis).press(key)
        assert assert_shows(page, figure) == expected
    said = page.locator("[aria-live]").text_content()
    assert f"rotation {slot(page, 'rotation')}" in said.lower()
    assert f"another <b> {slot(page, 'score2')}." in said


def test_buttons_put_the_eyes(open_page, shown):
    figure = explorer(eyes=[[20, 30], [44, 30]])
    page = open_page(figure)
    presets = figure._data["presets"]
    for label, preset in [
        ("Tilted 10°", "tilted"),
        ("Too wide", "wide"),
        ("Too low", "low"),
        ("Swapped", "swapped"),
        ("True eyes", "true"),
    ]:
        page.get_by_role("button", name=label).click()
        np.testing.assert_allclose(eyes_of(page), presets[preset], atol=0.0501)
        still = shown(figure, presets[preset])
        for name in ("rotation", "scale", "shift", "error", "score0", "best"):
            assert slot(page, name) == still[name]
    assert slot(page, "error") == "0.0 %"
    assert assert_shows(page, figure) == TRUE


def test_eyes_that_meet_give_a_message_and_come_apart_again(open_page):
    figure = explorer(eyes=[[30, 30], [31, 30]])
    page = open_page(figure, viewport={"width": 800, "height": 1400})
    dial(page, 0, 0).press("ArrowRight")
    assert slot(page, "told") == "The eyes must be apart to fix an angle."
    assert page.locator("[aria-live]").text_content() == slot(page, "told")
    assert [slot(page, name) for name in ("rotation", "scale", "shift", "score0")] == ["–"] * 4
    assert set(pixels(page.locator("[data-slot=crop]").get_attribute("src")).ravel()) == {128}
    dial(page, 0, 0).press("ArrowRight")
    assert "NaN" not in page.locator(".ft-alignment").inner_html()
    page.mouse.move(*point(page, 31, 30))
    page.mouse.down()
    page.mouse.move(*point(page, 50, 30))
    page.mouse.up()
    assert slot(page, "told") == "Rings: where the template wants the eyes."
    np.testing.assert_allclose(assert_shows(page, figure), [[31, 30], [50, 30]], atol=0.1001)


def test_bars_are_as_long_as_their_scores_and_ticks_stand_at_the_true_ones(open_page, shown):
    figure = explorer(references=[PICTURES["square"][8:56, 8:56]], names=["a part"])
    page = open_page(figure, viewport={"width": 800, "height": 900})
    page.get_by_role("button", name="Too wide").click()
    track, bar = (page.locator(part).bounding_box() for part in (".ft-bar", ".ft-bar i"))
    expected = max(0, number(slot(page, "score0")))
    assert bar["width"] / track["width"] == pytest.approx(expected, abs=0.006)
    true = page.locator(".ft-alike li").evaluate("(li) => li.style.getPropertyValue('--true')")
    assert true == shown(figure, TRUE)["bar0"]


@pytest.mark.parametrize(("width", "count"), [(300, 3), (300, 0), (390, 0), (576, 3), (800, 0)])
def test_it_fits_and_nothing_below_moves(open_page, width, count):
    figure = explorer(references=REFERENCES[:count], names=NAMES[:count])
    page = open_page(figure, viewport={"width": width, "height": 800})
    tops = page.evaluate(
        """(places) => places.map((eyes) => {
          for (const input of document.querySelectorAll("[data-dial=eyes]")) {
            const [row, column] = input.dataset.cell.split(" ");
            input.value = eyes[row][column];
            input.dispatchEvent(new Event("input", { bubbles: true }));
          }
          return document.querySelector("#after").getBoundingClientRect().top;
        })""",
        PLACES["square"],
    )
    assert len(set(tops)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = """[...document.querySelectorAll(".ft-transform dd, .ft-presets button")]
      .every((part) => part.scrollWidth <= part.clientWidth + 1)"""
    assert page.evaluate(inside)


def test_a_wide_picture_and_no_references(open_page):
    figure = explorer("wide", [[30, 5], [60, 9]], references=(), names=())
    page = open_page(figure, viewport={"width": 390, "height": 800})
    assert assert_shows(page, figure, PICTURES["wide"]) == [[30, 5], [60, 9]]
    assert not page.locator(".ft-alike").is_visible()
    dial(page, 0, 1).press("End")
    assert assert_shows(page, figure, PICTURES["wide"]) == [[30, 15], [60, 9]]
    said = page.locator("[aria-live]").text_content()
    assert said.endswith(f"Eyes off by {slot(page, 'error')}.")


def test_every_control_has_a_name_and_every_picture_a_text(open_page):
    page = open_page(explorer())
    for name in ("Left eye x 22.0", "Left eye y 27.0", "Right eye x 42.0", "Right eye y 31.0"):
        assert page.get_by_role("slider", name=name, exact=True).count() == 1
    for name in ("The photograph.", "The crop that the two eye positions give."):
        assert page.get_by_role("img", name=name).count() == 1
    assert page.locator(".ft-alike li > span").all_text_contents() == NAMES
