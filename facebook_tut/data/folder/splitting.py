"""Pictures are split so that each class is in each split, and all copies of one in the same."""

from collections import Counter

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from facebook_tut.data import SHARES
from facebook_tut.preprocessing.copies import close_hashes

FEWEST = len(SHARES)  # different pictures of a class: one for each split
DISTANCE, CORRELATION = 10, 0.95  # of copies, as in `cleaning.near_duplicates`


def _groups(found):
    """Return for each picture the number of its group, in which all are copies of each other."""
    if not found:
        return np.empty(0, dtype=int)
    bits, detail = (np.stack([getattr(one, name) for one in found]) for name in ("bits", "detail"))
    left, right = close_hashes(bits, bits, DISTANCE).T
    same = np.array([one.pixels for one in found], dtype=object)
    alike = (detail[left] * detail[right]).sum(axis=1) >= CORRELATION
    alike |= same[left] == same[right]  # an image of one colour correlates with none
    pairs = (left[alike], right[alike])
    links = coo_array((np.ones(len(pairs[0]), bool), pairs), shape=(len(found),) * 2)
    return connected_components(links, directed=False)[1]


def _check_enough(path, names, labels, groups, skipped):
    """Check that each class has a group of copies for each split."""
    for label, name in enumerate(names):
        count = len(set(groups[labels == label].tolist()))
        if count >= FEWEST:
            continue
        pictures = int((labels == label).sum())
        text = (
            f"class {name!r} of {path} must hold {FEWEST} different pictures or more, got {count}"
        )
        text += f" ({pictures} with copies)" if pictures > count else ""
        why = Counter(one.why for one in skipped if one.name == name)
        text += "".join(f"; {number} skipped: {each}" for each, number in why.most_common(3))
        raise ValueError(text)


def _split(labels, groups, rng):
    """Return the rows of the training, the validation and the test images.

    Groups of copies, the largest first, and else in an order that `rng` sets, go one by one to the
    split that lacks most of what it should have of the group's class.
    """
    count = labels.max() + 1
    wanted = np.outer(SHARES, np.bincount(labels))  # (3, classes)
    lacking, rows = wanted.copy(), [[], [], []]
    members = [np.flatnonzero(groups == group) for group in rng.permutation(groups.max() + 1)]
    for group in sorted(members, key=len, reverse=True):
        of_class = np.bincount(labels[group], minlength=count)
        split = int(np.argmax((lacking / wanted)[:, of_class > 0].sum(axis=1).round(9)))
        lacking[split] -= of_class
        rows[split] += group.tolist()
    return [np.sort(part) for part in rows]
