"""One figure of each kind, for the contract that all of them keep."""

from functools import partial

import numpy as np

from facebook_tut import interactive

RNG = np.random.default_rng(0)
LABELS = np.repeat([1, 0], [60, 90])
SCORES = 1 / (1 + np.exp(-RNG.normal(np.where(LABELS, 1.2, -1.2), 1.5)))

PEOPLE = np.repeat([3, 5, 8], 8)
PLACES = RNG.random((3, 24, 2)) + np.linspace(0, 2, 3)[:, None, None] * PEOPLE[:, None]
NUISANCES = {"light": RNG.random(24), "<yaw>": RNG.integers(-40, 41, 24)}
FACES = RNG.random((24, 24, 20))

MANY = np.array([10, 30, 100, 300, 1000, 4069])
ERRORS = 0.5 * MANY**-0.3
PANELS = {
    name: {"from <scratch>": (MANY, *(part * ERRORS for part in parts)), "taught": (MANY[1:5], low)}
    for name, parts, low in [
        ("LFW & more", (1, 0.9, 1.1), 0.8 * ERRORS[1:5]),
        ("<shifted>", (1.5, 1.2, 1.6), -0.5 * ERRORS[1:5]),
    ]
}

KINDS = ("noise & grain", "<dark>")
SPOILED = RNG.integers(0, 256, (2, 4, 32, 32, 3), dtype=np.uint8)
SHARES = [0.1, 0.2, 0.5, 1], [0, 0.1, 0.4, 0.9], [0.2, 0.3, 0.6, 1]

PHOTO = RNG.random((48, 40))
CROPS = RNG.random((2, 24, 24))

FIGURES = {
    "alignment": partial(
        interactive.alignment_explorer,
        PHOTO,
        eyes=[[9.3, 18.7], [31, 22]],
        references=CROPS,
        names=("a <b>", "c"),
        true_eyes=[[10, 20], [29, 24]],
        size=24,
    ),
    "cross_entropy": interactive.cross_entropy_explorer,
    "curves": partial(
        interactive.curves_explorer, PANELS, "people", "error", log=True, percent=True
    ),
    "decision": partial(interactive.decision_explorer, LABELS, SCORES, names=("a <b>", "non-b")),
    "embedding": partial(
        interactive.embedding_explorer,
        PLACES,
        FACES,
        PEOPLE,
        NUISANCES,
        titles=["before <training>", "epoch 1", "epoch 4"],
        colour="light",
    ),
    "severity": partial(
        interactive.severity_explorer,
        dict(zip(KINDS, SPOILED, strict=True)),
        dict.fromkeys(KINDS, (1, 0.8, 0.45, -0.1)),
        0.455,
        others=dict.fromkeys(KINDS, (0.1, 0.2, 0.3, 0.5)),
        missed={name: dict.fromkeys(KINDS, SHARES) for name in ("plain", "<taught>")},
    ),
}
# What says nothing as they stand at first.
EMPTY = {
    "key",  # a colour for each person, while the colours show the light
    "text_5",  # of a sixth tick
    "difference_0",  # of a curve to itself
    "interval_1",  # of a curve without one
}
