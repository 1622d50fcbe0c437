"""Galleries that only a passphrase opens, and deletion by forgetting a key.

Templates on a disk are copied with it. Encrypted, a copy is worth nothing without the passphrase,
and what is encrypted is deleted in every copy, backups included, as soon as its key is forgotten:
*crypto-shredding*.
"""

from facebook_tut.privacy.storage.encryption import (
    COST,
    KEY,
    MOST,
    NONCE,
    SALT,
    decrypt,
    derive_key,
    encrypt,
)
from facebook_tut.privacy.storage.files import MAGIC, load_encrypted, save_encrypted
from facebook_tut.privacy.storage.vault import Vault
