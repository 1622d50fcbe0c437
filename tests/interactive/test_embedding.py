"""The embedding explorer: its data against scikit-learn and plain loops, and real events."""

import base64
import io
import itertools
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from live_figures import drawn
from PIL import Image
from sklearn.neighbors import NearestNeighbors

from facebook_tut.interactive import embedding_explorer

TITLES = ["before training", "epoch 1", "epoch 4"]


def example(people=4, each=6, moments=3, side=(24, 24), seed=0):
    """Return arguments: faces that lie by their light first and by their person at last."""
    rng, count = np.random.default_rng(seed), people * each
    who = rng.permutation(np.repeat(3 * np.arange(people) + 2, each))
    light, yaw = rng.random(count), rng.integers(-40, 41, count)
    embeddings = rng.normal(size=(count, 5))
    first = np.stack([9 * light, yaw / 9, *rng.normal(size=(3, count))], axis=1)
    centres = 9 * rng.normal(size=(people, 5))
    trained = centres[(who - 2) // 3] + embeddings
    parts = np.linspace(0, 1, moments)[:, None, None]
    embeddings = (1 - parts) * first + parts * trained  # (F, N, 5)
    near = [
        NearestNeighbors(n_neighbors=1).fit(one).kneighbors(return_distance=False)[:, 0]
        for one in embeddings
    ]
    return {
        "frames": embeddings[..., :2],
        "faces": rng.random((count, *side)),
        "people": who,
        "nuisances": {"light": light, "yaw (°)": yaw, "glasses": rng.integers(0, 2, count)},
        "neighbours": np.array(near),
        "titles": [f"epoch {at}" for at in range(moments)],
    }


def small(**changes):
    """Return the example with some arguments changed, and those that are None left out."""
    return {k: v for k, v in (example() | changes).items() if v is not None}


CASES = {
    "an embedding": example() | {"titles": TITLES},
    "twenty people": example(people=20, each=2, moments=2, seed=1),
    "wide pictures in colour": small(faces=np.random.default_rng(2).random((24, 8, 30, 3))),
    "nothing but the points": small(neighbours=None, titles=None, nuisances={}),
    "strange nuisances": small(
        nuisances={
            "all the same": np.full(24, 2.5),
            "small": np.linspace(-1e-4, 2e-4, 24),
            "large": np.geomspace(1, 1e6, 24),
            "negative": -np.arange(24) / 3,
            "a < b & c": np.arange(24) % 2 == 0,
        },
        titles=["<first>", "a & b", 'the "last"'],
    ),
    "all in one place": small(frames=np.ones((1, 24, 2)), neighbours=None, titles=None),
}


@pytest.fixture(scope="module")
def figures():
    """The figure of every case."""
    return {name: embedding_explorer(**case) for name, case in CASES.items()}


def settings(data):
    """Return dials that meet every snapshot, colour and face."""
    colours = ["person", *(nuisance["name"] for nuisance in data["nuisances"])]
    frames, count = len(data["frames"]), len(data["people"])
    every = [(frame, colour, 0) for frame in range(frames) for colour in colours]
    every += [(at % frames, colours[at % len(colours)], at) for at in range(count)]
    return [dict(zip(("frame", "colour", "face"), dials, strict=True)) for dials in every]


@pytest.fixture(scope="module")
def seen(javascript, figures):
    """What the script makes of every case and setting; one start of node for all of them."""
    cases = [[figure._data, settings(figure._data)] for figure in figures.values()]
    code = """cases.map(([data, settings]) => settings.map((dials) => {
      const shown = view({ data, ...dials });
      const point = (at) => ({ style: shown[`style_${at}`], d: shown[`shape_${at}`] });
      return { read: shown, points: data.people.map((_, at) => point(at)) };
    }))"""
    values = javascript("embedding", code, cases=cases)
    return dict(zip(figures, values, strict=True))


@pytest.fixture(params=CASES)
def case(request, figures, seen):
    """The arguments, the data, and for each setting the setting and what the script draws."""
    data = figures[request.param]._data
    pairs = zip(settings(data), seen[request.param], strict=True)
    return CASES[request.param], data, list(pairs)


# The arithmetic of the page


def pixels(uri):
    """Return the levels of a picture in a data URI."""
    with Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2]))) as image:
        return np.array(image.convert("L"), dtype=int)


def place_of(style):
    """Return the x and y of a point."""
    return tuple(int(re.search(rf"--{axis}: (\d+);", style)[1]) for axis in "xy")


def ink_of(style):
    """Return the colour of a point."""
    return re.search(r"--ink: (.+);$", style)[1]


def test_points_keep_their_shape_and_fill_the_plot(case):
    given, _, settings = case
    for dials, page in settings:
        points = np.asarray(given["frames"], float)[dials["frame"]]
        places = np.array([place_of(point["style"]) for point in page["points"]])
        assert places.min() >= 0 and places.max() <= 1000
        spread, wanted = np.ptp(places, axis=0), np.ptp(points, axis=0)
        if not wanted.any():
            np.testing.assert_array_equal(places, 500)
            continue
        assert spread.max() == 1000
        scale = 1000 / wanted.max()
        expected = scale * (points - points[0]) * [1, -1]  # y goes up
        np.testing.assert_allclose(places - places[0], expected, atol=1.001)
        np.testing.assert_allclose(places.min(0) + places.max(0), 1000, atol=1.001)


def test_the_nearest_point_is_that_of_numpy(javascript):
    rng = np.random.default_rng(3)
    points, probes = rng.integers(0, 1001, (60, 2)), rng.integers(-50, 1051, (200, 2))
    code = "probes.map(([x, y]) => nearest(places, x, y))"
    names = {"places": points.tolist(), "probes": probes.tolist()}
    found = javascript("embedding", code, **names)
    distances = np.linalg.norm(probes[:, None] - points, axis=2)
    np.testing.assert_array_equal(found, distances.argmin(axis=1))
    assert len(set(found)) > 30
    tied = javascript("embedding", "nearest([[9, 9], [4, 0], [0, 4]], 2, 2)")
    assert tied == 1


def test_every_person_has_one_look_and_no_two_the_same(case):
    given, _, settings = case
    for dials, page in settings:
        if dials["colour"] != "person":
            continue
        looks = {}
        for person, point in zip(given["people"], page["points"], strict=True):
            looks.setdefault(int(person), set()).add((ink_of(point["style"]), point["d"]))
        assert all(len(look) == 1 for look in looks.values())
        assert len(set.union(*looks.values())) == len(looks) == len(set(given["people"].tolist()))


def test_a_nuisance_colours_by_its_value(case):
    given, _, settings = case
    for dials, page in settings:
        values = given["nuisances"].get(dials["colour"])
        if values is None:
            continue
        values = np.asarray(values, float)
        inks = [ink_of(point["style"]) for point in page["points"]]
        mix = r"color-mix\(in oklch, var\(--high\) (\d+)%, var\(--low\)\)"
        parts = np.array([int(re.fullmatch(mix, ink)[1]) for ink in inks])
        expected = 100 * (values - values.min()) / (np.ptp(values) or 1)
        np.testing.assert_allclose(parts, expected, atol=2.1)  # a value is kept to 1 in 50
        assert len({point["d"] for point in page["points"]}) == 1


def test_the_two_faces_are_told(case):
    given, data, settings = case
    for dials, page in settings:
        shown, at = page["read"], dials["face"]
        near = data["neighbours"][dials["frame"]][at]
        for prefix, row in (("this", at), ("near", near)):
            assert shown[f"{prefix}_face"] == str(row)
            assert shown[f"{prefix}_person"] == str(given["people"][row])
            point = page["points"][row]
            look = shown[f"{prefix}_ink"], shown[f"{prefix}_shape"]
            assert look == (ink_of(point["style"]), point["d"])
            for k, values in enumerate(given["nuisances"].values()):
                text = shown[f"{prefix}_value_{k}"]
                values = np.asarray(values, float)
                assert number(text) == pytest.approx(values[row], abs=np.ptp(values) / 100 + 1e-9)
        same = given["people"][at] == given["people"][near]
        assert shown["verdict"] == ("same person" if same else "another person")
        assert (shown["dash"] == "none") == same
        ends = [place_of(page["points"][row]["style"]) for row in (at, near)]
        assert shown["link"] == "M{} {}L{} {}".format(*ends[0], *ends[1])
        rings = [(shown["x"], shown["y"]), (shown["near_x"], shown["near_y"])]
        assert [tuple(map(int, ring)) for ring in rings] == ends


def number(text):
    """Return the value of a text, whose minus is a typographer's."""
    return float(text.replace("−", "-"))


def test_the_pictures_are_the_faces_in_64_greys(case):
    given, data, settings = case
    faces = np.asarray(given["faces"])
    grey = faces if faces.ndim == 3 else faces @ [0.2125, 0.7154, 0.0721]
    for dials, page in settings:
        near = data["neighbours"][dials["frame"]][dials["face"]]
        for prefix, row in (("this", dials["face"]), ("near", near)):
            levels = pixels(page["read"][f"{prefix}_image"])
            np.testing.assert_allclose(levels, 255 * grey[row], atol=255 / 63 / 2 + 1)


def test_black_and_white_stay_so(javascript):
    faces = np.random.default_rng(4).integers(0, 2, (24, 8, 8)) * 1.0
    data = embedding_explorer(**small(faces=faces))._data
    picture = javascript("embedding", "image(data, 0)", data=data)
    np.testing.assert_array_equal(pixels(picture), 255 * faces[0])


# The table of snapshots


def table(figure):
    """Return each row's title, part of the bar, share and gap, and which one is current."""
    rows = BeautifulSoup(drawn(figure._repr_html_()), "html.parser").select(".ft-snapshots tr")[1:]
    cells = [row.find_all(["th", "td"]) for row in rows]
    bars = [re.fullmatch(r"--part: (\d+);", share["style"])[1] for _, share, _ in cells]
    texts = [[cell.get_text() for cell in row] for row in cells]
    current = [at for at, row in enumerate(rows) if row.get("aria-current") == "true"]
    return [(title, bar, *rest) for (title, *rest), bar in zip(texts, bars, strict=True)], current


def test_shares_are_those_of_loops(case):
    given, data, _ = case
    who, titles = given["people"].tolist(), [*data["titles"], "any two faces"]
    shown, current = table(embedding_explorer(**given, frame=0))
    assert current == [0]
    near = data["neighbours"]
    expected = [np.mean([a == who[b] for a, b in zip(who, one, strict=True)]) for one in near]
    expected.append(np.mean([a == b for a, b in itertools.combinations(who, 2)]))
    for (title, part, share, _), name, wanted in zip(shown, titles, expected, strict=True):
        assert (title, share) == (name, f"{part} %")
        assert int(part) == pytest.approx(100 * wanted, abs=0.5001)


def test_training_raises_the_share_of_the_example():
    shown, _ = table(embedding_explorer(**example(), colour="light"))
    shares, gaps = [int(row[1]) for row in shown], [float(row[3]) for row in shown]
    assert shares[0] < 50 < 90 <= shares[2]
    assert gaps[0] < 0.6 * gaps[2] and gaps[0] < 0.6 * gaps[3]


def test_gaps_are_those_of_loops(case):
    given, data, settings = case
    for dials, page in settings:
        gaps = [page["read"][f"gap_{at}"] for at in range(len(data["frames"]) + 1)]
        values = given["nuisances"].get(dials["colour"])
        if values is None:
            assert set(gaps) == {""} and page["read"]["gap_name"] == ""
            continue
        values = np.asarray(values, float)
        near = np.array(data["neighbours"])
        expected = [np.abs(values - values[one]).mean() for one in near]
        expected.append(np.mean([abs(a - b) for a, b in itertools.combinations(values, 2)]))
        kept = np.ptp(values) / 50 + 1e-9  # a value is kept to 1 in 50 of the spread
        assert [float(gap) for gap in gaps] == pytest.approx(expected, abs=1.5 * kept)
        assert page["read"]["gap_name"] == f"{dials['colour']} differs by"
        low, high = number(page["read"]["low"]), number(page["read"]["high"])
        assert (low, high) == pytest.approx((values.min(), values.max()), abs=kept)


def test_neighbours_in_the_plane_are_those_of_scikit_learn():
    data = embedding_explorer(**small(neighbours=None))._data
    for places, near in zip(data["frames"], data["neighbours"], strict=True):
        places = np.array(places)
        wanted = NearestNeighbors(n_neighbors=1).fit(places).kneighbors()[0][:, 0]
        np.testing.assert_allclose(np.linalg.norm(places - places[near], axis=1), wanted)
        assert (np.arange(len(places)) != near).all()


@pytest.mark.parametrize(
    ("changes", "caption"),
    [
        ({}, "in the embedding, over all faces"),
        ({"neighbours": None}, "in this plane, over all faces"),
    ],
)
def test_whose_neighbours_they_are_is_said(changes, caption):
    html = drawn(embedding_explorer(**small(**changes))._repr_html_())
    assert BeautifulSoup(html, "html.parser").select_one("caption small").get_text() == caption


# The Python object


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"frames": np.zeros((24, 2))}, ValueError, r"frames must have shape \(F, N, 2\), got"),
        ({"frames": np.full((3, 24, 2), "a")}, TypeError, "frames must hold real numbers"),
        ({"frames": np.full((3, 24, 2), np.nan)}, ValueError, "frames must hold finite .* got 144"),
        ({"faces": np.zeros((24, 9))}, ValueError, r"faces must have shape \(N, H, W\) or .* 9\)"),
        ({"faces": np.zeros((24, 7, 9))}, ValueError, r"H and W from 8 to 48, got \(24, 7, 9\)"),
        ({"faces": np.zeros((24, 9, 49))}, ValueError, r"H and W from 8 to 48, got \(24, 9, 49\)"),
        ({"faces": np.zeros((24, 9, 9, 4))}, ValueError, r"faces must have shape \(N, 9, 9, 3\)"),
        ({"faces": np.zeros((23, 9, 9))}, ValueError, "faces must be 24, .* got 23"),
        ({"faces": np.zeros((24, 9, 9), int)}, TypeError, "faces must hold floats from 0 to 1"),
        ({"faces": np.full((24, 9, 9), 2.0)}, ValueError, "faces must hold values from 0 to 1"),
        ({"people": np.zeros(24)}, ValueError, "people must be 24 whole numbers, .* float64"),
        ({"people": np.zeros(23, int)}, ValueError, r"people must be 24 .* shape \(23,\)"),
        ({"people": np.zeros(24, int)}, ValueError, "people must be from 2 to 20 .* got 1"),
        ({"people": np.arange(24)}, ValueError, "people must be from 2 to 20 .* got 24"),
        ({"people": np.r_[7, np.arange(23) % 2]}, ValueError, "twice each, got person 7 once"),
        ({"nuisances": [1, 2]}, TypeError, r"nuisances must be a dict .* got \[1, 2\]"),
        ({"nuisances": {"person": np.zeros(24)}}, ValueError, "other than 'person', got 'person'"),
        ({"nuisances": {"": np.zeros(24)}}, ValueError, "nuisances must have names .* got ''"),
        ({"nuisances": {3: np.zeros(24)}}, ValueError, "nuisances must have names .* got 3"),
        ({"nuisances": {"light": np.zeros(23)}}, ValueError, "hold 24 finite numbers, .* got 23"),
        ({"nuisances": {"light": np.full(24, np.inf)}}, ValueError, "24 finite numbers, .* got 0"),
        ({"nuisances": {"light": ["a"] * 24}}, TypeError, r"nuisances\['light'\] must hold real"),
        ({"neighbours": np.zeros((3, 23), int)}, ValueError, r"neighbours .* \(3, 24\), got"),
        ({"neighbours": np.ones((3, 24))}, ValueError, "neighbours must be whole .* float64"),
        ({"neighbours": np.full((3, 24), 24)}, ValueError, "rows from 0 to 23, got 24"),
        ({"neighbours": np.full((3, 24), -1)}, ValueError, "rows from 0 to 23, got -1"),
        ({"neighbours": np.full((3, 24), 5)}, ValueError, "other faces, got face 5 as its own"),
        ({"titles": ["one", "two"]}, ValueError, r"must be 3 words, .* got \['one', 'two'\]"),
        ({"titles": ["one", "two", ""]}, ValueError, "titles must be 3 words"),
        ({"titles": ["one", "two", 3]}, ValueError, "titles must be 3 words"),
        ({"frame": 3}, ValueError, "frame must be a number from 0 to 2, got 3"),
        ({"colour": "hair"}, ValueError, "colour must be one of person, light, yaw .* got 'hair'"),
        ({"face": 24}, ValueError, "face must be a number from 0 to 23, got 24"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(changes, error, message):
    with pytest.raises(error, match=message):
        embedding_explorer(**small(**changes))


def test_arguments_are_left_as_they_are():
    given = example()
    before = [np.array(value, copy=True) for value in given.values()]
    embedding_explorer(**given)
    for old, new in zip(before, given.values(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_titles_have_a_default():
    figure = embedding_explorer(**small(titles=None))
    assert figure._data["titles"] == [f"snapshot {at} of 3" for at in (1, 2, 3)]


def test_a_figure_of_the_book_is_small():
    figure = embedding_explorer(**example(people=12, each=10, moments=5), colour="light")
    assert len(drawn(figure._repr_html_()).encode()) < 150_000


# The page in a browser


@pytest.fixture
def figure():
    """A figure that a test may move."""
    return embedding_explorer(**CASES["an embedding"])


def dial(page, name):
    return page.locator(f"[data-dial={name}]")


def slot(page, name):
    return page.locator(f"[data-slot={name}]").first.text_content()


def middle(page, part, at=0):
    """Return where on the page the middle of a part is."""
    box = page.locator(part).nth(at).bounding_box()
    return np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def spot(page, places, at):
    """Return where on the page a place in the plot is, from the plot's own box."""
    box = page.locator(".ft-plot svg").bounding_box()
    x, y = (np.array(places[at]) + 50) / 1100
    return np.array([box["x"] + x * box["width"], box["y"] + y * box["height"]])


def assert_shows(page, figure):
    """The page shows what its own dials say of the data; return the dials."""
    data, given = figure._data, CASES["an embedding"]
    frame, face = (int(dial(page, name).input_value()) for name in ("frame", "face"))
    colour, near = dial(page, "colour").input_value(), data["neighbours"][frame][face]
    for prefix, row in (("this", face), ("near", near)):
        assert slot(page, f"{prefix}_face") == str(row)
        assert slot(page, f"{prefix}_person") == str(given["people"][row])
        levels = pixels(page.locator(f"[data-slot={prefix}_image]").get_attribute("src"))
        np.testing.assert_allclose(levels, 255 * given["faces"][row], atol=255 / 63 / 2 + 1)
        np.testing.assert_allclose(
            middle(page, f".ft-{prefix}-ring"), spot(page, data["frames"][frame], row), atol=0.5
        )
    same = given["people"][face] == given["people"][near]
    assert slot(page, "verdict") == ("same person" if same else "another person")
    current = page.locator("[aria-current] th").all_text_contents()
    assert current == [TITLES[frame]] == [slot(page, "title")]
    styles = page.locator(".ft-points path").evaluate_all(
        "(all) => all.map((p) => p.style.cssText)"
    )
    assert [place_of(style) for style in styles] == list(map(tuple, data["frames"][frame]))
    assert ("var(--person" in styles[0]) == (colour == "person")
    return frame, colour, face


def test_keys_and_the_menu_set_every_dial(open_page, figure):
    page = open_page(figure, reduced_motion="reduce")
    assert assert_shows(page, figure) == (2, "person", 0)
    dial(page, "frame").press("Home")
    assert assert_shows(page, figure) == (0, "person", 0)
    dial(page, "face").press("End")
    assert assert_shows(page, figure) == (0, "person", 23)
    dial(page, "face").press("ArrowLeft")
    dial(page, "frame").press("ArrowRight")
    assert assert_shows(page, figure) == (1, "person", 22)
    dial(page, "colour").select_option("yaw (°)")
    assert assert_shows(page, figure) == (1, "yaw (°)", 22)
    assert slot(page, "gap_name") == "yaw (°) differs by"
    near, people = figure._data["neighbours"][1][22], CASES["an embedding"]["people"]
    said = page.locator("[aria-live]").text_content()
    share = table(figure)[0][1][2]
    assert said.startswith(f"epoch 1: nearest neighbours are the same person in {share}.")
    assert f"Face 22, person {people[22]}: its nearest neighbour is face {near}, " in said


def test_the_mouse_shows_the_nearest_point_and_a_click_keeps_it(open_page, figure):
    page = open_page(figure, viewport={"width": 800, "height": 900})
    places = np.array(figure._data["frames"][2])
    page.mouse.move(5, 5)
    for at, nudge in [(3, -6), (11, 0), (20, 5)]:
        page.mouse.move(*(spot(page, places, at) + nudge))
        box = page.locator(".ft-plot svg").bounding_box()
        distances = np.linalg.norm(places - places[at] - nudge * 1100 / box["width"], axis=1)
        chosen = distances[assert_shows(page, figure)[2]]
        assert chosen == pytest.approx(distances.min(), abs=2 * 1100 / box["width"])
    page.mouse.move(5, 5)
    assert assert_shows(page, figure)[2] == 0  # where it was
    page.mouse.click(*spot(page, places, 11))
    kept = assert_shows(page, figure)[2]
    assert kept != 0
    assert f"Face {kept}, person" in page.locator("[aria-live]").text_content()
    page.mouse.move(*spot(page, places, 3))
    page.mouse.move(5, 5)
    assert assert_shows(page, figure)[2] == kept


def test_a_tap_chooses_the_nearest_point(open_page, figure):
    page = open_page(figure, has_touch=True, viewport={"width": 390, "height": 800})
    places = np.array(figure._data["frames"][2])
    for at in (5, 17):
        page.touchscreen.tap(*(spot(page, places, at) + 1))
        box = page.locator(".ft-plot svg").bounding_box()
        distances = np.linalg.norm(places - places[at] - 1100 / box["width"], axis=1)
        chosen = distances[assert_shows(page, figure)[2]]
        assert chosen == pytest.approx(distances.min(), abs=2 * 1100 / box["width"])


def test_points_and_rings_move_to_a_new_snapshot_but_go_to_another_face_at_once(open_page, figure):
    page = open_page(figure, viewport={"width": 800, "height": 900})
    start, ends = (figure._data["frames"][frame] for frame in (2, 0))
    moving = page.evaluate(
        """() => {
          const slider = document.querySelector("[data-dial=frame]");
          slider.value = 0;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          const animations = document.getAnimations();
          for (const one of animations) { one.pause(); one.currentTime = 300; }
          return animations.length;
        }"""
    )
    assert moving >= len(start)
    (x, y), ring = middle(page, ".ft-points path"), middle(page, ".ft-this-ring")
    ends = sorted(spot(page, places, 0)[0] for places in (start, ends))
    assert ends[0] < x < ends[1]
    assert ring == pytest.approx((x, y), abs=1)
    page.evaluate("document.getAnimations().forEach((a) => a.finish())")
    dial(page, "face").press("End")
    assert page.evaluate("document.getAnimations().length") == 0
    assert assert_shows(page, figure) == (0, "person", 23)


def test_nothing_moves_for_who_wants_no_motion(open_page, figure):
    page = open_page(figure, reduced_motion="reduce")
    dial(page, "frame").press("Home")
    assert page.evaluate("document.getAnimations().length") == 0
    assert_shows(page, figure)


# Machado et al. (2009): how each kind of colour blindness sees linear red, green and blue.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.01182, 0.04294, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.3039],
        ]
    ),
}


def oklab(light):
    """Return linear red, green and blue as lightness and two axes of colour (Ottosson 2020)."""
    cones = [[0.41222, 0.53633, 0.05145], [0.2119, 0.6807, 0.1074], [0.0883, 0.28172, 0.62998]]
    axes = [[0.21045, 0.79362, -0.00407], [1.978, -2.42859, 0.45059], [0.0259, 0.78277, -0.80868]]
    return np.cbrt(np.clip(light, 0, 1) @ np.transpose(cones)) @ np.transpose(axes)


def linear(colours):
    """Return colours such as "rgb(0, 0, 0)" as linear red, green and blue."""
    parts = np.array([list(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def fills(page):
    """Return the colours of the points as the browser paints them, in 8 bits."""
    return page.locator(".ft-points path").evaluate_all(
        """(points) => points.map((point) => {
          const brush = document.createElement("canvas").getContext("2d");
          brush.fillStyle = getComputedStyle(point).fill;
          brush.fillRect(0, 0, 1, 1);
          return `rgb(${brush.getImageData(0, 0, 1, 1).data.slice(0, 3).join(", ")})`;
        })"""
    )


def contrast(colours, surface):
    """Return the contrast of colours on a surface."""
    light = linear([*colours, surface]) @ [0.2126, 0.7152, 0.0722] + 0.05
    return np.maximum(light[:-1], light[-1]) / np.minimum(light[:-1], light[-1])


SURFACES = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 18, 18)"}


@pytest.mark.parametrize("scheme", SURFACES)
def test_people_are_told_apart_without_colour_vision(open_page, figures, scheme):
    page = open_page(figures["twenty people"], color_scheme=scheme)
    colours = sorted(set(fills(page)))
    assert len(colours) == 5
    for name, matrix in BLINDNESS.items():
        seen = oklab(linear(colours) @ matrix.T)
        apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
        assert min(apart) > 0.15, name
    assert contrast(colours, SURFACES[scheme]).min() >= 2.5


@pytest.mark.parametrize("scheme", SURFACES)
def test_the_scale_goes_one_way_in_light_and_in_dark(open_page, scheme):
    light = np.linspace(0, 1, 24)
    figure = embedding_explorer(**small(nuisances={"light": light}), colour="light")
    page = open_page(figure, color_scheme=scheme)
    colours = fills(page)
    for matrix in BLINDNESS.values():
        lightness = oklab(linear(colours) @ matrix.T)[:, 0]
        steps = np.diff(lightness) * (1 if scheme == "dark" else -1)
        assert (steps > 0).all()
        assert abs(lightness[-1] - lightness[0]) > 0.3
    assert contrast(colours, SURFACES[scheme]).min() >= 3
    bar = page.locator(".ft-colour i")
    assert bar.is_visible() and bar.bounding_box()["width"] > 80
    assert [slot(page, "low"), slot(page, "high")] == ["0.00", "1.00"]
    dial(page, "colour").select_option("person")
    assert not bar.is_visible()
    assert slot(page, "key") == "One colour and shape per person"


@pytest.mark.parametrize("width", [300, 390, 620, 800])
def test_it_fits_and_nothing_below_moves_with_the_dials(open_page, width):
    given = example(people=20, each=6, moments=3) | {"titles": TITLES}
    page = open_page(embedding_explorer(**given), viewport={"width": width, "height": 800})
    sizes = page.evaluate(
        """(settings) => settings.map((setting) => {
          for (const [name, value] of Object.entries(setting)) {
            const input = document.querySelector(`[data-dial=${name}]`);
            input.value = value;
            input.dispatchEvent(new Event("input", { bubbles: true }));
          }
          const below = document.querySelector("#after").getBoundingClientRect().top;
          return [below, document.documentElement.scrollWidth];
        })""",
        settings(embedding_explorer(**given)._data)[::5],
    )
    assert len({below for below, _ in sizes}) == 1
    assert max(wide for _, wide in sizes) <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_takes_the_scheme_of_its_page(open_page, figure, scheme):
    page = open_page(figure, color_scheme=scheme)
    assert slot(page, "verdict") == "same person"
    colour = page.evaluate("getComputedStyle(document.querySelector('.ft-near-ring')).stroke")
    assert colour == {"light": "rgb(166, 74, 6)", "dark": "rgb(245, 163, 92)"}[scheme]


def test_every_control_has_a_name_and_every_picture_a_text(open_page, figure):
    page = open_page(figure)
    for name in ("Snapshot epoch 4", "Face 0 or click one in the plot"):
        assert page.get_by_role("slider", name=name, exact=True).count() == 1
    assert page.get_by_role("combobox", name="Colour").count() == 1
    assert page.get_by_role("img", name="Scatter plot of the 24 faces").count() == 1
    for name in ("The chosen face", "Its nearest neighbour"):
        assert page.get_by_role("img", name=name, exact=True).count() == 1
