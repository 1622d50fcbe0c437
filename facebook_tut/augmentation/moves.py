"""Moved copies of images: mirrored, turned, scaled and shifted; and batches that vary each time."""

import numpy as np
from skimage.transform import SimilarityTransform, warp

from facebook_tut._validation import check_number
from facebook_tut.preprocessing.network_input import _check_any_size


def augment(images, copies, seed=0, *, turn=6.0, scale=0.12, shift=0.06):
    """Make slightly moved copies of images: mirrored or not, turned, scaled and shifted at random.

    Parameters
    ----------
    images : ndarray, (N, H, W, 3), float
        The originals, which are not among the copies.
    copies : int
        Of each image.
    seed : int
        Of the random numbers.
    turn : float
        Largest angle in degrees, either way.
    scale : float
        Largest change of size, as a share.
    shift : float
        Largest shift, as a share of the edge.

    Returns
    -------
    ndarray, (copies * N, H, W, 3), float32
        All first copies, then all second ones, and so on.

    Examples
    --------
    >>> augment(np.zeros((2, 64, 64, 3)), copies=3).shape
    (6, 64, 64, 3)
    """
    images = _check_any_size(images)
    check_number("copies", copies, 1, 1000, integer=True)
    check_number("seed", seed, 0, 2**32 - 1, integer=True)
    rng = np.random.default_rng(seed)
    moved = [_move(image, rng, turn, scale, shift) for _ in range(copies) for image in images]
    return np.stack(moved).astype(np.float32)


def _move(image, rng, turn, scale, shift):
    edge = np.array(image.shape[1::-1])  # across, down
    angle = np.deg2rad(rng.uniform(-turn, turn))
    to_centre = SimilarityTransform(translation=-(edge - 1) / 2)
    change = SimilarityTransform(
        scale=rng.uniform(1 - scale, 1 + scale),
        rotation=angle,
        translation=rng.uniform(-shift, shift, 2) * edge,
    )
    back = SimilarityTransform(translation=(edge - 1) / 2)
    moved = warp(image, to_centre + change + back, order=1, mode="edge")
    return moved[:, ::-1] if rng.random() < 0.5 else moved


def vary(images, rng, *, shift=0.06, brightness=0.1, contrast=0.2):
    """Vary images at random: mirrored or not, shifted, brighter or darker, of other contrast.

    Parameters
    ----------
    images : ndarray, (N, H, W, C), float32
        From 0 to 1.
    rng : numpy.random.Generator
        Where the random numbers come from.
    shift : float
        Largest shift, as a share of the edge. What comes in repeats the edge.
    brightness : float
        Largest number added to an image.
    contrast : float
        Largest change, as a share, of the deviations from an image's mean.

    Returns
    -------
    ndarray, (N, H, W, C), float32
        From 0 to 1.

    Examples
    --------
    >>> vary(np.zeros((2, 64, 64, 3), "float32"), np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    n, height, width, _ = images.shape
    rows = _shifted(n, height, rng, shift)
    columns = _shifted(n, width, rng, shift)
    mirrored = rng.random(n) < 0.5
    columns[mirrored] = columns[mirrored, ::-1]
    moved = images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    mean = moved.mean((1, 2, 3), keepdims=True)
    gain = 1 + rng.uniform(-contrast, contrast, (n, 1, 1, 1)).astype(np.float32)
    lift = rng.uniform(-brightness, brightness, (n, 1, 1, 1)).astype(np.float32)
    return np.clip(mean + lift + gain * (moved - mean), 0, 1)


def _shifted(n, length, rng, share):
    """Return for n images which row or column comes where, (n, length)."""
    most = round(share * length)
    offsets = rng.integers(-most, most + 1, (n, 1))
    return np.clip(np.arange(length) + offsets, 0, length - 1)
