"""The commands of the recogniser: enroll, verify, identify, count."""

from pathlib import Path

from facebook_tut._files import check_writable
from facebook_tut.cli._common import add_command, as_json, as_table, with_progress, write_report
from facebook_tut.pretrained import COUNT_THRESHOLD, THRESHOLD

ANSWERS = ("no face", "low quality", "unknown", "empty gallery")  # not failures
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


def _add(commands, name, command, text):
    parser = add_command(commands, name, command, text, "also write the report as JSON")
    parser.add_argument(
        "--model", type=Path, help="an embedder, a .keras file; the one that comes with the package"
    )
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="what is printed; table"
    )
    return parser


def _add_threshold(parser, default=THRESHOLD):
    parser.add_argument(
        "--threshold",
        type=float,
        default=default,
        help=f"lowest cosine that is the same person; {default}",
    )


def _add_gallery(parser):
    parser.add_argument("--gallery", type=Path, required=True, help="the people, a .npz file")


def add_enroll(commands):
    text = "Enrol people: each folder in FOLDER is a person, named as it is, with their pictures."
    parser = _add(commands, "enroll", _enroll, text)
    _add_gallery(parser)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--update", action="store_true", help="add to the gallery; new pictures are merged"
    )


def add_verify(commands):
    text = "Answer for each picture whether its one face is that person (1:1)."
    parser = _add(commands, "verify", _verify, text)
    _add_gallery(parser)
    _add_threshold(parser)
    parser.add_argument("name", metavar="NAME", help="somebody who is enrolled")
    parser.add_argument("pictures", type=Path, nargs="+", help="files, or folders of them")


def add_identify(commands):
    text = "Say who is on the pictures, or that it is nobody enrolled (1:N)."
    parser = _add(commands, "identify", _identify, text)
    _add_gallery(parser)
    _add_threshold(parser)
    parser.add_argument("pictures", type=Path, nargs="+", help="files, or folders of them")


def add_count(commands):
    text = "Count the different people on all pictures together; nobody needs to be enrolled."
    parser = _add(commands, "count", _count, text)
    _add_threshold(parser, COUNT_THRESHOLD)
    parser.add_argument("pictures", type=Path, nargs="+", help="files, or folders of them")


COMMANDS = (add_enroll, add_verify, add_identify, add_count)


def _enroll(options):
    if not options.folder.is_dir():
        raise ValueError(f"{options.folder} must be a folder that holds one folder for each person")
    people = sorted(path for path in options.folder.iterdir() if path.is_dir())
    if not people:
        raise ValueError(f"{options.folder} holds no folder: one for each person is wanted")
    if not options.update:
        check_writable(options.gallery, overwrite=options.force, suffix=".npz")
    recognizer = _recognizer(options, known=options.update)
    pictures = [(person.name, path) for person in people for path in _pictures([person])]
    embeddings, rows = {}, []
    for name, path in with_progress(pictures, options, desc="enrolling", unit="picture"):
        face, why = _try(lambda path=path: recognizer.face(_read(path)))
        rows.append({"picture": str(path), "name": name, "used": not why, "why": why})
        if not why:
            embeddings.setdefault(name, []).append(face.embedding)
    gallery = recognizer.gallery
    for name, some in embeddings.items():
        (gallery.update if name in gallery else gallery.enrol)(name, some)
    if embeddings:
        gallery.save(options.gallery, overwrite=options.update or options.force)
    _report(rows, ["picture", "name", "used", "why"], {"people": len(gallery)}, options)


def _verify(options):
    recognizer = _recognizer(options)
    if options.name not in recognizer.gallery:
        raise ValueError(f"nobody named {options.name!r} is enrolled in {options.gallery}")
    rows = []
    for path in with_progress(_pictures(options.pictures), options, desc="verifying"):
        answer, why = _try(lambda path=path: recognizer.verify(options.name, _read(path)))
        found = {"accepted": answer.accepted, "score": answer.score} if answer else {}
        rows.append({"picture": str(path), "accepted": None, "score": None, **found, "why": why})
    _report(rows, ["picture", "accepted", "score", "why"], {"name": options.name}, options)


def _identify(options):
    recognizer = _recognizer(options)
    rows = []
    for path in with_progress(_pictures(options.pictures), options, desc="identifying"):
        answers, why = _try(lambda path=path: recognizer.identify(_read(path)))
        rows += [_row(path, answer) for answer in answers or ()]
        if not answers:
            nobody = {"name": None, "score": None, "box": None}
            rows.append({"picture": str(path), **nobody, "why": why or "no face"})
    _report(rows, ["picture", "name", "score", "box", "why"], {}, options)


def _row(path, answer):
    box = [round(edge, 1) for edge in answer.face.box]
    who = {"name": answer.name, "score": answer.score, "box": box, "why": answer.reason}
    return {"picture": str(path), **who}


def _count(options):
    import numpy as np

    from facebook_tut.pipeline import group_people

    recognizer = _recognizer(options)
    rows, embeddings = [], []
    for path in with_progress(_pictures(options.pictures), options, desc="counting"):
        faces, why = _try(lambda path=path: recognizer.faces(_read(path)))
        for face in faces or ():
            good = face.quality.score >= recognizer.least_quality
            rows.append({"picture": str(path), "why": "" if good else "low quality"})
            embeddings += [face.embedding] if good else []
        if not faces:
            rows.append({"picture": str(path), "why": why or "no face"})
    people = iter(group_people(np.array(embeddings), options.threshold).tolist())
    rows = [{**row, "person": None if row["why"] else next(people) + 1} for row in rows]
    count = len({row["person"] for row in rows} - {None})
    _report(rows, ["picture", "person", "why"], {"people": count}, options)


def _recognizer(options, known=True):
    """Return the recogniser of `--model`, and of `--gallery` if the command has one."""
    from facebook_tut.matching import Gallery
    from facebook_tut.metric_learning import fingerprint
    from facebook_tut.pipeline import Recognizer
    from facebook_tut.pretrained import load_embedder

    model = _load_embedder(options.model) if options.model else load_embedder()
    path = getattr(options, "gallery", None)
    gallery = Gallery.load(path, fingerprint(model)) if path and known else None
    return Recognizer(model, gallery, threshold=getattr(options, "threshold", THRESHOLD))


def _load_embedder(path):
    from facebook_tut import models

    model = models.load_model(path)
    if len(model.input_shape) != 4 or len(model.output_shape) != 2 or model.output_shape[1] < 2:
        raise ValueError(
            f"{path} is not an embedder: it turns {model.input_shape} into {model.output_shape}"
        )
    return model


def _pictures(paths):
    """Return the files, and those that lie in the folders among `paths`, in order."""
    found = []
    for path in paths:
        if path.is_dir():
            inside = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
            found += sorted(inside)
        else:
            found.append(path)
    if not found:
        raise ValueError(f"there is no picture in {', '.join(map(str, paths))}")
    return found


def _read(path):
    from facebook_tut.preprocessing import read_picture

    return read_picture(path)


def _try(work):
    """Return what `work` returns and no reason, or None and the reason why it cannot."""
    try:
        return work(), ""
    except (OSError, ValueError) as error:
        return None, " ".join(str(error).split())


def _report(rows, columns, totals, options):
    """Print what was found as a table or as JSON, and write it if `--output` is given."""
    report = {**totals, "pictures": rows}
    if options.format == "json":
        print(as_json(report))
    else:
        print(as_table(rows, columns))
        for name, value in totals.items():
            print(f"{name}: {value}")
    write_report(report, options)
    if all(row["why"] and row["why"] not in ANSWERS for row in rows):
        raise ValueError(f"none of {len(rows)} pictures could be used; each says why")
