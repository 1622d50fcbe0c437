"""Put chapter 8's network, trained, into the package, and write what is known of it.

The network is the last one of `benchmarks/detector.py`, seed 0: trained as in chapter 8, on richer
patches, and on its own false alarms. If the folder of checkpoints has it, it is taken from there.
The figures are those that `detector.py` recorded. What int8 changes is measured here, on the
patches of the test part.

    python benchmarks/shipped_classifier.py
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from _detector import CHAPTER, EPOCHS, MINED, RATES, RICHER, STEPS, classifier, train_or_load
from _record import CHECKPOINTS, RECORDED, as_text, describe

from facebook_tut import pretrained
from facebook_tut._files import replacing
from facebook_tut.data.patches import load_patches

SEED = 0
FOLDER = Path(pretrained.__file__).parent


def main():
    """Train or load, pack, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    help_ = "folder of what is kept"
    parser.add_argument("--checkpoints", type=Path, default=CHECKPOINTS, help=help_)
    folder = parser.parse_args().checkpoints
    folder.mkdir(parents=True, exist_ok=True)
    splits = load_patches(SEED, **CHAPTER)
    networks, stages = train_or_load(splits, SEED, folder)
    model, first = networks["bootstrapped"], stages["richer"]
    content = pretrained.pack_classifier(model, first)
    known = facts(model, content, splits.test)
    write(FOLDER / pretrained.CLASSIFIER_WEIGHTS, content)
    write(FOLDER / pretrained.CLASSIFIER_FACTS, f"{as_text(known)}\n".encode())
    print(as_text(known))


def write(path, content):
    """Write bytes, whole or not at all, over an older file."""
    with replacing(path, overwrite=True) as temporary:
        temporary.write_bytes(content)


def facts(model, content, test):
    """Return what is known of the network whose packed weights are `content`."""
    record = json.loads((RECORDED / "detector.json").read_text("utf-8"))
    found = record["steps"][STEPS[3]]["faces found"]
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "parameters": model.count_params(),
        **describe("scikit-image", "scikit-learn"),
        "trained": {
            "on": "faces and photographs of scikit-image: the training and validation parts of"
            f" data.patches.load_patches({SEED}), and what detector_patches cuts from them",
            "seed": SEED,
            "patches": CHAPTER,
            "richer": RICHER,
            "mined_per_photograph": MINED,
            "epochs": EPOCHS,
        },
        "recorded": {
            "command": record["command"],
            "date": record["date"],
            "faces_found_on_frames_of_LFW": {
                str(rate): {"this_network": found[str(rate)]["seeds"][SEED]}
                | {part: found[str(rate)][part] for part in ("mean", "low", "high")}
                for rate in RATES
            },
        },
        "int8": compared(model, pretrained.unpack_classifier(content)[0], test),
    }


def compared(model, small, test):
    """Return how far the probabilities of the packed network are from those of the trained one."""
    whole, packed = (classifier(each)(test.images) for each in (model, small))
    right = [float(np.mean((each >= 0.5) == test.labels)) for each in (whole, packed)]
    return {
        "test_patches": len(test),
        "most_probability_moved": round(float(np.abs(whole - packed).max()), 4),
        "mean_probability_moved": round(float(np.abs(whole - packed).mean()), 5),
        "decisions_changed": int(np.sum((whole >= 0.5) != (packed >= 0.5))),
        "accuracy": {"float32": round(right[0], 4), "int8": round(right[1], 4)},
    }


if __name__ == "__main__":
    main()
