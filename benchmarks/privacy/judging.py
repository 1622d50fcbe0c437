"""Judging: the errors of two groups of people, of whom the training has few or many."""

import numpy as np
from _draws import draws, spread

from facebook_tut import evaluation
from facebook_tut.data.synthetic import NUISANCES, render_faces, sample_people
from facebook_tut.metric_learning import embed
from privacy.networks import SIZE, VARIED, recognizer

LIGHT, DARK, FMR = (0.5, 1.0), (0.0, 0.5), 0.01  # halves of the dial
SHARES = {"10 % dark": 0.1, "half dark": 0.5}
THRESHOLDS = np.round(np.linspace(0.7, 1.0, 61), 3)


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
    """Return by group the FMR and the FNMR of people drawn again: two rows of rates.

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
    """Return how often each person is drawn: once in the first row, by chance in the others."""
    return np.concatenate([np.ones((1, people)), draws(people, seed=seed)])  # (1 + rounds, people)


def rates_again(accepted, pairs, times):
    """Return FMR and FNMR, (2, 1 + rounds), from the pairs of each person with each.

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
