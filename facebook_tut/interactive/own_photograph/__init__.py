"""The reader's own photograph: chapter 8's network runs on it, in the page."""

import base64
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from facebook_tut._live import Dial, LiveFigure, as_jpeg, data_uri
from facebook_tut._validation import check_picture
from facebook_tut.interactive._networks import shipped_networks

NETWORK = "face_classifier"
READ, SEEN = 160, 320  # pixels of the shorter side at most, for the network and for readers
LEAST, LONGEST = 32, 2  # pixels of a side; the longer side by the shorter one
PLACE, SIZE = Dial(0, 100, 0.5), Dial(5, 100, 0.5)  # hundredths of a side, of the shorter side
SHIFT, LIGHT = Dial(-16, 16, 2), Dial(0.1, 1, 0.1)
MAPS = 8  # of each layer
LAYERS = (0, 1, 2, 3, 4, 5)  # those that have maps
DENSE = 7  # its 512 values are drawn as 16 × 32


def own_photograph(picture=None, *, x=None, y=None, size=None, shift=0, light=1.0, threshold=5.0):
    """Show what the shipped classifier makes of a photograph, the reader's own if they like.

    The reader opens a file or takes a picture with the camera, and the network of chapter 8 runs
    in the page: on a square of the photograph that they move, and over the whole of it as
    `cascade.detect_in_stages` does. Nothing is sent anywhere. Until they load the network, the
    figure shows an example: what Keras says of one square of it, and the boxes found on it.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8, optional
        The example, scikit-image's astronaut if not given. The network reads it in grey, and small:
        the shorter side has at most 160 pixels.
    x, y : float, optional
        The middle of the square at first, in hundredths of the picture's width and height, from 0
        to 100. Not given: the box with most votes.
    size : float, optional
        The square's side in hundredths of the picture's shorter side, from 5 to 100.
    shift : int, default 0
        By how many of the 64 pixels that the network reads the square moves to the right, from -16
        to 16, in steps of 2.
    light : float, default 1.0
        Which share of its light the picture keeps, from 0.1 to 1, in tenths.
    threshold : float, default 5.0
        How many votes a box must have to be drawn, from 0 to 50: the sum of the log-odds of its
        windows.

    Returns
    -------
    LiveFigure
        Its attributes ``x``, ``y``, ``size``, ``shift``, ``light`` and ``threshold`` follow the
        reader and move the figure.

    Examples
    --------
    >>> figure = own_photograph(np.eye(64), x=50, y=50, size=40)
    >>> figure
    <own_photograph: x=50, y=50, size=40, shift=0, light=1, threshold=5>
    >>> figure.light = 0.4
    """
    data = _computed(*_packed(picture))
    given = {"x": (PLACE, x), "y": (PLACE, y), "size": (SIZE, size)}
    dials = {
        name: (dial, data["at"][name] if value is None else value)
        for name, (dial, value) in given.items()
    }
    dials |= {"shift": (SHIFT, shift), "light": (LIGHT, light)}
    dials["threshold"] = (Dial(0, 50, 0.5), threshold)
    networks = shipped_networks(NETWORK)
    return LiveFigure("own_photograph", Path(__file__).parent, data, dials, networks)


def _packed(picture):
    """Return a picture's bytes, of red, green and blue, and its shape, or say what is wrong."""
    if picture is None:
        import skimage.data  # slow to import

        picture = skimage.data.astronaut()
    picture = check_picture("picture", picture)
    short, long = sorted(picture.shape[:2])
    if short < LEAST or long > LONGEST * short:
        raise ValueError(
            f"picture must have sides of {LEAST} pixels or more, the longer one at most"
            f" {LONGEST} times the shorter, got shape {picture.shape}"
        )
    levels = picture if picture.dtype == np.uint8 else np.floor(0.5 + 255 * picture)
    colours = np.dstack([levels] * 3) if levels.ndim == 2 else levels[..., :3]
    return colours.astype(np.uint8).tobytes(), (*picture.shape[:2], 3)


@lru_cache(maxsize=4)  # a search takes seconds
def _computed(content, shape):
    """Return what the figure shows of its example, ready for JSON."""
    from facebook_tut.cascade import group_log_odds
    from facebook_tut.pretrained import load_classifier, load_pixel_filter

    colours = np.frombuffer(content, np.uint8).reshape(shape)
    plane, model = _grey(colours), load_classifier()
    boxes, scores = _windows(model, load_pixel_filter(), plane)
    at = _at(group_log_odds(boxes, scores), plane.shape)
    images = _inputs(plane, at)
    return {
        "width": plane.shape[1],
        "height": plane.shape[0],
        "pixels": _text(plane),
        "windows": [[round(float(v), 3) for v in row] for row in np.column_stack([boxes, scores])],
        "at": at,
        "table": _probabilities(model, images),
        "once": {"photo": _jpeg(colours), "maps": _maps(model, images[(0, 1.0)])},
    }


def _scaled(shape, side):
    """Return how many rows and columns leave the shorter side at most so many pixels."""
    scale = min(1, side / min(shape[:2]))
    return tuple(round(scale * each) for each in shape[:2])


def _grey(colours):
    """Return the picture that the network reads, (H, W), in levels."""
    from facebook_tut.preprocessing import grayscale, resize

    grey = grayscale(colours)
    return np.floor(0.5 + 255 * resize(grey, _scaled(grey.shape, READ))).astype(np.uint8)


def _windows(model, first, plane):
    """Return the windows that vote for a face, (K, 4), and their log-odds, (K,)."""
    from facebook_tut import cascade, detection, training

    patches, boxes = detection.sliding_windows(plane)
    left = first.log_odds(patches) > 0
    scores = cascade.window_log_odds(partial(training.predict, model), patches[left])
    return boxes[left][scores > 0], scores[scores > 0]


def _at(found, shape):
    """Return the square of the box with most votes, in hundredths, on the steps of its dials."""
    if not found:
        return {"x": 50.0, "y": 50.0, "size": 50.0}
    best, (height, width) = found[0], shape
    x, y = 100 * (best.left + best.size / 2) / width, 100 * (best.top + best.size / 2) / height
    sizes = {"x": (PLACE, x), "y": (PLACE, y), "size": (SIZE, 100 * best.size / min(shape))}
    return {name: dial.check(name, value) for name, (dial, value) in sizes.items()}


def _square(shape, x, y, size):
    """Return ``(top, left, side)`` of a square in pixels, kept inside a picture of this shape."""
    side = size / 100 * min(shape)
    places = (share / 100 * edge - side / 2 for share, edge in zip((y, x), shape, strict=True))
    top, left = (max(0.0, min(edge - side, at)) for at, edge in zip(places, shape, strict=True))
    return top, left, side


def _network_input(picture, top, left, side, shift=0, light=1.0):
    """Return what the network reads of a square, (64, 64, 3): moved, and with less light."""
    from facebook_tut.alignment import crop
    from facebook_tut.preprocessing import INPUT_SIZE, PATCH_SIZE, grayscale, to_network_input

    left += shift * side / INPUT_SIZE
    patch = crop(picture, (top, left, top + side, left + side), PATCH_SIZE)  # (25, 25, 3)
    darker = np.floor(0.5 + light * 255.0 * patch) / 255
    return to_network_input(grayscale(darker)[None])[0]


def _stops(dial):
    """Return where a dial can stand."""
    count = round((dial.high - dial.low) / dial.step)
    return [dial.check("", dial.low + k * dial.step) for k in range(count + 1)]


def _inputs(plane, at):
    """Return what the network reads of the square for each shift and share of light."""
    box = _square(plane.shape, **at)
    return {
        (shift, light): _network_input(plane, *box, shift, light)
        for shift in _stops(SHIFT)
        for light in _stops(LIGHT)
    }


def _probabilities(model, images):
    """Return the probability of a face for each shift, and in it for each share of light."""
    from facebook_tut import training

    found = training.predict(model, np.stack([*images.values()]))
    table = found.reshape(len(_stops(SHIFT)), len(_stops(LIGHT)))
    return [[round(float(one), 4) for one in row] for row in table]


def _maps(model, image):
    """Return the most active maps of each layer, and the values of the dense one, as text."""
    from facebook_tut.models import feature_maps

    outputs = feature_maps(model, image[None])
    kept = [_most_active(outputs[layer][0]) for layer in LAYERS]
    kept.append(outputs[DENSE].reshape(16, 32, 1))
    return [_levels(values) for values in kept]


def _most_active(values):
    """Return the maps with the largest means, every second pixel of large ones."""
    best = np.argsort(-values.mean((0, 1)), kind="stable")[:MAPS]
    return values[..., best]


def _levels(values):
    """Return maps as levels, white a map's largest value, every second pixel of large ones."""
    every = 2 if len(values) > 32 else 1
    largest = np.maximum(values.max((0, 1)), 1e-12)
    levels = np.floor(0.5 + 255 * (values / largest)[::every, ::every]).astype(np.uint8)
    levels = levels.transpose(2, 0, 1)
    return {"rows": levels.shape[1], "columns": levels.shape[2], "text": _text(levels)}


def _text(levels):
    return base64.b64encode(levels.tobytes()).decode()


def _jpeg(colours):
    """Return a picture as it is shown, as a data URI."""
    from PIL import Image

    height, width = _scaled(colours.shape, SEEN)
    small = Image.fromarray(colours).resize((width, height), Image.LANCZOS)
    return data_uri(as_jpeg(small, quality=80))
