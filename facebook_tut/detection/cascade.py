"""The cascade that comes with scikit-image: quick classifiers in a row, on exact window sizes."""

import io
import math
from functools import cache
from xml.etree import ElementTree

import numpy as np

from facebook_tut._validation import check_number, check_picture
from facebook_tut.detection.windows import group_windows, intersection_over_union
from facebook_tut.preprocessing import grayscale, resize
from facebook_tut.preprocessing._shrinking import block_means

CASCADE_SIZE = 24  # pixels: the edge of the faces that scikit-image's cascade was trained on
CASCADE_LARGEST = 4096  # pixels: the edge up to which its windows are exact
CASCADE_STAGES = 20
CASCADE_SMALLEST = 60  # pixels: the edge of the smallest face looked for, if none is given
CASCADE_MOST = 300_000  # pixels of the shrunk photograph, where no smallest face is given


def detect_with_cascade(picture, *, smallest=None, votes=5, overlap=0.3, margin=0.25):
    """Find frontal faces with the cascade that comes with scikit-image.

    A cascade is a row of quick classifiers, each of which throws out most of the windows that the
    one before let through; here they read local binary patterns. Faces turned to the side, or
    tilted by more than some 20°, are often missed.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph, in colour as red, green, blue.
    smallest : float, optional
        Edge in pixels of the smallest face looked for, from 24 to the photograph's shorter edge.
        The photograph is shrunk to make it 24, so that the time grows with the square of the
        photograph's size in smallest faces. If not given, see `cascade_smallest`.
    votes : float
        Fewest windows that must agree.
    overlap : float
        See `group_windows`.
    margin : float
        Windows may reach out of the photograph by this share of its edges, and by half of their
        own at most: faces that fill it are found as well. What is outside is its outermost
        pixels, repeated.

    Returns
    -------
    list of Detection
        Most votes first; empty if there is none. The cascade says yes or no, so that every
        `score` is 1 and `votes` counts the windows in which it said yes. A box may begin or end
        outside the photograph.

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
    picture = check_picture("picture", picture)
    shape = picture.shape[:2]
    check_number("overlap", overlap, 0, 1)
    check_number("votes", votes, 0, np.inf)
    check_number("margin", margin, 0, 1)
    if min(shape) < CASCADE_SIZE:
        raise ValueError(f"picture must be large enough for a window, got {shape}")
    smallest = cascade_smallest(shape) if smallest is None else smallest
    check_number("smallest", smallest, CASCADE_SIZE, min(shape))
    small, pixel = _shrunk(picture, smallest)
    boxes = _windows_beyond(small, margin) * pixel  # (K, 4)
    agree = [(intersection_over_union(box, boxes) > overlap).sum() for box in boxes]
    boxes = boxes[np.argsort(-np.array(agree, int), kind="stable")]  # the best-backed leads a group
    groups = group_windows(boxes, np.ones(len(boxes)), overlap)
    return [face for face in groups if face.votes >= votes]


def cascade_smallest(shape):
    """Return the smallest face that the cascade looks for if none is given: 60 pixels.

    It is the photograph's shorter edge where that is less. In photographs of more than 1.9
    megapixels it is what keeps the search to some two seconds: 152 pixels in 12 megapixels, 310
    in 50.

    Parameters
    ----------
    shape : tuple of int
        ``(H, W)`` of the photograph.

    Returns
    -------
    float
        Edge in pixels.

    Examples
    --------
    >>> cascade_smallest((1000, 1000)), cascade_smallest((30, 50)), cascade_smallest((4000, 4000))
    (60, 30, 175.27...)
    """
    quick = CASCADE_SIZE * math.sqrt(shape[0] * shape[1] / CASCADE_MOST)
    return min(max(CASCADE_SMALLEST, quick), min(shape))


def _shrunk(picture, smallest):
    """Return a grey copy in which a face of `smallest` pixels has 24, and how large its pixel is.

    Far larger photographs are averaged in blocks first: all of one in floats would fill the memory.
    """
    edge = max(1, int(smallest / CASCADE_SIZE / 2))  # leaves a factor of 2 for the smooth scaling
    grey = grayscale(block_means(picture, edge) if edge > 1 else picture)
    shape = tuple(round(side * edge * CASCADE_SIZE / smallest) for side in grey.shape)
    small = resize(grey, shape)
    return small, edge * grey.shape[0] / small.shape[0]


def _windows_beyond(grey, margin):
    """Return the windows in which the cascade says yes, some of them partly outside, (K, 4)."""
    most = [round(margin * side) for side in grey.shape]
    padded = np.pad(grey, [(pad, pad) for pad in most], mode="edge")
    found = [np.empty((0, 4))]
    for size in cascade_sizes(padded.shape):
        down, across = (max(0, pad - size // 2) for pad in most)  # of the padding, is left out
        part = padded[down : len(padded) - down, across : padded.shape[1] - across]
        at = (down - most[0], across - most[1])
        found.append(cascade_windows(part, [size]) + np.array([*at, *at]))
    return np.concatenate(found)


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
    # A little more than half a level is added: sums of a few bytes are half-way between two levels
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
