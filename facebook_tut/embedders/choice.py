"""The embedders that have a name, for options of commands and scripts."""

from facebook_tut._validation import check_choice
from facebook_tut.embedders.dlib_network import DlibEmbedder
from facebook_tut.embedders.keras_network import ShippedEmbedder

EMBEDDERS = {"shipped": ShippedEmbedder, "dlib": DlibEmbedder}


def load(name="shipped"):
    """Return an embedder by its name.

    Parameters
    ----------
    name : str
        One of `EMBEDDERS`: ``"shipped"``, which comes with the package, or ``"dlib"``, which is an
        extra.

    Returns
    -------
    Embedder

    Raises
    ------
    ImportError
        If it is an extra that is not installed.
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> load("shipped").name
    'the shipped network'
    >>> load("facenet")
    Traceback (most recent call last):
        ...
    ValueError: name must be one of shipped, dlib, got 'facenet'
    """
    return EMBEDDERS[check_choice("name", name, EMBEDDERS)]()
