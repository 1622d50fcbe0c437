"""What a network must be, and what goes into it and comes out."""

import math

from facebook_tut._backend import keras

MOST_NUMBERS = 2**28  # that all layers together may output for one image: 1 GiB


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
    >>> from facebook_tut.models.classifier import build_classifier
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


def _numbers_made(model):
    """Return how many numbers all layers together output for one image."""
    made = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            made += _numbers_made(layer)
        for node in layer._inbound_nodes:  # more than one where a layer is shared
            made += sum(math.prod(n or 1 for n in one.shape) for one in node.output_tensors)
    return made
