"""Trainings that differ in one thing, on a tiny fake LFW."""

import json
import sys

import lfw.__main__
import numpy as np
import pytest
from lfw import people


@pytest.fixture(scope="module")
def trainings(build_quick_embedder):
    """The module lfw.trainings, with a small network and few images."""
    module, patch = lfw.trainings, pytest.MonkeyPatch()
    patch.setattr(module, "VIEWS", 60)
    patch.setattr(module, "DRAWN", (6, 4))
    patch.setattr(module, "BATCH_SIZE", 100)
    # of 30 photographs no rate below one in a hundred
    patch.setattr(people, "FARS", (0.1, 0.01))
    patch.setattr(people, "AT_MOST", 2)
    patch.setattr(module, "build_embedder", lambda *_, **__: build_quick_embedder(8))
    patch.setattr(
        module,
        "STUDIES",
        {
            "people": {"10": {"people": 10}, "25": {}},
            "names": {"0.2": {"least": 3, "wrong": 0.2, "cleaned": True}},
            "first": {"25": {}, "drawn": {"drawn_first": True, "augment": "none"}},
        },
    )
    patch.setattr(module, "numbers_of", lambda result: (result["accuracy"], result["auc"], 0.0))
    yield module
    patch.undo()


def test_every_study_is_recorded_and_no_training_is_done_twice(
    trainings, folder, tmp_path, monkeypatch, eagerly
):
    output, kept = tmp_path / "record.json", tmp_path / "kept"
    command = ["lfw", "trainings", "--data", str(folder), "--seeds", "2", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", [*command, "--checkpoints", str(kept)])

    def margins(training, images, names):  # a small network's would leave nobody
        return np.where(np.arange(len(images)) % 5, 1.0, -1.0)

    monkeypatch.setattr(trainings, "name_margins_of_others", margins)
    with eagerly():
        lfw.__main__.main()
    record = json.loads(output.read_text())
    assert len(list(kept.iterdir())) == 2 * 4  # the reference is in two studies
    studies = record["studies"]
    assert studies["people"]["25"]["trainings"] == studies["first"]["25"]["trainings"]
    few, many = (studies["people"][n]["trainings"][0] for n in ("10", "25"))
    assert (few["people"], few["images"], few["epochs"]) == (10, 30, 2)
    assert (many["people"], many["images"], many["epochs"]) == (25, 75, 1)
    for one in studies["names"]["0.2"]["trainings"]:
        assert (one["wrong"], one["left_out"], one["images"]) == (15, 15, 60)
        assert 0 < one["wrong_left_out"] < 15
    assert many["all_pairs"]["operating_points"]["0.1"]["tar"]["counted"][1] == 15
    before = output.read_text()
    monkeypatch.setattr(trainings, "train", None)
    lfw.__main__.main()
    assert json.loads(output.read_text())["studies"] == json.loads(before)["studies"]


def test_few_people_are_among_the_many_and_photographs_are_capped(trainings):
    people = {f"p{k:02d}": 1 + k % 4 for k in range(40)}
    few = trainings.draw_photos(people, trainings.Training(3, people=5))
    many = trainings.draw_photos(people, trainings.Training(3, people=12))
    assert set(few) < set(many)
    assert len({photo.name for photo in few}) == 5 and len({photo.name for photo in many}) == 12
    assert all(people[photo.name] >= 2 for photo in many)
    capped = trainings.draw_photos(people, trainings.Training(3, photos=2, least=3))
    counts = np.unique([photo.name for photo in capped], return_counts=True)[1]
    assert len(counts) == 20 and (counts == 2).all()
    assert capped != trainings.draw_photos(people, trainings.Training(4, photos=2, least=3))


def test_so_many_names_are_wrong_and_none_by_chance_right(trainings):
    names = np.repeat(["Ann", "Bea", "Cy"], 20)
    mixed = trainings.mix_up(names, 0.3, seed=1)
    assert (mixed != names).sum() == 18 and set(mixed) == {"Ann", "Bea", "Cy"}
    np.testing.assert_array_equal(mixed, trainings.mix_up(names, 0.3, seed=1))
    assert (trainings.mix_up(names, 0.0, seed=1) == names).all()


def test_each_half_is_judged_by_a_network_of_the_other(trainings, monkeypatch):
    learned = []

    def fit(training, images, names):
        learned.append({int(image.flat[0]) for image in images})
        return "network", 1

    def embed(model, images):
        return np.eye(10)[np.arange(len(images)) // 2 % 10]

    monkeypatch.setattr(trainings, "fit", fit)
    monkeypatch.setattr(trainings, "embed", embed)
    images = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    margins = trainings.name_margins_of_others(trainings.Training(0), images, np.arange(20) // 2)
    assert learned[0] | learned[1] == set(range(20)) and not learned[0] & learned[1]
    np.testing.assert_allclose(margins, 1)  # every image is like the other of its name only
