"""Measure the face embedder of the package on the people of View 1's test list.

It has met none of them:

- on the 1,000 pairs of View 1, by LFW's protocol;
- on all pairs among the first three photographs of each of these people, which are so many that a
  FAR of one in ten thousand can be measured; `pretrained.THRESHOLD` comes from there;
- on these pairs by groups: both photographs in the same third by the skin's tone, the sharpness, or
  the likeness of face and mirror image, all as photographed. LFW says nothing of its people;
- on the 1,000 pairs, the second photograph of each altered as if another camera had taken it, or in
  other light; and both found and aligned by `Recognizer`, in place of LFW's own alignment.

`--model FILE` measures another network that learned from the people of View 1's training list.

    python benchmarks/face_embedder.py --data folder/with/lfw
"""

import hashlib
from pathlib import Path

import numpy as np
from _record import options, run
from lfw.conditions import CONDITIONS, alter_all
from lfw.people import (
    all_pairs,
    fnmr_difference,
    fnmr_over_people,
    operating_points,
    rates,
    test_photos,
)
from lfw.protocol import measure, plan
from skimage.color import rgb2lab

from facebook_tut import evaluation, pretrained
from facebook_tut._progress import progress_bar
from facebook_tut.data.lfw import load_lfw
from facebook_tut.metric_learning import embed
from facebook_tut.models import load_model
from facebook_tut.pipeline import Recognizer
from facebook_tut.preprocessing import grayscale, quality

CHOSEN = 0.001  # the FAR at which `pretrained.THRESHOLD` lies
CHEEKS = (slice(34, 42), (slice(12, 22), slice(42, 52)))  # rows, columns of a 64×64 crop
WHOLE = (0, 0, 1, 1)
WORDS = ("low", "middle", "high")  # of the thirds


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
        "conditions": measure_conditions(data, model, experiment, found["threshold"]),
    }


# All pairs, and groups of them


def measure_all_pairs(data, model, experiment):
    """Return the operating points on all pairs of the test people, and the rates by groups."""
    photos = test_photos(data, experiment)
    images = data.images(photos)
    embeddings = embed(model, images)
    left, right, same = all_pairs(photos)
    person = np.unique([photo.name for photo in photos], return_inverse=True)[1]
    scores = (embeddings @ embeddings.T)[left, right]
    found = operating_points(same, scores)
    for point in found["operating_points"].values():
        fnmr = fnmr_over_people(same, scores < point["threshold"], person[np.c_[left, right]])
        point["over_people"] = {"fnmr": fnmr}
    threshold = round(found["operating_points"][str(CHOSEN)]["threshold"], 2)
    return {
        "people": len({photo.name for photo in photos}),
        "photos": len(photos),
        "genuine_pairs": int(same.sum()),
        "impostor_pairs": int((~same).sum()),
        **found,
        "threshold": threshold,
        **measure_groups(images, (left, right, same), person, scores, threshold),
    }


def measure_groups(images, pairs, person, scores, threshold):
    """Return the rates of the pairs within each third by what can be seen of the photographs.

    And how far the thirds differ in the genuine pairs that they lose.
    """
    left, right, same = pairs
    groups, differences = {}, {}
    for name, look in ATTRIBUTES.items():
        values = np.array([look(image / 255) for image in progress_bar(images, desc=name)])
        third = np.digitize(values, np.quantile(values, (1 / 3, 2 / 3)))
        of_pair = np.where(third[left] == third[right], third[left], -1)  # (N,)
        groups[name] = [
            rates(same[one], scores[one], threshold, person[np.c_[left[one], right[one]]])
            for one in (np.flatnonzero(of_pair == k) for k in range(3))
        ]
        rejected, owner, where = scores[same] < threshold, person[left[same]], of_pair[same]
        differences[name] = {
            f"{WORDS[a]} - {WORDS[b]}": fnmr_difference(
                rejected, np.select([where == a, where == b], [0, 1], -1), owner
            )
            for a, b in ((0, 1), (0, 2), (1, 2))
        }
    return {"groups": groups, "differences": differences}


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
    """Return what View 1's pairs give as they are, and in each of the conditions."""
    pairs = experiment.pairs
    images = data.images(pairs.photos)
    left, right = pairs.rows(pairs.photos)
    plain = embed(model, images)
    results = {"as it is": judge(experiment, plain[left], plain[right], threshold)}
    for name, alter in CONDITIONS.items():
        other = embed(model, alter_all(images, alter, name))
        results[name] = judge(experiment, plain[left], other[right], threshold)
    found = find(data, model, pairs.photos)  # (N, D), NaN where no face was found
    results["found by Recognizer"] = judge(experiment, found[left], found[right], threshold)
    return results


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
    """Return the embeddings of faces that `Recognizer` found in whole photographs, or NaN."""
    recognizer = Recognizer(model)
    embeddings = np.full((len(photos), model.output_shape[1]), np.nan)
    for row, photo in enumerate(progress_bar(photos, desc="found by Recognizer")):
        [picture] = data.images([photo], box=WHOLE, size=250, progress=False)
        for face in recognizer.faces(picture):
            top, left, bottom, right = face.box
            if top < 125 < bottom and left < 125 < right:  # not somebody in the background
                embeddings[row] = face.embedding
                break
    return embeddings


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
        for words, one in zip(WORDS, thirds, strict=True):
            lines.append(
                f"  {name:<12}{words:<8}FNMR {one['fnmr']['value']:.3f}"
                f"  FMR {one['fmr']['value']:.5f}"
            )
    for name, one in record["conditions"].items():
        fixed = one["at_threshold"]
        lines.append(
            f"  {name:<26}accuracy {one['mean']:.3f}  AUC {one['auc']:.3f}  "
            f"FNMR {fixed['fnmr']['value']:.3f}  FMR {fixed['fmr']['value']:.3f}"
            f"  not found {one['pairs_not_found']}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
