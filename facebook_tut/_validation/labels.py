"""Labels, one per image."""

import numpy as np

from facebook_tut._validation.arrays import as_array
from facebook_tut._validation.values import check_one_per


def check_labels(name, labels, length=None):
    """Return `labels` as float32 if they are a vector of zeros and ones.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    labels : array_like, (N,)
        1 for a face, 0 for a non-face.
    length : int, optional
        The wanted N.

    Returns
    -------
    ndarray, (N,), float32

    Examples
    --------
    >>> check_labels("labels", [0, 1, 2])
    Traceback (most recent call last):
        ...
    ValueError: labels must hold only 0 and 1, got 2
    """
    labels = as_array(name, labels)
    if labels.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold only 0 and 1, got dtype {labels.dtype}")
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"{name} must have shape (N,) with N >= 1, got {labels.shape}")
    wrong = labels[~np.isin(labels, (0, 1))]
    if wrong.size:
        raise ValueError(f"{name} must hold only 0 and 1, got {wrong[0]}")
    if length is not None:
        check_one_per(name, labels, length, "image")
    return labels.astype(np.float32, copy=False)
