"""The command train, on the patches that come along or on the reader's own images."""

from pathlib import Path

from facebook_tut.cli._options import (
    add_command,
    add_seed,
    check_outputs,
    number,
    path,
    person,
    watch,
)
from facebook_tut.cli._report import SOME_FAILED, complain, is_watched, say

MOST = 1_000_000
PATIENCE = 3  # epochs
UNEVEN = 1.5  # times as many images in one class as in another: worth a hint

TEXT = "Train the face classifier on the patches that come with scikit-image, or on your images."
MORE = """\
--data FOLDER holds your images: one folder for each class, with the name of the class. With two
classes, the network of chapter 08 ends in a sigmoid and is trained with binary cross-entropy; with
more, it ends in softmax and is trained with categorical cross-entropy. Images may have any size,
mode and format; the largest square at the centre is read. Of each class, 60 % train, 20 % are for
validation and 20 % for `evaluate`; copies of one image stay together. Unusable files are listed."""


def add_train(commands):
    parser = add_command(
        commands,
        "train",
        _train,
        TEXT,
        "where the network goes (default: face.keras)",
        more=MORE,
    )
    parser.set_defaults(output=Path("face.keras"), suffix=".keras")
    whole = number(1, MOST, integer=True)
    parser.add_argument("--epochs", type=whole, default=10, help="default: 10")
    parser.add_argument("--batch-size", type=whole, default=32, help="default: 32")
    add_seed(parser, "of the split, weights, order and variations (default: 0)")
    parser.add_argument(
        "--distribute",
        choices=("devices", "workers"),
        help="train on all devices of this machine, or on the machines that TF_CONFIG names; only"
        " for two classes, without --early-stopping, --class-weights and --resume",
    )
    _add_data(parser)
    parser.add_argument(
        "--augment", action="store_true", help="vary the training images in every epoch"
    )
    parser.add_argument(
        "--early-stopping",
        type=whole,
        nargs="?",
        const=PATIENCE,
        metavar="EPOCHS",
        help="stop when the validation loss has not fallen for this many epochs"
        f" ({PATIENCE} if no number is given), and keep the weights of the best epoch",
    )
    parser.add_argument(
        "--class-weights",
        action="store_true",
        help="give all classes equal weight in the loss, however few images one has",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="keep the state after every epoch in a file beside the network that ends in"
        " .resume.npz, and continue from that file if it exists; it is deleted at the end",
    )


def _add_data(parser):
    parser.add_argument("--data", type=path, metavar="FOLDER", help="one folder for each class")
    parser.add_argument(
        "--positive",
        type=person,
        metavar="CLASS",
        help="of two classes, the one whose probability is predicted (default: the last by name)",
    )
    parser.add_argument(
        "--grey",
        action="store_true",
        help="read images as grey patches of 25×25 pixels and even contrast, as `detect` needs",
    )
    parser.add_argument(
        "--stream",
        action="store_true",
        help="read images while training, for folders that do not fit into memory",
    )


def _train(options):
    check_outputs(options)
    state = _state_file(options)
    splits, notes, code = _data(options)
    from facebook_tut import models, training

    if options.distribute == "workers":
        from facebook_tut import distribution

        distribution.join_workers()  # TensorFlow wants this first
    training.set_seed(options.seed)
    model = models.build_classifier(splits.train.classes)
    history = training.fit(
        model,
        splits.train,
        splits.validation,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        distribute=options.distribute,
        augment=options.augment,
        class_weights="balanced" if options.class_weights else None,
        patience=options.early_stopping,
        checkpoint=state,
        progress=is_watched(options),
    )
    models.add_notes(model, models.Notes(**notes))
    models.save_model(model, options.output, overwrite=options.force)
    if state:
        state.unlink(missing_ok=True)
    last = history.best_epoch if options.early_stopping else history.epochs
    if options.early_stopping:
        say(f"{history.epochs} of {options.epochs} epochs; the weights are those of epoch {last}")
    say(f"validation accuracy {history.val_accuracy[last - 1]:.3f}; saved {options.output}")
    return code


def _state_file(options):
    """Return the file from which an interrupted training goes on, if it is asked for."""
    if not options.resume:
        return None
    file = options.output.with_suffix(".resume.npz")
    watch(options, file)
    if file.exists():
        complain(f"going on from {file}")
    return file


def _data(options):
    """Return the splits, what the network's file will say of them, and the exit code."""
    if options.data is None:
        wanted = {
            "--positive": options.positive,
            "--grey": options.grey,
            "--stream": options.stream,
        }
        if given := [name for name, value in wanted.items() if value]:
            raise ValueError(f"{given[0]} needs --data FOLDER")
        from facebook_tut.data import patches

        return patches.load_patches(options.seed), {"seed": options.seed}, 0
    from facebook_tut.data.folder import load_folder

    folder = load_folder(
        options.data,
        seed=options.seed,
        positive=options.positive,
        colour=not options.grey,
        stream=options.stream,
        progress=is_watched(options),
    )
    say(f"{folder}\n{_balance(folder, options.class_weights)}\n")
    trained, validated = (
        {folder.digests[source] for source in split.sources.tolist()}
        for split in (folder.splits.train, folder.splits.validation)
    )
    notes = {
        "class_names": folder.class_names,
        "colour": not options.grey,
        "seed": options.seed,
        "trained": trained,
        "validated": validated,
    }
    code = SOME_FAILED if any(one.failed for one in folder.skipped) else 0
    return folder.splits, notes, code


def _balance(folder, weighed):
    """Return a sentence on how uneven the classes are."""
    counts = folder.counts[:, 1]  # of validation
    share = counts.max() / counts.sum()
    text = (
        f"balance: the largest class has {folder.imbalance:.1f} times the training images of the"
        f" smallest; one answer for all validation images is right for {share:.2f} of them"
    )
    hint = "; --class-weights lets classes count alike"
    return text + (hint if folder.imbalance > UNEVEN and not weighed else "")
