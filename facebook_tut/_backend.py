"""The one place where Keras is loaded: settings first, then the import, without native noise."""

import errno
import logging
import os
import sys
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from threading import RLock


def _threads():
    """Return how many threads TensorFlow will use within an operation."""
    asked = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count())
    return int(asked) if asked.isdigit() and int(asked) else len(cores)


# oneDNN is off by default on AVX2 machines and nearly doubles the training speed of our CNN. With
# one thread it damages memory in the gradient of some convolutions (TensorFlow 2.21).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1" if _threads() > 1 else "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _worth_saying(record):
    """Return whether a message of TensorFlow's tells something that a reader can use.

    Every network is traced once or twice; a program that uses five of them in a row is told that
    this is expensive.
    """
    text = record.getMessage()
    return not ("retracing" in text and "TensorFlowTrainer." in text)  # Keras' own


logging.getLogger("tensorflow").addFilter(_worth_saying)


@contextmanager
def native_stderr_hidden():
    """Send what native code writes to standard error to nowhere, for as long as the block runs.

    TensorFlow reports the machine's features on every import, whatever the log level. In a notebook
    that text, with its time stamps, would be stored as output and would never match again. A
    program without standard error, such as a Windows service, has none afterwards either.
    """
    saved, nowhere = _duplicate(2), os.open(os.devnull, os.O_WRONLY)
    if nowhere != 2:  # which it is where 2 was free
        os.dup2(nowhere, 2)
        os.close(nowhere)
    try:
        yield
    finally:
        if saved is None:
            os.close(2)
        else:
            os.dup2(saved, 2)
            os.close(saved)


def _duplicate(number):
    """Return another number for an open file, or None if none is open under this one."""
    try:
        return os.dup(number)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        return None


# Keras, and its settings


class SettingsError(ImportError, ValueError):
    """Keras cannot be loaded as the user has set it: nothing is missing but a right setting."""


def _load_keras():
    """Import Keras; where the user's settings are in the way, say which."""
    try:
        with native_stderr_hidden():
            import keras
    except Exception as error:
        wrong = _settings_given()
        if not wrong:
            raise
        raise SettingsError(
            f"Keras cannot be loaded with the settings in {' and '.join(wrong)}: {error}. Set"
            " KERAS_BACKEND=tensorflow in the environment, and mend the file or remove it"
        ) from error
    return keras


def _settings_given():
    """Return where the user has set Keras."""
    backend = os.environ.get("KERAS_BACKEND")
    file = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "keras.json"
    given = [f"KERAS_BACKEND={backend}"] if backend else []
    return given + ([str(file)] if file.exists() else [])


keras = _load_keras()
_one_at_a_time = RLock()  # Keras' settings are those of the whole process


@contextmanager
def keras_settings(dtype="float32"):
    """Keras' settings as the networks of this package need them, for as long as the block runs.

    ``keras.json``, or the program itself, may have set other ones for other networks: channels
    first, half precision, another epsilon. They hold again afterwards.

    Parameters
    ----------
    dtype : str or keras.DTypePolicy
        What is computed in.

    Examples
    --------
    >>> keras.config.set_dtype_policy("mixed_float16")
    >>> with keras_settings():
    ...     keras.layers.Dense(1).compute_dtype
    'float32'
    >>> keras.layers.Dense(1).compute_dtype
    'float16'
    >>> keras.config.set_dtype_policy("float32")
    """
    policy = keras.dtype_policies.get(dtype)
    wanted = (policy.variable_dtype, 1e-7, "channels_last", policy.name)
    with ExitStack() as stack:
        stack.enter_context(_one_at_a_time)
        found = _settings()
        if found == wanted:
            stack.close()  # others may go on
        else:
            stack.callback(_set, found[:3], keras.config.dtype_policy())
            _set(wanted[:3], policy)
        yield


def _settings():
    config = keras.config
    rest = (config.epsilon(), config.image_data_format(), config.dtype_policy().name)
    return (config.floatx(), *rest)


def _set(settings, policy):
    config = keras.config
    setters = (config.set_floatx, config.set_epsilon, config.set_image_data_format)
    for setter, value in zip(setters, settings, strict=True):
        setter(value)
    config.set_dtype_policy(policy)


# Processes that were forked

_fork = {"too late": False}


def tensorflow_runs():
    """Return whether TensorFlow has run anything in this process: it then has threads.

    Examples
    --------
    >>> keras.ops.ones(2).shape
    TensorShape([2])
    >>> tensorflow_runs()
    True
    """
    module = sys.modules.get("tensorflow.python.eager.context")
    context = module and module.context_safe()
    return bool(getattr(context, "_initialized", False))


def _note_fork():
    """In a new process: note whether TensorFlow ran before. Its threads are then not here."""
    _fork["too late"] |= tensorflow_runs()


if hasattr(os, "register_at_fork"):  # Windows never forks
    os.register_at_fork(after_in_child=_note_fork)


def check_not_forked():
    """Refuse to run a network where it would wait for ever.

    Raises
    ------
    RuntimeError
        If this process is a fork of one in which TensorFlow had run.

    Examples
    --------
    >>> check_not_forked()
    """
    if _fork["too late"]:
        raise RuntimeError(
            "this process is a fork of one that had run a network, and TensorFlow would wait here"
            ' for ever: start processes by "spawn", as multiprocessing.get_context("spawn").Pool()'
            ' or ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) do'
        )


def on_keras(function):
    """Let a function that builds or runs networks do so under the right settings, if it can.

    If its first argument is a network, its precision is set, and else that of this package. Where
    Keras' settings are other ones, threads take turns.

    Parameters
    ----------
    function : callable
        Any.

    Returns
    -------
    callable

    Examples
    --------
    >>> on_keras(lambda: keras.config.floatx())()
    'float32'
    """

    @wraps(function)
    def guarded(*arguments, **options):
        model = arguments[0] if arguments else options.get("model")
        if isinstance(model, keras.Model) or not hasattr(model, "predict_on_batch"):
            check_not_forked()  # networks of other makers, such as LiteRT's, survive a fork
        with keras_settings(getattr(model, "dtype_policy", "float32")):
            return function(*arguments, **options)

    return guarded
