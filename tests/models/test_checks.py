"""What a network must be before it is used: one input, one output, of the kind that is wanted."""

import numpy as np
import pytest

from facebook_tut import export, models, pretrained
from facebook_tut._backend import keras

layers = keras.layers
IMAGES = keras.Input((64, 64, 3))
FLAT = layers.Flatten()(layers.AveragePooling2D(16)(IMAGES))


def embedder(output, images=IMAGES):
    return keras.Model(images, output)


def with_weight(model, value):
    kernel = model.trainable_weights[0]
    array = keras.ops.convert_to_numpy(kernel).copy()
    array.flat[0] = value
    kernel.assign(array)
    return model


def unit(dimensions=4):
    return layers.UnitNormalization()(layers.Dense(dimensions)(FLAT))


def two_inputs():
    other = keras.Input((4,))
    return keras.Model([IMAGES, other], layers.Add()([unit(), other]))


CLASSIFIERS = {
    "dense": lambda: embedder(layers.Dense(1, activation="sigmoid")(FLAT)),
    "activation": lambda: embedder(layers.Activation("sigmoid")(layers.Dense(1)(FLAT))),
    "operation": lambda: embedder(keras.ops.sigmoid(layers.Dense(1)(FLAT))),
    "input in a list": lambda: embedder(layers.Dense(1, activation="sigmoid")(FLAT), [IMAGES]),
    "nested": lambda: keras.Sequential([keras.Input((64, 64, 3)), CLASSIFIERS["dense"]()]),
}


@pytest.mark.parametrize("build", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_a_classifier_passes_as_it_is(build):
    model = build()
    assert models.check_classifier(model) is model


@pytest.mark.parametrize("build", [unit, lambda: unit(2)])
def test_an_embedder_passes_as_it_is(build):
    for images in (IMAGES, [IMAGES]):
        model = embedder(build(), images)
        assert models.check_embedder(model) is model


def test_the_networks_that_come_along_pass():
    models.check_embedder(pretrained.load_embedder())
    small = models.build_embedder(8, input_shape=(16, 16, 3), filters=(4,))
    models.check_embedder(export.LiteRTEmbedder(export.to_litert(small)))


NEITHER = {
    "None": (lambda: None, TypeError, "got NoneType"),
    "text": (lambda: "face.keras", TypeError, "got str"),
    "a layer": (lambda: layers.Dense(1), TypeError, "got Dense"),
    "an optimiser": (lambda: keras.optimizers.Adam(), TypeError, "got Adam"),
    "a dict": (lambda: {}, TypeError, "got dict"),
    "a list": (lambda: [models.build_classifier()], TypeError, "got list"),
    "unbuilt": (lambda: keras.Sequential([layers.Dense(1)]), ValueError, "built"),
    "empty": (lambda: keras.Sequential(name="none"), ValueError, "built, which 'none' is not"),
    "two outputs": (lambda: embedder([unit(), unit()]), ValueError, "one output, got"),
    "named output": (lambda: embedder({"a": unit()}), ValueError, "one output without a name"),
    "two inputs": (two_inputs, ValueError, "one input, got"),
    "vectors": (
        lambda: keras.Sequential([keras.Input((4,)), layers.Dense(1, activation="sigmoid")]),
        ValueError,
        r"got one from \(None, 4\)",
    ),
}


@pytest.mark.parametrize(("build", "error", "message"), NEITHER.values(), ids=NEITHER)
@pytest.mark.parametrize("check", [models.check_classifier, models.check_embedder])
def test_what_is_neither_is_refused_by_name(check, build, error, message):
    with pytest.raises(error, match=f"^a/b.keras must .*{message}"):
        check(build(), "a/b.keras")


def classifier(output=1, activation="sigmoid", images=IMAGES, flat=FLAT):
    return keras.Model(images, layers.Dense(output, activation=activation)(flat))


def small_classifier():
    images = keras.Input((32, 32, 3))
    return classifier(images=images, flat=layers.Flatten()(images))


def huge_classifier():
    flat = layers.GlobalAveragePooling2D()(layers.UpSampling2D(100_000)(IMAGES))
    return classifier(flat=flat)


NO_CLASSIFIER = {
    "logits": (lambda: classifier(activation=None), "end in a sigmoid"),
    "another activation": (lambda: classifier(activation="relu"), "end in a sigmoid"),
    "sigmoid before the end": (
        lambda: embedder(layers.Rescaling(2.0)(layers.Dense(1, activation="sigmoid")(FLAT))),
        "end in a sigmoid, .* got 'rescaling",
    ),
    "two classes": (lambda: classifier(2), r"to \(None, 2\)"),
    "an embedder": (lambda: embedder(unit()), r"to \(None, 4\)"),
    "smaller images": (small_classifier, r"got one from \(None, 32, 32, 3\)"),
    "NaN": (lambda: with_weight(classifier(), np.nan), "finite weights, those of 'dense"),
    "infinity": (lambda: with_weight(classifier(), -np.inf), "finite weights, those of 'dense"),
    "more than memory": (huge_classifier, "268,435,456 numbers at most"),
}


@pytest.mark.parametrize(("build", "message"), NO_CLASSIFIER.values(), ids=NO_CLASSIFIER)
def test_what_is_no_classifier_is_refused(build, message):
    with pytest.raises(ValueError, match=f"^model must .*{message}"):
        models.check_classifier(build())


def of_images(*shape):
    images = keras.Input(shape)
    dense = layers.Dense(4)(layers.Flatten()(images))
    return embedder(layers.UnitNormalization()(dense), images)


def one_point():
    model = embedder(layers.UnitNormalization()(layers.Dense(4, bias_initializer="ones")(FLAT)))
    dense = model.layers[-2]
    dense.kernel.assign(np.zeros_like(dense.kernel))
    return model


NO_EMBEDDER = {
    "a classifier": (models.build_classifier, r"D from 2, got one .* to \(None, 1\)"),
    "a map": (lambda: embedder(layers.Conv2D(4, 3)(IMAGES)), r"to \(None, 62, 62, 4\)"),
    "oblong images": (lambda: of_images(32, 16, 3), r"square RGB images"),
    "grey images": (lambda: of_images(16, 16, 1), "take square RGB images"),
    "any length": (lambda: embedder(layers.Dense(4)(FLAT)), "embeddings of length 1, got one of"),
    "zero": (lambda: embedder(layers.Rescaling(0.0)(unit())), "length 1, got one of 0"),
    "NaN": (lambda: embedder(layers.Rescaling(np.nan)(unit())), "one finite embedding"),
    "NaN in a weight": (lambda: with_weight(embedder(unit()), np.nan), "finite weights"),
    "one point for all": (one_point, "tell images apart"),
}


@pytest.mark.parametrize(("build", "message"), NO_EMBEDDER.values(), ids=NO_EMBEDDER)
def test_what_is_no_embedder_is_refused(build, message):
    with pytest.raises(ValueError, match=f"^model must .*{message}"):
        models.check_embedder(build())
