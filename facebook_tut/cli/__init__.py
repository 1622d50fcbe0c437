"""The command line: ``python -m facebook_tut COMMAND``.

``train``, ``evaluate`` and ``detect`` are of the face classifier; ``enroll``, ``verify``,
``identify`` and ``count`` of the recogniser.
"""

import argparse
import sys

from facebook_tut import __version__
from facebook_tut._files import check_writable
from facebook_tut.cli import _classifier, _recogniser

EXAMPLES = """\
examples:
  python -m facebook_tut train --output face.keras
  python -m facebook_tut evaluate face.keras
  python -m facebook_tut detect face.keras photo.jpg --output boxes.json

  python -m facebook_tut enroll people/ --gallery people.npz
  python -m facebook_tut identify party.jpg --gallery people.npz
  python -m facebook_tut verify "Ada Lovelace" door.jpg --gallery people.npz
  python -m facebook_tut count visitors/ --format json

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
        description="Train and use the book's face classifier, and recognise people.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (*_classifier.COMMANDS, *_recogniser.COMMANDS):
        add(commands)
    return parser
