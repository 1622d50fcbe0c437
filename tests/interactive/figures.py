"""One figure of each kind, for the contract that all of them keep."""

import numpy as np

from facebook_tut import interactive

RNG = np.random.default_rng(0)
SPOILED = RNG.integers(0, 256, (2, 4, 32, 32, 3), dtype=np.uint8)


def severity(**dials):
    """Two kinds of damage in three steps each, and two networks."""
    kinds = ["noise & grain", "<dark>"]
    shares = [0.1, 0.2, 0.5, 1], [0, 0.1, 0.4, 0.9], [0.2, 0.3, 0.6, 1]
    return interactive.severity_explorer(
        dict(zip(kinds, SPOILED, strict=True)),
        dict.fromkeys(kinds, (1, 0.8, 0.45, -0.1)),
        0.455,
        others=dict.fromkeys(kinds, (0.1, 0.2, 0.3, 0.5)),
        missed={name: dict.fromkeys(kinds, shares) for name in ("plain", "<taught>")},
        **dials,
    )


FIGURES = {
    "cross_entropy": interactive.cross_entropy_explorer,
    "severity": severity,
}
