"""Measure the layers in NumPy, forward and backward, next to TensorFlow on the same cores.

Every layer gets the shapes of the book's network at a batch of 32 images; the last row is a whole
training step with Adam. NumPy, TensorFlow eager and `tf.function` live in processes of their own
and take turns, so that whatever else the machine does slows all of them. TensorFlow runs its own
operations (`tf.nn`), without Keras' layers around them; only the whole step is Keras'. The peak is
the memory that a process took on top of its inputs and weights.

    python benchmarks/layers.py --rounds 15
"""

import argparse
import gc
import json
import sys
from contextlib import ExitStack
from importlib import import_module
from time import perf_counter, process_time

import numpy as np
from _machine import fresh_memory, others, peak_since
from _record import options, positive, run
from _turns import ask, start

from facebook_tut._progress import progress_bar

BATCH, WARM_UP = 32, 3
TARGET = 1.5  # times TensorFlow eager

# Each case: its kind, the shape of one input, and its kernel or window.
CASES = {
    "convolution 1": ("convolution", (64, 64, 3), (3, 3, 3, 32)),
    "pooling 1": ("pooling", (62, 62, 32), 2),
    "convolution 2": ("convolution", (31, 31, 32), (3, 3, 32, 64)),
    "pooling 2": ("pooling", (29, 29, 64), 2),
    "convolution 3": ("convolution", (14, 14, 64), (3, 3, 64, 128)),
    "pooling 3": ("pooling", (12, 12, 128), 2),
    "relu 1": ("relu", (62, 62, 32), None),
    "dense 1": ("dense", (4608,), (4608, 512)),
    "dense 2": ("dense", (512,), (512, 1)),
    "training step": ("step", (64, 64, 3), None),
}
FIRST = "convolution 1"  # its input is the image, which needs no gradient


def main():
    """Measure, print the table and record it."""
    parser = options(__doc__, "layers")
    parser.add_argument("--rounds", type=positive, default=15, help="turns of each (default 15)")
    parser.add_argument("--worker", choices=WORKERS, help=argparse.SUPPRESS)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        return work(arguments.worker, arguments.case)
    run(arguments, compare, table)


def compare(arguments):
    """Return the times and the memory of all cases."""
    cases = progress_bar(CASES, desc="measuring", unit="case")
    found = {case: measure(case, arguments.rounds) for case in cases}
    return {"batch": BATCH, "target_ratio": TARGET, "cases": found}


def measure(case, rounds):
    """Let the three take turns; return medians, ratios and memory."""
    seconds, taken = {name: [] for name in WORKERS}, []
    with ExitStack() as stack:
        workers = {
            name: stack.enter_context(start(__file__, worker=name, case=case)) for name in WORKERS
        }
        for number in range(WARM_UP + rounds):
            for name, worker in workers.items():
                (took, runs, own), busy = ask(worker, "run")
                if number >= WARM_UP:
                    seconds[name].append(took / runs)
                    taken.append(max(0.0, (busy - own) / took))
        peaks = {name: json.loads(worker.communicate("")[0]) for name, worker in workers.items()}
    medians = {name: float(np.median(values)) for name, values in seconds.items()}
    return {
        "median_milliseconds": {name: round(1000 * value, 3) for name, value in medians.items()},
        "ratio_to_eager": round(medians["numpy"] / medians["eager"], 3),
        "ratio_to_function": round(medians["numpy"] / medians["function"], 3),
        "peak_mib": peaks,
        "cores_taken_by_others": round(float(np.median(taken)), 3),
        "milliseconds": {k: [round(1000 * s, 3) for s in v] for k, v in seconds.items()},
    }


def work(name, case):
    """Run for about 0.3 s for every line of standard input; at the end print the peak memory."""
    kind, shape, weights = CASES[case]
    rng = np.random.default_rng(0)
    x = rng.random((BATCH, *shape), np.float32)
    once = WORKERS[name](kind, x, weights, rng, case != FIRST)
    gc.collect()
    idle = fresh_memory()
    for _ in sys.stdin:
        begin, begin_cpu, runs = perf_counter(), process_time(), 0
        while perf_counter() - begin < 0.3:
            once()
            runs += 1
        print(json.dumps([perf_counter() - begin, runs, process_time() - begin_cpu]), flush=True)
    print(json.dumps(peak_since(idle)))


def build_numpy(kind, x, weights, rng, needs_input_gradient):
    """Return a function that runs the layer in NumPy once, forward and backward."""
    from facebook_tut import layers, network

    if kind == "step":
        net, adam, labels = network.build_classifier(), network.Adam(), np.arange(BATCH) % 2
        return lambda: net.train_step(x, labels, adam)
    layer = {
        "convolution": lambda: layers.Conv2D(weights[-1], weights[:2]),
        "pooling": lambda: layers.MaxPooling2D(weights),
        "relu": layers.ReLU,
        "dense": lambda: layers.Dense(weights[-1]),
    }[kind]()
    layer.build(x.shape[1:], rng)
    flow = rng.random(layer.forward(x).shape, np.float32)

    def run():
        layer.forward(x, training=True)
        layer.parameter_gradients(flow)
        if needs_input_gradient:
            layer.input_gradient(flow)

    return run


def build_eager(kind, x, weights, rng, needs_input_gradient):
    """Return a function that does the same in TensorFlow, operation by operation."""
    from facebook_tut import models  # first, since it sets TensorFlow's options

    tf = import_module("tensorflow")

    if kind == "step":
        return keras_step(tf, models, tf.constant(x))
    x = tf.constant(x)
    parameters = []
    if kind in ("convolution", "dense"):
        parameters = [tf.random.normal(weights, stddev=0.05), tf.zeros(weights[-1])]
    forward = {
        "convolution": lambda x, w, b: tf.nn.bias_add(tf.nn.conv2d(x, w, 1, "VALID"), b),
        "pooling": lambda x: tf.nn.max_pool2d(x, weights, weights, "VALID"),
        "relu": tf.nn.relu,
        "dense": lambda x, w, b: tf.nn.bias_add(tf.matmul(x, w), b),
    }[kind]
    flow = tf.random.normal(forward(x, *parameters).shape)
    watched = [x, *parameters] if needs_input_gradient else parameters

    def run():
        with tf.GradientTape() as tape:
            tape.watch(watched)
            y = forward(x, *parameters)
        return y, tape.gradient(y, watched, flow)

    return run


def keras_step(tf, models, x):
    """Return a function that takes one training step of the book's network in Keras, eagerly."""
    from facebook_tut._backend import keras

    model, adam = models.build_classifier(), keras.optimizers.Adam()
    loss_of = keras.losses.BinaryCrossentropy()
    labels = tf.constant(np.arange(BATCH)[:, None] % 2, tf.float32)
    adam.build(model.trainable_variables)

    def run():
        with tf.GradientTape() as tape:
            loss = loss_of(labels, model(x, training=True))
        adam.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return run


def build_function(*arguments):
    """Return a function that does the same in TensorFlow, as one compiled graph."""
    run, tf = build_eager(*arguments), import_module("tensorflow")
    graph = tf.function(run)
    return lambda: tf.nest.map_structure(lambda part: part.numpy(), graph())


WORKERS = {"numpy": build_numpy, "eager": build_eager, "function": build_function}


def table(record):
    """Return the record's numbers as lines of text."""
    lines = [
        f"{'forward + backward':<16}{'milliseconds':^28}{'NumPy against':^18}{'peak MiB':^26}",
        f"{'':<16}{'NumPy':>8}{'eager':>9}{'function':>10}{'eager':>9}{'function':>9}"
        f"{'NumPy':>9}{'eager':>8}{'function':>9}",
    ]
    for case, result in record["cases"].items():
        times, peaks = result["median_milliseconds"], result["peak_mib"]
        lines.append(
            f"{case:<16}{times['numpy']:>8.2f}{times['eager']:>9.2f}{times['function']:>10.2f}"
            f"{result['ratio_to_eager']:>9.2f}{result['ratio_to_function']:>9.2f}"
            f"{peaks['numpy']:>9.0f}{peaks['eager']:>8.0f}{peaks['function']:>9.0f}"
        )
    taken = np.median([result["cores_taken_by_others"] for result in record["cases"].values()])
    return "\n".join([*lines, others(taken)])


if __name__ == "__main__":
    main()
