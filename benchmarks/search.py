"""Measure the exact search of a large gallery next to faiss' `IndexFlatIP` on the same cores.

A million random unit vectors, the best row for one probe and for a batch of 100. The searches live
in processes of their own and take turns, so that whatever else the machine does slows all of them.
faiss is asked twice: as it comes, and told to leave the products to its linear algebra, which it
does of itself only for about 1000 probes. The peak is the memory that a process took on top of its
index, which is as large in all of them.

    python benchmarks/search.py --rounds 15
"""

import argparse
import gc
import json
import sys
from contextlib import ExitStack
from time import perf_counter, process_time

import numpy as np
from _machine import CORES, fresh_memory, others, peak_since
from _record import options, positive, run
from _turns import WARM_UP, answer, ask, start
from threadpoolctl import threadpool_limits

from facebook_tut._progress import progress_bar
from facebook_tut.matching import ExactIndex, normalise

ROWS, DIMENSION = 1_000_000, 128
CASES = {"one probe": 1, "100 probes": 100}
TARGET = 1.0  # times faiss


def main():
    """Measure, print the table and record it."""
    parser = options(__doc__, "search")
    parser.add_argument("--rounds", type=positive, default=15, help="turns of each (default 15)")
    parser.add_argument("--rows", type=positive, default=ROWS, help=f"gallery (default {ROWS})")
    parser.add_argument("--threads", type=positive, default=CORES, help="of each (default all)")
    parser.add_argument("--worker", choices=WORKERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        return work(arguments.worker, arguments.rows, arguments.threads)
    run(arguments, measure, table, "faiss-cpu", "threadpoolctl")


def measure(arguments):
    """Let the searches take turns; return how they were built, and the cases' results."""
    size = {"rows": arguments.rows, "threads": arguments.threads}
    with ExitStack() as stack:
        workers, builds = {}, {}
        for name in WORKERS:
            workers[name] = stack.enter_context(start(__file__, worker=name, **size))
            builds[name] = answer(workers[name])
        cases = {
            case: compare(workers, case, arguments.rounds)
            for case in progress_bar(CASES, desc="measuring", unit="case")
        }
    return {
        "gallery": {"rows": arguments.rows, "dimension": DIMENSION},
        "gallery_mib": round(4 * arguments.rows * DIMENSION / 2**20, 1),
        "threads": arguments.threads,
        "target_ratio": TARGET,
        "build": builds,
        "cases": cases,
    }


def compare(workers, case, rounds):
    """Let the workers search in turn; return medians, ratios, memory and whether they agree."""
    turns, taken = {name: [] for name in workers}, []
    for number in range(WARM_UP + rounds):
        for name, worker in workers.items():
            turn, busy = ask(worker, case)
            if number >= WARM_UP:
                turns[name].append(turn)
                taken.append(max(0.0, (busy - turn["cpu_seconds"]) / turn["seconds"]))
    found = [turn["rows"] for each in turns.values() for turn in each]
    if found.count(found[0]) != len(found):
        sys.exit(f"the searches disagree for {case}")
    times = {name: [t["milliseconds_per_query"] for t in each] for name, each in turns.items()}
    medians = {name: float(np.median(each)) for name, each in times.items()}
    return {
        "median_milliseconds_per_query": {name: round(ms, 4) for name, ms in medians.items()},
        "ratio_to_faiss": round(medians["ours"] / medians["faiss"], 3),
        "ratio_to_faiss_blas": round(medians["ours"] / medians["faiss_blas"], 3),
        "same_rows": True,
        "peak_mib": {name: max(t["peak_mib"] for t in each) for name, each in turns.items()},
        "cores_taken_by_others": round(float(np.median(taken)), 3),
        "milliseconds_per_query": times,
    }


def work(name, rows, threads):
    """Build the index; for every line of standard input, search for about 0.3 s."""
    gallery = unit_vectors(rows, seed=0)
    probes = {case: unit_vectors(number, seed=1) for case, number in CASES.items()}
    with threadpool_limits(threads):  # of NumPy's linear algebra
        index = WORKERS[name](threads)
        idle, begin = fresh_memory(), perf_counter()
        index.add(gallery)
        built = {"seconds": round(perf_counter() - begin, 3), "peak_mib": peak_since(idle)}
        print(json.dumps(built), flush=True)
        del gallery
        gc.collect()
        idle = fresh_memory()
        for line in sys.stdin:
            fresh_memory()
            begin, begin_cpu, runs = perf_counter(), process_time(), 0
            while perf_counter() - begin < 0.3:
                _, found = index.search(probes[line.strip()], 1)
                runs += 1
            seconds = perf_counter() - begin
            turn = {
                "milliseconds_per_query": round(1000 * seconds / runs / len(found), 4),
                "seconds": seconds,
                "cpu_seconds": process_time() - begin_cpu,
                "peak_mib": peak_since(idle),
                "rows": found[:, 0].tolist(),
            }
            print(json.dumps(turn), flush=True)


def unit_vectors(number, seed):
    """Return random embeddings, (N, D) float32."""
    shape = (number, DIMENSION)
    return normalise(np.random.default_rng(seed).standard_normal(shape, np.float32))


def build_ours(threads):
    """Return our index; its threads are those of NumPy's linear algebra."""
    return ExactIndex(DIMENSION)


def build_faiss(threads):
    """Return faiss' index, as it comes."""
    import faiss

    faiss.omp_set_num_threads(threads)
    return faiss.IndexFlatIP(DIMENSION)


def build_faiss_blas(threads):
    """Return faiss' index, told to leave the products to its linear algebra."""
    import faiss

    faiss.cvar.distance_compute_blas_threshold = 1
    return build_faiss(threads)


WORKERS = {"ours": build_ours, "faiss": build_faiss, "faiss_blas": build_faiss_blas}


def table(record):
    """Return the record's numbers as lines of text."""
    gallery = record["gallery"]
    lines = [
        f"{gallery['rows']} × {gallery['dimension']}, {record['gallery_mib']:.0f} MiB, "
        f"top 1, {record['threads']} threads",
        f"{'':<12}{'milliseconds a probe':^29}{'ours against':^20}{'extra peak MiB':^26}",
        f"{'':<12}{'ours':>8}{'faiss':>9}{'with BLAS':>12}{'faiss':>9}{'with BLAS':>11}"
        f"{'ours':>8}{'faiss':>8}{'with BLAS':>11}",
    ]
    for case, result in record["cases"].items():
        times, peaks = result["median_milliseconds_per_query"], result["peak_mib"]
        lines.append(
            f"{case:<12}{times['ours']:>8.2f}{times['faiss']:>9.2f}{times['faiss_blas']:>12.2f}"
            f"{result['ratio_to_faiss']:>9.2f}{result['ratio_to_faiss_blas']:>11.2f}"
            f"{peaks['ours']:>8.1f}{peaks['faiss']:>8.1f}{peaks['faiss_blas']:>11.1f}"
        )
    built = ", ".join(
        f"{name} {build['seconds']:.2f} s and {build['peak_mib']:.0f} MiB"
        for name, build in record["build"].items()
    )
    taken = np.median([result["cores_taken_by_others"] for result in record["cases"].values()])
    return "\n".join([*lines, f"built: {built}", others(taken)])


if __name__ == "__main__":
    main()
