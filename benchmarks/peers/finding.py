"""The same pairs, if each system has to find the faces itself: by the same detector, and its own.

A frame of LFW, enlarged to 250 pixels, goes through a detector; of its faces that counts which
holds the middle. Where there is none, the pair is rejected, whatever the threshold: no face, no
match. What the systems have learned from stays LFW's own alignment.

- The same: MTCNN, the package's default, with its five points.
- Its own: for our network that is MTCNN too; for dlib its detector by histograms of oriented
  gradients and its five landmarks; for eigenfaces the cascade, with the eyes found in its box.
"""

from functools import partial

import numpy as np
from lfw.frames import central

from facebook_tut.detection import detect_with_cascade, detect_with_mtcnn
from facebook_tut.pipeline import landmarks_of
from peers.rows import Rows
from peers.systems import Dlib, DlibAlone, Eigenfaces, Shipped
from peers.views import judge_pairs


def mtcnn(frame):
    """Return the five points of a frame's face, or None."""
    return middle_face(frame, detect_with_mtcnn)


def cascade(frame):
    """Return the eyes of a frame's face, or None."""
    return middle_face(frame, detect_with_cascade)


def middle_face(frame, detect):
    """Return the landmarks of the face in the middle of a frame, or None."""
    face = central(detect(frame))
    return None if face is None else landmarks_of(frame, face)


SYSTEMS = {
    "shipped, mtcnn": partial(Shipped, find=mtcnn),
    "dlib, mtcnn": partial(Dlib, find=mtcnn),
    "dlib, own": DlibAlone,
    "eigenfaces, mtcnn": partial(Eigenfaces, find=mtcnn),
    "eigenfaces, own": partial(Eigenfaces, find=cascade),
}
COMPARED = (
    ("dlib, mtcnn", "shipped, mtcnn"),
    ("dlib, own", "shipped, mtcnn"),
    ("dlib, own", "dlib, mtcnn"),
    ("dlib, mtcnn", "eigenfaces, mtcnn"),
    ("dlib, own", "eigenfaces, own"),
    ("shipped, mtcnn", "eigenfaces, mtcnn"),
    ("shipped, mtcnn", "eigenfaces, own"),
    ("eigenfaces, own", "eigenfaces, mtcnn"),
)
UNMET = ("dlib, own",)  # in View 2: of its people ours has met some, and eigenfaces too
MISSED = -2.0  # the score of a pair one of whose faces is not found: below every cosine


def measure_finding(data, kept, experiments, names):
    """Return the accuracy on the pairs of experiments behind detectors, and what was not found.

    Parameters
    ----------
    data : LFW
    kept : Path
    experiments : list of Experiment
        Of `plan`.
    names : iterable of str
        Of `SYSTEMS`.
    """
    scores, missed = {}, {}
    for name in names:
        system, photos = SYSTEMS[name](data, kept), [one.pairs.photos for one in experiments]
        seen = [Rows(some, system.rows(some)) for some in photos]
        pairs = [
            (rows.of(one.pairs.left), rows.of(one.pairs.right))
            for one, rows in zip(experiments, seen, strict=True)
        ]
        cosines = np.concatenate([np.sum(left * right, axis=1) for left, right in pairs])
        scores[name] = np.where(np.isnan(cosines), MISSED, cosines)
        missed[name] = {
            "photos": sum(int(np.isnan(rows.rows[:, 0]).sum()) for rows in seen),
            "pairs": int(np.isnan(cosines).sum()),
        }
    photos = sum(len(one.pairs.photos) for one in experiments)  # no person is in two folds
    found = judge_pairs(experiments, scores, COMPARED)
    return {"photos": photos, **found, "not_found": missed}
