"""The network explorer: what every layer of the book's network makes of a few images."""

import base64
from pathlib import Path

import numpy as np

from facebook_tut._live import Dial, LiveFigure
from facebook_tut._validation import check_images

SHOWN = 8  # maps of each layer
PLANES = 3  # of all images together: what keeps the figure small enough for a page
UNIT = 10**6  # the weights of the first convolution are whole numbers of millionths

# Keras' class, its output and activation; rows and columns as drawn, kernel (0: all) and stride.
LAYERS = (
    ("Conv2D", (62, 62, 32), "relu", 62, 62, 3, 1),
    ("MaxPooling2D", (31, 31, 32), None, 31, 31, 2, 2),
    ("Conv2D", (29, 29, 64), "relu", 29, 29, 3, 1),
    ("MaxPooling2D", (14, 14, 64), None, 14, 14, 2, 2),
    ("Conv2D", (12, 12, 128), "relu", 12, 12, 3, 1),
    ("MaxPooling2D", (6, 6, 128), None, 6, 6, 2, 2),
    ("Flatten", (4608,), None, 6, 6, 1, 1),
    ("Dense", (512,), "relu", 16, 32, 0, 1),
    ("Dense", (1,), "sigmoid", 1, 1, 0, 1),
)
NOTES = (
    "A value: 3 × 3 pixels of red, green and blue times a filter, plus a bias, through ReLU.",
    "A value: the largest of 2 × 2 values of the same map.",
    "A value: 3 × 3 values of all 32 maps before it times a filter, plus a bias, through ReLU.",
    "A value: the largest of 2 × 2 values of the same map.",
    "A value: 3 × 3 values of all 64 maps before it times a filter, plus a bias, through ReLU.",
    "A value: the largest of 2 × 2 values of the same map.",
    "The 6 × 6 values of all 128 maps stand in one row now, unchanged.",
    "A value: a weighted sum of all 4608 values before it, plus a bias, through ReLU.",
    "The value: a weighted sum of all 512 values before it, plus a bias, through the sigmoid.",
)


def network_explorer(model, images, *, image=0, layer=1, channel=0, row=30, column=24):
    """Show what each layer makes of an image, and which of its pixels one value sees.

    Of each convolution and of the pooling after it, the figure holds the 8 maps whose mean over
    the images is largest, in 8 bits; white is the largest value of that map in any image.

    Parameters
    ----------
    model : keras.Sequential
        The network of `models.build_classifier`, trained or not.
    images : ndarray, (N, 64, 64, 3), float
        Values from 0 to 1, rounded to 8 bits as in a picture file. From 1 to 3 grey images, or
        one colour image: more would make the page heavy.
    image : int, default 0
        Which image.
    layer : int, default 1
        From 1, the first convolution, to 9, the probability.
    channel : int, default 0
        Which of the 8 maps: 0 is the most active.
    row, column : int, default 30 and 24
        Which value of the map, from 0 to 61; in a smaller map, at most its last.

    Returns
    -------
    LiveFigure
        Its attributes ``image``, ``layer``, ``channel``, ``row`` and ``column`` follow the
        reader and move the figure.

    Examples
    --------
    >>> from facebook_tut.models import build_classifier
    >>> figure = network_explorer(build_classifier(), np.zeros((1, 64, 64, 3)), layer=3)
    >>> figure
    <network_explorer: image=0, layer=3, channel=0, row=30, column=24>
    >>> figure.layer = 8
    """
    _check_model(model)
    pixels = _pixels(images)
    dials = {
        "image": (Dial(0, len(pixels) - 1, 1), image),
        "layer": (Dial(1, len(LAYERS), 1), layer),
        "channel": (Dial(0, SHOWN - 1, 1), channel),
        "row": (Dial(0, LAYERS[0][3] - 1, 1), row),
        "column": (Dial(0, LAYERS[0][4] - 1, 1), column),
    }
    return LiveFigure("network_explorer", Path(__file__).parent, _collect(model, pixels), dials)


def _check_model(model):
    """Say what is wrong if `model` is not laid out as `models.build_classifier` does it."""
    if not hasattr(model, "layers"):
        raise TypeError(f"model must be a Keras network, got {type(model).__name__}")
    found = [
        (
            type(layer).__name__,
            tuple(layer.output.shape[1:]),
            getattr(getattr(layer, "activation", None), "__name__", None),
        )
        for layer in model.layers
    ]
    wanted = [layer[:3] for layer in LAYERS]
    if found != wanted:
        pairs = zip([*found, "no more"], [*wanted, "no more"], strict=False)
        got, want = next((got, want) for got, want in pairs if got != want)
        raise ValueError(
            f"model must be the network of models.build_classifier, with {want}, got {got}"
        )


def _pixels(images):
    """Return `images` in 8 bits, (N, 64, 64, planes): one plane if all are grey, else three."""
    images = check_images("images", images)
    pixels = np.floor(images * 255 + 0.5).astype(int)
    if (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]
    if len(pixels) * pixels.shape[3] > PLANES:
        raise ValueError(
            f"images must hold at most {PLANES} grey images or one in colour, got {len(images)} "
            f"{'in colour' if pixels.shape[3] == 3 else 'grey ones'}"
        )
    return pixels


def _collect(model, pixels):
    """Return what the figure shows, ready for JSON."""
    from facebook_tut.models import feature_maps

    inputs = np.broadcast_to(pixels / 255, (*pixels.shape[:3], 3)).astype("float32")
    outputs = feature_maps(model, inputs)
    chosen = [_most_active(output) for output in outputs[:6:2]]
    kept = [output[..., best] for output, best in zip(outputs[:6:2], chosen, strict=True)]
    kept.append(outputs[7].reshape(-1, 16, 32, 1))
    limits = [_limits(values) for values in kept]
    kernel, bias = (np.asarray(part, dtype=float) for part in model.layers[0].get_weights())
    filters = kernel.transpose(3, 2, 0, 1)[chosen[0]]  # (8, plane, row, column)
    return {
        "layers": [_described(*row) for row in zip(LAYERS, NOTES, strict=True)],
        "chosen": [best.tolist() for best in chosen],
        "limits": [limit.tolist() for limit in limits],
        "filters": np.rint(filters * UNIT).astype(int).reshape(SHOWN, 27).tolist(),
        "biases": (255 * np.rint(bias[chosen[0]] * UNIT).astype(int)).tolist(),
        "images": [_packed(image) for image in pixels],
        "maps": [
            [_packed(_to_levels(*pair)) for pair in zip(each[1:], limits[1:], strict=True)]
            for each in zip(*kept, strict=True)
        ],
        "probabilities": [round(float(one), 4) for one in outputs[8][:, 0]],
    }


def _described(layer, note):
    """Return what the figure must know of a layer."""
    names = ("rows", "columns", "kernel", "stride")
    return dict(zip(names, layer[3:], strict=True), outputs=layer[1][-1], note=note)


def _most_active(output):
    """Return the channels with the largest means, the largest first; of equal ones, the first."""
    return np.argsort(-output.mean(axis=(0, 1, 2)), kind="stable")[:SHOWN]


def _limits(values):
    """Return each map's largest value, rounded up so that few digits tell it, and never 0."""
    largest = values.max(axis=(0, 1, 2)).astype(float)
    return np.maximum(np.ceil(largest * UNIT), 1) / UNIT


def _to_levels(values, limits):
    """Return values from 0 to `limits` as whole numbers from 0 to 255."""
    return np.minimum(255, np.floor(0.5 + values / limits * 255)).astype(int)


def _packed(maps):
    """Return (rows, columns, channels) of levels as text: one byte each, channel by channel."""
    return base64.b64encode(maps.transpose(2, 0, 1).astype(np.uint8).tobytes()).decode()
