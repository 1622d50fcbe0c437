"""How good a method is over several random splits of one data set, which overlap."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import (
    as_array,
    check_callable,
    check_names,
    check_number,
    check_numbers,
    check_seed,
)


@dataclass(frozen=True)
class SplitMean:
    """A mean over splits, with a t interval that allows for their overlap.

    Attributes
    ----------
    mean : float
        Over the splits.
    standard_error : float
        Of the mean, corrected for the overlap.
    low, high : float
        The interval.
    p : float
        Of the two-sided test that the true mean is 0: for differences of two methods.

    Examples
    --------
    >>> SplitMean(0.92, 0.02, 0.88, 0.96, 0.01)
    0.920 (0.880 to 0.960)
    """

    mean: float
    standard_error: float
    low: float
    high: float
    p: float

    def __repr__(self):
        return f"{self.mean:.3f} ({self.low:.3f} to {self.high:.3f})"


def mean_over_splits(values, test_to_train, confidence=0.95):
    """Return the mean over random splits of one data set, by the corrected resampled t-test.

    Random splits share most of their training examples and many test examples, so their results
    are not independent, and the plain standard error is too small. Nadeau and Bengio replace the
    factor 1/J of the variance by 1/J + n_test / n_train.

    Parameters
    ----------
    values : array_like, (J,), float
        A measure on each of at least two splits, or the difference of two methods on each.
    test_to_train : float
        Test examples by training examples; count sources if several images come from one.
    confidence : float
        Of the interval.

    Returns
    -------
    SplitMean

    References
    ----------
    Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52 (2003),
    239-281, section 3.

    Examples
    --------
    >>> mean_over_splits([0.90, 0.94, 0.92], test_to_train=1 / 3)
    0.920 (0.850 to 0.990)
    """
    values = check_numbers("values", values)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values must have shape (J,), J at least 2, got {values.shape}")
    check_number("test_to_train", test_to_train, 0, 100)
    if not 0 < check_number("confidence", confidence, 0, 1) < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence!r}")
    from scipy import stats  # takes half a second

    mean, splits = float(values.mean()), len(values)
    error = float(np.sqrt((1 / splits + test_to_train) * values.var(ddof=1)))
    reach = float(stats.t.ppf((1 + confidence) / 2, splits - 1)) * error
    if error == 0:  # all values are equal
        return SplitMean(mean, error, mean, mean, float(mean == 0))
    p = float(2 * stats.t.sf(abs(mean) / error, splits - 1))
    return SplitMean(mean, error, mean - reach, mean + reach, p)


def bootstrap_sources(statistic, labels, scores, sources, rounds=1000, seed=0, confidence=0.95):
    """Return a percentile interval for a measure of a classifier, resampling sources.

    Patches of one photograph are alike: a network that is wrong on one is often wrong on others.
    Resampling patches one by one counts them as if each were from a photograph of its own, and the
    interval is too narrow. Here a photograph is drawn with all of its patches or not at all.

    Parameters
    ----------
    statistic : callable
        From (labels, scores) to a number.
    labels : array_like, (N,)
        1 for a face, 0 for a non-face; both must occur.
    scores : array_like, (N,)
        The classifier's.
    sources : array_like, (N,), str
        Where each image comes from, as in `data.Dataset`.
    rounds : int
        How many times the sources are drawn, with replacement; draws without one of the two labels
        are repeated.
    seed : int
        The same draws for the same seed.
    confidence : float
        Of the interval.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> labels, sources = np.repeat([1, 0], 20), [*range(20), *np.repeat([20, 21], 10)]
    >>> scores = np.repeat([1.0, 1.0, 0.0], [20, 10, 10])  # wrong on one of two photographs
    >>> accuracy = lambda labels, scores: np.mean(labels == (scores > 0.5))
    >>> low, high = bootstrap_sources(accuracy, labels, scores, sources)
    >>> low < 0.65 and high > 0.9
    True
    """
    check_callable("statistic", statistic)
    labels, scores = as_array("labels", labels), as_array("scores", scores)
    names = check_names("sources", [str(s) for s in sources], len(labels), "label")
    check_number("rounds", rounds, 1, 1_000_000, integer=True)
    check_number("confidence", confidence, 0, 1)
    if len(scores) != len(labels) or len(np.unique(labels)) != 2:
        raise ValueError("labels must hold 0 and 1, and scores one number for each")
    _, which = np.unique(names, return_inverse=True)
    rows = [np.flatnonzero(which == source) for source in range(which.max() + 1)]
    rng, values = np.random.default_rng(check_seed("seed", seed)), []
    while len(values) < rounds:
        drawn = np.concatenate([rows[k] for k in rng.integers(len(rows), size=len(rows))])
        if len(np.unique(labels[drawn])) == 2:
            values.append(statistic(labels[drawn], scores[drawn]))
    return tuple(np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist())
