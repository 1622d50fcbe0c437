"""Template inversion: the picture from a stolen embedding is of the right person."""

import numpy as np
import pytest

from facebook_tut.metric_learning import embed
from facebook_tut.privacy.inversion import Inverter, fit_inverter, refine

VICTIMS = 50


def rank_one(probes, gallery):
    """Return how often the best of the gallery is the one in the probe's row."""
    return np.mean((probes @ gallery.T).argmax(axis=1) == np.arange(len(gallery)))


@pytest.fixture(scope="module")
def attack(small_embedder, studio):
    """Two pictures of each victim, their embeddings, and the pictures made of the first ones."""
    victims, attackers = studio(VICTIMS, 2, seed=99), studio(300, 2, seed=7)
    stolen, second = (embed(small_embedder, victims.images[n::2], mirror=False) for n in (0, 1))
    known = embed(small_embedder, attackers.images, mirror=False)
    inverter = fit_inverter(known, attackers.images, penalty=0.01)
    return victims.images[::2], stolen, second, inverter


def test_the_picture_matches_the_person_it_was_stolen_from(attack, small_embedder):
    """Chance is 1/50. The second picture says how well the real pictures do."""
    _, stolen, second, inverter = attack
    made = embed(small_embedder, inverter.invert(stolen), mirror=False)
    assert rank_one(made, stolen) > 0.5
    assert rank_one(stolen, second) > 0.3
    assert rank_one(made, second) > rank_one(stolen, second) / 2 > 5 / VICTIMS


def test_the_picture_looks_like_the_person(attack):
    pictures, stolen, _, inverter = attack
    made = inverter.invert(stolen)
    distances = np.mean((made[:, None] - pictures[None]) ** 2, axis=(2, 3, 4))
    assert np.mean(distances.argmin(axis=1) == np.arange(VICTIMS)) > 0.5
    assert np.diag(distances).mean() < np.mean((pictures - pictures.mean(axis=0)) ** 2) / 2


def test_an_embedding_turned_by_a_secret_gives_no_picture_of_its_person(attack, small_embedder):
    from facebook_tut.privacy.templates import rotate_embeddings

    _, stolen, _, inverter = attack
    made = inverter.invert(rotate_embeddings(stolen, b"secret of bank A"))
    assert rank_one(embed(small_embedder, made, mirror=False), stolen) <= 0.1


def test_with_the_network_the_picture_gets_the_stolen_embedding(attack, small_embedder):
    _, stolen, second, inverter = attack
    start = inverter.invert(stolen[:20])
    made = refine(small_embedder, start, stolen[:20], steps=40)
    before, after = (
        np.sum(embed(small_embedder, images, mirror=False) * stolen[:20], axis=1)
        for images in (start, made)
    )
    assert after.mean() > 0.995 > before.mean()
    assert made.min() >= 0 and made.max() <= 1
    found = np.mean((embed(small_embedder, made, mirror=False) @ second.T).argmax(1) == range(20))
    assert found > 10 / VICTIMS
    rough = refine(small_embedder, start, stolen[:20], steps=40, smoothness=0.0)
    assert np.abs(np.diff(made, axis=1)).mean() < np.abs(np.diff(rough, axis=1)).mean()


def test_a_linear_network_is_inverted_exactly():
    rng = np.random.default_rng(0)
    images = 0.5 + 0.1 * rng.uniform(-1, 1, (100, 4)) @ rng.uniform(-1, 1, (4, 12))
    images = images.reshape(100, 2, 2, 3)
    embeddings = images.reshape(100, 12) @ rng.normal(size=(12, 5))
    inverter = fit_inverter(embeddings[:80], images[:80], components=4, penalty=1e-9)
    np.testing.assert_allclose(inverter.invert(embeddings[80:]), images[80:], atol=1e-4)


def test_more_penalty_more_mean():
    rng = np.random.default_rng(0)
    images, embeddings = rng.random((50, 4, 4, 1)), rng.normal(size=(50, 8))
    mean, spread = images.mean(axis=0), []
    for penalty in (0.01, 1, 100, 1e9):
        made = fit_inverter(embeddings, images, 10, penalty=penalty).invert(embeddings)
        spread.append(np.abs(made - mean).mean())
    assert spread == sorted(spread, reverse=True) and spread[-1] < 1e-6


IMAGES, EMBEDDINGS = np.full((3, 2, 2, 1), 0.5), np.eye(3)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: fit_inverter(EMBEDDINGS, IMAGES[:2]), ValueError, r"images must have shape \(3,"),
        (lambda: fit_inverter(EMBEDDINGS, 2 * IMAGES + 1), ValueError, "values from 0 to 1"),
        (lambda: fit_inverter(EMBEDDINGS[0], IMAGES), ValueError, "embeddings must have shape"),
        (lambda: fit_inverter(EMBEDDINGS, IMAGES, 4), ValueError, "components must be a whole"),
        (lambda: fit_inverter(EMBEDDINGS, IMAGES, 1, penalty=-1), ValueError, "penalty must be"),
        (
            lambda: Inverter(np.zeros(2), IMAGES[0], np.zeros((2, 1)), IMAGES[:1]).invert([[1]]),
            ValueError,
            r"embeddings must have shape \(N, 2\)",
        ),
    ],
)
def test_what_is_wrong_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_what_cannot_be_refined_is_named(small_embedder):
    images = np.zeros((2, 32, 32, 3))
    with pytest.raises(ValueError, match=r"embeddings must have shape \(2, 64\)"):
        refine(small_embedder, images, np.eye(2))
    with pytest.raises(ValueError, match=r"images must have shape \(N, 32, 32, 3\)"):
        refine(small_embedder, images[:, :8], np.eye(2, 64))
    with pytest.raises(ValueError, match="steps must be a whole number from 1"):
        refine(small_embedder, images, np.eye(2, 64), steps=0)
