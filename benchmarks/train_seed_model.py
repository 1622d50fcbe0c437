"""Measure how fast the book's classifier trains, next to the same network in PyTorch.

Both train with Adam on the binary cross-entropy, on the same random images in the same batches and
with as many threads as there are cores. Each lives in a process of its own. They take turns, so
that whatever else the machine does slows both, though not alike: where another process holds a
core, PyTorch's threads wait for one another. The table says how many cores others took.

`facebook_tut` trains as `training.fit` does: with repeatable operations, its own batches and the
accuracy. PyTorch has channels-last memory, its faster layout here, and leaves the accuracy out.

    python benchmarks/train_seed_model.py --rounds 9 --batches 20
"""

import argparse
import json
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from time import perf_counter, process_time

import numpy as np
from _machine import CORES, QUIET
from _record import options, positive, run
from _turns import WARM_UP, ask, start

from facebook_tut._progress import progress_bar

BATCH_SIZE = 32


def main():
    """Measure, print the table and record it."""
    parser = options(__doc__, "train_seed_model")
    parser.add_argument("--rounds", type=positive, default=9, help="turns of each (default 9)")
    parser.add_argument("--batches", type=positive, default=20, help="per round (default 20)")
    parser.add_argument("--worker", choices=WORKERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        return work(WORKERS[arguments.worker], arguments.batches)
    if find_spec("torch") is None:
        sys.exit('PyTorch is missing: pip install "facebook_tut[bench]"')
    run(arguments, compare, table, "torch")


def compare(arguments):
    """Return the speeds of both, and their ratios."""
    return summarise(*measure(arguments.rounds, arguments.batches))


def measure(rounds, batches):
    """Let the workers train in turns.

    Returns
    -------
    speeds : dict of str to list of float
        Images per second of every round, by worker.
    others : list of float
        How many cores other processes took meanwhile, for every round and worker.
    """
    speeds, others = {name: [] for name in WORKERS}, []
    with ExitStack() as stack:
        workers = {
            name: stack.enter_context(start(__file__, worker=name, batches=batches))
            for name in WORKERS
        }
        for number in progress_bar(range(WARM_UP + rounds), desc="measuring", unit="round"):
            for name, worker in workers.items():
                (seconds, own), busy = ask(worker, "train")
                if number >= WARM_UP:
                    speeds[name].append(batches * BATCH_SIZE / seconds)
                    others.append(max(0.0, (busy - own) / seconds))
    return speeds, others


def work(build, batches):
    """Train one round for every line of standard input; print its seconds and CPU seconds."""
    generator = np.random.default_rng(0)
    images = generator.random((batches * BATCH_SIZE, 64, 64, 3), np.float32)
    labels = generator.integers(0, 2, len(images))
    train = build(images, labels)
    for _ in sys.stdin:
        begin, begin_cpu = perf_counter(), process_time()
        train()
        print(json.dumps([perf_counter() - begin, process_time() - begin_cpu]), flush=True)


def build_facebook_tut(images, labels):
    """Return a function that trains the book's classifier for one epoch as `training.fit` does."""
    from facebook_tut import models, training
    from facebook_tut.batches import Batches

    training.set_seed(0)
    model = models.build_classifier()
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    batches = Batches(images, labels, BATCH_SIZE, [np.arange(len(labels))])
    return lambda: model.fit(
        iter(batches), steps_per_epoch=batches.per_epoch, shuffle=False, verbose=0
    )


def build_torch(images, labels):
    """Return a function that trains the same network for one epoch in PyTorch."""
    import torch

    torch.set_num_threads(CORES)
    torch.manual_seed(0)
    model = torch_classifier().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), eps=1e-7)  # Keras' epsilon
    loss_of = torch.nn.BCELoss()
    generator = np.random.default_rng(0)

    def train():
        order = generator.permutation(len(labels))
        for rows in np.split(order, range(BATCH_SIZE, len(labels), BATCH_SIZE)):
            x = torch.from_numpy(images[rows]).permute(0, 3, 1, 2)  # (N, H, W, C) as channels-last
            y = torch.from_numpy(labels[rows]).float()
            optimizer.zero_grad()
            loss_of(model(x)[:, 0], y).backward()
            optimizer.step()

    return train


def torch_classifier():
    """Return the layers of `models.build_classifier` in PyTorch."""
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(64, 128, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(4608, 512), nn.ReLU()),
        *(nn.Linear(512, 1), nn.Sigmoid()),
    )


WORKERS = {"facebook_tut": build_facebook_tut, "torch": build_torch}


def summarise(speeds, others):
    """Return the medians, the quartiles and the two ratios, with all the rounds."""
    quartiles = {name: np.percentile(s, [25, 50, 75]).tolist() for name, s in speeds.items()}
    pairs = np.divide(speeds["facebook_tut"], speeds["torch"])
    return {
        "median_images_per_second": {name: middle for name, (_, middle, _) in quartiles.items()},
        "quartiles_images_per_second": {name: [q[0], q[2]] for name, q in quartiles.items()},
        "ratio_of_medians": quartiles["facebook_tut"][1] / quartiles["torch"][1],
        "median_of_ratios": float(np.median(pairs)),
        "cores_taken_by_others": None if np.isnan(others).any() else float(np.median(others)),
        "rounds_images_per_second": speeds,
    }


def table(record):
    """Return the record's numbers as lines of text."""
    lines = [f"{'':<14}{'images/s':>10}{'quartiles':>18}"]
    for name, median in record["median_images_per_second"].items():
        low, high = record["quartiles_images_per_second"][name]
        lines.append(f"{name:<14}{median:>10.0f}{f'{low:.0f} to {high:.0f}':>18}")
    lines.append(f"ratio of the medians: {record['ratio_of_medians']:.2f}")
    lines.append(f"median of the rounds' ratios: {record['median_of_ratios']:.2f}")
    taken = record["cores_taken_by_others"]
    if taken is not None:
        advice = ": busy, so measure again when it is quiet" if taken > QUIET else ""
        lines.append(f"cores that other processes took: {taken:.2f}{advice}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
