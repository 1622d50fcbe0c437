"""What every benchmark records of its command and its machine."""

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from facebook_tut._files import replacing

RECORDED = Path(__file__).resolve().parents[1] / "facebook_tut" / "recorded"
QUIET = 0.1  # cores: with more taken by others, the numbers tell of them as well
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def positive(text):
    """Return a whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return number


def write(record, path):
    """Write a record as JSON, whole or not at all, over an older one."""
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"written to {path}")


def busy_seconds():
    """Return the CPU seconds that all processes used so far; NaN where the system does not tell."""
    stat = Path("/proc/stat")
    if not stat.is_file():
        return float("nan")
    user, nice, system, _idle, _wait, *more = map(int, stat.read_text().split()[1:9])
    return (user + nice + system + sum(more)) / os.sysconf("SC_CLK_TCK")


def describe(*packages):
    """Return what was run, when, on what machine and with which versions of which packages."""
    return {
        "command": command(*sys.argv),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cpu": cpu(),
            "accelerator": accelerator(),
            "cores": CORES,
            "memory_gib": memory_gib(),
            "load": load(),
        },
        "versions": {"python": platform.python_version(), **versions(packages)},
    }


def command(script, *arguments):
    """Return what repeats the run from the project's folder.

    Where the data are is called PATH, and where a network or a program is, FILE.
    """
    named = dict.fromkeys(("--data", "--pages"), "PATH")
    named |= dict.fromkeys(("--model", "--camera", "--lighthouse"), "FILE")
    before = ("", *arguments)
    words = [named.get(b, word) for b, word in zip(before, arguments, strict=False)]
    return shlex.join(["python", f"benchmarks/{Path(script).name}", *words])


def versions(packages):
    """Return the versions of the packages that are measured, and of ours."""
    found = {}
    for name in ("facebook_tut", "keras", "tensorflow", "numpy", *packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def cpu():
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def accelerator():
    """Return the name of the GPU that Keras can use, or None."""
    found = shutil.which("nvidia-smi")
    if found is None:
        return None
    names = subprocess.run([found, "--list-gpus"], capture_output=True, text=True).stdout
    return names.split(" (UUID")[0].removeprefix("GPU 0: ") or None


def memory_gib():
    """Return the size of the memory, or None where the system does not tell."""
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def load():
    """Return how many processes wanted to run in the last minute, or None if that is not told."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
