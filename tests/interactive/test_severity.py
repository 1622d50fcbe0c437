"""The severity explorer: what it tells, by hand; its pictures; and with a browser's events."""

import base64
import io
import math
import re

import numpy as np
import pytest
from figures import assert_apart
from live_figures import drawn
from PIL import Image

from facebook_tut import _live
from facebook_tut.corruption import SEVERITIES, corrupt
from facebook_tut.interactive import severity_explorer

RNG = np.random.default_rng(0)


def soft(height, width):
    """Return a colour picture of soft blobs."""
    coarse = RNG.random((height // 8, width // 8, 3))
    return np.kron(coarse, np.ones((8, 8, 1)))


def spoiled(last, height, width):
    """Return a picture as it is and in `last` steps, each a little darker and noisier."""
    first = soft(height, width)
    noise = RNG.random((last, height, width, 3))
    steps = np.arange(1, last + 1)[:, None, None, None] / last
    return np.concatenate([first[None], first * (1 - 0.6 * steps) + 0.1 * steps * noise])


def full():
    """Three kinds of one probe, scores of all sorts, and two networks."""
    stacks = {kind: spoiled(5, 64, 64) for kind in ("noise & grain", "<dark>", "JPEG")}
    for stack in stacks.values():
        stack[0] = stacks["JPEG"][0]
    scores = {
        "noise & grain": [1, 0.8, 0.62, 0.455, 0.4, 0.1],
        "<dark>": [1, 0.98, 0.9, 0.7, 0.4549, 0.449],
        "JPEG": [1.0000001, 1, 0.99, 0.97, 0.95, 0.9],
    }
    others = {
        "noise & grain": [0.1, 0.2, 0.3, 0.46, 0.44, 0.6],
        "<dark>": [-0.1, -0.05, 0, 0.1, 0.45, 0.46],
        "JPEG": [0.1, 0.1, 0.2, 0.2, 0.2, 0.2],
    }
    share = np.array([0.006, 0.05, 0.125, 0.3, 0.633, 1])
    ends = np.maximum(0, share - 0.04), np.minimum(1, share + 0.04)
    missed = {
        "plain": dict.fromkeys(stacks, (share, *ends)),
        "taught <again>": dict.fromkeys(stacks, (share / 2, ends[0] / 2, ends[1] / 2)),
    }
    options = {"others": others, "missed": missed, "pairs": "500 pairs of L&W"}
    return (stacks, scores, 0.455), options


def bare():
    """One kind, a wide picture in 8 bits, and nothing else."""
    stack = np.floor(255 * spoiled(3, 32, 64)).astype(np.uint8)
    return ({"turned": stack}, {"turned": [0.9, 0.5, 0.301, 0.2]}, 0.3), {}


def low():
    """Cosines far below zero, of which the threshold is one."""
    stacks = {kind: spoiled(1, 16, 16) for kind in ("a", "b")}
    return (stacks, {"a": [0.5, -0.81], "b": [0.5, -0.3]}, -0.3), {
        "others": {"a": [-1, -0.2], "b": [0, -0.31]}
    }


CASES = {"full": full(), "bare": bare(), "low": low()}


def figure_of(case, **dials):
    arguments, options = CASES[case]
    return severity_explorer(*arguments, **options, **dials)


def settings(figure):
    """Return all places of menu and slider."""
    return [(kind, at) for kind, row in figure._data["cells"].items() for at in range(len(row))]


def number(text):
    """Return the value of a text, with or without a percent sign."""
    return float(text.replace("−", "-").replace(" %", ""))


def decoded(figure):
    """Return the sheet of a figure's pictures, (H, W, 3)."""
    uri = figure._data["once"]["sheet"]
    with Image.open(io.BytesIO(base64.b64decode(uri.partition("jpeg;base64,")[2]))) as image:
        assert image.mode == "RGB"
        return np.array(image)


def cell_of(sheet, shown):
    """Return what the frame should show at a setting; the sheet holds no empty row or column."""
    height, width = sheet.shape[0] // shown["down"], sheet.shape[1] // shown["across"]
    row, column = shown["row"], shown["column"]
    return sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]


@pytest.fixture(scope="module")
def read_all(javascript):
    """A function: what the script shows of a figure, at every setting."""

    def read_all(figure):
        code = "settings.map(([kind, severity]) => view({ data, kind, severity }))"
        every = settings(figure)
        shown = javascript("severity", code, data=figure._data, settings=every)
        return dict(zip(every, shown, strict=True))

    return read_all


@pytest.fixture(scope="module", params=CASES)
def case(request, read_all):
    """A case: what was given, its figure, and what the script shows at every setting."""
    figure = figure_of(request.param)
    return *CASES[request.param], figure, read_all(figure)


# What is told


def test_scores_are_those_given_and_stay_on_their_side_of_the_threshold(case):
    (_, scores, threshold), options, _, read = case
    low = -1 if min(map(min, scores.values())) < -0.2 else -0.2
    for (kind, at), shown in read.items():
        assert number(shown["line"]) == pytest.approx(threshold, abs=0.00501)
        given = {"own": scores[kind][at]}
        if "others" in options:
            given["other"] = options["others"][kind][at]
        assert [name for name in ("own", "other") if name in shown] == list(given)
        for name, score in given.items():
            assert number(shown[name]) == pytest.approx(score, abs=0.01)
            above = number(shown[name]) >= number(shown["line"])
            assert above == (score >= threshold)
            part = (score - low) / (1 - low)
            assert float(shown[f"{name}_at"]) == pytest.approx(min(part, 1), abs=0.0001)


def test_the_verdict_by_hand(read_all):
    words = {"A": "Accepted as", "M": "Missed: below", "T": "Taken for somebody"}
    verdicts = {
        "full": {"noise & grain": "AAATMT", "<dark>": "AAAAMT", "JPEG": "AAAAAA"},
        "bare": {"turned": "AAAM"},
        "low": {"a": "AT", "b": "AA"},
    }
    for name, kinds in verdicts.items():
        read = read_all(figure_of(name))
        for kind, letters in kinds.items():
            for at, letter in enumerate(letters):
                shown = read[kind, at]
                assert shown["verdict"].startswith(words[letter]), (kind, at)
                assert shown["accepted"] == str(int(letter == "A"))
                assert shown["sign"] == ("✓" if letter == "A" else "✗")


def test_missed_shares_are_those_given(case):
    _, options, figure, read = case
    assert list(figure._data["missed"]) == list(options.get("missed", {}))
    for (kind, at), shown in read.items():
        for k, network in enumerate(options.get("missed", {})):
            share, low, high = (part[at] for part in options["missed"][network][kind])
            assert number(shown[f"missed_{k}"]) == pytest.approx(100 * share, abs=0.5001)
            interval = [number(text) for text in shown[f"interval_{k}"].split(" to ")]
            assert interval == pytest.approx([100 * low, 100 * high], abs=0.5001)
            parts = [float(shown[f"{name}_{k}"]) for name in ("share", "low", "high")]
            assert parts == pytest.approx([share, low, high], abs=0.000501)


def test_a_few_readings_by_hand(read_all):
    read = read_all(figure_of("full"))
    four, none = read["<dark>", 4], read["<dark>", 0]
    assert (four["step"], none["step"]) == ("4 of 5", "0 of 5, as it is")
    assert four["limit_text"] == "threshold 0.46"
    assert (four["own"], none["other"]) == ("0.45", "−0.10")
    assert (four["missed_0"], four["interval_0"], four["share_0"]) == (
        "63 %", "59 to 67 %", "0.633",
    )  # fmt: skip
    assert (none["own_at"], none["other_at"]) == ("1.0000", "0.0833")


@pytest.mark.parametrize(
    ("score", "threshold", "text"),
    [(0.404, 0.404, "0.40"), (0.4039, 0.404, "0.39"), (0.396, 0.3959, "0.40"),
     (0.4049, 0.4051, "0.40"), (0.4051, 0.4051, "0.41"), (-0.004, 0.5, "0.00"),
     (-0.006, 0.5, "−0.01"), (1, 0.5, "1.00")],
)  # fmt: skip
def test_rounding_takes_no_score_across_the_threshold(javascript, score, threshold, text):
    assert javascript("severity", "twoDigits(...at)", at=[score, threshold]) == text


@pytest.mark.parametrize(
    ("scores", "low", "ticks"),
    [
        ([0.3, 1], -0.2, "1.0 0.8 0.6 0.4 0.2 0.0 −0.2"),
        ([-0.2, 1], -0.2, "1.0 0.8 0.6 0.4 0.2 0.0 −0.2"),
        ([-0.21, 1], -0.4, "1.0 0.8 0.6 0.4 0.2 0.0 −0.2 −0.4"),
        ([-1, 1], -1, "1.0 0.6 0.2 −0.2 −0.6 −1.0"),
    ],
)
def test_the_axis_holds_all_scores(javascript, scores, low, ticks):
    datas = [{"scores": {"own": {"a": scores}}, "threshold": end} for end in (0.4, min(scores))]
    assert javascript("severity", "datas.map(lowEnd)", datas=datas) == [low, low]
    marks = javascript("severity", "ticks(low)", low=low)
    found = re.findall(r'--at: ([\d.]+);">([^<]*)<', marks)
    assert [text for _, text in found] == ticks.split()
    for place, text in found:
        assert float(place) == pytest.approx((number(text) - low) / (1 - low), abs=1e-4)


def test_the_sentence_tells_all(javascript):
    code = "((values) => sentence({ ...values, ...view(values) }))({ data, ...dials })"

    def said(name, **dials):
        return javascript("severity", code, data=figure_of(name)._data, dials=dials)

    assert said("full", kind="noise & grain", severity=3) == (
        "noise & grain, severity 3 of 5: cosine with the template of the same person 0.46, of the "
        "most alike other 0.46, threshold 0.46. Taken for somebody else. Missed of 500 pairs of "
        "L&W: plain 30 %, from 26 to 34 %; taught <again> 15 %, from 13 to 17 %."
    )
    assert said("bare", kind="turned", severity=0) == (
        "turned, severity 0 of 3, as it is: cosine with the template of the same person 0.90, "
        "threshold 0.30. Accepted as the same person."
    )


# The pictures


def test_every_setting_has_its_own_picture(case):
    (stacks, *_), _, figure, read = case
    given = np.stack([picture for stack in stacks.values() for picture in stack]).astype(float)
    given = given if given.max() > 1 else 255 * given
    sheet = decoded(figure).astype(float)
    for k, (kind, at) in enumerate(read):
        shown = cell_of(sheet, read[kind, at])
        errors = np.sqrt(((shown - given) ** 2).mean(axis=(1, 2, 3)))
        assert errors.min() < 4.5  # of 255
        np.testing.assert_array_equal(given[errors.argmin()], given[k])


def test_a_picture_that_comes_twice_is_kept_once():
    figure = figure_of("full")
    assert len({cells[0] for cells in figure._data["cells"].values()}) == 1
    assert decoded(figure).shape == (4 * 64, 4 * 64, 3)  # 16 pictures, not 18


@pytest.fixture(scope="module")
def real():
    """A figure as the book has it: nine kinds in six steps of a photograph, three networks."""
    import skimage.data
    from skimage.transform import resize

    face = resize(skimage.data.astronaut()[:200, 120:320] / 255, (64, 64), anti_aliasing=True)
    pictures = {kind: np.stack([corrupt(face, kind, s) for s in range(6)]) for kind in SEVERITIES}
    shares = np.linspace([0.123, 0.103, 0.143], [0.823, 0.789, 0.861], 6).T
    scores = {kind: np.linspace(0.987, 0.123, 6) for kind in SEVERITIES}
    missed = {name: dict.fromkeys(SEVERITIES, shares) for name in ("plain", "taught", "shipped")}
    options = {"others": scores, "missed": missed, "pairs": "500 genuine pairs of LFW"}
    return pictures, severity_explorer(pictures, scores, 0.4, **options)


def test_a_real_figure_is_small_and_its_pictures_are_true(real, read_all):
    pictures, figure = real
    page = drawn(figure._repr_html_())
    assert len(page.encode()) < 150_000
    assert page.count("data:image/jpeg;base64") == 1  # as HTML, and not as data too
    sheet = decoded(figure).astype(float)
    assert sheet.shape == (7 * 64, 7 * 64, 3)
    for (kind, at), shown in read_all(figure).items():
        error = cell_of(sheet, shown) - 255 * pictures[kind][at]
        assert np.sqrt((error**2).mean()) < 4.5  # of 255; the weakest noise is 5, others up to 30


# The Python object

STACK = np.zeros((3, 16, 16, 3))


def given(**changes):
    arguments = {"pictures": {"a": STACK}, "scores": {"a": [1, 0.5, 0]}, "threshold": 0.4}
    return {**arguments, **changes}


def counted(share=(0, 0, 0), low=(0, 0, 0), high=(1, 1, 1)):
    return given(missed={"net": {"a": (share, low, high)}})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (given(pictures=STACK), TypeError, "pictures must be a dict of kind name to kind"),
        (given(pictures={}), ValueError, "pictures must hold from 1 to 12 kinds, got 0"),
        (given(pictures={"": STACK}), ValueError, "pictures must have kind names .* got ''"),
        (given(pictures={"a": STACK[0]}), ValueError,
         r"pictures\['a'\] must have shape \(S \+ 1, H, W, 3\) .* got \(16, 16, 3\)"),
        (given(pictures={"a": STACK[:1]}), ValueError, r"S from 1 to 10, got \(1, 16, 16, 3\)"),
        (given(pictures={"a": STACK[:, :, :, :1]}), ValueError, r"got \(3, 16, 16, 1\)"),
        (given(pictures={"a": STACK[:, :15]}), ValueError,
         r"\['a'\] must have sides of a multiple of 8 from 16 to 128, got \(3, 15, 16, 3\)"),
        (given(pictures={"a": np.zeros((2, 16, 136, 3))}), ValueError, r"got \(2, 16, 136, 3\)"),
        (given(pictures={"a": STACK + 2}), ValueError, r"pictures\['a'\] must hold values from 0"),
        (given(pictures={"a": STACK.astype(int)}), TypeError, r"pictures\['a'\] must hold floats"),
        (given(pictures={"a": STACK * np.nan}), ValueError, r"pictures\['a'\] must not hold NaN"),
        (given(pictures={"a": STACK, "b": STACK[:2]}), ValueError,
         r"one shape for all kinds, got \[\(3, 16, 16, 3\), \(2, 16, 16, 3\)\]"),
        (given(scores=[1, 0.5, 0]), TypeError, r"scores must be a dict by kind, got \[1, 0.5, 0\]"),
        (given(scores={"b": [1, 0, 0]}), ValueError,
         r"scores must have the kinds of pictures, a, got \['b'\]"),
        (given(scores={"a": [1, 0]}), ValueError,
         r"scores\['a'\] must have shape \(3,\), got \(2,\)"),
        (given(scores={"a": [1, 0, math.nan]}), ValueError, r"scores\['a'\] must hold finite"),
        (given(scores={"a": [1, 0, 1.2]}), ValueError,
         r"scores\['a'\] must hold values from -1 to 1, got 0 to 1.2"),
        (given(scores={"a": ["x", 0, 1]}), TypeError, r"scores\['a'\] must hold real numbers"),
        (given(scores={"a": [[1], [1, 2], 3]}), ValueError, r"scores\['a'\] .* unequal length"),
        (given(threshold=40), ValueError, "threshold must be a number from -1 to 1, got 40"),
        (given(threshold=None), TypeError, "threshold must be a number from -1 to 1, got None"),
        (given(others={"a": [0, 0]}), ValueError, r"others\['a'\] must have shape \(3,\)"),
        (given(others=3), TypeError, "others must be a dict by kind, got 3"),
        (given(missed=3), TypeError, "missed must be a dict of network name to network, got 3"),
        (given(missed=dict.fromkeys("abcd")), ValueError, "1 to 3 networks, got 4"),
        (given(missed={"net": {}}), ValueError, r"missed\['net'\] must have the kinds .* got \[\]"),
        (counted(share=(0, 0)), ValueError, r"missed\['net'\]\['a'\] .* rows of unequal length"),
        (counted(high=(1, 2, 1)), ValueError, r"\['a'\] must hold values from 0 to 1, got 0 to 2"),
        (counted(low=(0.5, 0, 0)), ValueError, r"\['a'\] must have low <= share <= high, got"),
        (counted(share=(1, 1, 1), high=(1, 1, 0.9)), ValueError, r"high \[1.0, 1.0, 0.9\]"),
        (given(pairs=""), ValueError, "pairs must be a text that is not empty, got ''"),
        (given(kind="b"), ValueError, "kind must be one of a, got 'b'"),
        (given(severity=3), ValueError, "severity must be a number from 0 to 2, got 3"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        severity_explorer(**arguments)


def test_names_cannot_become_markup(open_page):
    page = open_page(figure_of("full"))
    assert page.locator("again, dark, grain").count() == 0
    assert page.locator("option").all_text_contents() == ["noise & grain", "<dark>", "JPEG"]
    assert page.locator(".ft-counts li > span").all_text_contents() == ["plain", "taught <again>"]
    assert "500 pairs of L&W" in page.locator(".ft-counts .ft-title").text_content()


# The page in a browser


def slider(page, figure=0):
    return page.locator("[data-dial=severity]").nth(figure)


READ = """() => {
  const root = document.querySelector(".ft-severity"), shown = {};
  for (const slot of root.querySelectorAll("[data-slot]"))
    shown[slot.dataset.slot] = slot.textContent;
  for (const part of document.querySelectorAll("[data-places]"))
    for (const name of part.dataset.places.split(/\\s+/))
      shown[name] = part.style.getPropertyValue(`--${name}`).trim();
  return shown;
}"""


@pytest.fixture(scope="module")
def assert_shows(read_all):
    """A function: all that the page shows of the full case fits its controls; the severity."""
    read = read_all(figure_of("full"))

    def assert_shows(page):
        at = int(slider(page).input_value())
        expected = read[page.locator("select").input_value(), at]
        shown = page.evaluate(READ)
        assert len(shown) > 20
        assert shown == {name: str(expected[name]) for name in shown}
        assert slider(page).get_attribute("aria-valuetext") == expected["step"]
        return at

    return assert_shows


def test_keys_move_the_slider(open_page, assert_shows):
    page = open_page(figure_of("full"))
    assert assert_shows(page) == 0
    slider(page).focus()
    for key, at in [("ArrowRight", 1), ("ArrowUp", 2), ("End", 5), ("ArrowLeft", 4), ("Home", 0)]:
        page.keyboard.press(key)
        assert assert_shows(page) == at
    said = page.locator("[aria-live]").text_content()
    assert said.startswith("noise & grain, severity 0 of 5, as it is: cosine with the template of ")


def test_the_menu_changes_the_kind_and_keeps_the_severity(open_page, assert_shows):
    page = open_page(figure_of("full", severity=4))
    for kind in ("<dark>", "JPEG", "noise & grain"):
        page.get_by_label("Cause").select_option(kind)
        assert assert_shows(page) == 4
        assert page.locator("[aria-live]").text_content().startswith(f"{kind}, severity 4 of 5: ")
    page.get_by_label("Cause").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("select").input_value() == "<dark>"
    assert assert_shows(page) == 4


def test_one_kind_has_no_menu(open_page):
    shared = f"<style>{(_live.FOLDER / 'live.css').read_text('utf-8')}</style>"
    assert not open_page(figure_of("bare"), shared).locator("select").is_visible()
    assert open_page(figure_of("low"), shared).locator("select").is_visible()


def along(page, part):
    """Return where in the window the slider's thumb stands at a part of its way."""
    box = slider(page).bounding_box()
    return box["x"] + 10 + part * (box["width"] - 20), box["y"] + box["height"] / 2


def test_the_mouse_drags_the_slider(open_page, assert_shows):
    page = open_page(figure_of("full"))
    page.mouse.move(*along(page, 0))
    page.mouse.down()
    for part, at in [(0.4, 2), (1, 5), (0.62, 3)]:
        page.mouse.move(*along(page, part))
        assert assert_shows(page) == at
    page.mouse.up()
    assert "severity 3 of 5" in page.locator("[aria-live]").text_content()


def test_a_tap_moves_the_slider(open_page, assert_shows):
    page = open_page(figure_of("full"), has_touch=True, viewport={"width": 390, "height": 900})
    page.touchscreen.tap(*along(page, 0.8))
    assert assert_shows(page) == 4


def test_controls_and_pictures_have_names(open_page):
    page = open_page(figure_of("full"))
    assert page.get_by_role("group", name="Severity explorer").count() == 1
    assert page.get_by_role("slider", name="Severity", exact=True).count() == 1
    assert page.get_by_role("combobox", name="Cause", exact=True).count() == 1
    images = [image.get_attribute("alt") for image in page.locator("img").all()]
    assert images == ["The face as the chosen cause spoils it, at the chosen severity."]
    plot = page.locator("[role=img]").get_attribute("aria-label")
    assert "from −0.2 to 1.0" in plot and "threshold, 0.46, on" in plot


@pytest.mark.parametrize(("width", "scale"), [(800, 1), (260, 1), (390, 2), (800, 1.25)])
@pytest.mark.parametrize("name", CASES)
def test_the_frame_shows_its_picture_and_nothing_of_its_neighbours(
    open_page, read_all, name, width, scale
):
    figure = figure_of(name)
    view = {"viewport": {"width": width, "height": 900}, "device_scale_factor": scale}
    shared = (_live.FOLDER / "live.css").read_text("utf-8")  # as a later figure brings it again
    page = open_page(figure, f"<style>{shared}</style>", **view)
    frame, sheet = page.locator(".ft-pixels"), decoded(figure)
    for (kind, at), setting in list(read_all(figure).items())[-4::3]:
        if len(figure._data["cells"]) > 1:
            page.locator("select").select_option(kind)
        slider(page).fill(str(at))
        with Image.open(io.BytesIO(frame.screenshot())) as image:
            shown = np.array(image.convert("RGB"), dtype=int)
        wanted = cell_of(sheet, setting)
        tall, wide = (round(frame.bounding_box()[side] * scale) for side in ("height", "width"))
        assert tall % len(wanted) == wide % len(wanted[0]) == 0
        wanted = np.kron(wanted, np.ones((tall // len(wanted), wide // len(wanted[0]), 1)))
        starts = range(len(shown) - tall + 1)  # a row of the page may come before the frame's
        off = min(np.abs(shown[top : top + tall, :wide] - wanted).max() for top in starts)
        assert off <= 3  # two decoders may differ a little


@pytest.mark.parametrize("name", CASES)
def test_marks_stand_at_their_scores_and_the_line_at_the_threshold(open_page, name):
    (_, scores, threshold), options = CASES[name]
    figure = figure_of(name)
    page = open_page(figure)
    low = {"full": -0.2, "bare": -0.2, "low": -1}[name]
    plot = page.locator(".ft-plot").bounding_box()
    given = {"own": scores, "other": options.get("others")}
    for kind, at in settings(figure)[::3]:
        if len(figure._data["cells"]) > 1:
            page.locator("select").select_option(kind)
        slider(page).fill(str(at))
        for mark, by_kind in given.items():
            if by_kind is None:
                assert page.locator(f".ft-{mark}").count() == 0
                continue
            box = page.locator(f".ft-plot .ft-{mark}").bounding_box()
            wanted = (min(by_kind[kind][at], 1) - low) / (1 - low)
            middle = box["x"] + box["width"] / 2
            assert (middle - plot["x"]) / plot["width"] == pytest.approx(wanted, abs=0.006)
            assert plot["y"] < box["y"] and box["y"] + box["height"] < plot["y"] + plot["height"]
    line = page.evaluate("""() => parseFloat(
      getComputedStyle(document.querySelector(".ft-plot"), "::after").left)""")
    assert line / plot["width"] == pytest.approx((threshold - low) / (1 - low), abs=0.006)


def test_bars_are_as_long_as_their_shares(open_page):
    page = open_page(figure_of("full", severity=4))
    for row, parts in enumerate([(0.633, 0.593, 0.673), (0.3165, 0.2965, 0.3365)]):
        bar = page.locator(".ft-bar").nth(row)
        width = bar.bounding_box()["width"]
        left, line = bar.evaluate("""e => { const { left, width } = getComputedStyle(e, "::after");
          return [parseFloat(left), parseFloat(width)]; }""")
        assert (left / width, (left + line) / width) == pytest.approx(parts[1:], abs=0.004)
        fill = bar.evaluate("e => getComputedStyle(e).backgroundImage")
        ends = [float(end) / 100 for end in re.findall(r"([\d.]+)%", fill)]
        assert ends and ends == pytest.approx([parts[0]] * len(ends), abs=0.001)


@pytest.mark.parametrize("width", [300, 576])
@pytest.mark.parametrize("name", CASES)
def test_nothing_below_moves_and_nothing_overflows_with_any_kind_and_severity(
    open_page, name, width
):
    html = f'<div style="overflow: auto">{figure_of(name)._repr_html_()}</div>'
    page = open_page(html, viewport={"width": width + 16, "height": 800})
    seen = page.evaluate("""() => {
      const [menu, slider] = document.querySelectorAll("[data-dial]");
      const scroller = document.querySelector(".ft-live").parentNode, seen = new Set();
      for (const { value } of menu.options)
        for (let at = 0; at <= slider.max; at += 1) {
          for (const [input, to] of [[menu, value], [slider, at]]) {
            input.value = to;
            input.dispatchEvent(new Event("input"));
          }
          const { top } = document.querySelector("#after").getBoundingClientRect();
          seen.add(`${top} ${scroller.scrollWidth - scroller.clientWidth}`);
        }
      return [...seen];
    }""")
    assert len(seen) == 1
    assert seen[0].endswith(" 0")


@pytest.mark.parametrize("width", [300, 390, 800])
@pytest.mark.parametrize("name", CASES)
def test_texts_of_the_axis_do_not_touch(open_page, name, width):
    page = open_page(figure_of(name), viewport={"width": width + 16, "height": 800})
    assert_apart(page, ".ft-tick, .ft-limit", width + 16)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_verdict_has_its_colour(open_page, scheme):
    page = open_page(figure_of("full"), color_scheme=scheme)
    colour = """name => {
      const canvas = document.createElement("canvas").getContext("2d");
      canvas.fillStyle = getComputedStyle(document.querySelector(name)).color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }"""
    green = {"light": [28, 122, 69], "dark": [98, 199, 140]}[scheme]
    text = {"light": [0, 0, 0], "dark": [255, 255, 255]}[scheme]
    assert page.evaluate(colour, "[data-slot=sign]") == pytest.approx(green, abs=1)
    slider(page).press("End")
    assert page.evaluate(colour, "[data-slot=sign]") == pytest.approx(text, abs=1)
