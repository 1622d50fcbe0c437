"""Two ways of training, compared over many splits of the same data."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from facebook_tut._validation import check_number, check_numbers


@dataclass(frozen=True)
class PairedDifference:
    """How much one way of training is above another, over the same splits.

    Attributes
    ----------
    mean : float
        Of the differences.
    low, high : float
        A 95 % interval.
    p_value : float
        How often a mean so far from 0 would come about if there were no difference.

    Examples
    --------
    >>> PairedDifference(0.02, 0.011, 0.029, 0.003)
    +0.020 (95 % interval +0.011 to +0.029, p = 0.003)
    """

    mean: float
    low: float
    high: float
    p_value: float

    def __repr__(self):
        interval = f"95 % interval {self.low:+.3f} to {self.high:+.3f}"
        return f"{self.mean:+.3f} ({interval}, p = {self.p_value:.3f})"


def paired_difference(ours, others, test_ratio=1 / 3):
    """Compare two ways of training that were measured on the same splits.

    A t-test of the differences, with the correction of Nadeau and Bengio: the splits are cut from
    the same images again and again, so their results are alike, and the plain test takes the mean
    of J of them for surer than it is. The corrected variance of the mean is (1/J + test/training)
    times that of the differences.

    Parameters
    ----------
    ours, others : array_like, (J,)
        What was measured on each split, in the same order.
    test_ratio : float
        Test images for each training image; with 0, the plain paired t-test.

    Returns
    -------
    PairedDifference
        Of `ours` minus `others`.

    Raises
    ------
    ValueError
        If there are fewer than two splits.

    References
    ----------
    Nadeau and Bengio, "Inference for the generalization error" (2003), section 4, "corrected
    resampled t-test".

    Examples
    --------
    >>> paired_difference([0.9, 0.8, 0.85], [0.8, 0.75, 0.75])
    +0.083 (95 % interval -0.018 to +0.185, p = 0.072)
    >>> paired_difference([0.9, 0.8, 0.85], [0.8, 0.75, 0.75], test_ratio=0)
    +0.083 (95 % interval +0.012 to +0.155, p = 0.038)
    """
    ours = check_numbers("ours", ours, ("J",))
    gains = ours - check_numbers("others", others, ours.shape)
    if len(gains) < 2:
        raise ValueError(f"ours must hold two splits or more, got {len(gains)}")
    check_number("test_ratio", test_ratio, 0, 1000)
    mean, count = float(np.mean(gains)), len(gains)
    error = np.sqrt((1 / count + test_ratio) * np.var(gains, ddof=1))
    if error == 0:  # the same difference on every split
        return PairedDifference(mean, mean, mean, float(mean == 0))
    half = stats.t.ppf(0.975, count - 1) * error
    p_value = 2 * stats.t.sf(abs(mean) / error, count - 1)
    return PairedDifference(mean, float(mean - half), float(mean + half), float(p_value))
