"""MTCNN: three small networks in a row, which find a face and five points on it.

P-Net reads windows of 12 pixels and, being convolutional, judges all windows of a photograph in
one pass; R-Net reads at 24 pixels what is left, and O-Net at 48. Each moves the boxes as well. The
networks and their weights are those of the package `mtcnn` (MIT). TensorFlow loads with the first
call.
"""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_number, check_picture
from facebook_tut.alignment import crop
from facebook_tut.detection.mtcnn_networks import _compiled
from facebook_tut.detection.windows import Detection
from facebook_tut.preprocessing._shrinking import block_means

MTCNN_SMALLEST = 40  # pixels: the edge of the smallest face looked for, if none is given
LEAST_SMALLEST = 20  # pixels: R-Net reads faces at 24
LEAST_SCORE = 0.9  # of O-Net; the first two networks only sort out, at the authors' thresholds
PNET_SCORE, RNET_SCORE = 0.6, 0.7
WINDOW, STRIDE = 12, 2  # pixels: what P-Net reads, and from one window to the next
SHRINK = 0.709  # from one level of the pyramid to the next: half of its pixels
STRIP = 2**18  # pixels of a level that P-Net reads at a time: its layers hold tens of numbers each
BATCH = 512  # windows that R-Net or O-Net reads at a time


def detect_with_mtcnn(picture, *, smallest=None, least_score=LEAST_SCORE):
    """Find faces, and five landmarks on each, with MTCNN.

    P-Net reads an image pyramid in strips, and O-Net its faces from the photograph itself, so that
    the memory is a share of the photograph's.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph, in colour as red, green, blue.
    smallest : float, optional
        Edge in pixels of the smallest face looked for, from 20 to the photograph's shorter edge;
        40 if not given, or the shorter edge where that is less. The time grows with the square of
        the photograph's size in smallest faces.
    least_score : float
        Lowest probability of a face, from O-Net.

    Returns
    -------
    list of Detection
        The highest score first, each with `landmarks`; empty if there is none. A box is the
        smallest square about the rectangle that O-Net gives, and may begin or end outside the
        photograph. `votes` is the score.

    Raises
    ------
    ValueError
        If the picture is smaller than 20 pixels.
    ImportError
        If the weights of `mtcnn` are not those of version 1.0.0.

    References
    ----------
    Zhang, Zhang, Li and Qiao, "Joint face detection and alignment using multitask cascaded
    convolutional networks" (2016).

    Examples
    --------
    >>> import skimage.data
    >>> [face] = detect_with_mtcnn(skimage.data.astronaut())
    >>> left_eye, right_eye, *_ = np.array(face.landmarks)
    >>> bool(np.abs([left_eye - [203, 100], right_eye - [246, 102]]).max() < 5)  # marked by hand
    True
    """
    *_, faces = _search(picture, smallest, least_score)
    return faces


@dataclass(frozen=True)
class MtcnnStage:
    """What one of the three networks made of the windows that it read.

    All boxes are ``(top, left, bottom, right)`` in pixels of the photograph.

    Attributes
    ----------
    network : str
        "P-Net", "R-Net" or "O-Net".
    read : int
        How many windows it judged.
    accepted : ndarray, (K, 4)
        Those that it took for faces.
    moved : ndarray, (K, 4)
        The same, where it wants them.
    left : ndarray, (L, 4)
        What non-maximum suppression left of `moved`; the first two stages hand on squares.

    Examples
    --------
    >>> import skimage.data
    >>> stage = mtcnn_stages(skimage.data.astronaut(), smallest=90)[1]
    >>> stage.network, stage.read >= len(stage.accepted) >= len(stage.left)
    ('R-Net', True)
    """

    network: str
    read: int
    accepted: np.ndarray
    moved: np.ndarray
    left: np.ndarray


def mtcnn_stages(picture, *, smallest=None, least_score=LEAST_SCORE):
    """Return what each of MTCNN's three networks accepted, moved and left: to look into it.

    Parameters
    ----------
    picture, smallest, least_score
        As for `detect_with_mtcnn`, whose search this is.

    Returns
    -------
    list of MtcnnStage
        P-Net, R-Net and O-Net.

    Raises
    ------
    ValueError
        If the picture is smaller than 20 pixels.

    Examples
    --------
    >>> import skimage.data
    >>> [len(stage.left) for stage in mtcnn_stages(skimage.data.astronaut(), smallest=90)][-1]
    1
    """
    *stages, _ = _search(picture, smallest, least_score)
    return stages


def proposal_map(picture, size):
    """Return what P-Net thinks of all windows of one size: one pass over one level of the pyramid.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph, in colour as red, green, blue.
    size : float
        Edge of the windows in pixels, from 12 to the photograph's shorter edge.

    Returns
    -------
    ndarray, (H', W'), float32
        The probability of a face in each window. The photograph is shrunk until a window has 12
        pixels, and the next window begins 2 of these further on: the one of row i and column j
        has its corner at about ``(i * size / 6, j * size / 6)``.

    Raises
    ------
    ValueError
        If no window fits.

    Examples
    --------
    >>> import skimage.data
    >>> chances = proposal_map(skimage.data.astronaut(), 100)
    >>> row, column = np.unravel_index(chances.argmax(), chances.shape)
    >>> bool(abs(row * 100 / 6 - 70) < 20 and abs(column * 100 / 6 - 175) < 20)  # at her face
    True
    """
    import tensorflow as tf

    picture = check_picture("picture", picture)
    shape = picture.shape[:2]
    if min(shape) < WINDOW:
        raise ValueError(f"picture must be at least 12 pixels high and wide, got {shape}")
    check_number("size", size, WINDOW, min(shape))
    pixels = _colour_bytes(picture, max(1, int(size / LEAST_SMALLEST)))  # as in the search
    sides = [round(side * WINDOW / size) for side in shape]
    level = tf.image.resize(pixels, sides, tf.image.ResizeMethod.AREA).numpy()
    return np.concatenate([score for _, _, score in _strips(level)])


def _search(picture, smallest, least_score):
    """Return what each stage did, and the faces."""
    picture = check_picture("picture", picture)
    shape = picture.shape[:2]
    check_number("least_score", least_score, 0, 1)
    if min(shape) < LEAST_SMALLEST:
        raise ValueError(f"picture must be at least 20 pixels high and wide, got {shape}")
    smallest = min(MTCNN_SMALLEST, *shape) if smallest is None else smallest
    check_number("smallest", smallest, LEAST_SMALLEST, min(shape))
    edge = int(smallest / LEAST_SMALLEST)  # the smallest face keeps 20 pixels
    small = _colour_bytes(picture, edge)  # (h, w, 3)
    proposed = _proposals(small, smallest / edge)  # boxes in pixels of the small copy
    refined = _refined(small, proposed.left)
    output, faces = _faces(picture, small, refined.left, edge, least_score)
    return _enlarged(proposed, edge), _enlarged(refined, edge), output, faces


def _enlarged(stage, edge):
    """Return a stage with its boxes in pixels of the photograph."""
    boxes = (edge * boxes for boxes in (stage.accepted, stage.moved, stage.left))
    return MtcnnStage(stage.network, stage.read, *boxes)


def _colour_bytes(picture, edge):
    """Return means of blocks of a photograph as (h, w, 3) uint8, in colour even where it is not."""
    means = block_means(picture, edge, as_bytes=True)
    return np.repeat(means[..., np.newaxis], 3, axis=-1) if means.ndim == 2 else means


# The three stages. Boxes are (top, left, bottom, right) between pixels, as in `Detection`.
#
# The package's own `MTCNN.detect_faces` is not asked. However large the smallest face, its pyramid
# has as many levels as the photograph needs for faces of 12 pixels. With a `min_face_size` of 60
# the last ones are smaller than P-Net's window. Then TensorFlow raises an error that is taken
# for "no face" (InvalidArgumentError), or Keras one that is not (ValueError): no face on the
# astronaut. With 20, its default, the last level has just 12 pixels. Here the pyramid ends there.


def _proposals(small, smallest):
    """Return what P-Net sees: squares that may hold a face."""
    import tensorflow as tf

    level, read, levels = small, 0, [np.empty((0, 9))]
    left, scale = [np.empty((0, 9))], WINDOW / smallest
    while min(shape := [round(side * scale) for side in small.shape[:2]]) >= WINDOW:
        level = tf.image.resize(level, shape, tf.image.ResizeMethod.AREA)  # of the level before
        count, found = _windows_of_level(level.numpy())  # (K, 9): windows, moved, score
        found[:, :8] *= np.tile(np.divide(small.shape[:2], shape), 4)
        read, levels = read + count, [*levels, found]
        left.append(found[_suppress(found[:, 4:8], found[:, 8], 0.5)])
        scale *= SHRINK
    accepted, left = np.concatenate(levels), np.concatenate(left)
    left = left[_suppress(left[:, 4:8], left[:, 8], 0.7), 4:8]
    return MtcnnStage("P-Net", read, accepted[:, :4], accepted[:, 4:8], _squares(left))


def _windows_of_level(level):
    """Return how many windows P-Net reads, and those with a face as (K, 9).

    They are the window, where P-Net moves it, both in pixels of the level, and its score.
    """
    read, found = 0, []
    for top, moves, score in _strips(level):
        where = np.argwhere(score > PNET_SCORE)  # (K, 2)
        corners = where * STRIDE + (top, 0)
        windows = np.hstack([corners, corners + WINDOW]).astype(float)
        at = tuple(where.T)
        found.append(np.column_stack([windows, _moved(windows, moves[at]), score[at]]))
        read += score.size
    return read, np.concatenate(found)


def _strips(level):
    """Ask P-Net strip by strip: yield the first row of each, its moves (h, w, 4), scores (h, w)."""
    rows = max(WINDOW, STRIP // level.shape[1] // STRIDE * STRIDE)
    for top in range(0, len(level) - WINDOW + 1, rows):
        strip = level[top : top + rows + WINDOW - STRIDE]
        if len(strip) < WINDOW:
            break
        moves, score = _compiled("pnet")(_normalised(strip[np.newaxis]))
        yield top, moves[0].numpy(), score[0, ..., 1].numpy()


def _refined(small, boxes):
    """Return what R-Net makes of squares: fewer, moved."""
    import tensorflow as tf

    # `crop_and_resize` takes 0 for the centre of the first pixel and 1 for that of the last, and
    # reads at both ends of what it is given.
    half = (boxes[:, 2:] - boxes[:, :2]) / 24 / 2
    ends = np.hstack([boxes[:, :2] + half, boxes[:, 2:] - half]) - 0.5
    ends = (ends / np.tile(np.array(small.shape[:2]) - 1, 2)).astype(np.float32)
    answers = [(np.empty((0, 4)), np.empty((0, 2)))]
    for k in range(0, len(boxes), BATCH):
        part = ends[k : k + BATCH]
        faces = tf.image.crop_and_resize(
            small[np.newaxis], part, np.zeros(len(part), int), (24, 24), extrapolation_value=127.5
        )
        answers.append([answer.numpy() for answer in _compiled("rnet")(_normalised(faces))])
    moves, scores = (np.concatenate(part) for part in zip(*answers, strict=True))
    kept = scores[:, 1] > RNET_SCORE
    moved, scores = _moved(boxes[kept], moves[kept]), scores[kept, 1]
    left = _squares(moved[_suppress(moved, scores, 0.7)])
    return MtcnnStage("R-Net", len(boxes), boxes[kept], moved, left)


def _faces(picture, small, boxes, edge, least_score):
    """Return what O-Net makes of squares, and its faces, the surest first."""
    faces = [_face_at(picture, small, box, edge) for box in boxes]
    boxes, found = boxes * edge, [np.empty((0, 16))]
    for k in range(0, len(faces), BATCH):
        part = np.stack(faces[k : k + BATCH]) * 255  # (n, 48, 48, 3)
        found.append(np.hstack([a.numpy() for a in _compiled("onet")(_normalised(part))]))
    moves, points, scores = np.split(np.concatenate(found), [4, 14], axis=1)
    kept, read = scores[:, 1] >= least_score, len(boxes)
    boxes, scores = boxes[kept], scores[kept, 1].astype(float)
    sides = boxes[:, 2:] - boxes[:, :2]  # (K, 2) height, width
    x = boxes[:, 1:2] + points[kept, :5] * sides[:, 1:] - 0.5  # (K, 5)
    y = boxes[:, :1] + points[kept, 5:] * sides[:, :1] - 0.5
    moved = _moved(boxes, moves[kept])
    left = _largest(moved, scores)
    output = MtcnnStage("O-Net", read, boxes, moved, moved[left])
    return output, [_detection(moved[i], scores[i], x[i], y[i]) for i in left]


def _face_at(picture, small, box, edge):
    """Return a box as O-Net reads it, (48, 48, 3): from the photograph where the copy is coarse."""
    if box[2] - box[0] < 48:
        return crop(picture, box * edge, 48)
    return crop(small, box, 48)


def _detection(box, score, x, y):
    top, left, bottom, _ = _squares(box[np.newaxis])[0].tolist()
    landmarks = tuple(zip(x.tolist(), y.tolist(), strict=True))
    return Detection(top, left, bottom - top, float(score), float(score), landmarks)


def _normalised(pixels):
    """Return pixels from 0 to 255 as the networks read them."""
    return ((np.asarray(pixels, np.float32) - 127.5) / 128).astype(np.float32)


def _moved(boxes, moves):
    """Return boxes whose edges went by shares of their sides; a network gives x before y."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return boxes + np.asarray(moves, float)[:, [1, 0, 3, 2]] * np.tile(sides, 2)


def _squares(boxes):
    """Return the smallest squares about boxes, with the same centres."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2
    return np.hstack([centres - half, centres + half])


def _suppress(boxes, scores, overlap):
    """Return which boxes are left, the best first, when none may share so much with a better."""
    import tensorflow as tf

    if not len(boxes):
        return np.empty(0, int)
    return tf.image.non_max_suppression(
        boxes.astype(np.float32), scores.astype(np.float32), len(boxes), overlap
    ).numpy()


def _largest(boxes, scores, overlap=0.7):
    """Return which boxes are left when none may have so much of the smaller one in common."""
    left, areas = [], np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    for i in np.argsort(-scores, kind="stable"):
        top_left = np.maximum(boxes[i, :2], boxes[left, :2])
        sides = np.minimum(boxes[i, 2:], boxes[left, 2:]) - top_left
        common = np.prod(np.clip(sides, 0, None), axis=1)
        if not (common > overlap * np.minimum(areas[i], areas[left])).any():
            left.append(int(i))
    return left
