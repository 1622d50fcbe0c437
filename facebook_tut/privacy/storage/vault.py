"""A vault: records that are deleted in every copy, by forgetting a key."""

import json
import secrets

from facebook_tut._names import clean_name
from facebook_tut.privacy.storage.encryption import KEY, _check_bytes, _check_key, decrypt, encrypt


class Vault:
    """Records of people, each under a key of its own, so that each can be shredded by itself.

    Records may be copied and backed up as anyone likes. The keys are in one small place that is
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
