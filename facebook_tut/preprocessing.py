"""From a picture file to what the network reads: grey, scaled, of even contrast, 64×64×3."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve, gaussian_filter, gaussian_laplace, zoom
from skimage.color import rgb2gray
from skimage.transform import SimilarityTransform, warp
from skimage.transform import resize as skimage_resize
from skimage.util import img_as_float64

from facebook_tut._pictures import read_picture as read_picture
from facebook_tut._validation import check_images, check_number, check_picture

PATCH_SIZE = 25  # pixels: the edge of the faces that ship in scikit-image
INPUT_SIZE = 64  # pixels: the edge of what the network reads
DARKEST = 1 / 64  # added before a logarithm, lest the noise of black pixels count
SHARP, RICH, NOISY = 0.07, 0.4, 0.03  # see `Quality.score`; the first two are medians on LFW


def grayscale(picture):
    """Return the brightness of a picture.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        Grey, RGB, or RGB with opacity, which is dropped.

    Returns
    -------
    ndarray, (H, W), float64
        From 0 to 1; colours weigh .2125 (red), .7154 (green) and .0721 (blue), as in ITU-R BT.709.

    Raises
    ------
    TypeError, ValueError
        If `picture` is not as described.

    Examples
    --------
    >>> grayscale(np.full((1, 2, 3), 255, dtype=np.uint8)).round(6).tolist()
    [[1.0, 1.0]]
    """
    picture = img_as_float64(check_picture("picture", picture))
    return picture if picture.ndim == 2 else rgb2gray(picture[..., :3])


def resize(grey, shape):
    """Scale a grey picture, smoothing first where it shrinks, so that fine detail leaves no moiré.

    Parameters
    ----------
    grey : ndarray, (H, W), float
        The picture.
    shape : tuple of int
        The wanted ``(H', W')``.

    Returns
    -------
    ndarray, (H', W'), float64

    Examples
    --------
    >>> resize(np.eye(4), (2, 2)).shape
    (2, 2)
    """
    return skimage_resize(grey, shape, order=1, anti_aliasing=True)


def even_contrast(patches):
    """Give every patch the same mean brightness and much the same contrast.

    A face is known by its structure, not by the lamp. The mean becomes 1/2 and the standard
    deviation 1/3; patches with less than a tenth are nearly flat and stay so, lest their noise be
    blown up into structure.

    Parameters
    ----------
    patches : ndarray, (N, h, w), float
        Grey values from 0 to 1.

    Returns
    -------
    ndarray, (N, h, w), float64
        From 0 to 1.

    Examples
    --------
    >>> dim = np.array([[[0.1, 0.4], [0.4, 0.3]]])
    >>> bool(np.allclose(even_contrast(dim), even_contrast(2 * dim)))
    True
    """
    mean = patches.mean((1, 2), keepdims=True)
    deviation = np.maximum(patches.std((1, 2), keepdims=True), 0.1)
    return np.clip(0.5 + (patches - mean) / (3 * deviation), 0, 1)


def set_brightness(images, mean):
    """Multiply images so that each has the same mean value, as a longer exposure would.

    Darkness is undone as far as the camera still counted the light; what grows too bright is
    clipped.

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

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

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
    smoothed copy of the picture stands for it, and the logarithm of the picture divided by its
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

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

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


@dataclass(frozen=True)
class Quality:
    """How well a crop of a face can be recognised, as far as pixels tell.

    Sharpness, contrast and noise are relative to brightness: the same picture of a darker skin, or
    one less exposed, is not worse in them.

    Attributes
    ----------
    sharpness : float
        Standard deviation of the Laplacian of the slightly smoothed crop, by its mean brightness:
        large at sharp edges.
    contrast : float
        Standard deviation of brightness by its mean.
    brightness : float
        Mean, from 0 to 1.
    clipped : float
        Share of the pixels in which a colour is as dark or as bright as can be.
    noise : float
        Estimated standard deviation of the noise, by the mean brightness.
    size : float
        Edge of the face in the photograph, in pixels.
    """

    sharpness: float
    contrast: float
    brightness: float
    clipped: float
    noise: float
    size: float

    @property
    def score(self):
        """The product of six shares, from 0 to 1, each 1 if there is nothing to mend.

        It never falls if sharpness, contrast or size grow, if clipped pixels or noise become
        fewer, or if brightness comes nearer to the middle.
        """
        shares = (
            self.sharpness / SHARP,
            self.contrast / RICH,
            5 * min(self.brightness, 1 - self.brightness),  # full from 1/5 to 4/5
            1 - self.clipped,
            1 / (1 + (self.noise / NOISY) ** 2),
            self.size / INPUT_SIZE,
        )
        return float(np.prod(np.clip(shares, 0, 1)))


def quality(face, size=None):
    """Measure how sharp, rich in contrast, well lit, clean and large a crop of a face is.

    Parameters
    ----------
    face : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The crop, looked at in 64×64 pixels.
    size : float, optional
        Edge in pixels that the face had in its photograph; if not given, the crop's shorter one.

    Returns
    -------
    Quality

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Pertuz, Puig and Garcia, "Analysis of focus measure operators for shape-from-focus" (2013),
    LAP4, here with the Laplacian of a Gaussian; Immerkær, "Fast noise variance estimation" (1996),
    here with the median, which edges do not move.

    Examples
    --------
    >>> from facebook_tut.data.synthetic import render_face
    >>> sharp, blurred = (render_face({"blur": blur})[0] for blur in (0, 1.5))
    >>> quality(sharp).score > quality(blurred).score
    True
    """
    grey = grayscale(face)
    size = min(grey.shape) if size is None else check_number("size", size, 1, np.inf)
    values = np.atleast_3d(img_as_float64(face))[..., :3]  # (H, W, 1) or (H, W, 3)
    clipped = ((values < 1.5 / 255) | (values > 253.5 / 255)).any(-1)
    grey = resize(grey, (INPUT_SIZE, INPUT_SIZE))
    difference = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]]) / 6  # of two Laplacians
    noise = np.median(np.abs(convolve(grey, difference))) / 0.6745  # edges are few: the median
    mean = max(grey.mean(), 1 / 255)
    return Quality(
        sharpness=float(gaussian_laplace(grey, 1).std() / mean),
        contrast=float(grey.std() / mean),
        brightness=float(grey.mean()),
        clipped=float(clipped.mean()),
        noise=float(noise / mean),
        size=float(size),
    )


def to_network_input(patches):
    """Turn grey 25×25 patches into what the network reads.

    Faces, non-faces and the detector's windows all come this way. If only some of them were
    sharper, or in colour, the network would learn that instead of faces.

    Parameters
    ----------
    patches : ndarray, (N, 25, 25), float
        Grey values from 0 to 1.

    Returns
    -------
    ndarray, (N, 64, 64, 3), float32
        Of even contrast, scaled by bilinear interpolation, the three channels equal.

    Raises
    ------
    ValueError
        If the shape is wrong.

    Examples
    --------
    >>> to_network_input(np.zeros((2, 25, 25))).shape
    (2, 64, 64, 3)
    """
    patches = np.asarray(patches, dtype=float)
    if patches.ndim != 3 or patches.shape[1:] != (PATCH_SIZE, PATCH_SIZE):
        raise ValueError(f"patches must have shape (N, 25, 25), got {patches.shape}")
    factor = INPUT_SIZE / PATCH_SIZE
    large = zoom(
        even_contrast(patches), (1, factor, factor), order=1, mode="nearest", grid_mode=True
    )  # (N, 64, 64)
    return np.repeat(large[..., np.newaxis], 3, axis=-1).astype(np.float32)


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


def _check_any_size(images):
    """Return images in colour, of any height and width, as an array of floats."""
    shape = np.shape(images)
    if len(shape) != 4 or shape[-1] != 3:
        raise ValueError(f"images must have shape (N, H, W, 3), got {shape}")
    return check_images("images", images, shape[1:])


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
