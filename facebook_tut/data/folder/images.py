"""The images of a folder, in three splits."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facebook_tut._table import as_table
from facebook_tut._validation import check_flag, check_seed
from facebook_tut.data import Dataset, Splits
from facebook_tut.data.files import ImageFiles
from facebook_tut.data.folder.classes import _check_folder, _classes, _ordered, _pictures_of
from facebook_tut.data.folder.reading import _read, _without_contradictions
from facebook_tut.data.folder.splitting import _check_enough, _groups, _split


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


def load_folder(path, *, seed=0, positive=None, colour=True, stream=False, progress=True):
    """Load the images of a folder that holds one folder for each class, in three splits.

    A picture of any size and mode is turned upright, and the largest square at its centre becomes
    an image (`preprocessing.fit_picture`). Pictures in folders within a class's folder belong to
    that class too. Each class is split 60 : 20 : 20 into training, validation and test. Copies of
    one picture, also smaller, darker or compressed ones, are in one split: the network would
    otherwise be tested on what it has learned by heart. A picture that is in two classes is left
    out of both.

    Parameters
    ----------
    path : str or path-like
        The folder. The names of its folders, in any script, are the classes' names.
    seed : int
        Of the split. The same seed and the same pictures give the same split.
    positive : str, optional
        Of two classes, the one with label 1. If not given, the names are sorted as Python sorts
        texts, and the second has it.
    colour : bool
        As in `preprocessing.fit_picture`. `detection.detect_faces` needs a network that was trained
        without.
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
    label = {name: number for number, name in enumerate(names)}
    labels = np.array([label[one.name] for one in found], dtype=int)
    _check_enough(path, names, labels, groups, skipped)
    parts = _split(labels, groups, np.random.default_rng(seed))
    splits = [_dataset([found[r] for r in rows], labels[rows], colour, stream) for rows in parts]
    return ImageFolder(
        path,
        Splits(*splits),
        tuple(names),
        tuple(sorted(skipped, key=lambda one: one.path)),
        len(ignored),
        len(found) - len(set(groups.tolist())),
        {one.source: one.digest for one in found},
    )


def _dataset(pictures, labels, colour, stream):
    if stream:
        images = ImageFiles([one.path for one in pictures], colour=colour)
    else:
        images = np.stack([one.image for one in pictures])
    return Dataset(images, labels, [one.source for one in pictures], int(labels.max()) + 1)
