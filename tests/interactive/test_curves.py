"""The curves explorer: against NumPy's interpolation, by hand, and with a browser's events."""

import math
import re

import numpy as np
import pytest
from figures import assert_apart
from live_figures import drawn

from facebook_tut._live import rounded
from facebook_tut.interactive import curves_explorer

STOPS = range(101)
PEOPLE = [10, 30, 100, 300, 1000, 4069]


def learning():
    """Three learning curves with intervals, of which one ends early, on a logarithmic axis."""
    y = 0.5 * np.array(PEOPLE) ** -0.3
    panels = {"LFW": {
        "plain": (PEOPLE, y, 0.9 * y, 1.1 * y),
        "from <scratch>": (PEOPLE[:5], 1.5 * y[:5], 1.3 * y[:5], 1.6 * y[:5]),
        "taught": (PEOPLE[1:], 0.8 * y[1:], 0.8 * y[1:], 0.8 * y[1:]),
    }}  # fmt: skip
    return (panels, "people", "error"), {"log": True, "percent": True, "digits": 1}


def severity():
    """Two curves in each of five panels, the first ones' severities 0 to 5."""
    steps = np.arange(6)
    panels = {
        f"{name} & more": {
            "clean": (steps, 0.97 - 0.03 * k * steps),
            "spoiled": (steps[k == 3 :], 0.96 - 0.01 * k * steps[k == 3 :]),
        }
        for k, name in enumerate(["blur", "noise", "dark", "JPEG", "occlusion"], 1)
    }
    return (panels, "severity", "accuracy"), {"percent": True, "digits": 1}


def mixed():
    """Panels that share no names or ranges; four curves, one alone, many points, below zero."""
    rng = np.random.default_rng(0)
    x = rounded(np.sort(rng.uniform(0, 3, (4, 7)), axis=1).tolist())
    even = rounded(np.linspace(-1, 4, 60).tolist())
    panels = {
        "four": {name: (x[k], rng.normal(size=7)) for k, name in enumerate("abcd")},
        "alone": {"e": (even, np.sin(even))},
        "flat": {"f": ([0.25, 0.5], [1, 1]), "g": ([2, 3], [-2, -1])},
    }
    return (panels, "noise", "utility"), {"digits": 3, "x_digits": 1}


def decades():
    """A privacy budget over many powers of ten."""
    x = rounded(np.geomspace(0.001, 1000, 13).tolist())
    return ({"one": {"u": (x, 1e-4 * np.log(x)), "v": ([0.1, 2], [0, 1e-4])}}, "ε", "gain"), {
        "log": True, "digits": 6,
    }  # fmt: skip


CASES = {"learning": learning, "severity": severity, "mixed": mixed, "decades": decades}


def figure_of(case, **dials):
    arguments, options = CASES[case]()
    return curves_explorer(*arguments, **options, **dials)


def number(text):
    """Return the value of a text, with or without a percent sign."""
    return float(text.replace("−", "-").replace(" %", "").replace(",", ""))


@pytest.fixture(scope="module", params=CASES)
def case(request, javascript):
    """A case: what was given, each panel as prepared, and what is shown at every setting."""
    arguments, options = CASES[request.param]()
    data = curves_explorer(*arguments, **options)._data
    settings = [(panel, at) for panel in arguments[0] for at in STOPS]
    code = """[
      Object.keys(data.panels).map((panel) => [panel, prepared(data, panel)]),
      settings.map(([panel, at]) => view({ data, panel, at })), common(data)]"""
    panels, shown, both = javascript("curves", code, data=data, settings=settings)
    return arguments[0], options, (dict(panels), both), dict(zip(settings, shown, strict=True))


# The arithmetic


def test_values_are_those_of_numpy(case):
    panels, options, (prepared, _), read = case
    scale, along = 100 if options.get("percent") else 1, np.log if options.get("log") else float
    for (panel, at), shown in read.items():
        x = prepared[panel]["stops"][at]
        values = []
        for curve, (name, given) in zip(
            prepared[panel]["curves"], panels[panel].items(), strict=True
        ):
            xs, *parts = (np.asarray(part, float) for part in given)
            axis = np.log(xs) if options.get("log") else xs
            ends = {"left": math.nan, "right": math.nan}
            wanted = [scale * np.interp(along(x), axis, part, **ends) for part in parts]
            k, near = curve["look"], 0.5001 * 10 ** -options["digits"]
            assert shown[f"name_{k}"] == name
            values.append(wanted[0])
            if math.isnan(wanted[0]):
                assert not xs[0] <= x <= xs[-1]
                assert (shown[f"value_{k}"], shown[f"interval_{k}"]) == ("–", "")
                assert shown[f"on_{k}"] == "0"
            else:
                assert number(shown[f"value_{k}"]) == pytest.approx(wanted[0], abs=near)
                assert shown[f"on_{k}"] == "1"
            if len(parts) == 3 and not math.isnan(wanted[0]):
                interval = [number(text) for text in shown[f"interval_{k}"].split(" to ")]
                assert interval == pytest.approx(wanted[1:], abs=near)
            difference = shown[f"difference_{k}"]
            if len(values) == 1:
                assert difference == ""
            elif math.isnan(values[0] + values[-1]):
                assert difference == "–"
            else:
                gap = values[-1] - values[0]
                assert number(difference) == pytest.approx(gap, abs=near)
                assert difference[0] in "+−" or number(difference) == 0


def test_stops_go_from_end_to_end_hit_measured_places_and_stay_near_the_slider(case):
    panels, options, (prepared, _), read = case
    for name, curves in panels.items():
        panel = prepared[name]
        xs = np.unique(np.concatenate([np.asarray(curve[0], float) for curve in curves.values()]))
        stops = np.array(panel["stops"])
        assert (stops[0], stops[-1]) == (xs[0], xs[-1])
        assert (np.diff(stops) >= 0).all()
        axis = np.log if options.get("log") else np.asarray
        places = (axis(stops) - axis(xs[0])) / (axis(xs[-1]) - axis(xs[0]))
        np.testing.assert_allclose(places, np.arange(101) / 100, atol=0.013)
        assert set(stops[panel["marked"]]) <= set(xs)
        if len(xs) < 10:
            assert set(stops[panel["marked"]]) == set(xs)
        for at, x in enumerate(stops):
            assert number(read[name, at]["x"]) == pytest.approx(x, rel=5.1e-4)


def test_ticks_are_few_and_nice_and_hold_all_values(case):
    panels, options, (prepared, common), _ = case
    scale = 100 if options.get("percent") else 1
    marks = common["marks"]
    assert 3 <= len(marks) <= 5
    np.testing.assert_allclose(np.diff(marks), marks[1] - marks[0])
    parts = [part for curves in panels.values() for _, *parts in curves.values() for part in parts]
    assert marks[0] <= scale * min(map(min, parts)) and scale * max(map(max, parts)) <= marks[-1]
    assert [number(text) for text in common["texts"]] == marks
    for panel in prepared.values():
        ticks = [
            number(panel["shown"][f"text_{k}"]) for k in range(6) if panel["shown"][f"text_{k}"]
        ]
        assert 3 <= len(ticks) <= 6
        assert panel["ends"][0] <= ticks[0] < ticks[-1] <= panel["ends"][1]


@pytest.mark.parametrize(
    ("low", "high", "outside", "ticks"),
    [
        (0.02, 0.98, True, [0, 0.25, 0.5, 0.75, 1]),
        (41, 98, True, [40, 60, 80, 100]),
        (0.3, 0.7, True, [0.3, 0.4, 0.5, 0.6, 0.7]),
        (1, 1, True, [0.5, 0.75, 1, 1.25, 1.5]),
        (0, 0, True, [-0.5, -0.25, 0, 0.25, 0.5]),
        (-3e-7, 4e-7, True, [-4e-7, -2e-7, 0, 2e-7, 4e-7]),
        (2.1, 19, False, [5, 10, 15]),
        (0, 5, False, [0, 2, 4]),
        (0.1, 0.5, False, [0.1, 0.2, 0.3, 0.4, 0.5]),
    ],
)
def test_nice_ticks_by_hand(javascript, low, high, outside, ticks):
    found = javascript("curves", "ticks(...range_).marks", range_=[low, high, outside])
    assert found == pytest.approx(ticks)


def test_any_range_has_from_three_to_five_ticks(javascript):
    rng = np.random.default_rng(1)
    lows, spans = rng.normal(size=2000).tolist(), (10 ** rng.uniform(-4, 4, 2000)).tolist()
    code = """lows.map((low, k) => [
      ticks(low, low + spans[k], true).marks.length, ticks(low, low + spans[k], false).marks.length,
      xTicks([Math.abs(low), Math.abs(low) * (1 + spans[k])], true).length])"""
    counts = javascript("curves", code, lows=lows, spans=spans)
    assert 3 <= np.min(counts) <= np.max(counts) <= 5


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (10, 100, [10, 20, 50, 100]),
        (10, 500, [10, 50, 100, 500]),
        (10, 4069, [10, 50, 100, 500, 1000]),
        (4, 1000, [10, 100, 1000]),
        (0.001, 1000, [0.01, 1, 100]),
        (3, 9, []),
    ],
)
def test_ticks_of_a_logarithmic_axis_by_hand(javascript, low, high, ticks):
    assert javascript("curves", "logTicks(...ends)", ends=[low, high]) == ticks


def test_a_few_even_places_are_the_ticks(javascript):
    code = "view({ data, panel: 'blur & more', at: 0 })"
    shown = javascript("curves", code, data=figure_of("severity")._data)
    assert [shown[f"text_{k}"] for k in range(6)] == list("012345")


def test_the_middle_of_a_hand_made_curve(javascript):
    """Halfway between 10 and 1000 people on a logarithmic axis is 100; b ends before."""
    panels = {"p": {"a": ([10, 1000], [0.4, 0.2]), "b": ([10, 50], [0.3, 0.1])}}
    data = curves_explorer(panels, "people", "error", log=True, percent=True)._data
    shown = javascript("curves", "view({ data, panel: 'p', at: 50 })", data=data)
    assert (shown["x"], shown["place"], shown["value_0"]) == ("100", "0.50000", "30.00 %")
    assert (shown["value_1"], shown["difference_1"], shown["on_1"]) == ("–", "–", "0")
    assert (shown["against"], shown["line_0"]) == ("difference to a", "M0 0L1000 667")


def test_points_stand_on_the_lines_and_dots_only_on_few(case):
    _, _, (prepared, _), _ = case
    for panel in prepared.values():
        for curve in panel["curves"]:
            line, dots = (panel["shown"][f"{kind}_{curve['look']}"] for kind in ("line", "dots"))
            places = re.findall(r"-?\d+ -?\d+", line)
            assert len(places) == len(curve["x"])
            assert re.findall(r"-?\d+ -?\d+", dots) == (places if len(places) <= 30 else [])
            assert all(0 <= int(part) <= 1000 for place in places for part in place.split())


def test_a_band_goes_along_high_and_back_along_low(javascript):
    panels = {"p": {"a": ([0, 1], [2, 3], [1, 2], [4, 5])}}
    data = curves_explorer(panels, "x", "y")._data
    shown = javascript("curves", "view({ data, panel: 'p', at: 0 })", data=data)
    assert shown["band_0"] == "M0 250L1000 0L1000 750L0 1000z"


def test_a_name_has_one_look_in_all_panels_unless_there_are_too_many(javascript):
    few, many = ({"p": p, "q": q} for p, q in (("ab", "bc"), ("abc", "de")))
    code = "given.map((panels) => looks(panels))"
    given = [{name: dict.fromkeys(panel) for name, panel in one.items()} for one in (few, many)]
    first, second = javascript("curves", code, given=given)
    assert first == {"p": {"a": 0, "b": 1}, "q": {"b": 1, "c": 2}}
    assert second["q"] == {"d": 0, "e": 1}


def test_ticks_of_a_linear_axis_have_as_many_decimals(javascript):
    code = "[tickTexts([0, 0.25, 0.5], 0, false), tickTexts([0.1, 1, 10], 0, true)]"
    assert javascript("curves", code) == [["0.00", "0.25", "0.50"], ["0.1", "1", "10"]]


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [(4069, 0, "4069"), (12345, 0, "12,345"), (2.35, 0, "2.35"), (3, 1, "3.0"), (0.05, 0, "0.05"),
     (0, 0, "0"), (-1.5, 0, "−1.5"), (1 / 3, 0, "0.3333"), (250000, 1, "250,000.0")],
)  # fmt: skip
def test_an_x_keeps_four_digits(javascript, x, digits, text):
    assert javascript("curves", "xText(...given)", given=[x, digits]) == text


def test_noise_in_the_last_bit_moves_no_half(javascript):
    numbers = [0.125, math.nextafter(0.125, 0), -0.125, -1e-12, 0.0, 2.675, 1e6 + 0.005]
    texts = javascript("curves", "ns.map((n) => settled(n, 2))", ns=numbers)
    assert texts == ["0.13", "0.13", "−0.12", "0.00", "0.00", "2.68", "1000000.01"]


def test_neighbours_are_measured_stops(javascript):
    code = "ats.map((at) => [neighbour([0, 20, 100], at, -1), neighbour([0, 20, 100], at, 1)])"
    found = javascript("curves", code, ats=[0, 10, 20, 50, 100])
    assert found == [[0, 20], [0, 20], [0, 100], [20, 100], [20, 100]]


def test_a_place_in_the_plot_is_a_stop(javascript):
    stops = {-0.2: 0, 0.004: 0, 0.254: 25, 0.999: 100, 1.4: 100}
    assert javascript("curves", "ps.map(stopAt)", ps=list(stops)) == list(stops.values())


# The Python object

GOOD = ([1, 2, 3], [0.1, 0.2, 0.3])


def given(curve=GOOD, **changes):
    arguments = {"panels": {"p": {"a": GOOD, "b": curve}}, "x_label": "x", "y_label": "y"}
    return {**arguments, **changes}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (given(panels=[GOOD]), TypeError, r"panels must be a dict of panel name to panel, got \["),
        (given(panels={}), ValueError, "panels must hold from 1 to 12 panels, got 0"),
        (given(panels={str(k): {"a": GOOD} for k in range(13)}), ValueError, "1 to 12 .* got 13"),
        (given(panels={"": {"a": GOOD}}), ValueError, "panels must have panel names .* got ''"),
        (given(panels={3: {"a": GOOD}}), ValueError, "panels must have panel names .* got 3"),
        (given(panels={"p": GOOD}), TypeError, r"panels\['p'\] must be a dict of curve name"),
        (given(panels={"p": {}}), ValueError, r"panels\['p'\] must hold from 1 to 4 curves, got 0"),
        (given(panels={"p": dict.fromkeys("abcde", GOOD)}), ValueError, "1 to 4 curves, got 5"),
        (given(3), ValueError, r"panels\['p'\]\['b'\] must be \(x, y\) or .*, got 3"),
        (given(GOOD[:1]), ValueError, r"must be \(x, y\) or \(x, y, low, high\), got 1 parts"),
        (given((*GOOD, GOOD[1])), ValueError, r"\(x, y, low, high\), got 3 parts"),
        (given(([1, 2], [1, 2, 3])), ValueError, r"equally long parts .*, got \[2, 3\]"),
        (given(([1], [1])), ValueError, r"2 points or more, got \[1, 1\]"),
        (given(([[1, 2]], [1, 2])), ValueError, r"x of panels.* shape \(N,\), got \(1, 2\)"),
        (given(([1, [2]], [1, 2])), ValueError, "x of panels.* got rows of unequal length"),
        (given(([1, 2], ["a", "b"])), TypeError, r"y of panels\['p'\]\['b'\] must hold real num"),
        (given(([1, 2], [1, math.nan])), ValueError, "y of .* must hold finite numbers, got nan"),
        (given(([1, math.inf], [1, 2])), ValueError, "x of .* must hold finite numbers, got inf"),
        (given(([1, 3, 3], [1, 2, 3])), ValueError, "x of .* strictly, got 3 after 3"),
        (given(([0, 1], [1, 2]), log=True), ValueError, "x of .* logarithmic axis, got 0"),
        (given((*GOOD, [0, 0, 0.4], [1, 1, 0.35])), ValueError,
         "low of .* must not exceed high, got 0.4 and 0.35"),
        (given(([1, 2], [0.5, 93]), percent=True), ValueError, "y of .* for percent, got 93"),
        (given(x_label=""), ValueError, "x_label must be a text that is not empty, got ''"),
        (given(y_label=None), ValueError, "y_label must be a text .*, got None"),
        (given(log="yes"), TypeError, "log must be True or False, got 'yes'"),
        (given(percent=1), TypeError, "percent must be True or False, got 1"),
        (given(digits=7), ValueError, "digits must be a whole number from 0 to 6, got 7"),
        (given(x_digits=0.5), TypeError, "x_digits must be a whole number from 0 to 6, got 0.5"),
        (given(panel="q"), ValueError, "panel must be one of p, got 'q'"),
        (given(at=101), ValueError, "at must be a number from 0 to 100, got 101"),
        (given(at="left"), TypeError, "at must be a number from 0 to 100, got 'left'"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        curves_explorer(**arguments)


def test_a_figure_is_small():
    assert len(drawn(figure_of("severity")._repr_html_())) < 60_000


# The page in a browser


def slider(page, figure=0):
    return page.locator("[data-dial=at]").nth(figure)


READ = """() => {
  const slots = [...document.querySelectorAll("[data-slot]")];
  const text = (slot) => slot.localName === "path" ? slot.getAttribute("d") : slot.textContent;
  return Object.fromEntries(slots.map((slot) => [slot.dataset.slot, text(slot)]));
}"""


@pytest.fixture
def assert_shows(javascript):
    """A function: all that the page shows is what the script makes of its controls; the stop."""

    def assert_shows(page, figure):
        at, panel = int(slider(page).input_value()), page.locator("select").input_value()
        values = {"data": figure._data, "panel": panel, "at": at}
        expected, shown = javascript("curves", "view(values)", values=values), page.evaluate(READ)
        assert len(shown) > 20
        assert shown == {name: expected[name] for name in shown}
        assert slider(page).get_attribute("aria-valuetext") == expected["x"]
        return at

    return assert_shows


def test_names_cannot_become_markup(open_page):
    page = open_page(figure_of("learning"))
    assert page.locator("scratch").count() == 0
    assert page.locator(".ft-who").nth(1).text_content() == "from <scratch>"


def place(page, x, y=0.5):
    """Return where in the window a part of the plot is, counted from its lower left."""
    box = page.locator(".ft-plot").bounding_box()
    return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]


def test_keys_move_the_slider(open_page, assert_shows):
    figure = figure_of("learning")
    page = open_page(figure)
    assert assert_shows(page, figure) == 50
    slider(page).focus()
    for key, at in [("ArrowLeft", 49), ("ArrowRight", 50), ("Home", 0), ("End", 100)]:
        page.keyboard.press(key)
        assert assert_shows(page, figure) == at
    said = page.locator("[aria-live]").text_content()
    assert said.startswith("people 4069: plain 4.1 %, from 3.7 to 4.5 %; from <scratch> has no val")
    assert said.endswith("taught 3.3 %, from 3.3 to 3.3 %, difference to plain −0.8.")


def test_the_buttons_go_from_measured_point_to_measured_point(open_page, assert_shows):
    figure = figure_of("severity", at=47)
    page = open_page(figure)
    for name, at in [("before", 40), ("before", 20), ("next", 40), ("next", 60), ("next", 80)]:
        page.get_by_role("button", name=name).press("Enter")
        assert assert_shows(page, figure) == at
    assert "severity 4: clean 85.0 %" in page.locator("[aria-live]").text_content()


def test_the_menu_changes_the_panel_and_keeps_the_stop(open_page, assert_shows):
    figure = figure_of("mixed", at=30)
    page = open_page(figure)
    for panel, rows in [("alone", 1), ("flat", 2), ("four", 4)]:
        page.locator("select").select_option(panel)
        assert assert_shows(page, figure) == 30
        assert page.locator("tbody tr:visible").count() == rows
        assert page.locator("[aria-live]").text_content().startswith(f"{panel}, noise ")


def test_one_panel_has_no_menu(open_page):
    assert not open_page(figure_of("learning")).locator("select").is_visible()
    assert open_page(figure_of("mixed")).locator("select").is_visible()


def test_the_mouse_drags_in_the_plot_and_beyond(open_page, assert_shows):
    figure = figure_of("mixed")
    page = open_page(figure)
    page.mouse.move(*place(page, 0.5))
    page.mouse.down()
    for part, at in [(0.2, 20), (0.8, 80), (1.1, 100), (-0.1, 0), (0.4, 40)]:
        page.mouse.move(*place(page, part))
        assert assert_shows(page, figure) == pytest.approx(at, abs=1)
    page.mouse.up()
    before = assert_shows(page, figure)
    assert "four, noise" in page.locator("[aria-live]").text_content()
    page.mouse.move(*place(page, 0.9))
    assert assert_shows(page, figure) == before


def test_a_tap_moves_the_line(open_page, assert_shows):
    figure = figure_of("learning")
    page = open_page(figure, has_touch=True, viewport={"width": 390, "height": 900})
    page.touchscreen.tap(*place(page, 0.75))
    assert assert_shows(page, figure) == pytest.approx(75, abs=1)


@pytest.mark.parametrize("name", CASES)
def test_thumb_line_and_points_stand_at_one_place(open_page, javascript, name):
    figure = figure_of(name, at=36)
    page = open_page(figure)
    slider(page).press("ArrowRight")
    box, plot = slider(page).bounding_box(), page.locator(".ft-plot").bounding_box()
    line = page.locator(".ft-here").bounding_box()["x"]
    assert line == pytest.approx(box["x"] + 10 + 0.37 * (box["width"] - 20), abs=8)
    values = {"data": figure._data, "panel": figure.panel, "at": 37}
    code = "[view(values), prepared(values.data, values.panel).curves]"
    reading, curves = javascript("curves", code, values=values)
    assert line == pytest.approx(place(page, float(reading["place"]))[0], abs=1.5)
    for curve in curves:
        k = curve["look"]
        point = page.locator(f".ft-point.ft-look-{k}")
        assert point.evaluate("e => getComputedStyle(e).opacity") == reading[f"on_{k}"]
        if reading[f"on_{k}"] == "1":
            at = point.bounding_box()
            assert at["x"] + at["width"] / 2 == pytest.approx(line, abs=1.5)
            up = plot["y"] + (1 - float(reading[f"y_{k}"])) * plot["height"]
            assert at["y"] + at["height"] / 2 == pytest.approx(up, abs=1.5)


@pytest.mark.parametrize("width", [300, 390])
@pytest.mark.parametrize("name", CASES)
def test_nothing_below_moves_and_nothing_overflows_at_any_stop(open_page, name, width):
    html = f'<div style="overflow: auto">{figure_of(name)._repr_html_()}</div>'
    page = open_page(html, viewport={"width": width + 16, "height": 800})
    seen = page.evaluate("""() => {
      const slider = document.querySelector("input[type=range]");
      const scroller = document.querySelector(".ft-live").parentNode, seen = new Set();
      for (let at = 0; at <= 100; at += 1) {
        slider.value = at;
        slider.dispatchEvent(new Event("input"));
        const { top } = document.querySelector("#after").getBoundingClientRect();
        seen.add(`${top} ${scroller.scrollWidth - scroller.clientWidth}`);
      }
      return [...seen];
    }""")
    assert len(seen) == 1
    assert seen[0].endswith(" 0")


@pytest.mark.parametrize("width", [300, 390, 800])
@pytest.mark.parametrize("name", CASES)
def test_texts_of_the_axes_do_not_touch(open_page, name, width):
    page = open_page(figure_of(name), viewport={"width": width + 16, "height": 800})
    for panel in figure_of(name)._data["panels"]:
        if len(figure_of(name)._data["panels"]) > 1:
            page.locator("select").select_option(panel)
        assert_apart(page, ".ft-tick-x:not(:empty), .ft-tick-y:not(:empty)", width + 16)
