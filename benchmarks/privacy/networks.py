"""Small embedders of synthetic people, and how a share is recorded."""

import numpy as np

from facebook_tut import models, training
from facebook_tut.metric_learning import fit_embedder

SIZE = 32  # pixels
VARIED = ("yaw", "pitch", "light azimuth", "smile", "brightness", "grain", "noise")


def recognizer(images, identities, seed):
    """Return a small embedder trained on these pictures."""
    training.set_seed(seed)
    model = models.build_embedder(64, input_shape=(SIZE, SIZE, 3), filters=(8, 16, 32), dropout=0.1)
    fit_embedder(model, images, identities, epochs=12, batch_size=100, seed=seed, progress=False)
    return model


def share(right):
    """Return a proportion's two numbers."""
    return {"successes": int(np.sum(right)), "trials": len(right)}
