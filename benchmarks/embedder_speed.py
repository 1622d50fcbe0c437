"""Measure how many faces a second the package's embedder reads on one core, next to dlib's.

A face is 112×112 pixels, 8-bit. Ours is cut to 64×64 and embedded, together with its mirror image
as `Recognizer` does it, or alone. dlib's network (King, 2017; .9938 on LFW, learned from 3 million
pictures) wants 150×150 pixels and is asked once for each face. It is the one public network that we
know whose weights come from the package index. All live in this process, on one core, and take
turns: in each, 32 faces, in 32 calls or in one.

    python benchmarks/embedder_speed.py --rounds 9
"""

import argparse
import os
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from machine import QUIET, RECORDED, busy_seconds, describe, positive, write

from facebook_tut._files import check_writable

RESULTS = RECORDED / "embedder_speed.json"
EDGE, MANY, WARM_UP = 112, 32, 2
TARGET = 100  # faces a second, one at a time


def main():
    """Measure, print the table and record it."""
    arguments = parse()
    check_writable(arguments.output, overwrite=True)
    os.sched_setaffinity(0, {arguments.core})  # before TensorFlow counts the cores
    faces = np.random.default_rng(0).integers(0, 256, (MANY, EDGE, EDGE, 3)).astype(np.uint8)
    readers = {"ours": ours(mirror=True), "without mirror": ours(mirror=False), "dlib": dlib()}
    cases = {"one at a time": faces[:, np.newaxis], f"{MANY} at a time": faces[np.newaxis]}
    record = {
        **describe("dlib-bin", "face_recognition_models"),
        "face": EDGE,
        "core": arguments.core,
        "target_faces_per_second": TARGET,
        "cases": {name: measure(readers, calls, arguments.rounds) for name, calls in cases.items()},
    }
    print(table(record))
    write(record, arguments.output)


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=positive, default=9, help="turns of each (default 9)")
    parser.add_argument("--core", type=int, default=0, help="which core (default 0)")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the JSON file to write")
    return parser.parse_args()


def ours(mirror):
    """Return a function from faces to our embeddings."""
    from facebook_tut.alignment import crop
    from facebook_tut.metric_learning import embed
    from facebook_tut.pretrained import load_embedder

    model = load_embedder()
    edge = model.input_shape[1]

    def read(faces):
        crops = np.stack([crop(face, (0, 0, EDGE, EDGE), edge) for face in faces])
        return embed(model, crops, mirror=mirror)

    return read


def dlib():
    """Return a function from faces to dlib's embeddings."""
    import dlib

    folder = Path(find_spec("face_recognition_models").origin).parent / "models"
    network = dlib.face_recognition_model_v1(
        str(folder / "dlib_face_recognition_resnet_model_v1.dat")
    )
    return lambda faces: network.compute_face_descriptor(
        [dlib.resize_image(x, 150, 150) for x in faces]
    )


def measure(readers, calls, rounds):
    """Let the readers take turns; return the median milliseconds per face, and faces a second.

    In each turn a reader is called once for every group of faces in `calls`.
    """
    times, others = {name: [] for name in readers}, []
    for number in range(WARM_UP + rounds):
        for name, read in readers.items():
            start, before = perf_counter(), busy_seconds() - process_time()
            for faces in calls:
                read(faces)
            took = perf_counter() - start
            if number >= WARM_UP:
                times[name].append(1000 * took / MANY)
                taken = busy_seconds() - process_time() - before
                others.append(max(0.0, taken / took))
    medians = {name: float(np.median(each)) for name, each in times.items()}
    return {
        "median_milliseconds_per_face": {name: round(ms, 3) for name, ms in medians.items()},
        "faces_per_second": {name: round(1000 / ms, 1) for name, ms in medians.items()},
        "cores_taken_by_others": round(float(np.median(others)), 3),
        "milliseconds_per_face": {
            name: [round(ms, 3) for ms in each] for name, each in times.items()
        },
    }


def table(record):
    """Return the record's numbers as lines of text."""
    names = [*next(iter(record["cases"].values()))["faces_per_second"]]
    lines = [f"{'faces a second':<18}" + "".join(f"{name:>16}" for name in names)]
    for name, case in record["cases"].items():
        speeds = case["faces_per_second"].values()
        lines.append(f"{name:<18}" + "".join(f"{speed:>16.1f}" for speed in speeds))
        if case["cores_taken_by_others"] > QUIET:
            lines.append(f"  {case['cores_taken_by_others']:.2f} cores were taken by others")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
