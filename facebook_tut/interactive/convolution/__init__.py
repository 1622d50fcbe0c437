"""The convolution explorer: how a 3 x 3 kernel turns a picture into a feature map."""

from pathlib import Path

from facebook_tut._live import SIDES, Choice, Dial, LiveFigure, Table, grey_levels

PRESETS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "vertical edge": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],  # Sobel
    "horizontal edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],  # Laplacian
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "blur": [[1 / 9] * 3] * 3,
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}


class _Kernel(Table):
    """A table that also answers to the name of a preset."""

    def check(self, name, value):
        """Return `value`, a table or a preset's name, as a list of rows.

        Examples
        --------
        >>> _Kernel(3, 3, -9, 9).check("kernel", "identity")
        [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
        """
        if isinstance(value, str):
            value = PRESETS[Choice(tuple(PRESETS)).check(name, value)]
        return super().check(name, value)


def convolution_explorer(
    image, *, kernel="vertical edge", stride=1, padding="valid", dilation=1, row=7, column=9
):
    """Show what a 3 x 3 kernel makes of a picture, and how each output pixel comes about.

    The figure shows the input, the feature map, and the nine products under the window whose sum
    is one pixel of it. As in Keras' ``Conv2D``, the kernel is not flipped.

    Parameters
    ----------
    image : array_like of float or uint8, shape (H, W)
        A grey picture from 0 to 1, each side from 8 to 64; it is rounded to 255ths.
    kernel : array_like of float, shape (3, 3), or str, default "vertical edge"
        Weights from -9 to 9; or identity, vertical edge, horizontal edge, outline, sharpen, blur
        or emboss.
    stride : int, default 1
        How many pixels the window moves at a time, from 1 to 4.
    padding : {"valid", "same"}, default "valid"
        None, or zeros around the input, so that a stride of 1 keeps its size.
    dilation : int, default 1
        How many pixels the kernel's taps are apart, from 1 to 3.
    row, column : int, defaults 7 and 9
        The output pixel shown, from 0; in a smaller feature map, its last row or column.

    Returns
    -------
    LiveFigure
        Its attributes ``kernel``, ``stride``, ``padding``, ``dilation``, ``row`` and ``column``
        follow the reader and move the figure.

    Examples
    --------
    >>> import numpy as np
    >>> figure = convolution_explorer(np.eye(8), kernel="sharpen")
    >>> figure.kernel
    [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]
    >>> figure.kernel = "blur"
    >>> figure.stride = 2
    """
    data = {"pixels": grey_levels(image), "presets": PRESETS}
    dials = {
        "kernel": (_Kernel(3, 3, -9, 9), kernel),
        "stride": (Dial(1, 4, 1), stride),
        "padding": (Choice(("valid", "same")), padding),
        "dilation": (Dial(1, 3, 1), dilation),
        "row": (Dial(0, SIDES[1] - 1, 1), row),
        "column": (Dial(0, SIDES[1] - 1, 1), column),
    }
    return LiveFigure("convolution_explorer", Path(__file__).parent, data, dials)
