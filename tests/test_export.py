"""int8 as worked out by hand and as LiteRT stores it; every form says what Keras says; pruning."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from facebook_tut import export, pretrained, training
from facebook_tut._backend import keras
from facebook_tut.data.synthetic import sample_people
from facebook_tut.metric_learning import embed, fit_student
from facebook_tut.models import build_embedder

SHAPE = (16, 16, 3)
NUMBERS = arrays(float, array_shapes(max_dims=3, max_side=5), elements=st.floats(-1e6, 1e6))


def images(n, seed=0):
    return np.random.default_rng(seed).random((n, *SHAPE), dtype=np.float32)


@pytest.fixture(scope="module")
def small():
    """An untrained embedder. Do not train it."""
    training.set_seed(0)
    return build_embedder(16, input_shape=SHAPE, filters=(8, 16))


@pytest.fixture(scope="module")
def content(small):
    """The small embedder as a LiteRT file."""
    return export.to_litert(small)


# int8


@pytest.mark.parametrize(
    ("x", "symmetric", "scale", "zero_point", "q"),
    [
        ([-1.0, 0.0, 4.1], False, 0.02, -78, [-128, -78, 127]),
        ([2.0, 5.1], False, 0.02, -128, [-28, 127]),  # zero is in the range all the same
        ([-5.1, -2.0], False, 0.02, 127, [-128, 27]),
        ([-2.54, 0.0, 1.0], True, 0.02, 0, [-127, 0, 50]),
        ([[0.1], [0.635]], True, 0.005, 0, [[20], [127]]),
        ([0.0, 0.0], False, 1.0, -128, [-128, -128]),
        ([0.0], True, 1.0, 0, [0]),
    ],
)
def test_int8_is_as_worked_out_by_hand(x, symmetric, scale, zero_point, q):
    found = export.quantisation_parameters(x, symmetric=symmetric)
    assert [float(each.squeeze()) for each in found] == pytest.approx([scale, zero_point])
    quantised = export.quantise(x, *found)
    assert quantised.dtype == np.int8 and quantised.tolist() == q
    np.testing.assert_allclose(export.dequantise(quantised, *found), x, atol=1e-12)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(NUMBERS, st.booleans(), st.data())
def test_no_number_moves_by_more_than_half_a_step_and_zero_not_at_all(x, symmetric, data):
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    scale, zero_point = export.quantisation_parameters(x, axis, symmetric=symmetric)
    q = export.quantise(x, scale, zero_point)
    error = np.abs(export.dequantise(q, scale, zero_point) - x)
    assert (error <= scale / 2 * (1 + 1e-9)).all()
    assert (zero_point >= export.LOWEST).all() and (zero_point <= export.HIGHEST).all()
    zeros = export.quantise(np.zeros_like(x), scale, zero_point)
    assert (export.dequantise(zeros, scale, zero_point) == 0).all()
    assert not symmetric or q.min() >= -127


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_a_channel_has_the_parameters_it_would_have_alone(axis, symmetric):
    x = np.random.default_rng(0).normal(size=(3, 4, 5)) * np.arange(1, 6)
    parameters = export.quantisation_parameters(x, axis, symmetric=symmetric)
    for channel in range(x.shape[axis]):
        alone = export.quantisation_parameters(np.take(x, channel, axis), symmetric=symmetric)
        for found, wanted in zip(parameters, alone, strict=True):
            assert np.take(found, channel, axis).item() == wanted.item()


def test_channels_of_their_own_lose_less():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 8, 4)) * (0.01, 0.1, 1, 10)

    def loss(axis):
        parameters = export.quantisation_parameters(kernel, axis, symmetric=True)
        error = export.dequantise(export.quantise(kernel, *parameters), *parameters) - kernel
        return np.abs(error).mean((0, 1, 2))

    assert (loss(-1)[:3] < 0.2 * loss(None)[:3]).all()  # all but the widest


def test_numbers_beyond_the_range_take_the_last_step():
    assert export.quantise([-9.0, 9.0], 0.02, 0).tolist() == [-128, 127]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: export.quantisation_parameters([]), ValueError, r"x must not be empty"),
        (lambda: export.quantisation_parameters(["a"]), TypeError, "x must hold real numbers"),
        (lambda: export.quantisation_parameters([np.inf]), ValueError, "x must hold finite .*inf"),
        (lambda: export.quantisation_parameters([1.0], 1), ValueError, "axis must be .* got 1"),
        (lambda: export.quantise([1.0], 0.0, 0), ValueError, "scale must be above 0, got 0"),
        (lambda: export.quantise([np.nan], 1.0, 0), ValueError, "x must hold finite numbers"),
        (lambda: export.dequantise([1], 1.0, 0), TypeError, "q must hold int8, got dtype int64"),
        (
            lambda: export.dequantise(np.zeros(1, np.int8), -1.0, 0),
            ValueError,
            "scale must be above 0, got -1",
        ),
    ],
)
def test_what_int8_cannot_hold_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_litert_stores_the_same_int8():
    training.set_seed(0)
    convolution, dense = keras.layers.Conv2D(4, 3), keras.layers.Dense(8, use_bias=False)
    network = [keras.Input((6, 6, 3)), convolution, keras.layers.Flatten(), dense]
    seen = np.random.default_rng(0).random((20, 6, 6, 3), dtype=np.float32)
    seen[0, 0, 0] = 0, 1, 1  # the whole range
    content = export.to_litert(keras.Sequential(network), "int8", seen)
    stored = export._interpreter(content, 1)
    details = stored.get_tensor_details()
    int8 = {tuple(each["shape"]): each for each in details if each["dtype"] == np.int8}
    filters = np.moveaxis(convolution.kernel.numpy(), -1, 0)  # LiteRT has the outputs first
    for kernel in (filters, dense.kernel.numpy().T):
        scale, zero_point = export.quantisation_parameters(kernel, 0, symmetric=True)
        found = int8[kernel.shape]
        kept = found["quantization_parameters"]
        np.testing.assert_allclose(kept["scales"], scale.ravel(), rtol=1e-6)
        assert (kept["zero_points"] == 0).all() and kept["quantized_dimension"] == 0
        q = export.quantise(kernel, scale, zero_point)
        np.testing.assert_array_equal(stored.get_tensor(found["index"]), q)
    scale, zero_point = export.quantisation_parameters(seen)
    found = int8[1, 6, 6, 3]["quantization"]
    assert found == (pytest.approx(scale.item()), zero_point.item())
    assert found == (pytest.approx(1 / 255), -128)


# LiteRT


@pytest.fixture(scope="module")
def shipped():
    return pretrained.load_embedder()


@pytest.fixture(scope="module")
def faces():
    """Drawn faces, (24, 64, 64, 3): the first 16 for calibration."""
    return sample_people(24, 1).images.astype(np.float32)


@pytest.fixture(scope="module", params=export.FORMATS)
def converted(request, shipped, faces):
    """A form's name and its file."""
    calibration = faces[:16] if request.param == "int8" else None
    return request.param, export.to_litert(shipped, request.param, calibration)


def test_every_form_says_what_keras_says(converted, shipped, faces):
    form, content = converted
    embedder = export.LiteRTEmbedder(content)
    assert embedder.input_shape == shipped.input_shape
    assert embedder.output_shape == shipped.output_shape
    for mirror in (False, True):
        found, wanted = (embed(each, faces[16:], mirror=mirror) for each in (embedder, shipped))
        assert found.dtype == np.float32 and found.shape == (8, 256)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
        assert np.einsum("nd,nd->n", found, wanted).min() >= (0.98 if "int8" in form else 0.999)


def test_an_image_alone_has_the_embedding_it_has_among_others(converted, faces):
    embedder = export.LiteRTEmbedder(converted[1])
    together = embedder.predict_on_batch(faces[16:])
    alone = np.concatenate([embedder.predict_on_batch(face[None]) for face in faces[16:]])
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_array_equal(embedder.predict_on_batch(faces[16:]), together)


def test_every_form_has_the_size_of_its_weights(converted, shipped):
    form, content = converted
    each = {"float32": 4, "float16": 2, "dynamic int8": 1, "int8": 1}[form]
    assert each * 0.99 < len(content) / shipped.count_params() < each * 1.05


def test_only_int8_has_no_floats_before_the_embedding(converted):
    form, content = converted
    tensors = export._interpreter(content, 1).get_tensor_details()
    floats = [each for each in tensors if each["dtype"] in (np.float32, np.float16)]
    inside = [each for each in floats if tuple(each["shape"]) not in {(1, 64, 64, 3), (1, 256)}]
    assert (inside == []) == (form == "int8")


@pytest.mark.parametrize("form", export.FORMATS)
def test_conversion_is_silent_and_leaves_the_model_alone(form, small, capfd):
    before = small.get_weights()
    answers = small.predict_on_batch(images(4))
    content = export.to_litert(small, form, images(4) if form == "int8" else None)
    export.LiteRTEmbedder(content).predict_on_batch(images(4))
    assert capfd.readouterr() == ("", "")
    for weight, after in zip(before, small.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, after)
    np.testing.assert_array_equal(small.predict_on_batch(images(4)), answers)


@pytest.mark.parametrize(
    ("form", "calibration", "error", "words"),
    [
        ("int4", None, ValueError, "form must be one of float32, .*, int8, got 'int4'"),
        ("int8", None, ValueError, "calibration must be images .*, got None"),
        ("float16", images(1), ValueError, "calibration is for form 'int8' only, .*'float16'"),
        ("int8", images(1)[0], ValueError, r"calibration must have shape \(N, 16, 16, 3\)"),
        ("int8", images(2) * 255, ValueError, "calibration must hold values from 0 to 1"),
        ("int8", np.zeros((2, *SHAPE), np.uint8), TypeError, "calibration must hold floats"),
    ],
)
def test_a_conversion_that_cannot_be_is_named(small, form, calibration, error, words):
    with pytest.raises(error, match=words):
        export.to_litert(small, form, calibration)


def test_litert_runs_through_its_own_package():
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    assert export._interpreter_class() is interpreter.Interpreter


def test_without_that_package_tensorflow_answers_the_same_and_warns_once(content, monkeypatch):
    batch = images(3)
    expected = export.LiteRTEmbedder(content).predict_on_batch(batch)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    export._warn_once.cache_clear()
    with pytest.warns(UserWarning, match="LiteRT interpreter") as said:
        answers = [export.LiteRTEmbedder(content).predict_on_batch(batch) for _ in range(2)]
    assert len(said) == 1
    for answer in answers:
        np.testing.assert_allclose(answer, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("damage", "error", "words"),
    [
        (lambda data: str(data), TypeError, "content must be bytes, got str"),
        (lambda data: b"", ValueError, "content must be the bytes of a LiteRT file, got 0 bytes"),
        (lambda data: b"PK" + data, ValueError, "without the mark TFL3"),
        (lambda data: data[:20], ValueError, "content must be a whole LiteRT file, got 20 bytes"),
        (lambda data: data[: len(data) // 2], ValueError, "content must be a whole LiteRT file"),
    ],
)
def test_a_damaged_file_is_refused(content, damage, error, words):
    with pytest.raises(error, match=words):
        export.LiteRTEmbedder(damage(content))


def test_a_wrong_batch_is_refused(content):
    embedder = export.LiteRTEmbedder(content)
    for wrong in (images(1)[0], images(0), np.zeros((1, 8, 8, 3), np.float32)):
        with pytest.raises(ValueError, match=r"images must (have shape|not be empty)"):
            embedder.predict_on_batch(wrong)
    with pytest.raises(ValueError, match="threads must be a whole number from 1"):
        export.LiteRTEmbedder(content, threads=0)


def test_a_file_is_written_whole_and_never_over_another(content, tmp_path, monkeypatch):
    path = tmp_path / "face.tflite"
    assert export.save_litert(content, path) == path
    assert path.read_bytes() == content
    with pytest.raises(FileExistsError, match=r"face\.tflite: it exists"):
        export.save_litert(content, path)
    with pytest.raises(ValueError, match=r"path must end in \.tflite, got .*face\.bin"):
        export.save_litert(content, tmp_path / "face.bin")
    with pytest.raises(ValueError, match="content must be the bytes of a LiteRT file"):
        export.save_litert(b"", path, overwrite=True)

    def full(path, data):
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError("no space left")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space"):
        patch.setattr(Path, "write_bytes", full)
        export.save_litert(content, path, overwrite=True)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["face.tflite"]
    export.save_litert(content, path, overwrite=True)


# Pruning


def magnitudes(model):
    return [np.abs(kernel.numpy()).ravel() for kernel in export.kernels_of(model)]


@pytest.mark.parametrize("per_layer", [False, True])
@pytest.mark.parametrize("sparsity", [0, 0.25, 0.5, 0.9, 1])
def test_exactly_the_smallest_weights_are_gone(small, sparsity, per_layer):
    before = [weight.copy() for weight in small.get_weights()]
    pruned = export.prune(small, sparsity, per_layer=per_layer)
    old, new = magnitudes(small), magnitudes(pruned)
    if not per_layer:
        old, new = [np.concatenate(old)], [np.concatenate(new)]
    for was, now in zip(old, new, strict=True):
        gone = now == 0
        assert gone.sum() == round(sparsity * len(was))
        assert was[gone].max(initial=0) <= was[~gone].min(initial=np.inf)
        np.testing.assert_array_equal(now[~gone], was[~gone])
    kernels = {kernel.path for kernel in export.kernels_of(pruned)}
    for weight, after, first in zip(pruned.weights, small.weights, before, strict=True):
        np.testing.assert_array_equal(after, first)  # the given one is as it was
        if weight.path not in kernels:
            np.testing.assert_array_equal(weight, after)


def test_zeros_count_among_the_pruned(small):
    once = export.prune(small, 0.5)
    twice = export.prune(once, 0.5)
    for weight, again in zip(once.get_weights(), twice.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, again)
    assert export.sparsity_of(export.prune(once, 0.75)) == 0.75


def test_all_together_spares_the_layers_with_large_weights(small):
    model = export.prune(small, 0)
    first = export.kernels_of(model)[0]
    first.assign(100 + first)
    pruned = export.prune(model, 0.5)
    assert (export.kernels_of(pruned)[0].numpy() != 0).all()
    pruned = export.prune(model, 0.5, per_layer=True)
    assert (export.kernels_of(pruned)[0].numpy() == 0).mean() == 0.5


def test_a_sparsity_that_cannot_be_is_named(small):
    for wrong in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="sparsity must be a number from 0 to 1"):
            export.prune(small, wrong)
    with pytest.raises(TypeError, match="sparsity must be"):
        export.prune(small, "half")


def test_training_again_moves_what_is_left_and_brings_nothing_back(eagerly):
    known = images(24)
    training.set_seed(0)
    model = build_embedder(16, input_shape=SHAPE, filters=(8,), blocks=(0,))
    teacher = model.predict_on_batch(known)
    training.set_seed(0)  # of what the copy drops
    pruned = export.prune(model, 0.8)
    before = pruned.get_weights()
    export.keep_zeros(pruned)
    options = {"epochs": 5, "batch_size": 24, "augment": False, "progress": False}
    with eagerly():
        history = fit_student(pruned, known, teacher, **options)
    assert history.loss[-1] < history.loss[0]
    assert export.sparsity_of(pruned) == export.sparsity_of(export.prune(model, 0.8))
    for was, now in zip(before, pruned.get_weights(), strict=True):
        if was.ndim > 1:
            np.testing.assert_array_equal(was == 0, now == 0)
            assert (was != now)[was != 0].mean() > 0.9


def test_sparsity_shows_after_compression(small, content):
    pruned = export.to_litert(export.prune(small, 0.9))
    assert abs(len(pruned) - len(content)) < 100  # the file is as large as ever
    before, after = map(export.compressed_size, (content, pruned))
    assert after < 0.25 * before
    assert before == len(gzip.compress(content, mtime=0)) < len(content)
