"""The decision explorer: its arithmetic against scikit-learn, and a browser's own events."""

import math
import re

import numpy as np
import pytest
from sklearn import metrics

from facebook_tut.interactive import decision_explorer

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
    one = """(data) => {
      const { labels, scores } = data;
      const points = rocPoints(labels, scores), stops = countsAtStops(labels, scores);
      const counts = at.map((stop) => confusion(labels, scores, stop));
      const draw = ([threshold, cost_ratio]) => view({ data, threshold, cost_ratio });
      return {
        points, counts, stops, rates: counts.map(rates), area: area(points),
        cheapest: ratios.map((ratio) => cheapestStop(stops, ratio).threshold),
        drawn: dials.map(draw),
      };
    }"""
    values = javascript(
        "decision",
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
        for name, wanted in zip(RATES, found[key], strict=True):
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


def text(number, digits):
    """Return a number with so many decimals, halves rounded up."""
    return f"{math.floor(number * 10**digits + 0.5) / 10**digits:.{digits}f}"


def test_shown_numbers_are_those_of_scikit_learn(case):
    labels, scores, page = case
    for (threshold, ratio), shown in zip(DIALS, page["drawn"], strict=True):
        called = scores >= threshold
        tn, fp, fn, tp = metrics.confusion_matrix(labels, called, labels=[0, 1]).ravel()
        assert [shown[name] for name in ("tn", "fp", "fn", "tp")] == [tn, fp, fn, tp]
        assert [shown["faces"], shown["others"]] == [labels.sum(), (1 - labels).sum()]
        rates = dict(zip(RATES, rates_of(labels, called), strict=True))
        rates["fpr"] = fp / (fp + tn)  # what is exact, in binary, rounds alike
        assert {name: shown[name] for name in RATES} == {
            name: "–" if rate is None else text(rate, 3) for name, rate in rates.items()
        }
        assert shown["area"] == text(metrics.roc_auc_score(labels, scores), 3)
        assert shown["cost"] == text(ratio * fn + fp, 1)
        assert (shown["cut"], shown["ratio"]) == (text(threshold, 2), text(ratio, 1))
        below = scores < float(shown["cheapest"])
        missed, alarms = (labels & below).sum(), ((labels == 0) & ~below).sum()
        assert shown["cheapest_cost"] == text(ratio * missed + alarms, 1)


def test_the_curve_is_that_of_scikit_learn_in_thousandths(case):
    labels, scores, page = case
    curve = metrics.roc_curve(labels, scores, drop_intermediate=False)[:2]
    x, y = (np.floor(1000 * rates + 0.5).astype(int) for rates in curve)
    points = [f"{right} {1000 - up}" for right, up in zip(x, y, strict=True)]
    assert page["drawn"][0]["roc"] == "M" + "L".join(points)


def test_bars_are_as_numpy_counts_and_stand_on_one_another(case):
    labels, scores, page = case
    bins = np.minimum(39, np.floor(scores * 40).astype(int))
    for (threshold, _), shown in zip(DIALS, page["drawn"], strict=True):
        called = scores >= threshold
        for label, on_line, upon, peak in [
            (1, "tp", "fn", "face_peak"),
            (0, "fp", "tn", "other_peak"),
        ]:
            sides = [bins[(labels == label) & side] for side in (called, ~called)]
            counts = [np.bincount(side, minlength=40) for side in sides]
            assert shown[peak] == sum(counts).max()
            lower, upper = (
                {at: max(4, math.floor(78 * count[at] / shown[peak] + 0.5)) for at in set(side)}
                for count, side in zip(counts, sides, strict=True)
            )
            assert bars_of(shown[f"bars_{on_line}"]) == {at: (0, lower[at]) for at in lower}
            expected = {at: (lower.get(at, 0), upper[at]) for at in upper}
            assert bars_of(shown[f"bars_{upon}"]) == expected


def bars_of(path):
    """Return the base and the height of each bar, from the middle line, by its bin."""
    found = re.findall(r"M(\d+) (\d+)h9v(-?\d+)h-9z", path)
    return {int(x) // 10: (abs(int(y) - 100), abs(int(v))) for x, y, v in found}


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


def test_the_classes_take_their_names(open_page):
    figure = decision_explorer(*CASES["perfect"], names=("same <person>", "strangers"))
    page = open_page(figure)
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
    shown = javascript("decision", "bars(l, s, 0.5)", l=labels, s=scores)
    heights = {
        name: [abs(int(height)) for height in re.findall(r"v(-?\d+)", shown[f"bars_{name}"])]
        for name in ("tp", "fn", "fp", "tn")
    }
    assert (shown["face_peak"], shown["other_peak"]) == (8, 899)
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


# The page in a browser


def slider(page, figure=0):
    return page.locator("[data-dial=threshold]").nth(figure)


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def assert_shows(page, labels, scores):
    """The page's confusion matrix is scikit-learn's at the page's threshold; return that."""
    threshold = float(slot(page, "cut"))
    called = np.array(scores) >= threshold
    expected = metrics.confusion_matrix(labels, called, labels=[0, 1]).ravel()
    assert [int(slot(page, name)) for name in ("tn", "fp", "fn", "tp")] == expected.tolist()
    return threshold


def test_keys_and_mouse_move_the_threshold(open_page):
    labels, scores = CASES["a classifier"]
    page = open_page(decision_explorer(labels, scores))
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
    page = open_page(figure, reduced_motion="reduce")
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


def test_the_cost_ratio_moves_the_cheapest_threshold_and_the_button_goes_there(open_page, computed):
    labels, scores = CASES["a classifier"]
    page = open_page(decision_explorer(labels, scores))
    page.locator("[data-dial=cost_ratio]").press("End")
    assert slot(page, "ratio") == "10.0"
    assert slot(page, "cheapest") == f"{computed['a classifier']['cheapest'][-1]:.2f}"
    page.get_by_role("button", name="Go to the cheapest").click()
    assert slot(page, "cut") == slot(page, "cheapest")
    assert slot(page, "cost") == slot(page, "cheapest_cost")
    assert float(slider(page).input_value()) == assert_shows(page, labels, scores)
