"""The benchmark of the networks in a page: how it counts, and that it runs, in small."""

import json
import shutil
import sys
from pathlib import Path

import _sifted
import in_page
import numpy as np
import pytest
from _page_memory import memory
from _sifted import alarm_rates, shares, votes_of
from figures import FIGURES
from live_figures import drawn

from facebook_tut.detection import Detection


def test_shares_of_faces_are_counted_and_compared_by_person():
    own, first = np.array([9.0, 3.0, 0.0, 0.0]), np.array([9.0, 6.0, 1.0, 0.0])
    found = shares(own, first)
    assert found["faces found, any votes"]["value"] == 0.5
    assert found["faces found, 5 votes"]["value"] == 0.25
    assert found["change, any votes"]["value"] == -0.25
    low, high = found["change, any votes"]["interval"]
    assert low < -0.25 < high <= 0  # it can only lose
    assert shares(first, first)["change, 5 votes"] == {"value": 0.0, "interval": [0.0, 0.0]}


def test_alarms_are_counted_by_photograph_and_megapixel():
    boxes = [[Detection(0, 0, 9, 1, 7.0), Detection(9, 9, 9, 1, 2.0)], []]
    found = alarm_rates(boxes, np.array([0.5, 0.5]))
    assert found["alarms per megapixel, any votes"] == {"value": 2.0, "interval": [0.0, 4.0]}
    assert found["alarms per megapixel, 5 votes"]["value"] == 1.0


def test_the_best_box_on_the_face_counts():
    face = [28, 28.8, 48.8]  # top, left and size on a frame of 100 pixels
    answers = [{"boxes": [[*face, 3.0], [*face, 8.0], [0, 0, 20, 99.0]]}, {"boxes": []}]
    assert votes_of(answers, [np.zeros((100, 100))] * 2).tolist() == [8.0, 0.0]


def test_what_lets_fewer_through_judges_fewer_windows(folder, monkeypatch):
    if shutil.which("node") is None:
        pytest.skip("node is not installed, and the search runs in it")
    rng = np.random.default_rng(0)
    monkeypatch.setattr(_sifted, "empty", lambda: [rng.random((40, 50))])
    twin = (in_page.NETWORK / "twin.js").as_uri()
    network = in_page.browser_network("face_classifier")
    found = _sifted.traded(in_page.in_node, twin, network, folder, 3)
    assert found["frames"] == 3 and found["megapixels_without_a_face"] == 0.002
    judged = [one["windows_judged"] for one in found["sifts"].values()]
    assert judged == sorted(judged, reverse=True)
    assert found["sifts"]["0"]["change, any votes"]["value"] == 0


def test_a_page_tells_what_it_needs_of_memory(browser):
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("this system does not tell of another process")
    html = drawn(FIGURES["own_photograph"]()._repr_html_())
    options = {"few": 1, "many": 2, "large": (400, 300)}
    found = memory(browser, in_page._answer, "own_photograph", html, **options)
    assert 20 < found["at rest"] <= found["peak, 12 megapixels"] < 2000
    assert set(found["heap"]) == {"1", "2"} and all(
        0.5 < one < 200 for one in found["heap"].values()
    )


def test_it_runs_and_says_how_near_the_page_is_to_keras(browser, tmp_path, monkeypatch):
    if shutil.which("node") is None:
        pytest.skip("node is not installed, and the processor's time is measured in it")

    class Running:
        """The browser of all tests, since two cannot run in one process."""

        chromium = None

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

    class Kept:
        """A window of it that is closed with its pages, as a browser would be."""

        version = browser.version
        close = staticmethod(lambda: None)
        new_page = staticmethod(browser.new_page)

    monkeypatch.setattr(in_page, "sync_playwright", Running)
    monkeypatch.setattr(in_page.chromium, "launch", lambda *arguments: Kept)
    monkeypatch.setattr(in_page, "memories", lambda count: {"own_photograph": {"at rest": count}})
    monkeypatch.setattr(in_page, "PEOPLE", 1)
    monkeypatch.setattr(in_page, "FACES", 1)
    monkeypatch.setattr(in_page, "PHOTOGRAPH", (128, 96))
    monkeypatch.setattr(in_page, "TASKS", in_page.TASKS.replace("? 3 :", "? 1 :"))
    output = tmp_path / "in_page.json"
    command = ["in_page.py", "--rounds", "1", "--photographs", "3", "--output", str(output)]
    monkeypatch.setattr(sys, "argv", command)
    in_page.main()
    record = json.loads(output.read_text("utf-8"))
    assert record["agreement"]["most_probability_off"] < 0.01
    assert record["agreement"]["people"] == 2
    assert 0 <= record["agreement"]["most_cosine_off"] < 0.005
    assert record["bytes"]["engine"] > 10_000
    assert set(record["median_ms_in_chromium"]) == set(record["median_cpu_ms_in_node"])
    assert record["mib_of_the_page"] == {"own_photograph": {"at rest": 3}}
    assert "sifted" not in record
