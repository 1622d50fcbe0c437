"""The people: who is known, by one template each."""

from threading import RLock

import numpy as np

from facebook_tut._names import clean_name, unknown_person
from facebook_tut._validation import as_array
from facebook_tut.matching._file import MEAN_LENGTH, Person
from facebook_tut.matching.index import _unit, _unit32


class _People:
    """People by one template each: the normalised mean of their normalised embeddings.

    What is kept is the embeddings' sum and their number, so it does not matter in how many parts
    they come. A name has one spelling: accents composed (Unicode's NFC), no blanks at the ends, no
    control characters. Whoever asks for another spelling of it finds it.

    Examples
    --------
    >>> people = _People()
    >>> people.enrol("Ada", [[0.8, 0.6], [0.8, -0.6]])
    >>> people.template("Ada").tolist()
    [1.0, 0.0]
    """

    def __init__(self):
        self._people = {}  # name -> Person
        self._now = None  # the snapshot that answers in a gallery; none after a change
        self._lock = RLock()  # whoever reads or changes the two above holds it

    def __len__(self):
        return len(self._people)

    def __contains__(self, name):
        try:
            return clean_name(name) in self._people
        except (TypeError, ValueError):
            return False

    @property
    def names(self):
        """The people in the order of their enrolment, a tuple of str."""
        with self._lock:
            return tuple(self._people)

    def count(self, name):
        """Return how many embeddings a person's template is the mean of.

        Parameters
        ----------
        name : str
            An enrolled person.

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If there is no such person.
        """
        return self._person(name)[1].count

    def origins(self, name):
        """Return what tells a person's pictures apart, as `enrol` and `update` were told.

        Parameters
        ----------
        name : str
            An enrolled person.

        Returns
        -------
        tuple of str

        Raises
        ------
        ValueError
            If there is no such person.
        """
        return self._person(name)[1].origins

    def enrol(self, name, embeddings, *, origins=()):
        """Add a person.

        Parameters
        ----------
        name : str
            Any text that is not blank, without control characters.
        embeddings : array_like, (D,) or (N, D)
            Of one picture or of several.
        origins : sequence of str
            What tells the pictures apart, such as a SHA-256 of each file, to be found out if one
            comes again.

        Raises
        ------
        ValueError
            If the name is taken, or the embeddings are zero, cancel out or have another length D
            than those in the gallery.
        """
        with self._lock:
            name = clean_name(name)
            if name in self._people:
                raise ValueError(
                    f"{name!r} is enrolled already; update() adds embeddings to a person"
                )
            self._merge(name, embeddings, Person(0, 0), origins)

    def update(self, name, embeddings, *, origins=()):
        """Merge more embeddings into a person's template, as if all had come at once.

        Parameters
        ----------
        name : str
            An enrolled person.
        embeddings : array_like, (D,) or (N, D)
            Of one picture or of several.
        origins : sequence of str
            As for `enrol`.

        Raises
        ------
        ValueError
            If there is no such person, or the embeddings are not as for `enrol`.
        """
        with self._lock:
            name, person = self._person(name)
            self._merge(name, embeddings, person, origins)

    def remove(self, name):
        """Forget a person.

        Parameters
        ----------
        name : str
            An enrolled person.

        Raises
        ------
        ValueError
            If there is no such person.
        """
        with self._lock:
            name, _ = self._person(name)
            self._now = None  # first: an interrupt between the two must leave nobody named
            del self._people[name]

    def template(self, name):
        """Return a person's template.

        Parameters
        ----------
        name : str
            An enrolled person.

        Returns
        -------
        ndarray, (D,), float32
            Of length 1.

        Raises
        ------
        ValueError
            If there is no such person.
        """
        total = self._person(name)[1].total
        return _unit32("template", total[None], len(total))[0]

    def _person(self, name):
        """Return a person's name as it is kept, and what is kept of them."""
        with self._lock:
            clean = clean_name(name)
            if clean not in self._people:
                raise ValueError(unknown_person(name, self._people))
            return clean, self._people[clean]

    def _merge(self, name, embeddings, person, origins):
        rows = as_array("embeddings", embeddings)
        if rows.ndim == 0:
            raise ValueError(f"embeddings must have shape (D,) or (N, D), got {embeddings!r:.40}")
        rows = np.atleast_2d(rows)
        rows = _unit("embeddings", rows, self._dimension).astype(np.float64)
        total = sum(rows, start=person.total)  # row after row, however many come at once
        count = person.count + len(rows)
        if np.linalg.norm(total) < MEAN_LENGTH * count:
            raise ValueError(f"the embeddings of {name!r} cancel out: their mean is zero")
        merged = Person(total, count, (*person.origins, *_check_origins(origins)))
        self._now = None  # first, as in `remove`
        self._people[name] = merged

    @property
    def _dimension(self):
        """The length of the embeddings, or the word for any."""
        return len(next(iter(self._people.values())).total) if self._people else "D"


def _check_origins(origins):
    if not isinstance(origins, list | tuple) or not all(isinstance(o, str) for o in origins):
        raise TypeError(f"origins must be a sequence of texts, got {origins!r}")
    return tuple(origins)
