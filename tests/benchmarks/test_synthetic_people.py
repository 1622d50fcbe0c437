"""The benchmark of the synthetic people: its measures by hand, and that it runs on a few."""

import json
import sys

import numpy as np
import pytest
import synthetic_people as benchmark

from facebook_tut.data.synthetic import DIALS, sample_people


@pytest.fixture
def few(monkeypatch):
    """Twelve people of three pictures, and a network that learns from few."""
    monkeypatch.setattr(benchmark, "TESTED", 12)
    monkeypatch.setattr(benchmark, "PICTURES", 3)
    monkeypatch.setattr(benchmark, "FITTED", 6)
    monkeypatch.setattr(benchmark, "ROUNDS", 20)
    monkeypatch.setattr(benchmark, "PEOPLE", 2)
    tiny = ((8, 4), {"filters": (4,), "blocks": (0,)}, {"epochs": 1, "batch_size": 16})
    monkeypatch.setattr(benchmark, "NETWORKS", {"tiny": tiny})
    return sample_people(12, 3, seed=3, size=benchmark.DRAWN)


def test_what_a_vector_holds_can_be_read_and_what_it_does_not_cannot(few):
    vectors = np.stack([few.attributes[name] for name in ("skin tone", "jaw")], axis=1)
    assert benchmark.readable(vectors, few, "jaw")["value"] > 0.98
    low, high = benchmark.readable(vectors, few, "jaw")["interval"]
    assert 0.9 < low <= high <= 1
    assert benchmark.readable(vectors, few, "nose width")["value"] < 0.5


def test_swapping_what_an_embedding_reads_separates_and_the_rest_does_not(few, monkeypatch):
    """An embedding that knows one colour only: the mean red of a picture against its blue."""

    def embed(model, crops):
        tone = crops.mean(axis=(1, 2))
        return np.stack([tone[:, 0], tone[:, 2]], axis=1)

    monkeypatch.setattr(benchmark, "embed", embed)
    steady = {name: dial.neutral for name, dial in DIALS.items() if dial.spread != "flat"}
    people = sample_people(12, 3, seed=3, size=benchmark.DRAWN, fixed=steady | {"background": 0})
    vectors = embed(None, benchmark.middle(people.images))
    nothing = benchmark.swapped(None, vectors, people, ())
    assert nothing["value"] == 0.5
    skin = benchmark.swapped(None, vectors, people, ("skin tone", "undertone"))
    brows = benchmark.swapped(None, vectors, people, ("brow slant",))
    assert skin["value"] > brows["value"] + 0.1
    assert skin["interval"][0] <= skin["value"] <= skin["interval"][1]


def test_it_runs_and_keeps_an_earlier_record(few, tmp_path, monkeypatch):
    output, before = tmp_path / "record.json", tmp_path / "before.json"
    command = ["synthetic_people.py", "--rounds", "1", "--output"]
    monkeypatch.setattr(sys, "argv", [*command, str(before)])
    benchmark.main()
    monkeypatch.setattr(sys, "argv", [*command, str(output), "--before", str(before)])
    benchmark.main()
    old, new = (json.loads(path.read_text("utf-8")) for path in (before, output))
    assert new["before"]["identity"] == old["identity"] == new["identity"]
    assert set(new["identity"]["networks"]["tiny"]["r2"]) == set(benchmark.READ)
    assert set(new["identity"]["pixels"]) == {
        f"{view}, {colours}" for view in ("middle", "aligned") for colours in ("colour", "grey")
    }
