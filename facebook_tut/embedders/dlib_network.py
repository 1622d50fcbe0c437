"""dlib's face recognition network as an embedder: strong, slow, and an extra to install.

``pip install "facebook_tut[dlib]"`` installs the library and its weights. The network has learned
from some three million photographs of 7,485 people. Its author, Davis King, measured an accuracy of
.9938 on LFW, and writes that he left LFW's people out of its training.

Licences, as the packages and the author state them:

- ``dlib-bin``, the library: Boost Software License 1.0.
- ``face_recognition_models``, the package of the weights: its metadata say MIT, its licence file
  and its description CC0 or public domain.
- The network and the five-point landmarks: public domain, by their author. Half of the network's
  training photographs are from the data sets VGG-Face and FaceScrub. Whether the terms of these
  bind what was learned from them is for a lawyer; we could not verify it.
- The 68-point landmarks in the same package learned from a data set that excludes commercial use.
  Nothing here reads them.
"""

import hashlib
import json
from functools import cache, cached_property
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from facebook_tut._validation import as_array, check_images
from facebook_tut.embedders.protocol import _unit_rows

FACTS_FILE = "dlib.json"  # what `python benchmarks/peers` measured
WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"
LANDMARKS = "shape_predictor_5_face_landmarks.dat"
SIZE, PADDING = 150, 0.25  # of the chips that the network has learned from

# Where the eyes are in the boxes of dlib's detector, on which the landmarks were learned: measured
# on 149 photographs of LFW's View 1 training list. The window is twice such a box.
BOX_EYES = np.array([[0.30, 0.275], [0.68, 0.275]])
WINDOW, BOX = 300, (75, 75, 225, 225)  # pixels


class DlibEmbedder:
    """dlib's network. Faces are cut by dlib's own five landmarks, looked for where the eyes are.

    Raises
    ------
    ImportError
        If dlib or its weights are not installed; the message says what to type.

    References
    ----------
    King, "Dlib-ml: a machine learning toolkit", JMLR 10 (2009); King, "High quality face
    recognition with deep metric learning", blog.dlib.net (2017), for the network; Kazemi and
    Sullivan, "One millisecond face alignment with an ensemble of regression trees" (2014), for the
    landmarks.
    """

    name, size = "dlib's network", SIZE

    def __init__(self):
        self._dlib, folder = _import_dlib()
        self._landmarks = self._dlib.shape_predictor(str(folder / LANDMARKS))
        self._network = self._dlib.face_recognition_model_v1(str(folder / WEIGHTS))
        self._files = [folder / LANDMARKS, folder / WEIGHTS]

    @cached_property
    def fingerprint(self):
        """The word dlib, and the SHA-256 of both files."""
        digest = hashlib.sha256()
        for file in self._files:
            digest.update(file.read_bytes())
        return f"dlib {digest.hexdigest()}"

    @property
    def threshold(self):
        """The cosine of one in a thousand impostor pairs of LFW; None for other weights."""
        return self._measured("verify")

    @property
    def count_threshold(self):
        """The cosine at which LFW's people are counted best; None for other weights."""
        return self._measured("count")

    def align(self, picture, landmarks):
        """Cut a face out of a photograph, as dlib's ``get_face_chip`` does.

        Parameters
        ----------
        picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
            The photograph, in colour as red, green, blue.
        landmarks : array_like, (5, 2) or (2, 2)
            As for `alignment.align`; dlib's own landmarks are looked for beside them.

        Returns
        -------
        ndarray, (150, 150, 3), float32
            From 0 to 1.
        """
        from facebook_tut.alignment import align

        template = _window_template()[: len(as_array("landmarks", landmarks))]
        window = _as_bytes(align(picture, landmarks, WINDOW, template))
        return self.chip(window, BOX)

    def chip(self, picture, box):
        """Cut a face out of a box of dlib's own detector, ``dlib.get_frontal_face_detector()``.

        Parameters
        ----------
        picture : ndarray, (H, W, 3), uint8
            The photograph.
        box : sequence of 4 int
            ``(left, top, right, bottom)`` in pixels.

        Returns
        -------
        ndarray, (150, 150, 3), float32
            From 0 to 1.
        """
        found = self._landmarks(picture, self._dlib.rectangle(*box))
        chip = self._dlib.get_face_chip(picture, found, size=SIZE, padding=PADDING)
        return chip.astype(np.float32) / 255

    def embed(self, images):
        """Return the embeddings of aligned faces.

        Parameters
        ----------
        images : ndarray, (N, 150, 150, 3), float or uint8
            Of `align`.

        Returns
        -------
        ndarray, (N, 128), float32
            Rows of length 1.
        """
        return self.as_embeddings(self.descriptors(images))

    def descriptors(self, images):
        """Return what the network itself gives, for dlib's own threshold, a distance of 0.6.

        Parameters
        ----------
        images : ndarray, (N, 150, 150, 3), float or uint8
            Of `align`.

        Returns
        -------
        ndarray, (N, 128), float32
            Rows of length 1.2 to 1.7.
        """
        images = _check_chips(images)
        rows = [self._network.compute_face_descriptor(_as_bytes(image)) for image in images]
        return np.array(rows, np.float32)

    @staticmethod
    def as_embeddings(descriptors):
        """Return embeddings that were made of descriptors.

        Parameters
        ----------
        descriptors : ndarray, (N, 128), float
            Of `descriptors`.

        Returns
        -------
        ndarray, (N, 128), float32
            Rows of length 1.
        """
        return _unit_rows(descriptors)

    def _measured(self, what):
        facts = read_facts()
        return facts["thresholds"][what] if facts["fingerprint"] == self.fingerprint else None


@cache
def _window_template():
    """Return where `alignment.TEMPLATE` is in the window, as fractions of its edge, (5, 2)."""
    from facebook_tut.alignment import TEMPLATE, similarity_transform

    matrix = similarity_transform(TEMPLATE[:2], 0.25 + 0.5 * BOX_EYES)
    return TEMPLATE @ matrix[:2, :2].T + matrix[:2, 2]


def read_facts():
    """Return what the benchmark wrote beside this module.

    Returns
    -------
    dict
        The fingerprint of the weights that were measured, the thresholds, command and date.

    Examples
    --------
    >>> sorted(read_facts()["thresholds"])
    ['count', 'verify']
    """
    return json.loads((files(__package__) / FACTS_FILE).read_text(encoding="utf-8"))


def _import_dlib():
    """Return the library, and the folder of the weights, whose own package is not imported."""
    weights = find_spec("face_recognition_models")  # its import asks for setuptools
    try:
        import dlib
    except ImportError:
        dlib = None
    if dlib is None or weights is None:
        raise ImportError(
            f"the embedder dlib needs {'dlib' if dlib is None else 'its weights'}:"
            ' pip install "facebook_tut[dlib]"'
        )
    return dlib, Path(weights.origin).parent / "models"


def _check_chips(images):
    """Return the images if they are floats from 0 to 1 or 8-bit integers, as large as read."""
    images = as_array("images", images)
    if images.dtype != np.uint8:
        return check_images("images", images, (SIZE, SIZE, 3))
    if images.shape[1:] != (SIZE, SIZE, 3) or len(images) == 0:
        raise ValueError(f"images must have shape (N, {SIZE}, {SIZE}, 3), got {images.shape}")
    return images


def _as_bytes(image):
    """Return an image as 8-bit integers, which is what dlib reads."""
    return image if image.dtype == np.uint8 else np.round(255 * image).astype(np.uint8)
