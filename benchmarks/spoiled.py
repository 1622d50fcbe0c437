"""Measure the shipped threshold where one photograph of a pair is spoiled, and where both are.

All pairs of up to three photographs of the people of View 1's test list, whom the network has never
met, are so many that an FMR of one in a thousand can be measured. One photograph of each pair is
altered in one of `lfw.conditions`, or both are in the same way; the threshold stays. Intervals
resample people (`evaluation.people_rates`).

A condition is beyond the threshold if the FMR with both photographs altered is above 0.2 %. What
shows such a condition in a single photograph, by `preprocessing.quality`, becomes a limit, beyond
which `Recognizer` gives no name. Limits are chosen on people of View 1's training list, so that
each refuses one photograph in a hundred at most: of those as they are, and of those in each
condition in which the threshold holds. What they refuse is measured on the test people.

    python benchmarks/spoiled.py --data folder/with/lfw
"""

import numpy as np
from _record import options, positive, run
from lfw.conditions import CONDITIONS, alter_all
from lfw.people import share, test_photos
from lfw.protocol import plan

from facebook_tut import evaluation, pretrained
from facebook_tut._progress import progress_bar
from facebook_tut.data.lfw import load_lfw, photos_of
from facebook_tut.metric_learning import embed
from facebook_tut.pipeline import Recognizer
from facebook_tut.preprocessing import quality

MOST = 0.002  # FMR with both photographs altered: above, the threshold does not hold
REFUSED = 0.01  # at most so many photographs of a condition in which it holds, by each limit
KNOWN = 1000  # people of the training list by whom the limits are chosen
PLAIN, WHOLE = "as it is", (0, 0, 1, 1)
# What shows a condition: the answer, the measure of `quality`, and on which side it is too far.
SIGNS = {
    "too grey": ("colour", "least", ("no colour",)),
    "too dark": ("brightness", "least", ("a twentieth of the light",)),
    "too blurred": ("noise", "least", ("24 pixels across", "12 pixels across", "out of focus")),
    "too noisy": ("noise", "most", ("noise",)),
    "too unevenly lit": ("evenness", "least", ("light from one side",)),
    "too covered": ("mouth", "least", ("mouth and chin covered",)),
}


def main():
    """Measure, print and record."""
    parser = options(__doc__, "spoiled", data=True)
    help_ = "of the test people take each N-th only, to be quick (default 1: all)"
    parser.add_argument("--every", type=positive, default=1, metavar="N", help=help_)
    run(parser.parse_args(), measure, table, "scikit-image", "pillow")


def measure(arguments):
    """Return the rates in each condition, and what is refused."""
    data, model = load_lfw(arguments.data), pretrained.load_embedder()
    [experiment] = plan(data, view=1)
    photos = some_of(test_photos(data, experiment), arguments.every)
    names = np.array([photo.name for photo in photos])
    conditions, looks, embeddings = measure_conditions(model, data.images(photos), names)
    beyond = [name for name in CONDITIONS if conditions[name]["both"]["fmr"]["value"] > MOST]
    limits = choose_limits(data, experiment, beyond)
    for name in conditions:
        conditions[name] |= refuse(looks[name], embeddings[name], names, limits)
    first = [photo for photo in photos if photo.number == 1]
    as_found = [face.quality for face in find(data, model, first)]
    return {
        "data_fingerprint": data.fingerprint,
        "sha256": pretrained.SHA256,
        "threshold": pretrained.THRESHOLD,
        "people": len(np.unique(names)),
        "photos": len(photos),
        "conditions": conditions,
        "conditions_beyond": beyond,
        "limits": limits,
        "refused_as_found": share_beyond(as_found, limits),
    }


def some_of(photos, every):
    """Return the photographs of each so many-th person."""
    people = [*dict.fromkeys(photo.name for photo in photos)][::every]
    return [photo for photo in photos if photo.name in {*people}]


# Rates


def measure_conditions(model, images, names):
    """Return the rates of all pairs in each condition, and looks and embeddings."""
    rates, looks, embeddings = {}, {}, {}
    for name, alter in {PLAIN: lambda image: image, **CONDITIONS}.items():
        altered = alter_all(images, alter, name)
        looks[name] = [quality(image) for image in altered]
        embeddings[name] = embed(model, altered)
        one = {"one": over_people(embeddings[PLAIN], names, embeddings[name])}
        rates[name] = one if name != PLAIN else {}
        rates[name]["both"] = over_people(embeddings[name], names)
    return rates, looks, embeddings


def over_people(embeddings, names, other=None):
    """Return FMR and FNMR with intervals over people, or None if two people are lacking."""
    if len(np.unique(names)) < 2:
        return None
    found = evaluation.people_rates(embeddings, names, pretrained.THRESHOLD, other)
    return {"fmr": resampled(found.fmr), "fnmr": found.fnmr and resampled(found.fnmr)}


def resampled(one):
    """Return a share with its interval over people as numbers."""
    return {
        "value": round(one.value, 5),
        "interval": [round(one.low, 5), round(one.high, 5)],
        "counted": [one.successes, one.trials],
    }


# What is refused


def choose_limits(data, experiment, beyond):
    """Return the limits of what shows the conditions beyond the threshold."""
    step = max(1, len(experiment.people) // KNOWN)
    photos = [photo for photo in photos_of(experiment.people) if photo.number == 1][::step]
    images, looks = data.images(photos), {}
    signs = {word: sign for word, sign in SIGNS.items() if {*sign[2]} & {*beyond}}
    held = {PLAIN: lambda image: image, **CONDITIONS}
    for name in [name for name in held if name not in beyond and signs]:
        looks[name] = [quality(image) for image in alter_all(images, held[name], name)]
    limits = {}
    for word, (measured, side, conditions) in signs.items():
        values = [np.array([getattr(q, measured) for q in some]) for some in looks.values()]
        limits[word] = {
            "measure": measured,
            side: limit_of(values, side),
            "conditions": [name for name in conditions if name in beyond],
        }
        limits[word]["wrongly"] = share_beyond(looks[PLAIN], {word: limits[word]})
    return limits


def limit_of(groups, side):
    """Return the limit, of four digits, beyond which no more than a hundredth of a group lies."""
    step, sign = 1e-4, 1 if side == "least" else -1
    ends = [np.sort(sign * values)[int(REFUSED * len(values))] for values in groups]
    return round(sign * float(np.floor(min(ends) / step) * step), 4)


def share_beyond(looks, limits):
    """Return which share of photographs, one a person, lies beyond any of the limits."""
    return share(evaluation.Proportion(sum(bool(q.beyond(limits)) for q in looks), len(looks)))


def refuse(looks, embeddings, names, limits):
    """Return which share of photographs is refused, and the rates of pairs of the others."""
    first = np.unique(names, return_index=True)[1]  # one of each person: independent
    beyond = np.array([bool(look.beyond(limits)) for look in looks])
    return {
        "refused": share_beyond([looks[row] for row in first], limits),
        "not_refused": over_people(embeddings[~beyond], names[~beyond]),
    }


def find(data, model, photos):
    """Return the faces that `Recognizer` finds in the middle of whole photographs."""
    recognizer, found = Recognizer(model), []
    for photo in progress_bar(photos, desc="found by Recognizer"):
        [picture] = data.images([photo], box=WHOLE, size=250, progress=False)
        for face in recognizer.faces(picture):
            top, left, bottom, right = face.box
            if top < 125 < bottom and left < 125 < right:  # not somebody in the background
                found.append(face)
                break
    return found


def table(record):
    """Return the record's numbers as lines of text."""
    lines = [
        f"{record['people']:,} people, {record['photos']:,} photographs,"
        f" threshold {record['threshold']:.2f}"
    ]
    sides = {"one altered": "one", "both altered": "both", "not refused": "not_refused"}
    for name, one in record["conditions"].items():
        lines.append(f"  {name}: refused {one['refused']['value']:.3f}")
        for words, side in sides.items():
            if found := one.get(side):
                low, high = found["fmr"]["interval"]
                fnmr = f"{found['fnmr']['value']:.3f}" if found["fnmr"] else "–"
                lines.append(
                    f"    {words:<14}FMR {found['fmr']['value']:.5f} ({low:.5f} to {high:.5f})"
                    f"  FNMR {fnmr}"
                )
    lines.append(f"beyond {MOST:.1%}: {', '.join(record['conditions_beyond'])}")
    lines += [f"  {word}: {limit}" for word, limit in record["limits"].items()]
    lines.append(f"refused as Recognizer finds them: {record['refused_as_found']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
