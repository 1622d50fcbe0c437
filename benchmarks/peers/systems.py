"""The systems that are compared: each turns LFW's photographs into rows of length 1.

Where the face is, `find` says: from a frame of 250 pixels to landmarks, or None where it finds no
face. As LFW has aligned them, all see the same faces: the box that our network reads, eigenfaces'
box within it, and for dlib its own five landmarks, looked for in the middle of the frame.

A photograph is spoiled in 64×64 pixels, about what there is of a face in LFW at 125×125: our crop
as it is read; dlib's chip, which shows much the same, shrunk to 64 and enlarged again, also where
nothing is spoiled; for eigenfaces what their box holds of our crop. Such a crop, of 64×64 pixels,
is also what an attacker makes of a stolen template: `look` has a system look at it.
"""

import hashlib
from functools import cached_property

import numpy as np
from lfw import eigenfaces
from lfw.frames import EDGE, frames_of
from skimage.transform import resize
from sklearn.preprocessing import normalize

from facebook_tut import embedders
from facebook_tut._files import replacing
from facebook_tut._progress import progress_bar
from facebook_tut.alignment import TEMPLATE, align, crop
from facebook_tut.corruption import corrupt
from facebook_tut.data.lfw import FACE_BOX, photos_of
from facebook_tut.preprocessing import grayscale

PART = 100  # photographs between two files
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


def lfw_places(_frame):
    """Return where the landmarks of LFW's aligned faces lie in a frame of 250 pixels, (5, 2)."""
    top, left, bottom, right = FACE_BOX
    return EDGE * (TEMPLATE * [right - left, bottom - top] + [left, top]) - 0.5


class Shipped:
    """The network of the package.

    Parameters
    ----------
    data : LFW
    kept : Path
        The folder of what is kept.
    find : callable, optional
        From a frame of 250 pixels to the landmarks of its face, (5, 2) or (2, 2), or None; its name
        tells files apart. If not given, LFW's own alignment is taken.
    """

    name = "shipped"

    def __init__(self, data, kept, find=None):
        self.data, self.kept, self.find = data, kept, find
        self.embedder = embedders.load(self.name)
        self.key = f"{self.name}_{self.embedder.fingerprint.split()[-1][:8]}"
        self.key += f"_{find.__name__}" if find else ""

    def rows(self, photos):
        """Return the embeddings of photographs, (N, D); not a number where no face is found."""
        return kept_rows(self.kept, self.key, photos, self._of_photos)

    def spoiled(self, photos, kind, step):
        """Return the embeddings of photographs that are spoiled, (N, D)."""
        name = f"{self.key}_{kind.replace(' ', '_')}_{step}"
        return kept_rows(
            self.kept,
            name,
            photos,
            lambda some: self._read(spoil(self._small(some), some, kind, step)),
        )

    def look(self, images):
        """Return the embeddings of our crops, (N, 64, 64, 3) from 0 to 1: (N, D)."""
        names = [hashlib.sha256(image.tobytes()).hexdigest() for image in images]
        image_of = dict(zip(names, images, strict=True))
        return kept_rows(
            self.kept,
            f"{self.key}_look",
            names,
            lambda some: self._look(np.stack([image_of[name] for name in some])),
        )

    def _look(self, images):
        return self._embed(np.stack([self._cut(image, SMALL * TEMPLATE - 0.5) for image in images]))

    def _of_photos(self, photos):
        if self.find is None:
            return self._embed(self._small(photos))
        return self._of_faces(self._faces(photos))

    def _of_faces(self, faces):
        """Return the embeddings of faces; where there is None, not a number."""
        there = np.array([face is not None for face in faces])
        nobody = np.zeros_like(next(face for face in faces if face is not None))
        rows = self._embed(np.stack([nobody if face is None else face for face in faces]))
        return np.where(there[:, None], rows, np.float32(np.nan))

    def _faces(self, photos):
        """Return the faces of photographs as the network reads them, None where none is found."""
        places = kept_rows(self.kept, f"places_{self.find.__name__}", photos, self._places)
        known = ~np.isnan(places[..., 0])  # (N, 5)
        found = zip(frames_of(self.data, photos), places, known, strict=True)
        return [self._cut(frame, at[some]) if some.any() else None for frame, at, some in found]

    def _places(self, photos):
        """Return landmarks, (N, 5, 2); not a number where there are fewer, or no face."""
        places = np.full((len(photos), *TEMPLATE.shape), np.nan)
        for place, frame in zip(places, frames_of(self.data, photos), strict=True):
            found = self.find(frame)
            if found is not None:
                place[: len(found)] = found
        return places

    def _cut(self, picture, place):
        return self.embedder.align(picture, place)

    def _embed(self, faces):
        return self.embedder.embed(faces)

    def _small(self, photos):
        return self.data.images(photos, size=SMALL, progress=False) / np.float32(255)

    def _read(self, images):
        """Return what is kept of our crops, spoiled or not."""
        return self.embedder.embed(images)


class Dlib(Shipped):
    """dlib's network; what is kept are its own descriptors."""

    name = "dlib"

    def __init__(self, data, kept, find=lfw_places):
        super().__init__(data, kept, find)

    def descriptors(self, photos):
        """Return what the network itself gives, (N, 128)."""
        return super().rows(photos)

    def rows(self, photos):
        """Return the embeddings of photographs, (N, 128)."""
        return self.embedder.as_embeddings(self.descriptors(photos))

    def spoiled(self, photos, kind, step):
        """Return the embeddings of photographs that are spoiled, (N, 128)."""
        return self.embedder.as_embeddings(super().spoiled(photos, kind, step))

    def look(self, images):
        """Return the embeddings of our crops, in which dlib looks for its landmarks, (N, 128)."""
        return self.embedder.as_embeddings(super().look(images))

    def _embed(self, faces):
        return self.embedder.descriptors(faces)

    def _small(self, photos):
        chips, size = self._faces(photos), (SMALL, SMALL)
        return np.stack([resize(chip, size, order=1, anti_aliasing=True) for chip in chips])

    def _read(self, images):
        size = (self.embedder.size,) * 2
        chips = np.stack([resize(image, size, order=1) for image in images])
        return self.embedder.descriptors(np.clip(chips, 0, 1).astype(np.float32))


class DlibAlone(Dlib):
    """dlib's network behind dlib's own detector, as its author puts the two together.

    The detector of Dalal and Triggs' kind (histograms of oriented gradients) looks at frames twice
    as large, as the package face_recognition has it do; the landmarks are looked for in its box.
    """

    def __init__(self, data, kept):
        super().__init__(data, kept)
        self.key = self.key.replace(lfw_places.__name__, "own")

    @cached_property
    def _detector(self):
        import dlib

        return dlib.get_frontal_face_detector()

    def _faces(self, photos):
        return [self._face(frame) for frame in frames_of(self.data, photos)]

    def _face(self, frame):
        middle = EDGE // 2
        boxes = [box for box in self._detector(frame, 1) if box.contains(middle, middle)]
        if not boxes:
            return None
        [box, *_] = boxes  # the surest comes first
        return self.embedder.chip(frame, (box.left(), box.top(), box.right(), box.bottom()))


class Eigenfaces(Shipped):
    """Eigenfaces of View 1's training people."""

    name = "eigenfaces"

    def __init__(self, data, kept, find=None):
        self.data, self.kept, self.find = data, kept, find
        self.key = self.name + (f"_{find.__name__}" if find else "")

    @cached_property
    def _pca(self):
        known = photos_of(self.data.people("view1/train"), at_least=2)
        return eigenfaces.fit(eigenfaces.brightness(self.data, known), seed=0)

    def _of_photos(self, photos):
        if self.find is None:
            return self._coordinates(eigenfaces.brightness(self.data, photos))
        return super()._of_photos(photos)

    def _cut(self, picture, place):
        return in_box(align(picture, place, SMALL))

    def _embed(self, faces):
        grey = np.stack([grayscale(face).ravel().astype(np.float32) for face in faces])
        return self._coordinates(grey)

    def _read(self, images):
        return self._embed([in_box(image) for image in np.clip(images, 0, 1)])

    def _coordinates(self, grey):
        return normalize(self._pca.transform(grey))


def in_box(image):
    """Return what eigenfaces' box holds of our crop."""
    top, left, bottom, _ = FACE_BOX
    box = np.array(eigenfaces.BOX) - [top, left, top, left]
    return crop(image, SMALL * box / (bottom - top), eigenfaces.SIZE)


def spoil(images, photos, kind, step):
    """Return images spoiled by a cause in a step; the noise of a photograph is always the same."""
    seeds = [int.from_bytes(hashlib.sha256(photo.file.encode()).digest()[:4]) for photo in photos]
    pairs = zip(images, seeds, strict=True)
    return np.stack([corrupt(image, kind, step, seed) for image, seed in pairs]).astype(np.float32)
