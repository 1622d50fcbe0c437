"""People: who they are, how the pictures were taken, and the pictures."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_number, check_one_per
from facebook_tut.data.synthetic.dials import _check_dial, _check_dials, _draw_dials
from facebook_tut.data.synthetic.geometry import _landmarks
from facebook_tut.data.synthetic.painting import _draw

BLOCK = 100_000  # pixels drawn at once, few enough to stay in the processor's cache


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
            check_one_per(name, values, len(self.identities), "identity")

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
    ValueError
        If a dial does not exist.

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
    ValueError
        If a dial does not exist, or a value is outside its range.

    Examples
    --------
    >>> from facebook_tut.data.synthetic.geometry import LANDMARKS
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
