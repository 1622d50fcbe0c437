"""Sphinx extension: the picture that stands for the book where a link to it is previewed.

A face and its feature map, drawn by the book's own convolution, beside the title: 1200×630 pixels,
written to `_static/card.png`.
"""

import textwrap
from pathlib import Path

import numpy as np
import skimage.data
from matplotlib.figure import Figure

from facebook_tut import plots
from facebook_tut.layers import conv2d

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)
BACKGROUND, INK, SOFT = "#101418", "#f3f6f9", "#a9b4c0"


def draw(title, words):
    """Return the card as a figure."""
    face = skimage.data.lfw_subset()[93].astype(float)  # (25, 25)
    feature_map = conv2d(face[None, ..., None], SOBEL[..., None, None])[0, ..., 0]  # (23, 23)
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=BACKGROUND)
    figure.text(0.05, 0.86, textwrap.fill(title, 20), size=40, color=INK, weight="bold", va="top")
    figure.text(0.05, 0.2, textwrap.fill(words, 42), size=17, color=SOFT, va="center")
    limit = np.abs(feature_map).max()
    looks = {"cmap": "gray"}, {"cmap": plots.SIGNED, "vmin": -limit, "vmax": limit}
    for left, picture, look in zip((0.53, 0.75), (face, feature_map), looks, strict=True):
        axis = figure.add_axes((left, 0.3, 0.2, 0.4))
        axis.imshow(picture, **look)
        axis.axis("off")
    return figure


def write_card(app, exception):
    """Draw the card into the built pages."""
    if exception is None and app.builder.name == "html":
        words = "A book you can run: from the first convolution to an honest evaluation."
        draw(app.config.html_title, words).savefig(Path(app.outdir) / "_static" / "card.png")


def setup(app):
    """Tell Sphinx when."""
    app.connect("build-finished", write_card)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
