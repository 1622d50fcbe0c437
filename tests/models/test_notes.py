"""What a network's file says of its classes comes back, and from anybody nothing else does."""

import json
import zipfile

import numpy as np
import pytest

from facebook_tut import models
from facebook_tut._backend import keras
from facebook_tut.models import Notes, add_notes, notes_of

DIGESTS = ("0" * 64, "f" * 64)
NOTES = Notes(["Ärger", '猫 "❤️"\n'], colour=True, seed=3, trained=DIGESTS, validated=["a" * 64])


def network(outputs=1):
    end = keras.layers.Dense(outputs, activation="sigmoid" if outputs == 1 else "softmax")
    return keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), end])


@pytest.fixture
def saved(tmp_path):
    """The file of a network with notes."""
    return models.save_model(add_notes(network(), NOTES), tmp_path / "a.keras")


def test_notes_come_back_with_the_network(saved):
    model = models.load_model(saved)
    assert notes_of(model) == NOTES
    again = models.save_model(model, saved.with_name("b.keras"))
    assert notes_of(models.load_model(again)) == NOTES


def test_keras_itself_reads_a_file_with_notes(saved):
    images = np.random.default_rng(0).random((2, 64, 64, 3), np.float32)
    one, other = keras.saving.load_model(saved), models.load_model(saved)
    np.testing.assert_array_equal(*(m.predict(images, verbose=0) for m in (one, other)))


def test_a_file_without_notes_is_of_the_books_classifier(tmp_path):
    for outputs, names in ((1, ("non-face", "face")), (3, ("0", "1", "2"))):
        path = models.save_model(network(outputs), tmp_path / f"{outputs}.keras")
        with zipfile.ZipFile(path) as archive:
            assert "facebook_tut" not in json.loads(archive.read("metadata.json"))
        notes = notes_of(models.load_model(path))
        assert (notes.class_names, notes.colour, notes.trained) == (names, outputs > 1, frozenset())


def test_there_is_a_name_for_each_class():
    with pytest.raises(ValueError, match="notes must name each class, got 2 names and 3 outputs"):
        add_notes(network(3), NOTES)
    with pytest.raises(TypeError, match=r"notes must be models\.Notes, got dict"):
        add_notes(network(), {})


WRONG = {
    "no names": {"class_names": []},
    "one name": {"class_names": ["a"]},
    "twice": {"class_names": ["a", "a"]},
    "numbers": {"class_names": [1, 2]},
    "a text": {"class_names": "ab"},
    "too many": {"class_names": ["a", "b", "c"]},
    "too long": {"class_names": ["a", "b" * 1001]},
    "half a pair": {"class_names": ["a", "\ud800"]},
    "colour": {"colour": "yes"},
    "seed": {"seed": -1},
    "digests": {"trained": ["a"]},
    "a number of digests": {"validated": 3},
    "more": {"command": "ls"},
    "a list": [],
    "a name": "cat",
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_notes_from_anybody_are_checked(saved, wrong):
    with zipfile.ZipFile(saved) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(parts["metadata.json"])
    parts["metadata.json"] = json.dumps({**metadata, "facebook_tut": wrong})
    with zipfile.ZipFile(saved, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=r"a\.keras is not a \.keras file that can") as caught:
        models.load_model(saved)
    assert "\n" not in str(caught.value)
