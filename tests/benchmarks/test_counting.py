"""The benchmark of counting: its streams are as described, and it runs on a tiny fake LFW."""

import json
import sys
from collections import Counter

import counting
import numpy as np
import pytest

THRESHOLDS = (0.0, 0.5, 0.9)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few thresholds and small streams."""
    monkeypatch.setattr(counting, "THRESHOLDS", THRESHOLDS)
    monkeypatch.setattr(counting, "SIZES", (3, 5))
    monkeypatch.setattr(counting, "ONCE", 4)


def test_a_stream_shows_each_of_its_people_in_one_to_most_photographs_and_none_twice():
    names = np.repeat(["Ann", "Bo", "Cy", "Di"], [5, 1, 3, 9])
    rng = np.random.default_rng(0)
    for _ in range(50):
        rows = counting.draw(names, ["Ann", "Bo", "Cy", "Di"], 3, 4, rng)
        shown = Counter(names[rows])
        assert len(shown) == 3 and max(shown.values()) <= 4 and len(set(rows)) == len(rows)


def test_the_threshold_that_tells_people_apart_is_chosen():
    rng = np.random.default_rng(0)
    names = np.repeat([f"person {k}" for k in range(12)], 3)
    centres = np.repeat(np.eye(12), 3, axis=0)
    embeddings = centres + rng.normal(0, 0.1, centres.shape)  # cosines near 0.9 and near 0
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    errors = counting.measure(embeddings, names, np.unique(names), streams=20)
    assert [*errors] == ["3", "5", "4, once each"]
    assert counting.choose(errors) == 0.5
    found = counting.summarise(errors["5"])
    assert found["error"][1] == found["splits"][1] == found["merges"][1] == 0
    assert found["merges"][0] > 0 and found["error"][0] < 0 < found["error"][2]
    assert counting.summarise(errors["4, once each"])["splits"] == [0, 0, 0]


def test_it_runs_on_people_that_the_network_never_met(folder, tmp_path, monkeypatch):
    output = tmp_path / "record.json"
    command = ["counting.py", "--data", str(folder), "--output", str(output), "--streams", "4"]
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.setattr(counting.pretrained, "THRESHOLD", 0.5)  # one of the few
    counting.main()
    record = json.loads(output.read_text())
    assert record["people"] == {"choosing": 7, "reporting": 8}
    assert record["threshold"] in THRESHOLDS and record["thresholds"] == [*THRESHOLDS]
    for found in record["reporting"].values():
        difference = np.subtract(found["splits"], found["merges"])
        np.testing.assert_allclose(difference, found["error"], atol=2e-4)
        assert (np.array(found["low"]) <= found["high"]).all()
