"""The search: by its definition, block by block and in faiss; the gallery: never a wrong name."""

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

FAISS = find_spec("faiss") is not None
SKIP = pytest.mark.skipif(not FAISS, reason="faiss is not installed: it has no wheel here")
INDEXES = pytest.mark.parametrize("index", [ExactIndex, pytest.param(FaissIndex, marks=SKIP)])
ENGINES = pytest.mark.parametrize("engine", ["exact", pytest.param("faiss", marks=SKIP)])


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
    monkeypatch.setattr(matching, "ROWS", 16)
    monkeypatch.setattr(matching, "PROBES", 4)


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
        patch.setattr(matching, "ROWS", 16)
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
    block = 4 * matching.PROBES * matching.ROWS
    assert peak < 2 * block < 4 * 200 * 100_000 / 10


def blas_threads():
    """Return the threads of NumPy's linear algebra; SciPy and faiss may have another."""
    libraries = [library for library in threadpool_info() if "numpy" in library["filepath"]]
    return [library["num_threads"] for library in libraries]


def test_a_search_lets_blas_start_no_threads_and_gives_them_back(monkeypatch):
    index, scan, seen = ExactIndex(8), matching._scan, []
    index.add(embeddings(9000))
    monkeypatch.setattr(
        matching, "_scan", lambda *given: seen.append(blas_threads()) or scan(*given)
    )
    with threadpool_limits(2, user_api="blas"):
        index.search(embeddings(2))
        assert seen == [[1], [1]]  # two shares
        assert blas_threads() == [2]
        monkeypatch.setattr(matching, "_scan", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            index.search(embeddings(2))
        assert blas_threads() == [2]


def test_searches_at_once_take_turns(monkeypatch):
    gallery, probes = embeddings(9000), embeddings(8, seed=1)
    index, scan = ExactIndex(8), matching._scan
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

    monkeypatch.setattr(matching, "_scan", watched)
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


# --- the gallery -------------------------------------------------------------------------------


def filled(people=5, engine="exact", model=""):
    gallery = Gallery(model, engine=engine)
    for number, embedding in enumerate(embeddings(people)):
        gallery.enrol(f"person {number}", embedding)
    return gallery


def test_a_template_is_the_normalised_mean():
    x = embeddings(3)
    gallery = Gallery()
    gallery.enrol("Ada", x)
    mean = normalize(x.astype(float)).mean(axis=0)
    np.testing.assert_allclose(gallery.template("Ada"), mean / np.linalg.norm(mean), atol=1e-7)
    assert gallery.template("Ada").dtype == np.float32


@pytest.mark.parametrize("dimension", [1, 8, 128])
def test_updates_merge_exactly_as_if_all_had_come_at_once(dimension):
    x = np.random.default_rng(0).random((40, dimension))  # float64, so that no sum is exact
    whole, parts = Gallery(), Gallery()
    whole.enrol("Ada", x)
    parts.enrol("Ada", x[0])
    for part in np.split(x[1:], [1, 2, 9, 30]):
        parts.update("Ada", part)
    np.testing.assert_array_equal(parts._people["Ada"][0], whole._people["Ada"][0])
    assert parts._people["Ada"][1] == whole._people["Ada"][1] == 40
    np.testing.assert_array_equal(parts.template("Ada"), whole.template("Ada"))


def test_the_length_of_an_embedding_does_not_count():
    one, other = Gallery(), Gallery()
    one.enrol("Ada", [[3, 4], [4, 3]])
    other.enrol("Ada", [[30, 40], [0.4, 0.3]])
    np.testing.assert_allclose(one.template("Ada"), other.template("Ada"), atol=1e-7)


def test_names_length_and_membership():
    gallery = filled(3)
    assert gallery.names == ("person 0", "person 1", "person 2")
    assert len(gallery) == 3
    assert "person 1" in gallery
    gallery.remove("person 1")
    assert gallery.names == ("person 0", "person 2")
    assert "person 1" not in gallery


@ENGINES
def test_everyone_is_verified_and_identified(engine):
    gallery = filled(20, engine)
    x = embeddings(20)
    for number, answer in enumerate(gallery.identify(x, 0.99)):
        assert [found.name for found in answer] == [f"person {number}"]
        assert answer[0].score == pytest.approx(1, abs=1e-6)
        verification = gallery.verify(f"person {number}", x[number], 0.99)
        assert verification.accepted is True
        assert verification.score == pytest.approx(1, abs=1e-6)
        wrong = gallery.verify(f"person {(number + 1) % 20}", x[number], 0.99)
        assert wrong.accepted is False
        assert wrong.score == pytest.approx(
            cosine_similarity(x[[number]], x[[(number + 1) % 20]])[0, 0], abs=1e-6
        )


@ENGINES
@pytest.mark.parametrize("k", [1, 3, 50])
@pytest.mark.parametrize("threshold", [-1, 0.2, 0.6, 1])
def test_nobody_below_the_threshold_is_named(engine, k, threshold):
    gallery, probes = filled(30, engine), embeddings(40, seed=1)
    similarities = cosine_similarity(probes.astype(float), embeddings(30).astype(float))
    for row, answer in zip(similarities, gallery.identify(probes, threshold, k), strict=True):
        wanted = [n for n in np.argsort(-row)[:k] if row[n] >= threshold]
        assert [found.name for found in answer] == [f"person {n}" for n in wanted]
        np.testing.assert_allclose([found.score for found in answer], row[wanted], atol=1e-6)
        assert all(type(found.score) is float for found in answer)


def test_the_threshold_itself_is_accepted():
    gallery = Gallery()
    gallery.enrol("Ada", [1, 1, 1, 1])
    assert gallery.verify("Ada", [1, 1, 1, -1], 0.5) == matching.Verification(True, 0.5)
    assert gallery.verify("Ada", [1, 1, 1, -1], np.float32(0.5)).accepted is True
    assert gallery.identify([[1, 1, 1, -1]], 0.5) == [[Candidate("Ada", 0.5)]]
    assert gallery.identify([[1, 1, 1, -1]], np.nextafter(0.5, 1)) == [[]]
    assert gallery.verify("Ada", [1, 1, 1, -1], np.nextafter(0.5, 1)).accepted is False


@ENGINES
def test_rounding_makes_no_score_beyond_one_and_none_unknown(engine):
    for x in embeddings(200, 128):
        gallery = Gallery(engine=engine)
        gallery.enrol("Ada", x)
        (same,), (opposite,) = gallery.identify([x, -x], -1)
        for found, probe in ((same, x), (opposite, -x)):
            assert abs(found.score) <= 1
            assert abs(gallery.verify("Ada", probe, -1).score) <= 1
            assert gallery.verify("Ada", probe, -1).accepted


@ENGINES
def test_of_two_equal_templates_the_first_enrolled_wins(engine):
    gallery = Gallery(engine=engine)
    for name in ("Zoe", "Ada", "Eve"):
        gallery.enrol(name, [1, 1, 1, 1])
    assert [found.name for found in gallery.identify([[1, 1, 1, 1]], 0.5, 2)[0]] == ["Zoe", "Ada"]


@ENGINES
def test_a_change_is_seen_by_the_next_search(engine):
    gallery = Gallery(engine=engine)
    gallery.enrol("Ada", [1, 0])
    assert gallery.identify([[0, 1]], 0.9) == [[]]
    gallery.enrol("Bob", [0, 1])
    assert gallery.identify([[0, 1]], 0.9) == [[Candidate("Bob", 1.0)]]
    gallery.update("Bob", [[1, 0], [1, 0], [1, 0]])
    assert gallery.identify([[0, 1]], 0.9) == [[]]
    gallery.remove("Ada")
    answer = gallery.identify([[1, 0]], 0.9)[0]
    assert [found.name for found in answer] == ["Bob"]
    assert answer[0].score == pytest.approx(3 / np.sqrt(10))


def test_in_an_empty_gallery_everybody_is_unknown():
    gallery = Gallery()
    assert len(gallery) == 0
    assert gallery.names == ()
    assert gallery.identify(embeddings(2), -1, k=3) == [[], []]
    with pytest.raises(ValueError, match="probes must have a direction"):
        gallery.identify(np.zeros((1, 3)), 0.5)
    gallery.enrol("Ada", [1, 0])
    gallery.remove("Ada")
    gallery.enrol("Eve", [1, 0, 0])  # the last one took the dimension away with her
    assert gallery.names == ("Eve",)


NAMES = ["é", "e\u0301", "名前", "Ада", "🙂", "a\0", " Ada ", "line\nbreak", "\ud800", "x" * 9999]


def test_any_unicode_is_a_name(tmp_path):
    gallery = Gallery("模型")
    for name, embedding in zip(NAMES, embeddings(len(NAMES)), strict=True):
        gallery.enrol(name, embedding)
    gallery.save(tmp_path / "gallery.npz")
    loaded = Gallery.load(tmp_path / "gallery.npz", model="模型")
    assert loaded.names == gallery.names == tuple(NAMES)
    answers = loaded.identify(embeddings(len(NAMES)), 0.99)
    assert [answer[0].name for answer in answers] == NAMES


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda g: g.enrol("person 0", [1] * 8), ValueError, r"'person 0' .*already; update\(\)"),
        (lambda g: g.enrol("", [1] * 8), ValueError, "name must not be blank, got ''"),
        (lambda g: g.enrol(" \n", [1] * 8), ValueError, "name must not be blank"),
        (lambda g: g.enrol(7, [1] * 8), TypeError, "name must be a str, got 7"),
        (lambda g: g.enrol("Ada", [1] * 7), ValueError, r"shape \(N, 8\), got \(1, 7\)"),
        (lambda g: g.enrol("Ada", [[[1] * 8]]), ValueError, r"shape \(N, 8\), got \(1, 1, 8\)"),
        (lambda g: g.enrol("Ada", np.empty((0, 8))), ValueError, r"got \(0, 8\)"),
        (lambda g: g.enrol("Ada", [np.nan] * 8), ValueError, "embeddings must have a direction"),
        (lambda g: g.enrol("Ada", [0] * 8), ValueError, "embeddings must have a direction"),
        (lambda g: g.enrol("Ada", [[1] * 8, [-1] * 8]), ValueError, "'Ada' cancel out"),
        (lambda g: g.update("Ada", [1] * 8), ValueError, "nobody named 'Ada' is enrolled"),
        (lambda g: g.update("person 0", [1] * 7), ValueError, r"shape \(N, 8\)"),
        (lambda g: g.update("person 0", [np.inf] * 8), ValueError, "NaN or infinity"),
        (lambda g: g.update("person 0", -embeddings(1)), ValueError, "'person 0' cancel out"),
        (lambda g: g.remove("Ada"), ValueError, "nobody named 'Ada' is enrolled"),
        (lambda g: g.template("Ada"), ValueError, "nobody named 'Ada' is enrolled"),
        (lambda g: g.verify("Ada", [1] * 8, 0), ValueError, "nobody named 'Ada' is enrolled"),
        (lambda g: g.verify("person 0", [1] * 7, 0), ValueError, r"probe must have shape \(N, 8\)"),
        (lambda g: g.verify("person 0", [[1] * 8], 0), ValueError, "probe must have shape"),
        (lambda g: g.verify("person 0", [np.nan] * 8, 0), ValueError, "probe must have a dir"),
        (lambda g: g.verify("person 0", [1] * 8, 1.1), ValueError, "threshold must be a number"),
        (lambda g: g.verify("person 0", [1] * 8, np.nan), ValueError, "threshold must be a number"),
        (lambda g: g.identify([[1] * 7], 0), ValueError, r"probes must have shape \(N, 8\)"),
        (lambda g: g.identify([1] * 8, 0), ValueError, r"probes must have shape \(N, 8\)"),
        (lambda g: g.identify([[np.nan] * 8], 0), ValueError, "probes must have a direction"),
        (lambda g: g.identify([[1] * 8], -2), ValueError, "threshold must be a number from -1"),
        (lambda g: g.identify([[1] * 8], "0"), TypeError, "threshold must be a number from -1"),
        (lambda g: g.identify([[1] * 8], 0, 0), ValueError, "k must be a whole number from 1"),
        (lambda g: g.identify([[1] * 8], 0, 1.0), TypeError, "k must be a whole number from 1"),
        (lambda g: Gallery(7), TypeError, "model must be a str, got 7"),
        (lambda g: Gallery(engine="gpu"), ValueError, "engine must be one of exact, faiss, got"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(act, error, message):
    gallery = filled()
    before = gallery.names, [gallery.template(name) for name in gallery.names]
    with pytest.raises(error, match=message):
        act(gallery)
    assert gallery.names == before[0]
    np.testing.assert_array_equal([gallery.template(name) for name in gallery.names], before[1])


# --- files -------------------------------------------------------------------------------------


@ENGINES
@pytest.mark.parametrize("people", [0, 1, 20])
def test_a_gallery_comes_back_as_it_was(tmp_path, people, engine):
    gallery = filled(people, model="abc")
    if people:
        gallery.update("person 0", embeddings(3, seed=2))
    gallery.save(tmp_path / "gallery.npz")
    loaded = Gallery.load(tmp_path / "gallery.npz", engine=engine)
    assert (loaded.model, loaded.engine, loaded.names) == ("abc", engine, gallery.names)
    probes = embeddings(9, seed=1)
    for ours, theirs in zip(loaded.identify(probes, -1), gallery.identify(probes, -1), strict=True):
        assert [found.name for found in ours] == [found.name for found in theirs]
    if people:  # and goes on as if nothing had been
        for each in (gallery, loaded):
            each.update("person 0", embeddings(2, seed=3))
        np.testing.assert_array_equal(loaded.template("person 0"), gallery.template("person 0"))
        assert loaded._people["person 0"][1] == gallery._people["person 0"][1] == 6


def test_plain_numpy_reads_the_file_without_pickle(tmp_path):
    filled(4).save(tmp_path / "gallery.npz")
    with np.load(tmp_path / "gallery.npz", allow_pickle=False) as file:
        assert set(file) == {"header", "sums"}
        assert file["sums"].shape == (4, 8)


def test_the_same_gallery_is_the_same_file(tmp_path):
    for name in ("one", "two"):
        filled(4).save(tmp_path / f"{name}.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_file_cut_anywhere_or_with_one_byte_wrong_is_refused(tmp_path):
    path = tmp_path / "gallery.npz"
    filled(2).save(path)
    whole = path.read_bytes()
    damaged = [whole[:length] for length in range(len(whole))]
    damaged += [whole + b"\0", whole[1:], whole[:-1] + b"\0", whole * 2]
    for place in range(len(whole)):
        flipped = whole[place] ^ (1, 128, 255)[place % 3]
        damaged.append(whole[:place] + bytes([flipped]) + whole[place + 1 :])
    bad = tmp_path / "bad.npz"
    for data in damaged:
        bad.write_bytes(data)
        with pytest.raises(ValueError, match=r"bad\.npz is no gallery that .* or it is damaged"):
            Gallery.load(bad)


def test_a_foreign_file_is_refused(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, header=np.zeros(3), sums=np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"other\.npz is no gallery"):
        Gallery.load(path)
    with pytest.raises(FileNotFoundError):
        Gallery.load(tmp_path / "missing.npz")


def test_another_format_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(matching, "VERSION", 2)
    filled(2).save(tmp_path / "gallery.npz")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="has format version 2, this package reads 1"):
        Gallery.load(tmp_path / "gallery.npz")


def test_templates_of_another_model_are_refused(tmp_path):
    filled(2, model="abc").save(tmp_path / "gallery.npz")
    assert Gallery.load(tmp_path / "gallery.npz", model="abc").model == "abc"
    assert Gallery.load(tmp_path / "gallery.npz").model == "abc"
    with pytest.raises(ValueError, match=r"templates of model 'abc', not of 'abd': .* enrol"):
        Gallery.load(tmp_path / "gallery.npz", model="abd")


def test_no_file_is_overwritten_unasked_or_half_written(tmp_path, monkeypatch):
    path = tmp_path / "gallery.npz"
    filled(2).save(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        filled(3).save(path)
    with pytest.raises(ValueError, match=r"path must end in \.npz"):
        filled(3).save(tmp_path / "gallery.pkl")

    def fail(archive):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(matching, "_seal", fail)
        with pytest.raises(OSError, match="full"):
            filled(3).save(path, overwrite=True)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["gallery.npz"]
    filled(3).save(path, overwrite=True)
    assert len(Gallery.load(path)) == 3
