"""Photographs of many megapixels made small a few rows at a time, so that no copy is large."""

import numpy as np

ROWS = 256  # about so many rows of a photograph are summed at a time


def block_means(picture, edge, *, as_bytes=False):
    """Return the means of blocks of `edge` × `edge` pixels; incomplete blocks are left out.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph; opacity is dropped.
    edge : int
        At least 1, at most the shorter edge of the picture.
    as_bytes : bool
        Round the means to 8 bits.

    Returns
    -------
    ndarray, (H // edge, W // edge) or (H // edge, W // edge, 3), float64 or uint8
        From 0 to 1, or to 255. Sums of bytes are exact, so that they are alike on every machine.

    Examples
    --------
    >>> block_means(np.array([[0, 255, 255], [0, 255, 0]], np.uint8), 2)
    array([[0.5]])
    """
    height, width = (side // edge for side in picture.shape[:2])
    picture = picture[: height * edge, : width * edge]
    picture = picture[..., :3] if picture.ndim == 3 else picture
    step = edge * max(1, ROWS // edge)
    parts = (_means(picture[top : top + step], edge) for top in range(0, height * edge, step))
    if as_bytes:
        parts = (np.rint(255 * part).astype(np.uint8) for part in parts)
    return np.concatenate([*parts])


def _means(rows, edge):
    """Return the means of the blocks in a few rows, from 0 to 1."""
    whole = np.uint32 if rows.dtype == np.uint8 else np.float64
    sums = rows.reshape(-1, edge, *rows.shape[1:]).sum(axis=1, dtype=whole)  # (h, W[, 3])
    sums = sum(sums[:, k::edge] for k in range(edge))  # (h, w[, 3])
    means = sums / (edge**2 * (255 if rows.dtype == np.uint8 else 1))
    return np.clip(means, 0, 1)  # the last bit of a sum of floats
