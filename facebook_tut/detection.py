"""Finding faces in a photograph: slide a window over it, classify each, keep what agrees."""

import io
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree

import numpy as np
from skimage.util import view_as_windows

from facebook_tut._validation import check_number
from facebook_tut.preprocessing import PATCH_SIZE, grayscale, resize, to_network_input

SMALLEST = 1 / 6.4  # of the photograph's shorter edge: the smallest face looked for
GROWTH = 1.25  # each window size is so many times the one before
CASCADE_SIZE = 24  # pixels: the edge of the faces that scikit-image's cascade was trained on
CASCADE_LARGEST = 4096  # pixels: the edge up to which its windows are exact
CASCADE_STAGES = 20


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
    """

    top: float
    left: float
    size: float
    score: float
    votes: float

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
    """Merge windows that lie on each other: greedy non-maximum suppression that counts the votes.

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


def detect_with_cascade(picture, *, smallest=None, votes=5, overlap=0.3):
    """Find frontal faces with the cascade that comes with scikit-image.

    A cascade is a row of quick classifiers, each of which throws out most of the windows that the
    one before let through; here they read local binary patterns. Faces turned to the side, or
    tilted by more than some 20°, are often missed.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph, in colour as red, green, blue.
    smallest : float, optional
        Edge in pixels of the smallest face looked for, at least 24; 1/6.4 of the photograph's
        shorter edge if not given. The photograph is shrunk to make it 24, so that the time grows
        with the square of the photograph's size in smallest faces.
    votes : float
        Fewest windows that must agree.
    overlap : float
        See `group_windows`.

    Returns
    -------
    list of Detection
        Most votes first; empty if there is none. The cascade says yes or no, so that every
        `score` is 1 and `votes` counts the windows in which it said yes.

    Raises
    ------
    ValueError
        If the picture is smaller than a window.

    References
    ----------
    Viola and Jones, "Rapid object detection using a boosted cascade of simple features" (2001);
    Liao, Zhu, Lei, Zhang and Li, "Learning multi-scale block local binary patterns for face
    recognition" (2007).

    Examples
    --------
    >>> import skimage.data
    >>> [face] = detect_with_cascade(skimage.data.astronaut())
    >>> face.box[0] < 124 < face.box[2], face.box[1] < 223 < face.box[3]  # the nose at (223, 124)
    (True, True)
    """
    grey = grayscale(picture)
    check_number("overlap", overlap, 0, 1)
    check_number("votes", votes, 0, np.inf)
    shorter = min(grey.shape)
    if shorter < CASCADE_SIZE:
        raise ValueError(f"picture must be large enough for a window, got {grey.shape}")
    if smallest is None:
        smallest = max(shorter * SMALLEST, CASCADE_SIZE)
    check_number("smallest", smallest, CASCADE_SIZE, shorter)
    small = resize(grey, tuple(round(edge * CASCADE_SIZE / smallest) for edge in grey.shape))
    boxes = cascade_windows(small) * (grey.shape[0] / small.shape[0])  # (K, 4)
    agree = [(intersection_over_union(box, boxes) > overlap).sum() for box in boxes]
    boxes = boxes[np.argsort(-np.array(agree, int), kind="stable")]  # the best-backed leads a group
    groups = group_windows(boxes, np.ones(len(boxes)), overlap)
    return [face for face in groups if face.votes >= votes]


def cascade_windows(picture, sizes=None, *, stages=CASCADE_STAGES):
    """Return the windows in which scikit-image's cascade says yes, at several sizes.

    This is the one place that calls the cascade, and the same windows come out on every processor.
    The cascade scales its features from 24 pixels to the window and cuts the products to whole
    pixels. It computes the scale as a power in single precision, so that a scale of 2 may come out
    as 1.9999999, by which all of its features are a pixel smaller. Here each size is asked for
    apart, a fiftieth of a pixel too large: no product is then close to a whole number. And the grey
    values are rounded to 8 bits, whose sums are exact in any order.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph, in colour as red, green, blue.
    sizes : sequence of int, optional
        Edges of the windows in pixels, each from 24 to 4,096; those that do not fit are left out.
        If not given, `cascade_sizes`. A window moves by a twenty-fourth of its size, but by whole
        pixels.
    stages : int
        Ask the first so many of the cascade's 20 stages.

    Returns
    -------
    ndarray, (K, 4), int
        ``(top, left, bottom, right)`` of each window, sorted by size, then top, then left.

    Examples
    --------
    >>> import skimage.data
    >>> len(cascade_windows(skimage.data.astronaut(), [72, 100]))
    7
    """
    # A little more than half a level is added: sums of a few bytes lie half-way between two levels
    # again and again, and there the last bit of a float would decide.
    pixels = np.floor(255 * grayscale(picture) + 0.50003).astype(np.uint8)  # (H, W)
    check_number("stages", stages, 1, CASCADE_STAGES, integer=True)
    sizes = cascade_sizes(pixels.shape) if sizes is None else sizes
    for size in sizes:
        check_number("sizes", size, CASCADE_SIZE, CASCADE_LARGEST, integer=True)
    fitting = sorted({int(size) for size in sizes if size <= min(pixels.shape)})
    found = [_windows_of_the_cascade(pixels, size, stages) for size in fitting]
    return np.concatenate([np.empty((0, 4), int), *found])


def cascade_sizes(shape):
    """List the window sizes that `cascade_windows` tries: each a tenth larger than the one before.

    Parameters
    ----------
    shape : tuple of int
        ``(H, W)`` of the photograph.

    Returns
    -------
    list of int
        Edges in pixels, from 24 to the photograph's shorter edge, but at most 4,096.

    Examples
    --------
    >>> cascade_sizes((60, 80))
    [24, 26, 29, 32, 35, 39, 43, 47, 51, 57]
    """
    largest, sizes, power = min(*shape, CASCADE_LARGEST), [], 0
    while (size := _rounded(CASCADE_SIZE * 11**power, 10**power)) <= largest:
        sizes.append(size)
        power += 1
    return sizes


def _rounded(numerator, denominator):
    """Return the whole number next to a fraction; whole numbers are exact on every machine."""
    return (2 * numerator + denominator) // (2 * denominator)


def _windows_of_the_cascade(pixels, size, stages):
    """Return where the cascade says yes to a window of one size, (K, 4), sorted."""
    least, most = (size + 0.02,) * 2, (size + 0.04,) * 2
    found = _cascade(stages).detect_multi_scale(pixels, 2, 1, least, most, 1, 2)
    # The last two: a window joins another from an overlap of 2 on, which is never.
    corners = np.array(sorted((window["r"], window["c"]) for window in found)).reshape(-1, 2)
    return np.hstack([corners, corners + size]).astype(int)


@cache
def _cascade(stages):
    """Return the cascade of the first so many stages."""
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade  # takes half a second

    tree = ElementTree.parse(lbp_frontal_face_cascade_filename())
    all_stages = tree.find("cascade/stages")
    for stage in all_stages[stages:]:
        all_stages.remove(stage)
    tree.find("cascade/stageNum").text = str(stages)
    return Cascade(io.BytesIO(ElementTree.tostring(tree.getroot())))
