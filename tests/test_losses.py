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


# Losses that teach embeddings


def unit_vectors(count, dimensions, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_contrastive_loss_worked_by_hand():
    assert losses.contrastive([0.6], [1]) == pytest.approx(0.18)
    assert losses.contrastive([0.6], [0], margin=1.0) == pytest.approx(0.08)
    assert losses.contrastive([2.0], [0], margin=1.0) == 0
    assert losses.contrastive([0.6, 0.6, 2.0], [1, 0, 0]) == pytest.approx(0.26 / 3)


def test_the_triplet_loss_is_that_of_a_loop_and_of_cosines():
    a, p, n = (unit_vectors(50, 4, seed) for seed in range(3))
    each = [
        max(0, np.dot(x - y, x - y) - np.dot(x - z, x - z) + 0.3)
        for x, y, z in zip(a, p, n, strict=True)
    ]
    assert losses.triplet(a, p, n, margin=0.3) == pytest.approx(np.mean(each))
    cosines = 2 * np.sum(a * (n - p), axis=1)  # for unit vectors, ‖a − p‖² is 2 − 2 cos
    assert losses.triplet(a, p, n, margin=4.0) == pytest.approx(np.mean(cosines) + 4)


def test_semi_hard_triplets_are_what_their_definition_says():
    x, who = unit_vectors(24, 3), np.random.default_rng(1).integers(0, 6, 24)
    triplets = losses.semi_hard_triplets(x, who)
    pairs = {(a, p) for a in range(24) for p in range(24) if a != p and who[a] == who[p]}
    assert {(a, p) for a, p, _ in triplets.tolist()} == pairs
    assert len(triplets) == len(pairs)
    fallbacks = 0
    for a, p, n in triplets:
        assert who[n] != who[a]
        squares = np.sum((x - x[a]) ** 2, axis=1)
        impostors = squares[who != who[a]]
        farther = impostors[impostors > squares[p]]
        fallbacks += not len(farther)
        assert squares[n] == (farther.min() if len(farther) else impostors.max())
    assert 0 < fallbacks < len(triplets)


@pytest.mark.parametrize("identities", [[0, 0, 0], [0, 1, 2]])
def test_one_person_or_no_genuine_pair_make_no_triplet(identities):
    triplets = losses.semi_hard_triplets(np.eye(3), identities)
    assert (triplets.shape, triplets.dtype.kind) == ((0, 3), "i")


def test_the_logits_differ_from_the_scaled_cosines_in_the_true_class_alone():
    cosines, labels = unit_vectors(30, 5), np.arange(30) % 5
    true = np.eye(5, dtype=bool)[labels]
    for logits, margin in [(losses.cosface_logits, 0.35), (losses.arcface_logits, 0.5)]:
        found = logits(cosines, labels, 30.0, margin)
        np.testing.assert_allclose(found[~true], 30 * cosines[~true])
        assert (found[true] < 30 * cosines[true]).all()
        np.testing.assert_allclose(logits(cosines, labels, 30.0, 0.0), 30 * cosines, atol=1e-12)
    by_hand = 30 * (cosines[true] - 0.35)
    np.testing.assert_allclose(losses.cosface_logits(cosines, labels, 30.0, 0.35)[true], by_hand)


def test_the_angular_margin_turns_the_prototype_away():
    angles = np.linspace(0, np.pi, 50)
    cosines = np.stack([np.cos(angles), np.zeros(50)], axis=1)
    found = losses.arcface_logits(cosines, np.zeros(50, int), 1.0, 0.5)[:, 0]
    inside = angles + 0.5 < np.pi
    np.testing.assert_allclose(found[inside], np.cos(angles[inside] + 0.5))
    np.testing.assert_allclose(found[~inside], np.cos(angles[~inside]) - 0.5 * np.sin(0.5))
    assert (np.diff(found) < 0).all()  # what is worse never earns more


@pytest.mark.parametrize("scale", [1.0, 8.0, 16.0])
def test_margin_losses_are_the_cross_entropy_of_scikit_learn(scale):
    cosines, labels = unit_vectors(40, 4), np.arange(40) % 4
    for loss, logits in [("cosface", losses.cosface_logits), ("arcface", losses.arcface_logits)]:
        probabilities = layers.softmax(logits(cosines, labels, scale, 0.3))
        expected = log_loss(labels, probabilities)
        found = getattr(losses, loss)(cosines, labels, scale, 0.3)
        assert found == pytest.approx(expected, rel=1e-9)
        assert found > losses.normalised_softmax(cosines, labels, scale)
    expected = log_loss(labels, layers.softmax(scale * cosines))
    assert losses.normalised_softmax(cosines, labels, scale) == pytest.approx(expected)
    assert losses.arcface(cosines, labels, scale, 0.0) == pytest.approx(expected)


def test_rounding_beyond_one_is_forgiven():
    beyond = [[1 + 2e-7, 0.0]]
    assert losses.arcface(beyond, [0]) == losses.arcface([[1.0, 0.0]], [0])


EMBEDDINGS = np.eye(3)
COSINES = [[0.1, 0.2], [0.3, 0.4]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: losses.contrastive([1.0], [1, 0]), ValueError, r"distances must have .*\(2,\)"),
        (lambda: losses.contrastive([-1.0], [1]), ValueError, "distances must hold .* got -1"),
        (lambda: losses.contrastive([np.nan], [1]), ValueError, "distances must hold .* got nan"),
        (lambda: losses.contrastive([1.0], [2]), ValueError, "same must hold only 0 and 1, got 2"),
        (lambda: losses.contrastive([1.0], [1], -1), ValueError, "margin must be a number from 0"),
        (lambda: losses.triplet(EMBEDDINGS, EMBEDDINGS[:2], EMBEDDINGS), ValueError, "positives"),
        (lambda: losses.triplet(EMBEDDINGS, EMBEDDINGS, [1.0]), ValueError, "negatives must have"),
        (lambda: losses.triplet([1], [1], [1]), ValueError, r"anchors must have shape \(N, D\)"),
        (lambda: losses.triplet(*[EMBEDDINGS] * 3, "1"), TypeError, "margin must be a number"),
        (lambda: losses.semi_hard_triplets([1.0], [1]), ValueError, "embeddings must have shape"),
        (lambda: losses.semi_hard_triplets(EMBEDDINGS, [1]), ValueError, r"identities must .*\(3,"),
        (lambda: losses.cosface([0.5], [0]), ValueError, r"cosines must have shape \(N, K\)"),
        (lambda: losses.arcface([[1.1, 0]], [0]), ValueError, "cosines must hold .* got 0 to 1.1"),
        (lambda: losses.cosface(COSINES, [0]), ValueError, r"labels must have shape \(2,\)"),
        (lambda: losses.cosface(COSINES, [0, 2]), ValueError, "values from 0 to 1, got 0 to 2"),
        (lambda: losses.cosface(COSINES, [-1, 0]), ValueError, "values from 0 to 1, got -1 to 0"),
        (lambda: losses.cosface(COSINES, [0.0, 1.0]), TypeError, "labels must hold whole numbers"),
        (lambda: losses.cosface(COSINES, [0, 1], -1), ValueError, "scale must be a number from 0"),
        (lambda: losses.arcface(COSINES, [0, 1], 1, 4), ValueError, "margin must be .* to 3.14"),
        (lambda: losses.normalised_softmax(COSINES, [0, 1], "a"), TypeError, "scale must be a"),
    ],
)
def test_wrong_arguments_of_embedding_losses_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
