"""The Colab parts of a chapter: the badge below its title and the cell that installs the package.

This is the one place that says what they look like, and which address Colab opens.
`normalise_notebooks.py` writes them, `colab_copies.py` writes what the badge opens, and
`lint_notebooks.py` checks them. The repository and branch come from the book's `_config.yml`.
"""

import os
import re
from functools import cache
from pathlib import Path

import yaml

CONFIG = Path(__file__).resolve().parents[1] / "_config.yml"
COPIES = "open_in_colab"  # the folder of what Colab opens
BADGE_IMAGE = "_static/colab-badge.svg"
INSTALL_TAG = "colab-install"
INSTALL_TAGS = [INSTALL_TAG, "hide-cell"]

GITHUB_URL = re.compile(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?")

# `find_spec("google.colab")` alone raises an error where there is no `google` package at all.
INSTALL_SOURCE = """\
# In Colab only: install the book's package.
# Colab's own NumPy, TensorFlow and Keras stay as they are.
from importlib.util import find_spec

if find_spec("google") and find_spec("google.colab"):
    %pip install -q "facebook_tut @ git+https://github.com/{name}@{branch}\""""


def book_root(path: Path) -> Path:
    """Return the nearest folder above `path` that holds a `_config.yml`: the book it belongs to."""
    for folder in path.resolve().parents:
        if (folder / "_config.yml").is_file():
            return folder
    raise FileNotFoundError(f"no _config.yml in a folder above {path}: move it into the book")


def repository(root: Path) -> tuple[str, str]:
    """Read `owner/name` and the branch of the book's GitHub repository.

    Parameters
    ----------
    root : Path
        The folder that holds `_config.yml`.

    Returns
    -------
    tuple of str
        For example `("facebook-tut/facebook_tut", "main")`.
    """
    settings = _parsed((root / "_config.yml").read_text(encoding="utf-8")).get("repository") or {}
    match = GITHUB_URL.fullmatch(settings.get("url") or "")
    if match is None:
        raise ValueError("_config.yml: set `repository: url:` to https://github.com/OWNER/NAME")
    return match[1], settings.get("branch") or "main"


@cache
def _parsed(text: str) -> dict:
    """Parse YAML, the same text once: that is slow."""
    return yaml.safe_load(text) or {}


def badge(path: Path) -> str:
    """Return the Markdown badge that opens the notebook at `path` in Colab.

    The image is the book's own file, so that the page loads nothing from another host.
    """
    image = Path(os.path.relpath(book_root(path) / BADGE_IMAGE, path.resolve().parent)).as_posix()
    return f"[![Open In Colab]({image})]({address(path)})"


def address(path: Path) -> str:
    """Return the address at which Colab opens its copy of the notebook at `path`."""
    name, branch = repository(book_root(path))
    site = "https://colab.research.google.com/github"
    return f"{site}/{name}/blob/{branch}/{COPIES}/{path.name}"


def page_address(path: Path) -> str:
    """Return the address of the page that the file at `path` becomes: GitHub Pages."""
    root = book_root(path)
    owner, _, name = repository(root)[0].partition("/")
    page = path.resolve().relative_to(root.resolve()).with_suffix(".html").as_posix()
    return f"https://{owner}.github.io/{name}/{page}"


def install_cell(path: Path = CONFIG) -> str:
    """Return the source of the first code cell for the notebook at `path`.

    Outside Colab the cell does nothing. Without `path` it is the cell of this repository's book.
    """
    name, branch = repository(book_root(path))
    return INSTALL_SOURCE.format(name=name, branch=branch)
