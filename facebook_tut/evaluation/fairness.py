"""Fairness: do errors fall on one group of people more than on another?

Every pair belongs to a group, such as people of one age. The false match rate (FMR) of a group is
the FAR of its impostor pairs, its false non-match rate (FNMR) is 1 − TAR of its genuine pairs: the
words of ISO/IEC 19795-1 and of NIST's reports.
"""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_choice, check_names, check_number, check_numbers
from facebook_tut.evaluation._pairs import _check_pairs, _check_resolvable, _share
from facebook_tut.evaluation.classification import Proportion
from facebook_tut.evaluation.verification import tar_at_far


@dataclass(frozen=True)
class GroupRates:
    """The errors of one group at one threshold.

    Attributes
    ----------
    group : str
        Its name.
    threshold : float
        Pairs that score as much or more are accepted.
    fmr : Proportion
        Accepted impostor pairs, of all the group's impostor pairs.
    fnmr : Proportion
        Rejected genuine pairs, of all the group's genuine pairs.

    Examples
    --------
    >>> GroupRates("old", 0.5, fmr=Proportion(3, 300), fnmr=Proportion(1, 20))
    old: FMR 0.01 (0.0034 to 0.029), FNMR 0.05 (0.0089 to 0.24), threshold 0.5
    """

    group: str
    threshold: float
    fmr: Proportion
    fnmr: Proportion

    def __repr__(self):
        words = [
            f"{name} {rate.value:.2g} ({low:.2g} to {high:.2g})"
            for name, rate in (("FMR", self.fmr), ("FNMR", self.fnmr))
            for low, high in [rate.interval()]
        ]
        return f"{self.group}: {', '.join(words)}, threshold {self.threshold:.3g}"


def group_rates(same, scores, groups, threshold):
    """Return the errors of every group at a threshold, the same for all or one for each.

    Parameters
    ----------
    same, scores
        As for `roc`.
    groups : array_like, (N,)
        The name of each pair's group. Compare like with like: of impostor pairs those within a
        group, since people of two groups are easily told apart.
    threshold : float or dict of float
        Of all groups, or of each by its name.

    Returns
    -------
    list of GroupRates
        In the sorted order of the names.

    Raises
    ------
    ValueError
        If a group lacks genuine or impostor pairs.

    References
    ----------
    Grother, Ngan and Hanaoka, "Face recognition vendor test part 3: demographic effects" (2019).

    Examples
    --------
    >>> same, scores = [1, 1, 0, 0] * 2, [0.9, 0.8, 0.3, 0.2, 0.9, 0.4, 0.6, 0.2]
    >>> for rates in group_rates(same, scores, ["young"] * 4 + ["old"] * 4, threshold=0.5):
    ...     print(rates.group, rates.fmr.value, rates.fnmr.value)
    old 0.5 0.5
    young 0.0 0.0
    """
    same, scores = _check_pairs(same, scores)
    members = _members(groups, same)
    if not isinstance(threshold, dict):
        threshold = dict.fromkeys(members, threshold)
    missing = [name for name in members if name not in threshold]
    if missing:
        raise ValueError(f"threshold must name every group, {missing[0]!r} is missing")
    return [
        _rates(name, same[rows], scores[rows], threshold[name]) for name, rows in members.items()
    ]


def equal_fmr_thresholds(same, scores, groups, fmr):
    """Return for each group the threshold at which its FMR is at most a wanted one.

    Parameters
    ----------
    same, scores, groups
        As for `group_rates`.
    fmr : float
        At least 3 / (number of impostor pairs) in every group, by the rule of 3.

    Returns
    -------
    dict of str to float
        As `tar_at_far` finds them. To be judged on other pairs than these.

    Raises
    ------
    ValueError
        If a group has too few impostor pairs.

    Examples
    --------
    >>> same = np.arange(20) % 10 < 5
    >>> scores = np.where(same, 0.9, np.linspace(0, 0.5, 20)).round(2)
    >>> equal_fmr_thresholds(same, scores, ["a"] * 10 + ["b"] * 10, fmr=0.6)
    {'a': 0.18, 'b': 0.45}
    """
    same, scores = _check_pairs(same, scores)
    members = _members(groups, same)
    for name, rows in members.items():
        what = f"impostor pairs in group {name!r}"
        _check_resolvable("fmr", fmr, int((~same[rows]).sum()), what)
    return {
        name: tar_at_far(same[rows], scores[rows], fmr).threshold for name, rows in members.items()
    }


@dataclass(frozen=True)
class ThresholdCosts:
    """What one threshold for everybody and one for each group do, on the same pairs.

    Attributes
    ----------
    one, own : list of GroupRates
        The errors of every group, with one threshold and with their own.

    Examples
    --------
    >>> old = GroupRates("old", 0.5, fmr=Proportion(2, 10), fnmr=Proportion(1, 10))
    >>> new = GroupRates("old", 0.6, fmr=Proportion(1, 10), fnmr=Proportion(3, 10))
    >>> costs = ThresholdCosts([old], [new])
    >>> costs.overall("one")[1].value, costs.overall("own")[1].value
    (0.1, 0.3)
    """

    one: list
    own: list

    def overall(self, which):
        """Return FMR and FNMR over all groups' pairs.

        Parameters
        ----------
        which : {"one", "own"}
            Thresholds.

        Returns
        -------
        fmr, fnmr : Proportion
        """
        rates = getattr(self, check_choice("which", which, ("one", "own")))
        return _pooled([r.fmr for r in rates]), _pooled([r.fnmr for r in rates])


def threshold_costs(same, scores, groups, fmr):
    """Compare one threshold for everybody with one for each group, both at a wanted FMR.

    Parameters
    ----------
    same, scores, groups, fmr
        As for `equal_fmr_thresholds`.

    Returns
    -------
    ThresholdCosts
        Thresholds and rates are of the same pairs, so both sides look a little too good.

    Examples
    --------
    >>> same = np.arange(20) % 10 < 5
    >>> scores = np.where(same, 0.9, np.linspace(0, 0.5, 20))
    >>> costs = threshold_costs(same, scores, ["a"] * 10 + ["b"] * 10, fmr=0.6)
    >>> [rates.fmr.value for rates in costs.one], [rates.fmr.value for rates in costs.own]
    ([0.2, 1.0], [0.6, 0.6])
    """
    own = equal_fmr_thresholds(same, scores, groups, fmr)
    one = tar_at_far(same, scores, fmr).threshold
    return ThresholdCosts(
        group_rates(same, scores, groups, one), group_rates(same, scores, groups, own)
    )


def max_min_ratio(rates):
    """Return how many times the highest rate is as high as the lowest.

    Parameters
    ----------
    rates : sequence of Proportion, or of float
        Of one kind of error, one for each group, such as ``[r.fmr for r in group_rates(...)]``.

    Returns
    -------
    float
        1 for equal rates; infinite if the lowest is 0, NaN if all are: then there are too few pairs
        to say anything.

    Raises
    ------
    ValueError
        If there are fewer than two rates.

    References
    ----------
    Grother, "Demographic differentials in face recognition algorithms" (2021), as the inequity of
    FMR and FNMR.

    Examples
    --------
    >>> max_min_ratio([Proportion(1, 1000), Proportion(7, 1000)])
    7.0
    """
    rates = _values(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(rates.max() / rates.min())


def max_mean_ratio(rates):
    """Return how many times the highest rate is as high as the geometric mean of all.

    One group with very few errors changes it less than `max_min_ratio`.

    Parameters
    ----------
    rates : sequence of Proportion, or of float
        As for `max_min_ratio`.

    Returns
    -------
    float
        1 for equal rates; infinite if one is 0, NaN if all are.

    References
    ----------
    Grother, "Face recognition vendor test part 8: summarizing demographic differentials" (2022).

    Examples
    --------
    >>> round(max_mean_ratio([0.001, 0.001, 0.008]), 6)
    4.0
    """
    rates = _values(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(rates.max() / np.exp(np.mean(np.log(rates))))


def _rates(name, same, scores, threshold):
    check_number("threshold", threshold, -np.inf, np.inf)
    accepted = scores >= threshold
    return GroupRates(name, float(threshold), _share(accepted[~same]), _share(~accepted[same]))


def _members(groups, same):
    """Return which pairs are in each group: names in sorted order to (N,) bool."""
    groups = check_names("groups", groups, len(same), "pair")
    members = {str(name): groups == name for name in np.unique(groups)}
    for name, rows in members.items():
        if same[rows].all() or not same[rows].any():
            raise ValueError(
                f"groups must hold both genuine and impostor pairs, group {name!r} does not"
            )
    return members


def _pooled(rates):
    return Proportion(sum(r.successes for r in rates), sum(r.trials for r in rates))


def _values(rates):
    """Return rates as a vector of two numbers or more."""
    if isinstance(rates, list | tuple):
        rates = [rate.value if isinstance(rate, Proportion) else rate for rate in rates]
    values = check_numbers("rates", rates, ("N",), low=0, high=1)
    if len(values) < 2:
        raise ValueError(f"rates must hold two or more numbers, got {len(values)}")
    return values
