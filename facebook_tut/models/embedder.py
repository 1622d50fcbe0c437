"""A residual network that maps an image to a point on the unit sphere."""

from numbers import Real

import numpy as np

from facebook_tut._backend import keras, on_keras
from facebook_tut._validation import check_number, check_shape
from facebook_tut.models.checks import check_network, shapes_of
from facebook_tut.models.classifier import INPUT_SHAPE


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


# Not as a decorator, which the chapters would show with the function.
build_embedder = on_keras(build_embedder)


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
    >>> from facebook_tut.models.classifier import build_classifier
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


def _check_gives_embeddings(model, name="model"):
    """Return the shapes of a network that turns an image into an embedding, by its layout."""
    given, made = shapes_of(model, name)
    if len(given) != 4 or None in given[1:] or len(made) != 2 or (made[1] or 0) < 2:
        raise ValueError(
            f"{name} must be an embedder, from (None, H, W, C) to (None, D) with D from 2,"
            f" got one from {given} to {made}"
        )
    return given, made


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
