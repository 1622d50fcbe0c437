"""A gallery: who is known, by one template each, and who of them a probe is."""

import math
from collections import namedtuple
from contextlib import contextmanager
from threading import RLock

import numpy as np

from facebook_tut._files import check_writable, replacing
from facebook_tut._locks import PATIENCE, locked
from facebook_tut._validation import as_array, check_choice, check_file, check_number
from facebook_tut.matching._file import check_model_name, check_threshold, pack, unpack
from facebook_tut.matching.answers import Candidate, Verification
from facebook_tut.matching.index import ENGINES, _import_faiss, _unit32
from facebook_tut.matching.people import _People

_Snapshot = namedtuple("_Snapshot", "names index dimension")  # of a moment, never changed


class Gallery(_People):
    """The people a recogniser knows: one template a name.

    A template is the normalised mean of a person's normalised embeddings. What is kept is their sum
    and their number, so it does not matter in how many parts they come.

    Several threads may use one gallery: each answer is of the gallery as it was at one moment, with
    the names of that moment. Several programs may read one file; those that change it go through
    `updating`, which lets one at a time.

    A name has one spelling: accents composed (Unicode's NFC), no blanks at the ends, no control
    characters. Whoever asks for another spelling of it finds it.

    Parameters
    ----------
    model : str
        What made the embeddings, such as the SHA-256 of its weights; empty if it is not told.
        Embeddings of two models cannot be compared.
    engine : {"exact", "faiss"}
        What searches: `ExactIndex` or `FaissIndex`. It is built anew by the first search after a
        change.
    threshold : float, optional
        The lowest cosine at which `pipeline.Recognizer` names one of these people, such as
        `evaluation.calibrate_threshold` finds. The file keeps it; a package from before there were
        thresholds refuses that file. It may be set later, also to None.

    Raises
    ------
    ImportError
        If faiss is wanted and not installed.
    ValueError
        If there is no such engine.

    Examples
    --------
    >>> gallery = Gallery()
    >>> gallery.enrol("Ada", [[0.8, 0.6], [0.8, -0.6]])
    >>> gallery.enrol("Grace", [0, 1])
    >>> gallery.verify("Ada", [1, 0], threshold=0.9)
    Verification(accepted=True, score=1.0)
    >>> gallery.identify([[0, 2], [-1, 0]], threshold=0.9)
    [[Candidate(name='Grace', score=1.0)], []]
    """

    def __init__(self, model="", *, engine="exact", threshold=None):
        check_model_name(model)
        check_choice("engine", engine, ENGINES)
        if engine == "faiss":
            _import_faiss()
        super().__init__()
        self.model, self.engine, self.threshold = model, engine, threshold

    @property
    def threshold(self):
        """The lowest cosine at which one of these people is named, or None."""
        return self._threshold

    @threshold.setter
    def threshold(self, threshold):
        """Take another threshold, or None."""
        self._threshold = None if threshold is None else check_threshold(threshold)

    def __getstate__(self):
        """Return what is pickled: no lock, and no index, which is built anew."""
        kept = {"model": self.model, "engine": self.engine, "_threshold": self.threshold}
        with self._lock:
            return kept | {"_people": dict(self._people)}

    def __setstate__(self, state):
        """Become what was pickled."""
        self.__dict__.update({"_threshold": None} | state, _now=None, _lock=RLock())

    def verify(self, name, probe, threshold):
        """Answer "is this that person?": 1:1.

        Parameters
        ----------
        name : str
            Who the probe claims to be.
        probe : array_like, (D,)
            One embedding.
        threshold : float
            The lowest cosine that is accepted, from −1 to 1.

        Returns
        -------
        Verification

        Raises
        ------
        ValueError
            If there is no such person, or the probe is zero or has another length.
        """
        threshold = check_number("threshold", threshold, -1, 1)
        template = self.template(name)
        probe = _unit32("probe", as_array("probe", probe)[None], len(template))[0]
        score = _cosines(probe @ template).item()
        return Verification(bool(score >= threshold), score)

    def identify(self, probes, threshold, k=1):
        """Answer "who is this, if anyone here?": 1:N, open set.

        Parameters
        ----------
        probes : array_like, (P, D)
            One embedding a row.
        threshold : float
            The lowest cosine that is accepted, from −1 to 1.
        k : int
            How many candidates at most.

        Returns
        -------
        list of list of Candidate
            For each probe its candidates, the best first. An empty list means unknown: nobody
            reaches the threshold. In an empty gallery everybody is unknown.

        Raises
        ------
        ValueError
            If a probe is zero or has another length.
        """
        threshold = check_number("threshold", threshold, -1, 1)
        check_number("k", k, 1, math.inf, integer=True)
        now = self._snapshot()
        probes = _unit32("probes", probes, now.dimension)
        if not now.names:
            return [[] for _ in probes]
        scores, rows = now.index.search(probes, min(k, len(now.names)))
        return [
            [Candidate(now.names[r], s) for s, r in zip(*pair, strict=True) if s >= threshold]
            for pair in zip(_cosines(scores).tolist(), rows.tolist(), strict=True)
        ]

    def save(self, path, *, overwrite=False):
        """Write the gallery to one ``.npz`` file, whole or not at all.

        A new file can be read by its owner alone; an old one keeps its mode.

        Parameters
        ----------
        path : str or path-like
            A name that ends in ``.npz``.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        OSError, TypeError, ValueError
            If it cannot be written there.
        """
        path = check_writable(path, overwrite=overwrite, suffix=".npz")
        with replacing(path, overwrite=overwrite, private=True) as temporary:
            temporary.write_bytes(self.to_bytes())

    def to_bytes(self):
        """Return what `save` writes, such as to encrypt it first: see `privacy.storage`.

        Returns
        -------
        bytes
        """
        with self._lock:
            people = dict(self._people)
        return pack(self.model, people, self.threshold)

    @classmethod
    def load(cls, path, model=None, *, engine="exact"):
        """Read a gallery that `save` wrote.

        Parameters
        ----------
        path : str or path-like
            The file.
        model : str, optional
            What makes the probes; if it is given, it must be what made the templates.
        engine : {"exact", "faiss"}
            What searches.

        Returns
        -------
        Gallery

        Raises
        ------
        OSError
            If there is no such file, or it cannot be read.
        TypeError, ValueError
            If it is damaged, no gallery, of another format version or of another model, or says
            what cannot be. Nothing in it is run, and the memory that it takes is bounded by its
            length.
        """
        path = check_file("path", path, "gallery")
        with path.open("rb") as file:
            start = file.read(4)
            if start != b"PK\3\4":
                raise ValueError(f"{path} is no gallery that this package wrote, or it is damaged")
            return cls.from_bytes(start + file.read(), model, engine=engine, source=path)

    @classmethod
    def from_bytes(cls, data, model=None, *, engine="exact", source="data"):
        """Read what `to_bytes` returned.

        Parameters
        ----------
        data : bytes
            The gallery.
        model, engine
            As for `load`.
        source : str or path-like
            What the error messages call it.

        Returns
        -------
        Gallery
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"{source} must be bytes, got {type(data).__name__}")
        own, people, threshold = unpack(bytes(data), source)
        gallery = cls(own, engine=engine, threshold=threshold)
        gallery._people = people
        if model is not None:
            gallery.check_model(model, source)
        return gallery

    def check_model(self, model, source="gallery", name=""):
        """Check that the templates are of a model.

        Parameters
        ----------
        model : str
            What makes the probes.
        source : str or path-like
            What the error message calls the gallery.
        name : str
            What it calls the model, if that has a name.

        Raises
        ------
        ValueError
            If they are of another one.
        """
        if check_model_name(model) != self.model:
            raise ValueError(
                f"{source} holds templates of model {_maker(self.model)}, not of"
                f" {_maker(model, name)}: they cannot be compared, so enrol everybody anew"
            )

    @classmethod
    @contextmanager
    def updating(cls, path, model=None, *, engine="exact", patience=PATIENCE, waiting=None):
        """Give the gallery of a file, and save it when the block ends without error.

        From reading to writing no other program that does it this way changes the file, so that
        nobody is lost.

        Parameters
        ----------
        path : str or path-like
            A file that `save` wrote.
        model, engine
            As for `load`.
        patience : float
            Seconds to wait for another program that changes the file.
        waiting : callable, optional
            Called once, with a sentence, if there is a wait.

        Yields
        ------
        Gallery

        Raises
        ------
        OSError, TypeError, ValueError
            As `load`; TimeoutError if the other program takes longer.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Gallery().save(f"{folder}/people.npz")
        ...     with Gallery.updating(f"{folder}/people.npz") as gallery:
        ...         gallery.enrol("Ada", [1, 0])
        ...     Gallery.load(f"{folder}/people.npz").names
        ('Ada',)
        """
        with locked(path, patience=patience, waiting=waiting):
            gallery = cls.load(path, model, engine=engine)
            yield gallery
            gallery.save(path, overwrite=True)

    def _snapshot(self):
        """Return names and index of this moment."""
        with self._lock:
            if self._now is None:
                index = None
                if self._people:
                    index = ENGINES[self.engine](self._dimension)
                    index.add(np.stack([person.total for person in self._people.values()]))
                self._now = _Snapshot(tuple(self._people), index, self._dimension)
            return self._now


def _cosines(scores):
    """Return scores as they would be without rounding: none beyond 1, so −1 accepts them all."""
    return np.clip(scores, -1, 1)


def _maker(model, name=""):
    """Return a model's text as messages quote it: a checksum is cut behind a name or a word."""
    word, _, digits = model.rpartition(" ")
    named = name or (repr(word) if word else "")
    return f"{named} ({digits[:12]}…)" if named and len(digits) == 64 else repr(model)
