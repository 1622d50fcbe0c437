"""The embedding explorer: where a network puts faces before, during and after its training."""

from html import escape

import numpy as np

from facebook_tut._validation import check_array, check_images

from ._live import Choice, Dial, LiveFigure, bitmap, declare, fixed

SIDES = (8, 48)  # how many pixels a side of a face may have
GREYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # black to white
INKS = 5
SHAPES = (
    "M-12 0a12 12 0 1 0 24 0a12 12 0 1 0-24 0z",
    "M-11-11h22v22h-22z",
    "M0-15L15 11H-15z",
    "M-5-14h10v9h9v10h-9v9h-10v-9h-9v-10h9z",
)
MOST = INKS * len(SHAPES)  # people, each with its own ink and shape


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

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

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
    return LiveFigure("embedding_explorer", data, dials, _still)


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
        "nuisances": [_nuisance(name, values[name], near) for name in values],
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
    """Return where points lie in the plot, (N, 2): whole numbers, from the left and the top."""
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


def _nuisance(name, values, neighbours):
    """Return a nuisance as whole numbers, and how much it differs between faces, in words."""
    fine = _digits(np.ptp(values))
    digits = 0 if (values == np.round(values)).all() else fine
    steps = np.floor(values * 10**digits + 0.5).astype(int)
    between = [np.abs(steps - steps[near]).sum() / len(steps) for near in neighbours]
    pairs = np.abs(steps[:, None] - steps).sum() / (len(steps) * (len(steps) - 1))
    return {
        "name": name,
        "digits": digits,
        "steps": steps.tolist(),
        "gaps": [fixed(gap / 10**digits, fine) for gap in [*between, pairs]],
    }


# What follows draws the still in Python exactly as embedding_explorer.js redraws it: places,
# greys and steps are whole numbers, so both languages agree to the last digit.


def _number(nuisance, step):
    """Return a nuisance's value as text."""
    return fixed(step / 10 ** nuisance["digits"], nuisance["digits"]).replace("-", "−")


def _colouring(data, colour):
    """Return the nuisance that gives the colours; None for the person."""
    return next((one for one in data["nuisances"] if one["name"] == colour), None)


def _looks(data, nuisance):
    """Return the ink and the shape of every point."""
    if nuisance is None:
        return [
            (f"var(--person-{who % INKS})", SHAPES[who % len(SHAPES)]) for who in data["people"]
        ]
    low, high = min(nuisance["steps"]), max(nuisance["steps"])
    parts = ((100 * (step - low)) // ((high - low) or 1) for step in nuisance["steps"])
    return [(f"color-mix(in oklch, var(--high) {part}%, var(--low))", SHAPES[0]) for part in parts]


def _points(data, frame, colour):
    """Return the attributes of every point."""
    looks = _looks(data, _colouring(data, colour))
    return [
        {"style": declare({"x": x, "y": y, "ink": ink}), "d": shape}
        for (x, y), (ink, shape) in zip(data["frames"][frame], looks, strict=True)
    ]


def _legend(data, nuisance):
    """Return what the colours mean, and how much the nuisance differs between neighbours."""
    gaps = [""] * (len(data["frames"]) + 1) if nuisance is None else nuisance["gaps"]
    shown = {f"gap_{at}": gap for at, gap in enumerate(gaps)}
    if nuisance is None:
        key = "One colour and shape per person"
        return shown | {"low": "", "high": "", "key": key, "gap_name": ""}
    low, high = (_number(nuisance, end(nuisance["steps"])) for end in (min, max))
    return shown | {
        "low": low,
        "high": high,
        "key": "",
        "gap_name": f"{nuisance['name']} differs by",
    }


def _image(data, at):
    """Return the picture of a face as a data URI."""
    greys = np.array([GREYS.index(letter) for letter in data["faces"][at]])
    return bitmap((4 * greys + greys // 16).reshape(data["side"]))


def _card(data, prefix, at, look):
    """Return what is told about one face."""
    ink, shape = look
    card = {
        "image": _image(data, at),
        "face": str(at),
        "person": str(data["names"][data["people"][at]]),
        "ink": ink,
        "shape": shape,
    }
    for k, nuisance in enumerate(data["nuisances"]):
        card[f"value_{k}"] = _number(nuisance, nuisance["steps"][at])
    return {f"{prefix}_{name}": value for name, value in card.items()}


def _rings(points, face, near):
    """Return where the rings lie, and the line between them."""
    (x, y), (near_x, near_y) = points[face], points[near]
    places = {"x": x, "y": y, "near_x": near_x, "near_y": near_y}
    shown = {name: str(place) for name, place in places.items()}
    return shown | {"link": f"M{x} {y}L{near_x} {near_y}"}


def _reading(data, frame, colour, face):
    """Return what the controls change, by the name of its slot."""
    near, nuisance = data["neighbours"][frame][face], _colouring(data, colour)
    looks = _looks(data, nuisance)
    same = data["people"][face] == data["people"][near]
    return {
        "title": data["titles"][frame],
        "verdict": "same person" if same else "another person",
        "verdict_ink": "var(--ft-orange)" if same else "var(--ft-blue)",
        "dash": "none" if same else "3 3",
        **_legend(data, nuisance),
        **_card(data, "this", face, looks[face]),
        **_card(data, "near", near, looks[near]),
        **_rings(data["frames"][frame], face, near),
    }


def _shares(data):
    """Return in how many percent of the faces the nearest neighbour is the same person.

    The last is the share among all pairs of faces.
    """
    people = np.array(data["people"])
    shares = [(people[near] == people).mean() for near in data["neighbours"]]
    same = np.bincount(people)
    chance = (same * (same - 1)).sum() / (len(people) * (len(people) - 1))
    return [fixed(100 * share, 0) for share in [*shares, chance]]


def _snapshots(data, frame, shown):
    """Return the rows of the table of snapshots; the one that is shown is marked."""
    rows = []
    for at, (title, share) in enumerate(
        zip([*data["titles"], "any two faces"], _shares(data), strict=True)
    ):
        current = ' aria-current="true"' if at == frame else ""
        rows.append(
            f'<tr{current}><th scope="row">{escape(title)}</th>'
            f'<td style="--part: {share}">{share} %<i></i></td>'
            f'<td data-slot="gap_{at}">{shown[f"gap_{at}"]}</td></tr>'
        )
    return "".join(rows)


def _rows(data, shown):
    """Return the rows that tell both faces' nuisances."""
    return "".join(
        f'<tr><th scope="row">{escape(nuisance["name"])}</th>'
        f'<td data-slot="this_value_{k}">{shown[f"this_value_{k}"]}</td>'
        f'<td data-slot="near_value_{k}">{shown[f"near_value_{k}"]}</td></tr>'
        for k, nuisance in enumerate(data["nuisances"])
    )


def _options(data, colour):
    """Return the options of the menu."""
    names = ["person", *(nuisance["name"] for nuisance in data["nuisances"])]
    return "".join(
        f"<option{' selected' if name == colour else ''}>{escape(name)}</option>" for name in names
    )


RINGS = ("x", "y", "near_x", "near_y", "verdict_ink", "dash")
INKED = ("this_ink", "near_ink", "verdict_ink")


def _still(data, frame, colour, face):
    """Return what the figure shows, by the name of its slot in ``embedding_explorer.html``."""
    frame, face = int(frame), int(face)
    shown = _reading(data, frame, colour, face)
    points = (
        f'<path style="{point["style"]}" d="{point["d"]}"/>'
        for point in _points(data, frame, colour)
    )
    return shown | {
        "title": escape(shown["title"]),
        "gap_name": escape(shown["gap_name"]),
        "count": str(len(data["people"])),
        "crowd": str(len(data["names"])),
        "space": data["space"],
        "last_frame": str(len(data["frames"]) - 1),
        "last_face": str(len(data["people"]) - 1),
        "frame": str(frame),
        "shape": "{1} / {0}".format(*data["side"]),
        "points": "".join(points),
        "options": _options(data, colour),
        "rows": _rows(data, shown),
        "snapshots": _snapshots(data, frame, shown),
        "rings": declare({name: shown[name] for name in RINGS}),
        **{f"{name}_style": declare({name: shown[name]}) for name in INKED},
    }
