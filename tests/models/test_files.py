"""A `.keras` file from anybody gives a network or one line that says what is wrong with it."""

import io
import json
import os
import struct
import warnings
import zipfile

import h5py
import numpy as np
import pytest

from facebook_tut import _keras_files, models
from facebook_tut._backend import keras

layers = keras.layers
MEMBERS = ["metadata.json", "config.json", "model.weights.h5"]


def network(*more, images=4):
    return keras.Sequential([keras.Input((images,)), layers.Dense(3, name="dense"), *more])


def functional():
    images = keras.Input((4,), name="images")
    return keras.Model(images, layers.Dense(3, name="b")(layers.Dense(3, name="a")(images)))


def parts_of(model, folder):
    """Return what a network's file holds, by the names of its parts, and its configuration read."""
    path = folder / "whole.keras"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unbuilt networks and lambdas
        keras.saving.save_model(model, path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return parts, json.loads(parts["config.json"])


def written(folder, parts, **options):
    path = folder / "hostile.keras"
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def refuses(tmp_path):
    """A function: load a file of these parts, and see it refused in one line that names it."""

    def refuses(parts, message=".", **options):
        refuses_file(written(tmp_path, parts, **options), message)

    return refuses


def refuses_file(path, message=".", error=ValueError):
    with pytest.raises(error, match=message) as caught:
        models.load_model(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.fixture
def with_config(refuses, tmp_path):
    """A function: see a file refused whose configuration is another."""

    def with_config(change, message=".", model=None):
        parts, config = parts_of(model or network(), tmp_path)
        refuses({**parts, "config.json": json.dumps(change(config))}, message)

    return with_config


# What the file is


def test_what_is_no_file_is_named(tmp_path):
    (tmp_path / "loop.keras").symlink_to(tmp_path / "loop.keras")
    (tmp_path / "gone.keras").symlink_to(tmp_path / "nowhere.keras")
    (tmp_path / "folder.keras").mkdir()
    os.mkfifo(tmp_path / "pipe.keras")  # which nobody writes to: to open it takes for ever
    for path in sorted(tmp_path.iterdir()):
        refuses_file(path, "there is no model file", OSError)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_must_not_be_read_is_named(tmp_path):
    path = models.save_model(network(), tmp_path / "secret.keras")
    path.chmod(0)
    refuses_file(path, "Permission denied", PermissionError)


@pytest.mark.parametrize(
    ("path", "error"), [(None, TypeError), (3, TypeError), ("", ValueError), ("a\0b", ValueError)]
)
def test_what_is_no_path_is_named(path, error):
    with pytest.raises(error, match=r"^path must be .* got"):
        models.load_model(path)
    with pytest.raises(error, match=r"^path must be .* got"):
        models.save_model(network(), path)


def test_the_parts_must_be_those_that_keras_writes(refuses, tmp_path):
    parts, _ = parts_of(network(), tmp_path)
    for missing in MEMBERS:
        refuses({name: parts[name] for name in MEMBERS if name != missing}, "it must hold")
    for more in ("../evil.py", "/tmp/evil.py", "assets/vocabulary.txt", "model.weights.npz"):
        refuses({**parts, more: b"evil"}, "it must hold")
    refuses(parts, "must not be compressed", compression=zipfile.ZIP_DEFLATED)
    refuses({}, "it must hold .* got nothing")


def test_a_part_that_stands_there_twice_is_refused(tmp_path):
    parts, _ = parts_of(network(), tmp_path)
    path = written(tmp_path, parts)
    with (
        zipfile.ZipFile(path, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("config.json", "{}")
    refuses_file(path, "it must hold")


def test_a_zip_bomb_is_refused(refuses, tmp_path):
    parts, _ = parts_of(network(), tmp_path)
    for name in MEMBERS:
        bomb = {**parts, name: bytes(2**24)}
        refuses(bomb, "must not be compressed", compression=zipfile.ZIP_DEFLATED)


def test_a_part_that_claims_to_be_longer_than_the_file_is_refused(tmp_path):
    parts, _ = parts_of(network(), tmp_path)
    path = written(tmp_path, parts)
    content = bytearray(path.read_bytes())
    sizes = content.rindex(b"PK\x01\x02") + 20  # compressed and not, in the list of the parts
    for size in (2**31, 2**32 - 2):
        content[sizes : sizes + 8] = struct.pack("<II", size, size)
        path.write_bytes(content)
        refuses_file(path)


def test_more_than_four_gibibytes_are_refused(tmp_path, monkeypatch):
    path = models.save_model(network(), tmp_path / "large.keras")
    monkeypatch.setattr(_keras_files, "MOST_BYTES", path.stat().st_size // 2)
    refuses_file(path, "it must have .* bytes at most")


# What it describes


def test_what_is_no_json_is_refused(refuses, tmp_path):
    parts, _ = parts_of(network(), tmp_path)
    texts = [b"", b"{", b"\xff\xfe", b"null", b"[]", b"3", b'"Sequential"', b"{}", b"[[1, 2]]"]
    for text in texts:
        refuses({**parts, "config.json": text})
    for deep in (b"[" * 100_000 + b"]" * 100_000, b'{"class_name":' * 5000 + b"1" + b"}" * 5000):
        refuses({**parts, "config.json": deep})


def nested(config):
    for _ in range(150):
        config = {"module": "keras", "class_name": "Sequential", "config": {"layers": [config]}}
    return config


NO_NETWORK = {
    "an optimiser": lambda config: keras.saving.serialize_keras_object(keras.optimizers.Adam()),
    "a layer": lambda config: keras.saving.serialize_keras_object(layers.Dense(3)),
    "a loss": lambda config: keras.saving.serialize_keras_object(keras.losses.MeanSquaredError()),
    "a list": lambda config: [config],
    "a dictionary of networks": lambda config: {"a": config},
    "a number": lambda config: {"class_name": "__numpy__", "config": {"value": 1, "dtype": "int"}},
    "networks in networks": nested,
    "no configuration": lambda config: {**config, "config": None},
    "a layer that is none": lambda config: {**config, "config": {"name": "a", "layers": [3]}},
    "a class that is none": lambda config: {**config, "class_name": ["Sequential"]},
    "no module": lambda config: {**config, "module": None},
}


@pytest.mark.parametrize("change", NO_NETWORK.values(), ids=NO_NETWORK)
def test_what_is_no_network_is_refused(with_config, change):
    with_config(change)


def two_outputs():
    images = keras.Input((4,))
    return keras.Model(images, [layers.Dense(1)(images), layers.Dense(1)(images)])


def named_outputs():
    images = keras.Input((4,))
    return keras.Model(images, {"a": layers.Dense(1)(images)})


def two_inputs():
    images = [keras.Input((4,)), keras.Input((4,))]
    return keras.Model(images, layers.Add()(images))


UNSUITABLE = {
    "unbuilt": lambda: keras.Sequential([layers.Dense(3)]),
    "empty": lambda: keras.Sequential(),
    "two outputs": two_outputs,
    "named outputs": named_outputs,
    "two inputs": two_inputs,
    "too large": lambda: network(layers.RepeatVector(10**12)),
}


@pytest.mark.parametrize("build", UNSUITABLE.values(), ids=UNSUITABLE)
def test_a_network_of_another_kind_is_refused_when_saved_and_when_loaded(build, tmp_path, refuses):
    parts, _ = parts_of(build(), tmp_path)
    refuses(parts)
    with pytest.raises(ValueError, match=r"^model must"):
        models.save_model(build(), tmp_path / "never.keras")
    assert not (tmp_path / "never.keras").exists()


# Code


def calls(module, name, value=None):
    """Return a change: the network's last layer names something else."""

    def change(config):
        node = {"module": module, "class_name": name, "config": value, "registered_name": name}
        config["config"]["layers"].append(node)
        return config

    return change


CALLS = {
    "a command": calls("os", "system", {"command": "touch {ran}"}),
    "a command as a function": calls("os", "function", "system"),
    "a command of a builtin": calls("builtins", "function", "eval"),
    "a process": calls("subprocess", "Popen", {"args": "touch {ran}"}),
    "a module on the path": calls("canary", "Canary", {}),
    "an import": calls("canary", "function", "touch"),
    "Keras' download": calls("keras.utils", "get_file", {"fname": "a", "origin": "file:///etc/x"}),
    "Keras' download as a function": calls("keras.utils", "function", "get_file"),
    "Keras' own helpers": calls("keras.src.utils.python_utils", "function", "func_load"),
    "the module of Keras": calls("keras", "src.utils.file_utils.get_file", {"fname": "a"}),
    "unsafe mode": calls("keras.config", "function", "enable_unsafe_deserialization"),
    "another network's file": calls("keras.models", "load_model", {"filepath": "a.keras"}),
    "a SavedModel": calls("keras.layers", "TFSMLayer", {"filepath": "/tmp"}),
    "torch's pickle": calls("keras.layers", "TorchModuleWrapper", {"module": "gASV"}),
    "a vocabulary": calls("keras.layers", "StringLookup", {"vocabulary": "/etc/passwd"}),
    "numbers of a file": calls("keras.layers", "IntegerLookup", {"vocabulary": "/etc/passwd"}),
    "text": calls("keras.layers", "TextVectorization", {"vocabulary": "/etc/passwd"}),
    "a class of TensorFlow": calls("tensorflow", "io.read_file", {"filename": "/etc/passwd"}),
    "a type of TensorFlow": calls("os", "__typespec__", []),
    "a lambda": calls("builtins", "__lambda__", {"value": "4wAAAA=="}),
    "old layers": lambda config: {
        **config,
        "config": {"name": "a", "layers": [{"class_name": "Lambda", "config": {"function": "x"}}]},
    },
}


@pytest.mark.parametrize("change", CALLS.values(), ids=CALLS)
def test_what_names_anything_but_parts_of_networks_is_refused(
    change, with_config, tmp_path, monkeypatch
):
    ran = tmp_path / "ran"
    source = f"touch = lambda *a, **k: open({str(ran)!r}, 'w')\ntouch()\nCanary = touch\n"
    (tmp_path / "canary.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    given = json.loads(json.dumps(change({"config": {"layers": []}})).replace("{ran}", str(ran)))
    node = given["config"]["layers"][-1]
    for place in ("layer", "registered", "activation", "loss", "optimizer", "build"):

        def moved(config, place=place):
            last = config["config"]["layers"][-1]
            if place == "layer":
                config["config"]["layers"].append(node)
            elif place == "registered":
                last["registered_name"], last["module"] = node["class_name"], node.get("module")
            elif place == "activation":
                last["config"]["activation"] = node
            elif place == "build":
                last["build_config"] = node
            else:
                config["compile_config"] = {"optimizer": "adam", "loss": "mse", place: node}
            return config

        if place in ("loss", "optimizer"):  # the network itself is right
            parts, config = parts_of(network(), tmp_path)
            config = json.dumps(moved(config))
            model = models.load_model(written(tmp_path, {**parts, "config.json": config}))
            assert not model.compiled
        else:
            with_config(moved)
    assert not ran.exists()


@pytest.mark.parametrize("unsafe", [False, True])
def test_no_lambda_runs_even_where_keras_was_told_to_let_it(unsafe, tmp_path, refuses):
    ran = tmp_path / "ran"
    code = layers.Lambda(lambda values, path=str(ran): (open(path, "w").close(), values)[1])  # noqa: PTH123
    parts, _ = parts_of(keras.Sequential([keras.Input((4,)), layers.Dense(3), code]), tmp_path)
    ran.unlink()  # it ran when it was built
    if unsafe:
        keras.config.enable_unsafe_deserialization()
    try:
        refuses(parts, "Lambda of keras.layers is no part of a network")
        model = models.load_model(models.save_model(network(), tmp_path / "right.keras"))
        assert model.count_params() == 15
    finally:
        from keras.src.backend.common import global_state

        global_state.set_global_attribute("safe_mode_saving", None)
    assert not ran.exists()


# Work without end


def cycle(config):
    a, b = config["config"]["layers"][-2:]
    a["inbound_nodes"] = json.loads(json.dumps(b["inbound_nodes"]).replace('["a",', '["b",'))
    return config


def dangling(config):
    text = json.dumps(config["config"]["layers"]).replace('["a", 0, 0]', '["a", 7, 0]')
    return {**config, "config": {**config["config"], "layers": json.loads(text)}}


def of_itself(config):
    text = json.dumps(config["config"]["layers"]).replace('["a", 0, 0]', '["b", 0, 0]')
    return {**config, "config": {**config["config"], "layers": json.loads(text)}}


@pytest.mark.parametrize("change", [cycle, dangling, of_itself])
def test_a_graph_that_never_ends_is_refused(change, with_config):
    with_config(change, "its layers must follow on each other", functional())


def test_a_layer_that_keras_would_call_for_ever_is_refused(with_config):
    def beyond(config):
        config["config"]["layers"][-1]["config"]["dims"] = [2, 9]
        return config

    images = keras.Input((4, 3))
    model = keras.Model(images, layers.Permute((2, 1))(layers.Dense(3)(images)))
    with_config(beyond, model=model)


# Memory


def units(count):
    def change(config):
        config["config"]["layers"][-1]["config"]["units"] = count
        return config

    return change


@pytest.mark.parametrize("count", [10**6, 10**9, 6 * 10**12, 10**30])
def test_weights_that_are_declared_and_not_there_are_never_made(with_config, count):
    with_config(units(count), "it declares more weights than it holds")


def test_a_metric_that_fills_the_memory_is_left_out(tmp_path):
    parts, config = parts_of(network(), tmp_path)
    metric = {"module": "keras.metrics", "class_name": "MeanIoU", "config": {"num_classes": 10**6}}
    config["compile_config"] = {"optimizer": "adam", "loss": "mse", "metrics": [metric]}
    path = written(tmp_path, {**parts, "config.json": json.dumps(config)})
    assert not models.load_model(path).compiled


# Weights


def altered(folder, change):
    """Return the parts of a network's file, its weights changed by `change(file)`."""
    parts, _ = parts_of(network(), folder)
    content = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(content, "r+") as file:
        change(file)
    return {**parts, "model.weights.h5": content.getvalue()}


KERNEL = "layers/dense/vars/0"


def replaced(**options):
    def change(file):
        del file[KERNEL]
        file.create_dataset(KERNEL, **options)

    return change


def linked(link):
    def change(file):
        del file[KERNEL]
        file[KERNEL] = link

    return change


def virtual(file):
    layout = h5py.VirtualLayout((4, 3), "float32")
    layout[...] = h5py.VirtualSource("/tmp/secret.h5", "kernel", (4, 3))
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def loop(file):
    file["layers/dense/again"] = file["layers"]


def twice(file):
    file["layers/dense/again"] = file[KERNEL]


WRONG_WEIGHTS = {
    "NaN": (replaced(data=np.full((4, 3), np.nan, "float32")), "weights must be finite"),
    "infinity": (replaced(data=np.full((4, 3), np.inf, "float32")), "weights must be finite"),
    "half NaN": (replaced(data=np.full((4, 3), np.nan, "float16")), "weights must be finite"),
    "another shape": (replaced(data=np.ones((3, 4), "float32")), "."),
    "complex": (replaced(data=np.ones((4, 3), complex)), "must hold numbers"),
    "text": (replaced(data=["a", "b"]), "must hold numbers"),
    "none": (lambda file: file.__delitem__(KERNEL), "."),
    "none at all": (lambda file: file.__delitem__("layers"), "."),
    "72 TB": (
        replaced(shape=(6 * 10**12, 3), dtype="float32", chunks=(1024, 3), compression="gzip"),
        "must not declare more numbers than it has",
    ),
    "another file's": (linked(h5py.ExternalLink("/tmp/secret.h5", "kernel")), "not hold links"),
    "a soft link": (linked(h5py.SoftLink("/layers/dense/vars/1")), "not hold links"),
    "a link to nothing": (linked(h5py.SoftLink("/nowhere")), "not hold links"),
    "a loop": (loop, "not hold links"),
    "a second name": (twice, "not hold links"),
    "numbers of other files": (virtual, "must hold its numbers itself"),
    "bytes of another file": (
        replaced(shape=(4, 3), dtype="float32", external=[("/etc/passwd", 0, 48)]),
        "must hold its numbers itself",
    ),
    "a type": (
        lambda file: file.__setitem__("layers/dense/type", np.dtype("float32")),
        "must hold its numbers itself",
    ),
}


@pytest.mark.parametrize(("change", "message"), WRONG_WEIGHTS.values(), ids=WRONG_WEIGHTS)
def test_wrong_weights_are_refused(change, message, tmp_path, refuses):
    refuses(altered(tmp_path, change), message)


@pytest.mark.parametrize("content", [b"", b"no weights", b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_what_holds_no_weights_is_refused(content, tmp_path, refuses):
    parts, _ = parts_of(network(), tmp_path)
    refuses({**parts, "model.weights.h5": content})


def test_nan_is_not_saved(tmp_path):
    model = network()
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    with pytest.raises(ValueError, match=r"^model must have finite weights, those of 'dense'"):
        models.save_model(model, tmp_path / "never.keras")


# Any damage at all


def loads_right_or_is_refused(path, expected):
    try:
        found = models.load_model(path).get_weights()
    except ValueError as error:
        assert str(path) in str(error) and "\n" not in str(error)
        return False
    assert [one.shape for one in found] == [one.shape for one in expected]
    return True


def test_flipped_bytes_never_break_it(tmp_path):
    rng, model = np.random.default_rng(0), functional()
    whole = models.save_model(model, tmp_path / "whole.keras").read_bytes()
    path = tmp_path / "flipped.keras"
    for _ in range(100):
        content = bytearray(whole)
        content[rng.integers(len(content))] ^= int(rng.integers(1, 256))
        path.write_bytes(content)
        loads_right_or_is_refused(path, model.get_weights())


def places(node, at=()):
    """Yield the way to every value in a configuration."""
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in inner:
        yield (*at, key)
        if isinstance(value, dict | list):
            yield from places(value, (*at, key))


WILD = [None, -1, 0, 10**15, 1e308, float("nan"), "", "x", True, [], {}, [None], {"class_name": 1}]


def test_changed_configurations_never_break_it(tmp_path):
    rng, model = np.random.default_rng(0), functional()
    parts, config = parts_of(model, tmp_path)
    ways, outcomes = list(places(config)), set()
    for row in rng.permutation(len(ways))[:100]:
        changed = json.loads(json.dumps(config))
        *way, last = ways[row]
        node = changed
        for key in way:
            node = node[key]
        node[last] = WILD[rng.integers(len(WILD))]
        path = written(tmp_path, {**parts, "config.json": json.dumps(changed)})
        outcomes.add(loads_right_or_is_refused(path, model.get_weights()))
    assert outcomes == {True, False}


def test_flipped_bytes_of_the_weights_never_break_it(tmp_path):
    rng, model = np.random.default_rng(0), functional()
    parts, _ = parts_of(model, tmp_path)
    for _ in range(40):
        content = bytearray(parts["model.weights.h5"])
        content[rng.integers(len(content))] ^= int(rng.integers(1, 256))
        path = written(tmp_path, {**parts, "model.weights.h5": bytes(content)})
        loads_right_or_is_refused(path, model.get_weights())
