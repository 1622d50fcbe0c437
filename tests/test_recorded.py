"""What the benchmarks recorded can be read wherever the package is installed."""

import doctest
import json
from pathlib import Path

import pytest

from facebook_tut import recorded

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results"


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_record_is_found_and_says_how_it_was_made(path):
    record = recorded.load(path.stem)
    assert record == json.loads(path.read_text(encoding="utf-8"))
    assert {"command", "date", "machine", "versions"} <= set(record)
    assert record["command"].startswith("python benchmarks/")


def test_an_unknown_record_is_named():
    with pytest.raises(ValueError, match=r"name must be one of .*layers.*, got 'no-such'"):
        recorded.load("no-such")


def test_its_example_runs():
    assert doctest.testmod(recorded) == (0, 2)
