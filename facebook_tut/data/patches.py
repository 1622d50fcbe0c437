"""Faces and non-faces that come with scikit-image: nothing to download.

The 100 faces and 100 of the non-faces are 25×25 grey crops from Labeled Faces in the Wild (Huang,
Ramesh, Berg and Learned-Miller, 2007). Many of those non-faces are nearly flat, so an easy task;
the hard ones are the spots of scikit-image's photographs that look most like an average face.
"""

from functools import cache

import numpy as np
import skimage.data
from skimage.feature import match_template, peak_local_max

from facebook_tut._validation import check_number
from facebook_tut.augmentation import augment
from facebook_tut.data import SHARES, Dataset, Splits
from facebook_tut.preprocessing import PATCH_SIZE, grayscale, resize, to_network_input

# Pictures without a living face: `astronaut` and `camera` show one. The heads on `coins` are metal,
# and so as hard as a non-face can be.
PHOTOGRAPHS = (
    "brick",
    "cell",
    "chelsea",
    "clock",
    "coffee",
    "coins",
    "colorwheel",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "logo",
    "microaneurysms",
    "moon",
    "page",
    "retina",
    "rocket",
    "shepp_logan_phantom",
    "stereo_motorcycle",
    "text",
)
WINDOW_SIZES = (25, 40, 64, 100, 160)  # pixels


def load_patches(seed=0, *, hard_per_photograph=30, random_per_photograph=20, copies=4):
    """Load faces and non-faces in three splits that share no face and no photograph.

    Parameters
    ----------
    seed : int
        Of the split and of everything else that is drawn. Another seed, another honest split.
    hard_per_photograph, random_per_photograph : int
        Non-face patches from each photograph: the most face-like ones, and ones from anywhere.
    copies : int
        How many moved copies of each *training* face join the original; 0 for none. Validation and
        test faces are always as they were taken.

    Returns
    -------
    Splits
        Images (N, 64, 64, 3) float32 with label 1 for a face and 0 for a non-face. Each kind of
        source (face, LFW non-face, photograph) is split 60 : 20 : 20.

    Examples
    --------
    >>> splits = load_patches(hard_per_photograph=1, random_per_photograph=0, copies=0)
    >>> [(len(split.faces), len(split.nonfaces)) for split in splits]
    [(60, 72), (20, 24), (20, 24)]
    """
    check_number("seed", seed, 0, 2**32 - 1, integer=True)
    check_number("hard_per_photograph", hard_per_photograph, 0, 1000, integer=True)
    check_number("random_per_photograph", random_per_photograph, 0, 1000, integer=True)
    check_number("copies", copies, 0, 100, integer=True)
    rng = np.random.default_rng(seed)
    parts = [_split(_numbered(kind), rng) for kind in ("face", "non-face")]
    parts.append(_split(PHOTOGRAPHS, rng))
    average_face = np.mean([_lfw_patch(name) for name in parts[0][0]], axis=0)  # training only
    splits = []
    for faces, nonfaces, photographs in zip(*parts, strict=True):
        named = [(name, _lfw_patch(name)) for name in (*faces, *nonfaces)]
        for name in photographs:
            mined = hard_patches(_photograph(name), average_face, hard_per_photograph)
            drawn = random_patches(_photograph(name), random_per_photograph, rng)
            named += [(name, patch) for patch in (*mined, *drawn)]
        splits.append(_dataset(named, len(faces)))
    if copies:
        splits[0] = _with_moved_faces(splits[0], copies, seed)
    return Splits(*splits)


def _numbered(kind):
    return [f"{kind} {index}" for index in range(100)]


def _split(names, rng):
    """Shuffle `names` and cut them into training, validation and test."""
    names = rng.permutation(names)
    first, second = (round(share * len(names)) for share in np.cumsum(SHARES)[:2])
    return names[:first], names[first:second], names[second:]


def _lfw_patch(name):
    kind, index = name.rsplit(" ", 1)
    return _lfw_subset()[int(index) + (100 if kind == "non-face" else 0)]


@cache
def _lfw_subset():
    return skimage.data.lfw_subset()  # (200, 25, 25): 100 faces, then 100 non-faces


@cache
def _photograph(name):
    picture = getattr(skimage.data, name)()
    return grayscale(picture[0] if isinstance(picture, tuple) else picture)


def hard_patches(photograph, template, count):
    """Find the spots of a photograph that look most like a template, at several sizes.

    Parameters
    ----------
    photograph : ndarray, (H, W), float
        Grey values from 0 to 1.
    template : ndarray, (25, 25), float
        What to look for, such as an average face.
    count : int
        How many.

    Returns
    -------
    list of ndarray, (25, 25), float
        By falling normalised cross-correlation (Lewis, 1995).

    Examples
    --------
    >>> template = np.outer(np.hanning(25), np.hanning(25))
    >>> photograph = np.zeros((60, 60))
    >>> photograph[20:45, 10:35] = template
    >>> bool(np.allclose(hard_patches(photograph, template, 1)[0], template))
    True
    """
    found = []
    for size in WINDOW_SIZES if count else ():
        shape = tuple(round(edge * PATCH_SIZE / size) for edge in photograph.shape)
        if min(shape) >= PATCH_SIZE:
            found += _matches(resize(photograph, shape), template, count)
    found.sort(key=lambda match: -match[0])
    return [patch for _, patch in found[:count]]


def _matches(picture, template, count):
    likeness = match_template(picture, template)  # (H - 24, W - 24), from -1 to 1
    peaks = peak_local_max(likeness, min_distance=6, num_peaks=count, exclude_border=False)
    return [
        (likeness[top, left], picture[top : top + PATCH_SIZE, left : left + PATCH_SIZE])
        for top, left in peaks
    ]


def random_patches(photograph, count, rng):
    """Cut squares of any size from anywhere in a photograph.

    Parameters
    ----------
    photograph : ndarray, (H, W), float
        Grey values from 0 to 1.
    count : int
        How many.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    list of ndarray, (25, 25), float

    Examples
    --------
    >>> len(random_patches(np.zeros((40, 50)), 3, np.random.default_rng(0)))
    3
    """
    low, high = np.log([PATCH_SIZE, min(*photograph.shape, WINDOW_SIZES[-1])])
    patches = []
    for _ in range(count):
        size = int(np.exp(rng.uniform(low, high)))
        top, left = (rng.integers(edge - size + 1) for edge in photograph.shape)
        square = photograph[top : top + size, left : left + size]
        patches.append(resize(square, (PATCH_SIZE, PATCH_SIZE)))
    return patches


def _dataset(named, faces):
    """Turn named patches, of which the first `faces` are faces, into a data set."""
    names, patches = zip(*named, strict=True)
    labels = np.arange(len(names)) < faces
    return Dataset(to_network_input(np.stack(patches)), labels.astype(np.float32), names)


def _with_moved_faces(dataset, copies, seed):
    moved = augment(dataset.faces, copies, seed)
    sources = np.tile(dataset.sources[dataset.labels == 1], copies)
    return Dataset(
        np.concatenate([moved, dataset.images]),
        np.concatenate([np.ones(len(moved), np.float32), dataset.labels]),
        np.concatenate([sources, dataset.sources]),
    )
