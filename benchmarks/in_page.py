"""The networks that run in a page: what they weigh, how long they take, how near Keras they are.

In Chromium, through the engine that figures use: one face through the shipped embedder, with and
without its mirror image, and through chapter 8's classifier; MTCNN on scikit-image's astronaut; the
detector over her photograph at 640×480. The same in node, as time of the processor, which other
programs on the machine lengthen less. With `--libraries`, a folder into which
`npm install @tensorflow/tfjs-backend-wasm onnxruntime-web @litertjs/core` was run, also the weight
of these libraries, and the two networks through TensorFlow.js, whose WebAssembly uses SIMD.

Agreement with Keras is that of probabilities, landmarks, and cosines: between the astronaut and
faces of scikit-image's LFW. Memory is that of the process that shows the page, for each of the two
figures. With `--data`, also what the search finds when its first stage lets fewer windows through:
faces on frames of LFW's View 1, and false alarms on photographs without a face.

    python benchmarks/in_page.py --data folder/with/lfw
"""

import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import skimage.data
from _page_memory import FIGURES, memory
from _record import options, positive, run
from _sifted import traded
from PIL import Image
from playwright.sync_api import sync_playwright

from facebook_tut import _live, pretrained
from facebook_tut.alignment import align
from facebook_tut.detection import detect_with_mtcnn
from facebook_tut.export.browser import NAMES, browser_network
from facebook_tut.metric_learning import embed
from facebook_tut.preprocessing import to_network_input

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "extensions"))
import chromium
from live_figures import drawn

NETWORK = _live.FOLDER / "network"
SITE = "http://book.test/"
PHOTOGRAPH = (640, 480)  # width and height of what is searched
FACES = 40  # of lfw_subset, and as many non-faces
PEOPLE = 10  # of lfw_subset, compared with the astronaut and with each other
# Both measure the same tasks: `ask` is the engine's in Chromium, and the twin's in node.
TASKS = """
const value = ({ data, shape }) => ({ data: Float32Array.from(data), shape });
const face = value(given.face), patches = given.patches.map(value);
const picture = ({ data, ...sides }) => ({ ...sides, data: Uint8ClampedArray.from(data) });
const [portrait, photograph] = [picture(given.portrait), picture(given.photograph)];
const tasks = {
  embed: () => ask("embed", { images: [face], mirror: false }),
  "embed, with mirror image": () => ask("embed", { images: [face] }),
  classify: () => ask("classify", { image: patches[0] }),
  "faces, 512×512": () => ask("faces", { picture: portrait }),
  "search, 640×480": () => search(photograph),
};
const answers = { times: {} };
for (const [name, task] of Object.entries(tasks)) {
  await task();
  const rounds = name.includes("search") ? 3 : given.rounds;
  const times = [];
  for (let k = 0; k < rounds; k++) {
    const before = clock();
    await task();
    times.push(clock() - before);
  }
  answers.times[name] = times;
}
answers.probabilities = [];
for (const image of patches)
  answers.probabilities.push((await ask("classify", { image })).probability);
answers.embeddings = (await ask("embed", { images: given.faces.map(value) })).map((e) => [...e]);
answers.found = (await ask("faces", { picture: portrait }))[0].landmarks;
answers.windows = (await search(photograph)).length;
"""
CHROMIUM = """async (text) => {
const given = JSON.parse(text); // much quicker than what playwright does with an object
const engine = openEngine({});
await engine.load(given.names);
const [ask, search, clock] = [engine.ask, engine.search, () => performance.now()];
%s
engine.close();
return answers;
}"""
NODE = """
import fs from "node:fs";
import * as twin from "%s";
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const answer = twin.answering();
for (const [load, text] of Object.entries(given.networks)) {
  const bytes = Buffer.from(text, "base64");
  answer({ load, buffer: new Uint8Array(bytes).buffer });
}
const ask = async (task, given) => answer({ task, given });
async function search(picture, options) {
  const plane = twin.grey(picture);
  const sizes = twin.windowSizes(plane.shape);
  const levels = sizes.map((size) => ask("search", { plane, size, ...options }));
  return (await Promise.all(levels)).flat();
}
const clock = () => Object.values(process.cpuUsage()).reduce((a, b) => a + b) / 1000;
%s
console.log(JSON.stringify(answers));
"""
TENSORFLOW = """
import fs from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import { parse } from "%s";
wasm.setWasmPaths("./node_modules/@tensorflow/tfjs-backend-wasm/dist/");
await tf.setBackend("wasm");
const given = JSON.parse(fs.readFileSync(0, "utf8"));
function network(name) {
  const bytes = Buffer.from(given.networks[name], "base64");
  const { layers } = parse(new Uint8Array(bytes).buffer).networks[name];
  for (const layer of layers) if (layer.kernel) {
    const { kernel, scale, bias } = layer;
    const whole = Float32Array.from(kernel, (w, i) => w * scale[i %% bias.length]);
    layer.held = [tf.tensor(whole, layer.shape), tf.tensor1d(layer.bias)];
  }
  const kinds = {
    rescale: (l, x) => tf.add(tf.mul(x, l.scale), l.offset),
    convolution: (l, x) => tf.add(tf.conv2d(x, l.held[0], l.stride, l.padding), l.held[1]),
    max_pool: (l, x) => tf.maxPool(x, l.size, l.stride, l.padding),
    dense: (l, x) => tf.add(tf.matMul(x, l.held[0]), l.held[1]),
    flatten: (_, x) => tf.reshape(x, [x.shape[0], -1]),
    add: (_, x, y) => tf.add(x, y),
    relu: (_, x) => tf.relu(x),
    sigmoid: (_, x) => tf.sigmoid(x),
    unit_length: (_, x) => tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true))),
  };
  return (image) => tf.tidy(() => {
    const values = [image];
    for (const layer of layers) {
      const made = kinds[layer.kind](layer, ...layer.of.map((k) => values[k]));
      values.push(layer.activation ? kinds[layer.activation](null, made) : made);
    }
    return values.at(-1);
  });
}
const image = tf.tensor4d(given.face.data, [1, 64, 64, 3]), both = tf.concat([image, image]);
const [embedder, classifier] = [network("face_embedder"), network("face_classifier")];
const clock = () => Object.values(process.cpuUsage()).reduce((a, b) => a + b) / 1000;
const times = {};
const tasks = { embed: () => embedder(image), "embed, with mirror image": () => embedder(both),
  classify: () => classifier(image) };
for (const [name, task] of Object.entries(tasks)) {
  await task().data();
  times[name] = [];
  for (let k = 0; k < given.rounds; k++) {
    const before = clock();
    await task().data();
    times[name].push(clock() - before);
  }
}
console.log(JSON.stringify({ times }));
"""
WEIGHT = {
    "TensorFlow.js, WebAssembly": (
        "@tensorflow/tfjs-core/dist/tf-core.min.js",
        "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js",
        "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
    ),
    "ONNX Runtime Web": (
        "onnxruntime-web/dist/ort.wasm.min.js",
        "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
    ),
    "LiteRT for the web": (
        "@litertjs/core/wasm/litert_wasm_internal.js",
        "@litertjs/core/wasm/litert_wasm_internal.wasm",
    ),
}


def main():
    """Measure, print and record."""
    parser = options(__doc__, "in_page")
    parser.add_argument("--data", type=Path, help="the folder of LFW; without it nothing is sifted")
    parser.add_argument("--frames", type=positive, default=150, help="of LFW, of as many people")
    parser.add_argument("--rounds", type=positive, default=15)
    parser.add_argument("--photographs", type=positive, default=50, help="of the memory's check")
    parser.add_argument("--libraries", type=Path, help="a folder with node_modules")
    run(parser.parse_args(), measure, table, "scikit-image", "playwright")


def measure(arguments):
    """Return weights, times and agreement."""
    portrait = skimage.data.astronaut()
    width, height = PHOTOGRAPH
    photograph = np.asarray(Image.fromarray(portrait).resize((width, width)))[:height]
    [wanted] = detect_with_mtcnn(portrait)
    face = align(portrait, wanted.landmarks)
    faces = [face, *to_network_input(skimage.data.lfw_subset()[:PEOPLE])]
    patches = to_network_input(skimage.data.lfw_subset()[[*range(FACES), *range(-FACES, 0)]])
    given = {
        "names": NAMES,
        "rounds": arguments.rounds,
        "face": _value(face),
        "faces": [_value(one) for one in faces],
        "patches": [_value(patch) for patch in patches],
        "portrait": _picture(portrait),
        "photograph": _picture(photograph),
    }
    version, page = in_chromium(given)
    encoded = {name: base64.b64encode(browser_network(name)).decode() for name in NAMES}
    twin = (NETWORK / "twin.js").as_uri()
    node = in_node(NODE % (twin, TASKS), {**given, "networks": encoded})
    probabilities = pretrained.load_classifier().predict(patches, verbose=0)[:, 0]
    embeddings = embed(pretrained.load_embedder(), np.stack(faces))  # (N, 256)
    own = np.array(page["embeddings"])
    between = np.abs(own @ own.T - embeddings @ embeddings.T)  # of cosines
    off = np.abs(np.array(page["found"]) - wanted.landmarks)
    found = {
        "browser": version,
        "bytes": {"engine": engine_bytes()} | {name: len(browser_network(name)) for name in NAMES},
        "median_ms_in_chromium": medians(page),
        "median_cpu_ms_in_node": medians(node),
        "windows_judged": page["windows"],
        "agreement": {
            "patches": len(patches),
            "most_probability_off": float(np.abs(page["probabilities"] - probabilities).max()),
            "cosine": float(np.dot(own[0], embeddings[0])),
            "people": len(faces),
            "most_cosine_off": float(between.max()),
            "most_landmark_off_pixels": float(off.max()),
        },
    }
    found["mib_of_the_page"] = memories(arguments.photographs)
    if arguments.data:
        classifier = browser_network("face_classifier")
        found["sifted"] = traded(in_node, twin, classifier, arguments.data, arguments.frames)
    if arguments.libraries:
        found["libraries"] = libraries(arguments.libraries, {**given, "networks": encoded})
    return json.loads(json.dumps(found), parse_float=lambda text: float(f"{float(text):.5g}"))


def memories(count):
    """Return the memory that each figure needs, with so many photographs one after the other."""
    from facebook_tut import interactive

    found = {}
    for name in FIGURES:
        html = drawn(getattr(interactive, name)()._repr_html_())
        with sync_playwright() as playwright:
            browser = chromium.launch(playwright, "--disable-gpu")
            found[name] = memory(browser, _answer, name, html, few=max(1, count // 10), many=count)
            browser.close()
    return found


def engine_bytes():
    """Return how many bytes a figure's script grows by when it imports the engine."""
    with tempfile.TemporaryDirectory() as folder:
        (plain := Path(folder) / "plain.js").write_text("", "utf-8")
        return len(_live.script(_figure(folder)).encode()) - len(_live.script(plain).encode())


def _figure(folder):
    path = Path(folder) / "figure.js"
    source = f'import {{ openEngine }} from "{NETWORK / "engine.js"}";\n'
    path.write_text(f"{source}globalThis.openEngine = openEngine;\n", "utf-8")
    return path


def in_chromium(given):
    """Return the browser's version, and what the tasks answer and how long they take there."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.route("**/*", _answer)
        page.goto(SITE)
        page.add_script_tag(content=_live.script(_figure(folder)), type="module")
        page.wait_for_function("globalThis.openEngine")
        answers = page.evaluate(CHROMIUM % TASKS, json.dumps(given))
        version = browser.version
        browser.close()
    return version, answers


def _answer(route):
    name = route.request.url.rpartition("/")[2].removesuffix(".bin")
    if name in NAMES:
        route.fulfill(body=browser_network(name), content_type="application/octet-stream")
    else:
        route.fulfill(body="<!doctype html><title>in_page</title>", content_type="text/html")


def in_node(program, given, folder=None):
    """Return what a program prints."""
    command = ["node", "--input-type=module", "--eval", program]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, encoding="utf-8", cwd=folder
    )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def libraries(folder, given):
    """Return what libraries weigh, and how long TensorFlow.js takes."""
    modules = folder / "node_modules"
    weight = {
        name: sum((modules / path).stat().st_size for path in paths)
        for name, paths in WEIGHT.items()
    }
    packages = ("@tensorflow/tfjs-backend-wasm", "onnxruntime-web", "@litertjs/core")
    return {
        "versions": {
            name: json.loads((modules / name / "package.json").read_text("utf-8"))["version"]
            for name in packages
        },
        "bytes": weight,
        "median_cpu_ms_in_node": {
            "TensorFlow.js, WebAssembly": medians(
                in_node(TENSORFLOW % (NETWORK / "forward.js").as_uri(), given, folder)
            )
        },
    }


def medians(answers):
    """Return the median time of each task."""
    return {name: float(np.median(times)) for name, times in answers["times"].items()}


def _value(array):
    return {"data": array.ravel().tolist(), "shape": list(array.shape)}


def _picture(photograph):
    photograph = np.dstack([photograph, np.full(photograph.shape[:2], 255, np.uint8)])
    height, width = photograph.shape[:2]
    return {"width": width, "height": height, "data": photograph.ravel().tolist()}


def table(record):
    """Return times and weights as Markdown."""
    other = record.get("libraries", {}).get("median_cpu_ms_in_node", {})
    lines = [f"| task | Chromium, ms | node, CPU ms |{''.join(f' {name} |' for name in other)}"]
    lines.append(f"| --- | --- | --- |{' --- |' * len(other)}")
    for name, wall in record["median_ms_in_chromium"].items():
        cpu = record["median_cpu_ms_in_node"][name]
        more = "".join(f" {times.get(name, '–')} |" for times in other.values())
        lines.append(f"| {name} | {wall:.0f} | {cpu:.0f} |{more}")
    weights = record["bytes"] | record.get("libraries", {}).get("bytes", {})
    lines += ["", *(f"{name}: {count:,} bytes" for name, count in weights.items())]
    lines += ["", str(record["agreement"]), "", str(record["mib_of_the_page"]), ""]
    lines += [
        f"sift {sift}: {told}"
        for sift, told in record.get("sifted", {"sifts": {}})["sifts"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
