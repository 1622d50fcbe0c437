"""The gallery: never a wrong name, in one thread or in many."""

import copy
import pickle
import sys
import threading
from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import normalize

from facebook_tut.matching import Candidate, Gallery, Verification

FAISS = find_spec("faiss") is not None
SKIP = pytest.mark.skipif(not FAISS, reason="faiss is not installed: it has no wheel here")
ENGINES = pytest.mark.parametrize("engine", ["exact", pytest.param("faiss", marks=SKIP)])


def embeddings(n, dimension=8, seed=0):
    return np.random.default_rng(seed).normal(size=(n, dimension)).astype(np.float32)


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
    np.testing.assert_array_equal(parts._people["Ada"].total, whole._people["Ada"].total)
    assert parts._people["Ada"].count == whole._people["Ada"].count == 40
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
    assert gallery.verify("Ada", [1, 1, 1, -1], 0.5) == Verification(True, 0.5)
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


NAMES = ["é", "名前", "Ада", "🙂", "نیما\u200cپور", "x" * 300, "O'Neil", "a\\b"]


def test_any_unicode_is_a_name(tmp_path):
    gallery = Gallery("模型")
    for name, embedding in zip(NAMES, embeddings(len(NAMES)), strict=True):
        gallery.enrol(name, embedding)
    gallery.save(tmp_path / "gallery.npz")
    loaded = Gallery.load(tmp_path / "gallery.npz", model="模型")
    assert loaded.names == gallery.names == tuple(NAMES)
    answers = loaded.identify(embeddings(len(NAMES)), 0.99)
    assert [answer[0].name for answer in answers] == NAMES


SPELLINGS = [
    "Zo\u00eb Roe",
    "Zoe\u0308 Roe",
    " Zo\u00eb Roe\n",
    "Zo\u00eb\u00a0 Roe",
    "Zoe\u0308\tRoe",
]


@pytest.mark.parametrize("first", SPELLINGS)
@pytest.mark.parametrize("later", SPELLINGS)
def test_a_name_has_one_spelling(first, later):
    gallery = Gallery()
    gallery.enrol(first, [1, 0])
    assert gallery.names == (SPELLINGS[0],) and later in gallery
    with pytest.raises(ValueError, match="enrolled already"):
        gallery.enrol(later, [0, 1])
    gallery.update(later, [1, 0])
    assert gallery.count(later) == 2 and gallery.verify(later, [1, 0], 1.0).accepted
    gallery.remove(later)
    assert len(gallery) == 0


@pytest.mark.parametrize(
    "name", ["a\0", "\x1b[31mAda", "Ada\x1b[2K", "Ada\u202eecarG", "A\u200bda", "\ud800", "A\x9bda"]
)
def test_what_moves_the_cursor_or_is_unseen_is_no_name(name):
    gallery = Gallery()
    with pytest.raises(ValueError, match="name must hold no control characters, got") as error:
        gallery.enrol(name, [1, 0])
    assert str(error.value).isprintable()
    assert len(gallery) == 0 and name not in gallery and 7 not in gallery


def test_a_name_that_is_nearly_there_is_suggested():
    gallery = Gallery()
    for name in ("Ada Lovelace", "Grace Hopper"):
        gallery.enrol(name, [1, 0])
    for act in (gallery.remove, gallery.template, gallery.count, gallery.origins):
        with pytest.raises(ValueError, match=r"did you mean 'Ada Lovelace'\?$"):
            act("ada lovelac")
        with pytest.raises(ValueError, match=r"nobody named 'Emmy' is enrolled$"):
            act("Emmy")


def test_count_and_origins_are_kept_and_come_back(tmp_path):
    gallery = Gallery()
    gallery.enrol("Ada", embeddings(2), origins=["one", "two"])
    gallery.update("Ada", embeddings(1, seed=1), origins=["three"])
    gallery.enrol("Grace", embeddings(1, seed=2))
    gallery.save(tmp_path / "gallery.npz")
    for each in (gallery, Gallery.load(tmp_path / "gallery.npz")):
        assert [each.count(name) for name in each.names] == [3, 1]
        assert [each.origins(name) for name in each.names] == [("one", "two", "three"), ()]
    with pytest.raises(TypeError, match="origins must be a sequence of texts"):
        gallery.update("Ada", embeddings(1), origins="four")
    assert gallery.count("Ada") == 3


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


# --- several threads ---------------------------------------------------------------------------


@pytest.fixture
def hurried():
    """Let threads take turns a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


def at_once(*works):
    """Run some functions in threads of their own, and raise what one of them raises."""
    trouble = []

    def guarded(work):
        try:
            work()
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if trouble:
        raise trouble[0]


@ENGINES
def test_no_answer_is_of_two_moments(hurried, engine):
    """Whoever is named at a cosine of 1 has the very embedding that was asked for."""
    people = np.eye(12, dtype=np.float32)
    gallery = Gallery(engine=engine)
    for n in range(8):
        gallery.enrol(f"person {n}", people[n])
    asking, answers, updates = [True] * 3, [], 0

    def change():
        nonlocal updates
        while any(asking):
            for n in (1, 3, 5):
                gallery.remove(f"person {n}")
            for n in (5, 1, 3):  # in another order than before
                gallery.enrol(f"person {n}", people[n])
            gallery.enrol("guest", people[8 + updates % 4])
            gallery.remove("guest")
            gallery.update("person 0", people[0])
            updates += 1

    def ask(asker):
        try:
            for _ in range(150):
                for n, found in enumerate(gallery.identify(people[:8], 0.99)):
                    answers.extend((n, candidate.name) for candidate in found)
                names = gallery.names
                assert len(names) == len({*names})
                assert Gallery.from_bytes(gallery.to_bytes()).names
        finally:
            asking[asker] = False

    at_once(change, *(lambda asker=asker: ask(asker) for asker in range(3)))
    assert len(answers) > 3 * 150 * 4 and updates > 1
    assert [(n, name) for n, name in answers if name != f"person {n}"] == []
    assert gallery.count("person 0") == 1 + updates


def test_no_enrolment_is_lost(hurried):
    gallery = Gallery()
    gallery.enrol("everybody", np.ones(4))

    def enrol(start):
        for n in range(start, start + 100):
            gallery.enrol(f"person {n}", np.ones(4))
            gallery.update("everybody", np.ones(4))

    at_once(*(lambda start=start: enrol(start) for start in range(0, 400, 100)))
    assert len(gallery) == 401 and gallery.count("everybody") == 401


def test_a_gallery_is_pickled_and_copied(hurried):
    gallery = filled(3)
    gallery.identify(embeddings(1), 0)
    for twin in (pickle.loads(pickle.dumps(gallery)), copy.deepcopy(gallery), copy.copy(gallery)):
        assert twin.to_bytes() == gallery.to_bytes()
        twin.enrol("Ada", np.ones(8))
        assert "Ada" in twin and "Ada" not in gallery


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (lambda g: g.enrol("Ada", [[1], [1, 2]]), "embeddings"),
        (lambda g: g.enrol("Ada", "text"), "embeddings"),
        (lambda g: g.enrol("Ada", None), "embeddings"),
        (lambda g: g.update("person 0", [1j] * 8), "embeddings"),
        (lambda g: g.verify("person 0", [[1], [1, 2]], 0), "probe"),
        (lambda g: g.identify([[1], [1, 2]], 0), "probes"),
        (lambda g: Gallery(engine=[]), "engine"),
        (lambda g: g.save("a.npz", overwrite=None), "overwrite"),
        (lambda g: g.save("a.npz", overwrite="yes"), "overwrite"),
        (lambda g: g.save(7), "path"),
        (lambda g: g.update("person 0", [1] * 8, origins=7), "origins"),
        (lambda g: g.remove(None), "name"),
    ],
)
def test_an_argument_of_another_kind_is_named(act, name):
    gallery = filled()
    before = gallery.to_bytes()
    with pytest.raises((TypeError, ValueError), match=rf"^{name} must "):
        act(gallery)
    assert gallery.to_bytes() == before


@pytest.mark.parametrize("row", [[1e-36, 1e-36], [2.7e-162, 0], [1e-40, 0], [0.0, 0.0]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_too_short_for_a_direction_spoils_no_gallery(row, dtype):
    gallery = Gallery()
    gallery.enrol("Ada", [1, 0])
    with pytest.raises(ValueError, match="embeddings must have a direction"):
        gallery.enrol("Tiny", np.array(row, dtype))
    gallery.enrol("Small", np.array([1e-34, 2e-34], dtype))
    assert Gallery.from_bytes(gallery.to_bytes()).names == ("Ada", "Small")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "\u200d",
            "\u3164",
            "\u115f",
            "\u2800",
            "Ada\u200d",
            "\u200cAda",
            "Ada\u034f",
            "Ada\ufe0f",
        ),
        *("A" * 301, "a" + "\u0301\u0316" * 40_000),
    ],
)
def test_a_name_shows_all_of_itself(name):
    with pytest.raises(ValueError, match=r"^name must "):
        Gallery().enrol(name, [1, 0])


def test_an_interrupt_while_somebody_is_removed_leaves_nobody_named():
    gallery = filled()
    gallery.identify(embeddings(1), -1)

    class Interrupted(dict):
        def __delitem__(self, name):
            super().__delitem__(name)
            raise KeyboardInterrupt

    gallery._people = Interrupted(gallery._people)
    with pytest.raises(KeyboardInterrupt):
        gallery.remove("person 0")
    assert "person 0" not in gallery
    found = gallery.identify(embeddings(5), -1)
    assert "person 0" not in [candidates[0].name for candidates in found]


@pytest.mark.parametrize("value", [5, True, np.float32(1)])
def test_a_number_is_no_embedding(value):
    with pytest.raises(ValueError, match="embeddings must have shape"):
        Gallery().enrol("Ada", value)
