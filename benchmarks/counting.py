"""Count the people of a stream with the shipped embedder: at which threshold is the count right?

A stream is a number of people, each photographed one to five times, drawn without repetition from
the people of View 1's test list who have at least two photographs. The network has met none of
them. `pipeline.group_people` groups the photographs, and the count is compared with the truth.

The people are split in two halves by chance. The threshold with the smallest error, in share of the
people and over streams of 10, 30 and 100 people alike, is chosen on one half;
`pretrained.COUNT_THRESHOLD` comes from there. The other half reports: the mean over streams, and
the limits between which 95 % of them lie. The streams of a half share its people, so these limits
tell how much streams differ, not how sure the mean is; the threshold that the other half would have
chosen is recorded for that. Streams in which everybody is photographed once, who are most people of
LFW, are measured too: nobody can be split there, and all errors are merges.

    python benchmarks/counting.py --data folder/with/lfw
"""

from collections import Counter

import numpy as np
from _record import options, positive, run
from lfw.people import draw, split, test_photos
from lfw.protocol import plan

from facebook_tut import pretrained
from facebook_tut.data.lfw import load_lfw
from facebook_tut.evaluation import count_errors
from facebook_tut.metric_learning import embed
from facebook_tut.pipeline import group_people

SIZES = (10, 30, 100)  # people of a stream
ONCE = 30  # people of a stream in which each is photographed once
MOST = 5  # photographs of a person
GRID = tuple(round(0.02 * k, 2) for k in range(3, 31))  # thresholds, 0.06 to 0.60
THRESHOLDS = tuple(sorted({*GRID, pretrained.THRESHOLD}))
DIGITS = 4


def main():
    """Choose a threshold on half of the people, report on the others, print and record."""
    parser = options(__doc__, "counting", data=True)
    parser.add_argument("--streams", type=positive, default=200, help="of each size (default 200)")
    run(parser.parse_args(), count, table, "scikit-learn", "pillow")


def count(arguments):
    """Return the chosen threshold, and what counts are wrong by."""
    data, model = load_lfw(arguments.data), pretrained.load_embedder()
    [experiment] = plan(data, view=1)
    photos = test_photos(data, experiment, at_most=MOST)
    names = np.array([photo.name for photo in photos])
    embeddings = embed(model, data.images(photos))  # (N, D)
    halves = split(names)
    errors = {
        half: measure(embeddings, names, people, arguments.streams)
        for half, people in halves.items()
    }
    return {
        "data_fingerprint": data.fingerprint,
        "sha256": pretrained.SHA256,
        "people": {half: len(people) for half, people in halves.items()},
        "streams": arguments.streams,
        "thresholds": THRESHOLDS,
        "threshold": choose(errors["choosing"]),
        "threshold_of_the_other_half": choose(errors["reporting"]),
        "verification_threshold": pretrained.THRESHOLD,
        "reporting": {size: summarise(found) for size, found in errors["reporting"].items()},
    }


def measure(embeddings, names, people, streams):
    """Return splits, merges and people of all streams at all thresholds, by the kind of stream.

    Returns
    -------
    dict of str to ndarray, (streams, T, 3), float
        Splits, merges and error of the count, in shares of the stream's people.
    """
    rng = np.random.default_rng(1)
    photos = Counter(names)
    several = [name for name in people if photos[name] > 1]
    kinds = {str(size): (several, size, MOST) for size in SIZES}
    kinds[f"{ONCE}, once each"] = (people, ONCE, 1)
    return {
        kind: np.array(
            [errors_of(embeddings, names, draw(names, *how, rng)) for _ in range(streams)]
        )
        for kind, how in kinds.items()
    }


def errors_of(embeddings, names, rows):
    """Return what a stream's count is wrong by at each threshold, in shares of its people."""
    found = [
        count_errors(group_people(embeddings[rows], threshold), names[rows])
        for threshold in THRESHOLDS
    ]
    return [[f.splits / f.people, f.merges / f.people, f.error / f.people] for f in found]


def choose(errors):
    """Return the threshold whose count is least wrong, over streams of all sizes alike."""
    wrong = np.mean([np.abs(errors[str(size)][..., 2]).mean(0) for size in SIZES], axis=0)  # (T,)
    return THRESHOLDS[int(wrong.argmin())]


def summarise(found):
    """Return the means over streams at each threshold, and where 95 % of the counts lie."""
    splits, merges, error = np.moveaxis(found, -1, 0)  # each (streams, T)
    low, high = np.quantile(error, [0.025, 0.975], axis=0)
    columns = {"splits": splits.mean(0), "merges": merges.mean(0), "error": error.mean(0)}
    columns |= {"low": low, "high": high, "wrong_by": np.abs(error).mean(0)}
    return {name: column.round(DIGITS).tolist() for name, column in columns.items()}


def table(record):
    """Return what is reported at the chosen threshold and at that for verifying, as Markdown."""
    lines = ["| people | threshold | splits | merges | error | 95 % of streams | wrong by |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for kind, found in record["reporting"].items():
        for threshold in (record["threshold"], record["verification_threshold"]):
            at = THRESHOLDS.index(threshold)
            lines.append(
                f"| {kind} | {threshold:.2f} | {found['splits'][at]:.1%} |"
                f" {found['merges'][at]:.1%} | {found['error'][at]:+.1%} |"
                f" {found['low'][at]:+.1%} to {found['high'][at]:+.1%} |"
                f" {found['wrong_by'][at]:.1%} |"
            )
    other = record["threshold_of_the_other_half"]
    return "\n".join([*lines, "", f"The other half would have chosen {other:.2f}."])


if __name__ == "__main__":
    main()
