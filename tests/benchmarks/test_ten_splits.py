"""The benchmark of ten splits: what it measures, and that it runs on small splits."""

import json
import sys

import numpy as np
import pytest
import ten_splits
from ten_splits import METHODS, Scores, balanced_loss, by_photograph, measure

from facebook_tut.data import Dataset, Splits


@pytest.fixture(scope="module")
def small():
    """Three splits of 24 images that a glance tells apart, from 12 sources each."""
    rng, splits = np.random.default_rng(0), []
    for name in ("a", "b", "c"):
        images = rng.uniform(0, 0.5, (24, 64, 64, 3))
        images[:12, :32] += 0.5
        sources = [f"face {name}{k}" for k in range(12)]
        sources += [f"non-face {name}{k}" for k in range(4)] + [f"photograph {name}"] * 8
        splits.append(Dataset(images, np.repeat([1, 0], 12), sources))
    return Splits(*splits)


def test_false_alarms_are_counted_by_photograph(small):
    scores = np.repeat([1.0, 0.0, 0.9, 0.1], [12, 4, 3, 5])
    found = by_photograph(small.test, dict.fromkeys(METHODS, scores))
    assert found == {"photograph c": [8, 3, 3, 3]}
    figures = measure(small.test, scores)
    assert figures["accuracy"] == pytest.approx(21 / 24)
    assert figures["false alarms"] == pytest.approx(3 / 12)
    assert figures["faces found"] == 1
    by_source, by_patch = figures["accuracy by source"], figures["accuracy by patch"]
    assert by_source[0] < 21 / 24 <= by_source[1] and by_patch[0] < 21 / 24 < by_patch[1]


def test_the_balanced_loss_does_not_hang_on_the_share_of_faces():
    one_of_each = balanced_loss(np.array([1, 0]), np.array([0.9, 0.3]))
    assert one_of_each == pytest.approx(-np.log([0.9, 0.7]).mean())
    many = balanced_loss(np.array([1, 0, 0, 0, 0]), np.array([0.9, *[0.3] * 4]))
    assert many == pytest.approx(one_of_each)


def test_scores_are_kept_after_every_epoch(small, untrained):
    watch = Scores({"test": small.test})
    watch.set_model(untrained)
    watch.on_epoch_end(0)
    watch.on_epoch_end(1)
    assert [s.shape for s in watch.scores["test"]] == [(24,), (24,)]
    np.testing.assert_array_equal(*watch.scores["test"])


def test_it_runs_on_small_splits(small, tmp_path, monkeypatch):
    last = np.where(small.test.labels == 1, 0.9, 0.2)  # the same labels in every split
    curves = [last, np.where(np.arange(24) < 6, 0.4, last)]  # the second epoch is worse
    monkeypatch.setattr(ten_splits, "load_patches", lambda seed, **options: small)
    monkeypatch.setattr(
        ten_splits,
        "train_network",
        lambda splits, parts, epochs: dict.fromkeys(parts, curves),
    )
    output = tmp_path / "record.json"
    monkeypatch.setattr(
        sys, "argv", ["ten_splits.py", "--splits", "3", "--epochs", "2", "--output", str(output)]
    )
    ten_splits.main()
    record = json.loads(output.read_text())
    assert [split["best epoch"] for split in record["splits"]] == [1, 1, 1]
    assert record["test_to_train"] == 1
    means = record["means"]
    assert means["network"]["accuracy"]["mean"] == 0.75
    assert means["network, best epoch"]["accuracy"]["mean"] == 1
    gain = record["differences"]["network, best epoch minus network"]["accuracy"]
    assert gain["mean"] == 0.25
    losses = -np.log([0.9, 0.4, 0.8])  # of faces, of faces in the second epoch, of non-faces
    balanced = (losses[:2].mean() + losses[2]) / 2
    assert record["balanced loss"]["test"]["mean"] == pytest.approx(balanced, abs=1e-4)
    assert record["splits"][0]["test"]["logistic regression"]["area under ROC"] > 0.9
