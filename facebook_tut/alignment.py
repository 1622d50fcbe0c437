"""From a face anywhere in a picture to an upright crop with the eyes always in the same place.

Points are ``(x, y)`` in pixels, the centre of the first pixel at (0, 0), as in scikit-image. Where
a point is a *fraction of the edge*, pixel i of S has its centre at (i + 1/2) / S, so that one
template serves crops of all sizes.
"""

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.transform import AffineTransform, warp
from skimage.util import img_as_float32

from facebook_tut._validation import check_array, check_number, check_picture
from facebook_tut.preprocessing import grayscale, resize
from facebook_tut.preprocessing._shrinking import block_means

# Where the five landmarks are in an aligned crop, as fractions of its edge: left eye, right eye,
# nose, left and right corner of the mouth. Those of the average face in `data.lfw`, so that a crop
# aligned here looks like the crops that a recogniser trains on there.
TEMPLATE = np.array([[0.34, 0.32], [0.66, 0.32], [0.5, 0.51], [0.35, 0.68], [0.65, 0.68]])
TEMPLATE.setflags(write=False)

# Where the eyes are in the average box of `detection.detect_with_cascade`.
BOX_EYES = np.array([[0.31, 0.365], [0.66, 0.365]])
BOX_EYES.setflags(write=False)

EYE_DISTANCE = 22  # pixels between the eyes at which `locate_eyes` works
PRIOR = 0.25  # standard deviation of an eye about its usual place, in distances between the eyes


def similarity_transform(source, target):
    """Return the shift, turn and change of size that best takes points onto others.

    The matrix minimises Σ ‖target − (c R source + t)‖² over all scales c > 0, rotations R and
    translations t; a mirror image is not allowed.

    Parameters
    ----------
    source, target : array_like, (K, 2)
        K ≥ 2 points ``(x, y)`` each, the k-th going to the k-th.

    Returns
    -------
    ndarray, (3, 3), float64
        Takes ``(x, y, 1)`` to ``(x', y', 1)``: [c R | t] above [0 0 1].

    Raises
    ------
    ValueError
        If the points leave the turn open, as when all are on one spot.

    References
    ----------
    Umeyama, "Least-squares estimation of transformation parameters between two point patterns"
    (1991), equations 34 to 43.

    Examples
    --------
    >>> similarity_transform([[0, 0], [1, 0]], [[5, 5], [5, 7]]).round(6) + 0.0
    array([[ 0., -2.,  5.],
           [ 2.,  0.,  5.],
           [ 0.,  0.,  1.]])
    """
    source, target = _check_points("source", source), _check_points("target", target)
    if source.shape != target.shape:
        raise ValueError(f"target must have shape {source.shape} as source, got {target.shape}")
    centre, goal = source.mean(0), target.mean(0)  # (2,) μx, μy
    x, y = source - centre, target - goal  # (K, 2)
    u, d, vt = np.linalg.svd(y.T @ x / len(x))  # of the covariance Σxy, equation 38
    s = np.array([1, np.sign(np.linalg.det(u @ vt))])  # equations 39 and 43
    variance = (x**2).sum() / len(x)  # equation 36
    if not d @ s > 1e-9 * np.sqrt(variance * (y**2).mean()):
        raise ValueError("source and target must determine a turn, got points that leave it open")
    matrix = np.eye(3)
    matrix[:2, :2] = (d @ s) / variance * (u * s) @ vt  # c R, equations 40 and 42
    matrix[:2, 2] = goal - matrix[:2, :2] @ centre  # t, equation 41
    return matrix


def align(picture, landmarks, size=64, template=TEMPLATE):
    """Cut a face out of a picture, upright, its landmarks as near the template's as can be.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph, in colour as red, green, blue; opacity is dropped.
    landmarks : array_like, (5, 2) or (2, 2)
        ``(x, y)`` in pixels of the picture: left eye, right eye, nose, left and right corner of
        the mouth; or the eyes only. Left is what is left in the picture.
    size : int
        Edge of the crop in pixels.
    template : array_like, (5, 2)
        Where they should be, as fractions of the edge of the crop.

    Returns
    -------
    ndarray, (size, size, 3), float32
        From 0 to 1. Where the crop reaches beyond the picture, the picture's edge is drawn out.

    Raises
    ------
    ValueError
        If the landmarks are on one spot.

    Examples
    --------
    >>> face = align(np.eye(100), [[40, 40], [60, 40]])
    >>> face.shape, face.dtype
    ((64, 64, 3), dtype('float32'))
    """
    landmarks = _check_points("landmarks", landmarks)
    template = _check_points("template", template)
    if len(landmarks) not in (2, len(template)):
        raise ValueError(f"landmarks must have shape (5, 2) or (2, 2), got {landmarks.shape}")
    check_number("size", size, 1, 4096, integer=True)
    goal = template[: len(landmarks)] * size - 0.5
    return _warp(picture, similarity_transform(landmarks, goal), size)


def crop(picture, box, size=64):
    """Cut a box out of a picture as it is, neither turned nor moved, and scale it.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph, in colour as red, green, blue; opacity is dropped.
    box : array_like, (4,)
        ``(top, left, bottom, right)`` in pixels, as in `detection.Detection`. Pixel i reaches from
        i to i + 1, so that whole numbers cut between pixels, as in ``picture[top:bottom]``.
    size : int
        Edge of the crop in pixels; a box that is no square is squeezed into one.

    Returns
    -------
    ndarray, (size, size, 3), float32
        From 0 to 1. Where the box reaches beyond the picture, the picture's edge is drawn out.

    Raises
    ------
    ValueError
        If the box has no area.

    Examples
    --------
    >>> picture = np.arange(16).reshape(4, 4) / 15
    >>> bool(np.allclose(crop(picture, (1, 1, 3, 3), size=2)[..., 0], picture[1:3, 1:3]))
    True
    """
    top, left, bottom, right = check_array("box", box, (4,)).tolist()
    check_number("size", size, 1, 4096, integer=True)
    if not (-np.inf < top < bottom < np.inf and -np.inf < left < right < np.inf):
        raise ValueError(f"box must be (top, left, bottom, right) with an area, got {box}")
    across, down = size / (right - left), size / (bottom - top)
    matrix = np.array(
        [
            [across, 0, (0.5 - left) * across - 0.5],
            [0, down, (0.5 - top) * down - 0.5],
            [0, 0, 1],
        ]
    )
    return _warp(picture, matrix, size)


def _warp(picture, matrix, size):
    """Draw the (size, size, 3) crop to whose pixels the matrix takes those of the picture."""
    picture = check_picture("picture", picture)
    back = np.linalg.inv(matrix)
    shrink = np.sqrt(np.linalg.det(back[:2, :2]))  # pixels of the picture per pixel of the crop
    corners = np.array([[-1, -1, 1], [-1, size, 1], [size, -1, 1], [size, size, 1]]) @ back[:2].T
    height, width = picture.shape[:2]
    margin = 2 * shrink + 1  # the rest of a large photograph is neither converted nor smoothed
    left, top = np.clip(corners.min(0) - margin, 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(corners.max(0) + margin, (left, top), (width, height)).astype(int) + 1
    part = picture[top:bottom, left:right]
    back[:2, 2] -= left, top
    edge = min(max(1, int(shrink / 4)), *part.shape[:2])  # of blocks; smooth scaling does the rest
    if edge > 1:
        part = block_means(part, edge)
        back[:2] /= edge
        back[:2, 2] += 0.5 / edge - 0.5
    part = img_as_float32(part)
    part = np.repeat(part[..., np.newaxis], 3, axis=-1) if part.ndim == 2 else part[..., :3]
    blur = max(0, (shrink / edge - 1) / 2)  # as skimage.transform.resize
    part = gaussian_filter(part, (blur, blur, 0), mode="nearest") if blur else part
    return warp(part, AffineTransform(back), output_shape=(size, size), order=1, mode="edge")


def alignment_error(found, true):
    """Return how far landmarks are off: their mean distance, in distances between the eyes.

    Parameters
    ----------
    found, true : array_like, (N, K, 2)
        K ≥ 2 points ``(x, y)`` for each of N faces, the eyes first.

    Returns
    -------
    ndarray, (N,), float64
        0 is perfect; 0.1 is about within the iris, 0.25 at the corner of the eye.

    Raises
    ------
    ValueError
        If two eyes in `true` are on one spot.

    References
    ----------
    Jesorsky, Kirchberg and Frischholz, "Robust face detection using the Hausdorff distance"
    (2001), equation 5, which takes the worse of the two eyes instead of the mean.

    Examples
    --------
    >>> true = [[[10, 10], [30, 10]]]
    >>> alignment_error([[[12, 10], [30, 14]]], true)
    array([0.15])
    """
    true = check_array("true", true, ("N", "K", 2))
    found = check_array("found", found, true.shape)
    if true.shape[1] < 2:
        raise ValueError(f"true must begin with the two eyes, got shape {true.shape}")
    between = np.linalg.norm(true[:, 0] - true[:, 1], axis=-1)  # (N,)
    if not (between > 0).all():
        raise ValueError(f"true must have eyes apart, got face {np.argmin(between > 0)} without")
    return np.linalg.norm(found - true, axis=-1).mean(axis=1) / between


def locate_eyes(face, expected=BOX_EYES):
    """Find the centres of the eyes in a crop of a face.

    Round a dark pupil the gradients of brightness point outwards. So the centre c of an eye is
    where the mean of (d · g)² is largest, d being the direction from c to a pixel and g that of
    its gradient, weighed by how dark c is and by how usual a place it is for an eye. If there is
    no gradient, or the two places make no plausible pair of eyes, `expected` is returned.

    Parameters
    ----------
    face : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The crop, at least 24 pixels high and wide.
    expected : array_like, (2, 2)
        Usual places ``(x, y)`` of the left and the right eye, as fractions of the edges; by
        default those in a box of `detection.detect_with_cascade`.

    Returns
    -------
    ndarray, (2, 2), float64
        ``(x, y)`` in pixels of the crop: the eye on the left, the eye on the right.

    References
    ----------
    Timm and Barth, "Accurate eye centre localisation by means of gradients" (2011), equations 1
    to 4.

    Examples
    --------
    >>> y, x = np.indices((64, 64))
    >>> dark = (np.hypot(x - 22, y - 25) < 3) | (np.hypot(x - 42, y - 23) < 3)
    >>> bool(np.abs(locate_eyes(0.8 - 0.6 * dark) - [[22, 25], [42, 23]]).max() < 2)
    True
    """
    grey = grayscale(face)
    expected = _check_points("expected", expected)
    apart = np.linalg.norm(expected[1] - expected[0])
    if expected.shape != (2, 2) or expected.min() < 0 or expected.max() > 1 or apart < 0.1:
        raise ValueError(
            "expected must hold two places from 0 to 1 that are at least 0.1 apart,"
            f" got {expected.tolist()}"
        )
    if min(grey.shape) < 24:
        raise ValueError(f"face must be at least 24 pixels high and wide, got {grey.shape}")
    shape = np.array(grey.shape[::-1])  # (W, H)
    usual = expected * shape - 0.5  # (2, 2) pixels
    scale = EYE_DISTANCE / np.linalg.norm(usual[1] - usual[0])
    small = resize(grey, tuple(np.maximum((shape[::-1] * scale).round(), 24).astype(int)))
    step = np.array(small.shape[::-1]) / shape
    eyes = np.array([_eye_centre(small, eye) for eye in (usual + 0.5) * step - 0.5])
    eyes = (eyes + 0.5) / step - 0.5
    return eyes if _plausible(eyes, usual) else usual


def _eye_centre(grey, usual):
    """Return ``(x, y)`` of the best eye centre within half an eye distance of the usual place."""
    reach = EYE_DISTANCE // 2
    left, top = np.clip(usual.round().astype(int) - reach, 0, None)
    region = grey[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
    rows, columns = np.indices(region.shape)
    places = np.stack([columns.ravel() + left, rows.ravel() + top], axis=1)  # (P, 2)
    prior = np.exp(-((places - usual) ** 2).sum(1) / (2 * (PRIOR * EYE_DISTANCE) ** 2))
    return places[np.argmax((_gradient_agreement(region) + 1e-9) * prior)]


def _gradient_agreement(region):
    """Return Timm and Barth's objective at every pixel of an (h, w) region, (h * w,)."""
    region = (region - region.min()) / max(np.ptp(region), 1 / 255)
    down, across = np.gradient(gaussian_filter(region, 0.5))
    strength = np.hypot(across, down)
    strong = strength > max(strength.mean() + 0.3 * strength.std(), 1e-3)
    if not strong.any():
        return np.zeros(region.size)
    gx, gy = across[strong] / strength[strong], down[strong] / strength[strong]  # (G,) each
    row, column = np.nonzero(strong)  # (G,) each
    rows, columns = np.indices(region.shape, float).reshape(2, -1, 1)  # (P, 1) each
    dx, dy = column - columns, row - rows  # (P, G) each
    outwards = np.maximum(dx * gx + dy * gy, 0)
    squares = outwards * outwards / np.maximum(dx * dx + dy * dy, 1)
    return squares.mean(1) * (1 - gaussian_filter(region, 1).ravel())


def _plausible(eyes, usual):
    """Tell whether the line between two eyes is about as long and as level as usual."""
    line, common = eyes[1] - eyes[0], usual[1] - usual[0]
    length, wanted = np.linalg.norm(line), np.linalg.norm(common)
    return 0.7 < length / wanted < 1.4 and line @ common > np.cos(np.deg2rad(25)) * length * wanted


def _check_points(name, points):
    points = check_array(name, points, ("K", 2)).astype(float)
    if len(points) < 2 or not np.isfinite(points).all():
        raise ValueError(f"{name} must hold two or more finite points, got {points.tolist()}")
    return points
