"""Images that stay in their files until they are asked for."""

import numpy as np

from facebook_tut._pictures import read_picture
from facebook_tut._validation import check_flag, check_path
from facebook_tut.preprocessing.network_input import INPUT_SIZE, fit_picture


def read_image(path, *, colour=True):
    """Read a picture file as what the network reads.

    Parameters
    ----------
    path : str or path-like
        A file in any format that Pillow reads, of any size and mode.
    colour : bool
        As in `preprocessing.fit_picture`.

    Returns
    -------
    ndarray, (64, 64, 3), float32
        From 0 to 1, upright.

    Raises
    ------
    OSError, ValueError
        As `preprocessing.read_picture`, or if it is smaller than 25 pixels either way.

    Examples
    --------
    >>> read_image("no-such-photo.jpg")
    Traceback (most recent call last):
        ...
    FileNotFoundError: there is no picture file no-such-photo.jpg
    """
    return fit_picture(read_picture(path), colour=colour)


class ImageFiles:
    """Images that are read by rows, as those of an array are taken, and not kept.

    Parameters
    ----------
    paths : iterable of str or path-like
        The files, as `read_image` reads them.
    colour : bool
        As in `preprocessing.fit_picture`.

    Attributes
    ----------
    shape : tuple of int
        ``(N, 64, 64, 3)``.
    dtype : numpy.dtype
        float32.
    failure : Exception or None
        Why the last image could not be read, if so: what calls `read` may hide it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as folder:
    ...     paths = [f"{folder}/{name}.png" for name in "ab"]
    ...     for path in paths:
    ...         Image.new("RGB", (40, 30), "red").save(path)
    ...     files = ImageFiles(paths)
    ...     files.shape, files[[1]].shape, files[:0].shape
    ((2, 64, 64, 3), (1, 64, 64, 3), (0, 64, 64, 3))
    """

    dtype = np.dtype(np.float32)

    def __init__(self, paths, *, colour=True):
        self.paths = tuple(check_path("paths", path) for path in paths)
        self.colour = check_flag("colour", colour)
        self.failure = None

    @property
    def shape(self):
        """``(N, 64, 64, 3)``."""
        return (len(self.paths), INPUT_SIZE, INPUT_SIZE, 3)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, rows):
        chosen = np.arange(len(self))[rows]
        if chosen.ndim == 0:
            return self.read(chosen)
        images = [self.read(row) for row in chosen]
        return np.stack(images) if images else np.empty((0, *self.shape[1:]), self.dtype)

    def of(self, rows):
        """Return some of the files, none of them read.

        Parameters
        ----------
        rows : iterable of int
            Which ones.

        Returns
        -------
        ImageFiles
        """
        return ImageFiles([self.paths[row] for row in rows], colour=self.colour)

    def read(self, row):
        """Read one image.

        Parameters
        ----------
        row : int
            Which one.

        Returns
        -------
        ndarray, (64, 64, 3), float32
        """
        try:
            return read_image(self.paths[row], colour=self.colour)
        except Exception as error:
            self.failure = error
            raise
