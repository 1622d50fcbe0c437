"""Runs chapters strictly in another environment, in a folder that holds nothing else."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import junit
from colab_environment import variables

# Colab has no ai_edge_litert. That TensorFlow's interpreter is to go is not a chapter's output.
QUIET = {"PYTHONWARNINGS": "ignore::UserWarning:facebook_tut.export"}
NBVAL = ("--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider", "--color=no")
SHOWN = 60  # lines of a failure


@dataclass
class Outcome:
    """What became of a chapter: how many cells passed, and what was wrong with each other one."""

    chapter: str
    passed: int = 0
    failed: dict = field(default_factory=dict)


def run_chapters(python, paths, told=print):
    """Run one chapter after the other; tell a row for each, and return an `Outcome` of each."""
    outcomes = []
    told(f"{'chapter':<36}{'cells passed':<14}failed")
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(run_chapter(python, path, Path(folder)))
        told(line(outcomes[-1]))
    return outcomes


def run_chapter(python, path, folder):
    """Run a copy of a chapter, where the only package to import is the installed one."""
    shutil.copy(path, folder)
    (folder / "pytest.ini").write_text("[pytest]\n")  # else settings from above might apply
    report = folder / "report.xml"
    command = [python, "-m", "pytest", *NBVAL, f"--junitxml={report}", path.name]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=variables(**QUIET), **pipes
    )
    if not report.is_file():
        return Outcome(path.stem, failed={"pytest": done.stdout})
    return read_report(path.stem, report.read_text("utf-8"))


def read_report(chapter, text):
    """Return what a report in JUnit's form says of a chapter's cells."""
    outcome = Outcome(chapter)
    for _, cell, said in junit.cases(text):
        if said is None:
            outcome.passed += 1
        else:
            outcome.failed[cell] = said
    if not (outcome.passed or outcome.failed):
        outcome.failed["pytest"] = "no cell was run"
    return outcome


def line(outcome):
    """Return the row of a chapter: its name, the cells that passed, and the others' names."""
    cells = outcome.passed + len(outcome.failed)
    named = ", ".join(outcome.failed) or "–"
    return f"{outcome.chapter:<36}{outcome.passed:>4} of {cells:<6}{named}"


def summary(outcomes):
    """Return the sum of all rows, and then both outputs of each cell that failed."""
    passed = sum(outcome.passed for outcome in outcomes)
    cells = passed + sum(len(outcome.failed) for outcome in outcomes)
    lines = [f"{'all':<36}{passed:>4} of {cells}", ""]
    for outcome in outcomes:
        for cell, said in outcome.failed.items():
            lines += [f"{outcome.chapter}, {cell}:", *said.strip().splitlines()[:SHOWN], ""]
    return "\n".join(lines)
