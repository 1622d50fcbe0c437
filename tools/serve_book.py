"""Serve the built book, build it anew whenever a source is saved, and reload the browser.

`python tools/serve_book.py PAGES`: what `make serve` runs. A build that fails says so and leaves
the pages as they were; the next save tries again.
"""

import subprocess
import sys
from pathlib import Path

from livereload import Server

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "_config.yml",
    "_toc.yml",
    "_static/*",
    "_templates/**/*",
    "book/*",
    "extensions/*.py",
    "facebook_tut/**/*",
)


def rebuild():
    """Run `make book`."""
    subprocess.run([sys.executable, ROOT / "make.py", "book"], cwd=ROOT, check=False)


def main(pages, port=8000):
    """Serve a folder of pages until Ctrl-C."""
    server = Server()
    for pattern in SOURCES:
        server.watch(str(ROOT / pattern), rebuild, ignore=lambda path: "__pycache__" in path)
    server.serve(root=pages, port=port, host="127.0.0.1")


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
