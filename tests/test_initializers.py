"""Initial weights: those of Keras in kind, and of the size that keeps signals."""

import numpy as np
import pytest

from facebook_tut import initializers, layers

SHAPES = [(400, 300), (3, 3, 32, 64)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("glorot_uniform", "GlorotUniform"),
        ("he_uniform", "HeUniform"),
        ("random_normal", "RandomNormal"),
    ],
)
def test_they_are_those_of_keras_in_kind(shape, ours, theirs):
    from facebook_tut._backend import keras

    ours = getattr(initializers, ours)(shape, np.random.default_rng(0))
    theirs = getattr(keras.initializers, theirs)(seed=0)(shape)
    theirs = keras.ops.convert_to_numpy(theirs)
    assert ours.dtype == theirs.dtype
    assert ours.std() == pytest.approx(theirs.std(), rel=0.02)
    own, others = (np.quantile(np.abs(weights), [0.5, 0.99]) for weights in (ours, theirs))
    np.testing.assert_allclose(own, others, rtol=0.05)  # the shape of the distribution as well


@pytest.mark.parametrize("shape", SHAPES)
def test_the_fans_are_what_an_output_sums_and_an_input_feeds(shape):
    taps = np.ones(shape)
    axes = tuple(range(len(shape)))
    assert initializers.fans(shape) == (taps.sum(axes[:-1])[0], taps.sum((*axes[:-2], axes[-1]))[0])


@pytest.mark.parametrize(
    ("initializer", "activation", "gain"),
    [
        (initializers.he_uniform, layers.relu, 1.0),
        (initializers.glorot_uniform, layers.relu, 0.5),  # ReLU halves the mean square
        (initializers.glorot_uniform, lambda z: z, 1.0),
    ],
)
def test_the_mean_square_is_kept_or_halved_in_each_layer(initializer, activation, gain):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 512)).astype(np.float32)
    depth = 8
    for _ in range(depth):
        x = activation(x @ initializer((512, 512), rng))
    assert np.mean(x**2) ** (1 / depth) == pytest.approx(gain, rel=0.1)


@pytest.mark.parametrize(
    "make", [lambda **o: layers.Dense(4, **o), lambda **o: layers.Conv2D(4, 3, **o)]
)
def test_a_layer_takes_another_initializer(make):
    layer = make(initializer=lambda shape, rng: np.full(shape, 0.5, np.float32))
    layer.build((7,) if isinstance(layer, layers.Dense) else (7, 7, 2), np.random.default_rng(0))
    assert (layer.parameters["kernel"] == 0.5).all()
    assert (layer.parameters["bias"] == 0).all()
    with pytest.raises(TypeError, match="initializer must be a function"):
        make(initializer="he")
