"""How well a picture of a face can be recognised."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve, gaussian_laplace
from skimage.util import img_as_float64

from facebook_tut._validation import check_choice, check_number
from facebook_tut.preprocessing.network_input import INPUT_SIZE, grayscale, resize

SHARP, RICH, NOISY = 0.07, 0.4, 0.03  # see `Quality.score`; the first two are medians on LFW
MOUTH = slice(40, 60), slice(16, 48)  # rows and columns of mouth and chin in 64×64 pixels


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
        Estimated standard deviation of the noise, by the mean brightness. It is near 0 where even
        neighbouring pixels agree: the crop was enlarged, or is blurred.
    size : float
        Edge of the face in the photograph, in pixels.
    colour : float
        Standard deviation of colour that does not follow brightness, by the mean brightness: 0 for
        grey, and for grey in one tone, such as sepia. It has no part in the score.
    evenness : float
        Brightness of the darker half, left or right, by that of the other; 1 for light from the
        front. It has no part in the score.
    mouth : float
        Standard deviation of brightness around mouth and chin (`MOUTH`), by the mean brightness of
        the crop: small if a mask or a scarf of one tone covers them. It has no part in the score.
    """

    sharpness: float
    contrast: float
    brightness: float
    clipped: float
    noise: float
    size: float
    colour: float
    evenness: float
    mouth: float

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

    def beyond(self, limits):
        """Return which limits a face is beyond.

        Parameters
        ----------
        limits : dict
            For each name, such as ``"too dark"``, a dict of ``measure``, one of the attributes, and
            its ``least`` and ``most`` value; None where there is no such bound.

        Returns
        -------
        tuple of str
            The names, in their order.
        """
        return tuple(name for name, limit in limits.items() if self._is_beyond(**limit))

    def _is_beyond(self, measure, least=None, most=None, **more):
        check_choice("measure", measure, self.__dataclass_fields__)
        value = getattr(self, measure)
        return (least is not None and value < least) or (most is not None and value > most)


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
    here with the median, which edges do not move; Hasler and Süsstrunk, "Measuring colorfulness in
    natural images" (2003), for the opponent colours, here without what brightness explains.

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
        colour=float(_colour(values, grey) / mean),
        evenness=float(_evenness(grey)),
        mouth=float(grey[MOUTH].std() / mean),
    )


def _colour(values, grey):
    """Return the spread of a picture's colours beside what brightness explains of them."""
    if values.shape[-1] == 1:
        return 0.0
    if values.shape[:2] != grey.shape:
        values = np.stack(
            [resize(part, grey.shape) for part in np.moveaxis(values, -1, 0)], axis=-1
        )
    red, green, blue = np.moveaxis(values, -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue]).reshape(2, -1)
    opponents -= opponents.mean(axis=1, keepdims=True)
    light = (grey - grey.mean()).ravel()
    follows = opponents @ light / max(light @ light, 1e-12)  # (2,), by least squares
    rest = opponents - follows[:, np.newaxis] * light
    return np.hypot(*rest.std(axis=1))


def _evenness(grey):
    """Return how bright the darker half is, left or right, by the other."""
    halves = [half.mean() for half in np.array_split(grey, 2, axis=1)]
    return min(halves) / max(*halves, 1 / 255)
