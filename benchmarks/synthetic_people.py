"""Measure how many synthetic faces a second one core draws, random numbers and all.

    OPENBLAS_NUM_THREADS=1 python benchmarks/synthetic_people.py --rounds 15

Drawing runs on one core. The figure is that of the fastest round by the process' own clock, since
whatever else the machine does can only slow a round down.
"""

import argparse
from pathlib import Path
from time import perf_counter, process_time

from machine import CORES, QUIET, RECORDED, busy_seconds, describe, positive, write
from tqdm import trange

from facebook_tut._files import check_writable
from facebook_tut.data.synthetic import sample_people

RESULTS = RECORDED / "synthetic_people.json"
PEOPLE, IMAGES, SIZE = 40, 16, 64
TARGET = 2000  # images a second


def main():
    """Measure, print the figures and record them."""
    arguments = parse()
    check_writable(arguments.output, overwrite=True)
    sample_people(PEOPLE, IMAGES)  # warm up
    seconds, others = [], []
    for seed in trange(arguments.rounds, desc="measuring", unit="round"):
        took, taken = measure(seed)
        seconds.append(took)
        others.append(taken)
    rates = [round(PEOPLE * IMAGES / took) for took in seconds]
    record = {
        **describe(),
        "people": PEOPLE,
        "images_per_person": IMAGES,
        "size": SIZE,
        "target_images_per_second": TARGET,
        "images_per_second": max(rates),
        "median_images_per_second": sorted(rates)[len(rates) // 2],
        "cores_taken_by_others": round(sorted(others)[len(others) // 2], 3),
        "rounds": rates,
    }
    print(table(record))
    write(record, arguments.output)


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=positive, default=15, help="measurements (default 15)")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the JSON file to write")
    return parser.parse_args()


def measure(seed):
    """Draw once; return the seconds on the processor, and the cores that others took."""
    busy, begin = busy_seconds(), process_time()
    wall = perf_counter()
    sample_people(PEOPLE, IMAGES, seed, size=SIZE)
    took = process_time() - begin
    return took, max(0.0, (busy_seconds() - busy - took) / (perf_counter() - wall))


def table(record):
    """Return the record's figures as lines of text."""
    taken = record["cores_taken_by_others"]
    advice = ": busy, so measure again when it is quiet" if taken > QUIET else ""
    return (
        f"{record['images_per_second']} images a second at {SIZE}×{SIZE}×3 on one core"
        f" (target {TARGET}; median round {record['median_images_per_second']})\n"
        f"{CORES} cores; other processes took {taken:.2f} of them{advice}"
    )


if __name__ == "__main__":
    main()
