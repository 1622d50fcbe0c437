"""The commands of a trained classifier: evaluate, predict, detect."""

from facebook_tut.cli._options import (
    add_command,
    add_format,
    add_pictures,
    add_seed,
    check_model,
    check_outputs,
    number,
    path,
)
from facebook_tut.cli._pictures import find_inputs, look
from facebook_tut.cli._report import (
    as_table,
    complain,
    finish,
    is_watched,
    say,
    with_progress,
    write_report,
)
from facebook_tut.cli._training import add_train

AT_ONCE = 256  # pictures whose images are kept and shown to a network

MORE = """\
These are the validation and test patches that come with scikit-image, or, with --data FOLDER, the
validation and test images of your own folder: the same folder and seed give the split of the
training. The network's file has a fingerprint of each image that it was trained on; these are left
out, in whatever folder they are. The report names every image that was measured."""


def add_evaluate(commands):
    text = "Measure a trained network on images that it has not seen."
    output = "also write the figures as JSON"
    parser = add_command(commands, "evaluate", _evaluate, text, output, more=MORE)
    parser.add_argument("model", type=path, help="a .keras file")
    parser.add_argument("--data", type=path, metavar="FOLDER", help="one folder for each class")
    parser.add_argument(
        "--all",
        action="store_true",
        help="with --data: measure every image that was used neither to train nor to validate",
    )
    add_seed(parser, "of the split (default: that of the training)", None)
    _add_probability(parser, 0.5, "of two classes, lowest probability of label 1 (a face)")


def add_predict(commands):
    text = "Predict the class of each picture, with its probability."
    parser = add_command(commands, "predict", _predict, text, "also write the report as JSON")
    parser.add_argument("model", type=path, help="a .keras file")
    add_pictures(parser)
    add_format(parser)
    _add_probability(parser, 0.5, "of two classes, lowest probability of label 1 (a face)")


def add_detect(commands):
    text = "Find faces in pictures, with some false alarms: see chapter 08."
    parser = add_command(commands, "detect", _detect, text, "also write the report as JSON")
    parser.add_argument("model", type=path, help="a .keras file")
    add_pictures(parser)
    add_format(parser)
    _add_probability(parser, 0.9, "lowest probability of a window")
    parser.add_argument(
        "--votes", type=number(0, 1e9), default=2.0, help="fewest votes to report (default: 2)"
    )


COMMANDS = (add_train, add_evaluate, add_predict, add_detect)


def _add_probability(parser, default, text):
    parser.add_argument(
        "--threshold", type=number(0, 1), default=default, help=f"{text} (default: {default})"
    )


def _evaluate(options):
    check_model(options)
    check_outputs(options, options.model)
    if options.all and options.data is None:
        raise ValueError("--all needs --data FOLDER")
    names = _class_names(options)
    model, notes = _load(options, None if options.data else 2)
    seed = (notes.seed or 0) if options.seed is None else options.seed
    parts = _own_images(options, names, notes, seed) if options.data else _patches(seed, notes)
    report = {"model": str(options.model), "seed": seed, "threshold": options.threshold}
    if options.data:
        report |= {"data": str(options.data), "class_names": list(notes.class_names)}
    for name, part in parts.items():
        lines, figures = _measured(model, notes, *part, options)
        say(f"{name:<10} {lines}")
        report[name] = figures
    write_report(report, options)
    if options.data:
        say(f"none of them was in its training; {options.data} was split with seed {seed}")


def _class_names(options):
    """Return the names of the folder's classes, before anything heavy is loaded."""
    if options.data is None:
        return None
    from facebook_tut.data.folder import class_names

    return class_names(options.data)


def _patches(seed, notes):
    from facebook_tut import models
    from facebook_tut.data import patches

    if notes.class_names != models.Notes().class_names:
        names = " and ".join(map(repr, notes.class_names))
        raise ValueError(f"the network tells {names} apart, not faces: --data FOLDER measures it")
    if notes.seed not in (None, seed):
        complain(
            f"warning: it was trained with seed {notes.seed}, and has seen some of these images"
        )
    splits = patches.load_patches(seed)
    return {
        name: (split.images, split.labels, split.sources)
        for name, split in (("validation", splits.validation), ("test", splits.test))
    }


def _own_images(options, names, notes, seed):
    """Return the images to measure, their labels and sources, by the name of their part."""
    from facebook_tut.data.folder import load_folder

    if names != sorted(notes.class_names):
        found, known = (", ".join(map(repr, some)) for some in (names, notes.class_names))
        raise ValueError(
            f"{options.data} must hold the classes {known} of the network, got {found}"
        )
    folder = load_folder(
        options.data,
        seed=seed,
        positive=notes.class_names[1] if len(names) == 2 else None,
        colour=notes.colour,
        stream=True,
        progress=is_watched(options),
    )
    if not notes.trained:
        complain("warning: its file does not say which pictures it was trained on")
    seen, parts = notes.trained | notes.validated, {}
    wanted = {"validation": (folder.splits.validation, notes.trained)}
    wanted["test"] = (folder.splits.test, seen)
    if options.all:
        wanted = {"all": (_joined(folder.splits), seen)}
    for name, (split, known) in wanted.items():
        rows = [i for i, s in enumerate(split.sources.tolist()) if folder.digests[s] not in known]
        left_out = len(split) - len(rows)
        if not rows:
            raise ValueError(f"all {len(split)} {name} images of {options.data} were trained on")
        if left_out:
            complain(f"{name}: {left_out} of {len(split)} images are left out, seen in training")
        parts[name] = (split.images.of(rows), split.labels[rows], split.sources[rows])
    return parts


def _joined(splits):
    """Return all images of three streamed splits as one data set."""
    import numpy as np

    from facebook_tut.data import Dataset
    from facebook_tut.data.files import ImageFiles

    first = splits.train
    paths = [path for split in splits for path in split.images.paths]
    labels, sources = (
        np.concatenate([getattr(s, n) for s in splits]) for n in ("labels", "sources")
    )
    files = ImageFiles(paths, colour=first.images.colour)
    return Dataset(files, labels, sources, first.classes)


def _measured(model, notes, images, labels, sources, options):
    """Return what is printed and what is reported of a network's answers to some images."""
    from facebook_tut import evaluation, training

    sources, answers = sources.tolist(), training.predict(model, images)
    if answers.ndim == 1:
        counts = evaluation.confusion(labels, answers, options.threshold)
        figures = vars(counts) | {"accuracy": counts.accuracy.value, "images": sources}
        return f"accuracy {counts.accuracy}", figures
    chosen = answers.argmax(axis=1)
    accuracy = evaluation.Proportion(int((chosen == labels).sum()), len(labels))
    matrix = [
        [int(((labels == true) & (chosen == said)).sum()) for said in range(answers.shape[1])]
        for true in range(answers.shape[1])
    ]
    table = [
        {"class": name, "images": sum(row), "right": row[label]}
        for label, (name, row) in enumerate(zip(notes.class_names, matrix, strict=True))
    ]
    figures = {"accuracy": accuracy.value, "confusion": matrix, "images": sources}
    return f"accuracy {accuracy}\n{as_table(table, list(table[0]))}", figures


def _predict(options):
    items, rows = find_inputs(options), []
    model, notes = _load(options)
    from facebook_tut.preprocessing import fit_picture

    def read(picture):
        return fit_picture(picture, colour=notes.colour)

    waiting = []
    for item in with_progress(items, options, "reading"):
        waiting.append((str(item.path), *look(item, read, options)))
        if len(waiting) == AT_ONCE:
            rows += _answers(model, notes, waiting, options.threshold)
            waiting = []
    rows += _answers(model, notes, waiting, options.threshold)
    return finish(rows, ["picture", "class", "probability", "why"], {}, options)


def _answers(model, notes, waiting, threshold):
    """Return a row for each picture; what could not be read has no class."""
    import numpy as np

    from facebook_tut import training

    images = [image for _, image, _ in waiting if image is not None]
    answers = iter(training.predict(model, np.stack(images)) if images else ())
    rows = []
    for picture, image, why in waiting:
        row = {"picture": picture, "class": None, "probability": None, "probabilities": None}
        if image is not None:
            answer = next(answers)
            both = [1 - answer, answer] if answer.ndim == 0 else answer
            label = int(answer >= threshold) if answer.ndim == 0 else int(answer.argmax())
            row["class"], row["probability"] = notes.class_names[label], float(both[label])
            names = zip(notes.class_names, map(float, both), strict=True)
            row["probabilities"] = dict(names)
        rows.append({**row, "why": why})
    return rows


COLUMNS = ["picture", "top", "left", "size", "votes", "why"]


def _detect(options):
    items, rows = find_inputs(options), []
    find = _finder(options)
    for item in with_progress(items, options, "detecting"):
        faces, why = look(item, find, options)
        nothing = dict.fromkeys(COLUMNS[1:-1])
        for face in faces or [nothing]:
            why = why or ("" if faces else "no face")
            rows.append({"picture": str(item.path), **face, "why": why})
    return finish(rows, COLUMNS, {}, options)


def _finder(options):
    """Return a function from a picture to the faces that get votes enough, as dicts."""
    from facebook_tut import detection, training

    model, notes = _load(options, 2)
    if notes.colour:
        raise ValueError(
            f"{options.model} was trained on colour images, and detect shows it grey patches: train"
            " it with --grey"
        )

    def find(picture):
        height, width = picture.shape[:2]
        if not detection.window_sizes((height, width)):
            raise ValueError(f"too small for a window: {width}×{height} pixels")
        found = detection.detect_faces(
            lambda images: training.predict(model, images), picture, threshold=options.threshold
        )
        return [vars(face) for face in found if face.votes >= options.votes]

    return find


def _load(options, classes=None):
    """Return the network and what its file says of it."""
    from facebook_tut import models

    model = models.load_model(options.model)
    models.check_classifier(model, str(options.model), classes=classes)
    return model, models.notes_of(model)
