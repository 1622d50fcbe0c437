"""Training on several devices or workers, or one thread, learns what one device learns."""

import contextlib
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from facebook_tut import distribution, metric_learning, models, training
from facebook_tut._backend import keras
from facebook_tut.data import Dataset

TIMEOUT = 1200  # seconds: against what hangs
EPOCHS, BATCH_SIZE, SEED = 2, 16, 3
MAY_FAIL = ("alone", "interrupted", "one thread")  # processes whose tests say how
VALIDATION_SIZE = 11
# Training images, and the precision to train in. The last batch has 5 images
# (3 + 2 on two devices) or 1 (1 + 0).
CASES = [(21, "float64"), (17, "float32")]
# In float32, rounding can send a pixel through another branch of a ReLU or a
# maximum, and Adam makes a whole step of any gradient, however small. So the
# close comparison is in float64. Averaging over the padding too moves
# weights by 2e-3 in float64 and by 1e-3 in float32, and the losses by 0.4 % or more.
TOLERANCES = {"float32": 1e-3, "float64": 1e-9}


def random_examples(count, seed):
    rng = np.random.default_rng(seed)
    images = rng.random((count, 64, 64, 3), "float32")
    return Dataset(images, rng.integers(0, 2, count), np.arange(count).astype(str))


def seeded_model(seed):
    """Build a small network with what the book's has: a convolution, maxima, a dense layer."""
    training.set_seed(seed)
    layers = [
        keras.Input((64, 64, 3)),
        keras.layers.Conv2D(4, 5, strides=4, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    return keras.Sequential(layers)


def train(size, dtype, distribute, seed=0):
    """Train on `size` images; return the weights and the history."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        model = seeded_model(seed)
        history = training.fit(
            model,
            random_examples(size, 1),
            random_examples(VALIDATION_SIZE, 2),
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            seed=SEED,
            distribute=distribute,
            progress=False,
        )
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    return model.get_weights(), vars(history)


def train_and_save(distribute, path):
    """Train on every size in this process, and save what came out."""
    tf.config.experimental.enable_op_determinism()
    seed = 0
    if distribute == "devices":
        cpu = tf.config.list_physical_devices("CPU")[0]
        two = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, two)
    else:
        strategy = distribution.join_workers()
        # The second worker starts from other weights, which must not matter.
        seed = strategy.cluster_resolver.task_id
    results = {}
    for size, dtype in CASES:
        weights, history = train(size, dtype, distribute, seed)
        case = f"{size} {dtype}"
        results |= {f"{case} weight {i}": weight for i, weight in enumerate(weights)}
        results |= {f"{case} {name}": values for name, values in history.items()}
    np.savez(path, **results)


def wait_for_others():
    """Join workers of whom one never comes."""
    distribution.workers.JOIN_TIMEOUT = 2
    distribution.join_workers()


def be_interrupted():
    """Join workers of whom one never comes, until Ctrl-C."""
    waiting = os.getpid()
    if os.fork() == 0:
        time.sleep(2)
        os.kill(waiting, signal.SIGINT)
        os._exit(0)
    distribution.join_workers()


def train_small_convolutions():
    """Train where oneDNN with one thread damages memory: the gradient of small convolutions."""
    keras.Model.run_eagerly = property(lambda model: True, lambda model, value: None)
    model = models.build_embedder(8, input_shape=(16, 16, 3), filters=(4, 8))
    images, identities = np.random.default_rng(0).random((6, 16, 16, 3)), list("aabbcc")
    metric_learning.fit_embedder(model, images, identities, epochs=1, progress=False)


# The processes


def work(stem, task, config):
    """Do a task in this process, whose output goes to a file."""
    with stem.with_suffix(".txt").open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ["TF_CONFIG"] = config
    own = {
        "wait": wait_for_others,
        "interrupt": be_interrupted,
        "one thread": train_small_convolutions,
    }
    own.get(task, lambda: train_and_save(task, stem.with_suffix(".npz")))()


def run_all(folder, tasks):
    """Fork a process for each task, since TensorFlow takes long to load, and save the exit codes.

    If one fails that should not, kill all.
    """
    fork = multiprocessing.get_context("fork").Process
    processes = {name: fork(target=work, args=(folder / name, *tasks[name])) for name in tasks}
    for process in processes.values():
        process.start()
    deadline, codes = time.monotonic() + TIMEOUT, {"": None}
    while None in codes.values() and time.monotonic() < deadline:
        time.sleep(0.2)
        codes = {name: process.exitcode for name, process in processes.items()}
        if any(code for name, code in codes.items() if name not in MAY_FAIL):
            break
    for process in processes.values():
        process.kill()  # waiting workers ignore terminate()
    (folder / "codes.json").write_text(json.dumps(codes))


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """A folder: what the processes of each task printed and saved, and their exit codes."""
    folder = tmp_path_factory.mktemp("processes")
    workers = [f"127.0.0.1:{port}" for port in free_ports(6)]
    two, gone, away = workers[:2], workers[2:4], workers[4:]
    tasks = {
        "devices": ("devices", "{}"),
        "worker 0": ("workers", tf_config(two, index=0)),
        "worker 1": ("workers", tf_config(two, index=1)),
        "alone": ("wait", tf_config(gone)),
        "interrupted": ("interrupt", tf_config(away)),
        "one thread": ("one thread", "{}"),
    }
    command = [sys.executable, __file__, str(folder), json.dumps(tasks)]
    environment = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    environment |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_NUM_INTRAOP_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def ended(folder, name):
    """Return a process's exit code and what it printed."""
    codes = json.loads((folder / "codes.json").read_text())
    return codes[name], (folder / f"{name}.txt").read_text()


def results_of(folder, name):
    code, output = ended(folder, name)
    assert code == 0, output
    return np.load(folder / f"{name}.npz")


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@pytest.fixture(scope="module", autouse=True)
def determinism():
    tf.config.experimental.enable_op_determinism()


@pytest.fixture(scope="module")
def one_device(determinism, eagerly):
    with eagerly():
        return {case: train(*case, None) for case in CASES}


@pytest.fixture(scope="module")
def devices(processes):
    return results_of(processes, "devices")


@pytest.fixture(scope="module")
def workers(processes):
    return [results_of(processes, f"worker {index}") for index in range(2)]


def assert_same(results, one_device, size, dtype):
    weights, history = one_device[size, dtype]
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    tolerance = TOLERANCES[dtype]
    for name, values in history.items():
        found = results[f"{size} {dtype} {name}"]
        np.testing.assert_allclose(found, values, rtol=tolerance, atol=0)
    difference = max(
        np.abs(weight - results[f"{size} {dtype} weight {index}"]).max()
        for index, weight in enumerate(weights)
    )
    print(f"largest weight difference, {size} in {dtype}: {difference:.1e}")
    assert difference <= tolerance


@pytest.mark.parametrize(("size", "dtype"), CASES)
def test_devices_learn_what_one_device_learns(size, dtype, devices, one_device):
    assert_same(devices, one_device, size, dtype)


@pytest.mark.parametrize(("size", "dtype"), CASES)
def test_workers_learn_what_one_device_learns(size, dtype, workers, one_device):
    assert_same(workers[0], one_device, size, dtype)


def test_workers_end_with_the_same_weights_and_history(workers):
    first, second = workers
    assert set(first) == set(second)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_one_device_trains_on_the_seeded_batches(one_device, eagerly):
    size, dtype = CASES[1]
    examples = random_examples(size, 1)
    model = seeded_model(0)
    model.compile("adam", "binary_crossentropy")
    rng = np.random.default_rng(SEED)
    for order in [rng.permutation(size) for _ in range(EPOCHS)]:
        for start in range(0, size, BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            with eagerly():
                model.train_on_batch(examples.images[rows], examples.labels[rows])
    for weight, expected in zip(one_device[size, dtype][0], model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="'cluster'"):
        training.fit(None, None, None, distribute="cluster")


def tf_config(workers, kind="worker", index=0):
    """Write a TF_CONFIG."""
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize(
    "config",
    [
        None,
        "",
        "{",
        "[]",
        "{}",
        '{"cluster": {"worker": ["a:1"]}}',
        tf_config("a:1"),
        tf_config([1, 2]),
        tf_config(["a:1"], index=1),
        tf_config(["a:1"], kind="ps"),
        tf_config(["a:1"], index=-1),
        tf_config(["a:1", "b:1"], index=True),
        tf_config(["a:1", "b:1"], index=0.0),
        tf_config(["a:1"], index="0"),
        tf_config([]),
        tf_config(["a:0"]),
        tf_config(["a:65536"]),
        tf_config(["a:http"]),
        tf_config(["a:"]),
        tf_config([":1"]),
        tf_config(["a"]),
        tf_config(["a b:1"]),
        tf_config(["a\n:1"]),
        tf_config(["http://a:1"]),
        tf_config(["a:1:1"]),
        tf_config(["[::1:1"]),
        tf_config(["a:１"]),
        tf_config(["a:1", "b:1", "A:1"]),
        tf_config(["a:1", None]),
        tf_config({"a:1": 0}),
        tf_config(["a:1"]).replace("}", ', "chief": ["b:1"]}', 1),
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker"}}',
        '{"cluster": {"worker": ["a:1"]}, "task": 0}',
        '{"cluster": ["a:1"], "task": {"type": "worker", "index": 0}}',
        100_000 * "[",
    ],
    ids=lambda config: str(config)[:80],
)
def test_workers_need_a_sound_tf_config(config, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(
        ValueError, match=r"^distribute=.* TF_CONFIG, such as .*, got .*: ."
    ) as said:
        train(1, "float32", "workers")
    assert "\n" not in str(said.value) and len(str(said.value)) < 700


def test_a_host_without_address_and_a_port_in_use_are_told(monkeypatch):
    def known(host, port):
        if host == "unknown":
            raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(ValueError, match="no address is known for the host of worker 0"):
        distribution.check_addresses([70 * "n" + ":1"], 0)
    monkeypatch.setattr(socket, "getaddrinfo", known)
    with pytest.raises(ValueError, match="no address is known for the host of worker 1, unknown:1"):
        distribution.check_addresses(["known:1", "unknown:1"], 0)
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        worker = f"127.0.0.1:{used.getsockname()[1]}"
        distribution.check_addresses([worker, f"127.0.0.1:{free_ports(1)[0]}"], 1)
        with pytest.raises(ValueError, match="this is worker 0, and cannot have its port"):
            distribution.check_addresses([worker], 0)


def test_what_tensorflow_says_of_the_workers_is_passed_on(monkeypatch):
    def fail():
        raise tf.errors.UnknownError(None, None, "Could not start gRPC server")

    monkeypatch.setenv("TF_CONFIG", tf_config([f"127.0.0.1:{free_ports(1)[0]}"]))
    monkeypatch.setattr(distribution.workers, "tensorflow_runs", lambda: False)
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", fail)
    monkeypatch.setattr(sys, "__stderr__", None)  # as in a Windows service
    with pytest.raises(ConnectionError, match=r"join the workers 127\..*Could not start gRPC"):
        distribution.join_workers.__wrapped__()


def test_workers_must_join_before_anything_else(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", tf_config(["127.0.0.1:1"]))
    with pytest.raises(RuntimeError, match="at the start of the program"):
        train(1, "float32", "workers")


def test_a_worker_alone_gives_up(processes):
    code, output = ended(processes, "alone")
    assert code == 1
    assert "waiting for the workers 127.0.0.1:" in output
    assert "not all workers were there within 2 s: 127.0.0.1:" in output
    assert "in join_workers" in output


def test_a_worker_that_waits_is_ended_by_an_interrupt(processes):
    code, output = ended(processes, "interrupted")
    assert (code, "waiting for the workers 127.0.0.1:" in output) == (-signal.SIGINT, True)


def test_training_survives_a_single_thread(processes):
    """All these processes have one; what fails there is the gradient of small convolutions."""
    code, output = ended(processes, "one thread")
    assert code == 0, output


if __name__ == "__main__":
    run_all(Path(sys.argv[1]), json.loads(sys.argv[2]))
