"""The networks of the book, in Keras 3, and how they are saved and loaded."""

import math
import zipfile
from dataclasses import dataclass
from numbers import Real

import numpy as np

from facebook_tut import _keras_files
from facebook_tut._backend import keras, on_keras
from facebook_tut._files import check_writable, replacing
from facebook_tut._validation import check_file, check_number, check_numbers, check_shape

INPUT_SHAPE = (64, 64, 3)
MOST_NUMBERS = 2**28  # that all layers together may put out for one image: 1 GiB


def build_classifier():
    """Build the book's convolutional network: one face-or-not probability per image.

    Three blocks of convolution and max pooling, then two dense layers: the layout of LeNet-5
    (LeCun, Bottou, Bengio and Haffner, 1998, figure 2) with ReLU and 3×3 kernels.

    Returns
    -------
    keras.Sequential
        From (N, 64, 64, 3) float32 images to (N, 1) float32 probabilities; 2,453,569 parameters,
        not yet compiled. Call `training.set_seed` first for repeatable initial weights.

    Examples
    --------
    >>> model = build_classifier()
    >>> model.input_shape, model.output_shape, model.count_params()
    ((None, 64, 64, 3), (None, 1), 2453569)
    """
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(INPUT_SHAPE),
            layers.Conv2D(32, (3, 3), activation="relu"),  # (N, 62, 62, 32)
            layers.MaxPooling2D((2, 2)),  # (N, 31, 31, 32)
            layers.Conv2D(64, (3, 3), activation="relu"),  # (N, 29, 29, 64)
            layers.MaxPooling2D((2, 2)),  # (N, 14, 14, 64)
            layers.Conv2D(128, (3, 3), activation="relu"),  # (N, 12, 12, 128)
            layers.MaxPooling2D((2, 2)),  # (N, 6, 6, 128)
            layers.Flatten(),  # (N, 4608)
            layers.Dense(512, activation="relu"),  # (N, 512)
            layers.Dense(1, activation="sigmoid"),  # (N, 1)
        ],
        name="face_classifier",
    )


def build_embedder(
    dimensions=128,
    *,
    input_shape=INPUT_SHAPE,
    filters=(32, 64, 128, 256),
    blocks=1,
    dropout=0.4,
    name="face_embedder",
):
    """Build a compact residual network that maps an image to a point on the unit sphere.

    A convolution with stride 2, then one stage of residual blocks per entry of `filters` (He,
    Zhang, Ren and Sun, 2016, figure 2), each stage but the first halving the map. The last map is
    flattened and mapped linearly to the embedding, which is normalised: the head of ArcFace (Deng,
    Guo, Xue and Zafeiriou, 2019, section 3.1).

    Parameters
    ----------
    dimensions : int
        D, the length of an embedding.
    input_shape : tuple of int
        ``(H, W, C)`` of an image.
    filters : tuple of int
        Channels of each stage.
    blocks : int or tuple of int
        Residual blocks of each stage. The first stage, with the largest maps, may have none.
    dropout : float
        Share of the last map that is dropped in training, from 0 to below 1.
    name : str
        The network's name.

    Returns
    -------
    keras.Model
        From (N, H, W, C) float images, values from 0 to 1, to (N, D) float32 embeddings of length
        1, not yet trained. Call `training.set_seed` first for repeatable initial weights.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> model = build_embedder(dimensions=32, filters=(16, 32, 64))
    >>> model.input_shape, model.output_shape
    ((None, 64, 64, 3), (None, 32))
    """
    check_shape("input_shape", input_shape, 3)
    blocks = _check_layout(dimensions, filters, blocks, dropout)  # of each stage
    layers = keras.layers
    images = keras.Input(input_shape)
    x = layers.Rescaling(2.0, offset=-1.0)(images)  # 0..1 to -1..1
    x = _convolution(x, filters[0], 3, 2)
    x = layers.ReLU()(x)
    for stage, channels in enumerate(filters):
        for block in range(blocks[stage]):
            x = _residual_block(x, channels, 2 if stage > 0 and block == 0 else 1)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(int(dimensions), use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return keras.Model(images, layers.UnitNormalization()(x), name=_check_name(name))


# Not as a decorator, which the chapters would show with the functions.
build_classifier, build_embedder = on_keras(build_classifier), on_keras(build_embedder)


def _check_name(name):
    """Return the name of a network, if Keras can take it."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {name!r}")
    if not name or "/" in name:
        raise ValueError(f"name must be a text without a slash, got {name!r}")
    return name


def _residual_block(x, channels, stride):
    """Return relu(f(x) + x), f two convolutions; a 1×1 convolution fits x if need be."""
    f = _convolution(x, channels, 3, stride)
    f = keras.layers.ReLU()(f)
    f = _convolution(f, channels, 3, 1)
    if stride > 1 or x.shape[-1] != channels:
        x = _convolution(x, channels, 1, stride)
    return keras.layers.ReLU()(keras.layers.Add()([f, x]))


def _convolution(x, channels, size, stride):
    """Return a convolution of x without bias, which the batch normalisation after it replaces."""
    x = keras.layers.Conv2D(channels, size, stride, padding="same", use_bias=False)(x)
    return keras.layers.BatchNormalization(momentum=0.9)(x)


def _check_layout(dimensions, filters, blocks, dropout):
    """Return the number of blocks of each stage."""
    check_number("dimensions", dimensions, 1, 100_000, integer=True)
    check_number("dropout", dropout, 0, 0.99)
    wanted = f"filters must hold the channels of one or more stages, got {filters!r}"
    if not isinstance(filters, tuple | list):
        raise TypeError(wanted)
    if not filters or any(isinstance(n, Real) and n < 1 for n in filters):
        raise ValueError(wanted)
    for channels in filters:
        check_number("filters", channels, 1, 2**16, integer=True)
    if not isinstance(blocks, tuple):
        return (check_number("blocks", blocks, 1, 100, integer=True),) * len(filters)
    for count in blocks:
        check_number("blocks", count, -100, 100, integer=True)
    if len(blocks) != len(filters) or blocks[0] < 0 or min(blocks[1:], default=1) < 1:
        raise ValueError(
            f"blocks must be one number or one for each of the {len(filters)} stages, 0 or more for"
            f" the first, 1 or more for the others, got {blocks!r}"
        )
    return blocks


@dataclass(frozen=True)
class LayerSummary:
    """One row of a network's description.

    Attributes
    ----------
    name : str
        The layer's class, such as ``"Conv2D"``.
    output_shape : tuple of int
        Of one image, without the batch axis.
    parameters : int
        Weights and biases.
    """

    name: str
    output_shape: tuple
    parameters: int


def summarise(model):
    """List a network's layers with what each puts out and how much it learns.

    Parameters
    ----------
    model : keras.Model
        A network that is built.

    Returns
    -------
    list of LayerSummary

    Examples
    --------
    >>> summarise(build_classifier())[0]
    LayerSummary(name='Conv2D', output_shape=(62, 62, 32), parameters=896)
    """
    _check_built(model)
    return [
        LayerSummary(type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers
    ]


def multiplications(model):
    """Count what a network multiplies to look at one image: the usual measure of its work.

    Parameters
    ----------
    model : keras.Model
        A network that is built.

    Returns
    -------
    int
        Multiplications of the convolutions and the dense layers; all else is little beside them.

    Examples
    --------
    >>> f"{multiplications(build_classifier()):,}"
    '31,799,168'
    """
    _check_built(model)
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            places = math.prod(layer.output.shape[1:-1])  # each needs the whole kernel
            total += places * math.prod(layer.kernel.shape)
    return total


@on_keras
def feature_maps(model, images):
    """Run `images` through a network and keep what every layer puts out.

    Parameters
    ----------
    model : keras.Sequential
        A network that is built.
    images : ndarray, (N, H, W, C), float32
        Its input.

    Returns
    -------
    list of ndarray
        One array (N, ...) per layer, in the order of the layers.

    Examples
    --------
    >>> import numpy as np
    >>> feature_maps(build_classifier(), np.zeros((1, 64, 64, 3), "float32"))[1].shape
    (1, 31, 31, 32)
    """
    _check_built(model)
    images = check_numbers("images", images, ("N", *model.inputs[0].shape[1:]))
    every_layer = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    return [keras.ops.convert_to_numpy(output) for output in every_layer(images, training=False)]


# What a network must be


def check_network(model, name="model"):
    """Return a network if it has one input and one output, and its weights are finite.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, and built.
    name : str
        What the message calls it: an argument's name or a file's path.

    Returns
    -------
    keras.Model
        `model`.

    Raises
    ------
    TypeError
        If it is no Keras network.
    ValueError
        If it is not built, has several inputs or outputs, a weight is NaN or infinite, or it is too
        large to look at one image.

    Examples
    --------
    >>> check_network(keras.layers.Dense(1))
    Traceback (most recent call last):
        ...
    TypeError: model must be a network of Keras, got Dense
    """
    _check_built(model, name)
    for layer in model.layers:
        if not all(map(_is_finite, layer.weights)):
            raise ValueError(f"{name} must have finite weights, those of {layer.name!r} are not")
    if _numbers_made(model) > MOST_NUMBERS:
        raise ValueError(
            f"{name} must put out {MOST_NUMBERS:,} numbers at most for one image, all layers"
            f" together, got {_numbers_made(model):,}"
        )
    return model


def check_classifier(model, name="model"):
    """Return a network if it gives for each image the probability that it shows a face.

    Parameters
    ----------
    model : keras.Model
        From (N, 64, 64, 3) images to (N, 1) numbers, with a sigmoid at the end.
    name : str
        What the message calls it: an argument's name or a file's path.

    Returns
    -------
    keras.Model
        `model`.

    Raises
    ------
    TypeError, ValueError
        As `check_network`, or if it is another kind of network.

    Examples
    --------
    >>> check_classifier(build_classifier()).name
    'face_classifier'
    >>> check_classifier(build_embedder(8, filters=(4,)), "face.keras")
    Traceback (most recent call last):
        ...
    ValueError: face.keras must be a face classifier, from (None, 64, 64, 3) to (None, 1), got one \
from (None, 64, 64, 3) to (None, 8)
    """
    _check_gives_probabilities(check_network(model, name), name)
    return model


@on_keras
def check_embedder(model, name="model"):
    """Return a network if it turns images of faces into embeddings of length 1.

    It is tried on two images of noise, which it must tell apart.

    Parameters
    ----------
    model : keras.Model or export.LiteRTEmbedder
        From (N, S, S, 3) images to (N, D) embeddings, D from 2.
    name : str
        What the message calls it: an argument's name or a file's path.

    Returns
    -------
    keras.Model or export.LiteRTEmbedder
        `model`.

    Raises
    ------
    TypeError, ValueError
        As `check_network`, or if it is another kind of network.

    Examples
    --------
    >>> check_embedder(build_embedder(8, filters=(4,))).output_shape
    (None, 8)
    >>> check_embedder(build_classifier())
    Traceback (most recent call last):
        ...
    ValueError: model must be an embedder, from (None, H, W, C) to (None, D) with D from 2, got \
one from (None, 64, 64, 3) to (None, 1)
    """
    given, made = _check_gives_embeddings(model, name)
    if given != (None, given[1], given[1], 3):
        raise ValueError(f"{name} must take square RGB images, (None, S, S, 3), got {given}")
    if isinstance(model, keras.Model):
        check_network(model, name)
    _check_embeddings(_tried(model, given), made, name)
    return model


def shapes_of(model, name="model"):
    """Return the shape of what goes into a network and of what comes out.

    Parameters
    ----------
    model : keras.Model or export.LiteRTEmbedder
        With one input and one output.
    name : str
        What the message calls it.

    Returns
    -------
    given, made : tuple of int or None
        The batch axis is None.

    Raises
    ------
    TypeError
        If it is no network.
    ValueError
        If it is not built, or has several inputs or outputs.

    Examples
    --------
    >>> shapes_of(build_classifier())
    ((None, 64, 64, 3), (None, 1))
    """
    if isinstance(model, keras.Model) and not getattr(model, "inputs", None):
        raise ValueError(f"{name} must be built, which {model.name!r} is not: tell it its input")
    shapes = [getattr(model, side, None) for side in ("input_shape", "output_shape")]
    if isinstance(model, type) or None in shapes:
        raise TypeError(f"{name} must be a network, got {type(model).__name__}")
    for side, shape in zip(("input", "output"), shapes, strict=True):
        if not isinstance(shape, tuple) or not all(n is None or isinstance(n, int) for n in shape):
            raise ValueError(f"{name} must have one {side}, got {shape}")
        if isinstance(getattr(model, side, None), dict):
            raise ValueError(f"{name} must have one {side} without a name, got a dict")
    return tuple(shapes)


def _check_built(model, name="model"):
    """Check that a network can be asked for its layers' outputs."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"{name} must be a network of Keras, got {type(model).__name__}")
    shapes_of(model, name)


def _is_finite(weight):
    return bool(keras.ops.all(keras.ops.isfinite(keras.ops.cast(weight, "float32"))))


def _check_gives_probabilities(model, name="model"):
    """Check by its layout that a network turns an image into one probability: at no cost."""
    given, made = shapes_of(model, name)
    if (given, made) != ((None, *INPUT_SHAPE), (None, 1)):
        raise ValueError(
            f"{name} must be a face classifier, from {(None, *INPUT_SHAPE)} to (None, 1),"
            f" got one from {given} to {made}"
        )
    if not isinstance(model, keras.Model):
        raise TypeError(f"{name} must be a network of Keras, got {type(model).__name__}")
    if not _ends_in_sigmoid(model):
        raise ValueError(
            f"{name} must end in a sigmoid, which makes probabilities, got {_last(model).name!r}"
            " at the end: are these logits?"
        )


def _check_gives_embeddings(model, name="model"):
    """Return the shapes of a network that turns an image into an embedding, by its layout."""
    given, made = shapes_of(model, name)
    if len(given) != 4 or None in given[1:] or len(made) != 2 or (made[1] or 0) < 2:
        raise ValueError(
            f"{name} must be an embedder, from (None, H, W, C) to (None, D) with D from 2,"
            f" got one from {given} to {made}"
        )
    return given, made


def _numbers_made(model):
    """Return how many numbers all layers together put out for one image."""
    made = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            made += _numbers_made(layer)
        for node in layer._inbound_nodes:  # more than one where a layer is shared
            made += sum(math.prod(n or 1 for n in one.shape) for one in node.output_tensors)
    return made


def _last(model):
    """Return the layer that the output comes from, within networks in the network too."""
    layer = model.outputs[0]._keras_history.operation
    return _last(layer) if isinstance(layer, keras.Model) else layer


def _ends_in_sigmoid(model):
    last = _last(model)
    return (
        getattr(last, "activation", None) is keras.activations.sigmoid
        or type(last).__name__ == "Sigmoid"  # of keras.ops
    )


def _tried(model, shape):
    """Return what a network says of two images."""
    images = np.random.default_rng(0).random((2, *shape[1:]), np.float32)
    if isinstance(model, keras.Model):
        given = getattr(model, "input", model.inputs[0])  # some want it in a list
        images = keras.tree.pack_sequence_as(given, [images])
        [rows] = keras.tree.flatten(model(images, training=False))
        return keras.ops.convert_to_numpy(rows)
    return model.predict_on_batch(images)


def _check_embeddings(rows, shape, name):
    if rows.shape != (2, shape[1]) or not np.isfinite(rows).all():
        raise ValueError(f"{name} must give one finite embedding for each image")
    length = np.linalg.norm(rows[0])
    if not np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3):
        raise ValueError(f"{name} must give embeddings of length 1, got one of {length:.3g}")
    if np.allclose(*rows, rtol=0, atol=1e-7):
        raise ValueError(f"{name} must tell images apart, it gives one embedding for all")


def save_model(model, path, *, overwrite=False):
    """Save a network in Keras' own format: layout, weights and optimiser in one file.

    What it was compiled with is left out where no file can hold it: a loss, metric or schedule that
    is neither Keras' or the package's own, nor registered by
    ``keras.saving.register_keras_serializable``. The network then predicts as before, and is to be
    compiled anew before it is trained further.

    Parameters
    ----------
    model : keras.Model
        The network, with one input, one output and finite weights.
    path : str or path-like
        The file, whose name ends in ``.keras``. It is written whole or not at all.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    TypeError, ValueError
        If `model` is not such a network, or the name does not end in ``.keras``.
    OSError
        If the file exists and `overwrite` is false, or its folder is missing or not writable.

    Examples
    --------
    >>> save_model(build_classifier(), "face.h5")
    Traceback (most recent call last):
        ...
    ValueError: path must end in .keras, got face.h5
    """
    check_network(model)
    path = check_writable(path, overwrite=overwrite, suffix=".keras")
    with replacing(path, overwrite=overwrite) as temporary:
        _keras_files.that_can_be_saved(model).save(temporary)
    return path


@on_keras
def load_model(path):
    """Load a network that `save_model` wrote.

    The file may come from anybody. It is looked at before anything is built: no code in it runs, no
    other file is read, and it takes no more memory than some ten times its size.

    Parameters
    ----------
    path : str or path-like
        A ``.keras`` file of 4 GiB at most, whose parts are not compressed: as Keras writes them.

    Returns
    -------
    keras.Model
        Compiled as it was, if its optimiser, loss and metrics can be read back.

    Raises
    ------
    OSError
        If there is no such file, or it must not be read.
    TypeError, ValueError
        If it is not a whole ``.keras`` file, holds code (Lambda layers), points at other files, or
        its network is not as `check_network` wants it.

    Examples
    --------
    >>> load_model("no-such-model.keras")
    Traceback (most recent call last):
        ...
    FileNotFoundError: there is no model file no-such-model.keras
    """
    path = check_file("path", path, "model")
    from facebook_tut import metric_learning  # noqa: F401 - what files may name is registered

    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError(f"{path} is not a whole .keras file: truncated, or of another kind")
        try:
            model = _keras_files.load(path, file)
        except Exception as error:
            reason = " ".join(f"{error}".split())[:300] or type(error).__name__
            raise ValueError(f"{path} is not a .keras file that can be loaded: {reason}") from error
    return check_network(model, str(path))
