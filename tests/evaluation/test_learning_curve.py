"""Power laws: against exact laws, SciPy's regression and simulated noise."""

import numpy as np
import pytest
from scipy.stats import linregress, t

from facebook_tut.evaluation import PowerLaw, fit_power_law


def test_a_law_by_hand_four_times_the_examples_half_the_error():
    law = fit_power_law([100, 400], [0.2, 0.1])
    assert law.exponent == pytest.approx(0.5) and law.amplitude == pytest.approx(2)
    assert law.error(1600) == pytest.approx(0.05)
    assert law.examples(0.05) == pytest.approx(1600)
    assert np.isnan(law.standard_error) and np.isnan(law.interval()).all()


@pytest.mark.parametrize(("amplitude", "exponent"), [(1.5, 0.3), (0.2, 0.05), (3.0, -0.2)])
def test_an_exact_law_is_found_whatever_its_slope(amplitude, exponent):
    examples = np.array([10, 30, 100, 1000])
    law = fit_power_law(examples, amplitude * examples**-exponent)
    assert law.amplitude == pytest.approx(amplitude) and law.exponent == pytest.approx(exponent)
    assert law.standard_error == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(law.error(examples), amplitude * examples**-exponent)


def test_the_fit_and_its_interval_are_those_of_scipy():
    rng = np.random.default_rng(0)
    examples = np.repeat([50, 100, 200, 400, 800], 3)
    errors = 2 * examples**-0.4 * np.exp(rng.normal(0, 0.1, 15))
    law, theirs = fit_power_law(examples, errors), linregress(np.log(examples), np.log(errors))
    assert law.exponent == pytest.approx(-theirs.slope)
    assert law.amplitude == pytest.approx(np.exp(theirs.intercept))
    assert law.standard_error == pytest.approx(theirs.stderr)
    half = t.ppf(0.95, 13) * theirs.stderr
    assert law.interval(0.9) == pytest.approx((-theirs.slope - half, -theirs.slope + half))


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng, examples = np.random.default_rng(1), np.repeat([50, 100, 200, 400], 2)
    held = 0
    for _ in range(400):
        law = fit_power_law(examples, examples**-0.5 * np.exp(rng.normal(0, 0.2, 8)))
        low, high = law.interval()
        held += low <= 0.5 <= high
    assert 0.92 <= held / 400 <= 0.98


@pytest.mark.parametrize(
    ("examples", "errors", "message"),
    [
        ([100], [0.1], r"examples must be two numbers or more, got shape \(1,\)"),
        ([100, 0], [0.1, 0.2], "examples must be numbers above 0, got 0"),
        ([100, 200], [0.1, -0.2], "errors must hold values from 0"),
        (
            [100, 200],
            [0.1, 0.2, 0.3],
            "errors must have length 2, one per number, got 3",
        ),
        ([100, 100], [0.1, 0.2], "examples must hold two different numbers at least"),
    ],
)
def test_bad_input_is_named(examples, errors, message):
    with pytest.raises(ValueError, match=message):
        fit_power_law(examples, errors)


def test_a_confidence_out_of_range_is_named():
    with pytest.raises(ValueError, match="confidence must be"):
        PowerLaw(1, 0.5, 0.1, 5).interval(95)
