"""What a page's search finds, and how long it takes, when its first stage lets fewer through."""

import base64

import numpy as np
from _draws import estimate
from _photographs import FACE, frame_sizes, load_frames, on_face, unseen

from facebook_tut.data.lfw import load_lfw
from facebook_tut.data.patches import PHOTOGRAPHS, _photograph, load_patches
from facebook_tut.detection import Detection

SIFTS = (0, 0.5, 1)  # log-odds of the first stage above which a window goes to the network
VOTES = 5  # from which the figure draws a box at first
ROUNDS = 2000
SEED = 0  # of the split that the network was trained on
PROGRAM = """
import fs from "node:fs";
import * as twin from "%s";
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64")).buffer;
const answer = twin.answering();
answer({ load: "face_classifier", buffer: bytes(given.network) });
const clock = () => Object.values(process.cpuUsage()).reduce((a, b) => a + b) / 1000;
const found = given.sifts.map((sift) => given.planes.map(({ data, shape, sizes }) => {
  const plane = { data: Float64Array.from(new Float32Array(bytes(data))), shape };
  const before = clock();
  const windows = (sizes ?? twin.windowSizes(shape)).flatMap((size) =>
    answer({ task: "search", given: { plane, size, sift } }));
  const boxes = twin.group(windows).map(({ top, left, size, votes }) => [top, left, size, votes]);
  return { boxes, windows: windows.length, ms: clock() - before };
}));
console.log(JSON.stringify(found));
"""


def traded(in_node, twin, network, data, count):
    """Return what a search finds at each sift: faces on frames of LFW's View 1, and false alarms.

    Parameters
    ----------
    in_node : callable
        From a program and what it is given to what it prints.
    twin : str
        The address of the engine's module.
    network : bytes
        The file of the classifier.
    data : pathlib.Path
        The folder of LFW.
    count : int
        How many frames, of one person each.
    """
    frames = load_frames(load_lfw(data), 1, count)
    photographs = empty()
    planes = [{**_plane(grey), "sizes": frame_sizes(len(grey))} for grey in frames]
    planes += [_plane(grey) for grey in photographs]
    given = {
        "planes": planes,
        "sifts": SIFTS,
        "network": base64.b64encode(network).decode(),
    }
    answers = in_node(PROGRAM % twin, given)
    own = [votes_of(answer[: len(frames)], frames) for answer in answers]
    alarms = [[_boxes(one) for one in answer[len(frames) :]] for answer in answers]
    megapixels = np.array([grey.size / 1e6 for grey in photographs])
    return {
        "frames": len(frames),
        "photographs_without_a_face": len(photographs),
        "megapixels_without_a_face": round(float(megapixels.sum()), 3),
        "votes": VOTES,
        "sifts": {
            str(sift): {
                **shares(own[k], own[0]),
                **alarm_rates(alarms[k], megapixels),
                "windows_judged": sum(one["windows"] for one in answers[k]),
                "cpu_seconds": round(sum(one["ms"] for one in answers[k]) / 1000, 2),
            }
            for k, sift in enumerate(SIFTS)
        },
    }


def empty():
    """Return photographs without a face that the shipped network has not seen, in grey."""
    splits = load_patches(SEED, hard_per_photograph=1, random_per_photograph=0, copies=0)
    held_out = [name for name in PHOTOGRAPHS if name in set(splits.test.sources)]
    return [*map(_photograph, held_out), *unseen().values()]


def _plane(grey):
    data = base64.b64encode(np.ascontiguousarray(grey, np.float32).tobytes()).decode()
    return {"data": data, "shape": list(grey.shape)}


def _boxes(answer):
    return [Detection(top, left, size, 1, votes) for top, left, size, votes in answer["boxes"]]


def votes_of(answers, frames):
    """Return for each frame the most votes of a box on its face, 0 if there is none."""
    best = []
    for answer, grey in zip(answers, frames, strict=True):
        found = _boxes(answer)
        right = on_face(found, np.array(FACE) * len(grey))
        best.append(max([d.votes for d, r in zip(found, right, strict=True) if r], default=0.0))
    return np.array(best)


def shares(own, first):
    """Return the share of faces that are found, and how it differs; intervals resample people."""
    draws = np.random.default_rng(0).integers(len(own), size=(ROUNDS, len(own)))
    result = {}
    for name, least in (("any votes", 0), (f"{VOTES} votes", VOTES)):
        found, before = own > least, first > least
        change = found.astype(float) - before
        result[f"faces found, {name}"] = estimate(found.mean(), found[draws].mean(1))
        result[f"change, {name}"] = estimate(change.mean(), change[draws].mean(1))
    return result


def alarm_rates(alarms, megapixels):
    """Return false alarms per megapixel; the interval resamples photographs."""
    draws = np.random.default_rng(0).integers(len(alarms), size=(ROUNDS, len(alarms)))
    result = {}
    for name, least in (("any votes", 0), (f"{VOTES} votes", VOTES)):
        counts = np.array([sum(one.votes >= least for one in boxes) for boxes in alarms])
        rates = counts[draws].sum(1) / megapixels[draws].sum(1)
        result[f"alarms per megapixel, {name}"] = estimate(counts.sum() / megapixels.sum(), rates)
    return result
