"""A folder of pictures becomes three honest splits, and whatever lies in it is answered for."""

import os
import unicodedata
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from facebook_tut._names import printable
from facebook_tut.data.files import ImageFiles, read_image
from facebook_tut.data.folder import load_folder
from facebook_tut.preprocessing import fit_picture, grayscale, to_network_input


def noise(seed, shape=(40, 50, 3)):
    """Coarse noise, which stays different when it is shrunk."""
    coarse = np.random.default_rng(seed).integers(0, 256, (10, 10, 3), dtype=np.uint8)
    pixels = np.asarray(Image.fromarray(coarse).resize(shape[1::-1], Image.Resampling.BILINEAR))
    return pixels if len(shape) == 3 else pixels[..., 0]


def write(path, seed, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise(seed)).save(path, **options)
    return path


def fill(root, counts, start=0):
    """Write so many different pictures of each class."""
    seed = start
    for name, count in counts.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            write(root / name / f"{number:02d}.png", seed)
            seed += 1
    return root


def load(path, **options):
    return load_folder(path, progress=False, **options)


def whys(folder):
    return {one.path: one.why for one in folder.skipped}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two classes of 20 and 10 pictures. Do not write to it."""
    return fill(tmp_path_factory.mktemp("two"), {"cats": 20, "dogs": 10})


# What comes out


def test_images_are_what_the_network_reads(two):
    folder = load(two)
    for split in folder.splits:
        assert split.images.shape == (len(split), 64, 64, 3)
        assert split.images.dtype == split.labels.dtype == np.float32
        for image, label, source in zip(split.images, split.labels, split.sources, strict=True):
            np.testing.assert_array_equal(image, read_image(two / source))
            assert source.split("/")[0] == folder.class_names[int(label)]


def test_each_class_is_split_60_20_20_and_nothing_is_lost(two):
    folder = load(two)
    assert folder.counts.tolist() == [[12, 4, 4], [6, 2, 2]]
    sources = [set(split.sources) for split in folder.splits]
    assert not any(one & other for one, other in combinations(sources, 2))
    assert set.union(*sources) == {p.relative_to(two).as_posix() for p in two.rglob("*.png")}
    assert folder.imbalance == 2
    assert (folder.skipped, folder.ignored, folder.copies) == ((), 0, 0)


def test_a_seed_sets_the_split(two):
    first, again, other = (load(two, seed=seed).splits for seed in (3, 3, 4))
    for one, same in zip(first, again, strict=True):
        assert one.sources.tolist() == same.sources.tolist()
        np.testing.assert_array_equal(one.images, same.images)
    assert set(first.test.sources) != set(other.test.sources)


@pytest.mark.parametrize("count", range(3, 12))
def test_each_split_has_each_class_however_few_there_are(tmp_path, count):
    counts = load(fill(tmp_path, {"a": count, "b": 3}), seed=count).counts
    assert counts.min() >= 1 and counts.sum(axis=1).tolist() == [count, 3]
    assert abs(counts[0] - count * np.array([0.6, 0.2, 0.2])).max() <= 1


def test_the_last_name_has_label_1_unless_another_is_chosen(two):
    assert load(two).class_names == ("cats", "dogs")
    chosen = load(two, positive="cats")
    assert chosen.class_names == ("dogs", "cats")
    assert {
        s.split("/")[0] for s in chosen.splits.test.sources[chosen.splits.test.labels == 1]
    } == {"cats"}


@pytest.mark.parametrize(
    ("positive", "error", "message"),
    [
        ("birds", ValueError, "positive must be one of two classes .* 'birds', .* 'cats', 'dogs'"),
        (1, TypeError, "positive must be the name of a class, got 1"),
    ],
)
def test_a_wrong_positive_class_is_named(two, positive, error, message):
    with pytest.raises(error, match=message):
        load(two, positive=positive)


def test_more_classes_have_whole_numbers_in_the_order_of_their_names(tmp_path):
    folder = load(fill(tmp_path, {"c": 3, "a": 3, "b": 4}))
    assert folder.class_names == ("a", "b", "c")
    assert folder.splits.train.classes == 3
    assert folder.splits.train.labels.dtype.kind == "i"
    assert folder.counts.sum(axis=1).tolist() == [3, 4, 3]
    with pytest.raises(ValueError, match="positive must be one of two classes"):
        load(tmp_path, positive="a")


def test_grey_images_are_those_that_the_detector_shows(two):
    picture = noise(0, (25, 25, 3))
    expected = to_network_input(grayscale(picture)[np.newaxis])[0]
    np.testing.assert_array_equal(fit_picture(picture, colour=False), expected)
    images = load(two, colour=False).splits.test.images
    np.testing.assert_array_equal(images[..., 0], images[..., 2])


# Streams


def test_a_stream_has_the_same_images_and_labels(two):
    kept, streamed = load(two, seed=1), load(two, seed=1, stream=True)
    for one, other in zip(kept.splits, streamed.splits, strict=True):
        assert isinstance(other.images, ImageFiles) and other.images.shape == one.images.shape
        assert one.labels.tolist() == other.labels.tolist()
        assert one.sources.tolist() == other.sources.tolist()
        np.testing.assert_array_equal(other.images[:], one.images)
        np.testing.assert_array_equal(other.images[::-2], one.images[::-2])
        np.testing.assert_array_equal(other.faces, one.faces)
        np.testing.assert_array_equal(other.images[0], one.images[0])
    assert str(kept) == str(streamed)


# Names


NAMES = {
    "Chinese": "猫",
    "Arabic": "قطة",
    "Hindi": "बिल्ली",
    "emoji of several": "👩‍🚀",
    "emoji with a variation": "❤️",
    "combining": unicodedata.normalize("NFD", "Ärger"),
    "blanks": " two  words ",
    "quotes": 'it\'s "x"',
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_classes_have_names_in_any_script(tmp_path, name):
    folder = load(fill(tmp_path, {name: 3, "a": 3}), positive=name)
    assert folder.class_names == ("a", unicodedata.normalize("NFC", name))
    assert folder.counts.tolist() == [[1, 1, 1]] * 2
    assert str(folder) == "\n".join(map(printable, str(folder).split("\n")))


def test_two_spellings_of_one_name_are_one_class_too_many(tmp_path):
    both = [unicodedata.normalize(form, "é") for form in ("NFC", "NFD")]
    fill(tmp_path, dict.fromkeys(both, 3))
    if len([*tmp_path.iterdir()]) == 2:  # macOS has one folder for both
        with pytest.raises(ValueError, match=r"one folder for each class, got 'é' twice"):
            load(tmp_path)


def test_a_name_that_is_no_text_is_refused(tmp_path):
    fill(tmp_path, {"a": 3, "b": 3})
    try:
        os.mkdir(os.fsencode(tmp_path) + b"/\xff")  # noqa: PTH102
    except OSError:
        pytest.skip("this file system has only names that are text")
    with pytest.raises(ValueError, match=r"must be text in UTF-8, got '\\udcff'"):
        load(tmp_path)


def test_a_name_moves_no_cursor(tmp_path):
    assert "\x1b" not in str(load(fill(tmp_path, {"a\x1b[2J": 3, "b": 3})))


# Pictures of all kinds


MODES = {
    "L": lambda image: image.convert("L"),
    "1": lambda image: image.convert("1"),
    "P": lambda image: image.convert("P"),
    "LA": lambda image: image.convert("LA"),
    "RGBA": lambda image: image.convert("RGBA"),
    "I;16": lambda image: Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257),
    "CMYK": lambda image: image.convert("CMYK"),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_of_any_mode_is_read(tmp_path, mode):
    original = Image.fromarray(noise(1))
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    MODES[mode](original).save(path)
    image = read_image(path)
    assert (image.shape, image.dtype) == ((64, 64, 3), np.float32)
    assert image.min() >= 0 and image.max() <= 1
    plain = np.asarray(original.convert("L" if mode in ("L", "LA", "I;16", "1") else "RGB"))
    plain = plain if plain.ndim == 3 else np.repeat(plain[..., np.newaxis], 3, axis=-1)
    tolerance = 0.35 if mode in ("1", "P") else 0.02  # of so few colours
    assert np.abs(image - fit_picture(plain)).mean() <= tolerance


def test_transparent_pixels_are_white(tmp_path):
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert (read_image(tmp_path / "a.png") == 1).all()


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_an_animation_is_its_first_frame(tmp_path, kind):
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if kind == "webp" else {}
    frames[0].save(tmp_path / f"a.{kind}", save_all=True, append_images=frames[1:], **options)
    assert read_image(tmp_path / f"a.{kind}")[32, 32].round(1).tolist() == [1, 0, 0]


def test_a_picture_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    picture = np.zeros((30, 30, 3), np.uint8)
    picture[:, :15] = 255  # bright at the left as it is stored, above as it was seen
    Image.fromarray(picture).save(tmp_path / "a.jpg", exif=exif)
    image = read_image(tmp_path / "a.jpg")
    assert image[:24].min() > 0.9 > 0.1 > image[40:].max()


def test_a_picture_of_another_shape_is_cut_to_its_middle():
    picture = np.zeros((40, 200, 3), np.uint8)
    picture[:, 80:120] = 255
    assert (fit_picture(picture) == 1).all()
    assert (fit_picture(picture.transpose(1, 0, 2)) == 1).all()


@pytest.mark.parametrize("shape", [(24, 300, 3), (300, 24, 3), (1, 1, 3)])
def test_a_picture_that_is_too_small_is_named(shape):
    with pytest.raises(ValueError, match=f"too small: {shape[1]}×{shape[0]} pixels, and 25"):
        fit_picture(np.zeros(shape, np.uint8))


# What else lies in a folder


def test_what_is_no_use_is_skipped_and_says_why(tmp_path):
    fill(tmp_path, {"a": 4, "b": 4})
    whole = (tmp_path / "a/00.png").read_bytes()
    (tmp_path / "a/cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "a/empty.jpg").write_bytes(b"")
    (tmp_path / "a/text.jpg").write_text("no picture")
    (tmp_path / "a/notes.txt").write_text("no picture")
    (tmp_path / "b/nothing").write_bytes(b"")
    (tmp_path / "beside.txt").write_text("no picture")
    write(tmp_path / "beside.png", 90)
    Image.new("RGB", (10, 90)).save(tmp_path / "b/small.png")
    folder = load(tmp_path)
    assert folder.counts.sum() == 8
    found = whys(folder)
    assert list(found) == sorted(found)
    assert found.pop("a/cut.png").startswith("is not a whole picture: ")
    assert found.pop("a/text.jpg").startswith("is not a whole picture: ")
    assert found == {
        "a/empty.jpg": "is not a whole picture: it is empty",
        "a/notes.txt": "not a picture",
        "b/nothing": "not a picture",
        "b/small.png": "it is too small: 10×90 pixels, and 25 each way are the least",
        "beside.txt": "not a picture",
        "beside.png": "it is of no class: each class's pictures lie in a folder named after it",
    }
    failed = {one.path for one in folder.skipped if one.failed}
    assert failed == {"a/cut.png", "a/empty.jpg", "a/text.jpg", "b/small.png"}
    for path, why in found.items():
        assert path in str(folder) and why in str(folder)


def test_a_picture_is_known_by_its_content_whatever_its_name(tmp_path):
    fill(tmp_path, {"a": 2, "b": 3})
    (tmp_path / "a/00.png").rename(tmp_path / "a/UPPER.PNG")
    (tmp_path / "a/01.png").rename(tmp_path / "a/no suffix")
    write(tmp_path / "a/x.JPeG", 50)
    folder = load(tmp_path)
    assert folder.skipped == () and folder.counts.sum(axis=1).tolist() == [3, 3]


def test_what_is_hidden_or_the_systems_is_ignored_and_counted(tmp_path):
    fill(tmp_path, {"a": 3, "b": 3, ".git": 1, "__MACOSX": 1})
    write(tmp_path / "a/._00.png", 50)
    (tmp_path / "b/Thumbs.db").write_bytes(b"x")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    folder = load(tmp_path)
    assert (folder.class_names, folder.ignored, folder.skipped) == (("a", "b"), 5, ())
    assert "ignored: 5" in str(folder)


def test_folders_within_a_class_are_of_that_class(tmp_path):
    fill(tmp_path, {"a/one": 2, "a/two/three": 2, "b": 3}, start=5)
    assert load(tmp_path).counts.sum(axis=1).tolist() == [4, 3]


def test_links_lead_nowhere_twice(tmp_path):
    fill(tmp_path, {"a": 3, "b": 3})
    (tmp_path / "a/round").symlink_to(tmp_path / "a")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/over").symlink_to(tmp_path / "b")
    (tmp_path / "b/self.png").symlink_to(tmp_path / "b/self.png")
    (tmp_path / "b/gone.png").symlink_to(tmp_path / "nowhere.png")
    folder = load(tmp_path)
    assert folder.counts.sum(axis=1).tolist() == [3, 3]
    found = whys(folder)
    for name in ("a/round", "a/up", "a/over"):
        assert found[name].startswith("a link to ") and "read already" in found[name]
    assert found["b/self.png"] == found["b/gone.png"] == "a link that leads nowhere"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    fill(tmp_path, {"a": 3, "b": 3})
    os.mkfifo(tmp_path / "a/pipe.png")
    assert whys(load(tmp_path)) == {"a/pipe.png": "not a file"}


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read anything")
def test_what_must_not_be_read_is_named(tmp_path):
    fill(tmp_path, {"a": 4, "b": 4, "b/secret": 1})
    (tmp_path / "a/00.png").chmod(0)
    (tmp_path / "b/secret").chmod(0)
    found = whys(load(tmp_path))
    (tmp_path / "b/secret").chmod(0o700)
    assert found == dict.fromkeys(("a/00.png", "b/secret"), "it cannot be read: permission denied")


# Copies


def test_a_picture_in_two_classes_is_left_out_of_both(tmp_path):
    fill(tmp_path, {"a": 5, "b": 3})
    (tmp_path / "b/copy.png").write_bytes((tmp_path / "a/00.png").read_bytes())
    with Image.open(tmp_path / "a/01.png") as image:
        image.save(tmp_path / "b/again.bmp")  # another file, the same pixels
    folder = load(tmp_path)
    assert whys(folder) == {
        "a/00.png": "the same picture as b/copy.png",
        "a/01.png": "the same picture as b/again.bmp",
        "b/copy.png": "the same picture as a/00.png",
        "b/again.bmp": "the same picture as a/01.png",
    }
    assert folder.counts.sum(axis=1).tolist() == [3, 3]


def changed(path, change, **options):
    with Image.open(path) as image:
        change(image).save(path.with_name(f"copy of {path.stem}.jpg"), quality=60, **options)


def test_copies_of_a_picture_stand_in_one_split(tmp_path):
    fill(tmp_path, {"a": 10, "b": 10})
    for number in range(0, 10, 2):
        changed(tmp_path / f"a/{number:02d}.png", lambda image: image.resize((35, 28)))
        changed(tmp_path / f"b/{number:02d}.png", lambda image: image.point(lambda v: v * 0.7))
    (tmp_path / "a/same.png").write_bytes((tmp_path / "a/03.png").read_bytes())
    for seed in range(3):
        folder = load(tmp_path, seed=seed)
        assert folder.copies == 11 and folder.counts.sum() == 31
        place = {s: n for n, split in enumerate(folder.splits) for s in split.sources}
        for source in place:
            original = source.replace("copy of ", "").replace(".jpg", ".png")
            assert place[source] == place[original], source
        assert place["a/same.png"] == place["a/03.png"]


def test_copies_in_two_classes_stand_in_one_split_too(tmp_path):
    fill(tmp_path, {"a": 6, "b": 6})
    with Image.open(tmp_path / "a/00.png") as image:
        image.save(tmp_path / "b/like.jpg", quality=50)
    folder = load(tmp_path)
    [place] = [n for n, split in enumerate(folder.splits) if "b/like.jpg" in split.sources]
    assert "a/00.png" in [*folder.splits][place].sources


def test_pictures_of_one_colour_are_copies_if_they_are_the_same(tmp_path):
    fill(tmp_path, {"a": 3, "b": 3})
    for number, grey in enumerate((10, 10, 200)):
        Image.new("L", (30, 30), grey).save(tmp_path / f"a/flat{number}.png")
    assert load(tmp_path).copies == 1


# What is no folder of classes


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({}, "must hold a folder for each class, two or more, got none"),
        ({"a": 3}, "must hold a folder for each class, two or more, got 1: 'a'"),
        ({"a": 3, "b": 0}, "class 'b' of .* must hold 3 different pictures or more, got 0"),
        ({"a": 2, "b": 3}, "class 'a' of .* must hold 3 different pictures or more, got 2"),
    ],
)
def test_too_few_classes_or_pictures_are_named(tmp_path, counts, message):
    with pytest.raises(ValueError, match=message) as caught:
        load(fill(tmp_path, counts))
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_class_of_copies_is_too_small(tmp_path):
    fill(tmp_path, {"a": 2, "b": 3})
    for _ in range(4):
        changed(tmp_path / "a/00.png", lambda image: image)
    with pytest.raises(ValueError, match=r"'a' .* 3 different pictures or more, got 2 \(3 with"):
        load(tmp_path)


def test_a_class_whose_pictures_were_skipped_says_why(tmp_path):
    fill(tmp_path, {"a": 3, "猫": 1})
    (tmp_path / "猫/notes.txt").write_text("no picture")
    (tmp_path / "猫/empty.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"got 1; 1 skipped: .*; 1 skipped: ") as caught:
        load(tmp_path)
    assert "it is empty" in str(caught.value) and "not a picture" in str(caught.value)


def test_a_class_that_is_a_link_to_another_is_refused(tmp_path):
    fill(tmp_path, {"a": 3})
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(
        ValueError, match=r"each class must have pictures of its own, got .*b: a link"
    ):
        load(tmp_path)


def test_a_path_that_is_no_folder_is_named(tmp_path):
    file = write(tmp_path / "a.png", 0)
    with pytest.raises(ValueError, match=r"path must be a folder .*a\.png is a file"):
        load(file)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing"):
        load(tmp_path / "missing")
    for wrong in (None, 3):
        with pytest.raises(TypeError, match="path must be a str or a path"):
            load(wrong)


@pytest.mark.parametrize(
    "options", [{"seed": -1}, {"seed": 1.5}, {"colour": "no"}, {"stream": 1}], ids=str
)
def test_a_wrong_option_is_named(two, options):
    with pytest.raises((TypeError, ValueError), match=f"^{next(iter(options))} must be"):
        load(two, **options)
