"""The lists are read as LFW's page describes them, and every refusal names the file."""

import shutil
import subprocess
import sys
from urllib.error import URLError

import numpy as np
import pytest
import sklearn.datasets
from PIL import Image
from skimage.transform import resize

from facebook_tut.data import lfw
from facebook_tut.data.lfw import LFW, Pairs, Photo, load_lfw, photos_of

PEOPLE = {f"Person_{letter}": 1 + place % 3 for place, letter in enumerate("ABCDEFGHIJKL")}
EDGES = (250, 125, 60)  # of the pictures, in turns


def people_list(*blocks):
    lines = [f"{len(block)}\n" + "".join(f"{n}\t{c}\n" for n, c in block) for block in blocks]
    return "".join(lines)


def pairs_lines(people, half):
    """As many genuine and as many impostor pairs, all of the people given."""
    many = [name for name, count in people if count > 1]
    lines = [f"{many[i % len(many)]}\t1\t2\n" for i in range(half)]
    names = [name for name, _ in people]
    return "".join(lines) + f"{names[0]}\t1\t{names[1]}\t1\n" * half


@pytest.fixture
def folder(tmp_path):
    """A data set of 12 people in the standard layout."""
    rng, people = np.random.default_rng(0), list(PEOPLE.items())
    for place, photo in enumerate(photos_of(PEOPLE)):
        file = tmp_path / "lfw-deepfunneled" / photo.file
        file.parent.mkdir(parents=True, exist_ok=True)
        edge = EDGES[place % 3]
        pixels = rng.integers(0, 256, (edge // 5, edge // 5, 3), np.uint8)
        Image.fromarray(pixels).resize((edge, edge)).save(file, quality=95)
    folds = [people[:3], *([person] for person in people[3:])]
    train, test = people[:8], people[8:]
    (tmp_path / "people.txt").write_text("10\n" + people_list(*folds))
    (tmp_path / "peopleDevTrain.txt").write_text(people_list(train))
    (tmp_path / "peopleDevTest.txt").write_text(people_list(test))
    (tmp_path / "pairsDevTrain.txt").write_text("3\n" + pairs_lines(train, 3))
    (tmp_path / "pairsDevTest.txt").write_text("2\n" + pairs_lines(test, 2))
    view2 = (pairs_lines(people[i : i + 3], 2) for i in range(10))
    (tmp_path / "pairs.txt").write_text("10\t2\n" + "".join(view2))
    return tmp_path


@pytest.fixture
def data(folder):
    return load_lfw(folder)


# Where it is found


@pytest.mark.parametrize("name", ["lfw-deepfunneled", "lfw_funneled", "lfw"])
def test_every_name_of_the_folder_of_the_people_is_known(folder, name):
    (folder / "lfw-deepfunneled").rename(folder / name)
    assert load_lfw(str(folder)) == LFW(folder / name)
    assert len(load_lfw(folder).pairs("view2/1")) == 4


def test_the_folder_of_the_people_itself_will_do_with_the_lists_beside_it_or_in_it(folder):
    inner = folder / "lfw-deepfunneled"
    beside = load_lfw(inner)
    assert beside.people("view1/train") == dict(list(PEOPLE.items())[:8])
    for path in folder.glob("*.txt"):
        shutil.move(path, inner)
    assert load_lfw(inner).people("view1/train") == beside.people("view1/train")


@pytest.mark.parametrize("below", ["", "lfw"])
def test_the_environment_variable_names_the_folder_or_the_one_above(
    folder, tmp_path_factory, monkeypatch, below
):
    above = tmp_path_factory.mktemp("above")
    shutil.copytree(folder, above / below, dirs_exist_ok=True)
    monkeypatch.setenv("FACEBOOK_TUT_DATA", str(above))
    assert load_lfw() == LFW(above / below / "lfw-deepfunneled")


def test_the_path_goes_before_the_variable(folder, monkeypatch):
    monkeypatch.setenv("FACEBOOK_TUT_DATA", "no-such-folder")
    assert load_lfw(folder).folder == folder / "lfw-deepfunneled"


def test_a_wrong_path_is_refused(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=rf"path: {tmp_path} holds none of LFW's images"):
        load_lfw(tmp_path)
    monkeypatch.setenv("FACEBOOK_TUT_DATA", "no-such-folder")
    with pytest.raises(FileNotFoundError, match="FACEBOOK_TUT_DATA: there is no folder no-such-f"):
        load_lfw()


@pytest.fixture
def scikit_learn(tmp_path_factory, monkeypatch):
    """scikit-learn's folder, empty, and no variable."""
    monkeypatch.delenv("FACEBOOK_TUT_DATA", raising=False)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))
    return home / "lfw_home"


def test_scikit_learn_downloads_once(folder, scikit_learn, monkeypatch):
    calls = []

    def fetch(subset, resize):
        calls.append(subset)
        shutil.copytree(folder / "lfw-deepfunneled", scikit_learn / "lfw_funneled")
        for path in folder.glob("pairs*.txt"):
            shutil.copy(path, scikit_learn)

    monkeypatch.setattr(sklearn.datasets, "fetch_lfw_pairs", fetch)
    first, second = load_lfw(), load_lfw()
    assert first == second == LFW(scikit_learn / "lfw_funneled")
    assert calls == ["test"]
    assert len(first.pairs("view1/test")) == 4
    with pytest.raises(FileNotFoundError, match=r"lfw_home/people\.txt; LFW's page has it: http"):
        first.people("view2/1")


def test_without_data_and_network_one_error_says_what_to_do(scikit_learn, monkeypatch):
    def fetch(subset, resize):
        raise URLError("no network")

    monkeypatch.setattr(sklearn.datasets, "fetch_lfw_pairs", fetch)
    with pytest.raises(FileNotFoundError) as caught:
        load_lfw()
    for word in ("`path`", "FACEBOOK_TUT_DATA", "scikit-learn", lfw.IMAGES_ADDRESS, "no network"):
        assert word in str(caught.value)


def test_the_address_is_scikit_learns():
    from sklearn.datasets import _lfw

    assert _lfw.FUNNELED_ARCHIVE.url == lfw.IMAGES_ADDRESS


# People and pairs


def test_people_and_pairs_of_every_part(data):
    everyone = list(PEOPLE.items())
    assert data.people("view1/train") == dict(everyone[:8])
    assert data.people("view1/test") == dict(everyone[8:])
    assert data.people("view2/1") == dict(everyone[:3])
    assert data.people("view2/10") == dict(everyone[11:])
    assert [len(data.pairs(part)) for part in lfw.PARTS] == [6, 4, *[4] * 10]
    pairs = data.pairs("view2/2")
    assert pairs.left == [Photo("Person_B", 1), Photo("Person_C", 1), *[Photo("Person_B", 1)] * 2]
    assert pairs.right == [Photo("Person_B", 2), Photo("Person_C", 2), *[Photo("Person_C", 1)] * 2]
    assert pairs.same.tolist() == [True, True, False, False]
    assert pairs.photos == photos_of({"Person_B": 2, "Person_C": 2})


def test_scikit_learn_reads_the_same_pairs(folder, scikit_learn):
    """Its own loader, on the same files, with our box as a slice of 250 pixels."""
    shutil.copytree(folder, scikit_learn)
    (scikit_learn / "lfw-deepfunneled").rename(scikit_learn / "lfw_funneled")
    for path in (scikit_learn / "lfw_funneled").glob("*/*.jpg"):
        Image.open(path).resize((250, 250)).save(path)
    window = slice(70, 198), slice(62, 190)
    theirs = sklearn.datasets.fetch_lfw_pairs(
        subset="10_folds", color=True, slice_=window, resize=None
    )
    data = load_lfw()
    pairs = [data.pairs(f"view2/{fold}") for fold in lfw.FOLDS]
    assert theirs.target.tolist() == [same for fold in pairs for same in fold.same]
    for side, name in enumerate(("left", "right")):
        photos = [photo for fold in pairs for photo in getattr(fold, name)]
        ours = data.images(photos, size=128)
        np.testing.assert_allclose(theirs.pairs[:, side], ours / np.float32(255), atol=1e-6)


def test_training_people_are_all_but_the_test_folds(data):
    training = data.training_people([1, 10])
    assert training == dict(list(PEOPLE.items())[3:11])
    assert data.training_people(range(1, 11)) == {}


def test_someone_in_two_folds_is_refused(folder, data):
    path = folder / "people.txt"
    path.write_text(path.read_text().replace("Person_L", "Person_A"))
    with pytest.raises(ValueError, match=r"people\.txt: Person_A stands in two folds"):
        data.training_people([1])
    with pytest.raises(ValueError, match=r"people\.txt: Person_A stands in two folds"):
        data.training_people([10])


@pytest.mark.parametrize("part", ["view2", "view2/0", "view2/11", "view1", "test", None, 3])
def test_an_unknown_part_is_refused(data, part):
    error = TypeError if part == 3 else ValueError
    for method in (data.people, data.pairs):
        with pytest.raises(error, match=r"part must be one of view1/train, .*, view2/10, got"):
            method(part)


def test_a_missing_list_is_named_with_its_address(folder, data):
    (folder / "pairs.txt").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        data.pairs("view2/1")
    assert f"{folder / 'pairs.txt'}" in str(caught.value)
    assert "http://vis-www.cs.umass.edu/lfw/pairs.txt" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("peopleDevTrain.txt", "", "line 1: wanted PEOPLE, got 'the end of the file'"),
        ("peopleDevTrain.txt", "two\n", "line 1: wanted PEOPLE, got 'two'"),
        ("peopleDevTrain.txt", "2\nAnn\t1\n", "line 3: wanted NAME PHOTOS, got 'the end of"),
        ("peopleDevTrain.txt", "1\nAnn\n", "line 2: wanted NAME PHOTOS, got 'Ann'"),
        ("peopleDevTrain.txt", "1\nAnn\t0\n", "line 2: wanted NAME PHOTOS, got 'Ann\\\\t0'"),
        ("peopleDevTrain.txt", "1\nAnn\t1\nBea\t1\n", "line 3: wanted the end of the file, got"),
        ("pairsDevTrain.txt", "1\nAnn\t1\t2\nAnn\t1\t2\n", "line 3: wanted NAME NUMBER NAME NUM"),
        ("pairsDevTrain.txt", "1\nAnn\t1\tBea\t1\n", "line 2: wanted NAME NUMBER NUMBER, got"),
        ("pairsDevTrain.txt", "1\nAnn\t1\t-2\n", "line 2: wanted NAME NUMBER NUMBER, got"),
        ("pairsDevTrain.txt", "10\t300\n", "line 1: wanted PAIRS, got '10\\\\t300'"),
    ],
)
def test_a_list_in_another_format_is_refused_by_file_and_line(folder, data, name, text, message):
    (folder / name).write_text(text)
    read = data.people if name.startswith("people") else data.pairs
    with pytest.raises(ValueError, match=rf"{folder / name}, {message}"):
        read("view1/train")


def test_too_few_folds_are_refused(folder, data):
    (folder / "people.txt").write_text("1\n1\nAnn\t1\n")
    assert data.people("view2/1") == {"Ann": 1}
    with pytest.raises(ValueError, match=r"people\.txt has 1 folds, and fold 2 was asked for"):
        data.people("view2/2")


def test_a_list_that_is_not_text_is_refused(folder, data):
    (folder / "pairs.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"pairs\.txt is not one of LFW's lists: it is not text"):
        data.pairs("view2/1")


def test_photos_of():
    assert photos_of({"Ann": 2, "Bea": 1}) == [("Ann", 1), ("Ann", 2), ("Bea", 1)]
    assert photos_of({"Ann": 2, "Bea": 1}, at_least=3) == []


def test_rows_say_where_the_photographs_of_each_pair_stand():
    ann, again, bea = Photo("Ann", 1), Photo("Ann", 2), Photo("Bea", 1)
    left, right = Pairs([bea, ann], [ann, again]).rows([again, bea, ann])
    assert (left.tolist(), right.tolist()) == ([1, 2], [2, 0])
    with pytest.raises(ValueError, match=r"photos must hold Bea/Bea_0001\.jpg"):
        Pairs([ann], [bea]).rows([ann, again])


def test_pairs_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        _ = Pairs([Photo("Ann", 1)], []).same


# Images


def test_images_are_the_box_of_the_frame_at_every_size_of_the_frame(data):
    photos = photos_of(PEOPLE)
    images = data.images(photos)
    assert images.shape == (len(photos), 64, 64, 3)
    assert images.dtype == np.uint8
    for image, photo in zip(images, photos, strict=True):
        frame = np.asarray(Image.open(data.folder / photo.file))
        edge = len(frame)
        top, left, bottom, right = (round(share * edge) for share in lfw.FACE_BOX)
        if edge == 125:  # 64 pixels of the frame: nothing is scaled
            np.testing.assert_array_equal(image, frame[top:bottom, left:right])
        else:  # an independent antialiased resize, on average within a few of 255 levels
            wanted = resize(frame[top:bottom, left:right] / 255, (64, 64), anti_aliasing=True)
            assert np.abs(image / 255 - wanted).mean() < 0.03


def test_shrinking_leaves_no_moire(folder, data):
    stripes = np.indices((250, 250)).sum(0) % 2 * 255  # a chessboard of single pixels
    path = folder / "lfw-deepfunneled" / Photo("Person_A", 1).file
    Image.fromarray(stripes.astype(np.uint8)).save(path)
    image = data.images([Photo("Person_A", 1)], size=32)[0].astype(int)
    assert np.abs(image - 127).max() < 20


def test_box_and_size_and_order(data):
    one, two = Photo("Person_B", 1), Photo("Person_B", 2)
    both = data.images([two, one], box=(0, 0, 1, 0.5), size=16)
    assert both.shape == (2, 16, 16, 3)
    np.testing.assert_array_equal(both[1], data.images([one], box=(0, 0, 1, 0.5), size=16)[0])
    assert data.images([two], size=(20, 12)).shape == (1, 20, 12, 3)
    assert data.images([]).shape == (0, 64, 64, 3)


def test_a_grey_image_becomes_three_equal_channels(folder, data):
    path = folder / "lfw-deepfunneled" / Photo("Person_A", 1).file
    Image.open(path).convert("L").save(path)
    image = data.images([Photo("Person_A", 1)])[0]
    np.testing.assert_array_equal(image[..., 0], image[..., 2])


def test_a_missing_image_is_named(data):
    with pytest.raises(FileNotFoundError, match=r"there is no image .*Person_A_0009\.jpg"):
        data.images([Photo("Person_A", 9)])


@pytest.mark.parametrize("keep", [0, 20, 0.5])
def test_a_damaged_image_is_named(data, keep):
    path = data.folder / Photo("Person_A", 1).file
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if keep < 1 else keep])
    with pytest.raises(ValueError, match=r"Person_A_0001\.jpg is damaged or not a picture"):
        data.images([Photo("Person_A", 1)])


@pytest.mark.parametrize("box", [(0.5, 0, 0.5, 1), (0, 0.6, 1, 0.5), (0, 0, 1.1, 1), (-1, 0, 1, 1)])
def test_a_wrong_box_is_refused(data, box):
    with pytest.raises(ValueError, match="box must be top < bottom and left < right, all from 0"):
        data.images([Photo("Person_A", 1)], box=box)


def test_a_wrong_size_is_refused(data):
    with pytest.raises(ValueError, match="size must be a whole number from 1 to 10000, got 0"):
        data.images([Photo("Person_A", 1)], size=0)
    with pytest.raises(TypeError, match="size must be a whole number"):
        data.images([Photo("Person_A", 1)], size=64.0)


@pytest.mark.parametrize(("progress", "variable"), [(True, "0"), (True, "1"), (False, "0")])
def test_the_progress_bar_can_be_hidden(data, monkeypatch, capsys, progress, variable):
    monkeypatch.setenv("TQDM_DISABLE", variable)
    data.images([Photo("Person_A", 1)], progress=progress)
    assert ("reading" in capsys.readouterr().err) == (progress and variable == "0")


# What the figures were measured on


def test_the_fingerprint_tells_another_list_another_image_and_another_name(folder, data):
    first = data.fingerprint
    assert first == load_lfw(folder / "lfw-deepfunneled").fingerprint
    assert len(first) == 64
    seen = {first}
    image = data.folder / Photo("Person_A", 1).file
    for change in (
        lambda: (folder / "pairs.txt").write_text("10\t2\n"),
        lambda: (folder / "pairs.txt").unlink(),
        lambda: image.write_bytes(image.read_bytes() + b"more"),
        lambda: image.rename(image.with_name("Person_A_0002.jpg")),
    ):
        change()
        seen.add(data.fingerprint)
    assert len(seen) == 5


def test_import_is_quick_and_light():
    code = "import sys, facebook_tut.data.lfw; print({'sklearn', 'keras'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
