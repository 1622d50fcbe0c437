"""What the benchmarks recorded can be read wherever the package is installed."""

import json
import re
from pathlib import Path

import pytest

from facebook_tut import recorded

RESULTS = Path(__file__).resolve().parents[1] / "facebook_tut" / "recorded"


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_record_is_found_and_says_how_it_was_made(path):
    record = recorded.load(path.stem)
    assert record == json.loads(path.read_text(encoding="utf-8"))
    assert {"command", "date", "machine", "versions"} <= set(record)
    assert record["command"].startswith("python benchmarks/")


def test_the_records_stand_in_the_package_also_where_it_is_not_installed():
    assert Path(recorded.__file__).parent == RESULTS


def test_an_unknown_record_is_named():
    with pytest.raises(ValueError, match=r"name must be one of .*layers.*, got 'no-such'"):
        recorded.load("no-such")


def test_every_experiment_says_what_it_changed_and_what_came_of_it():
    rows = recorded.experiments()
    assert len({row["changed"] for row in rows}) == len(rows) >= 24
    for row in rows:
        assert row["low"] < row["accuracy"] < row["high"]
        assert 0.5 < row["accuracy"] < row["auc"] <= 1
        assert row["changed"] and row["expected"] and row["date"] >= "2026"
        assert re.fullmatch("(python benchmarks/lfw .*--view 1|exploration: ).*", row["command"])
        assert "--experiment" not in row["command"]


def short(estimate, digits=3):
    """Return an estimate as the pages write it: .980, and .967 to .991."""
    numbers = (estimate["value"], *estimate["interval"])
    value, low, high = (f"{number:.{digits}f}".removeprefix("0") for number in numbers)
    return value, f"{low} to {high}"


def test_the_answer_on_a_stronger_network_quotes_the_record():
    record = recorded.load("peers")
    page = (Path(recorded.__file__).parents[2] / "book" / "faq.md").read_text("utf-8")
    answer = page.partition("## Is there a stronger network?")[2].partition("\n## ")[0]
    for system in ("dlib", "shipped"):
        points = record["all_pairs"]["systems"][system]["operating_points"]
        grey = record["conditions"]["systems"][system]["no colour"]["both"]["fmr"]
        quoted = [
            *short(record["view1"]["systems"][system]["accuracy"]),
            *short(points["0.001"]["tar"]),
            *short(grey, 4 if system == "dlib" else 2),
        ]
        assert [words for words in quoted if words not in answer] == []


def test_a_value_is_written_with_its_interval_in_the_form_that_is_asked_for():
    assert recorded.with_interval(0.5, (0.41, 0.586)) == "0.500 (0.410 to 0.586)"
    assert recorded.with_interval(0.05, (-0.1, 0.2), "+.1f") == "+0.1 (-0.1 to +0.2)"
    assert recorded.with_interval(0.384, (0.35, 0.42), ".0%") == "38% (35% to 42%)"


def test_a_table_has_all_columns_in_order_and_ends_no_line_in_blanks():
    rows = {"a": {"one": 1, "two": "x"}, "long name": {"three": 3.5, "two": ""}}
    lines = recorded.table(rows, "title").splitlines()
    assert lines == [
        "title      one  two  three",
        "a            1    x",
        "long name              3.5",
    ]
    assert recorded.table({}) == ""
