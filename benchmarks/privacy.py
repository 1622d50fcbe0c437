"""Measure what privacy and fairness cost, on synthetic people; and template inversion, on LFW.

Learning: a network says whether a face wears a mask. A fifth of its labels are wrong, so that there
is something to learn by heart. It is trained by heart and with DP-SGD at several ε, of 300 and of
1,200 people. Recorded are its accuracy on new people, against the true labels, and how well an
attacker tells by its losses who was in the training. δ is a tenth of one in the number of people.

Showing: pictures of people are blurred, pixelated, averaged (k-same) or get a synthetic face. An
attacker has another photograph of each of 200 people and three ways: to compare it as it is, to
treat it in the same way, and to train a network on pictures so treated ("parrot"). Recorded are the
people named rightly, and how often a linear reader still sees which way the head is turned. People
differ in their faces only: hair, clothes and background are the same for all.

Judging: two groups of people, light and dark of skin, of whom the training has 10 % or half dark
ones. Recorded are both groups' false match and false non-match rates at one threshold and at their
own, chosen on some people and judged on others, and the first network's rates at many thresholds.
Intervals, and those of differences, come from people resampled, the same for all that is compared.

Inverting, with the photographs of LFW: the embedder that ships, and the people of View 1's test
list, whom it has not met. Those with one photograph are the attacker's; of the others, the template
of the first photograph is stolen and a face made from it. Recorded are how often that face is
nearest to the *second* photograph of the same person among all, and how often it passes the shipped
threshold; the same for the photograph itself, for a template turned by a secret, for a BioHash
whose secret was stolen too, and for somebody else's photograph.

    python benchmarks/privacy.py --data folder/with/lfw
"""

import json
import os
from functools import partial

import numpy as np
from _record import describe, options, positive, write
from lfw.people import share as with_interval
from sklearn.linear_model import Ridge

from facebook_tut import evaluation, models, pretrained, training
from facebook_tut._backend import keras
from facebook_tut._files import check_writable
from facebook_tut.corruption import defocus
from facebook_tut.data.lfw import Photo, load_lfw
from facebook_tut.data.synthetic import NUISANCES, render_faces, sample_people
from facebook_tut.evaluation import Proportion
from facebook_tut.metric_learning import embed, fit_embedder
from facebook_tut.privacy.accountant import noise_for
from facebook_tut.privacy.deidentification import k_same, pixelate, replace_face
from facebook_tut.privacy.dpsgd import fit_private
from facebook_tut.privacy.inversion import fit_inverter
from facebook_tut.privacy.membership import log_likelihood, membership_attack
from facebook_tut.privacy.templates import biohash, recover_embeddings, rotate_embeddings

BUDGETS = (0.25, 0.5, 1, 2, 4, 8, 16)
PEOPLE = {300: 100, 1200: 200}  # in the training, and the size of a batch
NEW, WRONG, EPOCHS, BY_HEART = 2000, 0.2, 15, 400

SIZE, BOX = 32, (0, 2, 32, 30)
ATTACKERS, GALLERY, PICTURES = 150, 200, 6
EDGES, BLURS, GROUPS = (16, 8, 4, 2), (1, 2, 4, 6), (2, 5, 10)
VARIED = ("yaw", "pitch", "light azimuth", "smile", "brightness", "grain", "noise")

LIGHT, DARK, FMR = (0.5, 1.0), (0.0, 0.5), 0.01  # halves of the dial
SHARES = {"10 % dark": 0.1, "half dark": 0.5}
THRESHOLDS = np.round(np.linspace(0.7, 1.0, 61), 3)
ROUNDS = 1000  # of the bootstrap

SECRET = b"a secret of the bank"
PENALTIES, COMPONENTS = (0.01, 0.1, 1.0, 10.0), (64, 256)  # of the attack, chosen on its own people


def main():
    """Run the studies and record them."""
    arguments = parse()
    check_writable(arguments.output, overwrite=True)
    os.environ.setdefault("TQDM_DISABLE", "1")
    studies = {"learning": learning, "showing": showing, "judging": judging}
    studies["inverting"] = lambda _seeds: inverting(load_lfw(arguments.data))
    record = {}
    if arguments.only:
        record = json.loads(arguments.output.read_text(encoding="utf-8"))
        studies = {arguments.only: studies[arguments.only]}
    made_by = describe("scikit-learn")
    for name, study in studies.items():
        record[name] = {**made_by, "seeds": arguments.seeds, **study(arguments.seeds)}
    write({**record, **made_by}, arguments.output)  # each study says which run made it


def parse():
    """Read the command line."""
    parser = options(__doc__, "privacy", data=True)
    parser.add_argument("--seeds", type=positive, default=3, help="of each study (default 3)")
    parser.add_argument(
        "--only",
        choices=("learning", "showing", "judging", "inverting"),
        help="run this study anew and keep the others of the file (default: run all)",
    )
    return parser.parse_args()


# Learning


def learning(seeds):
    """Return, by number of people and by way to train, what each seed reached."""
    by_people = {
        str(people): {
            "delta": delta_of(people),
            "by heart": [outcome(by_heart, people, seed) for seed in range(seeds)],
            "private": {
                str(budget): [outcome(private, people, seed, budget) for seed in range(seeds)]
                for budget in (*BUDGETS, "inf")
            },
        }
        for people in PEOPLE
    }
    return {"people": by_people}


def delta_of(people):
    """Return δ: so small that a mechanism that betrays one of them at random cannot hide in it."""
    return 0.1 / people


def masks(people, seed):
    """Return faces with and without a mask, their labels, some of them wrong, and the truth."""
    rng = np.random.default_rng(seed)
    dials = dict(sample_people(people, 1, seed=seed, size=16).attributes)
    truth = rng.integers(0, 2, people)
    images, _ = render_faces(dials | {"mask": truth.astype(float)}, 16)
    return images, np.where(rng.random(people) < WRONG, 1 - truth, truth), truth


def classifier(seed):
    """Return an untrained network of one hidden layer."""
    training.set_seed(seed)
    model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Rescaling(2.0, offset=-1.0))
    model.add(keras.layers.Dense(32, activation="relu"))
    model.add(keras.layers.Dense(2, activation="softmax"))
    return model


def by_heart(model, images, labels, _seed):
    """Train until the labels are known, the wrong ones too."""
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)  # else Keras traces the first step twice
    for _ in range(BY_HEART):
        model.train_on_batch(images, labels)


def private(model, images, labels, seed, budget):
    """Train with DP-SGD; a budget of "inf" clips gradients and adds no noise."""
    batch = PEOPLE[len(images)]
    steps, delta = EPOCHS * round(len(images) / batch), delta_of(len(images))
    noise = 0.0 if budget == "inf" else noise_for(budget, batch / len(images), steps, delta)
    options = {"batch_size": batch, "epochs": EPOCHS, "learning_rate": 0.3, "seed": seed}
    done = fit_private(model, images, labels, noise=noise, **options)
    assert done.steps == steps
    assert budget == "inf" or abs(done.epsilon(delta) - budget) < 1e-3 * budget


def outcome(train, people, seed, *budget):
    """Return one training's accuracy on new people and the attack on its members."""
    images, labels, _ = masks(people, 2 * seed)
    others, other_labels, truth = masks(NEW, 2 * seed + 1)
    model = classifier(seed)
    train(model, images, labels, seed, *budget)
    known, new = (model.predict(part, verbose=0, batch_size=512) for part in (images, others))
    attack = membership_attack(
        log_likelihood(known, labels), log_likelihood(new, other_labels), rounds=200
    )
    print(people, train.__name__, *budget, attack, flush=True)
    return {
        "accuracy": share(new.argmax(axis=1) == truth),
        "auc": round(attack.auc, 4),
        "interval": [round(end, 4) for end in attack.interval],
        "advantage": round(attack.advantage, 4),
    }


# Showing


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


def recognizer(images, identities, seed):
    """Return a small embedder trained on these pictures."""
    training.set_seed(seed)
    model = models.build_embedder(64, input_shape=(SIZE, SIZE, 3), filters=(8, 16, 32), dropout=0.1)
    fit_embedder(model, images, identities, epochs=12, batch_size=100, seed=seed, progress=False)
    return model


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


# Judging


def judging(seeds):
    """Return both groups' errors, by the share of dark people in the training."""
    runs = {name: [judged(part, seed) for seed in range(seeds)] for name, part in SHARES.items()}
    return {
        "fmr": FMR,
        "thresholds": THRESHOLDS.tolist(),
        "shares": {name: [run for run, _ in part] for name, part in runs.items()},
        **over_people({name: [again for _, again in part] for name, part in runs.items()}),
    }


def judged(part, seed, people=200):
    """Train, choose thresholds on some people, and judge them on others.

    Returns the rates, and for one threshold and for own ones the rates of people drawn again.
    """
    dark = round(people * part)
    images, identities = groups(people - dark, dark, 8, 4 * seed)
    model = recognizer(images, identities, seed)
    chosen, new = (pairs(model, 4 * seed + offset) for offset in (1, 2))
    one = evaluation.tar_at_far(*chosen[:2], FMR).threshold
    own = evaluation.equal_fmr_thresholds(*chosen, FMR)
    result = {
        "one": rates(new, one),
        "own": rates(new, own),
        "curves": [rates(new, threshold) for threshold in THRESHOLDS] if seed == 0 else [],
    }
    print(part, seed, evaluation.group_rates(*new, one), evaluation.group_rates(*new, own))
    again = {"one": redrawn(new, one, seed), "own": redrawn(new, own, seed)}
    return result, again


def redrawn(new, threshold, seed, people=300, pictures=4):
    """Return by group the FMR and the FNMR of people drawn again: two rows of `ROUNDS` rates.

    The first row is of the people as they are, and not counted among the rounds. The draws depend
    on the seed and the group only, so that rates of the same people can be compared.
    """
    left, right = np.triu_indices(people * pictures, 1)
    place = left // pictures * people + right // pictures
    found = {}
    for number, name in enumerate(("light", "dark")):
        rows = new[2] == name
        limit = threshold[name] if isinstance(threshold, dict) else threshold
        accepted = (new[1][rows] >= limit).astype(float)
        accepted = np.bincount(place, accepted, people**2).reshape(people, people)
        pairs = np.bincount(place, minlength=people**2).reshape(people, people)
        found[name] = rates_again(accepted, pairs, times_drawn(people, (seed, number)))
    return found


def times_drawn(people, seed):
    """Return how often each person is drawn: once in the first row, by chance in `ROUNDS` more."""
    drawn = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), ROUNDS)
    return np.concatenate([np.ones((1, people)), drawn])  # (1 + ROUNDS, people)


def rates_again(accepted, pairs, times):
    """Return FMR and FNMR, (2, 1 + ROUNDS), from the pairs of each person with each.

    An impostor pair counts as often as its two people were drawn, a genuine one as its person.
    """
    found = []
    for counts in (accepted, pairs):
        genuine = times @ np.diag(counts)
        others = counts - np.diag(np.diag(counts))
        found.append((np.sum(times @ others * times, axis=1), genuine))
    (false_matches, matches), (impostors, mates) = found
    return np.array([false_matches / impostors, 1 - matches / mates])


def over_people(again):
    """Return the means over the seeds, their intervals, and those of what is compared."""
    mean = {
        (name, which, group): np.mean([run[which][group] for run in runs], axis=0)
        for name, runs in again.items()
        for which in ("one", "own")
        for group in ("light", "dark")
    }
    small, half = SHARES
    groups_ = ("light", "dark")
    return {
        "means": {
            name: {
                which: {
                    **{group: both(mean[name, which, group]) for group in groups_},
                    "ratio of FMR": spread(
                        mean[name, which, "dark"][0] / mean[name, which, "light"][0]
                    ),
                }
                for which in ("one", "own")
            }
            for name in again
        },
        "own thresholds instead of one": {
            name: {g: both(mean[name, "own", g] - mean[name, "one", g]) for g in groups_}
            for name in again
        },
        "half dark instead of 10 %": {
            which: {g: both(mean[half, which, g] - mean[small, which, g]) for g in groups_}
            for which in ("one", "own")
        },
    }


def both(rates):
    """Return FMR and FNMR with their intervals."""
    return {"fmr": spread(rates[0]), "fnmr": spread(rates[1])}


def spread(values):
    """Return the value of the people as they are, and the 95 % interval of those drawn again."""
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return {"value": rounded(values[0]), "interval": [rounded(low), rounded(high)]}


def rounded(value):
    """Return a number to four digits."""
    return float(f"{value:.4g}")


def groups(light, dark, pictures, seed):
    """Return pictures of light people, then of dark ones, and who is on them."""
    fixed = {name: dial.neutral for name, dial in NUISANCES.items() if name not in VARIED}
    images = []
    for number, (people, (low, high)) in enumerate(((light, LIGHT), (dark, DARK))):
        drawn = sample_people(people, pictures, seed=2 * seed + number, size=16, fixed=fixed)
        tone = low + (high - low) * drawn.attributes["skin tone"]
        images.append(render_faces(drawn.attributes | {"skin tone": tone}, SIZE)[0])
    return np.concatenate(images), np.repeat(np.arange(light + dark), pictures)


def pairs(model, seed, people=300, pictures=4):
    """Return all pairs of new people within a group: same or not, scores and group."""
    images, identities = groups(people, people, pictures, seed)
    vectors = embed(model, images, mirror=False).reshape(2, people * pictures, -1)
    left, right = np.triu_indices(people * pictures, 1)
    same = np.tile(identities[left] == identities[right], 2)
    scores = np.concatenate([(part @ part.T)[left, right] for part in vectors])
    return same, scores, np.repeat(["light", "dark"], len(left))


def rates(new, threshold):
    """Return both groups' errors and thresholds as numbers."""
    return {
        r.group: {
            "threshold": round(r.threshold, 4),
            "fmr": {"successes": r.fmr.successes, "trials": r.fmr.trials},
            "fnmr": {"successes": r.fnmr.successes, "trials": r.fnmr.trials},
        }
        for r in evaluation.group_rates(*new, threshold)
    }


# Inverting


def inverting(data):
    """Return who is recognised from faces that were made of stolen templates, on LFW."""
    people, model = data.people("view1/test"), pretrained.load_embedder()
    evaluation.check_disjoint([*data.people("view1/train")], [*people])
    alone = [Photo(name, 1) for name, photos in people.items() if photos == 1]
    victims = [name for name, photos in people.items() if photos > 1]
    first, second = ([Photo(name, n) for name in victims] for n in (1, 2))
    own, first, second = (
        data.images(photos) / np.float32(255) for photos in (alone, first, second)
    )
    known, stolen, later = (embed(model, images) for images in (own, first, second))
    inverter, chosen = best_inverter(model, own, known)
    from_hash, chosen_for_hash = best_inverter(model, own, known, hashed_back)
    back = hashed_back(stolen)
    made = {
        "given back": inverter.invert(stolen),
        "given back from a BioHash and its secret": from_hash.invert(back),
        "turned by a secret": inverter.invert(rotate_embeddings(stolen, SECRET)),
    }
    shown = {name: embed(model, images) for name, images in made.items()}
    return {
        "data_fingerprint": data.fingerprint,
        "sha256": pretrained.SHA256,
        "threshold": pretrained.THRESHOLD,
        "attacker's people": len(own),
        "victims": len(victims),
        "inverter": chosen,
        "inverter for a BioHash": chosen_for_hash,
        "cosine of a BioHash undone": round(float(cosines(back, stolen).mean()), 3),
        "probes": {
            name: recognised(probes, later, pretrained.THRESHOLD)
            for name, probes in {"the photograph": stolen, **shown}.items()
        },
    }


def best_inverter(model, images, known, change=np.asarray):
    """Return an inverter for templates changed so, and how it was chosen.

    It is the one whose faces come nearest to the templates of a fifth that it has not seen.
    """
    seen, held = np.split(np.random.default_rng(0).permutation(len(images)), [len(images) * 4 // 5])
    changed, found = change(known), {}
    for components in (k for k in COMPONENTS if k <= len(seen)):
        for penalty in PENALTIES:
            way = fit_inverter(changed[seen], images[seen], components, penalty=penalty)
            again = embed(model, way.invert(changed[held]))
            found[components, penalty] = float(cosines(again, known[held]).mean())
    components, penalty = max(found, key=found.get)
    chosen = {"components": components, "penalty": penalty}
    print(chosen, found, flush=True)
    return fit_inverter(changed, images, components, penalty=penalty), chosen


def hashed_back(embeddings):
    """Return what a thief makes of BioHash codes whose secret was stolen with them."""
    dimension = embeddings.shape[1]
    return recover_embeddings(biohash(embeddings, SECRET, dimension), SECRET, dimension)


def recognised(probes, gallery, threshold):
    """Return rank 1, the TAR, and the FMR at which others pass; people stand in one row each."""
    scores = probes @ gallery.T  # (people, people)
    accepted = (scores >= threshold).astype(float)
    pairs, times = np.ones_like(accepted), times_drawn(len(accepted), 0)
    right = scores.argmax(axis=1) == np.arange(len(scores))
    print(right.mean(), np.diag(accepted).mean(), flush=True)
    return {
        "rank 1": with_interval(Proportion(int(right.sum()), len(right))),
        "tar": with_interval(Proportion(int(np.trace(accepted)), len(right))),
        "fmr": spread(rates_again(accepted, pairs, times)[0]),
    }


def cosines(one, two):
    """Return the cosine of each row of the one with that of the other."""
    return evaluation.pair_scores(one, two)


def share(right):
    """Return a proportion's two numbers."""
    return {"successes": int(np.sum(right)), "trials": len(right)}


if __name__ == "__main__":
    main()
