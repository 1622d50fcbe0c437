"""The networks beside the pages: written whole, once, and for web pages alone."""

from types import SimpleNamespace

import networks
import pytest

from facebook_tut.export import browser


def app(folder, builder="html"):
    return SimpleNamespace(builder=SimpleNamespace(name=builder), outdir=str(folder))


@pytest.fixture
def small(monkeypatch):
    """Networks of a few bytes."""
    monkeypatch.setattr(networks, "browser_network", lambda name: name.encode())


def test_every_network_is_written_and_left_alone_if_it_is_the_same(tmp_path, small):
    networks.write(app(tmp_path), None)
    written = {path.stem: path for path in (tmp_path / "_static" / "networks").glob("*.bin")}
    assert set(written) == set(browser.NAMES)
    assert written["mtcnn"].read_bytes() == b"mtcnn"
    written["mtcnn"].write_bytes(b"of another edition")
    before = written["face_embedder"].stat().st_mtime_ns
    networks.write(app(tmp_path), None)
    assert written["mtcnn"].read_bytes() == b"mtcnn"
    assert written["face_embedder"].stat().st_mtime_ns == before


def test_nothing_is_written_for_a_book_on_paper_or_one_that_failed(tmp_path, small):
    networks.write(app(tmp_path, "latex"), None)
    networks.write(app(tmp_path), RuntimeError("no book"))
    assert [*tmp_path.iterdir()] == []
