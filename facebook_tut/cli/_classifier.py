"""The commands of the face classifier: train, evaluate, detect."""

from pathlib import Path

from facebook_tut.cli._options import (
    SEED,
    add_command,
    add_format,
    add_pictures,
    check_model,
    check_outputs,
    number,
    path,
)
from facebook_tut.cli._pictures import find_inputs, look
from facebook_tut.cli._report import finish, is_watched, say, with_progress, write_report


def add_train(commands):
    parser = add_command(
        commands,
        "train",
        _train,
        "Train the face classifier on the patches that come with scikit-image.",
        "where the network goes (default: face.keras)",
    )
    parser.set_defaults(output=Path("face.keras"), suffix=".keras")
    most = 1_000_000
    parser.add_argument("--epochs", type=number(1, most, integer=True), default=10, help="10")
    parser.add_argument("--batch-size", type=number(1, most, integer=True), default=32, help="32")
    _add_seed(parser, "of split, weights and order; 0")
    parser.add_argument(
        "--distribute",
        choices=("devices", "workers"),
        help="on all devices of this machine, or on the machines that TF_CONFIG names",
    )


def add_evaluate(commands):
    text = "Measure a trained network on the patches that it has not seen."
    parser = add_command(commands, "evaluate", _evaluate, text, "also write the figures as JSON")
    parser.add_argument("model", type=path, help="a .keras file")
    _add_seed(parser, "the one it was trained with; 0")
    _add_probability(parser, 0.5, "a face from here")


def add_detect(commands):
    text = "Find faces in pictures, and some things that are none: see chapter 08."
    parser = add_command(commands, "detect", _detect, text, "also write the report as JSON")
    parser.add_argument("model", type=path, help="a .keras file")
    add_pictures(parser)
    add_format(parser)
    _add_probability(parser, 0.9, "of a window")
    parser.add_argument(
        "--votes", type=number(0, 1e9), default=2.0, help="fewest votes to report; 2"
    )


COMMANDS = (add_train, add_evaluate, add_detect)


def _add_seed(parser, text):
    parser.add_argument("--seed", type=number(0, SEED, integer=True), default=0, help=text)


def _add_probability(parser, default, text):
    parser.add_argument(
        "--threshold", type=number(0, 1), default=default, help=f"{text}; {default}"
    )


def _train(options):
    check_outputs(options)
    from facebook_tut import models, training
    from facebook_tut.data.patches import load_patches

    if options.distribute == "workers":
        from facebook_tut import distribution

        distribution.join_workers()  # TensorFlow wants this first
    splits = load_patches(options.seed)
    training.set_seed(options.seed)
    model = models.build_classifier()
    history = training.fit(
        model,
        splits.train,
        splits.validation,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        distribute=options.distribute,
        progress=is_watched(options),
    )
    models.save_model(model, options.output, overwrite=options.force)
    say(f"validation accuracy {history.val_accuracy[-1]:.3f}; saved {options.output}")


def _evaluate(options):
    check_model(options)
    check_outputs(options, options.model)
    from facebook_tut import evaluation, training
    from facebook_tut.data.patches import load_patches

    model = _load_classifier(options.model)
    splits, lines = load_patches(options.seed), []
    report = {"model": str(options.model), "seed": options.seed, "threshold": options.threshold}
    for name in ("validation", "test"):
        split = getattr(splits, name)
        counts = evaluation.confusion(
            split.labels, training.predict(model, split.images), options.threshold
        )
        lines.append(f"{name:<10} accuracy {counts.accuracy}")
        report[name] = vars(counts) | {"accuracy": counts.accuracy.value}
    write_report(report, options)
    say("\n".join(lines))


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

    model = _load_classifier(options.model)

    def find(picture):
        height, width = picture.shape[:2]
        if not detection.window_sizes((height, width)):
            raise ValueError(f"too small for a window: {width}×{height} pixels")
        found = detection.detect_faces(
            lambda images: training.predict(model, images), picture, threshold=options.threshold
        )
        return [vars(face) for face in found if face.votes >= options.votes]

    return find


def _load_classifier(path):
    from facebook_tut import models

    return models.check_classifier(models.load_model(path), str(path))
