"""Several machines: they find each other by the environment variable TF_CONFIG."""

import faulthandler
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import tensorflow as tf

from facebook_tut._backend import tensorflow_runs

JOIN_TIMEOUT = 300  # seconds
# Told after a time by a process of its own: while TensorFlow waits, nothing of Python runs in this.
REMINDER = """
import os, sys, threading
end = threading.Thread(target=sys.stdin.read, daemon=True)
end.start()
end.join(float(sys.argv[1]))
if end.is_alive():
    print(sys.argv[2], file=sys.stderr, flush=True)
os._exit(0)
"""
TF_CONFIG_EXAMPLE = (
    '{"cluster": {"worker": ["host-a:12345", "host-b:12345"]},'
    ' "task": {"type": "worker", "index": 0}}'
)


@cache
def join_workers():
    """Join the workers that the environment variable TF_CONFIG names, and wait until all are there.

    TensorFlow can only do so before it has run anything: call this first, before building a model.
    A second call returns the first one's strategy. A worker that still waits after `JOIN_TIMEOUT`
    seconds says so, prints where it waits, and exits with code 1, because TensorFlow would wait on
    without a word.

    Returns
    -------
    tf.distribute.MultiWorkerMirroredStrategy

    Raises
    ------
    ValueError
        If TF_CONFIG is missing or malformed, a host has no address, or this worker's port is taken.
    RuntimeError
        If TensorFlow has run something already.
    ConnectionError
        If TensorFlow cannot join the workers for another reason.
    """
    workers = read_tf_config()
    if tensorflow_runs():
        raise RuntimeError(
            "call distribution.join_workers() at the start of the program, before TensorFlow runs"
            " anything, for instance before a model is built"
        )
    check_addresses(workers, json.loads(os.environ["TF_CONFIG"])["task"]["index"])
    print("waiting for the workers", *workers, file=sys.stderr)
    try:
        with _patience(workers):
            return tf.distribute.MultiWorkerMirroredStrategy()
    except tf.errors.OpError as error:
        raise ConnectionError(
            f"TensorFlow cannot join the workers {', '.join(workers)}: {error.message}"
        ) from error


@contextmanager
def _patience(workers):
    """Exit the program if the block takes longer than `JOIN_TIMEOUT`, with a word before."""
    said = (
        f"not all workers were there within {JOIN_TIMEOUT} s: {', '.join(workers)}. Start the"
        " program on each, with the same cluster and its own index in TF_CONFIG, and see that they"
        " reach each other. This one waited here:"
    )
    command = [sys.executable, "-c", REMINDER, str(JOIN_TIMEOUT), said]
    with Path(os.devnull).open("w") as nowhere, subprocess.Popen(command, stdin=-1) as reminder:
        trace = nowhere if sys.__stderr__ is None else sys.__stderr__
        faulthandler.dump_traceback_later(JOIN_TIMEOUT + 1, exit=True, file=trace)
        try:
            with _ended_by_interrupt():
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            reminder.stdin.close()


@contextmanager
def _ended_by_interrupt():
    """Let Ctrl-C end the program by itself: Python would be told of it after the block only."""
    kept = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or kept is None:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, kept)


def read_tf_config():
    """Check the environment variable TF_CONFIG.

    Returns
    -------
    list of str
        ``"host:port"`` of every worker.

    Raises
    ------
    ValueError
        If it is missing or malformed.

    Examples
    --------
    >>> os.environ["TF_CONFIG"] = TF_CONFIG_EXAMPLE
    >>> read_tf_config()
    ['host-a:12345', 'host-b:12345']
    >>> del os.environ["TF_CONFIG"]
    """
    text = os.environ.get("TF_CONFIG")
    try:
        config = json.loads(text or "")
        workers, task = config["cluster"]["worker"], config["task"]
        wrong = _wrong_in(config["cluster"], workers, task["type"], task["index"])
    except (KeyError, TypeError, ValueError, RecursionError):
        wrong = "it is no such JSON"
    if wrong:
        raise ValueError(
            'distribute="workers" needs the environment variable TF_CONFIG, such as '
            f"{TF_CONFIG_EXAMPLE}, got {_shortened(text)}: {wrong}"
        )
    return workers


def _wrong_in(cluster, workers, kind, index):
    """Say what is wrong with the values of TF_CONFIG, if anything is."""
    if not isinstance(workers, list) or not workers:
        return f'"worker" must list one or more addresses, got {_shortened(workers)}'
    if len(cluster) > 1 or kind != "worker":
        return 'all must be of the type "worker": there is no chief here, and no parameter server'
    for number, worker in enumerate(workers):
        if not _is_address(worker):
            return (
                f'worker {number} must be "host:port", the port from 1 to 65535, got'
                f" {_shortened(worker)}"
            )
    if len({worker.lower() for worker in workers}) < len(workers):
        return "no two workers may have one address"
    if type(index) is not int or not 0 <= index < len(workers):
        return f'"index" must be from 0 to {len(workers) - 1}, got {_shortened(index)}'
    return ""


def _is_address(worker):
    """Return whether this is a host's name, or an address as IPv4 or [IPv6] write it, and a port.

    Examples
    --------
    >>> [_is_address(worker) for worker in ("host-a:12345", "[::1]:80", "host-a", "a b:1", 7)]
    [True, True, False, False, False]
    """
    if not isinstance(worker, str):
        return False
    found = re.fullmatch(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", worker)
    return found is not None and 1 <= int(found[2]) <= 65535


def _shortened(value):
    text = ascii(value)
    return text if len(text) <= 200 else text[:200] + "…"


def check_addresses(workers, index):
    """Check what TensorFlow would wait for without a word: hosts without address, a port in use.

    Parameters
    ----------
    workers : list of str
        As `read_tf_config` returns them.
    index : int
        Which of them this one is.

    Raises
    ------
    ValueError
        If a host's name is unknown here, or another program has this worker's port.

    Examples
    --------
    >>> check_addresses(["a..host:12345"], 0)
    Traceback (most recent call last):
        ...
    ValueError: TF_CONFIG: no address is known for the host of worker 0, a..host:12345
    """
    for number, worker in enumerate(workers):
        host, _, port = worker.rpartition(":")
        try:
            socket.getaddrinfo(host.strip("[]"), port)
        except (OSError, UnicodeError):
            raise ValueError(
                f"TF_CONFIG: no address is known for the host of worker {number}, {worker}"
            ) from None
    _check_port(workers[index], index)


def _check_port(worker, index):
    """Check that this worker can have its port, on all of the machine's addresses."""
    with socket.socket() as own:
        if os.name != "nt":  # where it would let two have one port
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just left
        try:
            own.bind(("", int(worker.rpartition(":")[2])))
        except OSError as error:
            why = error.strerror or error
            raise ValueError(
                f"TF_CONFIG: this is worker {index}, and cannot have its port, {worker}: {why}"
            ) from None
