"""Stolen templates of each system: the face that a thief makes of one, looked at by all systems.

The attack, its people and the choice of its strength are those of `benchmarks/privacy`: ridge
regression from templates to 64×64 pixels, learned from people with one photograph. A face is looked
for among the *second* photographs of all victims. That the attacked system names its person is not
enough: the attack was chosen by what that system sees. So the others look at the face too. Beside
it stands the first photograph itself, in as many pixels.

Fisher vectors are left out: the encoder is not kept, and `lfw_view1.json` says that encoding takes
an hour of two cores.
"""

import numpy as np
from _draws import difference, draws, estimate
from _inversion import best_inverter, cosines, named, photos_of_attack

PHOTOGRAPH = "the photograph"


def measure_inverting(data, systems, seen, thresholds):
    """Return who is recognised from faces made of stolen templates, by whom.

    Parameters
    ----------
    data : LFW
    systems : dict of str to Shipped
        Each is attacked, and each looks.
    seen : dict of str to Rows
        Their embeddings of all photographs.
    thresholds : dict of str to float
        Of the systems.
    """
    own, first, second = photos_of_attack(data)
    images, shown = (data.images(photos) / np.float32(255) for photos in (own, first))
    faces, chosen = {PHOTOGRAPH: shown}, {}
    for name, system in systems.items():
        inverter, chosen[name] = best_inverter(system.look, images, seen[name].of(own))
        faces[name] = inverter.invert(seen[name].of(first))
    drawn, found, values = draws(len(first)), {}, {}
    for looks, system in systems.items():
        before, later = seen[looks].of(first), seen[looks].of(second)
        for name, face in faces.items():
            probes = system.look(face)
            result = judge(probes, later, thresholds[looks], drawn)
            values[looks, name] = result.pop("draws")
            to_first = round(float(cosines(probes, before).mean()), 4)
            found.setdefault(name, {})[looks] = {**result, "cosine to the first": to_first}
    return {
        "attacker's people": len(own),
        "victims": len(first),
        "chance": round(1 / len(first), 5),
        "inverters": chosen,
        "faces": found,
        "rank_1_differences": rank_differences(values, [*systems]),
    }


def judge(probes, gallery, threshold, drawn):
    """Return rank 1, TAR and mean cosine to the own second photograph, over people."""
    scores = probes @ gallery.T  # (people, people)
    right, passed = named(scores), np.diag(scores) >= threshold
    rank, tar, cosine = (over(one, drawn) for one in (right, passed, np.diag(scores)))
    others = scores[~np.eye(len(scores), dtype=bool)]
    return {
        "rank 1": estimate(*rank),
        "tar": estimate(*tar),
        "cosine": estimate(*cosine),
        "cosine of others": round(float(others.mean()), 4),
        "draws": rank,
    }


def over(values, drawn):
    """Return the mean over people, and that of each draw."""
    return values.mean(), drawn @ values / drawn.sum(axis=1)


def rank_differences(values, names):
    """Return, by who looks, how the rank 1 of faces made of one system's templates differs."""
    return {
        looks: {
            f"{one} − {other}": difference(values[looks, one], values[looks, other])
            for k, one in enumerate(names)
            for other in names[k + 1 :]
        }
        for looks in names
    }
