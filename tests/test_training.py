"""Training is repeatable, learns, shows what it does, and refuses what it cannot use."""

import importlib
import sys

import numpy as np
import pytest

from facebook_tut import _progress, models, training
from facebook_tut._backend import keras
from facebook_tut.data import Dataset


def run(data, seed=0, **options):
    training.set_seed(seed)
    model = models.build_classifier()
    options = {"epochs": 1, "batch_size": 4, "seed": seed, "progress": False} | options
    return model, training.fit(model, data, data, **options)


@pytest.fixture(scope="module")
def trained(few):
    return run(few, epochs=4, batch_size=5)  # batches of 5 and 3


def cross_entropy(labels, p):
    p = np.clip(p.astype(float), 1e-7, 1 - 1e-7)
    return -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))


def test_the_history_has_one_number_per_epoch(trained):
    history = vars(trained[1])
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert {len(values) for values in history.values()} == {4} == {trained[1].epochs}
    assert all(np.isfinite(values).all() for values in history.values())


def test_a_few_images_are_learned_by_heart(trained, few):
    model, history = trained
    assert history.loss[-1] < history.loss[0] / 4
    np.testing.assert_array_equal(training.predict(model, few.images) > 0.5, few.labels == 1)


def test_the_loss_is_the_mean_cross_entropy(few, eagerly):
    with eagerly():
        model, history = run(few, batch_size=8)  # once: later, hardly any loss is left
    p = training.predict(model, few.images)
    assert history.val_loss[-1] == pytest.approx(cross_entropy(few.labels, p), rel=1e-5)
    assert history.val_accuracy[-1] == np.mean((p > 0.5) == few.labels)


def test_it_is_compiled_with_adam_and_cross_entropy(trained):
    config = trained[0].get_compile_config()
    [metric] = config["metrics"]
    assert isinstance(trained[0].optimizer, keras.optimizers.Adam)
    assert float(trained[0].optimizer.learning_rate.numpy()) == pytest.approx(0.001)
    assert (config["loss"], metric["class_name"]) == ("binary_crossentropy", "BinaryAccuracy")


def test_one_seed_gives_the_same_weights_bit_for_bit(trained, few):
    (one, first), (two, second) = trained, run(few, epochs=4, batch_size=5)
    for left, right in zip(one.get_weights(), two.get_weights(), strict=True):
        assert left.tobytes() == right.tobytes()
    assert first == second


def test_a_seed_sets_every_generator():
    import random

    draws = []
    for _ in range(2):
        training.set_seed(7)
        draws.append((random.random(), np.random.rand(), float(keras.random.uniform(()))))  # noqa: NPY002
    assert draws[0] == draws[1]


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (2**32, ValueError), (1.0, TypeError), (None, TypeError)]
)
def test_a_bad_seed_is_named(seed, error, few, untrained):
    with pytest.raises(error, match=f"^seed must be a whole number .*, got {seed}"):
        training.set_seed(seed)
    with pytest.raises(error, match=f"^seed must be a whole number .*, got {seed}"):
        training.fit(untrained, few, few, seed=seed)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be a whole number from 1 to .*, got 0"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number from 1 to .*, got 1.5"),
        ({"batch_size": -1}, ValueError, "batch_size must be a whole number .*, got -1"),
        ({"batch_size": "32"}, TypeError, "batch_size must be a whole number .*, got '32'"),
        ({"distribute": "gpu"}, ValueError, "distribute must be one of None, .*, got 'gpu'"),
    ],
)
def test_bad_options_are_named_and_leave_the_model_alone(few, untrained, options, error, message):
    before = [weight.copy() for weight in untrained.get_weights()]
    with pytest.raises(error, match=f"^{message}"):
        training.fit(untrained, few, few, **options)
    for left, right in zip(before, untrained.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


IMAGES = np.full((2, 64, 64, 3), 0.5, np.float32)


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (np.full_like(IMAGES, np.nan), [0, 1], ValueError, "images must not hold NaN"),
        ((IMAGES * 255).astype(np.uint8), [0, 1], TypeError, "images must hold floats .* uint8"),
        (IMAGES[:, :60], [0, 1], ValueError, r"images must have shape \(N, 64, 64, 3\)"),
        (IMAGES[:0], [], ValueError, "images must not be empty"),
        (IMAGES, [0, 2], ValueError, "labels must hold only 0 and 1, got 2"),
        (IMAGES, [0, 1, 1], ValueError, "labels must have length 2, one per image, got 3"),
    ],
)
def test_bad_data_are_named(images, labels, error, message):
    with pytest.raises(error, match=f"^{message}"):
        Dataset(images, labels, np.arange(len(labels)).astype(str))


@pytest.mark.parametrize("bad", [IMAGES.astype(np.uint8), IMAGES[0], IMAGES[:0], IMAGES * np.nan])
def test_predictions_of_bad_images_are_refused(untrained, bad):
    with pytest.raises((TypeError, ValueError), match=r"^images must "):
        training.predict(untrained, bad)


@pytest.mark.parametrize("batch_size", [1, 3, 256])
def test_predictions_do_not_depend_on_the_batches(untrained, few, batch_size):
    found = training.predict(untrained, few.images, batch_size=batch_size)
    assert (found.shape, found.dtype) == ((8,), np.float32)
    expected = models.feature_maps(untrained, few.images)[-1][:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.fixture
def shown(monkeypatch, capsys):
    """A function: what a progress bar of two epochs shows, given its options."""

    def shown_(**options):
        for name in [name for name in sys.modules if name.partition(".")[0] == "tqdm"]:
            monkeypatch.delitem(sys.modules, name)  # tqdm reads its variables when it loads
        monkeypatch.setattr(_progress, "tqdm", importlib.import_module("tqdm.auto").tqdm)
        bar = training.Progress(2, **options)
        for epoch in range(2):
            bar.on_epoch_end(epoch, {"loss": 0.25})
        return capsys.readouterr().err

    return shown_


def test_the_progress_bar_shows_unless_told_otherwise(shown, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    text = shown()
    for part in ("training: 100%", "2/2", "loss=0.250"):
        assert part in text
    assert shown(hidden=True) == ""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert shown() == ""
