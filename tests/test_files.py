"""A file is written whole or not at all, and never over another one unasked."""

import os

import pytest

from facebook_tut._files import check_writable, replacing


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_appears_at_the_end_of_the_block(tmp_path):
    path = tmp_path / "note.txt"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.suffix == ".txt"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["note.txt"]


def test_an_old_file_stays_unless_told_otherwise(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(FileExistsError, match=r"note\.txt: it exists"), replacing(path):
        pytest.fail("the work began before the check")
    assert path.read_text() == "old"
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("old", [None, "old"])
def test_trouble_half_way_leaves_the_folder_as_it_was(tmp_path, error, old):
    path = tmp_path / "note.txt"
    if old:
        path.write_text(old)
    with pytest.raises(error), replacing(path, overwrite=True) as temporary:
        temporary.write_text("ha")
        raise error
    assert names(tmp_path) == (["note.txt"] if old else [])
    if old:
        assert path.read_text() == old


def test_a_file_that_someone_makes_meanwhile_is_kept(tmp_path):
    path = tmp_path / "note.txt"
    with pytest.raises(FileExistsError), replacing(path) as temporary:
        temporary.write_text("mine")
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["note.txt"]


def test_no_file_where_none_can_be(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"note\.txt: there is no folder .*missing"):
        check_writable(tmp_path / "missing" / "note.txt")
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        check_writable(tmp_path, overwrite=True)
    with pytest.raises(ValueError, match=r"^path must end in \.keras, got .*note\.txt$"):
        check_writable(tmp_path / "note.txt", suffix=".keras")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_file_where_none_may_be(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"note\.txt: the folder .* is not writable"):
        check_writable(tmp_path / "note.txt")


def test_a_folder_that_is_not_writable_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"note\.txt: the folder .* is not writable"):
        check_writable(tmp_path / "note.txt")
