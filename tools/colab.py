"""The Colab parts of a chapter: the badge below its title and the cell that installs the package.

This is the one place that says what they look like. `normalise_notebooks.py` writes them and
`lint_notebooks.py` checks them. The repository and branch come from the book's `_config.yml`.
"""

import os
import re
from functools import cache
from pathlib import Path

import yaml

CONFIG = Path(__file__).resolve().parents[1] / "_config.yml"
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
    root, path = book_root(path), path.resolve()
    name, branch = repository(root)
    image = Path(os.path.relpath(root / BADGE_IMAGE, path.parent)).as_posix()
    link = f"https://colab.research.google.com/github/{name}/blob/{branch}"
    return f"[![Open In Colab]({image})]({link}/{path.relative_to(root).as_posix()})"


def install_cell(path: Path = CONFIG) -> str:
    """Return the source of the first code cell for the notebook at `path`.

    Outside Colab the cell does nothing. Without `path` it is the cell of this repository's book.
    """
    name, branch = repository(book_root(path))
    return INSTALL_SOURCE.format(name=name, branch=branch)
