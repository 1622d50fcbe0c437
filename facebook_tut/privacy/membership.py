"""Membership inference: was this picture among those that a network learned from?

A network that has learned its pictures by heart is surer of them than of others. The attacker has a
score of each picture, the higher the more it looks like a *member* of the training set: the log
likelihood of its label, minus its loss, or the cosine of its embedding with its person's prototype
(`evaluation.pair_scores`). *Non-members* are pictures of the same kind that were not learned.
"""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_classes, check_number, check_numbers
from facebook_tut.evaluation import OperatingPoint, bootstrap, roc, tar_at_far
from facebook_tut.evaluation.verification import _check_resolvable


@dataclass(frozen=True)
class MembershipAttack:
    """How well scores tell members from non-members.

    Attributes
    ----------
    auc : float
        The chance that a member scores above a non-member; 0.5 is guessing.
    interval : (float, float)
        The bootstrap's 95 % interval of the AUC.
    advantage : float
        TPR − FPR at the best threshold; 0 is guessing. The threshold is chosen on these scores, so
        it is rather too high: see `threshold_advantage`.
    at_low_fpr : evaluation.OperatingPoint
        `tar`: the share of members that are found where at most so few non-members, `far`, are
        taken for members. Guessing finds as many.

    Examples
    --------
    >>> scores = np.arange(100) / 100
    >>> membership_attack(scores + 0.2, scores, fpr=0.05)
    AUC 0.68 (95 % interval 0.61 to 0.75), advantage 0.21, TPR 0.25 at FPR 0.05
    """

    auc: float
    interval: tuple
    advantage: float
    at_low_fpr: OperatingPoint

    def __repr__(self):
        point, (low, high) = self.at_low_fpr, self.interval
        return (
            f"AUC {self.auc:.2f} (95 % interval {low:.2f} to {high:.2f}),"
            f" advantage {self.advantage:.2f},"
            f" TPR {point.tar.value:.2f} at FPR {point.far.value:.2g}"
        )


def membership_attack(members, non_members, fpr=0.05, *, rounds=1000, seed=0):
    """Measure an attack that takes the pictures with the highest scores for members.

    Parameters
    ----------
    members, non_members : array_like, (N,) and (M,), float
        Scores; any finite numbers, higher for what looks like a member.
    fpr : float
        The share of non-members that may be taken for members where members are to be named with
        certainty; at least 3 / M, by the rule of 3 (see `evaluation.tar_at_far`).
    rounds, seed : int
        Of the interval; see `evaluation.bootstrap`.

    Returns
    -------
    MembershipAttack

    References
    ----------
    Shokri, Stronati, Song and Shmatikov, "Membership inference attacks against machine learning
    models" (2017); Carlini, Chien, Nasr, Song, Terzis and Tramèr, "Membership inference attacks
    from first principles" (2022), on the TPR at a low FPR.

    Examples
    --------
    >>> membership_attack([3.0, 4.0] * 30, [1.0, 2.0] * 30)
    AUC 1.00 (95 % interval 1.00 to 1.00), advantage 1.00, TPR 1.00 at FPR 0
    """
    members, non_members = _check_both(members, non_members)
    is_member = np.repeat([True, False], [len(members), len(non_members)])
    scores = np.concatenate([members, non_members])
    _check_resolvable("fpr", fpr, len(non_members), "non-members")
    point = tar_at_far(is_member, scores, fpr)
    curve = roc(is_member, scores)
    interval = bootstrap(lambda m, s: roc(m, s).auc, is_member, scores, rounds=rounds, seed=seed)
    return MembershipAttack(curve.auc, interval, float(np.max(curve.tar - curve.far)), point)


def threshold_advantage(members, non_members, threshold=None):
    """Return TPR − FPR of the attack that calls a member what scores at least a threshold.

    Parameters
    ----------
    members, non_members : array_like, (N,) and (M,), float
        As for `membership_attack`.
    threshold : float, optional
        Chosen beforehand. Without it, the mean score of the members: with minus the loss as score,
        that is the mean training loss, which is often published.

    Returns
    -------
    float
        From −1 to 1; 0 is guessing.

    References
    ----------
    Yeom, Giacomelli, Fredrikson and Jha, "Privacy risk in machine learning: analyzing the
    connection to overfitting" (2018), definition 4 and the adversary that bounds the loss.

    Examples
    --------
    >>> threshold_advantage([-0.1, -0.1, -0.1, -0.5], [-0.1, -0.3, -0.6, -0.9])
    0.5
    """
    members, non_members = _check_both(members, non_members)
    threshold = float(members.mean()) if threshold is None else threshold
    check_number("threshold", threshold, -np.inf, np.inf)
    return float(np.mean(members >= threshold) - np.mean(non_members >= threshold))


def log_likelihood(probabilities, labels):
    """Return the logarithm of each picture's probability of its own label: minus its loss.

    Parameters
    ----------
    probabilities : array_like, (N, K), float
        Of each of K classes, from a softmax.
    labels : array_like, (N,), int
        The true class of each picture, from 0.

    Returns
    -------
    ndarray, (N,), float64
        At most 0. Probabilities below 1e-12 count as 1e-12.

    Examples
    --------
    >>> log_likelihood([[0.5, 0.5], [0.0, 1.0]], [0, 1]).round(3).tolist()
    [-0.693, 0.0]
    """
    rounding = 1e-6
    probabilities = check_numbers(
        "probabilities", probabilities, ("N", "K"), low=0, high=1 + rounding
    )
    labels = check_classes("labels", labels, *probabilities.shape)
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)  # (N,)
    return np.log(np.maximum(own, 1e-12))


def _check_both(members, non_members):
    return tuple(
        check_numbers(name, scores, ("N",)).astype(np.float64)
        for name, scores in (("members", members), ("non_members", non_members))
    )
