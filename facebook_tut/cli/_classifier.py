"""The commands of the face classifier: train, evaluate, detect."""

from pathlib import Path

from facebook_tut.cli._common import add_command, with_progress, write_report


def add_train(commands):
    parser = add_command(
        commands,
        "train",
        _train,
        "Train the face classifier on the patches that come with scikit-image.",
        "where the network goes (default: face.keras)",
    )
    parser.set_defaults(output=Path("face.keras"), suffix=".keras")
    parser.add_argument("--epochs", type=int, default=10, help="default: 10")
    parser.add_argument("--batch-size", type=int, default=32, help="default: 32")
    parser.add_argument("--seed", type=int, default=0, help="of split, weights and order; 0")
    parser.add_argument(
        "--distribute",
        choices=("devices", "workers"),
        help="on all devices of this machine, or on the machines that TF_CONFIG names",
    )


def add_evaluate(commands):
    text = "Measure a trained network on the patches that it has not seen."
    parser = add_command(commands, "evaluate", _evaluate, text, "also write the figures as JSON")
    parser.add_argument("model", type=Path, help="a .keras file")
    parser.add_argument("--seed", type=int, default=0, help="the one it was trained with; 0")
    parser.add_argument("--threshold", type=float, default=0.5, help="a face from here; 0.5")


def add_detect(commands):
    text = "Find faces in pictures, and some things that are none: see chapter 08."
    parser = add_command(commands, "detect", _detect, text, "also write the boxes as JSON")
    parser.add_argument("model", type=Path, help="a .keras file")
    parser.add_argument("pictures", type=Path, nargs="+", help="picture files")
    parser.add_argument("--threshold", type=float, default=0.9, help="of a window; 0.9")
    parser.add_argument("--votes", type=float, default=2.0, help="fewest votes to report; 2")


COMMANDS = (add_train, add_evaluate, add_detect)


def _train(options):
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
        progress=not options.quiet,
    )
    models.save_model(model, options.output, overwrite=options.force)
    print(f"validation accuracy {history.val_accuracy[-1]:.3f}; saved {options.output}")


def _evaluate(options):
    from facebook_tut import evaluation, training
    from facebook_tut.data.patches import load_patches

    model = _load_classifier(options.model)
    splits = load_patches(options.seed)
    report = {"model": str(options.model), "seed": options.seed, "threshold": options.threshold}
    for name in ("validation", "test"):
        split = getattr(splits, name)
        counts = evaluation.confusion(
            split.labels, training.predict(model, split.images), options.threshold
        )
        print(f"{name:<10} accuracy {counts.accuracy}")
        report[name] = vars(counts) | {"accuracy": counts.accuracy.value}
    write_report(report, options)


def _detect(options):
    from tqdm.auto import tqdm

    from facebook_tut import detection, training
    from facebook_tut.preprocessing import read_picture

    model = _load_classifier(options.model)
    report = {}
    for path in with_progress(options.pictures, options, desc="detecting", unit="picture"):
        picture = read_picture(path)
        if not detection.window_sizes(picture.shape[:2]):
            height, width = picture.shape[:2]
            raise ValueError(f"{path} is too small for a window: {width}×{height} pixels")
        found = detection.detect_faces(
            lambda images: training.predict(model, images), picture, threshold=options.threshold
        )
        boxes = [vars(face) for face in found if face.votes >= options.votes]
        report[str(path)] = boxes
        for face in boxes:
            place = ", ".join(f"{name} {face[name]:.0f}" for name in ("top", "left", "size"))
            tqdm.write(f"{path}: {place}, votes {face['votes']:.1f}")
        if not boxes:
            tqdm.write(f"{path}: no face")
    write_report(report, options)


def _load_classifier(path):
    from facebook_tut import models

    model = models.load_model(path)
    if (model.input_shape, model.output_shape) != ((None, *models.INPUT_SHAPE), (None, 1)):
        raise ValueError(
            f"{path} is not a face classifier: it turns {model.input_shape} into"
            f" {model.output_shape}"
        )
    return model
