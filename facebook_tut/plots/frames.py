"""Boxes on a picture."""

from matplotlib.patches import Rectangle

from facebook_tut.plots.style import FACE


def outlines(axis, boxes, colour=FACE, width=1.5):
    """Outline boxes on a picture that is drawn already.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where the picture is.
    boxes : array_like, (K, 4)
        ``(top, left, bottom, right)`` between pixels, as in `detection.Detection`: 0 is the upper
        or left border of the first pixel.
    colour : str
        Of the lines.
    width : float
        Of the lines, in points.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from facebook_tut.plots import image_grid
    >>> axis = image_grid([[[0.0] * 9] * 9]).axes[0]
    >>> outlines(axis, [(1, 2, 5, 8)])
    >>> axis.patches[0].get_xy(), axis.patches[0].get_width()
    ((1.5, 0.5), 6)
    >>> plt.close()
    """
    for top, left, bottom, right in boxes:
        sides = right - left, bottom - top
        look = {"fill": False, "color": colour, "linewidth": width}
        axis.add_patch(Rectangle((left - 0.5, top - 0.5), *sides, **look))
