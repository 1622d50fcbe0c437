"""Measure how many faces a second the package's embedder reads on one core, next to dlib's.

A face is 112×112 pixels, 8-bit. Ours is cut to 64×64 and embedded, together with its mirror image
as `Recognizer` does it, or alone. dlib's network (King, 2017; .9938 on LFW, learned from 3 million
pictures) wants 150×150 pixels and is asked once for each face. It is the one public network that we
know whose weights come from the package index. All live in this process, on one core, and take
turns: in each, 32 faces, in 32 calls or in one.

    python benchmarks/embedder_speed.py --rounds 9
"""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from _machine import QUIET
from _record import options, positive, run
from _turns import take_turns

from facebook_tut import pretrained

EDGE, MANY = 112, 32
TARGET = 100  # faces a second, one at a time


def main():
    """Measure, print the table and record it."""
    parser = options(__doc__, "embedder_speed")
    parser.add_argument("--rounds", type=positive, default=9, help="turns of each (default 9)")
    parser.add_argument("--core", type=int, default=0, help="which core (default 0)")
    run(parser.parse_args(), measure, table, "dlib-bin", "face_recognition_models")


def measure(arguments):
    """Return the speeds, one face at a time and many at a time."""
    os.sched_setaffinity(0, {arguments.core})  # before TensorFlow counts the cores
    faces = np.random.default_rng(0).integers(0, 256, (MANY, EDGE, EDGE, 3)).astype(np.uint8)
    readers = {"ours": ours(mirror=True), "without mirror": ours(mirror=False), "dlib": dlib()}
    cases = {"one at a time": faces[:, np.newaxis], f"{MANY} at a time": faces[np.newaxis]}
    return {
        "sha256": pretrained.SHA256,
        "face": EDGE,
        "core": arguments.core,
        "target_faces_per_second": TARGET,
        "cases": {
            name: take_turns(readers, calls, arguments.rounds) for name, calls in cases.items()
        },
    }


def ours(mirror):
    """Return a function from faces to our embeddings."""
    from facebook_tut.alignment import crop
    from facebook_tut.metric_learning import embed

    model = pretrained.load_embedder()
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
