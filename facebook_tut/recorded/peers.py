"""The record of `benchmarks/peers` as tables that chapters print."""

from facebook_tut._table import as_table
from facebook_tut._validation import check_choice
from facebook_tut.recorded.records import load
from facebook_tut.recorded.tables import with_interval

NAMES = {"eigenfaces": "eigenfaces", "shipped": "shipped", "fisher": "Fisher", "dlib": "dlib"}
DETECTORS = {"mtcnn": "MTCNN", "own": "its own"}
SHARES = {"splits": "splits", "merges": "merges", "wrong by": "wrong_by"}
LIST = "100"  # people on the watch list that is shown


def peers_table(part):
    """Return a part of the record of `benchmarks/peers` as text.

    Intervals are of 95 %, over people drawn again; differences are paired: all systems see the
    same draws.

    Parameters
    ----------
    part : {"pairs", "detectors", "conditions", "watch list", "counting", "inverting"}
        What was measured.

    Returns
    -------
    str

    Examples
    --------
    >>> from facebook_tut.recorded import peers_table
    >>> print(peers_table("counting").splitlines()[0])
    people  counted by  splits  merges  wrong by  error of 95 % of streams
    """
    makers = {
        "pairs": _pairs,
        "detectors": _detectors,
        "conditions": _conditions,
        "watch list": _watch_list,
        "counting": _counting,
        "inverting": _inverting,
    }
    return makers[check_choice("part", part, makers)](load("peers"))


def _pairs(record):
    rows = []
    for name, title in NAMES.items():
        views = {view: record[view]["systems"].get(name) for view in ("view1", "view2")}
        points = record["all_pairs"]["systems"].get(name, {}).get("operating_points", {})
        rows.append(
            {
                "": title,
                "View 1": _cell(views["view1"] and views["view1"]["accuracy"]),
                "View 2": _cell(views["view2"] and views["view2"]["accuracy"]),
                "TAR at FMR 0.1 %": _cell(points.get("0.001", {}).get("tar")),
            }
        )
    return "\n".join([as_table(rows, [*rows[0]]), "", *_accuracies(record)])


def _detectors(record):
    rows = []
    for view, found in record["detected"].items():
        for name, one in found.get("systems", {}).items():
            system, detector = name.split(", ")
            missed = found["not_found"][name]["photos"]
            rows.append(
                {
                    "": NAMES[system],
                    "detector": DETECTORS[detector],
                    "view": view[-1],
                    "accuracy": _cell(one["accuracy"]),
                    "not found": f"{missed} of {found['photos']:,}",
                }
            )
    return "\n".join([as_table(rows, [*rows[0]]), "", *_accuracies(record["detected"])])


def _accuracies(views):
    """Return the differences of accuracies on views as lines."""
    lines = []
    for view in ("view1", "view2"):
        for pair, one in views[view].get("accuracy_differences", {}).items():
            lines.append(f"View {view[-1]}, {pair}: {_cell(one, sign='+')}")
    return lines


def _conditions(record):
    found, rows = record["conditions"], []
    for condition in found["systems"]["dlib"]:
        both = {name: found["systems"][name][condition]["both"] for name in ("shipped", "dlib")}
        less = found["differences"][condition]["both"]["fmr"]["dlib − shipped"]
        row = {"FMR, %": condition}
        row |= {name: _cell(one["fmr"], percent=True) for name, one in both.items()}
        rows.append(row | {"dlib − shipped": _cell(less, percent=True, sign="+")})
    people = f"{found['people']} people, both photographs spoiled alike"
    return f"{people}\n\n{as_table(rows, [*rows[0]])}"


def _watch_list(record):
    found, rows = record["watch_list"], []
    for name, sizes in found["systems"].items():
        at = {"of pairs": sizes[LIST]["at_pairs_threshold"], "FPIR 1 %": sizes[LIST]["at_fpir"]}
        for threshold, one in at.items():
            rows.append(
                {
                    f"list of {LIST}": NAMES[name],
                    "threshold": threshold,
                    "FPIR": _cell(one["fpir"]),
                    "FNIR": _cell(one["fnir"]),
                }
            )
    less = found["fnir_differences_at_fpir"][LIST]["dlib − shipped"]
    return (
        f"{as_table(rows, [*rows[0]])}\n\nFNIR at FPIR 1 %, dlib − shipped: {_cell(less, sign='+')}"
    )


def _counting(record):
    rows = []
    for name, one in record["counting"]["systems"].items():
        for size, found in one["streams"].items():
            shares = {how: f"{found[key]:.0%}" for how, key in SHARES.items()}
            low, high = found["error_of_95"]
            wrong = {"error of 95 % of streams": f"{low:+.0%} to {high:+.0%}"}
            rows.append({"people": size, "counted by": NAMES[name]} | shares | wrong)
    rows.sort(key=lambda row: int(row["people"]))
    return as_table(rows, [*rows[0]])


def _inverting(record):
    found, rows = record["inverting"], []
    for made_of, looks in found["faces"].items():
        for who, one in looks.items():
            rows.append(
                {
                    "face from": NAMES.get(made_of, made_of),
                    "looked at by": NAMES[who] + (" *" if who == made_of else ""),
                    "rank 1": _cell(one["rank 1"]),
                    "cosine": _cell(one["cosine"]),
                }
            )
    chance = f"* attacked; {found['victims']} people, by chance rank 1 is {found['chance']:.3f}"
    less = [
        f"rank 1, seen by {NAMES[who]}, {pair}: {_cell(one, sign='+')}"
        for who, pairs in found["rank_1_differences"].items()
        for pair, one in pairs.items()
    ]
    return "\n".join([as_table(rows, [*rows[0]]), "", chance, "", *less])


def _cell(found, *, percent=False, sign=""):
    """Return an estimate with its interval as text, or None."""
    if found is None:
        return None
    numbers = [found["value"], *found["interval"]]
    if percent:
        numbers = [100 * number for number in numbers]
        digits = 1 if max(map(abs, numbers)) >= 10 else 2
    else:
        digits = 3
    value, *ends = numbers
    return with_interval(value, ends, f"{sign}.{digits}f")
