"""Framing: how much of a head is in the image. A network reads only the framing it has learnt."""

import numpy as np

from facebook_tut._validation import check_images, check_number
from facebook_tut.preprocessing.network_input import PATCH_SIZE, resize, to_network_input

BROWS_TO_MOUTH = 0.54  # of the edge of scikit-image's faces
MIDDLE = (0.49, 0.44)  # of the square from brows to mouth in these faces: down, across


def tighten(images, side):
    """Cut faces tighter, towards the square from brows to mouth, and scale them up again.

    Parameters
    ----------
    images : ndarray, (N, 64, 64, 3), float
        Faces in the framing of scikit-image's `lfw_subset`, grey, as `to_network_input` gives them.
    side : float
        Edge of what is kept, as a share: 1 keeps everything, 0.54 goes from brows to mouth.

    Returns
    -------
    ndarray, (N, 64, 64, 3), float32
        Of even contrast again, as the network reads them.

    Examples
    --------
    >>> tighten(np.zeros((2, 64, 64, 3)), 0.7).shape
    (2, 64, 64, 3)
    """
    images = check_images("images", images)
    check_number("side", side, BROWS_TO_MOUTH, 1)
    return to_network_input(_patches(images[..., 0], *_square(images.shape[1], side)))


def soften(images, side):
    """Give whole faces the resolution that `tighten` leaves them: the same loss, without the cut.

    Parameters
    ----------
    images : ndarray, (N, 64, 64, 3), float
        As for `tighten`.
    side : float
        As for `tighten`: each face is shrunk to so much of 25 pixels and scaled up again.

    Returns
    -------
    ndarray, (N, 64, 64, 3), float32

    Examples
    --------
    >>> soften(np.zeros((2, 64, 64, 3)), 0.7).shape
    (2, 64, 64, 3)
    """
    images = check_images("images", images)
    check_number("side", side, BROWS_TO_MOUTH, 1)
    small = round(side * PATCH_SIZE)
    grey = [resize(image, (small, small)) for image in images[..., 0]]
    return to_network_input(_patches(np.stack(grey), 0, 0, small))


def _square(edge, side):
    """Return top, left and size in pixels of what is kept."""
    share = (1 - side) / (1 - BROWS_TO_MOUTH)  # 0 for the whole face, 1 for brows to mouth
    middle = 0.5 + share * (np.array(MIDDLE) - 0.5)
    size = round(side * edge)
    top, left = np.clip(np.round(middle * edge - size / 2), 0, edge - size).astype(int)
    return top, left, size


def _patches(grey, top, left, size):
    """Cut the same square out of all images and scale it, (N, H, W) to (N, 25, 25)."""
    cut = grey[:, top : top + size, left : left + size]
    return np.stack([resize(square, (PATCH_SIZE, PATCH_SIZE)) for square in cut])
