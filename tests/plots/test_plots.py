"""What the figures show, read back from the artists in them."""

from itertools import pairwise
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_faults import MIN_CONTRAST, contrast, faults, luminance
from matplotlib.colors import to_hex, to_rgb, to_rgba
from sklearn import metrics

from facebook_tut import models, plots
from facebook_tut.detection import Detection
from facebook_tut.evaluation import Confusion, Proportion, SplitMean, roc
from facebook_tut.training import History

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def texts(axis):
    return [text.get_text() for text in axis.texts]


@pytest.mark.parametrize("epochs", [1, 4])
def test_learning_curves(epochs):
    history = History(*RNG.random((4, epochs)).tolist())
    figure = plots.learning_curves(history)
    for axis, name in zip(figure.axes, ("loss", "accuracy"), strict=True):
        assert axis.get_title() == name.capitalize()
        assert axis.get_xlabel() == "epoch"
        training, validation = axis.lines
        assert training.get_ydata().tolist() == getattr(history, name)
        assert validation.get_ydata().tolist() == getattr(history, f"val_{name}")
        assert training.get_xdata().tolist() == list(range(1, epochs + 1))
        lines = dict(zip(("training", "validation"), axis.lines, strict=True))
        assert [line.get_color() for line in axis.lines] == [plots.TRAINING, plots.VALIDATION]
        for label in axis.texts:  # right of the axes
            assert label.get_color() == plots.tone(lines.pop(label.get_text()).get_color())
            assert label.xy[0] > 1
        assert not lines
        assert 0 < axis.get_xlim()[0] <= 1 and epochs <= axis.get_xlim()[1] < epochs + 1
        assert axis.get_xticks()[0] == 1


@pytest.mark.parametrize("shape", [(5, 8, 8), (5, 8, 8, 3)])
def test_a_grid_shows_every_image_in_order(shape):
    images = RNG.random(shape)
    axes = plots.image_grid(images, titles=list("abcde"), columns=3).axes
    assert len(axes) == 6
    for axis, image, title in zip(axes[:5], images, "abcde", strict=True):
        np.testing.assert_array_equal(axis.images[0].get_array(), image)
        assert axis.get_title() == title
    assert not axes[5].images
    assert not any(axis.axison for axis in axes)


def test_a_grid_is_no_wider_than_its_images():
    axes = plots.image_grid(RNG.random((2, 4, 4)), columns=8).axes
    assert len(axes) == 2
    assert [axis.get_title() for axis in axes] == ["", ""]


def test_a_network_is_drawn_to_scale(untrained):
    layers = models.summarise(untrained)
    axis = plots.network(layers).axes[0]
    boxes = axis.patches
    assert len(boxes) == len(layers)
    for box, layer in zip(boxes, layers, strict=True):
        if len(layer.output_shape) == 3:
            assert box.get_height() == layer.output_shape[0]
        assert box.get_y() == pytest.approx(-box.get_height() / 2)
    convolutions = [box for box, layer in zip(boxes, layers, strict=True) if "Conv" in layer.name]
    widths = [box.get_width() for box in convolutions]
    assert widths == sorted(widths)
    assert len({to_hex(box.get_facecolor()) for box in convolutions}) == 1
    for before, after in pairwise(boxes):
        assert before.get_x() + before.get_width() < after.get_x()
    shown = texts(axis)
    assert [name.replace("\n", "") for name in shown[::2]] == [layer.name for layer in layers]
    assert shown[1::2] == ["×".join(map(str, layer.output_shape)) for layer in layers]
    low, high = axis.get_ylim()
    assert all(low < text.get_position()[1] < high for text in axis.texts)


def test_a_network_stands_right_of_its_input():
    layers = [SimpleNamespace(name=name, output_shape=shape) for name, shape in LAYERS]
    photograph = RNG.random((64, 48, 3))
    axis = plots.network(layers, photograph).axes[0]
    [shown] = axis.images
    np.testing.assert_array_equal(shown.get_array(), photograph)
    left, right, low, high = shown.get_extent()
    assert (right - left, high - low) == (48, 64)  # to the scale of the boxes
    assert right < axis.patches[0].get_x()
    assert texts(axis)[:4] == ["input", "64×48×3", "Conv2D", "62×62\n×32"]


def test_a_graph_has_a_box_for_each_value_and_an_arrow_for_each_derivative():
    nodes = {"x": (0, 0, "x = 3", "-6"), "w": (0, 1, "w = 2", "9"), "z": (1, 0.5, "z = 6", "1")}
    edges = [("x", "z", "w = 2"), ("w", "z", "x = 3")]
    axis = plots.computation_graph(nodes, edges, "chain rule").axes[0]
    ways = [
        (line.get_xdata(), line.get_ydata()) for line in axis.lines if len(line.get_xdata()) > 1
    ]
    for (x, y), (start, end, _) in zip(ways, edges, strict=True):
        assert (x[0], y[0]) == nodes[start][:2] and (x[-1], y[-1]) == nodes[end][:2]
    places = {text.get_text(): text.get_position() for text in axis.texts}
    for x, y, value, gradient in nodes.values():
        assert places[value] == (x, y)
        below = places[gradient.replace("-", "−")]
        assert below[0] == x and below[1] < y
    assert places["x = 3"] == nodes["x"][:2]  # not the arrow's, which says the same


def test_volumes_shade_one_window_through_all_channels_and_what_each_kernel_makes_of_it():
    axis = plots.volumes((5, 6, 3), (3, 2, 3, 2), (3, 5, 2)).axes[0]
    boxes = [(b.get_height(), b.get_width(), to_hex(b.get_facecolor())) for b in axis.patches]
    white, green = "#ffffff", plots.WINDOW.lower()
    filters = [plots.ORANGE.lower(), plots.PURPLE.lower()]
    assert sum(box == (5, 6, white) for box in boxes) == 3
    assert sum(box == (3, 2, green) for box in boxes) == 3
    for colour in filters:
        assert sum(box == (3, 2, colour) for box in boxes) == 3
        assert sum(box == (1, 1, colour) for box in boxes) == 1
    assert sum(box == (3, 5, white) for box in boxes) == 2
    assert texts(axis)[0] == "input\n5×6×3" and "2 of 3×2×3" in texts(axis)[2]
    with pytest.raises(ValueError, match="the channels of inputs and a filter for each"):
        plots.volumes((5, 5, 3), (3, 3, 2, 2), (3, 3, 2))
    with pytest.raises(ValueError, match="at most 3"):
        plots.volumes((5, 5, 3), (3, 3, 3, 4), (3, 3, 4))


def test_slopes_stand_beside_their_functions():
    x = np.linspace(-1, 1, 5)
    curves = {"square": (x, x**2, 2 * x), "line": (x, 3 * x, np.full(5, 3.0))}
    axes = plots.with_slopes(curves, ("function", "slope"), "x").axes
    assert [axis.get_title() for axis in axes] == ["function", "slope"]
    for part, axis in enumerate(axes, start=1):
        assert axis.get_xlabel() == "x" and set(texts(axis)) == set(curves)
        for line, (name, curve) in zip(axis.lines, curves.items(), strict=True):
            np.testing.assert_array_equal(line.get_ydata(), curve[part])
            colours = {text.get_text(): text.get_color() for text in axis.texts}
            assert colours[name] == plots.tone(line.get_color())


def test_a_confusion_matrix_has_the_truth_in_rows_and_faces_first():
    axis = plots.confusion_matrix(Confusion(9, 1, 2, 28)).axes[0]
    assert texts(axis) == ["9\nfound", "1\nmissed", "2\nfalse alarms", "28\nrejected"]
    places = [text.get_position() for text in axis.texts]
    assert places == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("it is", "the network says")
    for labels in (axis.get_xticklabels(), axis.get_yticklabels()):
        assert [label.get_text() for label in labels] == ["face", "non-face"]
    cells = axis.images[0].get_array()
    assert [to_hex(cells[0, 1]), to_hex(cells[1, 0])] == [
        colour.lower()
        for colour in (plots.FACE, plots.NONFACE)  # mistakes are strong
    ]
    assert luminance(cells[0, 0]) > 0.6 < luminance(cells[1, 1])


def test_a_roc_curve_is_that_of_scikit_learn():
    labels = np.repeat([0, 1], 30)
    curves = {"good": labels + RNG.normal(0, 0.5, 60), "poor": labels + RNG.normal(0, 2, 60)}
    axis = plots.roc_curve(labels, curves, chosen=(0.1, 0.8)).axes[0]
    chance, *lines, point = axis.lines
    assert chance.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert point.get_xydata().tolist() == [[0.1, 0.8]]
    legend = [text.get_text() for text in axis.get_legend().get_texts()]
    for line, (name, scores), entry in zip(lines, curves.items(), legend, strict=True):
        false_positives, true_positives, _ = metrics.roc_curve(labels, scores)
        np.testing.assert_array_equal(line.get_xdata(), false_positives)
        np.testing.assert_array_equal(line.get_ydata(), true_positives)
        assert entry == f"{name} (area {metrics.roc_auc_score(labels, scores):.2f})"


def test_a_roc_curve_without_a_chosen_point():
    axis = plots.roc_curve(np.array([0, 1]), {"one": np.array([0.1, 0.9])}).axes[0]
    assert len(axis.lines) == 2


@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 3)])
def test_detections_stand_where_they_were_found(shape):
    picture = RNG.random(shape)
    found = [
        Detection(3, 5, 10, 0.9, 4.25),
        Detection(20, 30, 8, 0.8, 2),
        Detection(1, 1, 5, 0.7, 1),
    ]
    axis = plots.detections(picture, found).axes[0]
    np.testing.assert_array_equal(axis.images[0].get_array(), picture)
    for square, box in zip(axis.patches, found, strict=True):
        assert square.get_bbox().extents.tolist() == [box.left, box.top, *box.box[:1:-1]]
        assert not square.get_fill()
    colours = [to_hex(square.get_edgecolor()) for square in axis.patches]
    assert colours[0] != colours[1] == colours[2]
    assert texts(axis) == ["4.2 votes", "2.0 votes", "1.0 votes"]


def test_words_at_boxes_stand_in_the_picture_and_off_each_other():
    found = [(40, 40, 90, 90), (42, 44, 92, 94), (2, 180, 30, 199), (160, 2, 199, 40)]
    words, colours = ["Ada 0.93", "Bo 0.81", "Cy 0.77", "unknown"], [plots.SAME] * 3 + ["white"]
    figure = plots.boxes(RNG.random((200, 200)), found, words, colours)
    assert faults(figure) == []
    inside = figure.axes[0].get_window_extent()
    for text in figure.axes[0].texts:
        corners = text.get_window_extent().corners()
        assert all(inside.contains(*corner) for corner in corners)


def test_a_picture_without_detections_is_shown_alone():
    assert not plots.detections(np.zeros((9, 9)), []).axes[0].patches


def test_outlines_stand_between_the_pixels():
    axis = plots.image_grid([np.zeros((9, 9)), np.zeros((9, 9))]).axes[1]
    assert plots.outlines(axis, np.array([[0, 0, 9, 9], [1, 2, 5, 8]]), plots.GREEN, 3) is None
    boxes = [patch.get_bbox().extents.tolist() for patch in axis.patches]
    assert boxes == [[-0.5, -0.5, 8.5, 8.5], [1.5, 0.5, 7.5, 4.5]]
    for patch in axis.patches:
        assert (to_hex(patch.get_edgecolor()), patch.get_linewidth()) == (plots.GREEN.lower(), 3)
        assert not patch.get_fill()


def test_colours_differ_in_brightness_as_well():
    weights = np.array([0.2125, 0.7154, 0.0721])
    grey = [
        weights @ [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        for colour in (plots.FACE, plots.NONFACE)
    ]
    assert abs(grey[0] - grey[1]) > 50


def test_a_signed_grid_is_white_at_zero_and_symmetric():
    figure = plots.image_grid([np.array([[-1.0, 0.0, 4.0]])], signed=True)
    (picture,) = figure.axes[0].images
    assert picture.get_clim() == (-4, 4)
    assert picture.cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)
    plt.close(figure)


def test_a_number_grid_shows_every_number_and_mark():
    tables = [np.arange(6.0).reshape(2, 3), np.array([[0.25]])]
    figure = plots.number_grid(tables, ["a", "b"], marks=[(0, 0, 1, 2, 2)], digits=2)
    texts = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert texts == [["0.00", "1.00", "2.00", "3.00", "4.00", "5.00"], ["0.25"]]
    (outline,) = figure.axes[0].patches
    assert outline.get_bbox().bounds == (0.5, -0.5, 2, 2)
    plt.close(figure)


def test_numbers_that_are_equal_look_equal_in_all_tables_that_stand_together():
    tables = [np.array([[1, 5, 6]]), np.array([[-1, 0], [1, 2]]), np.array([[17], [-9], [1]])]
    figure = plots.number_grid(tables, ["image", "kernel", "a map with a long title"])
    colours = {}
    for axis, table in zip(figure.axes, tables, strict=True):
        picture = axis.images[0]
        for value, colour in zip(table.ravel(), picture.to_rgba(table).reshape(-1, 4), strict=True):
            colours.setdefault(value, []).append(colour)
    for value, seen in colours.items():
        np.testing.assert_array_equal(seen, seen[:1] * len(seen))
        red, _, blue, _ = seen[0]
        assert np.sign(red - blue) == np.sign(value)  # orange above 0, blue below, white at it
    figure.canvas.draw()
    cells = [
        axis.bbox.size / np.shape(table)[::-1]
        for axis, table in zip(figure.axes, tables, strict=True)
    ]
    np.testing.assert_allclose(cells, np.full((3, 2), cells[0][0]), rtol=1e-6)
    assert all(spine.get_visible() for axis in figure.axes for spine in axis.spines.values())


def test_numbers_above_0_begin_white_and_tables_fit_the_page():
    tables = [np.arange(3, 52).reshape(7, 7)] * 4
    figure = plots.number_grid(tables, list("abcd"))
    assert figure.axes[0].images[0].to_rgba(np.array([3]))[0, :3] == pytest.approx((1, 1, 1))
    assert figure.get_figwidth() <= plots.WIDTH + 0.1
    flat = plots.number_grid([np.ones((2, 2))]).axes[0].images[0]
    assert flat.to_rgba(np.ones(1))[0, :3] == pytest.approx((1, 1, 1), abs=0.01)


def test_names_of_curves_that_end_together_do_not_touch():
    figure = plots.lines({"a": ([0, 1], [0, 1]), "b": ([0, 1], [2, 1]), "c": ([0, 1], [1, 1])})
    heights = sorted(text.xy[1] for text in figure.axes[0].texts)
    assert min(np.diff(heights)) >= 0.09 - 1e-9
    assert heights[0] == pytest.approx(0.5)
    high = plots.lines({name: ([0, 1], [0, 1]) for name in "abcd"})
    assert max(text.xy[1] for text in high.axes[0].texts) <= 1


def test_what_counts_from_1_is_counted_from_1():
    axis = plots.lines({"a": (range(1, 13), range(12))}).axes[0]
    assert axis.get_xticks().tolist() == [1, 5, 10]
    assert axis.get_xlim()[0] > 0 and axis.get_xlim()[1] < 13


def test_feature_maps_share_one_signed_scale_beside_their_picture():
    picture, maps = RNG.random((6, 6)), [RNG.normal(size=(4, 4)), np.array([[-9.0, 0.5]])]
    figure = plots.feature_maps(picture, maps, ["face", "a", "b"])
    seen, *drawn = (axis.images[0] for axis in figure.axes)
    np.testing.assert_array_equal(seen.get_array(), picture)
    for image, values in zip(drawn, maps, strict=True):
        np.testing.assert_array_equal(image.get_array(), values)
        assert image.get_clim() == (-9, 9)
        assert image.cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)
    assert [axis.get_title() for axis in figure.axes] == ["face", "a", "b"]


def test_feature_maps_of_nothing_are_white():
    figure = plots.feature_maps(np.zeros((3, 3)), [np.zeros((2, 2))], ["flat", "no edge"])
    assert figure.axes[1].images[0].get_clim() == (-1, 1)


def test_reliability_puts_shares_with_their_intervals_over_what_was_said():
    bins = [(0.1, Proportion(2, 9)), (0.9, Proportion(3, 5))]
    figure = plots.reliability({"bold": bins, "timid": bins[:1]})
    assert [axis.get_title() for axis in figure.axes] == ["bold", "timid"]
    diagonal, points = figure.axes[0].lines
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert points.get_xydata().tolist() == [[0.1, 2 / 9], [0.9, 3 / 5]]
    (intervals,) = figure.axes[0].collections
    for segment, (said, share) in zip(intervals.get_segments(), bins, strict=True):
        assert segment.tolist() == [[said, end] for end in share.interval()]
    assert len(figure.axes[1].lines[1].get_xdata()) == 1


def test_decision_regions_stand_on_both_sides_of_one_half():
    points, labels = RNG.random((20, 2)), np.arange(20) % 2
    classifiers = {"points": None, "upper": lambda x: x[:, 1], "all": lambda x: np.ones(len(x))}
    figure = plots.decision_regions(points, labels, classifiers, ("width", "height"))
    bare, upper, everything, _ = figure.axes
    assert [axis.get_title() for axis in figure.axes] == ["points", "upper", "all", ""]
    assert (bare.get_ylabel(), everything.get_xlabel()) == ("height", "width")
    for axis in (bare, upper, everything):
        assert [line.get_color() for line in axis.lines] == [plots.NONFACE, plots.FACE]
        for label, line in enumerate(axis.lines):
            np.testing.assert_array_equal(line.get_xydata(), points[labels == label])
    assert [len(axis.collections) for axis in (bare, upper, everything)] == [0, 2, 1]
    boundary = np.concatenate([path.vertices for path in upper.collections[1].get_paths()])
    np.testing.assert_allclose(boundary[:, 1], 0.5)
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    shown = dict(zip(names, [line.get_color() for line in legend.get_lines()], strict=True))
    assert shown == {"face": plots.FACE, "non-face": plots.NONFACE}


def test_units_are_joined_by_their_weights():
    columns, edges = [["a", "b"], ["c", "d", "e"], ["f"]], [[["1"] * 3] * 2, [["2"]] * 3]
    figure = plots.units(columns, edges, [["", ""], ["", "x", ""], ["y"]], title="small")
    (axis,) = figure.axes
    assert axis.get_title() == "small"
    assert len(axis.lines) == 2 * 3 + 3 * 1
    placed = {text.get_text(): text.get_position() for text in axis.texts if text.get_text()}
    assert [placed[name][0] for name in "abcdef"] == [0, 0, 1, 1, 1, 2]
    assert placed["a"][1] > placed["b"][1]
    assert placed["c"][1] > placed["d"][1] == placed["f"][1] > placed["e"][1]
    assert placed["x"][1] < placed["d"][1]
    ends = {tuple(map(tuple, line.get_xydata()[[0, -1]])) for line in axis.lines}
    assert (placed["a"], placed["e"]) in ends
    low, high = axis.get_ylim()
    assert all(low < text.get_position()[1] < high for text in axis.texts)


def test_nested_windows_are_outlined_and_cut_out():
    picture, windows = RNG.random((12, 12)), [(4, 5, 2), (3, 3, 4), (1, 2, 8)]
    figure = plots.nested_windows(picture, windows)
    whole, *parts = figure.axes
    np.testing.assert_array_equal(whole.images[0].get_array(), picture)
    for outline, axis, (top, left, edge) in zip(whole.patches, parts, windows, strict=True):
        corner, sides = (left - 0.5, top - 0.5), (edge, edge)
        assert (outline.get_xy(), (outline.get_width(), outline.get_height())) == (corner, sides)
        cut = picture[top : top + edge, left : left + edge]
        np.testing.assert_array_equal(axis.images[0].get_array(), cut)
        assert axis.images[0].get_clim() == whole.images[0].get_clim() == (0, 1)
        assert axis.get_title() == f"{edge}×{edge}"
        assert to_hex(axis.spines["left"].get_edgecolor()) == to_hex(outline.get_edgecolor())
    assert len({to_hex(outline.get_edgecolor()) for outline in whole.patches}) == 3


def test_dots_stand_at_their_values_with_their_intervals():
    shares = [Proportion(9, 10), Proportion(5, 10)]
    panels = {"found": {"a": shares, "b": shares[:1]}, "loss": {"a": [0.3, 0.5], "b": [0.2]}}
    figure = plots.dots(panels, "two groups")
    found, loss = figure.axes
    assert figure.get_suptitle() == "two groups"
    assert (found.get_xlabel(), loss.get_xlabel()) == ("found", "loss")
    assert [label.get_text() for label in found.get_yticklabels()] == ["a", "b"]
    drawn = [np.ravel(line.get_xdata()).tolist() for line in found.lines]
    expected = [part for share in (*shares, shares[0]) for part in (share.interval(), share.value)]
    assert drawn == [np.ravel(part).tolist() for part in expected]
    assert [np.ravel(line.get_xdata()).item() for line in loss.lines] == [0.3, 0.5, 0.2]
    assert found.get_xlim()[0] == loss.get_xlim()[0] == 0
    assert (found.get_xlabel(), loss.get_xlabel()) == ("found", "loss")
    places = [np.ravel(line.get_ydata()).item() for line in loss.lines]
    np.testing.assert_allclose(places, [-0.1, 0.1, 1.0])
    low, high = found.get_ylim()
    assert low > high  # the first group is on top


def test_ten_dots_stay_in_their_row():
    (axis,) = plots.dots({"accuracy": {"a": [0.9] * 10, "b": [0.8] * 10}}).axes
    places = [line.get_ydata()[0] for line in axis.lines]
    assert max(places[:10]) < 0.4 < 0.6 < min(places[10:])
    assert len(set(places)) == 20


def test_dots_that_lie_close_together_say_that_their_axis_does_not_begin_at_0():
    (axis,) = plots.dots({"TAR": {"a": [0.93, 0.97], "b": [1.0]}}).axes
    low, high = axis.get_xlim()
    assert 0.9 < low < 0.93 and 1.0 < high < 1.02
    assert axis.get_xlabel() == "TAR\n(the axis does not begin at 0)"
    (axis,) = plots.dots({"TAR": {"a": [0.93, 0.97]}}, limits=(0, 1)).axes
    assert (axis.get_xlim(), axis.get_xlabel()) == ((0, 1), "TAR")


def test_score_histogram_counts_both_kinds_and_their_mistakes():
    same = np.repeat([1, 0], [40, 160])
    scores = RNG.normal(same * 2.0, 1)
    figure = plots.score_histogram(same, scores, threshold=1.0)
    (axis,) = figure.axes
    bars = np.array([(bar.get_width(), bar.get_height()) for bar in axis.patches])
    np.testing.assert_allclose(bars.prod(axis=1).reshape(2, 40).sum(axis=1), 1)  # densities
    rejects, accepts = np.mean(scores[:40] < 1), np.mean(scores[40:] >= 1)
    words = ["same person", f"false non-matches\n{100 * rejects:.2g} %"]
    words += ["different people", f"false matches\n{100 * accepts:.2g} %"]
    assert texts(axis) == words
    assert [text.get_ha() for text in axis.texts] == ["right", "right", "left", "left"]
    assert axis.lines[0].get_xdata() == [1.0, 1.0]
    colours = [to_hex(axis.patches[first].get_facecolor()) for first in (0, 40)]
    assert colours == [plots.SAME.lower(), plots.DIFFERENT.lower()]
    tones = [plots.tone(plots.SAME), plots.tone(plots.DIFFERENT)]
    assert [text.get_color() for text in axis.texts[::2]] == tones
    (bare,) = plots.score_histogram(same, scores).axes
    assert texts(bare) == words[::2] and not bare.lines


def test_det_curves_are_straight_for_gaussian_scores():
    same = np.repeat([1, 0], 20_000)
    curves = {name: roc(same, RNG.normal(same * apart, 1)) for name, apart in (("a", 2), ("b", 3))}
    figure = plots.det_curve(curves)
    (axis,) = figure.axes
    for line, apart in zip(axis.lines, (2, 3), strict=False):
        far, frr = line.get_data()
        middle = (np.abs(far) < 2) & (np.abs(frr) < 2)
        np.testing.assert_allclose(far[middle] + frr[middle], -apart, atol=0.1)
    handles, names = axis.get_legend_handles_labels()
    assert names == ["a", "b", "FMR = FNMR"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("FMR, %", "FNMR, %")
    assert len({handle.get_color() for handle in handles}) == 3
    np.testing.assert_allclose(axis.get_xticks()[:2], [-3.09, -2.33], atol=0.01)
    assert [label.get_text() for label in axis.get_yticklabels()][:2] == ["0.1", "1"]


def test_cmc_curves_count_ranks_from_1():
    figure = plots.cmc({"good": [0.8, 0.9, 1.0], "poor": [0.5, 0.6, 0.7]})
    (axis,) = figure.axes
    for line, shares in zip(axis.lines, ([0.8, 0.9, 1.0], [0.5, 0.6, 0.7]), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(line.get_ydata(), shares)
    assert texts(axis) == ["poor", "good"]


def test_marks_stand_on_their_images():
    images, found = RNG.random((3, 9, 9, 3)), RNG.uniform(0, 8, (3, 2, 2))
    wanted = found + 1
    axes = plots.marked(images, found, wanted, titles=list("abc"), columns=2).axes
    for index, axis in enumerate(axes[:3]):
        np.testing.assert_array_equal(axis.images[0].get_array(), images[index])
        crosses, rings = axis.lines
        np.testing.assert_array_equal(crosses.get_xydata(), found[index])
        np.testing.assert_array_equal(rings.get_xydata(), wanted[index])
        assert (crosses.get_marker(), rings.get_marker()) == ("x", "o")
        assert axis.get_title() == "abc"[index]
    assert not axes[3].lines
    assert [len(axis.lines) for axis in plots.marked(images, found).axes] == [1, 1, 1]


def test_steps_stand_in_a_row_and_an_arrow_leads_past_some():
    (axis,) = plots.steps(["a", "b", "+"], past=(0, 2, "shortcut"), title="block").axes
    assert texts(axis) == ["a", "b", "+", "shortcut"]
    assert [text.get_position()[0] for text in axis.texts[:3]] == [0, 1, 2]
    row, line = axis.lines
    assert row.get_xdata()[0] < 0 and row.get_xdata()[-1] > 2
    assert line.get_xdata()[0] < 0 and line.get_xdata()[-1] == 2
    assert len(plots.steps(["a", "b"]).axes[0].lines) == 1


def test_circles_colour_each_angle_by_what_it_belongs_to():
    angles, belongs = np.arange(0, 91, 30), np.array([0, 0, 2, 1])
    figure = plots.circles(
        {"one": belongs, "two": belongs[::-1]},
        angles,
        ["right", "up", "neither"],
        {"one": {"p": 90}},
    )
    assert [axis.get_title() for axis in figure.axes] == ["one", "two"]
    one = figure.axes[0]
    for line, row in zip(one.lines, range(3), strict=False):
        np.testing.assert_array_equal(np.isfinite(line.get_xdata()), belongs == row)
    x, y = one.lines[0].get_data()
    np.testing.assert_allclose(np.hypot(x, y)[:2], 1)
    assert one.lines[2].get_color() == plots.INK
    np.testing.assert_allclose(one.lines[3].get_xydata(), [[0, 1]], atol=1e-12)
    assert (texts(one), texts(figure.axes[1])) == (["p"], [])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["right", "up", "neither"]


def test_snapshots_show_every_point_of_every_group():
    groups, frames = np.repeat(np.arange(12), 2), RNG.random((4, 24, 2))
    figure = plots.snapshots(frames, groups, list("abcd"), columns=3)
    for frame, axis in zip(frames, figure.axes, strict=False):
        shown = np.concatenate([line.get_xydata() for line in axis.lines])
        np.testing.assert_array_equal(shown, frame)
        looks = {(line.get_color(), line.get_marker()) for line in axis.lines}
        assert len(looks) == 12
    assert [axis.get_title() for axis in figure.axes[:4]] == list("abcd")
    assert not figure.axes[5].axison


@pytest.mark.parametrize("colour", plots.COLOURS)
def test_every_colour_and_what_is_written_in_it_stand_out_on_white_and_on_black(colour):
    for look, least in ((colour, 3), (plots.tone(colour), MIN_CONTRAST)):
        light = luminance(np.array(to_rgb(look)))
        assert min(contrast(light, 1.0), contrast(light, 0.0)) >= least


def test_one_thing_has_one_colour():
    assert plots.FACE == plots.SAME != plots.DIFFERENT == plots.NONFACE
    assert plots.TRAINING != plots.VALIDATION and plots.OURS != plots.OTHERS
    labels, scores = np.repeat([0, 1], 9), np.arange(18) % 7 / 7
    (histogram,) = plots.score_histogram(labels, scores).axes
    regions = plots.decision_regions(RNG.random((18, 2)), labels, {"": None}).axes[0]
    matrix = plots.confusion_matrix(Confusion(9, 1, 2, 28)).axes[0].images[0].get_array()
    assert to_hex(histogram.patches[0].get_facecolor()) == to_hex(matrix[0, 1])
    assert [line.get_color() for line in regions.lines] == [plots.DIFFERENT, plots.SAME]


def test_the_style_draws_in_the_books_colours_on_nothing():
    with plt.style.context("facebook_tut.book"):
        figure, axis = plt.subplots()
        assert to_rgba(figure.get_facecolor())[3] == 0
        inks = (axis.title.get_color(), axis.xaxis.label.get_color())
        assert [to_hex(f"#{ink.strip('#')}") for ink in inks] == [plots.INK, plots.INK]
        drawn = [axis.plot([0, 1])[0].get_color() for _ in plots.COLOURS]
        assert list(map(to_hex, drawn)) == [c.lower() for c in plots.COLOURS]
        plt.close(figure)


# What every figure must look like: `figure_faults` is asked, about data that tempt to each fault

NAMES = ["softmax", "cosface", "arcface", "contrastive", "triplet"]
LAYERS = [("Conv2D", (62, 62, 32)), ("MaxPooling2D", (31, 31, 32)), ("Conv2D", (29, 29, 64))]
LAYERS += [("MaxPooling2D", (14, 14, 64)), ("Conv2D", (12, 12, 128)), ("MaxPooling2D", (6, 6, 128))]
LAYERS += [("Flatten", (4608,)), ("Dense", (512,)), ("Dense", (1,))]
SAME, SCORES = np.repeat([1, 0], [40, 160]), np.linspace(3, -3, 200) + np.arange(200) % 7 / 3
SHARES = [Proportion(19, 20), Proportion(20, 20)]
SAMPLES = {
    "learning_curves": lambda: plots.learning_curves(History(*np.ones((4, 10)).tolist())),
    "image_grid": lambda: plots.image_grid(
        RNG.random((16, 25, 25)), ["other -0.75"] * 16, title="x"
    ),
    "nine in a row": lambda: plots.image_grid(
        RNG.random((9, 25, 25)), ["out of\nfocus"] * 9, 9, 0.77
    ),
    "number_grid": lambda: plots.number_grid(
        [np.arange(-12, 13).reshape(5, 5), -np.eye(3)],
        ["image", "a long\ntitle"],
        [(0, 0, 0, 3, 3)],
    ),
    "lines": lambda: plots.lines(
        {name: ([1, 2], [0, 1]) for name in NAMES}, "x", "y", "all end at 1"
    ),
    "network": lambda: plots.network([SimpleNamespace(name=n, output_shape=s) for n, s in LAYERS]),
    "network and input": lambda: plots.network(
        [SimpleNamespace(name=n, output_shape=s) for n, s in LAYERS], RNG.random((64, 64, 3))
    ),
    "computation_graph": lambda: plots.computation_graph(
        {
            "w": (0, 1, "$w$ = 2", "-0.3"),
            "x": (0, 0, "$x$ = 1", "-0.5"),
            "z": (1.5, 0.5, "$z = wx$ = 2", "1"),
        },
        [("w", "z", "$x$ = 1"), ("x", "z", "$w$ = 2")],
        "x",
    ),
    "volumes": lambda: plots.volumes((5, 5, 3), (3, 3, 3, 3), (3, 3, 3), title="x"),
    "with_slopes": lambda: plots.with_slopes(
        {name: ([1, 2], [0, 1], [1, 1]) for name in NAMES}, xlabel="z", title="x"
    ),
    "panels": lambda: plots.panels(
        {panel: {n: ([1, 2], [0.1, 1]) for n in NAMES} for panel in "ab"}, "x", "y", "t", log="xy"
    ),
    "intervals": lambda: plots.intervals(
        {n: SplitMean(0.1, 0.5, k - 1, k + 1, 0.5) for k, n in enumerate(NAMES)}, "x", "t"
    ),
    "confusion_matrix": lambda: plots.confusion_matrix(Confusion(1900, 10, 60, 11400)),
    "roc_curve": lambda: plots.roc_curve(SAME, {"one": SCORES, "other": SCORES % 3}, (0.0, 1.0)),
    "detections": lambda: plots.detections(
        RNG.random((512, 512)), [Detection(99 + k, 150 + 9 * k, 80, 0.9, 5.2) for k in range(4)]
    ),
    "feature_maps": lambda: plots.feature_maps(np.eye(64), [np.eye(62)] * 2, ["a", "b", "c"]),
    "reliability": lambda: plots.reliability({n: [(0, SHARES[0]), (1, SHARES[1])] for n in "abc"}),
    "decision_regions": lambda: plots.decision_regions(
        RNG.random((9, 2)),
        np.arange(9) % 2,
        {"a": None, "b": lambda x: x[:, 0]},
        ("width", "height"),
    ),
    "units": lambda: plots.units(
        [["$x_1$ = 0.5", "$x_2$ = -1"], ["$z$ = -1"]],
        [[["-2"], ["0.5"]]],
        [["", ""], ["-0.7311"]],
        "x",
    ),
    "nested_windows": lambda: plots.nested_windows(np.eye(64), [(5, 5, 3 + k) for k in range(6)]),
    "dots": lambda: plots.dots(
        {"EER": {n: [0.1] for n in NAMES}, "TAR": dict.fromkeys(NAMES, SHARES)}
    ),
    "score_histogram": lambda: plots.score_histogram(SAME, SCORES, 1.5),
    "det_curve": lambda: plots.det_curve({"Fisherfaces": roc(SAME, SCORES)}),
    "cmc": lambda: plots.cmc({"good": [0.8, 0.9, 1.0], "poor": [0.5, 0.6, 1.0]}),
    "marked": lambda: plots.marked([np.eye(64)] * 6, [[[0, 0]]] * 6, [[[63, 63]]] * 6, ["0.1"] * 6),
    "steps": lambda: plots.steps(["3×3\nconvolution", "batch\nnorm", "+"], (0, 2, "shortcut"), "x"),
    "circles": lambda: plots.circles(
        {"one": [0, 0, 1], "two": [0, 1, 1]},
        [0, 45, 90],
        ["A's", "B's"],
        {"one": {"A": 0, "B": 90}},
    ),
    "snapshots": lambda: plots.snapshots(RNG.random((5, 24, 2)), np.arange(24) % 12, list("abcde")),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_figure_reads_well_in_light_and_in_dark(name):
    with plt.style.context("facebook_tut.book"):
        assert faults(SAMPLES[name]()) == []


def test_every_function_that_draws_is_looked_at():
    drawing = {
        name for name, one in vars(plots).items() if "matplotlib.figure.Figure" in str(one.__doc__)
    }
    assert drawing - {"boxes"} <= set(SAMPLES)  # of which `detections` are one use


def test_words_beside_a_point_stand_on_the_side_to_which_they_are_shifted():
    axis = plt.figure().subplots()
    for shift, sides in (((8, 0), ("left", "center")), ((0, -4), ("center", "top"))):
        words = plots.note(axis, "-0.5", (0, 0), shift, plots.FACE)
        assert (words.get_ha(), words.get_va()) == sides
        assert words.get_text() == "−0.5"
        assert words.get_color() == plots.tone(plots.FACE)
    assert plots.note(axis, "k-same, 2013-15", (0, 0)).get_text() == "k-same, 2013-15"


def test_panels_share_colours_and_label_ends_on_their_scale():
    figure = plots.panels(
        {
            "one": {"a": ([1, 2, 3], [1, 10, 100]), "b": ([1, 2, 3], [1, 1, 10])},
            "two": {"b": ([3, 2, 1], [1, 2, 3])},
        },
        log="y",
    )
    colours = [{line.get_color() for line in axis.get_lines()} for axis in figure.axes]
    assert colours[1] < colours[0]
    assert [axis.xaxis.get_inverted() for axis in figure.axes] == [False, True]
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
    middle = next(text for text in figure.axes[0].texts if text.get_text() == "b")
    assert middle.xy[1] == pytest.approx(0.5, abs=0.02)  # 10 of 1 to 100


def test_intervals_without_zero_stand_out():
    found = {
        "better": SplitMean(-0.2, 0.05, -0.3, -0.1, 0.01),
        "unclear": SplitMean(0.1, 0.1, -0.1, 0.3, 0.4),
    }
    figure = plots.intervals(found, xlabel="loss")
    bars = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 2][:2]
    assert [line.get_color() for line in bars] == [plots.ORANGE, plots.BLUE]
    assert [tuple(line.get_xdata()) for line in bars] == [(-0.3, -0.1), (-0.1, 0.3)]
