"""The benchmark that ships chapter 8's network: what it packs, and what it says of it."""

import json
import sys

import numpy as np
import pytest
import shipped_classifier
from shipped_classifier import compared, facts

from facebook_tut import models, pretrained, training
from facebook_tut.cascade import PixelFilter
from facebook_tut.data import Splits

EVERYTHING = PixelFilter(np.zeros((25, 25)), 1.0)


@pytest.fixture(scope="module")
def packed():
    """An untrained network of chapter 8, and its packed weights."""
    training.set_seed(0)
    model = models.build_classifier()
    return model, pretrained.pack_classifier(model, EVERYTHING)


def test_what_eight_bits_change_is_measured_on_the_patches(packed, few):
    model, content = packed
    found = compared(model, pretrained.unpack_classifier(content)[0], few)
    assert found["test_patches"] == len(few)
    assert 0 < found["mean_probability_moved"] <= found["most_probability_moved"] < 0.05
    assert compared(model, model, few)["most_probability_moved"] == 0


def test_decisions_that_change_are_counted(few, monkeypatch):
    answers = {"whole": [0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.6]}
    answers["packed"] = [0.9, 0.4, 0.9, 0.9, 0.1, 0.1, 0.1, 0.4]
    monkeypatch.setattr(
        shipped_classifier, "classifier", lambda name: lambda images: np.array(answers[name])
    )
    found = compared("whole", "packed", few)
    assert found["decisions_changed"] == 2 and found["most_probability_moved"] == 0.5
    assert found["accuracy"] == {"float32": 0.875, "int8": 0.875}


def test_the_facts_name_the_bytes_and_the_record(packed, few):
    model, content = packed
    known = facts(model, content, few)
    assert (known["bytes"], known["parameters"]) == (len(content), model.count_params())
    recorded = json.loads((shipped_classifier.RECORDED / "detector.json").read_text("utf-8"))
    assert known["recorded"]["date"] == recorded["date"]
    assert set(known["recorded"]["faces_found_on_frames_of_LFW"]) == {
        str(rate) for rate in shipped_classifier.RATES
    }


def test_it_writes_the_network_of_seed_0_and_its_facts(packed, few, tmp_path, monkeypatch):
    model, content = packed
    monkeypatch.setattr(shipped_classifier, "FOLDER", tmp_path)
    monkeypatch.setattr(
        shipped_classifier, "load_patches", lambda seed, **options: Splits(few, few, few)
    )
    trained = ({"bootstrapped": model}, {"richer": EVERYTHING})
    monkeypatch.setattr(shipped_classifier, "train_or_load", lambda *arguments: trained)
    command = ["shipped_classifier.py", "--checkpoints", str(tmp_path / "kept")]
    monkeypatch.setattr(sys, "argv", command)
    shipped_classifier.main()
    assert (tmp_path / pretrained.CLASSIFIER_WEIGHTS).read_bytes() == content
    known = json.loads((tmp_path / pretrained.CLASSIFIER_FACTS).read_text("utf-8"))
    assert known["command"] == "python benchmarks/shipped_classifier.py"
    assert known["int8"]["test_patches"] == len(few)
