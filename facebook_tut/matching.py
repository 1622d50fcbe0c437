"""Matching: whose template is nearest to a probe, and is it near enough to say the name."""

import hashlib
import io
import json
import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from threading import Lock

import numpy as np
from threadpoolctl import ThreadpoolController

from facebook_tut._files import check_writable, replacing
from facebook_tut._validation import check_array, check_number

PROBES, ROWS = 128, 4096  # one block of scores: at most 2 MiB, which stays in the cache
VERSION = 1  # of the file that `Gallery.save` writes
DIGEST = 32  # bytes of a SHA-256
MEAN_LENGTH = 1e-6  # embeddings whose mean is shorter cancel out: it points nowhere


def normalise(embeddings):
    """Scale every embedding to length 1, so that a dot product is a cosine.

    Parameters
    ----------
    embeddings : array_like, (N, D)
        One embedding a row.

    Returns
    -------
    ndarray, (N, D), float32 or float64
        In the precision that was given, whole numbers as float64.

    Raises
    ------
    TypeError, ValueError
        If the shape is wrong, or a row is zero or holds NaN or infinity.

    Examples
    --------
    >>> normalise([[3, 4], [0, -2]]).tolist()
    [[0.6, 0.8], [0.0, -1.0]]
    """
    return _unit("embeddings", embeddings, "D")


def cosine_search(gallery, probes, k=1):
    """Return the k rows of a gallery that are most like each probe: the plain definition.

    The score is the cosine of the angle between two embeddings. `ExactIndex` finds the same
    without ever holding all P × G scores.

    Parameters
    ----------
    gallery : array_like, (G, D)
        One template a row.
    probes : array_like, (P, D)
        The embeddings to look for.
    k : int
        From 1 to G.

    Returns
    -------
    scores : ndarray, (P, k), float
        Cosines from −1 to 1, the highest first.
    rows : ndarray, (P, k), int
        Where they stand in the gallery; of equal scores, the lowest row comes first.

    Raises
    ------
    TypeError, ValueError
        As `normalise`, or if the lengths D differ, or `k` is not such a number.

    Examples
    --------
    >>> scores, rows = cosine_search([[1, 0], [0, 1], [1, 1]], [[2, 0], [0, 3]], k=2)
    >>> rows.tolist(), scores.round(3).tolist()
    ([[0, 2], [1, 2]], [[1.0, 0.707], [1.0, 0.707]])
    """
    gallery = _unit("gallery", gallery, "D")
    probes = _unit("probes", probes, gallery.shape[1])
    k = check_number("k", k, 1, len(gallery), integer=True)
    scores = probes @ gallery.T  # (P, G)
    rows = np.argsort(-scores, axis=1, kind="stable")[:, :k]  # (P, k)
    return np.take_along_axis(scores, rows, axis=1), rows


class ExactIndex:
    """A gallery that is searched block by block, every row of it.

    A block of scores is read while it is still in the cache, and only those that beat the k-th
    best so far are looked at further. As many threads as NumPy's linear algebra has share the rows.
    Embeddings are kept in float32, so scores that differ by less than about 1e-7 may swap.

    Parameters
    ----------
    dimension : int
        D, the length of an embedding.

    Raises
    ------
    TypeError, ValueError
        If it is not a whole number from 1.

    Examples
    --------
    >>> index = ExactIndex(2)
    >>> index.add([[1, 0], [0, 1]])
    >>> scores, rows = index.search([[0, 5]])
    >>> len(index), scores.tolist(), rows.tolist()
    (2, [[1.0]], [[1]])
    """

    def __init__(self, dimension):
        self.dimension = check_number("dimension", dimension, 1, math.inf, integer=True)
        self._blocks = []  # (its first row, its embeddings as columns (D, B))
        self._length = 0

    def __len__(self):
        return self._length

    def add(self, embeddings):
        """Append rows to the gallery, best many at once: they become blocks of their own.

        Parameters
        ----------
        embeddings : array_like, (N, D)
            Of any length above zero; they are normalised.

        Raises
        ------
        TypeError, ValueError
            As `normalise`, or if D is not the index' dimension.
        """
        embeddings = check_array("embeddings", embeddings, ("N", self.dimension))
        lengths = _lengths("embeddings", embeddings)
        for start in range(0, len(embeddings), ROWS):
            some = slice(start, start + ROWS)
            # As columns, a product reads them as they lie; as rows it takes an eighth longer.
            block = np.empty((self.dimension, len(lengths[some])), np.float32)  # (D, B)
            np.divide(embeddings[some].T, lengths[some].T, out=block, casting="same_kind")
            self._blocks.append((self._length + start, block))
        self._length += len(embeddings)

    def search(self, probes, k=1):
        """Return the k best rows for each probe, as `cosine_search` does.

        Parameters
        ----------
        probes : array_like, (P, D)
            The embeddings to look for.
        k : int
            From 1 to the length of the index.

        Returns
        -------
        scores : ndarray, (P, k), float32
        rows : ndarray, (P, k), int64

        Raises
        ------
        TypeError, ValueError
            As `cosine_search`, or if the index is empty.
        """
        probes = _check_search(self, probes, k)
        found = []
        with _threads() as threads, ThreadPoolExecutor(threads) as pool:
            shares = [self._blocks[t::threads] for t in range(min(threads, len(self._blocks)))]
            run = map if len(shares) == 1 else pool.map  # a small gallery is not worth a thread
            for start in range(0, len(probes), PROBES):
                some = probes[start : start + PROBES]
                parts = run(_scan, shares, repeat(some), repeat(k))
                found.append(_best(*map(np.hstack, zip(*parts, strict=True)), k))
        scores, rows = map(np.concatenate, zip(*found, strict=True))
        return scores, rows


class FaissIndex:
    """The same gallery in faiss, with the same interface and the same results.

    Worth it where a gallery outgrows the exact search: faiss has approximate indexes too. This one
    is exact (``IndexFlatIP``).

    Parameters
    ----------
    dimension : int
        D, the length of an embedding.

    Raises
    ------
    ImportError
        If faiss is not installed.
    TypeError, ValueError
        If `dimension` is not a whole number from 1.

    References
    ----------
    Johnson, Douze and Jégou, "Billion-scale similarity search with GPUs" (2019).

    Examples
    --------
    >>> index = FaissIndex(2)
    >>> index.add([[1, 0], [0, 1]])
    >>> scores, rows = index.search([[0, 5]])
    >>> len(index), scores.tolist(), rows.tolist()
    (2, [[1.0]], [[1]])
    """

    def __init__(self, dimension):
        self.dimension = check_number("dimension", dimension, 1, math.inf, integer=True)
        self._index = _import_faiss().IndexFlatIP(self.dimension)

    def __len__(self):
        return self._index.ntotal

    def add(self, embeddings):
        """Append rows to the gallery, as `ExactIndex.add`."""
        self._index.add(_unit32("embeddings", embeddings, self.dimension))

    def search(self, probes, k=1):
        """Return the k best rows for each probe, as `ExactIndex.search`."""
        probes = _check_search(self, probes, k)
        asked = k
        while True:  # faiss keeps any of those that tie for place k, so ask until none is left out
            asked = min(2 * asked, len(self))
            scores, rows = self._index.search(probes, asked)
            if asked == len(self) or (scores[:, -1] < scores[:, k - 1]).all():
                break
        owners = np.repeat(np.arange(len(probes)), asked)
        return _best(scores.ravel(), rows.ravel(), owners, k)


ENGINES = {"exact": ExactIndex, "faiss": FaissIndex}


@dataclass(frozen=True)
class Verification:
    """The answer to "is this that person?".

    Attributes
    ----------
    accepted : bool
        Whether the score reaches the threshold.
    score : float
        The cosine of probe and template.

    Examples
    --------
    >>> Verification(accepted=True, score=0.8).accepted
    True
    """

    accepted: bool
    score: float


@dataclass(frozen=True)
class Candidate:
    """One answer to "who is this?".

    Attributes
    ----------
    name : str
        The person.
    score : float
        The cosine of probe and template.

    Examples
    --------
    >>> Candidate("Ada", 0.8).name
    'Ada'
    """

    name: str
    score: float


class Gallery:
    """The people a recogniser knows: one template a name.

    A template is the normalised mean of a person's normalised embeddings. What is kept is their sum
    and their number, so it does not matter in how many parts they come.

    Parameters
    ----------
    model : str
        What made the embeddings, such as the SHA-256 of its weights; empty if it is not told.
        Embeddings of two models cannot be compared.
    engine : {"exact", "faiss"}
        What searches: `ExactIndex` or `FaissIndex`. It is built anew by the first search after a
        change.

    Raises
    ------
    ImportError
        If faiss is wanted and not installed.
    TypeError, ValueError
        If `model` is no text, or there is no such engine.

    Examples
    --------
    >>> gallery = Gallery()
    >>> gallery.enrol("Ada", [[0.8, 0.6], [0.8, -0.6]])
    >>> gallery.enrol("Grace", [0, 1])
    >>> gallery.verify("Ada", [1, 0], threshold=0.9)
    Verification(accepted=True, score=1.0)
    >>> gallery.identify([[0, 2], [-1, 0]], threshold=0.9)
    [[Candidate(name='Grace', score=1.0)], []]
    """

    def __init__(self, model="", *, engine="exact"):
        if not isinstance(model, str):
            raise TypeError(f"model must be a str, got {model!r}")
        if engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
        if engine == "faiss":
            _import_faiss()
        self.model, self.engine = model, engine
        self._people = {}  # name -> (sum of the unit embeddings (D,) float64, their number)
        self._index = None  # none after a change

    def __len__(self):
        return len(self._people)

    def __contains__(self, name):
        return name in self._people

    @property
    def names(self):
        """The people in the order of their enrolment, a tuple of str."""
        return tuple(self._people)

    def enrol(self, name, embeddings):
        """Add a person.

        Parameters
        ----------
        name : str
            Any text that is not blank.
        embeddings : array_like, (D,) or (N, D)
            Of one picture or of several.

        Raises
        ------
        TypeError, ValueError
            If the name is blank or taken, or the embeddings are zero, hold NaN, cancel out or
            have another length D than those in the gallery.
        """
        if not isinstance(name, str):
            raise TypeError(f"name must be a str, got {name!r}")
        if not name.strip():
            raise ValueError(f"name must not be blank, got {name!r}")
        if name in self:
            raise ValueError(f"{name!r} is enrolled already; update() adds embeddings to a person")
        self._merge(name, embeddings, 0, 0)

    def update(self, name, embeddings):
        """Merge more embeddings into a person's template, as if all had come at once.

        Parameters
        ----------
        name : str
            An enrolled person.
        embeddings : array_like, (D,) or (N, D)
            Of one picture or of several.

        Raises
        ------
        TypeError, ValueError
            If there is no such person, or the embeddings are not as for `enrol`.
        """
        self._merge(name, embeddings, *self._person(name))

    def remove(self, name):
        """Forget a person.

        Parameters
        ----------
        name : str
            An enrolled person.

        Raises
        ------
        ValueError
            If there is no such person.
        """
        self._person(name)
        del self._people[name]
        self._index = None

    def template(self, name):
        """Return a person's template.

        Parameters
        ----------
        name : str
            An enrolled person.

        Returns
        -------
        ndarray, (D,), float32
            Of length 1.

        Raises
        ------
        ValueError
            If there is no such person.
        """
        total, _ = self._person(name)
        return _unit32("template", total[None], len(total))[0]

    def verify(self, name, probe, threshold):
        """Answer "is this that person?": 1:1.

        Parameters
        ----------
        name : str
            Who the probe claims to be.
        probe : array_like, (D,)
            One embedding.
        threshold : float
            The lowest cosine that is accepted, from −1 to 1.

        Returns
        -------
        Verification

        Raises
        ------
        TypeError, ValueError
            If there is no such person, the probe is zero, holds NaN or has another length, or the
            threshold is not such a number.
        """
        threshold = check_number("threshold", threshold, -1, 1)
        template = self.template(name)
        probe = _unit32("probe", np.asarray(probe)[None], len(template))[0]
        score = _cosines(probe @ template).item()
        return Verification(bool(score >= threshold), score)

    def identify(self, probes, threshold, k=1):
        """Answer "who is this, if anyone here?": 1:N, open set.

        Parameters
        ----------
        probes : array_like, (P, D)
            One embedding a row.
        threshold : float
            The lowest cosine that is accepted, from −1 to 1.
        k : int
            How many candidates at most.

        Returns
        -------
        list of list of Candidate
            For each probe its candidates, the best first. An empty list means unknown: nobody
            reaches the threshold. In an empty gallery everybody is unknown.

        Raises
        ------
        TypeError, ValueError
            If a probe is zero, holds NaN or has another length, or a number is out of bounds.
        """
        threshold = check_number("threshold", threshold, -1, 1)
        k = min(check_number("k", k, 1, math.inf, integer=True), len(self))
        probes = _unit32("probes", probes, self._dimension)
        if not self._people:
            return [[] for _ in probes]
        names, (scores, rows) = self.names, self._searchable().search(probes, k)
        return [
            [Candidate(names[r], s) for s, r in zip(*pair, strict=True) if s >= threshold]
            for pair in zip(_cosines(scores).tolist(), rows.tolist(), strict=True)
        ]

    def save(self, path, *, overwrite=False):
        """Write the gallery to one ``.npz`` file, whole or not at all.

        Parameters
        ----------
        path : str or path-like
            A name that ends in ``.npz``.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        OSError, ValueError
            If it cannot be written there.
        """
        path = check_writable(path, overwrite=overwrite, suffix=".npz")
        with replacing(path, overwrite=overwrite) as temporary:
            temporary.write_bytes(self.to_bytes())

    def to_bytes(self):
        """Return what `save` writes, such as to encrypt it first: see `privacy.storage`.

        Returns
        -------
        bytes
        """
        totals, counts = zip(*self._people.values(), strict=True) if self._people else ((), ())
        header = {"version": VERSION, "model": self.model, "names": self.names, "counts": counts}
        buffer = io.BytesIO()
        text = np.frombuffer(json.dumps(header).encode("ascii"), np.uint8)
        np.savez(buffer, header=text, sums=np.array(totals, np.float64))
        return _seal(buffer.getvalue())

    @classmethod
    def load(cls, path, model=None, *, engine="exact"):
        """Read a gallery that `save` wrote.

        Parameters
        ----------
        path : str or path-like
            The file.
        model : str, optional
            What makes the probes; if it is given, it must be what made the templates.
        engine : {"exact", "faiss"}
            What searches.

        Returns
        -------
        Gallery

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is damaged, no gallery, of another format version or of another model.
        """
        return cls.from_bytes(Path(path).read_bytes(), model, engine=engine, source=path)

    @classmethod
    def from_bytes(cls, data, model=None, *, engine="exact", source="data"):
        """Read what `to_bytes` returned.

        Parameters
        ----------
        data : bytes
            The gallery.
        model, engine
            As for `load`.
        source : str or path-like
            What the error messages call it.

        Returns
        -------
        Gallery

        Raises
        ------
        ValueError
            As `load`.
        """
        with np.load(io.BytesIO(_unseal(data, source)), allow_pickle=False) as file:
            header, sums = json.loads(file["header"].tobytes()), file["sums"]
        if header["version"] != VERSION:
            raise ValueError(
                f"{source} has format version {header['version']}, this package reads {VERSION}"
            )
        if model is not None and model != header["model"]:
            raise ValueError(
                f"{source} holds templates of model {header['model']!r}, not of {model!r}: they "
                "cannot be compared, so enrol everybody anew"
            )
        gallery = cls(header["model"], engine=engine)
        people = zip(sums, header["counts"], strict=True)
        gallery._people = dict(zip(header["names"], people, strict=True))
        return gallery

    @property
    def _dimension(self):
        """The length of the embeddings, or the word for any."""
        return len(next(iter(self._people.values()))[0]) if self._people else "D"

    def _person(self, name):
        if name not in self:
            raise ValueError(f"nobody named {name!r} is enrolled")
        return self._people[name]

    def _merge(self, name, embeddings, total, count):
        rows = _unit("embeddings", np.atleast_2d(embeddings), self._dimension).astype(np.float64)
        total = sum(rows, start=total)  # row after row, however many come at once
        count += len(rows)
        if np.linalg.norm(total) < MEAN_LENGTH * count:
            raise ValueError(f"the embeddings of {name!r} cancel out: their mean is zero")
        self._people[name] = total, count
        self._index = None

    def _searchable(self):
        if self._index is None:
            index = ENGINES[self.engine](self._dimension)
            index.add(np.stack([total for total, _ in self._people.values()]))
            self._index = index
        return self._index


def _unit(name, rows, dimension="D"):
    """Return rows of length 1, in float32 at least; the argument's name is for the errors."""
    rows = check_array(name, rows, ("N", dimension))
    rows = rows.astype(np.result_type(rows, np.float32), copy=False)
    return rows / _lengths(name, rows).astype(rows.dtype)


def _lengths(name, rows):
    """Return the rows' lengths (N, 1), none of them zero; no second (N, D) is made on the way."""
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows, dtype=np.float64))
    wrong = np.flatnonzero(~((lengths > 0) & (lengths < np.inf)))
    if wrong.size:
        kind = "only zeros" if lengths[wrong[0]] == 0 else "NaN or infinity"
        raise ValueError(f"{name} must have a direction, row {wrong[0]} holds {kind}")
    return lengths[:, None]


def _unit32(name, rows, dimension="D"):
    return np.ascontiguousarray(_unit(name, rows, dimension), np.float32)


def _cosines(scores):
    """Return scores as they would be without rounding: none beyond 1, so −1 accepts them all."""
    return np.clip(scores, -1, 1)


def _check_search(index, probes, k):
    """Return the probes at length 1."""
    if not len(index):
        raise ValueError("the index is empty: add embeddings before the first search")
    check_number("k", k, 1, len(index), integer=True)
    return _unit32("probes", probes, index.dimension)


def _scan(blocks, probes, k):
    """Return the k best rows of some blocks for each probe, flat: scores, rows, whose they are."""
    everyone = np.repeat(np.arange(len(probes)), k)
    scores = np.full((len(probes), k), -np.inf, np.float32)
    rows = np.zeros((len(probes), k), np.int64)
    memory = np.empty((len(probes), ROWS), np.float32)  # new memory would cost as much as the sums
    for start, block in blocks:
        products = np.matmul(probes, block, out=memory[:, : block.shape[1]])  # (P, B)
        owners, columns = _hopeful(products, scores[:, -1], k)
        if owners.size:
            scores, rows = _best(
                np.hstack([scores.ravel(), products[owners, columns]]),
                np.hstack([rows.ravel(), start + columns]),
                np.hstack([everyone, owners]),
                k,
            )
    return scores.ravel(), rows.ravel(), everyone


def _hopeful(products, bar, k):
    """Return whose and which products may be among the k best; those below the bar are not."""
    if k == 1:
        columns = products.argmax(axis=1)
        owners = np.flatnonzero(products[np.arange(len(products)), columns] >= bar)
        return owners, columns[owners]
    if k < products.shape[1] and bar.min() == -np.inf:  # the first block: it sets the bar itself
        bar = np.partition(products, -k, axis=1)[:, -k]
    owners = np.flatnonzero(products.max(axis=1) >= bar)
    places, columns = np.nonzero(products[owners] >= bar[owners, None])
    return owners[places], columns


def _best(scores, rows, owners, k):
    """Return each owner's k highest scores and their rows, (P, k); the lowest row wins a tie."""
    order = np.lexsort((rows, -scores, owners))
    counts = np.bincount(owners)
    firsts = np.cumsum(counts) - counts
    order = order[firsts[:, None] + np.arange(k)]  # (P, k)
    return scores[order], rows[order]


@contextmanager
def _threads():
    """Give the number of threads to start: BLAS' own, which works on one thread meanwhile."""
    with _SEARCHING:  # the limit is the process', so two searches would mix it up
        threads = max((library["num_threads"] for library in _blas().info()), default=1)
        with _blas().limit(limits=1):
            yield threads


_SEARCHING = Lock()


@cache
def _blas():
    return ThreadpoolController().select(user_api="blas")


def _import_faiss():
    try:
        import faiss
    except ImportError as error:
        raise ImportError(
            'the faiss engine needs faiss: pip install "facebook_tut[search]"'
        ) from error
    return faiss


def _seal(archive):
    """Return a zip archive with a comment at its end: the SHA-256 of all that stands before it."""
    body = archive[:-2] + DIGEST.to_bytes(2, "little")  # the comment's length, until now 0
    return body + hashlib.sha256(body).digest()


def _unseal(data, source):
    """Return the bytes of a sealed archive if they are those that were written."""
    if hashlib.sha256(data[:-DIGEST]).digest() != data[-DIGEST:]:
        raise ValueError(f"{source} is no gallery that this package wrote, or it is damaged")
    return data
