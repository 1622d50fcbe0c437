"""The pooling explorer: what a pooling layer keeps of a picture, and what a shift does to that."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from facebook_tut._validation import check_images

from ._live import Choice, Dial, LiveFigure, bitmap, declare, fixed, levels

SIDES = (8, 64)  # how many pixels a side may have
KINDS = ("max", "average")
WORDS = {"max": "Max pooling keeps the largest value", "average": "Average pooling keeps the mean"}


def pooling_explorer(
    image, *, kind="max", window=2, stride=2, shift_right=0, shift_down=0, row=4, column=5
):
    """Show what max or average pooling keeps of a picture, with sliders for all that sets it.

    The figure shows the picture and its pooled map, the values in the window of one pooled
    pixel, where that pixel's gradient goes, and how much of a shift of the picture reaches the
    pooled map. There is no padding: rows and columns that fill no window are left out.

    Parameters
    ----------
    image : array_like of float, shape (H, W)
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
    >>> figure = pooling_explorer(np.eye(8), window=3)
    >>> figure
    <pooling_explorer: kind=max, window=3, stride=2, shift_right=0, shift_down=0, row=4, column=5>
    >>> figure.kind = "average"
    """
    data = {"image": levels(_check(image), 1)[0].tolist()}
    height, width = np.shape(data["image"])
    dials = {
        "kind": (Choice(KINDS), kind),
        "window": (Dial(2, 6, 1), window),
        "stride": (Dial(1, 6, 1), stride),
        "shift_right": (Dial(-4, 4, 1), shift_right),
        "shift_down": (Dial(-4, 4, 1), shift_down),
        "row": (Dial(0, height - 2, 1), row),
        "column": (Dial(0, width - 2, 1), column),
    }
    return LiveFigure("pooling_explorer", data, dials, _still)


def _check(image):
    """Return `image` as an array, or say what is wrong with it."""
    image, (low, high) = np.asarray(image), SIDES
    if image.ndim != 2 or not all(low <= side <= high for side in image.shape):
        raise ValueError(
            f"image must have shape (H, W) with H and W from {low} to {high}, got {image.shape}"
        )
    check_images("image", image[None, :, :, None], (*image.shape, 1))
    return image


# What follows draws the still in Python exactly as pooling_explorer.js redraws it: levels and
# sums of levels are whole numbers, so both languages agree to the last digit.


def _shift(image, right, down):
    """Return the image moved by whole pixels; its border is repeated where it leaves."""
    rows, columns = (
        np.clip(np.arange(side) - move, 0, side - 1)
        for side, move in zip(image.shape, (down, right), strict=True)
    )
    return image[np.ix_(rows, columns)]


def _pool(image, kind, side, stride):
    """Return each window's largest level or sum of levels, and where in it the winner is."""
    windows = sliding_window_view(image, (side, side))[::stride, ::stride]
    flat = windows.reshape(*windows.shape[:2], -1)
    return (flat.max(-1), flat.argmax(-1)) if kind == "max" else (flat.sum(-1), None)


def _winners(won, side, stride):
    """Return every pixel that wins a window, each once, as dots of an SVG path."""
    if won is None:
        return ""
    starts = stride * np.indices(won.shape)
    rows, columns = starts + np.divmod(won, side)
    pixels = zip(rows.ravel(), columns.ravel(), strict=True)
    return "".join(f"M{column} {row}h0" for row, column in dict.fromkeys(pixels))


def _seen(length, count, side, stride):
    """Return which rows, or columns, lie in a window."""
    at = np.arange(length)
    return (at % stride < side) & (at < (count - 1) * stride + side)


def _veil(rows, columns):
    """Return the rows and columns that lie in no window as an SVG path."""
    across = [f"M0 {at}h{len(columns)}v1H0z" for at in np.flatnonzero(~rows)]
    return "".join(across + [f"M{at} 0h1v{len(rows)}h-1z" for at in np.flatnonzero(~columns)])


def _size(image, totals, side, stride):
    """Return the sizes, and which pixels lie in no window."""
    (height, width), (rows, columns) = image.shape, totals.shape
    sums = [
        f"{count} = ⌊({length} − {side}) / {stride}⌋ + 1"
        for count, length in [(rows, height), (columns, width)]
    ]
    seen = _seen(height, rows, side, stride), _seen(width, columns, side, stride)
    unseen = height * width - seen[0].sum() * seen[1].sum()
    return {
        "size": f"{rows} × {columns}",
        "formula": ", ".join(dict.fromkeys(sums)),
        "unseen": f"{unseen} of {height * width} pixels in no window",
        "veil": _veil(*seen),
    }


def _table(values, winner, grey=False):
    """Return the rows of a table; the winner is strong, and grey cells know their level."""
    side = int(len(values) ** 0.5)
    styles = [f' style="--level: {value}"' if grey else "" for value in values]
    texts = [f"<b>{value}</b>" if at == winner else value for at, value in enumerate(values)]
    cells = [f"<td{style}>{text}</td>" for style, text in zip(styles, texts, strict=True)]
    lines = ("".join(cells[start : start + side]) for start in range(0, len(cells), side))
    return "".join(f"<tr>{line}</tr>" for line in lines)


def _max_window(values, winner, top, left, side):
    """Return what a window's largest value is, where it is, and that it gets the gradient."""
    row, column = top + winner // side, left + winner % side
    tied = (values == values[winner]).sum()
    return {
        "result": f"max = {values[winner]}",
        "told": f"Winner: row\N{NO-BREAK SPACE}{row}, column\N{NO-BREAK SPACE}{column}.",
        "tied": f"{tied} pixels tie: the first in reading order wins." if tied > 1 else "",
        "backward": f"All to the winner, none to the other {len(values) - 1}.",
        "backward_cells": _table([int(at == winner) for at in range(len(values))], winner),
        "won": "1",
        "won_row": str(row),
        "won_column": str(column),
    }


def _average_window(values, top, left):
    """Return what the mean of a window is, and that all its pixels share the gradient."""
    area, total = len(values), values.sum()
    return {
        "result": f"{total} / {area} = {fixed(total / area, 2)}",
        "told": f"The sum of {area} levels, divided by {area}.",
        "tied": "",
        "backward": f"Each of the {area} pixels gets 1/{area} of it.",
        "backward_cells": _table([f"1/{area}"] * area, None),
        "won": "0",
        "won_row": str(top),
        "won_column": str(left),
    }


def _window(image, winner, at, side, stride):
    """Return what the window of the pooled pixel `at` holds, gives, and gets back."""
    top, left = (stride * index for index in at)
    values = image[top : top + side, left : left + side].ravel()
    if winner is None:
        shown = _average_window(values, top, left)
    else:
        shown = _max_window(values, winner, top, left, side)
    return shown | {
        "overlap": "Windows overlap: a pixel adds up its gradients." if stride < side else "",
        "span": f"rows {top}–{top + side - 1}, columns {left}–{left + side - 1}",
        "window_cells": _table(values, winner, grey=True),
    }


def _change(before, after, area):
    """Return the mean absolute change in levels, and how many pixels changed by at most one."""
    difference = np.abs(after - before)
    same = (difference <= area).sum()
    return difference.sum() / (area * difference.size), same, difference.size


def _moved(right, down, input_change, map_change):
    """Return in a sentence how much of the shift reaches the pooled map."""
    ways = [(right, "right", "left"), (down, "down", "up")]
    moves = [f"{abs(by)} {more if by > 0 else less}" for by, more, less in ways if by]
    if not moves:
        return "The input is in its place. Move it to see how much reaches the pooled map."
    if not input_change:
        return f"Moved {' and '.join(moves)}: this input looks the same there."
    percent = fixed(100 * map_change / input_change, 0)
    return f"Moved {' and '.join(moves)}: the map’s mean change is {percent} % of the input’s."


def _changes(right, down, pairs):
    """Return how much the input and the pooled map changed: (before, after, area) of each."""
    shown, means = {}, []
    for name, pair in zip(("input", "map"), pairs, strict=True):
        mean, same, count = _change(*pair)
        shown[f"{name}_change"] = fixed(mean, 1)
        shown[f"{name}_same"] = f"{same} of {count}"
        shown[f"{name}_share"] = fixed(100 * same / count, 1)
        means.append(mean)
    return shown | {"moved": _moved(right, down, *means)}


def _places(image, totals, at, window, stride, shift_right, shift_down):
    """Return the numbers that place the marks and stand beside the sliders."""
    (height, width), (rows, columns) = image.shape, totals.shape
    numbers = {
        "height": height,
        "width": width,
        "rows": rows,
        "columns": columns,
        "last_row": rows - 1,
        "last_column": columns - 1,
        "row": at[0],
        "column": at[1],
        "window": window,
        "stride": stride,
        "shift_right": shift_right,
        "shift_down": shift_down,
    }
    return {name: str(number).replace("-", "−") for name, number in numbers.items()}


def _reading(image, kind, window, stride, shift_right, shift_down, row, column):
    """Return what the controls change, by the name of its slot."""
    moved, area = _shift(image, shift_right, shift_down), 1 if kind == "max" else window**2
    totals, won = _pool(moved, kind, window, stride)
    before, _ = _pool(image, kind, window, stride)
    at = min(row, len(totals) - 1), min(column, totals.shape[1] - 1)
    winner = None if won is None else int(won[at])
    return {
        "title": f"{WORDS[kind]} of each window",
        "input": bitmap(moved),
        "map": bitmap((2 * totals + area) // (2 * area)),
        "winners": _winners(won, window, stride),
        "dot": "each window’s winner" if kind == "max" else "",
        **_size(image, totals, window, stride),
        **_window(moved, winner, at, window, stride),
        **_changes(shift_right, shift_down, [(image, moved, 1), (before, totals, area)]),
        **_places(image, totals, at, window, stride, shift_right, shift_down),
    }


PLACES = ["height", "width", "rows", "columns", "row", "column", "window", "stride"]
PLACES += ["won", "won_row", "won_column"]
PLACES += ["input_change", "input_share", "map_change", "map_share"]


def _still(data, kind, **dials):
    """Return what the figure shows, by the name of its slot in ``pooling_explorer.html``."""
    dials = {name: int(value) for name, value in dials.items()}
    shown = _reading(np.array(data["image"]), kind, **dials)
    return shown | {
        "places": declare({name: shown[name] for name in PLACES}),
        "right": str(dials["shift_right"]),
        "down": str(dials["shift_down"]),
        **{f"is_{name}": " selected" if name == kind else "" for name in KINDS},
    }
