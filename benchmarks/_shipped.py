"""What is known of the network that ships, put together from what was recorded, and its card.

`facts` reads the packed weights, the record of their training and those of their measurements.
`card` fills them into the card's words, `model_card.md` beside this file. Nothing is typed.
"""

import hashlib
import io
import json
from pathlib import Path

import _record
import numpy as np

from facebook_tut import pretrained
from facebook_tut._files import replacing

FOLDER = Path(pretrained.__file__).parent
WORDS = Path(__file__).with_name("model_card.md")
TRAINED, MEASURED = "lfw_view1_student", ("face_embedder", "counting", "embedder_speed")
OF_A_CONDITION = ("mean", "standard_error", "wilson_interval", "pairs_not_found", "at_threshold")
OF_A_CASE = ("median_milliseconds_per_face", "faces_per_second")


def facts(content):
    """Return all that is known of the network whose packed weights are `content`."""
    trained, pairs, counting, speed = map(load, (TRAINED, *MEASURED))
    recipe, [training] = trained["recipe"], trained["trainings"]
    with np.load(io.BytesIO(content)) as file:
        parameters = sum(file[name].size for name in file.files)
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "parameters": parameters,
        "layout": {name: recipe[name] for name in ("dimensions", "blocks", "dropout")},
        "thresholds": {"verify": pairs["threshold"], "count": counting["threshold"]},
        "training": {
            **{name: training[name] for name in ("people", "images", "seconds")},
            **{name: recipe[name] for name in ("epochs", "batch_size", "learning_rate")},
            "cores": trained["machine"]["cores"],
        },
        **{name: pairs[name] for name in ("people", "photos", "genuine_pairs", "impostor_pairs")},
        **{name: pairs[name] for name in ("auc", "operating_points", "groups", "differences")},
        "conditions": {
            name: {key: one[key] for key in OF_A_CONDITION}
            for name, one in pairs["conditions"].items()
        },
        "speed": {
            case: {key: one[key] for key in OF_A_CASE} for case, one in speed["cases"].items()
        },
        "records": {name: origin(load(name)) for name in (TRAINED, *MEASURED)},
    }


def load(name):
    """Return a record."""
    return json.loads((_record.RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def origin(record):
    """Return how a record was made, when, and of which network."""
    return {name: record[name] for name in ("command", "date", "sha256") if name in record}


def stale(found):
    """Return the names of the records that are of another network."""
    records = found["records"].items()
    return [name for name, one in records if one.get("sha256", found["sha256"]) != found["sha256"]]


def card(found):
    """Return the card: its words, with the facts filled in."""
    derived = {
        "megabytes": found["bytes"] / 1e6,
        "minutes": found["training"]["seconds"] / 60,
        "points_table": points_table(found["operating_points"]),
        "conditions_table": conditions_table(found["conditions"]),
        "groups_table": groups_table(found["groups"]),
    }
    return WORDS.read_text(encoding="utf-8").format(**found, **derived)


def points_table(points):
    """Return the operating points as Markdown."""
    lines = ["| FAR | TAR (95 % interval) | threshold |", "| --- | --- | --- |"]
    for far, point in points.items():
        low, high = point["tar"]["interval"]
        tar = f"{point['tar']['value']:.3f} ({low:.3f} to {high:.3f})"
        lines.append(f"| {far} | {tar} | {point['threshold']:.2f} |")
    return "\n".join(lines)


def conditions_table(conditions):
    """Return what each condition costs as Markdown."""
    lines = ["| second photograph | accuracy | genuine pairs rejected | impostors accepted |"]
    lines.append("| --- | --- | --- | --- |")
    for name, one in conditions.items():
        fnmr, fmr = (one["at_threshold"][kind]["value"] for kind in ("fnmr", "fmr"))
        lines.append(f"| {name} | {one['mean']:.3f} | {fnmr:.1%} | {fmr:.1%} |")
    return "\n".join(lines)


def groups_table(groups):
    """Return the errors of each group as Markdown."""
    lines = ["| third by | genuine pairs rejected | impostors accepted |", "| --- | --- | --- |"]
    for name, thirds in groups.items():
        for word, one in zip(("low", "middle", "high"), thirds, strict=True):
            fnmr, fmr = (one[kind]["value"] for kind in ("fnmr", "fmr"))
            lines.append(f"| {name}, {word} | {fnmr:.1%} | {fmr:.3%} |")
    return "\n".join(lines)


def refresh():
    """Write the facts and the card beside the packed weights; return the facts."""
    found = facts((FOLDER / pretrained.WEIGHTS).read_bytes())
    texts = {pretrained.FACTS_FILE: _record.as_text(found) + "\n", "MODEL_CARD.md": card(found)}
    for name, text in texts.items():
        with replacing(FOLDER / name, overwrite=True) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return found
