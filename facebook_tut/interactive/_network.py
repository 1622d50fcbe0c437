"""The network explorer: what every layer of the book's network makes of a few images."""

import base64
import struct

import numpy as np

from facebook_tut._validation import check_images

from ._live import Dial, LiveFigure, bitmap, declare, fixed

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
FLATTEN, DENSE, LAST = 7, 8, 9


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

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

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
        "layer": (Dial(1, LAST, 1), layer),
        "channel": (Dial(0, SHOWN - 1, 1), channel),
        "row": (Dial(0, LAYERS[0][3] - 1, 1), row),
        "column": (Dial(0, LAYERS[0][4] - 1, 1), column),
    }
    return LiveFigure("network_explorer", _collect(model, pixels), dials, _still)


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


# What follows draws the still in Python exactly as network_explorer.js redraws it, so that nothing
# jumps when the script takes over; tests/interactive/test_network_explorer.py compares the two.


def _maps(data, image):
    """Return the input's planes, then each layer's maps: arrays (channels, rows, columns)."""
    planes = _unpacked(data["images"][image], 64, 64)
    first = _convolve(planes, data["filters"], data["biases"], data["limits"][0])
    packed = data["maps"][image]
    second, third = _unpacked(packed[0], 29, 29), _unpacked(packed[1], 12, 12)
    last = _pool(third)
    dense = _unpacked(packed[2], 16, 32)
    answer = np.floor(0.5 + 255 * np.full((1, 1, 1), data["probabilities"][image])).astype(int)
    return [planes, first, _pool(first), second, _pool(second), third, last, last, dense, answer]


def _unpacked(text, rows, columns):
    """Return the levels that `_packed` wrote, (channels, rows, columns)."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, rows, columns).astype(int)


def _convolve(planes, filters, biases, limits):
    """Return the levels of the first convolution; a grey image is three equal planes."""
    planes = np.broadcast_to(planes, (3, *planes.shape[1:]))
    windows = np.lib.stride_tricks.sliding_window_view(planes, (3, 3), axis=(1, 2))
    sums = np.einsum("prcij,kpij->krc", windows, np.reshape(filters, (-1, 3, 3, 3)))
    sums += np.reshape(biases, (-1, 1, 1))
    return _to_levels(np.maximum(sums, 0) / (255 * UNIT), np.reshape(limits, (-1, 1, 1)))


def _pool(maps):
    """Return the largest of each 2 x 2 levels: the level of the largest value."""
    channels, rows, columns = (*maps.shape[:1], *(edge // 2 for edge in maps.shape[1:]))
    even = maps[:, : 2 * rows, : 2 * columns]
    return even.reshape(channels, rows, 2, columns, 2).max(axis=(2, 4))


def _windows(layers, layer, row, column):
    """Return what one value of a layer sees in the input and in each layer up to its own.

    Each window is its first row, first column, rows and columns. Going back through a layer, a
    window of n values that starts at s becomes one of (n - 1) stride + kernel at s stride.
    """
    windows = [(row, column, 1, 1)]
    for index in range(layer, 0, -1):
        kernel, stride = layers[index - 1]["kernel"], layers[index - 1]["stride"]
        top, left, *edges = windows[0]
        grown = [(edge - 1) * stride + kernel for edge in edges]
        window = (top * stride, left * stride, *grown)
        windows.insert(0, window if kernel else (0, 0, *_size(layers, index - 1)))
    return windows


def _size(layers, layer):
    """Return a layer's rows and columns as they are drawn; layer 0 is the input."""
    return (layers[layer - 1]["rows"], layers[layer - 1]["columns"]) if layer else (64, 64)


def _inset(window, size):
    """Return how far a window is from the four sides of its picture, as CSS writes it."""
    top, left, height, width = window
    rows, columns = size
    right, bottom = columns - left - width, rows - top - height
    parts = (top / rows, right / columns, bottom / rows, left / columns)
    return " ".join(f"{fixed(100 * part, 3)}%" for part in parts)


def _thin(maps):
    """Return every second row and column of maps that are too fine for a small picture."""
    return maps[:, ::2, ::2] if maps.shape[1] > 32 else maps


def _picture(planes):
    """Return an image as a data URI: grey if it has one plane, else in colour."""
    if len(planes) == 1:
        return bitmap(planes[0])
    rows, columns = planes.shape[1:]  # a line of 3 bytes a pixel must fill whole groups of 4
    pixels = planes[::-1].transpose(1, 2, 0).astype(np.uint8).tobytes()
    header = struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54)
    header += struct.pack("<IiiHHIIiiII", 40, columns, -rows, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    return "data:image/bmp;base64," + base64.b64encode(header + pixels).decode()


def _sheet(maps):
    """Return the maps of a layer in one picture, two a line; a single one comes first."""
    maps = _thin(maps)
    count, rows, columns = maps.shape
    tiles = np.concatenate([maps, np.zeros((SHOWN - count, rows, columns), int)])
    lines = tiles.reshape(SHOWN // 2, 2, rows, columns).transpose(0, 2, 1, 3)
    return bitmap(lines.reshape(-1, 2 * columns))


def _pictures(maps, layer, channel):
    """Return the pictures by the name of their slot."""
    shown = {"card0": _picture(_thin(maps[0])), "input": _picture(maps[0])}
    for index in range(1, LAST + 1):
        small = _thin(maps[index])[min(channel, len(maps[index]) - 1)]
        if index == FLATTEN:
            small = small.reshape(-1, 1)
        shown[f"card{index}"] = bitmap(small)
    shown["sheet"] = _sheet(maps[layer])
    shown["map"] = bitmap(maps[layer][min(channel, len(maps[layer]) - 1)])
    return shown


def _block(layer):
    """Return which convolution a layer of maps belongs to."""
    return (min(layer, 6) - 1) // 2


def _chosen(data, layer):
    """Return which of its maps a layer shows: those of its convolution."""
    return data["chosen"][_block(layer)]


def _titles(data, layer, channel):
    """Return what the layer and its maps are called, by the name of their slot."""
    own = data["layers"][layer - 1]
    shown = _map_titles(data, layer, channel) if layer < DENSE else _dense_titles(layer)
    return shown | {
        "note": own["note"],
        "last_row": str(own["rows"] - 1),
        "last_column": str(own["columns"] - 1),
    }


def _map_titles(data, layer, channel):
    own, chosen = data["layers"][layer - 1], _chosen(data, layer)
    outputs = data["layers"][min(layer, 6) - 1]["outputs"]
    thinned = " Every second pixel is drawn." if layer == 1 else ""
    return {
        "sheet_title": f"{SHOWN} of {outputs} maps",
        "sheet_note": f"Most active first. White is a map’s largest value.{thinned}",
        "map_title": f"Map {chosen[channel]}: {own['rows']} × {own['columns']}",
        "cut": "none",
        **{f"label{index}": str(number) for index, number in enumerate(chosen)},
    }


def _dense_titles(layer):
    return {
        "sheet_title": "512 values" if layer == DENSE else "1 value",
        "sheet_note": "There are no maps from here on.",
        "map_title": "All values: 16 × 32" if layer == DENSE else "The answer: 1 × 1",
        "cut": "inset(0 50% 75% 0)",
        **{f"label{index}": "all" for index in range(SHOWN)},
    }


def _clamped(layers, layer, channel, row, column):
    """Return the dials as they are drawn: what a layer lacks becomes its last one."""
    rows, columns = _size(layers, layer)
    return channel if layer < DENSE else 0, min(row, rows - 1), min(column, columns - 1)


def _truth(holds):
    return "true" if holds else "false"


def _place(data, layer, channel, row, column):
    """Return in words which value of the layer this is."""
    own = data["layers"][layer - 1]
    if layer == LAST:
        return "is the probability of a face and"
    at = row * own["columns"] + column
    if layer == DENSE:
        return f"is number {at} of {own['outputs']} and"
    number = _chosen(data, layer)[channel]
    if layer == FLATTEN:
        return f"is number {at * 128 + number} of {own['outputs']} and"
    return f"at row {row}, column {column} of map {number}"


def _reading(data, maps, image, layer, channel, row, column):
    """Return what one value is, where it is and what it sees, by the name of its slot."""
    layers = data["layers"]
    windows = _windows(layers, layer, row, column)
    top, left, rows, columns = windows[0]
    limit = data["limits"][_block(layer) if layer < DENSE else 3][channel]
    value = fixed(maps[layer][channel][row][column] * limit / 255, 2)
    shown = {
        "value": fixed(data["probabilities"][image], 3) if layer == LAST else value,
        "place": _place(data, layer, channel, row, column),
        "size": f"sees {rows} × {columns} pixels of the image:",
        "rows": f"rows {top}–{top + rows - 1},",
        "columns": f"columns {left}–{left + columns - 1}.",
        "row": str(row),
        "column": str(column),
        "probability": fixed(data["probabilities"][image], 3),
        "pixel": _inset((row, column, 1, 1), _size(layers, layer)),
    }
    for index in range(LAST + 1):
        seen = index <= layer
        shown[f"window{index}"] = _inset(windows[index], _size(layers, index)) if seen else "auto"
    return shown


def _filters(data):
    """Return the filters of the first convolution as one picture, with a gap between two planes.

    The style sheet relies on it: each plane is 3 pixels wide, and 3 more follow on a filter.
    """
    filters = np.reshape(data["filters"], (SHOWN, 3, 3, 3))
    strength = np.floor(128.5 + 127 * (filters / (np.abs(filters).max() or 1))).astype(int)
    strip = np.full((3, SHOWN, 14), 128)
    for plane in range(3):
        strip[:, :, 4 * plane : 4 * plane + 3] = strength[:, plane].transpose(1, 0, 2)
    return bitmap(strip.reshape(3, -1)[:, :-3], "signed")


def _thumbnails(data, image):
    """Return the buttons that choose an image."""
    pictures = [_picture(_thin(_unpacked(each, 64, 64))) for each in data["images"]]
    return "\n".join(
        f'<button type="button" data-set="image {index}" aria-pressed="{_truth(index == image)}"'
        f' disabled><img src="{picture}" alt="image {index}"></button>'
        for index, picture in enumerate(pictures)
    )


def _buttons(maps, image, layer, channel):
    """Return which buttons are pressed, and which stand for no map."""
    shown = {f"layer{index}": _truth(index == layer) for index in range(1, LAST + 1)}
    for index in range(SHOWN):
        shown[f"tile{index}"] = _truth(index == channel)
        shown[f"filter{index}"] = _truth(index == channel and layer < 3)
        shown[f"hidden{index}"] = "" if index < len(maps[layer]) else "hidden"
    return shown


def _still(data, image, layer, channel, row, column):
    """Return what the figure shows, by the name of its slot in ``network_explorer.html``."""
    image, layer, channel, row, column = map(int, (image, layer, channel, row, column))
    maps = _maps(data, image)
    shown = _pictures(maps, layer, channel)
    channel, row, column = _clamped(data["layers"], layer, channel, row, column)
    shown |= _titles(data, layer, channel)
    shown |= _reading(data, maps, image, layer, channel, row, column)
    places = ["pixel", "cut", *(f"window{index}" for index in range(LAST + 1))]
    return shown | {
        "places": declare({name: shown[name] for name in places}),
        "thumbnails": _thumbnails(data, image),
        "filters": _filters(data),
        **{f"first{index}": str(number) for index, number in enumerate(data["chosen"][0])},
        **_buttons(maps, image, layer, channel),
    }
