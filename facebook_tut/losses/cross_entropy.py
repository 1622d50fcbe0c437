"""Cross-entropy of two classes and of many, from probabilities and from logits."""

import numpy as np

from facebook_tut._validation import check_number, check_numbers
from facebook_tut.layers import sigmoid, softmax

EPSILON = 1e-7  # how near to 0 and 1 a probability may come before its logarithm, as in Keras


def binary_cross_entropy(labels, probabilities):
    """Return −1/N Σ [y log ŷ + (1 − y) log(1 − ŷ)].

    Parameters
    ----------
    labels : array_like, (N,)
        y: 1 for a face, 0 for anything else, or between them (see `smooth_labels`).
    probabilities : array_like, (N,)
        ŷ, from 0 to 1; clipped to [1e-7, 1 − 1e-7], as in Keras.

    Returns
    -------
    float
        In nats; 0 is perfect, and 0.69 is what "one half" always gets.

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning" (2006), equation 4.90.

    Examples
    --------
    >>> round(binary_cross_entropy([1, 0], [0.9, 0.2]), 4)
    0.1643
    """
    y, p = _check_binary(labels, probabilities)
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def binary_cross_entropy_gradient(labels, probabilities):
    """Return the gradient of `binary_cross_entropy` by the probabilities, (ŷ − y) / (ŷ (1 − ŷ) N).

    Parameters
    ----------
    labels, probabilities
        As for `binary_cross_entropy`. Where a probability is clipped, its gradient is 0.

    Returns
    -------
    ndarray, (N,)

    Examples
    --------
    >>> binary_cross_entropy_gradient([1, 0], [0.5, 0.2])
    array([-1.   ,  0.625])
    """
    y, p = _check_binary(labels, probabilities)
    inside = (p >= EPSILON) & (p <= 1 - EPSILON)
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return inside * (p - y) / (p * (1 - p)) / len(p)


def binary_cross_entropy_from_logits(labels, logits):
    """Return the same loss from logits z with ŷ = sigmoid(z), exact however large they are.

    Written as ``max(z, 0) − z y + log(1 + exp(−|z|))``, no exponential overflows and no
    logarithm meets 0.

    Parameters
    ----------
    labels : array_like, (N,)
        y, from 0 to 1.
    logits : array_like, (N,)
        z, any real numbers.

    Returns
    -------
    float

    Examples
    --------
    >>> binary_cross_entropy_from_logits([1, 0], [1e4, 1e4])
    5000.0
    """
    y, z = _check_logits(labels, logits)
    return float(np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))))


def binary_cross_entropy_from_logits_gradient(labels, logits):
    """Return the gradient of that loss by the logits: (sigmoid(z) − y) / N.

    Parameters
    ----------
    labels, logits
        As for `binary_cross_entropy_from_logits`.

    Returns
    -------
    ndarray, (N,)

    Examples
    --------
    >>> binary_cross_entropy_from_logits_gradient([1, 0], [-1e4, 0.0])
    array([-0.5 ,  0.25])
    """
    y, z = _check_logits(labels, logits)
    return (sigmoid(z) - y) / len(z)


def categorical_cross_entropy(labels, probabilities):
    """Return −1/N Σ Σ y log ŷ: over the images, and over the K classes.

    Parameters
    ----------
    labels : array_like, (N, K)
        y: 1 for the class of the image and 0 for the others, or a distribution.
    probabilities : array_like, (N, K)
        ŷ, each row a distribution; clipped to [1e-7, 1 − 1e-7], as in Keras.

    Returns
    -------
    float

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning" (2006), equation 4.108.

    Examples
    --------
    >>> round(categorical_cross_entropy([[0, 1, 0]], [[0.2, 0.5, 0.3]]), 4)
    0.6931
    """
    y, p = _check_categorical(labels, "probabilities", probabilities)
    _check_rows("probabilities", p)
    return float(-np.mean(np.sum(y * np.log(np.clip(p, EPSILON, 1 - EPSILON)), axis=1)))


def categorical_cross_entropy_gradient(labels, probabilities):
    """Return the gradient of `categorical_cross_entropy` by the probabilities: −y / (ŷ N).

    Parameters
    ----------
    labels, probabilities
        As for `categorical_cross_entropy`. Where a probability is clipped, its gradient is 0.

    Returns
    -------
    ndarray, (N, K)

    Examples
    --------
    >>> categorical_cross_entropy_gradient([[0, 1]], [[0.5, 0.5]])
    array([[-0., -2.]])
    """
    y, p = _check_categorical(labels, "probabilities", probabilities)
    _check_rows("probabilities", p)
    inside = (p >= EPSILON) & (p <= 1 - EPSILON)
    return np.where(inside, -y / np.clip(p, EPSILON, 1 - EPSILON), 0) / len(p)


def categorical_cross_entropy_from_logits(labels, logits):
    """Return the same loss from logits z with ŷ = softmax(z), exact however large they are.

    Written as ``log Σ exp(z) − Σ y z``, with the largest logit taken out of the sum first.

    Parameters
    ----------
    labels : array_like, (N, K)
        y, each row a distribution.
    logits : array_like, (N, K)
        z, any real numbers.

    Returns
    -------
    float

    Examples
    --------
    >>> categorical_cross_entropy_from_logits([[1, 0]], [[-1e4, 1e4]])
    20000.0
    """
    y, z = _check_categorical(labels, "logits", logits)
    z = z - z.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(np.mean(np.sum(y * (log_sum - z), axis=1)))


def categorical_cross_entropy_from_logits_gradient(labels, logits):
    """Return the gradient of that loss by the logits: (softmax(z) − y) / N.

    Parameters
    ----------
    labels, logits
        As for `categorical_cross_entropy_from_logits`.

    Returns
    -------
    ndarray, (N, K)

    Examples
    --------
    >>> categorical_cross_entropy_from_logits_gradient([[1, 0]], [[0.0, 0.0]])
    array([[-0.5,  0.5]])
    """
    y, z = _check_categorical(labels, "logits", logits)
    return (softmax(z) - y) / len(z)


def smooth_labels(labels, amount):
    """Return labels that claim less: a share of each is spread over all classes alike.

    Parameters
    ----------
    labels : array_like, (N,) or (N, K)
        Of two classes, or a distribution over K.
    amount : float
        The share, from 0 to 1.

    Returns
    -------
    ndarray
        y (1 − amount) + amount / K, with K = 2 for (N,).

    References
    ----------
    Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception architecture for
    computer vision" (2016), section 7.

    Examples
    --------
    >>> smooth_labels([0, 1], 0.1)
    array([0.05, 0.95])
    """
    amount = check_number("amount", amount, 0, 1)
    labels = check_numbers("labels", labels, low=0, high=1)
    check_numbers("labels", labels, ("N", "K") if labels.ndim == 2 else ("N",))
    classes = labels.shape[1] if labels.ndim == 2 else 2
    return labels * (1 - amount) + amount / classes


def _check_binary(labels, probabilities):
    """Return both as vectors of equal length with values from 0 to 1."""
    y = check_numbers("labels", labels, ("N",), low=0, high=1)
    return y, check_numbers("probabilities", probabilities, y.shape, low=0, high=1)


def _check_logits(labels, logits):
    """Return both as vectors of equal length, the labels from 0 to 1."""
    y = check_numbers("labels", labels, ("N",), low=0, high=1)
    return y, check_numbers("logits", logits, y.shape)


def _check_categorical(labels, name, predictions):
    """Return both as arrays of equal shape (N, K), the rows of the labels distributions."""
    y = check_numbers("labels", labels, ("N", "K"))
    _check_rows("labels", y)
    return y, check_numbers(name, predictions, y.shape)


def _check_rows(name, rows):
    """Check that each row is a distribution."""
    sums = check_numbers(name, rows, rows.shape, low=0, high=1).sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-3):
        raise ValueError(
            f"{name} must sum to 1 in each row, got sums {sums.min():.4g} to {sums.max():.4g}"
        )
