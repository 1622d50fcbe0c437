"""A detector in stages: a cheap filter on pixels, the network on what is left, votes in log-odds.

A photograph has thousands of windows, and nearly all of them are easy non-faces. Logistic
regression on the pixels throws most of them out at 625 multiplications each, and the network, which
needs 32 million, judges the rest: the cascade of Viola and Jones (2001) with two stages.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import zoom

from facebook_tut._validation import check_array, check_callable, check_number
from facebook_tut.detection import group_windows, sliding_windows
from facebook_tut.preprocessing import PATCH_SIZE, even_contrast, to_network_input

STRENGTH = 0.01  # scikit-learn's C: a smaller one holds the weights closer to 0
SUREST = 1e-6  # probabilities are held this far from 0 and 1, so that log-odds are finite


@dataclass(frozen=True, eq=False)
class PixelFilter:
    """The first stage: logistic regression on the pixels of a patch.

    Attributes
    ----------
    weights : ndarray, (25, 25), float
        One for each pixel.
    bias : float
        Added to their sum.

    Examples
    --------
    >>> flat = PixelFilter(np.ones((25, 25)), 0.5)
    >>> flat.log_odds(np.full((2, 25, 25), 0.5)).tolist()
    [0.5, 0.5]
    """

    weights: np.ndarray
    bias: float

    def log_odds(self, patches):
        """Return the log-odds of a face for grey patches, (N, 25, 25) to (N,)."""
        pixels = even_contrast(patches) - 0.5
        return np.tensordot(pixels, self.weights, axes=2) + self.bias  # (N,)


def fit_pixel_filter(dataset):
    """Fit the first stage to the patches that the network learns from.

    Faces and non-faces count equally, however many there are of each. A window whose log-odds are
    below 0 is thrown out.

    Parameters
    ----------
    dataset : data.Dataset
        With faces and non-faces.

    Returns
    -------
    PixelFilter

    Examples
    --------
    >>> from facebook_tut.data.patches import load_patches
    >>> train = load_patches(hard_per_photograph=0, random_per_photograph=0, copies=0).train
    >>> fit_pixel_filter(train).weights.shape
    (25, 25)
    """
    from sklearn.linear_model import LogisticRegression  # takes a second

    scale = PATCH_SIZE / dataset.images.shape[1]
    grey = dataset.images[..., 0]  # the three channels are equal
    small = zoom(grey, (1, scale, scale), order=1, grid_mode=True, mode="nearest")  # (N, 25, 25)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    model.fit(small.reshape(len(small), -1) - 0.5, dataset.labels)
    return PixelFilter(model.coef_.reshape(PATCH_SIZE, PATCH_SIZE), float(model.intercept_[0]))


def log_odds(probabilities):
    """Return log(p / (1 - p)), finite also where p is 0 or 1.

    Examples
    --------
    >>> log_odds(np.array([0.5, 0.9])).round(2).tolist()
    [0.0, 2.2]
    """
    p = np.clip(np.asarray(probabilities, float), SUREST, 1 - SUREST)
    return np.log(p / (1 - p))


def window_log_odds(classify, patches, *, mirror=True):
    """Return the network's log-odds of a face for grey patches.

    Parameters
    ----------
    classify : callable
        From (N, 64, 64, 3) float32 images to (N,) probabilities of a face.
    patches : ndarray, (N, 25, 25), float
        Grey values from 0 to 1.
    mirror : bool
        Take the mean of the patch and its mirror image.

    Returns
    -------
    ndarray, (N,), float

    Examples
    --------
    >>> bright = lambda images: images.mean((1, 2, 3))
    >>> window_log_odds(bright, np.full((2, 25, 25), 0.5)).tolist()
    [0.0, 0.0]
    """
    if len(patches) == 0:
        return np.zeros(0)
    images = to_network_input(patches)
    found = log_odds(classify(images))
    return (found + log_odds(classify(images[:, :, ::-1]))) / 2 if mirror else found


def detect_in_stages(
    classify, picture, first=None, *, sizes=None, step=3, floor=0.0, overlap=0.3, mirror=True
):
    """Find faces: filter the windows, ask the network, and add up the log-odds of what agrees.

    Parameters
    ----------
    classify : callable
        From (N, 64, 64, 3) float32 images to (N,) probabilities of a face.
    picture : ndarray, (H, W) or (H, W, 3), float or uint8
        The photograph, in colour as red, green, blue.
    first : PixelFilter, optional
        The first stage; without it the network judges every window.
    sizes, step
        See `detection.sliding_windows`.
    floor : float
        A window votes with its log-odds above this, so that a window at the floor has no vote.
    overlap : float
        See `detection.group_windows`.
    mirror : bool
        Judge each window and its mirror image.

    Returns
    -------
    list of detection.Detection
        Most votes first; `votes` is a sum of log-odds above the floor.

    Examples
    --------
    >>> bright = lambda images: images.mean((1, 2, 3))
    >>> detect_in_stages(bright, np.zeros((40, 40)), floor=1.0)
    []
    """
    check_callable("classify", classify)
    check_number("floor", floor, -100, 100)
    check_number("overlap", overlap, 0, 1)
    patches, boxes = sliding_windows(picture, sizes, step)
    if first is not None:
        check_array("first.weights", first.weights, (PATCH_SIZE, PATCH_SIZE))
        left = first.log_odds(patches) > 0
        patches, boxes = patches[left], boxes[left]
    scores = window_log_odds(classify, patches, mirror=mirror)
    return group_log_odds(boxes, scores, floor, overlap)


def group_log_odds(boxes, scores, floor=0.0, overlap=0.3):
    """Merge windows that overlap, each with a vote of its log-odds above a floor.

    Probabilities near 1 are all alike, and a sum of them counts windows. Log-odds add up the
    evidence: if the windows were independent, their sum would be that of all windows together.

    Parameters
    ----------
    boxes : ndarray, (K, 4)
        ``(top, left, bottom, right)`` of square windows.
    scores : ndarray, (K,)
        Their log-odds.
    floor, overlap : float
        As in `detect_in_stages`.

    Returns
    -------
    list of detection.Detection
        Most votes first; `score` is the highest probability.

    Examples
    --------
    >>> boxes = np.array([[0, 0, 10, 10], [0, 2, 10, 12], [50, 50, 60, 60]])
    >>> [d.votes for d in group_log_odds(boxes, np.array([2.0, 1.0, -1.0]))]
    [3.0]
    """
    kept = scores > floor
    found = group_windows(boxes[kept], scores[kept] - floor, overlap)
    return [replace(each, score=float(1 / (1 + np.exp(-each.score - floor)))) for each in found]
