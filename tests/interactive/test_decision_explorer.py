"""The live figures: their arithmetic against NumPy and scikit-learn, and a browser's own events."""

import json
import math
import re
import subprocess
import sys

import numpy as np
import pytest
from sklearn import metrics

from facebook_tut.interactive import _decision, _live, decision_explorer

SCRIPT = _live.FOLDER / "decision_explorer.js"
STOPS = [i / 100 for i in range(101)]


def classifier(faces, others, seed=0):
    """Return labels and scores as a middling classifier gives them."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([1, 0], [faces, others])
    logits = rng.normal(np.where(labels, 1.2, -1.2), 1.5)
    return labels, 1 / (1 + np.exp(-logits))


CASES = {
    "a classifier": classifier(60, 90),
    "few faces": classifier(7, 200, seed=1),
    "perfect": (np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])),
    "always wrong": (np.array([1, 1, 0, 0]), np.array([0.1, 0.2, 0.8, 0.9])),
    "all scores equal": (np.array([0, 1, 1]), np.array([0.5, 0.5, 0.5])),
    "both ends": (np.array([0, 1, 0, 1]), np.array([0.0, 0.0, 1.0, 1.0])),
    "halves to round": (np.repeat([0, 1], 16), np.linspace(0, 1, 32)),
}


RATIOS = [0.1, 0.5, 1, 3, 10]
DIALS = [(0.5, 1.0), (0.0, 0.1), (1.0, 10.0), (0.57, 2.5)]  # threshold and cost ratio


@pytest.fixture(scope="module")
def computed(javascript):
    """What the script makes of every case, by name; one start of node for all of them."""
    cases = {name: decision_explorer(*case)._data for name, case in CASES.items()}
    one = """({ labels, scores }) => {
      const points = rocPoints(labels, scores), stops = countsAtStops(labels, scores);
      const counts = at.map((stop) => confusion(labels, scores, stop));
      const draw = (dials) => reading(labels, scores, stops, ...dials);
      const still = fixture(labels, scores);
      return {
        points, counts, stops, rates: counts.map(rates), area: area(points),
        cheapest: ratios.map((ratio) => cheapestStop(stops, ratio).threshold),
        drawn: dials.map((pair) => ({ ...still, ...draw(pair) })),
      };
    }"""
    values = javascript(
        "decision_explorer",
        f"Object.values(cases).map({one})",
        cases=cases,
        at=STOPS,
        ratios=RATIOS,
        dials=DIALS,
    )
    return dict(zip(cases, values, strict=True))


@pytest.fixture(params=CASES)
def case(request, computed):
    """Labels and scores as the page's JSON holds them, and what the script makes of them."""
    data = decision_explorer(*CASES[request.param])._data
    return np.array(data["labels"]), np.array(data["scores"]), computed[request.param]


# The arithmetic of the page


def test_confusion_is_that_of_scikit_learn(case):
    labels, scores, page = case
    for stop, counts in zip(STOPS, page["counts"], strict=True):
        matrix = metrics.confusion_matrix(labels, scores >= stop, labels=[0, 1])
        assert [counts[name] for name in ("tn", "fp", "fn", "tp")] == matrix.ravel().tolist()
    assert [stop.pop("threshold") for stop in page["stops"]] == STOPS
    assert page["stops"] == page["counts"]


RATES = ("accuracy", "recall", "fpr", "precision")


def rates_of(labels, called):
    """Return the rates by scikit-learn."""
    found = metrics.precision_recall_fscore_support(
        labels, called, labels=[0, 1], zero_division=np.nan
    )
    (_, precision), (specificity, recall) = found[:2]
    accuracy = metrics.accuracy_score(labels, called)
    return accuracy, recall, 1 - specificity, precision if called.any() else None


def test_rates_are_those_of_scikit_learn(case):
    labels, scores, page = case
    found = {}  # many stops call the same faces
    for stop, rates in zip(STOPS, page["rates"], strict=True):
        called = scores >= stop
        key = called.tobytes()
        found[key] = found.get(key) or rates_of(labels, called)
        for name, wanted in zip(
            ("accuracy", "recall", "fpr", "precision"), found[key], strict=True
        ):
            assert rates[name] == pytest.approx(wanted)


def test_roc_points_are_those_of_scikit_learn(case):
    labels, scores, page = case
    fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    assert [point["fpr"] for point in page["points"]] == pytest.approx(fpr)
    assert [point["tpr"] for point in page["points"]] == pytest.approx(tpr)
    assert [point["threshold"] for point in page["points"]] == ["∞", *thresholds[1:]]
    assert page["area"] == pytest.approx(metrics.roc_auc_score(labels, scores))


def test_no_stop_is_cheaper_than_the_cheapest(case):
    labels, scores, page = case
    called = scores >= np.array(STOPS)[:, None]
    missed, alarms = (labels & ~called).sum(1), ((labels == 0) & called).sum(1)
    for ratio, cheapest in zip(RATIOS, page["cheapest"], strict=True):
        costs = ratio * missed + alarms
        tied = np.flatnonzero(costs == costs.min())
        assert cheapest == STOPS[tied[len(tied) // 2]]


def test_the_cheapest_threshold_of_a_perfect_classifier_is_amid_the_gap(computed):
    assert computed["perfect"]["cheapest"] == [0.51] * len(RATIOS)


def test_python_draws_what_the_script_draws(case):
    labels, scores, page = case
    for (threshold, ratio), drawn in zip(DIALS, page["drawn"], strict=True):
        figure = decision_explorer(labels, scores, threshold=threshold, cost_ratio=ratio)
        still = _decision._still(figure._data, **figure._values)
        for fixed_text in ("places", "positive", "negative", "unit"):
            del still[fixed_text]
        assert drawn == still


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [(0.0625, 3, "0.063"), (0.125, 2, "0.13"), (37, 1, "37.0"), (1, 3, "1.000")],
)
def test_halves_round_up_in_both_languages(javascript, number, digits, text):
    assert _live.fixed(number, digits) == text
    assert javascript("decision_explorer", "fixed(n, d)", n=number, d=digits) == text


def test_no_number_shows_as_a_dash(javascript):
    shown = javascript("decision_explorer", "fixed(NaN, 3)")
    assert _live.fixed(math.nan, 3) == shown == "–"


# The Python object


def test_scores_in_the_page_fall_on_their_side_of_every_threshold():
    rng = np.random.default_rng(0)
    near = np.nextafter(STOPS, rng.choice([0, 1], len(STOPS)))
    scores = np.concatenate([rng.random(500), STOPS, near])
    labels = np.arange(len(scores)) % 2
    kept = np.array(decision_explorer(labels, scores)._data["scores"])
    assert all(len(str(score)) <= 5 for score in kept)
    for stop in STOPS:
        assert ((kept >= stop) == (scores >= stop)).all()


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([1, 1], [0.5, 0.5], r"labels must hold both 0 .* and 1 .*, got \[1\]"),
        ([0, 0], [0.5, 0.5], r"labels must hold both .*, got \[0\]"),
        ([0, 1, 2], [0.1, 0.2, 0.3], r"labels must hold both .*, got \[0, 1, 2\]"),
        (["a", "b"], [0.1, 0.2], r"labels must hold both .*, got \['a', 'b'\]"),
        ([], [], r"labels must hold both .*, got \[\]"),
        ([0, 1], [0.5], r"equal length, got shapes \(2,\) and \(1,\)"),
        ([0, 1], [[0.5], [0.5]], r"equal length, got shapes \(2,\) and \(2, 1\)"),
        ([0, 1], [0.5, 1.5], "scores must be numbers from 0 to 1, got values from 0.5 to 1.5"),
        ([0, 1], [0.5, math.nan], "scores must be numbers from 0 to 1, got values from nan"),
    ],
)
def test_wrong_data_are_named(labels, scores, message):
    with pytest.raises(ValueError, match=message):
        decision_explorer(labels, scores)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_a_threshold_out_of_range_is_named(value):
    with pytest.raises(ValueError, match="threshold must be a number from 0 to 1, got"):
        decision_explorer([0, 1], [0.2, 0.8], threshold=value)


def test_a_threshold_of_the_wrong_type_is_named():
    with pytest.raises(TypeError, match="threshold must be a number from 0 to 1, got 'high'"):
        decision_explorer([0, 1], [0.2, 0.8], threshold="high")


def test_dials_are_attributes_and_nothing_else_is():
    figure = decision_explorer([0, 1], [0.2, 0.8])
    figure.threshold = 0.314
    assert figure.threshold == 0.31
    assert "threshold" in dir(figure)
    with pytest.raises(AttributeError, match="no dial 'treshold'; the dials are threshold, cost"):
        figure.treshold = 0.3
    with pytest.raises(AttributeError, match="no attribute or dial 'treshold'"):
        _ = figure.treshold


def test_html_depends_on_the_data_alone():
    first, again = (decision_explorer(*classifier(20, 30))._repr_html_() for _ in range(2))
    other = decision_explorer(*classifier(20, 30, seed=1))._repr_html_()
    assert first == again != other


def test_html_fetches_nothing():
    html = decision_explorer([0, 1], [0.2, 0.8])._repr_html_()
    assert not any(text in html for text in ("http:", "https:", "src=", "url(", "@import"))


def test_json_cannot_end_its_element():
    text = _live.embed_json({"note": "</script><!-- <b>"})
    assert "<" not in text
    assert json.loads(text) == {"note": "</script><!-- <b>"}


@pytest.mark.parametrize("source", ["a = '</script>'", "a < b <!-- c"])
def test_a_source_that_would_end_its_element_is_refused(source):
    with pytest.raises(ValueError, match="must hold neither </script nor <!--"):
        _live._inside(source, "script")


def test_import_loads_no_widget_or_plotting_library():
    heavy = ("anywidget", "ipywidgets", "IPython", "matplotlib", "tensorflow")
    code = f"import sys, facebook_tut.interactive; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_classes_take_their_names(open_page):
    figure = decision_explorer(*CASES["perfect"], names=("same <person>", "strangers"))
    page = open_page(figure._repr_html_())
    assert page.locator(".ft-name").all_text_contents() == ["same <person>", "strangers"]
    assert "2 strangers" in " ".join(page.locator(".ft-matrix th").all_text_contents())
    slider(page).press("Home")
    said = page.locator("[aria-live]").text_content()
    assert "2 of 2 same <person> found, 2 of 2 strangers called same <person>" in said


def test_what_is_counted_takes_its_name(open_page):
    page = open_page(decision_explorer(*CASES["perfect"], unit="pairs <of photographs>"))
    assert page.locator(".ft-scores .ft-y").text_content() == "pairs <of photographs>"


@pytest.mark.parametrize("unit", ["", " ", 3, None])
def test_a_wrong_unit_is_named(unit):
    with pytest.raises(ValueError, match="unit must be a word, in the plural, got"):
        decision_explorer([0, 1], [0.2, 0.8], unit=unit)


def test_each_side_has_a_scale_of_its_own_and_no_bar_is_too_low_to_see(javascript):
    labels, scores = [1] * 9 + [0] * 900, [0.1] + [0.9] * 8 + [0.1] * 899 + [0.9]
    shown = javascript("decision_explorer", "histogram(l, s, 0.5)", l=labels, s=scores)
    heights = {
        name: [abs(int(height)) for height in re.findall(r"v(-?\d+)", shown[f"bars_{name}"])]
        for name in ("tp", "fn", "fp", "tn")
    }
    assert (shown["face_peak"], shown["other_peak"]) == ("8", "899")
    assert heights == {"tp": [78], "fn": [10], "fp": [4], "tn": [78]}


def test_the_positive_class_is_first_in_rows_and_in_columns(open_page):
    page = open_page(decision_explorer(*CASES["perfect"], names=("same", "other")))
    slots = page.locator(".ft-matrix td b").evaluate_all("all => all.map((b) => b.dataset.slot)")
    assert slots == ["tp", "fn", "fp", "tn"]
    heads = page.locator(".ft-matrix thead th").all_text_contents()
    assert ["“same”" in heads[0], "“other”" in heads[1]] == [True, True]


@pytest.mark.parametrize("names", [("one",), ("a", ""), ("a", 1)])
def test_wrong_names_are_named(names):
    with pytest.raises(ValueError, match="names must be two words, for labels 1 and 0, got"):
        decision_explorer([0, 1], [0.2, 0.8], names=names)


# The widget

VIEW = "application/vnd.jupyter.widget-view+json"


def test_widget_and_python_move_each_other():
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    figure = decision_explorer([0, 1], [0.2, 0.8], threshold=0.4)
    assert figure.widget.threshold == 0.4
    figure.threshold = 0.3
    assert figure.widget.threshold == 0.3
    figure.widget.threshold = 0.7  # what the slider does
    assert figure.threshold == 0.7


def test_a_kernel_gets_the_widget_and_the_static_page(monkeypatch):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    monkeypatch.setattr(_live, "_kernel_is_there", lambda: True)
    figure = decision_explorer([0, 1], [0.2, 0.8])
    bundle, _ = figure._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == figure.widget.model_id
    assert bundle["text/html"] == figure._repr_html_()
    assert bundle["text/plain"] == "<decision_explorer: threshold=0.5, cost_ratio=1>"


def test_without_a_kernel_there_is_the_static_page_alone():
    bundle, _ = decision_explorer([0, 1], [0.2, 0.8])._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]


def test_without_anywidget_there_is_the_static_page_and_a_clear_error(monkeypatch):
    monkeypatch.setattr(_live, "_kernel_is_there", lambda: True)
    monkeypatch.setattr(_live.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    figure = decision_explorer([0, 1], [0.2, 0.8])
    assert VIEW not in figure._repr_mimebundle_()[0]
    with pytest.raises(ImportError, match="pip install anywidget"):
        _ = figure.widget


# The page in a browser


def slider(page, figure=0):
    return page.locator("[data-dial=threshold]").nth(figure)


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def assert_shows(page, labels, scores):
    """The page's confusion matrix is scikit-learn's at the page's threshold; return that."""
    threshold = float(slot(page, "threshold"))
    called = np.array(scores) >= threshold
    expected = metrics.confusion_matrix(labels, called, labels=[0, 1]).ravel()
    assert [int(slot(page, name)) for name in ("tn", "fp", "fn", "tp")] == expected.tolist()
    return threshold


def test_keys_and_mouse_move_the_threshold(open_page):
    labels, scores = CASES["a classifier"]
    page = open_page(decision_explorer(labels, scores)._repr_html_())
    assert assert_shows(page, labels, scores) == 0.5
    slider(page).focus()
    for key, threshold in [("ArrowRight", 0.51), ("ArrowLeft", 0.5), ("Home", 0), ("End", 1)]:
        page.keyboard.press(key)
        assert assert_shows(page, labels, scores) == threshold
    box = slider(page).bounding_box()
    left, width, middle = box["x"] + 10, box["width"] - 20, box["y"] + box["height"] / 2
    page.mouse.move(left + width, middle)
    page.mouse.down()
    for value in (0.8, 0.5, 0.3):
        page.mouse.move(left + value * width, middle)
        assert assert_shows(page, labels, scores) == pytest.approx(value, abs=0.011)
    page.mouse.up()
    assert "faces found" in page.locator("[aria-live]").text_content()


def test_the_line_stands_above_the_thumb_and_the_point_on_the_curve(open_page):
    figure = decision_explorer(*CASES["a classifier"], threshold=0.3)
    page = open_page(figure._repr_html_(), reduced_motion="reduce")
    slider(page).press("ArrowLeft")
    box, line = slider(page).bounding_box(), page.locator(".ft-line").bounding_box()
    thumb = box["x"] + 10 + 0.29 * (box["width"] - 20)
    assert line["x"] + line["width"] / 2 == pytest.approx(thumb, abs=1)
    plot = page.locator(".ft-roc .ft-plot").bounding_box()
    point = page.locator(".ft-point").bounding_box()
    across = (point["x"] + point["width"] / 2 - plot["x"]) / plot["width"]
    up = 1 - (point["y"] + point["height"] / 2 - plot["y"]) / plot["height"]
    assert across == pytest.approx(float(slot(page, "fpr")), abs=0.01)
    assert up == pytest.approx(float(slot(page, "recall")), abs=0.01)


def test_the_cost_ratio_moves_the_cheapest_threshold_and_the_button_goes_there(open_page):
    labels, scores = CASES["a classifier"]
    page = open_page(decision_explorer(labels, scores)._repr_html_())
    page.locator("[data-dial=cost_ratio]").press("End")
    assert slot(page, "cost_ratio") == "10.0"
    cheapest = decision_explorer(labels, scores, cost_ratio=10)
    assert slot(page, "cheapest") == _decision._still(cheapest._data, 0.5, 10)["cheapest"]
    page.get_by_role("button", name="Go to the cheapest").click()
    assert slot(page, "threshold") == slot(page, "cheapest")
    assert slot(page, "cost") == slot(page, "cheapest_cost")
    assert float(slider(page).input_value()) == assert_shows(page, labels, scores)


def test_the_script_takes_over_without_a_jump(open_page):
    html = decision_explorer(*CASES["a classifier"])._repr_html_()
    switched = r"/ (disabled|data-lm-suppress-shortcuts)=\"\"/g"  # attributes of the controls
    picture = f"document.querySelector('.ft-decision').innerHTML.replace({switched}, '')"
    below = "document.querySelector('#after').getBoundingClientRect().top"
    still = html.replace('\nmount("', '\n// mount("')
    (before, top), (after, live_top) = (
        (page.evaluate(picture), page.evaluate(below)) for page in map(open_page, (still, html))
    )
    assert before == after
    assert top == live_top
    page = open_page(html)
    for key in ("Home", "End"):
        slider(page).press(key)
        assert page.evaluate(below) == top


def test_without_javascript_the_still_shows_the_numbers(open_page):
    labels, scores = CASES["a classifier"]
    page = open_page(decision_explorer(labels, scores)._repr_html_(), java_script_enabled=False)
    assert_shows(page, labels, scores)
    assert page.locator("noscript p").is_visible()
    assert slider(page).is_disabled()


def test_figures_on_one_page_live_apart(open_page):
    first = decision_explorer(*CASES["a classifier"])._repr_html_()
    second = decision_explorer(*CASES["few faces"])._repr_html_()
    page = open_page(first + second + first)
    for figure, key in enumerate(["Home", "End", "ArrowRight"]):
        slider(page, figure).press(key)
    assert [slider(page, figure).input_value() for figure in range(3)] == ["0", "1", "0.51"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800])
def test_it_fits_a_phone_and_takes_the_scheme_of_its_page(open_page, scheme, width):
    html = decision_explorer(*CASES["a classifier"])._repr_html_()
    page = open_page(html, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colour = page.evaluate("getComputedStyle(document.querySelector('.ft-curve')).stroke")
    assert colour == {"light": "rgb(11, 95, 168)", "dark": "rgb(116, 185, 245)"}[scheme]


def test_the_theme_of_the_book_outranks_the_system(open_page):
    page = open_page(decision_explorer(*CASES["perfect"])._repr_html_(), color_scheme="light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    colour = page.evaluate("getComputedStyle(document.querySelector('.ft-curve')).stroke")
    assert colour == "rgb(116, 185, 245)"


def test_the_widget_is_the_same_figure(open_page):
    labels, scores = CASES["a classifier"]
    figure = decision_explorer(labels, scores)
    values = {"markup": figure._markup(), "data": figure._data, **figure._values}
    code = _live.script(SCRIPT).replace("export default", "const module =")
    script = f"{code}\nwindow.model = pageModel({_live.embed_json(values)});"
    script += "module.render({ model: window.model, el: document.querySelector('#widget') });"
    page = open_page(f'<div id="widget"></div><script type="module">{script}</script>')
    page.evaluate("model.set('threshold', 0.62)")  # what Python does
    assert assert_shows(page, labels, scores) == 0.62
    assert slider(page).input_value() == "0.62"
    slider(page).press("ArrowRight")
    assert page.evaluate("model.get('threshold')") == 0.63
