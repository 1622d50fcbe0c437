"""Finding what is wrong in a collection of faces: names that do not fit, pictures that come twice.
"""

import numpy as np

from facebook_tut._validation import check_array


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

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

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
    embeddings = check_array("embeddings", embeddings, ("N", "D")).astype(float)
    identities = np.asarray(identities)
    if identities.shape != embeddings.shape[:1]:
        raise ValueError(
            f"identities must have shape ({len(embeddings)},), one per row of embeddings,"
            f" got {identities.shape}"
        )
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
