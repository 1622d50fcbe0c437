"""What a network is made of, and what its layers output."""

from dataclasses import dataclass

from facebook_tut._backend import keras, on_keras
from facebook_tut._validation import check_numbers
from facebook_tut.models.checks import _check_built


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
    """List a network's layers with what each outputs and how much it learns.

    Parameters
    ----------
    model : keras.Model
        A network that is built.

    Returns
    -------
    list of LayerSummary

    Examples
    --------
    >>> from facebook_tut.models.classifier import build_classifier
    >>> summarise(build_classifier())[0]
    LayerSummary(name='Conv2D', output_shape=(62, 62, 32), parameters=896)
    """
    _check_built(model)
    return [
        LayerSummary(type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers
    ]


@on_keras
def feature_maps(model, images):
    """Run `images` through a network and keep what every layer outputs.

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
    >>> from facebook_tut.models.classifier import build_classifier
    >>> feature_maps(build_classifier(), np.zeros((1, 64, 64, 3), "float32"))[1].shape
    (1, 31, 31, 32)
    """
    _check_built(model)
    images = check_numbers("images", images, ("N", *model.inputs[0].shape[1:]))
    every_layer = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    return [keras.ops.convert_to_numpy(output) for output in every_layer(images, training=False)]
