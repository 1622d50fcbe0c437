"""Put a trained face embedder into the package, and measure the one that is there.

`--pack FILE` packs the network that `lfw.py --method student --view 1` left in the checkpoints, and
prints the checksum that `pretrained` must name. Without it, the network of the package is measured
on the people of View 1's test list, none of whom it has met:

- on the 1,000 pairs of View 1, by the protocol of lfw.py;
- on all pairs among the first three photographs of each of these people, which are so many that a
  FAR of one in ten thousand can be measured; `pretrained.THRESHOLD` comes from there;
- on these pairs by groups: both photographs in the same third by the skin's tone, the sharpness, or
  the likeness of face and mirror image, all as photographed. LFW says nothing of its people;
- on the 1,000 pairs, the second photograph of each altered as if another camera had taken it, or in
  other light; and both found and aligned by `Recognizer`, in place of LFW's own alignment.

`--model FILE` measures another network that learned from the people of View 1's training list.

    python benchmarks/face_embedder.py --data folder/with/lfw
"""

import argparse
import hashlib
from functools import partial
from pathlib import Path

import numpy as np
from lfw import measure, plan
from machine import RECORDED, describe, write
from skimage.color import rgb2lab
from tqdm import tqdm

from facebook_tut import corruption, evaluation, pretrained
from facebook_tut._files import check_writable, replacing
from facebook_tut.data.lfw import load_lfw, photos_of
from facebook_tut.metric_learning import embed
from facebook_tut.models import load_model
from facebook_tut.pipeline import Recognizer
from facebook_tut.preprocessing import grayscale, quality

RESULTS = RECORDED / "face_embedder.json"
FARS = (0.01, 0.001, 0.0001)
CHOSEN = 0.001  # the FAR at which `pretrained.THRESHOLD` lies
AT_MOST = 3  # photographs of a person, so that nobody outweighs the others
CHEEKS = (slice(34, 42), (slice(12, 22), slice(42, 52)))  # rows, columns of a 64×64 crop
WHOLE = (0, 0, 1, 1)

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


def main():
    """Pack, or measure, print and record."""
    arguments = parse()
    if arguments.pack:
        return pack(arguments.pack)
    check_writable(arguments.output, overwrite=True)
    content = pretrained.content()
    if arguments.model:
        content = pretrained.pack(load_model(arguments.model))
    data, model = load_lfw(arguments.data), pretrained.unpack(content)
    [experiment] = plan(data, view=1, trainings=1)
    found = measure_all_pairs(data, model, experiment)
    record = {
        **describe("scikit-image", "scikit-learn", "pillow"),
        "data_fingerprint": data.fingerprint,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "parameters": model.count_params(),
        **found,
        "conditions": measure_conditions(data, model, experiment, found["threshold"]),
    }
    print(table(record))
    write(record, arguments.output)


def parse():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="the folder of LFW (default: as load_lfw finds)")
    parser.add_argument("--pack", type=Path, metavar="FILE", help="a .keras file to put in place")
    parser.add_argument("--model", type=Path, help="a .keras file to measure instead")
    parser.add_argument(
        "--output", type=Path, help="the JSON file to write (default: in facebook_tut/recorded)"
    )
    arguments = parser.parse_args()
    if arguments.model and not arguments.output:
        parser.error("argument --model needs --output: its record is not the package's")
    arguments.output = arguments.output or RESULTS
    return arguments


def pack(path):
    """Put a network into the package and print what `pretrained` must say of it."""
    content = pretrained.pack(load_model(path))
    pretrained.unpack(content)  # which refuses another layout
    place = Path(pretrained.__file__).with_name(pretrained.WEIGHTS)
    with replacing(place, overwrite=True) as temporary:
        temporary.write_bytes(content)
    print(f'SHA256 = "{hashlib.sha256(content).hexdigest()}"')


# All pairs, and groups of them


def measure_all_pairs(data, model, experiment):
    """Return the operating points on all pairs of the test people, and the rates by groups."""
    photos = test_photos(data, experiment)
    images = data.images(photos)
    embeddings = embed(model, images)
    left, right, same = all_pairs(photos)
    scores = (embeddings @ embeddings.T)[left, right]
    found = operating_points(same, scores)
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


def test_photos(data, experiment, at_most=None):
    """Return the first photographs of each person of View 1's test list, whom nothing has met."""
    people = data.people("view1/test")
    evaluation.check_disjoint([*experiment.people], [*people])
    return [photo for photo in photos_of(people) if photo.number <= (at_most or AT_MOST)]


def all_pairs(photos):
    """Return the rows of all pairs of photographs, left and right, and whether they are genuine."""
    person = np.unique([photo.name for photo in photos], return_inverse=True)[1]
    left, right = np.triu_indices(len(photos), 1)
    return left, right, person[left] == person[right]


def operating_points(same, scores):
    """Return what the scores of many pairs say, as numbers."""
    points = {far: evaluation.tar_at_far(same, scores, far) for far in FARS}
    return {
        "auc": round(evaluation.roc(same, scores).auc, 4),
        "operating_points": {str(far): describe_point(point) for far, point in points.items()},
    }


def measure_groups(images, pairs, scores, threshold):
    """Return the rates of the pairs within each third by what can be seen of the photographs."""
    left, right, same = pairs
    groups = {}
    for name, look in ATTRIBUTES.items():
        values = np.array([look(image / 255) for image in tqdm(images, desc=name)])
        third = np.digitize(values, np.quantile(values, (1 / 3, 2 / 3)))
        groups[name] = [
            rates(same[inside], scores[inside], threshold)
            for inside in ((third[left] == k) & (third[right] == k) for k in range(3))
        ]
    return groups


def describe_point(point):
    """Return an operating point as numbers."""
    return {
        "threshold": round(point.threshold, 4),
        "tar": share(point.tar),
        "far": share(point.far),
    }


def rates(same, scores, threshold):
    """Return the shares of genuine pairs rejected and impostor pairs accepted."""
    [found] = evaluation.group_rates(same, scores, np.zeros(len(same)), threshold)
    return {"fnmr": share(found.fnmr), "fmr": share(found.fmr)}


def share(proportion):
    """Return a proportion as numbers: its value, its 95 % interval and what was counted."""
    low, high = proportion.interval()
    return {
        "value": round(proportion.value, 5),
        "interval": [round(low, 5), round(high, 5)],
        "counted": [proportion.successes, proportion.trials],
    }


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
        altered = np.stack([alter(image / 255) for image in tqdm(images, desc=name)])
        other = embed(model, altered)
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
    recognizer, embeddings = (
        Recognizer(model),
        np.full((len(photos), model.output_shape[1]), np.nan),
    )
    for row, photo in enumerate(tqdm(photos, desc="found by Recognizer")):
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
    return "\n".join(lines)


if __name__ == "__main__":
    main()
