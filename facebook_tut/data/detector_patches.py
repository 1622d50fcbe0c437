"""Training patches for a detector: more faces, and the kinds of non-face that fool a classifier.

A detector judges thousands of windows of a photograph, so it needs far fewer false alarms than a
classifier of patches. What `data.patches.load_patches` gives is joined here by synthetic people in
the framing of scikit-image's faces, by faces upside down, sideways and rolled, by parts of faces,
and by the windows of photographs that an earlier training took for faces: the bootstrapping of Sung
and Poggio (1998, section 2).
"""

import numpy as np
from skimage.transform import SimilarityTransform, estimate_transform, warp

from facebook_tut._validation import check_callable, check_number, check_seed
from facebook_tut.data import Dataset
from facebook_tut.data.patches import (
    PHOTOGRAPHS,
    _dataset,
    _lfw_patch,
    _photograph,
    hard_patches,
    random_patches,
)
from facebook_tut.data.synthetic import sample_people
from facebook_tut.detection import GROWTH, sliding_windows
from facebook_tut.preprocessing import PATCH_SIZE, grayscale, resize, to_network_input

# Where the two eyes and the middle of the mouth are in the mean of scikit-image's faces, as shares
# of the edge, (x, y).
FRAMING = ((0.275, 0.335), (0.605, 0.335), (0.44, 0.70))
TURN, SCALE, SHIFT = 6.0, 0.12, 0.06  # of moved faces: degrees, share of the size, of the edge
CENTRE = (PATCH_SIZE - 1) / 2


def load_detector_patches(
    sources, seed=0, *, people=600, copies=4, hard_per_photograph=60, random_per_photograph=60
):
    """Load the faces and non-faces that a detector is trained on.

    Parameters
    ----------
    sources : sequence of str
        The faces, non-faces and photographs that may be used, as `load_patches` names them:
        ``splits.train.sources`` leaves the validation and the test images unseen.
    seed : int
        Of everything random.
    people : int
        Synthetic people, one face of each.
    copies : int
        Moved copies of each photographed face, beside the face itself.
    hard_per_photograph, random_per_photograph : int
        As in `load_patches`.

    Returns
    -------
    Dataset
        Sources of faces made here are ``"synthetic 12"``; of non-faces made from faces,
        ``"turned face"`` and ``"part of a face"``.

    Examples
    --------
    >>> few = load_detector_patches(["face 3", "non-face 5", "coins"], people=4, copies=1,
    ...                             hard_per_photograph=2, random_per_photograph=2)
    >>> len(few.faces), sorted({str(source) for source in few.sources[few.labels == 0]})
    (6, ['coins', 'non-face 5', 'part of a face', 'turned face'])
    """
    check_number("people", people, 0, 100_000, integer=True)
    check_number("copies", copies, 0, 100, integer=True)
    rng, names = np.random.default_rng(check_seed("seed", seed)), _known(sources)
    own = [name for name in names if name.startswith("face ")]
    taken = np.stack([_lfw_patch(name) for name in own])  # (F, 25, 25)
    moved = [moved_face(face, rng) for _ in range(copies) for face in taken]
    drawn = synthetic_faces(people, rng)
    faces = np.concatenate([taken, np.reshape(moved, (-1, *taken.shape[1:])), drawn])
    named = [*zip(own * (copies + 1), faces, strict=False)]
    named += [(f"synthetic {k}", face) for k, face in enumerate(drawn)]
    count = len(named)
    for name in names:
        if name in PHOTOGRAPHS:
            grey = _photograph(name)
            hard = hard_patches(grey, taken.mean(0), hard_per_photograph)
            anywhere = random_patches(grey, random_per_photograph, rng)
            named += [(name, patch) for patch in (*hard, *anywhere)]
        elif name.startswith("non-face "):
            named.append((name, _lfw_patch(name)))
    originals = np.concatenate([taken, drawn])
    named += [("turned face", turned_face(face, rng)) for face in originals]
    named += [("part of a face", part_of_face(face, rng)) for face in originals]
    return _dataset([(name, np.clip(patch, 0, 1)) for name, patch in named], count)


def _known(sources):
    """Return the names once each, in order, if they are all known and a face is among them."""
    names = list(dict.fromkeys(str(name) for name in sources))
    for name in names:
        kind, _, number = name.rpartition(" ")
        numbered = kind in ("face", "non-face") and number.isdecimal() and int(number) < 100
        if not numbered and name not in PHOTOGRAPHS:
            raise ValueError(f"sources must be named as by load_patches, got {name!r}")
    if not any(name.startswith("face ") for name in names):
        raise ValueError(f"sources must name a face, got {names}")
    return names


# Faces


def synthetic_faces(count, rng):
    """Draw synthetic people in the framing of scikit-image's faces, each moved a little.

    Parameters
    ----------
    count : int
        How many.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    ndarray, (N, 25, 25), float
        Grey values from 0 to 1.

    Examples
    --------
    >>> synthetic_faces(2, np.random.default_rng(0)).shape
    (2, 25, 25)
    """
    if count == 0:
        return np.empty((0, PATCH_SIZE, PATCH_SIZE))
    people = sample_people(count, 1, seed=int(rng.integers(2**32)))
    left, right, _, *corners = np.moveaxis(people.landmarks, 1, 0)  # (N, 2) each
    points = np.stack([left, right, np.mean(corners, axis=0)], axis=1)  # (N, 3, 2)
    faces = [
        framed(grayscale(image), three) for image, three in zip(people.images, points, strict=True)
    ]
    return np.stack([moved_face(face, rng) for face in faces])


def framed(grey, points):
    """Cut a face out of a picture, turned and scaled so that eyes and mouth are at `FRAMING`.

    Parameters
    ----------
    grey : ndarray, (H, W), float
        The picture.
    points : array_like, (3, 2)
        ``(x, y)`` of the left eye, the right eye and the middle of the mouth, in pixels.

    Returns
    -------
    ndarray, (25, 25), float

    Examples
    --------
    >>> framed(np.eye(64), [(25, 25), (40, 25), (32, 42)]).shape
    (25, 25)
    """
    wanted = 2 * PATCH_SIZE * np.array(FRAMING) - 0.5
    double = estimate_transform("similarity", np.asarray(points, float), wanted)
    shape = (2 * PATCH_SIZE, 2 * PATCH_SIZE)
    large = warp(grey, double.inverse, output_shape=shape, mode="edge")  # (50, 50)
    return resize(large, (PATCH_SIZE, PATCH_SIZE))  # smoothed where it shrinks


def moved_face(face, rng, turn=TURN):
    """Return a face mirrored or not, turned, scaled and shifted a little, (25, 25).

    Examples
    --------
    >>> moved_face(np.eye(25), np.random.default_rng(0)).shape
    (25, 25)
    """
    if rng.random() < 0.5:
        face = face[:, ::-1]
    scale = 1 + rng.uniform(-SCALE, SCALE)
    shift = rng.uniform(-SHIFT, SHIFT, 2) * PATCH_SIZE
    return _warped(face, rng.uniform(-turn, turn), scale, shift)


def _warped(face, degrees, scale=1.0, shift=(0, 0), mode="edge"):
    """Turn and scale a patch about its centre, then shift it."""
    move = SimilarityTransform(translation=(-CENTRE, -CENTRE))
    move += SimilarityTransform(scale=scale, rotation=np.deg2rad(degrees), translation=shift)
    move += SimilarityTransform(translation=(CENTRE, CENTRE))
    return warp(face, move.inverse, mode=mode)


# Non-faces that are made of faces


def turned_face(face, rng):
    """Return a face upside down, on its side, or rolled by 35° to 160°: a non-face, (25, 25).

    Examples
    --------
    >>> turned_face(np.eye(25), np.random.default_rng(0)).shape
    (25, 25)
    """
    quarters = int(rng.integers(4))
    if quarters:
        return np.rot90(face, quarters)
    return _warped(face, rng.choice([-1, 1]) * rng.uniform(35, 160))


def part_of_face(face, rng):
    """Return a part of a face, enlarged, or a face far off the middle: a non-face, (25, 25).

    Examples
    --------
    >>> part_of_face(np.eye(25), np.random.default_rng(0)).shape
    (25, 25)
    """
    if rng.random() < 0.5:
        size = int(rng.integers(9, 17))
        top, left = rng.integers(PATCH_SIZE - size + 1, size=2)
        return resize(face[top : top + size, left : left + size], (PATCH_SIZE, PATCH_SIZE))
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.7) * PATCH_SIZE
    return _warped(face, 0, 1, (far * np.cos(angle), far * np.sin(angle)), mode="reflect")


# Bootstrapping


def mine_false_alarms(classify, photographs, first, per_photograph=60, *, least=0.1, asked=1000):
    """Return the windows of photographs without faces that a classifier takes for faces.

    The windows are smaller than those of a detector too, from a sixteenth of the shorter edge on,
    so that there are more of them.

    Parameters
    ----------
    classify : callable
        From (N, 64, 64, 3) float32 images to (N,) probabilities of a face.
    photographs : sequence of str
        Names out of ``data.patches.PHOTOGRAPHS``; other names, of faces say, are passed over.
    first : cascade.PixelFilter
        The classifier is asked about the windows that look most like a face to the first stage.
    per_photograph : int
        At most so many of each photograph, those with the highest probability.
    least : float
        Windows with a lower probability stay out.
    asked : int
        How many windows of each photograph the classifier judges.

    Returns
    -------
    Dataset
        Non-faces. At least one window is in it.

    Raises
    ------
    ValueError
        If no window is taken for a face: there is nothing to learn from.

    Examples
    --------
    >>> from facebook_tut.cascade import PixelFilter
    >>> bright, first = lambda images: images.mean((1, 2, 3)), PixelFilter(np.ones((25, 25)), 0)
    >>> found = mine_false_alarms(bright, ["page", "face 3"], first, 5, asked=9)
    >>> len(found), set(found.labels.tolist()), set(found.sources.tolist())
    (5, {0.0}, {'page'})
    """
    check_callable("classify", classify)
    check_number("per_photograph", per_photograph, 1, 100_000, integer=True)
    check_number("least", least, 0, 1)
    check_number("asked", asked, 1, 10_000_000, integer=True)
    images, names = [], []
    for name in dict.fromkeys(str(photograph) for photograph in photographs):
        if name in PHOTOGRAPHS:
            found = to_network_input(_likeliest(_photograph(name), first, asked))
            scores = np.asarray(classify(found))
            worst = np.argsort(-scores, kind="stable")[:per_photograph]
            images.append(found[worst[scores[worst] >= least]])
            names += [name] * len(images[-1])
    if not names:
        raise ValueError(f"classify must take a window for a face, with at least {least}: none is")
    return Dataset(np.concatenate(images), np.zeros(len(names), np.float32), names)


def _likeliest(grey, first, count):
    """Return the windows that look most like a face to the first stage, (count, 25, 25)."""
    sizes = [max(min(grey.shape) / 16, PATCH_SIZE)]
    while sizes[-1] * GROWTH <= min(grey.shape):
        sizes.append(sizes[-1] * GROWTH)
    best, likeness = np.empty((0, PATCH_SIZE, PATCH_SIZE)), np.empty(0)
    for size in sizes:
        patches, _ = sliding_windows(grey, [size])
        patches = np.concatenate([best, patches])
        likeness = np.concatenate([likeness, first.log_odds(patches[len(best) :])])
        keep = np.argsort(-likeness, kind="stable")[:count]
        best, likeness = patches[keep], likeness[keep]
    return best
