"""Variations of a batch, drawn anew for every epoch of a training."""

import numpy as np

from facebook_tut import corruption
from facebook_tut.augmentation.moves import augment


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


def vary_strongly(images, rng):
    """Vary images at random as `vary` does, and also turn and scale them and cover a part.

    Parameters
    ----------
    images : ndarray, (N, H, W, C), float32
        From 0 to 1.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    ndarray, (N, H, W, C), float32
        From 0 to 1.

    Examples
    --------
    >>> vary_strongly(np.zeros((2, 64, 64, 3), "float32"), np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    moved = augment(images, 1, int(rng.integers(2**32)), turn=10.0)
    return erase(vary(moved, rng, shift=0, contrast=0.4), rng)


def vary_camera(images, rng, *, share=0.5):
    """Vary images at random as `vary_strongly` does, and a share of them as light and cameras do.

    Parameters
    ----------
    images : ndarray, (N, H, W, 3), float32
        From 0 to 1, faces of about 64×64 pixels.
    rng : numpy.random.Generator
        Where the random numbers come from.
    share : float
        The chance of each image to be corrupted, by `corruption.corrupt_at_random`.

    Returns
    -------
    ndarray, (N, H, W, 3), float32
        From 0 to 1.

    Examples
    --------
    >>> vary_camera(np.zeros((2, 64, 64, 3), "float32"), np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    images = vary_strongly(images, rng)
    for row in np.flatnonzero(rng.random(len(images)) < share):
        images[row] = corruption.corrupt_at_random(images[row], rng)
    return images


def erase(images, rng, *, share=0.3, largest=0.5):
    """Cover a random rectangle of some images with a random grey.

    Parameters
    ----------
    images : ndarray, (N, H, W, C), float32
        From 0 to 1.
    rng : numpy.random.Generator
        Where the random numbers come from.
    share : float
        The chance of each image.
    largest : float
        Largest height and width of the rectangle, as shares of the image's.

    Returns
    -------
    ndarray, (N, H, W, C), float32

    References
    ----------
    Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation" (2020).

    Examples
    --------
    >>> covered = erase(np.zeros((1, 8, 8, 3), "float32"), np.random.default_rng(0), share=1)
    >>> 0 < int((covered[0, :, :, 0] > 0).sum()) <= 16
    True
    """
    images = images.copy()
    for row in np.flatnonzero(rng.random(len(images)) < share):
        size = [rng.integers(1, max(2, round(largest * n) + 1)) for n in images.shape[1:3]]
        start = [rng.integers(n - m + 1) for n, m in zip(images.shape[1:3], size, strict=True)]
        rows, columns = (slice(a, a + m) for a, m in zip(start, size, strict=True))
        images[row, rows, columns] = rng.random()
    return images


def _shifted(n, length, rng, share):
    """Return for n images which row or column comes where, (n, length)."""
    most = round(share * length)
    offsets = rng.integers(-most, most + 1, (n, 1))
    return np.clip(np.arange(length) + offsets, 0, length - 1)
