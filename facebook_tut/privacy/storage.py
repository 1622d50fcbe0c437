"""Galleries that only a passphrase opens, and deletion by forgetting a key.

Templates on a disk are copied with it. Encrypted, a copy is worth nothing without the passphrase,
and what is encrypted is deleted in every copy, backups included, as soon as its key is forgotten:
*crypto-shredding*.
"""

import json
import secrets

from facebook_tut._files import check_writable, replacing
from facebook_tut._names import clean_name
from facebook_tut._validation import check_file, check_number
from facebook_tut.matching import Gallery

MAGIC = b"facebook_tut encrypted gallery 1\n"
COST = 17  # scrypt's work is 2**17 blocks of 1 KiB: 128 MiB of memory, about half a second
SALT, NONCE, KEY = 16, 12, 32  # bytes
MOST = 2**31 - 64  # bytes that are encrypted at once


def encrypt(data, key):
    """Encrypt bytes, so that only the key reads them and nobody changes them unnoticed.

    AES-256 in Galois/counter mode (NIST SP 800-38D), with a nonce of its own for each call.

    Parameters
    ----------
    data : bytes
        Less than 2 GiB of them.
    key : bytes
        32 of them, from ``secrets.token_bytes(32)``.

    Returns
    -------
    bytes
        Nonce, ciphertext and tag: 28 more than `data`.

    Raises
    ------
    ImportError
        If the package cryptography is not installed.
    TypeError, ValueError
        If the key is not as described.

    Examples
    --------
    >>> key = secrets.token_bytes(32)
    >>> decrypt(encrypt(b"a template", key), key)
    b'a template'
    """
    cipher, data, nonce = _cipher(key), _check_bytes("data", data), secrets.token_bytes(NONCE)
    if len(data) >= MOST:
        raise ValueError(f"data must hold less than {MOST:,} bytes, got {len(data):,}")
    return nonce + cipher.encrypt(nonce, data, None)


def decrypt(data, key):
    """Return the bytes that `encrypt` was given.

    Parameters
    ----------
    data : bytes
        Of `encrypt`.
    key : bytes
        The same.

    Returns
    -------
    bytes

    Raises
    ------
    ImportError
        If the package cryptography is not installed.
    TypeError, ValueError
        If the key is another, or a bit of the data was changed.

    Examples
    --------
    >>> decrypt(encrypt(b"a template", bytes(32)), bytes([1] * 32))
    Traceback (most recent call last):
        ...
    ValueError: data cannot be decrypted: the key is wrong, or they were changed
    """
    cipher, data = _cipher(key), _check_bytes("data", data)
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(data[:NONCE], data[NONCE:], None)
    except (InvalidTag, ValueError) as error:  # a ValueError if too little is left of the data
        raise ValueError(
            "data cannot be decrypted: the key is wrong, or they were changed"
        ) from error


def derive_key(passphrase, salt, cost=COST):
    """Return the key that belongs to a passphrase: slow on purpose, so that trying many is slow.

    scrypt (Percival, 2009; RFC 7914) with r = 8 and p = 1.

    Parameters
    ----------
    passphrase : str
        Any text that is not blank.
    salt : bytes
        16 random ones, kept beside what is encrypted: equal passphrases get unequal keys.
    cost : int
        log2 of N, the work: from 10 to 20.

    Returns
    -------
    bytes
        32 of them.

    Raises
    ------
    ImportError
        If the package cryptography is not installed.
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Percival, "Stronger key derivation via sequential memory-hard functions" (2009).

    Examples
    --------
    >>> one, two = (derive_key("four words of one's own", bytes([n] * 16), cost=10) for n in (1, 2))
    >>> len(one), one == two
    (32, False)
    """
    if not isinstance(passphrase, str):
        raise TypeError(f"passphrase must be a str, got {type(passphrase).__name__}")
    if not passphrase.strip():
        raise ValueError("passphrase must not be blank")
    check_number("cost", cost, 10, 20, integer=True)
    if len(_check_bytes("salt", salt)) < 8:
        raise ValueError(f"salt must hold 8 bytes at least, got {len(salt)}")
    _need_cryptography()
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=KEY, n=2**cost, r=8, p=1).derive(passphrase.encode())


def save_encrypted(gallery, path, passphrase, *, overwrite=False):
    """Write a gallery to one encrypted file, whole or not at all.

    A new file can be read by its owner alone; an old one keeps its mode. Plain bytes of the gallery
    never reach the disk. What can be read off the file is its size, and so about how many people it
    holds.

    Parameters
    ----------
    gallery : matching.Gallery
        The people.
    path : str or path-like
        A name that ends in ``.gallery``.
    passphrase : str
        Any text that is not blank. Whoever loses it has lost the gallery.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ImportError
        If the package cryptography is not installed.
    OSError, TypeError, ValueError
        If it cannot be written there, or an argument is not as described.

    Examples
    --------
    >>> save_encrypted(Gallery(), "people.npz", "four words of one's own")
    Traceback (most recent call last):
        ...
    ValueError: path must end in .gallery, got people.npz
    """
    if not isinstance(gallery, Gallery):
        raise TypeError(f"gallery must be a Gallery, got {gallery!r:.80}")
    path = check_writable(path, overwrite=overwrite, suffix=".gallery")
    salt = secrets.token_bytes(SALT)
    sealed = encrypt(gallery.to_bytes(), derive_key(passphrase, salt, COST))
    with replacing(path, overwrite=overwrite, private=True) as temporary:
        temporary.write_bytes(MAGIC + salt + sealed)


def load_encrypted(path, passphrase, model=None, *, engine="exact"):
    """Read a gallery that `save_encrypted` wrote.

    Parameters
    ----------
    path : str or path-like
        The file.
    passphrase : str
        The same as then.
    model, engine
        As for `matching.Gallery.load`.

    Returns
    -------
    matching.Gallery

    Raises
    ------
    ImportError
        If the package cryptography is not installed.
    OSError
        If the file cannot be read.
    TypeError, ValueError
        If the passphrase is wrong, the file is another or was changed, or the templates are of
        another model.

    Examples
    --------
    >>> import tempfile
    >>> gallery = Gallery()
    >>> gallery.enrol("Ada", [1, 0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_encrypted(gallery, f"{folder}/people.gallery", "four words of one's own")
    ...     load_encrypted(f"{folder}/people.gallery", "four words of one's own").names
    ('Ada',)
    """
    path = check_file("path", path, "gallery")
    with path.open("rb") as file:
        magic, salt = file.read(len(MAGIC)), file.read(SALT)
        if magic != MAGIC or len(salt) < SALT:
            raise ValueError(f"{path} is no encrypted gallery that this package wrote")
        sealed = file.read()
    key = derive_key(passphrase, salt, COST)
    try:
        plain = decrypt(sealed, key)
    except ValueError as error:
        raise ValueError(
            f"{path} cannot be decrypted: the passphrase is wrong, or the file was changed"
        ) from error
    return Gallery.from_bytes(plain, model, engine=engine, source=path)


class Vault:
    """Records of people, each under a key of its own, so that each can be shredded by itself.

    Records may be copied and backed up as anyone likes. The keys stand in one small place that is
    never copied. `shred` forgets a person's key there, and every copy of the record is noise.

    Examples
    --------
    >>> vault = Vault()
    >>> vault.put("Ada", b"her template")
    >>> backup = dict(vault.records)
    >>> vault.get("Ada")
    b'her template'
    >>> vault.shred("Ada")
    >>> vault.names, len(backup)
    ((), 1)
    """

    def __init__(self):
        self.records = {}  # number -> encrypted record; safe to copy
        self._keys = {}  # name -> (number, key); never to be copied

    @property
    def names(self):
        """Whose records can be read, a tuple of str."""
        return tuple(self._keys)

    def put(self, name, data):
        """Keep a record of a person, in place of one that may be there.

        Parameters
        ----------
        name : str
            The person; it has one spelling, as in `matching.Gallery`.
        data : bytes
            The record.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as described; an old record is then as it was.
        """
        name, key = clean_name(name), secrets.token_bytes(KEY)
        record, number = encrypt(data, key), secrets.token_hex(16)  # may fail: the old one stays
        old, _ = self._keys.get(name, (None, None))
        self.records[number] = record
        self._keys[name] = number, key
        self.records.pop(old, None)

    def get(self, name):
        """Return the record of a person.

        Parameters
        ----------
        name : str
            The person.

        Returns
        -------
        bytes

        Raises
        ------
        ValueError
            If there is no such person, or the record was changed.
        """
        _, (number, key) = self._entry(name)
        if number not in self.records:
            raise ValueError(f"there is no record of {name!r} among those that were given")
        return decrypt(self.records[number], key)

    def shred(self, name):
        """Forget a person's key, and with it the record in every copy.

        Parameters
        ----------
        name : str
            The person.

        Raises
        ------
        ValueError
            If there is no such person.
        """
        name, (number, _) = self._entry(name)
        del self._keys[name]
        self.records.pop(number, None)

    def keys_to_bytes(self):
        """Return the keys, to be kept apart from the records, such as in a hardware module.

        Returns
        -------
        bytes
        """
        keys = {name: (number, key.hex()) for name, (number, key) in self._keys.items()}
        return json.dumps(keys).encode("ascii")

    @classmethod
    def from_bytes(cls, keys, records):
        """Open a vault again.

        Parameters
        ----------
        keys : bytes
            Of `keys_to_bytes`.
        records : dict of str to bytes
            Of `records`, or a copy that may be older.

        Returns
        -------
        Vault

        Raises
        ------
        TypeError, ValueError
            If they are not as described.
        """
        if not isinstance(records, dict):
            raise TypeError(f"records must be a dict, got {type(records).__name__}")
        vault = cls()
        vault.records = {number: _check_bytes("records", data) for number, data in records.items()}
        vault._keys = _check_keys(_check_bytes("keys", keys))
        return vault

    def _entry(self, name):
        """Return a person's name as it is kept, and the number and key of the record."""
        clean = clean_name(name)
        if clean not in self._keys:
            raise ValueError(f"there is no record of {name!r}, or it was shredded")
        return clean, self._keys[clean]


def _check_keys(keys):
    """Return what `Vault.keys_to_bytes` wrote, if it is that."""
    try:
        entries = json.loads(keys, object_pairs_hook=_once).items()
        return _once(
            (clean_name(name), (str(number), _check_key(bytes.fromhex(key))))
            for name, (number, key) in entries
        )
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"keys must be those of a vault, and are not: {error}") from error


def _once(pairs):
    """Return pairs as a dict, if no key is there twice."""
    pairs = list(pairs)
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _check_bytes(name, data):
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"{name} must be bytes, got {type(data).__name__}")
    return bytes(data)


def _check_key(key):
    if not isinstance(key, bytes):
        raise TypeError(f"key must be bytes, got {type(key).__name__}")
    if len(key) != KEY:
        raise ValueError(f"key must hold {KEY} bytes, got {len(key)}")
    return key


def _cipher(key):
    """Return AES-256-GCM with a key."""
    _check_key(key)
    _need_cryptography()
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _need_cryptography():
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'encryption needs cryptography: pip install "facebook_tut[privacy]"'
        ) from error
