"""Measure what a user could pick on the same faces: our network, Fisher vectors, dlib, eigenfaces.

Our network, our Fisher vectors and eigenfaces learned from the people of LFW's View 1 training
list and nobody else; for View 2, Fisher vectors and eigenfaces learned from the other folds. Ours
were chosen on View 1, which flatters them a little there. Our network is not scored on View 2:
1,689 of the people that it learned from stand there. dlib's network learned from some three million
photographs of 7,485 people: FaceScrub, VGG-Face and others from the web. Its author writes that he
left out LFW's people; nobody has published a check, so it may have met some of those it is measured
on, and photographs of the press that are in LFW.

- View 1 and View 2: LFW's pairs, the threshold of each fold chosen on the others. The scores of
  Fisher vectors and eigenfaces are those of `lfw_view1.json` and `lfw_view2.json`.
- All pairs among the first three photographs of each person of View 1's test list. The threshold
  for an FMR of one in a thousand comes from there, for all that follows.
- Spoiled: first with second photographs of people with a genuine pair in View 1; the second one
  spoiled, or both alike. Each cause of `corruption.SEVERITIES` in its last step but one, and no
  colour at all.
- A watch list, as in `watch_list.py`, and counting, as in `counting.py`.

All systems see LFW's own alignment. Fisher vectors, whose encoder is not kept, take part in the
pairs of both views only. Intervals draw people, 1,000 times, all systems alike; differences are
paired. In View 1 and View 2 the thresholds of the folds stay what they are. Embeddings are kept in
files; an interrupted run goes on. It needs ``pip install "facebook_tut[dlib]"``, and writes dlib's
thresholds beside `embedders.dlib_network` too.

    python benchmarks/peers.py --data folder/with/lfw
"""

import json

import numpy as np
from _draws import Ranked, accuracy, difference, draws, estimate, interval, rates
from _peers import Dlib, Eigenfaces, Shipped
from _record import CHECKPOINTS, RECORDED, as_text, options, positive, run
from lfw.people import all_pairs, draw, rows_of, split, test_photos
from lfw.protocol import measure, plan

from facebook_tut import evaluation, pretrained
from facebook_tut._files import replacing
from facebook_tut.corruption import SEVERITIES
from facebook_tut.data.lfw import load_lfw
from facebook_tut.embedders import dlib_network
from facebook_tut.evaluation import count_errors
from facebook_tut.pipeline import group_people

SYSTEMS = {"shipped": Shipped, "dlib": Dlib, "eigenfaces": Eigenfaces}
COMPARED = (
    ("dlib", "shipped"),
    ("dlib", "fisher"),
    ("shipped", "fisher"),
    ("fisher", "eigenfaces"),
)
COMPARED += (("shipped", "eigenfaces"),)
FARS, FAR = (0.01, 0.001, 0.0001), 0.001
FPIR = 0.01
CONDITIONS = {
    "as it is": ("little light", 0),
    **{kind: (kind, len(SEVERITIES[kind][1]) - 1) for kind in SEVERITIES},
    "no colour": ("little colour", len(SEVERITIES["little colour"][1])),
}
LISTS, LISTED = (10, 100, 400), 50  # people on a list, lists of each size
STREAMS, MOST, STEPS = (10, 30, 100), 5, 16  # people of a stream, photographs of each, thresholds
DISTANCE = 0.6  # dlib's own threshold


def main():
    """Measure, print and record; write down dlib's thresholds."""
    parser = options(__doc__, "peers", data=True, kept=CHECKPOINTS / "peers")
    parser.add_argument(
        "--spoiled", type=positive, default=300, help="people whose photographs are spoiled (300)"
    )
    parser.add_argument("--streams", type=positive, default=60, help="of each size (default 60)")
    help_ = "leave dlib out of View 2, which takes most of the time"
    parser.add_argument("--quick", action="store_true", help=help_)
    arguments = parser.parse_args()
    run(arguments, compare, table, "dlib-bin", "face_recognition_models", "scikit-learn", "pillow")
    if arguments.output == parser.get_default("output"):
        write_facts(json.loads(arguments.output.read_text(encoding="utf-8")))


def compare(arguments):
    """Return the figures of all systems."""
    data = load_lfw(arguments.data)
    [experiment] = plan(data, view=1)
    systems = {name: make(data, arguments.checkpoints) for name, make in SYSTEMS.items()}
    photos = sorted({*test_photos(data, experiment, MOST), *experiment.pairs.photos})
    seen = {name: Rows(photos, system.rows(photos)) for name, system in systems.items()}
    everywhere, thresholds = measure_all_pairs(seen, test_photos(data, experiment))
    people = choose_people(experiment.pairs, arguments.spoiled)
    counted = measure_counting(seen, test_photos(data, experiment, MOST), arguments.streams)
    folds = plan(data, view=2)
    dlib = {} if arguments.quick else {"dlib": view_2(systems["dlib"], folds, seen["dlib"])}
    return {
        "data_fingerprint": data.fingerprint,
        "fingerprints": {
            "shipped": pretrained.SHA256,
            "dlib": systems["dlib"].embedder.fingerprint,
        },
        "about": " ".join(__doc__.split("\n\n")[1].split()),
        "all_pairs": everywhere,
        "distance": measure_distance(systems["dlib"], photos, test_photos(data, experiment)),
        "view1": measure_view(1, [experiment], {name: seen[name] for name in ("shipped", "dlib")}),
        "view2": measure_view(2, folds, dlib),
        "conditions": measure_conditions(systems, people, thresholds),
        "watch_list": measure_lists(seen, test_photos(data, experiment, 2), thresholds),
        "counting": counted,
    }


class Rows:
    """Embeddings of photographs, found by the photographs.

    Parameters
    ----------
    photos : list of Photo
        Each once.
    rows : ndarray, (N, D)
        Of length 1.
    """

    def __init__(self, photos, rows):
        self.photos, self.rows = photos, rows
        self.row = {photo: number for number, photo in enumerate(photos)}

    def of(self, photos):
        """Return the embeddings of some of the photographs."""
        return self.rows[[self.row[photo] for photo in photos]]


def view_2(system, experiments, seen):
    """Return the embeddings of View 2's photographs; those that View 1 has are not made anew."""
    wanted = dict.fromkeys(photo for one in experiments for photo in one.pairs.photos)
    rest = [photo for photo in wanted if photo not in seen.row]  # fold by fold
    rows = [seen.rows, system.rows(rest)] if rest else [seen.rows]
    return Rows([*seen.photos, *rest], np.concatenate(rows))


# All pairs


def measure_all_pairs(seen, photos):
    """Return the operating points of each system on all pairs, and its threshold."""
    left, right, same = all_pairs(photos)
    person = np.unique([photo.name for photo in photos], return_inverse=True)[1]
    drawn, found, values = draws(person.max() + 1), {}, {}
    for name, rows in seen.items():
        scores = (rows.of(photos) @ rows.of(photos).T)[left, right]
        ranked, points = Ranked(person, left, right, same, scores, max(FARS)), {}
        for far in FARS:
            point = evaluation.tar_at_far(same, scores, far)
            tars, limits = ranked.tar(drawn, far)
            values[name, far] = point.tar.value, tars
            points[str(far)] = {
                "threshold": estimate(point.threshold, limits),
                "tar": estimate(point.tar.value, tars),
            }
        found[name] = {
            "auc": round(evaluation.roc(same, scores).auc, 4),
            "equal_error_rate": round(evaluation.equal_error_rate(same, scores), 4),
            "impostor_cosine": round(float(scores[~same].mean()), 4),
            "genuine_cosine": round(float(scores[same].mean()), 4),
            "operating_points": points,
        }
    pairs = {"genuine_pairs": int(same.sum()), "impostor_pairs": int((~same).sum())}
    sizes = {"people": int(person.max()) + 1, "photos": len(photos), **pairs}
    differences = {
        f"{one} − {other}": difference(values[one, FAR], values[other, FAR])
        for one, other in COMPARED
        if {one, other} <= seen.keys()
    }
    thresholds = {
        name: round(one["operating_points"][str(FAR)]["threshold"]["value"], 3)
        for name, one in found.items()
    }
    result = {**sizes, "systems": found, "tar_differences": differences, "thresholds": thresholds}
    return result, thresholds


def measure_distance(dlib, photos, chosen):
    """Return what dlib's own rule gives, a distance of 0.6, and which cosine it amounts to."""
    rows = Rows(photos, dlib.descriptors(photos)).of(chosen).astype(float)
    left, right, same = all_pairs(chosen)
    lengths = np.linalg.norm(rows, axis=1)
    products = (rows @ rows.T)[left, right]
    squares = lengths[left] ** 2 + lengths[right] ** 2 - 2 * products
    distances, cosines = np.sqrt(squares.clip(0)), products / lengths[left] / lengths[right]
    near = np.argsort(np.abs(distances - DISTANCE))[: len(left) // 1000 + 1]
    return {
        "threshold": DISTANCE,
        "lengths": np.quantile(lengths, [0, 0.5, 1]).round(3).tolist(),
        "cosine": round(float(cosines[near].mean()), 3),
        "cosine_of_95_percent": np.quantile(cosines[near], [0.025, 0.975]).round(3).tolist(),
        "tar": round(float((distances[same] <= DISTANCE).mean()), 4),
        "fmr": round(float((distances[~same] <= DISTANCE).mean()), 5),
        "tar_at_fmr": round(evaluation.tar_at_far(same, -distances, FAR).tar.value, 4),
    }


# LFW's pairs


def measure_view(view, experiments, seen):
    """Return the accuracy of the systems on a view's pairs, and paired differences."""
    left = [photo for one in experiments for photo in one.pairs.left]
    right = [photo for one in experiments for photo in one.pairs.right]
    folds = np.concatenate([one.folds for one in experiments])
    same = np.concatenate([one.pairs.same for one in experiments])
    scores = recorded_scores(view, same, folds)
    for name, rows in seen.items():
        scores[name] = np.sum(rows.of(left) * rows.of(right), axis=1)
    names = [photo.name for photo in [*left, *right]]
    sides = np.unique(names, return_inverse=True)[1].reshape(2, -1)
    drawn, found, values = draws(sides.max() + 1), {}, {}
    for name, own in scores.items():
        result = measure(same, own, folds)
        limits = np.array(result["fold_thresholds"])[np.unique(folds, return_inverse=True)[1]]
        right_answers = (own >= limits) == same
        values[name] = result["mean"], accuracy(right_answers, same, *sides, drawn)
        chosen = ("standard_error", "equal_error_rate", "auc", "tar_at_far")
        chosen = {key: result[key] for key in chosen}
        found[name] = {"accuracy": estimate(*values[name]), **chosen}
    differences = {
        f"{one} − {other}": difference(values[one], values[other])
        for one, other in COMPARED
        if {one, other} <= scores.keys()
    }
    return {"pairs": len(same), "systems": found, "accuracy_differences": differences}


def recorded_scores(view, same, folds):
    """Return the scores of Fisher vectors and eigenfaces that `python benchmarks/lfw` recorded."""
    path = RECORDED / f"lfw_view{view}.json"
    pairs = json.loads(path.read_text(encoding="utf-8"))["pairs"]
    if pairs["same"] != same.astype(int).tolist() or pairs["fold"] != folds.tolist():
        raise ValueError(f"{path} must hold the scores of these pairs; run benchmarks/lfw again")
    return {name: np.array(pairs[name]) for name in ("fisher", "eigenfaces")}


# Spoiled photographs


def choose_people(pairs, size):
    """Return the first genuine pair of so many people, drawn by chance: [(Photo, Photo), ...]."""
    first = {}
    for left, right in zip(pairs.left, pairs.right, strict=True):
        if left.name == right.name:
            first.setdefault(left.name, (left, right))
    rng = np.random.default_rng(0)
    everybody = sorted(first)
    # Of a larger size, the people of a smaller one come first, whose embeddings may be kept.
    return [first[name] for name in rng.permutation(everybody)[:size].tolist()]


def measure_conditions(systems, people, thresholds):
    """Return TAR and FMR of each system at its own threshold, one photograph spoiled or both."""
    photos = [photo for pair in people for photo in pair]
    found = {name: {} for name in systems}
    drawn = draws(len(people))
    for name, system in systems.items():
        clean = system.spoiled(photos, *CONDITIONS["as it is"])
        for condition, how in CONDITIONS.items():
            bad = system.spoiled(photos, *how)
            found[name][condition] = {
                "one": judge(clean[::2] @ bad[1::2].T, thresholds[name], drawn),
                "both": judge(bad[::2] @ bad[1::2].T, thresholds[name], drawn),
            }
    pairs = len(people) * (len(people) - 1)
    return {"people": len(people), "impostor_pairs": pairs, "systems": found}


def judge(scores, threshold, drawn):
    """Return TAR and FMR with their intervals."""
    tar, fmr = rates(scores, threshold, drawn)
    return {"tar": estimate(*tar), "fmr": estimate(*fmr)}


# Watch list


def measure_lists(seen, photos, thresholds):
    """Return FPIR and FNIR of lists of several sizes."""
    listed, strangers = rows_of(photos)
    found = {name: {} for name in seen}
    people = len(listed) + len(strangers)
    drawn = draws(people)
    for size in LISTS:
        rng = np.random.default_rng(size)
        lists = [rng.choice(len(listed), size, replace=False) for _ in range(LISTED)]
        for name, rows in seen.items():
            named = search(rows.of(photos), listed, strangers, lists)
            found[name][str(size)] = rates_of_lists(named, lists, thresholds[name], drawn)
    return {"people_to_list": len(listed), "strangers": len(strangers), "systems": found}


def search(embeddings, listed, strangers, lists):
    """Return the score up to which each probe gets the name that counts, list by list.

    Returns
    -------
    own : ndarray, (L, K), float
        Of each list's people with their own names; −∞ where somebody else comes before.
    alarms : ndarray, (L, S), float
        Of the strangers.
    """
    gallery = embeddings[listed[:, 0]]
    seen, others = embeddings[listed[:, 1]] @ gallery.T, embeddings[strangers] @ gallery.T
    own, alarms = [], []
    for chosen in lists:
        scores = seen[np.ix_(chosen, chosen)]
        first = scores.argmax(axis=1) == np.arange(len(chosen))
        own.append(np.where(first, scores.max(axis=1), -np.inf))
        alarms.append(others[:, chosen].max(axis=1))
    return np.array(own), np.array(alarms)


def rates_of_lists(named, lists, threshold, drawn):
    """Return the rates at the threshold of pairs, and at an FPIR of one in a hundred.

    Of the draws the first columns are the listed people, the others the strangers.
    """
    own, alarms = named
    strict = float(np.quantile(alarms, 1 - FPIR))
    drawn = np.vstack([np.ones_like(drawn[:1]), drawn])
    result = {}
    for name, limit in {"at_pairs_threshold": threshold, "at_fpir": strict}.items():
        times, missed = np.zeros((2, drawn.shape[1] - alarms.shape[1]))
        for chosen, scores in zip(lists, own, strict=True):
            times[chosen] += 1
            missed[chosen] += scores < limit
        known, strangers = np.split(drawn, [len(times)], axis=1)
        fnir = known @ missed / (known @ times)
        fpir = strangers @ (alarms >= limit).mean(0) / strangers.sum(1)
        rates = {"fpir": estimate(fpir[0], fpir[1:]), "fnir": estimate(fnir[0], fnir[1:])}
        result[name] = {"threshold": round(limit, 4), **rates}
    return result


# Counting


def measure_counting(seen, photos, streams):
    """Return what counts are wrong by: half of the people choose the threshold, half report."""
    names = np.array([photo.name for photo in photos])
    several = set(names[1:][names[1:] == names[:-1]].tolist())
    halves = {half: [n for n in some if n in several] for half, some in split(names).items()}
    found = {}
    for system, rows in seen.items():
        embeddings = rows.of(photos)
        grid = count_grid(embeddings)
        wrong = {
            half: count_streams(embeddings, names, people, grid, streams)
            for half, people in halves.items()
        }
        errors = [np.abs(one[..., 2]).mean(0) for one in wrong["choosing"].values()]  # (T,) each
        best = int(np.mean(errors, axis=0).argmin())
        found[system] = {
            "threshold": grid[best],
            "streams": {size: summarise(one[:, best]) for size, one in wrong["reporting"].items()},
        }
    return {"people": len(halves["reporting"]), "streams": streams, "systems": found}


def count_grid(embeddings):
    """Return thresholds from the median cosine of all pairs to that of one pair in 10,000."""
    scores = (embeddings @ embeddings.T)[np.triu_indices(len(embeddings), 1)]
    low, high = np.quantile(scores, [0.5, 0.9999])
    return np.linspace(low, high, STEPS).round(3).tolist()


def count_streams(embeddings, names, people, grid, streams):
    """Return splits, merges and error in shares of a stream's people, (streams, T, 3), by size."""
    rng, found = np.random.default_rng(1), {}
    for size in STREAMS:
        rows = [draw(names, people, size, MOST, rng) for _ in range(streams)]
        found[str(size)] = np.array([count(embeddings[one], names[one], grid) for one in rows])
    return found


def count(embeddings, names, grid):
    """Return splits, merges and error of a stream's count at each threshold, (T, 3)."""
    found = [count_errors(group_people(embeddings, limit), names) for limit in grid]
    return [[f.splits / f.people, f.merges / f.people, f.error / f.people] for f in found]


def summarise(wrong):
    """Return the means over streams, and where the counts of 95 % of the streams lie."""
    splits, merges, error = wrong.T
    shares = {"splits": splits.mean(), "merges": merges.mean(), "wrong_by": np.abs(error).mean()}
    shares = {name: round(float(one), 4) for name, one in shares.items()}
    return shares | {"error_of_95": interval(error)}


# What is written


def write_facts(record):
    """Write dlib's thresholds where `embedders.DlibEmbedder` reads them."""
    facts = {
        "fingerprint": record["fingerprints"]["dlib"],
        "thresholds": {
            "verify": record["all_pairs"]["thresholds"]["dlib"],
            "count": record["counting"]["systems"]["dlib"]["threshold"],
        },
        "records": {"peers": {name: record[name] for name in ("command", "date")}},
    }
    path = RECORDED.parent / "embedders" / dlib_network.FACTS_FILE
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text(as_text(facts) + "\n", encoding="utf-8", newline="\n")


def table(record):
    """Return the table of peers as Markdown."""
    lines = ["| | View 1 | View 2 | TAR at FMR 0.1 % | watch list of 100: FNIR at FPIR 1 % |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for name in ("eigenfaces", "shipped", "fisher", "dlib"):
        views = [record[view]["systems"].get(name, {}) for view in ("view1", "view2")]
        cells = [one.get("accuracy") for one in views]
        points = record["all_pairs"]["systems"].get(name, {}).get("operating_points", {})
        cells.append(points.get(str(FAR), {}).get("tar"))
        lists = record["watch_list"]["systems"].get(name)
        cells.append(lists and lists["100"]["at_fpir"]["fnir"])
        lines.append(f"| {name} | " + " | ".join(map(cell, cells)) + " |")
    lines += ["", "| FMR, TAR | " + " | ".join(SYSTEMS) + " |", "| --- |" + " --- |" * len(SYSTEMS)]
    for condition in CONDITIONS:
        for sides in ("one", "both"):
            found = [record["conditions"]["systems"][name][condition][sides] for name in SYSTEMS]
            words = [f"{one['fmr']['value']:.2%}, {cell(one['tar'])}" for one in found]
            lines.append(f"| {condition}, {sides} | " + " | ".join(words) + " |")
    for name, one in record["counting"]["systems"].items():
        wrong = {size: f"{s['wrong_by']:.1%}" for size, s in one["streams"].items()}
        lines.append(f"counting, {name}: threshold {one['threshold']}, wrong by {wrong}")
    for part, kind in (("view1", "accuracy"), ("view2", "accuracy"), ("all_pairs", "tar")):
        for pair, one in record[part][f"{kind}_differences"].items():
            lines.append(f"{part}: {kind} {pair}: {cell(one)}")
    return "\n".join(lines)


def cell(one):
    """Return an estimate as text."""
    if not one:
        return "–"
    low, high = one["interval"]
    return f"{one['value']:.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
