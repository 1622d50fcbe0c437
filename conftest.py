"""For every test: no progress bars; quick kernels, and a look at the time that cells take.

Time fails no test: a slow or busy machine is not a fault of the book. A cell over `cell_budget` is
named at the end, and fails only with --fail-over-budget.
"""

import os
import sys
from importlib.util import find_spec

import pytest

# Bars never print the same twice; the kernels that nbval starts inherit this.
os.environ.setdefault("TQDM_DISABLE", "1")

SHOWN = 10  # of the slowest cells


def pytest_addoption(parser):
    parser.addini("cell_budget", "seconds that a notebook cell should take at most; any without it")
    parser.addoption("--fail-over-budget", action="store_true", help="fail cells over cell_budget")
    parser.addini("forked_kernels", "start kernels with Keras loaded (Linux)", type="bool")


def pytest_configure(config):
    """Make kernels start quickly where notebooks are tested."""
    if config.getini("forked_kernels") and config.getoption("nbval", False):
        import forked_kernels  # of the folder tools

        forked_kernels.use()


def pytest_collection_modifyitems(items):
    """Skip the example that needs faiss where there is none, as on macOS before 14.

    A test whose name holds an address of memory has another name in each worker, so that none of
    them runs any test: it is refused at once, also by a run of a single file.
    """
    for item in items:
        if " at 0x" in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid} must not hold an address: name it with ids")
        if item.name == "facebook_tut.matching.index.FaissIndex" and find_spec("faiss") is None:
            item.add_marker(pytest.mark.skip(reason="faiss is not installed"))


def pytest_runtest_teardown(item):
    """Close the figures of an example: examples show how to draw, not how to tidy up."""
    if isinstance(item, pytest.DoctestItem) and "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let a notebook cell over the budget fail where that is asked for."""
    report, config = (yield), item.config
    if config.getoption("fail_over_budget") and report.passed and is_over_budget(report, config):
        report.outcome, report.longrepr = "failed", excess(report, config)
    return report


def pytest_terminal_summary(terminalreporter, config):
    """List the slowest notebook cells, and those that took longer than the budget."""
    reports = [each for end in ("passed", "failed") for each in terminalreporter.getreports(end)]
    cells = sorted(filter(is_cell, reports), key=lambda report: -report.duration)
    if cells:
        terminalreporter.section("slowest notebook cells")
    for report in cells[:SHOWN]:
        chapter, cell = chapter_and_cell(report)
        terminalreporter.write_line(f"{report.duration:7.1f} s  {chapter}  {cell}")
    for report in cells:
        if is_over_budget(report, config):
            terminalreporter.write_line(f"over budget: {excess(report, config)}")


def is_cell(report):
    """Return whether a report is of a run of a notebook's cell."""
    return report.when == "call" and ".ipynb::" in report.nodeid


def is_over_budget(report, config):
    """Return whether a report is of a cell that took longer than the budget."""
    budget = config.getini("cell_budget")
    return bool(budget) and is_cell(report) and report.duration > float(budget)


def excess(report, config):
    """Return by how much a cell exceeded the budget, in words."""
    place, budget = " ".join(chapter_and_cell(report)), config.getini("cell_budget")
    return f"{place} took {report.duration:.1f} s, its budget is {budget} s (cell_budget)"


def chapter_and_cell(report):
    """Return a notebook's path and what nbval calls the cell, such as "Cell 3"."""
    return report.nodeid.split("::", 1)
