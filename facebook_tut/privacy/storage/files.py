"""Galleries in files that only a passphrase opens."""

import secrets

from facebook_tut._files import check_writable, replacing
from facebook_tut._validation import check_file
from facebook_tut.matching import Gallery
from facebook_tut.privacy.storage.encryption import COST, SALT, decrypt, derive_key, encrypt

MAGIC = b"facebook_tut encrypted gallery 1\n"


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
    OSError
        If it cannot be written there.

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
    ValueError
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
