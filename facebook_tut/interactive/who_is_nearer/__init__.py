"""Who is nearer? Photographs whose faces the page finds, aligns, embeds and compares."""

import io
import math
from functools import cache
from pathlib import Path

import numpy as np

from facebook_tut._live import Dial, LiveFigure, as_jpeg, data_uri
from facebook_tut._validation import check_array, check_picture
from facebook_tut.interactive._networks import shipped_networks

COUNT, SIDES = (2, 6), (64, 480)  # photographs, and pixels of their sides
QUALITY, CROP_QUALITY = 88, 95  # of the JPEGs
NETWORKS = ("mtcnn", "face_embedder")
FAR = "0.001"  # at which the network that ships has its threshold


def who_is_nearer(photographs=None, names=None, *, eyes=None, recognizer=None, threshold=None):
    """Let readers compare the faces of photographs of their own, with the networks in the page.

    A page opens two to six photographs, from files or the camera. It finds the faces with MTCNN,
    aligns them by five points, or by two eyes that the reader has dragged, embeds them with the
    network that ships and shows their cosines beside a threshold. Nothing is sent anywhere, and
    nothing is kept. A face beyond one of the recogniser's limits is not judged, and the figure
    says why.

    At first it shows photographs that are given here, computed by the package.

    Parameters
    ----------
    photographs : sequence of array_like, (H, W, 3), float or uint8, optional
        From 2 to 6, their sides from 64 to 480 pixels; floats are from 0 to 1. The figure holds
        them in JPEGs. If not given, scikit-image's astronaut as she is, tilted and in grey, and its
        cat.
    names : sequence of str, optional
        What each photograph is called; numbers if not given.
    eyes : dict of int to array_like of float, (2, 2), optional
        By the number of a photograph, counted from 0: ``(x, y)`` of both eyes, left to right. Its
        face is aligned by them, and is not looked for.
    recognizer : pipeline.Recognizer, optional
        What finds, aligns and embeds the faces, with its limits; a new one if not given. Its
        network must be the one that ships, since the page runs that.
    threshold : float, optional
        Where the dial is at first, from 0 to 1; the recogniser's if not given.

    Returns
    -------
    LiveFigure
        Its attribute ``threshold`` follows the dial and moves it.

    Raises
    ------
    ValueError
        If no face is found in a photograph whose eyes are not given.

    Examples
    --------
    >>> figure = who_is_nearer()
    >>> figure
    <who_is_nearer: threshold=0.42>
    >>> figure.threshold = 0.54
    """
    from facebook_tut.alignment import TEMPLATE  # scikit-image is slow to import

    if photographs is None:
        photographs, names, eyes = _example()
    recognizer = _own(recognizer)
    uris, pictures = zip(*map(_jpeg, _check_photographs(photographs)), strict=True)
    names = _check_names(names, len(pictures))
    eyes = _check_eyes(eyes, pictures)
    faces = [_face(recognizer, k, one, eyes.get(k)) for k, one in enumerate(pictures)]
    embeddings = recognizer.embedder.embed(np.stack([image for _, image in faces]))  # (N, D)
    data = {
        "once": {"urls": list(uris)},
        "photos": [
            {"name": name, "width": picture.shape[1], "height": picture.shape[0], **face}
            for name, picture, (face, _) in zip(names, pictures, faces, strict=True)
        ],
        "cosines": (embeddings @ embeddings.T).astype(float).round(3).tolist(),
        "template": (np.array(TEMPLATE) * 64 - 0.5).tolist(),
        "least_quality": recognizer.least_quality,
        "limits": {name: _bounds(**limit) for name, limit in recognizer.limits.items()},
        **_measured(),
    }
    start = recognizer.threshold if threshold is None else threshold
    dials = {"threshold": (Dial(0, 1, 0.01), start)}
    networks = shipped_networks(*NETWORKS)
    return LiveFigure("who_is_nearer", Path(__file__).parent, data, dials, networks)


@cache
def _recognizer():
    """Return a recogniser with the network that ships."""
    from facebook_tut.pipeline import Recognizer

    return Recognizer()


def _own(recognizer):
    """Return a recogniser with the network that ships, or say that it is another one."""
    from facebook_tut.pretrained import FINGERPRINT

    if recognizer is None:
        return _recognizer()
    if recognizer.embedder.fingerprint != FINGERPRINT:
        raise ValueError(
            "recognizer must have the network that ships, which the page runs, got one with"
            f" {recognizer.embedder.name}"
        )
    return recognizer


@cache
def _example():
    """Return photographs of scikit-image, what they are called, and the cat's eyes."""
    import skimage.data
    from scipy.ndimage import rotate

    portrait = skimage.data.astronaut()[:384, 60:444] / 255
    tilted = 0.9 * rotate(portrait, 6, reshape=False, mode="nearest")
    grey = np.repeat(portrait @ [[0.2125], [0.7154], [0.0721]], 3, axis=2)
    part = (slice(20, 212), slice(60, 252))  # her head
    cat = skimage.data.chelsea()[:, 75:375].reshape(150, 2, 150, 2, 3).mean((1, 3)) / 255
    pictures = [np.clip(one[part], 0, 1) for one in (portrait, tilted, grey)]
    names = ("astronaut", "tilted, darker", "without colour", "cat")
    return [*pictures, cat], names, {3: [[47, 57], [119, 66]]}


# What the caller passes in


def _check_photographs(photographs):
    """Return the photographs in 8 bits, or say what is wrong with them."""
    photographs, (low, high) = list(photographs), COUNT
    if not low <= len(photographs) <= high:
        raise ValueError(
            f"photographs must be from {low} to {high} pictures, got {len(photographs)}"
        )
    return [_check_photograph(f"photographs[{k}]", one) for k, one in enumerate(photographs)]


def _check_photograph(where, photograph):
    """Return a photograph in 8 bits, or say what is wrong with it."""
    picture, (low, high) = check_picture(where, photograph), SIDES
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"{where} must have shape (H, W, 3), got {picture.shape}")
    if not all(low <= side <= high for side in picture.shape[:2]):
        raise ValueError(
            f"{where} must have sides from {low} to {high} pixels, got shape {picture.shape}"
        )
    return picture if picture.dtype == np.uint8 else np.floor(0.5 + 255 * picture).astype(np.uint8)


def _check_names(names, count):
    """Return `names`, or numbers if there are none, as a list."""
    if names is None:
        return [f"photograph {k}" for k in range(1, count + 1)]
    names = [names] if isinstance(names, str) else list(names)
    if len(names) != count or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError(f"names must be {count} words, one per photograph, got {names!r}")
    return names


def _check_eyes(eyes, pictures):
    """Return the eyes that are given, (2, 2) each, by the number of their photograph."""
    if eyes is None:
        return {}
    if not isinstance(eyes, dict):
        raise TypeError(f"eyes must be a dict of a photograph's number to its eyes, got {eyes!r}")
    for k in eyes:
        if k not in range(len(pictures)):
            raise ValueError(f"eyes must have keys from 0 to {len(pictures) - 1}, got {k!r}")
    return {k: _check_pair(f"eyes[{k}]", pair, pictures[k]) for k, pair in eyes.items()}


def _check_pair(where, pair, picture):
    """Return two positions inside a picture that are apart."""
    pair = check_array(where, pair, (2, 2)).astype(float)
    last = np.array(picture.shape[1::-1]) - 1
    if not ((pair >= 0) & (pair <= last)).all() or math.dist(*pair) < 1:
        raise ValueError(
            f"{where} must be two positions at least 1 pixel apart, with x from 0 to {last[0]} and"
            f" y from 0 to {last[1]}, got {pair.tolist()}"
        )
    return pair


# What Python computes of a photograph


def _jpeg(picture):
    """Return a photograph in a data URI, and the pixels that a reader of it gets."""
    from PIL import Image

    uri, content = _packed(picture, QUALITY)
    with Image.open(io.BytesIO(content)) as image:
        return uri, np.array(image)


def _packed(picture, quality):
    """Return a picture as a JPEG in a data URI, and the JPEG."""
    content = as_jpeg(picture, quality=quality, subsampling=0, optimize=True)
    return data_uri(content), content


def _face(recognizer, k, picture, eyes):
    """Return what the page shows of a photograph's face, and the image that is embedded."""
    from facebook_tut.alignment import TEMPLATE
    from facebook_tut.preprocessing import quality

    found = [] if eyes is not None else recognizer.detect(picture)
    if eyes is None and not found:
        raise ValueError(
            f"photographs[{k}] must show a face that is found; else give where its eyes are in eyes"
        )
    faces = [_found(picture, one) for one in found]
    points = eyes.tolist() if eyes is not None else faces[0]["landmarks"]
    image = recognizer.embedder.align(picture, np.array(points))  # (64, 64, 3)
    apart = TEMPLATE[1, 0] - TEMPLATE[0, 0]  # the eyes, in edges of the crop
    size = faces[0]["size"] if faces else math.dist(*points) / apart
    measures = quality(image, size=size)
    low = measures.score < recognizer.least_quality
    shown = {
        "points": points,
        "faces": faces,
        "crop": _packed(np.floor(0.5 + 255 * image).astype(np.uint8), CROP_QUALITY)[0],
        "reasons": ["low quality"] if low else list(measures.beyond(recognizer.limits)),
    }
    return shown, image


def _found(picture, detection):
    """Return where a face was found, to a tenth of a pixel."""
    from facebook_tut.pipeline import landmarks_of

    box = {name: round(getattr(detection, name), 1) for name in ("top", "left", "size")}
    landmarks = np.asarray(landmarks_of(picture, detection)).round(1)
    return {**box, "landmarks": landmarks.astype(float).tolist()}


def _bounds(measure, least=None, most=None, **more):
    """Return a limit without what is told about how it was found."""
    return {"measure": measure, "least": least, "most": most}


def _measured():
    """Return what the model card says of its thresholds."""
    from facebook_tut.pretrained import FACTS, THRESHOLD

    points = FACTS["operating_points"]
    share = {far: f"{100 * float(far):g} %" for far in points}
    missed = 1 - points[FAR]["tar"]["value"]
    measured = {"threshold": THRESHOLD, "far": share[FAR], "missed": f"{100 * missed:.0f} %"}
    rates = sorted([round(one["threshold"], 2), share[far]] for far, one in points.items())
    return {"rates": rates, "measured": measured}
