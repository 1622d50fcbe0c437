"""scikit-image's cascade finds faces, on the same windows on every processor, and near an edge."""

from xml.etree import ElementTree

import numpy as np
import pytest
import skimage.data
from skimage.transform import resize

from facebook_tut.detection import (
    cascade,
    cascade_sizes,
    cascade_smallest,
    cascade_windows,
    detect_with_cascade,
    intersection_over_union,
)
from facebook_tut.preprocessing import grayscale

EYES, MOUTH = [(203, 100), (246, 102)], (224, 144)  # (x, y) of Eileen Collins', by hand


@pytest.fixture(scope="module")
def astronaut():
    return skimage.data.astronaut()


@pytest.mark.parametrize("edge", [512, 250, 160])
def test_the_cascade_finds_the_one_face(astronaut, edge):
    picture = resize(astronaut, (edge, edge))
    [face] = detect_with_cascade(picture, smallest=edge / 6.4)
    top, left, bottom, right = np.array(face.box) * 512 / edge
    for x, y in (*EYES, MOUTH):
        assert left < x < right
        assert top < y < bottom
    middle = (top + bottom) / 2
    assert all(y < middle < MOUTH[1] for _, y in EYES)
    assert face.score == 1
    assert face.votes >= 5


def test_the_cascade_reads_every_kind_of_picture(astronaut):
    part = astronaut[20:220, 120:320]
    grey = (part @ [0.2125, 0.7154, 0.0721]).round().astype(np.uint8)
    rgb = np.repeat(grey[..., np.newaxis], 3, axis=2)
    rgba = np.dstack([rgb, np.full(grey.shape, 9, np.uint8)])
    [expected] = detect_with_cascade(grey)
    for picture in (rgb, rgba, grey / 255, (rgb / 255).astype(np.float32)):
        [found] = detect_with_cascade(picture)
        assert found.box == pytest.approx(expected.box, abs=1)
    [again] = detect_with_cascade(grey)
    assert again == expected


def test_the_cascade_keeps_shape_and_place(astronaut):
    high, wide = astronaut[20:320, 140:300], astronaut[20:180, 60:400]
    [from_high], [from_wide] = detect_with_cascade(high), detect_with_cascade(wide)
    for face, left in ((from_high, 140), (from_wide, 60)):
        box = np.add(face.box, (20, left, 20, left))
        assert intersection_over_union(box, [(66, 174, 173, 282)])[0] > 0.7


def test_the_cascade_finds_two_faces(astronaut):
    face = astronaut[30:210, 130:310]
    both = detect_with_cascade(np.hstack([face, face]), smallest=50)
    assert len(both) == 2
    left, right = sorted(both, key=lambda face: face.left)
    assert right.left - left.left == pytest.approx(180, abs=8)


def test_the_cascade_finds_nothing_where_there_is_nothing():
    assert detect_with_cascade(np.zeros((60, 80))) == []
    assert detect_with_cascade(skimage.data.brick()) == []
    assert detect_with_cascade(np.random.default_rng(0).random((24, 24))) == []


def test_a_face_that_fills_the_photograph_is_found_with_a_margin_alone(astronaut):
    tight = astronaut[75:165, 182:272]
    [face] = detect_with_cascade(tight)
    assert intersection_over_union(face.box, [(-9, -8, 98, 100)])[0] > 0.7
    assert detect_with_cascade(tight, margin=0) == []


@pytest.mark.parametrize("factor", [6, 9])
def test_a_large_photograph_is_averaged_in_blocks_and_its_box_is_the_same(astronaut, factor):
    part = astronaut[20:220, 120:320]
    [small] = detect_with_cascade(part, smallest=60)
    [large] = detect_with_cascade(part.repeat(factor, 0).repeat(factor, 1), smallest=60 * factor)
    assert np.divide(large.box, factor) == pytest.approx(np.array(small.box), abs=4)


def test_the_smallest_face_is_in_pixels_until_the_search_would_take_long():
    assert cascade_smallest((600, 800)) == cascade_smallest((1200, 1400)) == 60
    assert cascade_smallest((40, 800)) == 40
    assert 100 < cascade_smallest((3000, 4000)) < 160  # 12 megapixels
    for shape in ((3000, 4000), (5774, 8660)):
        searched = np.prod(shape) * (24 / cascade_smallest(shape)) ** 2
        assert searched == pytest.approx(cascade.CASCADE_MOST)


class Windows:
    """Stand in for a cascade: say yes to the windows given."""

    def __init__(self, boxes):
        self.boxes = boxes

    def detect_multi_scale(self, pixels, scale_factor, step_ratio, least, *others):
        asked = int(least[0])
        return [{"r": r, "c": c, "height": s, "width": s} for r, c, s in self.boxes if s == asked]


def test_votes_count_the_windows_in_whatever_order_threads_report_them(monkeypatch):
    boxes = [(10, 10, 32), (11, 10, 32), (10, 12, 32), (60, 60, 43), (62, 60, 43), (100, 5, 24)]
    answers = set()
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(boxes))
        shuffled = Windows([boxes[i] for i in order])
        monkeypatch.setattr(cascade, "_cascade", lambda stages, windows=shuffled: windows)
        answers.add(
            tuple(detect_with_cascade(np.zeros((150, 150)), smallest=24, votes=2, margin=0))
        )
    [(first, second)] = answers
    assert (first.votes, second.votes) == (3, 2)
    assert first.box == pytest.approx((31 / 3, 32 / 3, 127 / 3, 128 / 3))
    assert second.box == (61, 60, 104, 103)
    assert len(detect_with_cascade(np.zeros((150, 150)), smallest=24, votes=0, margin=0)) == 3


def test_the_best_backed_window_leads_its_group(monkeypatch):
    boxes = [(0, 0, 26), (0, 10, 26), (0, 20, 26)]  # a chain: only the middle overlaps both others
    monkeypatch.setattr(cascade, "_cascade", lambda stages: Windows(boxes))
    [face] = detect_with_cascade(np.zeros((100, 100)), smallest=24, votes=1, margin=0)
    assert (face.votes, face.left) == (3, 10)


# Processors differ in the last bits of a power: the cascade must not.


@pytest.fixture
def other_processor(monkeypatch):
    """A function: let NumPy's powers be so many units in the last place off from now on."""
    power = np.power

    def nudge(units):
        def nudged(*arguments, **options):
            exact = power(*arguments, **options)
            return (exact.view(np.int32) + units).view(np.float32)

        monkeypatch.setattr(np, "power", nudged)

    return nudge


def test_skimages_own_search_hangs_on_the_last_bit(astronaut, other_processor):
    """Why `cascade_windows` is there: when this fails, scikit-image has been mended."""
    search, answers = cascade._cascade(20), []
    for units in (-2, 0, 2):
        other_processor(units)
        answers.append(search.detect_multi_scale(astronaut, 1.2, 1, (60, 60), (250, 250)))
    assert any(answer != answers[0] for answer in answers)


def test_the_same_windows_come_from_powers_a_few_units_off(astronaut, other_processor):
    face = astronaut[40:200, 140:300]
    windows = cascade_windows(face)
    assert len(windows) > 10
    for units in (-8, -4, -1, 1, 4, 8):
        other_processor(units)
        np.testing.assert_array_equal(cascade_windows(face), windows)


@pytest.mark.parametrize("size", [24, 25, 36, 60, 240, 1000, 4096])
def test_no_feature_of_a_window_is_close_to_a_whole_pixel(size):
    features = ElementTree.parse(skimage.data.lbp_frontal_face_cascade_filename())
    numbers = {int(n) for rect in features.iterfind(".//rect") for n in rect.text.split()} | {24}
    for scale in (size + 0.02) / 24 * np.float32(1 + np.array([-1e-6, 1e-6])):
        for number in numbers:  # exact division of whole numbers on the right
            assert int(np.float32(number) * np.float32(scale)) == number * size // 24


@pytest.mark.parametrize("units", [-1, 1])
def test_the_same_windows_come_from_grey_values_a_unit_off(astronaut, units):
    grey = grayscale(astronaut)[40:200, 140:300]
    inside = (grey > 0.01) & (grey < 0.99)
    nudged = np.where(inside, (grey.view(np.int64) + units).view(float), grey)
    np.testing.assert_array_equal(cascade_windows(nudged), cascade_windows(grey))
    half = resize(grey, (80, 80))  # means of two by two pixels: many lie between two levels
    other = np.clip(np.nextafter(half, units), 0, 1)
    np.testing.assert_array_equal(cascade_windows(other), cascade_windows(half))


def test_windows_are_sorted_and_of_the_sizes_asked_for(astronaut):
    windows = cascade_windows(astronaut, [100, 72, 100, 600])
    top, left, bottom, right = windows.T
    assert set(bottom - top) == {72, 100}
    np.testing.assert_array_equal(right - left, bottom - top)
    order = np.lexsort((left, top, bottom - top))
    np.testing.assert_array_equal(order, np.arange(len(windows)))
    np.testing.assert_array_equal(windows, cascade_windows(astronaut, (72, 100)))


def test_each_stage_rejects_some_of_the_windows(astronaut):
    left = [len(cascade_windows(astronaut, [100], stages=count)) for count in range(1, 21)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 10 * left[9] > 10 * left[19] > 0


def test_window_sizes_of_the_cascade_are_whole_numbers_on_every_machine():
    assert cascade_sizes((23, 90)) == []
    assert cascade_sizes((24, 90)) == [24]
    sizes = cascade_sizes((10_000, 9_000))
    assert sizes[-1] <= 4096 < sizes[-1] * 1.1
    assert all(type(size) is int for size in sizes)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sizes": [23]}, ValueError, "sizes must be a whole number from 24 to 4096, got 23"),
        ({"sizes": [30.5]}, TypeError, "sizes must be a whole number"),
        ({"stages": 0}, ValueError, "stages must be a whole number from 1 to 20, got 0"),
        ({"picture": np.zeros(9)}, ValueError, r"picture must have shape \(H, W\)"),
    ],
)
def test_bad_arguments_of_the_cascades_windows_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        cascade_windows(**{"picture": np.zeros((90, 90))} | arguments)


def test_no_window_fits():
    assert cascade_windows(np.zeros((23, 90))).shape == (0, 4)
    assert cascade_windows(np.zeros((90, 90)), [91]).shape == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"picture": np.zeros((23, 90))}, ValueError, "picture must be large enough for a window"),
        ({"picture": np.zeros((90, 90), int)}, TypeError, "picture must hold floats"),
        ({"picture": np.full((90, 90), np.nan)}, ValueError, "picture must not hold NaN"),
        ({"picture": np.zeros(9)}, ValueError, r"picture must have shape \(H, W\)"),
        ({"smallest": 23}, ValueError, "smallest must be a number from 24 to 90, got 23"),
        ({"smallest": 91}, ValueError, "smallest must be a number from 24 to 90, got 91"),
        ({"smallest": "24"}, TypeError, "smallest must be a number"),
        ({"votes": -1}, ValueError, "votes must be a number from 0"),
        ({"overlap": 2}, ValueError, "overlap must be a number from 0 to 1, got 2"),
        ({"margin": -1}, ValueError, "margin must be a number from 0 to 1, got -1"),
    ],
)
def test_bad_arguments_of_the_cascade_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        detect_with_cascade(**{"picture": np.zeros((90, 90))} | arguments)
