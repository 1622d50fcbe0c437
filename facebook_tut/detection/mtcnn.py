"""MTCNN: three small networks in a row, which find a face and five points on it.

P-Net reads windows of 12 pixels and, being convolutional, judges all windows of a photograph in
one pass; R-Net reads at 24 pixels what is left, and O-Net at 48. Each moves the boxes as well. The
networks and their weights are those of the package `mtcnn` (MIT). TensorFlow loads with the first
call.
"""

import hashlib
import importlib.util
import io
from functools import cache
from pathlib import Path

import numpy as np

from facebook_tut._validation import check_choice, check_number, check_picture
from facebook_tut.alignment import crop
from facebook_tut.detection.windows import Detection
from facebook_tut.preprocessing._shrinking import block_means

MTCNN_SMALLEST = 40  # pixels: the edge of the smallest face looked for, if none is given
LEAST_SMALLEST = 20  # pixels: R-Net reads faces at 24
LEAST_SCORE = 0.9  # of O-Net; the first two networks only sort out, at the authors' thresholds
PNET_SCORE, RNET_SCORE = 0.6, 0.7
WINDOW, STRIDE = 12, 2  # pixels: what P-Net reads, and from one window to the next
SHRINK = 0.709  # from one level of the pyramid to the next: half of its pixels
STRIP = 2**18  # pixels of a level that P-Net reads at a time: its layers hold tens of numbers each
SIDES = {"pnet": (None, None), "rnet": (24, 24), "onet": (48, 48)}  # of the images they read
BATCH = 512  # windows that R-Net or O-Net reads at a time
# Of the files in mtcnn 1.0.0. They are pickles, which could run any code: these were looked into
# and hold NumPy arrays alone. Others are not opened.
WEIGHTS = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}


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
    picture = check_picture("picture", picture)
    shape = picture.shape[:2]
    check_number("least_score", least_score, 0, 1)
    if min(shape) < LEAST_SMALLEST:
        raise ValueError(f"picture must be at least 20 pixels high and wide, got {shape}")
    smallest = min(MTCNN_SMALLEST, *shape) if smallest is None else smallest
    check_number("smallest", smallest, LEAST_SMALLEST, min(shape))
    edge = int(smallest / LEAST_SMALLEST)  # the smallest face keeps 20 pixels
    small = _colour_bytes(picture, edge)  # (h, w, 3)
    boxes = _proposals(small, smallest / edge)  # (K, 4) in pixels of the small copy
    boxes = _refined(small, boxes)
    return _faces(picture, small, boxes, edge, least_score)


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
    """Return squares in which P-Net sees a face, (K, 4)."""
    import tensorflow as tf

    level, boxes, scores = small, [np.empty((0, 4))], [np.empty(0)]
    scale = WINDOW / smallest
    while min(shape := [round(side * scale) for side in small.shape[:2]]) >= WINDOW:
        level = tf.image.resize(level, shape, tf.image.ResizeMethod.AREA)  # of the level before
        found, score = _windows_of_level(level.numpy())
        kept = _suppress(found, score, 0.5)
        boxes.append(found[kept] / np.tile(shape, 2) * np.tile(small.shape[:2], 2))
        scores.append(score[kept])
        scale *= SHRINK
    boxes, scores = np.concatenate(boxes), np.concatenate(scores)
    return _squares(boxes[_suppress(boxes, scores, 0.7)])


def _windows_of_level(level):
    """Return the boxes in which P-Net sees a face, (K, 4) in pixels of a level, and its scores."""
    rows = max(WINDOW, STRIP // level.shape[1] // STRIDE * STRIDE)
    boxes, scores = [], []
    for top in range(0, len(level) - WINDOW + 1, rows):
        strip = level[top : top + rows + WINDOW - STRIDE]
        if len(strip) < WINDOW:
            break
        moves, score = _network("pnet")(_normalised(strip[np.newaxis]))
        score = score[0, ..., 1].numpy()  # (h, w)
        where = np.argwhere(score > PNET_SCORE)  # (K, 2)
        corners = where * STRIDE + (top, 0)
        windows = np.hstack([corners, corners + WINDOW]).astype(float)
        boxes.append(_moved(windows, moves[0].numpy()[tuple(where.T)]))
        scores.append(score[tuple(where.T)])
    return np.concatenate(boxes), np.concatenate(scores)


def _refined(small, boxes):
    """Return the squares that R-Net leaves, moved, (K, 4)."""
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
        answers.append([answer.numpy() for answer in _network("rnet")(_normalised(faces))])
    moves, scores = (np.concatenate(part) for part in zip(*answers, strict=True))
    kept = scores[:, 1] > RNET_SCORE
    boxes, scores = _moved(boxes[kept], moves[kept]), scores[kept, 1]
    return _squares(boxes[_suppress(boxes, scores, 0.7)])


def _faces(picture, small, boxes, edge, least_score):
    """Return what O-Net takes for faces, the surest first."""
    faces = [_face_at(picture, small, box, edge) for box in boxes]
    boxes, found = boxes * edge, [np.empty((0, 16))]
    for k in range(0, len(faces), BATCH):
        part = np.stack(faces[k : k + BATCH]) * 255  # (n, 48, 48, 3)
        found.append(np.hstack([a.numpy() for a in _network("onet")(_normalised(part))]))
    moves, points, scores = np.split(np.concatenate(found), [4, 14], axis=1)
    kept = scores[:, 1] >= least_score
    boxes, scores = boxes[kept], scores[kept, 1].astype(float)
    sides = boxes[:, 2:] - boxes[:, :2]  # (K, 2) height, width
    x = boxes[:, 1:2] + points[kept, :5] * sides[:, 1:] - 0.5  # (K, 5)
    y = boxes[:, :1] + points[kept, 5:] * sides[:, :1] - 0.5
    moved = _moved(boxes, moves[kept])
    return [_detection(moved[i], scores[i], x[i], y[i]) for i in _largest(moved, scores)]


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


# The networks


@cache
def _network(name):
    """Return one of the three networks as a function of a batch of normalised images."""
    import tensorflow as tf

    model = load_network(name)
    images = tf.TensorSpec((None, *SIDES[name], 3))

    @tf.function(input_signature=[images], autograph=False)
    def run(batch):
        return model(batch, training=False)

    return run


def load_network(name):
    """Return one of the three networks with its weights.

    Parameters
    ----------
    name : str
        "pnet", "rnet" or "onet".

    Returns
    -------
    keras.Model
        From images normalised to about −1 to 1, (N, H, W, 3), to moves of the boxes and scores;
        O-Net gives points between the two.

    Raises
    ------
    ImportError
        If the weights of `mtcnn` are not those of version 1.0.0.

    Examples
    --------
    >>> load_network("pnet").count_params()
    6632
    """
    from facebook_tut._backend import keras  # noqa: F401, I001  (its settings come first)
    import joblib
    import lz4.frame
    from mtcnn.network.onet import ONet
    from mtcnn.network.pnet import PNet
    from mtcnn.network.rnet import RNet

    check_choice("name", name, tuple(SIDES))
    model = {"pnet": PNet, "rnet": RNet, "onet": ONet}[name]()
    model.build()
    # Unpacked here: under Python 3.13 the file that joblib leaves to lz4 complains at its end.
    unpacked = lz4.frame.decompress(_checked_weights(name).read_bytes())
    model.set_weights(joblib.load(io.BytesIO(unpacked)))
    return model


def _checked_weights(name):
    """Return the path of a network's weights in the installed package, if they are those known.

    The package itself would take a file of that name in the working folder first.
    """
    [folder] = importlib.util.find_spec("mtcnn").submodule_search_locations
    path = Path(folder) / "assets" / "weights" / f"{name}.lz4"
    if hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS[name]:
        raise ImportError(f"mtcnn must be version 1.0.0, whose weights are known: {path} is not")
    return path
