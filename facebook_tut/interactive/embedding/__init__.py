"""The embedding explorer: where a network puts faces before, during and after its training."""

from pathlib import Path

import numpy as np

from facebook_tut._live import Choice, Dial, LiveFigure
from facebook_tut._validation import check_array, check_images

SIDES = (8, 48)  # how many pixels a side of a face may have
GREYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # black to white
MOST = 20  # people, each with its own ink and shape


def embedding_explorer(
    frames,
    faces,
    people,
    nuisances,
    *,
    neighbours=None,
    titles=None,
    frame=None,
    colour="person",
    face=0,
):
    """Show how training moves faces in the embedding, with a slider through its snapshots.

    Each face is a point, coloured by its person or by something that the embedding should
    ignore, such as the light. Pointing at it shows the face and its nearest neighbour. A table
    tells how often that is the same person, in each snapshot.

    Parameters
    ----------
    frames : array_like of float, shape (F, N, 2)
        The embedding of the N faces in each of F snapshots, projected onto a plane. Every
        snapshot is moved and scaled to fill the plot, the same in both directions.
    faces : array_like of float, shape (N, H, W) or (N, H, W, 3)
        Pictures with values from 0 to 1, shown in 64 greys; H and W from 8 to 48.
    people : array_like of int, shape (N,)
        Who is shown; from 2 to 20 people, each at least twice.
    nuisances : dict of str to array_like, each of shape (N,)
        What else differs between the pictures, such as the yaw or the light.
    neighbours : array_like of int, shape (F, N), optional
        The row of each face's nearest neighbour in the full embedding. By default, its nearest
        neighbour in the plane, which can be another one.
    titles : sequence of str, length F, optional
        What each snapshot is, such as "before training" or "epoch 4".
    frame : int, optional
        The snapshot that is shown at first, from 0; by default the last.
    colour : str, default "person"
        What the colours show: "person" or the name of a nuisance.
    face : int, default 0
        The chosen face, from 0.

    Returns
    -------
    LiveFigure
        Its attributes ``frame``, ``colour`` and ``face`` follow the controls and move them.

    Examples
    --------
    >>> rng, people = np.random.default_rng(0), np.repeat([0, 1, 2], 4)
    >>> frames = rng.random((2, 12, 2))
    >>> frames[1] += people[:, None]
    >>> light = rng.random(12)
    >>> figure = embedding_explorer(frames, rng.random((12, 24, 24)), people, {"light": light})
    >>> figure
    <embedding_explorer: frame=1, colour=person, face=0>
    >>> figure.colour = "light"
    """
    data = _collect(_check_frames(frames), faces, people, nuisances, neighbours, titles)
    last = len(data["frames"]) - 1
    dials = {
        "frame": (Dial(0, last, 1), last if frame is None else frame),
        "colour": (Choice(("person", *nuisances)), colour),
        "face": (Dial(0, len(data["people"]) - 1, 1), face),
    }
    return LiveFigure("embedding_explorer", Path(__file__).parent, data, dials)


def _collect(frames, faces, people, nuisances, neighbours, titles):
    """Return what the figure shows, ready for JSON."""
    count = frames.shape[1]
    places = np.array([_places(points) for points in frames])
    near = _nearest(places) if neighbours is None else _check_neighbours(neighbours, places)
    names, ranks = _check_people(people, count)
    values = _check_nuisances(nuisances, count)
    greys = _check_faces(faces, count)
    return {
        "frames": places.tolist(),
        "faces": ["".join(GREYS[grey] for grey in face.ravel()) for face in greys],
        "side": list(greys.shape[1:]),
        "names": names.tolist(),
        "people": ranks.tolist(),
        "nuisances": [_nuisance(name, values[name]) for name in values],
        "neighbours": near.tolist(),
        "space": "this plane" if neighbours is None else "the embedding",
        "titles": _check_titles(titles, len(frames)),
    }


def _check_frames(frames):
    """Return `frames` as floats, or say what is wrong with them."""
    frames = check_array("frames", frames, ("F", "N", 2)).astype(float)
    if not np.isfinite(frames).all():
        wrong = (~np.isfinite(frames)).sum()
        raise ValueError(f"frames must hold finite numbers, got {wrong} that are not")
    return frames


def _check_faces(faces, count):
    """Return the greys of `faces`, (N, H, W), from 0 to 63, or say what is wrong with them."""
    faces, (low, high) = np.asarray(faces), SIDES
    if faces.ndim not in (3, 4) or not all(low <= side <= high for side in faces.shape[1:3]):
        raise ValueError(
            f"faces must have shape (N, H, W) or (N, H, W, 3) with H and W from {low} to {high}, "
            f"got {faces.shape}"
        )
    if len(faces) != count:
        raise ValueError(f"faces must be {count}, as many as points in a frame, got {len(faces)}")
    planes = faces if faces.ndim == 4 else faces[..., None]
    channels = 3 if faces.ndim == 4 else 1
    planes = check_images("faces", planes, (*faces.shape[1:3], channels))
    return np.floor(63 * _grey(planes) + 0.5).astype(int)


def _grey(planes):
    """Return pictures of three planes, or of one, in grey."""
    if planes.shape[3] == 1:
        return planes[..., 0]
    from facebook_tut.preprocessing import grayscale

    return np.array([grayscale(picture) for picture in planes])


def _check_people(people, count):
    """Return who there is, and for each face which of them it shows, or say what is wrong."""
    people = np.asarray(people)
    if people.shape != (count,) or people.dtype.kind not in "iu":
        raise ValueError(
            f"people must be {count} whole numbers, one for each face, "
            f"got dtype {people.dtype} and shape {people.shape}"
        )
    names, ranks, shown = np.unique(people, return_inverse=True, return_counts=True)
    if not 2 <= len(names) <= MOST:
        raise ValueError(f"people must be from 2 to {MOST} different ones, got {len(names)}")
    if shown.min() < 2:
        once = names[shown.argmin()]
        raise ValueError(f"people must occur at least twice each, got person {once} once")
    return names, ranks


def _check_nuisances(nuisances, count):
    """Return `nuisances` as arrays by name, or say what is wrong with them."""
    if not isinstance(nuisances, dict):
        raise TypeError(f"nuisances must be a dict of name to values, got {nuisances!r}")
    for name, values in nuisances.items():
        if not isinstance(name, str) or name in ("", "person"):
            raise ValueError(f"nuisances must have names other than 'person', got {name!r}")
        values = check_array(f"nuisances[{name!r}]", values, ("N",))
        if len(values) != count or not np.isfinite(values).all():
            raise ValueError(
                f"nuisances[{name!r}] must hold {count} finite numbers, one for each face, "
                f"got {np.isfinite(values).sum()}"
            )
    return {name: np.asarray(values, dtype=float) for name, values in nuisances.items()}


def _check_neighbours(neighbours, places):
    """Return `neighbours` as an array, or say what is wrong with them."""
    neighbours, (moments, count) = np.asarray(neighbours), places.shape[:2]
    if neighbours.shape != (moments, count) or neighbours.dtype.kind not in "iu":
        raise ValueError(
            f"neighbours must be whole numbers of shape ({moments}, {count}), "
            f"got dtype {neighbours.dtype} and shape {neighbours.shape}"
        )
    wrong = neighbours[(neighbours < 0) | (neighbours >= count)]
    if wrong.size:
        raise ValueError(f"neighbours must be rows from 0 to {count - 1}, got {wrong[0]}")
    selves = np.argwhere(neighbours == np.arange(count))
    if selves.size:
        raise ValueError(f"neighbours must be other faces, got face {selves[0, 1]} as its own")
    return neighbours


def _check_titles(titles, moments):
    """Return `titles` as a list, or say what is wrong with them."""
    if titles is None:
        return [f"snapshot {at} of {moments}" for at in range(1, moments + 1)]
    titles = list(titles)
    if len(titles) != moments or not all(isinstance(title, str) and title for title in titles):
        raise ValueError(f"titles must be {moments} words, one for each frame, got {titles}")
    return titles


def _places(points):
    """Return where points are in the plot, (N, 2): whole numbers, from the left and the top."""
    low, high = points.min(axis=0), points.max(axis=0)
    parts = (points - (low + high) / 2) / ((high - low).max() or 1)
    return np.floor(1000 * (0.5 + parts * [1, -1]) + 0.5).astype(int)


def _nearest(places):
    """Return the nearest other point of each point in each frame; of equals, the first."""
    neighbours = []
    for points in places:
        squares = ((points[:, None] - points) ** 2).sum(axis=2)
        np.fill_diagonal(squares, squares.max() + 1)
        neighbours.append(squares.argmin(axis=1))
    return np.array(neighbours)


def _digits(spread):
    """Return how many decimals tell fifty steps apart in `spread`, or in 1 if that is 0."""
    return next((digits for digits in range(9) if (spread or 1) * 10**digits >= 50), 9)


def _nuisance(name, values):
    """Return a nuisance as whole numbers, with the decimals of its values and of differences."""
    fine = _digits(np.ptp(values))
    digits = 0 if (values == np.round(values)).all() else fine
    steps = np.floor(values * 10**digits + 0.5).astype(int)
    return {"name": name, "digits": digits, "fine": fine, "steps": steps.tolist()}
