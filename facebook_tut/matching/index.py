"""The search for the nearest rows of a gallery: the plain definition, and two that are fast."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import repeat
from threading import Lock

import numpy as np
from threadpoolctl import ThreadpoolController

from facebook_tut._validation import check_array, check_number

SHORTEST = 1e-35  # rows that are shorter count as zeros: single precision ends soon below
PROBES, ROWS = 128, 4096  # one block of scores: at most 2 MiB, which stays in the cache


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
    ValueError
        If a row is zero.

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
        Their rows in the gallery; of equal scores, the lowest row comes first.

    Raises
    ------
    ValueError
        If a row is zero.

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

    Examples
    --------
    >>> index = ExactIndex(2)
    >>> index.add([[1, 0], [0, 1]])
    >>> scores, rows = index.search([[0, 5]])
    >>> len(index), scores.tolist(), rows.tolist()
    (2, [[1.0]], [[1]])
    """

    def __init__(self, dimension):
        self.dimension = check_number("dimension", dimension, 1, 10**6, integer=True)
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
        """
        embeddings = check_array("embeddings", embeddings, ("N", self.dimension))
        lengths = _lengths("embeddings", embeddings)
        for start in range(0, len(embeddings), ROWS):
            some = slice(start, start + ROWS)
            # As columns, a product reads them as they are; as rows it takes an eighth longer.
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
        ValueError
            If a row is zero, or the index is empty.
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
        self.dimension = check_number("dimension", dimension, 1, 10**6, integer=True)
        self._index = _import_faiss().IndexFlatIP(int(self.dimension))

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


def _unit(name, rows, dimension="D"):
    """Return rows of length 1, in float32 at least; the argument's name is for the errors."""
    rows = check_array(name, rows, ("N", dimension))
    rows = rows.astype(np.result_type(rows, np.float32), copy=False)
    return rows / _lengths(name, rows).astype(rows.dtype)


def _lengths(name, rows):
    """Return the rows' lengths (N, 1), none of them zero; no second (N, D) is made on the way."""
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows, dtype=np.float64))
    wrong = np.flatnonzero(~((lengths > SHORTEST) & (lengths < np.inf)))
    if wrong.size:
        kind = "only zeros" if lengths[wrong[0]] <= SHORTEST else "NaN or infinity"
        raise ValueError(f"{name} must have a direction, row {wrong[0]} holds {kind}")
    return lengths[:, None]


def _unit32(name, rows, dimension="D"):
    return np.ascontiguousarray(_unit(name, rows, dimension), np.float32)


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
        found = _blas().info()  # faiss and SciPy may bring others, with threads of their own
        own = [library for library in found if "numpy" in library["filepath"]] or found
        threads = max((library["num_threads"] for library in own), default=1)
        with _blas().limit(limits=1):
            yield threads


_SEARCHING = Lock()
if hasattr(os, "register_at_fork"):  # a copy of this process made in the middle would wait for ever
    os.register_at_fork(
        before=_SEARCHING.acquire,
        after_in_parent=_SEARCHING.release,
        after_in_child=_SEARCHING.release,
    )


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
