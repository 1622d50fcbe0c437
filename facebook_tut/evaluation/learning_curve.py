"""How the error falls with the number of examples, and how many more buy the next point."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from facebook_tut._validation import check_number, check_numbers, check_one_per


@dataclass(frozen=True)
class PowerLaw:
    """An error that each doubling of the examples multiplies by the same number.

    Attributes
    ----------
    amplitude : float
        a, the error that the law gives a single example.
    exponent : float
        b: the error of n examples is a · n⁻ᵇ.
    standard_error : float
        Of the exponent; NaN if it was fitted to two points.
    points : int
        How many it was fitted to.

    Examples
    --------
    >>> law = PowerLaw(amplitude=2.0, exponent=0.5, standard_error=0.05, points=6)
    >>> law.error([400, 1600]).round(6).tolist(), round(law.examples(0.05))
    ([0.1, 0.05], 1600)
    """

    amplitude: float
    exponent: float
    standard_error: float
    points: int

    def __post_init__(self):
        check_number("amplitude", self.amplitude, 0, 1e300)
        check_number("exponent", self.exponent, -1e6, 1e6)
        check_number("points", self.points, 2, 2**31, integer=True)

    def error(self, examples):
        """Return the error that the law gives so many examples, from 1: a number or an array."""
        examples = check_numbers("examples", examples, low=1)
        with np.errstate(over="ignore"):
            return _near("examples", self.amplitude * examples**-self.exponent)

    def examples(self, error):
        """Return how many examples the law wants for an error: far outside its points, a guess."""
        ratio = self.amplitude / check_numbers("error", error, low=1e-15)
        if self.exponent == 0:
            raise ValueError("error is the same for any number of examples: the exponent is 0")
        with np.errstate(over="ignore"):
            return _near("error", ratio ** (1 / self.exponent))

    def interval(self, confidence=0.95):
        """Return the interval of the exponent, by Student's t of the fitted line.

        Examples
        --------
        >>> low, high = PowerLaw(2.0, 0.5, 0.05, 6).interval()
        >>> round(low, 2), round(high, 2)
        (0.36, 0.64)
        """
        check_number("confidence", confidence, 0.5, 0.9999)
        if self.points < 3:
            return float("nan"), float("nan")
        half = float(stdtrit(self.points - 2, (1 + confidence) / 2)) * self.standard_error
        return self.exponent - half, self.exponent + half


def fit_power_law(examples, errors):
    """Fit the law error = a · n⁻ᵇ: a straight line through the logarithms.

    log e = log a − b log n, by least squares. The law has no floor: where errors of the data or too
    small a network stop the fall, it promises too much.

    Parameters
    ----------
    examples : array_like, (N,), float
        Numbers of training examples, or of people, above 0. Repeated ones are other seeds.
    errors : array_like, (N,), float
        What was measured with so many, above 0.

    Returns
    -------
    PowerLaw

    Raises
    ------
    ValueError
        If all `examples` are the same.

    References
    ----------
    Cortes, Jackel, Solla, Vapnik and Denker, "Learning curves: asymptotic values and rate of
    convergence" (1993); Hestness and others, "Deep learning scaling is predictable, empirically"
    (2017).

    Examples
    --------
    >>> law = fit_power_law([100, 400, 1600], [0.2, 0.1, 0.05])
    >>> round(law.amplitude, 6), round(law.exponent, 6)
    (2.0, 0.5)
    """
    x, y = (np.log(_check(*pair)) for pair in (("examples", examples), ("errors", errors)))
    check_one_per("errors", y, len(x), "number")
    if np.ptp(x) < 1e-9:
        raise ValueError("examples must hold two different numbers at least")
    across = x - x.mean()
    slope = across @ y / (across @ across)
    left = y - y.mean() - slope * across  # what the line leaves
    freedom = len(x) - 2
    error = np.sqrt(left @ left / freedom / (across @ across)) if freedom else float("nan")
    with np.errstate(over="ignore"):
        amplitude = np.exp(y.mean() - slope * x.mean())
    if not amplitude < 1e300 or not abs(slope) < 1e6:
        raise ValueError(f"examples must differ by more for these errors, got {examples}")
    return PowerLaw(float(amplitude), float(-slope), float(error), len(x))


def _check(name, values):
    values = check_numbers(name, values, ("N",), low=0).astype(float)
    if len(values) < 2:
        raise ValueError(f"{name} must be two numbers or more, got shape {values.shape}")
    if values.min() == 0:
        raise ValueError(f"{name} must be numbers above 0, got 0")
    return values


def _near(name, found):
    """Return what a law gives, if it is finite."""
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must lie nearer to the points of the law")
    return found
