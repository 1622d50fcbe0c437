"""Losses that teach embeddings, against their definitions, scikit-learn and hand-worked cases."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from facebook_tut import layers, losses


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
