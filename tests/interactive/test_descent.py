"""The descent explorer: its paths against the package's optimisers, and a browser's own events."""

import math
import re

import numpy as np
import pytest
from figures import shown

from facebook_tut import optimizers
from facebook_tut.interactive import descent_explorer
from facebook_tut.interactive.descent import STARTS, STEPS

NAMES = ["Gradient descent", "Momentum", "RMSProp", "Adam"]
# So many steps are compared: then RMSProp, whose step grows where the gradient vanishes, has made
# visible what a formula written another way changes in the last digit.
SURE = 40
QUIET = [[0, 0]] * STEPS
TURN = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
WELLS = np.polynomial.Polynomial.fromroots([-2, -0.5, 2]).integ()  # its slope is 0 there
# Each loss as its definition has it.
LOSSES = {
    "valley": lambda w: (w[0] ** 2 + 20 * w[1] ** 2) / 2,
    "tilted valley": lambda w: LOSSES["valley"](TURN @ w),
    "saddle": lambda w: w[0] ** 2 / 2 + (w[1] ** 2 - 1) ** 2 / 4,
    "two minima": lambda w: 0.3 * (WELLS(w[0]) - WELLS(2)) + 2 * w[1] ** 2,
    "bend": lambda w: (w[0] - 1.5) ** 2 / 10 + 2 * (w[1] + 1 - w[0] ** 2 / 2) ** 2,
}
# Surface, learning rate, momentum, noise and start.
SETTINGS = [
    *((surface, 0.09, 0.9, 0, start) for surface, start in STARTS.items()),
    ("valley", 0.1, 0.5, 0, (1.35, -0.4)),
    ("tilted valley", 0.01, 0.99, 1.5, (3, -2)),
    ("saddle", 0.5, 0, 0, (-1, 0)),
    ("two minima", 0.2, 0.9, 0.3, (-2.8, 1)),
    ("bend", 0.001, 0.7, 3, (0, 2)),
    ("valley", 0.112, 0.9, 0, (-2.5, 1)),
    ("valley", 1, 0.9, 0.1, (-2.5, 1)),
]


def slope(loss, w):
    """Return the gradient, exact to the last digits: the loss's own formula a tiny step off."""
    return np.array([loss(w + 1e-30j * axis).imag for axis in np.eye(2)]) / 1e-30


def reference(surface, rate, beta, noise, start, noises):
    """Return the four paths by `facebook_tut.optimizers`, each until a weight is beyond 100."""
    return [
        _path(LOSSES[surface], step, start, noise * np.array(noises)) for step in steps(rate, beta)
    ]


def steps(rate, beta):
    """Return for each optimiser what gives new weights and memory from weights, gradient, t."""
    return [
        lambda w, g, memory, t: (optimizers.sgd(w, g, rate),),
        lambda w, g, memory, t: optimizers.momentum(w, g, *memory or [0 * w], rate, beta),
        lambda w, g, memory, t: optimizers.rmsprop(w, g, *memory or [0 * w], rate),
        lambda w, g, memory, t: optimizers.adam(w, g, *memory or [0 * w, 0 * w], t, rate),
    ]


def _path(loss, step, start, noises):
    path, memory = [np.array(start, float)], []
    for t, noise in enumerate(noises, 1):
        w, *memory = step(path[-1], slope(loss, path[-1]) + noise, memory, t)
        path.append(w)
        if np.abs(w).max() > 100:
            break
    return np.array(path)


@pytest.fixture(scope="module")
def walked(javascript):
    """A function: the four paths of the script, with these steps' noise."""

    def walked(surface, rate, beta, noise, start, noises=QUIET):
        settings = {"rate": rate, "momentum": beta, "noise": noise}
        expression = "names.map((name) => walk(surface, name, origin, settings, noises))"
        given = {"surface": surface, "origin": start, "settings": settings, "noises": noises}
        return [np.array(path) for path in javascript("descent", expression, names=NAMES, **given)]

    return walked


# The surfaces and the paths


@pytest.mark.parametrize("surface", LOSSES)
def test_losses_gradients_and_minima_are_those_of_the_definitions(javascript, surface):
    points = np.random.default_rng(0).uniform(-3, 3, (50, 2))
    expression = """[points.map((w) => SURFACES[name].loss(...w)),
      points.map((w) => SURFACES[name].slope(...w)), SURFACES[name].minima]"""
    found = javascript("descent", expression, points=points.tolist(), name=surface)
    loss = LOSSES[surface]
    np.testing.assert_allclose(found[0], [loss(w) for w in points], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found[1], [slope(loss, w) for w in points], rtol=1e-11, atol=1e-12)
    for minimum in np.array(found[2]):
        around = minimum + 0.01 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
        np.testing.assert_allclose(slope(loss, minimum), 0, atol=1e-12)
        assert all(loss(w) > loss(minimum) for w in around)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_paths_are_those_of_the_package_s_optimizers(walked, setting):
    noises = descent_explorer()._data["noises"]
    for found, expected in zip(walked(*setting, noises), reference(*setting, noises), strict=True):
        last = None if setting[3] else SURE + 1
        np.testing.assert_allclose(found[:last], expected[:last], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("surface", ["valley", "tilted valley"])
@pytest.mark.parametrize("beta", [0.3, 0.9])
def test_a_step_diverges_in_a_valley_exactly_above_the_limit(walked, surface, beta):
    limits = 2 / 20, 2 * (1 + beta) / 20  # two over the largest curvature
    for k, limit in enumerate(limits):
        for rate, beyond in ((0.995 * limit, False), (1.005 * limit, True)):
            path = walked(surface, rate, beta, 0, (-2.5, 1), [[0, 0]] * 5000)[k]
            assert (np.abs(path[-1]).max() > 100) == beyond


@pytest.mark.parametrize("surface", LOSSES)
def test_first_steps_of_rmsprop_and_adam_have_one_size(walked, surface):
    paths = walked(surface, 0.05, 0.9, 0, STARTS[surface])
    for path, size in zip(paths[2:], (0.05 / np.sqrt(0.1), 0.05), strict=True):
        np.testing.assert_allclose(np.abs(path[1] - path[0]), size, rtol=1e-3)


def test_a_large_step_with_momentum_leaves_the_left_minimum_and_gradient_descent_does_not(walked):
    plain, with_momentum, *_ = walked("two minima", 0.2, 0.9, 0, STARTS["two minima"])
    assert plain[-1] == pytest.approx([-2, 0], abs=1e-6)
    assert with_momentum[-1] == pytest.approx([2, 0], abs=0.1)


def test_on_the_line_to_the_saddle_nobody_leaves_it(walked):
    for path in walked("saddle", 0.09, 0.9, 0, (-2.5, 0)):
        assert not path[:, 1].any()


def test_the_noise_of_a_step_is_one_for_all(walked):
    noises = descent_explorer()._data["noises"]
    assert np.shape(noises) == (STEPS, 2) and 0.85 < np.std(noises) < 1.15
    quiet, noisy = (walked("valley", 0.01, 0.9, noise, (1, 1), noises)[:2] for noise in (0, 2))
    for one, other in zip(quiet, noisy, strict=True):
        np.testing.assert_allclose(other[1] - one[1], -0.01 * 2 * np.array(noises[0]))


# What is shown


@pytest.mark.parametrize("step", [0, 1, SURE])
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_table_has_losses_and_last_steps(setting, step):
    surface, rate, beta, noise, (w1, w2) = setting
    dials = {"learning_rate": rate, "momentum": beta, "noise": noise, "w1": w1, "w2": w2}
    figure = descent_explorer(surface=surface, step=step, **dials)
    told = shown(figure)
    for k, path in enumerate(reference(*setting, figure._data["noises"])):
        at = min(step, len(path) - 1)
        if np.abs(path[at]).max() > 100:
            assert (told[f"loss_{k}"], told[f"state_{k}"]) == ("diverged", f"at step {at}")
            continue
        loss = LOSSES[surface](path[at])
        assert number(told[f"loss_{k}"]) == pytest.approx(loss, rel=0.06, abs=6e-5)
        off = abs(path[at][0]) > 3 or abs(path[at][1]) > 2
        assert told[f"state_{k}"] == ("off the map" if off else "")
        for i in (0, 1):
            text = told[f"change_{i + 1}_{k}"]
            change = path[at][i] - path[at - 1][i]
            assert text == "–" if step == 0 else number(text) == pytest.approx(change, abs=6e-4)
        assert told[f"path_{k}"].count("L") == at


def number(text):
    """Return the number of a text such as −2.1 · 10⁻⁵."""
    text = text.translate(str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789"))
    return float(text.replace(" · 10", "e"))


def test_losses_of_any_size_have_a_text(javascript):
    texts = {
        **{0: "0.0000", 0.000999: "1.0 · 10⁻³", 0.001: "0.0010", 9.99994: "9.9999", 10: "10.0"},
        **{999.94: "999.9", 1000: "1.0 · 10³", 2.5e18: "2.5 · 10¹⁸", 3.6e-30: "3.6 · 10⁻³⁰"},
    }
    found = javascript("descent", "losses.map(lossText)", losses=[*texts])
    assert found == [*texts.values()]


@pytest.mark.parametrize("surface", LOSSES)
def test_contour_lines_have_powers_of_two_and_crosses_are_minima(surface):
    told = shown(descent_explorer(surface=surface))
    ends = np.array(re.findall(r"(\d+) (\d+)", told["contours"]), float)  # from the upper left
    w = np.c_[6 * ends[:, 0] / 1000 - 3, 2 - 4 * ends[:, 1] / 1000]
    losses = LOSSES[surface](w.T)
    levels = 2.0 ** np.round(np.log2(np.maximum(losses, 2**-4)))
    assert len(ends) > 500 and len(set(levels)) >= 5
    assert np.median(np.abs(losses / levels - 1)) < 0.01
    assert np.all(np.abs(losses - levels) < 0.03 + 0.1 * levels)


@pytest.mark.parametrize("dials", [{}, {"step": 0}, {"step": 100}, {"learning_rate": 1}], ids=str)
@pytest.mark.parametrize("surface", LOSSES)
def test_no_letter_covers_another_or_leaves_its_plot(surface, dials):
    told = shown(descent_explorer(surface=surface, **dials))
    for name in ("disc", "label"):
        at = np.array([[float(told[f"{name}_{i}_{k}"]) for i in "xy"] for k in range(4)])
        assert at.min() >= 0.03 and at.max() <= 0.97
        gaps = np.abs(at[:, None] - at)[np.triu_indices(4, 1)]
        assert np.all((gaps > [0.068, 0.1]).any(axis=1))


def test_letters_are_where_they_belong_if_there_is_room(javascript):
    far = [[0.2, 0.2], [0.5, 0.3], [0.5, 0.5], [0.9, 0.9]]
    assert javascript("descent", "spread(far)", far=far) == far
    corner = np.array(javascript("descent", "spread(same)", same=[[-40, 1e9]] * 4))
    assert corner[0] == pytest.approx([0.03, 0.97])
    assert np.all((corner[1:] >= [0, 0.75]) & (corner[1:] <= [0.18, 1]))


@pytest.mark.parametrize(("beta", "limit"), [(0, "0.100"), (0.5, "0.150"), (0.9, "0.190")])
def test_the_valleys_say_their_limits(beta, limit):
    for surface in ("valley", "tilted valley"):
        assert limit in shown(descent_explorer(surface=surface, momentum=beta))["told"]


# The Python object


@pytest.mark.parametrize(
    ("dials", "error", "message"),
    [
        ({"surface": "hill"}, ValueError, "surface must be one of valley, .*, bend, got 'hill'"),
        ({"surface": ["valley"]}, ValueError, "surface must be one of valley"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be a number from 0.001 to 1, got 0"),
        ({"learning_rate": math.nan}, ValueError, "learning_rate must be a number from 0.001 to 1"),
        ({"learning_rate": "0.1"}, TypeError, "learning_rate must be a number from 0.001 to 1"),
        ({"momentum": 1}, ValueError, "momentum must be a number from 0 to 0.99, got 1"),
        ({"noise": -1}, ValueError, "noise must be a number from 0 to 3, got -1"),
        ({"w1": 4}, ValueError, "w1 must be a number from -3 to 3, got 4"),
        ({"w2": "low"}, TypeError, "w2 must be a number from -2 to 2, got 'low'"),
        ({"step": 101}, ValueError, "step must be a number from 0 to 100, got 101"),
    ],
)
def test_wrong_arguments_are_named(dials, error, message):
    with pytest.raises(error, match=message):
        descent_explorer(**dials)


def test_each_surface_has_a_start_and_a_learning_rate_has_three_digits():
    figure = descent_explorer(surface="saddle", learning_rate=0.0012345, w1=1)
    assert (figure.w1, figure.w2, figure.learning_rate) == (1, 0.05, 0.00123)
    figure.learning_rate = 0.98765
    assert figure.learning_rate == 0.988


# The page in a browser


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def dial(page, name):
    return page.locator(f"[data-dial={name}]")


def test_keys_move_the_learning_rate_by_powers_of_ten(open_page):
    page = open_page(descent_explorer(learning_rate=0.1, step=100))
    seen = []
    for key in ("ArrowRight", "ArrowLeft", "Home", "End"):
        dial(page, "exponent").press(key)
        seen.append((slot(page, "rate"), slot(page, "loss_0")))
    assert [rate for rate, _ in seen] == ["0.112", "0.1", "0.001", "1"]
    assert seen[0][1] == seen[3][1] == "diverged"
    # At the limit itself w₂ goes to and fro between 1 and −1.
    assert number(seen[1][1]) == pytest.approx(10, abs=0.001)
    said = page.locator("[aria-live]").text_content()
    assert said.startswith("valley, learning rate 1, momentum 0.90, start −2.50, 1.00.")
    assert "Loss after step 100: Gradient descent diverged at step 2; " in said


def test_a_surface_brings_its_start_and_the_map_moves_it(open_page):
    page = open_page(descent_explorer())
    dial(page, "surface").select_option("saddle")
    assert (slot(page, "w1_text"), slot(page, "w2_text")) == ("−2.50", "0.05")
    box = page.locator(".ft-map").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    assert (slot(page, "w1_text"), slot(page, "w2_text")) == ("0.00", "1.00")
    page.mouse.move(box["x"] + 2 * box["width"], box["y"] - 5)
    page.mouse.up()
    assert (slot(page, "w1_text"), slot(page, "w2_text")) == ("3.00", "2.00")
    assert "start 3.00, 2.00" in page.locator("[aria-live]").text_content()


def test_the_step_moves_by_slider_buttons_and_the_other_plot(open_page):
    page = open_page(descent_explorer(step=99))
    for name, steps in (("One step on", ("100", "100")), ("One step back", ("99", "98"))):
        for step in steps:
            page.get_by_role("button", name=name).click()
            assert slot(page, "step") == step
    dial(page, "step").press("Home")
    assert slot(page, "step") == "0" and slot(page, "change_1_0") == "–"
    box = page.locator(".ft-losses .ft-plot").bounding_box()
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    assert slot(page, "step") == "25"
    assert "Loss after step 25" in page.locator("[aria-live]").text_content()
