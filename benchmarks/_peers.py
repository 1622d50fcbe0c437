"""The systems that `peers.py` compares: each turns LFW's photographs into rows of length 1.

All see the same faces, as LFW has aligned them: the box that our network reads, eigenfaces' box
within it, and for dlib its own five landmarks, looked for in the middle of the frame, which is
enlarged to 250 pixels. Another detector goes in by `places`: from photographs to landmarks.

A photograph is spoiled in 64×64 pixels, about what there is of a face in LFW at 125×125: our crop
as it is read; dlib's chip, which shows much the same, shrunk to 64 and enlarged again, also where
nothing is spoiled; for eigenfaces what their box holds of our crop.
"""

import hashlib
from functools import cached_property

import numpy as np
from lfw import eigenfaces
from skimage.transform import resize
from sklearn.preprocessing import normalize

from facebook_tut import embedders
from facebook_tut._files import replacing
from facebook_tut._progress import progress_bar
from facebook_tut.alignment import TEMPLATE, crop
from facebook_tut.corruption import corrupt
from facebook_tut.data.lfw import FACE_BOX, photos_of
from facebook_tut.preprocessing import grayscale

PART = 100  # photographs between two files
WHOLE, EDGE = (0, 0, 1, 1), 250  # of a frame
SMALL = 64  # pixels of a face that is spoiled


def kept_rows(folder, name, items, work):
    """Return one row for each item, made once and kept in files, a part at a time.

    Parameters
    ----------
    folder : Path
        Where they are kept.
    name : str
        What is done to the items; with the items themselves it names the files.
    items : list
        With a text that says all of each.
    work : callable
        From some of the items to as many rows.

    Returns
    -------
    ndarray, (N, ...)
    """
    parts = []
    for first in progress_bar(range(0, len(items), PART), desc=name, unit="part"):
        part = items[first : first + PART]
        path = folder / f"{name}_{hashlib.sha256(repr(part).encode()).hexdigest()[:16]}.npy"
        if not path.is_file():
            rows = work(part)
            with replacing(path) as temporary, temporary.open("wb") as file:
                np.save(file, rows)
        parts.append(np.load(path))
    return np.concatenate(parts)


def lfw_places(photos):
    """Return where the landmarks of LFW's aligned faces lie in frames of 250 pixels, (N, 5, 2)."""
    top, left, bottom, right = FACE_BOX
    share = TEMPLATE * [right - left, bottom - top] + [left, top]
    return np.repeat([EDGE * share - 0.5], len(photos), axis=0)


class Shipped:
    """The network of the package.

    Parameters
    ----------
    data : LFW
    kept : Path
        The folder of what is kept.
    places : callable, optional
        From photographs to the landmarks that a detector finds in frames of 250 pixels, (N, 5, 2);
        its name tells files apart. If not given, LFW's own alignment is taken.
    """

    name = "shipped"

    def __init__(self, data, kept, places=None):
        self.data, self.kept, self.places = data, kept, places
        self.embedder = embedders.load(self.name)
        self.key = f"{self.name}_{self.embedder.fingerprint.split()[-1][:8]}"
        self.key += f"_{places.__name__}" if places else ""

    def rows(self, photos):
        """Return the embeddings of photographs, (N, D)."""
        return kept_rows(
            self.kept, self.key, photos, lambda some: self.embedder.embed(self._small(some))
        )

    def spoiled(self, photos, kind, step):
        """Return the embeddings of photographs that are spoiled, (N, D)."""
        name = f"{self.key}_{kind.replace(' ', '_')}_{step}"
        return kept_rows(
            self.kept,
            name,
            photos,
            lambda some: self._read(spoil(self._small(some), some, kind, step)),
        )

    def _small(self, photos):
        if self.places is None:
            return self.data.images(photos, size=SMALL, progress=False) / np.float32(255)
        return self._aligned(photos)

    def _aligned(self, photos):
        frames = self.data.images(photos, box=WHOLE, size=EDGE, progress=False)
        places = zip(frames, self.places(photos), strict=True)
        return np.stack([self.embedder.align(frame, place) for frame, place in places])

    def _read(self, images):
        return self.embedder.embed(images)


class Dlib(Shipped):
    """dlib's network; what is kept are its own descriptors."""

    name = "dlib"

    def __init__(self, data, kept, places=lfw_places):
        super().__init__(data, kept, places)

    def descriptors(self, photos):
        """Return what the network itself gives, (N, 128)."""
        return kept_rows(
            self.kept,
            self.key,
            photos,
            lambda some: self.embedder.descriptors(self._aligned(some)),
        )

    def rows(self, photos):
        """Return the embeddings of photographs, (N, 128)."""
        return self.embedder.as_embeddings(self.descriptors(photos))

    def spoiled(self, photos, kind, step):
        """Return the embeddings of photographs that are spoiled, (N, 128)."""
        return self.embedder.as_embeddings(super().spoiled(photos, kind, step))

    def _small(self, photos):
        chips, size = self._aligned(photos), (SMALL, SMALL)
        return np.stack([resize(chip, size, order=1, anti_aliasing=True) for chip in chips])

    def _read(self, images):
        size = (self.embedder.size,) * 2
        chips = np.stack([resize(image, size, order=1) for image in images])
        return self.embedder.descriptors(np.clip(chips, 0, 1).astype(np.float32))


class Eigenfaces(Shipped):
    """Eigenfaces of View 1's training people."""

    name = key = "eigenfaces"

    def __init__(self, data, kept):
        self.data, self.kept, self.places = data, kept, None

    @cached_property
    def _pca(self):
        known = photos_of(self.data.people("view1/train"), at_least=2)
        return eigenfaces.fit(eigenfaces.brightness(self.data, known), seed=0)

    def rows(self, photos):
        """Return the whitened coordinates of photographs at length 1, (N, 150)."""
        return kept_rows(self.kept, self.key, photos, self._coordinates)

    def _coordinates(self, photos):
        return normalize(self._pca.transform(eigenfaces.brightness(self.data, photos)))

    def _read(self, images):
        """Return the coordinates of what their box holds of our crops."""
        top, left, bottom, _ = FACE_BOX
        box = np.array(eigenfaces.BOX) - [top, left, top, left]
        box = SMALL * box / (bottom - top)
        cut = [crop(image, box, eigenfaces.SIZE) for image in np.clip(images, 0, 1)]
        grey = np.stack([grayscale(image).ravel().astype(np.float32) for image in cut])
        return normalize(self._pca.transform(grey))


def spoil(images, photos, kind, step):
    """Return images spoiled by a cause in a step; the noise of a photograph is always the same."""
    seeds = [int.from_bytes(hashlib.sha256(photo.file.encode()).digest()[:4]) for photo in photos]
    pairs = zip(images, seeds, strict=True)
    return np.stack([corrupt(image, kind, step, seed) for image, seed in pairs]).astype(np.float32)
