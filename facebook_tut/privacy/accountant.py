"""The privacy accountant of DP-SGD: which ε a training with noise has, in Rényi's terms.

A training is (ε, δ)-differentially private if no event becomes more than e^ε times as likely, but
for a chance δ, when one example is added to the training set or taken from it. Here a step of the
training is the sampled Gaussian mechanism: every example takes part with probability q, the sum of
what takes part has sensitivity 1, and Gaussian noise of standard deviation σ is added.
"""

import numpy as np
from scipy.optimize import brentq

from facebook_tut._validation import check_number, check_numbers

# Where the best bound is looked for: as the accountant of Google's dp-accounting does.
ORDERS = (*(1 + np.arange(1, 100) / 10).tolist(), *range(11, 64), 128, 256, 512, 1024)
LEAST_NOISE, MOST_NOISE = 0.1, 1000.0  # between these `noise_for` looks for σ
STEPS = 20  # of the integral, in each standard deviation of the noise


def renyi_divergence(sampling, noise, orders=ORDERS):
    """Return the Rényi differential privacy of one step: how much it tells, order by order.

    For the order α it is log A / (α − 1), where A is the mean of (1 − q + q e^((2z − 1) / 2σ²))^α
    over z from a normal distribution with mean 0 and deviation σ. The integral is a sum over a
    grid, which for such smooth functions is exact but for rounding.

    Parameters
    ----------
    sampling : float
        q, the probability with which an example takes part in a step; from 0 to 1.
    noise : float
        σ, in units of the sensitivity: the noise multiplier, 0.1 or more.
    orders : array_like, (A,), float
        α, each above 1, to 10,000.

    Returns
    -------
    ndarray, (A,), float64

    References
    ----------
    Mironov, Talwar and Zhang, "Rényi differential privacy of the sampled Gaussian mechanism"
    (2019), section 3.

    Examples
    --------
    >>> renyi_divergence(1.0, 2.0, [2, 8]).round(6).tolist()
    [0.25, 1.0]

    Where all take part, it is α / 2σ².
    """
    check_number("sampling", sampling, 0, 1)
    check_number("noise", noise, LEAST_NOISE, 1e6)
    orders = check_numbers("orders", orders, ("A",), low=1, high=10_000).astype(np.float64)
    if orders.min() == 1:
        raise ValueError("orders must lie above 1, got 1")
    if sampling == 1:
        return orders / (2 * noise**2)
    return np.array([_log_moment(sampling, noise, order) / (order - 1) for order in orders])


def _log_moment(sampling, noise, order):
    """Return log A: the integrand has no weight outside 12 deviations around 0 and the order."""
    z = np.arange(-12 * noise, order + 12 * noise, noise / STEPS)
    density = -(z**2) / (2 * noise**2) - np.log(np.sqrt(2 * np.pi) * STEPS)  # times the grid's step
    with np.errstate(divide="ignore"):  # the logarithm of 0, where nobody takes part
        drawn = np.log(sampling) + (2 * z - 1) / (2 * noise**2)
    terms = density + order * np.logaddexp(np.log1p(-sampling), drawn)
    return max(np.logaddexp.reduce(terms), 0.0)


def epsilon(sampling, noise, steps, delta):
    """Return the ε of a training with DP-SGD.

    The Rényi divergences of all steps add up. Each order gives a bound on ε, of which the least
    counts: divergence + log(1 − 1/α) − log(δ α) / (α − 1).

    Parameters
    ----------
    sampling : float
        q, the probability with which an example takes part in a step: batch size by examples.
    noise : float
        σ, the noise multiplier: the noise's deviation by the clipping norm; 0.1 or more.
    steps : int
        Of the training.
    delta : float
        δ, the chance that ε does not hold. Well below 1 by the number of examples.

    Returns
    -------
    float
        For neighbours that differ in one example added or taken away.

    References
    ----------
    Abadi, Chu, Goodfellow, McMahan, Mironov, Talwar and Zhang, "Deep learning with differential
    privacy" (2016); Canonne, Kamath and Steinke, "The discrete Gaussian for differential privacy"
    (2020), proposition 12, on the bound.

    Examples
    --------
    MNIST, 15 epochs in batches of 150:

    >>> round(epsilon(150 / 60_000, 1.3, steps=6000, delta=1e-5), 3)
    0.724
    """
    check_number("steps", steps, 0, 10**12, integer=True)
    check_delta(delta)
    orders = np.array(ORDERS)
    divergence = steps * renyi_divergence(sampling, noise, orders)
    bounds = divergence + np.log1p(-1 / orders) - np.log(delta * orders) / (orders - 1)
    return max(float(bounds.min()), 0.0)


def check_delta(delta):
    """Return δ if it is a number between 0 and 1, neither of which it may be.

    Examples
    --------
    >>> check_delta(1e-5)
    1e-05
    """
    if not 0 < check_number("delta", delta, 0, 1) < 1:
        raise ValueError(f"delta must lie between 0 and 1, got {delta!r}")
    return delta


def noise_for(budget, sampling, steps, delta):
    """Return the least noise multiplier with which a training keeps to an ε.

    Parameters
    ----------
    budget : float
        The ε that may be spent.
    sampling, steps, delta
        As in `epsilon`.

    Returns
    -------
    float
        σ; its `epsilon` is `budget` to five digits.

    Raises
    ------
    ValueError
        If the budget is not within reach of a σ from 0.1 to 1000.

    Examples
    --------
    >>> noise = noise_for(2.0, sampling=0.01, steps=1000, delta=1e-5)
    >>> round(noise, 2), round(epsilon(0.01, noise, 1000, 1e-5), 3)
    (1.02, 2.0)
    """
    check_number("budget", budget, 0, np.inf)
    least, most = (epsilon(sampling, noise, steps, delta) for noise in (MOST_NOISE, LEAST_NOISE))
    if not least < budget < most:
        raise ValueError(
            f"budget must lie between {least:.3g} and {most:.3g} for so many steps, got {budget!r}"
        )

    def noise_of(logarithm):  # ε is the smoother on the scale of logarithms
        return float(np.clip(np.exp(logarithm), LEAST_NOISE, MOST_NOISE))  # exp may miss an end

    def excess(logarithm):
        return epsilon(sampling, noise_of(logarithm), steps, delta) - budget

    return noise_of(brentq(excess, np.log(LEAST_NOISE), np.log(MOST_NOISE), xtol=1e-8))


def advantage_bound(epsilon, delta=0.0):
    """Return the most that any membership inference can achieve against a training of this ε.

    (e^ε − 1 + 2δ) / (e^ε + 1): no attacker's TPR is further above the FPR.

    Parameters
    ----------
    epsilon, delta : float
        Of the training, for one example added or taken away.

    Returns
    -------
    float
        From 0, nothing can be told, to 1.

    References
    ----------
    Kairouz, Oh and Viswanath, "The composition theorem for differential privacy" (2015), whose
    privacy region gives it; Humphries, Oya, Tulloch, Rafuse, Goldberg, Hengartner and Kerschbaum,
    "Investigating membership inference attacks under data dependencies" (2023).

    Examples
    --------
    >>> [round(advantage_bound(epsilon), 2) for epsilon in (0, 0.5, 1, 3)]
    [0.0, 0.24, 0.46, 0.91]
    """
    check_number("epsilon", epsilon, 0, np.inf)
    check_number("delta", delta, 0, 1)
    certain = np.tanh(epsilon / 2)  # (e^ε − 1) / (e^ε + 1), without overflow
    return float(certain + delta * (1 - certain))
