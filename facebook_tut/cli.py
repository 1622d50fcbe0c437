"""The command line: ``python -m facebook_tut train|evaluate|detect``."""

import argparse
import json
import sys
from pathlib import Path

from facebook_tut import __version__
from facebook_tut._files import check_writable, replacing

EXAMPLES = """\
examples:
  python -m facebook_tut train --output face.keras
  python -m facebook_tut evaluate face.keras
  python -m facebook_tut detect face.keras photo.jpg --output boxes.json

exit codes: 0 done; 1 an input, a model or an output file is not as it must be; 2 wrong usage;
130 stopped by Ctrl-C
"""


def main(arguments=None):
    """Run the command that `arguments` name.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the process if not given.

    Returns
    -------
    int
        Exit code.

    Examples
    --------
    >>> main(["detect", "no-such-model.keras", "photo.jpg"])
    1
    """
    options = _parser().parse_args(arguments)
    try:
        if options.output is not None:  # before the work, not after it
            check_writable(options.output, overwrite=options.force, suffix=options.suffix)
        options.command(options)
    except (OSError, ValueError, TypeError) as error:
        print("error:", *str(error).split(), file=sys.stderr)  # on one line
        return 1
    except KeyboardInterrupt:
        print("stopped; no file was changed", file=sys.stderr)
        return 130
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m facebook_tut",
        description="Train, evaluate and use the book's face classifier.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_train, _add_evaluate, _add_detect):
        add(commands)
    return parser


def _add_command(commands, name, command, text, output):
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command, suffix="")
    parser.add_argument("--output", type=Path, metavar="FILE", help=output)
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser


def _add_train(commands):
    parser = _add_command(
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


def _add_evaluate(commands):
    text = "Measure a trained network on the patches that it has not seen."
    parser = _add_command(commands, "evaluate", _evaluate, text, "also write the figures as JSON")
    parser.add_argument("model", type=Path, help="a .keras file")
    parser.add_argument("--seed", type=int, default=0, help="the one it was trained with; 0")
    parser.add_argument("--threshold", type=float, default=0.5, help="a face from here; 0.5")


def _add_detect(commands):
    text = "Find faces in pictures, and some things that are none: see chapter 08."
    parser = _add_command(commands, "detect", _detect, text, "also write the boxes as JSON")
    parser.add_argument("model", type=Path, help="a .keras file")
    parser.add_argument("pictures", type=Path, nargs="+", help="picture files")
    parser.add_argument("--threshold", type=float, default=0.9, help="of a window; 0.9")
    parser.add_argument("--votes", type=float, default=2.0, help="fewest votes to report; 2")


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
    _write_report(report, options)


def _detect(options):
    from tqdm.auto import tqdm

    from facebook_tut import detection, training

    model = _load_classifier(options.model)
    report = {}
    hidden = {"disable": True} if options.quiet else {}
    for path in tqdm(options.pictures, desc="detecting", unit="picture", **hidden):
        picture = _read_picture(path)
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
    _write_report(report, options)


def _load_classifier(path):
    from facebook_tut import models

    model = models.load_model(path)
    if (model.input_shape, model.output_shape) != ((None, *models.INPUT_SHAPE), (None, 1)):
        raise ValueError(
            f"{path} is not a face classifier: it turns {model.input_shape} into"
            f" {model.output_shape}"
        )
    return model


def _read_picture(path):
    """Read a picture file as RGB, or grey if it has 16 bits, upright as its camera held it."""
    import numpy as np
    from PIL import Image, ImageOps

    if not path.is_file():
        raise FileNotFoundError(f"there is no picture file {path}")
    try:
        with Image.open(path) as picture:
            picture = ImageOps.exif_transpose(picture)
            if picture.mode.startswith("I"):  # 16 bits, which convert would cut off, not scale
                return np.asarray(picture) / 65535
            return np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} is not a whole picture: {error}") from error


def _write_report(report, options):
    if options.output is not None:
        with replacing(options.output, overwrite=options.force) as temporary:
            temporary.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
