"""The file of a gallery: a sealed ``.npz`` of a header and the sums, checked whole on its way in.

Nothing in it is unpickled, and an array takes no more memory than it has in the file.
"""

import hashlib
import io
import json
import math
import zipfile
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from facebook_tut._names import clean_name
from facebook_tut._validation import check_number

VERSION, WITH_THRESHOLD = 1, 2  # the second only if a file holds a threshold: no reader may miss it
LONGEST_MODEL = 1000  # letters
DIGEST = 32  # bytes of a SHA-256
PARSING = Lock()  # Python 3.11 takes one parse of an expression at a time (gh-106905)
MEAN_LENGTH = 1e-6  # embeddings whose mean is shorter cancel out: it points nowhere


@dataclass(frozen=True)
class Person:
    """What a gallery keeps of a person.

    Attributes
    ----------
    total : ndarray, (D,), float64
        The sum of the normalised embeddings.
    count : int
        Their number.
    origins : tuple of str
        What tells the pictures apart that they are of, as far as it was told.
    """

    total: np.ndarray
    count: int
    origins: tuple = field(default=())


def pack(model, people, threshold=None):
    """Return the bytes of a gallery's file.

    A package from before there were thresholds refuses a file that has one, by its version, and
    reads all others.

    Parameters
    ----------
    model : str
        What made the embeddings.
    people : dict of str to Person
        Who is known.
    threshold : float, optional
        The lowest cosine at which one of them is named.

    Returns
    -------
    bytes
    """
    header = {
        "version": VERSION if threshold is None else WITH_THRESHOLD,
        "model": model,
        "names": [*people],
        "counts": [person.count for person in people.values()],
    }
    origins = {name: person.origins for name, person in people.items() if person.origins}
    header |= {"origins": origins} if origins else {}
    header |= {} if threshold is None else {"threshold": threshold}
    text = json.dumps(header)
    buffer = io.BytesIO()
    sums = np.array([person.total for person in people.values()], np.float64)
    np.savez(buffer, header=np.frombuffer(text.encode("ascii"), np.uint8), sums=sums)
    return _seal(buffer.getvalue())


def unpack(data, source):
    """Return the model, the people and the threshold of a gallery's file.

    Parameters
    ----------
    data : bytes
        Of `pack`.
    source : str or path-like
        What the messages call it.

    Returns
    -------
    model : str
    people : dict of str to Person
    threshold : float or None

    Raises
    ------
    ValueError
        If it is no such file, of another version, or says what cannot be.
    """
    header, sums = _members(_unseal(data, source), source)
    version = header.get("version")
    if version not in (VERSION, WITH_THRESHOLD) or isinstance(version, bool):
        raise ValueError(
            f"{source} has format version {version!r:.40}, this package reads {VERSION} and"
            f" {WITH_THRESHOLD}"
        )
    try:
        return _check_model(header), _check_people(header, sums), _check_threshold(header)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{source} is no gallery that can be used: {error}") from error


def _members(archive, source):
    """Return the header, a dict, and the sums of an archive, as they are there."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            parts = {part.filename: part for part in file.infolist()}
            stored = all(part.compress_type == zipfile.ZIP_STORED for part in parts.values())
            if {*parts} != {"header.npy", "sums.npy"} or not stored:
                raise ValueError(f"it holds {', '.join(parts)}")
            header = _array(file.read("header.npy"), np.uint8, (1,))
            sums = _array(file.read("sums.npy"), np.float64, (1, 2))
        header = json.loads(header.tobytes(), parse_constant=_refuse)
    except (Exception, RecursionError) as error:  # a zip file may be wrong in many ways
        raise ValueError(f"{source} is no gallery that this package wrote: {error}") from error
    if not isinstance(header, dict):
        raise ValueError(f"{source} is no gallery that this package wrote: its header is no dict")
    return header, sums


def _array(content, dtype, ranks):
    """Return the array of a ``.npy`` file that holds as many bytes as it says."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array has an unknown version")
    with PARSING:
        shape, by_columns, found = np.lib.format.read_array_header_1_0(file)
    body = content[file.tell() :]
    if found != dtype or by_columns or len(shape) not in ranks:
        raise ValueError(f"an array has dtype {found} and shape {shape}")
    if math.prod(shape) * found.itemsize != len(body) or min(shape) < 0:
        raise ValueError(f"an array has shape {shape}, and {len(body)} bytes")
    return np.frombuffer(body, dtype).reshape(shape)


def _refuse(constant):
    raise ValueError(f"its header holds {constant}")


def _check_model(header):
    return check_model_name(header.get("model"))


def check_model_name(model):
    """Return what made the embeddings, if it is a text of no more than 1,000 letters.

    Parameters
    ----------
    model : str
        Such as a SHA-256; empty if it is not told.

    Returns
    -------
    str
    """
    if not isinstance(model, str):
        raise TypeError(f"model must be a str, got {model!r:.80}")
    if len(model) > LONGEST_MODEL:
        raise ValueError(f"model must have at most {LONGEST_MODEL} letters, got {len(model)}")
    return model


def _check_threshold(header):
    if (header["version"] == WITH_THRESHOLD) != ("threshold" in header):
        raise ValueError("it has a threshold in format version 2, and none in 1")
    return check_threshold(header["threshold"]) if "threshold" in header else None


def check_threshold(threshold):
    """Return a threshold if it is a cosine.

    Parameters
    ----------
    threshold : float
        From −1 to 1.

    Returns
    -------
    float
    """
    return float(check_number("threshold", threshold, -1, 1))


def _check_people(header, sums):
    """Return the people, if names, counts and sums belong together and are possible."""
    names, counts = (_check_list(header, key) for key in ("names", "counts"))
    if not len(names) == len(counts) == len(sums) or sums.ndim != (2 if names else 1):
        raise ValueError(
            f"it has {len(names)} names, {len(counts)} counts and sums of shape {sums.shape}"
        )
    if len({*map(str, names)}) < len(names):
        raise ValueError("it holds a name twice")
    _check_counts(names, counts, sums)
    origins, people = _check_origins(header.get("origins", {}), {*names}), {}
    for name, count, total in zip(names, counts, sums, strict=True):
        person, name_ = Person(total, count, origins.get(name, ())), clean_name(name)
        people[name_] = merge(people[name_], person) if name_ in people else person
    if len(people) < len(names):  # two spellings of one name
        merged = people.values()
        _check_counts([*people], [p.count for p in merged], np.array([p.total for p in merged]))
    return people


def merge(one, other):
    """Return a person of whom there are the pictures of both.

    Parameters
    ----------
    one, other : Person
        As they are in a gallery.

    Returns
    -------
    Person
    """
    origins = (*one.origins, *other.origins)
    return Person(one.total + other.total, one.count + other.count, origins)


def _check_list(header, key):
    if not isinstance(header.get(key), list):
        raise ValueError(f"its {key} must be a list, got {header.get(key)!r:.40}")
    return header[key]


def _check_counts(names, counts, sums):
    """Check that each sum can be one of so many embeddings of length 1."""
    for name, count in zip(names, counts, strict=True):
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 2**53:
            raise ValueError(
                f"the count of {name!r:.40} must be a number from 1, got {count!r:.40}"
            )
    if names:
        lengths, counts = np.linalg.norm(sums, axis=1), np.array(counts, float)
        possible = (lengths >= MEAN_LENGTH * counts) & (lengths <= (1 + MEAN_LENGTH) * counts)
        if not possible.all():  # NaN is neither
            n = int(np.argmin(possible))
            raise ValueError(
                f"the sum of {counts[n]:.0f} embeddings of length 1 of {names[n]!r:.40} cannot have"
                f" length {lengths[n]}"
            )


def _check_origins(origins, names):
    fits = isinstance(origins, dict) and {*origins} <= names
    if not fits or not all(isinstance(some, list) for some in origins.values()):
        raise ValueError(f"its origins must be a list for each name, got {origins!r:.40}")
    if not all(isinstance(origin, str) for some in origins.values() for origin in some):
        raise ValueError("its origins must be texts")
    return {name: tuple(some) for name, some in origins.items()}


def _seal(archive):
    """Return a zip archive with a comment at its end: the SHA-256 of all that is before it."""
    body = archive[:-2] + DIGEST.to_bytes(2, "little")  # the comment's length, until now 0
    return body + hashlib.sha256(body).digest()


def _unseal(data, source):
    """Return the bytes of a sealed archive if they are those that were written."""
    if hashlib.sha256(data[:-DIGEST]).digest() != data[-DIGEST:]:
        raise ValueError(f"{source} is no gallery that this package wrote, or it is damaged")
    return data
