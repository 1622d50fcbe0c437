"""Chapter 8's program can be copied: its first cell and its script are whole, and Keras' own."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from facebook_tut import models

CHAPTER = Path(__file__).resolve().parents[2] / "book" / "08_full_training_code.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
[CELL, *_] = (
    cell.source
    for cell in CELLS
    if cell.cell_type == "code" and "colab-install" not in cell.metadata.get("tags", [])
)
[SCRIPT] = (
    block
    for cell in CELLS
    if cell.cell_type == "markdown"
    for block in re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
    if "import keras" in block
)
LAYERS = [
    "keras.Input((64, 64, 3))",
    'layers.Conv2D(32, (3, 3), activation="relu")',
    "layers.MaxPooling2D((2, 2))",
    'layers.Conv2D(64, (3, 3), activation="relu")',
    "layers.MaxPooling2D((2, 2))",
    'layers.Conv2D(128, (3, 3), activation="relu")',
    "layers.MaxPooling2D((2, 2))",
    "layers.Flatten()",
    'layers.Dense(512, activation="relu")',
    'layers.Dense(1, activation="sigmoid")',
]
COMPILED = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}


def calls(source, name):
    """Return the calls of `model.NAME` or of `keras.NAME` in a program."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [node for node in nodes if getattr(node.func, "attr", "") == name]


def keywords(call):
    """Return a call's keyword arguments as text or, where they are plain, as values."""
    texts = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    return {
        name: ast.literal_eval(text) if text[0] in "'[0123456789" else text
        for name, text in texts.items()
    }


@pytest.mark.parametrize("source", [CELL, SCRIPT], ids=["first cell", "script"])
def test_it_is_keras_own_words(source):
    [network] = calls(source, "Sequential")
    written = [ast.unparse(ast.parse(layer)) for layer in LAYERS]
    assert [ast.unparse(layer) for layer in network.args[0].elts] == written
    [compiled] = calls(source, "compile")
    assert keywords(compiled) == COMPILED
    [fitted] = calls(source, "fit")
    given = keywords(fitted)
    assert (given["batch_size"], given["epochs"]) == (32, 10) and "validation_data" in given
    assert len(fitted.args) == 2 and ast.unparse(fitted.func) == "model.fit"


def test_the_script_trains_measures_and_saves(tmp_path, monkeypatch, capsys):
    quick = SCRIPT.replace("epochs=10", "epochs=1, steps_per_epoch=2")
    quick = quick.replace("load_patches()", "load_patches(hard_per_photograph=1, copies=0)")
    monkeypatch.chdir(tmp_path)
    exec(compile(quick, "face_classifier.py", "exec"), {})
    said = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"accuracy on \d+ test images: [01]\.\d{3}", said)
    assert models.load_model("face.keras").count_params() == 2_453_569
