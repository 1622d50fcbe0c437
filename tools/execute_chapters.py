"""Run the chapters that changed, two at a time, and keep what they print in the book's cache.

`python tools/execute_chapters.py CACHE CHAPTER...`: Jupyter Book finds the outputs in the folder
CACHE and runs nothing again. A cell that fails stops the build; the message names it.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from normalise_notebooks import merge_streams

TIMEOUT = 1800  # seconds, of one cell: against what hangs


def is_cached(cache, notebook):
    """Return whether a notebook with this code has run before."""
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def past_seconds(cache):
    """Return how long each chapter's last run took, by its path."""
    records = sorted(cache.list_cache_records(), key=lambda record: record.created)
    return {record.uri: record.data.get("execution_seconds", 0) for record in records}


def changed(cache, paths):
    """Return pairs of path and notebook of what has to run, the longest first."""
    notebooks = {path: nbformat.read(path, nbformat.NO_CONVERT) for path in paths}
    seconds = past_seconds(cache)
    pairs = [(path, nb) for path, nb in notebooks.items() if not is_cached(cache, nb)]
    return sorted(pairs, key=lambda pair: -seconds.get(str(pair[0]), pair[0].stat().st_size))


def failure(notebook, error):
    """Return which cell failed, with its code and the error."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                code = cell.source.strip().splitlines()
                return f"cell {number} ({code[0]} …)\n    {output.ename}: {output.evalue}"
    return f"{type(error).__name__}: {error}"


def run(path, notebook):
    """Run one chapter in its folder; what it prints is kept as `make normalise` stores it."""
    options = {"extra_arguments": ["--log-level=40"]}  # without the kernel's own notices
    options |= {"startup_timeout": TIMEOUT, "allow_errors": False}
    result = single_nb_execution(notebook, str(path.parent), TIMEOUT, **options)
    merge_streams(notebook, path)
    return result


def execute(cache, pairs, workers):
    """Run chapters side by side; return the messages of those that failed."""
    failed = []
    with ThreadPoolExecutor(workers) as pool:
        runs = {pool.submit(run, *pair): pair for pair in pairs}
        for done in as_completed(runs):
            (path, notebook), result = runs[done], done.result()
            if result.err is not None:
                failed.append(f"{path.name}: {failure(notebook, result.err)}")
                print(f"    {path.stem}: FAILED after {result.time:.0f} s", flush=True)
                continue
            print(f"    {path.stem}: {result.time:.0f} s", flush=True)
            bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": result.time})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return failed


def main():
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("chapters", nargs="+", type=Path)
    parser.add_argument("--workers", type=int, default=2, help="chapters at a time")
    options = parser.parse_args()
    cache = get_cache(str(options.cache))
    pairs = changed(cache, [path.resolve() for path in options.chapters])
    print(f"    {len(pairs)} of {len(options.chapters)} chapters to run", flush=True)
    failed = execute(cache, pairs, options.workers)
    if failed:
        sys.exit("\n".join(["==> these chapters failed:", *failed]))


if __name__ == "__main__":
    main()
