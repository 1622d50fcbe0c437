"""Measure how many synthetic faces a second one core draws, random numbers and all.

    OPENBLAS_NUM_THREADS=1 python benchmarks/synthetic_people.py --rounds 15

Drawing runs on one core. The figure is that of the fastest round by the process' own clock, since
whatever else the machine does can only slow a round down.
"""

from time import perf_counter, process_time

from _machine import busy_seconds, others
from _record import options, positive, run

from facebook_tut._progress import progress_bar
from facebook_tut.data.synthetic import sample_people

PEOPLE, IMAGES, SIZE = 40, 16, 64
TARGET = 2000  # images a second


def main():
    """Measure, print the figures and record them."""
    parser = options(__doc__, "synthetic_people")
    parser.add_argument("--rounds", type=positive, default=15, help="measurements (default 15)")
    run(parser.parse_args(), measure, table)


def measure(arguments):
    """Return the images a second of all rounds."""
    sample_people(PEOPLE, IMAGES)  # warm up
    seeds = progress_bar(range(arguments.rounds), desc="measuring", unit="round")
    seconds, taken = zip(*map(draw, seeds), strict=True)
    rates = [round(PEOPLE * IMAGES / took) for took in seconds]
    return {
        "people": PEOPLE,
        "images_per_person": IMAGES,
        "size": SIZE,
        "target_images_per_second": TARGET,
        "images_per_second": max(rates),
        "median_images_per_second": sorted(rates)[len(rates) // 2],
        "cores_taken_by_others": round(sorted(taken)[len(taken) // 2], 3),
        "rounds": rates,
    }


def draw(seed):
    """Draw once; return the seconds on the processor, and the cores that others took."""
    busy, begin = busy_seconds(), process_time()
    wall = perf_counter()
    sample_people(PEOPLE, IMAGES, seed, size=SIZE)
    took = process_time() - begin
    return took, max(0.0, (busy_seconds() - busy - took) / (perf_counter() - wall))


def table(record):
    """Return the record's figures as lines of text."""
    return (
        f"{record['images_per_second']} images a second at {SIZE}×{SIZE}×3 on one core"
        f" (target {TARGET}; median round {record['median_images_per_second']})\n"
        f"{others(record['cores_taken_by_others'])}"
    )


if __name__ == "__main__":
    main()
