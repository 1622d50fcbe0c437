"""Windows cut the right pixels, boxes compare and merge, and a planted face is found."""

import numpy as np
import pytest
from skimage.transform import resize
from sklearn.preprocessing import normalize

from facebook_tut.detection import (
    Detection,
    detect_faces,
    group_windows,
    intersection_over_union,
    non_maximum_suppression,
    sliding_windows,
    window_sizes,
)
from facebook_tut.preprocessing import PATCH_SIZE, to_network_input

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("size", [25, 40, 60, 97])
@pytest.mark.parametrize(("top", "left"), [(0, 0), (31, 70), (83, 123)])
def test_the_brightest_window_lies_on_the_bright_square(size, top, left):
    picture = np.zeros((180, 220))
    picture[top : top + size, left : left + size] = 1
    patches, boxes = sliding_windows(picture, sizes=(size,), step=1)
    best = patches.mean((1, 2)).argmax()
    pixel = size / PATCH_SIZE  # of the scaled copy
    np.testing.assert_allclose(boxes[best], (top, left, top + size, left + size), atol=pixel)
    assert patches[best].mean() > 0.9


@pytest.mark.parametrize("step", [1, 3, 7])
def test_windows_of_the_smallest_size_are_the_pixels_themselves(step):
    picture = RNG.random((40, 50))
    patches, boxes = sliding_windows(picture, sizes=(PATCH_SIZE,), step=step)
    assert len(patches) == len(range(0, 16, step)) * len(range(0, 26, step))
    for patch, (top, left, bottom, right) in zip(patches, boxes.astype(int), strict=True):
        np.testing.assert_allclose(patch, picture[top:bottom, left:right], atol=1e-12)


def test_windows_are_squares_inside_the_picture():
    patches, boxes = sliding_windows(RNG.random((170, 211)), sizes=(30, 50, 169, 171, 500), step=2)
    edges = boxes[:, 2:] - boxes[:, :2]
    np.testing.assert_allclose(edges[:, 0], edges[:, 1])
    assert set(edges[:, 0].round(6)) == {30, 50, 169}
    assert boxes.min() >= 0
    assert (boxes[:, 2:] <= np.array([170, 211]) + edges / PATCH_SIZE).all()
    assert patches.shape == (len(boxes), PATCH_SIZE, PATCH_SIZE)


def test_every_kind_of_picture_gives_the_same_windows():
    grey = RNG.integers(0, 256, (60, 70), dtype=np.uint8)
    rgb = np.repeat(grey[..., np.newaxis], 3, axis=2)
    rgba = np.dstack([rgb, np.full((60, 70), 9, np.uint8)])
    expected, expected_boxes = sliding_windows(grey, sizes=(30, 45))
    for picture in (rgb, rgba, grey / 255, rgb / 255, rgba / 255, (grey / 255).astype("float32")):
        patches, boxes = sliding_windows(picture, sizes=(30, 45))
        np.testing.assert_allclose(patches, expected, atol=1e-6)
        np.testing.assert_array_equal(boxes, expected_boxes)


@pytest.mark.parametrize("edge", [PATCH_SIZE, 60, 300, 2000])
def test_window_sizes_grow_by_one_factor_to_the_shorter_edge(edge):
    sizes = np.array(window_sizes((edge, 2 * edge)))
    assert sizes.tolist() == window_sizes((3 * edge, edge))
    assert PATCH_SIZE <= sizes[0] <= sizes[-1] <= edge
    factors = sizes[1:] / sizes[:-1]
    assert (factors > 1).all()
    np.testing.assert_allclose(factors, factors[:1].repeat(len(factors)))
    assert edge == PATCH_SIZE or sizes[-1] * factors[0] > edge


@pytest.mark.parametrize("shape", [(24, 24), (1, 1), (200, 24), (24, 200)])
def test_a_picture_smaller_than_a_window_is_refused(shape):
    with pytest.raises(ValueError, match=r"^picture must be large enough for a window, got"):
        sliding_windows(np.zeros(shape))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"step": 0}, ValueError, "step must be a whole number from 1"),
        ({"step": 1.5}, TypeError, "step must be a whole number from 1"),
        ({"threshold": 1.5}, ValueError, "threshold must be a number from 0 to 1, got 1.5"),
        ({"overlap": -1}, ValueError, "overlap must be a number from 0 to 1, got -1"),
        ({"picture": np.zeros((200, 200), int)}, TypeError, "picture must hold floats"),
        ({"picture": np.zeros((200, 200)) * np.nan}, ValueError, "picture must not hold NaN"),
        ({"picture": np.zeros((0, 200))}, ValueError, "picture must not be empty"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        detect_faces(np.zeros, **{"picture": np.zeros((200, 200))} | arguments)


BOX = [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (BOX, 1),
        ([10, 30, 30, 50], 1 / 3),
        ([20, 30, 40, 50], 1 / 7),
        ([15, 25, 25, 35], 1 / 4),
        ([0, 0, 100, 100], 0.04),
        ([10, 40, 30, 60], 0),  # side by side
        ([50, 60, 70, 80], 0),
    ],
)
def test_intersection_over_union(other, expected):
    assert intersection_over_union(BOX, [other]) == pytest.approx(expected)
    assert intersection_over_union(other, [BOX]) == pytest.approx(expected)


def test_intersection_over_union_is_symmetrical():
    corners = RNG.uniform(0, 50, (20, 2))
    boxes = np.hstack([corners, corners + RNG.uniform(5, 30, (20, 2))])
    table = np.array([intersection_over_union(box, boxes) for box in boxes])
    np.testing.assert_allclose(table, table.T)
    np.testing.assert_allclose(np.diag(table), 1)
    assert table.min() >= 0
    assert table.max() <= 1 + 1e-12


@pytest.mark.parametrize(("overlap", "left"), [(0.3, [1, 3]), (0.4, [1, 0, 3]), (1, [1, 2, 0, 3])])
def test_suppression_drops_what_lies_on_a_better_box(overlap, left):
    boxes = [[0, 10, 20, 30], [0, 0, 20, 20], [0, 2, 20, 22], [60, 60, 80, 80]]
    assert non_maximum_suppression(boxes, [0.7, 0.9, 0.8, 0.6], overlap).tolist() == left


def test_of_no_boxes_none_is_left():
    assert non_maximum_suppression(np.empty((0, 4)), []).tolist() == []


def test_a_suppressed_box_suppresses_nothing():
    boxes = [[0, 0, 20, 20], [0, 8, 20, 28], [0, 16, 20, 36]]  # the first and the last: 1/9
    assert non_maximum_suppression(boxes, [0.9, 0.8, 0.7], 0.4).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"boxes": np.zeros((2, 3))}, ValueError, "boxes must have shape"),
        ({"boxes": "none"}, TypeError, "boxes must"),
        ({"boxes": np.full((2, 4), np.nan)}, ValueError, "boxes must hold finite numbers"),
        ({"scores": [0.5]}, ValueError, "scores must have shape"),
        ({"overlap": 1.5}, ValueError, "overlap must be a number from 0 to 1, got 1.5"),
    ],
)
def test_suppression_names_bad_arguments(arguments, error, message):
    right = {"boxes": np.eye(4)[:2], "scores": [0.5, 0.4], "overlap": 0.5}
    with pytest.raises(error, match=f"^{message}"):
        non_maximum_suppression(**right | arguments)


def test_grouping_merges_what_overlaps_and_keeps_apart_what_does_not():
    boxes = np.array([[0, 0, 20, 20], [60, 60, 80, 80], [4, 0, 24, 20], [0, 4, 20, 24]], float)
    scores = np.array([0.8, 0.9, 0.4, 0.4])
    first, second = group_windows(boxes, scores)
    assert first.box == pytest.approx((1, 1, 21, 21))  # means weighed by score
    assert (first.score, first.votes) == pytest.approx((0.8, 1.6))
    assert second.box == (60, 60, 80, 80)
    assert (second.score, second.votes) == pytest.approx((0.9, 0.9))


@pytest.mark.parametrize(("overlap", "count"), [(0.1, 1), (0.3, 1), (0.4, 2), (1, 2)])
def test_the_overlap_decides_what_merges(overlap, count):
    boxes = np.array([[0, 0, 20, 20], [0, 10, 20, 30]], float)  # a third in common
    assert len(group_windows(boxes, np.ones(2), overlap)) == count


def test_the_order_of_the_windows_does_not_matter():
    corners = RNG.uniform(0, 60, (30, 2))
    boxes, scores = np.hstack([corners, corners + 20]), RNG.permutation(np.linspace(0.5, 1, 30))
    order = RNG.permutation(30)
    one, other = group_windows(boxes, scores), group_windows(boxes[order], scores[order])
    assert len(one) == len(other) > 1
    for left, right in zip(one, other, strict=True):
        assert left.box == pytest.approx(right.box)
    assert sum(found.votes for found in one) == pytest.approx(scores.sum())
    assert [found.votes for found in one] == sorted((f.votes for f in one), reverse=True)


def test_no_windows_give_no_detections():
    assert group_windows(np.empty((0, 4)), np.empty(0)) == []


def test_windows_without_any_probability_have_no_vote():
    never = lambda images: np.zeros(len(images))  # noqa: E731
    assert detect_faces(never, np.zeros((130, 130)), sizes=(100,), threshold=0) == []


def test_a_box_is_top_left_bottom_right():
    assert Detection(1, 2, 10, 0.9, 3).box == (1, 2, 11, 12)


def standardised(images):
    """Return each image as a row of mean 0 and length 1."""
    rows = images.reshape(len(images), -1)
    return normalize(rows - rows.mean(axis=1, keepdims=True))


def looks_like(face):
    """Return a classifier that knows one face: its correlation with each image."""
    [known] = standardised(to_network_input(face[np.newaxis]))

    def classify(images):
        assert images.shape[1:] == (64, 64, 3)
        return np.clip(standardised(images) @ known, 0, 1)

    return classify


@pytest.mark.parametrize("size", [50, 62])
@pytest.mark.parametrize(("top", "left"), [(10, 15), (55, 70)])
def test_a_planted_face_is_found(lfw_face, size, top, left):
    picture = np.random.default_rng(1).uniform(0.3, 0.6, (130, 140))
    picture[top : top + size, left : left + size] = resize(lfw_face, (size, size))
    best, *others = detect_faces(
        looks_like(lfw_face), picture, sizes=(40, 50, 62), step=2, threshold=0.6
    )
    truth = (top, left, top + size, left + size)
    assert intersection_over_union(truth, [best.box])[0] > 0.6
    assert best.score > 0.8
    assert all(intersection_over_union(truth, [other.box])[0] < 0.3 for other in others)


def test_no_face_is_found_where_there_is_none(lfw_face):
    picture = np.random.default_rng(1).uniform(0.3, 0.6, (130, 140))
    assert detect_faces(looks_like(lfw_face), picture, sizes=(50, 100), threshold=0.6) == []


def test_the_threshold_is_part_of_the_range():
    half = lambda images: np.full(len(images), 0.5)  # noqa: E731
    picture = np.zeros((130, 130))
    assert detect_faces(half, picture, sizes=(100,), threshold=0.5)
    assert not detect_faces(half, picture, sizes=(100,), threshold=0.51)
