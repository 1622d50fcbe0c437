"""Whether a file of weights is the one that was released."""

import hashlib


def check_released(name, content, sha256):
    """Return the content of a file of weights, or say that it is another one."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{name} must have the SHA-256 {sha256[:12]}…, got {found[:12]}…: the file is"
            " damaged or was replaced; install the package anew"
        )
    return content
