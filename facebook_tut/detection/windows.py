"""Finding faces in a photograph: slide a window over it, classify each, keep what agrees."""

from dataclasses import dataclass

import numpy as np
from skimage.util import view_as_windows

from facebook_tut._validation import check_number
from facebook_tut.preprocessing import PATCH_SIZE, grayscale, resize, to_network_input

SMALLEST = 1 / 6.4  # of the photograph's shorter edge: the smallest face looked for
GROWTH = 1.25  # each window size is so many times the one before


@dataclass(frozen=True)
class Detection:
    """A square where a face was found.

    Attributes
    ----------
    top, left, size : float
        In pixels of the photograph.
    score : float
        The classifier's highest probability there, from 0 to 1; always 1 from a cascade.
    votes : float
        Sum of the probabilities of all windows that agree on it.
    landmarks : tuple of five pairs of float, optional
        ``(x, y)`` in pixels, as in `alignment.align`: left eye, right eye, nose, left and right
        corner of the mouth. None from a detector that does not find them.
    """

    top: float
    left: float
    size: float
    score: float
    votes: float
    landmarks: tuple | None = None

    @property
    def box(self):
        """``(top, left, bottom, right)`` in pixels."""
        return self.top, self.left, self.top + self.size, self.left + self.size


def window_sizes(shape):
    """List the window sizes to try on a photograph: from a sixth of its shorter edge to all of it.

    Parameters
    ----------
    shape : tuple of int
        ``(H, W)`` of the photograph.

    Returns
    -------
    list of float
        Edges in pixels.

    Examples
    --------
    >>> window_sizes((512, 600))[:3]
    [80.0, 100.0, 125.0]
    """
    size, sizes = max(min(shape) * SMALLEST, PATCH_SIZE), []
    while size <= min(shape):
        sizes.append(size)
        size *= GROWTH
    return sizes


def sliding_windows(picture, sizes=None, step=3):
    """Cut square windows out of a photograph, at several sizes.

    Instead of a larger window on the photograph, the same small one slides over a smaller copy:
    the image pyramid of Rowley, Baluja and Kanade (1998, section 2).

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3), float or uint8
        The photograph, in colour as red, green, blue.
    sizes : sequence of float, optional
        Edges of the windows in pixels; those that do not fit are left out. See `window_sizes`.
    step : int
        Pixels from one window to the next in the scaled copy, where a window has 25.

    Returns
    -------
    patches : ndarray, (K, 25, 25), float
        The windows, grey, scaled.
    boxes : ndarray, (K, 4), float
        ``(top, left, bottom, right)`` of each in pixels of the photograph.

    Raises
    ------
    ValueError
        If no window fits.

    Examples
    --------
    >>> patches, boxes = sliding_windows(np.zeros((100, 130)), sizes=(100,), step=1)
    >>> patches.shape, boxes[1].tolist()
    ((8, 25, 25), [0.0, 4.0, 100.0, 104.0])
    """
    grey = grayscale(picture)
    check_number("step", step, 1, PATCH_SIZE, integer=True)
    sizes = window_sizes(grey.shape) if sizes is None else sizes
    sizes = [size for size in sizes if PATCH_SIZE <= size <= min(grey.shape)]
    if not sizes:
        raise ValueError(f"picture must be large enough for a window, got {grey.shape}")
    levels = [_windows_of_one_size(grey, size, step) for size in sizes]
    patches, boxes = zip(*levels, strict=True)
    return np.concatenate(patches), np.concatenate(boxes)


def _windows_of_one_size(grey, size, step):
    scale = PATCH_SIZE / size
    small = resize(grey, tuple(round(edge * scale) for edge in grey.shape))  # (h, w)
    patches = view_as_windows(small, (PATCH_SIZE, PATCH_SIZE), step)  # (rows, columns, 25, 25)
    corners = np.indices(patches.shape[:2]).reshape(2, -1).T * (step / scale)  # (K, 2)
    return patches.reshape(-1, PATCH_SIZE, PATCH_SIZE), np.hstack([corners, corners + size])


def intersection_over_union(box, boxes):
    """Return how much a box shares with others: 0 for nothing, 1 for the same box.

    Parameters
    ----------
    box : array_like, (4,)
        ``(top, left, bottom, right)``.
    boxes : array_like, (K, 4)
        The others.

    Returns
    -------
    ndarray, (K,), float
        Area in common by area of the union.

    Examples
    --------
    >>> intersection_over_union([0, 0, 2, 2], [[0, 0, 2, 2], [0, 1, 2, 3], [5, 5, 6, 6]]).round(2)
    array([1.  , 0.33, 0.  ])
    """
    box, boxes = np.asarray(box, float), np.asarray(boxes, float)
    top_left = np.maximum(box[:2], boxes[:, :2])
    bottom_right = np.minimum(box[2:], boxes[:, 2:])
    common = np.prod(np.clip(bottom_right - top_left, 0, None), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return common / (np.prod(box[2:] - box[:2]) + areas - common)


def group_windows(boxes, scores, overlap=0.3):
    """Merge windows that overlap: greedy non-maximum suppression that counts the votes.

    Parameters
    ----------
    boxes : ndarray, (K, 4)
        ``(top, left, bottom, right)`` of square windows.
    scores : ndarray, (K,)
        Their probabilities; a window with 0 has no vote.
    overlap : float
        Intersection over union above which a window joins the best one.

    Returns
    -------
    list of Detection
        The place of each is the mean of its windows, weighed by score. Most votes first.

    Examples
    --------
    >>> boxes = np.array([[0, 0, 10, 10], [0, 2, 10, 12], [50, 50, 60, 60]])
    >>> [d.votes for d in group_windows(boxes, np.array([0.9, 0.9, 0.8]))]
    [1.8, 0.8]
    """
    found, rest = [], np.argsort(-scores, kind="stable")
    rest = rest[scores[rest] > 0]
    while rest.size:
        joins = intersection_over_union(boxes[rest[0]], boxes[rest]) > overlap
        joins[0] = True  # even where `overlap` is 1
        found.append(_mean_window(boxes[rest[joins]], scores[rest[joins]]))
        rest = rest[~joins]
    return sorted(found, key=lambda detection: -detection.votes)


def _mean_window(boxes, scores):
    top, left, bottom, _ = np.average(boxes, axis=0, weights=scores).tolist()
    return Detection(top, left, bottom - top, float(scores.max()), float(scores.sum()))


def detect_faces(classify, picture, *, sizes=None, step=3, threshold=0.5, overlap=0.3):
    """Find faces with a network that tells faces from non-faces.

    Parameters
    ----------
    classify : callable
        From (N, 64, 64, 3) float32 images to (N,) probabilities of a face.
    picture : ndarray, (H, W) or (H, W, 3), float or uint8
        The photograph, in colour as red, green, blue.
    sizes, step
        See `sliding_windows`.
    threshold : float
        Windows with a lower score have no vote.
    overlap : float
        See `group_windows`.

    Returns
    -------
    list of Detection
        Most votes first; empty if there is no window above the threshold.

    Examples
    --------
    >>> bright = lambda images: images.mean((1, 2, 3))
    >>> detect_faces(bright, np.zeros((120, 120)), threshold=0.6)
    []
    """
    check_number("threshold", threshold, 0, 1)
    check_number("overlap", overlap, 0, 1)
    patches, boxes = sliding_windows(picture, sizes, step)
    scores = np.asarray(classify(to_network_input(patches)))
    kept = scores >= threshold
    return group_windows(boxes[kept], scores[kept], overlap)
