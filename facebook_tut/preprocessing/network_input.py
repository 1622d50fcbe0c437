"""What the network reads of a picture: grey, scaled, of even contrast, 64×64×3."""

import numpy as np
from PIL import Image
from scipy.ndimage import zoom
from skimage.color import rgb2gray
from skimage.transform import resize as skimage_resize
from skimage.util import img_as_float64

from facebook_tut._validation import check_images, check_picture

PATCH_SIZE = 25  # pixels: the edge of the faces that ship in scikit-image
INPUT_SIZE = 64  # pixels: the edge of what the network reads


def grayscale(picture):
    """Return the luma of a picture: a weighted sum of its gamma-encoded colours.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        Grey, RGB, or RGB with opacity, which is dropped.

    Returns
    -------
    ndarray, (H, W), float64
        From 0 to 1; colours weigh .2125 (red), .7154 (green) and .0721 (blue), as in scikit-image.
        (ITU-R BT.709 has .2126, .7152 and .0722.)

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


def fit_picture(picture, *, colour=True):
    """Turn a picture of any size into what the network reads: the largest square at its centre.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), uint8
        As `read_picture` gives it, 25 pixels or more each way.
    colour : bool
        Keep its colours and its contrast. If not, it is made a grey 25×25 patch of even contrast,
        as `to_network_input` wants it: what the detector of chapter 08 shows its network.

    Returns
    -------
    ndarray, (64, 64, 3), float32
        From 0 to 1.

    Raises
    ------
    ValueError
        If it is too small.

    Examples
    --------
    >>> fit_picture(np.zeros((480, 640, 3), np.uint8)).shape
    (64, 64, 3)
    """
    height, width = picture.shape[:2]
    edge = min(height, width)
    if edge < PATCH_SIZE:
        raise ValueError(
            f"it is too small: {width}×{height} pixels, and {PATCH_SIZE} each way are the least"
        )
    left, top = (width - edge) // 2, (height - edge) // 2
    square = Image.fromarray(picture[top : top + edge, left : left + edge])
    size = (INPUT_SIZE if colour else PATCH_SIZE,) * 2
    small = np.asarray(square.resize(size, Image.Resampling.BILINEAR))  # smooths where it shrinks
    if colour:
        return small / np.float32(255)
    return to_network_input(grayscale(small)[np.newaxis])[0]


def _check_any_size(images):
    """Return images in colour, of any height and width, as an array of floats."""
    shape = np.shape(images)
    if len(shape) != 4 or shape[-1] != 3:
        raise ValueError(f"images must have shape (N, H, W, 3), got {shape}")
    return check_images("images", images, shape[1:])
