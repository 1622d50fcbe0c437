"""What is compared: embeddings that are kept, spoiled photographs, faces that are not found."""

import numpy as np
from peers import systems

from facebook_tut.data.lfw import Photo, load_lfw, photos_of


def test_what_is_kept_is_not_done_again(tmp_path, monkeypatch):
    monkeypatch.setattr(systems, "PART", 2)
    done = []

    def work(items):
        done.extend(items)
        return np.array(items, float)[:, None] * [1, 2]

    rows = systems.kept_rows(tmp_path, "twice", [1, 2, 3, 4, 5], work)
    assert rows.tolist() == [[1, 2], [2, 4], [3, 6], [4, 8], [5, 10]] and len(done) == 5
    again = systems.kept_rows(tmp_path, "twice", [1, 2, 3, 4, 6], work)  # the last part is new
    assert again[-1].tolist() == [6, 12] and done[5:] == [6]
    systems.kept_rows(tmp_path, "other", [1, 2], work)
    assert done[6:] == [1, 2]


def test_a_photograph_has_its_own_noise():
    images = np.full((2, 64, 64, 3), 0.5, np.float32)
    photos = [Photo("Ann", 1), Photo("Bo", 1)]
    one = systems.spoil(images, photos, "noise", 4)
    other = systems.spoil(images[:1], photos[1:], "noise", 4)
    assert (one[1] == other[0]).all() and (one[0] != one[1]).any()


def test_lfw_s_landmarks_are_those_of_the_aligned_crop():
    places = systems.lfw_places(None)
    top, left, bottom, right = systems.FACE_BOX
    inside = (places + 0.5) / 250 - [left, top]
    np.testing.assert_allclose(inside / [right - left, bottom - top], systems.TEMPLATE)


def test_a_face_that_is_not_found_has_no_embedding(folder, tmp_path):
    data = load_lfw(folder)
    photos = photos_of(data.people("view1/train"))[:6]
    seen = []

    def every_other(frame):
        seen.append(frame.shape)
        return systems.lfw_places(frame)[:2] if len(seen) % 2 else None

    rows = systems.Eigenfaces(data, tmp_path, every_other).rows(photos)
    assert np.isnan(rows).all(axis=1).tolist() == [False, True] * 3
    np.testing.assert_allclose(np.linalg.norm(rows[::2], axis=1), 1, rtol=1e-5)
    assert seen == [(250, 250, 3)] * 6
    again = systems.Eigenfaces(data, tmp_path, every_other).rows(photos)
    np.testing.assert_array_equal(again, rows)
    assert len(seen) == 6  # no detector is asked twice


def test_a_crop_that_is_looked_at_is_the_photograph_it_came_from(folder, tmp_path):
    data = load_lfw(folder)
    photos = photos_of(data.people("view1/train"))[:3]
    system = systems.Eigenfaces(data, tmp_path)
    images = data.images(photos, progress=False) / np.float32(255)
    cosines = np.sum(system.look(images) * system.spoiled(photos, "noise", 0), axis=1)
    assert cosines.min() > 0.999
