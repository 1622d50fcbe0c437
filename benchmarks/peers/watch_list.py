"""A watch list, as in `benchmarks/watch_list.py`: who on it is missed, and who else is named."""

import numpy as np
from _draws import draws, estimate
from lfw.people import rows_of

from peers.rows import differences

FPIR = 0.01
LISTS, LISTED = (10, 100, 400), 50  # people on a list, lists of each size


def measure_lists(seen, photos, thresholds):
    """Return FPIR and FNIR of lists of several sizes."""
    listed, strangers = rows_of(photos)
    found, less = {name: {} for name in seen}, {}
    people = len(listed) + len(strangers)
    drawn = draws(people)
    for size in LISTS:
        rng = np.random.default_rng(size)
        lists = [rng.choice(len(listed), size, replace=False) for _ in range(LISTED)]
        fnirs = {}
        for name, rows in seen.items():
            named = search(rows.of(photos), listed, strangers, lists)
            rates = rates_of_lists(named, lists, thresholds[name], drawn)
            found[name][str(size)] = {how: described(*one) for how, one in rates.items()}
            fnirs[name] = rates["at_fpir"][2]
        less[str(size)] = differences(fnirs)
    sizes = {"people_to_list": len(listed), "strangers": len(strangers)}
    return {**sizes, "systems": found, "fnir_differences_at_fpir": less}


def described(limit, fpir, fnir):
    """Return a threshold and its rates as a record has them."""
    return {"threshold": round(limit, 4), "fpir": estimate(*fpir), "fnir": estimate(*fnir)}


def search(embeddings, listed, strangers, lists):
    """Return the score up to which each probe gets the name that counts, list by list.

    Returns
    -------
    own : ndarray, (L, K), float
        Of each list's people with their own names; −∞ where somebody else comes before.
    alarms : ndarray, (L, S), float
        Of the strangers.
    """
    gallery = embeddings[listed[:, 0]]
    seen, others = embeddings[listed[:, 1]] @ gallery.T, embeddings[strangers] @ gallery.T
    own, alarms = [], []
    for chosen in lists:
        scores = seen[np.ix_(chosen, chosen)]
        first = scores.argmax(axis=1) == np.arange(len(chosen))
        own.append(np.where(first, scores.max(axis=1), -np.inf))
        alarms.append(others[:, chosen].max(axis=1))
    return np.array(own), np.array(alarms)


def rates_of_lists(named, lists, threshold, drawn):
    """Return the rates at the threshold of pairs, and at an FPIR of one in a hundred.

    Of the draws the first columns are the listed people, the others the strangers. A rate is its
    value, and those of the draws.
    """
    own, alarms = named
    strict = float(np.quantile(alarms, 1 - FPIR))
    drawn = np.vstack([np.ones_like(drawn[:1]), drawn])
    result = {}
    for name, limit in {"at_pairs_threshold": threshold, "at_fpir": strict}.items():
        times, missed = np.zeros((2, drawn.shape[1] - alarms.shape[1]))
        for chosen, scores in zip(lists, own, strict=True):
            times[chosen] += 1
            missed[chosen] += scores < limit
        known, strangers = np.split(drawn, [len(times)], axis=1)
        fnir = known @ missed / (known @ times)
        fpir = strangers @ (alarms >= limit).mean(0) / strangers.sum(1)
        result[name] = limit, (fpir[0], fpir[1:]), (fnir[0], fnir[1:])
    return result
