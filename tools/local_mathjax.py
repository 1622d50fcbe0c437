"""Sphinx extension: serve MathJax with the book, from the package that brings it.

The book loads nothing from other hosts, so that reading it tells nobody. The files come from the
PyPI package `django-static-mathjax`, which is MathJax 3 and nothing else.
"""

import shutil
from importlib.metadata import files
from pathlib import Path

COMPONENT = "es5/tex-mml-chtml.js"
FONTS = "es5/output/chtml/fonts/woff-v2/"


def copy_mathjax(app, exception):
    """Copy MathJax's one script and its fonts to the built book's `_static/mathjax`."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    for file in files("django-static-mathjax"):
        path = file.as_posix()
        if path.endswith(COMPONENT) or FONTS in path:
            place = target / path.split("es5/", 1)[1]
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), place)


def setup(app):
    """Tell Sphinx when to copy."""
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
