"""Chapter 8's network, trained: a classifier of faces, with the pixel filter that goes before it.

`python benchmarks/shipped_classifier.py` trained it, put it here and wrote what is known of it. Its
weights are int8, with one scale for each output channel.
"""

import io
import json
from importlib.resources import files

import numpy as np

from facebook_tut.cascade import PixelFilter
from facebook_tut.export.int8 import dequantise, quantisation_parameters, quantise
from facebook_tut.pretrained._released import check_released

CLASSIFIER_WEIGHTS, CLASSIFIER_FACTS = "face_classifier.npz", "face_classifier.json"


def load_classifier():
    """Return chapter 8's network, trained to tell faces from other patches of photographs.

    It was trained on faces and photographs that ship with scikit-image, as the last step of
    `benchmarks/detector.py`, seed 0.

    Returns
    -------
    keras.Sequential
        As `models.build_classifier` builds it: from patches as `preprocessing.to_network_input`
        makes them, (N, 64, 64, 3), to probabilities of a face, (N, 1).

    Raises
    ------
    ValueError
        If the file of the weights is not the one that was released.

    Examples
    --------
    >>> load_classifier().count_params()
    2453569
    """
    return unpack_classifier(_checked())[0]


def load_pixel_filter():
    """Return the filter that throws out most windows before the network judges the rest.

    Returns
    -------
    cascade.PixelFilter

    Examples
    --------
    >>> load_pixel_filter().weights.shape
    (25, 25)
    """
    with np.load(io.BytesIO(_checked())) as file:
        return _filter_of(file)


def pack_classifier(model, first):
    """Return a classifier's weights and its pixel filter as the content of a file.

    Parameters
    ----------
    model : keras.Sequential
        As `models.build_classifier` builds it.
    first : cascade.PixelFilter
        What goes before it.

    Returns
    -------
    bytes
        An ``.npz`` file, the same for the same weights: kernels as int8, scales and biases as
        float32.

    Examples
    --------
    >>> from facebook_tut.models import build_classifier
    >>> content = pack_classifier(build_classifier(), PixelFilter(np.zeros((25, 25)), 0.0))
    >>> len(content) < 2_700_000
    True
    """
    if not isinstance(first, PixelFilter):
        raise TypeError(f"first must be a PixelFilter, got {type(first).__name__}")
    arrays = {"filter": np.append(first.weights, first.bias)}
    for k, weight in enumerate(model.get_weights()):
        if weight.ndim == 1:
            arrays[f"{k}"] = weight.astype(np.float32)
            continue
        scale, zero = quantisation_parameters(weight, -1, symmetric=True)
        arrays[f"{k}"] = quantise(weight, scale, zero)
        arrays[f"{k}_scale"] = scale.astype(np.float32)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpack_classifier(content):
    """Return the network and the filter that `pack_classifier` packed.

    Parameters
    ----------
    content : bytes
        As `pack_classifier` returns it.

    Returns
    -------
    model : keras.Sequential
    first : cascade.PixelFilter

    Raises
    ------
    ValueError
        If it holds other weights.

    Examples
    --------
    >>> from facebook_tut.models import build_classifier
    >>> model = build_classifier()
    >>> content = pack_classifier(model, PixelFilter(np.zeros((25, 25)), 0.5))
    >>> again, first = unpack_classifier(content)
    >>> bool(abs(again.get_weights()[0] - model.get_weights()[0]).max() < 2e-3), first.bias
    (True, 0.5)
    """
    from facebook_tut.models import build_classifier

    model = build_classifier()
    with np.load(io.BytesIO(content)) as file:
        model.set_weights([_weight(file, f"{k}") for k in range(len(model.get_weights()))])
        return model, _filter_of(file)


def _weight(file, name):
    """Return an array of weights in floats."""
    if f"{name}_scale" in file:
        return dequantise(file[name], file[f"{name}_scale"], 0).astype(np.float32)
    return file[name]


def _filter_of(file):
    *weights, bias = file["filter"]
    return PixelFilter(np.reshape(weights, (25, 25)), float(bias))


def read_classifier_facts():
    """Return what the file beside the weights says of the classifier.

    Returns
    -------
    dict
        Checksum, how it was trained and when, figures of the record, and how far its int8 weights
        are from those that were trained.

    Examples
    --------
    >>> read_classifier_facts()["parameters"]
    2453569
    """
    return json.loads((files(__package__) / CLASSIFIER_FACTS).read_text(encoding="utf-8"))


def _checked():
    """Return the bytes of the file, if it is the one that was released."""
    content = (files(__package__) / CLASSIFIER_WEIGHTS).read_bytes()
    return check_released(CLASSIFIER_WEIGHTS, content, read_classifier_facts()["sha256"])
