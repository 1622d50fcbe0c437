"""Names that do not fit are found on data whose wrong names are known."""

import numpy as np
import pytest

from facebook_tut.cleaning import name_margins
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
