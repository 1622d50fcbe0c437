"""DP-SGD: each gradient its own and cut, the noise as large as said, and plain SGD without both."""

import numpy as np
import pytest

from facebook_tut import training
from facebook_tut._backend import keras
from facebook_tut.privacy import accountant
from facebook_tut.privacy.dpsgd import (
    clip_gradients,
    fit_private,
    noisy_mean,
    per_example_gradients,
)

LOSS = keras.losses.sparse_categorical_crossentropy
RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((12, 8, 8, 1)).astype(np.float32), np.arange(12) % 3


def network():
    training.set_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def small_network():
    """A network that is compiled sooner, where it matters not which."""
    training.set_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )


@pytest.fixture(scope="module")
def gradients():
    return per_example_gradients(network(), LOSS, IMAGES, LABELS)


def lengths_of(gradients):
    flat = np.concatenate([np.reshape(g, (len(g), -1)) for g in gradients], axis=1)
    return np.linalg.norm(flat.astype(np.float64), axis=1)


def test_each_gradient_is_that_of_its_picture_alone(gradients):
    model = network()
    for n in (0, 5, 11):
        alone = per_example_gradients(model, LOSS, IMAGES[n : n + 1], LABELS[n : n + 1])
        for together, one in zip(gradients, alone, strict=True):
            np.testing.assert_allclose(together[n], one[0], atol=1e-6)


def test_gradients_are_cut_to_the_length_and_no_shorter_one_is_touched(gradients):
    before = lengths_of(gradients)
    norm = float(np.median(before))
    clipped, lengths = clip_gradients(gradients, norm)
    np.testing.assert_allclose(lengths, before, rtol=1e-5)
    np.testing.assert_allclose(lengths_of(clipped), np.minimum(before, norm), rtol=1e-6)
    for old, new in zip(gradients, clipped, strict=True):  # the direction stays
        factors = np.minimum(1, norm / before).reshape(-1, *[1] * (old.ndim - 1))
        np.testing.assert_allclose(new, old * factors, rtol=1e-4, atol=1e-7)
    short = before < norm
    for old, new in zip(gradients, clipped, strict=True):
        np.testing.assert_array_equal(np.asarray(new)[short], np.asarray(old)[short])


def test_a_gradient_of_zeros_stays_one():
    clipped, lengths = clip_gradients([np.zeros((2, 3), np.float32)], 1.0)
    assert not np.any(clipped[0]) and not np.any(lengths)


def test_the_noise_has_its_deviation_and_stands_on_the_sum():
    zeros = [np.zeros((7, 300, 300)), np.zeros((7, 500))]
    large, small = noisy_mean(zeros, norm=2.0, noise=1.5, batch_size=10, rng=RNG)
    assert large.std() == pytest.approx(2.0 * 1.5 / 10, rel=0.01)
    assert small.std() == pytest.approx(2.0 * 1.5 / 10, rel=0.1)
    assert abs(large.mean()) < 0.01
    ones = [np.ones((7, 300, 300))]
    assert noisy_mean(ones, 2.0, 1.5, 10, RNG)[0].mean() == pytest.approx(0.7, abs=0.01)


def test_without_noise_and_clipping_a_step_is_one_of_sgd():
    private, plain = network(), network()
    fit_private(
        private, IMAGES, LABELS, norm=np.inf, noise=0, batch_size=12, epochs=3, learning_rate=0.5
    )
    plain.compile(keras.optimizers.SGD(0.5), LOSS)
    plain.optimizer.build(plain.trainable_variables)  # else Keras traces the first step twice
    for _ in range(3):
        plain.train_on_batch(IMAGES, LABELS)
    for ours, theirs, first in zip(
        private.get_weights(), plain.get_weights(), network().get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
        assert np.abs(ours - first).max() > 0.01


def test_a_seed_repeats_the_training_and_no_seed_does_not():
    def trained(seed):
        model = small_network()
        fit_private(model, IMAGES, LABELS, batch_size=4, epochs=1, seed=seed)
        return np.concatenate([w.ravel() for w in model.get_weights()])

    first = trained(0)
    np.testing.assert_array_equal(trained(0), first)
    assert (trained(None) != first).any()


def test_the_training_reports_its_epsilon():
    done = fit_private(small_network(), IMAGES, LABELS, noise=2.0, batch_size=3, epochs=2, seed=0)
    assert (done.steps, done.sampling, len(done.shares_clipped)) == (8, 0.25, 8)
    assert done.epsilon(0.01) == accountant.epsilon(0.25, 2.0, 8, 0.01)
    done = fit_private(small_network(), IMAGES, LABELS, noise=0, batch_size=3, epochs=1, seed=0)
    assert done.epsilon(0.01) == np.inf


def test_a_step_in_which_nobody_takes_part_is_noise():
    model = small_network()
    done = fit_private(
        model, IMAGES[:1].repeat(30, axis=0), np.zeros(30), batch_size=1, epochs=1, seed=1
    )
    assert np.isnan(done.shares_clipped).any()
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_batch_normalisation_is_refused():
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.BatchNormalization()])
    with pytest.raises(ValueError, match=r"model must not mix the pictures .* group or"):
        per_example_gradients(model, LOSS, IMAGES, LABELS)
    nested = keras.Sequential([keras.Input((8, 8, 1)), model, keras.layers.Flatten()])
    with pytest.raises(ValueError, match="model must not mix"):
        fit_private(nested, IMAGES, LABELS, batch_size=4)


@pytest.mark.parametrize(
    ("option", "error", "message"),
    [
        ({"images": IMAGES[:, :4]}, ValueError, r"images must have shape \(N, 8, 8, 1\)"),
        ({"labels": LABELS[:5]}, ValueError, "labels must have length 12, one per image"),
        ({"norm": 0}, ValueError, "norm must be a number from"),
        ({"norm": np.inf}, ValueError, "norm must be finite where there is noise"),
        ({"noise": -1}, ValueError, "noise must be a number from 0"),
        ({"batch_size": 13}, ValueError, "batch_size must be a whole number from 1 to 12"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number"),
        ({"learning_rate": "1"}, TypeError, "learning_rate must be a number"),
        ({"seed": -1}, ValueError, "seed must be a whole number"),
    ],
)
def test_what_is_wrong_is_named_and_the_model_untouched(option, error, message):
    model = network()
    before = model.get_weights()
    with pytest.raises(error, match=message):
        fit_private(model, **{"images": IMAGES, "labels": LABELS, "batch_size": 4} | option)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)
