"""Learning embeddings: near each other for one person, far apart for two."""

from facebook_tut.metric_learning.checkpoints import EmbedderHistory
from facebook_tut.metric_learning.embedding import embed, fingerprint
from facebook_tut.metric_learning.losses import (
    CLASS_LOSSES,
    MARGINS,
    PAIR_LOSSES,
    Prototypes,
    arcface_loss,
    contrastive_loss,
    cosface_loss,
    distillation_loss,
    excess_likeness,
    softmax_loss,
    triplet_loss,
)
from facebook_tut.metric_learning.training import fit_embedder, fit_student
