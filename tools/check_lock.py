"""Ask the package index whether every compiled pin has a wheel wherever the book is to run.

`python tools/check_lock.py` reads requirements.lock and, for each platform and each Python, asks
pip for wheels of the pins that are needed there and hold machine code. pip lists versions and
downloads none of them. Prints a table, and names what is missing: then it exits with 1.
"""

import argparse
import subprocess
import sys
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
EXTRAS = ("book", "interactive", "privacy", "test")
GLIBC = 28  # 2.28: Debian 10, Ubuntu 20.04, RHEL 8
OLD_LINUX = {"manylinux1": "x86_64", "manylinux2010": "x86_64", "manylinux2014": ""}
NONE = "No matching distribution found"


class Platform(NamedTuple):
    """A computer that the README promises: pip's tags, and what markers see there."""

    name: str
    tags: tuple
    marks: dict


class Question(NamedTuple):
    """Does this pin have a wheel there?"""

    platform: str
    python: str
    name: str
    version: str


def linux(machine):
    """Return the platform of a Linux with glibc 2.28, which runs wheels for all older ones."""
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(5, GLIBC + 1)]
    tags += [f"{old}_{machine}" for old, only in OLD_LINUX.items() if only in (machine, "")]
    marks = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
    marks |= {"platform_machine": machine, "platform_release": "6", "platform_version": "#1 SMP"}
    return Platform(f"Linux {machine}", tuple(tags), marks)


def mac(version, darwin):
    """Return the platform of a macOS on Apple silicon."""
    marks = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"}
    marks |= {"platform_machine": "arm64", "platform_release": f"{darwin}.0.0"}
    marks |= {"platform_version": f"Darwin Kernel Version {darwin}.0.0: root:xnu/RELEASE_ARM64"}
    return Platform(f"macOS {version} arm64", (f"macosx_{version}_0_arm64",), marks)


def windows():
    """Return the platform of 64-bit Windows."""
    marks = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"}
    marks |= {"platform_machine": "AMD64", "platform_release": "11", "platform_version": "10.0"}
    return Platform("Windows x86_64", ("win_amd64",), marks)


PLATFORMS = (linux("x86_64"), linux("aarch64"), mac(12, 21), mac(14, 23), windows())


def pins(lock):
    """Return the versions of a file of pins, by name."""
    lines = [line for line in lock.read_text("utf-8").splitlines() if line]
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def roots(project):
    """Return what pyproject.toml asks for, for the book and its tests."""
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(text for name in EXTRAS for text in extras[name])]


def asked_by(name):
    """Return what an installed distribution asks for; nothing where it is not installed."""
    try:
        return distribution(name).requires or ()
    except PackageNotFoundError:
        return ()


def needed(texts, marks):
    """Return the names that requirements lead to on a machine with these marks."""
    met, rest = set(), [("", text) for text in texts]
    while rest:
        extra, text = rest.pop()
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({**marks, "extra": extra}):
            continue
        for pair in ((canonicalize_name(wanted.name), extra) for extra in ("", *wanted.extras)):
            if pair not in met:
                met.add(pair)
                rest += [(pair[1], text) for text in asked_by(pair[0])]
    return {name for name, _ in met}


def is_compiled(name):
    """Return whether the installed wheel was made for one kind of machine; None if there is none.

    Some say so in their tags alone: they hold programs, not modules.
    """
    try:
        wheel = distribution(name).read_text("WHEEL") or ""
    except PackageNotFoundError:
        return None
    tags = [line for line in wheel.splitlines() if line.startswith("Tag:")]
    return not all(tag.endswith("-any") for tag in tags)


def questions(lock, project):
    """Return what is to be asked, and the names that some platform needs without a pin."""
    asked, unpinned = [], Counter()
    for platform in PLATFORMS:
        for python in PYTHONS:
            marks = {"python_version": python, "python_full_version": f"{python}.0"}
            for name in sorted(needed(roots(project), platform.marks | marks)):
                if name not in lock:
                    unpinned[name, platform.name] += 1
                elif is_compiled(name) is not False:
                    asked.append(Question(platform.name, python, name, lock[name]))
    return asked, sorted(unpinned)


def available(question):
    """Return the versions of which pip finds a wheel, newest first; stop where it cannot ask."""
    tags = next(each.tags for each in PLATFORMS if each.name == question.platform)
    command = [sys.executable, "-m", "pip", "index", "versions", question.name]
    command += ["--only-binary=:all:", "--python-version", question.python]
    command += [part for tag in tags for part in ("--platform", tag)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and (NONE not in done.stderr or "Retrying" in done.stderr):
        raise SystemExit(f"==> pip cannot ask for {question.name}: {done.stderr.strip()}")
    lines = [line for line in done.stdout.splitlines() if line.startswith("Available versions: ")]
    return lines[0].partition(": ")[2].split(", ") if lines else []


def report(answers):
    """Return lines: how many pins have a wheel, by platform and Python, and those that have none.

    Parameters
    ----------
    answers : dict of Question to list of str
        The versions of which the index has a wheel there.
    """
    found = {each: each.version in versions for each, versions in answers.items()}
    total = Counter((each.platform, each.python) for each in found)
    there = Counter((each.platform, each.python) for each in found if found[each])
    lines = ["compiled pins that have a wheel", f"{'':<16}" + "".join(f"{x:>9}" for x in PYTHONS)]
    for platform in dict.fromkeys(each.platform for each in found):
        cells = (f"{there[platform, x]}/{total[platform, x]}" for x in PYTHONS)
        lines.append(f"{platform:<16}" + "".join(f"{cell:>9}" for cell in cells))
    anywhere = {each.name for each in found if found[each]}
    for each in (each for each in found if not found[each]):
        place = f"{each.name}=={each.version}, {each.platform}, {each.python}"
        instead = f"the newest there is {(answers[each] or ['none'])[0]}"
        elsewhere = "" if each.name in anywhere else "; this index has it for no platform"
        lines.append(f"missing: {place}: {instead}{elsewhere}")
    return lines


def main():
    """Ask for every pin and print the answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="questions at a time")
    workers = parser.parse_args().workers
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked, unpinned = questions(pins(ROOT / "requirements.lock"), project)
    with ThreadPoolExecutor(workers) as pool:
        answers = dict(zip(asked, pool.map(available, asked), strict=True))
    print("\n".join(report(answers)))
    for name, platform in unpinned:
        print(f"not pinned: {name}, which {platform} needs")
    missing = [each for each, versions in answers.items() if each.version not in versions]
    sys.exit(bool(missing or unpinned))


if __name__ == "__main__":
    main()
