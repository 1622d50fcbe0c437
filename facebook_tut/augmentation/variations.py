"""Variations of a batch, drawn anew for every epoch of a training."""

import numpy as np

from facebook_tut import corruption
from facebook_tut.augmentation.moves import augment, vary


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


def vary_camera(images, rng, *, share=0.5, kinds=2, grey=0.25):
    """Vary images at random as `vary_strongly` does, and some of them as light and cameras do.

    A batch meets few kinds of damage, so that many of its images are spoiled alike and can be
    compared with each other.

    Parameters
    ----------
    images : ndarray, (N, H, W, 3), float32
        From 0 to 1, faces of about 64×64 pixels.
    rng : numpy.random.Generator
        Where the random numbers come from.
    share : float
        The chance of each image to be corrupted, in a step of its own.
    kinds : int
        Kinds of `corruption.SEVERITIES` that a batch meets.
    grey : float
        The chance of each image to lose all colour.

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
    met = rng.choice(list(corruption.SEVERITIES), kinds, replace=False)
    for row in np.flatnonzero(rng.random(len(images)) < share):
        images[row] = corruption.corrupt_at_random(images[row], rng, met)
    for row in np.flatnonzero(rng.random(len(images)) < grey):
        images[row] = corruption.remove_colour(images[row])
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
