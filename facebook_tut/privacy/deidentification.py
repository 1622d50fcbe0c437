"""De-identification: pictures that still show a face, but no longer whose.

`corruption.defocus` blurs and `pixelate` makes mosaics: the usual ways, and weak ones. Who treats
the gallery alike recognises most people again. `k_same` and `replace_face` put another face in
place of the person's, which no recogniser sees through.
"""

import numpy as np
from skimage.transform import resize

from facebook_tut._validation import (
    check_callable,
    check_colour_picture,
    check_images,
    check_number,
    check_numbers,
    check_seed,
)
from facebook_tut.data.synthetic import TRAITS, render_face, sample_people


def pixelate(picture, edge):
    """Return a picture as a mosaic: every square has its mean colour.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    edge : int
        Squares across, and about as large down; from 1 to W.

    Returns
    -------
    ndarray, (H, W, 3), float64

    Examples
    --------
    >>> picture = np.tile([0.0, 1.0, 0.0, 0.0], (4, 1))[..., np.newaxis] * np.ones(3)
    >>> pixelate(picture, 2)[0, :, 0].tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    picture = check_colour_picture(picture)
    height, width = picture.shape[:2]
    check_number("edge", edge, 1, width, integer=True)
    down = max(1, round(edge * height / width))
    for axis, squares in enumerate((down, edge)):
        picture = _average(picture, axis, squares)
    return picture


def in_box(picture, box, change):
    """Change a picture within a box, such as a detected face's, and leave the rest.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    box : (float, float, float, float)
        ``(top, left, bottom, right)`` in pixels, as of `detection.Detection`; cut to the picture.
    change : callable
        From the part of the picture to one of the same size, with values from 0 to 1.

    Returns
    -------
    ndarray, (H, W, 3), float64
        A new picture.

    Raises
    ------
    ValueError
        If the box is outside the picture.

    Examples
    --------
    >>> in_box(np.ones((2, 3, 3)), (0, 1, 1, 3), np.zeros_like)[..., 0].tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    """
    picture = check_colour_picture(picture).copy()
    part, change = _part(picture, box), check_callable("change", change)
    shape = picture[part].shape
    picture[part] = check_numbers("change(part)", change(picture[part]), shape, -1e-6, 1 + 1e-6)
    return np.clip(picture, 0, 1)


def k_same(images, k):
    """Replace every face by the mean of the k faces most like it, itself included.

    One face after the other is taken, with the k − 1 nearest that are left; all k get their mean.
    The last group holds up to 2k − 1. As at least k faces become one and the same picture, whatever
    recogniser looks at it gives one answer for all of them, which is right for one at most:
    re-identification succeeds in at most 1/k of the pictures.

    Parameters
    ----------
    images : array_like, (N, H, W, C), float
        From 0 to 1, aligned, each of another person. With two pictures of one person, a group might
        hold that person twice, and the bound would not hold.
    k : int
        From 1, which changes nothing, to N.

    Returns
    -------
    surrogates : ndarray, (N, H, W, C), float64
        In the order of the images.
    groups : ndarray, (N,), int
        Which pictures became the same one, counted from 0.

    References
    ----------
    Newton, Sweeney and Malin, "Preserving privacy by de-identifying face images" (2005).

    Examples
    --------
    >>> images = np.array([0.0, 1.0, 0.2, 0.8]).reshape(4, 1, 1, 1)
    >>> surrogates, groups = k_same(images, k=2)
    >>> surrogates.ravel().round(2).tolist(), groups.tolist()
    ([0.1, 0.9, 0.1, 0.9], [0, 1, 0, 1])
    """
    images = check_images("images", images, shape=None).astype(np.float64)
    check_number("k", k, 1, len(images), integer=True)
    flat = images.reshape(len(images), -1)  # (N, H·W·C)
    groups, left = np.full(len(images), -1), np.arange(len(images))
    for group in range(len(images) // k):
        distances = np.sum((flat[left] - flat[left[0]]) ** 2, axis=1)
        count = k if len(left) >= 2 * k else len(left)
        groups[left[np.argsort(distances, kind="stable")[:count]]] = group
        left = np.flatnonzero(groups < 0)
    means = np.stack([images[groups == group].mean(axis=0) for group in range(groups.max() + 1)])
    return means[groups], groups


def replace_face(picture, box, seed, dials=None):
    """Put the drawn face of nobody in the place of a face.

    Within the ellipse that touches the box, the picture is the drawn one, with a soft edge. Nothing
    of the person's face is used, so nothing of it is left; hair, clothes and place around it stay.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    box : (float, float, float, float)
        ``(top, left, bottom, right)`` of the face in pixels, cut to the picture.
    seed : int
        Whose face it becomes: that of ``sample_people(1, 1, seed)``. It must not depend on who is
        in the picture, or it is a pseudonym.
    dials : dict of str to float, optional
        Nuisances of `data.synthetic`, such as the yaw, so that the new face looks the same way.

    Returns
    -------
    ndarray, (H, W, 3), float64

    Raises
    ------
    ValueError
        If a dial is a trait.

    Examples
    --------
    >>> changed = replace_face(np.ones((64, 64, 3)), (8, 8, 56, 56), seed=1, dials={"yaw": 20})
    >>> changed.shape, changed[0, 0].tolist(), bool(changed[32, 32].mean() < 1)
    ((64, 64, 3), [1.0, 1.0, 1.0], True)
    """
    check_seed("seed", seed)
    dials = {} if dials is None else dials
    if not isinstance(dials, dict):
        raise TypeError(f"dials must be a dict of nuisances, got {type(dials).__name__}")
    traits = sorted(set(dials) & set(TRAITS))
    if traits:
        raise ValueError(f"dials must be nuisances, such as 'yaw', got the trait {traits[0]!r}")
    person = sample_people(1, 1, seed, size=16).attributes
    dials = dials | {name: float(person[name][0]) for name in TRAITS}

    def paste(part):
        size = max(16, *part.shape[:2])
        face = resize(render_face(dials, size)[0], part.shape[:2], order=1, anti_aliasing=True)
        mask = _ellipse(part.shape[:2])[..., np.newaxis]
        return mask * face + (1 - mask) * part

    return in_box(picture, box, paste)


def _average(picture, axis, squares):
    """Return a picture whose rows (or columns) are averaged within so many bands."""
    length = picture.shape[axis]
    bands = np.arange(length) * squares // length  # of each row, rising
    starts = np.searchsorted(bands, np.arange(squares))
    sums = np.add.reduceat(picture, starts, axis=axis)
    counts = np.bincount(bands).reshape([-1 if a == axis else 1 for a in range(3)])
    return np.take(sums / counts, bands, axis=axis)


def _part(picture, box):
    """Return the rows and columns of a box, as whole pixels within the picture."""
    top, left, bottom, right = check_numbers("box", box, (4,))
    rows, columns = (
        slice(max(0, round(low)), min(length, round(high)))
        for low, high, length in zip((top, left), (bottom, right), picture.shape, strict=False)
    )
    if rows.start >= rows.stop or columns.start >= columns.stop:
        raise ValueError(f"box must lie in the picture of {picture.shape[:2]} pixels, got {box}")
    return rows, columns


def _ellipse(shape, softness=0.15):
    """Return 1 within the ellipse that fills a box, falling to 0 at its edge, (H, W)."""
    y, x = (np.abs(2 * (np.arange(n) + 0.5) / n - 1) for n in shape)
    return np.clip((1 - np.hypot(y[:, np.newaxis], x)) / softness, 0, 1)
