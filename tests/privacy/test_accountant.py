"""The accountant: published figures, the closed form and the definition."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import comb
from scipy.stats import norm

from facebook_tut.privacy.accountant import (
    ORDERS,
    advantage_bound,
    epsilon,
    noise_for,
    renyi_divergence,
)


@pytest.mark.parametrize(
    ("examples", "batch", "noise", "steps", "delta", "published"),
    [
        (60_000, 150, 1.3, 6_000, 1e-5, 0.7242234026109595),
        (100_000, 100, 1.0, 30_000, 1e-7, 1.4154988495444842),
    ],
)
def test_epsilon_is_that_of_tensorflow_privacys_own_test(
    examples, batch, noise, steps, delta, published
):
    """`compute_dp_sgd_privacy_test.py` of TensorFlow Privacy, Test0 and Test1."""
    assert epsilon(batch / examples, noise, steps, delta) == pytest.approx(published, abs=1e-7)


@pytest.mark.parametrize(
    ("batch", "noise", "epochs", "published"),
    [(256, 1.12, 60, "2.92"), (256, 1.2, 10, "1.20"), (250, 1.3, 15, "1.18")],
)
def test_the_mnist_tutorials_figures_come_out_by_their_older_bound(batch, noise, epochs, published):
    """TensorFlow Privacy's tutorials: ε = min over α of RDP + log(1/δ) / (α − 1), at δ = 1e-5.

    The bound in use now is tighter: 2.52 in place of 2.92.
    """
    steps, orders = epochs * 60_000 // batch, np.array(ORDERS)
    bounds = steps * renyi_divergence(batch / 60_000, noise) + np.log(1e5) / (orders - 1)
    assert f"{bounds.min():.2f}" == published
    assert epsilon(batch / 60_000, noise, steps, 1e-5) < bounds.min()


@pytest.mark.parametrize(
    ("sampling", "noise", "steps", "delta", "wanted"),
    [
        (256 / 60_000, 1.12, 14_063, 1e-5, 2.518686480817747),
        (250 / 60_000, 1.3, 3_600, 1e-5, 0.9422002181626765),
        (0.1, 4.0, 200, 1e-3, 1.076440783161602),
        (1.0, 0.5, 5, 1e-3, 25.089030551383694),
    ],
)
def test_epsilon_is_that_of_dp_accounting(sampling, noise, steps, delta, wanted):
    """Google's dp-accounting 0.6.0, its RDP accountant with Poisson sampling."""
    assert epsilon(sampling, noise, steps, delta) == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("sampling", [0.001, 0.1, 0.9])
@pytest.mark.parametrize("noise", [0.5, 1.0, 8.0])
def test_whole_orders_follow_the_closed_form(sampling, noise):
    """Mironov, Talwar and Zhang (2019): a binomial sum."""
    for order in (2, 3, 10):
        k = np.arange(order + 1)
        terms = comb(order, k) * (1 - sampling) ** (order - k) * sampling**k
        wanted = np.log(np.sum(terms * np.exp((k**2 - k) / (2 * noise**2)))) / (order - 1)
        assert renyi_divergence(sampling, noise, [order])[0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("order", [1.1, 2.9, 7.5])
def test_other_orders_follow_the_definition(order):
    sampling, noise = 0.05, 0.8

    def term(z):
        ratio = 1 - sampling + sampling * np.exp((2 * z - 1) / (2 * noise**2))
        return norm.pdf(z, 0, noise) * ratio**order

    wanted = np.log(quad(term, -9, order + 9, epsabs=1e-14, limit=200)[0]) / (order - 1)
    assert renyi_divergence(sampling, noise, [order])[0] == pytest.approx(wanted, rel=1e-6)


def test_epsilon_falls_with_noise_and_rises_with_all_that_is_told():
    usual = {"sampling": 0.01, "noise": 1.0, "steps": 1000, "delta": 1e-5}
    middle = epsilon(**usual)
    for change in ({"noise": 2.0}, {"sampling": 0.005}, {"steps": 500}, {"delta": 1e-3}):
        assert epsilon(**usual | change) < middle
    by_noise = [epsilon(**usual | {"noise": noise}) for noise in (0.5, 1, 2, 4, 8)]
    assert by_noise == sorted(by_noise, reverse=True)
    assert epsilon(**usual | {"steps": 0}) < 0.01
    assert epsilon(**usual | {"sampling": 0}) < 0.01


def test_the_noise_for_a_budget_spends_it():
    for budget in (0.5, 20.0):
        noise = noise_for(budget, 0.02, 500, 1e-5)
        assert epsilon(0.02, noise, 500, 1e-5) == pytest.approx(budget, rel=1e-5)


def test_the_advantage_is_bounded_as_by_hand():
    assert advantage_bound(0) == 0 and advantage_bound(np.inf) == 1 and advantage_bound(0, 1) == 1
    assert advantage_bound(np.log(3), 0.1) == pytest.approx((3 - 1 + 0.2) / (3 + 1))


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: epsilon(1.5, 1, 1, 0.1), ValueError, "sampling must be a number from 0 to 1"),
        (lambda: epsilon(0.1, 0, 1, 0.1), ValueError, "noise must be a number from 0.1"),
        (lambda: epsilon(0.1, 1, 1.5, 0.1), TypeError, "steps must be a whole number"),
        (lambda: epsilon(0.1, 1, 1, 0), ValueError, "delta must lie between 0 and 1, got 0"),
        (lambda: renyi_divergence(0.1, 1, [1, 2]), ValueError, "orders must lie above 1, got 1"),
        (lambda: noise_for(1e-9, 0.1, 10, 1e-5), ValueError, "budget must lie between"),
        (lambda: advantage_bound(-1), ValueError, "epsilon must be a number from 0"),
    ],
)
def test_what_is_wrong_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()
