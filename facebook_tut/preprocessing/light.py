"""The light of a picture: counted, made brighter, darker or even."""

import numpy as np
from scipy.ndimage import gaussian_filter

from facebook_tut._validation import check_number, check_numbers
from facebook_tut.preprocessing.network_input import _check_any_size

DARKEST = 1 / 64  # added before a logarithm, lest the noise of black pixels count


def to_linear_light(values):
    """Return the light that sRGB values stand for, which they grow with like a root.

    Parameters
    ----------
    values : array_like, float
        From 0 to 1, of any shape.

    Returns
    -------
    ndarray
        Shares of the light of white, from 0 to 1, in the shape of `values`.

    References
    ----------
    IEC 61966-2-1:1999, "Default RGB colour space – sRGB".

    Examples
    --------
    >>> to_linear_light([0, 0.5, 1]).round(3).tolist()
    [0.0, 0.214, 1.0]
    """
    v = check_numbers("values", values, low=0, high=1)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def from_linear_light(light):
    """Return the sRGB values of light, the inverse of `to_linear_light`.

    Parameters
    ----------
    light : array_like, float
        Shares of the light of white, from 0 to 1, of any shape.

    Returns
    -------
    ndarray
        From 0 to 1, in the shape of `light`.

    References
    ----------
    IEC 61966-2-1:1999, "Default RGB colour space – sRGB".

    Examples
    --------
    >>> from_linear_light([0, 0.05, 0.25, 1]).round(3).tolist()
    [0.0, 0.248, 0.537, 1.0]
    """
    x = check_numbers("light", light, low=0, high=1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


def set_brightness(images, mean):
    """Multiply images so that each has the same mean value, as a longer exposure would.

    sRGB values are nearly a power of the light, so that one factor of theirs is one factor of the
    light. The noise grows by the same factor, and what grows too bright is clipped.

    Parameters
    ----------
    images : array_like, (N, H, W, 3), float
        RGB values from 0 to 1.
    mean : float
        The wanted mean of an image before clipping, above 0 and at most 1.

    Returns
    -------
    ndarray, (N, H, W, 3), float32
        From 0 to 1. An image that is black all over stays black.

    Examples
    --------
    >>> dark = np.full((1, 2, 2, 3), 0.1)
    >>> round(float(set_brightness(dark, 0.4).mean()), 3)
    0.4
    """
    images = _check_any_size(images)
    check_number("mean", mean, 1e-6, 1)
    own = images.mean((1, 2, 3), keepdims=True)  # (N, 1, 1, 1)
    gain = np.divide(np.float32(mean), own, out=np.ones_like(own), where=own > 0)
    return np.clip(images * gain, 0, 1)


def normalise_illumination(images, scale=1 / 16):
    """Take the light out of images: the single-scale Retinex.

    What a camera sees is light times reflectance. Light changes slowly across a face, so that a
    smoothed copy of the picture estimates it, and the logarithm of the picture divided by its
    copy for the reflectance.

    Parameters
    ----------
    images : array_like, (N, H, W, 3), float
        RGB values from 0 to 1.
    scale : float
        Standard deviation of the smoothing, as a share of H.

    Returns
    -------
    ndarray, (N, H, W, 3), float32
        From 0 to 1, each image with mean 1/2 and, until it is clipped, standard deviation 1/6.

    References
    ----------
    Jobson, Rahman and Woodell, "Properties and performance of a center/surround Retinex" (1997),
    equation 1.

    Examples
    --------
    >>> evenly_lit = np.random.default_rng(0).uniform(0.5, 1, (1, 32, 32, 3))
    >>> from_the_right = evenly_lit * np.linspace(0.2, 1, 32)[:, np.newaxis]
    >>> before = np.abs(from_the_right - evenly_lit).mean()
    >>> one, other = normalise_illumination(evenly_lit), normalise_illumination(from_the_right)
    >>> bool(np.abs(one - other).mean() < before / 20)
    True
    """
    images = _check_any_size(images)
    shape = images.shape
    sigma = check_number("scale", scale, 0.01, 1) * shape[1]
    light = gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest")
    ratio = np.log(images + DARKEST) - np.log(light + DARKEST)  # (N, H, W, 3)
    ratio -= ratio.mean((1, 2, 3), keepdims=True)
    deviation = np.maximum(ratio.std((1, 2, 3), keepdims=True), DARKEST)
    return np.clip(0.5 + ratio / (6 * deviation), 0, 1)
