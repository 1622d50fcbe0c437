"""First with second photographs of people with a genuine pair in View 1, spoiled.

The second one is spoiled, or both alike. Each cause of `corruption.SEVERITIES` in its last step but
one, and no colour at all.
"""

import numpy as np
from _draws import draws, estimate, rates

from facebook_tut.corruption import SEVERITIES
from peers.rows import differences

RATES = ("tar", "fmr")
CONDITIONS = {
    "as it is": ("little light", 0),
    **{kind: (kind, len(SEVERITIES[kind][1]) - 1) for kind in SEVERITIES},
    "no colour": ("little colour", len(SEVERITIES["little colour"][1])),
}


def choose_people(pairs, size):
    """Return the first genuine pair of so many people, drawn by chance: [(Photo, Photo), ...]."""
    first = {}
    for left, right in zip(pairs.left, pairs.right, strict=True):
        if left.name == right.name:
            first.setdefault(left.name, (left, right))
    rng = np.random.default_rng(0)
    everybody = sorted(first)
    # Of a larger size, the people of a smaller one come first, whose embeddings may be kept.
    return [first[name] for name in rng.permutation(everybody)[:size].tolist()]


def measure_conditions(systems, people, thresholds):
    """Return TAR and FMR of each system at its own threshold, one photograph spoiled or both."""
    photos, drawn = [photo for pair in people for photo in pair], draws(len(people))
    found, values = {name: {} for name in systems}, {}
    for name, system in systems.items():
        clean = system.spoiled(photos, *CONDITIONS["as it is"])
        for condition, how in CONDITIONS.items():
            bad = system.spoiled(photos, *how)
            for sides, first in (("one", clean), ("both", bad)):
                both = rates(first[::2] @ bad[1::2].T, thresholds[name], drawn)
                for kind, one in zip(RATES, both, strict=True):
                    values.setdefault((condition, sides, kind), {})[name] = one
                    place = found[name].setdefault(condition, {}).setdefault(sides, {})
                    place[kind] = estimate(*one)
    less = {}
    for (condition, sides, kind), one in values.items():
        less.setdefault(condition, {}).setdefault(sides, {})[kind] = differences(one)
    pairs = len(people) * (len(people) - 1)
    sizes = {"people": len(people), "impostor_pairs": pairs}
    return {**sizes, "systems": found, "differences": less}
