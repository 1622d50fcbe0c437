"""Encrypted galleries, and people who are deleted: nothing of them is left in the file."""

import os

import numpy as np
import pytest

from facebook_tut.matching import Gallery
from facebook_tut.privacy import storage
from facebook_tut.privacy.storage import (
    Vault,
    decrypt,
    derive_key,
    encrypt,
    load_encrypted,
    save_encrypted,
)

NAMES = ["Ada Lovelace", "Grace Hopper", "Emmy Noether"]
EMBEDDINGS = np.random.default_rng(0).normal(size=(3, 32))
PHRASE = "four words of one's own"


@pytest.fixture
def gallery():
    gallery = Gallery("a model")
    for name, embedding in zip(NAMES, EMBEDDINGS, strict=True):
        gallery.enrol(name, embedding)
    return gallery


@pytest.fixture
def quick(monkeypatch):
    """Let a wrong passphrase be found out in little time."""
    monkeypatch.setattr(storage.files, "COST", 10)


def traces(data, gallery, name):
    """Return what of a person stands in some bytes, with four numbers of their embedding."""
    numbers = [gallery._people[name].total, gallery.template(name)]
    parts = [name.encode(), name.split()[1].encode()]
    parts += [n.astype(t)[4:8].tobytes() for n in numbers for t in ("<f8", "<f4")]
    return [part for part in parts if part in data]


def test_nothing_of_anybody_stands_in_an_encrypted_file(tmp_path, gallery):
    save_encrypted(gallery, tmp_path / "people.gallery", PHRASE)
    gallery.save(tmp_path / "people.npz")
    data = (tmp_path / "people.gallery").read_bytes()
    for name in NAMES:
        assert len(traces((tmp_path / "people.npz").read_bytes(), gallery, name)) == 3
        assert traces(data, gallery, name) == []
    assert b"a model" not in data and PHRASE.encode() not in data
    counts = np.bincount(np.frombuffer(data[64:], np.uint8), minlength=256)  # evenly spread
    assert counts.max() < len(data) / 256 + 6 * np.sqrt(len(data) / 256)


def test_an_encrypted_gallery_comes_back_as_it_was(tmp_path, gallery, quick):
    path = tmp_path / "people.gallery"
    save_encrypted(gallery, path, PHRASE)
    loaded = load_encrypted(path, PHRASE, model="a model")
    assert loaded.names == gallery.names and loaded.to_bytes() == gallery.to_bytes()
    with pytest.raises(ValueError, match=r"people\.gallery holds templates of model 'a model'"):
        load_encrypted(path, PHRASE, model="another")


def test_the_same_gallery_is_never_the_same_file(tmp_path, gallery, quick):
    for name in "ab":
        save_encrypted(gallery, tmp_path / f"{name}.gallery", PHRASE)
    one, two = ((tmp_path / f"{name}.gallery").read_bytes() for name in "ab")
    start = len(storage.MAGIC)
    assert one[:start] == two[:start] and one[start:][:16] != two[start:][:16]
    assert np.mean(np.frombuffer(one[start:], "u1") == np.frombuffer(two[start:], "u1")) < 0.02


@pytest.mark.parametrize("phrase", ["four words of one's owm", PHRASE + " ", PHRASE.upper()])
def test_a_wrong_passphrase_is_refused(tmp_path, gallery, quick, phrase):
    save_encrypted(gallery, tmp_path / "people.gallery", PHRASE)
    with pytest.raises(ValueError, match=r"people\.gallery cannot be decrypted: the passphrase"):
        load_encrypted(tmp_path / "people.gallery", phrase)


def test_a_file_cut_or_with_one_bit_wrong_is_refused(tmp_path, gallery, quick):
    path = tmp_path / "people.gallery"
    save_encrypted(gallery, path, PHRASE)
    whole = path.read_bytes()
    damaged = [whole[:length] for length in range(0, len(whole), 29)] + [whole + b"\0"]
    for place in [*range(0, len(whole), 17), len(whole) - 1]:
        flipped = bytes([whole[place] ^ 1 << place % 8])
        damaged.append(whole[:place] + flipped + whole[place + 1 :])
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"is no encrypted gallery|cannot be decrypted"):
            load_encrypted(path, PHRASE)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, gallery, quick, monkeypatch):
    path = tmp_path / "people.gallery"
    save_encrypted(gallery, path, PHRASE)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        save_encrypted(gallery, path, PHRASE)
    with pytest.raises(ValueError, match=r"path must end in \.gallery"):
        save_encrypted(gallery, tmp_path / "people.npz", PHRASE)
    with pytest.raises(ValueError, match="passphrase must not be blank"):
        save_encrypted(gallery, path, " ", overwrite=True)
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            save_encrypted(gallery, path, PHRASE, overwrite=True)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["people.gallery"]


@pytest.mark.parametrize("kind", ["plain", "encrypted"])
def test_who_is_removed_is_in_no_file_saved_afterwards(tmp_path, gallery, quick, kind):
    path = tmp_path / ("people.npz" if kind == "plain" else "people.gallery")

    def write():
        if kind == "plain":
            gallery.save(path, overwrite=True)
        else:
            save_encrypted(gallery, path, PHRASE, overwrite=True)

    def content():
        loaded = Gallery.load(path) if kind == "plain" else load_encrypted(path, PHRASE)
        return loaded.to_bytes()

    write()
    known = Gallery.from_bytes(content())
    assert len(traces(content(), known, "Ada Lovelace")) == 3
    gallery.remove("Ada Lovelace")
    write()
    assert traces(content(), known, "Ada Lovelace") == []
    assert traces(path.read_bytes(), known, "Ada Lovelace") == []
    assert len(traces(content(), known, "Grace Hopper")) == 3
    assert gallery.identify(EMBEDDINGS[:1], threshold=0.9) == [[]]


def test_a_key_is_that_of_the_standard():
    """The first 32 of the 64 bytes of RFC 7914, section 12: N = 16384, r = 8, p = 1."""
    key = derive_key("pleaseletmein", b"SodiumChloride", cost=14)
    assert key.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


def test_what_is_encrypted_needs_its_key_and_every_bit():
    key, data = bytes(range(32)), b"a template"
    sealed = encrypt(data, key)
    assert decrypt(sealed, key) == data and data not in sealed and len(sealed) == len(data) + 28
    assert encrypt(data, key) != sealed
    for bad in (sealed[:-1], sealed + b"\0", sealed[:5], b"", sealed[1:]):
        with pytest.raises(ValueError, match="data cannot be decrypted"):
            decrypt(bad, key)


def test_who_is_shredded_is_lost_in_every_backup():
    vault = Vault()
    for name, embedding in zip(NAMES, EMBEDDINGS, strict=True):
        vault.put(name, embedding.tobytes())
    backup, old_keys = dict(vault.records), vault.keys_to_bytes()
    sealed = b"".join(backup.values()) + "".join(backup).encode()
    for name, embedding in zip(NAMES, EMBEDDINGS, strict=True):
        assert name.encode() not in sealed and embedding[4:8].tobytes() not in sealed
    (lost,) = [n for n in backup if n == vault._keys["Ada Lovelace"][0]]
    key = vault._keys["Ada Lovelace"][1]

    vault.shred("Ada Lovelace")
    keys = vault.keys_to_bytes()
    assert key.hex().encode() in old_keys and key.hex().encode() not in keys
    assert b"Ada" not in keys and lost not in vault.records
    restored = Vault.from_bytes(keys, backup)  # the backup still holds her record, as noise
    assert lost in restored.records and restored.names == tuple(NAMES[1:])
    for _, other in restored._keys.values():
        with pytest.raises(ValueError, match="cannot be decrypted"):
            decrypt(backup[lost], other)
    with pytest.raises(ValueError, match="no record of 'Ada Lovelace', or it was shredded"):
        restored.get("Ada Lovelace")
    assert restored.get("Grace Hopper") == EMBEDDINGS[1].tobytes()


def test_a_new_record_shreds_the_old_one():
    vault = Vault()
    vault.put("Ada", b"old")
    backup = dict(vault.records)
    vault.put("Ada", b"new")
    assert vault.get("Ada") == b"new" and len(vault.records) == 1
    assert not set(backup) & set(vault.records)


@pytest.mark.parametrize("data", ["text", None, 7, [1, 2]])
def test_a_record_that_cannot_be_kept_leaves_the_old_one(data):
    vault = Vault()
    vault.put("Ada", b"old")
    before = dict(vault.records)
    with pytest.raises(TypeError, match="data must be bytes, got"):
        vault.put("Ada", data)
    assert vault.get("Ada") == b"old" and vault.records == before
    with pytest.raises(ValueError, match="name must not be blank"):
        vault.put(" ", b"new")
    assert vault.names == ("Ada",)


def test_a_name_of_a_vault_has_one_spelling():
    vault = Vault()
    vault.put("Zoe\u0308 ", b"one")
    vault.put("Zo\u00eb", b"two")
    assert vault.names == ("Zo\u00eb",) and vault.get(" Zoe\u0308") == b"two"
    assert len(vault.records) == 1


@pytest.mark.parametrize(
    "keys",
    [
        b"",
        b"[]",
        b"7",
        b'{"Ada": 1}',
        b'{"Ada": ["1", "zz"]}',
        b'{"Ada": ["1", "00"]}',
        b"[" * 99999,
        b'{"Ada": ["1", 7]}',
        b"\xff",
        b'{" ": ["1", "00"]}',
        b'{"A": ["1", "%s"], "A": ["2", "%s"]}' % (b"00" * 32, b"11" * 32),
        b'{"A": ["1", "%s"], "A ": ["2", "%s"]}' % (b"00" * 32, b"11" * 32),
    ],
)
def test_hostile_keys_are_refused(keys):
    with pytest.raises(ValueError, match="keys must be those of a vault"):
        Vault.from_bytes(keys, {})


def test_a_vault_without_the_record_says_so():
    vault = Vault()
    vault.put("Ada", b"one")
    with pytest.raises(ValueError, match="there is no record of 'Ada' among"):
        Vault.from_bytes(vault.keys_to_bytes(), {}).get("Ada")
    for records in (None, [], {"1": "text"}):
        with pytest.raises(TypeError, match="records must be"):
            Vault.from_bytes(vault.keys_to_bytes(), records)


@pytest.mark.parametrize("gallery", [5, None, b"data", {}])
def test_what_is_no_gallery_replaces_none(tmp_path, gallery, quick):
    path = tmp_path / "people.gallery"
    path.write_bytes(b"old")
    with pytest.raises(TypeError, match="gallery must be a Gallery, got"):
        save_encrypted(gallery, path, PHRASE, overwrite=True)
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such thing")
def test_an_encrypted_gallery_is_its_owners_alone(tmp_path, gallery, quick):
    save_encrypted(gallery, tmp_path / "people.gallery", PHRASE)
    assert (tmp_path / "people.gallery").stat().st_mode & 0o777 == 0o600
    for path in (tmp_path, os.devnull):
        with pytest.raises(FileNotFoundError, match="there is no gallery file"):
            load_encrypted(path, PHRASE)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: encrypt(b"", "key"), TypeError, "key must be bytes, got str"),
        (lambda: encrypt(b"", b"key"), ValueError, "key must hold 32 bytes, got 3"),
        (lambda: decrypt(b"", b"key"), ValueError, "key must hold 32 bytes, got 3"),
        (
            lambda: derive_key(b"phrase", bytes(16)),
            TypeError,
            "passphrase must be a str, got bytes",
        ),
        (
            lambda: derive_key("phrase", bytes(7)),
            ValueError,
            "salt must hold 8 bytes at least, got 7",
        ),
        (lambda: derive_key("phrase", "salt"), TypeError, "salt must be bytes, got str"),
        (lambda: decrypt("text", bytes(32)), TypeError, "data must be bytes, got str"),
        (lambda: derive_key("phrase", bytes(16), 40), ValueError, "cost must be a whole number"),
        (lambda: Vault().shred("Ada"), ValueError, "no record of 'Ada'"),
    ],
)
def test_what_is_wrong_is_named(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_without_cryptography_the_way_to_it_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    with pytest.raises(ImportError, match=r"facebook_tut\[privacy\]"):
        encrypt(b"", bytes(32))
