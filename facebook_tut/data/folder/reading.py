"""The pictures of a folder are read, and what cannot be used says why."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facebook_tut._folders import reason
from facebook_tut._progress import progress_bar
from facebook_tut.data.files import read_image
from facebook_tut.preprocessing.copies import grey_detail, hash_bits


@dataclass(frozen=True)
class Skipped:
    """What is in a folder and not among its images, and why.

    Attributes
    ----------
    path : str
        Below the folder.
    why : str
        In a few words.
    failed : bool
        Whether it is a picture that could not be read; what is none is no failure.
    name : str
        The class in whose folder it is.

    Examples
    --------
    >>> Skipped("cats/notes.txt", "not a picture").failed
    False
    """

    path: str
    why: str
    failed: bool = False
    name: str = ""


@dataclass(frozen=True, eq=False)
class _Picture:
    """A picture of the folder, and what is known of it."""

    path: Path
    name: str  # of its class
    source: str
    digest: str
    pixels: bytes  # a digest of the image
    bits: np.ndarray
    detail: np.ndarray
    image: np.ndarray  # None if it is streamed


def _read(folder, items, colour, stream, progress):
    """Return the pictures among some items, and what was skipped."""
    found, skipped = [], []
    for item in progress_bar(items, shown=progress, desc="reading", unit="picture"):
        source = item.path.relative_to(folder).as_posix()
        try:
            if item.why:
                skipped.append(Skipped(source, item.why, name=item.name))
                continue
            found.append(_picture(item, source, colour, stream))
        except (OSError, ValueError) as error:
            why = reason(error).removeprefix(f"{item.path} ")
            skipped.append(Skipped(source, why, True, item.name))
    return sorted(found, key=lambda one: one.source), skipped


def _picture(item, source, colour, stream):
    """Read a picture, and measure by what copies of it are known."""
    image = read_image(item.path, colour=colour)
    with item.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    [bits], [detail] = hash_bits([image]), grey_detail([image]).astype(np.float32)
    pixels = hashlib.sha256(image).digest()
    kept = None if stream else image
    return _Picture(item.path, item.name, source, digest, pixels, bits, detail, kept)


def _without_contradictions(found, skipped):
    """Leave out pictures that are in two classes: nobody knows which one is right."""
    alike, kept = defaultdict(dict), []
    for one in found:
        alike[one.pixels].setdefault(one.name, one.source)
    for one in found:
        others = [source for name, source in alike[one.pixels].items() if name != one.name]
        if others:
            skipped.append(Skipped(one.source, f"the same picture as {others[0]}", name=one.name))
        else:
            kept.append(one)
    return kept
