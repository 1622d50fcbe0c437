"""Showing: pictures of people are changed, and an attacker names them all the same, or does not."""

from functools import partial

import numpy as np
from sklearn.linear_model import Ridge

from facebook_tut.corruption import defocus
from facebook_tut.data.synthetic import NUISANCES, sample_people
from facebook_tut.metric_learning import embed
from facebook_tut.privacy.deidentification import k_same, pixelate, replace_face
from privacy.networks import SIZE, VARIED, recognizer, share

BOX = (0, 2, 32, 30)
ATTACKERS, GALLERY, PICTURES = 150, 200, 6
EDGES, BLURS, GROUPS = (16, 8, 4, 2), (1, 2, 4, 6), (2, 5, 10)


def showing(seeds):
    """Return, by way and strength, the shares of people named and of turns of the head read."""
    studies = [Showing(seed) for seed in range(seeds)]
    plan = {
        "as it is": {"": same},
        "pixelate": {str(edge): each(partial(pixelate, edge=edge)) for edge in EDGES},
        "blur": {str(sigma): each(partial(defocus, sigma=sigma)) for sigma in BLURS},
        "k-same": {str(k): averaged(k) for k in GROUPS},
        "drawn face": {"": drawn},
    }
    ways = {
        way: {
            strength: [study.measure(change, way, strength) for study in studies]
            for strength, change in strengths.items()
        }
        for way, strengths in plan.items()
    }
    return {"people": GALLERY, "ways": ways}


class Showing:
    """One seed's people and networks."""

    def __init__(self, seed):
        self.seed = seed
        self.own = studio(ATTACKERS, PICTURES, 3 * seed)
        self.people = studio(GALLERY, 2, 3 * seed + 1)
        self.network = self.recognizer(self.own.images)

    def recognizer(self, images):
        """Return a network trained on the attacker's people in these pictures."""
        return recognizer(images, self.own.identities, self.seed)

    def measure(self, change, way, strength):
        """Return who is named by each attacker, and whose turn of the head is read."""
        gallery, probes = (self.people.select(slice(n, None, 2)) for n in (0, 1))
        rng = np.random.default_rng(self.seed)
        shown, alike = change(probes, rng), change(gallery, rng)
        own = change_photographs(self.own, change, rng)
        learned = self.network if change is same else self.recognizer(own)
        result = {
            "naive": named(self.network, shown, gallery.images),
            "same treatment": named(self.network, shown, alike),
            "parrot": named(learned, shown, alike),
            "turn read": turn_read(own, self.own.attributes, shown, probes.attributes),
        }
        print(way, strength, {name: part["successes"] for name, part in result.items()}, flush=True)
        return result


def studio(people, pictures, seed):
    """Return people of one hair, clothing and background: only face, pose and light vary."""
    fixed = {name: dial.neutral for name, dial in NUISANCES.items() if name not in VARIED}
    return sample_people(people, pictures, seed=seed, size=SIZE, fixed=fixed)


def same(people, _rng):
    """Return the pictures as they are."""
    return people.images


def each(change):
    """Return a function that changes every picture by itself."""
    return lambda people, _rng: np.stack([change(picture) for picture in people.images])


def averaged(k):
    """Return a function that averages the faces of k people."""
    return lambda people, _rng: k_same(people.images, k)[0]


def drawn(people, rng):
    """Return the pictures with the faces of people who do not exist, turned as the old ones."""
    seeds, yaws = rng.integers(2**32, size=len(people)), people.attributes["yaw"]
    return np.stack(
        [
            replace_face(picture, BOX, int(seed), {"yaw": float(yaw)})
            for picture, seed, yaw in zip(people.images, seeds, yaws, strict=True)
        ]
    )


def change_photographs(people, change, rng):
    """Change the attacker's own pictures: the first of everybody, then the second, and so on."""
    changed = np.empty_like(people.images)
    for n in range(PICTURES):
        changed[n::PICTURES] = change(people.select(slice(n, None, PICTURES)), rng)
    return changed


def named(model, probes, gallery):
    """Return how many probes are nearest to the picture in their row; equal ones count as one."""
    probes, gallery = (described(model, images) for images in (probes, gallery))
    return share((probes @ gallery.T).argmax(axis=1) == np.arange(len(gallery)))


def described(model, images):
    """Return embeddings. Equal pictures are described once: rounding would tell them apart."""
    different, rows = np.unique(images.astype(np.float32), axis=0, return_inverse=True)
    return embed(model, different, mirror=False)[rows.ravel()]


def turn_read(own, attributes, shown, truth):
    """Return how often ridge regression on pixels tells left from right."""
    own, shown = (images.reshape(len(images), -1) for images in (own, shown))
    reader = Ridge(alpha=10.0).fit(own, attributes["yaw"])
    return share((reader.predict(shown) > 0) == (truth["yaw"] > 0))
