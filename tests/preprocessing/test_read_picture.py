"""Pictures of every kind are read, and damaged ones are named."""

import numpy as np
import pytest
from PIL import Image

from facebook_tut.preprocessing import read_picture


def colours(shape=(6, 9, 3)):
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.ppm", "a.webp"])
def test_rgb_comes_back_as_it_was(tmp_path, name):
    options = {"lossless": True} if name.endswith("webp") else {}
    Image.fromarray(colours()).save(tmp_path / name, **options)
    for path in (tmp_path / name, str(tmp_path / name)):
        picture = read_picture(path)
        assert picture.dtype == np.uint8
        assert picture.flags.writeable
        np.testing.assert_array_equal(picture, colours())


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "I;16", "I"])
def test_grey_in_every_mode_comes_back_as_rgb(tmp_path, mode):
    grey = colours((6, 9))
    if mode in ("I;16", "I"):
        kind = np.uint16 if mode == "I;16" else np.int32
        picture = Image.fromarray(grey.astype(kind) * 257)
    else:
        picture = Image.fromarray(grey).convert(mode)
    picture.save(tmp_path / "a.tif")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.tif"), np.dstack([grey] * 3))


def test_black_and_white_and_cmyk_are_read(tmp_path):
    bits = colours((6, 9)) > 127
    Image.fromarray(bits).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "bits.png")[..., 0], bits * 255)
    flat = np.full((16, 16, 3), (200, 60, 20), np.uint8)
    Image.fromarray(flat).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100)
    np.testing.assert_allclose(read_picture(tmp_path / "cmyk.jpg"), flat, atol=4)


def test_what_is_transparent_lies_on_white(tmp_path):
    alpha = np.zeros((6, 9), np.uint8)
    alpha[:3], alpha[3] = 255, 51
    Image.fromarray(np.dstack([colours(), alpha])).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture[:3], colours()[:3])
    np.testing.assert_allclose(picture[3], 0.2 * colours()[3] + 0.8 * 255.0, atol=1)
    assert (picture[4:] == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(tmp_path, orientation):
    upright = np.zeros((16, 24, 3), np.uint8)
    upright[:8, :8] = 255  # top left
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.jpg", exif=exif, quality=100)
    np.testing.assert_allclose(read_picture(tmp_path / "a.jpg"), upright, atol=3)


def test_the_first_frame_of_an_animation_is_read(tmp_path):
    frames = [Image.fromarray(np.full((8, 8), level, np.uint8)) for level in (50, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(read_picture(tmp_path / "a.gif"), np.full((8, 8, 3), 50))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif", "a.bmp", "a.tif", "a.webp"])
def test_a_picture_cut_off_anywhere_is_named(tmp_path, name):
    path = tmp_path / name
    Image.fromarray(colours((40, 50, 3))).save(path)
    whole = path.read_bytes()
    for length in (0, 1, 10, len(whole) // 3, len(whole) // 2):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=rf"{name} is not a whole picture: "):
            read_picture(path)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif", "a.tif"])
def test_a_damaged_picture_is_read_or_named(tmp_path, name):
    path = tmp_path / name
    Image.fromarray(colours((20, 30, 3))).save(path)
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for seed in range(60):
        generator = np.random.default_rng(seed)
        damaged = whole.copy()
        places = generator.integers(0, len(whole), 5)
        damaged[places] = generator.integers(0, 256, 5)
        path.write_bytes(damaged.tobytes())
        try:
            picture = read_picture(path)
        except ValueError as error:
            assert str(path) in str(error)
        else:
            assert picture.ndim == 3


def test_foreign_files_floats_and_bombs_are_named(tmp_path, monkeypatch):
    (tmp_path / "text.jpg").write_text("no picture")
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "floats.tif")
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    for name, why in (("text.jpg", "cannot identify"), ("floats.tif", "floats"), ("bomb.png", "")):
        with pytest.raises(ValueError, match=rf"{name} is not a whole picture: .*{why}"):
            read_picture(tmp_path / name)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(FileNotFoundError, match=f"there is no picture file {path}"):
            read_picture(path)
