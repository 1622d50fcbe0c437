"""Images with points marked on them."""

import numpy as np

from facebook_tut.plots.images import image_grid
from facebook_tut.plots.style import BROWN, ORANGE


def marked(images, found, wanted=None, titles=None, columns=6, size=1.15):
    """Draw images with crosses on them, and rings where the crosses should be.

    Parameters
    ----------
    images : sequence of ndarray, (H, W, 3) or (H, W)
        Values from 0 to 1.
    found : sequence of array_like, (K, 2)
        Points ``(x, y)`` in pixels of each image.
    wanted : sequence of array_like, (L, 2), optional
        The places of the rings.
    titles : sequence of str, optional
        One over each image.
    columns : int
        Images in a row.
    size : float
        Inches of one image.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = marked([np.zeros((9, 9))], [[[2, 3], [6, 3]]])
    >>> figure.axes[0].lines[0].get_xydata().tolist()
    [[2.0, 3.0], [6.0, 3.0]]
    """
    figure = image_grid(images, titles, columns, size)
    look = {"linestyle": "none", "markeredgewidth": 2, "clip_on": False}
    cross = {"color": ORANGE, "marker": "x", "markersize": 6, **look}
    ring = {"color": BROWN, "marker": "o", "markersize": 8, "markerfacecolor": "none", **look}
    for index, (axis, points) in enumerate(zip(figure.axes, found, strict=False)):
        axis.plot(*np.transpose(points), label="found", **cross)
        if wanted is not None:
            axis.plot(*np.transpose(wanted[index]), label="true", **ring)
    if wanted is not None:
        handles, _ = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
        figure.set_figheight(figure.get_figheight() + 0.35)
    return figure
