"""Sphinx extension: put the networks that run in pages beside them, as `_static/networks/*.bin`.

They are made from the package's own weights when the book is built. A page loads them when its
reader asks, and not before.
"""

from pathlib import Path

from facebook_tut.export.browser import NAMES, browser_network

FOLDER = "_static/networks"


def write(app, exception):
    """Write each network whose file is not there yet, or is another one."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        content, path = browser_network(name), folder / f"{name}.bin"
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)


def setup(app):
    """Tell Sphinx when."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
