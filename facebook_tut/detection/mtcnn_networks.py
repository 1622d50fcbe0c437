"""MTCNN's three networks, with the weights that come with the package `mtcnn`."""

import hashlib
import importlib.util
import io
from functools import cache
from pathlib import Path

from facebook_tut._validation import check_choice

SIDES = {"pnet": (None, None), "rnet": (24, 24), "onet": (48, 48)}  # of the images they read
# Of the files in mtcnn 1.0.0. They are pickles, which could run any code: these were looked into
# and hold NumPy arrays alone. Others are not opened.
WEIGHTS = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}


@cache
def _compiled(name):
    """Return one of the three networks as a function of a batch of normalised images."""
    import tensorflow as tf

    model = load_network(name)
    images = tf.TensorSpec((None, *SIDES[name], 3))

    @tf.function(input_signature=[images], autograph=False)
    def run(batch):
        return model(batch, training=False)

    return run


def load_network(name):
    """Return one of the three networks with its weights.

    Parameters
    ----------
    name : str
        "pnet", "rnet" or "onet".

    Returns
    -------
    keras.Model
        From images normalised to about −1 to 1, (N, H, W, 3), to moves of the boxes and scores;
        O-Net gives points between the two.

    Raises
    ------
    ImportError
        If the weights of `mtcnn` are not those of version 1.0.0.

    Examples
    --------
    >>> load_network("pnet").count_params()
    6632
    """
    from facebook_tut._backend import keras  # noqa: F401, I001  (its settings come first)
    import joblib
    import lz4.frame
    from mtcnn.network.onet import ONet
    from mtcnn.network.pnet import PNet
    from mtcnn.network.rnet import RNet

    check_choice("name", name, tuple(SIDES))
    model = {"pnet": PNet, "rnet": RNet, "onet": ONet}[name]()
    model.build()
    # Unpacked here: under Python 3.13 the file that joblib leaves to lz4 complains at its end.
    unpacked = lz4.frame.decompress(_checked_weights(name).read_bytes())
    model.set_weights(joblib.load(io.BytesIO(unpacked)))
    return model


def _checked_weights(name):
    """Return the path of a network's weights in the installed package, if they are those known.

    The package itself would take a file of that name in the working folder first.
    """
    [folder] = importlib.util.find_spec("mtcnn").submodule_search_locations
    path = Path(folder) / "assets" / "weights" / f"{name}.lz4"
    if hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS[name]:
        raise ImportError(f"mtcnn must be version 1.0.0, whose weights are known: {path} is not")
    return path
