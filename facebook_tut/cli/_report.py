"""What the commands share on the way out: rows, tables, JSON, warnings and exit codes."""

import json
import os
import sys
from contextlib import suppress

from facebook_tut._files import replacing
from facebook_tut._names import printable
from facebook_tut._progress import progress_bar
from facebook_tut._table import as_table
from facebook_tut.pretrained import LIMITS

ANSWERS = ("no face", "low quality", "unknown", "empty gallery")  # not failures
AGAIN = "the same picture as"  # so begins why a known one is not used, which is no failure either
SOME_FAILED = 3  # exit code


class Failure(str):
    """Why a picture could not be read, or a person not be enrolled; a missing face is an answer."""


class ClosedPipe(Exception):
    """Whoever read what is printed reads no more."""


def with_progress(items, options, what):
    """Return the items in a progress bar, unless `--quiet` is given or nobody would see it."""
    return progress_bar(items, shown=is_watched(options), desc=what, unit="picture")


def is_watched(options):
    """Return whether a progress bar is wanted, and somebody sees it."""
    return not options.quiet and sys.stderr is not None and sys.stderr.isatty()


def finish(rows, columns, totals, options, said=None):
    """Write the report of some rows to `--output`, print it, and return the exit code.

    A table ends with what is `said`, or with the totals.
    """
    rows = [{**row, "failed": isinstance(row["why"], Failure)} for row in rows]
    report = {**totals, "pictures": rows}
    try:
        write_report(report, options)
    finally:  # a report that cannot be written is no reason not to print
        show(report, rows, columns, totals if said is None else said, options)
    if rows and not any(_is_answer(row["why"]) for row in rows):
        raise ValueError(f"none of {len(rows)} pictures could be used; each says why")
    return SOME_FAILED if any(row["failed"] for row in rows) else 0


def _is_answer(why):
    return not why or {*why.split(", ")} <= {*ANSWERS, *LIMITS} or why.startswith(AGAIN)


def show(report, rows, columns, totals, options):
    """Print a report as JSON, or its rows as a table with the totals below."""
    if options.format == "json":
        say(as_json(report), json=True)
    else:
        say(as_table(rows, columns))
        for name, value in totals.items():
            say(f"{name}: {printable(str(value))}")


def write_report(report, options):
    """Write the report as JSON to the file of `--output`, if one is given."""
    if options.output is not None:
        with replacing(options.output, overwrite=options.force) as temporary:
            temporary.write_bytes(as_bytes(as_json(report)))


def as_json(report):
    """Return a report as the commands print and write it; no character moves a cursor."""
    text = json.dumps(report, indent=2, ensure_ascii=False)
    return "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)


def as_bytes(text):
    """Return JSON in UTF-8; of a file's name that is no text each odd byte is an escape."""
    return (text + "\n").encode("utf-8", "backslashreplace")


def say(text, *, json=False):
    """Print, whatever the terminal can show; JSON is always in UTF-8."""
    try:
        if json and hasattr(sys.stdout, "buffer"):
            sys.stdout.flush()
            sys.stdout.buffer.write(as_bytes(text))
            sys.stdout.buffer.flush()
        else:
            _write(sys.stdout, text)
    except BrokenPipeError as error:
        raise ClosedPipe from error


def complain(text):
    """Print to standard error, on one line."""
    with suppress(OSError):  # nobody listens
        _write(sys.stderr, printable(" ".join(text.split())))


def _write(stream, text):
    if stream is None:  # a Windows service, or a program without a terminal
        return
    try:
        stream.write(text + "\n")
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()


def let_go_of_the_pipe():
    """Let what Python still prints when it ends go nowhere."""
    with suppress(OSError, ValueError):  # a standard output that is no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
