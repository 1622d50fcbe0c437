"""People who do not exist: an endless set of faces whose every property is a dial.

A face here is drawn, not photographed. Its *traits*, geometry and colours, say who it is. Its
*nuisances*, such as pose, light, expression and glasses, say how the picture was taken. Each is a
dial with a range and a neutral value, and every picture comes with the dials that made it.

The head is an ellipsoid. Each pixel sends a ray to it; where the ray meets the turned head, the
features are painted in the head's own coordinates, so that turning foreshortens and hides them.

Drawing uses only + − × ÷, square roots, comparisons and rounding, one pixel at a time. Processors
agree on these to the last bit, so a seed gives the same bytes everywhere.
"""

from dataclasses import dataclass
from functools import cache
from numbers import Real

import numpy as np

from facebook_tut._validation import check_number

LANDMARKS = ("left eye", "right eye", "nose", "left mouth corner", "right mouth corner")


@dataclass(frozen=True)
class Dial:
    """One property of a picture: its range, its neutral value and its meaning.

    Attributes
    ----------
    low, high : float
        The bounds, both allowed.
    neutral : float
        The value where none is given.
    meaning : str
        What it says, and in which unit.
    spread : float or {"flat", "rare"}
        How `sample_people` draws it: about neutral with this standard deviation, near-normal, cut
        off at the bounds; evenly from low to high; or high in 3 pictures of 100, low in the rest.

    Examples
    --------
    >>> NUISANCES["yaw"].meaning
    'turn of the head in degrees; positive moves the nose to the right'
    """

    low: float
    high: float
    neutral: float
    meaning: str
    spread: float | str


# A head unit is half the height of an average head. Heights count down from the head's middle.
TRAITS = {
    "face width": Dial(0.62, 0.88, 0.75, "half the width of the head, in head units", "flat"),
    "face height": Dial(0.92, 1.08, 1.0, "half the height of the head, in head units", "flat"),
    "jaw": Dial(-0.3, 0.4, 0.1, "share by which it narrows to the chin; below 0 square", "flat"),
    "eye distance": Dial(0.24, 0.4, 0.32, "from the nose to an eye, in head units", "flat"),
    "eye height": Dial(-0.16, 0.06, -0.05, "of the eyes, in head units", "flat"),
    "eye width": Dial(0.11, 0.2, 0.16, "half the width of an eye, in head units", "flat"),
    "eye opening": Dial(
        0.055, 0.12, 0.085, "half the height of an open eye, in head units", "flat"
    ),
    "eye slant": Dial(-0.25, 0.3, 0.03, "rise of the eye to its outer corner, a slope", "flat"),
    "iris colour": Dial(0.0, 1.0, 0.3, "0 dark brown, 1/3 hazel, 2/3 green, 1 blue", "flat"),
    "brow height": Dial(0.14, 0.29, 0.21, "of a brow above the eye, in head units", "flat"),
    "brow thickness": Dial(0.01, 0.065, 0.035, "half of it, in head units", "flat"),
    "brow slant": Dial(-0.4, 0.3, 0.0, "rise of the brow to its outer end, a slope", "flat"),
    "brow darkness": Dial(0.2, 1.0, 0.7, "0 as the skin, 1 black", "flat"),
    "nose length": Dial(0.28, 0.52, 0.4, "from the eyes to its tip, in head units", "flat"),
    "nose width": Dial(0.08, 0.22, 0.15, "half of it, in head units", "flat"),
    "nose height": Dial(0.1, 0.26, 0.18, "of its tip above the face, in head units", "flat"),
    "mouth height": Dial(
        0.16, 0.31, 0.23, "of the mouth below the tip of the nose, in head units", "flat"
    ),
    "mouth width": Dial(0.16, 0.36, 0.25, "half of it, in head units", "flat"),
    "lip fullness": Dial(0.02, 0.12, 0.06, "height of a lip, in head units", "flat"),
    "lip colour": Dial(0.0, 1.0, 0.4, "0 as the skin, 1 red", "flat"),
    "skin tone": Dial(0.0, 1.0, 0.65, "0 dark, 1 light", "flat"),
    "undertone": Dial(0.0, 1.0, 0.5, "of the skin; 0 pink, 1 golden", "flat"),
    "cheeks": Dial(0.0, 1.0, 0.3, "0 pale, 1 rosy", "flat"),
    "ear size": Dial(0.1, 0.22, 0.16, "half the height of an ear, in head units", "flat"),
}

NUISANCES = {
    "yaw": Dial(-45, 45, 0, "turn of the head in degrees; positive moves the nose to the right", 6),
    "pitch": Dial(-30, 30, 0, "nod in degrees; positive moves the nose down", 3.5),
    "roll": Dial(-30, 30, 0, "tilt in degrees; positive is clockwise", 3.5),
    "scale": Dial(0.5, 1.15, 1.0, "of the head; at 1 it is 0.88 of the picture high", 0.04),
    "shift x": Dial(-0.15, 0.15, 0, "of the head to the right, share of the edge", 0.01),
    "shift y": Dial(-0.15, 0.15, 0, "of the head downwards, share of the edge", 0.01),
    "light azimuth": Dial(-80, 80, 0, "of the lamp in degrees; positive is on the right", 20),
    "light elevation": Dial(-20, 70, 25, "of the lamp above the horizon, in degrees", 10),
    "ambient": Dial(0.2, 1.0, 0.65, "share of the light that comes from all sides", 0.1),
    "brightness": Dial(0.5, 1.5, 1.0, "of all light; 1 is right", 0.08),
    "warmth": Dial(-0.15, 0.15, 0, "of the light; -0.15 is blue, 0.15 orange", 0.02),
    "smile": Dial(-0.5, 1.0, 0, "-0.5 sad, 1 a broad smile", 0.3),
    "mouth open": Dial(0.0, 1.0, 0, "0 closed, 1 wide open", 0.2),
    "brow raise": Dial(-1.0, 1.0, 0, "-1 lowered, 1 raised", 0.3),
    "eyes closed": Dial(0.0, 1.0, 0, "0 open, 1 closed", 0.15),
    "glasses": Dial(0.0, 1.0, 0, "0 none, 1 worn", "rare"),
    "lens tint": Dial(0.0, 0.9, 0.1, "of the glasses; 0 clear, 0.9 sunglasses", 0.15),
    "mask": Dial(0.0, 1.0, 0, "0 none, 1 over mouth and nose", "rare"),
    "beard": Dial(0.0, 1.0, 0, "0 none, 1 full", "rare"),
    "hair length": Dial(-0.3, 1.3, 0.0, "how far down it hangs, in head units", 0.35),
    "hair volume": Dial(0.03, 0.25, 0.1, "how far it stands off the head, in head units", 0.05),
    "hairline": Dial(0.55, 0.8, 0.66, "above the middle of the head, in head units", 0.04),
    "parting": Dial(-1.0, 1.0, 0.4, "-1 far on the left, 1 far on the right", 0.5),
    "hair colour": Dial(0.0, 1.0, 0.25, "0 black, 1/3 brown, 2/3 blond, 1 white", 0.25),
    "background": Dial(0.0, 1.0, 0.6, "0 dark, 1 light", 0.25),
    "background hue": Dial(0.0, 1.0, 0.6, "0 red, 1/3 green, 2/3 blue, 1 red again", "flat"),
    "background edge": Dial(0.0, 1.0, 0.8, "where its halves meet, share of the edge", "flat"),
    "clothes": Dial(0.0, 1.0, 0.0, "0 navy, 1/3 red, 2/3 white, 1 teal", "flat"),
    "blur": Dial(0.0, 3.0, 0, "standard deviation of the smoothing, 64ths of the edge", 0.4),
    "noise": Dial(0.0, 0.15, 0, "standard deviation of the sensor's noise", 0.015),
    "grain": Dial(0.0, 1.0, 0, "which grains the noise has", "flat"),
}

DIALS = {**TRAITS, **NUISANCES}
BLOCK = 100_000  # pixels drawn at once, few enough to stay in the processor's cache
EDGE = 0.44  # a head unit at scale 1, as a share of the picture's edge
SMILE = 0.07  # how far a full smile raises the corners of the mouth, in head units

# Colours along a dial, RGB.
SKIN = ((0.24, 0.15, 0.10), (0.48, 0.31, 0.21), (0.74, 0.53, 0.40), (0.94, 0.77, 0.67))
UNDERTONE = ((1.02, 0.95, 1.0), (1.0, 1.0, 1.0), (0.98, 1.01, 0.86))  # times the skin's
IRIS = ((0.14, 0.07, 0.03), (0.42, 0.27, 0.10), (0.28, 0.42, 0.22), (0.38, 0.60, 0.85))
HAIR = ((0.05, 0.04, 0.04), (0.28, 0.17, 0.09), (0.78, 0.60, 0.33), (0.80, 0.80, 0.81))
HUES = ((0.70, 0.48, 0.44), (0.52, 0.66, 0.46), (0.42, 0.54, 0.72), (0.70, 0.48, 0.44))
MASK = (0.58, 0.72, 0.80)
CLOTHES = ((0.15, 0.18, 0.28), (0.55, 0.18, 0.18), (0.80, 0.80, 0.76), (0.15, 0.42, 0.45))


@dataclass(frozen=True)
class People:
    """Pictures of people, and all there is to know of them.

    Attributes
    ----------
    images : ndarray, (N, S, S, 3), float32
        RGB values from 0 to 1, whole 255ths.
    identities : ndarray, (N,), int
        Who it is, counted from 0.
    landmarks : ndarray, (N, 5, 2), float32
        Where the points named in `LANDMARKS` are, ``(x, y)`` in pixels, seen or hidden.
    attributes : dict of str to ndarray, (N,), float32
        The value of every dial in `TRAITS` and `NUISANCES`.
    """

    images: np.ndarray
    identities: np.ndarray
    landmarks: np.ndarray
    attributes: dict

    def __post_init__(self):
        fields = {"images": self.images, "landmarks": self.landmarks}
        fields |= {f"attribute {name!r}": values for name, values in self.attributes.items()}
        for name, values in fields.items():
            if len(values) != len(self.identities):
                raise ValueError(
                    f"{name} must have length {len(self.identities)}, one per identity,"
                    f" got {len(values)}"
                )

    def __len__(self):
        return len(self.identities)

    def select(self, rows):
        """Return some of the pictures.

        Parameters
        ----------
        rows : slice, or array_like of int or bool
            Which ones, as NumPy indexes.

        Returns
        -------
        People

        Examples
        --------
        >>> people = sample_people(3, 2)
        >>> people.select(people.identities == 1).identities
        array([1, 1])
        """
        rows = rows if isinstance(rows, slice) else np.asarray(rows)
        return People(
            self.images[rows],
            self.identities[rows],
            self.landmarks[rows],
            {name: values[rows] for name, values in self.attributes.items()},
        )


def sample_people(n, images_per_person, seed=0, *, size=64, fixed=None):
    """Draw people at random, each in several pictures.

    Traits are drawn once per person, nuisances once per picture. Picture j of person i depends on
    the seed, i and j only: asking for more people or more pictures changes none of the others.

    Parameters
    ----------
    n : int
        How many people.
    images_per_person : int
        How many pictures of each.
    seed : int
        Which people: another seed, other people.
    size : int
        Edge of the pictures in pixels, from 16 to 1024.
    fixed : dict of str to float, optional
        Dials held at a value in all pictures.

    Returns
    -------
    People
        All pictures of person 0, then those of person 1, and so on.

    Raises
    ------
    TypeError, ValueError
        If a number is of the wrong kind or out of range, or a dial does not exist.

    Examples
    --------
    >>> people = sample_people(10, 4, fixed={"glasses": 0})
    >>> len(people), people.images.shape, bool((people.attributes["glasses"] == 0).all())
    (40, (40, 64, 64, 3), True)
    """
    check_number("n", n, 1, 10**6, integer=True)
    check_number("images_per_person", images_per_person, 1, 10**6, integer=True)
    check_number("seed", seed, 0, 2**64 - 1, integer=True)
    fixed = {name: _check_dial(name, value) for name, value in (fixed or {}).items()}
    attributes = _draw_dials(n, images_per_person, seed)
    for name, value in fixed.items():
        attributes[name][:] = value
    images, landmarks = render_faces(attributes, size)
    return People(images, np.repeat(np.arange(n), images_per_person), landmarks, attributes)


def render_face(dials=None, size=64):
    """Draw one face.

    Parameters
    ----------
    dials : dict of str to float, optional
        Traits and nuisances; those not given are neutral.
    size : int
        Edge of the picture in pixels, from 16 to 1024.

    Returns
    -------
    image : ndarray, (S, S, 3), float32
        RGB values from 0 to 1.
    landmarks : ndarray, (5, 2), float32
        As in `People`.

    Raises
    ------
    TypeError, ValueError
        As for `render_faces`.

    Examples
    --------
    >>> image, landmarks = render_face({"yaw": 20, "smile": 1})
    >>> image.shape, landmarks.shape
    ((64, 64, 3), (5, 2))
    """
    dials = {name: np.array([_check_dial(name, value)]) for name, value in (dials or {}).items()}
    images, landmarks = render_faces(dials or {"yaw": np.zeros(1)}, size)
    return images[0], landmarks[0]


def render_faces(dials, size=64):
    """Draw faces, one for each row of the dials.

    Parameters
    ----------
    dials : dict of str to array_like, (N,)
        Traits and nuisances, at least one; those not given are neutral.
    size : int
        Edge of the pictures in pixels, from 16 to 1024.

    Returns
    -------
    images : ndarray, (N, S, S, 3), float32
        RGB values from 0 to 1. They depend on the dials only: the attributes of `sample_people`
        give its images again.
    landmarks : ndarray, (N, 5, 2), float32
        As in `People`.

    Raises
    ------
    TypeError, ValueError
        If a dial does not exist, a value is not a number in its range, or lengths differ.

    Examples
    --------
    >>> _, landmarks = render_faces({"yaw": [-20, 0, 20]})
    >>> bool((np.diff(landmarks[:, LANDMARKS.index("nose"), 0]) > 0).all())
    True
    """
    check_number("size", size, 16, 1024, integer=True)
    dials = _check_dials(dials)
    n = len(dials["yaw"])
    np.empty(2**24, np.uint8)  # freed at once; from then on glibc keeps freed planes at hand
    images = np.empty((n, size, size, 3), np.float32)
    block = max(1, BLOCK // size**2)
    for start in range(0, n, block):
        rows = slice(start, start + block)
        _draw({name: values[rows] for name, values in dials.items()}, images[rows])
    return images, _landmarks(dials, size)


def _check_dial(name, value):
    """Return the value as float32 if it is a number that the dial allows."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"dial {name!r} must be a number, got {value!r}")
    return _check_range(name, np.asarray(value, np.float32))


def _check_dials(dials):
    """Return every dial as (N,) float32, those not given at neutral."""
    given = {}
    for name, values in dials.items():
        values = np.asarray(values)
        if values.dtype.kind not in "fiu":
            raise TypeError(f"dial {name!r} must hold real numbers, got dtype {values.dtype}")
        given[name] = _check_range(name, values.astype(np.float32))
    shapes = {values.shape for values in given.values()}
    if len(shapes) != 1 or any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
        got = {name: values.shape for name, values in given.items()}
        raise ValueError(f"dials must hold arrays of one shape (N,), at least one, got {got}")
    neutral = {name: np.full(*shapes, dial.neutral, np.float32) for name, dial in DIALS.items()}
    return {**neutral, **given}


def _check_range(name, values):
    """Return the values if there is such a dial and they are in its range."""
    if name not in DIALS:
        raise ValueError(f"dials must be named in TRAITS or NUISANCES, got {name!r}")
    low, high = np.array([DIALS[name].low, DIALS[name].high], np.float32)
    wrong = values[~((values >= low) & (values <= high))]
    if wrong.size:
        raise ValueError(f"dial {name!r} must lie from {low} to {high}, got {wrong[0]}")
    return values


def _draw_dials(n, images_per_person, seed):
    """Return each dial's values for all pictures, (n * images_per_person,) float32."""
    traits, nuisances = len(TRAITS), len(NUISANCES)
    drawn = np.empty((n, traits + images_per_person * nuisances, 3))
    for person, numbers in enumerate(drawn):
        bits = np.random.PCG64(np.random.SeedSequence([seed, person])).random_raw(numbers.size)
        numbers[...] = ((bits >> np.uint64(11)) * 2.0**-53).reshape(numbers.shape)  # from 0 to 1
    once = drawn[:, :traits]
    each = drawn[:, traits:].reshape(-1, nuisances, 3)
    values = {
        name: np.repeat(_spread(dial, once[:, k]), images_per_person)
        for k, (name, dial) in enumerate(TRAITS.items())
    }
    values.update(
        {name: _spread(dial, each[:, k]) for k, (name, dial) in enumerate(NUISANCES.items())}
    )
    return values


def _spread(dial, numbers):
    """Turn rows of three uniform random numbers, (N, 3), into values of a dial, (N,) float32."""
    a, b, c = numbers.T
    if dial.spread == "flat":
        return (dial.low + (dial.high - dial.low) * a).astype(np.float32)
    if dial.spread == "rare":
        return np.where(a < 0.03, dial.high, dial.low).astype(np.float32)
    bell = 2 * (a + b + c) - 3  # standard deviation 1, from -3 to 3
    return np.clip(dial.neutral + dial.spread * bell, dial.low, dial.high).astype(np.float32)


# Geometry. In the picture: u right, v down, w towards the viewer. In the head: x, y, z likewise.


def _sine_cosine(degrees):
    """Return sine and cosine of an angle, to 1e-9 up to 90°, by the four operations alone.

    The tangent t of the half angle is a Padé approximant; sine is 2t / (1 + t²), cosine
    (1 − t²) / (1 + t²).
    """
    half = degrees.astype(np.float64) * 0.008726646259971648  # radians
    h2 = half * half
    top = half * (10395 - h2 * (1260 - h2 * 21))
    t = top / (10395 - h2 * (4725 - h2 * (210 - h2)))
    return 2 * t / (1 + t * t), (1 - t * t) / (1 + t * t)


class _Pose:
    """The way from head to picture and back, for B pictures."""

    def __init__(self, dials):
        self.sin_yaw, self.cos_yaw = _sine_cosine(dials["yaw"])
        self.sin_pitch, self.cos_pitch = _sine_cosine(dials["pitch"])
        self.sin_roll, self.cos_roll = _sine_cosine(dials["roll"])
        self.width, self.height = dials["face width"], dials["face height"]
        self.jaw = dials["jaw"]
        self.unit = EDGE * dials["scale"]
        self.across, self.down = 0.5 + dials["shift x"], 0.5 + dials["shift y"]
        # The ray through (u, v) meets the ellipsoid at the depth
        # w = lean v + depth √(1 − (u / width)² − (v / outline)²).
        a2, b2 = self.width * self.width, self.height * self.height
        quadratic = self.cos_pitch * self.cos_pitch / a2 + self.sin_pitch * self.sin_pitch / b2
        self.lean = self.sin_pitch * self.cos_pitch * (1 / b2 - 1 / a2) / quadratic
        self.depth = 1 / np.sqrt(quadratic)
        self.outline = self.width * self.height * np.sqrt(quadratic)

    def planes(self):
        """Return the same pose, ready to be combined with (B, S, S) planes."""
        copy = object.__new__(_Pose)
        vars(copy).update(
            {name: value.astype(np.float32)[:, None, None] for name, value in vars(self).items()}
        )
        return copy

    def upright(self, column, row):
        """Return the head's (u, v) at a place of the picture, both as shares of the edge."""
        right, down = (column - self.across) / self.unit, (row - self.down) / self.unit
        u = right * self.cos_roll + down * self.sin_roll
        v = down * self.cos_roll - right * self.sin_roll
        return u, v

    def place(self, u, v):
        """Return the place in the picture of the head's (u, v): the inverse of `upright`."""
        right = u * self.cos_roll - v * self.sin_roll
        down = u * self.sin_roll + v * self.cos_roll
        return self.across + self.unit * right, self.down + self.unit * down

    def narrowing(self, v):
        """Return by how much the head is narrower at height v than the ellipsoid."""
        below = np.clip(v / self.outline, 0, 1)
        return 1 + self.jaw * below * below

    def surface(self, u, v):
        """Return where the ray through (u, v) meets the head, (x, y), and its normal."""
        u = u * self.narrowing(v)
        normal_u, normal_v = u / self.width, v / self.outline
        beyond = normal_u * normal_u + normal_v * normal_v
        w = self.lean * v + self.depth * np.sqrt(np.clip(1 - beyond, 0, 1))
        forward = v * self.sin_pitch + w * self.cos_pitch
        x = u * self.cos_yaw - forward * self.sin_yaw
        y = v * self.cos_pitch - w * self.sin_pitch
        z = u * self.sin_yaw + forward * self.cos_yaw
        return x, y, z, normal_u, normal_v, beyond

    def front(self, x, y):
        """Return the depth z of the face at (x, y)."""
        flat = x * x / (self.width * self.width) + y * y / (self.height * self.height)
        return self.width * np.sqrt(np.clip(1 - flat, 0, 1))

    def project(self, x, y, z):
        """Return (u, v) of a point of the head."""
        u = x * self.cos_yaw + z * self.sin_yaw
        v = y * self.cos_pitch + (z * self.cos_yaw - x * self.sin_yaw) * self.sin_pitch
        return u / self.narrowing(v), v


def _points(dials, pose):
    """Return the landmarks in the head, (x, y, z) of (5, B) each."""
    eye_x, eye_y = dials["eye distance"], dials["eye height"]
    tip, mouth = eye_y + dials["nose length"], _mouth_height(dials)
    corner_x, corner_y = _mouth_width(dials), mouth - SMILE * dials["smile"]
    x = np.stack([-eye_x, eye_x, 0 * tip, -corner_x, corner_x])
    y = np.stack([eye_y, eye_y, tip, corner_y, corner_y])
    z = pose.front(x, y)
    z[2] += dials["nose height"]
    return x, y, z


def _landmarks(dials, size):
    """Return the landmarks in pixels, (B, 5, 2)."""
    pose = _Pose(dials)
    column, row = pose.place(*pose.project(*_points(dials, pose)))
    return (np.stack([column, row], axis=-1).swapaxes(0, 1) * size - 0.5).astype(np.float32)


def _mouth_height(p):
    """Return the height of the middle of the mouth, in head units."""
    return p["eye height"] + p["nose length"] + p["mouth height"]


def _mouth_width(p):
    """Return half the width of the mouth as it smiles, in head units."""
    return p["mouth width"] * (1 + 0.15 * p["smile"])


# Painting. Every feature is a plane of coverage from 0 to 1, (B, S, S), and a colour, (B, 3).


def _soft(distance, width):
    """Turn a distance inside an edge into coverage, 1 inside, 0 outside; overwrites `distance`."""
    distance *= 1 / width
    distance += 0.5
    return np.clip(distance, 0, 1, out=distance)


def _hill(distance2):
    """Turn a squared distance into a smooth hill of height 1 and radius 1."""
    hill = np.clip(1 - distance2, 0, 1)
    hill *= hill
    return hill


def _along(colours, places):
    """Return the colours, (B, 3), at places from 0 to 1 along a list of colours."""
    colours = np.array(colours, np.float32)
    steps = places * (len(colours) - 1)
    first = np.clip(np.floor(steps), 0, len(colours) - 2).astype(int)
    share = (steps - first.astype(np.float32))[:, None]
    return colours[first] * (1 - share) + colours[first + 1] * share


class _Scene:
    """B pictures: their dials, and where their rays meet the heads."""

    def __init__(self, dials, size):
        self.dials, self.size = dials, size
        self.p = {name: values[:, None, None] for name, values in dials.items()}
        pose = _Pose(dials)
        self.pose = pose.planes()
        grid = (np.arange(size, dtype=np.float32) + 0.5) / size
        self.u, self.v = self.pose.upright(grid, grid[:, None])
        surface = self.pose.surface(self.u, self.v)
        self.x, self.y, self.z, self.normal_u, self.normal_v, self.beyond = surface
        self._turn_nose(pose)
        self.side = np.abs(self.x)  # the face is painted on both sides at once
        self.head = _soft(1 - self.beyond, 0.08)
        self.relief = np.zeros_like(self.x)  # height above the ellipsoid
        self.canvas = np.empty((len(self.x), 3, size, size), np.float32)

    def _turn_nose(self, pose):
        """Shift (x, y) so that the tip of the nose is seen where it stands out to."""
        x, y, z = (values[2] for values in _points(self.dials, pose))
        seen_x, seen_y, *_ = pose.surface(*pose.project(x, y, z))
        seen_x, seen_y, shift_x, shift_y = map(_plane, (seen_x, seen_y, seen_x - x, seen_y - y))
        dx = (self.x - seen_x) * (1 / (1.4 * self.p["nose width"] + 1.5 * np.abs(shift_x)))
        dy = (self.y - seen_y) * (1.25 / self.p["nose length"])
        share = _hill(dx * dx + dy * dy)
        self.x -= shift_x * share
        self.y -= shift_y * share

    def paint(self, cover, colour):
        """Put a colour on the canvas where `cover` is 1, and mix where it is less."""
        change = colour[:, :, None, None] - self.canvas
        change *= cover[:, None]
        self.canvas += change

    def grey(self, level):
        """Return the same grey for all pictures."""
        return np.full((len(self.canvas), 3), level, np.float32)

    def wearers(self, name):
        """Yield each picture whose dial `name` is not 0, as its row and a scene of its own."""
        for k in np.flatnonzero(self.dials[name]):
            row = slice(k, k + 1)
            yield row, _rows(self, row)


def _rows(scene, rows):
    """Return some pictures of a scene, dials or pose, as views."""
    if isinstance(scene, np.ndarray):
        return scene[rows]
    if isinstance(scene, dict):
        return {key: values[rows] for key, values in scene.items()}
    if isinstance(scene, int):
        return scene
    part = object.__new__(type(scene))
    vars(part).update({key: _rows(value, rows) for key, value in vars(scene).items()})
    return part


def _plane(values):
    """Make (B,) numbers ready to be combined with (B, S, S) planes."""
    return values.astype(np.float32)[:, None, None]


def _draw(dials, images):
    """Draw B pictures into `images`, (B, S, S, 3)."""
    s = _Scene(dials, images.shape[1])
    _background(s)
    neck, solid = _paint_person(s)
    shade = _light(s)
    shade *= solid
    shade += 1 - 0.36 * (neck - neck * solid)  # the head shades the neck
    s.canvas *= shade[:, None]
    for _, one in s.wearers("glasses"):
        one.paint(_glasses(one), one.grey(0.06))
    _sensor(s)
    for channel in range(3):
        np.divide(s.canvas[:, channel], 255, out=images[..., channel])


def _paint_person(s):
    """Paint all but the glasses, back to front; return the coverage of the neck and of the head."""
    clothes, neck, ears = _body(s)
    hair, back = _hair(s)
    eyes, iris, dark = _eyes(s)
    lips, teeth, gaps = _mouth(s)
    dark = np.maximum(np.maximum(dark, _nose(s)), gaps)
    dark *= s.head
    head = np.maximum(s.head, ears)
    skin = _along(SKIN, s.dials["skin tone"]) * _along(UNDERTONE, s.dials["undertone"])
    hair_colour = _along(HAIR, s.dials["hair colour"])
    s.paint(back, 0.5 * hair_colour)
    s.paint(clothes, _along(CLOTHES, s.dials["clothes"]))
    s.paint(np.maximum(head, neck), skin)
    s.paint(np.maximum(lips, _cheeks(s)), _lip_colour(s, skin))
    s.paint(np.maximum(eyes, teeth), s.grey(0.88))
    s.paint(iris, _along(IRIS, s.dials["iris colour"]))
    s.paint(dark, s.grey(0.05))
    for row, one in s.wearers("beard"):
        one.paint(_beard(one) * (1 - lips[row]), 0.8 * hair_colour[row])
    s.paint(hair, hair_colour)
    for _, one in s.wearers("mask"):
        one.paint(_mask(one), np.array([MASK], np.float32))
    return neck, np.maximum(head, hair)


def _background(s):
    """Two halves of a wall, lighter above."""
    wall = _along(HUES, s.dials["background hue"]) * (0.25 + 0.9 * s.dials["background"][:, None])
    grid = (np.arange(s.size, dtype=np.float32) + 0.5) / s.size
    left = _soft(s.p["background edge"] - grid, 0.05)  # (B, 1, S)
    shade = (0.72 + 0.28 * left) * (1.12 - 0.3 * grid[:, None])  # (B, S, S)
    np.multiply(wall[:, :, None, None], shade[:, None], out=s.canvas)


def _body(s):
    """Return the coverage of clothes, neck and ears."""
    p = s.p
    clothes = _soft(s.v - 0.2 * s.u * s.u + (0.12 * p["face height"] - 1.18), 0.06)
    aside = np.abs(s.u)
    neck = _soft(0.42 - aside, 0.08)
    neck *= _soft(s.v - 0.2, 0.2)
    neck *= 1 - clothes
    x = (aside - s.pose.width * s.pose.cos_yaw) * (1 / (0.55 * p["ear size"]))
    y = (s.y - (p["eye height"] + 0.1)) * (1 / p["ear size"])
    y *= y
    z = (s.z + 0.04) * (1 / (0.6 * p["ear size"]))
    s.relief += (0.5 * p["ear size"]) * _hill(z * z + y) * np.clip(4 - 4 * s.beyond, 0, 1)
    return clothes, neck, _soft(1 - x * x - y, 0.5)


def _hair(s):
    """Return the coverage of the hair on the head, and of the hair behind it."""
    p = s.p
    volume = 1 + p["hair volume"]
    x = s.u * (1 / (s.pose.width * volume))
    y = np.clip(s.v, None, 0) * (1 / (s.pose.outline * volume))
    outline = _soft(1 - x * x - y * y, 0.12)
    outline *= _soft(p["hair length"] + 0.1 - s.v, 0.15)
    x = s.x - 0.15 * p["parting"]
    top = 0.85 * x * x - s.y - p["hairline"]
    temple = s.side - np.clip(s.z, None, 0) - 0.9 * s.pose.width
    hair = _soft(np.minimum(np.maximum(top, temple), p["hair length"] - s.y), 0.08)
    hair *= outline
    s.relief *= 1 - hair  # ears under hair do not show
    return hair, outline


def _eyes(s):
    """Return the coverage of eyes, irises, and of what is dark: pupils, lashes and brows."""
    p = s.p
    x = s.side - p["eye distance"]
    y = s.y - p["eye height"]
    y += p["eye slant"] * x
    across = x * (1 / p["eye width"])
    across *= across
    lower = (1 - across) * p["eye opening"]
    upper = lower * (1 - 2 * p["eyes closed"])
    upper += y
    lower -= y
    eyes = _soft(np.minimum(upper, lower) - 0.018, 0.035)
    eyes *= s.head
    x2 = x * x
    distance = x2 + y * y
    s.relief -= 0.035 * _hill(8 * distance)
    np.sqrt(distance, out=distance)
    radius = 0.02 + 0.8 * p["eye opening"]
    iris = _soft(radius - distance, 0.03)
    iris *= eyes
    pupil = _soft(0.45 * radius - distance, 0.03)
    pupil *= eyes
    lash = _soft(0.02 - np.abs(upper), 0.035)
    lash *= _soft(1 - across, 0.3)
    y += (p["brow slant"] - p["eye slant"]) * x
    y += 0.5 * x2
    y += p["brow height"] + 0.06 * p["brow raise"]
    brows = _soft(p["brow thickness"] * (1 - 0.56 * across) - np.abs(y), 0.035)
    brows *= p["brow darkness"]
    return eyes, iris, np.maximum(np.maximum(pupil, lash), brows)


def _mouth(s):
    """Return the coverage of lips, teeth and the dark between them."""
    p = s.p
    x2 = s.side * (1 / _mouth_width(p))
    x2 *= x2
    arc = 1 - x2
    y = s.y - _mouth_height(p)
    y += SMILE * p["smile"] * x2
    gape = (0.17 * p["mouth open"]) * arc
    arc *= p["lip fullness"]
    below = 1.2 * arc
    below += gape
    below -= y
    arc *= 1 - 0.35 * _hill(9 * x2)
    arc += y
    lips = _soft(np.minimum(arc, below), 0.035)
    lips *= s.head
    s.relief += 0.03 * lips
    gaps = _soft(np.minimum(y, gape - y) + 0.01, 0.03)
    gaps *= lips
    teeth = _soft(0.55 * gape - y - 0.02, 0.03)
    teeth *= gaps
    gaps -= teeth
    return lips, teeth, gaps


def _nose(s):
    """Raise the nose; return the coverage of the nostrils."""
    p = s.p
    along = (s.y - p["eye height"]) * (1 / p["nose length"])
    rise = np.clip(along, 0, 1)
    across = s.side / (p["nose width"] * (0.5 + 0.5 * rise))
    rise *= np.clip(5.5 - 4.5 * along, 0, 1)
    rise *= _hill(across * across)
    s.relief += p["nose height"] * rise
    x = (s.side - 0.48 * p["nose width"]) * (0.7 / (0.02 + 0.15 * p["nose width"]))
    along -= 1.07
    along *= 28 * p["nose length"]
    return 0.8 * _hill(x * x + along * along)


def _cheeks(s):
    """Return the coverage of the blush on the cheeks."""
    x, y = s.side - 0.42, s.y - 0.32
    return _hill(14 * (x * x + y * y)) * (0.45 * s.p["cheeks"]) * s.head


def _lip_colour(s, skin):
    """Return the colour of lips and cheeks, (B, 3): the skin's, or redder."""
    red = 0.55 * skin + 0.45 * skin[:, :1] * np.array([1.0, 0.1, 0.15], np.float32)
    share = 0.25 + 0.75 * s.dials["lip colour"][:, None]
    return 0.9 * skin * (1 - share) + red * share


def _beard(s):
    """Return the coverage of beard and moustache."""
    cover = _soft(s.y - _mouth_height(s.p) + 0.08 + 0.45 * s.side * s.side, 0.15)
    cover *= s.head * (0.85 * s.p["beard"])
    return cover


def _mask(s):
    """Cover nose and mouth; return the coverage of the mask and its straps."""
    y = s.y - (s.p["eye height"] + 0.5 * s.p["nose length"])
    edge = 0.84 * s.pose.width - s.side
    cover = _soft(np.minimum(y - 0.15 * s.side, edge), 0.04)
    strap = _soft(0.014 - np.abs(y - 0.24 + 0.25 * s.side), 0.03)
    cover = np.maximum(cover, strap * _soft(-edge, 0.02))
    cover *= s.head * s.p["mask"]
    s.relief *= 1 - 0.8 * cover
    s.relief += 0.08 * cover
    return cover


def _glasses(s):
    """Return the coverage of rims, bridge, temples and tinted lenses."""
    x = s.side - s.p["eye distance"]
    y = s.y - s.p["eye height"] - 0.02
    ring = np.sqrt(x * x + 1.3 * y * y)
    lens = _soft(0.22 - ring, 0.04) * s.p["lens tint"]
    rim = _soft(0.018 - np.abs(ring - 0.22), 0.03)
    bar = _soft(0.015 - np.abs(y + 0.04), 0.03) * _soft(ring - 0.22, 0.02)
    return np.maximum(np.maximum(rim, bar), lens) * (s.head * s.p["glasses"])


def _light(s):
    """Return how much more or less light than 1 the surface sends back."""
    p, pose = s.p, s.pose
    sin_a, cos_a = _sine_cosine(s.dials["light azimuth"])
    sin_e, cos_e = _sine_cosine(s.dials["light elevation"])
    right, down, front = map(_plane, (sin_a * cos_e, -sin_e, cos_a * cos_e))
    lit = np.sqrt(np.clip(1 - 0.64 * s.beyond, 0, 1))
    lit *= front
    lit += s.normal_u * (0.8 * (right * pose.cos_roll + down * pose.sin_roll))
    lit += s.normal_v * (0.8 * (down * pose.cos_roll - right * pose.sin_roll))
    slope_x, slope_y = np.zeros_like(s.relief), np.zeros_like(s.relief)
    np.subtract(s.relief[:, :, 2:], s.relief[:, :, :-2], out=slope_x[:, :, 1:-1])
    np.subtract(s.relief[:, 2:], s.relief[:, :-2], out=slope_y[:, 1:-1])
    slope_x *= 0.5 * s.size * pose.unit
    slope_y *= 0.5 * s.size * pose.unit
    lit -= slope_x * right
    lit -= slope_y * down
    slope_x *= slope_x
    slope_y *= slope_y
    slope_x += slope_y
    slope_x += 1
    lit /= np.sqrt(slope_x, out=slope_x)
    np.clip(lit, 0, None, out=lit)
    lit *= 1.35 * (1 - p["ambient"])
    lit += p["ambient"] - 1
    return lit


def _sensor(s):
    """Let the lens blur, the sensor add noise and the file keep 8 bits."""
    p = s.dials
    warm = np.array([1, 0, -1], np.float32) * p["warmth"][:, None]
    s.canvas *= (255 * p["brightness"][:, None] * (1 + warm))[:, :, None, None]
    for image, blur, noise, grain in zip(s.canvas, p["blur"], p["noise"], p["grain"], strict=True):
        if blur > 0:
            _smooth(image, blur)
        if noise > 0:
            start = int(float(grain) * 4095)
            grains = _grains(image.size + 4096)[start : start + image.size]
            image += (255 * float(noise)) * grains.reshape(image.shape)
    np.clip(s.canvas, 0, 255, out=s.canvas)
    np.rint(s.canvas, out=s.canvas)


def _smooth(image, blur):
    """Blur (3, S, S) in place: let brightness flow between pixels 1, 2, 4 ... apart."""
    left = (float(blur) * image.shape[-1] / 64) ** 2  # variance to reach, in pixels
    step = 1
    while left > 0:  # a step adds 2 share step²; wide ones come last, when edges are soft
        share = min(0.25, left / (2 * step * step))
        for near, far in (
            (image[:, :-step], image[:, step:]),
            (image[:, :, :-step], image[:, :, step:]),
        ):
            flow = share * (far - near)
            near += flow
            far -= flow
        left -= 2 * share * step * step
        step *= 2


@cache
def _grains(count):
    """Return near-normal noise of standard deviation 1, each the sum of four uniform numbers."""
    bits = np.random.PCG64(0).random_raw(count)
    parts = ((bits >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48))
    return (sum(part.astype(np.float32) for part in parts) / 65535 - 2) * 1.7320508
