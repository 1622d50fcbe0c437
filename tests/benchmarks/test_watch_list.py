"""The benchmark of watch lists: its rates by hand, and a run on a tiny fake LFW."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import watch_list


def test_the_rates_are_those_by_hand(monkeypatch):
    monkeypatch.setattr(watch_list, "THRESHOLDS", (0.5, 0.7, 0.95))
    angles = np.deg2rad([0, 40, 90, 135, 320, 200])  # Ann twice, Bo twice, two strangers
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    listed, strangers = np.array([[0, 1], [2, 3]]), np.array([4, 5])
    found = watch_list.rates(embeddings, listed, strangers)
    assert found["dir"].tolist() == [1, 1, 0]  # cosines of 40° and 45°: 0.77 and 0.71
    assert found["fpir"].tolist() == [0.5, 0.5, 0]  # one stranger is 40° from Ann
    assert np.allclose(found["far"], [0.25, 0.25, 0])


def test_people_with_one_photograph_are_strangers():
    photos = [SimpleNamespace(name=name) for name in ("Ann", "Bo", "Ann", "Cy")]
    listed, strangers = watch_list.rows_of(photos)
    assert listed.tolist() == [[0, 2]] and strangers.tolist() == [1, 3]


def test_it_runs_on_people_that_the_network_never_met(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(watch_list, "SIZES", (3, 6))
    photos_of_all = watch_list.test_photos

    def some_once(*arguments, **options):
        """Return the photographs, the last five people's second ones left out."""
        photos = photos_of_all(*arguments, **options)
        last = sorted({photo.name for photo in photos})[-5:]
        return [photo for photo in photos if photo.number == 1 or photo.name not in last]

    monkeypatch.setattr(watch_list, "test_photos", some_once)
    output = tmp_path / "record.json"
    command = ["watch_list.py", "--data", str(folder), "--output", str(output), "--draws", "3"]
    monkeypatch.setattr(sys, "argv", command)
    watch_list.main()
    record = json.loads(output.read_text())
    assert (record["people_to_list"], record["strangers"]) == (10, 5)
    assert [*record["lists"]] == ["3", "6"]
    for found in record["lists"].values():
        for rates in found.values():
            assert len(rates) == len(record["thresholds"])
            assert (np.diff(rates) <= 0).all() and 0 <= rates[-1] <= rates[0] <= 1
