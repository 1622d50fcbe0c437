"""The threshold from one's own pictures: known curves, known spreads, and what cannot be known."""

import numpy as np
import pytest
from scipy import stats

from facebook_tut.evaluation import Calibration, calibrate_threshold, people_rates, tar_at_far
from facebook_tut.evaluation import calibration as module
from facebook_tut.evaluation.people import _tables

from .test_people import crowd, hubs, pairs_of


def sphere(seed, people, photos=1, dimension=8, noise=0.3):
    """Return people whose directions are uniform: the cosine of two has a known distribution."""
    rng = np.random.default_rng(seed)
    persons = rng.normal(size=(people, dimension))
    rows = np.repeat(persons, photos, axis=0)
    return rows + noise * rng.normal(size=rows.shape), np.repeat(np.arange(people), photos)


def true_threshold(far, dimension=8):
    """Return the cosine that two uniform directions exceed so often: (1 + cos) / 2 is a Beta."""
    return 2 * stats.beta((dimension - 1) / 2, (dimension - 1) / 2).isf(far) - 1


def test_the_threshold_is_that_of_the_sorted_scores():
    rows, names = crowd(0, people=25)
    for far in (0.3, 0.05, 0.01):
        found = calibrate_threshold(rows, names, far, rounds=20)
        pairs = [*pairs_of(rows, names)]
        scores = np.array([score for score, _, _ in pairs])
        same = np.array([one == two for _, one, two in pairs])
        impostors = np.sort(scores[~same])[::-1]
        allowed = int(far * len(impostors))
        assert impostors[allowed] < found.threshold <= impostors[allowed] + 1e-4
        point = tar_at_far(same, scores, far)
        assert found.rates.fmr.value <= far
        assert found.rates.fmr.value == pytest.approx(point.far.value, abs=2 / len(impostors))
        assert found.rates == people_rates(rows, names, found.threshold, rounds=20)


def test_the_interval_holds_the_true_threshold():
    far, held = 0.02, []
    for seed in range(80):
        found = calibrate_threshold(*sphere(seed, 50, photos=2), far, rounds=100, seed=seed)
        held.append(found.low <= true_threshold(far) <= found.high)
        assert found.low <= found.threshold <= found.high + 1e-4
    assert np.mean(held) >= 0.92  # rather too wide: pairs share nothing here


def test_the_interval_holds_it_where_some_are_like_many():
    far, held = 0.05, []
    rows, _ = hubs(999, 2500, photos=1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    truth = np.quantile((rows @ rows.T)[np.triu_indices(len(rows), 1)], 1 - far)
    for seed in range(80):
        found = calibrate_threshold(*hubs(seed, 50), far, rounds=100, seed=seed)
        held.append(found.low <= truth <= found.high)
    assert np.mean(held) >= 0.88


def test_few_of_the_highest_scores_are_enough(monkeypatch):
    rows, names = crowd(1, people=60)
    whole = calibrate_threshold(rows, names, 0.01, rounds=50)
    monkeypatch.setattr(module, "LEAST_KEPT", 1)
    monkeypatch.setattr(module, "BLOCK", 16)
    assert calibrate_threshold(rows, names, 0.01, rounds=50) == whole


@pytest.mark.parametrize("people", [40, 160])
def test_the_formula_tells_how_far_measured_rates_lie_from_the_truth(people):
    """Errors of many samples of `people`, and what samples of 80 say of them beforehand."""
    threshold = 0.6
    measured = [
        people_rates(*hubs(seed, people), threshold, rounds=1).fmr.value for seed in range(200)
    ]
    true = np.std(measured) / np.mean(measured)
    told, singles = [], []
    for seed in range(1000, 1040):
        rows, names = hubs(seed, 80)
        accepted, trials = _tables(rows, names, threshold)
        single, shared = module._components(accepted, trials, 0.01)
        singles.append(single)
        found = Calibration(0.01, threshold, 0, 0, None, 0, single, shared)
        told.append(found.relative_error(people))
    assert np.mean(told) == pytest.approx(true, rel=0.12)
    alone = np.sqrt(2 * np.mean(singles) / (people * (people - 1)))
    assert alone < 0.75 * true  # as if pairs were independent


def test_so_many_people_measure_it_to_within_a_factor_of_two():
    threshold = 0.6
    needed = []
    for seed in range(30):
        accepted, trials = _tables(*hubs(seed, 200), threshold)
        spread = module._components(accepted, trials, 0.01)
        needed.append(Calibration(0.01, threshold, 0, 0, None, 0, *spread).people_for())
    people = round(np.mean(needed))
    truth = people_rates(*hubs(999, 2500, photos=1), threshold, rounds=1).fmr.value
    ratios = [
        people_rates(*hubs(seed, people), threshold, rounds=1).fmr.value / truth
        for seed in range(2000, 2300)
    ]
    assert np.mean((np.array(ratios) > 0.5) & (np.array(ratios) < 2)) == pytest.approx(
        0.95, abs=0.04
    )


def test_independent_pairs_need_few_people_and_hubs_more():
    found = Calibration(0.001, 0.4, 0, 0, None, 0, single=1000.0, shared=0.0)
    pairs = found.people_for() * (found.people_for() - 1) / 2
    assert pairs == pytest.approx(1000 * (1.96 / np.log(2)) ** 2, rel=0.02)
    for shared in (1.0, 10.0):
        more = Calibration(0.001, 0.4, 0, 0, None, 0, 1000.0, shared)
        assert more.people_for() > found.people_for()
        assert more.relative_error(more.people_for()) <= np.log(2) / 1.9599 + 1e-9
        assert more.relative_error(more.people_for() - 1) > np.log(2) / 1.96 - 1e-9
        assert more.people_for(factor=1.5) > more.people_for()


def test_a_far_below_what_the_pairs_show_accepts_nobody_and_says_so():
    rows, names = sphere(0, 10)
    found = calibrate_threshold(rows, names, 0.001)
    assert not found.shown and found.least_far == pytest.approx(3 / 45)
    assert found.rates.fmr.successes == 0 and found.rates.fmr.high > 0.4
    assert found.rates.fnmr is None
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    highest = (unit @ unit.T)[np.triu_indices(10, 1)].max()
    assert highest < found.threshold <= highest + 1e-4
    assert found.people_for() > 100  # 8 / far pairs of people at least
    assert calibrate_threshold(rows, names, 0.1).shown


def test_the_same_photograph_under_two_names_leaves_no_threshold_above_one():
    rows = np.eye(3)[[0, 0, 1, 2]]
    found = calibrate_threshold(rows, ["a", "b", "c", "d"], 0.01)
    assert found.threshold == 1.0


def test_one_person_has_no_impostor():
    with pytest.raises(ValueError, match="two people or more, got Ann alone"):
        calibrate_threshold(np.eye(3), ["Ann"] * 3, 0.01)
    two = calibrate_threshold(np.eye(2), ["Ann", "Bo"], 0.5)
    assert two.rates.fmr.trials == 1
