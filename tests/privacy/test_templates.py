"""Cancellable templates: nothing lost, a new secret unlinkable, and the attacks that still work."""

import numpy as np
import pytest

from facebook_tut.evaluation import equal_error_rate, pair_scores
from facebook_tut.matching import Gallery
from facebook_tut.privacy.linkability import linkability
from facebook_tut.privacy.templates import (
    biohash,
    hamming_similarity,
    keyed_rng,
    random_rotation,
    recover_embeddings,
    recover_rotation,
    rotate_embeddings,
)

A, B = b"secret of bank A", b"secret of bank B"
PEOPLE, D = 2000, 64


def two_pictures(people=PEOPLE, seed=0):
    """Return two embeddings of each person, about 0.8 alike, and 0 with anybody else's."""
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(people, D))
    return [person + 0.5 * rng.normal(size=(people, D)) for _ in range(2)]


def mated_and_not(compare, one, two):
    """Return the scores of each person with themselves and with the next person."""
    return compare(one, two), compare(one, np.roll(two, 1, axis=0))


def test_numbers_depend_on_secret_and_purpose_only():
    first = keyed_rng(A, "x").random(4)
    np.testing.assert_array_equal(keyed_rng(A, "x").random(4), first)
    assert not np.isin(keyed_rng(A, "y").random(4), first).any()
    assert not np.isin(keyed_rng(A[:-1] + b"C", "x").random(4), first).any()


def test_a_rotation_is_orthogonal_and_even_over_all():
    turns = np.stack([random_rotation(f"secret number {n:4}".encode(), 3) for n in range(2000)])
    np.testing.assert_allclose(
        turns @ turns.transpose(0, 2, 1), np.tile(np.eye(3), (2000, 1, 1)), atol=1e-12
    )
    np.testing.assert_allclose(turns.mean(axis=0), 0, atol=4 / np.sqrt(3 * 2000))
    np.testing.assert_allclose((turns**2).mean(axis=0), 1 / 3, atol=0.03)
    assert 900 < np.sum(np.linalg.det(turns) > 0) < 1100


def test_rotation_keeps_every_cosine():
    one, two = two_pictures(50)
    before = pair_scores(one, two)
    after = pair_scores(rotate_embeddings(one, A), rotate_embeddings(two, A))
    np.testing.assert_allclose(after, before, atol=1e-12)


def test_a_gallery_takes_rotated_templates():
    one, two = two_pictures(20)
    gallery = Gallery("network, secret A")
    for number, template in enumerate(rotate_embeddings(one, A)):
        gallery.enrol(f"person {number}", template)
    answers = gallery.identify(rotate_embeddings(two, A), threshold=0.5)
    assert [found[0].name for found in answers] == [f"person {n}" for n in range(20)]
    assert not any(gallery.identify(rotate_embeddings(two, B), threshold=0.5))


def test_the_bits_of_a_biohash_differ_by_the_angle():
    angle = np.pi / 5
    pair = np.zeros((2, D))
    pair[0, 0], pair[1, :2] = 1, [np.cos(angle), np.sin(angle)]
    codes = [biohash(pair, f"secret number {n:4}".encode(), D) for n in range(200)]
    shares = [hamming_similarity(code[:1], code[1:])[0] for code in codes]
    assert np.mean(shares) == pytest.approx(1 - angle / np.pi, abs=0.01)


def test_biohash_still_recognises_with_few_bits_less_well():
    same = np.repeat([1, 0], PEOPLE)
    one, two = two_pictures()
    rates = [equal_error_rate(same, np.concatenate(mated_and_not(pair_scores, one, two)))]
    for bits in (64, 16):
        codes = biohash(one, A, bits), biohash(two, A, bits)
        scores = np.concatenate(mated_and_not(hamming_similarity, *codes))
        rates.append(equal_error_rate(same, scores))
    assert rates == sorted(rates) and rates[0] < 0.001 and rates[1] < 0.01 and rates[2] < 0.15


PROTECT = {
    "rotation": (rotate_embeddings, pair_scores),
    "biohash": (lambda x, secret: biohash(x, secret, D), hamming_similarity),
}


@pytest.mark.parametrize(("protect", "compare"), PROTECT.values(), ids=PROTECT)
def test_templates_are_linkable_under_one_secret_and_not_under_two(protect, compare):
    one, two = two_pictures()
    linked = mated_and_not(compare, protect(one, A), protect(two, A))
    renewed = mated_and_not(compare, protect(one, A), protect(two, B))
    assert linkability(*linked, bins=20).overall > 0.97
    assert linkability(*renewed, bins=20).overall < 0.05  # 0.03 is what chance makes of 0


def test_with_the_secret_a_rotation_is_undone():
    one, _ = two_pictures(5)
    back = rotate_embeddings(one, A) @ random_rotation(A, D)
    np.testing.assert_allclose(pair_scores(back, one), 1, atol=1e-12)


def test_with_enough_known_pairs_a_rotation_is_found():
    one, two = two_pictures(200)
    for known, least, most in ((D, 0.999, 1.001), (D // 4, 0.1, 0.6)):
        turn = recover_rotation(one[:known], rotate_embeddings(one[:known], A))
        back = rotate_embeddings(two[100:], A) @ turn
        assert least < pair_scores(back, two[100:]).mean() < most


@pytest.mark.parametrize("bits", [64, 16, 4])
def test_with_the_secret_the_bits_give_back_most_of_the_embedding(bits):
    """The cosine is the square root of 2 bits / (π D) in the mean over secrets."""
    one, two = two_pictures(500)
    guess = recover_embeddings(biohash(one, A, bits), A, D)
    np.testing.assert_allclose(np.linalg.norm(guess, axis=1), 1)
    expected = np.sqrt(2 * bits / (np.pi * D))
    assert pair_scores(guess, one).mean() == pytest.approx(expected, rel=0.05)
    mated, non_mated = mated_and_not(pair_scores, guess, two)
    assert mated.mean() > 0.7 * expected and abs(non_mated.mean()) < 0.02


def test_without_the_secret_the_bits_give_nothing_back():
    one, _ = two_pictures(500)
    guess = recover_embeddings(biohash(one, A, D), B, D)
    assert abs(pair_scores(guess, one).mean()) < 0.02


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: keyed_rng("text of sixteen!", "x"), TypeError, "secret must be bytes, got str"),
        (lambda: keyed_rng(b"short", "x"), ValueError, "secret must hold at least 16 bytes, got 5"),
        (lambda: random_rotation(A, 0), ValueError, "dimension must be a whole number from 1"),
        (lambda: rotate_embeddings([1, 2], A), ValueError, r"embeddings must have shape \(N, D\)"),
        (lambda: rotate_embeddings([[0, 0]], A), ValueError, "must have a direction"),
        (lambda: recover_rotation([[1, 2]], [[1, 2, 3]]), ValueError, "templates must have shape"),
        (lambda: biohash([[1, 2]], A, 3), ValueError, "bits must be a whole number from 1 to 2"),
        (
            lambda: recover_embeddings([[True, False]], A, 1),
            ValueError,
            "dimension must be a whole number from 2",
        ),
        (lambda: recover_embeddings([[0, 1]], A, 2), TypeError, "codes must hold bool"),
        (
            lambda: hamming_similarity([[0, 1]], [[True, False]]),
            TypeError,
            "codes_a must hold bool",
        ),
        (
            lambda: hamming_similarity([[True]], [[True, False]]),
            ValueError,
            "codes_b must have sha",
        ),
    ],
)
def test_what_is_wrong_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()
