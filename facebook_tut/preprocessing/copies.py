"""By what copies of an image are known: 64 bits name the candidates, grey values decide."""

import numpy as np
from skimage.transform import resize_local_mean

from facebook_tut.preprocessing.network_input import grayscale

HASH_EDGE = 8  # rows and comparisons per row of a difference hash
DETAIL = 32  # edge of the grey pictures whose correlation tells a copy
BLOCK = 2048  # hashes compared at a time


def hash_bits(images):
    """Return whether each of 8×9 grey values of an image is brighter than its left neighbour.

    Parameters
    ----------
    images : iterable of ndarray, (H, W, 3), float or uint8
        One or more; each may have a size of its own.

    Returns
    -------
    ndarray, (N, 64), bool

    Examples
    --------
    >>> int(hash_bits([np.linspace(0, 1, 18)[:, np.newaxis] * np.ones((16, 18, 3))]).sum())
    64
    """
    small = _shrunk(images, (HASH_EDGE, HASH_EDGE + 1))  # (N, 8, 9)
    return (np.diff(small, axis=2) > 0).reshape(len(small), -1)


def grey_detail(images):
    """Return the grey values of images, shrunk to 32×32, without their mean, scaled to length 1.

    Parameters
    ----------
    images : iterable of ndarray, (H, W, 3), float or uint8
        One or more.

    Returns
    -------
    ndarray, (N, 1024), float64
        The product of two rows is the correlation of two images. An image of one colour has 0.

    Examples
    --------
    >>> rows = grey_detail(np.random.default_rng(0).random((1, 64, 64, 3)))
    >>> round(float((rows[0] * rows[0]).sum()), 6)
    1.0
    """
    grey = _shrunk(images, (DETAIL, DETAIL)).reshape(-1, DETAIL**2)
    grey -= grey.mean(axis=1, keepdims=True)
    return grey / np.maximum(np.linalg.norm(grey, axis=1, keepdims=True), 1e-12)


def close_hashes(left, right, distance):
    """Return the rows of hashes that differ in few bits.

    Parameters
    ----------
    left, right : ndarray, (N, 64) and (M, 64), bool
        As `hash_bits` makes them.
    distance : int
        Largest number of bits that may differ.

    Returns
    -------
    ndarray, (P, 2), int
        A row of `left` and a row of `right`.

    Examples
    --------
    >>> bits = np.eye(3, 64, dtype=bool)
    >>> close_hashes(bits, bits[:1], 1).tolist()
    [[0, 0]]
    """
    left, right = (2 * each.astype(np.float32) - 1 for each in (left, right))  # ±1
    least, found = left.shape[1] - 2 * distance, []  # what differs little has a large product
    for start in range(0, len(left), BLOCK):
        rows = np.argwhere(left[start : start + BLOCK] @ right.T >= least)
        found.append(rows + np.array([start, 0]))
    return np.concatenate(found)


def _shrunk(images, shape):
    return np.stack([resize_local_mean(grayscale(image), shape) for image in images])
