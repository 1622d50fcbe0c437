"""The file with which a page runs a network: what it holds, and what it refuses."""

import json

import numpy as np
import pytest

from facebook_tut import models
from facebook_tut._backend import keras
from facebook_tut.export import browser, browser_network, read_header, to_browser


def sequential(*layers):
    return keras.Sequential([keras.Input((8, 8, 3)), *layers])


def test_equal_weights_give_equal_bytes():
    model = models.build_embedder(8, filters=(4, 8))
    assert to_browser(model) == to_browser(model)


def test_a_network_takes_about_a_byte_a_weight():
    model = models.build_classifier()
    assert len(to_browser(model)) < 1.05 * model.count_params()


def test_what_else_is_given_comes_back():
    header = read_header(to_browser({"own": sequential(keras.layers.Flatten())}, {"of": [1, "é"]}))
    assert header["extra"] == {"of": [1, "é"]}
    assert list(header["networks"]) == ["own"]
    assert header["networks"]["own"]["outputs"] == [1]


def test_every_array_of_floats_begins_where_they_can_be_read():
    content = to_browser(models.build_embedder(8, filters=(4, 200)))
    header = read_header(content)
    start = browser.START.size + browser.START.unpack_from(content)[3]
    places = header["arrays"]
    assert all((start + at) % 4 == 0 for at, _ in places["float32"])
    assert sum(size for _, size in places["int8"]) > 0
    last_at, last_size = places["int8"][-1]
    assert start + last_at + last_size == len(content)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([keras.layers.DepthwiseConv2D(3)], "got a DepthwiseConv2D"),
        ([keras.layers.Conv2D(4, 3, activation="tanh")], "got tanh"),
        ([keras.layers.Conv2D(4, 3, dilation_rate=2)], "without groups or dilation"),
        ([keras.layers.Conv2D(4, 3, strides=(1, 2))], "must be square"),
        ([keras.layers.PReLU()], "one slope for a channel"),
        ([keras.layers.ReLU(6.0)], "must be max"),
        ([keras.layers.Permute((3, 1, 2))], "swap rows and columns"),
        ([keras.layers.BatchNormalization()], "must follow a convolution"),
        (
            [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.BatchNormalization()],
            "without an activation",
        ),
    ],
)
def test_what_a_page_does_not_know_is_named(layers, message):
    with pytest.raises(ValueError, match=message):
        to_browser(sequential(*layers))


def test_a_normalisation_whose_layer_has_another_reader_is_refused():
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3)(images)
    y = keras.layers.ReLU()(x)
    model = keras.Model(images, [y, keras.layers.BatchNormalization()(x)])
    with pytest.raises(ValueError, match="must follow a convolution"):
        to_browser(model)


@pytest.mark.parametrize("wrong", [None, "face.keras", np.ones(3), {"a": 3}])
def test_only_networks_are_taken(wrong):
    with pytest.raises(TypeError, match="networks must be networks of Keras"):
        to_browser(wrong)


@pytest.mark.parametrize("at", [0, 4, 9, 60, -1])
def test_a_damaged_file_is_refused(at):
    content = bytearray(to_browser(models.build_embedder(8, filters=(4,))))
    content[at] ^= 1
    with pytest.raises(ValueError, match="content must"):
        read_header(bytes(content))


def test_the_books_networks_come_with_what_pages_need():
    with pytest.raises(ValueError, match="name must be one of face_classifier"):
        browser_network("other")
    header = read_header(browser_network("face_classifier"))
    assert len(header["extra"]["filter"]["weights"]) == 625
    assert json.dumps(header).isascii()
