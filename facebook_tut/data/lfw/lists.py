"""The lists of LFW: who is on which photograph, and which pairs are compared."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from facebook_tut._validation import check_choice

FOLDS = tuple(range(1, 11))
PARTS = ("view1/train", "view1/test", *(f"view2/{fold}" for fold in FOLDS))
LISTS = (
    "peopleDevTrain.txt",
    "peopleDevTest.txt",
    "people.txt",
    "pairsDevTrain.txt",
    "pairsDevTest.txt",
    "pairs.txt",
)
LISTS_ADDRESS = "http://vis-www.cs.umass.edu/lfw/"


class Photo(NamedTuple):
    """One photograph: whose, and which of theirs.

    Attributes
    ----------
    name : str
        Such as ``"Abdullah_Gul"``.
    number : int
        From 1.

    Examples
    --------
    >>> Photo("Abdullah_Gul", 13).file
    'Abdullah_Gul/Abdullah_Gul_0013.jpg'
    """

    name: str
    number: int

    @property
    def file(self):
        """Its place in the folder of all people."""
        return f"{self.name}/{self.name}_{self.number:04d}.jpg"


def photos_of(people, at_least=1):
    """List the photographs of people.

    Parameters
    ----------
    people : dict of str to int
        Names and numbers of photographs, as from `LFW.people`.
    at_least : int
        Leave out people with fewer.

    Returns
    -------
    list of Photo

    Examples
    --------
    >>> photos_of({"Ann": 2, "Bea": 1}, at_least=2)
    [Photo(name='Ann', number=1), Photo(name='Ann', number=2)]
    """
    return [
        Photo(name, number)
        for name, count in people.items()
        if count >= at_least
        for number in range(1, count + 1)
    ]


@dataclass(frozen=True)
class Pairs:
    """Pairs of photographs, each of one person (genuine) or of two (impostor).

    Attributes
    ----------
    left, right : list of Photo
        N photographs each.

    Examples
    --------
    >>> ann, again, bea = Photo("Ann", 1), Photo("Ann", 2), Photo("Bea", 1)
    >>> pairs = Pairs([ann, ann], [again, bea])
    >>> pairs.same.tolist(), len(pairs), len(pairs.photos)
    ([True, False], 2, 3)
    >>> left, right = pairs.rows([bea, again, ann])
    >>> left.tolist(), right.tolist()
    ([2, 2], [1, 0])
    """

    left: list
    right: list

    def __len__(self):
        return len(self.left)

    @property
    def same(self):
        """Whether both photographs show one person, (N,) bool."""
        pairs = zip(self.left, self.right, strict=True)
        return np.array([left.name == right.name for left, right in pairs])

    @property
    def photos(self):
        """Every photograph once, by name and number."""
        return sorted({*self.left, *self.right})

    def rows(self, photos):
        """Return where the photographs of each pair are in a list, left and right.

        Parameters
        ----------
        photos : list of Photo
            Such as `photos`; all of the pairs' are in it.

        Returns
        -------
        left, right : ndarray, (N,), int
            Rows of whatever has one row for each of `photos`.

        Raises
        ------
        ValueError
            If a photograph is not in the list.
        """
        row = {photo: number for number, photo in enumerate(photos)}
        for photo in {*self.left, *self.right} - row.keys():
            raise ValueError(f"photos must hold {photo.file}, which is in a pair")
        return tuple(np.array([row[photo] for photo in side]) for side in (self.left, self.right))


def _list_of(kind, part):
    """Return the name of the list of people or pairs that a part is in, and its place there."""
    view, which = check_choice("part", part, PARTS).split("/")
    if view == "view1":
        return f"{kind}Dev{which.title()}.txt", 0
    return f"{kind}.txt", int(which) - 1


class _Rows:
    """The lines of a list, taken one after the other; whatever does not fit is an error."""

    def __init__(self, path):
        self.path, self.line = path, 0
        try:
            self.lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise ValueError(f"{path} is not one of LFW's lists: it is not text") from None

    def take(self, wanted):
        """Return the fields of the next line: words for NAME, whole numbers for the rest."""
        text = self.lines[self.line] if self.line < len(self.lines) else "the end of the file"
        self.line += 1
        kinds = [str if word == "NAME" else _count for word in wanted.split()]
        try:
            return tuple(kind(field) for kind, field in zip(kinds, text.split(), strict=True))
        except ValueError:
            raise self._error(wanted, text) from None

    def block(self, wanted, count):
        """Return the fields of the next lines."""
        return [self.take(wanted) for _ in range(count)]

    def finish(self, folds, fold):
        """Check that nothing is left and that there are enough folds."""
        if any(line.strip() for line in self.lines[self.line :]):
            text = self.lines[self.line]
            self.line += 1
            raise self._error("the end of the file", text)
        if fold >= folds:
            raise ValueError(f"{self.path} has {folds} folds, and fold {fold + 1} was asked for")

    def _error(self, wanted, text):
        return ValueError(f"{self.path}, line {self.line}: wanted {wanted}, got {text[:60]!r}")


def _count(text):
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(text)
    return int(text)
