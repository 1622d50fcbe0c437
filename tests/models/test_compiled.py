"""What a network was compiled with is saved where a file can hold it, and never in the way."""

import json
import warnings
import zipfile

import numpy as np
import pytest

from facebook_tut import losses, models
from facebook_tut import metric_learning as ml
from facebook_tut._backend import keras

layers = keras.layers
ROWS = np.random.default_rng(0).random((5, 4), np.float32)


def functional(last=None):
    images = keras.Input((4,))
    made = layers.UnitNormalization()(layers.Dropout(0.5)(layers.Dense(3)(images)))
    return keras.Model(images, last(made) if last else made)


def sequential():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dropout(0.5)])


def saved_and_loaded(model, folder):
    path = models.save_model(model, folder / "compiled.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = models.load_model(path)
    np.testing.assert_array_equal(predicted(again), predicted(model))
    assert (type(again), again.name) == (type(model), model.name)
    return again


def predicted(model):
    return keras.ops.convert_to_numpy(model(ROWS, training=False))


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.01


class Metric(keras.metrics.MeanSquaredError):
    pass


class Loss(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred))


class Callable:
    def __call__(self, y_true, y_pred):
        return keras.ops.mean(y_pred)


def own_loss(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_pred))


def mean_squared_error(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_pred))


def closure(scale):
    def loss(y_true, y_pred):
        return scale * keras.ops.mean(y_pred)

    return loss


KEPT = {
    "nothing": {},
    "text": {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]},
    "a function": {"loss": keras.losses.mean_squared_error},
    "a loss": {"loss": keras.losses.CosineSimilarity(), "metrics": [keras.metrics.AUC()]},
    "a schedule": {
        "optimizer": keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 100)),
        "loss": "mse",
    },
    **{
        name: {"optimizer": "adam", "loss": getattr(ml, name)}
        for name in vars(ml)
        if name.endswith("_loss") and not name.startswith("_")
    },
}
LEFT_OUT = {
    "NumPy's": {"loss": losses.contrastive},
    "an own function": {"loss": own_loss},
    "a function named as one of Keras'": {"loss": mean_squared_error},
    "a closure": {"loss": closure(2)},
    "a lambda": {"loss": lambda y_true, y_pred: keras.ops.mean(y_pred)},
    "a callable": {"loss": Callable()},
    "an own loss": {"loss": Loss()},
    "an own metric": {"loss": "mse", "metrics": [Metric()]},
    "an own schedule": {"optimizer": keras.optimizers.Adam(Schedule()), "loss": "mse"},
}


@pytest.mark.parametrize("build", [sequential, functional])
@pytest.mark.parametrize("compiled", KEPT.values(), ids=KEPT)
def test_what_a_file_can_hold_is_kept(build, compiled, tmp_path):
    model = build()
    if compiled:
        model.compile(**compiled)
    again = saved_and_loaded(model, tmp_path)
    assert again.compiled == bool(compiled)
    assert again.get_compile_config() == model.get_compile_config()


def test_the_losses_of_the_package_are_six():
    assert sum(name.endswith("_loss") for name in KEPT) == 6


@pytest.mark.parametrize("build", [sequential, functional])
@pytest.mark.parametrize("compiled", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_no_file_can_hold_is_left_out(build, compiled, tmp_path):
    model = build()
    model.compile(**compiled)
    assert not saved_and_loaded(model, tmp_path).compiled
    assert model.compiled


def test_the_state_of_the_optimiser_is_kept(tmp_path):
    model = sequential()
    model.compile("adam", "mse")
    model.train_on_batch(ROWS, np.ones((5, 3)))
    again = saved_and_loaded(model, tmp_path)
    for left, right in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(left.numpy(), right.numpy())


def test_an_own_loss_that_is_registered_is_kept(tmp_path):
    registered = keras.saving.register_keras_serializable("tests")(closure(3))
    model = functional()
    model.compile(loss=registered)
    try:
        assert saved_and_loaded(model, tmp_path).get_compile_config()["loss"]["config"] == (
            "tests>loss"
        )
    finally:
        keras.saving.get_custom_objects().clear()
        keras.saving.get_custom_objects().update(KNOWN)


KNOWN = dict(keras.saving.get_custom_objects())


def test_a_network_with_prototypes_at_its_end_is_saved(tmp_path):
    saved_and_loaded(functional(ml.Prototypes(7, seed=1, trainable=False)), tmp_path)


def test_files_of_earlier_versions_load(tmp_path):
    """They name the losses without the package, and could not be read."""
    model = functional()
    model.compile(loss=ml.contrastive_loss)
    path = models.save_model(model, tmp_path / "new.keras")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "old.keras", "w") as old:
        for name in archive.namelist():
            old.writestr(name, archive.read(name).replace(b"facebook_tut>", b""))
    again = models.load_model(tmp_path / "old.keras")
    np.testing.assert_array_equal(predicted(again), predicted(model))
    assert json.dumps(model.get_compile_config()).count("facebook_tut>contrastive_loss") == 1
