"""What is known of the network that ships is written by two commands; nothing is typed."""

import importlib
import json
import shutil
import sys
from types import SimpleNamespace

import _record
import _shipped
import numpy as np
import pytest
import shipped
from lfw import people

from facebook_tut import pretrained, training
from facebook_tut.models import build_embedder, save_model
from facebook_tut.preprocessing import quality

LAYOUT = {"dimensions": 8, "blocks": (0, 1, 1, 1), "dropout": 0.0}


def test_facts_and_card_are_up_to_date():
    found = _shipped.facts(pretrained.content())
    facts, card = (_shipped.FOLDER / name for name in (pretrained.FACTS_FILE, "MODEL_CARD.md"))
    again = "run `python benchmarks/shipped.py --facts`"
    assert facts.read_text("utf-8") == _record.as_text(found) + "\n", again
    assert card.read_text("utf-8") == _shipped.card(found), again
    assert _shipped.stale(found) == [], "run `python benchmarks/shipped.py`, which measures"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder that stands for the package's: records, weights, facts and card of what ships."""
    for name in ("recorded", "pretrained"):
        shutil.copytree(_shipped.FOLDER.with_name(name), tmp_path / name)
    monkeypatch.setattr(_record, "RECORDED", tmp_path / "recorded")
    for module in (_shipped, shipped):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "pretrained")
    return tmp_path


@pytest.fixture
def adopt(place, monkeypatch):
    """A function that lets `pretrained` read the folder, as a new process would."""

    def adopt():
        monkeypatch.setattr(pretrained, "files", lambda package: place / "pretrained")
        facts = pretrained.read_facts()
        monkeypatch.setattr(pretrained, "FACTS", facts)
        monkeypatch.setattr(pretrained, "SHA256", facts["sha256"])
        monkeypatch.setattr(pretrained, "LAYOUT", facts["layout"])
        monkeypatch.setattr(pretrained, "THRESHOLD", facts["thresholds"]["verify"])
        return facts

    return adopt


def train(place):
    """Leave a tiny network and its record, as `python benchmarks/lfw --method student` does."""
    training.set_seed(1)
    model = build_embedder(**LAYOUT)
    path = place / "recorded" / "lfw_view1_student.json"
    record = json.loads(path.read_text())
    record |= {"parameters": model.count_params(), "date": "2031-02-03T04:05:06+00:00"}
    record["recipe"] |= LAYOUT | {"epochs": 3}
    _record.write(record, path)
    return save_model(model, place / "tiny.keras"), model


def command(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", [*words])
    importlib.import_module(words[0].removesuffix(".py")).main()


def test_another_network_is_shipped_by_two_commands(place, adopt, folder, monkeypatch, capsys):
    path, model = train(place)
    before = pretrained.SHA256
    command(monkeypatch, "shipped.py", "--pack", str(path))
    facts = adopt()
    assert facts["sha256"] != before and facts["parameters"] == model.count_params()
    assert facts["layout"] == LAYOUT
    loaded = pretrained.load_embedder()
    for one, other in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-7)
    assert "still of another network, until measured: face_embedder" in capsys.readouterr().out

    asked = []

    def run(name, *words):
        asked.append((name, *words))
        adopt()
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *words])
        quick(name, monkeypatch)

    monkeypatch.setattr(shipped, "run", run)
    monkeypatch.setattr(shipped, "find_spec", lambda name: name)
    command(monkeypatch, "shipped.py", "--data", str(folder))
    names = [
        "face_embedder",
        "spoiled",
        "counting",
        "watch_list",
        "embedder_formats",
        "embedder_speed",
    ]
    assert [name for name, *_ in asked] == names
    assert all(words == ["--data", str(folder)] for _, *words in asked[:-1])
    facts = adopt()
    assert _shipped.stale(facts) == []
    assert {one["sha256"] for one in [*facts["records"].values()][1:]} == {facts["sha256"]}
    card = (place / "pretrained" / "MODEL_CARD.md").read_text("utf-8")
    assert facts["sha256"] in card and before not in card
    for wanted in ("embedding of 8 numbers", "Version of 2031-02-03", "3 epochs", "of 15 people"):
        assert wanted in card
    assert f"threshold of `Recognizer`, {pretrained.THRESHOLD:.2f}, is" in card


def quick(name, monkeypatch):
    """Run a measurement in this process, with few of everything."""
    if name in ("watch_list", "embedder_formats"):
        return  # the facts do not say what these find
    module = importlib.reload(importlib.import_module(name))  # which reads the threshold
    few, words = {
        "face_embedder": ({"CONDITIONS": {}, "CHOSEN": 0.01, "find": find}, []),
        "spoiled": ({"CONDITIONS": {"no colour": lambda image: image}, "find": faces}, []),
        "counting": ({"SIZES": (3, 5), "ONCE": 4}, ["--streams", "2"]),
        "embedder_speed": ({"dlib": lambda: lambda faces: faces}, ["--rounds", "1"]),
    }[name]
    for key, value in few.items():
        monkeypatch.setattr(module, key, value)
    monkeypatch.setattr(people, "FARS", (0.1, 0.01))
    monkeypatch.setattr("os.sched_setaffinity", lambda process, cores: None)
    sys.argv += words
    module.main()


def find(data, model, photos):
    """Return the same embedding for all photographs but the first, whose face is not found."""
    found = np.tile(np.eye(model.output_shape[1])[0], (len(photos), 1))
    found[0] = np.nan
    return found


def faces(data, model, photos):
    """Return one face, which is flat."""
    return [SimpleNamespace(quality=quality(np.full((64, 64, 3), 0.5)))]


def test_a_network_that_was_not_recorded_is_not_shipped(place, monkeypatch):
    path, _ = train(place)
    record = place / "recorded" / "lfw_view1_student.json"
    _record.write(json.loads(record.read_text()) | {"parameters": 7}, record)
    before = (place / "pretrained" / pretrained.WEIGHTS).read_bytes()
    with pytest.raises(ValueError, match="must have the 7 parameters of the record"):
        command(monkeypatch, "shipped.py", "--pack", str(path))
    assert (place / "pretrained" / pretrained.WEIGHTS).read_bytes() == before


def test_without_dlib_nothing_is_measured(place, monkeypatch):
    monkeypatch.setattr(shipped, "find_spec", lambda name: None)
    monkeypatch.setattr(shipped, "run", lambda *_: pytest.fail("measured"))
    with pytest.raises(SystemExit, match="dlib is missing"):
        command(monkeypatch, "shipped.py")
