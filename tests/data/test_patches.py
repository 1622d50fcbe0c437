"""The splits share nothing, are the same for one seed, and need no network."""

import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
import skimage.data

from facebook_tut.data import patches
from facebook_tut.data.patches import load_patches
from facebook_tut.preprocessing import grayscale, resize, to_network_input

SEEDS = (0, 1)
LITTLE = {"hard_per_photograph": 2, "random_per_photograph": 3, "copies": 2}
LFW_KINDS = {"face", "non-face"}


@pytest.fixture(scope="module")
def load_little():
    """`load_patches`, with few patches of a corner of each photograph."""
    whole = patches._photograph

    def load_little(seed):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(patches, "_photograph", lambda name: whole(name)[:120, :150])
            return load_patches(seed, **LITTLE)

    return load_little


@pytest.fixture(scope="module")
def by_seed(load_little):
    return {seed: load_little(seed) for seed in SEEDS}


@pytest.fixture(params=SEEDS)
def splits(by_seed, request):
    return by_seed[request.param]


def kind(source):
    """Of a source: a face, a non-face of LFW, or a photograph."""
    first = source.rsplit(" ", 1)[0]
    return first if first in LFW_KINDS else "photograph"


def test_images_are_what_the_network_reads(splits):
    for split in splits:
        assert split.images.shape == (len(split), 64, 64, 3)
        assert split.images.dtype == split.labels.dtype == np.float32
        assert split.images.min() >= 0
        assert split.images.max() <= 1
        assert set(split.labels) == {0, 1}
        np.testing.assert_array_equal(split.images[..., 0], split.images[..., 1])
        np.testing.assert_array_equal(split.images[..., 0], split.images[..., 2])


def test_labels_tell_faces(splits):
    for split in splits:
        assert [kind(source) == "face" for source in split.sources] == split.labels.tolist()


def test_no_source_stands_in_two_splits(splits):
    for one, other in combinations(splits, 2):
        assert not set(one.sources) & set(other.sources)


def test_every_kind_is_split_60_20_20(splits):
    everything = set()
    for split, share in zip(splits, (0.6, 0.2, 0.2), strict=True):
        sources = set(split.sources)
        everything |= sources
        kinds = [kind(source) for source in sources]
        assert kinds.count("face") == kinds.count("non-face") == round(100 * share)
        assert abs(kinds.count("photograph") - share * len(patches.PHOTOGRAPHS)) < 1
    assert len(everything) == 200 + len(patches.PHOTOGRAPHS)


def test_validation_and_test_faces_are_as_they_were_taken(splits):
    raw = skimage.data.lfw_subset()
    for split in (splits.validation, splits.test):
        faces = split.sources[split.labels == 1]
        taken = np.stack([raw[int(face.split()[1])] for face in faces])
        assert len(set(faces)) == len(faces)
        np.testing.assert_array_equal(split.faces, to_network_input(taken))


def test_every_training_face_has_its_copies_and_itself(splits):
    sources = splits.train.sources[splits.train.labels == 1]
    assert set(np.unique(sources, return_counts=True)[1]) == {LITTLE["copies"] + 1}
    raw = skimage.data.lfw_subset()
    for source in sources[:5]:
        original = to_network_input(raw[[int(source.split()[1])]])[0]
        same = [np.array_equal(image, original) for image in splits.train.faces[sources == source]]
        assert sum(same) == 1


def test_one_seed_gives_the_same_bytes(by_seed, load_little):
    for one, other in zip(by_seed[1], load_little(1), strict=True):
        assert one.images.tobytes() == other.images.tobytes()
        assert one.labels.tobytes() == other.labels.tobytes()
        assert one.sources.tolist() == other.sources.tolist()


def test_another_seed_gives_another_split(by_seed):
    for one, other in combinations(by_seed.values(), 2):
        for before, after in zip(one, other, strict=True):
            assert set(before.sources) != set(after.sources)


def test_no_two_faces_are_nearly_the_same(splits):
    raw = skimage.data.lfw_subset()[:100]
    numbers = [
        sorted({int(source.split()[1]) for source in split.sources[split.labels == 1]})
        for split in splits
    ]
    alike = np.corrcoef(raw.reshape(100, -1))
    np.testing.assert_allclose(np.diag(alike), 1)
    for one, other in combinations(numbers, 2):
        assert alike[np.ix_(one, other)].max() < 0.95


@pytest.mark.parametrize("photograph", ["coins", "brick", "page", "moon"])
def test_hard_patches_look_more_like_a_face_than_random_ones(by_seed, photograph):
    raw, train = skimage.data.lfw_subset(), by_seed[0].train
    numbers = {int(source.split()[1]) for source in train.sources[train.labels == 1]}
    face = raw[sorted(numbers)].mean(0).ravel()
    picture = grayscale(getattr(skimage.data, photograph)())
    mined = patches.hard_patches(picture, face.reshape(25, 25), 10)
    drawn = patches.random_patches(picture, 10, np.random.default_rng(0))
    hard, random = (
        [np.corrcoef(one.ravel(), face)[0, 1] for one in all_] for all_ in (mined, drawn)
    )
    assert hard == sorted(hard, reverse=True)
    assert np.mean(hard) > np.mean(random) + 0.2


def test_the_spot_that_is_the_template_is_the_hardest(lfw_face):
    photograph = np.random.default_rng(0).uniform(0.4, 0.6, (90, 120))
    photograph[40:65, 70:95] = lfw_face
    first, second = patches.hard_patches(photograph, lfw_face, 2)
    np.testing.assert_array_equal(first, lfw_face)
    assert not np.array_equal(second, lfw_face)


def test_the_hardest_spot_may_have_any_size(lfw_face):
    photograph = np.random.default_rng(0).uniform(0.4, 0.6, (160, 160))
    photograph[40:104, 64:128] = resize(lfw_face, (64, 64))
    (first,) = patches.hard_patches(photograph, lfw_face, 1)
    assert np.corrcoef(first.ravel(), lfw_face.ravel())[0, 1] > 0.9


def test_random_patches_come_from_the_photograph():
    ramp = np.linspace(0.2, 0.8, 70) * np.ones((50, 1))
    cut = np.stack(patches.random_patches(ramp, 40, np.random.default_rng(0)))
    assert cut.shape == (40, 25, 25)
    assert cut.min() >= 0.2
    assert cut.max() <= 0.8
    assert (np.diff(cut, axis=2) > -1e-9).all()  # brighter to the right, as the photograph is
    assert len({patch.tobytes() for patch in cut}) > 20


@pytest.mark.parametrize("name", ["seed", "hard_per_photograph", "random_per_photograph", "copies"])
@pytest.mark.parametrize(
    ("value", "error"), [(-1, ValueError), (1.5, TypeError), (None, TypeError)]
)
def test_bad_arguments_are_named(name, value, error):
    with pytest.raises(error, match=f"^{name} must be a whole number from 0 to .*, got {value}"):
        load_patches(**{name: value})


def test_nothing_is_fetched(tmp_path):
    program = (
        "import socket\n"
        "def refuse(*arguments, **options): raise AssertionError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from facebook_tut.data.patches import load_patches\n"
        "splits = load_patches(hard_per_photograph=0, random_per_photograph=0, copies=0)\n"
        "print([len(split) for split in splits])\n"
    )
    empty = {"SKIMAGE_DATADIR": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | empty, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[120, 40, 40]\n"  # LFW alone, when no photograph gives patches
