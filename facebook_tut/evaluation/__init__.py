"""How good is it, how sure are we, and is it as good for everybody."""

from .classification import Confusion, Proportion, confusion
from .counting import CountErrors, count_errors
from .fairness import (
    GroupRates,
    ThresholdCosts,
    equal_fmr_thresholds,
    group_rates,
    max_mean_ratio,
    max_min_ratio,
    threshold_costs,
)
from .identification import OpenSet, OpenSetPoint, cmc, dir_at_fpir, open_set
from .learning_curve import PowerLaw, fit_power_law
from .rejection import RejectCurve, error_versus_reject
from .verification import (
    FoldedAccuracy,
    OperatingPoint,
    Roc,
    accuracy_at,
    best_threshold,
    bootstrap,
    check_disjoint,
    cross_validated_accuracy,
    equal_error_rate,
    normalised_pair_scores,
    pair_scores,
    probit,
    roc,
    sample_pairs,
    tar_at_far,
)

__all__ = [
    "Confusion",
    "CountErrors",
    "FoldedAccuracy",
    "GroupRates",
    "OpenSet",
    "OpenSetPoint",
    "OperatingPoint",
    "PowerLaw",
    "Proportion",
    "RejectCurve",
    "Roc",
    "ThresholdCosts",
    "accuracy_at",
    "best_threshold",
    "bootstrap",
    "check_disjoint",
    "cmc",
    "confusion",
    "count_errors",
    "cross_validated_accuracy",
    "dir_at_fpir",
    "equal_error_rate",
    "equal_fmr_thresholds",
    "error_versus_reject",
    "fit_power_law",
    "group_rates",
    "max_mean_ratio",
    "max_min_ratio",
    "normalised_pair_scores",
    "open_set",
    "pair_scores",
    "probit",
    "roc",
    "sample_pairs",
    "tar_at_far",
    "threshold_costs",
]
