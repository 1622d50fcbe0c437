"""The losses: those of Keras and scikit-learn, stable far out, with true gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from facebook_tut import layers, losses

STABLE = np.array([-1e4, -800.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0, 1e4])
BINARY = settings(deadline=None, derandomize=True, max_examples=50)


@st.composite
def batches(draw, classes=None):
    """Draw soft or hard labels and logits, of two classes or of so many, in either precision."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    shape = (draw(st.integers(1, 8)), *(() if classes is None else (classes,)))
    logits = 2 * rng.normal(size=shape)
    if classes is None:
        labels = rng.integers(0, 2, shape) if draw(st.booleans()) else rng.random(shape)
    else:
        labels = rng.dirichlet(np.full(classes, 0.5), shape[0])
    return labels.astype(dtype), logits.astype(dtype), dtype


def keras_says(name, labels, predictions, **options):
    """Return Keras' loss, and its gradient by the predictions."""
    import tensorflow as tf

    from facebook_tut._backend import keras

    loss = getattr(keras.losses, name)(**options)
    predictions = tf.constant(predictions)
    with tf.GradientTape() as tape:
        tape.watch(predictions)
        value = keras.ops.mean(loss.call(tf.constant(labels), predictions))
    return float(value), tape.gradient(value, predictions).numpy()


def close(ours, theirs, dtype):
    limit = {"float32": 1e-5, "float64": 1e-12}[dtype]
    np.testing.assert_allclose(ours, theirs, rtol=limit, atol=limit)


@BINARY
@given(batches())
def test_binary_is_that_of_keras(batch):
    labels, logits, dtype = batch
    probabilities = layers.sigmoid(logits)
    # Keras means over the last axis: one probability an image.
    value, gradient = keras_says("BinaryCrossentropy", labels[:, None], probabilities[:, None])
    close(losses.binary_cross_entropy(labels, probabilities), value, "float32")
    ours = losses.binary_cross_entropy_gradient(labels, probabilities)
    close(ours, gradient[:, 0], "float32" if dtype == "float32" else "float64")
    value, gradient = keras_says(
        "BinaryCrossentropy", labels[:, None], logits[:, None], from_logits=True
    )
    close(losses.binary_cross_entropy_from_logits(labels, logits), value, dtype)
    ours = losses.binary_cross_entropy_from_logits_gradient(labels, logits)
    close(ours, gradient[:, 0], dtype)


@BINARY
@given(batches(classes=4))
def test_categorical_is_that_of_keras(batch):
    labels, logits, dtype = batch
    value, gradient = keras_says("CategoricalCrossentropy", labels, logits, from_logits=True)
    close(losses.categorical_cross_entropy_from_logits(labels, logits), value, dtype)
    close(losses.categorical_cross_entropy_from_logits_gradient(labels, logits), gradient, dtype)
    probabilities = layers.softmax(logits)
    value, _ = keras_says("CategoricalCrossentropy", labels, probabilities)
    close(losses.categorical_cross_entropy(labels, probabilities), value, dtype)
    through = layers.softmax_backward(
        losses.categorical_cross_entropy_gradient(labels, probabilities), probabilities
    )
    close(through, gradient, dtype)  # through the softmax, it is the gradient by the logits


@BINARY
@given(batches())
def test_binary_is_that_of_scikit_learn(batch):
    labels, logits, _ = batch
    labels = (labels > 0.5).astype(float)
    probabilities = layers.sigmoid(logits.astype(float))
    expected = log_loss(labels, probabilities, labels=[0, 1])
    assert losses.binary_cross_entropy(labels, probabilities) == pytest.approx(expected)


@BINARY
@given(batches())
def test_binary_gradients_are_the_differences_of_the_loss(batch):
    labels, logits, _ = (part.astype(float) if hasattr(part, "astype") else part for part in batch)
    for loss, inputs in [
        ("binary_cross_entropy", layers.sigmoid(logits)),
        ("binary_cross_entropy_from_logits", logits),
    ]:
        gradient = getattr(losses, f"{loss}_gradient")(labels, inputs)
        slopes = differences(lambda moved, loss=loss: getattr(losses, loss)(labels, moved), inputs)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-8)


@BINARY
@given(batches(classes=3))
def test_categorical_gradients_are_the_differences_of_the_loss(batch):
    labels, logits, _ = (part.astype(float) if hasattr(part, "astype") else part for part in batch)
    gradient = losses.categorical_cross_entropy_from_logits_gradient(labels, logits)
    slopes = differences(
        lambda moved: losses.categorical_cross_entropy_from_logits(labels, moved), logits
    )
    np.testing.assert_allclose(gradient, slopes, atol=1e-8)


def differences(function, x, step=1e-6):
    slopes = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        ends = [x.copy(), x.copy()]
        ends[0][index] += step
        ends[1][index] -= step
        slopes[index] = (function(ends[0]) - function(ends[1])) / (2 * step)
    return slopes


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_binary_is_exact_far_out(dtype):
    z = STABLE.astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        for label in (0, 1):
            loss = [losses.binary_cross_entropy_from_logits([label], [value]) for value in z]
            wrong = -STABLE if label else STABLE  # how far on the wrong side
            np.testing.assert_allclose(loss, np.logaddexp(0, wrong), rtol=1e-6)
            gradient = losses.binary_cross_entropy_from_logits_gradient(np.full(9, label), z)
            assert np.isfinite(gradient).all()
            assert abs(gradient[0] - (0 - label) / 9) < 1e-6
            probabilities = layers.sigmoid(z)
            assert np.isfinite(losses.binary_cross_entropy(np.full(9, label), probabilities))
            gradient = losses.binary_cross_entropy_gradient(np.full(9, label), probabilities)
            assert np.isfinite(gradient).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_categorical_is_exact_far_out(dtype):
    z = np.array([[-1e4, 1e4], [1e4, 1e4], [0, 0]], dtype)
    y = np.array([[1, 0], [0, 1], [0.5, 0.5]], dtype)
    with np.errstate(all="raise", under="ignore"):
        loss = losses.categorical_cross_entropy_from_logits(y, z)
        gradient = losses.categorical_cross_entropy_from_logits_gradient(y, z)
        clipped = losses.categorical_cross_entropy(y, layers.softmax(z))
        assert np.isfinite(losses.categorical_cross_entropy_gradient(y, layers.softmax(z))).all()
    assert loss == pytest.approx((2e4 + 2 * np.log(2)) / 3)
    np.testing.assert_allclose(gradient, np.array([[-1, 1], [0.5, -0.5], [0, 0]]) / 3, rtol=1e-6)
    assert clipped == pytest.approx((-np.log(1e-7) + 2 * np.log(2)) / 3, rel=1e-3)


def test_two_classes_by_softmax_are_one_sigmoid():
    z = np.random.default_rng(0).normal(size=20)
    y = np.random.default_rng(1).integers(0, 2, 20)
    pairs, rows = np.stack([np.zeros(20), z], 1), np.eye(2)[y]
    assert losses.categorical_cross_entropy_from_logits(rows, pairs) == pytest.approx(
        losses.binary_cross_entropy_from_logits(y, z)
    )


def test_the_numbers_worked_by_hand():
    y, p = [1, 1, 0, 0], [0.9, 0.6, 0.2, 0.7]
    by_hand = -(np.log(0.9) + np.log(0.6) + np.log(0.8) + np.log(0.3)) / 4
    assert losses.binary_cross_entropy(y, p) == pytest.approx(by_hand)
    assert round(by_hand, 2) == 0.51
    assert losses.binary_cross_entropy(y, [0.5] * 4) == pytest.approx(np.log(2))


def test_smoothing_is_that_of_keras():
    y, p = np.array([1.0, 0.0]), np.array([0.9, 0.2])
    rows, q = np.eye(3), np.full((3, 3), 1 / 3) + 0.1 * (np.eye(3) - 1 / 3)
    value, _ = keras_says("BinaryCrossentropy", y[:, None], p[:, None], label_smoothing=0.2)
    smooth = losses.smooth_labels(y, 0.2)
    assert losses.binary_cross_entropy(smooth, p) == pytest.approx(value, rel=1e-6)
    value, _ = keras_says("CategoricalCrossentropy", rows, q, label_smoothing=0.2)
    smooth = losses.smooth_labels(rows, 0.2)
    assert losses.categorical_cross_entropy(smooth, q) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(
    ("loss", "labels", "predictions", "message"),
    [
        (
            "binary_cross_entropy",
            [1, 0],
            [0.5],
            r"probabilities must have shape \(2,\), got \(1,\)",
        ),
        ("binary_cross_entropy", [1, 2], [0.5, 0.5], "labels must hold values from 0 to 1, got 1"),
        ("binary_cross_entropy", [1], [1.5], "probabilities must hold values from 0 to 1, got 1.5"),
        ("binary_cross_entropy", [1], [np.nan], "probabilities must hold finite numbers, got nan"),
        ("binary_cross_entropy", [[1]], [[0.5]], r"labels must have shape \(N,\), got \(1, 1\)"),
        ("binary_cross_entropy_from_logits", [-1], [9.0], "labels must hold values from 0 to 1"),
        ("categorical_cross_entropy", [[1, 1]], [[0.5, 0.5]], "labels must sum to 1 in each row"),
        ("categorical_cross_entropy", [[1, 0]], [[0.5, 0.6]], "probabilities must sum to 1"),
        ("categorical_cross_entropy_from_logits", [[1, 0]], [[1.0]], r"shape \(1, 2\), got"),
    ],
)
def test_wrong_arguments_are_named(loss, labels, predictions, message):
    for function in (getattr(losses, loss), getattr(losses, f"{loss}_gradient")):
        with pytest.raises(ValueError, match=message):
            function(labels, predictions)


@pytest.mark.parametrize("amount", [-0.1, 1.1])
def test_smoothing_out_of_range_is_named(amount):
    with pytest.raises(ValueError, match="amount must be a number from 0 to 1"):
        losses.smooth_labels([0, 1], amount)
