"""Sphinx extension: put the networks that run in pages beside them, as `_static/networks/*.bin`.

They are made from the package's own weights when the book is built, and made anew only if those, or
the code that turns them into files, have changed: TensorFlow takes seconds. A page loads them when
its reader asks, and not before.
"""

import hashlib
import json
from pathlib import Path

import facebook_tut
from facebook_tut.export.browser import NAMES, browser_network

FOLDER, NOTE = "_static/networks", "networks.json"
PACKAGE = Path(facebook_tut.__file__).parent
# The weights, what builds the networks and what writes them. The checksums of MTCNN's weights
# are in the module that builds it.
SOURCES = ("pretrained", "models", "export", "detection/mtcnn_networks.py", "_backend.py")


def write(app, exception):
    """Write each network whose file is not there yet, or is another one."""
    if exception is not None or app.builder.name != "html":
        return
    folder, note = Path(app.outdir) / FOLDER, Path(app.doctreedir) / NOTE
    if note.is_file() and json.loads(note.read_text("utf-8")) == state(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        content, path = browser_network(name), folder / f"{name}.bin"
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(state(folder)), "utf-8")


def state(folder):
    """Return the fingerprints of the sources, and of each file that was made of them."""
    made = {name: fingerprint([folder / f"{name}.bin"]) for name in NAMES}
    return {"sources": fingerprint(sources()), **made}


def sources():
    """Return the files of the package that decide what is written, in their order."""
    places = [PACKAGE / name for name in SOURCES]
    found = [path for one in places for path in ([one] if one.is_file() else one.rglob("*"))]
    return sorted(path for path in found if path.is_file() and path.suffix != ".pyc")


def fingerprint(paths):
    """Return a checksum of files, their names included, or None if one is missing."""
    if not all(path.is_file() for path in paths):
        return None
    parts = [part for path in paths for part in (path.name.encode(), path.read_bytes())]
    lengths = b" ".join(str(len(part)).encode() for part in parts)  # where each part ends
    return hashlib.sha256(b"".join([lengths, *parts])).hexdigest()


def setup(app):
    """Tell Sphinx when."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
