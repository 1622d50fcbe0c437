"""Training on several devices or machines, with the same batches and the same result as on one.

Every replica takes a share of each batch, and the gradient is that of the mean loss over the whole
(global) batch. So every mode learns the same weights, up to the rounding of float32 sums. Keras'
own `fit` fails under `MultiWorkerMirroredStrategy` (keras-team/keras issue 20585), and under
`MirroredStrategy` it stops at a batch that does not divide evenly; this loop serves both.
"""

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
from functools import cache, partial
from pathlib import Path

import numpy as np
import tensorflow as tf

from facebook_tut._backend import keras, tensorflow_runs
from facebook_tut.batches import Batches

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
def mirror_devices():
    """Make a strategy over every GPU of this machine, or else over every logical CPU device.

    Made once: a second strategy in one process would number its exchanges between devices from 1
    again, and TensorFlow would mix them up.

    Returns
    -------
    tf.distribute.MirroredStrategy
    """
    gpus = tf.config.list_logical_devices("GPU")
    devices = gpus or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])


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


STRATEGIES = {"devices": mirror_devices, "workers": join_workers}


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


def fit(strategy, model, batches, validation, callback):
    """Train one replica of a model per device, all on a share of each batch.

    Parameters
    ----------
    strategy : tf.distribute.Strategy
        Where the replicas are.
    model : keras.Model
        Gives the initial weights (on several machines, the first one's) and gets the trained ones.
    batches : batches.Batches
        Training images, epoch after epoch.
    validation : Dataset
        What it is measured on after every epoch.
    callback : keras.callbacks.Callback
        Told of every epoch's end.

    Returns
    -------
    dict of str to list of float
        loss, accuracy, val_loss and val_accuracy after each epoch.
    """
    with strategy.scope():
        replica = keras.models.clone_model(model)
        replica.set_weights(first_worker_weights(strategy, model))
        optimizer = keras.optimizers.Adam()
        optimizer.build(replica.trainable_variables)
    held_out = Batches(
        validation.images, validation.labels, batches.batch_size, [np.arange(len(validation))]
    )
    train_step, val_step = partial(learn, replica, optimizer), partial(evaluate, replica)
    shares, train_step = replicate(strategy, train_step, as_tensors(batches))
    val_shares, val_step = replicate(strategy, val_step, as_tensors(held_out))
    curves = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    shares = iter(shares)
    for epoch in range(len(batches.orders)):
        totals = [train_step(*next(shares)) for _ in range(batches.per_epoch)]
        val_totals = [val_step(*share) for share in val_shares]
        for name, value in zip(curves, [*means(totals), *means(val_totals)], strict=True):
            curves[name].append(value)
        callback.on_epoch_end(epoch, {name: values[-1] for name, values in curves.items()})
    model.set_weights(replica.get_weights())
    return curves


def as_tensors(batches):
    """Turn batches into a TensorFlow data set.

    Parameters
    ----------
    batches : batches.Batches
        Images and labels.

    Returns
    -------
    tf.data.Dataset
        Pairs of images (batch, H, W, C) and labels (batch,).

    Examples
    --------
    >>> batches = Batches(np.zeros((3, 1, 1, 1)), np.arange(3), 2, [[2, 1, 0]])
    >>> [labels.tolist() for _, labels in as_tensors(batches).as_numpy_iterator()]
    [[2, 1], [0]]
    """
    signature = (
        tf.TensorSpec((None, *batches.images.shape[1:]), batches.images.dtype),
        tf.TensorSpec((None,), batches.labels.dtype),
    )
    return tf.data.Dataset.from_generator(batches.__iter__, output_signature=signature).prefetch(2)


def first_worker_weights(strategy, model):
    """Take the first worker's weights, lest workers start from different ones.

    Returns
    -------
    list of ndarray
        Shaped as ``model.get_weights()``.
    """
    weights = model.get_weights()
    flat = np.concatenate([weight.ravel() for weight in weights])  # for one exchange
    flat = strategy.gather(tf.constant(flat)[None], axis=0)[0].numpy()  # (workers, all)[0]
    parts = np.split(flat, np.cumsum([weight.size for weight in weights])[:-1])
    return [
        part.reshape(weight.shape).astype(weight.dtype)
        for part, weight in zip(parts, weights, strict=True)
    ]


def replicate(strategy, step, dataset):
    """Spread the batches of a data set, and a step on a batch, over the replicas.

    Returns
    -------
    shares : tf.distribute.DistributedDataset
        Each replica's share of the images, labels and weights of each batch.
    run : callable
        Runs `step` on each replica's share, and adds up what the steps return.
    """
    pad = partial(pad_batch, replicas=strategy.num_replicas_in_sync)
    shares = strategy.experimental_distribute_dataset(dataset.map(pad))

    # The signature keeps a smaller last batch from compiling the step anew.
    @tf.function(input_signature=shares.element_spec)
    def run(*batch):
        return strategy.reduce("SUM", strategy.run(step, batch), axis=None)

    return shares, run


def pad_batch(images, labels, replicas):
    """Pad a batch so that every replica gets as many examples, at least one.

    Returns
    -------
    images : tf.Tensor, (padded batch, H, W, C)
    labels, weights : tf.Tensor, (padded batch,)
        The weight is 1 for an example and 0 for padding.

    Examples
    --------
    >>> images, labels, weights = pad_batch(np.zeros((3, 1, 1, 1)), np.ones(3), replicas=2)
    >>> weights.numpy().tolist()
    [1.0, 1.0, 1.0, 0.0]
    """
    labels = tf.cast(labels, keras.config.floatx())
    padding = [0, -tf.shape(labels)[0] % replicas]
    images = tf.pad(images, [padding, [0, 0], [0, 0], [0, 0]])
    weights = tf.pad(tf.ones_like(labels), [padding])
    return images, tf.pad(labels, [padding]), weights


def learn(model, optimizer, images, labels, weights):
    """Take one step of gradient descent on a replica's share of a batch.

    Returns
    -------
    tf.Tensor, (3,)
        As `evaluate`, with the weights from before the step.
    """
    with tf.GradientTape() as tape:
        totals = evaluate(model, images, labels, weights, training=True)
        # Examples in the whole batch, on all replicas.
        examples = tf.distribute.get_replica_context().all_reduce("SUM", totals[2])
        loss = totals[0] / examples
    gradients = tape.gradient(loss, model.trainable_variables)
    # Keras adds up the gradients of all replicas before it applies them.
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return totals


def evaluate(model, images, labels, weights, training=False):
    """Measure a model on a replica's share of a batch.

    Returns
    -------
    tf.Tensor, (3,)
        Sum of the losses, number of correct answers, number of examples.
    """
    labels = labels[:, None]  # (share, 1)
    probabilities = model(images, training=training)  # (share, 1)
    losses = keras.losses.binary_crossentropy(labels, probabilities)  # (share,)
    correct = keras.metrics.binary_accuracy(labels, probabilities)[:, 0]  # (share,)
    return tf.reduce_sum(weights * [losses, correct, tf.ones_like(losses)], axis=1)


def means(totals):
    """Turn the totals of an epoch's batches into its mean loss and accuracy.

    Returns
    -------
    list of float
        Loss and accuracy.

    Examples
    --------
    >>> means([[3.0, 4.0, 4.0], [1.0, 0.0, 1.0]])
    [0.8, 0.8]
    """
    loss, correct, examples = np.sum(totals, axis=0, dtype="float64")
    return [float(loss / examples), float(correct / examples)]
