"""For every test: no progress bars; quick kernels, and a look at the time that cells take."""

import os

import pytest

# Bars never print the same twice; the kernels that nbval starts inherit this.
os.environ.setdefault("TQDM_DISABLE", "1")

SHOWN = 10  # of the slowest cells


def pytest_addoption(parser):
    parser.addini("cell_budget", "seconds that a notebook cell may take at most; any without it")
    parser.addini("forked_kernels", "start kernels with Keras loaded (Linux)", type="bool")


def pytest_configure(config):
    """Make kernels start quickly where notebooks are tested."""
    if config.getini("forked_kernels") and config.getoption("nbval", False):
        import forked_kernels  # of the folder tools

        forked_kernels.use()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let a notebook cell fail that took longer than the budget."""
    report, budget = (yield), item.config.getini("cell_budget")
    if budget and is_cell(report) and report.passed and report.duration > float(budget):
        report.outcome = "failed"
        place, seconds = " ".join(chapter_and_cell(report)), f"{report.duration:.1f} s"
        report.longrepr = f"{place} took {seconds}, more than its budget, {budget} s (cell_budget)"
    return report


def pytest_terminal_summary(terminalreporter):
    """List the slowest notebook cells."""
    reports = [each for end in ("passed", "failed") for each in terminalreporter.getreports(end)]
    cells = sorted(filter(is_cell, reports), key=lambda report: -report.duration)[:SHOWN]
    if cells:
        terminalreporter.section("slowest notebook cells")
    for report in cells:
        chapter, cell = chapter_and_cell(report)
        terminalreporter.write_line(f"{report.duration:7.1f} s  {chapter}  {cell}")


def is_cell(report):
    """Return whether a report is of a run of a notebook's cell."""
    return report.when == "call" and ".ipynb::" in report.nodeid


def chapter_and_cell(report):
    """Return a notebook's path and what nbval calls the cell, such as "Cell 3"."""
    return report.nodeid.split("::", 1)
