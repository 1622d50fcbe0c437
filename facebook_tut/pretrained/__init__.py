"""The face embedder that comes with the package; MODEL_CARD.md says what it is for and what not.

`benchmarks/lfw.py --method student` trained it, on the people of LFW's View 1 and nobody else, and
`benchmarks/face_embedder.py` put it here and measured it.
"""

import hashlib
import io
from importlib.resources import files

import numpy as np

WEIGHTS = "face_embedder.npz"
SHA256 = "27f252fae4aa8b473f47665cb0040d2f6251f4ca0761057fcc7ac9b96b04e900"
LAYOUT = {"dimensions": 256, "blocks": (0, 2, 2, 1), "dropout": 0.2}  # of models.build_embedder
THRESHOLD = 0.42  # the cosine that one in a thousand impostor pairs of LFW's View 1 reaches
COUNT_THRESHOLD = 0.24  # at which View 1's people are counted best, see benchmarks/counting.py


def load_embedder():
    """Return the trained embedder.

    Returns
    -------
    keras.Model
        From (N, 64, 64, 3) float images, values from 0 to 1, to (N, 256) float32 embeddings of
        length 1. The faces must lie as `alignment.align` lays them. `metric_learning.embed` adds
        the mirror image.

    Raises
    ------
    ValueError
        If the file of the weights is not the one that was released.

    References
    ----------
    Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015), for how it was
    taught; `lfw_student` in benchmarks for the recipe.

    Examples
    --------
    >>> model = load_embedder()
    >>> model.input_shape, model.output_shape
    ((None, 64, 64, 3), (None, 256))
    """
    weights = content()
    found = hashlib.sha256(weights).hexdigest()
    if found != SHA256:
        raise ValueError(
            f"{WEIGHTS} must have the SHA-256 {SHA256[:12]}…, got {found[:12]}…: the file is"
            " damaged or was replaced; install the package anew"
        )
    return unpack(weights)


def content():
    """Return the bytes of the file of the weights.

    Returns
    -------
    bytes

    Examples
    --------
    >>> len(content()) <= 8e6
    True
    """
    return (files(__package__) / WEIGHTS).read_bytes()


def pack(model):
    """Return a network's weights as the content of a file: kernels in half precision.

    Half precision keeps three digits, and half the bytes. Biases and what batch normalisation
    has counted are few, and stay whole.

    Parameters
    ----------
    model : keras.Model
        As `models.build_embedder` builds it with `LAYOUT`.

    Returns
    -------
    bytes
        An ``.npz`` file, the same for the same weights.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> 4e6 < len(pack(build_embedder(**LAYOUT))) < 8e6
    True
    """
    weights = [
        weight.astype(np.float16 if weight.ndim > 1 else np.float32)
        for weight in model.get_weights()
    ]
    file = io.BytesIO()
    np.savez_compressed(file, *weights)
    return file.getvalue()


def unpack(weights):
    """Return the network whose weights `pack` packed.

    Parameters
    ----------
    weights : bytes
        As `pack` returns them.

    Returns
    -------
    keras.Model

    Raises
    ------
    ValueError
        If it holds other weights.

    Examples
    --------
    >>> from facebook_tut.models import build_embedder
    >>> model = build_embedder(**LAYOUT)
    >>> again = unpack(pack(model))
    >>> bool(abs(again.get_weights()[0] - model.get_weights()[0]).max() < 1e-3)
    True
    """
    from facebook_tut.models import build_embedder

    with np.load(io.BytesIO(weights)) as file:
        arrays = [file[name].astype(np.float32) for name in file.files]
    model = build_embedder(**LAYOUT)
    model.set_weights(arrays)
    return model
