"""Photographs on which a detector is measured: frames of LFW, and photographs without a face."""

from functools import cache

import numpy as np
import skimage.data
from PIL import Image
from sklearn.datasets import load_sample_images

from facebook_tut import detection
from facebook_tut.preprocessing import grayscale, resize

SMALLEST_ON_FRAMES = 0.3125  # of the edge: the smallest window on a frame of LFW
FACE = (0.28, 0.288, 0.768, 0.776)  # of a frame: the framing of scikit-image's faces
OVERLAP = 0.4  # intersection over union of a box and the face that it finds
SAME_PHOTOGRAPH = 0.9  # correlation from which a frame is that of one of scikit-image's faces


def load_frames(data, view, count):
    """Return so many grey frames of LFW, of one person each, none of them scikit-image's."""
    people = data.people("view1/train")
    if view == 2:
        known, people = people, {}
        for fold in range(1, 11):
            people |= data.people(f"view2/{fold}")
        people = {name: photos for name, photos in people.items() if name not in known}
    rng, frames = np.random.default_rng(view), []
    for name in rng.permutation(sorted(people)):
        path = data.folder / name / f"{name}_0001.jpg"
        grey = grayscale(np.asarray(Image.open(path).convert("RGB")))
        if not is_known(grey):
            frames.append(grey)
        if len(frames) == count:
            break
    return frames


def is_known(grey):
    """Return whether a frame is where one of scikit-image's faces was cut from."""
    edge = round(25 / (FACE[2] - FACE[0]))
    patches, _ = detection.sliding_windows(resize(grey, (edge, edge)), [25], step=1)
    patches = patches.reshape(edge - 24, edge - 24, -1)
    near = np.add.outer([round(FACE[0] * edge)], np.arange(-4, 5)).ravel()
    near = near[(near >= 0) & (near < edge - 24)]
    windows = _standard(patches[np.ix_(near, near)].reshape(-1, 625))
    return bool((windows @ _known_faces().T).max() > SAME_PHOTOGRAPH)


@cache
def _known_faces():
    return _standard(skimage.data.lfw_subset()[:100].reshape(100, -1))


def _standard(rows):
    rows = rows - rows.mean(1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@cache
def unseen():
    """Return two photographs of scikit-learn, in grey, by name."""
    return {f"scikit-learn {k}": grayscale(p) for k, p in enumerate(load_sample_images().images)}


def frame_sizes(edge):
    """Return the sizes of windows on a frame: the face fills about half of its edge."""
    sizes = [SMALLEST_ON_FRAMES * edge]
    while sizes[-1] * detection.GROWTH <= edge:
        sizes.append(sizes[-1] * detection.GROWTH)
    return sizes


def on_face(found, face):
    """Return for each box whether it shares enough with a face."""
    shares = [detection.intersection_over_union(face, [each.box])[0] for each in found]
    return [bool(share >= OVERLAP) for share in shares]
