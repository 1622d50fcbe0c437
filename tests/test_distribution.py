"""Training on several devices or workers learns what one device learns."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from facebook_tut import distribution, training
from facebook_tut._backend import keras
from facebook_tut.data import Dataset

TIMEOUT = 120  # seconds
EPOCHS, BATCH_SIZE, SEED = 2, 16, 3
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


def run_processes(arguments, environments):
    """Run this file once per environment; if one fails, kill all and show why."""
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, *map(str, process_arguments)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for process_arguments, environment in zip(arguments, environments, strict=True)
    ]
    deadline = time.monotonic() + TIMEOUT
    codes = [None]
    while None in codes and not any(codes) and time.monotonic() < deadline:
        time.sleep(0.2)
        codes = [process.poll() for process in processes]
    for process in processes:
        process.kill()  # waiting workers ignore terminate()
    outputs = [process.communicate()[0] for process in processes]
    if any(code != 0 for code in codes):
        pytest.fail(f"exit codes {codes}\n" + "\n--- next process\n".join(outputs))


def environment(**variables):
    return {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", **variables}


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
def one_device(determinism):
    return {case: train(*case, None) for case in CASES}


@pytest.fixture(scope="module")
def devices(tmp_path_factory):
    path = tmp_path_factory.mktemp("devices") / "results.npz"
    run_processes([("devices", path)], [environment()])
    return np.load(path)


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    paths = [folder / f"{index}.npz" for index in range(2)]
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    environments = [environment(TF_CONFIG=tf_config(addresses, index=index)) for index in range(2)]
    run_processes([("workers", path) for path in paths], environments)
    return [np.load(path) for path in paths]


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


def test_one_device_trains_on_the_seeded_batches(one_device):
    size, dtype = CASES[1]
    examples = random_examples(size, 1)
    model = seeded_model(0)
    model.compile("adam", "binary_crossentropy")
    rng = np.random.default_rng(SEED)
    for order in [rng.permutation(size) for _ in range(EPOCHS)]:
        for start in range(0, size, BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
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
    ],
)
def test_workers_need_a_sound_tf_config(config, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(ValueError, match="TF_CONFIG"):
        train(1, "float32", "workers")


def test_workers_must_join_before_anything_else(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", tf_config(["127.0.0.1:1"]))
    with pytest.raises(RuntimeError, match="at the start of the program"):
        train(1, "float32", "workers")


def test_a_worker_alone_gives_up():
    config = tf_config([f"127.0.0.1:{port}" for port in free_ports(2)])
    program = (
        "from facebook_tut import distribution\n"
        "distribution.JOIN_TIMEOUT = 2\n"
        "distribution.join_workers()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(TF_CONFIG=config),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 1
    assert "waiting for the workers 127.0.0.1:" in done.stderr
    assert "in join_workers" in done.stderr


if __name__ == "__main__":
    train_and_save(*sys.argv[1:])
