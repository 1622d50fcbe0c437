"""What a caller may pass in; a refusal names the argument, what is wanted and what came."""

import numpy as np
import pytest

from facebook_tut import _validation
from facebook_tut.data import Dataset

GOOD = np.full((2, 64, 64, 3), 0.5)


def with_value(value):
    images = GOOD.copy()
    images[1, 2, 3, 0] = value
    return images


BAD_IMAGES = {
    "uint8": (GOOD.astype(np.uint8), TypeError, "floats from 0 to 1, got dtype uint8"),
    "text": (np.array(["a"]), TypeError, "got dtype <U1"),
    "one picture": (GOOD[0], ValueError, r"shape \(N, 64, 64, 3\), got \(64, 64, 3\)"),
    "another size": (GOOD[:, :32], ValueError, r"shape \(N, 64, 64, 3\), got \(2, 32, 64, 3\)"),
    "channels first": (np.moveaxis(GOOD, 3, 1), ValueError, r"got \(2, 3, 64, 64\)"),
    "none": (GOOD[:0], ValueError, r"not be empty, got shape \(0, 64, 64, 3\)"),
    "NaN": (with_value(np.nan), ValueError, "not hold NaN, got 1 of them"),
    "infinite": (with_value(np.inf), ValueError, "values from 0 to 1, got 0.5 to inf"),
    "up to 255": (with_value(255.0), ValueError, "values from 0 to 1, got 0.5 to 255"),
    "negative": (with_value(-0.1), ValueError, "values from 0 to 1, got -0.1 to 0.5"),
}


@pytest.mark.parametrize(("images", "error", "message"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_bad_images_are_refused(images, error, message):
    with pytest.raises(error, match=f"^photos must .*{message}$"):
        _validation.check_images("photos", images)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_images_become_float32(dtype):
    checked = _validation.check_images("images", GOOD.astype(dtype))
    assert checked.dtype == np.float32
    np.testing.assert_array_equal(checked, GOOD)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_both_ends_of_the_range_are_allowed(value):
    assert _validation.check_images("images", with_value(value))[1, 2, 3, 0] == value


@pytest.mark.parametrize(
    ("picture", "error", "message"),
    [
        (np.zeros((4, 4), int), TypeError, "floats from 0 to 1 or uint8, got dtype int64"),
        (np.zeros((4, 4), bool), TypeError, "floats from 0 to 1 or uint8, got dtype bool"),
        (np.zeros((4, 4, 2)), ValueError, r"got \(4, 4, 2\)"),
        (np.zeros((1, 4, 4, 3)), ValueError, r"got \(1, 4, 4, 3\)"),
        (np.zeros((0, 4), np.uint8), ValueError, r"not be empty, got shape \(0, 4\)"),
        (np.full((4, 4), np.nan), ValueError, "not hold NaN, got 16 of them"),
        (np.full((4, 4), 255.0), ValueError, "values from 0 to 1, got 255 to 255"),
    ],
)
def test_bad_pictures_are_refused(picture, error, message):
    with pytest.raises(error, match=f"^photo must .*{message}$"):
        _validation.check_picture("photo", picture)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], r"shape \(N,\) with N >= 1, got \(0,\)"),
        ([[0], [1]], r"shape \(N,\) with N >= 1, got \(2, 1\)"),
        ([0, 2], "only 0 and 1, got 2"),
        ([0, np.nan], "only 0 and 1, got nan"),
        (["face", "none"], "only 0 and 1, got dtype <U4"),
        ([0, 1, 1], "length 2, one per image, got 3"),
    ],
)
def test_bad_labels_are_refused(labels, message):
    with pytest.raises((TypeError, ValueError), match=f"^truth must (have|hold) {message}"):
        _validation.check_labels("truth", labels, 2)


@pytest.mark.parametrize("labels", [[True, False], [1, 0], np.array([1, 0], np.uint8), (1.0, 0.0)])
def test_labels_of_any_kind_become_float32(labels):
    checked = _validation.check_labels("labels", labels, 2)
    assert (checked.dtype, checked.tolist()) == (np.float32, [1, 0])


@pytest.mark.parametrize(
    ("value", "error"),
    [
        *[(value, ValueError) for value in (0, 11, -1)],
        *[(value, TypeError) for value in (2.5, 3.0, np.nan, True, "3", None)],
    ],
)
def test_bad_whole_numbers_are_refused(value, error):
    with pytest.raises(error, match=f"^n must be a whole number from 1 to 10, got {value!r}$"):
        _validation.check_number("n", value, 1, 10, integer=True)


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.1])
def test_bad_numbers_are_refused(value):
    with pytest.raises(ValueError, match=r"^share must be a number from 0 to 1, got"):
        _validation.check_number("share", value, 0, 1)


@pytest.mark.parametrize("value", [1, 10, np.int64(4), np.uint8(4)])
def test_whole_numbers_of_any_library_pass(value):
    assert _validation.check_number("n", value, 1, 10, integer=True) == value


def test_a_data_set_names_what_is_wrong_with_it():
    with pytest.raises(ValueError, match=r"^labels must have length 2, one per image, got 3"):
        Dataset(GOOD, [0, 1, 1], ["a", "b"])
    with pytest.raises(ValueError, match=r"^sources must have length 2, one per image, got"):
        Dataset(GOOD, [0, 1], ["a", "b", "c"])
    with pytest.raises(ValueError, match=r"^images must not hold NaN"):
        Dataset(with_value(np.nan), [0, 1], ["a", "b"])


def test_a_data_set_tells_faces_from_nonfaces():
    images = np.stack([np.full((64, 64, 3), value) for value in (0.1, 0.2, 0.3)])
    three = Dataset(images, [0, 1, 0], list("abc"))
    assert three.faces[:, 0, 0, 0].tolist() == [np.float32(0.2)]
    assert three.nonfaces[:, 0, 0, 0].tolist() == [np.float32(0.1), np.float32(0.3)]
