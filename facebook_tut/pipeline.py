"""Photographs in; boxes, names and scores out: detect, align, embed and match in one row."""

from dataclasses import dataclass

import numpy as np

from facebook_tut._validation import check_number
from facebook_tut.alignment import crop, locate_eyes
from facebook_tut.detection import detect_with_mtcnn
from facebook_tut.embedders import KerasEmbedder, ShippedEmbedder, check_embedder
from facebook_tut.matching import Gallery
from facebook_tut.matching import group_people as group_people
from facebook_tut.preprocessing import Quality, quality
from facebook_tut.pretrained import FINGERPRINT, LIMITS, THRESHOLD

OUT_OF_CONDITION = "for whose condition the threshold holds"  # what a refused face is not
DETECT = detect_with_mtcnn  # what finds the faces if nothing else is given
EYES_READ = 256  # pixels across a box in which eyes are looked for, at most
LEAST_QUALITY = 0.1  # faces below are too small, dark, pale or blurred to be named


@dataclass(frozen=True)
class Face:
    """A face found in a photograph, ready to be compared.

    Attributes
    ----------
    box : tuple of float
        ``(top, left, bottom, right)`` in pixels of the photograph.
    eyes : ndarray, (2, 2)
        ``(x, y)`` of both in pixels of the photograph, left to right.
    image : ndarray, (S, S, 3), float32
        Aligned by the detector's landmarks or by the eyes, as the embedder reads it.
    quality : Quality
        Of the face as it is in the photograph.
    embedding : ndarray, (D,), float32
        Of length 1.
    """

    box: tuple
    eyes: np.ndarray
    image: np.ndarray
    quality: Quality
    embedding: np.ndarray


@dataclass(frozen=True)
class Recognition:
    """Who a face is, or why no name is given.

    Attributes
    ----------
    face : Face
        What was compared.
    name : str or None
        The person, or None where nobody is named.
    score : float or None
        The cosine with that person's template, or with the nearest one; None if there was none.
    reason : str
        Why nobody is named: ``"unknown"``, ``"low quality"`` or ``"empty gallery"``; or in what
        condition the photograph is in which the threshold does not hold, such as ``"too grey"`` or
        ``"too dark, too blurred"``; else empty.
    """

    face: Face
    name: str | None
    score: float | None
    reason: str


class Recognizer:
    """Finds the faces in photographs and says whose they are, or that it does not know.

    Parameters
    ----------
    model : keras.Model, optional
        An embedder, from (N, S, S, 3) images to (N, D) embeddings, such as
        `models.build_embedder` builds and `metric_learning.fit_embedder` trains; that of
        `pretrained.load_embedder` if not given.
    gallery : Gallery, optional
        Who is known so far; an empty one if not given. It must be of this very network.
    embedder : embedders.Embedder, optional
        In place of `model`: whatever cuts and embeds faces, such as ``embedders.load("dlib")``.
    threshold : float, optional
        Lowest cosine at which a name is given. If not given, it is the gallery's; if that has none,
        the embedder's; with `model`, the one that was measured for `pretrained`. For any other
        network, or pictures unlike LFW's, see `evaluation.calibrate_threshold`.
    least_quality : float
        Lowest `preprocessing.quality` score at which a name is given.
    detect : callable, optional
        From a photograph to a list of `detection.Detection`, such as `detection.detect_with_mtcnn`,
        which it is if not given, or the quick `detection.detect_with_cascade`. Faces are aligned
        by a detection's landmarks; where it has none, by the eyes that `alignment.locate_eyes`
        finds.
    limits : dict, optional
        Of `preprocessing.Quality.beyond`: a face beyond one of them gets no name, since pairs of
        such photographs do not keep the FMR of the threshold. If not given, they are those that
        were measured for `pretrained`, and none for any other network.

    Attributes
    ----------
    embedder : embedders.Embedder
        What cuts and embeds the faces.
    model : keras.Model, export.LiteRTEmbedder or None
        Its network; None if it is of another make.

    Raises
    ------
    ValueError
        If the gallery's templates were made by another embedder, if both `model` and `embedder` are
        given, or if no threshold is, neither here nor by the embedder.

    Examples
    --------
    >>> import skimage.data
    >>> recognizer = Recognizer()
    >>> recognizer.enrol("Eileen Collins", skimage.data.astronaut())
    >>> [(answer.name, round(answer.score, 3)) for answer in recognizer.identify(
    ...     skimage.data.astronaut())]
    [('Eileen Collins', 1.0)]
    """

    def __init__(
        self,
        model=None,
        gallery=None,
        *,
        embedder=None,
        threshold=None,
        least_quality=LEAST_QUALITY,
        detect=DETECT,
        limits=None,
    ):
        self.embedder, self.detect = _one_embedder(model, embedder), detect
        self.model = getattr(self.embedder, "model", None)
        own = self.embedder.fingerprint
        if gallery is not None and gallery.model != own:
            raise ValueError(
                f"gallery must be of this network, {self.embedder.name} ({own[:12]}…), got one of"
                f" {gallery.model[:12] or 'an unnamed one'}…: enrol everybody anew"
            )
        self.gallery = Gallery(own) if gallery is None else gallery
        given = (threshold, self.gallery.threshold, self.embedder.threshold)
        threshold = next((one for one in given if one is not None), None)
        if threshold is None:
            raise ValueError(
                f"threshold must be given: none was measured for {self.embedder.name};"
                " see evaluation.calibrate_threshold"
            )
        self.threshold = check_number("threshold", threshold, -1, 1)
        self.limits = (LIMITS if own == FINGERPRINT else {}) if limits is None else limits
        self.least_quality = check_number("least_quality", least_quality, 0, 1)

    def faces(self, picture):
        """Find, align and embed all faces of a photograph.

        Parameters
        ----------
        picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
            The photograph, its channels in the order red, green, blue, as
            `preprocessing.read_picture` returns them. OpenCV's are blue, green, red: turn them with
            ``picture[..., ::-1]``, or faces are still found and recognised worse.

        Returns
        -------
        list of Face
            The surest detection first; empty if there is no face.

        Raises
        ------
        ValueError
            If `picture` is smaller than the smallest face that the detector can find.
        """
        found = [self._cut(picture, detection) for detection in self.detect(picture)]
        if not found:
            return []
        embeddings = self.embedder.embed(np.stack([image for _, _, image, _ in found]))
        return [Face(*parts, row) for parts, row in zip(found, embeddings, strict=True)]

    def face(self, picture):
        """Return the one face of a photograph.

        Parameters
        ----------
        picture : ndarray
            As in `faces`.

        Returns
        -------
        Face

        Raises
        ------
        ValueError
            If there is no face, or more than one, or it is of too low a quality to be compared, or
            in a condition in which the threshold does not hold.
        """
        found = self.faces(picture)
        if len(found) != 1:
            raise ValueError(f"picture must show one face, {len(found) or 'no face'} found")
        if found[0].quality.score < self.least_quality:
            raise ValueError(
                f"picture must show a face of quality {self.least_quality:.2f} at least,"
                f" got {found[0].quality}"
            )
        if reason := self.refuses(found[0]):
            raise ValueError(f"picture must show a face {OUT_OF_CONDITION}, got one {reason}")
        return found[0]

    def refuses(self, face):
        """Return why a face is not compared: 1:1, 1:N and enrolment have the same reasons.

        Parameters
        ----------
        face : Face
            One of `faces`.

        Returns
        -------
        str
            ``"low quality"``, or the limits that it is beyond, such as ``"too grey"``; empty if it
            is compared.
        """
        if face.quality.score < self.least_quality:
            return "low quality"
        return ", ".join(face.quality.beyond(self.limits))

    def enrol(self, name, *pictures):
        """Add a person to the gallery, from one photograph or several; each must show one face.

        Parameters
        ----------
        name : str
            Any text that is not blank and not taken.
        *pictures : ndarray
            As in `faces`.

        Raises
        ------
        TypeError, ValueError
            As `face` and `matching.Gallery.enrol`; the gallery is then as it was.
        """
        self.gallery.enrol(name, self._embeddings(pictures))

    def update(self, name, *pictures):
        """Merge more photographs into the template of a person who is enrolled.

        Parameters
        ----------
        name : str
            Who.
        *pictures : ndarray
            As in `faces`.

        Raises
        ------
        TypeError, ValueError
            As `face` and `matching.Gallery.update`; the gallery is then as it was.
        """
        self.gallery.update(name, self._embeddings(pictures))

    def verify(self, name, picture):
        """Answer whether the one face of a photograph is that person: 1:1.

        Parameters
        ----------
        name : str
            Somebody who is enrolled.
        picture : ndarray
            As in `faces`.

        Returns
        -------
        matching.Verification

        Raises
        ------
        TypeError, ValueError
            As `face`, or if nobody of that name is enrolled.
        """
        return self.gallery.verify(name, self.face(picture).embedding, self.threshold)

    def identify(self, picture):
        """Say for every face of a photograph who it is, if it is somebody known: 1:N, open set.

        Parameters
        ----------
        picture : ndarray
            As in `faces`.

        Returns
        -------
        list of Recognition
            One for each of `faces`.
        """
        return [self._recognise(face) for face in self.faces(picture)]

    def _cut(self, picture, detection):
        """Return box, eyes, aligned image and quality of a face in a photograph."""
        landmarks = landmarks_of(picture, detection)
        image = self.embedder.align(picture, landmarks)
        return detection.box, landmarks[:2], image, quality(image, size=detection.size)

    def _embeddings(self, pictures):
        if not pictures:
            raise ValueError("pictures must hold at least one photograph, got none")
        return np.stack([self.face(picture).embedding for picture in pictures])

    def _recognise(self, face):
        [candidates] = self.gallery.identify(face.embedding[None], threshold=-1)
        if not candidates:
            return Recognition(face, None, None, "empty gallery")
        score = candidates[0].score
        if reason := self.refuses(face):
            return Recognition(face, None, score, reason)
        if score < self.threshold:
            return Recognition(face, None, score, "unknown")
        return Recognition(face, candidates[0].name, score, "")


def _one_embedder(model, embedder):
    """Return the embedder that was given, or one of the network that was, or the shipped one."""
    if embedder is None:
        return ShippedEmbedder() if model is None else KerasEmbedder(model, threshold=THRESHOLD)
    if model is not None:
        raise ValueError("embedder must not be given beside model: a recogniser has one of the two")
    return check_embedder(embedder)


def landmarks_of(picture, detection):
    """Return by what a face is aligned: its detector's landmarks, or the eyes found in its box.

    Parameters
    ----------
    picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
        The photograph.
    detection : detection.Detection
        A face in it.

    Returns
    -------
    ndarray, (5, 2) or (2, 2), float64
        ``(x, y)`` in pixels of the photograph, in the order of `alignment.align`.

    Examples
    --------
    >>> import skimage.data
    >>> from facebook_tut.detection import detect_with_cascade
    >>> photograph = skimage.data.astronaut()
    >>> [face] = detect_with_cascade(photograph, smallest=80)
    >>> landmarks_of(photograph, face).shape
    (2, 2)
    """
    if detection.landmarks is not None:
        return np.array(detection.landmarks, float)
    window = crop(picture, detection.box, round(min(max(detection.size, 24), EYES_READ)))
    eyes = locate_eyes(window)
    return (eyes + 0.5) * detection.size / len(window) - 0.5 + (detection.left, detection.top)
