"""The Python object of a live figure: what it gives a kernel, and its attributes."""

import sys
from types import SimpleNamespace

import pytest

from facebook_tut._live import figure as live
from facebook_tut.interactive import decision_explorer, photo_recognizer

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def figure():
    return decision_explorer([0, 1], [0.2, 0.8])


@pytest.fixture(params=["a figure", "photographs"])
def shown(request, figure):
    """Whatever shows itself as a widget where it can."""
    nobody = SimpleNamespace(gallery=SimpleNamespace(names=()))
    return figure if request.param == "a figure" else photo_recognizer(nobody)


def test_dials_are_attributes_and_nothing_else_is(figure):
    assert repr(figure) == "<decision_explorer: threshold=0.5, cost_ratio=1>"
    figure.threshold = 0.314
    assert figure.threshold == 0.31
    assert "threshold" in dir(figure)
    with pytest.raises(AttributeError, match="no dial 'treshold'; the dials are threshold, cost"):
        figure.treshold = 0.3
    with pytest.raises(AttributeError, match="no attribute or dial 'treshold'"):
        _ = figure.treshold


def test_a_kernel_gets_the_widget_and_the_static_page(monkeypatch, shown):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    monkeypatch.setattr(live, "_kernel_is_there", lambda: True)
    bundle, _ = shown._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == shown.widget.model_id
    assert bundle["text/html"] == shown._repr_html_()
    assert bundle["text/plain"] == repr(shown)


def test_without_a_kernel_there_is_the_static_page_alone(shown):
    bundle, _ = shown._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]


def test_without_anywidget_there_is_the_static_page_and_a_clear_error(monkeypatch, shown):
    monkeypatch.setattr(live, "_kernel_is_there", lambda: True)
    monkeypatch.setattr(live.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert VIEW not in shown._repr_mimebundle_()[0]
    with pytest.raises(ImportError, match=r'pip install "facebook_tut\[interactive\]"'):
        _ = shown.widget


def test_a_widget_sends_the_bytes_of_a_network_that_its_script_asks_for(tmp_path):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    (tmp_path / "figure.html").write_text("<p></p>")
    (tmp_path / "figure.css").write_text("")
    (tmp_path / "figure.js").write_text("")
    figure = live.LiveFigure("some", tmp_path, {}, {}, networks={"own": lambda: b"FTNN"})
    sent = []
    widget = type("", (), {"send": lambda self, *parts: sent.append(parts)})()
    figure._send_weights(widget, {"weights": "own"}, [])
    figure._send_weights(widget, {"weights": "other"}, [])
    assert sent[0] == ({"weights": "own"}, [b"FTNN"])
    assert sent[1][0]["trouble"] == "The network other does not come with this figure."
    assert figure.widget._msg_callbacks.callbacks
