"""The search: by its definition, block by block and in faiss."""

import subprocess
import sys
import threading
import tracemalloc
from importlib.util import find_spec
from time import sleep

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_info, threadpool_limits

from facebook_tut import matching
from facebook_tut.matching import Candidate, ExactIndex, FaissIndex, Gallery, cosine_search
from facebook_tut.matching import index as search

FAISS = find_spec("faiss") is not None
SKIP = pytest.mark.skipif(not FAISS, reason="faiss is not installed: it has no wheel here")
INDEXES = pytest.mark.parametrize("index", [ExactIndex, pytest.param(FaissIndex, marks=SKIP)])


def embeddings(n, dimension=8, seed=0):
    return np.random.default_rng(seed).normal(size=(n, dimension)).astype(np.float32)


def signs(n, seed=0):
    """Return rows of ±1: few different ones, and all their cosines are exact in any order."""
    return np.random.default_rng(seed).choice([-1.0, 1.0], (n, 4)).astype(np.float32)


def by_hand(gallery, probes, k):
    """Rank every row for every probe: the highest cosine first, then the lowest row."""
    scores, rows = [], []
    for similarities in cosine_similarity(probes.astype(float), gallery.astype(float)):
        best = sorted(range(len(gallery)), key=lambda row: (-round(similarities[row], 7), row))[:k]
        rows.append(best)
        scores.append(similarities[best])
    return np.array(scores), np.array(rows)


@pytest.fixture
def small_blocks(monkeypatch):
    """Let a small gallery fill many blocks."""
    monkeypatch.setattr(search, "ROWS", 16)
    monkeypatch.setattr(search, "PROBES", 4)


# --- normalise ---------------------------------------------------------------------------------


def test_normalise_is_that_of_scikit_learn():
    x = embeddings(50)
    np.testing.assert_allclose(matching.normalise(x), normalize(x), rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "returned"), [("float16", "float32"), ("float32", "float32"), ("float64", "float64")]
)
def test_normalise_keeps_the_precision_and_its_input(given, returned):
    x = embeddings(3).astype(given)
    before = x.copy()
    unit = matching.normalise(x)
    assert unit.dtype == returned
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(np.linalg.norm(unit.astype(float), axis=1), 1, rtol=1e-6)


def test_normalise_takes_very_long_and_very_short_rows():
    x = np.array([[3e30, 4e30], [3e-30, 4e-30]], np.float32)
    np.testing.assert_allclose(matching.normalise(x), [[0.6, 0.8]] * 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[1, 2], [0, 0]], "embeddings must have a direction, row 1 holds only zeros"),
        ([[np.nan, 1]], "embeddings must have a direction, row 0 holds NaN or infinity"),
        ([[1, 2], [np.inf, 1]], "row 1 holds NaN or infinity"),
        ([1, 2], r"embeddings must have shape \(N, D\), got \(2,\)"),
        (np.empty((0, 3)), r"embeddings must have shape \(N, D\), got \(0, 3\)"),
    ],
)
def test_what_has_no_direction_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        matching.normalise(x)


def test_the_row_is_named_wherever_it_is():
    x = embeddings(9000)
    x[8999] = 0
    for index in (ExactIndex(8), *([FaissIndex(8)] if FAISS else [])):
        with pytest.raises(ValueError, match="row 8999 holds only zeros"):
            index.add(x)
        assert len(index) == 0


# --- search ------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2, 7, 40])
def test_the_definition_ranks_as_by_hand(k):
    gallery, probes = embeddings(40), embeddings(6, seed=1)
    scores, rows = cosine_search(gallery, probes, k)
    wanted_scores, wanted_rows = by_hand(gallery, probes, k)
    np.testing.assert_array_equal(rows, wanted_rows)
    np.testing.assert_allclose(scores, wanted_scores, atol=1e-6)


def test_of_equal_scores_the_lowest_row_wins_in_the_definition():
    gallery, probes = signs(60), signs(9, seed=1)
    for k in (1, 3, 20, 60):
        np.testing.assert_array_equal(
            cosine_search(gallery, probes, k)[1], by_hand(gallery, probes, k)[1]
        )


@INDEXES
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 15, 16, 17, 100])
@pytest.mark.parametrize("probes", [1, 4, 11])
def test_the_indexes_find_what_the_definition_finds(small_blocks, index, threads, size, probes):
    gallery, probes = embeddings(size), embeddings(probes, seed=1)
    index = index(8)
    index.add(gallery)
    assert len(index) == size
    for k in {1, min(3, size), min(20, size), size}:
        wanted_scores, wanted_rows = cosine_search(gallery, probes, k)
        with threadpool_limits(threads):
            scores, rows = index.search(probes, k)
        assert (scores.dtype, rows.dtype) == (np.float32, np.int64)
        np.testing.assert_array_equal(rows, wanted_rows)
        np.testing.assert_allclose(scores, wanted_scores, atol=1e-5)


@INDEXES
@pytest.mark.parametrize("threads", [1, 3])
@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.data())
def test_of_equal_scores_the_lowest_row_wins(index, threads, data):
    size = data.draw(st.integers(1, 90))
    k = data.draw(st.integers(1, size))
    gallery, probes = signs(size, seed=data.draw(st.integers(0, 99))), signs(9, seed=1)
    index = index(4)
    with pytest.MonkeyPatch.context() as patch, threadpool_limits(threads):
        patch.setattr(search, "ROWS", 16)
        index.add(gallery)
        scores, rows = index.search(probes, k)
    wanted_scores, wanted_rows = cosine_search(gallery, probes, k)
    np.testing.assert_array_equal(rows, wanted_rows)
    np.testing.assert_array_equal(scores, wanted_scores)


@INDEXES
def test_a_gallery_in_parts_is_the_whole(small_blocks, index):
    gallery, probes = embeddings(70), embeddings(5, seed=1)
    whole, parts = index(8), index(8)
    whole.add(gallery)
    for part in np.split(gallery, [1, 2, 20, 21, 55]):
        parts.add(part)
    assert len(parts) == len(whole) == 70
    np.testing.assert_array_equal(parts.search(probes, 9)[1], whole.search(probes, 9)[1])


@INDEXES
def test_at_the_real_block_size_too(index):
    gallery, probes = embeddings(10_000, 16), embeddings(150, 16, seed=1)
    index = index(16)
    index.add(gallery)
    for k in (1, 5):
        scores, rows = index.search(probes, k)
        similarities = cosine_similarity(probes.astype(float), gallery.astype(float))
        wanted = np.argsort(-similarities, axis=1)[:, :k]
        np.testing.assert_array_equal(rows, wanted)
        np.testing.assert_allclose(scores, np.take_along_axis(similarities, wanted, 1), atol=1e-6)


@INDEXES
def test_an_index_keeps_its_own_copy_and_leaves_its_input(index):
    gallery, probes = embeddings(20), embeddings(3, seed=1)
    before, index = gallery.copy(), index(8)
    index.add(gallery)
    rows = index.search(probes)[1]
    np.testing.assert_array_equal(gallery, before)
    gallery[:] = 1
    np.testing.assert_array_equal(index.search(probes)[1], rows)


def test_the_exact_search_never_holds_all_scores():
    gallery, probes = embeddings(100_000), embeddings(200, seed=1)
    index = ExactIndex(8)
    index.add(gallery)
    tracemalloc.start()
    try:
        with threadpool_limits(1):
            index.search(probes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    block = 4 * search.PROBES * search.ROWS
    assert peak < 2 * block < 4 * 200 * 100_000 / 10


def blas_threads():
    """Return the threads of NumPy's linear algebra; SciPy and faiss may have another."""
    libraries = [library for library in threadpool_info() if "numpy" in library["filepath"]]
    return [library["num_threads"] for library in libraries]


def test_a_search_lets_blas_start_no_threads_and_gives_them_back(monkeypatch):
    index, scan, seen = ExactIndex(8), search._scan, []
    index.add(embeddings(9000))
    monkeypatch.setattr(search, "_scan", lambda *given: seen.append(blas_threads()) or scan(*given))
    with threadpool_limits(2, user_api="blas"):
        index.search(embeddings(2))
        assert seen == [[1], [1]]  # two shares
        assert blas_threads() == [2]
        monkeypatch.setattr(search, "_scan", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            index.search(embeddings(2))
        assert blas_threads() == [2]


def test_searches_at_once_take_turns(monkeypatch):
    gallery, probes = embeddings(9000), embeddings(8, seed=1)
    index, scan = ExactIndex(8), search._scan
    index.add(gallery)
    wanted, running, most, found = index.search(probes, 3)[1], [], [], [None] * 4

    def watched(*given):
        running.append(given)
        most.append(len(running))
        sleep(0.01)
        running.pop()
        return scan(*given)

    def work(number):
        found[number] = index.search(probes, 3)[1]

    monkeypatch.setattr(search, "_scan", watched)
    with threadpool_limits(2, user_api="blas"):
        workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert blas_threads() == [2]
    assert len(most) == 2 * 4  # each search has two shares
    assert max(most) <= 2
    for rows in found:
        np.testing.assert_array_equal(rows, wanted)


@INDEXES
@pytest.mark.parametrize(
    ("probes", "k", "error", "message"),
    [
        (np.ones((2, 3)), 1, ValueError, r"probes must have shape \(N, 8\), got \(2, 3\)"),
        (np.ones(8), 1, ValueError, r"probes must have shape \(N, 8\), got \(8,\)"),
        (np.zeros((1, 8)), 1, ValueError, "probes must have a direction, row 0"),
        (np.full((1, 8), np.nan), 1, ValueError, "probes must have a direction, row 0"),
        (np.ones((1, 8)), 0, ValueError, "k must be a whole number from 1 to 5, got 0"),
        (np.ones((1, 8)), 6, ValueError, "k must be a whole number from 1 to 5, got 6"),
        (np.ones((1, 8)), 1.5, TypeError, "k must be a whole number from 1 to 5, got 1.5"),
        ([["a"] * 8], 1, TypeError, "probes must hold real numbers"),
    ],
)
def test_bad_probes_are_named(index, probes, k, error, message):
    index = index(8)
    index.add(embeddings(5))
    with pytest.raises(error, match=message):
        index.search(probes, k)
    if np.ndim(probes) == 2 and np.shape(probes)[1] == 8:
        with pytest.raises(error, match=message):
            cosine_search(embeddings(5), probes, k)


@INDEXES
def test_bad_galleries_are_named(index):
    with pytest.raises(ValueError, match="dimension must be a whole number from 1"):
        index(0)
    index = index(8)
    with pytest.raises(ValueError, match="the index is empty: add embeddings"):
        index.search(np.ones((1, 8)))
    with pytest.raises(ValueError, match=r"embeddings must have shape \(N, 8\), got \(1, 7\)"):
        index.add(np.ones((1, 7)))
    with pytest.raises(ValueError, match="embeddings must have a direction, row 1"):
        index.add([[1] * 8, [np.nan] * 8])
    with pytest.raises(ValueError, match=r"probes must have shape \(N, 3\), got \(1, 2\)"):
        cosine_search(np.ones((2, 3)), np.ones((1, 2)))
    with pytest.raises(ValueError, match="gallery must have a direction, row 0"):
        cosine_search(np.zeros((2, 3)), np.ones((1, 3)))


def test_without_faiss_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    for build in (lambda: FaissIndex(8), lambda: Gallery(engine="faiss")):
        with pytest.raises(ImportError, match=r'pip install "facebook_tut\[search\]"'):
            build()
    gallery = Gallery()
    gallery.enrol("Ada", [1, 0])
    assert gallery.identify([[1, 0]], 0.5) == [[Candidate("Ada", 1.0)]]


def test_the_import_is_without_faiss_and_keras():
    code = "import sys, facebook_tut.matching; print({'faiss', 'keras'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "set()"
