"""Faces made from stolen templates, for `benchmarks/privacy` and `benchmarks/peers`.

The people are those of View 1's test list, whom no network of ours has met. Those with one
photograph are the attacker's; of the others, the template of the first photograph is stolen, and
the face made of it is looked for among the second photographs of all.
"""

import numpy as np
from _draws import draws, rates, spread
from lfw.people import share

from facebook_tut import evaluation
from facebook_tut.data.lfw import Photo
from facebook_tut.evaluation import Proportion
from facebook_tut.privacy.inversion import fit_inverter

PENALTIES, COMPONENTS = (0.01, 0.1, 1.0, 10.0), (64, 256)  # of the attack, chosen on its own people


def photos_of_attack(data):
    """Return the attacker's photographs, and the first and the second ones of the victims."""
    people = data.people("view1/test")
    evaluation.check_disjoint([*data.people("view1/train")], [*people])
    own = [Photo(name, 1) for name, photos in people.items() if photos == 1]
    victims = [name for name, photos in people.items() if photos > 1]
    return own, *([Photo(name, n) for name in victims] for n in (1, 2))


def best_inverter(look, images, templates, targets=None):
    """Return an inverter, and how it was chosen.

    It is the one whose faces come nearest to the templates of a fifth that it has not seen.

    Parameters
    ----------
    look : callable
        The embedder that is attacked: from images to embeddings.
    images : ndarray, (N, H, W, 3)
        The attacker's own.
    templates : ndarray, (N, D)
        Of them, as they are stolen.
    targets : ndarray, (N, D), optional
        Their embeddings, if the templates are not these themselves.
    """
    targets, found = templates if targets is None else targets, {}
    seen, held = np.split(np.random.default_rng(0).permutation(len(images)), [len(images) * 4 // 5])
    for components in (k for k in COMPONENTS if k <= len(seen)):
        for penalty in PENALTIES:
            way = fit_inverter(templates[seen], images[seen], components, penalty=penalty)
            again = look(way.invert(templates[held]))
            found[components, penalty] = float(cosines(again, targets[held]).mean())
    components, penalty = max(found, key=found.get)
    chosen = {"components": components, "penalty": penalty}
    print(chosen, found, flush=True)
    return fit_inverter(templates, images, components, penalty=penalty), chosen


def recognised(probes, gallery, threshold):
    """Return rank 1, the TAR, and the FMR at which others pass; people stand in one row each."""
    scores = probes @ gallery.T  # (people, people)
    right = named(scores)
    passed = int(np.trace(scores >= threshold))
    _, (fmr, fmrs) = rates(scores, threshold, draws(len(scores)))
    print(right.mean(), passed / len(right), flush=True)
    return {
        "rank 1": share(Proportion(int(right.sum()), len(right))),
        "tar": share(Proportion(passed, len(right))),
        "fmr": spread([fmr, *fmrs]),
    }


def named(scores):
    """Return whether each probe is nearest to its own person, (people,) bool."""
    return scores.argmax(axis=1) == np.arange(len(scores))


def cosines(one, two):
    """Return the cosine of each row of the one with that of the other."""
    return evaluation.pair_scores(one, two)
