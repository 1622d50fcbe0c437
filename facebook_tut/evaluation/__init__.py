"""How good is it, how sure are we, and is it as good for everybody."""

from facebook_tut.evaluation.calibration import Calibration, calibrate_threshold
from facebook_tut.evaluation.classification import Confusion, Proportion, confusion
from facebook_tut.evaluation.counting import CountErrors, count_errors
from facebook_tut.evaluation.fairness import (
    GroupRates,
    ThresholdCosts,
    equal_fmr_thresholds,
    group_rates,
    max_mean_ratio,
    max_min_ratio,
    threshold_costs,
)
from facebook_tut.evaluation.identification import OpenSet, OpenSetPoint, cmc, dir_at_fpir, open_set
from facebook_tut.evaluation.learning_curve import PowerLaw, fit_power_law
from facebook_tut.evaluation.likelihood_ratio import (
    LikelihoodRatio,
    fit_likelihood_ratio,
    log_ratio_cost,
)
from facebook_tut.evaluation.pairs import (
    check_disjoint,
    normalised_pair_scores,
    pair_scores,
    sample_pairs,
)
from facebook_tut.evaluation.people import PeopleRates, PeopleShare, draw_people, people_rates
from facebook_tut.evaluation.rejection import RejectCurve, error_versus_reject
from facebook_tut.evaluation.resampling import (
    FoldedAccuracy,
    bootstrap,
    bootstrap_people,
    cross_validated_accuracy,
)
from facebook_tut.evaluation.splits import SplitMean, bootstrap_sources, mean_over_splits
from facebook_tut.evaluation.verification import (
    OperatingPoint,
    Roc,
    accuracy_at,
    best_threshold,
    equal_error_rate,
    probit,
    roc,
    tar_at_far,
)
