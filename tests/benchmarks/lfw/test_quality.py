"""The benchmark of bad pictures and copies, on a tiny fake LFW."""

import json
import shutil
import sys

import lfw.__main__
import numpy as np
import pytest
from lfw import people

from facebook_tut import corruption
from facebook_tut.data.lfw import Photo, load_lfw
from facebook_tut.models import build_embedder, save_model
from facebook_tut.training import set_seed


def dim(picture, share):
    return share * picture


@pytest.fixture(scope="module")
def quality():
    """The module lfw.quality, with two kinds of damage and few pairs."""
    module, patch = lfw.quality, pytest.MonkeyPatch()
    kinds = {
        "none": (dim, (1.0,)),
        "night": (dim, (1.0, 0.0)),
    }
    patch.setattr(module, "SEVERITIES", kinds)
    patch.setattr(corruption, "SEVERITIES", kinds)
    patch.setattr(module, "MENDABLE", "night")
    patch.setattr(module, "FAR", 0.1)
    patch.setattr(module, "REJECT_FAR", 0.1)
    # of 30 photographs no rate below one in a hundred
    patch.setattr(people, "FARS", (0.1, 0.01))
    patch.setattr(people, "AT_MOST", 2)
    yield module
    patch.undo()


@pytest.fixture(scope="module")
def copied(folder, tmp_path_factory):
    """A fake LFW in which one photograph stands twice, under a training and a test person."""
    place = tmp_path_factory.mktemp("copied") / "lfw"
    shutil.copytree(folder, place)
    pictures = place / "lfw-deepfunneled"
    source, target = (pictures / Photo(name, 1).file for name in ("Person_03", "Person_30"))
    shutil.copyfile(source, target)
    return place


@pytest.fixture(scope="module")
def record(quality, copied, tmp_path_factory):
    """What the benchmark writes, from a run that is given twice."""
    place = tmp_path_factory.mktemp("quality")
    set_seed(0)  # of weights drawn at random, a few give nothing at all for a black picture
    camera = save_model(build_embedder(8, filters=(4, 4)), place / "camera.keras")
    output, kept = place / "record.json", place / "kept"
    command = [
        "lfw",
        "quality",
        "--data",
        str(copied),
        "--camera",
        str(camera),
        "--output",
        str(output),
    ]
    small = build_embedder(8, filters=(4, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [*command, "--checkpoints", str(kept)])
        patch.setattr(quality.pretrained, "load_embedder", lambda: small)
        lfw.__main__.main()
        first = json.loads(output.read_text())
        patch.setattr(quality, "embed", None)  # all is kept: nothing is embedded again
        lfw.__main__.main()
    again = json.loads(output.read_text())
    assert {**first, "date": 0, "machine": 0} == {**again, "date": 0, "machine": 0}
    return first


def test_what_is_not_spoiled_changes_nothing_and_the_night_does(record):
    for network in ("shipped", "camera"):
        kinds = record["severity"][network]["kinds"]
        assert [len(kinds[kind]) for kind in kinds] == [2, 3]
        as_it_is, same = kinds["none"]
        assert as_it_is == same == kinds["night"][0] == kinds["night"][1]
        assert kinds["night"][2] != as_it_is
        assert as_it_is["fnmr"]["counted"][1] == 40


def test_mending_brings_light_back_but_not_from_the_night(record):
    for network in ("shipped", "camera"):
        [(kind, mended)] = record["mended"][network]["kinds"].items()
        spoiled = record["severity"][network]["kinds"][kind]
        assert kind == "night" and len(mended) == 3
        assert mended[0] == mended[1]
        assert mended[2] == spoiled[2]  # all is black
        assert mended[0]["auc"] != spoiled[0]["auc"]


def test_nothing_rejects_better_than_the_best_and_all_begin_alike(record):
    measures = {**record["rejection"]["measures"]}
    best = [point["value"] for point in measures.pop("best possible")["error"]]
    assert len(best) == 11 and len(measures) == 5
    for one in measures.values():
        errors = [point["value"] for point in one["error"]]
        assert errors[0] == best[0]
        assert (np.array(errors) >= np.array(best) - 1e-9).all()
        assert one["error"][0]["counted"][1] == 15
    assert 5 < record["rejection"]["spoiled"] < 25


def test_a_picture_under_two_names_is_found_and_its_lists_are_named(record, copied):
    found = record["copies"]
    assert found["photographs"] == 120
    assert found["under_two_names"] == found["in_training_and_test"] == 1
    assert len(load_lfw(copied).people("view1/test")) == 15


def test_the_networks_are_compared_pair_by_pair_over_people(quality, record):
    for steps in record["severity"]["camera"]["kinds"].values():
        assert all(
            low <= high for low, high in (step["fewer_missed"]["interval"] for step in steps)
        )
    people = np.repeat(np.arange(200), 5)
    missed = np.repeat(np.arange(200) < 100, 5)  # all of a person's pairs, or none
    found = quality.fewer(missed, np.zeros(1000, bool), people)
    low, high = found["interval"]
    assert found["value"] == 0.5
    assert abs((high - low) / 4 - 0.5 / np.sqrt(200)) < 0.005  # of 200 people, not of 1,000 pairs
    assert quality.fewer(missed, missed, people) == {"value": 0, "interval": [0, 0]}


def test_measures_of_quality_are_compared_over_people(quality, record):
    assert {*record["rejection"]["compared"]} == {*record["rejection"]["measures"]}
    rng = np.random.default_rng(0)
    missed, people = rng.random(600) < 0.4, np.repeat(np.arange(300), 2)
    knows = missed * -1.0 + 0.5 * rng.random(600)
    qualities = {quality.BEST: rng.random(600), "knows": knows, "nothing": rng.random(600)}
    found = quality.compare(missed, qualities, people, rounds=200)
    kept = 1 - quality.COMPARED
    gain = found["knows"]["than nobody turned away"]
    assert abs(gain["value"] - (missed.mean() - (missed.mean() - 0.2) / kept)) < 0.01
    assert gain["interval"][0] > 0.1
    low, high = found["nothing"]["than nobody turned away"]["interval"]
    assert low < 0 < high
    assert found[quality.BEST][f"than by {quality.BEST}"]["interval"] == [0, 0]
