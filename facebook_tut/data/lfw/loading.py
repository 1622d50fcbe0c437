"""Where the photographs of LFW are: a path, an environment variable, or scikit-learn."""

import os
import warnings
from pathlib import Path

from facebook_tut.data.lfw.lists import LISTS
from facebook_tut.data.lfw.people import LFW

VARIABLE = "FACEBOOK_TUT_DATA"
PEOPLE_FOLDERS = ("lfw-deepfunneled", "lfw_funneled", "lfw", "")
IMAGES_ADDRESS = "https://ndownloader.figshare.com/files/5976015"  # scikit-learn's


def load_lfw(path=None):
    """Find the data set on the disk, or let scikit-learn download it.

    Parameters
    ----------
    path : str or path-like, optional
        A folder that holds ``lfw-deepfunneled``, ``lfw_funneled`` or ``lfw``, or the folders of
        the people themselves, with the lists (``pairs.txt``, ``people.txt`` and the four ``Dev``
        ones) in it or beside it. Images may have any size; the whole frame is wanted. Without it,
        the environment variable ``FACEBOOK_TUT_DATA`` names the folder, or one that holds it as
        ``lfw``. Without that, scikit-learn's copy is used, which it downloads on first use (about
        230 MB, checked by checksum; lists of pairs but none of people).

    Returns
    -------
    LFW

    Raises
    ------
    FileNotFoundError
        If there is none; the message says what to do.

    References
    ----------
    Huang, Ramesh, Berg and Learned-Miller (2007), Labeled Faces in the Wild, University of
    Massachusetts, Amherst, Technical Report 07-49.

    Examples
    --------
    >>> load_lfw("no-such-folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: path: there is no folder no-such-folder
    """
    named = "path" if path is not None else VARIABLE
    path = path if path is not None else os.environ.get(VARIABLE)
    if not path:
        return LFW(_scikit_learn_folder())
    if not Path(path).is_dir():
        raise FileNotFoundError(f"{named}: there is no folder {path}")
    folder = _people_folder(Path(path))
    if folder is None:
        raise FileNotFoundError(
            f"{named}: {path} holds none of LFW's images; wanted is a folder with "
            "lfw-deepfunneled/Abdullah_Gul/Abdullah_Gul_0001.jpg and so on in it"
        )
    return LFW(folder)


def _people_folder(path):
    """Return the folder below `path` that holds the folders of the people, or None."""
    for folder in (base / name for base in (path, path / "lfw") for name in PEOPLE_FOLDERS):
        if next(folder.glob("*/*_0001.jpg"), None):
            return folder
    return None


def _scikit_learn_folder():
    """Return the folder of the people in scikit-learn's copy, downloaded if it is not there."""
    from sklearn.datasets import fetch_lfw_pairs, get_data_home

    home = Path(get_data_home()) / "lfw_home"
    lists = all((home / name).is_file() for name in LISTS if name.startswith("pairs"))
    if not lists or _people_folder(home) is None:
        try:
            with warnings.catch_warnings(action="ignore"):  # of every new attempt
                fetch_lfw_pairs(subset="test", resize=0.1)  # the least that downloads it all
        except OSError as error:
            raise FileNotFoundError(
                f"LFW is neither here nor can it be downloaded ({error}). Give its folder as "
                f"`path` or in the environment variable {VARIABLE}, or go online: scikit-learn "
                f"then downloads it from {IMAGES_ADDRESS} to {home}"
            ) from None
    folder = _people_folder(home)
    if folder is None:
        raise FileNotFoundError(f"scikit-learn's folder {home} holds none of LFW's images")
    return folder
