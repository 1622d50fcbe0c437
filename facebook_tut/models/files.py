"""Networks in files, which may come from anybody."""

import zipfile

from facebook_tut import _keras_files
from facebook_tut._backend import on_keras
from facebook_tut._files import check_writable, replacing
from facebook_tut._validation import check_file
from facebook_tut.models.checks import check_network
from facebook_tut.models.notes import _read_notes, _write_notes, add_notes


def save_model(model, path, *, overwrite=False):
    """Save a network in Keras' own format: layout, weights and optimiser in one file.

    What `add_notes` gave it, such as the names of its classes, goes into the file's metadata, which
    Keras' own `load_model` passes over.

    What it was compiled with is left out where no file can hold it: a loss, metric or schedule that
    is neither Keras' or the package's own, nor registered by
    ``keras.saving.register_keras_serializable``. The network then predicts as before, and is to be
    compiled anew before it is trained further.

    Parameters
    ----------
    model : keras.Model
        The network, with one input, one output and finite weights.
    path : str or path-like
        The file, whose name ends in ``.keras``. It is written whole or not at all.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        If the name does not end in ``.keras``.
    OSError
        If the file exists and `overwrite` is false, or its folder is missing or not writable.

    Examples
    --------
    >>> from facebook_tut.models.classifier import build_classifier
    >>> save_model(build_classifier(), "face.h5")
    Traceback (most recent call last):
        ...
    ValueError: path must end in .keras, got face.h5
    """
    check_network(model)
    path = check_writable(path, overwrite=overwrite, suffix=".keras")
    with replacing(path, overwrite=overwrite) as temporary:
        _keras_files.that_can_be_saved(model).save(temporary)
        if notes := getattr(model, "_facebook_tut_notes", None):
            _write_notes(temporary, notes)
    return path


@on_keras
def load_model(path):
    """Load a network that `save_model` wrote.

    The file may come from anybody. It is looked at before anything is built: no code in it runs, no
    other file is read, and it takes no more memory than some ten times its size.

    Parameters
    ----------
    path : str or path-like
        A ``.keras`` file of 4 GiB at most, whose parts are not compressed: as Keras writes them.

    Returns
    -------
    keras.Model
        Compiled as it was, if its optimiser, loss and metrics can be read back.

    Raises
    ------
    OSError
        If there is no such file, or it must not be read.
    TypeError, ValueError
        If it is not a whole ``.keras`` file, holds code (Lambda layers), points at other files, or
        its network is not as `check_network` wants it.

    Examples
    --------
    >>> load_model("no-such-model.keras")
    Traceback (most recent call last):
        ...
    FileNotFoundError: there is no model file no-such-model.keras
    """
    path = check_file("path", path, "model")
    import facebook_tut.metric_learning.losses  # noqa: F401 - what files may name is registered

    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError(f"{path} is not a whole .keras file: truncated, or of another kind")
        try:
            model = _keras_files.load(path, file)
            if notes := _read_notes(file):
                add_notes(model, notes)
        except Exception as error:
            reason = " ".join(f"{error}".split())[:300] or type(error).__name__
            raise ValueError(f"{path} is not a .keras file that can be loaded: {reason}") from error
    return check_network(model, str(path))
