"""Labeled Faces in the Wild: 13,233 photographs of 5,749 people, and the lists that divide them.

The photographs are by Huang, Ramesh, Berg and Learned-Miller (2007), aligned by deep funneling
(Huang, Mattar, Lee and Learned-Miller, 2012). Two views keep a figure honest: View 1 is there for
every choice (of a network, a margin, a crop), View 2, in ten folds, for the report and nothing
else.
"""

import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from facebook_tut._progress import progress_bar
from facebook_tut._validation import check_number

VARIABLE = "FACEBOOK_TUT_DATA"
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
PEOPLE_FOLDERS = ("lfw-deepfunneled", "lfw_funneled", "lfw", "")
LISTS_ADDRESS = "http://vis-www.cs.umass.edu/lfw/"
IMAGES_ADDRESS = "https://ndownloader.figshare.com/files/5976015"  # scikit-learn's

# Top, left, bottom and right as shares of the frame; 64 of 125 pixels, 128 of 250. In it the eyes
# are at a third of the height and the width, the mouth is at two thirds, and the chin just above
# the edge.
FACE_BOX = (0.28, 0.248, 0.792, 0.76)


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
        """Where it lies in the folder of all people."""
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
        """Return where the photographs of each pair stand in a list, left and right.

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


@dataclass(frozen=True)
class LFW:
    """The data set in a folder. Nothing is read before it is asked for.

    Attributes
    ----------
    folder : pathlib.Path
        It holds the folders of the people; the lists are in it or beside it.
    """

    folder: Path

    def people(self, part):
        """Return the people of one part of the data set.

        Parameters
        ----------
        part : str
            ``"view1/train"``, ``"view1/test"``, or a fold: ``"view2/1"`` to ``"view2/10"``.

        Returns
        -------
        dict of str to int
            Names and numbers of photographs.

        Raises
        ------
        FileNotFoundError
            If the list is missing.
        ValueError
            If there is no such part, or the list has another format.
        """
        file, fold = _list_of("people", part)
        rows = _Rows(self._list(file))
        folds = rows.take("FOLDS")[0] if file == "people.txt" else 1
        blocks = [dict(rows.block("NAME PHOTOS", *rows.take("PEOPLE"))) for _ in range(folds)]
        rows.finish(folds, fold)
        return blocks[fold]

    def pairs(self, part):
        """Return the pairs of one part of the data set, half of them genuine.

        Parameters
        ----------
        part : str
            As in `people`.

        Returns
        -------
        Pairs

        Raises
        ------
        FileNotFoundError, ValueError
            As in `people`.
        """
        file, fold = _list_of("pairs", part)
        rows = _Rows(self._list(file))
        folds, half = rows.take("FOLDS PAIRS") if file == "pairs.txt" else (1, *rows.take("PAIRS"))
        blocks = []
        for _ in range(folds):
            genuine = rows.block("NAME NUMBER NUMBER", half)
            impostor = rows.block("NAME NUMBER NAME NUMBER", half)
            blocks.append([(a, i, a, j) for a, i, j in genuine] + impostor)
        rows.finish(folds, fold)
        return Pairs(
            [Photo(a, i) for a, i, _, _ in blocks[fold]],
            [Photo(b, j) for _, _, b, j in blocks[fold]],
        )

    def training_people(self, test_folds):
        """Return the people of View 2 whom a network may learn from before it meets a test fold.

        Parameters
        ----------
        test_folds : iterable of int
            From 1 to 10.

        Returns
        -------
        dict of str to int
            The people of all other folds.

        Raises
        ------
        FileNotFoundError, ValueError
            As in `people`, or if someone stands in a test fold and in another.
        """
        test = {name for fold in test_folds for name in self.people(f"view2/{fold}")}
        others = [fold for fold in FOLDS if fold not in set(test_folds)]
        training = {k: v for fold in others for k, v in self.people(f"view2/{fold}").items()}
        for name in test & set(training):
            raise ValueError(f"{self._list('people.txt')}: {name} stands in two folds")
        return training

    def images(self, photos, *, box=FACE_BOX, size=64, progress=True):
        """Read photographs, cut out the face and scale it.

        Parameters
        ----------
        photos : list of Photo
            Such as ``pairs.photos`` or ``photos_of(people)``.
        box : tuple of float
            Top, left, bottom and right of what is cut out, as shares of the frame.
        size : int or tuple of int
            The wanted edge in pixels, or ``(height, width)``.
        progress : bool
            Show a progress bar (the environment variable ``TQDM_DISABLE=1`` hides it as well).

        Returns
        -------
        ndarray, (N, height, width, 3), uint8

        Raises
        ------
        FileNotFoundError
            If a photograph is missing.
        TypeError, ValueError
            If one is damaged, or an argument is not as described.
        """
        height, width = size if isinstance(size, tuple) else (size, size)
        check_number("size", height, 1, 10_000, integer=True)
        check_number("size", width, 1, 10_000, integer=True)
        top, left, bottom, right = box
        if not (0 <= top < bottom <= 1 and 0 <= left < right <= 1):
            raise ValueError(
                f"box must be top < bottom and left < right, all from 0 to 1, got {box}"
            )
        images = np.empty((len(photos), height, width, 3), np.uint8)
        bar = progress_bar(photos, "reading", unit="image", shown=progress)
        for row, photo in enumerate(bar):
            images[row] = _read_face(self.folder / photo.file, box, (width, height))
        return images

    @property
    def fingerprint(self):
        """SHA-256 of the lists and of the images' names and sizes, as a hexadecimal number."""
        digest = hashlib.sha256()
        for name in LISTS:
            path = self._list(name, must_exist=False)
            digest.update(name.encode() + (path.read_bytes() if path.is_file() else b""))
        for path in sorted(self.folder.glob("*/*.jpg")):
            digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        return digest.hexdigest()

    def _list(self, name, must_exist=True):
        """Return the path of a list, which is beside the folder or in it."""
        path = self.folder.parent / name
        path = path if path.is_file() else self.folder / name
        if must_exist and not path.is_file():
            raise FileNotFoundError(
                f"there is no list {self.folder.parent / name}; LFW's page has it: "
                f"{LISTS_ADDRESS}{name}"
            )
        return path


def _list_of(kind, part):
    """Return the name of the list of people or pairs that a part stands in, and its place there."""
    if part not in PARTS:
        raise ValueError(
            f'part must be "view1/train", "view1/test" or "view2/1" to "view2/10", got {part!r}'
        )
    view, which = part.split("/")
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


def _read_face(path, box, size):
    """Return what a box holds of the picture in a file, scaled to (width, height)."""
    top, left, bottom, right = box
    try:
        with Image.open(path) as picture:
            across, down = picture.size
            window = (left * across, top * down, right * across, bottom * down)
            # Pillow widens the filter where it shrinks, so that fine detail leaves no moiré.
            face = picture.convert("RGB").resize(size, Image.Resampling.BILINEAR, window)
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no image {path}") from None
    except (OSError, SyntaxError) as error:  # Pillow raises both on broken files
        raise ValueError(f"{path} is damaged or not a picture: {error}") from error
    return np.asarray(face)


def load_lfw(path=None):
    """Find the data set on the disk, or let scikit-learn download it.

    Parameters
    ----------
    path : str or path-like, optional
        A folder that holds ``lfw-deepfunneled``, ``lfw_funneled`` or ``lfw``, or the folders of
        the people themselves, with the lists (``pairs.txt``, ``people.txt`` and the four ``Dev``
        ones) in it or beside it. Images may have any size; the whole frame is wanted. Without it,
        the environment variable ``FACEBOOK_TUT_DATA`` names the folder, or one that holds it as
        ``lfw``. Without that, scikit-learn's copy is used, which it downloads on first use (about
        230 MB, checked by checksum; lists of pairs but none of people).

    Returns
    -------
    LFW

    Raises
    ------
    FileNotFoundError
        If there is none; the message says what to do.

    References
    ----------
    Huang, Ramesh, Berg and Learned-Miller (2007), Labeled Faces in the Wild, University of
    Massachusetts, Amherst, Technical Report 07-49.

    Examples
    --------
    >>> load_lfw("no-such-folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: path: there is no folder no-such-folder
    """
    named = "path" if path is not None else VARIABLE
    path = path if path is not None else os.environ.get(VARIABLE)
    if not path:
        return LFW(_scikit_learn_folder())
    if not Path(path).is_dir():
        raise FileNotFoundError(f"{named}: there is no folder {path}")
    folder = _people_folder(Path(path))
    if folder is None:
        raise FileNotFoundError(
            f"{named}: {path} holds none of LFW's images; wanted is a folder with "
            "lfw-deepfunneled/Abdullah_Gul/Abdullah_Gul_0001.jpg and so on in it"
        )
    return LFW(folder)


def _people_folder(path):
    """Return the folder below `path` that holds the folders of the people, or None."""
    for folder in (base / name for base in (path, path / "lfw") for name in PEOPLE_FOLDERS):
        if next(folder.glob("*/*_0001.jpg"), None):
            return folder
    return None


def _scikit_learn_folder():
    """Return the folder of the people in scikit-learn's copy, downloaded if it is not there."""
    from sklearn.datasets import fetch_lfw_pairs, get_data_home

    home = Path(get_data_home()) / "lfw_home"
    lists = all((home / name).is_file() for name in LISTS if name.startswith("pairs"))
    if not lists or _people_folder(home) is None:
        try:
            with warnings.catch_warnings(action="ignore"):  # of every new attempt
                fetch_lfw_pairs(subset="test", resize=0.1)  # the least that downloads it all
        except OSError as error:
            raise FileNotFoundError(
                f"LFW is neither here nor can it be downloaded ({error}). Give its folder as "
                f"`path` or in the environment variable {VARIABLE}, or go online: scikit-learn "
                f"then downloads it from {IMAGES_ADDRESS} to {home}"
            ) from None
    folder = _people_folder(home)
    if folder is None:
        raise FileNotFoundError(f"scikit-learn's folder {home} holds none of LFW's images")
    return folder
