"""Forms of the network that ships, measured on a tiny fake LFW."""

import json
import sys

import embedder_formats
import numpy as np

from facebook_tut import export, training
from facebook_tut.data.lfw import load_lfw, photos_of


def test_every_form_is_measured_and_calibrated_on_people_of_the_training(
    folder, tmp_path, monkeypatch, eagerly, build_quick_embedder
):
    seen = []

    def spy(model, form="float32", calibration=None):
        seen.extend([] if calibration is None else calibration)
        return to_litert(model, form, calibration)

    to_litert, output = export.to_litert, tmp_path / "record.json"
    monkeypatch.setattr(embedder_formats.export, "to_litert", spy)
    monkeypatch.setattr(embedder_formats.os, "sched_setaffinity", lambda process, cores: None)
    monkeypatch.setattr(embedder_formats, "SPARSITIES", (0.5,))
    monkeypatch.setattr(embedder_formats, "CALIBRATION", 5)
    monkeypatch.setattr(embedder_formats, "MANY", 4)
    training.set_seed(0)
    model = build_quick_embedder(8)
    monkeypatch.setattr(embedder_formats.pretrained, "load_embedder", lambda: model)
    command = [
        "embedder_formats.py",
        "--data",
        str(folder),
        "--output",
        str(output),
        "--rounds",
        "2",
    ]
    command += ["--epochs", "1", "--checkpoints", str(tmp_path / "kept")]
    monkeypatch.setattr(sys, "argv", command)
    with eagerly():
        embedder_formats.main()
    record = json.loads(output.read_text())
    assert record["command"].startswith(
        "python benchmarks/embedder_formats.py --data PATH --rounds"
    )
    assert record["data_fingerprint"] == load_lfw(folder).fingerprint
    data = load_lfw(folder)
    allowed = {image.tobytes() for image in data.images(photos_of(data.people("view1/train")))}
    assert len(seen) == record["calibration_images"] == 5
    assert {np.round(255 * image).astype(np.uint8).tobytes() for image in seen} <= allowed
    forms = record["forms"]
    whole = ["Keras", "tf.function", "XLA", *(f"LiteRT {form}" for form in export.FORMATS)]
    pruned = ["pruned 50%", "pruned 50%, trained again", "pruned 50%, trained again, int8"]
    assert [*forms] == whole + pruned
    for name, form in forms.items():
        assert form["gzip_bytes"] < form["bytes"] and form["right"] <= 80
        assert form["sparsity"] == (0.5 if "pruned" in name else 0)
        for case, turns in record["times"].items():
            assert form["milliseconds_per_face"][case] == min(turns["milliseconds_per_face"][name])
            assert turns["cores_taken_by_others"] >= 0
    for name in whole[:5]:  # floats
        assert forms[name]["smallest_cosine"] > 0.9999
        assert abs(forms[name]["right_at_thresholds_of_keras"] - forms["Keras"]["right"]) <= 1
    assert forms["Keras"]["decided_otherwise"] == 0
    assert forms["pruned 50%"]["smallest_cosine"] < 0.999
