"""The record as lines of text."""

from peers.conditions import CONDITIONS
from peers.rows import FAR


def table(record):
    """Return the table of peers as Markdown."""
    systems = [*record["conditions"]["systems"]]
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
    lines += ["", "| FMR, TAR | " + " | ".join(systems) + " |", "| --- |" + " --- |" * len(systems)]
    for condition in CONDITIONS:
        for sides in ("one", "both"):
            found = [record["conditions"]["systems"][name][condition][sides] for name in systems]
            words = [f"{one['fmr']['value']:.2%}, {cell(one['tar'])}" for one in found]
            lines.append(f"| {condition}, {sides} | " + " | ".join(words) + " |")
    for name, one in record["counting"]["systems"].items():
        wrong = {size: f"{s['wrong_by']:.1%}" for size, s in one["streams"].items()}
        lines.append(f"counting, {name}: threshold {one['threshold']}, wrong by {wrong}")
    lines += detected_lines(record["detected"]) + inverting_lines(record["inverting"])
    for part, kind in (("view1", "accuracy"), ("view2", "accuracy"), ("all_pairs", "tar")):
        for pair, one in record[part][f"{kind}_differences"].items():
            lines.append(f"{part}: {kind} {pair}: {cell(one)}")
    return "\n".join(lines)


def detected_lines(record):
    """Return what the systems reach behind detectors, and what is not found."""
    lines = [
        "",
        "| behind a detector | view | accuracy | faces not found |",
        "| --- |" + " --- |" * 3,
    ]
    for view, found in record.items():
        for name, one in found.get("systems", {}).items():
            missed = f"{found['not_found'][name]['photos']} of {found['photos']}"
            lines.append(f"| {name} | {view} | {cell(one['accuracy'])} | {missed} |")
        for pair, one in found.get("accuracy_differences", {}).items():
            lines.append(f"{view}: accuracy {pair}: {cell(one)}")
    return lines


def inverting_lines(record):
    """Return who is named from faces made of stolen templates, by who looks."""
    head = "| face made of a template of | looked at by | rank 1 | cosine |"
    lines = ["", f"{record['victims']} victims, chance {record['chance']}", head]
    lines.append("| --- |" + " --- |" * 3)
    for name, looks in record["faces"].items():
        for who, one in looks.items():
            lines.append(f"| {name} | {who} | {cell(one['rank 1'])} | {cell(one['cosine'])} |")
    return lines


def cell(one):
    """Return an estimate as text."""
    if not one:
        return "–"
    low, high = one["interval"]
    return f"{one['value']:.3f} ({low:.3f} to {high:.3f})"
