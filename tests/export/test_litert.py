"""LiteRT: every form says what Keras says, and damaged files are refused."""

import sys
from pathlib import Path

import numpy as np
import pytest

from facebook_tut import export, pretrained
from facebook_tut.data.synthetic import sample_people
from facebook_tut.export import litert
from facebook_tut.metric_learning import embed

SHAPE = (16, 16, 3)


def images(n, seed=0):
    return np.random.default_rng(seed).random((n, *SHAPE), dtype=np.float32)


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
    tensors = litert._interpreter(content, 1).get_tensor_details()
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
    assert litert._interpreter_class() is interpreter.Interpreter


def test_without_that_package_tensorflow_answers_the_same_and_warns_once(content, monkeypatch):
    batch = images(3)
    expected = export.LiteRTEmbedder(content).predict_on_batch(batch)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    litert._warn_once.cache_clear()
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
