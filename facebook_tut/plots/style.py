"""The colours of the book, each for one thing, and words beside points."""

import re

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

# After Okabe and Ito (2008), whose colours survive colour blindness. Blue and orange differ in
# brightness too. All stand out on white and on black, at least 3:1 on both. What is written in a
# colour has its tone, 4.5:1 on both. `facebook_tut.book` is the style.
ORANGE, BLUE, GREEN, PURPLE, BROWN = "#DD7700", "#0060AC", "#009E73", "#CC79A7", "#9A6A00"
INK = "#757575"
TONES = {
    ORANGE: "#B26000",
    BLUE: "#0077D5",
    GREEN: "#008661",
    PURPLE: "#BC4E8B",
    BROWN: "#9D6C00",
}
# One colour for one thing, in the whole book and in the live figures
FACE = SAME = VALIDATION = OURS = ORANGE  # a face, a genuine pair, what comes out on top
NONFACE = DIFFERENT = TRAINING = OTHERS = BLUE
ACCENT = WINDOW = GREEN  # a third curve; the window of a kernel and what it gives
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, BROWN, INK)  # of curves without a role, in order

SIGNED = LinearSegmentedColormap.from_list("signed", [BLUE, "white", ORANGE])
TINTS = LinearSegmentedColormap.from_list("tints", ["#A6CBE3", "white", "#F7D3A8"], 257)
WIDTH = 7.0  # inches, of every figure
BOX = {  # around words, which so read on any page
    "color": "white",
    "bbox": {"boxstyle": "round,pad=0.45", "facecolor": INK, "edgecolor": "none"},
}


def tone(colour):
    """Give the tone of a colour in which text reads, 4.5:1 on white and on black.

    Parameters
    ----------
    colour : str
        One of the book's colours; any other is given back.

    Returns
    -------
    str

    Examples
    --------
    >>> tone(FACE)
    '#B26000'
    """
    return TONES.get(colour, colour)


def note(axis, words, point, shift=(8, 0), colour=INK, **look):
    """Write words beside a point, on the side to which they are shifted.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where the point is.
    words : str
        What to write, in the tone of the colour.
    point : tuple of float
        The point, in the units of the axes.
    shift : tuple of float
        From the point to the words, in typographical points; 0 centres them.
    colour : str
        One of the book's colours.
    **look
        Further properties of the text.

    Returns
    -------
    matplotlib.text.Annotation

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> note(plt.figure().subplots(), "best", (1, 2), (-8, 0), FACE).get_ha()
    'right'
    >>> plt.close()
    """
    across = ("center", "left", "right")[int(np.sign(shift[0]))]
    up = ("center", "bottom", "top")[int(np.sign(shift[1]))]
    words = axis.annotate(_minus(words), point, shift, textcoords="offset points")
    words.set(color=tone(colour), ha=across, va=up, fontsize=9, annotation_clip=False, **look)
    return words


def _minus(words):
    """Write the minus sign where a hyphen is before a number."""
    return re.sub(r"(?<![\w.])-(?=[\d.])", "\N{MINUS SIGN}", words)
