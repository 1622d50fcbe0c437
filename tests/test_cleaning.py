"""What is wrong is found in data whose faults are known: wrong names, copies, bad pictures."""

import numpy as np
import pytest

from facebook_tut.cleaning import difference_hash, name_margins, near_duplicates, stability
from facebook_tut.corruption import compress, darken, defocus, shrink
from facebook_tut.data.synthetic import sample_people
from facebook_tut.evaluation import roc


def people(n, images, spread, seed=0):
    """Return embeddings around a random direction per person, and their names."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(n, 32)), images, axis=0)
    embeddings = centres + spread * rng.normal(size=centres.shape)
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True), np.repeat(
        np.arange(n), images
    )


def test_margins_are_those_of_the_definition():
    embeddings, names = people(5, 4, 1.0)
    expected = []
    for row, vector in enumerate(embeddings):
        fit = {}
        for name in range(5):
            others = embeddings[(names == name) & (np.arange(20) != row)].sum(axis=0)
            fit[name] = vector @ others / np.linalg.norm(others)
        own = fit.pop(names[row])
        expected.append(own - max(fit.values()))
    np.testing.assert_allclose(name_margins(embeddings, names), expected)


def test_wrong_names_are_found_where_people_are_apart():
    embeddings, names = people(20, 8, 0.5)
    wrong = np.arange(0, 160, 10)  # a tenth
    given = names.copy()
    given[wrong] = (names[wrong] + 7) % 20
    margins = name_margins(embeddings, given)
    assert (np.flatnonzero(margins < 0) == wrong).all()


def test_wrong_names_come_first_where_people_overlap():
    embeddings, names = people(20, 8, 1.5)
    rng = np.random.default_rng(1)
    wrong = rng.random(160) < 0.2
    given = np.where(wrong, (names + rng.integers(1, 20, 160)) % 20, names)
    area = roc(~wrong, name_margins(embeddings, given)).auc
    assert 0.8 < area < 1


def test_names_may_be_text_in_any_order():
    embeddings, names = people(3, 4, 0.5)
    order = np.random.default_rng(2).permutation(12)
    text = np.array(["Cy", "Ann", "Bea"])[names]
    np.testing.assert_allclose(
        name_margins(embeddings[order], text[order]), name_margins(embeddings, names)[order]
    )


def test_an_image_alone_with_its_name_cannot_be_judged():
    embeddings, names = people(3, 3, 0.5)
    margins = name_margins(embeddings, [*names[:-3], 2, 3, 3])
    assert np.isnan(margins).tolist() == [False] * 6 + [True, False, False]


def test_bad_input_is_named():
    embeddings, names = people(3, 3, 0.5)
    with pytest.raises(ValueError, match=r"identities must have shape \(9,\)"):
        name_margins(embeddings, names[1:])
    with pytest.raises(ValueError, match="identities must hold two names at least, got 1"):
        name_margins(embeddings, np.zeros(9))
    with pytest.raises(ValueError, match="embeddings must have"):
        name_margins(embeddings[0], names)


# Copies

PEOPLE = sample_people(60, 3, seed=0)


def test_a_hash_says_where_it_grows_brighter_to_the_right():
    rng = np.random.default_rng(0)
    coarse = rng.random((2, 8, 9, 1)) * np.ones(3)
    images = coarse.repeat(8, axis=1).repeat(8, axis=2)  # (2, 64, 72, 3)
    expected = coarse[:, :, 1:, 0] > coarse[:, :, :-1, 0]
    assert (difference_hash(images) == expected.reshape(2, 64)).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda x: compress(x, 50),
        lambda x: darken(x, 0.6),
        lambda x: shrink(x, 32),
        lambda x: defocus(x, 0.7),
        lambda x: np.clip(0.8 * x + 0.1, 0, 1),
    ],
    ids=["JPEG", "darker", "smaller", "blurred", "less contrast"],
)
def test_copies_are_found_however_they_were_changed_and_nothing_else_is(change):
    chosen = np.arange(0, 180, 7)
    copies = np.stack([change(PEOPLE.images[row].astype(float)) for row in chosen])
    found = near_duplicates(PEOPLE.images, copies)
    right = found[:, 0] == chosen[found[:, 1]]
    assert right.mean() >= 0.95  # precision
    assert len(found[right]) >= 0.9 * len(chosen)  # recall


def test_cropped_copies_are_found_at_a_lower_correlation():
    chosen = np.arange(0, 180, 7)
    found = near_duplicates(PEOPLE.images, PEOPLE.images[chosen, 2:, 1:], correlation=0.83)
    right = found[:, 0] == chosen[found[:, 1]]
    assert right.mean() >= 0.85 and right.sum() >= 0.9 * len(chosen)


def test_each_pair_among_the_images_themselves_comes_once():
    copies = np.stack([compress(PEOPLE.images[row].astype(float), 40) for row in (5, 9)])
    images = np.concatenate([PEOPLE.images[:20], copies.astype(np.float32)])
    assert near_duplicates(images).tolist() == [[5, 20], [9, 21]]


def test_a_mirrored_copy_is_found_by_asking_for_it():
    mirrored = PEOPLE.images[8:9, :, ::-1]
    assert near_duplicates(PEOPLE.images[:20], mirrored, correlation=0.99).tolist() == []
    assert near_duplicates(PEOPLE.images[:20, :, ::-1], mirrored).tolist() == [[8, 0]]


def test_many_images_are_compared_block_by_block(monkeypatch):
    whole = near_duplicates(PEOPLE.images, correlation=0.8, distance=16)
    assert len(whole) > 5
    monkeypatch.setattr("facebook_tut.preprocessing.copies.BLOCK", 7)
    assert (near_duplicates(PEOPLE.images, correlation=0.8, distance=16) == whole).all()


def test_images_of_one_colour_are_no_copies_and_no_error():
    grey = np.full((3, 64, 64, 3), 0.5)
    assert near_duplicates(grey).shape == (0, 2)


def test_bad_images_are_named():
    with pytest.raises(
        ValueError, match=r"images must have shape \(N, H, W, 3\), got \(64, 64, 3\)"
    ):
        difference_hash(PEOPLE.images[0])
    with pytest.raises(ValueError, match="distance must be"):
        near_duplicates(PEOPLE.images[:2], distance=65)
    with pytest.raises(ValueError, match="correlation must be"):
        near_duplicates(PEOPLE.images[:2], correlation=2)


# Stability


def flat_model(output):
    """Return a network from 8×8 images to embeddings that `output` makes of their pixels."""
    import keras

    inputs = keras.Input((8, 8, 3))
    return keras.Model(inputs, keras.layers.UnitNormalization()(output(inputs)))


def test_stability_is_the_mean_cosine_of_two_copies():
    import keras

    from facebook_tut.augmentation import vary
    from facebook_tut.metric_learning import embed

    model = flat_model(keras.layers.Flatten())
    images = np.random.default_rng(0).random((3, 8, 8, 3), dtype=np.float32)
    rng = np.random.default_rng(4)
    copies = np.stack(
        [embed(model, vary(images, rng), mirror=False) for _ in range(5)]
    )  # (5, 3, D)
    cosines = np.einsum("ind,jnd->nij", copies, copies)
    expected = [(c.sum() - 5) / 20 for c in cosines]
    np.testing.assert_allclose(stability(model, images, copies=5, seed=4), expected, atol=1e-5)


def test_what_does_not_change_is_stable_and_bytes_are_floats():
    import keras

    model = flat_model(lambda x: keras.layers.Flatten()(0 * x + 1))
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    np.testing.assert_allclose(stability(model, images), 1, atol=1e-5)
    pixels = flat_model(keras.layers.Flatten())
    np.testing.assert_allclose(
        stability(pixels, images), stability(pixels, images / 255), atol=1e-5
    )


def test_too_few_copies_are_named():
    with pytest.raises(ValueError, match="copies must be"):
        stability(None, np.zeros((1, 8, 8, 3)), copies=1)
