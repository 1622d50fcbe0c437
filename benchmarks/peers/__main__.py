"""Measure what a user could pick on the same faces: our network, Fisher vectors, dlib, eigenfaces.

Our network, our Fisher vectors and eigenfaces learned from the people of LFW's View 1 training
list and nobody else; for View 2, Fisher vectors and eigenfaces learned from the other folds. Ours
were chosen on View 1, which flatters them a little there. Our network is not scored on View 2:
1,689 of the people that it learned from stand there. dlib's network learned from some three million
photographs of 7,485 people: FaceScrub, VGG-Face and others from the web. Its author writes that he
left out LFW's people; nobody has published a check, so it may have met some of those it is measured
on, and photographs of the press that are in LFW.

- View 1 and View 2: LFW's pairs, the threshold of each fold chosen on the others. The scores of
  Fisher vectors and eigenfaces are those of `lfw_view1.json` and `lfw_view2.json`.
- The same pairs behind a detector, the same for all and each one's own: faces that are not found
  are rejections. In View 2, with `--frames`, dlib behind its own alone.
- All pairs among the first three photographs of each person of View 1's test list. The threshold
  for an FMR of one in a thousand comes from there, for all that follows.
- Spoiled: first with second photographs of people with a genuine pair in View 1; the second one
  spoiled, or both alike. Each cause of `corruption.SEVERITIES` in its last step but one, and no
  colour at all.
- A watch list, as in `watch_list.py`, and counting, as in `counting.py`.
- Stolen templates: faces are made of them as in `benchmarks/privacy`, and all systems look.

But for the second, all systems see LFW's own alignment. Fisher vectors, whose encoder is not kept,
take part in the pairs of both views only. Intervals draw people, 1,000 times, all systems alike;
differences are paired. In View 1 and View 2 the thresholds of the folds stay what they are.
Embeddings are kept in files; an interrupted run goes on. It needs ``pip install
"facebook_tut[dlib]"``, and writes dlib's thresholds beside `embedders.dlib_network` too.

    python benchmarks/peers --data folder/with/lfw
"""

import hashlib
import json
import sys
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # the folder that holds this package

from _record import CHECKPOINTS, RECORDED, as_text, describe, kept, options, positive, run
from lfw.people import test_photos
from lfw.protocol import plan

from facebook_tut import pretrained
from facebook_tut._files import replacing
from facebook_tut.data.lfw import load_lfw
from facebook_tut.embedders import dlib_network
from peers.conditions import choose_people, measure_conditions
from peers.counting import MOST, measure_counting
from peers.everybody import measure_all_pairs, measure_distance
from peers.finding import SYSTEMS as DETECTED
from peers.finding import UNMET, measure_finding
from peers.inverting import measure_inverting
from peers.rows import Rows
from peers.systems import Dlib, Eigenfaces, Shipped
from peers.table import table
from peers.views import measure_view, view_2
from peers.watch_list import measure_lists

SYSTEMS = {"shipped": Shipped, "dlib": Dlib, "eigenfaces": Eigenfaces}


def main():
    """Measure, print and record; write down dlib's thresholds."""
    parser = options(__doc__, "peers", data=True, kept=CHECKPOINTS / "peers")
    parser.add_argument(
        "--spoiled", type=positive, default=300, help="people whose photographs are spoiled (300)"
    )
    parser.add_argument("--streams", type=positive, default=60, help="of each size (default 60)")
    help_ = "leave dlib out of View 2, which takes most of the time"
    parser.add_argument("--quick", action="store_true", help=help_)
    help_ = "put View 2 behind dlib's own detector too, which takes half an hour"
    parser.add_argument("--frames", action="store_true", help=help_)
    help_ = "put View 2 behind dlib's own detector, and keep all else of the file"
    parser.add_argument("--only-frames", action="store_true", help=help_)
    arguments = parser.parse_args()
    measured = with_frames if arguments.only_frames else compare
    run(arguments, measured, table, "dlib-bin", "face_recognition_models", "scikit-learn", "pillow")
    if arguments.output == parser.get_default("output"):
        write_facts(json.loads(arguments.output.read_text(encoding="utf-8")))


def compare(arguments):
    """Return the figures of all systems."""
    data = load_lfw(arguments.data)
    [experiment] = plan(data, view=1)
    systems = {name: make(data, arguments.checkpoints) for name, make in SYSTEMS.items()}
    photos = sorted({*test_photos(data, experiment, MOST), *experiment.pairs.photos})
    seen = {name: Rows(photos, system.rows(photos)) for name, system in systems.items()}
    everywhere, thresholds = measure_all_pairs(seen, test_photos(data, experiment))
    people = choose_people(experiment.pairs, arguments.spoiled)
    counted = measure_counting(seen, test_photos(data, experiment, MOST), arguments.streams)
    folds, ours = plan(data, view=2), {name: seen[name] for name in ("shipped", "dlib")}
    dlib = {} if arguments.quick else {"dlib": view_2(systems["dlib"], folds, seen["dlib"])}
    behind = partial(measure_finding, data, arguments.checkpoints)
    return {
        "data_fingerprint": data.fingerprint,
        "fingerprints": {
            "shipped": pretrained.SHA256,
            "dlib": systems["dlib"].embedder.fingerprint,
        },
        "about": " ".join(__doc__.split("\n\n")[1].split()),
        "all_pairs": everywhere,
        "distance": measure_distance(systems["dlib"], photos, test_photos(data, experiment)),
        "view1": measure_view(1, [experiment], ours),
        "view2": measure_view(2, folds, dlib),
        "detected": {
            "view1": behind([experiment], DETECTED),
            "view2": behind(folds, UNMET) if arguments.frames else {},
        },
        "conditions": measure_conditions(systems, people, thresholds),
        "watch_list": measure_lists(seen, test_photos(data, experiment, 2), thresholds),
        "counting": counted,
        "inverting": kept(
            arguments.checkpoints / f"inverting_{digest(data, systems, thresholds)}.json",
            lambda: measure_inverting(data, systems, seen, thresholds),
        ),
    }


def with_frames(arguments):
    """Return the figures of the file, with those of View 2 behind dlib's own detector."""
    record = json.loads(arguments.output.read_text(encoding="utf-8"))
    data = load_lfw(arguments.data)
    found = measure_finding(data, arguments.checkpoints, plan(data, view=2), UNMET)
    made_by = describe("dlib-bin", "face_recognition_models")
    record["detected"]["view2"] = {**made_by, **found}  # all else says which run made it
    return record


def digest(data, systems, thresholds):
    """Return what tells apart the templates that are stolen, and how they are judged."""
    told = [data.fingerprint, [system.key for system in systems.values()], thresholds]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def write_facts(record):
    """Write dlib's thresholds where `embedders.DlibEmbedder` reads them."""
    facts = {
        "fingerprint": record["fingerprints"]["dlib"],
        "thresholds": {
            "verify": record["all_pairs"]["thresholds"]["dlib"],
            "count": record["counting"]["systems"]["dlib"]["threshold"],
        },
        "records": {"peers": {name: record[name] for name in ("command", "date")}},
    }
    path = RECORDED.parent / "embedders" / dlib_network.FACTS_FILE
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text(as_text(facts) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
