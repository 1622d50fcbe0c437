"""Non-maximum suppression: of boxes that overlap, the best stays."""

import numpy as np

from facebook_tut._validation import check_number, check_numbers
from facebook_tut.detection.windows import intersection_over_union


def non_maximum_suppression(boxes, scores, overlap=0.5):
    """Drop every box that overlaps a better one: greedy non-maximum suppression.

    Parameters
    ----------
    boxes : array_like, (K, 4)
        ``(top, left, bottom, right)``.
    scores : array_like, (K,)
        How good each is.
    overlap : float
        Intersection over union above which the worse of two boxes goes.

    Returns
    -------
    ndarray, (L,), int
        Which boxes are left, the best first.

    Examples
    --------
    >>> boxes = [[0, 0, 10, 10], [0, 2, 10, 12], [50, 50, 60, 60]]
    >>> non_maximum_suppression(boxes, [0.8, 0.9, 0.7])
    array([1, 2])
    """
    if np.size(boxes) == np.size(scores) == 0:
        return np.empty(0, int)
    boxes = check_numbers("boxes", boxes, ("K", 4))
    scores = check_numbers("scores", scores, (len(boxes),))
    check_number("overlap", overlap, 0, 1)
    left, rest = [], np.argsort(-scores, kind="stable")
    while rest.size:
        best, rest = rest[0], rest[1:]
        left.append(best)
        rest = rest[intersection_over_union(boxes[best], boxes[rest]) <= overlap]
    return np.array(left, int)
