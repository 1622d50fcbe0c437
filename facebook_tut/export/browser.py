"""A trained network as bytes for a web page, where `_live/network/forward.js` runs it.

The file holds a few letters that say what it is, a header in JSON, and the arrays: biases and
slopes and small kernels as float32, then the large ones as int8 with one scale for each output
channel. Batch normalisation is folded into the layer before it.
"""

import json
import struct
import zlib
from functools import cache

import numpy as np

from facebook_tut._validation import check_choice
from facebook_tut.export.int8 import quantisation_parameters, quantise

MAGIC, VERSION = b"FTNN", 1
START = struct.Struct("<4sIII")  # the letters, the version, CRC-32 of the rest, bytes of the header
LARGE = 20_000  # weights from which a kernel is kept as int8
NAMES = ("face_classifier", "face_embedder", "mtcnn")
ACTIVATIONS = ("relu", "sigmoid", "softmax")


def to_browser(networks, extra=None):
    """Return the content of a file with one or more networks for a web page.

    Parameters
    ----------
    networks : keras.Model or dict of str to keras.Model
        Networks of convolutions, max pooling, dense layers, batch normalisation, sums, ReLU,
        PReLU, sigmoid, softmax and normalisation to length 1, by their names; one network alone
        goes by its own name.
    extra : dict, optional
        What else the header holds, ready for JSON.

    Returns
    -------
    bytes
        The same for the same weights.

    Raises
    ------
    TypeError
        If something given is not a network of Keras.
    ValueError
        If a network has a layer that the page does not know.

    References
    ----------
    Jacob et al., "Quantization and training of neural networks for efficient
    integer-arithmetic-only inference" (2018), section 3.2 for the folding of batch normalisation.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> content = to_browser(build_embedder(8, filters=(4, 8)))
    >>> content[:4], [layer["kind"] for layer in read_header(content)["networks"][
    ...     "face_embedder"]["layers"]][:3]
    (b'FTNN', ['rescale', 'convolution', 'relu'])
    """
    if extra is not None and not isinstance(extra, dict):
        raise TypeError(f"extra must be a dict, got {type(extra).__name__}")
    networks = networks if isinstance(networks, dict) else {None: networks}
    if not networks:
        raise ValueError("networks must hold one or more networks, got none")
    arrays, described = _Arrays(), {}
    for name, model in networks.items():
        _check_is_network(model)
        described[name or model.name] = _described(model, arrays)
    return _packed({"networks": described, "extra": extra or {}}, arrays)


def read_header(content):
    """Return what a file for the browser says of its networks.

    Parameters
    ----------
    content : bytes
        As `to_browser` returns it.

    Returns
    -------
    dict
        ``networks``, by name: the shape of the ``input``, the ``layers`` and which values are
        ``outputs``; ``extra``, as it was given; ``arrays``, where each begins, in bytes.

    Raises
    ------
    ValueError
        If it is no such file, or a damaged one.

    Examples
    --------
    >>> read_header(b"something else")
    Traceback (most recent call last):
        ...
    ValueError: content must be a file of networks that begins with b'FTNN', got b'some'
    """
    if len(content) < START.size or content[:4] != MAGIC:
        raise ValueError(
            f"content must be a file of networks that begins with {MAGIC}, got {content[:4]}"
        )
    _, version, checksum, length = START.unpack_from(content)
    if version != VERSION:
        raise ValueError(f"content must have version {VERSION}, got {version}")
    if zlib.crc32(content[START.size :]) != checksum:
        raise ValueError("content must have the checksum that it names: the file is damaged")
    return json.loads(content[START.size : START.size + length])


def browser_network(name):
    """Return a network of the book as the content of a file for its pages.

    Parameters
    ----------
    name : str
        "face_classifier", chapter 8's network with the pixel filter before it; "face_embedder",
        the one that ships; or "mtcnn", with its three networks.

    Returns
    -------
    bytes
        As `to_browser` returns it.

    Examples
    --------
    >>> [*read_header(browser_network("mtcnn"))["networks"]]
    ['pnet', 'rnet', 'onet']
    """
    check_choice("name", name, NAMES)
    return {"face_classifier": _classifier, "face_embedder": _embedder, "mtcnn": _mtcnn}[name]()


@cache
def _classifier():
    from facebook_tut.pretrained import load_classifier, load_pixel_filter

    first = load_pixel_filter()
    extra = {"filter": {"weights": first.weights.ravel().tolist(), "bias": first.bias}}
    return to_browser({"face_classifier": load_classifier()}, extra)


@cache
def _embedder():
    from facebook_tut.pretrained import THRESHOLD, load_embedder

    return to_browser({"face_embedder": load_embedder()}, {"threshold": THRESHOLD})


@cache
def _mtcnn():
    from facebook_tut._backend import keras
    from facebook_tut.detection.mtcnn import SIDES, load_network

    networks = {}
    for name, sides in SIDES.items():
        images = keras.Input((*sides, 3))
        networks[name] = keras.Model(images, load_network(name).call(images))
    return to_browser(networks)


# The file


class _Arrays:
    """The arrays of a file, each by its number: float32 first, int8 after them."""

    def __init__(self):
        self.float32, self.int8 = [], []

    def add(self, array):
        """Take an array of floats in; return its number."""
        self.float32.append(np.ascontiguousarray(array, "<f4"))
        return len(self.float32) - 1

    def add_kernel(self, kernel):
        """Take a kernel in, a large one as int8; return its number, and that of its scales."""
        if kernel.size < LARGE:
            return {"kernel": self.add(kernel)}
        scale, zero = quantisation_parameters(kernel, -1, symmetric=True)
        self.int8.append(quantise(kernel, scale, zero))
        return {"kernel": len(self.int8) - 1, "scale": self.add(scale.ravel())}

    def places(self):
        """Return where each array begins, in bytes after the header, and how many items it has."""
        found, end = {"float32": [], "int8": []}, 0
        for kind in found:
            for array in getattr(self, kind):
                found[kind].append([end, array.size])
                end += array.nbytes
        return found


def _packed(header, arrays):
    """Return header and arrays as bytes, the floats at a multiple of 4."""
    text = json.dumps({**header, "arrays": arrays.places()}, separators=(",", ":"))
    text += " " * (-len(text) % 4)
    content = [text.encode("ascii"), *(one.tobytes() for one in arrays.float32 + arrays.int8)]
    rest = b"".join(content)
    return START.pack(MAGIC, VERSION, zlib.crc32(rest), len(text)) + rest


# The layers. A value has a number: 0 is the image, and k what layer k gives, from 1.


def _check_is_network(model):
    from facebook_tut._backend import keras

    if not isinstance(model, keras.Model):
        raise TypeError(f"networks must be networks of Keras, got {type(model).__name__}")
    count = len(getattr(model, "inputs", None) or ())
    if count != 1:
        raise ValueError(f"networks must be built and have one input, {model.name} has {count}")


def _described(model, arrays):
    """Return a network's layers as the header has them; its weights go among the arrays."""
    values, layers = {id(model.inputs[0]): 0}, []
    for output in model.outputs:
        _walk(output, values, layers)
    return {
        "input": list(model.inputs[0].shape[1:]),
        "layers": [_stored(layer, arrays) for layer in layers],
        "outputs": [values[id(output)] for output in model.outputs],
    }


def _walk(tensor, values, layers):
    """Note the layers that a tensor comes from, and the number of what each gives."""
    if id(tensor) in values:
        return
    operation, node, _ = tensor._keras_history
    inputs = operation._inbound_nodes[node].input_tensors
    for one in inputs:
        _walk(one, values, layers)
    of, kind = [values[id(one)] for one in inputs], type(operation).__name__
    if kind == "BatchNormalization":
        _fold(operation, layers, of[0])
    elif kind != "Dropout":
        if kind not in KINDS:
            known = ", ".join([*KINDS, "BatchNormalization", "Dropout"])
            raise ValueError(f"networks must have layers of {known}, got a {kind}")
        layers.append({"name": operation.name, "of": of, **KINDS[kind](operation)})
        values[id(tensor)] = len(layers)
        return
    values[id(tensor)] = of[0]  # nothing of its own is left of it


def _fold(norm, layers, number):
    """Let the layer before a batch normalisation do what that does: γ (x − μ) / √(σ² + ε) + β."""
    layer = layers[number - 1] if number else {}
    alone = not any(number in one["of"] for one in layers)
    if "kernel" not in layer or "activation" in layer or not alone:
        raise ValueError(
            f"batch normalisation must follow a convolution or a dense layer without an"
            f" activation, {norm.name} does not"
        )
    variance = np.asarray(norm.moving_variance, float)
    gain = _weights(norm, "gamma", 1.0) / np.sqrt(variance + norm.epsilon)  # (F,)
    layer["kernel"] = layer["kernel"] * gain
    layer["bias"] = (layer["bias"] - np.asarray(norm.moving_mean)) * gain
    layer["bias"] = layer["bias"] + _weights(norm, "beta", 0.0)


def _weights(layer, name, default):
    value = getattr(layer, name, None)
    return default if value is None else np.asarray(value, float)


def _stored(layer, arrays):
    """Return a layer for the header, its arrays by their numbers."""
    layer = dict(layer)
    for name in ("bias", "slopes"):
        if name in layer:
            layer[name] = arrays.add(layer[name])
    if "kernel" in layer:
        layer["shape"] = list(layer["kernel"].shape)
        layer |= arrays.add_kernel(layer["kernel"])
    return layer


def _convolution(layer):
    if layer.dilation_rate != (1, 1) or layer.groups != 1 or layer.data_format != "channels_last":
        raise ValueError(f"convolutions must be plain, without groups or dilation: {layer.name}")
    return {"kind": "convolution", "stride": _one(layer.strides, layer), "padding": layer.padding,
            **_products(layer)}  # fmt: skip


def _products(layer):
    """Return kernel, bias and activation of a convolution or a dense layer."""
    kernel = np.asarray(layer.kernel, float)
    bias = _weights(layer, "bias", np.zeros(kernel.shape[-1]))
    return {"kernel": kernel, "bias": bias, **_activation(layer)}


def _activation(layer):
    name = layer.activation.__name__
    if name == "linear":
        return {}
    if name not in ACTIVATIONS:
        raise ValueError(f"activations must be {', '.join(ACTIVATIONS)}, got {name}: {layer.name}")
    return {"activation": name}


def _one(pair, layer):
    """Return the number that a layer has twice, down and across."""
    if pair[0] != pair[1]:
        raise ValueError(f"strides and windows must be square, got {pair}: {layer.name}")
    return pair[0]


def _max_pool(layer):
    size, stride = _one(layer.pool_size, layer), _one(layer.strides, layer)
    return {"kind": "max_pool", "size": size, "stride": stride, "padding": layer.padding}


def _prelu(layer):
    slopes = np.asarray(layer.alpha, float)
    if slopes.size != slopes.shape[-1]:
        raise ValueError(f"PReLU must have one slope for a channel, got {slopes.shape}")
    return {"kind": "prelu", "slopes": slopes.ravel()}


def _relu(layer):
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise ValueError(f"ReLU must be max(0, x), {layer.name} is not")
    return {"kind": "relu"}


def _swap(layer):
    if layer.dims != (2, 1, 3):
        raise ValueError(f"Permute must swap rows and columns, got {layer.dims}")
    return {"kind": "swap"}


KINDS = {
    "Rescaling": lambda layer: {"kind": "rescale", "scale": layer.scale, "offset": layer.offset},
    "Conv2D": _convolution,
    "MaxPooling2D": _max_pool,
    "Dense": lambda layer: {"kind": "dense", **_products(layer)},
    "Flatten": lambda _: {"kind": "flatten"},
    "Add": lambda _: {"kind": "add"},
    "ReLU": _relu,
    "PReLU": _prelu,
    "Permute": _swap,
    "Activation": lambda layer: {"kind": _activation(layer)["activation"]},
    "Softmax": lambda _: {"kind": "softmax"},
    "UnitNormalization": lambda _: {"kind": "unit_length"},
}
