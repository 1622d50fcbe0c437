"""Losses that teach embeddings: on distances, and on angles with one prototype per person."""

import numpy as np

from facebook_tut._validation import (
    LARGEST,
    check_classes,
    check_labels,
    check_names,
    check_number,
    check_numbers,
)
from facebook_tut.losses.cross_entropy import categorical_cross_entropy_from_logits


def contrastive(distances, same, margin=1.0):
    """Return 1/N Σ [y d² + (1 − y) max(0, m − d)²] / 2 over pairs of embeddings.

    Genuine pairs are drawn together; impostor pairs are pushed apart until their distance is m.

    Parameters
    ----------
    distances : array_like, (N,)
        d, the Euclidean distance of each pair.
    same : array_like, (N,)
        y: 1 for a genuine pair, 0 for an impostor pair. The paper writes 0 and 1 the other way.
    margin : float
        m, above 0.

    Returns
    -------
    float

    References
    ----------
    Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping" (2006),
    equation 4.

    Examples
    --------
    (0.5²  +  (1 − 0.8)²  +  0) / 2 / 3, the third pair being far enough apart:

    >>> round(contrastive([0.5, 0.8, 1.5], [1, 0, 0], margin=1.0), 4)
    0.0483
    """
    y = check_labels("same", same)
    d = check_numbers("distances", distances, y.shape, low=0)
    m = check_number("margin", margin, 0, LARGEST)
    return float(np.mean(y * d**2 + (1 - y) * np.maximum(0, m - d) ** 2) / 2)


def triplet(anchors, positives, negatives, margin=0.2):
    """Return 1/N Σ max(0, ‖a − p‖² − ‖a − n‖² + α) over triplets of embeddings.

    The anchor is to be nearer to the positive, of the same person, than to the negative, of
    another, and by the margin.

    Parameters
    ----------
    anchors, positives, negatives : array_like, (N, D)
        a, p and n.
    margin : float
        α, from 0; a difference of squared distances.

    Returns
    -------
    float

    References
    ----------
    Schroff, Kalenichenko and Philbin, "FaceNet: a unified embedding for face recognition and
    clustering" (2015), equation 3; the mean of the triplets instead of their sum.

    Examples
    --------
    The first negative is too near, 0.25 − 0.36 + 0.2; the second is far enough away:

    >>> round(triplet([[0.0], [0.0]], [[0.5], [0.5]], [[0.6], [1.0]], margin=0.2), 4)
    0.045
    """
    a = check_numbers("anchors", anchors, ("N", "D"))
    p = check_numbers("positives", positives, a.shape)
    n = check_numbers("negatives", negatives, a.shape)
    alpha = check_number("margin", margin, 0, LARGEST)
    to_positive, to_negative = np.sum((a - p) ** 2, axis=1), np.sum((a - n) ** 2, axis=1)  # (N,)
    return float(np.mean(np.maximum(0, to_positive - to_negative + alpha)))


def semi_hard_triplets(embeddings, identities):
    """Choose for every anchor and positive of a batch the negative that teaches most.

    That is the nearest one that is farther away than the positive: semi-hard, since it is on the
    right side and perhaps not yet by the margin. If all are nearer, it is the farthest of them; the
    hardest ones would make the network collapse to one point early in training.

    Parameters
    ----------
    embeddings : array_like, (N, D)
        A batch.
    identities : array_like, (N,)
        Who each is of.

    Returns
    -------
    ndarray, (T, 3), int
        Rows of the anchor, the positive and the negative, of all T pairs of an anchor and another
        image of its person; none for a person without any other image or a batch of one person.

    References
    ----------
    Schroff, Kalenichenko and Philbin (2015), section 3.2.

    Examples
    --------
    From 0.0, the positive 0.5 is 0.5 away, 0.6 is the next farther; from 0.5, it is nearer:

    >>> semi_hard_triplets([[0.0], [0.5], [0.6], [0.9]], ["a", "a", "b", "c"]).tolist()
    [[0, 1, 2], [1, 0, 3]]
    """
    x = check_numbers("embeddings", embeddings, ("N", "D"))
    identities = check_names("identities", identities, len(x), "embedding")
    triplets = []
    for anchor in range(len(x)):
        distances = np.sum((x - x[anchor]) ** 2, axis=1)  # (N,)
        others = np.flatnonzero(identities != identities[anchor])
        for positive in np.flatnonzero(identities == identities[anchor]):
            if positive == anchor or len(others) == 0:
                continue
            farther = others[distances[others] > distances[positive]]
            if len(farther):
                negative = farther[distances[farther].argmin()]
            else:
                negative = others[distances[others].argmax()]
            triplets.append((anchor, positive, negative))
    return np.array(triplets, dtype=int).reshape(-1, 3)


def cosface_logits(cosines, labels, scale=16.0, margin=0.2):
    """Return s (cos θ − m) for the true class, and s cos θ for the others.

    Parameters
    ----------
    cosines : array_like, (N, K)
        cos θ of each embedding with the prototype of each class, from −1 to 1.
    labels : array_like, (N,), int
        The true class of each row, from 0.
    scale : float
        s, from 0: cosines alone are too close together for a softmax to tell them apart.
    margin : float
        m, from 0.

    Returns
    -------
    ndarray, (N, K)

    References
    ----------
    Wang et al., "CosFace: large margin cosine loss for deep face recognition" (2018), equation 4.

    Examples
    --------
    >>> cosface_logits([[0.6, 0.2]], [0], scale=10.0, margin=0.3).round(4)
    array([[3., 2.]])
    """
    cosines, true = _check_cosines(cosines, labels, scale, margin, np.inf)
    return scale * (cosines - margin * true)


def arcface_logits(cosines, labels, scale=16.0, margin=0.2):
    """Return s cos(θ + m) for the true class, and s cos θ for the others.

    Beyond θ + m = π the cosine would rise again and reward what is worse. There the authors' code
    has cos θ − m sin m in its place, which keeps falling, and so has this.

    Parameters
    ----------
    cosines, labels, scale
        As in `cosface_logits`.
    margin : float
        m, an angle in radians, from 0 to π.

    Returns
    -------
    ndarray, (N, K)

    References
    ----------
    Deng, Guo, Xue and Zafeiriou, "ArcFace: additive angular margin loss for deep face recognition"
    (2019), equation 3.

    Examples
    --------
    An angle of 60°, and 30° more:

    >>> bool(abs(arcface_logits([[0.5, 0.2]], [0], scale=10.0, margin=np.pi / 6)[0, 0]) < 1e-9)
    True
    """
    cosines, true = _check_cosines(cosines, labels, scale, margin, np.pi)
    angles = np.arccos(cosines)
    beyond = cosines - margin * np.sin(margin)
    moved = np.where(angles + margin < np.pi, np.cos(angles + margin), beyond)
    return scale * np.where(true, moved, cosines)


def normalised_softmax(cosines, labels, scale=16.0):
    """Return the cross-entropy of softmax(s cos θ): both losses below with no margin.

    Parameters
    ----------
    cosines, labels, scale
        As in `cosface_logits`.

    Returns
    -------
    float

    References
    ----------
    Wang, Xiang, Cheng and Yuille, "NormFace: L2 hypersphere embedding for face verification"
    (2017), section 3.3.

    Examples
    --------
    Logits 1 and 0, so −log of e / (e + 1):

    >>> round(normalised_softmax([[1.0, 0.0]], [0], scale=1.0), 4)
    0.3133
    """
    return cosface(cosines, labels, scale, margin=0.0)


def cosface(cosines, labels, scale=16.0, margin=0.2):
    """Return the categorical cross-entropy of `cosface_logits`.

    Parameters
    ----------
    cosines, labels, scale, margin
        As in `cosface_logits`.

    Returns
    -------
    float

    References
    ----------
    Wang et al. (2018), equation 4.

    Examples
    --------
    Logits 10 × (0.6 − 0.3) and 10 × 0.2, which are 1 apart:

    >>> round(cosface([[0.6, 0.2]], [0], scale=10.0, margin=0.3), 4)
    0.3133
    """
    logits = cosface_logits(cosines, labels, scale, margin)
    return categorical_cross_entropy_from_logits(_one_hot(labels, logits.shape[1]), logits)


def arcface(cosines, labels, scale=16.0, margin=0.2):
    """Return the categorical cross-entropy of `arcface_logits`.

    Parameters
    ----------
    cosines, labels, scale, margin
        As in `arcface_logits`.

    Returns
    -------
    float

    References
    ----------
    Deng et al. (2019), equation 3.

    Examples
    --------
    Logits 2 × cos(0° + 60°) and 0, which are 1 apart:

    >>> round(arcface([[1.0, 0.0]], [0], scale=2.0, margin=np.pi / 3), 4)
    0.3133
    """
    logits = arcface_logits(cosines, labels, scale, margin)
    return categorical_cross_entropy_from_logits(_one_hot(labels, logits.shape[1]), logits)


def _check_cosines(cosines, labels, scale, margin, largest_margin):
    """Return the cosines, and in their shape whether the class is the true one of the row."""
    rounding = 1e-6
    cosines = check_numbers("cosines", cosines, ("N", "K"), -1 - rounding, 1 + rounding)
    labels = check_classes("labels", labels, *cosines.shape)
    check_number("scale", scale, 0, LARGEST)
    check_number("margin", margin, 0, min(largest_margin, LARGEST))
    return np.clip(cosines, -1, 1), _one_hot(labels, cosines.shape[1]).astype(bool)


def _one_hot(labels, classes):
    return np.eye(classes)[np.asarray(labels)]  # (N, K)
