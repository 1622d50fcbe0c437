"""Pairs behind a detector: a face that is not found is like nobody."""

import numpy as np
from lfw.frames import central
from lfw.protocol import plan
from peers import finding

from facebook_tut.data.lfw import load_lfw
from facebook_tut.detection import Detection


class Sees:
    """Every person is a direction of their own; the photographs that are left out, nothing."""

    def __init__(self, data, kept, left_out=()):
        self.left_out = left_out

    def rows(self, photos):
        names = sorted({photo.name for photo in photos})
        rows = np.eye(len(names))[[names.index(photo.name) for photo in photos]]
        rows[[photo in self.left_out for photo in photos]] = np.nan
        return rows


def test_a_face_that_is_not_found_is_a_rejection(folder, tmp_path, monkeypatch):
    data = load_lfw(folder)
    [experiment] = plan(data, view=1)
    pairs = experiment.pairs
    genuine = pairs.left[int(np.flatnonzero(pairs.same)[0])]
    others = [n for n, same in enumerate(pairs.same) if not same]
    impostor = pairs.left[others[0]]
    left_out = {"all": (), "one": (genuine,), "other": (impostor,)}
    monkeypatch.setattr(
        finding,
        "SYSTEMS",
        {name: lambda d, k, some=some: Sees(d, k, some) for name, some in left_out.items()},
    )
    monkeypatch.setattr(finding, "COMPARED", (("all", "one"),))
    found = finding.measure_finding(data, tmp_path, [experiment], left_out)
    accuracy = {name: one["accuracy"]["value"] for name, one in found["systems"].items()}
    assert accuracy["all"] == 1 > accuracy["one"]  # a genuine pair is lost
    lost = sum(genuine in pair for pair in zip(pairs.left, pairs.right, strict=True))
    assert found["not_found"]["one"] == {"photos": 1, "pairs": lost}
    assert found["not_found"]["all"] == {"photos": 0, "pairs": 0}
    assert found["accuracy_differences"]["all − one"]["value"] > 0


def test_the_middle_face_counts(monkeypatch):
    frame = np.zeros((250, 250, 3), np.uint8)
    corner = Detection(0, 0, 60, 9.0, 1.0)
    middle = Detection(90, 90, 70, 1.0, 1.0, tuple(map(tuple, np.arange(10.0).reshape(5, 2))))
    assert finding.middle_face(frame, lambda _: [corner]) is None
    found = finding.middle_face(frame, lambda _: [corner, middle])
    np.testing.assert_array_equal(found, middle.landmarks)
    assert central([corner, middle]) is middle
