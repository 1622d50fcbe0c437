"""Replace the network that ships, and measure it.

`--pack FILE` puts the network in place that `python benchmarks/lfw --method student --view 1` left
in the checkpoints and recorded. Without it, the network in place is measured: on people whom it
never met, where photographs are spoiled, then as one who counts, as one who watches, in other
forms, and against the clock next to dlib. Each measurement is a script of its own and can be run
alone. After each, `face_embedder.json` and the card in `facebook_tut/pretrained/` are written anew;
`--facts` does only that, as after a change of the card's words in `benchmarks/model_card.md`.

    python benchmarks/shipped.py --pack benchmarks/checkpoints/view1_student.keras
    python benchmarks/shipped.py --data folder/with/lfw
"""

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from _shipped import FOLDER, TRAINED, load, refresh, stale

from facebook_tut import pretrained
from facebook_tut._files import replacing

HERE = Path(__file__).resolve().parent
ON_LFW = ("face_embedder", "spoiled", "counting", "watch_list", "embedder_formats")


def main():
    """Pack, or measure, or only write the facts and the card."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--pack", type=Path, metavar="FILE", help="a .keras file to put in place")
    add("--data", type=Path, help="the folder of LFW (default: as data.lfw.load_lfw finds it)")
    add("--facts", action="store_true", help="write the facts and the card, measure nothing")
    arguments = parser.parse_args()
    if arguments.pack:
        pack(arguments.pack)
    elif not arguments.facts:
        measure(["--data", str(arguments.data)] if arguments.data else [])
    if left := stale(refresh()):
        print(f"still of another network, until measured: {', '.join(left)}")


def pack(path):
    """Put a network into the package, if it is the one that was recorded."""
    from facebook_tut.models import load_model

    model, wanted = load_model(path), load(TRAINED)["parameters"]
    if model.count_params() != wanted:
        raise ValueError(
            f"{path} must have the {wanted:,} parameters of the record {TRAINED}, got"
            f" {model.count_params():,}"
        )
    with replacing(FOLDER / pretrained.WEIGHTS, overwrite=True) as temporary:
        temporary.write_bytes(pretrained.pack(model))


def measure(data):
    """Run every measurement of the network in place; `data` are the options that name LFW."""
    if find_spec("dlib") is None:
        sys.exit('dlib is missing: pip install "facebook_tut[bench]"')
    for name in ON_LFW:
        run(name, *data)
        refresh()  # the next reads the threshold
    run("embedder_speed")


def run(name, *words):
    """Run another benchmark in a process of its own."""
    subprocess.run([sys.executable, HERE / f"{name}.py", *words], check=True)


if __name__ == "__main__":
    main()
