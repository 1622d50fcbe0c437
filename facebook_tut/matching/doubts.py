"""What a second look at an enrolment would ask: copies, strangers, one face under two names."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._names import clean_name
from facebook_tut._validation import check_array, check_number
from facebook_tut.matching.gallery import Gallery
from facebook_tut.matching.index import normalise

COPY = 0.95  # 92 % of recompressed, shrunk, cropped or brighter copies on LFW; 0 of 742 other pairs
BLOCK = 1024  # photographs compared at a time


@dataclass(frozen=True)
class Doubt:
    """A reason to look at a photograph again before its person is enrolled.

    Attributes
    ----------
    row : int
        Which photograph.
    kind : str
        ``"copy"``: it is the same as another one; ``"stranger"``: it is unlike the others of its
        person; ``"other person"``: it is more like somebody else.
    other : int or str
        The row of the other photograph; the name of the person whom it is like, or unlike.
    score : float
        The cosine with that one.

    Examples
    --------
    >>> Doubt(0, "copy", 1, 1.0).kind
    'copy'
    """

    row: int
    kind: str
    other: int | str
    score: float


def enrolment_doubts(gallery, names, embeddings, *, threshold, least):
    """Return what is odd about photographs that are in a gallery.

    Parameters
    ----------
    gallery : Gallery
        With everybody enrolled, these photographs among theirs.
    names : sequence of str
        Whose photograph each is said to be.
    embeddings : array_like, (N, D)
        The photographs.
    threshold : float
        The cosine from which on a face is given a name: a photograph is ``"other person"`` if it
        is more like somebody else's template than like its own person's, and reaches this.
    least : float
        A photograph whose cosine with the mean of its person's others is below is a
        ``"stranger"``.

    Returns
    -------
    list of Doubt
        In the order of the photographs; of a pair of copies the later one is named.

    Examples
    --------
    >>> from facebook_tut.matching import Gallery
    >>> names, rows = ["Ada", "Ada", "Eve"], [[1, 0], [0, 1], [0.01, 1]]
    >>> gallery = Gallery()
    >>> for name, row in zip(names, rows):
    ...     (gallery.update if name in gallery else gallery.enrol)(name, row)
    >>> for doubt in enrolment_doubts(gallery, names, rows, threshold=0.9, least=0.2):
    ...     print(doubt.row, doubt.kind, doubt.other, f"{doubt.score:.2f}")
    0 stranger Ada 0.00
    1 other person Eve 1.00
    1 stranger Ada 0.00
    2 copy 1 1.00
    """
    check_number("threshold", threshold, -1, 1)
    check_number("least", least, -1, 1)
    if not isinstance(gallery, Gallery):
        raise TypeError(f"gallery must be a Gallery, got {gallery!r:.80}")
    if not isinstance(names, list | tuple):
        raise TypeError(f"names must be a list of names, got {names!r:.80}")
    names = [clean_name(name) for name in names]
    rows = check_array("embeddings", embeddings, (len(names), "D"))
    if not names:
        return []
    rows = normalise(rows.astype(np.float64))
    own = _own_cosines(gallery, names, rows)
    doubts = _copies(rows) + _others(gallery, names, rows, own, threshold)
    doubts += [
        Doubt(row, "stranger", names[row], cosine)
        for row, cosine in enumerate(own)
        if cosine is not None and cosine < least
    ]
    return sorted(doubts, key=lambda doubt: doubt.row)


def _copies(rows):
    """Return of each photograph the first one of which it is a copy."""
    found = []
    for start in range(0, len(rows), BLOCK):
        cosines = rows[start : start + BLOCK] @ rows[: start + BLOCK].T  # (B, ≤ N)
        for row, line in enumerate(cosines, start=start):
            first = int(np.argmax(line[:row] >= COPY)) if row else 0
            if row and line[first] >= COPY:
                found.append(Doubt(row, "copy", first, float(line[first])))
    return found


def _own_cosines(gallery, names, rows):
    """Return each photograph's cosine with the mean of its person's others, or None without any."""
    cosines = []
    for name, row in zip(names, rows, strict=True):
        person = gallery._person(name)[1]
        rest = person.total - row
        length = np.linalg.norm(rest)
        alone = person.count < 2 or length < 1e-9
        cosines.append(None if alone else float(row @ rest / length))
    return cosines


def _others(gallery, names, rows, own, threshold):
    """Return which photographs are more like another person."""
    found = []
    for row, candidates in enumerate(gallery.identify(rows, threshold, k=2)):
        other = next((each for each in candidates if each.name != names[row]), None)
        if other and (own[row] is None or other.score > own[row]):
            found.append(Doubt(row, "other person", other.name, other.score))
    return found
