"""Measure the face embedder of the package on the people of View 1's test list.

It has met none of them:

- on the 1,000 pairs of View 1, by LFW's protocol;
- on all pairs among the first three photographs of each of these people, which are so many that a
  FAR of one in ten thousand can be measured; `pretrained.THRESHOLD` comes from there;
- on these pairs by groups: both photographs in the same third by the skin's tone, the sharpness, or
  the likeness of face and mirror image, all as photographed. LFW says nothing of its people;
- on the 1,000 pairs, the second photograph of each altered as if another camera had taken it, or in
  other light; and both found and aligned by `Recognizer`, in place of LFW's own alignment;
- on all pairs again, one photograph altered, and both alike, at the same threshold: FMR and FNMR
  with intervals over people;
- by what can be seen of a photograph in whose condition the threshold does not hold, so that
  `Recognizer` refuses it. The limits are chosen on people of View 1's training list.

`--model FILE` measures another network that learned from the people of View 1's training list.

    python benchmarks/face_embedder.py --data folder/with/lfw
"""

import hashlib
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from pathlib import Path

import numpy as np
from _record import options, run
from lfw.people import all_pairs, operating_points, rates, share, test_photos
from lfw.protocol import measure, plan
from skimage.color import rgb2lab

from facebook_tut import corruption, evaluation, pretrained
from facebook_tut._progress import progress_bar
from facebook_tut.data.lfw import load_lfw, photos_of
from facebook_tut.metric_learning import embed
from facebook_tut.models import load_model
from facebook_tut.pipeline import Recognizer
from facebook_tut.preprocessing import grayscale, quality

CHOSEN = 0.001  # the FAR at which `pretrained.THRESHOLD` lies
MOST = 0.002  # FMR at the threshold, both photographs altered: above, it does not hold
CHEEKS = (slice(34, 42), (slice(12, 22), slice(42, 52)))  # rows, columns of a 64×64 crop
WHOLE = (0, 0, 1, 1)
PLAIN = "as it is"

# Of the 64×64 crop, but for the pixels that are left, which are of the whole face.
CONDITIONS = {
    "a quarter of the light": partial(corruption.darken, share=0.25),
    "light from one side": partial(corruption.light_from_side, contrast=0.9),
    "no colour": corruption.remove_colour,
    "24 pixels across": partial(corruption.shrink, edge=24),
    "12 pixels across": partial(corruption.shrink, edge=12),
    "out of focus": partial(corruption.defocus, sigma=2.0),
    "noise": partial(corruption.add_noise, deviation=0.1),
    "JPEG of quality 10": partial(corruption.compress, quality=10),
    "turned by 15 degrees": partial(corruption.turn, degrees=15),
    "mouth and chin covered": partial(corruption.cover, share=0.4),
}


# What shows a condition: the answer, the measure of `quality`, and on which side it is too far.
SIGNS = {
    "too grey": ("colour", "least", ("no colour",)),
    "too dark": ("brightness", "least", ("a quarter of the light",)),
    "too blurred": ("noise", "least", ("24 pixels across", "12 pixels across", "out of focus")),
    "too noisy": ("noise", "most", ("noise",)),
    "too unevenly lit": ("evenness", "least", ("light from one side",)),
}
REFUSED = 0.01  # at most so many photographs of a condition in which the threshold holds
KNOWN = 1000  # people of the training list on whose photographs the limits are chosen


def main():
    """Measure, print and record."""
    parser = options(__doc__, "face_embedder", data=True)
    parser.add_argument("--model", type=Path, help="a .keras file to measure instead")
    arguments = parser.parse_args()
    if arguments.model and arguments.output == parser.get_default("output"):
        parser.error("argument --model needs --output: its record is not the package's")
    run(arguments, measure_network, table, "scikit-image", "scikit-learn", "pillow")


def measure_network(arguments):
    """Return what the network of the package, or another one, gives."""
    content = pretrained.content()
    if arguments.model:
        content = pretrained.pack(load_model(arguments.model))
    data, model = load_lfw(arguments.data), pretrained.unpack(content)
    [experiment] = plan(data, view=1)
    found = measure_all_pairs(data, model, experiment)
    return {
        "data_fingerprint": data.fingerprint,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "parameters": model.count_params(),
        **found,
        **measure_conditions(data, model, experiment, found["threshold"]),
    }


# All pairs, and groups of them


def measure_all_pairs(data, model, experiment):
    """Return the operating points on all pairs of the test people, and the rates by groups."""
    photos = test_photos(data, experiment)
    images = data.images(photos)
    embeddings = embed(model, images)
    left, right, same = all_pairs(photos)
    scores = (embeddings @ embeddings.T)[left, right]
    found = operating_points(same, scores)
    names = [photo.name for photo in photos]
    for point in found["operating_points"].values():
        resampled_too = over_people(evaluation.people_rates(embeddings, names, point["threshold"]))
        point["over_people"] = {name: one["interval"] for name, one in resampled_too.items()}
    threshold = round(found["operating_points"][str(CHOSEN)]["threshold"], 2)
    return {
        "people": len({photo.name for photo in photos}),
        "photos": len(photos),
        "genuine_pairs": int(same.sum()),
        "impostor_pairs": int((~same).sum()),
        **found,
        "threshold": threshold,
        "groups": measure_groups(images, (left, right, same), scores, threshold),
    }


def measure_groups(images, pairs, scores, threshold):
    """Return the rates of the pairs within each third by what can be seen of the photographs."""
    left, right, same = pairs
    groups = {}
    for name, look in ATTRIBUTES.items():
        values = np.array([look(image / 255) for image in progress_bar(images, desc=name)])
        third = np.digitize(values, np.quantile(values, (1 / 3, 2 / 3)))
        groups[name] = [
            rates(same[inside], scores[inside], threshold)
            for inside in ((third[left] == k) & (third[right] == k) for k in range(3))
        ]
    return groups


def skin_tone(image):
    """Return the individual typology angle of the cheeks in degrees: dark skin low, pale high.

    It is that of the photograph: light and camera move it as well as the person (Chardon, Cretois
    and Hourseau, 1991).
    """
    rows, columns = CHEEKS
    lab = np.median([np.median(rgb2lab(image[rows, c]), axis=(0, 1)) for c in columns], axis=0)
    return np.degrees(np.arctan2(lab[0] - 50, lab[2]))


def symmetry(image):
    """Return the correlation of a face with its mirror image: low if turned, or lit from a side."""
    grey = grayscale(image)
    return np.corrcoef(grey.ravel(), grey[:, ::-1].ravel())[0, 1]


ATTRIBUTES = {
    "skin tone": skin_tone,
    "sharpness": lambda image: quality(image).sharpness,
    "symmetry": symmetry,
}


# Other cameras, other light


def measure_conditions(data, model, experiment, threshold):
    """Return what each condition does to pairs, where the threshold fails, and what shows that."""
    scene = Scene.of(data, model, experiment, threshold)
    found, faces = find(data, model, experiment.pairs.photos)  # (N, D), NaN where none was found
    conditions = {name: scene.measure(name) for name in (PLAIN, *CONDITIONS)}
    left, right = experiment.pairs.rows(experiment.pairs.photos)
    by_recognizer = judge(experiment, found[left], found[right], threshold)
    beyond = [name for name in CONDITIONS if conditions[name]["both"]["fmr"]["value"] > MOST]
    limits = choose_limits(data, experiment, beyond)
    for name in conditions:
        conditions[name] |= scene.refuse(name, limits)
    return {
        "conditions": conditions | {"found by Recognizer": by_recognizer},
        "conditions_beyond": beyond,
        "limits": limits,
        "refused_as_found": share_beyond(faces, limits),
    }


@dataclass
class Scene:
    """Photographs of View 1's test people, and what is measured of them in each condition.

    Attributes
    ----------
    model : keras.Model
        The network.
    experiment : lfw.protocol.Experiment
        View 1.
    threshold : float
        The one that is fixed.
    photos : list of Photo
        First those of all pairs, then what else the 1,000 pairs show.
    images : ndarray, (N, 64, 64, 3), uint8
        The photographs.
    embeddings, looks : dict
        Of each condition that was measured: those of the photographs, and their `Quality`.
    """

    model: object
    experiment: object
    threshold: float
    photos: list
    images: np.ndarray
    known: int
    embeddings: dict = field(default_factory=dict)
    looks: dict = field(default_factory=dict)

    @classmethod
    def of(cls, data, model, experiment, threshold):
        """Return the scene of a view's test people."""
        known = test_photos(data, experiment)
        photos = [*dict.fromkeys([*known, *experiment.pairs.photos])]
        return cls(model, experiment, threshold, photos, data.images(photos), len(known))

    def measure(self, name):
        """Return what the 1,000 pairs and all pairs give in a condition."""
        altered = alter_all(self.images, name)
        self.looks[name] = [quality(image) for image in altered[: self.known]]
        self.embeddings[name] = embed(self.model, altered)
        pairs, plain, other = self.experiment.pairs, self.embeddings[PLAIN], self.embeddings[name]
        left, right = pairs.rows(self.photos)
        found = judge(self.experiment, plain[left], other[right], self.threshold)
        one = {"one": self.rates(plain, other)} if name != PLAIN else {}
        return {**found, **one, "both": self.rates(other)}

    def rates(self, embeddings, other=None, kept=slice(None)):
        """Return FMR and FNMR on all pairs of the photographs that are kept."""
        names = np.array([photo.name for photo in self.photos[: self.known]])[kept]
        embeddings = embeddings[: self.known][kept]
        other = None if other is None else other[: self.known][kept]
        if len(np.unique(names)) < 2:
            return None
        return over_people(evaluation.people_rates(embeddings, names, self.threshold, other))

    def refuse(self, name, limits):
        """Return which share of a condition's photographs is refused, and the rates of the rest."""
        beyond = np.array([bool(look.beyond(limits)) for look in self.looks[name]])
        names = [photo.name for photo in self.photos[: self.known]]
        first = np.unique(names, return_index=True)[1]  # one of each person: independent
        refused = evaluation.Proportion(int(beyond[first].sum()), len(first))
        rest = self.rates(self.embeddings[name], kept=~beyond)
        return {"refused": share(refused), "not_refused": rest}


def alter_all(images, name):
    """Return photographs in a condition, (N, H, W, 3), float32; each has noise of its own."""
    alter = CONDITIONS.get(name, lambda image: image)
    seeded = "seed" in signature(alter).parameters
    return np.stack(
        [
            alter(image / 255, **({"seed": seed} if seeded else {})).astype(np.float32)
            for seed, image in enumerate(progress_bar(images, desc=name))
        ]
    )


def choose_limits(data, experiment, beyond):
    """Return the limits of what shows the conditions in which the threshold does not hold.

    Of training photographs as they are, and in each condition in which it holds, no limit refuses
    more than a hundredth.
    """
    people = dict([*experiment.people.items()][:: max(1, len(experiment.people) // KNOWN)])
    images = data.images([photo for photo in photos_of(people) if photo.number == 1])
    held = [name for name in (PLAIN, *CONDITIONS) if name not in beyond]
    signs = {word: sign for word, sign in SIGNS.items() if {*sign[2]} & {*beyond}}
    looks = {name: [*map(quality, alter_all(images, name))] for name in held if signs}
    limits = {}
    for word, (seen, side, conditions) in signs.items():
        values = {name: np.array([getattr(q, seen) for q in looks[name]]) for name in held}
        limits[word] = {
            "measure": seen,
            side: limit_of(values.values(), side),
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


def over_people(found):
    """Return rates with intervals over people as numbers."""
    return {"fmr": resampled(found.fmr), "fnmr": found.fnmr and resampled(found.fnmr)}


def resampled(one):
    """Return a share with its interval over people as numbers."""
    return {
        "value": round(one.value, 5),
        "interval": [round(one.low, 5), round(one.high, 5)],
        "counted": [one.successes, one.trials],
    }


def judge(experiment, left, right, threshold):
    """Return what the scores of pairs say, both with a threshold of their own and with a fixed one.

    Pairs with a face that was not found count as pairs that are not genuine in the second, and not
    at all in the first.
    """
    found = ~np.isnan(left[:, 0] + right[:, 0])
    same, scores = experiment.pairs.same, np.full(len(left), -1.0)
    scores[found] = evaluation.pair_scores(left[found], right[found])
    return {
        "pairs_not_found": int((~found).sum()),
        **measure(same[found], scores[found], experiment.folds[found]),
        "at_threshold": rates(same, scores, threshold),
    }


def find(data, model, photos):
    """Return the embeddings of faces that `Recognizer` found in whole photographs, or NaN.

    And how one face of each person looks that was found.
    """
    recognizer, looks = Recognizer(model), {}
    embeddings = np.full((len(photos), model.output_shape[1]), np.nan)
    for row, photo in enumerate(progress_bar(photos, desc="found by Recognizer")):
        [picture] = data.images([photo], box=WHOLE, size=250, progress=False)
        for face in recognizer.faces(picture):
            top, left, bottom, right = face.box
            if top < 125 < bottom and left < 125 < right:  # not somebody in the background
                embeddings[row] = face.embedding
                looks.setdefault(photo.name, face.quality)
                break
    return embeddings, [*looks.values()]


def table(record):
    """Return the record's numbers as lines of text."""
    lines = [
        f"{record['bytes'] / 1e6:.2f} MB, {record['parameters']:,} parameters",
        f"{record['people']:,} people, {record['photos']:,} photographs:"
        f" {record['genuine_pairs']:,} genuine and {record['impostor_pairs']:,} impostor pairs,"
        f" AUC {record['auc']:.4f}",
    ]
    for far, point in record["operating_points"].items():
        low, high = point["tar"]["interval"]
        lines.append(
            f"  TAR {point['tar']['value']:.3f} ({low:.3f} to {high:.3f}) at FAR {far},"
            f" threshold {point['threshold']:.3f}"
        )
    for name, thirds in record["groups"].items():
        for words, one in zip(("low", "middle", "high"), thirds, strict=True):
            lines.append(
                f"  {name:<12}{words:<8}FNMR {one['fnmr']['value']:.3f}"
                f"  FMR {one['fmr']['value']:.5f}"
            )
    for name, one in record["conditions"].items():
        fixed = one["at_threshold"]
        lines.append(
            f"  {name:<24}accuracy {one['mean']:.3f}  AUC {one['auc']:.3f}  "
            f"FNMR {fixed['fnmr']['value']:.3f}  FMR {fixed['fmr']['value']:.3f}"
            f"  not found {one['pairs_not_found']}"
        )
        sides = {"one altered": "one", "both altered": "both", "not refused": "not_refused"}
        for words, side in sides.items():
            if found := one.get(side):
                low, high = found["fmr"]["interval"]
                lines.append(
                    f"    {words:<22}FNMR {found['fnmr']['value']:.3f}"
                    f"  FMR {found['fmr']['value']:.5f} ({low:.5f} to {high:.5f})"
                )
        if "refused" in one:
            lines.append(f"    refused {one['refused']['value']:.3f}")
    lines.append(f"threshold beyond {MOST:.1%}: {', '.join(record['conditions_beyond'])}")
    for word, limit in record["limits"].items():
        lines.append(f"  {word}: {limit}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
