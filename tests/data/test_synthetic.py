"""The people who do not exist: the same bytes everywhere, and every dial does what it says."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_laplace, map_coordinates
from scipy.stats import norm

from facebook_tut.data.synthetic import (
    LANDMARKS,
    NUISANCES,
    TRAITS,
    People,
    geometry,
    painting,
    render_face,
    render_faces,
    sample_people,
)
from facebook_tut.data.synthetic import dials as dials_module

DIALS = {**TRAITS, **NUISANCES}
POSES = ("yaw", "pitch", "roll", "scale", "shift x", "shift y")
HASH = "451b6cf1e5d7ae3d757519df311670be8890fa039fa2d6df2cac06aea7445196"
# Some dials show only while others are on.
NEEDS = {"lens tint": {"glasses": 1}, "grain": {"noise": 0.1}}


@pytest.fixture(scope="module")
def people():
    return sample_people(24, 5, seed=3)


def level(images):
    """Return the 8-bit values."""
    return np.rint(np.asarray(images) * 255).astype(np.uint8)


def both_ends(name, **others):
    """Draw the neutral face with one dial at its lowest and its highest value."""
    dial = DIALS[name]
    given = {key: np.full(2, value) for key, value in others.items()}
    return render_faces({**given, name: [dial.low, dial.high]})


def changed(dials, **base):
    """Return which pixels of the neutral face some dials change, (S, S)."""
    before, _ = render_face(base)
    after, _ = render_face({**base, **dials})
    return (before != after).any(axis=-1)


def roughness(image):
    return (np.diff(image, axis=0) ** 2).sum() + (np.diff(image, axis=1) ** 2).sum()


def iris_pixels(monkeypatch, dials, size=128):
    """Return how green each pixel is where irises alone are green."""
    monkeypatch.setattr(painting, "IRIS", ((0.0, 1.0, 0.0),) * 4)
    image, landmarks = render_face({"ambient": 1, "background hue": 1, "cheeks": 0, **dials}, size)
    return np.clip(image[..., 1] - image[..., 0] - image[..., 2], 0, None), landmarks


# The same everywhere


def test_bytes_are_those_of_every_other_machine(people):
    worn, _ = render_face({"yaw": 30, "glasses": 1, "mask": 1, "beard": 1, "lens tint": 0.5}, 100)
    data = level(people.images).tobytes() + level(worn).tobytes()
    assert hashlib.sha256(data).hexdigest() == HASH


def test_values_are_whole_255ths(people):
    assert people.images.dtype == np.float32
    np.testing.assert_array_equal(people.images, level(people.images).astype(np.float32) / 255)
    assert people.images.min() == 0
    assert people.images.max() == 1


def test_attributes_give_the_images_again(people):
    images, landmarks = render_faces(people.attributes)
    np.testing.assert_array_equal(images, people.images)
    np.testing.assert_array_equal(landmarks, people.landmarks)


def test_an_image_does_not_depend_on_its_neighbours(people):
    order = np.random.default_rng(0).permutation(len(people))[:37]
    few = people.select(order)
    images, landmarks = render_faces(few.attributes)
    np.testing.assert_array_equal(images, few.images)
    np.testing.assert_array_equal(landmarks, few.landmarks)
    for row in range(0, len(few), 6):
        image, marks = render_face({k: float(v[row]) for k, v in few.attributes.items()})
        np.testing.assert_array_equal(image, few.images[row])
        np.testing.assert_array_equal(marks, few.landmarks[row])


def test_more_people_or_pictures_change_none(people):
    few = sample_people(4, 2, seed=3)
    rows = [5 * person + picture for person in range(4) for picture in range(2)]
    np.testing.assert_array_equal(few.images, people.images[rows])


def test_another_seed_gives_other_people():
    one, other = (sample_people(3, 1, seed=seed) for seed in (0, 1))
    assert not np.isin(one.attributes["nose width"], other.attributes["nose width"]).any()


# People


def test_identity_is_drawn_once_and_nuisances_per_picture(people):
    assert people.identities.tolist() == np.repeat(np.arange(24), 5).tolist()
    assert set(people.attributes) == set(DIALS)
    for name, dial in DIALS.items():
        values = people.attributes[name].reshape(24, 5)
        assert values.dtype == np.float32
        assert (values >= np.float32(dial.low)).all()
        assert (values <= np.float32(dial.high)).all()
        if name in TRAITS:
            assert (values == values[:, :1]).all()
            assert len(np.unique(values)) == 24
        elif dial.spread != "rare":
            assert len(np.unique(values)) > 24


@pytest.mark.parametrize("name", DIALS)
def test_dials_are_drawn_as_they_say(name):
    dial = DIALS[name]
    numbers = np.random.default_rng(0).random((20000, 3))
    values = dials_module._spread(dial, numbers)
    assert dial.low <= dial.neutral <= dial.high
    if dial.spread == "rare":
        assert set(values) == {np.float32(dial.low), np.float32(dial.high)}
        assert abs((values == dial.high).mean() - 0.03) < 0.005
    elif dial.spread == "flat":
        counts, _ = np.histogram(values, 4, (dial.low, dial.high))
        assert (abs(counts / len(values) - 0.25) < 0.02).all()
    else:
        bell = (values.astype(float) - dial.neutral) / dial.spread
        inside = (values > np.float32(dial.low)) & (values < np.float32(dial.high))
        for within in (0.5, 1.0, 1.5):
            share = (inside & (abs(bell) < within)).mean()
            bounds = np.clip(
                np.array([dial.low, dial.high]) - dial.neutral,
                *[-within * dial.spread, within * dial.spread],
            )
            wanted = np.diff(norm.cdf(bounds / dial.spread))
            assert abs(share - wanted) < 0.02


def test_fixed_dials_are_held():
    fixed = {name: dial.neutral for name, dial in NUISANCES.items()}
    held = sample_people(3, 4, fixed=fixed)
    for name, value in fixed.items():
        assert (held.attributes[name] == np.float32(value)).all()
    images = held.images.reshape(3, 4, 64, 64, 3)
    assert (images == images[:, :1]).all()
    free = sample_people(3, 4, fixed={"skin tone": 0.5})
    other = sample_people(3, 4)
    assert (free.attributes["skin tone"] == 0.5).all()
    np.testing.assert_array_equal(free.attributes["yaw"], other.attributes["yaw"])


def test_select_takes_rows_of_everything(people):
    for rows in (slice(3, 9), [8, 1, 1], people.identities == 2):
        part = people.select(rows)
        np.testing.assert_array_equal(part.images, people.images[rows])
        np.testing.assert_array_equal(part.identities, people.identities[rows])
        np.testing.assert_array_equal(part.landmarks, people.landmarks[rows])
        np.testing.assert_array_equal(part.attributes["yaw"], people.attributes["yaw"][rows])
        assert len(part) == len(part.identities)


@pytest.mark.parametrize("centre", [False, True])
def test_pixels_alone_fail(centre):
    """With the best threshold, the cosine of pixels tells 57 to 72 % of balanced pairs."""
    people = sample_people(100, 6, seed=9)
    pixels = people.images.reshape(600, -1)
    if centre:
        pixels = pixels - pixels.mean(axis=0)
    pixels = pixels / np.linalg.norm(pixels, axis=1, keepdims=True)
    cosines, same = pixels @ pixels.T, people.identities[:, None] == people.identities
    genuine = np.sort(cosines[same & ~np.eye(600, dtype=bool)])
    impostor = np.sort(cosines[~same])
    accepted = 1 - np.arange(len(genuine)) / len(genuine)
    wrongly = 1 - np.searchsorted(impostor, genuine) / len(impostor)
    assert 0.57 < ((1 + accepted - wrongly) / 2).max() < 0.72


# Geometry


def test_sine_and_cosine():
    angles = np.linspace(-90, 90, 721)
    sine, cosine = geometry._sine_cosine(angles)
    np.testing.assert_allclose(sine, np.sin(np.deg2rad(angles)), atol=1e-8)
    np.testing.assert_allclose(cosine, np.cos(np.deg2rad(angles)), atol=1e-8)


def test_features_are_painted_where_the_landmarks_are():
    """The rays through the landmarks meet the head where eyes, nose and mouth are."""
    dials = dials_module._check_dials(sample_people(20, 4, seed=1).attributes)
    scene = painting._Scene(dials, 256)
    x, y, _ = geometry._points(dials, geometry._Pose(dials))
    landmarks = geometry._landmarks(dials, 256)
    for picture, points in enumerate(landmarks):
        for plane, wanted in ((scene.x, x), (scene.y, y)):
            found = map_coordinates(plane[picture], points.T[::-1], order=1, mode="nearest")
            np.testing.assert_allclose(found, wanted[:, picture], atol=0.02)  # half a pixel at 64


@pytest.mark.parametrize("dials", [{}, {"yaw": -20, "pitch": 10}, {"roll": 25, "shift x": 0.1}])
def test_irises_lie_on_the_eye_landmarks(monkeypatch, dials):
    green, landmarks = iris_pixels(monkeypatch, dials)
    for x, y in landmarks[:2]:
        rows, columns = np.indices(green.shape)
        near = green * (np.hypot(columns - x, rows - y) < 14)
        assert near.sum() > 10
        centre = (near * columns).sum() / near.sum(), (near * rows).sum() / near.sum()
        assert np.hypot(*(np.array(centre) - (x, y))) < 1.5


def test_corners_of_the_mouth_end_the_lips():
    dials = {"lip colour": 1, "lip fullness": 0.12}
    lips = changed({"lip fullness": 0.025}, **dials)
    _, landmarks = render_face(dials)
    columns = np.flatnonzero(lips.any(axis=0))
    left, right = landmarks[LANDMARKS.index("left mouth corner"), 0], landmarks[-1, 0]
    assert left - 2 < columns[0] < left + 4
    assert right - 4 < columns[-1] < right + 2
    rows = np.flatnonzero(lips.any(axis=1))
    assert rows[0] < landmarks[-1, 1] < rows[-1]


def test_left_and_right_are_those_of_the_picture():
    _, landmarks = render_face()
    left_eye, right_eye, nose, left_corner, right_corner = landmarks
    assert left_eye[0] < left_corner[0] < nose[0] < right_corner[0] < right_eye[0]
    assert left_eye[1] == right_eye[1] < nose[1] < left_corner[1] == right_corner[1]
    np.testing.assert_allclose(left_eye[0] + right_eye[0], 63, atol=1e-4)


def test_yaw_and_pitch_move_the_nose_most():
    for name, axis in (("yaw", 0), ("pitch", 1)):
        _, landmarks = render_faces({name: [-20, 0, 20]})
        nose = landmarks[:, 2, axis]
        assert nose[0] < nose[1] < nose[2]
        moved = landmarks[2] - landmarks[1]
        assert (moved[2, axis] > np.delete(moved[:, axis], 2)).all()


def test_the_tip_of_the_nose_goes_where_the_formula_says():
    """The tip stands `nose height` out of an ellipsoid that narrows to the chin."""
    face = {name: TRAITS[name].neutral for name in TRAITS}
    tip = face["eye height"] + face["nose length"]
    share = tip / face["face height"]
    depth = face["face width"] * np.sqrt(1 - share**2) + face["nose height"]
    across = depth * np.sin(np.deg2rad(30)) / (1 + face["jaw"] * share**2)
    _, landmarks = render_face({"yaw": 30})
    unit = geometry.EDGE * 64  # pixels
    np.testing.assert_allclose(landmarks[2], (31.5 + unit * across, 31.5 + unit * tip), atol=1e-3)


def test_roll_turns_by_its_angle():
    """Clockwise, about the middle of the head."""
    for dials in ({}, {"yaw": 20, "pitch": -10, "shift x": 0.1, "shift y": -0.05}):
        _, upright = render_face(dials)
        _, turned = render_face({**dials, "roll": 25})
        centre = 64 * (0.5 + np.array([dials.get("shift x", 0), dials.get("shift y", 0)])) - 0.5
        c, s = np.cos(np.deg2rad(25)), np.sin(np.deg2rad(25))
        wanted = (upright - centre) @ np.array([[c, s], [-s, c]]) + centre
        np.testing.assert_allclose(turned, wanted, atol=1e-4)


def test_scale_and_shift():
    _, landmarks = render_faces({"scale": [1.0, 0.5, 1.0], "shift x": [0, 0, 0.125]})
    np.testing.assert_allclose(landmarks[1] - 31.5, (landmarks[0] - 31.5) / 2, atol=1e-4)
    np.testing.assert_allclose(landmarks[2] - landmarks[0], [[8, 0]] * 5, atol=1e-4)


def test_size_scales_everything():
    small, few = render_face({"yaw": 15, "smile": 1})
    large, many = render_face({"yaw": 15, "smile": 1}, 256)
    np.testing.assert_allclose((many + 0.5) / 4, few + 0.5, atol=1e-4)
    reduced = large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(reduced - small).mean() < 0.01


def test_turning_hides_the_far_eye(monkeypatch):
    green, landmarks = iris_pixels(monkeypatch, {"yaw": 45, "eye distance": 0.4})
    middle = round(float(landmarks[:2, 0].mean()))
    assert green[:, middle:].sum() < 0.6 * green[:, :middle].sum()


def test_a_mirrored_head_gives_the_mirrored_picture():
    dials = {"yaw": 25, "roll": 10, "shift x": 0.05, "light azimuth": 50, "parting": 0.5}
    dials |= {"glasses": 1, "beard": 1, "hair length": 1}
    one, points = render_face(dials)
    flipped = {name: -value for name, value in dials.items() if DIALS[name].low < 0}
    two, mirrored = render_face({**dials, **flipped, "hair length": 1})
    head = slice(12, 52)  # the wall behind is not mirrored
    assert np.abs(one[:, head] - two[:, ::-1][:, head]).mean() < 0.02
    np.testing.assert_allclose(63 - mirrored[[1, 0, 2, 4, 3], 0], points[:, 0], atol=1e-4)


# Dials


@pytest.mark.parametrize("name", DIALS)
def test_every_dial_changes_the_picture(name):
    dial = DIALS[name]
    middle = (dial.low + dial.high) / 2  # a hue ends where it began
    dials = {key: np.full(2, value) for key, value in NEEDS.get(name, {}).items()}
    (low, high), _ = render_faces({**dials, name: [dial.low, middle]})
    assert (np.abs(low - high).max(axis=-1) > 0.02).sum() >= 8


@pytest.mark.parametrize("name", [*TRAITS, *NUISANCES])
def test_landmarks_move_with_geometry_only(name):
    moving = {"eye distance", "eye height", "nose length", "nose height", "mouth height"}
    moving |= {"mouth width", "smile", "face width", "face height", "jaw", *POSES}
    low, high = both_ends(name, yaw=10, pitch=5)[1] if name not in POSES else both_ends(name)[1]
    assert (np.abs(low - high).max() > 0.05) == (name in moving)


def test_eye_distance_is_in_head_units():
    _, landmarks = render_faces({"eye distance": [0.25, 0.375]})
    apart = landmarks[:, 1, 0] - landmarks[:, 0, 0]
    np.testing.assert_allclose(apart, 2 * np.array([0.25, 0.375]) * geometry.EDGE * 64, rtol=1e-5)


@pytest.mark.parametrize("name", ["skin tone", "brightness", "ambient", "background"])
def test_brighter_dials(name):
    low, high = both_ends(name)[0]
    assert low.mean() < high.mean()


def test_traits_move_what_they_say(monkeypatch):
    (green, _), (more, _) = (
        iris_pixels(monkeypatch, {"eye opening": size}) for size in (0.06, 0.12)
    )
    assert green.sum() < more.sum()
    brows = changed({"brow darkness": 1.0}, **{"brow darkness": 0.6})
    _, landmarks = render_face()
    rows = np.flatnonzero(brows.any(axis=1))
    assert rows[-1] < landmarks[0, 1]
    assert rows[0] > landmarks[0, 1] - 16
    lips = changed({"lip fullness": 0.12}, **{"lip fullness": 0.03})
    rows = np.flatnonzero(lips.any(axis=1))
    assert landmarks[2, 1] - 2 < rows[0] < landmarks[3, 1] < rows[-1]
    wide = changed({"face width": 0.88}, **{"face width": 0.62})
    assert wide[32, 10]
    assert wide[32, 53]


def test_smile_raises_the_corners_of_the_mouth():
    _, landmarks = render_faces({"smile": [-0.5, 0, 1]})
    corner = landmarks[:, LANDMARKS.index("right mouth corner")]
    assert corner[0, 1] > corner[1, 1] > corner[2, 1]
    assert corner[0, 0] < corner[1, 0] < corner[2, 0]
    faces, _ = render_faces({"smile": [-0.5, 1], "lip colour": [1, 1], "cheeks": [0, 0]}, 256)
    below = faces[:, 160:220]  # the nose and above the chin
    red = below[..., 0] > 1.5 * below[..., 1]  # the lips, (2, 60, 256)
    rows = np.arange(60)
    sad, glad = (rows[lips[:, 105]].mean() - rows[lips[:, 127]].mean() for lips in red)
    assert glad < sad - 3  # the side of the mouth against its middle, in pixels


def test_closed_eyes_show_no_iris(monkeypatch):
    (open_eyes, _), (closed, _) = (
        iris_pixels(monkeypatch, {"eyes closed": amount}) for amount in (0, 1)
    )
    assert closed.sum() < 0.02 * open_eyes.sum()


def test_the_lamp_brightens_its_side():
    images, _ = render_faces(
        {"light azimuth": [60, -60], "ambient": [0.3, 0.3], "parting": [0, 0], "clothes": [0, 0]}
    )
    face = images[:, 20:50].mean(axis=(1, 3))  # (2, 64)
    right, left = face[:, 36:50].mean(axis=1), face[:, 14:28].mean(axis=1)
    assert right[0] > 1.3 * left[0]
    assert left[1] > 1.3 * right[1]
    low, high = both_ends("light elevation", ambient=0.3)[0][:, :, 20:44]
    forehead, chin = slice(18, 28), slice(48, 54)
    assert high[forehead].mean() / high[chin].mean() > 1.3 * low[forehead].mean() / low[chin].mean()


@pytest.mark.parametrize(
    ("name", "above", "below"),
    [("mask", "left eye", None), ("beard", "left eye", None), ("glasses", None, "nose")],
)
def test_what_is_worn_stays_in_its_place(name, above, below):
    _, landmarks = render_face()
    rows = np.flatnonzero(changed({name: 1}).any(axis=1))
    assert len(rows) > 8
    if above:
        assert rows[0] > landmarks[LANDMARKS.index(above), 1]
    if below:
        assert rows[-1] < landmarks[LANDMARKS.index(below), 1]
    columns = np.flatnonzero(changed({name: 1}).any(axis=0))
    assert columns[0] > 6
    assert columns[-1] < 57


def test_a_mask_hides_the_mouth():
    assert changed({"lip colour": 1}, cheeks=0, mask=0).sum() > 20
    assert changed({"lip colour": 1}, cheeks=0, mask=1).sum() == 0


def test_sunglasses_hide_the_eyes(monkeypatch):
    seen, _ = iris_pixels(monkeypatch, {"glasses": 1, "lens tint": 0})
    hidden, _ = iris_pixels(monkeypatch, {"glasses": 1, "lens tint": 0.9})
    assert hidden.sum() < 0.2 * seen.sum()


def test_blur_smooths_and_noise_roughens():
    for size in (64, 96):
        images, _ = render_faces({"blur": np.linspace(0, 3, 25)}, size)
        rough = [gaussian_laplace(image.mean(axis=-1), 1).std() for image in images]
        assert (np.diff(rough) < 0).all()  # no ghosts where a wider step sets in
    images, _ = render_faces({"noise": [0, 0.05, 0.15]})
    rough = [roughness(image) for image in images]
    assert rough == sorted(rough)


@pytest.mark.parametrize("size", [48, 64, 100, 256])
@pytest.mark.parametrize("blur", [0.3, 1.0, 3.0])
def test_blur_is_a_standard_deviation(size, blur):
    image = np.zeros((3, size, size), np.float32)
    image[:, size // 2, size // 2] = 1
    painting._smooth(image, blur)
    np.testing.assert_allclose(image.sum(axis=(1, 2)), 1, rtol=1e-5)
    place = np.arange(size) - size // 2
    for axis in (1, 2):
        variance = (image.sum(axis=axis) * place**2).sum(axis=1)
        np.testing.assert_allclose(variance, (blur * size / 64) ** 2, rtol=1e-3)
    assert image.min() >= 0


def test_blur_keeps_even_pictures_even():
    image = np.full((3, 64, 64), 0.5, np.float32)
    painting._smooth(image, 3.0)
    np.testing.assert_array_equal(image, np.float32(0.5))


def test_noise_is_a_standard_deviation():
    clean, _ = render_face({"background": 0.5})
    for grain in (0, 0.5):
        noisy, _ = render_face({"background": 0.5, "noise": 0.05, "grain": grain})
        added = (noisy - clean)[:, :4]
        assert abs(added.std() - 0.05) < 0.006
        assert abs(added.mean()) < 0.006
    grains = painting._grains(100000)
    assert abs(grains.mean()) < 0.02
    assert abs(grains.std() - 1) < 0.02
    assert abs(np.mean(np.abs(grains) < 1) - 0.6827) < 0.02  # as of a normal distribution


# What is refused


@pytest.mark.parametrize(
    ("dials", "error", "message"),
    [
        ({"yawn": 1}, ValueError, "dials must be named in TRAITS or NUISANCES, got 'yawn'"),
        ({"yaw": 46}, ValueError, r"dial 'yaw' must lie from -45.0 to 45.0, got 46.0"),
        ({"yaw": float("nan")}, ValueError, r"dial 'yaw' must lie .*, got nan"),
        ({"yaw": "left"}, TypeError, "dial 'yaw' must be a number, got 'left'"),
        ({"yaw": True}, TypeError, "dial 'yaw' must be a number, got True"),
        ({"yaw": [1, 2]}, TypeError, r"dial 'yaw' must be a number, got \[1, 2\]"),
    ],
)
def test_wrong_dials_of_one_face_are_named(dials, error, message):
    with pytest.raises(error, match=message):
        render_face(dials)
    with pytest.raises(error, match=message):
        sample_people(1, 1, fixed=dials)


@pytest.mark.parametrize(
    ("dials", "error", "message"),
    [
        ({}, ValueError, r"dials must hold arrays of one shape \(N,\), at least one, got {}"),
        ({"yaw": 3}, ValueError, r"got {'yaw': \(\)}"),
        ({"yaw": []}, ValueError, r"got {'yaw': \(0,\)}"),
        ({"yaw": [[1, 2]]}, ValueError, r"got {'yaw': \(1, 2\)}"),
        (
            {"yaw": [1, 2], "roll": [1, 2, 3]},
            ValueError,
            r"got {'yaw': \(2,\), 'roll': \(3,\)}",
        ),
        ({"yaw": [1, -50]}, ValueError, r"dial 'yaw' must lie from -45.0 to 45.0, got -50.0"),
        ({"nose": [1]}, ValueError, "got 'nose'"),
        ({"yaw": ["left"]}, TypeError, "dial 'yaw' must hold real numbers, got dtype <U4"),
    ],
)
def test_wrong_dials_of_many_faces_are_named(dials, error, message):
    with pytest.raises(error, match=message):
        render_faces(dials)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be a whole number from 1"),
        ({"n": 1.5}, TypeError, "n must be a whole number"),
        ({"images_per_person": 0}, ValueError, "images_per_person must be a whole number from 1"),
        ({"seed": -1}, ValueError, "seed must be a whole number from 0"),
        ({"size": 8}, ValueError, "size must be a whole number from 16"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        sample_people(**{"n": 1, "images_per_person": 1, **arguments})


def test_people_of_different_lengths_are_refused(people):
    with pytest.raises(ValueError, match="images must have length 120, one per identity, got 5"):
        replace(people, images=people.images[:5])
    with pytest.raises(ValueError, match="landmarks must have length 120"):
        replace(people, landmarks=people.landmarks[:5])
    with pytest.raises(ValueError, match="'yaw' must have length 3"):
        People(people.images[:3], np.arange(3), people.landmarks[:3], {"yaw": np.zeros(2)})
