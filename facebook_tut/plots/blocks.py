"""The steps of a computation as boxes in a row."""

import matplotlib.pyplot as plt

from facebook_tut.plots.style import BOX, INK, ORANGE, WIDTH, tone


def steps(names, past=None, title=""):
    """Draw the steps of a computation in a row, and an arrow that leads past some of them.

    Parameters
    ----------
    names : list of str
        The text in the boxes.
    past : tuple of (int, int, str), optional
        The arrow: it leaves before the first of these steps, arrives at the second, and says so.
    title : str
        Above the boxes.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = steps(["twice", "plus"], past=(0, 1, "x"))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['twice', 'plus', 'x']
    >>> plt.close(figure)
    """
    figure, axis = plt.subplots(figsize=(WIDTH, 1.9), layout="constrained")
    right = len(names) - 0.3
    axis.plot([-1, right], [0, 0], color=INK, marker=">", markevery=[1], zorder=0)
    for place, name in enumerate(names):
        axis.text(place, 0, name, ha="center", va="center", fontsize=9, **BOX)
    if past is not None:
        start, end, words = past
        corners = [start - 0.75, start - 0.75, end, end], [0, 1, 1, 0.55]
        axis.plot(*corners, color=ORANGE, lw=2, marker="v", markevery=[3])
        look = {"ha": "center", "va": "bottom", "fontsize": 9, "color": tone(ORANGE)}
        axis.text((start + end) / 2, 1.1, words, **look)
    axis.set(xlim=(-1.05, right + 0.1), ylim=(-0.7, 1.6))
    axis.set_title(title, fontsize=11)
    axis.axis("off")
    return figure
