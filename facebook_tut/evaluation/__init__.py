"""How good is it, and how sure are we: of a classifier, of 1:1 verification, of 1:N search."""

from .classification import Confusion, Proportion, confusion
from .identification import OpenSet, OpenSetPoint, cmc, dir_at_fpir, open_set
from .learning_curve import PowerLaw, fit_power_law
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
    "FoldedAccuracy",
    "OpenSet",
    "OpenSetPoint",
    "OperatingPoint",
    "PowerLaw",
    "Proportion",
    "Roc",
    "accuracy_at",
    "best_threshold",
    "bootstrap",
    "check_disjoint",
    "cmc",
    "confusion",
    "cross_validated_accuracy",
    "dir_at_fpir",
    "equal_error_rate",
    "fit_power_law",
    "normalised_pair_scores",
    "open_set",
    "pair_scores",
    "probit",
    "roc",
    "sample_pairs",
    "tar_at_far",
]
