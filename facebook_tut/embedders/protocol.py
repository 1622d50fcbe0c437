"""What an embedder is: how it wants faces cut, what it makes of them, how its scores are read."""

from typing import Protocol

import numpy as np

from facebook_tut._validation import check_number

MOST = 4096  # pixels of a crop's edge, as in `alignment.align`


class Embedder(Protocol):
    """What a recogniser needs of an embedder.

    Attributes
    ----------
    name : str
        What messages call it, such as ``"the shipped network"``.
    size : int
        Edge in pixels of the aligned crops that it reads.
    fingerprint : str
        Changes with whatever changes the embeddings; written into galleries.
    threshold : float or None
        The cosine of one in a thousand impostor pairs; None if nobody has measured it.
    count_threshold : float or None
        The cosine at which people are counted best; None if nobody has measured it.

    Examples
    --------
    These are enough, so that a class of your own can be one:

    >>> from facebook_tut.alignment import align
    >>> class Colour:
    ...     name, size, fingerprint = "mean colour", 64, "mean colour 1"
    ...     threshold = count_threshold = None
    ...     def align(self, picture, landmarks):
    ...         return align(picture, landmarks, self.size)
    ...     def embed(self, images):
    ...         colours = np.asarray(images).mean((1, 2))
    ...         return colours / np.linalg.norm(colours, axis=1, keepdims=True)
    >>> check_embedder(Colour()).embed(np.ones((2, 64, 64, 3))).shape
    (2, 3)
    """

    name: str
    size: int
    fingerprint: str
    threshold: float | None
    count_threshold: float | None

    def align(self, picture, landmarks):
        """Cut a face out of a photograph as `embed` wants it.

        Parameters
        ----------
        picture : ndarray, (H, W), (H, W, 3) or (H, W, 4), float or uint8
            The photograph, in colour as red, green, blue.
        landmarks : array_like, (5, 2) or (2, 2)
            As for `alignment.align`.

        Returns
        -------
        ndarray, (size, size, 3), float32
            From 0 to 1.
        """

    def embed(self, images):
        """Return the embeddings of aligned faces.

        Parameters
        ----------
        images : ndarray, (N, size, size, 3), float or uint8
            Of `align`: floats from 0 to 1, or 8-bit integers.

        Returns
        -------
        ndarray, (N, D), float32
            Rows of length 1, whose products are compared with a threshold.
        """


def check_embedder(embedder, name="embedder"):
    """Return an embedder if it has all that `Embedder` asks for.

    Parameters
    ----------
    embedder : Embedder
        Any object.
    name : str
        What the message calls it.

    Returns
    -------
    Embedder
        `embedder`.

    Raises
    ------
    TypeError
        If a method or an attribute is missing, or is of another kind.
    ValueError
        If the edge of the crops or a threshold is out of range.

    Examples
    --------
    >>> check_embedder("dlib")
    Traceback (most recent call last):
        ...
    TypeError: embedder must have the methods align and embed, got str; see embedders.Embedder
    """
    methods = [getattr(embedder, method, None) for method in ("align", "embed")]
    if isinstance(embedder, type) or not all(map(callable, methods)):
        got = embedder.__name__ if isinstance(embedder, type) else type(embedder).__name__
        raise TypeError(
            f"{name} must have the methods align and embed, got {got}; see embedders.Embedder"
        )
    for text in ("name", "fingerprint"):
        if not isinstance(value := getattr(embedder, text, None), str) or not value:
            raise TypeError(f"{name}.{text} must be a text that is not empty, got {value!r}")
    check_number(f"{name}.size", getattr(embedder, "size", None), 1, MOST, integer=True)
    for limit in ("threshold", "count_threshold"):
        if (value := getattr(embedder, limit, None)) is not None:
            check_number(f"{name}.{limit}", value, -1, 1)
    return embedder


def _unit_rows(rows):
    """Return rows at length 1; one of zeros stays as it is."""
    rows = np.asarray(rows, np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
