"""What light, lens, camera and file do to a face, each as one function.

Each takes a colour picture of values from 0 to 1 and returns a new one of the same size. How strong
it is has the unit of its cause: a share of the light, pixels, degrees, JPEG's quality.
`SEVERITIES` has five steps of each for faces of 64×64 pixels, as Hendrycks and Dietterich (2019)
have them for photographs of objects; `corrupt` takes such a step.
"""

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.ndimage import rotate as turn_array
from skimage.transform import resize

from facebook_tut._validation import check_choice, check_colour_picture, check_number
from facebook_tut.preprocessing import from_linear_light, grayscale, to_linear_light

ELECTRONS = 4000  # that a small pixel holds at white
READ_NOISE = 4  # electrons, their standard deviation


def darken(picture, share, seed=0):
    """Let only a share of the light fall on a picture, and keep the exposure.

    Light is counted in electrons. The fewer there are, the more their number varies beside their
    mean; reading them adds a noise of its own.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        sRGB values from 0 to 1.
    share : float
        Of the light, from 0, night, to 1.
    seed : int
        Of the noise.

    Returns
    -------
    ndarray, (H, W, 3), float
        sRGB values in 256 steps, as a camera stores them.

    References
    ----------
    Janesick, "Photon transfer" (2007), for shot noise and read noise.

    Examples
    --------
    >>> round(float(darken(np.full((100, 100, 3), 0.8), 0.05).mean()), 2)
    0.19
    """
    check_number("share", share, 0, 1)
    return _lit(picture, share, seed)


def light_from_side(picture, contrast, seed=0):
    """Light a picture from the left only.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        sRGB values from 0 to 1.
    contrast : float
        Share of the light that is missing at the right edge, from 0 to 1; the left edge keeps all.
    seed : int
        Of the noise, which is that of `darken`.

    Returns
    -------
    ndarray, (H, W, 3), float
        The light falls evenly from left to right.

    Examples
    --------
    >>> grey = np.full((500, 3, 3), 0.8)
    >>> light_from_side(grey, 0.96).mean((0, 2)).round(2).tolist()
    [0.8, 0.6, 0.17]
    """
    check_number("contrast", contrast, 0, 1)
    across = np.linspace(1, 1 - contrast, check_colour_picture(picture).shape[1])
    return _lit(picture, across[:, np.newaxis], seed)


def _lit(picture, share, seed):
    """Return a picture (H, W, 3) in a share of its light, a number or one for each column (W, 1).

    What the picture's own noise is stays part of it: of N electrons, each is kept with the chance
    `share`, which adds the variance N · share · (1 − share) to the mean N · share.
    """
    check_number("seed", seed, 0, 2**32 - 1, integer=True)
    light = to_linear_light(np.clip(check_colour_picture(picture), 0, 1))
    counted = light * share * (1 - share) / ELECTRONS  # variance of what is counted
    reading = (READ_NOISE / ELECTRONS) ** 2 * (1 - np.square(share))
    noise = np.random.default_rng(seed).standard_normal(light.shape)
    light = light * share + noise * np.sqrt(counted + reading)
    return np.round(255 * from_linear_light(np.clip(light, 0, 1))) / 255


def remove_colour(picture, share=1.0):
    """Return a picture with less colour, or none, as a camera for the night sees it.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1.
    share : float
        Of the colour, from 0 to 1. With 1 the three channels are alike.

    Returns
    -------
    ndarray, (H, W, 3), float

    Examples
    --------
    >>> grey = remove_colour(np.random.default_rng(0).random((4, 4, 3)))
    >>> bool((grey[..., 0] == grey[..., 2]).all())
    True
    """
    check_number("share", share, 0, 1)
    picture = check_colour_picture(picture)
    grey = np.clip(grayscale(picture), 0, 1)[..., np.newaxis]  # (H, W, 1)
    return share * grey + (1 - share) * picture


def shrink(picture, edge):
    """Return a picture as it comes from far away: with few pixels, enlarged again.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1.
    edge : int
        Pixels across that are left.

    Returns
    -------
    ndarray, (H, W, 3), float

    Examples
    --------
    >>> picture = np.random.default_rng(0).random((64, 64, 3))
    >>> bool(shrink(picture, 16).std() < picture.std() / 2)
    True
    """
    picture = check_colour_picture(picture)
    height, width = picture.shape[:2]
    check_number("edge", edge, 1, width, integer=True)
    few = resize(picture, (max(1, round(edge * height / width)), edge), order=1, anti_aliasing=True)
    return np.clip(resize(few, (height, width), order=1, mode="edge"), 0, 1)


def defocus(picture, sigma):
    """Blur a picture, as a lens out of focus does.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1.
    sigma : float
        Standard deviation of the blur in pixels.

    Returns
    -------
    ndarray, (H, W, 3), float

    Examples
    --------
    >>> spot = np.zeros((9, 9, 3))
    >>> spot[4, 4] = 1
    >>> defocus(spot, 1.0)[4, 4].round(2).tolist()
    [0.16, 0.16, 0.16]
    """
    check_number("sigma", sigma, 0, 100)
    return np.clip(
        gaussian_filter(check_colour_picture(picture), (sigma, sigma, 0), mode="nearest"), 0, 1
    )


def add_noise(picture, deviation, seed=0):
    """Add the noise of a sensor in little light.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1.
    deviation : float
        Standard deviation of the noise, where 1 is from black to white.
    seed : int
        Of the noise.

    Returns
    -------
    ndarray, (H, W, 3), float
        Cut to 0 to 1.

    Examples
    --------
    >>> noisy = add_noise(np.full((100, 100, 3), 0.5), 0.1)
    >>> round(float(noisy.std()), 2)
    0.1
    """
    check_number("deviation", deviation, 0, 1)
    check_number("seed", seed, 0, 2**32 - 1, integer=True)
    picture = check_colour_picture(picture)
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.clip(picture + noise, 0, 1)


def compress(picture, quality):
    """Store a picture as JPEG and read it again.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1.
    quality : int
        JPEG's, from 1 to 95.

    Returns
    -------
    ndarray, (H, W, 3), float

    Examples
    --------
    >>> bool(abs(compress(np.full((8, 8, 3), 0.5), 10) - 0.5).max() < 0.05)
    True
    """
    check_number("quality", quality, 1, 95, integer=True)
    file = io.BytesIO()
    pixels = np.round(255 * np.clip(check_colour_picture(picture), 0, 1)).astype(np.uint8)
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as stored:
        return np.asarray(stored, dtype=float) / 255


def cover(picture, share, grey=0.5):
    """Cover the lower part of a picture, as a mask or a scarf does.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1.
    share : float
        Of the height, from 0 to 1.
    grey : float
        Value of the cover.

    Returns
    -------
    ndarray, (H, W, 3), float

    Examples
    --------
    >>> cover(np.ones((4, 1, 3)), 0.5)[:, 0, 0].tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    check_number("share", share, 0, 1)
    check_number("grey", grey, 0, 1)
    picture = check_colour_picture(picture).copy()
    picture[len(picture) - round(share * len(picture)) :] = grey
    return picture


def turn(picture, degrees):
    """Turn a picture about its centre.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1.
    degrees : float
        To the left, from −180 to 180.

    Returns
    -------
    ndarray, (H, W, 3), float
        What comes into the picture repeats its edge.

    Examples
    --------
    >>> turn(np.eye(2)[..., None] * np.ones(3), 90)[..., 0].round(6).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    check_number("degrees", degrees, -180, 180)
    turned = turn_array(
        check_colour_picture(picture), degrees, reshape=False, order=1, mode="nearest"
    )
    return np.clip(turned, 0, 1)


SEVERITIES = {  # five steps of each, from weak to strong
    "little light": (darken, (0.5, 0.2, 0.1, 0.05, 0.02)),
    "light from one side": (light_from_side, (0.75, 0.9, 0.95, 0.98, 0.99)),
    "little colour": (remove_colour, (0.2, 0.4, 0.6, 0.8, 1.0)),
    "few pixels": (shrink, (32, 24, 18, 14, 10)),
    "out of focus": (defocus, (0.5, 1.0, 1.5, 2.0, 2.5)),
    "noise": (add_noise, (0.02, 0.04, 0.06, 0.08, 0.12)),
    "JPEG": (compress, (60, 30, 20, 10, 5)),
    "covered": (cover, (0.1, 0.2, 0.3, 0.4, 0.5)),
    "turned": (turn, (5, 10, 15, 20, 30)),
}


NOISY = (darken, light_from_side, add_noise)  # whose noise needs a seed


def corrupt(picture, kind, severity, seed=0):
    """Do to a picture what one cause does to it, in one of five steps.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1, of a face of about 64×64 pixels.
    kind : str
        One of `SEVERITIES`.
    severity : int
        From 1, weak, to 5; 0 leaves the picture as it is.
    seed : int
        Of the noise.

    Returns
    -------
    ndarray, (H, W, 3), float

    References
    ----------
    Hendrycks and Dietterich, "Benchmarking neural network robustness to common corruptions and
    perturbations" (2019).

    Examples
    --------
    >>> white = np.ones((64, 64, 3))
    >>> [round(float(corrupt(white, "little light", step).mean()), 2) for step in range(3)]
    [1.0, 0.74, 0.48]
    """
    change, steps = SEVERITIES[check_choice("kind", kind, SEVERITIES)]
    check_number("severity", severity, 0, len(steps), integer=True)
    if severity == 0:
        return check_colour_picture(picture)
    options = {"seed": seed} if change in NOISY else {}
    return change(picture, steps[severity - 1], **options)


def corrupt_at_random(picture, rng, kinds=None):
    """Do to a picture one thing of `SEVERITIES`, in one of its steps, both sampled.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        RGB values from 0 to 1, of a face of about 64×64 pixels.
    rng : numpy.random.Generator
        Where the random numbers come from.
    kinds : sequence of str, optional
        What may happen; all by default.

    Returns
    -------
    ndarray, (H, W, 3), float

    Examples
    --------
    >>> corrupt_at_random(np.ones((64, 64, 3)), np.random.default_rng(0)).shape
    (64, 64, 3)
    """
    kinds = list(SEVERITIES) if kinds is None else kinds
    kind = kinds[rng.integers(len(kinds))]
    steps = len(SEVERITIES[check_choice("kinds", kind, SEVERITIES)][1])
    return corrupt(picture, kind, int(rng.integers(1, steps + 1)), int(rng.integers(2**32)))
