"""The photographs of LFW, read as they are asked for."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from facebook_tut._progress import progress_bar
from facebook_tut._validation import check_number
from facebook_tut.data.lfw.lists import FOLDS, LISTS, LISTS_ADDRESS, Pairs, Photo, _list_of, _Rows

# Top, left, bottom and right as shares of the frame; 64 of 125 pixels, 128 of 250. In it the eyes
# are at a third of the height and the width, the mouth is at two thirds, and the chin just above
# the edge.
FACE_BOX = (0.28, 0.248, 0.792, 0.76)


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
            As in `people`, or if someone is in a test fold and in another.
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
        ValueError
            If one is damaged.
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
