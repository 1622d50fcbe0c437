"""What spoiled photographs do to the threshold, and what is refused, on a tiny fake LFW."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import spoiled
from lfw.conditions import CONDITIONS, alter_all

from facebook_tut import pretrained
from facebook_tut.preprocessing import quality

DARK = "a twentieth of the light"  # in which nothing is seen here


@pytest.fixture
def record(folder, tmp_path, monkeypatch):
    """What is recorded: one condition changes nothing, in the other all are alike."""
    dark = SimpleNamespace(box=(0, 0, 250, 250), quality=quality(np.zeros((64, 64, 3))))
    monkeypatch.setattr(
        spoiled, "Recognizer", lambda model: SimpleNamespace(faces=lambda picture: [dark])
    )
    conditions = {"the same": lambda image: image, DARK: lambda image: 0 * image}
    monkeypatch.setattr(spoiled, "CONDITIONS", conditions)
    monkeypatch.setattr(pretrained, "THRESHOLD", 0.999)  # two photographs are not so much alike
    output = tmp_path / "record.json"

    def measure(*words):
        command = ["spoiled.py", "--data", str(folder), "--output", str(output), *words]
        monkeypatch.setattr(sys, "argv", command)
        spoiled.main()
        return json.loads(output.read_text())

    return measure


def test_rates_limits_and_what_is_refused_are_recorded(record, capsys):
    found = record()
    conditions = found["conditions"]
    assert [*conditions] == ["as it is", "the same", DARK]
    assert (found["people"], found["photos"]) == (15, 45)
    assert found["threshold"] == 0.999
    genuine, impostor = 15 * 3, 45 * 44 // 2 - 15 * 3
    for name, one in conditions.items():
        assert one["both"]["fmr"]["counted"][1] == impostor
        assert one["both"]["fnmr"]["counted"][1] == genuine
        if name != "as it is":
            assert one["one"]["fmr"]["counted"][1] == 2 * impostor
    assert conditions["the same"]["both"] == conditions["as it is"]["both"]
    assert conditions[DARK]["both"]["fmr"]["value"] == 1
    # In the dark all are alike: the threshold does not hold, the light shows it, all are refused.
    assert found["conditions_beyond"] == [DARK]
    limit = found["limits"]["too dark"]
    assert [*found["limits"]] == ["too dark"] and limit["conditions"] == [DARK]
    assert limit["measure"] == "brightness" and 0 < limit["least"] < 0.5
    assert limit["wrongly"]["counted"] == [0, 25]  # the people of the training list
    assert conditions[DARK]["refused"]["counted"] == [15, 15]
    assert conditions[DARK]["not_refused"] is None
    assert found["refused_as_found"]["counted"] == [15, 15]
    assert "beyond 0.2%: a twentieth of the light" in capsys.readouterr().out


def test_where_the_threshold_holds_there_is_no_limit(record, monkeypatch):
    monkeypatch.setattr(spoiled, "MOST", 1)
    found = record("--every", "5")
    assert (found["people"], found["photos"]) == (3, 9)
    assert found["conditions_beyond"] == [] and found["limits"] == {}
    assert found["conditions"][DARK]["refused"]["value"] == 0
    assert found["refused_as_found"]["value"] == 0


def test_no_more_than_a_hundredth_of_any_group_lies_beyond_a_limit():
    rng = np.random.default_rng(0)
    groups = [rng.random(1000), 0.5 + rng.random(1000)]
    least, most = (spoiled.limit_of(groups, side) for side in ("least", "most"))
    assert 0.005 < max((group < least).mean() for group in groups) <= 0.01
    assert 0.005 < max((group > most).mean() for group in groups) <= 0.01


def test_each_photograph_has_noise_of_its_own():
    images = np.full((2, 64, 64, 3), 128, np.uint8)
    one, other = alter_all(images, CONDITIONS["noise"])
    assert np.abs(one - other).mean() > 0.05
    np.testing.assert_allclose(alter_all(images, lambda x: x), 128 / 255, rtol=1e-6)


def test_every_sign_is_of_a_condition_and_a_measure():
    face = quality(np.full((64, 64, 3), 0.5))
    for measured, side, conditions in spoiled.SIGNS.values():
        assert {*conditions} <= {*CONDITIONS} and side in ("least", "most")
        assert hasattr(face, measured)
