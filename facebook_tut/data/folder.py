"""Your own images: a folder that holds one folder for each class."""

import hashlib
import os
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from facebook_tut._folders import (
    Item,
    entries_of,
    is_folder,
    key_of,
    pictures_below,
    read_before,
    reason,
)
from facebook_tut._pictures import looks_like_picture
from facebook_tut._progress import progress_bar
from facebook_tut._table import as_table
from facebook_tut._validation import check_flag, check_path, check_seed
from facebook_tut.data import MOST_CLASSES, SHARES, Dataset, Splits
from facebook_tut.data.files import ImageFiles, read_image
from facebook_tut.preprocessing.copies import close_hashes, grey_detail, hash_bits

FEWEST = len(SHARES)  # different pictures of a class: one for each split
DISTANCE, CORRELATION = 10, 0.95  # of copies, as in `cleaning.near_duplicates`
NO_CLASS = "it is of no class: each class's pictures lie in a folder named after it"


@dataclass(frozen=True)
class Skipped:
    """What lies in a folder and is not among its images, and why.

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


@dataclass(frozen=True)
class ImageFolder:
    """The images of a folder in three splits, and what was left out of them.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    splits : Splits
        Training, validation and test. A source is a file's path below the folder.
    class_names : tuple of str
        The name of label 0, of label 1 and so on.
    skipped : tuple of Skipped
        What is not among the images.
    ignored : int
        How many files and folders were not looked at: hidden ones, and the system's own.
    copies : int
        How many images are copies of an earlier one. They are all kept, in the split of that one.
    digests : dict of str to str
        By its source, the SHA-256 of each file: by it an image is known in another folder too.

    Examples
    --------
    `load_folder` makes one.
    """

    path: Path
    splits: Splits
    class_names: tuple
    skipped: tuple
    ignored: int
    copies: int
    digests: dict

    @property
    def counts(self):
        """Images of each class in each split, (classes, 3), int."""
        number = len(self.class_names)
        counts = [np.bincount(split.labels.astype(int), minlength=number) for split in self.splits]
        return np.stack(counts, axis=1)

    @property
    def imbalance(self):
        """How many times as many training images the largest class has as the smallest."""
        return float(self.counts[:, 0].max() / self.counts[:, 0].min())

    def __str__(self):
        rows = [
            {"class": name, "label": label, "training": a, "validation": b, "test": c}
            for label, (name, (a, b, c)) in enumerate(
                zip(self.class_names, self.counts.tolist(), strict=True)
            )
        ]
        text = [as_table(rows, list(rows[0]))]
        if self.skipped:
            rows = [{"skipped": one.path, "why": one.why} for one in self.skipped]
            text += ["", as_table(rows, ["skipped", "why"])]
        text.append(f"\nignored: {self.ignored} hidden or of the system")
        text.append(f"copies, each in the split of its original: {self.copies}")
        return "\n".join(text)


def class_names(path):
    """Return the names of a folder's classes, in the order of their letters; no picture is read.

    Parameters
    ----------
    path : str or path-like
        As in `load_folder`.

    Returns
    -------
    list of str

    Raises
    ------
    OSError, ValueError
        As `load_folder`.

    Examples
    --------
    >>> class_names("no-such-folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: there is no folder no-such-folder
    """
    path = _check_folder(path)
    return sorted(_classes(path, [])[0])


def load_folder(path, *, seed=0, positive=None, colour=True, stream=False, progress=True):
    """Load the images of a folder that holds one folder for each class, in three splits.

    A picture of any size and mode is turned upright; the largest square at its centre becomes an
    image (`preprocessing.fit_picture`). Pictures in folders within a class's folder are of that
    class too. Of each class 60 : 20 : 20 are for training, validation and test. Copies of one
    picture, also smaller, darker or compressed ones, stand in one split, else the network would be
    asked what it learned by heart. A picture that lies in two classes is left out of both.

    Parameters
    ----------
    path : str or path-like
        The folder. The names of its folders, in any script, are the classes' names.
    seed : int
        Of the split. The same seed and the same pictures give the same split.
    positive : str, optional
        Of two classes, which one has the label 1. If not given, labels follow the names in the
        order of their letters, so that the last one has it.
    colour : bool
        As in `preprocessing.fit_picture`. Without, a network suits `detection.detect_faces`.
    stream : bool
        Keep no image: read each from its file whenever it is needed, through ``tf.data`` in
        `training.fit`. For pictures that do not fit into memory.
    progress : bool
        Show a progress bar while the pictures are read.

    Returns
    -------
    ImageFolder
        ``print`` shows its classes and what was skipped.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it is a file, it holds fewer than two classes, a class holds fewer than three different
        pictures, or `positive` names no class.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> rng = np.random.default_rng(0)
    >>> with TemporaryDirectory() as path:
    ...     for name in ("brick/1.png", "brick/2.png", "brick/3.png", "猫/1.png", "猫/2.png",
    ...                  "猫/3.png", "猫/notes.txt"):
    ...         (file := Path(path, name)).parent.mkdir(exist_ok=True)
    ...         if file.suffix == ".txt":
    ...             _ = file.write_text("no picture")
    ...         else:
    ...             Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8)).save(file)
    ...     print(load_folder(path, progress=False))
    class  label  training  validation  test
    brick  0      1         1           1
    猫     1      1         1           1
    <BLANKLINE>
    skipped       why
    猫/notes.txt  not a picture
    <BLANKLINE>
    ignored: 0 hidden or of the system
    copies, each in the split of its original: 0
    """
    path = _check_folder(path)
    check_seed("seed", seed)
    check_flag("colour", colour)
    check_flag("stream", stream)
    ignored = []
    folders, items, seen = _classes(path, ignored)
    names = _ordered(path, list(folders), positive)
    for name in names:
        items += _pictures_of(name, folders[name], seen, ignored)
    found, skipped = _read(path, items, colour, stream, progress)
    found = _without_contradictions(found, skipped)
    groups = _groups(found)
    labels = np.array([names.index(one.name) for one in found], dtype=int)
    _check_enough(path, names, labels, groups, skipped)
    parts = _split(labels, groups, np.random.default_rng(seed))
    splits = [_dataset([found[row] for row in rows], names, colour, stream) for rows in parts]
    return ImageFolder(
        path,
        Splits(*splits),
        tuple(names),
        tuple(sorted(skipped, key=lambda one: one.path)),
        len(ignored),
        len(found) - len(set(groups.tolist())),
        {one.source: one.digest for one in found},
    )


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


# What lies in the folder


def _check_folder(path):
    path = check_path("path", path)
    if not path.exists():
        raise FileNotFoundError(f"there is no folder {path}")
    if not path.is_dir():
        raise ValueError(f"path must be a folder with one folder for each class, {path} is a file")
    return path


def _classes(path, ignored):
    """Return the folders of the classes by name, what else lies beside them, and all as seen."""
    folders, others, seen = {}, [], {}
    read_before(path, seen)
    for entry in entries_of(path, ignored):
        if not is_folder(entry):
            others += [Item(item.path, item.why or NO_CLASS) for item in _judge(entry)]
            continue
        name = _class_name(entry)
        if name in folders:
            raise ValueError(f"{path} must hold one folder for each class, got {name!r} twice")
        if before := read_before(entry, seen):
            raise ValueError(f"each class must have pictures of its own, got {entry}: {before}")
        folders[name] = entry
    if not 2 <= len(folders) <= MOST_CLASSES:
        found = f"{len(folders)}: {', '.join(map(repr, folders))}" if folders else "none"
        raise ValueError(f"{path} must hold a folder for each class, two or more, got {found}")
    return folders, others, seen


def _class_name(folder):
    """Return the name of a class: of the two spellings that Unicode has of "é" the composed one."""
    try:
        return unicodedata.normalize("NFC", os.fsencode(folder.name).decode())
    except UnicodeError as error:
        raise ValueError(f"a class's name must be text in UTF-8, got {folder.name!a}") from error


def _ordered(path, names, positive):
    """Return the names of the classes in the order of their labels."""
    names = sorted(names)
    if positive is None:
        return names
    if not isinstance(positive, str):
        raise TypeError(f"positive must be the name of a class, got {positive!r}")
    positive = unicodedata.normalize("NFC", positive)
    if positive not in names or len(names) != 2:
        wanted = f"positive must be one of two classes of {path}, got {positive!r}"
        raise ValueError(f"{wanted}, and the classes are {', '.join(map(repr, names))}")
    return sorted(names, key=lambda name: name == positive)


def _pictures_of(name, folder, seen, ignored):
    """Return the pictures in a class's folder, and what is none."""
    del seen[key_of(folder)]  # the others' remain: a link to them is not followed
    items = pictures_below(folder, seen, _judge, ignored)
    return [Item(item.path, item.why, name) for item in items]


def _judge(path):
    """Return a file as a picture, or as something that is none and why."""
    try:
        if path.is_symlink() and not path.exists():
            return [Item(path, "a link that leads nowhere")]
        if not path.is_file():
            return [Item(path, "not a file")]
        return [Item(path, "" if looks_like_picture(path) else "not a picture")]
    except OSError as error:
        return [Item(path, reason(error))]


# Reading


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
    """Leave out pictures that lie in two classes: nobody knows which one is right."""
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


# Splitting


def _groups(found):
    """Return for each picture the number of its group, in which all are copies of each other."""
    if not found:
        return np.empty(0, dtype=int)
    bits, detail = (np.stack([getattr(one, name) for one in found]) for name in ("bits", "detail"))
    left, right = close_hashes(bits, bits, DISTANCE).T
    same = np.array([one.pixels for one in found], dtype=object)
    alike = (detail[left] * detail[right]).sum(axis=1) >= CORRELATION
    alike |= same[left] == same[right]  # an image of one colour correlates with none
    pairs = (left[alike], right[alike])
    links = coo_array((np.ones(len(pairs[0]), bool), pairs), shape=(len(found),) * 2)
    return connected_components(links, directed=False)[1]


def _check_enough(path, names, labels, groups, skipped):
    """Check that each class has a group of copies for each split."""
    for label, name in enumerate(names):
        count = len(set(groups[labels == label].tolist()))
        if count >= FEWEST:
            continue
        pictures = int((labels == label).sum())
        text = (
            f"class {name!r} of {path} must hold {FEWEST} different pictures or more, got {count}"
        )
        text += f" ({pictures} with copies)" if pictures > count else ""
        why = Counter(one.why for one in skipped if one.name == name)
        text += "".join(f"; {number} skipped: {each}" for each, number in why.most_common(3))
        raise ValueError(text)


def _split(labels, groups, rng):
    """Return the rows of the training, the validation and the test images.

    Groups of copies, the largest first, and else in an order that `rng` sets, go one by one to the
    split that lacks most of what it should have of the group's class.
    """
    count = labels.max() + 1
    wanted = np.outer(SHARES, np.bincount(labels))  # (3, classes)
    lacking, rows = wanted.copy(), [[], [], []]
    members = [np.flatnonzero(groups == group) for group in rng.permutation(groups.max() + 1)]
    for group in sorted(members, key=len, reverse=True):
        of_class = np.bincount(labels[group], minlength=count)
        split = int(np.argmax((lacking / wanted)[:, of_class > 0].sum(axis=1).round(9)))
        lacking[split] -= of_class
        rows[split] += group.tolist()
    return [np.sort(part) for part in rows]


def _dataset(pictures, names, colour, stream):
    if stream:
        images = ImageFiles([one.path for one in pictures], colour=colour)
    else:
        images = np.stack([one.image for one in pictures])
    labels = np.array([names.index(one.name) for one in pictures])
    labels = labels.astype(np.float32) if len(names) == 2 else labels
    return Dataset(images, labels, [one.source for one in pictures], len(names))
