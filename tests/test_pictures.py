"""Picture files of every kind and every damage: read, or refused with a sentence."""

import io
import os
import struct
import sys
import threading
import types
import zlib

import numpy as np
import pytest
from PIL import Image

from facebook_tut import _pictures
from facebook_tut._pictures import foreign_kind, looks_like_picture, read_picture

PIXELS = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
anything = pytest.mark.filterwarnings("ignore:::PIL")  # decoders warn before they fail


def notes():
    """Return what a camera notes, the picture lying on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "Maker", "2026:01:01 00:00:00"
    exif[0x011A], exif[0x011B], exif[0x0128] = 72.0, 72.0, 2  # pixels per inch
    exif[0x8769] = {0x9000: b"0230", 0xA002: 32}
    return exif.tobytes()


def stored(kind):
    """Return a file of a kind with the camera's notes, and where these begin and end."""
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, kind, exif=notes())
    body = notes().removeprefix(b"Exif\0\0")
    start = file.getvalue().index(body)
    return file.getvalue(), start, start + len(body)


def with_checksum(file):
    """Return a PNG whose notes have their checksum."""
    start = file.find(b"eXIf")
    end = start + 4 + int.from_bytes(file[start - 4 : start], "big")
    return file[:end] + zlib.crc32(file[start:end]).to_bytes(4, "big") + file[end + 4 :]


@anything
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "MPO"])
def test_damaged_notes_of_the_camera_lose_no_picture(tmp_path, kind):
    whole, start, end = stored(kind)
    path, upright = tmp_path / "a", 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        damaged = bytearray(whole)
        for place in generator.integers(start, end, 3):
            damaged[place] = generator.integers(256)
        path.write_bytes(with_checksum(bytes(damaged)) if kind == "PNG" else damaged)
        shape = read_picture(path).shape
        assert shape in ((32, 24, 3), (24, 32, 3))  # the orientation itself may be hit
        upright += shape == (32, 24, 3)
    assert upright > 50


@anything
@pytest.mark.parametrize("tag", [0x010F, 0x011A, 0x0128, 0x0132])
@pytest.mark.parametrize("wrong", range(14))
def test_a_wrong_type_of_another_note_leaves_the_picture_upright(tmp_path, tag, wrong):
    whole, start, end = stored("JPEG")
    order = "little" if whole[start : start + 2] == b"II" else "big"
    entry = whole.index(tag.to_bytes(2, order), start, end)
    damaged = whole[: entry + 2] + wrong.to_bytes(2, order) + whole[entry + 4 :]
    (tmp_path / "a.jpg").write_bytes(damaged)
    assert read_picture(tmp_path / "a.jpg").shape == (32, 24, 3)


KINDS = ["BLP", "DDS", "SGI", "TGA", "ICO", "PCX", "PPM", "JPEG2000", "QOI", "IM", "AVIF"]


@anything
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_decoder_raises_is_a_value_error(tmp_path, kind):
    if kind not in Image.SAVE and (Image.init() or kind not in Image.SAVE):
        pytest.skip(f"this Pillow writes no {kind}")
    file, mode = io.BytesIO(), "P" if kind == "BLP" else "RGB"
    Image.fromarray(PIXELS).convert(mode).save(file, kind)
    path, refused = tmp_path / "a", 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        damaged = bytearray(file.getvalue())
        for place in generator.integers(0, min(len(damaged), 160), 3):
            damaged[place] = generator.integers(256)
        path.write_bytes(damaged[: generator.integers(1, len(damaged) + 1)])
        try:
            assert read_picture(path).shape[2] == 3
        except ValueError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused


@pytest.mark.parametrize(
    "error",
    [NotImplementedError, RuntimeError("boom"), MemoryError, RecursionError, struct.error("4")],
)
def test_a_decoder_may_raise_what_it_likes(tmp_path, monkeypatch, error):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")

    def load(self):
        raise error

    monkeypatch.setattr(Image.Image, "load", load)
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", load)
    with pytest.raises(ValueError, match=r"a\.png is not a whole picture: \w+"):
        read_picture(tmp_path / "a.png")


# --- what a file is, its content says --------------------------------------------------------


@pytest.mark.parametrize("name", ["a.jfif", "a.avif", "photo", "a.txt", "a.PNG", "a.jpeg2"])
def test_pictures_are_known_by_their_content(tmp_path, name):
    kind = {"a.avif": "AVIF", "a.PNG": "PNG"}.get(name, "JPEG")
    Image.fromarray(PIXELS).save(tmp_path / name, kind)
    assert looks_like_picture(tmp_path / name)
    assert read_picture(tmp_path / name).shape == (24, 32, 3)


@pytest.mark.parametrize("start", [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xc5\xd0\xd3\xc6"])
def test_a_picture_is_no_program_of_another_program(tmp_path, monkeypatch, start):
    def run(*command, **options):
        pytest.fail(f"started {command}")

    monkeypatch.setattr("subprocess.check_call", run)
    monkeypatch.setattr("PIL.EpsImagePlugin.has_ghostscript", lambda: True)
    for name in ("cat.jpg", "cat.eps"):
        (tmp_path / name).write_bytes(start + b"%%BoundingBox: 0 0 9 9\n%%EndComments\n" * 9)
        with pytest.raises(ValueError, match="of the kind PostScript: convert it to PNG"):
            read_picture(tmp_path / name)


def test_other_files_are_none_unless_they_are_called_so(tmp_path):
    for name, content in {
        "notes.txt": b"Ada, Grace",
        "empty": b"",
        "film.mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41",
        "archive.zip": b"PK\3\4",
        "page.html": b"<html>",
    }.items():
        (tmp_path / name).write_bytes(content)
        assert not looks_like_picture(tmp_path / name)
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8")
    assert looks_like_picture(tmp_path / "cut.jpg")


HEIC = b"\0\0\0\x24ftypheic\0\0\0\0mif1heicMiHEMiPr" + bytes(40)
FOREIGN = {
    "a.heic": (HEIC, "HEIC: convert it to JPEG, or install pillow-heif"),
    "photo.jpg": (HEIC, "HEIC: convert it"),
    "mif.heif": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(40), "HEIC"),
    "a.jxl": (b"\xff\x0a" + bytes(40), "JPEG XL: convert it to JPEG, or install pillow-jxl"),
    "b.jxl": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "JPEG XL"),
    "a.cr3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(40), "camera raw: convert it"),
    "a.nef": (b"MM\0*" + bytes(40), "camera raw"),
    "a.raf": (b"FUJIFILMCCD-RAW " + bytes(40), "camera raw"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_cannot_be_read_here_is_called_by_its_kind(tmp_path, monkeypatch, name):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # not installed
    content, words = FOREIGN[name]
    (tmp_path / name).write_bytes(content)
    assert looks_like_picture(tmp_path / name)
    with pytest.raises(ValueError, match=rf"{name} is a picture of the kind {words}"):
        read_picture(tmp_path / name)


def test_avif_of_an_old_pillow_is_called_so(tmp_path, monkeypatch):
    (tmp_path / "a.avif").write_bytes(b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + bytes(40))
    assert foreign_kind(tmp_path / "a.avif") == ""
    monkeypatch.setattr(Image, "registered_extensions", lambda: {".jpg": "JPEG"})
    with pytest.raises(ValueError, match=r"AVIF: .* Pillow 11\.3"):
        read_picture(tmp_path / "a.avif")


def test_heic_is_read_where_pillow_heif_is_installed(tmp_path, monkeypatch):
    """A stand-in that, like the real one, registers an opener with Pillow."""

    class Heif(Image.Image):
        pass

    def opener(file, name):
        file.close()
        picture = Image.fromarray(PIXELS)
        picture.__class__ = Heif
        return picture

    def register_heif_opener():
        Image.register_open("HEIF", opener, lambda head: head[4:12] == b"ftypheic")

    stand_in = types.SimpleNamespace(register_heif_opener=register_heif_opener)
    monkeypatch.setitem(sys.modules, "pillow_heif", stand_in)
    (tmp_path / "a.heic").write_bytes(HEIC)
    try:
        np.testing.assert_array_equal(read_picture(tmp_path / "a.heic"), PIXELS)
    finally:
        Image.OPEN.pop("HEIF")
        Image.ID.remove("HEIF")


# --- size ------------------------------------------------------------------------------------


def test_too_many_pixels_are_shrunk_while_decoding_where_the_format_can(tmp_path):
    flat = np.full((160, 240, 3), (200, 60, 20), np.uint8)
    Image.fromarray(flat).save(tmp_path / "a.jpg", exif=notes(), quality=95)
    words = r"a\.jpg was shrunk to 1/4 of its edges, 38,400 pixels, and 4,000 are the most"
    with pytest.warns(UserWarning, match=words):
        picture = read_picture(tmp_path / "a.jpg", most_pixels=4000)
    assert picture.shape == (60, 40, 3)
    np.testing.assert_allclose(picture, np.full((60, 40, 3), flat[0, 0]), atol=4)
    Image.fromarray(flat).save(tmp_path / "a.jp2")
    with pytest.warns(UserWarning, match=r"a\.jp2 was shrunk to 1/2"):
        assert read_picture(tmp_path / "a.jp2", most_pixels=12_000).shape == (80, 120, 3)


def test_where_it_cannot_the_limit_is_told(tmp_path, monkeypatch):
    Image.fromarray(np.zeros((40, 50, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"it has 2,000 pixels, and 1,999 are the most \(most_pi"):
        read_picture(tmp_path / "a.png", most_pixels=1999)
    assert read_picture(tmp_path / "a.png", most_pixels=2000).shape == (40, 50, 3)
    Image.fromarray(np.zeros((400, 500, 3), np.uint8)).save(tmp_path / "a.jpg")
    with pytest.raises(ValueError, match="10 are the most"):  # an eighth is still too many
        read_picture(tmp_path / "a.jpg", most_pixels=10)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with pytest.raises(ValueError, match="1,000 are the most"):  # Pillow's own limit
        read_picture(tmp_path / "a.png")
    assert looks_like_picture(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png", most_pixels=1e6).shape == (40, 50, 3)  # ours, if given
    assert Image.MAX_IMAGE_PIXELS == 500


def test_pillows_own_limit_stays_while_a_large_picture_is_opened(tmp_path, monkeypatch):
    Image.fromarray(np.zeros((40, 50, 3), np.uint8)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    wrong = []

    def read():
        for _ in range(200):
            try:
                wrong.append(read_picture(tmp_path / "a.png"))
            except ValueError:
                wrong.extend([] if Image.MAX_IMAGE_PIXELS == 500 else ["limit"])

    threads = [threading.Thread(target=read) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == []


@pytest.mark.parametrize("most", [0, -1, np.nan, "many"])
def test_a_wrong_limit_is_named(tmp_path, most):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    with pytest.raises((TypeError, ValueError), match="most_pixels must be a number from 1"):
        read_picture(tmp_path / "a.png", most_pixels=most)


# --- paths -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [None, 7, PIXELS, b"a.png", io.BytesIO()])
def test_what_is_no_path_is_named(path):
    with pytest.raises(TypeError, match=r"^path must be a str or a path, got"):
        read_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(FileNotFoundError, match="no picture file"):
        read_picture(tmp_path / "pipe.jpg")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read_is_an_os_error(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(PermissionError, match=r"a\.png"):
        read_picture(tmp_path / "a.png")


def test_opaque_pictures_are_not_copied_for_the_sake_of_transparency(monkeypatch):
    def refuse(*arguments):
        pytest.fail("laid on white")

    monkeypatch.setattr(Image, "alpha_composite", refuse)
    np.testing.assert_array_equal(_pictures._to_rgb(Image.fromarray(PIXELS)), PIXELS)
