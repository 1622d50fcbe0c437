"""The networks that come with the package; MODEL_CARD.md says what they are for and what not.

`python benchmarks/lfw --method student` trained the face embedder, on the people of LFW's View 1
and nobody else, and `python benchmarks/shipped.py` put it here, measured it and wrote what is known
of it: `FACTS`.
The classifier of chapter 8 is in `classifier`.
"""

import io
import json
from importlib.resources import files

import numpy as np

from facebook_tut.pretrained._released import check_released
from facebook_tut.pretrained.classifier import (
    CLASSIFIER_FACTS,
    CLASSIFIER_WEIGHTS,
    load_classifier,
    load_pixel_filter,
    pack_classifier,
    read_classifier_facts,
    unpack_classifier,
)

WEIGHTS, FACTS_FILE = "face_embedder.npz", "face_embedder.json"


def read_facts():
    """Return what the file beside the weights says of the network.

    Returns
    -------
    dict
        Checksum, layout, thresholds, figures with intervals, and the commands and dates of the
        records that they come from.

    Examples
    --------
    >>> sorted(read_facts()["thresholds"])
    ['count', 'verify']
    """
    facts = json.loads((files(__package__) / FACTS_FILE).read_text(encoding="utf-8"))
    layout = facts["layout"]
    if isinstance(layout["blocks"], list):
        layout["blocks"] = tuple(layout["blocks"])
    return facts


FACTS = read_facts()  # checksum, layout, thresholds, figures with intervals, commands and dates
SHA256 = FACTS["sha256"]
LAYOUT = FACTS["layout"]  # of models.build_embedder
FINGERPRINT = FACTS["fingerprint"]  # `metric_learning.fingerprint` of the network
THRESHOLD = FACTS["thresholds"]["verify"]  # the cosine of one in a thousand impostor pairs of LFW
COUNT_THRESHOLD = FACTS["thresholds"]["count"]  # at which LFW's people are counted best
LIMITS = FACTS["limits"]  # of `Quality.beyond`: what shows that THRESHOLD does not hold


def load_embedder():
    """Return the trained embedder.

    Returns
    -------
    keras.Model
        From (N, 64, 64, 3) float images, values from 0 to 1, to (N, D) float32 embeddings of
        length 1, D as in `LAYOUT`. The faces must be aligned as `alignment.align` does it.
        `metric_learning.embed` adds the mirror image.

    Raises
    ------
    ValueError
        If the file of the weights is not the one that was released.

    References
    ----------
    Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015), for how it was
    taught; `student` in benchmarks/lfw for the recipe.

    Examples
    --------
    >>> model = load_embedder()
    >>> model.input_shape, model.output_shape == (None, LAYOUT["dimensions"])
    ((None, 64, 64, 3), True)
    """
    return unpack(check_released(WEIGHTS, content(), SHA256))


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
    >>> model = build_embedder(8, filters=(4, 8))
    >>> len(pack(model)) < 4 * model.count_params()
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
