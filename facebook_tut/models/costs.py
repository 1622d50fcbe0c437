"""How much a network computes."""

import math

from facebook_tut._backend import keras
from facebook_tut.models.checks import _check_built


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
    >>> from facebook_tut.models.classifier import build_classifier
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
