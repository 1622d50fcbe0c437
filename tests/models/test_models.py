"""The network is the one of the book, and its files are whole or absent."""

import os

import numpy as np
import pytest

from facebook_tut import models, training
from facebook_tut._backend import keras
from facebook_tut.models.embedder import _residual_block

IMAGES = np.random.default_rng(0).random((3, 64, 64, 3), np.float32)
ARCHITECTURE = [  # class, what it was given, its output, its parameters
    ("Conv2D", {"filters": 32, "kernel_size": (3, 3), "activation": "relu"}, (62, 62, 32), 896),
    ("MaxPooling2D", {"pool_size": (2, 2)}, (31, 31, 32), 0),
    ("Conv2D", {"filters": 64, "kernel_size": (3, 3), "activation": "relu"}, (29, 29, 64), 18_496),
    ("MaxPooling2D", {"pool_size": (2, 2)}, (14, 14, 64), 0),
    (
        "Conv2D",
        {"filters": 128, "kernel_size": (3, 3), "activation": "relu"},
        (12, 12, 128),
        73_856,
    ),
    ("MaxPooling2D", {"pool_size": (2, 2)}, (6, 6, 128), 0),
    ("Flatten", {}, (4608,), 0),
    ("Dense", {"units": 512, "activation": "relu"}, (512,), 2_359_808),
    ("Dense", {"units": 1, "activation": "sigmoid"}, (1,), 513),
]


def test_the_architecture(untrained):
    found = []
    for layer, (_, settings, _, _) in zip(untrained.layers, ARCHITECTURE, strict=True):
        config = layer.get_config()
        given = {name: config[name] for name in settings}
        found.append((type(layer).__name__, given, layer.output.shape[1:], layer.count_params()))
    assert found == ARCHITECTURE
    assert untrained.count_params() == 2_453_569 == sum(row[3] for row in ARCHITECTURE)
    assert untrained.input_shape == (None, 64, 64, 3)


def test_the_summary_tells_the_architecture(untrained):
    rows = [(row.name, row.output_shape, row.parameters) for row in models.summarise(untrained)]
    assert rows == [(name, shape, count) for name, _, shape, count in ARCHITECTURE]


def test_multiplications_are_counted_at_every_place_of_every_kernel():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 6, 3)),
            layers.Conv2D(5, 3, strides=2, padding="same"),  # 4 × 3 places, 3·3·3·5 each
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(7),  # 60 × 7
        ]
    )
    assert models.multiplications(model) == 12 * 135 + 420


def test_feature_maps_are_what_each_layer_puts_out(untrained):
    maps = models.feature_maps(untrained, IMAGES)
    assert [one.shape for one in maps] == [(3, *shape) for _, _, shape, _ in ARCHITECTURE]
    np.testing.assert_allclose(maps[-1], untrained.predict(IMAGES, verbose=0), atol=1e-6)
    rows = [
        maps[0][:, ::2, ::2],
        maps[0][:, 1::2, ::2],
        maps[0][:, ::2, 1::2],
        maps[0][:, 1::2, 1::2],
    ]
    np.testing.assert_array_equal(maps[1], np.max(rows, axis=0))


def test_a_saved_network_predicts_the_same(untrained, tmp_path):
    path = models.save_model(untrained, str(tmp_path / "face.keras"))
    again = models.load_model(path)
    for weights, expected in zip(again.get_weights(), untrained.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)
    # One of the two may have been compiled and the other not, which moves the last bit.
    np.testing.assert_allclose(
        again.predict(IMAGES, verbose=0), untrained.predict(IMAGES, verbose=0), rtol=1e-6
    )
    assert [one.name for one in tmp_path.iterdir()] == ["face.keras"]


def test_a_file_is_replaced_only_when_told_so(untrained, tmp_path):
    path = tmp_path / "face.keras"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError, match=r"face\.keras: it exists"):
        models.save_model(untrained, path)
    assert path.read_bytes() == b"old"
    models.save_model(untrained, path, overwrite=True)
    assert models.load_model(path).count_params() == 2_453_569


@pytest.mark.parametrize("name", ["face.h5", "face", "face.keras.txt", ".keras"])
def test_another_suffix_is_refused(untrained, tmp_path, name):
    with pytest.raises(ValueError, match=r"^path must end in \.keras, got"):
        models.save_model(untrained, tmp_path / name)
    assert not any(tmp_path.iterdir())


def test_a_folder_that_is_missing_is_named(untrained, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing"):
        models.save_model(untrained, tmp_path / "missing" / "face.keras")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_writable_is_named(untrained, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="is not writable"):
        models.save_model(untrained, tmp_path / "face.keras")


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("old", [None, b"old"])
def test_an_interrupted_save_changes_nothing(untrained, tmp_path, monkeypatch, error, old):
    path = tmp_path / "face.keras"
    if old:
        path.write_bytes(old)

    def save_half(self, path, *arguments, **options):
        path.write_bytes(b"half")
        raise error("in the middle")

    monkeypatch.setattr(keras.Model, "save", save_half)
    with pytest.raises(error, match="in the middle"):
        models.save_model(untrained, path, overwrite=True)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == (
        {"face.keras": old} if old else {}
    )


DAMAGE = {
    "empty": lambda whole: b"",
    "garbage": lambda whole: b"no network at all" * 100,
    "first half": lambda whole: whole[: len(whole) // 2],
    "last bytes missing": lambda whole: whole[:-100],
    "one bit of the weights": lambda whole: (
        whole[: len(whole) // 2]
        + bytes([whole[len(whole) // 2] ^ 1])
        + whole[len(whole) // 2 + 1 :]
    ),
}


@pytest.fixture(scope="module")
def untrained_file(untrained, tmp_path_factory):
    """The file of `untrained`. Do not write to it."""
    return models.save_model(untrained, tmp_path_factory.mktemp("models") / "untrained.keras")


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_refused_by_name(untrained_file, tmp_path, damage):
    path = tmp_path / "damaged.keras"
    path.write_bytes(damage(untrained_file.read_bytes()))
    with pytest.raises(ValueError, match=r"damaged\.keras is not a"):
        models.load_model(path)


@pytest.mark.parametrize("name", ["missing.keras", "."])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(FileNotFoundError, match="there is no model file"):
        models.load_model(tmp_path / name)


def test_a_file_with_code_in_it_is_refused(tmp_path):
    path = tmp_path / "code.keras"
    with_code = keras.Sequential(
        [keras.Input((2,)), keras.layers.Lambda(lambda values: values + 1)]
    )
    with_code.save(path)
    with pytest.raises(ValueError, match=r"code\.keras is not a \.keras file that can be loaded"):
        models.load_model(path)


# The embedder

SMALL = {"dimensions": 8, "input_shape": (32, 32, 3), "filters": (4, 8)}


@pytest.fixture(scope="module")
def embedder():
    training.set_seed(0)
    return models.build_embedder(**SMALL)


def test_the_embedder_has_a_stem_and_residual_stages_that_halve_the_map():
    model = models.build_embedder()
    assert model.name == "face_embedder"
    assert (model.input_shape, model.output_shape) == ((None, 64, 64, 3), (None, 128))
    sums = [layer.output.shape[1:] for layer in model.layers if type(layer).__name__ == "Add"]
    assert sums == [(32, 32, 32), (16, 16, 64), (8, 8, 128), (4, 4, 256)]
    deep = models.build_embedder(blocks=2, filters=(4, 8))
    sums = [layer.output.shape[1:] for layer in deep.layers if type(layer).__name__ == "Add"]
    assert sums == [(32, 32, 4)] * 2 + [(16, 16, 8)] * 2


def test_the_embedders_parameters_are_those_counted_by_hand(embedder):
    def convolution(size, inputs, outputs):  # and its batch normalisation: four numbers a channel
        return size * size * inputs * outputs + 4 * outputs

    stem = convolution(3, 3, 4)
    first = 2 * convolution(3, 4, 4)
    second = convolution(3, 4, 8) + convolution(3, 8, 8) + convolution(1, 4, 8)
    dense = 8 * 8 * 8 * 8 + 4 * 8  # an 8×8 map of 8 channels to 8 dimensions
    assert embedder.count_params() == stem + first + second + dense


def test_a_residual_block_is_relu_of_its_sum():
    """With all convolutions at 0, what went in comes out."""
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype("float32")
    inputs = keras.Input((6, 6, 4))
    block = keras.Model(inputs, _residual_block(inputs, 4, 1))
    block.set_weights([np.zeros_like(w) if w.ndim == 4 else w for w in block.get_weights()])
    np.testing.assert_allclose(block.predict(x, verbose=0), np.maximum(x, 0), atol=1e-6)


def test_embeddings_have_length_one_and_differ(embedder):
    images = np.random.default_rng(0).random((5, 32, 32, 3), np.float32)
    found = embedder.predict(images, verbose=0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert np.abs(found - found[0])[1:].max(axis=1).min() > 1e-3


def test_the_embedder_centres_its_input_itself(embedder):
    rescaling = embedder.layers[1]
    ends = keras.ops.convert_to_numpy(rescaling(np.array([0.0, 0.5, 1.0], "float32")))
    np.testing.assert_allclose(ends, [-1, 0, 1])


def test_a_saved_embedder_gives_the_same_embeddings(embedder, tmp_path):
    images = np.random.default_rng(0).random((3, 32, 32, 3), np.float32)
    path = models.save_model(embedder, tmp_path / "embedder.keras")
    again = models.load_model(path)  # which refuses code, so no Lambda is in it
    np.testing.assert_array_equal(
        again.predict(images, verbose=0), embedder.predict(images, verbose=0)
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"dimensions": 0}, ValueError, "dimensions must be a whole number from 1"),
        ({"filters": ()}, ValueError, r"filters must hold .*, got \(\)"),
        ({"filters": (8, 0)}, ValueError, r"filters must hold .*, got \(8, 0\)"),
        ({"filters": 8}, TypeError, "filters must hold .*, got 8"),
        ({"blocks": 0}, ValueError, "blocks must be a whole number from 1"),
        ({"blocks": (1, 1)}, ValueError, "one for each of the 4 stages"),
        ({"blocks": (1, 0, 1, 1)}, ValueError, "1 or more for the others"),
        ({"dropout": 1.0}, ValueError, "dropout must be a number from 0 to 0.99"),
    ],
)
def test_a_wrong_layout_is_named(options, error, message):
    with pytest.raises(error, match=message):
        models.build_embedder(**options)
