"""Peers that are timed side by side take turns, so that whatever else runs slows all of them."""

import json
import subprocess
import sys
from time import perf_counter, process_time

import numpy as np
from _machine import busy_seconds

WARM_UP = 2  # turns that are not counted


def take_turns(readers, calls, rounds):
    """Let readers of faces take turns in this process.

    Parameters
    ----------
    readers : dict of str to callable
        Each from several faces to their embeddings.
    calls : ndarray
        Groups of faces; in each turn a reader is called once for every group.
    rounds : int
        Turns of each that count.

    Returns
    -------
    dict
        The median milliseconds per face, faces a second, the cores that others took, and the
        milliseconds of all turns.
    """
    times, others, faces = {name: [] for name in readers}, [], calls.shape[0] * calls.shape[1]
    for number in range(WARM_UP + rounds):
        for name, read in readers.items():
            start, before = perf_counter(), busy_seconds() - process_time()
            for group in calls:
                read(group)
            took = perf_counter() - start
            if number >= WARM_UP:
                times[name].append(1000 * took / faces)
                taken = busy_seconds() - process_time() - before
                others.append(max(0.0, taken / took))
    medians = {name: float(np.median(each)) for name, each in times.items()}
    return {
        "median_milliseconds_per_face": {name: round(ms, 3) for name, ms in medians.items()},
        "faces_per_second": {name: round(1000 / ms, 1) for name, ms in medians.items()},
        "cores_taken_by_others": round(float(np.median(others)), 3),
        "milliseconds_per_face": {
            name: [round(ms, 3) for ms in each] for name, each in times.items()
        },
    }


# Peers in processes of their own


def start(script, **options):
    """Start a worker: the same script in another process, with these options."""
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, script, *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(worker, question):
    """Give a worker a line and return its answer, and the CPU seconds of all processes since."""
    before = busy_seconds()
    worker.stdin.write(f"{question}\n")
    worker.stdin.flush()
    return answer(worker), busy_seconds() - before


def answer(worker):
    """Return what a worker's next line says."""
    line = worker.stdout.readline()
    if not line:
        sys.exit(f"a worker ended with exit code {worker.wait()}; its error is above")
    return json.loads(line)
