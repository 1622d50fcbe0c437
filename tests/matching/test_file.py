"""The file of a gallery: whole, readable without pickle, and checked before it is believed."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import facebook_tut
from facebook_tut.matching import Gallery, _file

FAISS = find_spec("faiss") is not None
SKIP = pytest.mark.skipif(not FAISS, reason="faiss is not installed: it has no wheel here")
ENGINES = pytest.mark.parametrize("engine", ["exact", pytest.param("faiss", marks=SKIP)])
ROOT = Path(facebook_tut.__file__).parents[1]


def embeddings(n, dimension=8, seed=0):
    return np.random.default_rng(seed).normal(size=(n, dimension)).astype(np.float32)


def filled(people=5, engine="exact", model=""):
    gallery = Gallery(model, engine=engine)
    for number, embedding in enumerate(embeddings(people)):
        gallery.enrol(f"person {number}", embedding)
    return gallery


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
        assert loaded._people["person 0"].count == gallery._people["person 0"].count == 6


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
    monkeypatch.setattr(_file, "VERSION", 3)
    filled(2).save(tmp_path / "gallery.npz")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="has format version 3, this package reads 1 and 2"):
        Gallery.load(tmp_path / "gallery.npz")


def test_a_threshold_comes_back_and_an_older_package_refuses_the_file(tmp_path, monkeypatch):
    gallery = filled(3)
    plain = gallery.to_bytes()
    gallery.threshold = 0.4321
    gallery.save(tmp_path / "gallery.npz")
    assert Gallery.load(tmp_path / "gallery.npz").threshold == 0.4321
    with Gallery.updating(tmp_path / "gallery.npz") as again:
        again.remove("person 0")
    assert Gallery.load(tmp_path / "gallery.npz").threshold == 0.4321
    assert pickle.loads(pickle.dumps(gallery)).threshold == 0.4321
    gallery.threshold = None
    assert gallery.to_bytes() == plain  # as before there were thresholds
    assert Gallery.from_bytes(plain).threshold is None
    with np.load(tmp_path / "gallery.npz") as file:
        assert json.loads(file["header"].tobytes())["version"] == 2  # no old package misses it


@pytest.mark.parametrize("wrong", [2, -1.1, np.nan, np.inf, "0.5", True, [0.5]])
def test_a_threshold_is_a_cosine(wrong):
    gallery = filled(1)
    with pytest.raises((TypeError, ValueError), match="threshold must be a number from -1 to 1"):
        gallery.threshold = wrong
    with pytest.raises((TypeError, ValueError), match="threshold must be a number from -1 to 1"):
        Gallery(threshold=wrong)
    assert gallery.threshold is None
    old = filled(2).__getstate__()
    del old["_threshold"]
    gallery.__setstate__(old)  # pickled before there were thresholds
    assert gallery.threshold is None and len(gallery) == 2


def test_templates_of_another_model_are_refused(tmp_path):
    filled(2, model="abc").save(tmp_path / "gallery.npz")
    assert Gallery.load(tmp_path / "gallery.npz", model="abc").model == "abc"
    assert Gallery.load(tmp_path / "gallery.npz").model == "abc"
    with pytest.raises(ValueError, match=r"templates of model 'abc', not of 'abd': .* enrol"):
        Gallery.load(tmp_path / "gallery.npz", model="abd")
    with pytest.raises(ValueError, match=r"model 'abc', not of 'dlib' \(0123456789ab…\): they"):
        Gallery.load(tmp_path / "gallery.npz", model="dlib " + "0123456789abcdef" * 4)


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
        patch.setattr(_file, "_seal", fail)
        with pytest.raises(OSError, match="full"):
            filled(3).save(path, overwrite=True)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["gallery.npz"]
    filled(3).save(path, overwrite=True)
    assert len(Gallery.load(path)) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such thing")
def test_a_new_gallery_is_its_owners_alone_and_an_old_one_keeps_its_mode(tmp_path):
    path = tmp_path / "gallery.npz"
    filled(2).save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    filled(3).save(path, overwrite=True)
    assert path.stat().st_mode & 0o777 == 0o640


# --- hostile files -----------------------------------------------------------------------------


def npy(array, **changes):
    """Return a ``.npy`` file whose header says what it likes."""
    file = io.BytesIO()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(file, header | changes)
    return file.getvalue() + array.tobytes()


def sealed(header=None, sums=None, members=(), compressed=False):
    """Return a file with a right seal around whatever it holds."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode("ascii")
    sums = sums if isinstance(sums, bytes) else npy(np.asarray(sums, float))
    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr("header.npy", npy(np.frombuffer(header, np.uint8)))
        archive.writestr("sums.npy", sums)
        for name in members:
            archive.writestr(name, b"")
    return _file._seal(file.getvalue())


GOOD = {"version": 1, "model": "m", "names": ["Ada"], "counts": [1]}
ONE = [[1.0, 0.0]]


def test_what_these_tests_build_is_right_but_for_what_they_change():
    assert Gallery.from_bytes(sealed(GOOD, ONE)).names == ("Ada",)
    assert Gallery.from_bytes(sealed(GOOD | {"names": [], "counts": []}, [])).names == ()


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


HOSTILE = {
    **{f"without {key}": (without(key), ONE) for key in GOOD},
    "no dict": ([], ONE),
    "text": ("Ada", ONE),
    "version of another kind": (GOOD | {"version": [1]}, ONE),
    "version true": (GOOD | {"version": True}, ONE),
    "model of another kind": (GOOD | {"model": 7}, ONE),
    "names no list": (GOOD | {"names": "Ada"}, ONE),
    "name no text": (GOOD | {"names": [None]}, ONE),
    "name a list": (GOOD | {"names": [["Ada"]]}, ONE),
    "name blank": (GOOD | {"names": [" "]}, ONE),
    "name controls": (GOOD | {"names": ["\x1b[2J"]}, ONE),
    "name twice": (GOOD | {"names": ["Ada"] * 2, "counts": [1, 1]}, ONE * 2),
    "more names": (GOOD | {"names": ["Ada", "Eve"]}, ONE),
    "more sums": (GOOD, ONE * 2),
    "more counts": (GOOD | {"counts": [1, 1]}, ONE),
    "count 0": (GOOD | {"counts": [0]}, ONE),
    "count −1": (GOOD | {"counts": [-1]}, ONE),
    "count true": (GOOD | {"counts": [True]}, ONE),
    "count float": (GOOD | {"counts": [1.0]}, ONE),
    "count text": (GOOD | {"counts": ["1"]}, ONE),
    "count huge": (GOOD | {"counts": [10**4000]}, ONE),
    "count too small for the sum": (GOOD, [[2.0, 0.0]]),
    "NaN": (GOOD, [[np.nan, 0]]),
    "infinite": (GOOD, [[np.inf, 0]]),
    "zero": (GOOD, [[0.0, 0]]),
    "rank 1": (GOOD, [1.0]),
    "rank 3": (GOOD, [ONE]),
    "rank 0": (GOOD, npy(np.array(1.0))),
    "no columns": (GOOD, npy(np.empty((1, 0)))),
    "72 TB": (GOOD, npy(np.zeros((1, 2)), shape=(10**12, 9))),
    "overflow": (GOOD, npy(np.zeros((1, 2)), shape=(2**40, 2**40))),
    "negative": (GOOD, npy(np.zeros((1, 2)), shape=(-1, -2))),
    "float32": (GOOD, npy(np.ones((1, 2), np.float32))),
    "objects": (GOOD, npy(np.ones((1, 2)), descr="|O")),
    "by columns": (GOOD, npy(np.ones((1, 2)), fortran_order=True)),
    "no array": (GOOD, b"PK"),
    "deeply nested": (b"[" * 100_000, ONE),
    "nested in a dict": (b'{"version":1,"model":' + b"[" * 100_000, ONE),
    "NaN as version": (b'{"version": NaN}', ONE),
    "not ASCII": (b"\xff\xfe", ONE),
    "no JSON": (b"{", ONE),
    "empty": (b"", ONE),
    "origins no dict": (GOOD | {"origins": ["a"]}, ONE),
    "origins of nobody": (GOOD | {"origins": {"Eve": ["a"]}}, ONE),
    "origins no lists": (GOOD | {"origins": {"Ada": "a"}}, ONE),
    "threshold NaN": (
        b'{"version":2,"model":"m","names":["Ada"],"counts":[1],"threshold":NaN}',
        ONE,
    ),
    **{
        f"threshold {value!r:.9}": (GOOD | {"version": 2, "threshold": value}, ONE)
        for value in (2.0, -1.5, "0.5", None, True, [0.5], 10**400, 1e999)
    },
    "threshold in version 1": (GOOD | {"threshold": 0.5}, ONE),
    "no threshold in version 2": (GOOD | {"version": 2}, ONE),
    "origins no texts": (GOOD | {"origins": {"Ada": [1]}}, ONE),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(tmp_path, kind):
    path = tmp_path / "bad.npz"
    path.write_bytes(sealed(*HOSTILE[kind]))
    with pytest.raises(ValueError, match=r"bad\.npz (is no gallery|has format version)") as error:
        Gallery.load(path)
    assert len(str(error.value)) < 600


def test_other_members_and_compression_are_refused():
    for data in (sealed(GOOD, ONE, members=["more.npy"]), sealed(GOOD, ONE, compressed=True)):
        with pytest.raises(ValueError, match="is no gallery"):
            Gallery.from_bytes(data)
    for data in (None, "text", 7):
        with pytest.raises(TypeError, match="data must be bytes"):
            Gallery.from_bytes(data)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(["version", "model", "names", "counts", "origins", "threshold"]),
)
def test_whatever_a_header_says_it_is_read_or_refused(value, key):
    header = GOOD | {key: value}
    try:
        gallery = Gallery.from_bytes(sealed(header, ONE))
    except ValueError as error:
        assert str(error).startswith("data ")
    else:
        assert len(gallery.names) == 1
        gallery.identify([[1, 0]], 0)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_file_damaged_under_a_right_seal_is_read_or_refused(data):
    whole = sealed(GOOD, ONE)[: -_file.DIGEST]
    body = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=3)):
        body[place] = data.draw(st.integers(0, 255))
    archive = bytes(body[:-2]) + b"\0\0"
    try:
        Gallery.from_bytes(_file._seal(archive))
    except ValueError as error:
        assert str(error).startswith("data ")


def test_two_spellings_of_a_name_in_an_old_file_become_one_person():
    header = GOOD | {"names": ["Zo\u00eb", "Zoe\u0308"], "counts": [1, 1]}
    gallery = Gallery.from_bytes(sealed(header, [[1.0, 0.0], [0.0, 1.0]]))
    assert gallery.names == ("Zo\u00eb",) and gallery.count("Zoë") == 2


def test_two_spellings_that_cancel_are_refused():
    header = GOOD | {"names": ["Zo\u00eb", "Zoe\u0308"], "counts": [1, 1]}
    with pytest.raises(ValueError, match="cannot have length"):
        Gallery.from_bytes(sealed(header, [[1.0, 0.0], [-1.0, 0.0]]))
    with pytest.raises(ValueError, match="model must have at most 1000 letters"):
        Gallery.from_bytes(sealed(GOOD | {"model": "m" * 3000}, ONE))


def test_what_is_no_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no gallery file"):
        Gallery.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no gallery file"):
        Gallery.load(os.devnull)  # nor is a device read for ever
    with pytest.raises(TypeError, match="path must be a str or a path, got None"):
        Gallery.load(None)


# --- several programs --------------------------------------------------------------------------

ENROL = """
import sys, time
from facebook_tut.matching import Gallery
with Gallery.updating(sys.argv[1]) as gallery:
    time.sleep(0.2)
    gallery.enrol(sys.argv[2], [1, 0])
"""


def test_of_two_programs_that_add_a_person_neither_is_lost(tmp_path):
    path = tmp_path / "people.npz"
    Gallery().save(path)
    command = [sys.executable, "-c", ENROL, path]
    both = [subprocess.Popen([*command, name], cwd=ROOT) for name in ("Ada", "Grace")]
    assert [process.wait() for process in both] == [0, 0]
    assert {*Gallery.load(path).names} == {"Ada", "Grace"}


def test_an_update_that_fails_changes_nothing(tmp_path):
    path = tmp_path / "people.npz"
    filled(2).save(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="enrolled already"), Gallery.updating(path) as gallery:
        gallery.remove("person 1")
        gallery.enrol("person 0", np.ones(8))
    assert path.read_bytes() == before
