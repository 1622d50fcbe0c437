"""What an embedder must have, and who has it: classes of one's own as well."""

from types import SimpleNamespace

import numpy as np
import pytest

from facebook_tut.embedders import check_embedder
from facebook_tut.embedders.protocol import _unit_rows

RIGHT = {
    "name": "mean colour",
    "size": 16,
    "fingerprint": "mean colour 1",
    "threshold": 0.9,
    "count_threshold": None,
    "align": lambda picture, landmarks: picture,
    "embed": lambda images: images.mean((1, 2)),
}


def test_whatever_has_the_methods_and_attributes_is_an_embedder():
    embedder = SimpleNamespace(**RIGHT)
    assert check_embedder(embedder) is embedder


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"embed": None}, TypeError, "must have the methods align and embed, got SimpleNamespace"),
        ({"align": 3}, TypeError, "must have the methods align and embed"),
        ({"name": ""}, TypeError, r"other\.name must be a text that is not empty, got ''"),
        ({"fingerprint": None}, TypeError, r"other\.fingerprint must be a text"),
        ({"size": 0}, ValueError, r"other\.size must be"),
        ({"size": None}, TypeError, r"other\.size must be"),
        ({"threshold": 1.5}, ValueError, r"other\.threshold must be a number from -1 to 1"),
        ({"count_threshold": "low"}, TypeError, r"other\.count_threshold must be"),
    ],
)
def test_what_is_missing_or_wrong_is_named(wrong, error, words):
    with pytest.raises(error, match=words):
        check_embedder(SimpleNamespace(**RIGHT | wrong), "other")


def test_a_class_is_not_one_of_its_objects():
    with pytest.raises(TypeError, match="got Colour"):
        check_embedder(type("Colour", (), RIGHT))


def test_rows_get_the_length_one_and_zeros_stay():
    rows = _unit_rows([[3, 4], [0, 0]])
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], rtol=1e-6)
