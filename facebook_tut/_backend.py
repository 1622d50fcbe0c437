"""The one place where Keras is loaded: settings first, then the import, without native noise."""

import logging
import os
from contextlib import contextmanager


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

    Every network is traced once or twice; whoever uses five of them in a row is told that this is
    expensive.
    """
    text = record.getMessage()
    return not ("retracing" in text and "make_predict_function" in text)


logging.getLogger("tensorflow").addFilter(_worth_saying)


@contextmanager
def native_stderr_hidden():
    """Send what native code writes to standard error to nowhere, for as long as the block runs.

    TensorFlow reports the machine's features on every import, whatever the log level. In a notebook
    that text, with its time stamps, would be stored as output and would never match again.
    """
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


with native_stderr_hidden():
    import keras

__all__ = ["keras"]
