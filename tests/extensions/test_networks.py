"""The networks beside the pages: written whole, once, and for web pages alone."""

from types import SimpleNamespace

import networks
import pytest

from facebook_tut.export import browser


def app(folder, builder="html"):
    return SimpleNamespace(
        builder=SimpleNamespace(name=builder), outdir=str(folder), doctreedir=f"{folder}/.doctrees"
    )


@pytest.fixture
def converted(monkeypatch):
    """Networks of a few bytes, and which of them were made."""
    made = []
    monkeypatch.setattr(
        networks, "browser_network", lambda name: made.append(name) or name.encode()
    )
    return made


@pytest.fixture
def package(monkeypatch, tmp_path):
    """A package of a few files that the networks are made of."""
    package = tmp_path / "package"
    for name in ("pretrained/face.npz", "models/one.py", "export/browser.py", "_backend.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
    monkeypatch.setattr(networks, "PACKAGE", package)
    monkeypatch.setattr(networks, "SOURCES", ("pretrained", "models", "export", "_backend.py"))
    return package


def test_every_network_is_written_and_left_alone_if_it_is_the_same(tmp_path, converted):
    networks.write(app(tmp_path), None)
    written = {path.stem: path for path in (tmp_path / "_static" / "networks").glob("*.bin")}
    assert set(written) == set(browser.NAMES)
    assert written["mtcnn"].read_bytes() == b"mtcnn"
    written["mtcnn"].write_bytes(b"of another edition")
    before = written["face_embedder"].stat().st_mtime_ns
    networks.write(app(tmp_path), None)
    assert written["mtcnn"].read_bytes() == b"mtcnn"
    assert written["face_embedder"].stat().st_mtime_ns == before


def test_nothing_is_converted_again_until_a_source_changes(tmp_path, converted, package):
    book = app(tmp_path / "book")
    networks.write(book, None)
    networks.write(book, None)
    assert converted == [*browser.NAMES]
    for name in ("pretrained/face.npz", "models/one.py", "export/browser.py", "_backend.py"):
        (package / name).write_text("changed")
        networks.write(book, None)
        assert converted == [*browser.NAMES] * 2, name
        del converted[len(browser.NAMES) :]
    (package / "models" / "two.py").write_text("")  # a new one
    networks.write(book, None)
    (tmp_path / "book" / "_static" / "networks" / "mtcnn.bin").unlink()
    networks.write(book, None)
    assert converted == [*browser.NAMES] * 3


def test_the_sources_are_the_weights_and_the_code_of_the_package():
    found = {path.relative_to(networks.PACKAGE).as_posix() for path in networks.sources()}
    assert {
        "pretrained/face_classifier.npz",
        "pretrained/face_embedder.npz",
        "models/embedder.py",
        "detection/mtcnn_networks.py",
        "export/browser.py",
        "export/int8.py",
    } <= found
    assert not any("__pycache__" in name for name in found)
    assert networks.fingerprint([networks.PACKAGE / "missing"]) is None


def test_nothing_is_written_for_a_book_on_paper_or_one_that_failed(tmp_path, converted):
    networks.write(app(tmp_path, "latex"), None)
    networks.write(app(tmp_path), RuntimeError("no book"))
    assert [*tmp_path.iterdir()] == []
