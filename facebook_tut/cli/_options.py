"""What the commands share on the way in: options, and their checks before anything is loaded."""

import argparse
import math
import os
from pathlib import Path

from facebook_tut._files import check_writable
from facebook_tut._names import printable
from facebook_tut._validation import check_file
from facebook_tut.embedders import EMBEDDERS
from facebook_tut.pretrained import THRESHOLD

SEED = 2**32 - 1  # the largest


def add_command(commands, name, command, text, output=None, aliases=(), more=""):
    """Add a command with the options that all have, and return its parser."""
    described = f"{text} {more}".strip()
    parser = commands.add_parser(name, help=text, description=described, aliases=aliases)
    parser.set_defaults(command=command, suffix="", output=None, force=False, written={})
    if output:
        parser.add_argument("--output", type=path, metavar="FILE", help=output)
        parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser


def add_format(parser):
    """Add the option that says how a command prints what it found."""
    parser.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="what is printed (default: table)",
    )


def add_pictures(parser):
    """Add the files and folders that a command looks at."""
    parser.add_argument(
        "pictures", type=path, nargs="+", metavar="PICTURES", help="files, or folders of files"
    )
    add_most_pixels(parser)


def add_most_pixels(parser):
    """Add the option that says how large a photograph may be."""
    parser.add_argument(
        "--most-pixels",
        type=number(1, 2**40, integer=True),
        metavar="N",
        help="photographs with more pixels are shrunk as they are decoded, or refused (178956970)",
    )


def add_threshold(parser, default=THRESHOLD, text="lowest cosine that counts as the same person"):
    """Add the option that says from where on two faces are one person: None if it is not used."""
    help_ = f"{text} (default: the gallery's, or the embedder's own, {default} for shipped)"
    parser.add_argument("--threshold", type=number(-1, 1), help=help_)


def add_any_condition(parser):
    """Add the option that lets faces be compared in conditions the threshold is not made for."""
    parser.add_argument(
        "--any-condition",
        action="store_true",
        help="compare faces also in conditions for which the threshold does not hold",
    )


def add_embedder(parser):
    """Add the options that say what embeds faces: one with a name, or a file of the user's."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--model", type=path, help="a .keras file with an embedder (default: that of the package)"
    )
    group.add_argument(
        "--embedder",
        choices=tuple(EMBEDDERS),
        default="shipped",
        help='an embedder by name; dlib needs pip install "facebook_tut[dlib]" (default: shipped)',
    )


def add_gallery(parser):
    """Add the file of the people."""
    parser.add_argument("--gallery", type=path, required=True, help="the .npz file of the people")


DETECTORS = ("mtcnn", "cascade")  # the default first
LEAST_SMALLEST = {"mtcnn": 20, "cascade": 24}  # pixels: what they read


def add_detector(parser):
    """Add the options that say how faces are found."""
    parser.add_argument(
        "--detector",
        choices=DETECTORS,
        default=DETECTORS[0],
        help="what finds the faces (default: mtcnn, which also finds five points for alignment). A"
        " gallery can be used with either. The default thresholds were measured on LFW's own"
        " frames, without a detector",
    )
    parser.add_argument(
        "--smallest",
        type=number(min(LEAST_SMALLEST.values()), 2**20),
        metavar="PIXELS",
        help="side of the smallest face to look for (default: 40 with mtcnn, 60 with the cascade,"
        " and more above 1.9 megapixels). Half the side takes four times as long",
    )


def check_detector(options):
    """Check that the detector can look for faces as small as asked, before anything is loaded."""
    least = LEAST_SMALLEST[options.detector]
    if options.smallest is not None and options.smallest < least:
        raise ValueError(
            f"--smallest must be at least {least} with --detector {options.detector},"
            f" got {options.smallest:g}"
        )


def person(text):
    """Return a person's name, the type of all names, whatever encoding the terminal has."""
    try:
        return os.fsencode(text).decode()
    except UnicodeError as error:
        raise argparse.ArgumentTypeError(f"must be text in UTF-8, got {text!a}") from error


class Parser(argparse.ArgumentParser):
    """A parser whose errors do not move the cursor, whatever was typed."""

    def error(self, message):
        """Say what is wrong with the arguments, and exit with code 2."""
        super().error(printable(message))


def number(low, high, *, integer=False):
    """Return a type for argparse: numbers from `low` to `high`."""
    words = "a whole number" if integer else "a number"

    def read(text):
        try:
            value = (int if integer else float)(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be {words} from {low} to {high}, got {text!r}")
        return value

    return read


def path(text):
    """Return a path, the type of all files and folders."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"must be the path of a file, got {text!r}")
    return Path(text)


def check_outputs(options, *inputs):
    """Check that the report can be written, and would replace nothing that is read."""
    if options.output is None:
        return
    watch(options, options.output)
    check_writable(options.output, overwrite=options.force, suffix=options.suffix)
    for file in inputs:
        if same_file(options.output, file):
            raise ValueError(f"--output {options.output} is {file}, which is read or written too")


def watch(options, file):
    """Note how a file is that may be written, so that `changed` can tell if it was."""
    options.written[file] = _state(file)


def changed(options):
    """Return the files that were written since they were watched."""
    return [file for file, before in options.written.items() if _state(file) != before]


def _state(file):
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def same_file(one, other):
    """Return whether two paths lead to one file, which need not be there yet."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def add_seed(parser, text, default=0):
    """Add the number that random choices begin with."""
    parser.add_argument("--seed", type=number(0, SEED, integer=True), default=default, help=text)


def check_model(options):
    """Check that the file of the network is there, before TensorFlow is loaded."""
    if options.model is not None:
        check_file("model", options.model, "model")
