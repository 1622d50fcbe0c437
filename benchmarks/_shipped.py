"""What is known of the network that ships, put together from what was recorded, and its card.

`facts` reads the packed weights, the record of their training and those of their measurements.
`card` fills them into the card's words, `model_card.md` beside this file. Nothing is typed.
"""

import hashlib
import io
import json
from pathlib import Path
from types import SimpleNamespace

import _record
import numpy as np

from facebook_tut import pretrained
from facebook_tut._files import replacing
from facebook_tut.metric_learning import fingerprint

FOLDER = Path(pretrained.__file__).parent
WORDS = Path(__file__).with_name("model_card.md")
TRAINED, MEASURED = "lfw_view1_student", ("face_embedder", "spoiled", "counting", "embedder_speed")
OF_A_CONDITION = ("mean", "standard_error", "wilson_interval", "pairs_not_found", "at_threshold")
OF_THE_SPOILED = ("people", "photos", "conditions", "conditions_beyond", "refused_as_found")
OF_A_CASE = ("median_milliseconds_per_face", "faces_per_second")


def facts(content):
    """Return all that is known of the network whose packed weights are `content`."""
    trained, pairs, spoiled, counting, speed = map(load, (TRAINED, *MEASURED))
    recipe, [training] = trained["recipe"], trained["trainings"]
    with np.load(io.BytesIO(content)) as file:
        weights = [file[name].astype(np.float32) for name in file.files]
    parameters = sum(weight.size for weight in weights)
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "fingerprint": fingerprint(SimpleNamespace(get_weights=lambda: weights)),
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
        "limits": spoiled["limits"],
        "spoiled": {name: spoiled[name] for name in OF_THE_SPOILED},
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
        "both_table": both_table(found["spoiled"]["conditions"]),
        "limits_table": limits_table(found["limits"]),
        "refused_table": refused_table(found["spoiled"]),
        "beyond": ", ".join(found["spoiled"]["conditions_beyond"]) or "none of them",
        "as_found": per_cent(found["spoiled"]["refused_as_found"], 1),
        "groups_table": groups_table(found["groups"]),
    }
    return WORDS.read_text(encoding="utf-8").format(**found, **derived)


def points_table(points):
    """Return the operating points as Markdown."""
    lines = ["| FMR | genuine pairs accepted (95 % interval) | threshold |", "| --- | --- | --- |"]
    for far, point in points.items():
        low, high = point["tar"]["interval"]
        tar = f"{point['tar']['value']:.3f} ({low:.3f} to {high:.3f})"
        lines.append(f"| {far} | {tar} | {point['threshold']:.2f} |")
    return "\n".join(lines)


def conditions_table(conditions):
    """Return what each condition costs on the 1,000 pairs as Markdown."""
    lines = ["| second photograph | accuracy | genuine pairs rejected | impostors accepted |"]
    lines.append("| --- | --- | --- | --- |")
    for name, one in conditions.items():
        fnmr, fmr = (one["at_threshold"][kind]["value"] for kind in ("fnmr", "fmr"))
        lines.append(f"| {name} | {one['mean']:.3f} | {fnmr:.1%} | {fmr:.1%} |")
    return "\n".join(lines)


def both_table(conditions):
    """Return FMR and FNMR on all pairs, one photograph altered and both, as Markdown."""
    lines = ["| condition | FMR, one | FNMR, one | FMR, both | FNMR, both |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for name, one in conditions.items():
        cells = [in_words(one.get(s), kind) for s in ("one", "both") for kind in ("fmr", "fnmr")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def in_words(rates, kind):
    """Return a rate with its interval in per cent, or a dash where there is none."""
    if not rates or not rates[kind]:
        return "–"
    return per_cent(rates[kind], 2 if kind == "fmr" else 0)


def per_cent(one, digits):
    """Return a share with its interval in per cent, without the sign."""
    value, low, high = (f"{100 * x:.{digits}f}" for x in (one["value"], *one["interval"]))
    return f"{value} ({low} to {high})"


def refused_table(spoiled):
    """Return how many photographs are refused, and the rates of the others, as Markdown."""
    lines = ["| condition | photographs refused, % | FMR of the others, both, % |"]
    lines.append("| --- | --- | --- |")
    for name, one in spoiled["conditions"].items():
        mark = " *" if name in spoiled["conditions_beyond"] else ""
        rest = in_words(one["not_refused"], "fmr")
        lines.append(f"| {name}{mark} | {per_cent(one['refused'], 1)} | {rest} |")
    return "\n".join(lines)


def limits_table(limits):
    """Return what `Recognizer` answers, and beyond which limit, as Markdown."""
    if not limits:
        return "The threshold holds in every condition: `Recognizer` refuses none of them."
    lines = ["| answer | measure | limit | clean training photographs refused, % |"]
    lines.append("| --- | --- | --- | --- |")
    for word, limit in limits.items():
        side = "least" if "least" in limit else "most"
        wrongly = per_cent(limit["wrongly"], 1)
        lines.append(f"| {word} | {limit['measure']} | {side} {limit[side]:.4f} | {wrongly} |")
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
