"""Pictures as live figures keep them: whole levels of grey, which JSON holds exactly, or JPEGs."""

import base64
import io

import numpy as np

from facebook_tut._validation import check_picture

SIDES = (8, 64)  # how many pixels a side may have


def grey_levels(image):
    """Return a small grey picture as rows of levels, or say what is wrong with it.

    Parameters
    ----------
    image : array_like of float or uint8, shape (H, W)
        Floats from 0 to 1, of which halves of a level go up, or levels.

    Returns
    -------
    list of list of int
        From 0 to 255.

    Examples
    --------
    >>> grey_levels(np.full((8, 8), 0.5))[0]
    [128, 128, 128, 128, 128, 128, 128, 128]
    >>> grey_levels(np.zeros((8, 65)))
    Traceback (most recent call last):
        ...
    ValueError: image must have shape (H, W) with H and W from 8 to 64, got (8, 65)
    """
    image, (low, high) = np.asarray(image), SIDES
    if image.ndim != 2 or not all(low <= side <= high for side in image.shape):
        raise ValueError(
            f"image must have shape (H, W) with H and W from {low} to {high}, got {image.shape}"
        )
    image = check_picture("image", image)
    levels = image if image.dtype == np.uint8 else np.floor(0.5 + 255 * image).astype(int)
    return levels.tolist()


def as_jpeg(picture, **options):
    """Return a picture, levels or one of Pillow's, as the bytes of a JPEG; options as Pillow's."""
    from PIL import Image

    file = io.BytesIO()
    image = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    image.save(file, "JPEG", **options)
    return file.getvalue()


def data_uri(jpeg):
    """Return the bytes of a JPEG as what an image's source may be."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
