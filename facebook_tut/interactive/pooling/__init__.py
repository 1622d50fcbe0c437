"""The pooling explorer: what a pooling layer keeps of a picture, and what a shift does to that."""

from pathlib import Path

from facebook_tut._live import Choice, Dial, LiveFigure, grey_levels


def pooling_explorer(
    image, *, kind="max", window=2, stride=2, shift_right=0, shift_down=0, row=4, column=5
):
    """Show what max or average pooling keeps of a picture, with sliders for all that sets it.

    The figure shows the picture and its pooled map, the values in the window of one pooled
    pixel, where that pixel's gradient goes, and how much of a shift of the picture reaches the
    pooled map. There is no padding: rows and columns that fill no window are left out.

    Parameters
    ----------
    image : array_like of float or uint8, shape (H, W)
        A grey picture or a feature map with values from 0 to 1; H and W from 8 to 64. The figure
        keeps it as grey levels, whole numbers from 0 to 255.
    kind : {"max", "average"}, default "max"
        Whether a window gives its largest value or its mean.
    window : int, default 2
        The window's side in pixels, from 2 to 6.
    stride : int, default 2
        The step from a window to the next in pixels, from 1 to 6.
    shift_right, shift_down : int, default 0
        How many pixels the picture moves, from -4 to 4; its border is repeated where it leaves.
    row, column : int, defaults 4 and 5
        The pooled pixel that is shown, from 0; the last one where the map is smaller.

    Returns
    -------
    LiveFigure
        Its attributes, from ``kind`` to ``column``, follow the controls and move them.

    Examples
    --------
    >>> import numpy as np
    >>> figure = pooling_explorer(np.eye(8), window=3)
    >>> figure
    <pooling_explorer: kind=max, window=3, stride=2, shift_right=0, shift_down=0, row=4, column=5>
    >>> figure.kind = "average"
    """
    levels = grey_levels(image)
    dials = {
        "kind": (Choice(("max", "average")), kind),
        "window": (Dial(2, 6, 1), window),
        "stride": (Dial(1, 6, 1), stride),
        "shift_right": (Dial(-4, 4, 1), shift_right),
        "shift_down": (Dial(-4, 4, 1), shift_down),
        "row": (Dial(0, len(levels) - 2, 1), row),
        "column": (Dial(0, len(levels[0]) - 2, 1), column),
    }
    return LiveFigure("pooling_explorer", Path(__file__).parent, {"image": levels}, dials)
