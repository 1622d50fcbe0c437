"""Counting people: faces grouped by person without knowing any of them."""

import numpy as np

from facebook_tut._validation import as_array, check_array, check_number
from facebook_tut.matching.index import normalise
from facebook_tut.pretrained import COUNT_THRESHOLD

FEW = 2000  # faces of which all pairs are kept in memory
MANY = 20_000  # faces of which all pairs are looked at, block by block
EDGES = 5_000_000  # pairs that are kept at most
CELLS = 8  # in how many of the cells that are nearest to it a face is looked for
BLOCK = 2048
ROUNDING = 1e-6  # by so much a cosine may miss the threshold and still reach it


def group_people(embeddings, threshold=COUNT_THRESHOLD):
    """Group embeddings by person without knowing any of them: how people are counted.

    Average-linkage clustering: the two groups whose members are most alike on average are merged,
    until no two groups reach the threshold.

    Of up to 2,000 faces all pairs are kept. Of more, only the pairs that reach the threshold: two
    groups that do so on average have such a pair, and the mean cosine of two groups is the product
    of their mean embeddings, so that the result is the same, in far less memory. Of more than
    20,000 faces, pairs are sought among those that are near the same of some hundred faces chosen
    at random, and of more than five million pairs the most alike are kept. Then a merge may be
    missed.

    Parameters
    ----------
    embeddings : array_like, (N, D)
        One face a row, of any length above zero. None are allowed, (0, D).
    threshold : float
        The mean cosine from which two groups are one person. The one that is given was measured for
        `pretrained`, on LFW: streams of 10 to 100 people with one to five photographs each. It is
        lower than that for verifying, which would split most people whose photographs differ. It
        balances people counted twice with people merged: where nobody comes twice, or where there
        are many more people, a higher one counts better; see `evaluation.count_errors`.

    Returns
    -------
    ndarray, (N,), int
        A number for each face, from 0, in the order in which the people first appear.

    Raises
    ------
    ValueError
        If a row is zero.

    References
    ----------
    Sokal and Michener, "A statistical method for evaluating systematic relationships" (1958);
    Bruynooghe, "Classification ascendante hiérarchique des grands ensembles de données" (1978), for
    merging all groups at once that are each other's nearest.

    Examples
    --------
    >>> group_people([[1, 0], [0, 1], [0.96, 0.28]], threshold=0.9).tolist()
    [0, 1, 0]
    """
    check_number("threshold", threshold, -1, 1)
    embeddings = as_array("embeddings", embeddings)
    if embeddings.shape[:1] == (0,):
        return np.zeros(0, int)
    rows = normalise(check_array("embeddings", embeddings, ("N", "D")))
    if len(rows) == 1:
        return np.zeros(1, int)
    groups = _all_pairs(rows, threshold) if len(rows) <= FEW else _by_graph(rows, threshold)
    _, first, groups = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[groups]  # no two are equal


def _all_pairs(rows, threshold):
    from sklearn.cluster import AgglomerativeClustering

    return AgglomerativeClustering(
        n_clusters=None,
        metric="cosine",
        linkage="average",
        distance_threshold=1 - threshold + ROUNDING,
    ).fit_predict(rows)


def _by_graph(rows, threshold):
    """Return the group of each face, merged along the pairs that reach the threshold."""
    # Equal rows are one group from the start; they would be each other's nearest all at once.
    rows, copies, counts = np.unique(
        rows.astype(np.float32), axis=0, return_inverse=True, return_counts=True
    )  # (N, D)
    threshold -= ROUNDING
    bar = _bar(rows, threshold)
    pairs = _pairs(rows, bar) if len(rows) <= MANY else _pairs_in_cells(rows, bar)
    return _merge(rows, counts.astype(np.float32), *pairs, threshold)[copies.ravel()]


def _bar(rows, threshold):
    """Return the cosine from which pairs are kept: the threshold, or more if these are too many."""
    kept = 2 * EDGES / len(rows) ** 2
    if kept >= 1:
        return threshold
    some = rows[np.random.default_rng(0).permutation(len(rows))[:256]]
    cosines = np.sort((some @ rows.T).ravel())[: -len(some)]  # without each one's own
    return max(threshold, float(cosines[int((1 - kept) * len(cosines))]))


def _pairs(rows, bar):
    """Return the pairs of all faces that reach a cosine, (E,) and (E,), and the cosines (E,)."""
    found = []
    for start in range(0, len(rows), BLOCK):
        products = rows[start : start + BLOCK] @ rows[: start + BLOCK].T  # (B, ≤ N)
        one, other = np.nonzero(products >= bar)
        below = one + start > other  # each pair once, and nobody with himself
        one, other = one[below], other[below]
        found.append((one + start, other, products[one, other]))
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def _pairs_in_cells(rows, bar):
    """Return the pairs that reach a cosine, of faces that are near the same few of some faces."""
    n = len(rows)
    centres = rows[np.random.default_rng(1).permutation(n)[: int(2 * np.sqrt(n))]]  # (C, D)
    parts = np.array_split(rows, max(1, n // BLOCK))
    near = [np.argpartition(-(part @ centres.T), CELLS, axis=1)[:, :CELLS] for part in parts]
    cells = np.concatenate(near).ravel()  # (8 N,)
    members = np.argsort(cells, kind="stable") // CELLS
    keys, cosines = [], []
    for inside in np.split(members, np.cumsum(np.bincount(cells))[:-1]):
        one, other, some = _pairs(rows[inside], bar)
        keys.append(_keys(np.stack([inside[one], inside[other]]), n))
        cosines.append(some)
    keys, first = np.unique(np.concatenate(keys), return_index=True)  # many are in several cells
    return keys // n, keys % n, np.concatenate(cosines)[first]


def _merge(rows, counts, one, other, cosines, threshold):
    """Merge groups that are each other's nearest, round by round, along pairs that are joined.

    A group has the number of its first face. A round touches the pairs of groups that were merged
    in the last one, and looks for the nearest of their neighbours; all else stays as it is.
    """
    n = len(rows)
    into, sums = np.arange(n), rows * counts[:, np.newaxis]
    best, partner = np.empty(n, np.float32), np.empty(n, np.int32)
    one, other, stale = one.astype(np.int32), other.astype(np.int32), np.ones(n, bool)
    while len(one):
        _look_for_nearest(best, partner, stale, one, other, cosines)
        kept = np.flatnonzero((partner < n) & (partner[partner % n] == np.arange(n)))
        kept = kept[kept < partner[kept]]
        if not len(kept):
            break
        gone, touched = partner[kept], np.zeros(n, bool)
        sums[kept] += sums[gone]
        counts[kept] += counts[gone]
        into[gone], partner[gone] = kept, n
        touched[kept] = touched[gone] = True
        old = touched[one] | touched[other]
        ends = np.stack([into[one[old]], into[other[old]]])  # (2, E')
        new = _distinct(ends, n)
        means = _means(sums, counts, *new)
        near = means >= threshold
        stale[:] = False
        stale[ends] = True
        stale[gone] = False
        one, other = (
            np.concatenate([each[~old], some[near].astype(np.int32)])
            for each, some in ((one, new[0]), (other, new[1]))
        )
        cosines = np.concatenate([cosines[~old], means[near]])
    while (into[into] != into).any():
        into = into[into]
    return into


def _distinct(ends, n):
    """Return pairs (2, E) without those of a group with itself, and each once."""
    keys = np.sort(_keys(ends[:, ends[0] != ends[1]], n))
    keys = keys[np.flatnonzero(np.diff(keys, prepend=-1))]
    return np.stack([keys // n, keys % n])


def _keys(ends, n):
    """Return pairs (2, E) as numbers (E,), the higher end first."""
    return ends.max(axis=0).astype(np.int64) * n + ends.min(axis=0)


def _means(sums, counts, one, other):
    """Return the mean cosine of each pair of groups: the product of their mean embeddings."""
    products = [
        np.einsum("ed,ed->e", sums[one[part]], sums[other[part]])
        for part in np.array_split(np.arange(len(one)), len(one) // 50_000 + 1)
    ]
    return np.concatenate(products) / (counts[one] * counts[other])


def _look_for_nearest(best, partner, stale, one, other, cosines):
    """Find anew the nearest group of each that is stale; of equally near ones the lowest."""
    best[stale], partner[stale] = -np.inf, len(partner)
    sides = [
        (end[s], far[s], cosines[s])
        for end, far in ((one, other), (other, one))
        for s in [stale[end]]
    ]
    for end, _, some in sides:
        np.maximum.at(best, end, some)
    for end, far, some in sides:
        nearest = some == best[end]
        np.minimum.at(partner, end[nearest], far[nearest])
