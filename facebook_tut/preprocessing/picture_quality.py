"""How well a picture of a face can be recognised."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve, gaussian_laplace
from skimage.util import img_as_float64

from facebook_tut._validation import check_number
from facebook_tut.preprocessing.network_input import INPUT_SIZE, grayscale, resize

SHARP, RICH, NOISY = 0.07, 0.4, 0.03  # see `Quality.score`; the first two are medians on LFW


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
