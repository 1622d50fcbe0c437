"""The command line: ``python -m facebook_tut COMMAND``.

``train``, ``evaluate``, ``predict`` and ``detect`` are of the classifier; ``enroll`` (or
``enrol``), ``verify``, ``identify``, ``count``, ``list``, ``remove`` and ``calibrate`` of the
recogniser.
"""

import argparse
import signal
import threading
import traceback
import warnings
from contextlib import contextmanager

from facebook_tut import __version__
from facebook_tut.cli import _calibration, _classifier, _recognizer
from facebook_tut.cli._options import Parser, changed
from facebook_tut.cli._pictures import is_out_of_memory
from facebook_tut.cli._report import ClosedPipe, complain, let_go_of_the_pipe

ISSUES = "https://github.com/facebook-tut/facebook_tut/issues"
EXAMPLES = """\
examples:
  python -m facebook_tut train --output face.keras
  python -m facebook_tut evaluate face.keras
  python -m facebook_tut detect face.keras photo.jpg --output boxes.json

  python -m facebook_tut train --data animals/ --output animals.keras --augment --early-stopping
  python -m facebook_tut evaluate animals.keras --data animals/
  python -m facebook_tut predict animals.keras photos/

  python -m facebook_tut enroll people/ --gallery people.npz
  python -m facebook_tut identify party.jpg --gallery people.npz
  python -m facebook_tut verify "Ada Lovelace" door.jpg --gallery people.npz
  python -m facebook_tut count visitors/ --format json
  python -m facebook_tut list --gallery people.npz
  python -m facebook_tut remove "Ada Lovelace" --gallery people.npz
  python -m facebook_tut calibrate people/ --far 0.001 --gallery people.npz

exit codes: 0 done; 1 nothing done: an input, a model or an output file has a fault, or no picture
could be used; 2 wrong usage; 3 done, but some pictures could not be read or some people could not
be enrolled, each with its reason; 70 an error of this program; 129 the terminal was closed; 130
stopped by Ctrl-C; 141 the reader of the output has gone; 143 stopped by the system
"""


class _Stopped(BaseException):
    """The system asks the program to end.

    Parameters
    ----------
    number : int
        The signal's.
    """

    def __init__(self, number):
        self.code = 128 + number


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
        with _ending_in_order(), _warnings_on_one_line():
            return options.command(options) or 0
    except ClosedPipe:
        let_go_of_the_pipe()
        return 128 + 13
    except (OSError, ValueError, ImportError) as error:
        complain(f"error: {error}{_changed(options, '; ')}")
        return 1
    except KeyboardInterrupt:
        complain(f"stopped; {_changed(options) or 'no file was changed'}")
        return 130
    except _Stopped as stopped:
        complain(f"stopped; {_changed(options) or 'no file was changed'}")
        return stopped.code
    except Exception as error:
        return _answer(error, options)


def _answer(error, options):
    """Say what went wrong that is no fault of a file, and return the exit code."""
    if is_out_of_memory(error):
        complain(f"error: the memory is not enough for this{_changed(options, '; ')}")
        return 1
    if isinstance(error, TypeError) and _raised_here(error):
        complain(f"error: {error}{_changed(options, '; ')}")
        return 1
    traceback.print_exception(error)
    complain(f"This is an error of facebook_tut. Please report the lines above at {ISSUES}")
    return 70


def _raised_here(error):
    """Return whether this package refused an argument; other type errors are its own mistakes."""
    *_, last = traceback.walk_tb(error.__traceback__)
    return last[0].f_globals.get("__name__", "").startswith("facebook_tut.")


def _changed(options, before=""):
    """Return which files were written so far, as a part of a sentence; nothing if none was."""
    saved = ", ".join(f"{path} was saved" for path in changed(options))
    return before + saved if saved else ""


@contextmanager
def _ending_in_order():
    """Let the system's request to end clear up as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number, frame):
        raise _Stopped(number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # What is ignored, as nohup lets it be, stays so.
    numbers = [each for each in numbers if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _warnings_on_one_line():
    """Print the package's own warnings as sentences, and no others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", module=r"facebook_tut\.")
        warnings.showwarning = lambda message, *place, **more: complain(f"warning: {message}")
        yield


def _parser():
    parser = Parser(
        prog="python -m facebook_tut",
        description="Train and use the book's face classifier, and recognise people.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (*_classifier.COMMANDS, *_recognizer.COMMANDS, *_calibration.COMMANDS):
        add(commands)
    return parser
