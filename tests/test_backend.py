"""Keras loads and computes alike whatever the user's settings, open files and processes are."""

import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from facebook_tut import _backend, models, training
from facebook_tut._backend import keras
from facebook_tut.data import Dataset

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system never forks")
HANG = 300  # seconds that nothing takes, however slow the machine


def python(code, *words, **variables):
    """Run code in a process of its own; return its exit code and what it wrote."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", **variables}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    return done.returncode, done.stdout + done.stderr


# --- open files --------------------------------------------------------------------------------

CLOSED = """
import itertools, json, os, sys
from pathlib import Path

said = Path(sys.argv[1])
for number in (0, 1, 2):
    os.close(number)
sys.stdin = sys.stdout = sys.stderr = None
try:
    from facebook_tut import _backend, training

    def is_open(number):
        try:
            return bool(os.fstat(number))
        except OSError:
            return False

    found = [is_open(2)]
    for numbers in itertools.product((True, False), repeat=3):
        keep = [os.open(os.devnull, os.O_RDWR) for _ in numbers]  # 0, 1, 2: the lowest are free
        for number, wanted in enumerate(numbers):
            if not wanted:
                os.close(number)
        with _backend.native_stderr_hidden():
            hidden = os.readlink("/dev/fd/2") == os.devnull and os.write(2, b"unseen") == 6
        found.append(hidden and tuple(map(is_open, (0, 1, 2))) == numbers)
        for number, still in enumerate(numbers):
            if still:
                os.close(number)
    training.Progress(2).on_epoch_end(0, {"loss": 1.0})
    said.write_text(json.dumps(found))
except BaseException as error:
    said.write_text(json.dumps(repr(error)))
"""


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="open files cannot be listed here")
def test_keras_loads_without_any_standard_stream_and_opens_none(tmp_path):
    code, said = python(CLOSED, tmp_path / "said")
    assert json.loads((tmp_path / "said").read_text()) == [False] + 8 * [True]
    assert (code, said) == (0, "")


def test_what_is_written_is_hidden_only_inside_the_block(capfd):
    os.write(2, b"before ")
    with pytest.raises(KeyError), _backend.native_stderr_hidden():
        os.write(2, b"hidden ")
        raise KeyError
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


class Plain:
    """A stream that can do nothing but take text."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


def closed_stream(tmp_path):
    stream = (tmp_path / "closed").open("w")
    stream.close()
    return stream


@pytest.mark.parametrize(
    "stream", [None, object(), closed_stream], ids=["none", "no stream", "closed"]
)
def test_no_progress_is_shown_where_there_is_no_standard_error(tmp_path, monkeypatch, stream):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(sys, "stderr", stream(tmp_path) if callable(stream) else stream)
    bar = training.Progress(1)
    bar.on_epoch_end(0, {"loss": 0.5})
    assert bar._bar.disable


def test_progress_is_shown_on_a_stream_that_only_takes_text(monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(sys, "stderr", Plain())
    training.Progress(1).on_epoch_end(0, {"loss": 0.5})
    assert "1/1" in sys.stderr.text and "loss=0.500" in sys.stderr.text


# --- settings ----------------------------------------------------------------------------------


@pytest.fixture
def setting():
    """A function that sets Keras otherwise; at the end all is as it was."""
    config = keras.config
    kept = config.floatx(), config.epsilon(), config.image_data_format(), config.dtype_policy()
    yield lambda name, value: getattr(config, f"set_{name}")(value)
    for name, value in zip(("floatx", "epsilon", "image_data_format"), kept, strict=False):
        getattr(config, f"set_{name}")(value)
    config.set_dtype_policy(kept[3])


def learned(few):
    """Return what one of the package's networks says, and how it learns."""
    from facebook_tut import metric_learning

    training.set_seed(0)
    model = models.build_embedder(8, filters=(4, 8), dropout=0.0)
    before = metric_learning.embed(model, few.images)
    identities = np.arange(len(few)) // 2
    history = metric_learning.fit_embedder(model, few.images, identities, epochs=1, progress=False)
    assert {weight.dtype.name for weight in model.get_weights()} == {"float32"}
    return before, np.array(history.loss)  # an optimiser's first step may turn on a last bit


@pytest.fixture(scope="module")
def usual(few, eagerly):
    with eagerly():
        return learned(few)


ODD = {
    "floatx": "float16",
    "epsilon": 0.1,
    "image_data_format": "channels_first",
    "dtype_policy": "mixed_float16",
}


def test_embedders_are_the_same_under_any_settings_which_stay(few, eagerly, usual, setting):
    for name, value in ODD.items():
        setting(name, value)
    with eagerly():
        for found, expected in zip(learned(few), usual, strict=True):
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)
    kept = {name: getattr(keras.config, name)() for name in ODD}
    assert {name: getattr(one, "name", one) for name, one in kept.items()} == ODD


def classified(few, path):
    """Return what the classifier says of two images, layer by layer, and how it learns."""
    few = Dataset(few.images[[0, 4]], few.labels[[0, 4]], few.sources[:2])
    training.set_seed(0)
    model = models.load_model(models.save_model(models.build_classifier(), path, overwrite=True))
    said = [training.predict(model, few.images), *models.feature_maps(model, few.images)]
    history = training.fit(model, few, few, epochs=1, progress=False)
    return [*said, np.float32(history.loss)]


@pytest.fixture(scope="module")
def usually_classified(few, eagerly, tmp_path_factory):
    with eagerly():
        return classified(few, tmp_path_factory.mktemp("usual") / "face.keras")


def test_classifiers_are_the_same_under_any_settings(
    few, eagerly, usually_classified, setting, tmp_path
):
    for name, value in ODD.items():
        setting(name, value)
    with eagerly():
        found = classified(few, tmp_path / "face.keras")
    for one, expected in zip(found, usually_classified, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, expected)


def test_networks_of_the_user_s_own_keep_their_precision(few, eagerly, setting):
    setting("dtype_policy", "mixed_float16")
    model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    with eagerly():
        training.fit(model, few, few, epochs=1, progress=False)
        assert training.predict(model, few.images).dtype == np.float16
    assert model.layers[-1].compute_dtype == "float16"
    assert keras.layers.Dense(1).compute_dtype == "float16"


def test_settings_hold_again_after_an_error(setting):
    setting("floatx", "float16")
    with pytest.raises(KeyError), _backend.keras_settings():
        assert keras.config.floatx() == "float32"
        raise KeyError
    assert keras.config.floatx() == "float16"


def test_the_pretrained_network_loads_with_a_keras_json_of_any_kind(tmp_path):
    (tmp_path / "keras.json").write_text(json.dumps(ODD))
    code = (
        "from facebook_tut import metric_learning, pretrained;"
        "print(metric_learning.fingerprint(pretrained.load_embedder()))"
    )
    from facebook_tut import metric_learning, pretrained

    expected = metric_learning.fingerprint(pretrained.load_embedder())
    assert python(code, KERAS_HOME=str(tmp_path)) == (0, expected + "\n")


@pytest.mark.parametrize(
    ("text", "variables", "words"),
    [
        ('{"backend": "no-such"}', {}, ["keras.json", "no-such"]),
        ("[]", {}, ["keras.json"]),
        ('{"floatx": "float99"}', {}, ["keras.json", "float99"]),
        ("{}", {"KERAS_BACKEND": "no-such"}, ["KERAS_BACKEND=no-such and"]),
    ],
)
def test_settings_that_keras_cannot_use_are_named(tmp_path, text, variables, words):
    (tmp_path / "keras.json").write_text(text)
    code, said = python(
        "try:\n    import facebook_tut.models\nexcept ImportError as error:\n    print(error)",
        **{"KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "", **variables},
    )
    assert code == 0
    for word in (*words, "Set KERAS_BACKEND=tensorflow in the environment"):
        assert word in said
    assert said.count("\n") == 1


def test_keras_missing_is_said_as_ever(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setattr(_backend, "_settings_given", list)
    with pytest.raises(ImportError, match="keras") as raised:
        _backend._load_keras()
    assert not isinstance(raised.value, _backend.SettingsError)


# --- processes ---------------------------------------------------------------------------------


class Asking:
    """A call of one of the package's functions, to be made in another process."""

    def __init__(self, what, model):
        self.what, self.model = what, model

    def __call__(self, _=None):
        from facebook_tut import export, metric_learning, pipeline, pretrained
        from facebook_tut.privacy import inversion

        image = np.zeros((1, 16, 16, 3), "float32")
        calls = {
            "embed": lambda: metric_learning.embed(self.model, image),
            "embed by name": lambda: metric_learning.embed(model=self.model, images=image),
            "build": models.build_classifier,
            "load": pretrained.load_embedder,
            "recognise": pipeline.Recognizer,
            "maps": lambda: models.feature_maps(self.model, image),
            "train": lambda: metric_learning.fit_embedder(self.model, image, [0]),
            "convert": lambda: export.to_litert(self.model),
            "prune": lambda: export.prune(self.model, 0.5),
            "refine": lambda: inversion.refine(self.model, image, np.ones((1, 8))),
        }
        try:
            return repr(calls[self.what]())
        except RuntimeError as error:
            return str(error)


CALLS = ["embed", "embed by name", "build", "load", "recognise", "maps", "train"]
CALLS += ["convert", "prune", "refine"]


def forked(function):
    """Return what a function returns in a fork of this process."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, pickle.dumps(function()))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return pickle.loads(said)


@pytest.fixture(scope="module")
def used(build_quick_embedder):
    """A network that this process has run."""
    model = build_quick_embedder(8, input_shape=(16, 16, 3))
    Asking("embed", model)()
    return model


@needs_fork
@pytest.mark.parametrize("what", CALLS)
def test_a_fork_of_a_process_that_ran_a_network_says_spawn(used, what):
    assert 'multiprocessing.get_context("spawn")' in forked(Asking(what, used))


@needs_fork
def test_a_pool_of_forks_hands_the_error_over(used):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        [said] = pool.map_async(Asking("build", None), [0]).get(HANG)
    assert "spawn" in said
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        assert "spawn" in pool.submit(Asking("build", None)).result(HANG)


@needs_fork
def test_what_bears_a_fork_is_not_refused(used):
    from facebook_tut import export, metric_learning

    small = export.LiteRTEmbedder(export.to_litert(used))
    image = np.zeros((1, 16, 16, 3), "float32")
    expected = metric_learning.embed(small, image)
    np.testing.assert_array_equal(forked(lambda: metric_learning.embed(small, image)), expected)
    assert forked(lambda: metric_learning.fingerprint(used)) == metric_learning.fingerprint(used)


FRESH = """
import multiprocessing, sys
import numpy as np
from facebook_tut import models, training
from facebook_tut._backend import keras
from facebook_tut.data import Dataset

def answer(_):
    model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(1, kernel_initializer="zeros", activation="sigmoid"))
    return training.predict(model, np.zeros((1, 64, 64, 3))).tolist()

if __name__ == "__main__":
    for method in sys.argv[1:]:
        with multiprocessing.get_context(method).Pool(1) as pool:
            print(method, *pool.map_async(answer, [0]).get(300))
        if method == "fork":
            answer(0)  # from here on, no fork could
"""


@needs_fork
def test_forks_before_the_first_run_and_new_processes_work(tmp_path):
    (tmp_path / "fresh.py").write_text(FRESH)
    done = subprocess.run(
        [sys.executable, tmp_path / "fresh.py", "fork", "spawn"],
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.stdout.split("\n")[:2] == [f"{m} [0.5]" for m in ("fork", "spawn")]
