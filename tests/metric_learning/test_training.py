"""Training brings people together and apart, resumes and repeats."""

import logging

import numpy as np
import pytest

from facebook_tut import metric_learning as ml
from facebook_tut import models, training
from facebook_tut.metric_learning.batches import _Batches
from facebook_tut.metric_learning.training import _schedule

SHAPE = (16, 16, 3)
IDENTITIES = np.repeat(np.arange(6), 5)  # six people, five images each


def unit_vectors(count, dimensions, rng):
    vectors = rng.normal(size=(count, dimensions))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("float32")


def faces(seed=0):
    """Return five noisy images of each of six patterns."""
    rng = np.random.default_rng(seed)
    patterns = np.random.default_rng(9).random((6, *SHAPE))
    return np.clip(patterns[IDENTITIES] + rng.normal(0, 0.1, (30, *SHAPE)), 0, 1).astype("float32")


def embedder(seed=0):
    training.set_seed(seed)
    return models.build_embedder(8, input_shape=SHAPE, filters=(8,), blocks=(0,))


@pytest.fixture(scope="module")
def quick(build_quick_embedder):
    """A function: another network, like `embedder`, where it matters not which."""

    def quick():
        training.set_seed(0)
        return build_quick_embedder(8, input_shape=SHAPE)

    return quick


@pytest.fixture(scope="module")
def refused():
    """A network for what is refused: it is never trained."""
    return embedder()


def fit(model, **options):
    options = {"epochs": 3, "batch_size": 12, "progress": False} | options
    return ml.fit_embedder(model, faces(), IDENTITIES, **options)


# Batches


def rows_of_batches(labels, batch_size, together, epoch=0, seed=0):
    """Return the rows of an epoch's batches, read from images that hold their row."""
    images = np.arange(len(labels), dtype="float32").reshape(-1, 1, 1, 1)
    batches = _Batches(images, labels, batch_size, together, seed, augment=False)
    found = list(batches.of_epochs([epoch]))
    assert len(found) == batches.per_epoch
    for pictures, people in found:
        assert (labels[pictures.ravel().astype(int)] == people).all()
    return [pictures.ravel().astype(int) for pictures, _ in found]


@pytest.mark.parametrize(("count", "batch_size"), [(1, 8), (7, 2), (30, 8), (33, 10)])
def test_an_epoch_has_every_image_once_in_batches_of_equal_size(count, batch_size):
    batches = rows_of_batches(np.arange(count) % 4, batch_size, together=1)
    assert sorted(np.concatenate(batches)) == list(range(count))
    sizes = [len(batch) for batch in batches]
    assert max(sizes) - min(sizes) <= 1
    assert abs(np.mean(sizes) - batch_size) <= batch_size / 2 or len(sizes) == 1


def test_batches_of_pairs_hold_several_images_of_a_person():
    labels = np.repeat([0, 1, 2, 3, 4], [1, 2, 4, 5, 11])
    batches = rows_of_batches(labels, 8, together=4)
    rows = np.concatenate(batches)
    # People with one image are out, and a single image that is left over.
    assert np.bincount(labels[rows]).tolist() == [0, 2, 4, 4, 11]
    assert len(set(rows)) == len(rows)
    for batch in batches:
        assert np.bincount(labels[batch])[np.unique(labels[batch])].min() >= 2
    for other in ({"epoch": 1}, {"seed": 1}):
        assert rows.tolist() != np.concatenate(rows_of_batches(labels, 8, 4, **other)).tolist()


# Training


@pytest.mark.parametrize("loss", ml.MARGINS)
def test_every_loss_brings_people_together_and_apart(loss, quick):
    model = quick()
    history = fit(model, loss=loss, epochs=12, learning_rate=0.01, augment=False)
    assert history.epochs == 12
    if loss != "triplet":  # whose negatives are chosen anew, and stay hard
        assert np.mean(history.loss[-3:]) < np.mean(history.loss[:3])
    embeddings = ml.embed(model, faces(seed=1))
    similar = embeddings @ embeddings.T
    same = IDENTITIES[:, None] == IDENTITIES
    genuine, impostor = similar[same & ~np.eye(30, dtype=bool)], similar[~same]
    assert np.median(genuine) > np.quantile(impostor, 0.95)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training of four epochs: network, history, and how the network stood after each epoch."""
    model, states = embedder(), []
    path = tmp_path_factory.mktemp("whole") / "whole.npz"
    history = fit(
        model,
        epochs=4,
        checkpoint=path,
        validation=lambda model: float(model.get_weights()[0].sum()),
        after_epoch=lambda epoch, model: states.append((epoch, ml.fingerprint(model))),
    )
    return model, history, states, path


def test_the_callables_see_the_model_after_every_epoch(whole):
    model, history, states, _ = whole
    assert [epoch for epoch, _ in states] == [1, 2, 3, 4]
    assert len({state for _, state in states}) == 4
    assert states[-1][1] == ml.fingerprint(model)
    assert history.epochs == len(history.validation) == 4
    assert history.validation[-1] == model.get_weights()[0].sum()


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """A training like `whole` that was interrupted after its third epoch: its file and states."""
    path, states = tmp_path_factory.mktemp("interrupted") / "part.npz", []

    def interrupt(epoch, model):
        states.append((epoch, ml.fingerprint(model)))
        if epoch == 3:  # which is then not kept
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(embedder(), epochs=4, checkpoint=path, after_epoch=interrupt)
    return path, states


def test_one_seed_gives_the_same_network_bit_for_bit(whole, interrupted):
    assert interrupted[1] == whole[2][:3]


def test_a_resumed_training_ends_like_a_whole_one(whole, interrupted):
    _, history, states, _ = whole
    path, seen = interrupted[0], []
    again = embedder(seed=5)  # what is restored, not what is built, decides
    resumed = fit(again, epochs=4, checkpoint=path, after_epoch=lambda e, m: seen.append(e))
    assert seen == [3, 4]
    assert resumed.loss == history.loss
    assert ml.fingerprint(again) == states[-1][1]
    assert [one.name for one in path.parent.iterdir()] == ["part.npz"]


def test_a_finished_training_is_only_restored(whole):
    model, history, _, path = whole
    before, again = path.read_bytes(), embedder(seed=5)
    restored = fit(again, epochs=4, checkpoint=path)
    assert restored == history
    assert ml.fingerprint(again) == ml.fingerprint(model)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "options", [{"epochs": 5}, {"margin": 0.3}, {"seed": 1}, {"loss": "softmax"}]
)
def test_a_checkpoint_of_another_training_is_refused(whole, options):
    *_, path = whole
    model = embedder(seed=5)
    before = ml.fingerprint(model)
    with pytest.raises(ValueError, match=r"whole\.npz is of another training"):
        fit(model, **({"epochs": 4} | options), checkpoint=path)
    assert ml.fingerprint(model) == before


def test_a_file_that_is_no_checkpoint_is_refused(refused, tmp_path):
    path = tmp_path / "notes.npz"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match=r"notes\.npz is not a checkpoint"):
        fit(refused, checkpoint=path)
    assert path.read_bytes() == b"not a checkpoint"


# A teacher


def taught(model, **options):
    """Train a student on faces of which the teacher knows who they are."""
    teacher = unit_vectors(6, 8, np.random.default_rng(3))[IDENTITIES]
    options = {"epochs": 12, "batch_size": 10, "progress": False, "augment": False} | options
    history = ml.fit_student(model, faces(), teacher, **options)
    return model, history, teacher


@pytest.fixture(scope="module")
def student():
    """A student, its history, and its teacher's embeddings. Do not train it further."""
    return taught(embedder())


def test_a_student_sees_new_images_as_its_teacher_does(student):
    model, history, teacher = student
    assert history.loss[-1] < history.loss[0]
    new = ml.embed(model, faces(seed=1), mirror=False)
    wanted, found, before = (e @ e.T for e in (teacher, new, ml.embed(embedder(), faces(seed=1))))
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.7
    assert np.corrcoef(before.ravel(), wanted.ravel())[0, 1] < 0.5


def test_a_student_that_was_interrupted_ends_like_another(tmp_path, eagerly, quick):
    def stop(epoch, model):
        if epoch == 2:
            raise KeyboardInterrupt

    options = {"epochs": 3, "batch_size": 15}
    kept = {"checkpoint": tmp_path / "student.npz"} | options
    with eagerly():
        whole = taught(quick(), **options)[0]
        with pytest.raises(KeyboardInterrupt):
            taught(quick(), after_epoch=stop, **kept)
        resumed = taught(quick(), **kept)[0]
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="another training"):
        taught(quick(), scale=3.0, **kept)


@pytest.mark.parametrize("shape", [(30, 7), (29, 8), (30,)])
def test_a_teacher_that_does_not_fit_is_refused(refused, shape):
    with pytest.raises(ValueError, match=r"teacher must have shape \(30, 8\)"):
        ml.fit_student(refused, faces(), np.ones(shape), progress=False)


def test_a_student_can_be_told_to_hold_a_batch_apart(quick, eagerly):
    def excess(**options):
        model, _, teacher = taught(quick(), epochs=4, batch_size=30, **options)
        return float(ml.excess_likeness(ml.embed(model, faces(), mirror=False), teacher))

    with eagerly():
        assert excess(apart=1000.0) < excess() / 2


def test_images_are_varied_by_what_is_given(eagerly, quick):
    seen = []

    def keep(images, rng):
        seen.append(images.mean())
        return np.zeros_like(images)

    with eagerly():
        fit(quick(), epochs=1, batch_size=64, augment=keep)
    assert np.mean(seen) == pytest.approx(faces().mean(), abs=0.05)


def test_the_learning_rate_rises_and_falls():
    schedule = _schedule(0.01, 100)
    rates = [float(schedule(step)) for step in range(101)]
    assert rates[0] == 0
    assert max(rates) == rates[5] == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    assert (np.diff(rates[:6]) > 0).all()
    assert (np.diff(rates[5:]) < 0).all()
    assert float(_schedule(0.01, 3)(0)) == pytest.approx(0.01)  # too short to warm up


def test_integers_and_names_train_like_floats_and_numbers(eagerly, quick):
    integers = (faces() * 255).round().astype("uint8")
    names = np.array(["ann", "bob", "cy", "di", "ed", "flo"])[IDENTITIES]
    options = {"epochs": 1, "progress": False, "batch_size": 12}
    one, two = quick(), quick()
    with eagerly():
        ml.fit_embedder(one, integers, names, **options)
        ml.fit_embedder(two, integers / np.float32(255), IDENTITIES, **options)
    assert ml.fingerprint(one) == ml.fingerprint(two)


# Use


def test_embeddings_have_length_one_and_do_not_depend_on_the_batches(whole):
    model, images = whole[0], faces(seed=1)
    found = ml.embed(model, images)
    assert (found.shape, found.dtype) == ((30, 8), np.float32)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(ml.embed(model, images, batch_size=7), found, atol=1e-5)
    integers = (images * 255).round().astype("uint8")
    expected = ml.embed(model, integers / np.float32(255))
    np.testing.assert_allclose(ml.embed(model, integers), expected, atol=1e-5)


def test_a_mirrored_image_has_the_same_embedding(whole):
    model, images = whole[0], faces(seed=1)
    once = ml.embed(model, images, mirror=False)
    np.testing.assert_allclose(once, model.predict(images, verbose=0), atol=1e-5)
    other = ml.embed(model, images[:, :, ::-1], mirror=False)
    assert np.abs(once - other).max() > 0.01
    mean = (once + other) / np.linalg.norm(once + other, axis=1, keepdims=True)
    np.testing.assert_allclose(ml.embed(model, images), mean, atol=1e-5)
    np.testing.assert_allclose(ml.embed(model, images[:, :, ::-1]), mean, atol=1e-5)


def test_the_fingerprint_changes_with_any_weight(tmp_path):
    model = embedder()
    first = ml.fingerprint(model)
    assert first == ml.fingerprint(embedder()) != ml.fingerprint(embedder(seed=1))
    for weight in model.weights:
        value = weight.numpy()
        weight.assign(value + np.float32(1e-3))
        assert ml.fingerprint(model) != first
        weight.assign(value)
    assert ml.fingerprint(model) == first
    path = models.save_model(model, tmp_path / "embedder.keras")
    assert ml.fingerprint(models.load_model(path)) == first


# Errors


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": "center"}, ValueError, "loss must be one of softmax, .*, got 'center'"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number from 1"),
        ({"batch_size": 1}, ValueError, "batch_size must be a whole number from 2"),
        ({"batch_size": 2.0}, TypeError, "batch_size must be a whole number from 2"),
        ({"images_per_person": 1}, ValueError, "images_per_person must be .* from 2 to 12, got 1"),
        ({"seed": -1}, ValueError, "seed must be a whole number from 0"),
        ({"scale": -1.0}, ValueError, "scale must be a number from 0"),
        ({"margin": -0.1}, ValueError, "margin must be a number from 0"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be a number from"),
        ({"checkpoint": "no-such-folder/a.npz"}, FileNotFoundError, "there is no folder"),
        ({"checkpoint": "a.keras"}, ValueError, r"checkpoint must end in \.npz, got a\.keras"),
    ],
)
def test_bad_options_are_named_and_leave_the_model_alone(refused, options, error, message):
    before = ml.fingerprint(refused)
    with pytest.raises(error, match=message):
        fit(refused, **options)
    assert ml.fingerprint(refused) == before


@pytest.mark.parametrize(
    ("images", "identities", "error", "message"),
    [
        (faces()[:, :8], IDENTITIES, ValueError, r"images must have shape \(N, 16, 16, 3\), got"),
        (np.zeros((3, 8, 8, 3), "uint8"), [0, 0, 1], ValueError, r"images must .*got \(3, 8, 8, 3"),
        (faces()[:0], [], ValueError, r"images must not be empty"),
        (np.zeros((0, *SHAPE), "uint8"), [], ValueError, r"images must .*got \(0, 16"),
        (faces() * 2, IDENTITIES, ValueError, "images must hold values from 0 to 1"),
        (np.zeros((2, *SHAPE), int), [0, 1], TypeError, "images must hold floats .* int64"),
        (faces(), IDENTITIES[1:], ValueError, r"identities must have shape \(30,\), one per image"),
        (faces(), np.zeros(30), ValueError, "identities must be of at least two people, got 1$"),
    ],
)
def test_bad_data_are_named(refused, images, identities, error, message):
    with pytest.raises(error, match=message):
        ml.fit_embedder(refused, images, identities, progress=False)


def test_pairs_need_people_with_two_images(refused):
    with pytest.raises(ValueError, match="identities must hold two images of two people at least"):
        ml.fit_embedder(refused, faces()[:3], [0, 0, 1], loss="triplet", progress=False)


def test_embeddings_of_bad_images_are_refused(refused):
    with pytest.raises(ValueError, match=r"^images must have shape \(N, 16, 16, 3\)"):
        ml.embed(refused, faces()[0])
    with pytest.raises(ValueError, match="batch_size must be a whole number from 1"):
        ml.embed(refused, faces(), batch_size=0)


@pytest.mark.parametrize(
    "function", ["make_predict_function.<locals>.step", "_make_function.<l>.f"]
)
def test_several_networks_in_a_row_bring_no_warning_but_others_do(caplog, function):
    logger = logging.getLogger("tensorflow")
    keras_own = f"<function TensorFlowTrainer.{function}> triggered retracing"
    with caplog.at_level("WARNING", "tensorflow"):
        logger.addHandler(caplog.handler)
        logger.warning("5 out of the last 9 calls to %s", keras_own)
        logger.warning("5 out of the last 9 calls to %s", "<function mine> triggered retracing")
        logger.removeHandler(caplog.handler)
    assert {"<function mine>" in record.getMessage() for record in caplog.records} == {True}
