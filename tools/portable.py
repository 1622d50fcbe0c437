"""Run the chapters and the package's tests as other processors would, and print what differs.

    python tools/portable.py                              # make portable: everything, every profile
    python tools/portable.py --profiles noise-1,baseline book/04_convolution.ipynb
    python tools/portable.py --seeds 5 --profiles noise   # noise-1 to noise-5

A profile is what another machine would have: fewer vector instructions, more or fewer threads, or
*noise*, which moves results that processors may round differently by a unit in the last place
(other_processor/noise.py). The table has a line for each chapter and a column for each profile;
below it stand the cells that failed, with the stored output and the new one. Exit 1 if any failed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import junit

ROOT = Path(__file__).resolve().parents[1]
NOISE = ROOT / "tools" / "other_processor"
TESTS = ("tests", "facebook_tut")
NOT_OF_THE_PACKAGE = [ROOT / "tests" / name for name in ("book", "extensions", "tools")]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
FIXTURES = ROOT / "tests" / "tools" / "fixtures" / "processors"
CONTROLS = {"cascade.ipynb": ("1", "2"), "channels.ipynb": ("3",)}  # seeds, one of which finds it
LONGEST, MOST = 160, 12  # letters of a line, and lines of a failure


@dataclass(frozen=True)
class Failure:
    """A cell or test that failed.

    Attributes
    ----------
    file, place : str
        Such as "book.04_convolution.ipynb" and "Cell 3".
    said : str
        What pytest said, without colours.
    """

    file: str
    place: str
    said: str

    def __str__(self):
        """Return the lines that differ, stored "+" and new "-", or the last of the error."""
        lines = self.said.strip().splitlines()
        differ = [line.strip() for line in lines if line.strip().startswith(("- ", "+ "))]
        shown = differ or [line for line in lines if line.strip()][-6:]
        return "\n    ".join(
            [f"{self.file} {self.place}", *(line[:LONGEST] for line in shown[:MOST])]
        )


@dataclass
class Outcome:
    """What a profile gave: numbers of tests by file, failures, and seconds."""

    counts: dict = field(default_factory=dict)
    failures: list = field(default_factory=list)
    seconds: float = 0.0

    def of(self, row):
        """Return a row's entry in the table."""
        failed = sum(row_of(failure.file) == row for failure in self.failures)
        ran = sum(count for file, count in self.counts.items() if row_of(file) == row)
        return f"{failed} of {ran} failed" if failed else f"{ran} pass" if ran else "-"


# Profiles


def vector_features():
    """Return the instruction sets for which this NumPy has code of its own, the least first."""
    from numpy._core import _multiarray_umath

    return list(_multiarray_umath.__cpu_dispatch__)


def without(features):
    """Return the variable that keeps NumPy from those of the features that this machine has."""
    from numpy._core import _multiarray_umath

    there = [name for name in features if _multiarray_umath.__cpu_features__.get(name)]
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(there)} if there else {}


def threads(count):
    """Return the variables that give every library so many threads."""
    return dict.fromkeys(THREADS, str(count))


def above_avx2():
    """Return the instruction sets beyond AVX2."""
    return [name for name in vector_features() if name == "X86_V4" or name.startswith("AVX512")]


def profiles(seeds):
    """Return the variables of each profile by its name.

    Parameters
    ----------
    seeds : int
        How many processors to play by noise.
    """
    avx2 = {"OPENBLAS_CORETYPE": "Haswell", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    sse = {"OPENBLAS_CORETYPE": "Nehalem", "ONEDNN_MAX_CPU_ISA": "SSE41"}
    noise = {f"noise-{seed}": {"FACEBOOK_TUT_NOISE": str(seed)} for seed in range(1, seeds + 1)}
    return {
        "as it is": {},
        "AVX2": without(above_avx2()) | avx2,
        "baseline": without(vector_features()) | sse | {"TF_ENABLE_ONEDNN_OPTS": "0"},
        "1 thread": threads(1),
        "4 threads": threads(4),
        **noise,
    }


def chosen(names, seeds):
    """Return the profiles of these names; "noise" stands for every seed's."""
    every = profiles(seeds)
    picked = {}
    for name in names or every:
        found = {n: v for n, v in every.items() if n == name or n.startswith(f"{name}-")}
        if not found:
            raise SystemExit(f"no profile {name}: there are {', '.join(every)}, and noise for all")
        picked |= found
    return picked


# Running


def command(paths, report, workers):
    """Return pytest's command line."""
    quick = ["-n", str(workers), "--dist", "loadfile"] if workers > 1 else ["-p", "no:xdist"]
    ignore = [f"--ignore={folder}" for folder in NOT_OF_THE_PACKAGE]
    options = ["-vv", "--tb=short", "-p", "no:cacheprovider", "-o", "cell_budget=", *ignore]
    pytest = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env"]
    return [*pytest, *options, *quick, f"--junitxml={report}", *paths]


def variables(profile):
    """Return a process's variables in a profile: those of this one, and what the profile says."""
    kept = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as in `make test`
    found = {**os.environ, **kept, "TQDM_DISABLE": "1", **profile}
    if "FACEBOOK_TUT_NOISE" in profile:
        found["PYTHONPATH"] = os.pathsep.join(filter(None, [str(NOISE), found.get("PYTHONPATH")]))
    return found


def run(profile, paths, workers=2):
    """Run the tests in a profile and return its `Outcome`."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            command(paths, report, workers),
            cwd=ROOT,
            env=variables(profile),
            capture_output=True,
            text=True,
        )
        outcome = read(report.read_text("utf-8")) if report.is_file() else Outcome()
    outcome.seconds = time.perf_counter() - start
    if done.returncode not in (0, 1) or (done.returncode and not outcome.failures):
        outcome.failures.append(Failure("pytest", f"exit code {done.returncode}", done.stdout))
    return outcome


def read(report):
    """Return the `Outcome` that pytest's JUnit report tells of."""
    outcome = Outcome()
    for file, place, said in junit.cases(report):
        outcome.counts[file] = outcome.counts.get(file, 0) + 1
        if said is not None:
            outcome.failures.append(Failure(file, place, said))
    return outcome


def row_of(file):
    """Return the line of the table in which a file's tests are counted."""
    if file.endswith(".ipynb"):
        return file.removesuffix(".ipynb").rpartition(".")[2]
    return "package: tests" if file.startswith("tests") else "package: doctests"


def table(outcomes):
    """Return the lines of the table of chapters and profiles."""
    rows = sorted({row_of(file) for each in outcomes.values() for file in each.counts})
    head = ["", *outcomes]
    lines = [[row, *(each.of(row) for each in outcomes.values())] for row in rows]
    lines.append(["seconds", *(f"{each.seconds:.0f}" for each in outcomes.values())])
    widths = [max(len(line[k]) for line in [head, *lines]) for k in range(len(head))]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in [head, *lines]]


def controls():
    """Return the chapters' old faults, kept as fixtures, that noise does not find any more."""
    missed = []
    for name, seeds in CONTROLS.items():
        runs = (run({"FACEBOOK_TUT_NOISE": seed}, [str(FIXTURES / name)], 1) for seed in seeds)
        found = any(outcome.failures for outcome in runs)
        print(f"==> portable: control {name}: {'found' if found else 'NOT found'}", flush=True)
        if not found:
            missed.append(Failure(name, "control", "noise no longer finds this old fault"))
    return missed


def everything():
    """Return the chapters, then the package's tests."""
    return [*map(str, sorted(ROOT.glob("book/*.ipynb"))), *TESTS]


def parse(arguments):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", help="chapters or tests; all of them if not given")
    parser.add_argument("--profiles", type=lambda names: names.split(","), help="those only")
    parser.add_argument("--seeds", type=int, default=2, help="processors played by noise (2)")
    parser.add_argument("--workers", type=int, default=2, help="tests side by side (2)")
    return parser.parse_args(arguments)


def main(arguments=None):
    """Run the profiles, print the table and what failed; return 0 if all is well and 1 if not."""
    options, outcomes, missed = parse(arguments), {}, []
    picked = chosen(options.profiles, options.seeds)
    if not options.paths and any(name.startswith("noise") for name in picked):
        missed = controls()
    for name, profile in picked.items():
        settings = " ".join(f"{key}={value!r}" for key, value in profile.items())
        print(f"==> portable: {name} {settings}".rstrip(), flush=True)
        outcomes[name] = run(profile, options.paths or everything(), options.workers)
        for failure in outcomes[name].failures:
            print(failure, flush=True)
    print(*missed, "", *table(outcomes), sep="\n")
    return int(bool(missed) or any(outcome.failures for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
