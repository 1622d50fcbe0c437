"""One figure of each kind, for the contract that all of them keep."""

from functools import partial

import numpy as np
import skimage.data

from facebook_tut import interactive

RNG = np.random.default_rng(0)
LABELS = np.repeat([1, 0], [60, 90])
SCORES = 1 / (1 + np.exp(-RNG.normal(np.where(LABELS, 1.2, -1.2), 1.5)))
FACE = skimage.data.lfw_subset()[3]

FIGURES = {
    "cross_entropy": interactive.cross_entropy_explorer,
    "decision": partial(interactive.decision_explorer, LABELS, SCORES, names=("a <b>", "non-b")),
    "pooling": partial(interactive.pooling_explorer, FACE),
}
