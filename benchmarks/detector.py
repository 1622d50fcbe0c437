"""A detector of faces, step by step: faces found against false alarms per megapixel.

For each of five seeds the book's network is trained as in chapter 8, on the training part of
`load_patches(seed)`. It is then trained on with richer patches, cut from the training and the
validation part, and again with the false alarms that it makes on the photographs of both. Nothing
of LFW is trained on but the faces that ship with scikit-image. The first stage is logistic
regression on the pixels, which leaves a tenth of the windows to the network.

Faces found are counted on frames of LFW, one for each person: the one face in the middle is found
if a box overlaps it by at least .4 (intersection over union). Windows there are at least .31 of
its edge. View 1's training people serve to choose (`--view 1`), View 2's people who are not among
them to report. A frame that one of scikit-image's faces was cut from is left out. False alarms are
counted on the four photographs of scikit-image in the test part, and on two of scikit-learn that no
choice has seen. A figure at a rate of alarms reads the threshold off scikit-image's, all seeds
together. Intervals resample people, and whole photographs.

Networks and what they find are kept in the folder of checkpoints, and a later run goes on there.

    python benchmarks/detector.py --data folder/with/lfw
"""

import json
from functools import partial

import numpy as np
import skimage.data
from _detector import (
    CHAPTER,
    EPOCHS,
    MINED,
    RATES,
    RICHER,
    STEPS,
    classifier,
    train_or_load,
)
from _photographs import (
    FACE,
    SMALLEST_ON_FRAMES,
    frame_sizes,
    load_frames,
    on_face,
    unseen,
)
from _record import CHECKPOINTS, options, positive, run

from facebook_tut import detection
from facebook_tut.cascade import (
    group_log_odds,
    window_log_odds,
)
from facebook_tut.data.lfw import load_lfw
from facebook_tut.data.patches import PHOTOGRAPHS, _photograph, load_patches
from facebook_tut.preprocessing import grayscale

ASTRONAUT = (66, 174, 173, 282)  # pixels: her face as scikit-image's cascade finds it
ASTRONAUT_STEPS = (3, 2)  # of the windows on her photograph, in pixels of the scaled copy
UNSURE = -3.0  # log-odds below which the mirror image is not asked
FLOOR = 0.0  # log-odds from which a window votes: chosen on View 1
SHORT = dict(zip(STEPS, ("votes", "log_odds", "richer", "bootstrapped", "cascade"), strict=True))
DIGITS = 4


def main():
    """Train, detect, print and record."""
    parser = options(__doc__, "detector", data=True, kept=CHECKPOINTS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--frames", type=positive, default=150, help="of as many people")
    parser.add_argument("--view", type=int, choices=(1, 2), default=2)
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS)
    help_ = "of the seeds, how many measure the steps before the last (default 5)"
    parser.add_argument("--ladder", type=positive, default=5, help=help_)
    run(parser.parse_args(), measure, table, "scikit-learn", "scikit-image", "pillow")


def measure(arguments):
    """Return for each step what was found, what was false, and where the astronaut's face is."""
    frames = load_frames(load_lfw(arguments.data), arguments.view, arguments.frames)
    answers = {step: [] for step in arguments.steps}
    for turn, seed in enumerate(arguments.seeds):
        splits = load_patches(seed, **CHAPTER)
        held_out = [name for name in PHOTOGRAPHS if name in set(splits.test.sources)]
        stages = train_or_load(splits, seed, arguments.checkpoints)
        for step in arguments.steps:
            if step == STEPS[3] or (step in DETECTORS and turn < arguments.ladder):
                kept = arguments.checkpoints / f"detector_{seed}_{SHORT[step]}.json"
                detect = DETECTORS[step](*stages)
                answers[step].append(kept_look(kept, detect, frames, held_out, arguments))
                rank, own = answers[step][-1]["astronaut"], np.array(answers[step][-1]["own"])
                print(f"{seed} {step}: astronaut {rank}, faces {np.mean(own > 0):.2f}", flush=True)
    if STEPS[-1] in answers:
        answers[STEPS[-1]].append(look(with_cascade, frames, PHOTOGRAPHS))
    return {
        "view": arguments.view,
        "seeds": arguments.seeds,
        "frames": len(frames),
        "frame_pixels": list(frames[0].shape),
        "smallest_window_on_frames": SMALLEST_ON_FRAMES,
        "richer": RICHER,
        "mined_per_photograph": MINED,
        "epochs": EPOCHS,
        "floor": FLOOR,
        "rates": RATES,
        "steps": {step: summary(found) for step, found in answers.items()},
    }


def kept_look(path, detect, frames, held_out, arguments):
    """Return what a detector finds; what was found before is read from a file."""
    asked = {"view": arguments.view, "frames": len(frames)}
    if path.is_file():
        kept = json.loads(path.read_text("utf-8"))
        if kept["asked"] == asked:
            return kept["look"]
    found = look(detect, frames, held_out)
    path.write_text(json.dumps({"asked": asked, "look": found}) + "\n", "utf-8")
    return found


# The detectors


def with_votes(model, first, grey, sizes=None, step=3):
    """Detect as `detection.detect_faces` does, by sums of probabilities, behind the first stage."""
    patches, boxes = survivors(grey, first, sizes, step)
    scores = 1 / (1 + np.exp(-window_log_odds(classifier(model), patches, mirror=False)))
    kept = scores >= 0.5
    return detection.group_windows(boxes[kept], scores[kept])


def with_log_odds(model, first, grey, sizes=None, step=3):
    """Detect by sums of log-odds; windows that are not hopeless are judged mirrored as well."""
    patches, boxes = survivors(grey, first, sizes, step)
    scores = window_log_odds(classifier(model), patches, mirror=False)
    likely = scores > UNSURE
    mirrored = window_log_odds(classifier(model), patches[likely][:, :, ::-1], mirror=False)
    scores[likely] = (scores[likely] + mirrored) / 2
    return group_log_odds(boxes, scores, FLOOR)


def survivors(grey, first, sizes, step):
    """Return the windows that the first stage lets through, and their boxes."""
    patches, boxes = detection.sliding_windows(grey, sizes, step)
    left = first.log_odds(patches) > 0
    return patches[left], boxes[left]


def with_cascade(grey, sizes=None, step=None):
    """Detect with scikit-image's cascade, whatever the number of votes."""
    smallest = None if sizes is None else max(sizes[0], detection.CASCADE_SIZE)
    smallest = max(min(grey.shape) / 6.4, 24) if smallest is None else smallest
    return detection.detect_with_cascade(grey, smallest=smallest, votes=0, margin=0)


DETECTORS = {
    STEPS[0]: lambda n, f: partial(with_votes, n["chapter"], f["chapter"]),
    STEPS[1]: lambda n, f: partial(with_log_odds, n["chapter"], f["chapter"]),
    STEPS[2]: lambda n, f: partial(with_log_odds, n["richer"], f["richer"]),
    STEPS[3]: lambda n, f: partial(with_log_odds, n["bootstrapped"], f["richer"]),
}


# What was found


def look(detect, frames, held_out):
    """Return the scores of what a detector finds.

    Returns
    -------
    dict
        ``own``: for each frame, the best score on the face, or 0; ``alarms``: by photograph, all
        scores and the number of megapixels; ``astronaut``: by the step of the windows, the rank of
        her face, from 1, or 0 if it is not found.
    """
    own = []
    for grey in frames:
        found = detect(grey, frame_sizes(len(grey)))
        right = on_face(found, np.array(FACE) * len(grey))
        own.append(max([d.votes for d, r in zip(found, right, strict=True) if r], default=0.0))
    photographs = {name: _photograph(name) for name in held_out} | unseen()
    alarms = {
        name: ([d.votes for d in detect(grey)], grey.size / 1e6)
        for name, grey in photographs.items()
    }
    ranks = {str(step): rank_of_astronaut(detect, step) for step in ASTRONAUT_STEPS}
    return {"own": own, "alarms": alarms, "astronaut": ranks}


def rank_of_astronaut(detect, step):
    """Return the place of the box on the astronaut's face by votes, from 1; 0 if there is none."""
    right = on_face(detect(grayscale(skimage.data.astronaut()), step=step), ASTRONAUT)
    return right.index(True) + 1 if any(right) else 0


def summary(looks, rounds=1000):
    """Return the figures of one step over all seeds."""
    own = np.array([look["own"] for look in looks])  # (seeds, frames)
    thresholds = [_thresholds(_held_out(look)) for look in looks]
    return {
        "seeds": len(looks),
        "faces found": at_rates(looks, own, rounds),
        "faces found at any": round(float(np.mean(own > 0)), DIGITS),
        "alarms per megapixel at any": round(_alarms(looks), DIGITS),
        "unseen alarms per megapixel at 1": [
            _unseen_alarms(look, found[RATES.index(1)])
            for look, found in zip(looks, thresholds, strict=True)
        ],
        "alarms by photograph at any": _by_photograph(looks),
        "astronaut": {
            step: [look["astronaut"][step] for look in looks] for step in looks[0]["astronaut"]
        },
    }


def at_rates(looks, own, rounds):
    """Return the share of faces found at each rate of alarms: mean over seeds, interval, each seed.

    The alarms of all seeds are pooled, so that there is one threshold for a rate. The interval
    resamples people, and photographs with all of their alarms in all seeds.
    """
    pools = [_held_out(look) for look in looks]
    each = np.array([_shares(row, _thresholds(sum_of(pools))) for row in own])  # (seeds, rates)
    names = sorted({name for look in looks for name in look["alarms"] if name in PHOTOGRAPHS})
    rng, drawn = np.random.default_rng(0), []
    for _ in range(rounds):
        people = rng.integers(own.shape[1], size=own.shape[1])
        chosen = rng.choice(names, len(names))
        lists = [look["alarms"][n] for n in chosen for look in looks if n in look["alarms"]]
        drawn.append(_shares(own[:, people].ravel(), _thresholds(lists)))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    columns = np.round([each.mean(0), low, high], DIGITS).T.tolist()
    return {
        str(rate): dict(zip(("mean", "low", "high"), ends, strict=True))
        | {"seeds": np.round(each[:, k], DIGITS).tolist()}
        for k, (rate, ends) in enumerate(zip(RATES, columns, strict=True))
    }


def sum_of(lists):
    """Return several lists as one."""
    return [item for each in lists for item in each]


def _shares(own, thresholds):
    return [float(np.mean(own > threshold)) for threshold in thresholds]


def _held_out(look):
    return [pair for name, pair in look["alarms"].items() if name in PHOTOGRAPHS]


def _thresholds(lists):
    """Return for each rate the lowest score that at most so many alarms per megapixel are above."""
    scores = np.sort(sum_of(alarms for alarms, _ in lists))[::-1]
    megapixels = sum(size for _, size in lists)
    allowed = [int(rate * megapixels) for rate in RATES]
    return [float(scores[count]) if count < len(scores) else 0.0 for count in allowed]


def _alarms(looks):
    lists = sum_of(_held_out(look) for look in looks)
    return len(sum_of(alarms for alarms, _ in lists)) / sum(size for _, size in lists)


def _unseen_alarms(look, threshold):
    lists = [pair for name, pair in look["alarms"].items() if name not in PHOTOGRAPHS]
    count = sum(score > threshold for alarms, _ in lists for score in alarms)
    return round(float(count / sum(size for _, size in lists)), DIGITS)


def _by_photograph(looks):
    """Return the number of false alarms on each photograph, one for each seed that held it out."""
    names = sorted({name for look in looks for name in look["alarms"]})
    return {
        name: [len(look["alarms"][name][0]) for look in looks if name in look["alarms"]]
        for name in names
    }


def table(record):
    """Return the faces found at each rate of alarms, and the astronaut's ranks, as Markdown."""
    rates = [str(rate) for rate in record["rates"]]
    lines = [f"| alarms per megapixel | {' | '.join(rates)} | any | astronaut's rank | at step 2 |"]
    lines.append(f"| --- |{' --- |' * (len(rates) + 3)}")
    for step, found in record["steps"].items():
        shares = [found["faces found"][rate] for rate in rates]
        cells = [f"{s['mean']:.2f} ({s['low']:.2f} to {s['high']:.2f})" for s in shares]
        cells.append(
            f"{found['faces found at any']:.2f} at {found['alarms per megapixel at any']:.1f}"
        )
        cells += [", ".join(map(str, ranks)) for ranks in found["astronaut"].values()]
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
