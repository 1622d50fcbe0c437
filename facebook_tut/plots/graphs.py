"""A computation as a graph: what goes forward, and the derivatives on the way back."""

import matplotlib.pyplot as plt

from facebook_tut.plots.style import BOX, INK, ORANGE, WIDTH, _minus, tone


def computation_graph(nodes, edges, title="", height=2.4):
    """Draw a computation: values in boxes, local derivatives on arrows, gradients below.

    Parameters
    ----------
    nodes : dict of str to (float, float, str, str)
        By name: the column and the row of its centre, the text in the box, and the gradient of
        the last node by this one, which is written below it.
    edges : list of (str, str, str)
        From which node to which, and the derivative of the second by the first.
    title : str
        Above the graph.
    height : float
        Of the figure, in inches.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> nodes = {"x": (0, 0, "x = 3", "6"), "y": (1, 0, "y = x² = 9", "1")}
    >>> figure = computation_graph(nodes, [("x", "y", "2x = 6")])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['2x = 6', 'x = 3', '6', 'y = x² = 9', '1']
    >>> plt.close(figure)
    """
    figure, axis = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    for start, end, derivative in edges:
        (x, y), (to_x, to_y) = nodes[start][:2], nodes[end][:2]
        middle = x + 0.5 * (to_x - x), y + 0.5 * (to_y - y)
        axis.plot([x, middle[0], to_x], [y, middle[1], to_y], color=INK, lw=1, zorder=0)
        axis.plot(*middle, color=INK, marker=">", markersize=5, linestyle="none", zorder=0)
        place = (middle[0], middle[1] + 0.17)
        axis.text(*place, _minus(derivative), ha="center", va="bottom", fontsize=8.5)
    for x, y, value, gradient in nodes.values():
        axis.text(x, y, _minus(value), ha="center", va="center", fontsize=9, **BOX)
        look = {"ha": "center", "va": "top", "fontsize": 9, "color": tone(ORANGE)}
        axis.text(x, y - 0.33, _minus(gradient), **look)
    columns, rows = zip(*(node[:2] for node in nodes.values()), strict=True)
    axis.set(xlim=(min(columns) - 0.4, max(columns) + 0.4))
    axis.set(ylim=(min(rows) - 0.75, max(rows) + 0.5))
    axis.set_title(title, fontsize=11)
    axis.axis("off")
    return figure
