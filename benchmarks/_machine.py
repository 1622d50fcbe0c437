"""What a measurement must know of its machine: what it is, and how busy others keep it."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

QUIET = 0.1  # cores: with more taken by others, the numbers tell of them as well
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def machine():
    """Return what the machine is, and how busy it is."""
    return {
        "cpu": cpu(),
        "accelerator": accelerator(),
        "cores": CORES,
        "memory_gib": memory_gib(),
        "load": load(),
    }


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


# How busy others are


def busy_seconds():
    """Return the CPU seconds that all processes used so far; NaN where the system does not tell."""
    stat = Path("/proc/stat")
    if not stat.is_file():
        return float("nan")
    user, nice, system, _idle, _wait, *more = map(int, stat.read_text().split()[1:9])
    return (user + nice + system + sum(more)) / os.sysconf("SC_CLK_TCK")


def others(taken):
    """Return a line on the cores that other processes took, with advice if they were many."""
    advice = ": busy, so measure again when it is quiet" if taken > QUIET else ""
    return f"{CORES} cores; other processes took {taken:.2f} of them{advice}"


# The memory of this process, as Linux counts it


def memory(name):
    """Return one of Linux' figures of this process' memory, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def fresh_memory():
    """Return this process' memory in KiB, and let its peak be counted anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def peak_since(idle):
    """Return the peak of this process' memory above what it was, in MiB."""
    return round((memory("VmHWM") - idle) / 1024, 1)
