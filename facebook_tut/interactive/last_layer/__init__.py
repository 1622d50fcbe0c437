"""The last layer, learned in the page: the reader's photographs, the network's features."""

import base64
from functools import lru_cache
from pathlib import Path

import numpy as np

from facebook_tut._live import Choice, Dial, LiveFigure, as_jpeg, data_uri
from facebook_tut._validation import check_number, check_numbers
from facebook_tut.interactive._networks import shipped_networks

EXAMPLE = Path(__file__).with_name("figure.npz")  # what `_packed` makes of seed 0
NETWORKS = ("face_classifier", "mtcnn")
NAMES = ("without glasses", "with glasses")  # of labels 0 and 1
EACH, COUNT = 20, (8, 60)  # people of each label in the example; how many patches there may be
STEPS = 200
CUTS = ("the face", "the middle")


def last_layer(
    patches=None,
    labels=None,
    names=None,
    *,
    seed=0,
    cut="the face",
    learning_rate=0.03,
    weight_decay=0.0,
    steps=20,
):
    """Let readers train the last layer on photographs of their own, in the page.

    The network of chapter 8 that ships turns each photograph into the 512 features of its dense
    layer. On those of half of the photographs a sigmoid learns step by step, by the gradient of
    chapter 7; the other half is held out. The page shows both losses, the boundary and the
    mistakes, and trains anew whenever the reader changes a label, the learning rate or the weight
    decay. Nothing is sent anywhere. Until the reader opens photographs, it learns an example, whose
    features are computed here.

    Parameters
    ----------
    patches : array_like, (N, 25, 25), float or uint8, optional
        The example, from 8 to 60 grey patches; floats are from 0 to 1. If not given, 20 synthetic
        people with glasses and 20 others without.
    labels : array_like, (N,), optional
        1 or 0 for each patch, at least four of each. Of each label every second patch is held out.
    names : sequence of str, optional
        What the labels 0 and 1 mean; "label 0" and "label 1" if patches are given without names.
    seed : int, default 0
        Which synthetic people.
    cut : {"the face", "the middle"}
        What the page takes from a photograph that the reader opens: the face that it finds, framed
        as the network's faces were, or the square in the middle.
    learning_rate : float, default 0.03
        From 0.001 to 1.
    weight_decay : float, default 0.0
        The λ of a step w ← w − η (g + λ w), from 0 to 2.
    steps : int, default 20
        How many steps have been taken at first, from 0 to 200.

    Returns
    -------
    LiveFigure
        Its attributes ``cut``, ``learning_rate``, ``weight_decay`` and ``steps`` follow the reader
        and move the figure.

    Examples
    --------
    >>> figure = last_layer(steps=50)
    >>> figure
    <last_layer: cut=the face, learning_rate=0.03, weight_decay=0, steps=50>
    >>> figure.weight_decay = 0.5
    """
    from facebook_tut.alignment import TEMPLATE  # scikit-image is slow to import
    from facebook_tut.data.detector_patches import FRAMING

    if patches is None:
        check_number("seed", seed, 0, 2**32 - 1, integer=True)
        labels, names = np.repeat([1, 0], EACH), names or NAMES
        packed = _example(int(seed))
    else:
        levels = _check_patches(patches)
        labels = _check_labels(labels, len(levels))
        packed = _packed(levels.tobytes())
    data = {
        "names": _check_names(names),
        "labels": labels.tolist(),
        "features": base64.b64encode(packed["features"].tobytes()).decode(),
        "top": float(packed["top"]),
        "framing": [[*point] for point in FRAMING],
        "template": np.array(TEMPLATE)[:2].tolist(),  # where `align` of the page puts the eyes
        "once": {"strip": data_uri(as_jpeg(np.hstack(packed["levels"]), quality=85))},
    }
    dials = {
        "cut": (Choice(CUTS), cut),
        "learning_rate": (_Rate(0.001, 1, 0.001), learning_rate),
        "weight_decay": (Dial(0, 2, 0.05), weight_decay),
        "steps": (Dial(0, STEPS, 1), steps),
    }
    networks = shipped_networks(*NETWORKS)
    return LiveFigure("last_layer", Path(__file__).parent, data, dials, networks)


class _Rate(Dial):
    """A learning rate, of which three digits count wherever the point is."""

    def check(self, name, value):
        super().check(name, value)
        return float(f"{value:.3g}")


# What the caller passes in


def _check_patches(patches):
    """Return the patches in levels, (N, 25, 25), or say what is wrong with them."""
    from facebook_tut.preprocessing import PATCH_SIZE

    patches, (low, high) = np.asarray(patches), COUNT
    side = (PATCH_SIZE, PATCH_SIZE)
    if patches.ndim != 3 or patches.shape[1:] != side or not low <= len(patches) <= high:
        raise ValueError(
            f"patches must have shape (N, 25, 25) with N from {low} to {high}, got {patches.shape}"
        )
    if patches.dtype == np.uint8:
        return patches
    patches = check_numbers("patches", patches, ("N", *side), 0, 1)
    return np.floor(0.5 + 255 * patches).astype(np.uint8)


def _check_labels(labels, count):
    """Return 1 or 0 for each patch, as an array, or say what is wrong with the labels."""
    labels = np.asarray([] if labels is None else labels)
    if labels.shape != (count,) or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels must be 0 or 1 for each of {count} patches, got {labels}")
    ones = int(labels.sum())
    if min(ones, count - ones) < 4:
        raise ValueError(f"labels must have at least four 0 and four 1, got {ones} of 1 in {count}")
    return labels.astype(int)


def _check_names(names):
    """Return what both labels are called."""
    names = ["label 0", "label 1"] if names is None else names
    names = [names] if isinstance(names, str) else list(names)
    if len(names) != 2 or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError(f"names must be two words, for label 0 and label 1, got {names!r}")
    return names


# What Python computes of the example


@lru_cache(maxsize=4)
def _example(seed):
    """Return the patches and features of so many synthetic people, those with glasses first."""
    if seed == 0:
        with np.load(EXAMPLE) as packed:
            return dict(packed)
    return _packed(_patches(seed).tobytes())


def _patches(seed):
    """Return the faces of synthetic people in levels, (2 * EACH, 25, 25)."""
    worn, bare = (_people(seed, glasses) for glasses in (1, 0))
    return np.floor(0.5 + 255 * np.stack([*worn[:EACH], *bare[EACH:]])).astype(np.uint8)


def _people(seed, glasses):
    """Return the faces of 2 * EACH people as the network's training framed them."""
    from facebook_tut.data.detector_patches import framed
    from facebook_tut.data.synthetic import sample_people
    from facebook_tut.preprocessing import grayscale

    people = sample_people(2 * EACH, 1, seed=seed, fixed={"glasses": glasses})
    left, right, _, *corners = np.moveaxis(people.landmarks, 1, 0)  # (N, 2) each
    points = np.stack([left, right, np.mean(corners, axis=0)], axis=1)  # (N, 3, 2)
    pairs = zip(people.images, points, strict=True)
    return [framed(grayscale(image), three) for image, three in pairs]


@lru_cache(maxsize=4)
def _packed(content):
    """Return patches with the dense layer's features of them, in bytes, and the largest."""
    from facebook_tut.models import feature_maps
    from facebook_tut.preprocessing import to_network_input
    from facebook_tut.pretrained import load_classifier

    levels = np.frombuffer(content, np.uint8).reshape(-1, 25, 25)
    features = feature_maps(load_classifier(), to_network_input(levels / 255))[-2]  # (N, 512)
    top = round(float(features.max()), 4) or 1.0
    whole = np.floor(0.5 + 255 * np.minimum(features / top, 1)).astype(np.uint8)
    return {"levels": levels, "features": whole, "top": top}
