"""The commands of the recogniser: enroll, verify, identify, count, list, remove."""

import hashlib
from itertools import groupby

from facebook_tut._files import check_writable
from facebook_tut._locks import locked
from facebook_tut._names import clean_name, unknown_person
from facebook_tut._validation import check_file
from facebook_tut.cli._options import (
    add_any_condition,
    add_command,
    add_detector,
    add_embedder,
    add_format,
    add_gallery,
    add_most_pixels,
    add_pictures,
    add_threshold,
    check_detector,
    check_model,
    check_outputs,
    path,
    person,
    same_file,
    watch,
)
from facebook_tut.cli._pictures import find_inputs, find_people, look
from facebook_tut.cli._report import (
    AGAIN,
    Failure,
    complain,
    finish,
    say,
    show,
    with_progress,
    write_report,
)
from facebook_tut.pretrained import COUNT_THRESHOLD, THRESHOLD


def _add(commands, name, command, text, aliases=()):
    parser = add_command(commands, name, command, text, "also write the report as JSON", aliases)
    add_embedder(parser)
    add_detector(parser)
    add_any_condition(parser)
    add_format(parser)
    return parser


def add_enrol(commands):
    text = "Enrol people: FOLDER holds one folder for each, with the person's name and pictures."
    parser = _add(commands, "enroll", _enrol, text, aliases=["enrol"])
    add_gallery(parser)
    parser.add_argument("folder", type=path, metavar="FOLDER", help="one folder for each person")
    known = parser.add_mutually_exclusive_group()
    known.add_argument(
        "--update", action="store_true", help="add to the gallery; new pictures are merged"
    )
    known.add_argument(
        "--replace-gallery", action="store_true", help="replace the gallery if it exists"
    )
    parser.add_argument(
        "--strict", action="store_true", help="enrol nobody if there is any warning"
    )
    add_most_pixels(parser)


def add_verify(commands):
    text = "Decide for each picture whether its one face is the person named (1:1)."
    parser = _add(commands, "verify", _verify, text)
    add_gallery(parser)
    add_threshold(parser)
    parser.add_argument("name", type=person, metavar="NAME", help="somebody who is enrolled")
    add_pictures(parser)


def add_identify(commands):
    text = "Name the people in pictures, or say that they are not enrolled (1:N)."
    parser = _add(commands, "identify", _identify, text)
    add_gallery(parser)
    add_threshold(parser)
    add_pictures(parser)


def add_count(commands):
    text = "Count the different people in all pictures together; nobody needs to be enrolled."
    parser = _add(commands, "count", _count, text)
    add_threshold(parser, COUNT_THRESHOLD)
    add_pictures(parser)


def add_list(commands):
    text = "List the people of a gallery, and how many pictures each template averages."
    parser = add_command(commands, "list", _list, text, "also write the list as JSON")
    add_gallery(parser)
    add_format(parser)


def add_remove(commands):
    text = "Remove people. No gallery that is saved from then on contains them."
    parser = add_command(commands, "remove", _remove, text)
    add_gallery(parser)
    parser.add_argument(
        "names", type=person, metavar="NAME", nargs="+", help="somebody who is enrolled"
    )


COMMANDS = (add_enrol, add_verify, add_identify, add_count, add_list, add_remove)


def _enrol(options):
    """Enrol the people of a folder; from reading a gallery to writing it nobody else changes it."""
    check_model(options)
    check_detector(options)
    overwrite = options.update or options.replace_gallery
    flag = "--update adds to it, --replace-gallery"
    check_writable(options.gallery, overwrite=overwrite, suffix=".npz", option=flag)
    if options.update:
        check_file("gallery", options.gallery, "gallery")  # before a lock is made next to it
    items = find_people(options.folder)
    inputs = [item.path for item in items]
    inputs += [options.model] if options.model else []
    check_outputs(options, options.gallery, *inputs)
    if any(same_file(options.gallery, each) for each in inputs):
        raise ValueError(f"--gallery {options.gallery} is one of the files that are read")
    watch(options, options.gallery)
    with locked(options.gallery, waiting=complain):
        check_writable(options.gallery, overwrite=overwrite, option=flag)
        return _enrol_items(items, overwrite, options)


def _enrol_items(items, overwrite, options):
    recognizer = _recognizer(options, _load(options.gallery) if options.update else None)
    rows = [_see(recognizer, item, options) for item in with_progress(items, options, "enrolling")]
    before = len(recognizer.gallery)
    _refuse_copies(rows, recognizer.gallery)
    enrolled = _merge(rows, recognizer.gallery)
    if enrolled and not options.model:  # of another network the thresholds are not known
        _doubt(enrolled, recognizer, options)
    for row in rows:
        if row["warning"]:
            complain(f"warning: {row['picture']}: {row['warning']}")
    refused = options.strict and any(row["warning"] for row in rows)
    if enrolled and not refused:
        recognizer.gallery.save(options.gallery, overwrite=overwrite)
    _blame_missing(rows)
    columns = ["picture", "name", "used", "why"]
    people = before if refused else len(recognizer.gallery)
    shown = [{key: row[key] for key in (*columns, "warning")} for row in rows]
    code = finish(shown, columns, {"people": people}, options)
    if refused:
        raise ValueError("nobody was enrolled: --strict, and there are warnings")
    return code


def _see(recognizer, item, options):
    """Return a row for a picture of a person, with its embedding if it can be used."""
    origins = []

    def work(picture):
        origins.append(hashlib.sha256(f"{picture.shape}".encode() + picture.tobytes()).hexdigest())
        return _usable(recognizer.face(picture)).embedding

    embedding, why = look(item, work, options)
    row = {"picture": str(item.path), "name": item.name, "used": not why, "why": why}
    return row | {"warning": "", "embedding": embedding, "origin": origins}


def _refuse_copies(rows, gallery):
    """Take out pictures that a person has twice, and warn of those that two people have."""
    first = {
        origin: (name, "an earlier run")
        for name in gallery.names
        for origin in gallery.origins(name)
    }
    for row in rows:
        if not row["used"]:
            continue
        name, where = first.setdefault(row["origin"][0], (row["name"], row["picture"]))
        if where == row["picture"]:
            continue
        if name == row["name"]:
            row.update(used=False, why=f"{AGAIN} {where}")
            row["warning"] = f"{AGAIN} {where}; it counts once"
        else:
            row["warning"] = f"{AGAIN} {where} of {name}"


def _merge(rows, gallery):
    """Enrol the people of the rows that can be used, and return these rows."""
    used = sorted((row for row in rows if row["used"]), key=lambda row: row["name"])
    merged = []
    for name, some in groupby(used, key=lambda row: row["name"]):
        some = [*some]
        embeddings = [row["embedding"] for row in some]
        origins = [row["origin"][0] for row in some]
        try:
            (gallery.update if name in gallery else gallery.enrol)(
                name, embeddings, origins=origins
            )
            merged += some
        except ValueError as error:
            for row in some:
                row.update(used=False, why=Failure(error))
    return merged


def _doubt(rows, recognizer, options):
    """Warn of what is odd about the pictures of the rows, which are in the gallery."""
    from facebook_tut.matching import enrolment_doubts

    names, embeddings = [row["name"] for row in rows], [row["embedding"] for row in rows]
    embedder = recognizer.embedder
    limits = {"threshold": embedder.threshold, "least": embedder.count_threshold}
    doubts = enrolment_doubts(recognizer.gallery, names, embeddings, **limits)
    if options.embedder != "shipped":  # whose cosine tells copies
        doubts = [doubt for doubt in doubts if doubt.kind != "copy"]
    for doubt in doubts:
        row = rows[doubt.row]
        row["warning"] = row["warning"] or _sentence(doubt, rows)


def _sentence(doubt, rows):
    score = f"cosine {doubt.score:.2f}"
    if doubt.kind == "copy":
        other = rows[doubt.other]
        whose = "" if other["name"] == rows[doubt.row]["name"] else f" of {other['name']}"
        return f"much the same picture as {other['picture']}{whose} ({score})"
    if doubt.kind == "stranger":
        return f"unlike the other pictures of {doubt.other} ({score})"
    return f"more like {doubt.other} ({score})"


def _blame_missing(rows):
    """Let a person of whom no picture could be used be a failure."""
    there = {row["name"] for row in rows if row["used"] or row["why"].startswith(AGAIN)}
    for row in rows:
        if row["name"] and row["name"] not in there:
            row["why"] = Failure(row["why"])


def _verify(options):
    check_detector(options)
    items, rows, gallery = find_inputs(options), [], _load(options.gallery)
    _check_known([options.name], gallery, options)
    recognizer = _recognizer(options, gallery)
    for item in with_progress(items, options, "verifying"):
        answer, why = look(item, lambda p: recognizer.verify(options.name, p), options)
        found = {"accepted": answer.accepted, "score": answer.score} if answer else {}
        rows.append(
            {"picture": str(item.path), "accepted": None, "score": None} | found | {"why": why}
        )
    name = clean_name(options.name)
    return finish(rows, ["picture", "accepted", "score", "why"], {"name": name}, options)


def _identify(options):
    check_detector(options)
    items, rows = find_inputs(options), []
    recognizer = _recognizer(options, _load(options.gallery))
    for item in with_progress(items, options, "identifying"):
        answers, why = look(item, recognizer.identify, options)
        for answer in answers or [None]:
            who = _who(answer) if answer else {"name": None, "score": None, "box": None}
            reason = answer.reason if answer else why or "no face"
            rows.append({"picture": str(item.path), **who, "why": reason})
    return finish(rows, ["picture", "name", "score", "box", "why"], {}, options)


def _who(answer):
    box = [round(edge, 1) for edge in answer.face.box]
    return {"name": answer.name, "score": answer.score, "box": box}


def _count(options):
    check_detector(options)
    items, rows, embeddings = find_inputs(options), [], []
    recognizer = _recognizer(options, what="count_threshold")
    for item in with_progress(items, options, "counting"):
        faces, why = look(item, lambda p: [_usable(face) for face in recognizer.faces(p)], options)
        for face in faces or [None]:
            reason = recognizer.refuses(face) if face else why or "no face"
            rows.append({"picture": str(item.path), "person": None, "why": reason})
            embeddings += [] if reason else [face.embedding]
    people = iter(_group(embeddings, recognizer.threshold))
    for row in rows:
        row["person"] = None if row["why"] else next(people) + 1
    count = len({row["person"] for row in rows} - {None})
    return finish(rows, ["picture", "person", "why"], {"people": count}, options)


def _usable(face):
    """Return a face that can be compared: one bad picture must not spoil those of others."""
    if not abs(face.embedding).sum() < float("inf"):  # NaN is not either
        raise ValueError("its embedding holds NaN or infinity")
    return face


def _group(embeddings, threshold):
    import numpy as np

    from facebook_tut.pipeline import group_people

    return group_people(np.array(embeddings), threshold).tolist()


def _list(options):
    check_outputs(options, options.gallery)
    gallery = _load(options.gallery)
    rows = [{"name": name, "pictures": gallery.count(name)} for name in gallery.names]
    threshold = {} if gallery.threshold is None else {"threshold": gallery.threshold}
    report = {"people": rows, **threshold}
    write_report(report, options)
    show(report, rows, ["name", "pictures"], {"people": len(rows), **threshold}, options)


def _remove(options):
    check_writable(options.gallery, overwrite=True, suffix=".npz")
    check_file("gallery", options.gallery, "gallery")  # before a lock is made next to it
    watch(options, options.gallery)
    with locked(options.gallery, waiting=complain):
        gallery = _load(options.gallery)
        _check_known(options.names, gallery, options)
        for name in dict.fromkeys(map(clean_name, options.names)):
            gallery.remove(name)
        gallery.save(options.gallery, overwrite=True)
    say(f"people: {len(gallery)}")


def _check_known(names, gallery, options):
    for name in names:
        if name not in gallery:
            raise ValueError(f"{unknown_person(name, gallery.names)} ({options.gallery})")


def _load(path):
    from facebook_tut.matching import Gallery

    return Gallery.load(path)


def _recognizer(options, gallery=None, what="threshold"):
    """Return the recogniser of `--model` or `--embedder`, and of a gallery, which must be of it.

    Without `--threshold` the embedder's own is taken: `what` says which of its two.
    """
    from functools import partial

    from facebook_tut import detection, embedders
    from facebook_tut.pipeline import Recognizer

    embedder = _embedder(options, embedders)
    if gallery is not None:
        gallery.check_model(embedder.fingerprint, options.gallery, embedder.name)
    given = (getattr(options, "threshold", None), getattr(gallery, "threshold", None))
    return Recognizer(
        gallery=gallery,
        embedder=embedder,
        threshold=next((one for one in given if one is not None), getattr(embedder, what)),
        detect=partial(
            getattr(detection, f"detect_with_{options.detector}"), smallest=options.smallest
        ),
        limits={} if options.any_condition else None,
    )


def _embedder(options, embedders):
    if not options.model:
        return embedders.load(options.embedder)
    from facebook_tut import models

    model = models.check_embedder(models.load_model(options.model), str(options.model))
    shipped = {"threshold": THRESHOLD, "count_threshold": COUNT_THRESHOLD}  # for want of its own
    return embedders.KerasEmbedder(model, **shipped, name=str(options.model))
