"""The alignment explorer: two eye positions fix rotation, scale and shift, and so the crop."""

import base64
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facebook_tut._live import LiveFigure
from facebook_tut._validation import check_array, check_number

SIDES = (16, 128)
PRESETS = ("true", "tilted", "wide", "low", "swapped")


@dataclass(frozen=True)
class _Eyes:
    """Two positions (x, y) in a picture; `last_x` and `last_y` are those of its last pixel."""

    last_x: int
    last_y: int

    def check(self, name, value):
        """Return `value` as a list of two positions, or say what is wrong with it.

        Examples
        --------
        >>> _Eyes(59, 39).check("eyes", [[20, 15], [59, 39]])
        [[20.0, 15.0], [59.0, 39.0]]
        >>> _Eyes(59, 39).check("eyes", [[20, 15], [0, 40]])
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
        Where the marks are at first: (x, y) in pixels of the eye on the left of the picture,
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
    spec = _Eyes(pixels.shape[1] - 1, pixels.shape[0] - 1)
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
    dials = {"eyes": (spec, start)}
    return LiveFigure("alignment_explorer", Path(__file__).parent, data, dials)


def _grey(name, picture):
    """Return a picture in grey, in 8 bits."""
    from facebook_tut.preprocessing import grayscale

    try:
        return np.floor(0.5 + 255 * grayscale(picture)).astype(np.uint8)
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
    if math.dist(*eyes) < 1:
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
    """Return a picture in 8 bits as text."""
    return base64.b64encode(pixels.tobytes()).decode()
