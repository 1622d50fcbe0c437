"""What light, lens, camera and file do to a face, each as one function.

Each takes a colour picture of values from 0 to 1 and returns a new one of the same size. How strong
it is stands in the unit of its cause: a share of the light, pixels, degrees, JPEG's quality.
"""

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.ndimage import rotate as turn_array
from skimage.transform import resize

from facebook_tut._validation import check_array, check_images, check_number
from facebook_tut.preprocessing import grayscale


def darken(picture, share):
    """Let only a share of the light fall on a picture.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    share : float
        From 0, night, to 1.

    Returns
    -------
    ndarray, (H, W, 3), float
        The values times `share`, in 256 steps, as a camera counts.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> darken(np.full((1, 1, 3), 0.8), 0.25).round(2).tolist()
    [[[0.2, 0.2, 0.2]]]
    """
    check_number("share", share, 0, 1)
    return np.round(255 * share * _check(picture)) / 255


def light_from_side(picture, contrast):
    """Light a picture from the left only.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    contrast : float
        Share of the light that is missing at the right edge, from 0 to 1; the left edge keeps all.

    Returns
    -------
    ndarray, (H, W, 3), float
        The light falls evenly from left to right.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> light_from_side(np.ones((1, 3, 3)), 0.8)[0, :, 0].round(2).tolist()
    [1.0, 0.6, 0.2]
    """
    check_number("contrast", contrast, 0, 1)
    picture = _check(picture)
    return picture * np.linspace(1, 1 - contrast, picture.shape[1])[:, np.newaxis]


def remove_colour(picture):
    """Return a picture as a camera without colour sees it, the three channels alike.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.

    Returns
    -------
    ndarray, (H, W, 3), float

    Raises
    ------
    TypeError, ValueError
        If `picture` is not as described.

    Examples
    --------
    >>> grey = remove_colour(np.random.default_rng(0).random((4, 4, 3)))
    >>> bool((grey[..., 0] == grey[..., 2]).all())
    True
    """
    return np.clip(np.repeat(grayscale(_check(picture))[..., np.newaxis], 3, axis=-1), 0, 1)


def shrink(picture, edge):
    """Return a picture as it comes from far away: with few pixels, enlarged again.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    edge : int
        Pixels across that are left.

    Returns
    -------
    ndarray, (H, W, 3), float

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> picture = np.random.default_rng(0).random((64, 64, 3))
    >>> bool(shrink(picture, 16).std() < picture.std() / 2)
    True
    """
    picture = _check(picture)
    height, width = picture.shape[:2]
    check_number("edge", edge, 1, width, integer=True)
    few = resize(picture, (max(1, round(edge * height / width)), edge), order=1, anti_aliasing=True)
    return np.clip(resize(few, (height, width), order=1, mode="edge"), 0, 1)


def defocus(picture, sigma):
    """Blur a picture, as a lens out of focus does.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    sigma : float
        Standard deviation of the blur in pixels.

    Returns
    -------
    ndarray, (H, W, 3), float

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> spot = np.zeros((9, 9, 3))
    >>> spot[4, 4] = 1
    >>> defocus(spot, 1.0)[4, 4].round(2).tolist()
    [0.16, 0.16, 0.16]
    """
    check_number("sigma", sigma, 0, 100)
    return np.clip(gaussian_filter(_check(picture), (sigma, sigma, 0), mode="nearest"), 0, 1)


def add_noise(picture, deviation, seed=0):
    """Add the noise of a sensor in little light.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    deviation : float
        Standard deviation of the noise, where 1 is from black to white.
    seed : int
        Of the noise.

    Returns
    -------
    ndarray, (H, W, 3), float
        Cut to 0 to 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> noisy = add_noise(np.full((100, 100, 3), 0.5), 0.1)
    >>> round(float(noisy.std()), 2)
    0.1
    """
    check_number("deviation", deviation, 0, 1)
    check_number("seed", seed, 0, 2**32 - 1, integer=True)
    picture = _check(picture)
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.clip(picture + noise, 0, 1)


def compress(picture, quality):
    """Store a picture as JPEG and read it again.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    quality : int
        JPEG's, from 1 to 95.

    Returns
    -------
    ndarray, (H, W, 3), float

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> bool(abs(compress(np.full((8, 8, 3), 0.5), 10) - 0.5).max() < 0.05)
    True
    """
    check_number("quality", quality, 1, 95, integer=True)
    file = io.BytesIO()
    pixels = np.round(255 * np.clip(_check(picture), 0, 1)).astype(np.uint8)
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as stored:
        return np.asarray(stored, dtype=float) / 255


def cover(picture, share, grey=0.5):
    """Cover the lower part of a picture, as a mask or a scarf does.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    share : float
        Of the height, from 0 to 1.
    grey : float
        Value of the cover.

    Returns
    -------
    ndarray, (H, W, 3), float

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> cover(np.ones((4, 1, 3)), 0.5)[:, 0, 0].tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    check_number("share", share, 0, 1)
    check_number("grey", grey, 0, 1)
    picture = _check(picture).copy()
    picture[len(picture) - round(share * len(picture)) :] = grey
    return picture


def turn(picture, degrees):
    """Turn a picture about its centre.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        Values from 0 to 1.
    degrees : float
        To the left, from −180 to 180.

    Returns
    -------
    ndarray, (H, W, 3), float
        What comes into the picture repeats its edge.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> turn(np.eye(2)[..., None] * np.ones(3), 90)[..., 0].round(6).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    check_number("degrees", degrees, -180, 180)
    turned = turn_array(_check(picture), degrees, reshape=False, order=1, mode="nearest")
    return np.clip(turned, 0, 1)


def _check(picture):
    """Return a colour picture as float64 if its values are floats from 0 to 1."""
    check_images("picture", [picture], check_array("picture", picture, ("H", "W", 3)).shape)
    return np.asarray(picture, dtype=float)
