"""Eigenfaces (Turk and Pentland, 1991), which stand beside every method."""

import numpy as np
from sklearn.decomposition import PCA

from facebook_tut import evaluation
from facebook_tut.data.lfw import photos_of
from facebook_tut.preprocessing import grayscale

COMPONENTS = 150
BOX, SIZE = (0.32, 0.34, 0.72, 0.66), 40
RECIPE = {"components": COMPONENTS, "box": BOX, "size": SIZE}


def run(data, experiment, seed):
    """Return the scores of an experiment's pairs."""
    pairs = experiment.pairs
    photos, seen = photos_of(experiment.people, at_least=2), pairs.photos
    components = whitened_components(data, photos, seen, seed)
    return evaluation.pair_scores(*(components[rows] for rows in pairs.rows(seen)))


def whitened_components(data, photos, tests, seed):
    """Return the coordinates of the photographs `tests` on the eigenfaces of `photos`."""
    known, new = (brightness(data, which) for which in (photos, tests))
    return fit(known, seed).transform(new)  # (N, 150), on `known` of unit variance


def fit(known, seed):
    """Return the eigenfaces of grey values, one row each, as scikit-learn's PCA."""
    components = min(COMPONENTS, len(known) - 1)
    pca = PCA(components, whiten=True, svd_solver="randomized", random_state=seed)
    return pca.fit(known)


def brightness(data, photos):
    """Return the grey values of photographs, one row each, (N, H·W) float32."""
    images = data.images(photos, box=BOX, size=SIZE)
    return np.stack([grayscale(image).ravel().astype(np.float32) for image in images])
