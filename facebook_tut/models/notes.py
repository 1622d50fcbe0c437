"""What travels with a classifier in its file: the names of its classes, and what it has seen."""

import json
import re
import zipfile
from dataclasses import dataclass

from facebook_tut._validation import check_flag, check_seed
from facebook_tut.models.classifier import MOST_CLASSES

KEY, METADATA = "facebook_tut", "metadata.json"
MOST_BYTES = 2**28  # of the notes
LONGEST = 1000  # letters of a class's name
DIGEST = r"[0-9a-f]{64}"


@dataclass(frozen=True)
class Notes:
    """What a classifier's answers mean, and which pictures it was trained on.

    Attributes
    ----------
    class_names : tuple of str
        The name of label 0, of label 1 and so on.
    colour : bool
        How it reads pictures, as in `preprocessing.fit_picture`.
    seed : int
        Of the split of the folder that it was trained on.
    trained, validated : frozenset of str
        SHA-256 of each file of its training and of its validation images: figures on the former are
        no test, and on the latter choices were made.

    Examples
    --------
    >>> Notes(["cat", "dog"]).class_names
    ('cat', 'dog')
    >>> Notes(["cat", "cat"])
    Traceback (most recent call last):
        ...
    ValueError: class_names must be different texts, two or more, got ['cat', 'cat']
    """

    class_names: tuple = ("non-face", "face")
    colour: bool = False
    seed: int = 0
    trained: frozenset = frozenset()
    validated: frozenset = frozenset()

    def __post_init__(self):
        names = self.class_names
        texts = isinstance(names, list | tuple) and all(isinstance(one, str) for one in names)
        if not texts or len({*names}) != len(names) or not 2 <= len(names) <= MOST_CLASSES:
            raise ValueError(
                f"class_names must be different texts, two or more, got {names!r:.200}"
            )
        if max(map(len, names)) > LONGEST or any("\ud800" <= c <= "\udfff" for c in "".join(names)):
            raise ValueError(f"class_names must be texts of {LONGEST} letters at most")
        check_flag("colour", self.colour)
        check_seed("seed", self.seed)
        object.__setattr__(self, "class_names", tuple(names))
        for name in ("trained", "validated"):
            object.__setattr__(self, name, _check_digests(name, getattr(self, name)))


def _check_digests(name, digests):
    known = isinstance(digests, list | tuple | set | frozenset)
    if not known or not all(isinstance(o, str) and re.fullmatch(DIGEST, o) for o in digests):
        raise ValueError(f"{name} must hold SHA-256 digests in hexadecimal")
    return frozenset(digests)


def add_notes(model, notes):
    """Let a network carry notes, which `save_model` writes into its file.

    Parameters
    ----------
    model : keras.Model
        A classifier.
    notes : Notes
        As many class names as it tells apart.

    Returns
    -------
    keras.Model
        `model`.

    Examples
    --------
    >>> from facebook_tut.models.classifier import build_classifier
    >>> notes_of(add_notes(build_classifier(), Notes(["cat", "dog"]))).class_names
    ('cat', 'dog')
    """
    if not isinstance(notes, Notes):
        raise TypeError(f"notes must be models.Notes, got {type(notes).__name__}")
    outputs = model.output_shape[-1]
    if len(notes.class_names) != (2 if outputs == 1 else outputs):
        raise ValueError(
            f"notes must name each class, got {len(notes.class_names)} names and {outputs} outputs"
        )
    model._facebook_tut_notes = notes
    return model


def notes_of(model):
    """Return what a network carries; of one without notes, those of the book's classifier.

    Parameters
    ----------
    model : keras.Model
        A classifier.

    Returns
    -------
    Notes
        Of a network with more than two outputs and no notes, the classes are numbered.

    Examples
    --------
    >>> from facebook_tut.models.classifier import build_classifier
    >>> notes_of(build_classifier()).class_names, notes_of(build_classifier(3)).class_names
    (('non-face', 'face'), ('0', '1', '2'))
    """
    notes = getattr(model, "_facebook_tut_notes", None)
    outputs = model.output_shape[-1]
    if notes is None and outputs > 1:
        return Notes(tuple(map(str, range(outputs))), colour=True)
    return notes or Notes()


def _write_notes(path, notes):
    """Add notes to a ``.keras`` file, beside what Keras notes there."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    digests = {name: sorted(getattr(notes, name)) for name in ("trained", "validated")}
    kept = vars(notes) | digests
    parts[METADATA] = json.dumps({**json.loads(parts[METADATA]), KEY: kept}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _read_notes(file):
    """Return the notes in a ``.keras`` file from anybody, or None."""
    with zipfile.ZipFile(file) as archive:
        if archive.getinfo(METADATA).file_size > MOST_BYTES:
            raise ValueError(f"{METADATA} must have {MOST_BYTES:,} bytes at most")
        metadata = json.loads(archive.read(METADATA))
    kept = metadata.get(KEY) if isinstance(metadata, dict) else None
    if kept is None:
        return None
    wanted = {*Notes.__dataclass_fields__}
    if not isinstance(kept, dict) or not {*kept} <= wanted:
        raise ValueError(f"its notes must hold {', '.join(sorted(wanted))}")
    return Notes(**kept)
