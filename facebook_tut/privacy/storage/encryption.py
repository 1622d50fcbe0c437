"""Encryption under a key, and the key that belongs to a passphrase."""

import secrets

from facebook_tut._validation import check_number

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
    ValueError
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
