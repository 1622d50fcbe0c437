"""Probabilistic linear discriminant analysis: which directions tell people apart, and how well.

A feature vector is modelled as x = μ + y + ε: y is the person's, the same on all their photographs,
ε is the photograph's. Both are normal; their covariances are Σ_b (between people) and Σ_w (within).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from sklearn.preprocessing import normalize

from facebook_tut._validation import check_names, check_number, check_numbers


@dataclass(frozen=True, eq=False)
class PLDA:
    """What `fit_plda` found.

    Attributes
    ----------
    mean : ndarray, (D,)
        μ, the mean of the people.
    directions : ndarray, (D, K)
        v_k, along each of which photographs of one person have variance 1, uncorrelated.
    ratios : ndarray, (K,)
        λ_k, the variance between people along each direction, falling.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> people = np.repeat(np.arange(500), 2)
    >>> features = rng.normal(size=(500, 3))[people] * (3, 1, 0) + rng.normal(size=(1000, 3))
    >>> model = fit_plda(features, people, dimensions=2, shrinkage=0)
    >>> model.ratios.round(), model.embed(features).shape
    (array([8., 1.]), (1000, 2))
    """

    mean: np.ndarray
    directions: np.ndarray
    ratios: np.ndarray

    def project(self, features):
        """Return the coordinates of features along the directions.

        Parameters
        ----------
        features : array_like, (N, D)
            One photograph a row.

        Returns
        -------
        ndarray, (N, K)
            Within a person of covariance 1, between people of covariance diag(λ).
        """
        features = check_numbers("features", features, ("N", len(self.mean)))
        return (features - self.mean) @ self.directions

    def embed(self, features):
        """Return embeddings, to be compared by cosine.

        Each coordinate is scaled until its variance over all photographs is λ: what two photographs
        of one person share counts, what differs between them counts for little.

        Parameters
        ----------
        features : array_like, (N, D)
            As in `project`.

        Returns
        -------
        ndarray, (N, K)
            Of length 1.
        """
        return normalize(self.project(features) * np.sqrt(self.ratios / (1 + self.ratios)))

    def log_likelihood_ratio(self, left, right):
        """Return log p(left, right | one person) − log p(left, right | two people), of each pair.

        Parameters
        ----------
        left, right : array_like, (N, D)
            As in `project`: row n of both is pair n.

        Returns
        -------
        ndarray, (N,)
            In nats; above 0 where one person is the likelier, if both are equally frequent.
        """
        left = check_numbers("left", left, ("N", len(self.mean)))
        right = check_numbers("right", right, left.shape)
        a, b = self.project(left), self.project(right)
        between, total = self.ratios, 1 + self.ratios
        determinant = total**2 - between**2  # of [[total, between], [between, total]]
        two = (a**2 + b**2) / total + 2 * np.log(total)
        one = (total * (a**2 + b**2) - 2 * between * a * b) / determinant + np.log(determinant)
        return (two - one).sum(axis=1) / 2


def fit_plda(features, identities, *, dimensions=None, shrinkage=0.1):
    """Estimate the model from photographs of people: closed form, no iteration.

    Σ_w is the scatter of photographs about their person's mean, pooled over people. The means
    scatter by Σ_b and, since each is of n_i photographs only, by Σ_w / n_i on top, which is taken
    off. The directions solve Σ_b v = λ Σ_w v.

    Parameters
    ----------
    features : array_like, (N, D)
        One photograph a row; D well below N, so take principal components of longer ones first.
    identities : array_like, (N,)
        Who is on each: numbers or names. People with one photograph help to estimate Σ_b.
    dimensions : int, optional
        K, how many directions are kept; all on which people differ if not given.
    shrinkage : float
        Share of the mean variance within a person that is added to Σ_w in every direction.

    Returns
    -------
    PLDA

    Raises
    ------
    ValueError
        If the photographs determine no Σ_w.

    References
    ----------
    Ioffe, "Probabilistic linear discriminant analysis" (2006). Chen, Cao, Wang, Wen and Sun,
    "Bayesian face revisited: a joint formulation" (2012).

    Examples
    --------
    >>> model = fit_plda([[0.0], [2.0], [10.0], [12.0]], ["a", "a", "b", "b"], shrinkage=0)
    >>> model.mean, model.ratios  # Σ_w = 2; the means scatter by 50, of which 2 / 2 is Σ_w's
    (array([6.]), array([24.5]))
    """
    features = check_numbers("features", features, ("N", "D")).astype(np.float64)
    identities = check_names("identities", identities, len(features), "row of features")
    check_number("shrinkage", shrinkage, 0, 1e6)
    if dimensions is not None:
        check_number("dimensions", dimensions, 1, features.shape[1], integer=True)
    means, within, between = _covariances(features, identities)
    ridge = shrinkage * np.trace(within) / len(within)
    try:
        ratios, directions = eigh(between, within + ridge * np.eye(len(within)))
    except np.linalg.LinAlgError:
        raise ValueError(
            f"features of {within.shape[0]} numbers must vary within people in every direction:"
            " give more photographs, fewer numbers, or a shrinkage above 0"
        ) from None
    kept = np.argsort(-ratios, kind="stable")[:dimensions]
    kept = kept[ratios[kept] > 0]
    return PLDA(means.mean(axis=0), directions[:, kept], ratios[kept])


def _covariances(features, identities):
    """Return the mean of each person (P, D), Σ_w and Σ_b (D, D)."""
    _, person, counts = np.unique(identities, return_inverse=True, return_counts=True)
    if len(counts) < 2 or counts.max() < 2:
        raise ValueError(
            "identities must be of two or more people, and one of them must have two photographs"
        )
    means = np.zeros((len(counts), features.shape[1]))
    np.add.at(means, person, features)
    means /= counts[:, None]
    off = features - means[person]
    within = off.T @ off / (len(features) - len(counts))
    between = np.cov(means, rowvar=False, ddof=1).reshape(within.shape) - within * np.mean(
        1 / counts
    )
    return means, within, between
