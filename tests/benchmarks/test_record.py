"""Records are compact, and the same for the same figures; their commands can be repeated."""

import json
import sys
from pathlib import Path

import _record
import pytest

from facebook_tut import pretrained

WRITTEN = [*sorted(_record.RECORDED.glob("*.json")), Path(pretrained.__file__).parent]
WRITTEN[-1] /= pretrained.FACTS_FILE


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_writing_a_record_again_gives_the_same_bytes(path, tmp_path):
    _record.write(json.loads(path.read_text(encoding="utf-8")), tmp_path / path.name)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_arrays_of_numbers_and_what_is_short_stand_on_one_line():
    record = {"scores": [0.25] * 90, "share": {"value": 0.5, "counted": (1, 2)}, "none": []}
    lines = _record.as_text(record | {"words": ["long enough to break the line"] * 4}).split("\n")
    scores = f'  "scores": [{", ".join(["0.25"] * 90)}],'
    share = '  "share": {"value": 0.5, "counted": [1, 2]},'
    assert lines[:4] == ["{", scores, share, '  "none": [],']
    assert lines[4:6] == ['  "words": [', '    "long enough to break the line",']
    assert lines[-2:] == ["  ]", "}"]


def test_a_record_is_what_is_read_again():
    record = {"tiny": 9e-05, "many": [1e-7, 1 / 3, None], "deep": [{"a": [[1, 2.0], "é"]}] * 9}
    assert json.loads(_record.as_text(record)) == record


def test_a_command_names_no_place_of_this_machine():
    command = _record.command("/here/benchmarks/lfw", "quality", "--data", "/x", "--camera", "/y.z")
    assert command == "python benchmarks/lfw quality --data PATH --camera FILE"
    words = ("--output", "/x.json", "--view", "1", "--checkpoints", "/kept", "--start", "/s")
    command = _record.command("lfw", *words)
    assert command == "python benchmarks/lfw --view 1 --start FILE"


def test_a_benchmark_prints_and_writes_what_it_measures(tmp_path, monkeypatch, capsys):
    words = ["--output", str(tmp_path / "r.json"), "--checkpoints", str(tmp_path / "kept")]
    monkeypatch.setattr(sys, "argv", ["some.py", *words])
    arguments = _record.options("What it does.", "some", data=True, kept=tmp_path).parse_args()
    assert arguments.data is None
    _record.run(arguments, lambda given: {"found": 1}, lambda record: f"found {record['found']}")
    record = json.loads((tmp_path / "r.json").read_text())
    assert record["found"] == 1 and record["command"].startswith("python benchmarks/some.py")
    assert [*record][:4] == ["command", "date", "machine", "versions"]
    assert "found 1" in capsys.readouterr().out and (tmp_path / "kept").is_dir()


def test_nothing_is_measured_that_cannot_be_written(tmp_path):
    arguments = _record.options("", "some").parse_args(["--output", str(tmp_path / "no" / "r")])
    with pytest.raises(FileNotFoundError):
        _record.run(arguments, lambda given: pytest.fail("measured"), str)
