"""Finding what is wrong in a collection of faces: wrong names, copies, pictures of little use."""

import numpy as np

from facebook_tut._validation import (
    check_names,
    check_number,
    check_numbers,
    check_pictures,
    check_seed,
)
from facebook_tut.augmentation import vary
from facebook_tut.preprocessing.copies import HASH_EDGE, close_hashes, grey_detail, hash_bits


def name_margins(embeddings, identities):
    """Return how much better each image fits its own name than the best of the others.

    An image fits a name as well as its embedding's cosine with the mean embedding of the images of
    that name; its own is left out of the mean.

    Parameters
    ----------
    embeddings : ndarray, (N, D), float
        Rows of length 1.
    identities : array_like, (N,)
        The name of each image, right or wrong. Two names at least.

    Returns
    -------
    ndarray, (N,), float
        From −2 to 2. Below 0, another name fits better: look at the image. NaN if no other image
        has the name.

    References
    ----------
    Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels"
    (2021), whose self-confidence this is with cosines for probabilities.

    Examples
    --------
    >>> embeddings = np.array([[1.0, 0.0], [0.96, 0.28], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    >>> name_margins(embeddings, ["Ann", "Ann", "Bea", "Bea", "Bea"]).round(2).tolist()
    [0.51, 0.28, 0.57, 0.57, -0.99]
    """
    embeddings = check_numbers("embeddings", embeddings, ("N", "D")).astype(float)
    identities = check_names("identities", identities, len(embeddings), "row of embeddings")
    names, name = np.unique(identities, return_inverse=True)
    if len(names) < 2:
        raise ValueError(f"identities must hold two names at least, got {len(names)}")
    mine = name[:, np.newaxis] == np.arange(len(names))  # (N, K)
    sums = mine.T.astype(float) @ embeddings  # (K, D)
    lengths = np.maximum(np.linalg.norm(sums, axis=1), 1e-12)
    others = np.where(mine, -np.inf, embeddings @ (sums / lengths[:, np.newaxis]).T).max(axis=1)
    rest = sums[name] - embeddings  # (N, D), without the image itself
    with np.errstate(invalid="ignore"):
        own = np.sum(embeddings * rest, axis=1) / np.linalg.norm(rest, axis=1)
    return np.where(mine.sum(axis=0)[name] > 1, own, np.nan) - others


def difference_hash(images):
    """Return 64 bits of each image that survive small changes of size, light and file.

    The image is shrunk to 8 rows of 9 grey values. A bit says whether a value is brighter than its
    left neighbour, so that brightness and contrast drop out.

    Parameters
    ----------
    images : ndarray, (N, H, W, 3), float or uint8
        Floats from 0 to 1, or 8-bit integers.

    Returns
    -------
    ndarray, (N, 64), bool

    References
    ----------
    Krawetz, "Kind of like that" (2013), where it is called dHash.

    Examples
    --------
    >>> bright_at_right = np.linspace(0, 1, 18)[:, np.newaxis] * np.ones((1, 16, 18, 3))
    >>> [int(difference_hash(x * bright_at_right).sum()) for x in (1, 0.5)]
    [64, 64]
    """
    return hash_bits(check_pictures("images", images))


def near_duplicates(images, others=None, *, distance=10, correlation=0.95):
    """Find pairs of images that are copies of each other, but for size, light or file.

    Hashes that differ in few bits name the candidates. The correlation of their grey values, shrunk
    to 32×32, decides; a copy that was cropped by a few pixels has about 0.85. A mirrored copy is
    found by giving ``images[:, :, ::-1]`` as `others`.

    Parameters
    ----------
    images : ndarray, (N, H, W, 3), float or uint8
        Floats from 0 to 1, or 8-bit integers.
    others : ndarray, (M, h, w, 3), float or uint8, optional
        Images to compare with, as those of a test with those of a training. If not given, `images`
        are compared with one another.
    distance : int
        Largest number of the 64 bits that may differ.
    correlation : float
        Smallest correlation of copies.

    Returns
    -------
    ndarray, (P, 2), int
        The rows of each pair in `images` and in `others`, in order; without `others` each pair
        once.

    Examples
    --------
    >>> from facebook_tut.corruption import compress
    >>> from facebook_tut.data.synthetic import sample_people
    >>> images = sample_people(5, 2, seed=0).images
    >>> near_duplicates(images, [compress(images[3], 50)]).tolist()
    [[3, 0]]
    """
    check_number("distance", distance, 0, HASH_EDGE**2, integer=True)
    check_number("correlation", correlation, -1, 1)
    alone = others is None
    others = images if alone else check_pictures("others", others)
    rows = close_hashes(difference_hash(images), difference_hash(others), distance)
    rows = rows[rows[:, 0] < rows[:, 1]] if alone else rows
    left, right = (_detail(each, rows[:, side]) for side, each in enumerate((images, others)))
    return rows[(left * right).sum(axis=1) >= correlation]


def _detail(images, rows):
    """Return the grey detail of some images; of images that come twice it is made once."""
    if not len(rows):
        return np.empty((0, 0))
    chosen, back = np.unique(rows, return_inverse=True)
    return grey_detail([images[row] for row in chosen])[back]


def stability(model, images, *, copies=8, seed=0):
    """Return how little a network's embedding of each image changes if the image is varied a bit.

    Of an image that shows enough of a face, shifted, mirrored, brighter and darker copies have
    nearly the same embedding. The mean of n vectors of length 1 has a squared length of
    (1 + (n − 1) c) / n if their mean cosine is c.

    Parameters
    ----------
    model : keras.Model
        From (N, H, W, C) images to (N, D) embeddings of length 1.
    images : ndarray, (N, H, W, C), float or uint8
        Floats from 0 to 1, or 8-bit integers.
    copies : int
        n, how many variations of each image, as `augmentation.vary` draws them.
    seed : int
        Of the variations.

    Returns
    -------
    ndarray, (N,), float
        The mean cosine c of two copies, at most 1: a measure of quality that knows the network.

    References
    ----------
    Terhörst, Kolf, Damer, Kirchbuchner and Kuijper, "SER-FIQ: unsupervised estimation of face image
    quality based on stochastic embedding robustness" (2020), who vary the network instead.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> stability(build_embedder(16), np.zeros((2, 64, 64, 3)), copies=2).shape
    (2,)
    """
    from facebook_tut.metric_learning import embed

    check_number("copies", copies, 2, 1000, integer=True)
    rng = np.random.default_rng(check_seed("seed", seed))
    images = check_pictures("images", images)
    floats = images / np.float32(255) if images.dtype == np.uint8 else images.astype(np.float32)
    total = sum(embed(model, vary(floats, rng), mirror=False) for _ in range(copies))  # (N, D)
    return ((total**2).sum(axis=1) / copies - 1) / (copies - 1)
