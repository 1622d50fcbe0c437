"""The severity explorer: a face spoiled step by step, and what a recogniser makes of each step."""

import math
from pathlib import Path

import numpy as np

from facebook_tut._live import Choice, Dial, LiveFigure, as_jpeg, check_names, data_uri
from facebook_tut._validation import check_array, check_finite, check_number, check_picture

KINDS, NETWORKS, STEPS = 12, 3, 10  # at most
SIDES, BLOCK = (16, 128), 8  # of a picture; JPEG works on blocks, which no two pictures may share
STEP = 8  # of all that the JPEG rounds: no frequency coarser, so that noise is kept as well
SPARE = 1e-6  # by which rounding may take a cosine out of its range


def severity_explorer(
    pictures,
    scores,
    threshold,
    *,
    others=None,
    missed=None,
    pairs="genuine pairs",
    kind=None,
    severity=0,
):
    """Show a face that is spoiled step by step, and whether a recogniser still knows it.

    A menu chooses the kind of damage and a slider its severity. The figure shows the picture, its
    cosine with the person's own template next to the threshold, and the verdict in words; if they
    are given, also the best cosine of anybody else and the share of pairs missed in a benchmark.

    Parameters
    ----------
    pictures : dict of str to array_like, (S + 1, H, W, 3), float or uint8
        From 1 to 12 kinds by name, each with the picture as it is and at severities 1 to S, at
        most 10. All have one shape; H and W are multiples of 8 from 16 to 128, and floats are from
        0 to 1. The figure holds them in a JPEG, which moves values by about 2 to 4 of 255.
    scores : dict of str to array_like of float, (S + 1,)
        By kind, the cosine of each picture with the template of the same person. It is shown with
        two decimals, rounded so that it stays on its side of the threshold.
    threshold : float
        The least cosine that the recogniser accepts.
    others : dict of str to array_like of float, (S + 1,), optional
        By kind, the best cosine of each picture with the template of anybody else.
    missed : dict of str to dict of str to array_like of float, (3, S + 1), optional
        For 1 to 3 networks by name, and by kind: the share of genuine pairs below the threshold
        in a benchmark, and the low and high end of its interval, each from 0 to 1.
    pairs : str, default "genuine pairs"
        What `missed` counts, such as "500 genuine pairs of LFW".
    kind : str, optional
        The kind that is shown at first; by default the first one.
    severity : int, default 0
        Where the slider is at first; 0 is the picture as it is.

    Returns
    -------
    LiveFigure
        Its attributes ``kind`` and ``severity`` follow the controls and move them.

    Examples
    --------
    >>> light = np.array([1.0, 0.5, 0.1])
    >>> pictures = {"little light": light[:, None, None, None] * np.ones((3, 64, 64, 3))}
    >>> figure = severity_explorer(pictures, {"little light": [0.9, 0.6, 0.2]}, threshold=0.4)
    >>> figure
    <severity_explorer: kind=little light, severity=0>
    >>> figure.severity = 2
    """
    stacks = _check_pictures(pictures)
    kinds, count = tuple(stacks), len(next(iter(stacks.values())))
    threshold = float(check_number("threshold", threshold, -1, 1))
    scores = {"own": _check_scores("scores", scores, kinds, count)}
    if others is not None:
        scores["other"] = _check_scores("others", others, kinds, count)
    missed = {} if missed is None else _check_missed(missed, kinds, count)
    if not isinstance(pairs, str) or not pairs.strip():
        raise ValueError(f"pairs must be a text that is not empty, got {pairs!r}")
    sheet, sizes, cells = _sheet(stacks)
    data = {
        "once": {"sheet": sheet},
        "sizes": sizes,
        "cells": cells,
        "threshold": threshold,
        "scores": scores,
        "missed": missed,
        "pairs": pairs,
    }
    dials = {
        "kind": (Choice(kinds), kinds[0] if kind is None else kind),
        "severity": (Dial(0, count - 1, 1), severity),
    }
    return LiveFigure("severity_explorer", Path(__file__).parent, data, dials)


# What the caller passes in


def _check_pictures(pictures):
    """Return the pictures in 8 bits by kind, or say what is wrong with them."""
    check_names("pictures", pictures, "kind", KINDS)
    stacks = {kind: _check_stack(f"pictures[{kind!r}]", one) for kind, one in pictures.items()}
    shapes = list(dict.fromkeys(stack.shape for stack in stacks.values()))
    if len(shapes) > 1:
        raise ValueError(f"pictures must have one shape for all kinds, got {shapes}")
    return stacks


def _check_stack(where, stack):
    """Return the pictures of one kind in 8 bits, (S + 1, H, W, 3), or say what is wrong."""
    stack = np.asarray(stack)
    shape, (low, high) = stack.shape, SIDES
    if len(shape) != 4 or shape[3] != 3 or not 2 <= shape[0] <= STEPS + 1:
        raise ValueError(
            f"{where} must have shape (S + 1, H, W, 3) with S from 1 to {STEPS}, got {shape}"
        )
    if not all(low <= side <= high and side % BLOCK == 0 for side in shape[1:3]):
        raise ValueError(
            f"{where} must have sides of a multiple of {BLOCK} from {low} to {high}, got {shape}"
        )
    column = check_picture(where, stack.reshape(-1, shape[2], 3))  # one below the other
    if column.dtype != np.uint8:
        column = np.floor(0.5 + 255 * column).astype(np.uint8)
    return column.reshape(shape)


def _check_kinds(name, given, kinds):
    """Say what is wrong with a dict that should have the kinds of the pictures."""
    if not isinstance(given, dict):
        raise TypeError(f"{name} must be a dict by kind, got {given!r}")
    if set(given) != set(kinds):
        raise ValueError(
            f"{name} must have the kinds of pictures, {', '.join(kinds)}, got {list(given)}"
        )


def _check_scores(name, scores, kinds, count):
    """Return cosines by kind, each a list of S + 1, or say what is wrong with them."""
    _check_kinds(name, scores, kinds)
    return {
        kind: _check_range(f"{name}[{kind!r}]", scores[kind], (count,), -1, 1).tolist()
        for kind in kinds
    }


def _check_range(where, values, shape, low, high):
    """Return an array of so many numbers in a range, or say what is wrong with them."""
    try:
        values = np.asarray(values)
    except ValueError:
        raise ValueError(f"{where} must have shape {shape}, got rows of unequal length") from None
    values = check_finite(where, check_array(where, values, shape)).astype(float)
    if values.min() < low - SPARE or values.max() > high + SPARE:
        got = f"{values.min():.4g} to {values.max():.4g}"
        raise ValueError(f"{where} must hold values from {low} to {high}, got {got}")
    return np.clip(values, low, high)


def _check_missed(missed, kinds, count):
    """Return shares with their intervals by network and kind, or say what is wrong with them."""
    check_names("missed", missed, "network", NETWORKS)
    checked = {}
    for name, by_kind in missed.items():
        where = f"missed[{name!r}]"
        _check_kinds(where, by_kind, kinds)
        checked[name] = {
            kind: _check_range(f"{where}[{kind!r}]", by_kind[kind], (3, count), 0, 1)
            for kind in kinds
        }
        for kind, (share, low, high) in checked[name].items():
            if (low > share + SPARE).any() or (share > high + SPARE).any():
                raise ValueError(
                    f"{where}[{kind!r}] must have low <= share <= high, "
                    f"got share {share.tolist()}, low {low.tolist()} and high {high.tolist()}"
                )
        checked[name] = {kind: shares.tolist() for kind, shares in checked[name].items()}
    return checked


# The pictures in one


def _sheet(stacks):
    """Return all different pictures in one, its sizes, and by kind the number of each in it."""
    cells = {}  # a picture that comes twice, such as the one as it is, is kept once
    places = {
        kind: [cells.setdefault(picture.tobytes(), len(cells)) for picture in stack]
        for kind, stack in stacks.items()
    }
    height, width = next(iter(stacks.values())).shape[1:3]
    across = math.isqrt(len(cells) - 1) + 1
    down = -(-len(cells) // across)
    grid = np.zeros((down * across, height, width, 3), np.uint8)
    for place, cell in enumerate(cells):
        grid[place] = np.frombuffer(cell, np.uint8).reshape(height, width, 3)
    grid = grid.reshape(down, across, height, width, 3).transpose(0, 2, 1, 3, 4)
    sizes = {"across": across, "down": down, "height": height, "width": width}
    return _jpeg(grid.reshape(down * height, across * width, 3)), sizes, places


def _jpeg(pixels):
    """Return a picture as a data URI."""
    options = {"qtables": [[STEP] * 64] * 2, "subsampling": 0, "optimize": True}
    return data_uri(as_jpeg(pixels, **options))
