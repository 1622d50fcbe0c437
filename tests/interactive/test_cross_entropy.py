"""The cross-entropy explorer: against 40-digit decimals and SciPy, and with a browser's events."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache

import numpy as np
import pytest
from scipy import special

from facebook_tut.interactive import cross_entropy_explorer

LOGITS = [tenths / 10 for tenths in range(-80, 81)]
SETTINGS = [(logit, label) for label in (0, 1) for logit in LOGITS]
LOSSES, PULLS = ("entropy", "squared"), ("entropy_pull", "squared_pull")


@pytest.fixture(scope="module")
def drawn(javascript):
    """What the script shows and computes at every stop of the slider and for both labels."""
    one = "([z, y]) => [{ ...curves(y), ...reading(z, y) }, measures(z, y)]"
    pairs = javascript("cross_entropy", f"settings.map({one})", settings=SETTINGS)
    return dict(zip(SETTINGS, pairs, strict=True))


@cache
def exact(logit, label):
    """Return probability, losses and gradients by definition, with 40 digits."""
    with localcontext() as context:
        context.prec = 40
        p = 1 / (1 + (-Decimal(round(10 * logit)) / 10).exp())
        y = Decimal(label)
        return {
            "p": p,
            "entropy": -(y * p.ln() + (1 - y) * (1 - p).ln()),
            "squared": (p - y) ** 2,
            "entropy_pull": p - y,
            "squared_pull": 2 * (p - y) * p * (1 - p),
        }


def rounded(number, digits):
    """Return a decimal as text, with a minus sign unless it rounds to zero."""
    text = f"{number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    return text.replace("-", "−" if float(text) else "")


# The arithmetic


@pytest.mark.parametrize("label", [0, 1])
def test_losses_and_gradients_are_those_of_scipy(drawn, label):
    computed = [drawn[logit, label][1] for logit in LOGITS]
    z, table = np.array(LOGITS), {name: [m[name] for m in computed] for name in computed[0]}
    p = special.expit(z)
    entropy = np.logaddexp(0, -z if label else z)  # softplus of the margin, as libraries have it
    np.testing.assert_allclose(table["p"], p, rtol=1e-12)
    np.testing.assert_allclose(table["entropy"], entropy, rtol=1e-11)
    np.testing.assert_allclose(table["squared"], np.square(p - label), rtol=1e-11)


def test_gradients_are_the_slopes_of_the_losses(javascript, drawn):
    step = 1e-5
    near = [[(z - step, label), (z + step, label)] for z, label in SETTINGS]
    expression = "near.map((pair) => pair.map((setting) => measures(...setting)))"
    pairs = javascript("cross_entropy", expression, near=near)
    for loss in LOSSES:
        slopes = [(above[loss] - below[loss]) / (2 * step) for below, above in pairs]
        gradients = [drawn[setting][1][f"{loss}_pull"] for setting in SETTINGS]
        np.testing.assert_allclose(gradients, slopes, atol=1e-9)


@pytest.mark.parametrize("label", [0, 1])
def test_shown_numbers_are_those_of_40_digits(drawn, label):
    for logit in LOGITS:
        shown, reference = drawn[logit, label][0], exact(logit, label)
        for name in (*LOSSES, *PULLS):
            assert shown[name] == rounded(reference[name], 3)
        assert shown["z"] == rounded(Decimal(str(logit)), 1)
        digits = len(shown["p"]) - 2
        assert shown["p"] == rounded(reference["p"], digits)
        rarer = min(reference["p"], 1 - reference["p"])
        assert 1000 <= rarer.scaleb(digits) < 10000  # four significant digits


@pytest.mark.parametrize("label", [0, 1])
def test_no_shown_number_is_so_near_a_half_that_two_machines_could_differ(label):
    for logit in LOGITS:  # on a half, the last bit of an exponential would decide the text
        reference = exact(logit, label)
        heights = [reference[name] / 8 for name in LOSSES]
        heights += [(1 + reference[name]) / 2 for name in PULLS]
        shown = [(reference[name], 3) for name in (*LOSSES, *PULLS)]
        shown += [(height, digits) for height in heights for digits in (3, 5)]
        shown += [(reference["p"], digits) for digits in range(3, 8)]
        for number, digits in shown:
            last = abs(number).scaleb(digits) % 1
            exact_in_binary = logit == 0 and number != reference["entropy"]
            assert exact_in_binary or abs(last - Decimal("0.5")) > Decimal("1e-8")


@pytest.mark.parametrize("label", [0, 1])
def test_formulas_hold_with_the_numbers_that_they_show(drawn, label):
    for logit in LOGITS:
        shown = drawn[logit, label][0]
        for name in (*LOSSES, *PULLS):
            formula = shown[f"{name}_sum"].replace("·log ", "*math.log(").replace("·", "*")
            formula = re.sub(r"(log\([\d.]+)", r"\1)", formula).replace("²", "**2")
            formula = formula.translate({ord("−"): "-", ord("["): "(", ord("]"): ")"})
            value = eval(formula, {"math": math})
            assert value == pytest.approx(float(shown[name].replace("−", "-")), abs=0.0011)


@pytest.mark.parametrize(
    ("logit", "label", "verdict", "effect"),
    [
        (-5, 1, "Confidently wrong:", "cross-entropy still pulls z up with 0.993, "
         "squared error with only 0.013."),
        (3, 0, "Confidently wrong:", "cross-entropy still pulls z down with 0.953, "
         "squared error with only 0.086."),
        (-2.9, 1, "Wrong:", "cross-entropy pulls z up with 0.948, squared error with 0.094."),
        (0.4, 0, "Unsure:", "cross-entropy pulls z down with 0.599, squared error with 0.288."),
        (0.5, 1, "Right:", "cross-entropy pulls z up with 0.378, squared error with 0.177."),
        (-3, 0, "Confidently right:", "cross-entropy pulls z down with 0.047, "
         "squared error with 0.004."),
    ],
)  # fmt: skip
def test_the_verdict_says_what_both_losses_do(drawn, logit, label, verdict, effect):
    shown = drawn[logit, label][0]
    assert (shown["verdict"], shown["effect"]) == (verdict, effect)


@pytest.mark.parametrize("label", [0, 1])
def test_the_points_stand_on_the_curves(drawn, label):
    for index, logit in enumerate(LOGITS):
        shown = drawn[logit, label][0]
        for name in (*LOSSES, *PULLS):
            points = [point.split() for point in shown[f"{name}_curve"][1:].split("L")]
            assert len(points) == len(LOGITS)
            x, y = map(int, points[index])
            across = shown["x_z" if name in PULLS else "x_p"]
            assert x / 1000 == pytest.approx(float(across), abs=0.00051)
            assert 1 - y / 1000 == pytest.approx(float(shown[f"y_{name}"]), abs=0.00051)


def test_a_point_on_a_curve_is_nearest_to_itself(javascript):
    """Pointing exactly at a stop gives that stop, on either loss, also off a whole pixel."""
    at = [(x, loss / 8, y) for z, y in SETTINGS for x, loss in _points(z, y)]
    expression = "at.map(([x, up, y]) => nearest(x, up, y, 340, 270))"
    found = javascript("cross_entropy", expression, at=at)
    assert found == [z for z, _ in SETTINGS for _ in LOSSES]


def _points(logit, label):
    p = float(special.expit(logit))
    return [(p, float(np.logaddexp(0, -logit if label else logit))), (p, (p - label) ** 2)]


def test_a_place_on_the_axis_of_z_is_a_stop(javascript):
    stops = {-0.2: -8, 0: -8, 0.2535: -3.9, 0.5: 0, 0.99: 7.8, 1.5: 8}
    found = javascript("cross_entropy", "parts.map(stopAt)", parts=list(stops))
    assert found == list(stops.values())


# The Python object


@pytest.mark.parametrize(
    ("dials", "error", "message"),
    [
        ({"logit": 8.1}, ValueError, "logit must be a number from -8 to 8, got 8.1"),
        ({"logit": math.nan}, ValueError, "logit must be a number from -8 to 8, got nan"),
        ({"logit": "high"}, TypeError, "logit must be a number from -8 to 8, got 'high'"),
        ({"label": 2}, ValueError, r"label must be 1 \(a face\) or 0 \(not a face\), got 2"),
        ({"label": 0.5}, ValueError, r"label must be 1 \(a face\) or 0 .*, got 0.5"),
        ({"label": "face"}, ValueError, r"label must be 1 \(a face\) or 0 .*, got 'face'"),
    ],
)
def test_wrong_arguments_are_named(dials, error, message):
    with pytest.raises(error, match=message):
        cross_entropy_explorer(**dials)


def test_dials_take_the_nearest_stop_and_any_kind_of_label():
    figure = cross_entropy_explorer(logit=-1.26, label=np.float32(1))
    assert repr(figure) == "<cross_entropy_explorer: logit=-1.3, label=1>"
    with pytest.raises(ValueError, match="label must be 1"):
        figure.label = 3
    assert figure.label == 1


# The page in a browser


def slider(page, figure=0):
    return page.locator("[data-dial=logit]").nth(figure)


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


READ = """() => {
  const slots = [...document.querySelectorAll("[data-slot]:not(path)")];
  const shown = Object.fromEntries(slots.map((slot) => [slot.dataset.slot, slot.textContent]));
  const value = (input) => Number(document.querySelector(input).value);
  return [shown, value("[data-dial=logit]"), value("input[type=radio]:checked")];
}"""


def assert_shows(page):
    """All that the page shows fits its controls; return the logit and the label."""
    shown, logit, label = page.evaluate(READ)
    reference = exact(logit, label)
    for name in (*LOSSES, *PULLS):
        assert shown[name] == rounded(reference[name], 3)
    assert shown["p"] == rounded(reference["p"], len(shown["p"]) - 2)
    assert shown["z"] == rounded(Decimal(str(logit)), 1)
    return logit, label


def centre(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def place(page, plot, x, y):
    """Return where in the window a part of a plot is, counted from its lower left."""
    box = page.locator(f".ft-{plot}").bounding_box()
    return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]


def test_keys_and_the_slider_move_the_prediction(open_page):
    page = open_page(cross_entropy_explorer(logit=0, label=1))
    assert assert_shows(page) == (0, 1)
    slider(page).focus()
    for key, logit in [("ArrowLeft", -0.1), ("ArrowRight", 0), ("Home", -8), ("End", 8)]:
        page.keyboard.press(key)
        assert assert_shows(page) == (logit, 1)
    assert "Label 1, z 8.0, p 0.9996646" in page.locator("[aria-live]").text_content()


def test_the_label_switches_by_mouse_and_by_keys(open_page):
    page = open_page(cross_entropy_explorer(logit=-4))
    page.get_by_text("0, not a face").click()
    assert assert_shows(page) == (-4, 0)
    assert slot(page, "verdict") == "Confidently right:"
    assert "Confidently right: cross-entropy" in page.locator("[aria-live]").text_content()
    page.keyboard.press("ArrowUp")
    assert assert_shows(page) == (-4, 1)


@pytest.mark.parametrize(("label", "sign"), [(1, 1), (0, -1)])
def test_the_buttons_set_the_logit(open_page, label, sign):
    page = open_page(cross_entropy_explorer(logit=0, label=label))
    for button, side in [("Confidently wrong", -sign), ("Confidently right", sign)]:
        page.get_by_role("button", name=button).press("Enter")
        assert assert_shows(page) == (5 * side, label)
        assert slot(page, "verdict") == f"{button}:"
        assert button in page.locator("[aria-live]").text_content()


@pytest.mark.parametrize("label", [0, 1])
def test_the_mouse_drags_along_either_curve_of_the_loss(open_page, label):
    page = open_page(cross_entropy_explorer(logit=0.3, label=label))
    for curve in (0, 1):
        page.mouse.move(*place(page, "loss", 0.5, 0.05))
        page.mouse.down()
        for logit in (-6, -2, 1, 3, 6.5):
            x, loss = _points(logit, label)[curve]
            page.mouse.move(*place(page, "loss", x, loss / 8))
            moved, _ = assert_shows(page)
            points = [np.array(_points(z, label)[curve]) * (340, 34) for z in (logit, moved)]
            assert np.hypot(*np.subtract(*points)) < 2  # pixels
        page.mouse.up()
    before = assert_shows(page)
    page.mouse.move(*place(page, "loss", 0.5, 0.05))
    assert assert_shows(page) == before


def test_the_mouse_drags_the_gradient_beyond_the_plot(open_page):
    page = open_page(cross_entropy_explorer())
    page.mouse.move(*place(page, "gradient", 0.5, 0.5))
    page.mouse.down()
    for part, logit in [(0.25, -4), (0.75, 4), (1.1, 8), (-0.3, -8), (0.4, -1.6)]:
        page.mouse.move(*place(page, "gradient", part, 0.8))
        assert assert_shows(page)[0] == pytest.approx(logit, abs=0.11)
    page.mouse.up()
    assert "Wrong:" in page.locator("[aria-live]").text_content()


def test_a_tap_moves_the_prediction(open_page):
    page = open_page(
        cross_entropy_explorer(), has_touch=True, viewport={"width": 390, "height": 1500}
    )
    page.touchscreen.tap(*place(page, "gradient", 0.75, 0.3))
    assert assert_shows(page)[0] == pytest.approx(4, abs=0.11)
    page.touchscreen.tap(*place(page, "loss", 0.3, -math.log(0.3) / 8))
    assert float(slot(page, "p")) == pytest.approx(0.3, abs=0.02)
    page.touchscreen.tap(*centre(page.get_by_text("0, not a face").bounding_box()))
    assert assert_shows(page)[1] == 0


def test_thumb_line_and_points_stand_at_one_place(open_page):
    page = open_page(cross_entropy_explorer(logit=-2))
    slider(page).press("ArrowLeft")
    box = slider(page).bounding_box()
    thumb = box["x"] + 10 + (8 - 2.1) / 16 * (box["width"] - 20)
    line = page.locator(".ft-gradient .ft-here").bounding_box()
    assert line["x"] == pytest.approx(thumb, abs=1)
    reference = {name: float(value) for name, value in exact(-2.1, 1).items()}
    for plot, kind, x, y in [
        ("loss", "entropy-curve", reference["p"], reference["entropy"] / 8),
        ("loss", "squared", reference["p"], reference["squared"] / 8),
        ("gradient", "entropy-curve", 5.9 / 16, (1 + reference["entropy_pull"]) / 2),
        ("gradient", "squared", 5.9 / 16, (1 + reference["squared_pull"]) / 2),
    ]:
        point = page.locator(f".ft-{plot} .ft-point.ft-{kind}").bounding_box()
        assert centre(point) == pytest.approx(place(page, plot, x, y), abs=1.5)
