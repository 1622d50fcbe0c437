"""Rates over people: against loops in words, and against what is known of simulated people."""

import numpy as np
import pytest

from facebook_tut.evaluation import bootstrap, draw_people, people_rates
from facebook_tut.evaluation import people as module


def crowd(seed, people=12, photos=3, dimension=6, spread=0.6):
    """Return embeddings and names; each person has from one photograph to so many."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), rng.integers(1, photos + 1, people))
    who = rng.permutation(np.append(who, [0, 1]))
    rows = rng.normal(size=(people, dimension))[who]
    return rows + spread * rng.normal(size=rows.shape), np.array([f"person {n:02}" for n in who])


def pairs_of(rows, names, other=None):
    """Yield the scores of all pairs, and their people."""
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    right = unit if other is None else other / np.linalg.norm(other, axis=1, keepdims=True)
    for i in range(len(rows)):
        for j in range(len(rows)):
            if i < j or (other is not None and i != j):
                yield unit[i] @ right[j], names[i], names[j]


@pytest.mark.parametrize("one_sided", [False, True])
def test_all_pairs_are_counted_as_the_loop_counts_them(one_sided, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 7)
    rows, names = crowd(0)
    other = rows + np.random.default_rng(1).normal(size=rows.shape) if one_sided else None
    found = people_rates(rows, names, 0.4, other, rounds=10)
    pairs = [*pairs_of(rows, names, other)]
    impostors = [score >= 0.4 for score, one, two in pairs if one != two]
    genuine = [score < 0.4 for score, one, two in pairs if one == two]
    assert (found.fmr.successes, found.fmr.trials) == (sum(impostors), len(impostors))
    assert (found.fnmr.successes, found.fnmr.trials) == (sum(genuine), len(genuine))
    assert found.people == 12


@pytest.mark.parametrize("one_sided", [False, True])
def test_a_round_is_the_loop_over_pairs(one_sided):
    rows, names = crowd(2)
    other = rows + np.random.default_rng(1).normal(size=rows.shape) if one_sided else None
    found = people_rates(rows, names, 0.3, other, rounds=40, seed=5)
    _, trials = module._tables(rows, names, 0.3, other)
    drawn = module._draws(trials, 40, 5)
    people, shares = {name: n for n, name in enumerate(np.unique(names))}, {"fmr": [], "fnmr": []}
    for row in drawn:
        sums = {"fmr": [0, 0], "fnmr": [0, 0]}
        for score, one, two in pairs_of(rows, names, other):
            times = row[people[one]] * (1 if one == two else row[people[two]])
            kind, wrong = ("fnmr", score < 0.3) if one == two else ("fmr", score >= 0.3)
            sums[kind][0] += times * wrong
            sums[kind][1] += times
        for kind, (some, all_) in sums.items():
            shares[kind].append(some / all_)
    for kind, share in (("fmr", found.fmr), ("fnmr", found.fnmr)):
        assert (share.low, share.high) == pytest.approx(
            tuple(np.quantile(shares[kind], [0.025, 0.975]))
        )


def test_it_agrees_with_the_bootstrap_of_pairs_by_people():
    rows, names = crowd(3, people=30, photos=3)
    found = people_rates(rows, names, 0.4, rounds=2000)
    scores, one, two = (np.array(part) for part in zip(*pairs_of(rows, names), strict=True))
    groups = np.stack([one, two], axis=1)

    def fmr(same, scores):
        return np.mean(scores[~same] >= 0.4)

    low, high = bootstrap(fmr, one == two, scores, groups, rounds=500)
    assert (found.fmr.low, found.fmr.high) == pytest.approx((low, high), abs=0.012)


def hubs(seed, people, photos=2, dimension=12):
    """Return people of whom some are like the mean face, and so like many others."""
    rng = np.random.default_rng(seed)
    mean = np.eye(dimension)[0] * rng.gamma(1.0, 1.5, (people, 1))
    persons = mean + rng.normal(size=(people, dimension))
    rows = np.repeat(persons, photos, axis=0)
    return rows + 0.7 * rng.normal(size=rows.shape), np.repeat(np.arange(people), photos)


def test_the_interval_holds_the_true_rate_where_pairs_share_people():
    truth = people_rates(*hubs(999, 2500, photos=1), 0.6, rounds=1).fmr.value
    held, naive = [], []
    for seed in range(120):
        fmr = people_rates(*hubs(seed, 40), 0.6, rounds=300, seed=seed).fmr
        held.append(fmr.low <= truth <= fmr.high)
        half = 1.96 * np.sqrt(fmr.value * (1 - fmr.value) / fmr.trials)
        naive.append(abs(fmr.value - truth) <= half)
    assert 0.01 < truth < 0.2
    assert np.mean(held) >= 0.88
    assert np.mean(naive) < 0.6  # as if pairs were independent


def test_nothing_counted_is_bounded_by_pairs_without_a_person_in_common():
    rows = np.eye(40)
    found = people_rates(rows, range(40), 0.5)
    assert (found.fmr.successes, found.fmr.low) == (0, 0)
    assert found.fmr.high == pytest.approx(1 - 0.05 ** (1 / 20)) and found.fnmr is None
    all_ = people_rates(np.ones((40, 3)), np.repeat(range(20), 2), 0.5)
    assert (all_.fmr.low, all_.fmr.high) == pytest.approx((0.05 ** (1 / 10), 1))
    assert (all_.fnmr.low, all_.fnmr.high) == pytest.approx((0, 1 - 0.05 ** (1 / 20)))


def test_a_photograph_is_not_compared_with_itself_in_another_condition():
    rows = np.eye(6)
    found = people_rates(rows, [0, 0, 1, 1, 2, 2], 0.5, rows)
    assert found.fmr.value == 0 and found.fnmr.value == 1
    assert (found.fmr.trials, found.fnmr.trials) == (24, 6)


def test_two_people_are_enough_and_one_is_not():
    rows = [[1, 0], [1, 0.1], [0, 1]]
    assert people_rates(rows, ["a", "a", "b"], 0.5, rounds=50).fmr.trials == 2
    with pytest.raises(ValueError, match="identities must name two people or more, got a alone"):
        people_rates(rows, ["a"] * 3, 0.5)


def test_everybody_is_drawn_alike_and_a_draw_that_does_not_fit_again():
    drawn = draw_people(10, rounds=2000, seed=3)
    assert drawn.shape == (2000, 10) and (drawn.sum(axis=1) == 10).all()
    np.testing.assert_allclose(drawn.mean(axis=0), 1, atol=0.1)
    np.testing.assert_array_equal(drawn, draw_people(10, rounds=2000, seed=3))
    assert (drawn != draw_people(10, rounds=2000, seed=4)).any()
    first = draw_people(10, rounds=500, fits=lambda some: some[:, 0] > 0)
    assert len(first) == 500 and (first[:, 0] > 0).all()
