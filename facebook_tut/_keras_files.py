"""The content of a ``.keras`` file is looked at before Keras builds anything of it.

A file from anywhere may name functions to call, declare weights that fill the memory, or point at
other files. What one may hold is listed here; all else is refused, whatever Keras' version.
"""

import io
import json
import math
import re
import sys
import warnings
import zipfile
from contextlib import contextmanager
from threading import RLock, get_ident
from types import FunctionType
from unittest.mock import patch

import numpy as np

from facebook_tut._backend import keras

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MEMBERS = (CONFIG, "metadata.json", WEIGHTS)
MOST_BYTES = 4 * 2**30  # of a file
DEEPEST = 100  # objects within objects
SPARE = 2**20  # numbers that a network may make without a byte for them in its file
NAMESPACES = (
    r"keras(\.(activations|constraints|dtype_policies|initializers|layers|losses|metrics|models"
    r"|optimizers|optimizers\.schedules|quantizers|regularizers))?"
    r"|keras\.src\.(models\.(functional|model|sequential)|ops\.\w+)"
)
KINDS = (
    *(keras.Operation, keras.DTypePolicy, keras.quantizers.Quantizer),
    *(keras.initializers.Initializer, keras.regularizers.Regularizer),
    *(keras.constraints.Constraint, keras.losses.Loss, keras.metrics.Metric),
    *(keras.optimizers.Optimizer, keras.optimizers.schedules.LearningRateSchedule),
)
FUNCTIONS = (keras.losses, keras.metrics, keras.activations, keras.initializers)
PLAIN = ("__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__")
# They hold code, read other files, or work long before a network sees an image.
REFUSED = (
    r"Lambda|\w*(Lookup|Vectorization|SMLayer|axLayer|ModuleWrapper|Spectrogram|RNN|LSTM|GRU)\w*"
)

_one_at_a_time = RLock()


def load(path, file):
    """Return the network in a ``.keras`` file, without its compile state if that cannot be read.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    file : binary file
        The same, open.

    Returns
    -------
    keras.Model

    Raises
    ------
    Exception
        Of any kind, if it is not such a file.
    """
    config, weights = read(file)
    check_objects({**config, "compile_config": None})
    check_weights(weights)
    numbers = 2 * len(weights) + SPARE  # eight bytes for each byte of the file
    del weights
    if is_readable(config.get("compile_config")):
        try:
            return _build(path, numbers, compile=True)
        except Exception:
            pass  # the network may be right, and only its optimiser not
    return _build(path, numbers, compile=False)


def that_can_be_saved(model):
    """Return a network, or a copy without its compile state if no file can hold that.

    Parameters
    ----------
    model : keras.Model
        Built.

    Returns
    -------
    keras.Model
    """
    if not model.compiled or _can_be_written(model):
        return model
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare


def _can_be_written(model):
    """Return whether a file can hold all that a network was compiled with."""
    parts = keras.tree.flatten(model._compile_config.config)
    if not all(_is_known(part) for part in parts if isinstance(part, FunctionType)):
        return False
    try:
        return is_readable(model.get_compile_config())
    except (TypeError, ValueError, NotImplementedError):
        return False


def _is_known(function):
    """Return whether a function is found again by its name, and no other of the same name."""
    registered = keras.saving.get_registered_name(function)
    return keras.saving.get_registered_object(registered) is function or any(
        vars(place).get(function.__name__) is function for place in FUNCTIONS
    )


def _build(path, numbers, compile):
    from keras.src.saving.serialization_lib import SafeModeScope

    safe = SafeModeScope(True)  # whatever the caller has set in Keras
    with safe, _bounded(numbers), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipping variable loading")  # it was never used
        model = keras.saving.load_model(path, compile=compile, safe_mode=True)
    if not isinstance(model, keras.Model):
        raise ValueError(f"it must hold a network, got {type(model).__name__}")
    return model


def read(file):
    """Return the content of a ``.keras`` file: its configuration, and the bytes of its weights.

    Parameters
    ----------
    file : binary file
        Of any size: no more is read than it has.

    Returns
    -------
    config : dict
    weights : bytes

    Raises
    ------
    ValueError
        If a part is missing, compressed, too much, or no JSON.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w") as archive:
    ...     archive.writestr("config.json", "{}")
    >>> read(file)
    Traceback (most recent call last):
        ...
    ValueError: it must hold config.json, metadata.json and model.weights.h5, got config.json
    """
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        names = sorted(member.filename for member in members)
        if names != sorted(MEMBERS):
            wanted, found = " and ".join(MEMBERS).replace(" and ", ", ", 1), ", ".join(names)
            raise ValueError(f"it must hold {wanted}, got {found[:200] or 'nothing'}")
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("its parts must not be compressed")
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise ValueError(f"it must have {MOST_BYTES:,} bytes at most")
        return _parsed(archive.read(CONFIG)), archive.read(WEIGHTS)


def _parsed(text):
    try:
        config = json.loads(text)
    except RecursionError:
        raise ValueError(f"{CONFIG} must not be nested so deeply") from None
    if not isinstance(config, dict) or "class_name" not in config:
        raise ValueError(f"{CONFIG} must describe a network")
    return config


def check_objects(config):
    """Check that a configuration builds networks and their parts, and nothing else.

    Parameters
    ----------
    config : dict
        As Keras writes it.

    Raises
    ------
    ValueError
        If it names anything else, or a network is no graph.

    Examples
    --------
    >>> check_objects({"module": "os", "class_name": "system", "config": {"command": "ls"}})
    Traceback (most recent call last):
        ...
    ValueError: system of os is no part of a network
    """
    waiting = [(config, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise ValueError(f"{CONFIG} must not be nested so deeply")
        if isinstance(node, dict) and "class_name" in node:
            _check_object(node)
        inner = node.values() if isinstance(node, dict) else node
        waiting += [(one, depth + 1) for one in inner if isinstance(one, dict | list)]


def _check_object(node):
    name, module = node["class_name"], node.get("module")
    if name == "function":
        known = _is_registered(node.get("config")) or _is_function(node)
    elif name in PLAIN or _is_registered(node.get("registered_name")):
        known = True
    else:
        known = _is_part(module, name)
    if not known:
        raise ValueError(f"{name} of {module} is no part of a network"[:300])
    inner = node.get("config")
    if isinstance(inner, dict) and "input_layers" in inner:
        _check_graph(inner["layers"])


def _is_registered(name):
    return isinstance(name, str) and keras.saving.get_registered_object(name) is not None


def _is_function(node):
    """Return whether a function is one of Keras' losses, metrics, activations or initialisers."""
    name, module = node.get("config"), str(node.get("module"))
    if not isinstance(name, str) or module.split(".")[0] not in ("builtins", "keras"):
        return False
    return any(callable(vars(place).get(name)) for place in FUNCTIONS)


def _is_part(module, name):
    """Return whether a class is one of Keras' parts of networks."""
    if not isinstance(module, str) or not re.fullmatch(NAMESPACES, module):
        return False
    if not isinstance(name, str) or re.fullmatch(REFUSED, name):
        return False
    place = sys.modules.get(module)
    if place is None:  # Keras' public modules are loaded as attributes only
        place = keras
        for part in module.split(".")[1:]:
            place = getattr(place, part, None)
    kind = getattr(place, name, None)
    return isinstance(kind, type) and issubclass(kind, KINDS)


def _check_graph(layers):
    """Check that each call of a layer follows on earlier ones: Keras waits for ever for others."""
    calls = {layer["name"]: list(layer["inbound_nodes"]) for layer in layers}
    made = {
        layer["name"]: int(layer["class_name"] in ("InputLayer", "Functional", "Model"))
        for layer in layers
    }
    while any(calls.values()):
        ready = [name for name, left in calls.items() if left and _is_ready(left[0], made)]
        if not ready:
            raise ValueError("its layers must follow on each other, and some never do")
        for name in ready:
            del calls[name][0]
            made[name] += 1


def _is_ready(call, made):
    """Return whether all that a call reads has been made."""
    waiting = [call]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and node.get("class_name") == "__keras_tensor__":
            layer, index, _ = node["config"]["keras_history"]
            if made[layer] <= index:
                return False
        inner = node.values() if isinstance(node, dict) else node
        waiting += [one for one in inner if isinstance(one, dict | list)]
    return True


def check_weights(content):
    """Check that a file of weights holds finite numbers, and all of them itself.

    Parameters
    ----------
    content : bytes
        Of an HDF5 file.

    Raises
    ------
    ValueError, OSError
        If it holds links, other than numbers, more than it has bytes, or NaN.
    """
    import h5py

    with h5py.File(io.BytesIO(content), "r") as file:
        left, groups, seen = len(content), [file], set()
        while groups:
            group = groups.pop()
            for name in group:
                item = _own(group, name, seen)
                if isinstance(item, h5py.Group):
                    groups.append(item)
                else:
                    left -= getattr(item, "nbytes", 0)
                    _check_dataset(item, left)


def _own(group, name, seen):
    """Return what a name in a group stands for, if it is in this file and only once."""
    import h5py

    if type(group.get(name, getlink=True)) is not h5py.HardLink:
        raise ValueError(f"{WEIGHTS} must not hold links")
    item = group[name]
    place = h5py.h5o.get_info(item.id).addr
    if place in seen:
        raise ValueError(f"{WEIGHTS} must not hold links")
    seen.add(place)
    return item


def _check_dataset(item, left):
    import h5py

    if not isinstance(item, h5py.Dataset) or item.is_virtual or item.external:
        raise ValueError(f"{WEIGHTS} must hold its numbers itself")
    if item.dtype.kind not in "biufV" or item.dtype.hasobject:
        raise ValueError(f"{WEIGHTS} must hold numbers, got {item.dtype}")
    if left < 0:
        raise ValueError(f"{WEIGHTS} must not declare more numbers than it has")
    if item.dtype.kind == "f" and not np.isfinite(item[()]).all():
        raise ValueError("its weights must be finite numbers")


def is_readable(state):
    """Return whether a compile state is one that can be read back.

    Parameters
    ----------
    state : dict or None
        As Keras writes it: optimiser, loss and metrics.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_readable({"optimizer": "adam", "loss": "binary_crossentropy"})
    True
    >>> is_readable({"loss": {"module": "mine", "class_name": "function", "config": "my_loss"}})
    False
    """
    try:
        check_objects(state)
    except Exception:
        return False
    return bool(state)


@contextmanager
def _bounded(numbers):
    """Let Keras make only so many numbers for variables, in this thread."""
    original, call = keras.Variable.__init__, keras.layers.Layer.__call__
    left, thread = numbers, get_ident()

    def make(self, initializer, shape=None, *arguments, **options):
        nonlocal left
        left -= math.prod(shape or ()) if get_ident() == thread else 0
        if left < 0:
            raise ValueError("it declares more weights than it holds")
        original(self, initializer, shape, *arguments, **options)

    def called(self, *arguments, **options):
        try:
            return call(self, *arguments, **options)
        except IndexError as error:  # at which Keras would try again, for ever
            raise ValueError(f"{self.name}: {error}") from error

    with (
        _one_at_a_time,
        patch.object(keras.Variable, "__init__", make),
        patch.object(keras.layers.Layer, "__call__", called),
    ):
        yield
