"""Search a watch list of LFW's people with the shipped embedder: who is found, who is bothered.

A list holds 10, 100 or 400 people of View 1's test list, each with their first photograph. The
second photographs of these people are the listed passers-by; the strangers are all people of the
test list who have one photograph only. The network has met none of them. Each list is drawn several
times; the rates are means over the draws.

At each threshold: the share of strangers who set off an alarm (FPIR), that of listed people who
are found under their own name (DIR), and the share of all comparisons of a stranger with an entry
that reach it (FAR).

    python benchmarks/watch_list.py --data folder/with/lfw
"""

import numpy as np
from _record import options, positive, run
from lfw.people import rows_of, test_photos
from lfw.protocol import plan

from facebook_tut import pretrained
from facebook_tut.data.lfw import load_lfw
from facebook_tut.evaluation import open_set
from facebook_tut.metric_learning import embed

SIZES = (10, 100, 400)  # people on the list
THRESHOLDS = tuple(round(0.02 * k, 2) for k in range(10, 41))  # 0.20 to 0.80
DIGITS = 5


def main():
    """Embed the photographs, measure lists of each size, print and record."""
    parser = options(__doc__, "watch_list", data=True)
    parser.add_argument("--draws", type=positive, default=50, help="of each list (default 50)")
    run(parser.parse_args(), watch, table, "pillow")


def watch(arguments):
    """Return the rates of lists of each size."""
    data = load_lfw(arguments.data)
    [experiment] = plan(data, view=1)
    photos = test_photos(data, experiment, at_most=2)
    embeddings = embed(pretrained.load_embedder(), data.images(photos))  # (N, D)
    listed, strangers = rows_of(photos)
    return {
        "data_fingerprint": data.fingerprint,
        "sha256": pretrained.SHA256,
        "strangers": len(strangers),
        "people_to_list": len(listed),
        "draws": arguments.draws,
        "thresholds": THRESHOLDS,
        "lists": {
            str(size): measure(embeddings, listed, strangers, size, arguments.draws)
            for size in SIZES
        },
    }


def measure(embeddings, listed, strangers, size, draws):
    """Return the mean rates over lists of one size, at each of the thresholds."""
    rng = np.random.default_rng(size)
    found = [
        rates(embeddings, rng.choice(listed, size, replace=False), strangers) for _ in range(draws)
    ]
    return {
        name: np.mean([one[name] for one in found], axis=0).round(DIGITS).tolist()
        for name in ("fpir", "dir", "far")
    }


def rates(embeddings, listed, strangers):
    """Return FPIR, DIR and FAR of one list at each of the thresholds, (T,) each."""
    gallery, seen = embeddings[listed[:, 0]], embeddings[listed[:, 1]]
    scores = np.concatenate([seen, embeddings[strangers]]) @ gallery.T  # (K + S, K)
    entries = np.arange(len(listed))
    names = np.concatenate([entries, len(listed) + np.arange(len(strangers))])
    curve = open_set(scores, names, entries)
    at = np.searchsorted(-curve.thresholds, -np.array(THRESHOLDS), side="right") - 1
    far = [np.mean(scores[len(listed) :] >= threshold) for threshold in THRESHOLDS]
    return {"fpir": curve.fpir[at], "dir": curve.dir[at], "far": far}


def table(record):
    """Return some of the rates as Markdown."""
    lines = ["| people | threshold | FAR | FPIR | DIR |", "| --- | --- | --- | --- | --- |"]
    for size, found in record["lists"].items():
        for threshold in (0.3, 0.42, 0.54, 0.66):
            at = THRESHOLDS.index(threshold)
            lines.append(
                f"| {size} | {threshold} | {found['far'][at]:.3%} | {found['fpir'][at]:.1%} |"
                f" {found['dir'][at]:.1%} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
