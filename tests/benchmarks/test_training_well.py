"""The ways to train: what was recorded is whole, and the changes are what their names say."""

import numpy as np
import pytest
import training_well

from facebook_tut import recorded


@pytest.fixture(scope="module")
def record():
    return recorded.load("training_well")


def test_every_change_was_measured_on_every_split(record):
    found = {}
    for training in record["trainings"]:
        found.setdefault(training["change"], []).append(training["split"])
    few = {name for name in found if name.startswith("few")}
    assert {*found} - few == {*training_well.CHANGES, "four times as long, stopped early"}
    assert len(few) == len(training_well.few_faces(None))
    assert all(splits == [*range(record["splits"])] for splits in found.values())


def test_the_table_has_a_line_for_each_change(record):
    lines = training_well.table(record).splitlines()[1:]
    assert len(lines) == len({training["change"] for training in record["trainings"]})
    assert lines[0].startswith("baseline") and "0.000 (0.000 to 0.000)" in lines[0]


def test_early_stopping_takes_the_lowest_validation_loss(record):
    by_name = {
        name: [t for t in record["trainings"] if t["change"] == f"four times as long{name}"]
        for name in ("", ", stopped early")
    }
    for last, stopped in zip(*by_name.values(), strict=True):
        curve = last["curves"]["validation"]
        assert stopped["stopped_after"] == np.argmin(curve) + 1
        assert stopped["loss"] == pytest.approx(last["curves"]["test"][np.argmin(curve)], abs=2e-4)


def test_class_weights_make_both_classes_count_alike():
    y = np.repeat([1.0, 0.0], [180, 360])
    weights = training_well.weights_of(y)
    assert weights == {0: 0.75, 1: 1.5}
    assert np.mean([weights[int(label)] for label in y]) == 1


def test_a_halved_image_is_the_mean_of_four_pixels():
    images = np.random.default_rng(0).random((2, 64, 64, 3)).astype(np.float32)
    half = training_well.halved(images)
    assert half.shape == (2, 32, 32, 1)
    assert half[1, 3, 5, 0] == pytest.approx(images[1, 6:8, 10:12, 0].mean())


def test_the_rate_of_the_schedule_rises_and_falls():
    rate = training_well.cosine(10).learning_rate  # at step 0
    assert float(rate) == 0


def test_a_network_begins_anew_on_each_split():
    network = training_well.Network()
    x, y = np.zeros((4, 32, 32, 1), np.float32), np.array([0, 1, 0, 1.0])
    losses = []
    for _ in range(2):
        network.begin(seed=3)
        losses.append(training_well.loss_of(network.model, x, y))
        assert int(network.model.optimizer.iterations) == 0
        network.model.optimizer.iterations.assign(5)
    assert losses[0] == losses[1]
