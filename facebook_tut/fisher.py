"""Fisher vectors: a face as how its small patches differ from those of faces in general.

What recognisers were made of before networks were trained to do it all: many overlapping patches of
a picture, in several sizes, are described by numbers; a mixture of Gaussians says which kinds of
patches faces consist of, and where; the Fisher vector says, kind by kind, in which direction the
patches of this face deviate.
"""

import warnings

import numpy as np
from joblib import Parallel, delayed
from scipy.ndimage import uniform_filter
from skimage.feature import daisy, fisher_vector
from skimage.transform import rescale
from skimage.util import img_as_float32
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import normalize

from facebook_tut._progress import progress_bar
from facebook_tut._validation import (
    check_choice,
    check_flag,
    check_number,
    check_numbers,
    check_pictures,
    check_seed,
)
from facebook_tut.preprocessing import grayscale

RADIUS = 9  # of a patch, in pixels of the scaled picture
SCALES = {1.0: 4, 2**-0.5: 3, 0.5: 2, 2**-1.5: 2, 0.25: 1}  # of the picture: pixels between patches
CELL, CELLS = 6, (-9, -3, 3, 9)  # colour is averaged over 4×4 cells of 6×6 pixels
SMALLEST = 80  # height and width of a picture, so that a quarter of it still holds a patch
PICTURES, SAMPLE = 1200, 150  # that the mixture is learned from, and patches of each


def shape_patches(picture, step):
    """Describe the patches of a picture by the directions in which it grows brighter.

    DAISY (Tola, Lepetit and Fua, 2010): at the centre of the patch and at 12 points on two circles,
    how strong the gradient is in each of 8 directions. As for RootSIFT (Arandjelović and Zisserman,
    2012), the numbers of a patch are divided by their sum and their roots are taken; half a unit on
    the sum keeps the noise of plain patches small.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        From 0 to 1; H and W above 18.
    step : int
        Pixels from one patch to the next.

    Returns
    -------
    ndarray, (rows, columns, 104), float

    Examples
    --------
    >>> shape_patches(np.zeros((40, 34, 3)), step=2).shape
    (11, 8, 104)
    """
    picture = _check_patches(picture, step, 2 * RADIUS + 1)
    strengths = daisy(
        grayscale(picture).astype(np.float32),  # half the time
        step=step,
        radius=RADIUS,
        rings=2,
        histograms=6,
        orientations=8,
        normalization="off",
    )
    return np.sqrt(strengths / (strengths.sum(axis=-1, keepdims=True) + 0.5))


def colour_patches(picture, step):
    """Describe the patches of a picture by mean and deviation of their colours.

    Local colour statistics (Clinchant, Csurka, Perronnin and Renders, 2007), of 4×4 cells. Before,
    brightness, contrast and half of the tint of the whole picture are taken out.

    Parameters
    ----------
    picture, step
        As in `shape_patches`.

    Returns
    -------
    ndarray, (rows, columns, 96), float
        In units of the picture's standard deviation.

    Examples
    --------
    >>> colour_patches(np.random.rand(40, 34, 3), step=2).shape
    (11, 8, 96)
    """
    picture = _check_patches(picture, step, 2 * RADIUS + 1)
    tint = (picture.mean(axis=(0, 1)) + picture.mean()) / 2
    picture = (picture - tint) / max(picture.std(), 1e-3)
    mean = uniform_filter(picture, (CELL, CELL, 0))
    variance = uniform_filter(picture**2, (CELL, CELL, 0)) - mean**2
    cells = np.concatenate([mean, np.sqrt(np.maximum(variance, 0))], axis=-1)  # (H, W, 6)
    rows, columns = (np.arange(RADIUS, n - RADIUS, step) for n in picture.shape[:2])
    grid = [
        cells[np.ix_(rows + down, np.minimum(columns + right, picture.shape[1] - 1))]
        for down in CELLS
        for right in CELLS
    ]
    return np.concatenate(grid, axis=-1)


PATCHES = {"shape": shape_patches, "colour": colour_patches}


def describe(picture, kind):
    """Describe the patches of a picture at five sizes of it, from full to a quarter.

    Parameters
    ----------
    picture : ndarray, (H, W, 3), float
        From 0 to 1; H and W of 80 or more.
    kind : {"shape", "colour"}
        By `shape_patches` or `colour_patches`.

    Returns
    -------
    descriptors : ndarray, (P, D), float32
        One patch a row.
    places : ndarray, (P, 2), float32
        Row and column of their centres, as shares of the picture, from −1/2 to 1/2.

    Examples
    --------
    >>> descriptors, places = describe(np.zeros((160, 136, 3)), "shape")
    >>> descriptors.shape, places.shape
    ((3339, 104), (3339, 2))
    """
    check_choice("kind", kind, PATCHES)
    picture = _check_patches(picture, 1, SMALLEST)
    descriptors, places = [], []
    for scale, step in SCALES.items():
        small = (
            rescale(picture, scale, channel_axis=-1, anti_aliasing=True) if scale < 1 else picture
        )
        patches = PATCHES[kind](small, step)
        axes = [
            (RADIUS + step * np.arange(count)) / length - 0.5
            for count, length in zip(patches.shape, small.shape[:2], strict=False)
        ]
        descriptors.append(patches.reshape(-1, patches.shape[-1]))
        places.append(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2))
    return np.concatenate(descriptors, dtype=np.float32), np.concatenate(places, dtype=np.float32)


class FisherEncoder:
    """Turns pictures of faces into Fisher vectors.

    The patches of a picture (`describe`) are reduced to their principal components, and to each the
    place in the picture is added. A mixture of K Gaussians describes the patches of all faces. The
    Fisher vector of one picture is the gradient of its patches' mean log-likelihood with respect to
    the weights, means and deviations of the mixture, each number replaced by its signed root, and
    the whole of length 1. That of the mirror image is added, so that the side does not matter.

    Parameters
    ----------
    kind : {"shape", "colour"}
        What of the patches is described.
    components : int
        D, principal components of a patch.
    modes : int
        K, Gaussians of the mixture.
    seed : int
        Of the choice of patches and the start of the mixture.

    References
    ----------
    Sánchez, Perronnin, Mensink and Verbeek, "Image classification with the Fisher vector: theory
    and practice" (2013). Simonyan, Parkhi, Vedaldi and Zisserman, "Fisher vector faces in the wild"
    (2013).

    Examples
    --------
    >>> pictures = np.random.default_rng(0).random((3, 80, 80, 3))
    >>> encoder = FisherEncoder("colour", components=4, modes=2).fit(pictures)
    >>> vectors = encoder.encode(pictures)
    >>> vectors.shape, vectors.dtype, bool(np.allclose(vectors[0], encoder.encode(pictures[:1])))
    ((3, 26), dtype('float32'), True)
    """

    def __init__(self, kind="shape", *, components=64, modes=256, seed=0):
        check_choice("kind", kind, PATCHES)
        check_number("components", components, 1, 96, integer=True)
        check_number("modes", modes, 1, 10_000, integer=True)
        check_seed("seed", seed)
        self.kind, self.components, self.modes, self.seed = kind, components, modes, seed

    def fit(self, pictures):
        """Learn principal components and mixture from pictures; whose they are does not matter.

        Parameters
        ----------
        pictures : ndarray, (N, H, W, 3), float or uint8
            Aligned faces. Of more than 1,200, so many are chosen at random.

        Returns
        -------
        FisherEncoder
            Itself.
        """
        _check_pictures(pictures)
        rng = np.random.default_rng(self.seed)
        chosen = rng.permutation(len(pictures))[:PICTURES]
        parts = [_sample(pictures[i], self.kind, rng) for i in chosen]
        descriptors, places = (np.concatenate(part) for part in zip(*parts, strict=True))
        self.pca = PCA(self.components, random_state=self.seed).fit(descriptors)
        values = self.pca.transform(descriptors)
        self.unit = values.std()  # makes the mixture's smallest variance a share of the mean one
        self.place_unit = self.unit * places.std() / values.std(axis=0).mean()
        self.mixture = GaussianMixture(
            self.modes,
            covariance_type="diag",
            init_params="k-means++",
            max_iter=20,
            reg_covar=1e-3,
            random_state=self.seed,
        )
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            self.mixture.fit(self._coordinates(descriptors, places))  # 20 rounds are enough
        return self

    def encode(self, pictures, *, jobs=1, progress=True):
        """Return the Fisher vectors of pictures.

        Parameters
        ----------
        pictures : ndarray, (N, H, W, 3), float or uint8
            Aligned as those that it was fitted to, and of their size.
        jobs : int
            Processes that share the work.
        progress : bool
            Show a progress bar (the environment variable ``TQDM_DISABLE=1`` hides it as well).

        Returns
        -------
        ndarray, (N, K (2 (D + 2) + 1)), float32
            Of length 1.

        Raises
        ------
        ValueError
            If the encoder has not been fitted.
        """
        if not hasattr(self, "mixture"):
            raise ValueError("the encoder has no mixture yet: call fit(pictures) first")
        _check_pictures(pictures)
        check_number("jobs", jobs, 1, 1000, integer=True)
        check_flag("progress", progress)
        pool = Parallel(n_jobs=jobs, return_as="generator")
        vectors = pool(delayed(self._symmetric)(picture) for picture in pictures)
        bar = progress_bar(vectors, "encoding", len(pictures), unit="image", shown=progress)
        return np.stack([*bar])

    def _symmetric(self, picture):
        both = sum(self._vector(side) for side in (picture, picture[:, ::-1]))
        return normalize(both[None])[0].astype(np.float32)

    def _vector(self, picture):
        coordinates = self._coordinates(*describe(img_as_float32(picture), self.kind))
        return fisher_vector(coordinates, self.mixture, improved=True)

    def _coordinates(self, descriptors, places):
        values = self.pca.transform(descriptors) / self.unit
        return np.hstack([values, places / self.place_unit]).astype(np.float32)  # (P, D + 2)


def _sample(picture, kind, rng):
    """Return some patches of a picture, mirrored or not: descriptors and places."""
    picture = img_as_float32(picture)
    descriptors, places = describe(picture[:, ::-1] if rng.random() < 0.5 else picture, kind)
    rows = rng.permutation(len(places))[:SAMPLE]
    return descriptors[rows], places[rows]


def _check_patches(picture, step, smallest):
    """Return a picture of finite numbers that is large enough to hold a patch."""
    check_number("step", step, 1, 1024, integer=True)
    picture = check_numbers("picture", picture, ("H", "W", 3))
    if min(picture.shape[:2]) < smallest:
        height, width = picture.shape[:2]
        raise ValueError(
            f"picture must be {smallest} pixels high and wide at least, got {height}×{width}"
        )
    return picture


def _check_pictures(pictures):
    shape = check_pictures("pictures", pictures).shape
    if min(shape[1:3]) < SMALLEST:
        raise ValueError(
            f"pictures must be {SMALLEST} pixels high and wide at least, got {shape[1]}×{shape[2]}"
        )
