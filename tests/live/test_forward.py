"""The JavaScript that runs networks in a page, against Keras and NumPy on the same numbers."""

import base64
import json
import shutil
import subprocess

import numpy as np
import pytest
import skimage.data

from facebook_tut import _live, alignment, cascade, detection, models, preprocessing, training
from facebook_tut._backend import keras
from facebook_tut.detection import mtcnn_networks
from facebook_tut.export import browser_network, to_browser
from facebook_tut.metric_learning import embed

FOLDER = _live.FOLDER / "network"
RNG = np.random.default_rng(0)
PROGRAM = f"""
import fs from "node:fs";
import * as forward from "{(FOLDER / "forward.js").as_uri()}";
import * as picture from "{(FOLDER / "picture.js").as_uri()}";
import * as search from "{(FOLDER / "search.js").as_uri()}";
import * as twin from "{(FOLDER / "twin.js").as_uri()}";
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64")).buffer;
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const value = ({{ data, shape }}) => ({{ data: new Float64Array(bytes(data)), shape }});
const code = given.code;
delete given.code;
const plain = (_, one) => ArrayBuffer.isView(one) ? [...one] : one;
const run = new Function("forward, picture, search, twin, bytes, value, given", `return ${{code}}`);
console.log(JSON.stringify(run(forward, picture, search, twin, bytes, value, given), plain));
"""


def node(code, **given):
    """Return the value of JavaScript over the modules, and what is `given` by name."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed, and the JavaScript arithmetic is tested with it")
    command = ["node", "--input-type=module", "--eval", PROGRAM]
    sent = json.dumps({"code": code, **given})
    run = subprocess.run(command, input=sent, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def sent(array):
    """Return an array as the program reads it."""
    array = np.asarray(array, float)
    data = base64.b64encode(array.tobytes()).decode()
    return {"data": data, "shape": list(array.shape)}


def packed(content):
    return base64.b64encode(content).decode()


def picture_of(photograph):
    """Return a photograph as a canvas gives it."""
    photograph = np.dstack([photograph, np.full(photograph.shape[:2], 255, np.uint8)])
    height, width = photograph.shape[:2]
    return {"width": width, "height": height, "data": photograph.ravel().tolist()}


def stirred(model):
    """Return a network whose weights, and what it has counted, are noise."""
    for weight in model.weights:
        noise = RNG.normal(0, 1 / np.sqrt(np.prod(weight.shape[:-1]) or 1), weight.shape)
        weight.assign(np.abs(noise) + 0.5 if "variance" in weight.path else noise)
    return model


def layered():
    """Return a network with every kind of layer that a page knows."""
    layers = keras.layers
    images = keras.Input((15, 13, 3))
    x = layers.Conv2D(9, 3, strides=2, padding="same", use_bias=False)(images)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    y = layers.PReLU(shared_axes=[1, 2])(layers.Conv2D(9, 1)(x))
    x = layers.MaxPooling2D(3, 2, padding="same")(layers.Add()([x, y]))
    x = layers.Conv2D(5, 2, activation="relu")(x)
    x = layers.Flatten()(layers.Permute((2, 1, 3))(x))
    x = layers.Dropout(0.5)(x)
    first = layers.Dense(4, activation="softmax")(x)
    second = layers.UnitNormalization()(layers.BatchNormalization()(layers.Dense(6)(x)))
    third = layers.Activation("sigmoid")(layers.PReLU()(layers.Dense(2)(x)))
    return keras.Model(images, [first, second, third], name="layered")


RUN = """(() => {
  const { networks } = forward.parse(bytes(given.content));
  const network = Object.values(networks)[0];
  const { outputs, values } = forward.forward(network, value(given.image), { keep: true });
  return { outputs, values };
})()"""


def test_every_layer_is_keras_own():
    model, image = stirred(layered()), RNG.random((15, 13, 3))
    found = node(RUN, content=packed(to_browser(model)), image=sent(image))
    wanted = model(image[np.newaxis].astype("float32"), training=False)
    for own, keras_own in zip(found["outputs"], wanted, strict=True):
        assert own["data"] == pytest.approx(np.array(keras_own).ravel(), abs=1e-5)


@pytest.mark.parametrize(("padding", "filters"), [("valid", 7), ("same", 10)])
def test_a_convolution_in_tiles_is_keras_own(padding, filters):
    images = keras.Input((17, 15, 9))
    layer = keras.layers.Conv2D(filters, 3, padding=padding)
    model, image = stirred(keras.Model(images, layer(images))), RNG.random((17, 15, 9))
    wanted = np.asarray(model(image[np.newaxis].astype("float32")))[0]
    mask = RNG.random(wanted.shape[:2]) < 0.05
    found = node(
        """(() => {
          const [layer] = Object.values(forward.parse(bytes(given.content)).networks)[0].layers;
          const run = (wanted) => forward.convolution(layer, value(given.image), wanted).data;
          return { whole: run(), part: run(given.mask), turned: "turned" in layer };
        })()""",
        content=packed(to_browser(model)),
        image=sent(image),
        mask=mask.ravel().tolist(),
    )
    assert found["turned"]  # else it was not in tiles
    assert found["whole"] == pytest.approx(wanted.ravel(), abs=1e-5)
    part = np.reshape(found["part"], wanted.shape)
    assert part[mask] == pytest.approx(wanted[mask], abs=1e-5)
    assert not part[:4, :4].any() or mask[:4, :4].any()
    assert (part == 0).any()  # what nobody wants is left out


def test_every_feature_map_of_the_classifier_is_keras_own():
    training.set_seed(0)
    model, image = models.build_classifier(), RNG.random((64, 64, 3), np.float32)
    found = node(RUN, content=packed(to_browser(model)), image=sent(image))
    maps = models.feature_maps(model, image[np.newaxis])
    for own, wanted in zip(found["values"][1:], maps, strict=True):
        wanted = np.asarray(wanted)
        assert np.prod(own["shape"]) == wanted.size
        assert own["data"] == pytest.approx(wanted.ravel(), abs=0.01)
    assert found["outputs"][0]["data"][0] == pytest.approx(
        float(model(image[None])[0, 0]), abs=0.01
    )


def test_a_face_is_found_aligned_and_embedded_as_the_package_does_it():
    from facebook_tut.pretrained import load_embedder

    photograph = skimage.data.astronaut()[20:240, 110:330]
    [wanted] = detection.detect_with_mtcnn(photograph)
    face = alignment.align(photograph, wanted.landmarks)
    chain = """(() => {
      const answer = twin.answering();
      for (const load of ["mtcnn", "face_embedder"]) answer({ load, buffer: bytes(given[load]) });
      const ask = (task, rest) => answer({ task, given: { picture: given.picture, ...rest } });
      const faces = ask("faces", {});
      const image = ask("align", { landmarks: faces[0].landmarks });
      const [embedding] = ask("embed", { images: [image] });
      return { faces, embedding, same: ask("align", { landmarks: given.landmarks }) };
    })()"""
    found = node(
        chain,
        mtcnn=packed(browser_network("mtcnn")),
        face_embedder=packed(browser_network("face_embedder")),
        picture=picture_of(photograph),
        landmarks=wanted.landmarks,
    )
    [own] = found["faces"]
    assert np.abs(np.array(own["landmarks"]) - wanted.landmarks).max() < 0.5
    assert [own["top"], own["left"], own["size"]] == pytest.approx(
        [wanted.top, wanted.left, wanted.size], abs=1
    )
    assert own["score"] == pytest.approx(wanted.score, abs=0.01)
    assert found["same"]["data"] == pytest.approx(face.ravel(), abs=1e-4)
    [row] = embed(load_embedder(), face[np.newaxis])
    assert np.dot(found["embedding"], row) > 0.995


def test_mtcnns_networks_are_the_packages_own():
    for name, side in (("pnet", 30), ("rnet", 24), ("onet", 48)):
        image = RNG.uniform(-1, 1, (side, side, 3))
        network = f"forward.parse(bytes(given.content)).networks.{name}"
        code = f"forward.forward({network}, value(given.image))"
        found = node(code, content=packed(browser_network("mtcnn")), image=sent(image))
        wanted = mtcnn_networks._compiled(name)(image[np.newaxis].astype("float32"))
        for own, each in zip(found["outputs"], wanted, strict=True):
            assert own["data"] == pytest.approx(np.array(each).ravel(), abs=0.02)


def test_pictures_are_scaled_evened_and_turned_as_in_python():
    photograph = skimage.data.astronaut()[:90, 140:240]
    grey = preprocessing.grayscale(photograph)
    patches = preprocessing.resize(grey[:60, :60], (25, 25))
    source, target = RNG.random((5, 2)), RNG.random((5, 2))
    found = node(
        """(() => {
          const plane = picture.grey(given.picture);
          const shrunk = picture.resize(plane, [37, 41]);
          const large = picture.resize(plane, [95, 130]);
          const input = picture.networkInput(value(given.patch).data);
          const turn = picture.similarity(given.source, given.target);
          const cropped = picture.crop(given.picture, [-5, 10, 80, 95], 20);
          return { shrunk, large, input, turn, cropped, sizes: search.windowSizes([480, 640]) };
        })()""",
        picture=picture_of(photograph),
        patch=sent(patches),
        source=source.tolist(),
        target=target.tolist(),
    )
    wanted = preprocessing.resize(grey, (37, 41))
    assert found["shrunk"]["data"] == pytest.approx(wanted.ravel(), abs=1e-9)
    wanted = preprocessing.resize(grey, (95, 130))
    assert found["large"]["data"] == pytest.approx(wanted.ravel(), abs=1e-9)
    wanted = preprocessing.to_network_input(patches[np.newaxis])
    assert found["input"]["data"] == pytest.approx(wanted.ravel(), abs=1e-6)
    a, b, x, y = found["turn"]
    wanted = alignment.similarity_transform(source, target)
    assert np.allclose([[a, -b, x], [b, a, y]], wanted[:2])
    wanted = alignment.crop(photograph, (-5, 10, 80, 95), 20)
    assert found["cropped"]["data"] == pytest.approx(wanted.ravel(), abs=1e-4)
    assert found["sizes"] == pytest.approx(detection.window_sizes((480, 640)))


def test_windows_are_filtered_judged_and_grouped_as_in_python():
    training.set_seed(1)
    model = models.build_classifier()
    first = cascade.PixelFilter(RNG.normal(size=(25, 25)), 0.3)
    patches = RNG.random((3, 25, 25))
    boxes = np.array([[0, 0, 10, 10], [0, 2, 10, 12], [50, 50, 60, 60], [1, 1, 11, 11.0]])
    scores = np.array([2.0, 1.0, -1.0, 0.5])
    found = node(
        """(() => {
          const network = forward.parse(bytes(given.content)).networks.face_classifier;
          const filter = { weights: value(given.weights).data, bias: 0.3 };
          const patches = given.patches.map((patch) => value(patch).data);
          const windows = given.boxes.map((box, k) => ({ box, score: given.scores[k] }));
          return {
            first: patches.map((patch) => search.filtered(filter, patch)),
            judged: patches.map((patch) => search.judgeWindow(network, patch)),
            grouped: search.group(windows, { floor: -0.5 }),
          };
        })()""",
        content=packed(to_browser(model)),
        weights=sent(first.weights),
        patches=[sent(patch) for patch in patches],
        boxes=boxes.tolist(),
        scores=scores.tolist(),
    )
    assert found["first"] == pytest.approx(first.log_odds(patches), abs=1e-6)
    judge = lambda images: np.array(model(images))[:, 0]  # noqa: E731
    assert found["judged"] == pytest.approx(cascade.window_log_odds(judge, patches), abs=0.04)
    wanted = cascade.group_log_odds(boxes, scores, floor=-0.5)
    for own, each in zip(found["grouped"], wanted, strict=True):
        assert [own[part] for part in ("top", "left", "size", "score", "votes")] == pytest.approx(
            [each.top, each.left, each.size, each.score, each.votes]
        )


def test_shared_convolutions_are_those_of_each_window_where_the_contrast_is_one():
    """In a picture that repeats itself all windows ask for one contrast, so nothing is averaged."""
    training.set_seed(1)
    tile = RNG.random((25, 25))
    plane = np.tile(tile, (3, 4))[:62, :87]  # windows of 25 pixels, so that nothing is scaled
    found = node(
        """(() => {
          const network = forward.parse(bytes(given.content)).networks.face_classifier;
          const filter = { weights: new Float64Array(625), bias: 1 }; // lets all through
          const plane = value(given.plane);
          const run = (exact) => search.searchLevel(network, filter, plane, 25, { exact });
          return { quick: run(false), slow: run(true) };
        })()""",
        content=packed(to_browser(models.build_classifier())),
        plane=sent(plane),
    )
    assert len(found["quick"]) == len(found["slow"]) == 12 * 20
    quick, slow = (np.array([one["score"] for one in found[name]]) for name in ("quick", "slow"))
    assert found["quick"][1]["box"] == [0, 3.125, 25, 28.125]
    on_the_grid = [k for k in range(len(quick)) if k % 20 % 8 == 0 and k // 20 % 8 == 0]
    assert quick[on_the_grid] == pytest.approx(slow[on_the_grid], abs=0.05)  # edges are drawn out
    assert np.abs(quick - slow).max() < 0.2


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda content: b"", "damaged"),
        (lambda content: b"<!doctype html><p>404</p>" * 9, "damaged"),
        (lambda content: content[:-1], "damaged"),
        (lambda content: content[:900] + b"?" + content[901:], "damaged"),
        (lambda content: content[:4] + b"\x02" + content[5:], "version"),
    ],
)
def test_a_file_that_is_not_whole_or_of_another_edition_is_refused(spoil, code):
    content = to_browser(models.build_embedder(8, filters=(4,)))
    found = node(
        "(() => { try { forward.parse(bytes(given.content)) } catch ({ code, message }) {"
        " return [code, message] } })()",
        content=packed(spoil(content)),
    )
    assert found[0] == code
    assert found[1].endswith(".")


def test_the_last_layer_learns_as_keras_does():
    rows, labels = RNG.normal(size=(6, 4)), [0, 1, 1, 0, 1, 0]
    found = node(
        """(() => {
          let model = { weights: new Float64Array(4), bias: 0 };
          const losses = [];
          for (let k = 0; k < 5; k++) {
            const step = twin.learningStep(model, given.rows, given.labels, { rate: 0.5 });
            ({ model } = step);
            losses.push(step.loss);
          }
          return { model, losses };
        })()""",
        rows=rows.tolist(),
        labels=labels,
    )
    layer = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    layer.set_weights([np.zeros((4, 1)), np.zeros(1)])
    layer.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    targets = np.array(labels, float)[:, None]
    losses = [float(layer.train_on_batch(rows, targets)) for _ in range(5)]
    weights, bias = layer.get_weights()
    assert found["losses"][0] == pytest.approx(losses[0], abs=1e-5)
    assert found["model"]["weights"] == pytest.approx(weights.ravel(), abs=1e-5)
    assert found["model"]["bias"] == pytest.approx(bias[0], abs=1e-5)
