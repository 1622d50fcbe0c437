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


# More classes, weights, variations, early stopping, interruptions


def small(outputs=1):
    """Build a network that trains sooner than the book's."""
    training.set_seed(0)
    end = keras.layers.Dense(outputs, activation="sigmoid" if outputs == 1 else "softmax")
    return keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), end])


def fit_small(data, outputs=1, **options):
    model = small(outputs)
    options = {"epochs": 3, "batch_size": 5, "progress": False} | options
    return model, training.fit(model, data, data, **options)


def same_weights(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(left.tobytes() == right.tobytes() for left, right in pairs)


@pytest.fixture(scope="module")
def three():
    """Nine images of three classes, each bright in a third of its own."""
    images = np.random.default_rng(0).uniform(0, 0.2, (9, 64, 64, 3)).astype(np.float32)
    labels = np.arange(9) % 3
    for image, label in zip(images, labels, strict=True):
        image[20 * label : 20 * label + 20] += 0.8
    return Dataset(images, labels, list("abcdefghi"), 3)


def test_three_classes_are_learned_with_softmax(three, eagerly):
    with eagerly():
        model, history = fit_small(three, 3, epochs=4)
        p = training.predict(model, three.images)
    assert p.shape == (9, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    assert (p.argmax(axis=1) == three.labels).all()
    right = -np.log(p[np.arange(9), three.labels]).mean()
    assert history.val_loss[-1] == pytest.approx(right, rel=1e-4, abs=1e-6)
    assert model.get_compile_config()["loss"] == "sparse_categorical_crossentropy"


def test_the_network_for_more_classes_is_the_same_but_for_its_end():
    two, five = models.build_classifier(), models.build_classifier(5)
    layers = [(type(one).__name__, one.output.shape) for one in five.layers]
    assert layers[:-1] == [(type(one).__name__, one.output.shape) for one in two.layers[:-1]]
    assert layers[-1] == ("Dense", (None, 5))
    assert five.layers[-1].activation is keras.activations.softmax
    assert models.check_classifier(five, classes=5) is models.check_classifier(five, classes=None)
    with pytest.raises(ValueError, match=r"a classifier of 4 classes, .* \(None, 4\), got .* 5\)"):
        models.check_classifier(five, classes=4)
    for wrong in (1, 2.5, "two"):
        with pytest.raises((TypeError, ValueError), match=r"^classes must be a whole number"):
            models.build_classifier(wrong)


def test_the_classes_of_network_and_data_must_be_the_same(few, three):
    with pytest.raises(ValueError, match="model must be a classifier of 3 classes"):
        fit_small(three)
    with pytest.raises(ValueError, match="model must be a face classifier"):
        fit_small(few, 3)
    with pytest.raises(ValueError, match="validation must have 2 classes, got 3"):
        training.fit(small(), few, three)


def uneven(few):
    rows = [0, 4, 5, 6, 7]  # one face, four others
    return Dataset(few.images[rows], few.labels[rows], few.sources[rows])


@pytest.mark.parametrize(("given", "weights"), [("balanced", (0.625, 2.5)), ([1, 3], (1, 3))])
def test_class_weights_weigh_the_loss(few, eagerly, given, weights):
    data = uneven(few)
    with eagerly():
        model, history = fit_small(data, epochs=1, class_weights=given)
        p = np.clip(training.predict(model, data.images).astype(float), 1e-7, 1 - 1e-7)
    losses = -np.where(data.labels == 1, np.log(p), np.log(1 - p))
    expected = np.mean(losses * np.where(data.labels == 1, weights[1], weights[0]))
    assert history.val_loss[0] == pytest.approx(expected, rel=1e-4)
    assert history.val_accuracy[0] == np.mean((p > 0.5) == data.labels)


def test_class_weights_change_what_is_learned(few, eagerly):
    data = uneven(few)
    with eagerly():
        plain, even, weighed = (
            fit_small(data, epochs=1, class_weights=given)[0]
            for given in (None, [1, 1], "balanced")
        )
    assert same_weights(plain, even) and not same_weights(plain, weighed)


def test_images_are_varied_anew_in_every_epoch_and_alike_for_one_seed(few, eagerly):
    seen = []

    def vary(images, rng):
        seen.append(float(rng.random()))
        return images

    with eagerly():
        fit_small(few, augment=vary, epochs=2)
        once, twice, other = (fit_small(few, augment=a, epochs=1)[0] for a in (True, True, False))
    assert len(set(seen)) == len(seen) == 4  # two batches in two epochs
    assert same_weights(once, twice) and not same_weights(once, other)


@pytest.fixture
def losses(monkeypatch):
    """A function: let validation losses be these, whatever is measured."""
    from facebook_tut.checkpoints import Recorder

    def losses_(values):
        on_epoch_end = Recorder.on_epoch_end
        seen = []

        def record(self, epoch, logs):
            seen.append(self.network.get_weights())
            on_epoch_end(self, epoch, logs | {"val_loss": values[epoch]})

        monkeypatch.setattr(Recorder, "on_epoch_end", record)
        return seen

    return losses_


@pytest.mark.parametrize(
    ("values", "patience", "epochs", "best"),
    [
        ([3, 2, 4, 5, 1], 2, 4, 2),  # it stops, and goes back
        ([3, 2, 4, 2, 1], 3, 5, 5),  # as low as before is not lower, and then it falls
        ([5, 4, 3, 2, 3], 4, 5, 4),  # no time to stop, but to go back
    ],
)
def test_training_stops_early_with_the_best_weights(
    few, eagerly, losses, values, patience, epochs, best
):
    seen = losses(values)
    with eagerly():
        model, history = fit_small(few, epochs=5, batch_size=8, patience=patience)
    assert (history.epochs, history.best_epoch) == (epochs, best)
    for kept, weights in zip(model.get_weights(), seen[best - 1], strict=True):
        np.testing.assert_array_equal(kept, weights)


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("options", [{}, {"augment": True, "patience": 3}], ids=str)
def test_a_training_that_was_interrupted_ends_like_a_whole_one(
    few, eagerly, tmp_path, monkeypatch, options
):
    checkpoint = tmp_path / "a.npz"
    end = training.Progress.on_epoch_end
    with eagerly():
        whole, history = fit_small(few, **options)
        with monkeypatch.context() as patch:

            def stop(self, epoch, logs=None):
                if epoch == 2:
                    raise Interrupted
                end(self, epoch, logs)

            patch.setattr(training.Progress, "on_epoch_end", stop)
            with pytest.raises(Interrupted):
                fit_small(few, checkpoint=checkpoint, **options)
        with np.load(checkpoint) as kept:
            assert kept["loss"].tolist() == history.loss[:2]
        resumed, again = fit_small(few, checkpoint=checkpoint, **options)
        assert same_weights(resumed, whole) and again == history
        restored, same = fit_small(few, checkpoint=checkpoint, **options)  # nothing is left to do
        assert same_weights(restored, whole) and same == history


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"batch_size": 4}, {"augment": True}, {"class_weights": "balanced"}]
)
def test_a_checkpoint_of_another_training_is_refused(few, eagerly, tmp_path, other):
    path = tmp_path / "a.npz"
    with eagerly():
        fit_small(few, epochs=1, checkpoint=path)
        before = path.read_bytes()
        with pytest.raises(ValueError, match=r"a\.npz is of another training"):
            fit_small(few, checkpoint=path, **other)
        with pytest.raises(ValueError, match=r"a\.npz is of another training"):
            fit_small(Dataset(1 - few.images, few.labels, few.sources), checkpoint=path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_checkpoint_is_refused(few, tmp_path):
    (tmp_path / "a.npz").write_bytes(b"mine")
    np.savez(tmp_path / "b.npz", mine=1)
    for name, message in (("a.npz", "is not a checkpoint"), ("b.npz", "is of another training")):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(ValueError, match=message):
            fit_small(few, checkpoint=tmp_path / name)
        assert (tmp_path / name).read_bytes() == before


@pytest.fixture(scope="module")
def files(tmp_path_factory, three):
    """The images of `three` in files, as a stream and as they are read. Do not write to it."""
    from PIL import Image

    from facebook_tut.data.files import ImageFiles

    folder = tmp_path_factory.mktemp("files")
    paths = [folder / f"{row}.png" for row in range(9)]
    for path, image in zip(paths, three.images, strict=True):
        Image.fromarray((image * 255).astype(np.uint8)).save(path)
    stream = ImageFiles(paths)
    return [Dataset(images, three.labels, three.sources, 3) for images in (stream, stream[:])]


@pytest.mark.parametrize("options", [{}, {"augment": True, "class_weights": [1, 2, 3]}], ids=str)
def test_images_in_files_give_the_same_weights(files, eagerly, options):
    with eagerly():
        (one, first), (other, second) = (fit_small(data, 3, epochs=2, **options) for data in files)
    assert same_weights(one, other)
    assert first.loss == second.loss
    assert first.val_loss == pytest.approx(second.val_loss, rel=1e-6)
    found = [training.predict(one, data.images, batch_size=4) for data in files]
    np.testing.assert_allclose(*found, rtol=1e-5)


def test_a_file_that_is_gone_is_named(files, eagerly, tmp_path):
    from facebook_tut.data.files import ImageFiles

    streamed, kept = files
    paths = [*streamed.images.paths[:-1], tmp_path / "gone.png"]
    gone = Dataset(ImageFiles(paths), streamed.labels, streamed.sources, 3)
    for train, validation in ((gone, kept), (kept, gone)):
        with eagerly(), pytest.raises(FileNotFoundError, match=r"no picture file .*gone\.png"):
            training.fit(small(3), train, validation, epochs=1, progress=False)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"augment": "yes"}, TypeError, "augment must be True or False, got 'yes'"),
        ({"class_weights": "even"}, ValueError, "class_weights must be one of None, balanced"),
        ({"class_weights": [1, 2, 3]}, ValueError, r"class_weights must have shape \(2,\)"),
        ({"class_weights": [1, -2]}, ValueError, "class_weights must hold values from 0"),
        ({"patience": 0}, ValueError, "patience must be a whole number from 1 to .*, got 0"),
        ({"checkpoint": "a.keras"}, ValueError, r"checkpoint must end in \.npz, got a\.keras"),
        ({"distribute": "devices", "patience": 1}, ValueError, "distribute must be None with"),
    ],
)
def test_what_is_wrong_with_how_to_train_is_named(few, options, error, message):
    with pytest.raises(error, match=f"^{message}"):
        fit_small(few, **options)


def test_a_class_that_is_missing_cannot_be_balanced(few):
    faces = Dataset(few.faces, np.ones(4), list("abcd"))
    with pytest.raises(ValueError, match="train must hold each of the 2 classes"):
        training.fit(small(), faces, few, class_weights="balanced")
