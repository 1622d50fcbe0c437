"""Losses: one number that says how wrong a batch of predictions is, and its gradient."""

from facebook_tut.losses.cross_entropy import (
    EPSILON,
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    binary_cross_entropy_from_logits_gradient,
    binary_cross_entropy_gradient,
    categorical_cross_entropy,
    categorical_cross_entropy_from_logits,
    categorical_cross_entropy_from_logits_gradient,
    categorical_cross_entropy_gradient,
    smooth_labels,
)
from facebook_tut.losses.embeddings import (
    arcface,
    arcface_logits,
    contrastive,
    cosface,
    cosface_logits,
    normalised_softmax,
    semi_hard_triplets,
    triplet,
)
