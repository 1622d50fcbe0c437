"""Measure the detectors that `Recognizer` can take: the cascade as it was, padded, and MTCNN.

- Faces found: one photograph each of 500 people of View 1's training list, sampled with a fixed
  seed. The frames of LFW are enlarged to 250 pixels, as `benchmarks/face_embedder.py` reads them
  (where they are stored at 125, nothing is added by that). Found is a face whose box holds the
  middle of the frame; every other box may be somebody in the background, so it counts as neither.
- False alarms: scikit-image's photographs that show no face, as they are. They are few, so that the
  interval is that of a Poisson count.
- Landmarks on synthetic people, whose landmarks are known: `alignment.alignment_error` of the eyes
  for all detectors, of five points for MTCNN. The interval resamples people.
- Verification on the 1,000 pairs of View 1's test list, with the network that ships, whose training
  has met none of these people. Thresholds are chosen on the other folds. A pair with a missed face
  is rejected, or left out. Detectors are compared on the same pairs, with missed faces rejected:
  the difference of their accuracies with an interval over people.
- Seconds: CPU time of this process for each frame, over all threads, as on one core.
- A photograph of 50 megapixels, put together from scikit-image's, with twelve faces of about 300
  pixels: seconds, and memory above the photograph itself.

Each figure is kept in the folder of `--checkpoints` until the run is through, so that a run that
was stopped goes on where it was.

    python benchmarks/detectors.py --data folder/with/lfw
"""

import json
import time
from functools import cache

import numpy as np
import skimage.data
from _machine import fresh_memory, peak_since
from _record import CHECKPOINTS, options, run
from lfw.frames import EDGE, central, frame_of
from lfw.people import rates, share
from lfw.protocol import measure, plan
from PIL import Image
from scipy.stats import chi2
from skimage.util import img_as_ubyte

from facebook_tut import alignment, evaluation, pretrained
from facebook_tut._progress import progress_bar
from facebook_tut.data.lfw import load_lfw, photos_of
from facebook_tut.data.patches import PHOTOGRAPHS
from facebook_tut.data.synthetic import sample_people
from facebook_tut.detection import detect_with_cascade, detect_with_mtcnn
from facebook_tut.metric_learning import embed
from facebook_tut.pipeline import Recognizer, landmarks_of

FRAMES, SEED = 500, 0
SYNTHETIC = {"n": 100, "images_per_person": 2, "seed": 5, "size": 192}
LARGE = (5774, 8660)  # pixels: 50 megapixels
TILES = (4, 6)  # in which the large photograph shows a face or none, in turn
DIGITS = 4


def unpadded_cascade(picture):
    """Find faces with the cascade as it was: no margin, the smallest face a share of the frame."""
    smallest = max(min(picture.shape[:2]) / 6.4, 24)
    return detect_with_cascade(picture, smallest=smallest, margin=0)


DETECTORS = {
    "cascade, unpadded": unpadded_cascade,
    "cascade": detect_with_cascade,
    "mtcnn": detect_with_mtcnn,
}


def main():
    """Measure, print and record."""
    parser = options(__doc__, "detectors", data=True, kept=CHECKPOINTS)
    run(parser.parse_args(), measure_all, table, "mtcnn", "scikit-image", "pillow")


def measure_all(arguments):
    """Return all figures of all detectors."""
    data, kept = load_lfw(arguments.data), []
    [experiment] = plan(data, view=1)

    def once(part, name, work, *more):
        """Return a part of the figures; what an earlier run has left is read."""
        path = arguments.checkpoints / f"detectors_{part}_{name.replace(', ', '_')}.json"
        kept.append(path)
        if not path.is_file():
            path.write_text(json.dumps(work(DETECTORS[name], *more)) + "\n", "utf-8")
        return json.loads(path.read_text("utf-8"))

    large = {name: once("large", name, measure_large) for name in DETECTORS}
    looks = {name: once("frames", name, measure_frames, data) for name in DETECTORS}
    alarms = {name: once("alarms", name, measure_alarms) for name in DETECTORS}
    marks = {name: once("landmarks", name, measure_landmarks) for name in DETECTORS}
    pairs = {name: once("pairs", name, measure_pairs, data, experiment) for name in DETECTORS}
    right = {name: np.array(found.pop("right"), bool) for name, found in pairs.items()}
    record = {
        "data_fingerprint": data.fingerprint,
        "frame_pixels": EDGE,
        "synthetic_people": SYNTHETIC,
        "detectors": {
            name: looks[name]
            | {"alarms": alarms[name], "landmarks": marks[name]}
            | {"verification": pairs[name], "50 megapixels": large[name]}
            for name in DETECTORS
        },
        "differences": differences(experiment.pairs, right),
    }
    for path in kept:
        path.unlink()
    return record


# Frames of LFW


def sampled_photos(data):
    """Return one photograph each of some people of View 1's training list, always the same."""
    people = data.people("view1/train")
    rng, names = np.random.default_rng(SEED), sorted(people)
    chosen = {names[k] for k in rng.permutation(len(names))[:FRAMES]}
    return [photo for photo in photos_of(people) if photo.number == 1 and photo.name in chosen]


def measure_frames(detect, data):
    """Return the share of the frames in which the face is found, and the CPU time for one."""
    detect(np.zeros((EDGE, EDGE)))  # what loads or is traced once
    found, seconds = [], []
    for photo in progress_bar(sampled_photos(data), desc="frames"):
        frame = frame_of(data, photo)
        before = time.process_time()
        boxes = detect(frame)
        seconds.append(time.process_time() - before)
        found.append(central(boxes) is not None)
    return {
        "frames": len(found),
        "found": share(evaluation.Proportion(sum(found), len(found))),
        "cpu_seconds": round(float(np.median(seconds)), DIGITS),
    }


# Photographs without a face


def measure_alarms(detect):
    """Return the number of boxes on photographs that show no face, by megapixel."""
    names = [name for name in PHOTOGRAPHS if name != "lfw_subset"]
    photographs = [colours_of(name) for name in names]
    counts = np.array([len(detect(one)) for one in photographs])
    megapixels = sum(one.shape[0] * one.shape[1] for one in photographs) / 1e6
    return {
        "per_megapixel": round(float(counts.sum() / megapixels), DIGITS),
        "interval": [round(end / megapixels, DIGITS) for end in poisson_interval(counts.sum())],
        "megapixels": round(megapixels, 2),
        "by_photograph": {name: int(n) for name, n in zip(names, counts, strict=True) if n},
    }


def poisson_interval(count):
    """Return the 95 % interval of the mean of a Poisson count (Garwood, 1936)."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low), float(chi2.ppf(0.975, 2 * count + 2) / 2)


def colours_of(name):
    """Return one of scikit-image's photographs, of a stereo pair the left one."""
    picture = getattr(skimage.data, name)()
    picture = picture[0] if isinstance(picture, tuple) else picture
    return picture if picture.dtype == np.uint8 else img_as_ubyte(picture)


# Landmarks


def measure_landmarks(detect):
    """Return how far the landmarks of synthetic people are off, where one face was found."""
    people = synthetic_people()
    errors, whose = {"eyes": [], "five points": []}, []
    for image, true, who in zip(people.images, people.landmarks, people.identities, strict=True):
        boxes = [each for each in detect(image) if holds(each, true[2])]
        if not boxes:
            continue
        points = landmarks_of(image, boxes[0])  # (2, 2) or (5, 2)
        whose.append(int(who))
        errors["eyes"].append(alignment.alignment_error([points[:2]], [true[:2]])[0])
        if len(points) == 5:
            errors["five points"].append(alignment.alignment_error([points], [true])[0])
    return {
        "found": share(evaluation.Proportion(len(whose), len(people))),
        **{kind: spread(one, whose) for kind, one in errors.items() if one},
    }


@cache
def synthetic_people():
    """Return people whose landmarks are known."""
    return sample_people(**SYNTHETIC)


def holds(detection, point):
    """Return whether a box holds a point ``(x, y)``."""
    top, left, bottom, right = detection.box
    return top < point[1] < bottom and left < point[0] < right


def spread(errors, whose):
    """Return the median of errors, its interval over people, and the ninth decile."""
    errors = np.array(errors)

    def median(times):
        return np.median(np.repeat(errors, times))

    low, high = evaluation.bootstrap_people(median, whose, seed=SEED)
    return {
        "median": round(float(np.median(errors)), DIGITS),
        "interval": [round(low, DIGITS), round(high, DIGITS)],
        "ninth_decile": round(float(np.quantile(errors, 0.9)), DIGITS),
    }


# Verification


def measure_pairs(detect, data, experiment):
    """Return what View 1's pairs give behind a detector, and which pairs are judged right."""
    photos, model = experiment.pairs.photos, pretrained.load_embedder()
    images = []
    for photo in progress_bar(photos, desc="pairs"):
        frame = frame_of(data, photo)
        face = central(detect(frame))
        points = None if face is None else landmarks_of(frame, face)
        images.append(None if face is None else alignment.align(frame, points))
    found = np.array([image is not None for image in images])
    embeddings = np.full((len(photos), model.output_shape[1]), np.nan)
    embeddings[found] = embed(model, np.stack([one for one in images if one is not None]))
    left, right = experiment.pairs.rows(photos)
    return judged(experiment, embeddings[left], embeddings[right])


def judged(experiment, left, right):
    """Return the figures of pairs, missed faces rejected and left out, and which are right."""
    same, folds = experiment.pairs.same, experiment.folds
    there = ~np.isnan(left[:, 0] + right[:, 0])
    scores = np.full(len(same), -1.0)  # a missed face is like nobody
    scores[there] = evaluation.pair_scores(left[there], right[there])
    found = evaluation.cross_validated_accuracy(same, scores, folds)
    thresholds = found.thresholds[np.unique(folds, return_inverse=True)[1]]
    return {
        "pairs_missed": int((~there).sum()),
        "missed_rejected": measure(same, scores, folds),
        "missed_left_out": measure(same[there], scores[there], folds[there]),
        "at_threshold": rates(same, scores, pretrained.THRESHOLD),
        "right": ((scores >= thresholds) == same).tolist(),
    }


def differences(pairs, right):
    """Return by how much the accuracy behind each detector differs, with intervals over people."""
    people = [[a.name, b.name] for a, b in zip(pairs.left, pairs.right, strict=True)]
    names, found = [*right], {}
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            gain = right[other].astype(float) - right[one]
            low, high = evaluation.bootstrap(lambda _, d: d.mean(), pairs.same, gain, people)
            found[f"{other} less {one}"] = {
                "difference": round(float(gain.mean()), DIGITS),
                "interval": [round(low, DIGITS), round(high, DIGITS)],
            }
    return found


# A large photograph


def large_photograph():
    """Return a photograph of 50 megapixels, with a face of some 300 pixels in each other tile.

    Returns
    -------
    picture : ndarray, (5774, 8660, 3), uint8
    noses : list of (y, x)
        Where the faces are.
    """
    edge = LARGE[0] // TILES[0]
    tiles = [tile_of(name, edge) for name in ("astronaut", "coffee", "chelsea")]
    picture = np.zeros((*LARGE, 3), np.uint8)
    noses = []
    for row, column in np.ndindex(TILES):
        has_face = (row + column) % 2 == 0
        top, left = row * edge, column * edge
        part = tiles[0] if has_face else tiles[1 + row % 2]
        picture[top : top + edge, left : left + edge] = part
        if has_face:
            noses.append((top + 124 * edge / 512, left + 223 * edge / 512))
    return picture, noses


def tile_of(name, edge):
    """Return one of scikit-image's photographs, cut to a square and enlarged."""
    picture = getattr(skimage.data, name)()
    side = min(picture.shape[:2])
    square = Image.fromarray(picture[:side, :side])
    return np.asarray(square.resize((edge, edge), Image.Resampling.BICUBIC))


def measure_large(detect):
    """Return how many faces `Recognizer` finds, in what time, and with how much memory."""
    picture, noses = large_photograph()
    recognizer = Recognizer(detect=detect)
    recognizer.faces(skimage.data.astronaut())  # what loads or is traced once
    idle, before, clock = fresh_memory(), time.process_time(), time.perf_counter()
    faces = recognizer.faces(picture)
    seconds, cpu = time.perf_counter() - clock, time.process_time() - before
    boxes = [face.box for face in faces]
    hit = [any(t < y < b and x0 < x < x1 for t, x0, b, x1 in boxes) for y, x in noses]
    return {
        "faces": len(noses),
        "found": int(sum(hit)),
        "boxes": len(boxes),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "mebibytes": peak_since(idle),
    }


def table(record):
    """Return the record's numbers as lines of text."""
    lines = []
    for name, one in record["detectors"].items():
        low, high = one["found"]["interval"]
        marks, pairs, large = one["landmarks"], one["verification"], one["50 megapixels"]
        alarms = one["alarms"]
        lines += [
            name,
            f"  found {one['found']['value']:.3f} ({low:.3f} to {high:.3f}) of {one['frames']}"
            f" frames, {one['cpu_seconds']:.3f} CPU seconds each",
            f"  {alarms['per_megapixel']:.2f} alarms per megapixel"
            f" ({alarms['interval'][0]:.2f} to {alarms['interval'][1]:.2f})",
            f"  synthetic people: {marks['found']['value']:.3f} found, eyes off by"
            f" {marks.get('eyes', {}).get('median')} of their distance",
            f"  accuracy {pairs['missed_rejected']['mean']:.3f}"
            f" ± {pairs['missed_rejected']['standard_error']:.3f}, missed left out"
            f" {pairs['missed_left_out']['mean']:.3f}, {pairs['pairs_missed']} pairs missed",
            f"  50 megapixels: {large['found']} of {large['faces']} faces, {large['boxes']} boxes,"
            f" {large['seconds']:.2f} s, {large['mebibytes']:.0f} MiB",
        ]
    for name, one in record["differences"].items():
        low, high = one["interval"]
        lines.append(f"{name}: {one['difference']:+.3f} ({low:+.3f} to {high:+.3f})")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
