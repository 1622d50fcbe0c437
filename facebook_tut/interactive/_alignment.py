"""The alignment explorer: two eye positions fix rotation, scale and shift, and so the crop."""

import base64
import math
from dataclasses import dataclass
from html import escape

import numpy as np

from facebook_tut._validation import check_array, check_number

from ._live import LiveFigure, bitmap, declare, fixed, levels

SIDES = (16, 128)
MARKS = ("left_x", "left_y", "right_x", "right_y")
PRESETS = ("true", "tilted", "wide", "low", "swapped")
HINT = "Rings: where the template wants the eyes."
APART = "The eyes must be apart to fix an angle."


@dataclass(frozen=True)
class Eyes:
    """Two positions (x, y) in a picture; `last_x` and `last_y` are those of its last pixel."""

    last_x: int
    last_y: int

    def check(self, name, value):
        """Return `value` as a list of two positions, or say what is wrong with it.

        Examples
        --------
        >>> Eyes(59, 39).check("eyes", [[20, 15], [59, 39]])
        [[20.0, 15.0], [59.0, 39.0]]
        >>> Eyes(59, 39).check("eyes", [[20, 15], [0, 40]])
        Traceback (most recent call last):
            ...
        ValueError: eyes must have x from 0 to 59 and y from 0 to 39, got [[20, 15], [0, 40]]
        """
        points = check_array(name, value, (2, 2))
        if not ((points >= 0) & (points <= (self.last_x, self.last_y))).all():
            wanted = f"x from 0 to {self.last_x} and y from 0 to {self.last_y}"
            raise ValueError(f"{name} must have {wanted}, got {np.asarray(value).tolist()}")
        return points.astype(float).tolist()

    def trait(self, value):
        """Return the trait of a widget that holds them."""
        from traitlets import List

        return List(value)


def alignment_explorer(picture, eyes, references=(), names=(), *, true_eyes=None, size=48):
    """Show how two eye positions align a face, with marks to drag.

    The similarity transform that takes the eyes to their places in `alignment.TEMPLATE` gives the
    crop, which is what a recogniser sees. It is read off between pixels, without the smoothing
    with which `alignment.align` shrinks a large picture. Bars show how alike the crop and each
    reference are: the cosine of their grey pixels, each less its mean.

    Parameters
    ----------
    picture : array_like, (H, W) or (H, W, 3), float or uint8
        A photograph with sides from 16 to 128; floats are from 0 to 1. It is shown in grey.
    eyes : array_like of float, (2, 2)
        Where the marks stand at first: (x, y) in pixels of the eye on the left of the picture,
        then of the one on the right. The centre of the first pixel is (0, 0).
    references : sequence of array_like, (size, size) or (size, size, 3)
        Aligned crops to compare with.
    names : sequence of str
        What each reference is called, such as "same person".
    true_eyes : array_like of float, (2, 2), optional
        Where the eyes are; `eyes` if not given.
    size : int, default 48
        The crop's edge in pixels, from 16 to 96.

    Returns
    -------
    LiveFigure
        Its attribute ``eyes`` follows the marks and moves them.

    Examples
    --------
    >>> figure = alignment_explorer(np.eye(64), [[20, 30], [44, 30]])
    >>> figure.eyes = [[20, 33], [44, 27]]
    >>> figure
    <alignment_explorer: eyes=[[20.0, 33.0], [44.0, 27.0]]>
    """
    from facebook_tut.alignment import TEMPLATE  # scikit-image is slow to import

    size = check_number("size", size, 16, 96, integer=True)
    pixels = _check_picture(picture)
    spec = Eyes(pixels.shape[1] - 1, pixels.shape[0] - 1)
    start = spec.check("eyes", eyes)
    right = _check_true(spec.check("true_eyes", start if true_eyes is None else true_eyes))
    crops = [_check_reference(k, reference, size) for k, reference in enumerate(references)]
    data = {
        "pixels": _pack(pixels),
        "width": pixels.shape[1],
        "size": size,
        "template": (np.array(TEMPLATE[:2]) * size - 0.5).tolist(),
        "presets": dict(zip(PRESETS, _presets(right, pixels.shape), strict=True)),
        "references": [_pack(crop) for crop in crops],
        "names": _check_names(names, len(crops)),
    }
    return LiveFigure("alignment_explorer", data, {"eyes": (spec, start)}, _still)


def _grey(name, picture):
    """Return a picture as integers from 0 to 255."""
    from facebook_tut.preprocessing import grayscale

    try:
        return levels(grayscale(picture), 1)[0]
    except (TypeError, ValueError) as error:
        raise type(error)(str(error).replace("picture", name, 1)) from None


def _check_picture(picture):
    """Return `picture` in grey, or say what is wrong with its size."""
    pixels, (low, high) = _grey("picture", picture), SIDES
    if not all(low <= side <= high for side in pixels.shape):
        raise ValueError(
            f"picture must have sides from {low} to {high} pixels, got shape {np.shape(picture)}"
        )
    return pixels


def _check_reference(k, reference, size):
    """Return a reference in grey, or say what is wrong with its size."""
    crop = _grey(f"references[{k}]", reference)
    if crop.shape != (size, size):
        raise ValueError(
            f"references[{k}] must have shape ({size}, {size}), got {np.shape(reference)}"
        )
    return crop


def _check_names(names, count):
    """Return `names`, or numbers if there are none, as a list."""
    names = [names] if isinstance(names, str) else list(names)
    if not names:
        return [f"reference {k}" for k in range(1, count + 1)]
    if len(names) != count or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"names must be {count} words, one per reference, got {names!r}")
    return names


def _check_true(eyes):
    """Return the true eyes, which must be apart."""
    if _distance(*eyes) < 1:
        raise ValueError(f"true_eyes must be at least 1 pixel apart, got {eyes}")
    return eyes


def _presets(eyes, shape):
    """Return the true eyes and what goes wrong with them, each kept inside the picture."""
    middle = np.mean(eyes, axis=0)
    arm = eyes[1] - middle  # from the middle to the right eye
    down = np.array([-arm[1], arm[0]])
    turn = math.radians(10)
    tilted = math.cos(turn) * arm + math.sin(turn) * down
    pairs = [(middle, tilted), (middle, 1.3 * arm), (middle + 0.6 * down, arm), (middle, -arm)]
    wrong = [[centre - half, centre + half] for centre, half in pairs]
    limits = np.array(shape[::-1]) - 1
    return [eyes, *np.clip(np.round(wrong, 3), 0, limits).tolist()]


def _pack(pixels):
    """Return integers from 0 to 255 as text."""
    return base64.b64encode(pixels.astype(np.uint8).tobytes()).decode()


# What follows draws the still in Python exactly as alignment_explorer.js redraws it: both do the
# same operations in the same order, and compare whole grey levels.


def _unpack(text, width):
    """Return the rows of packed pixels."""
    return np.frombuffer(base64.b64decode(text), np.uint8).astype(int).reshape(-1, width)


def _distance(first, second):
    """Return how far apart two points are."""
    x, y = second[0] - first[0], second[1] - first[1]
    return math.sqrt(x * x + y * y)


def _similarity(source, target):
    """Return the similarity that takes two points to two others, as its numbers a, b, x, y.

    It takes (u, v) to (a u - b v + x, b u + a v + y).
    """
    (u, v), (p, q) = source[0], target[0]
    du, dv = source[1][0] - u, source[1][1] - v
    dp, dq = target[1][0] - p, target[1][1] - q
    square = du * du + dv * dv
    a, b = (du * dp + dv * dq) / square, (du * dq - dv * dp) / square
    return a, b, p - (a * u - b * v), q - (b * u + a * v)


def _apply(transform, u, v):
    """Return where a similarity takes points."""
    a, b, x, y = transform
    return a * u - b * v + x, b * u + a * v + y


def _bilinear(pixels, x, y):
    """Return a picture's grey between pixels; outside, that of the nearest border."""
    height, width = pixels.shape
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    j = np.minimum(np.floor(x).astype(int), width - 2)
    i = np.minimum(np.floor(y).astype(int), height - 2)
    x, y = x - j, y - i
    above = (1 - x) * pixels[i, j] + x * pixels[i, j + 1]
    below = (1 - x) * pixels[i + 1, j] + x * pixels[i + 1, j + 1]
    return (1 - y) * above + y * below


def _warp(pixels, eyes, template, size):
    """Return the crop that has the eyes where the template wants them, (size, size)."""
    v, u = np.indices((size, size))
    return _bilinear(pixels, *_apply(_similarity(template, eyes), u, v))


def _cosine(crop, reference):
    """Return the cosine of two crops of whole levels, each less its mean; NaN if one is flat."""
    x, y = crop.ravel(), reference.ravel()

    def product(x, y):
        return x.size * int(x @ y) - int(x.sum()) * int(y.sum())

    square = product(x, x) * product(y, y)
    return product(x, y) / math.sqrt(square) if square else math.nan


def _number(value, digits):
    """Return a number with a true minus."""
    return fixed(value, digits).replace("-", "−")


def _crop(pixels, eyes, template, size):
    """Return the crop in whole levels: an even grey where the eyes are not apart."""
    if _distance(*eyes) < 1:
        return np.full((size, size), 128)
    return levels(_warp(pixels, eyes, template, size), 255)[0]


def _frame(eyes, template, size):
    """Return the crop's border in the picture, and its upper edge, as SVG paths."""
    if _distance(*eyes) < 1:
        return {"frame": "", "top": ""}
    back, (low, high) = _similarity(template, eyes), (-0.5, size - 0.5)
    corners = [_apply(back, *corner) for corner in [(low, low), (high, low), (high, high)]]
    corners.append(_apply(back, low, high))
    points = [f"{fixed(x, 1)} {fixed(y, 1)}" for x, y in corners]
    return {"frame": f"M{'L'.join(points)}z", "top": f"M{points[0]}L{points[1]}"}


def _transform(eyes, template):
    """Return rotation, scale and shift of the transform from the picture to the crop."""
    apart, wanted = _distance(*eyes), _distance(*template)
    spans = f"eyes {fixed(apart, 1)} → {fixed(wanted, 1)} px apart"
    if apart < 1:
        empty = dict.fromkeys(("rotation", "scale", "shift"), "–")
        return empty | {"way": "", "spans": spans, "told": APART}
    a, b, x, y = _similarity(eyes, template)
    rotation = _number(math.atan2(b, a) * 180 / math.pi, 1)
    turned = "anticlockwise" if rotation.startswith("−") else "clockwise"
    return {
        "rotation": f"{rotation}°",
        "way": "the eyes are level" if rotation == "0.0" else turned,
        "scale": fixed(math.sqrt(a * a + b * b), 3),
        "spans": spans,
        "shift": f"({_number(x, 1)}, {_number(y, 1)})",
        "told": HINT,
    }


def _error(eyes, true):
    """Return how far the eyes are from the true ones, in percent of the distance of those."""
    off = _distance(eyes[0], true[0]) + _distance(eyes[1], true[1])
    return {"error": f"{fixed(100 * off / (2 * _distance(*true)), 1)} %"}


def _likeness(crop, references, names):
    """Return how alike the crop and each reference are, and which one is most alike."""
    scores = [_cosine(crop, reference) for reference in references]
    known = [score for score in scores if not math.isnan(score)]
    shown = {"best": names[scores.index(max(known))] if known else "–"}
    for k, score in enumerate(scores):
        shown[f"score{k}"] = _number(score, 2)
        shown[f"bar{k}"] = fixed(score if score > 0 else 0, 3)
    return shown


def _reading(pixels, references, data, eyes):
    """Return what the marks change, by the name of its slot."""
    template, size = data["template"], data["size"]
    crop = _crop(pixels, eyes, template, size)
    marks = (fixed(value, 1) for point in eyes for value in point)
    return {
        **dict(zip(MARKS, marks, strict=True)),
        "crop": bitmap(crop),
        **_frame(eyes, template, size),
        **_transform(eyes, template),
        **_error(eyes, data["presets"]["true"]),
        **_likeness(crop, references, data["names"]),
    }


def _still(data, eyes):
    """Return what the figure shows, by the name of its slot in ``alignment_explorer.html``."""
    pixels = _unpack(data["pixels"], data["width"])
    references = [_unpack(text, data["size"]) for text in data["references"]]
    shown = _reading(pixels, references, data, eyes)
    best = _reading(pixels, references, data, data["presets"]["true"])
    height, width = pixels.shape
    sizes = {"size": data["size"], "height": height, "width": width}
    wanted = {
        f"wanted_{name}": round((value + 0.5) / data["size"], 4)
        for name, value in zip(MARKS, np.ravel(data["template"]).tolist(), strict=True)
    }
    places = sizes | wanted | {name: shown[name] for name in MARKS}
    return {
        **shown,
        **sizes,
        "last_x": width - 1,
        "last_y": height - 1,
        "picture": bitmap(pixels),
        "places": declare(places),
        "alike": _rows(references, data["names"], shown, best) if references else "",
    }


ROW = """<li data-places="bar{k}" style="{places}"><img src="{crop}" alt="">
<span>{name}</span> <b data-slot="score{k}">{score}</b>
<i class="ft-bar"><i style="--bar: var(--bar{k})"></i></i></li>"""

ALIKE = """<div class="ft-alike">
<p><b>How alike</b> <small>cosine of grey pixels</small></p>
<ul>{rows}</ul>
<p class="ft-best"><span>Most alike:</span> <b data-slot="best">{best}</b></p>
<small>Tick: with the true eyes.</small>
</div>"""


def _rows(references, names, shown, best):
    """Return the references with their bars as HTML."""
    rows = [
        ROW.format(
            k=k,
            places=declare({"true": best[f"bar{k}"], f"bar{k}": shown[f"bar{k}"]}),
            crop=bitmap(reference),
            name=escape(name),
            score=shown[f"score{k}"],
        )
        for k, (reference, name) in enumerate(zip(references, names, strict=True))
    ]
    return ALIKE.format(rows="\n".join(rows), best=escape(shown["best"]))
