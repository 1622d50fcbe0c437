"""The method `fisher` of lfw: Fisher vectors, PLDA, and scores against strangers.

Nothing here goes down a gradient. The Fisher vectors of shape and of colour are reduced to their
principal components; PLDA makes an embedding of each kind, and both stand side by side in one. The
score of a pair is its cosine, measured against the cosines with those of the training people who
are most like its faces. Principal components and PLDA are learned by each training anew. The
mixtures, which are learned without names, are two in View 2: that for folds 1 to 5 is learned from
the people of folds 6 to 10, and the other way round.
"""

from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar

import numpy as np
from _machine import CORES
from sklearn.decomposition import PCA
from sklearn.preprocessing import normalize

from facebook_tut import evaluation
from facebook_tut._files import replacing
from facebook_tut.data.lfw import photos_of
from facebook_tut.fisher import FisherEncoder
from facebook_tut.plda import fit_plda
from lfw import recipe

BOX, SIZE = (0.22, 0.24, 0.83, 0.76), (160, 136)
PART = 1000  # photographs that are encoded between two files


@dataclass(frozen=True)
class Recipe(recipe.Recipe):
    """The numbers of Fisher vectors and PLDA.

    Attributes
    ----------
    modes : int
        Gaussians of a mixture.
    components : int
        Principal components.
    shrinkage : float
        Of PLDA.
    nearest : int
        Strangers per face.
    colour : float
        Weight of colour beside shape.
    """

    modes: int = 256
    components: int = 600
    shrinkage: float = 0.1
    nearest: int = 100
    colour: float = 0.7

    CHECKS: ClassVar = {
        **recipe.Recipe.CHECKS,
        **dict.fromkeys(("modes", "components", "nearest"), recipe.whole),
        "shrinkage": recipe.between(0, 1e6),
        "colour": recipe.between(0, 1e6),
    }

    def record(self):
        """Return what a record says of the recipe."""
        return {**super().record(), "box": BOX, "size": SIZE}


def run(data, experiment, chosen, kept):
    """Return the scores of an experiment's pairs, and how they came about."""
    embeddings, details = embed(data, experiment, chosen, kept)
    start = perf_counter()
    names = [photo.name for photo in photos_of(experiment.people)]
    scores = pair_scores(embeddings, names, experiment.pairs, chosen.nearest)
    details["seconds"] = round(details["seconds"] + perf_counter() - start, 1)
    return scores, {"people": len(experiment.people), "images": len(names), **details}


def embed(data, experiment, chosen, kept):
    """Return embeddings, and how they came about.

    The first embeddings are of the training people's photographs, then come those of the pairs. The
    seconds of encoding are the group's, whatever the number of its experiments.
    """
    known, group = photos_of(experiment.people), experiment.group
    row = {photo: number for number, photo in enumerate(group.photos)}
    rows = [row[photo] for photo in [*known, *experiment.pairs.photos]]
    embeddings, details = [], {"parameters": 0, "seconds": 0.0, "encoding_seconds": 0.0}
    for kind, weight in {"shape": 1.0, "colour": chosen.colour}.items():
        vectors, seconds = fisher_vectors(data, group, kind, chosen, kept)
        start = perf_counter()
        learned, numbers = fit([photo.name for photo in known], vectors[rows], chosen)
        embeddings.append(weight * learned)
        details["parameters"] += numbers
        details["seconds"] += perf_counter() - start
        details["encoding_seconds"] += round(seconds, 1)
    return normalize(np.hstack(embeddings)), details


def fisher_vectors(data, group, kind, chosen, kept):
    """Return the Fisher vectors of a group's photographs, (N, L) float16, and the seconds it took.

    They are made once and kept, in parts, each with its seconds.
    """
    name, encoder, parts = f"{group.name}_{kind}_{chosen.modes}_{chosen.seed}", None, []
    for first in range(0, len(group.photos), PART):
        path = kept / f"{name}_{first:05d}.npz"
        if not path.is_file():
            start = perf_counter()
            encoder = encoder or fit_encoder(data, group, kind, chosen)
            photos = group.photos[first : first + PART]
            vectors = encoder.encode(images(data, photos), jobs=CORES).astype(np.float16)
            with replacing(path, overwrite=True) as temporary:
                np.savez(temporary, vectors=vectors, seconds=perf_counter() - start)
        with np.load(path) as part:
            parts.append((part["vectors"], float(part["seconds"])))
    vectors, seconds = zip(*parts, strict=True)
    return np.concatenate(vectors), sum(seconds)


def fit_encoder(data, group, kind, chosen):
    """Return an encoder that has learned from the people of a group."""
    encoder = FisherEncoder(kind, modes=chosen.modes, seed=chosen.seed)
    return encoder.fit(images(data, photos_of(group.people)))


def images(data, photos):
    """Return the faces of photographs, (N, 160, 136, 3) uint8."""
    return data.images(photos, box=BOX, size=SIZE)


def fit(names, vectors, chosen):
    """Return embeddings of vectors, the first of which are of `names`, and how many numbers map."""
    vectors = vectors.astype(np.float32)
    known = vectors[: len(names)]
    components = min(chosen.components, len(known) - 1)
    pca = PCA(components, svd_solver="randomized", random_state=chosen.seed).fit(known)
    coordinates = pca.transform(vectors)
    plda = fit_plda(coordinates[: len(names)], names, shrinkage=chosen.shrinkage)
    return plda.embed(coordinates), vectors.shape[1] * len(plda.ratios)


def pair_scores(embeddings, names, pairs, nearest):
    """Return the score of each pair, with the training people as the cohort.

    The first embeddings are of the training people, in the order of `names`, then come the pairs'.
    """
    people, person = np.unique(names, return_inverse=True)
    cohort = np.zeros((len(people), embeddings.shape[1]))
    np.add.at(cohort, person, embeddings[: len(names)])
    left, right = (embeddings[len(names) + rows] for rows in pairs.rows(pairs.photos))
    return evaluation.normalised_pair_scores(left, right, cohort, min(nearest, len(cohort)))
