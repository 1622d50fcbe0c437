"""Grey, contrast and scaling, against scikit-image and against themselves."""

from dataclasses import asdict

import numpy as np
import pytest
import skimage.data
from PIL import Image
from skimage.transform import resize as skimage_resize

from facebook_tut.data.synthetic import NUISANCES, TRAITS, render_faces, sample_people
from facebook_tut.preprocessing import (
    Quality,
    even_contrast,
    grayscale,
    normalise_illumination,
    quality,
    read_picture,
    resize,
    set_brightness,
    to_network_input,
)

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def patches():
    return skimage.data.lfw_subset()[90:110]  # faces and non-faces


def test_scaling_is_that_of_scikit_image(patches):
    even = even_contrast(patches)
    expected = [skimage_resize(one, (64, 64), order=1, mode="edge") for one in even]
    found = to_network_input(patches)
    assert found.dtype == np.float32
    for channel in range(3):
        np.testing.assert_allclose(found[..., channel], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", [(25, 25), (2, 25, 24), (2, 64, 64), (2, 25, 25, 3)])
def test_patches_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"^patches must have shape \(N, 25, 25\), got"):
        to_network_input(np.zeros(shape))


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 0.0), (1.0, 0.1), (0.5, 0.4)])
def test_light_does_not_matter(gain, offset):
    patches = 0.8 * RNG.integers(0, 2, (4, 25, 25))
    expected = even_contrast(patches)
    np.testing.assert_allclose(even_contrast(gain * patches + offset), expected, atol=1e-9)


def test_contrast_is_even(patches):
    even = even_contrast(patches)
    assert even.min() >= 0
    assert even.max() <= 1
    before, after = (values[:10].std((1, 2)) for values in (patches, even))  # the faces
    np.testing.assert_allclose(even[:10].mean((1, 2)), 0.5, atol=0.05)
    assert after.std() / after.mean() < before.std() / before.mean() / 2


def test_contrast_keeps_the_order_of_brightness(patches):
    for before, after in zip(patches, even_contrast(patches), strict=True):
        assert (np.diff(after.ravel()[np.argsort(before.ravel())]) >= 0).all()


def test_flat_patches_stay_flat():
    np.testing.assert_allclose(even_contrast(np.full((1, 25, 25), 0.3)), 0.5)
    faint = 0.3 + RNG.normal(0, 1e-3, (1, 25, 25))
    strong = 0.3 + RNG.normal(0, 5e-2, (1, 25, 25))
    assert even_contrast(faint).std() < even_contrast(strong).std() / 5


def test_each_patch_is_treated_alone(patches):
    both = to_network_input(patches)
    np.testing.assert_array_equal(both[3:4], to_network_input(patches[3:4]))


def test_brightness_becomes_what_was_asked_for_and_light_drops_out():
    images = np.random.default_rng(0).uniform(0.05, 0.3, (3, 8, 6, 3))
    bright = set_brightness(images, 0.4)
    np.testing.assert_allclose(bright.mean((1, 2, 3)), 0.4, atol=1e-6)
    np.testing.assert_allclose(set_brightness(0.3 * images, 0.4), bright, atol=1e-6)
    np.testing.assert_allclose(bright[1] / images[1], 0.4 / images[1].mean(), rtol=1e-5)


def test_what_grows_too_bright_is_clipped_and_black_stays_black():
    images = np.zeros((2, 4, 4, 3))
    images[0, 0] = 0.9
    bright = set_brightness(images, 0.5)
    assert bright.max() == 1 and (bright[1] == 0).all()
    with pytest.raises(ValueError, match="mean must be"):
        set_brightness(images, 0)
    with pytest.raises(ValueError, match="images must have shape"):
        set_brightness(images[0], 0.5)


def test_grey_comes_from_all_kinds_of_pictures():
    grey = RNG.integers(0, 256, (6, 5), dtype=np.uint8)
    rgb = np.repeat(grey[..., np.newaxis], 3, axis=2)
    rgba = np.dstack([rgb, RNG.integers(0, 256, (6, 5), dtype=np.uint8)])
    for picture in (grey, rgb, rgba, grey / 255, rgb / 255, (rgb / 255).astype(np.float32)):
        np.testing.assert_allclose(grayscale(picture), grey / 255, atol=1e-6)


def test_green_is_brighter_than_red_than_blue():
    red, green, blue = (grayscale(np.eye(3)[[[channel]]])[0, 0] for channel in range(3))
    assert green > red > blue > 0
    assert red + green + blue == pytest.approx(1)


def test_shrinking_leaves_no_moire():
    stripes = np.tile([0.0, 1.0], (60, 30))  # as fine as pixels are
    np.testing.assert_allclose(resize(stripes, (20, 20))[:, 2:-2], 0.5, atol=0.05)


# --- read_picture -----------------------------------------------------------------------------


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


# --- normalise_illumination -------------------------------------------------------------------


def neutral(**dials):
    return {name: dial.neutral for name, dial in NUISANCES.items()} | dials


def auc(images, identities):
    """Return how often two images of one person are nearer (cosine) than two of two people."""
    rows = images.reshape(len(images), -1)
    rows = rows - rows.mean(1, keepdims=True)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    left, right = np.triu_indices(len(rows), 1)
    scores, same = (rows @ rows.T)[left, right], identities[left] == identities[right]
    impostors = np.sort(scores[~same])
    return np.searchsorted(impostors, scores[same]).mean() / len(impostors)


def test_people_are_told_apart_better_under_a_lamp_from_the_side():
    lamp = ("light azimuth", "light elevation", "brightness", "warmth")
    steady = {name: value for name, value in neutral().items() if name not in lamp}
    steady["ambient"] = NUISANCES["ambient"].low
    people = sample_people(40, 4, seed=1, fixed=steady)
    before = auc(people.images, people.identities)
    after = auc(normalise_illumination(people.images), people.identities)
    assert 1 - after < (1 - before) / 3


def test_it_is_the_formula():
    from scipy.ndimage import gaussian_filter

    images = np.random.default_rng(0).uniform(0.1, 1, (2, 32, 40, 3))
    found = normalise_illumination(images, scale=1 / 8)
    assert found.dtype == np.float32
    for image, out in zip(images, found, strict=True):
        smooth = np.stack(
            [gaussian_filter(image[..., c], 4, mode="nearest") for c in range(3)], axis=-1
        )
        ratio = np.log((image + 1 / 64) / (smooth + 1 / 64))
        expected = np.clip(0.5 + (ratio - ratio.mean()) / ratio.std() / 6, 0, 1)
        np.testing.assert_allclose(out, expected, atol=1e-5)


@pytest.mark.parametrize("gain", [0.5, [0.9, 0.7, 0.5]])
def test_exposure_and_the_lamps_colour_do_not_matter(gain):
    images = np.random.default_rng(0).uniform(0.3, 1, (2, 32, 32, 3))
    difference = normalise_illumination(images * gain) - normalise_illumination(images)
    assert np.abs(difference).mean() < 0.01  # not 0: DARKEST is added


def test_flat_images_become_grey_and_each_image_is_treated_alone():
    flat = np.full((1, 16, 16, 3), 0.3)
    np.testing.assert_allclose(normalise_illumination(flat), 0.5, atol=1e-5)
    images = np.random.default_rng(0).random((3, 16, 16, 3))
    np.testing.assert_allclose(
        normalise_illumination(images)[1:2], normalise_illumination(images[1:2]), atol=1e-6
    )


@pytest.mark.parametrize(
    ("images", "scale", "error", "message"),
    [
        (np.zeros((8, 8, 3)), 0.1, ValueError, r"^images must have shape \(N, H, W, 3\), got"),
        (np.zeros((1, 8, 8, 1)), 0.1, ValueError, r"^images must have shape \(N, H, W, 3\), got"),
        (np.zeros((1, 8, 8, 3), np.uint8), 0.1, TypeError, "^images must hold floats"),
        (np.zeros((1, 8, 8, 3)) - 1, 0.1, ValueError, "^images must hold values from 0 to 1"),
        (np.zeros((1, 8, 8, 3)), 0, ValueError, "^scale must be a number from 0.01 to 1, got 0"),
    ],
)
def test_bad_arguments_of_the_retinex_are_named(images, scale, error, message):
    with pytest.raises(error, match=message):
        normalise_illumination(images, scale)


# --- quality ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def traits():
    people = sample_people(25, 1, seed=3)
    return {name: people.attributes[name] for name in TRAITS}


@pytest.mark.parametrize(
    ("dial", "better", "worse", "share"),
    [
        ("blur", 0.5, 1.5, 0.8),  # most; some are sharper than they need to be
        ("blur", 1.5, NUISANCES["blur"].high, 1),
        ("noise", 0, NUISANCES["noise"].high / 2, 1),
        ("noise", NUISANCES["noise"].high / 2, NUISANCES["noise"].high, 1),
        ("brightness", 1, NUISANCES["brightness"].low, 0.8),
    ],
)
def test_the_score_falls_as_a_picture_gets_worse(traits, dial, better, worse, share):
    def scores(value):
        images, _ = render_faces({**traits, dial: np.full(25, value)})
        return np.array([quality(image).score for image in images])

    assert (scores(worse) < scores(better)).mean() >= share


GOOD = Quality(sharpness=0.05, contrast=0.3, brightness=0.15, clipped=0.1, noise=0.01, size=50)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sharpness", (0, 0.01, 0.03)),
        ("contrast", (0, 0.05, 0.35)),
        ("brightness", (0, 0.1, 0.18)),
        ("brightness", (1, 0.9, 0.82)),
        ("clipped", (1, 0.5, 0)),
        ("noise", (0.1, 0.01, 0)),
        ("size", (1, 24, 60)),
    ],
)
def test_the_score_rises_with_each_measure(name, values):
    scores = [Quality(**asdict(GOOD) | {name: value}).score for value in values]
    assert 0 <= scores[0] < scores[1] < scores[2] < 1


def test_a_good_face_scores_one_and_nothing_scores_more():
    best = Quality(sharpness=9, contrast=9, brightness=0.5, clipped=0, noise=0, size=999)
    assert best.score == 1


def test_measures_are_what_they_are_called():
    generator = np.random.default_rng(0)
    flat = np.full((64, 64), 0.25)
    found = quality(np.clip(flat + generator.normal(0, 0.02, flat.shape), 0, 1))
    assert found.noise == pytest.approx(0.02 / 0.25, rel=0.05)
    assert found.contrast == pytest.approx(0.02 / 0.25, rel=0.05)
    assert found.brightness == pytest.approx(0.25, abs=0.002)
    ramp = quality(np.tile(np.linspace(0.1, 0.9, 64), (64, 1)))
    assert ramp.noise == pytest.approx(0, abs=1e-3)  # edges of the picture apart
    assert ramp.contrast == pytest.approx(0.8 / np.sqrt(12) / 0.5, rel=0.05)
    half = flat.copy()
    half[:16], half[16:32] = 0, 1
    assert quality(half).clipped == 0.5
    rgb = np.full((32, 48, 3), 128, np.uint8)
    rgb[:8, :, 0] = 255
    assert quality(rgb).clipped == 0.25
    assert quality(rgb).size == 32
    assert quality(rgb, size=20).size == 20


def test_less_light_changes_no_more_than_brightness(traits):
    images, _ = render_faces(traits)
    for image in images[:5].astype(float):
        one, other = asdict(quality(0.9 * image + 0.01)), asdict(quality(0.45 * image + 0.005))
        assert other.pop("brightness") == pytest.approx(one.pop("brightness") / 2)
        assert other == pytest.approx(one)


def test_the_score_does_not_follow_skin_tone():
    people = sample_people(150, 1, seed=4)
    scores = [quality(image).score for image in people.images]
    assert abs(np.corrcoef(scores, people.attributes["skin tone"])[0, 1]) < 0.25


def test_quality_of_a_flat_picture_is_none():
    assert quality(np.full((64, 64, 3), 0.5)).score == pytest.approx(0, abs=1e-6)


def test_every_kind_of_picture_has_the_same_quality():
    grey = skimage.data.astronaut()[60:180, 170:280, 1]
    expected = quality(grey).score
    rgba = np.dstack([grey, grey, grey, np.full(grey.shape, 255, np.uint8)])
    for picture in (grey / 255, np.dstack([grey] * 3), rgba):
        assert quality(picture).score == pytest.approx(expected, rel=1e-6)


def test_bad_arguments_of_quality_are_named():
    with pytest.raises(ValueError, match=r"^size must be a number from 1"):
        quality(np.zeros((64, 64)), size=0)
    with pytest.raises(TypeError, match=r"^picture must hold floats"):
        quality(np.zeros((64, 64), int))
