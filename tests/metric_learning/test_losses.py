"""The losses are their definitions, and smooth."""

import numpy as np
import pytest

from facebook_tut import losses, training
from facebook_tut import metric_learning as ml
from facebook_tut._backend import keras

COSINE_LOSSES = ["softmax", "cosface", "arcface"]


def unit_vectors(count, dimensions, rng):
    vectors = rng.normal(size=(count, dimensions))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("float32")


def value_and_gradient(loss, inputs, *arguments):
    import tensorflow as tf

    inputs = tf.constant(inputs, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = loss(inputs, *arguments)
    return float(value), tape.gradient(value, inputs).numpy()


def defined(name, embeddings, identities, margin):
    """Return the loss of a batch by the definitions in `losses`."""
    if name == "triplet":
        rows = losses.semi_hard_triplets(embeddings, identities)
        return losses.triplet(*(embeddings[column] for column in rows.T), margin)
    first, second = np.triu_indices(len(embeddings), 1)
    distances = np.linalg.norm(embeddings[first] - embeddings[second], axis=1)
    return losses.contrastive(distances, identities[first] == identities[second], margin)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["contrastive", "triplet"])
def test_losses_of_embeddings_are_their_definitions(name, seed):
    rng = np.random.default_rng(seed)
    embeddings, identities = unit_vectors(20, 3, rng), rng.integers(0, 5, 20)
    for margin in (0.0, 0.2, 1.0):
        expected = defined(name, embeddings.astype(float), identities, margin)
        found = ml.PAIR_LOSSES[name](embeddings, identities, margin)
        assert float(found) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_losses_of_cosines_are_their_definitions(seed):
    rng = np.random.default_rng(seed)
    cosines, labels = rng.uniform(-1, 1, (20, 7)).astype("float32"), rng.integers(0, 7, 20)
    found = ml.softmax_loss(cosines, labels, 16.0)
    assert float(found) == pytest.approx(losses.normalised_softmax(cosines, labels, 16.0), rel=1e-5)
    for margin in (0.0, 0.2, 0.5):
        for name in ("cosface", "arcface"):
            found = getattr(ml, f"{name}_loss")(cosines, labels, 16.0, margin)
            expected = getattr(losses, name)(cosines, labels, 16.0, margin)
            assert float(found) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", COSINE_LOSSES)
def test_losses_of_cosines_are_right_and_smooth_where_the_angle_is_none_or_straight(name):
    labels, options = [0, 0, 1, 0], (16.0,) if name == "softmax" else (16.0, 0.3)
    cosines = [[1, -1], [-1, 1], [1, -1], [1 + 1e-7, 1]]
    value, gradient = value_and_gradient(getattr(ml, f"{name}_loss"), cosines, labels, *options)
    definition = losses.normalised_softmax if name == "softmax" else getattr(losses, name)
    assert value == pytest.approx(definition(cosines, labels, *options), rel=1e-5)
    assert np.isfinite(gradient).all()
    assert (gradient[1] * [-1, 1] > 0).all()  # towards the true prototype, away from the other


@pytest.mark.parametrize("name", ["contrastive", "triplet"])
@pytest.mark.parametrize(
    ("embeddings", "identities"),
    [
        ([[1, 0], [1, 0], [1, 0], [1, 0]], [0, 0, 1, 1]),  # all in one place
        ([[1, 0], [-1, 0], [-1, 0], [1, 0]], [0, 0, 1, 1]),  # people apart, strangers together
        ([[1, 0], [0, 1]], [0, 0]),  # one person
        ([[1, 0], [0, 1]], [0, 1]),  # no genuine pair
    ],
)
def test_losses_of_embeddings_are_finite_at_the_extremes(name, embeddings, identities):
    value, gradient = value_and_gradient(ml.PAIR_LOSSES[name], embeddings, identities, 0.5)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", ml.MARGINS)
def test_gradients_are_the_differences_of_the_definitions(name):
    rng = np.random.default_rng(3)
    if name in ml.PAIR_LOSSES:
        inputs, labels = unit_vectors(8, 3, rng), np.repeat([0, 1, 2, 3], 2)
        loss, arguments = ml.PAIR_LOSSES[name], (labels, 0.7)
        definition = lambda moved: defined(name, moved, labels, 0.7)  # noqa: E731
    else:
        inputs, labels = rng.uniform(-0.9, 0.9, (6, 4)), rng.integers(0, 4, 6)
        arguments = (labels, 4.0) if name == "softmax" else (labels, 4.0, 0.3)
        loss = getattr(ml, f"{name}_loss")
        function = losses.normalised_softmax if name == "softmax" else getattr(losses, name)
        definition = lambda moved: function(moved, *arguments)  # noqa: E731
    _, gradient = value_and_gradient(loss, inputs, *arguments)
    slopes = np.zeros_like(gradient)
    for index in np.ndindex(inputs.shape):
        step = np.zeros(inputs.shape)
        step[index] = 1e-6
        slopes[index] = (definition(inputs + step) - definition(inputs - step)) / 2e-6
    np.testing.assert_allclose(gradient, slopes, atol=1e-4)
    assert np.abs(slopes).max() > 0.01


def test_prototypes_give_cosines():
    training.set_seed(0)
    head, embeddings = ml.Prototypes(5), unit_vectors(4, 3, np.random.default_rng(0))
    cosines = keras.ops.convert_to_numpy(head(embeddings))
    directions = head.get_weights()[0]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    np.testing.assert_allclose(cosines, embeddings @ directions.T, atol=1e-6)


def test_distillation_is_least_where_the_student_is_like_the_teacher():
    wanted = np.random.default_rng(0).uniform(-1, 1, (4, 7)).astype("float32")
    shares = np.exp(9 * wanted) / np.exp(9 * wanted).sum(axis=1, keepdims=True)
    value, gradient = value_and_gradient(ml.distillation_loss, wanted, wanted, 9.0)
    assert value == pytest.approx(-(shares * np.log(shares)).sum(axis=1).mean(), rel=1e-5)
    np.testing.assert_allclose(gradient, 0, atol=1e-6)
    other = wanted[:, ::-1]
    assert float(ml.distillation_loss(other, wanted, 9.0)) > value + 0.1


def test_only_likeness_beyond_the_teachers_costs():
    rng = np.random.default_rng(0)
    embeddings, teacher = (
        x / np.linalg.norm(x, axis=1, keepdims=True) for x in rng.normal(size=(2, 9, 5))
    )
    excess = np.maximum(embeddings @ embeddings.T - teacher @ teacher.T, 0)
    assert np.isclose(float(ml.excess_likeness(embeddings, teacher)), np.mean(excess**2))
    assert float(ml.excess_likeness(teacher, teacher)) < 1e-12
