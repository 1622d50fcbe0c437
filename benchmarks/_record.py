"""What all benchmarks share: their options, the command that is recorded, and the record's file."""

import argparse
import json
import platform
import shlex
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from _machine import machine

from facebook_tut._files import check_writable, replacing

HERE = Path(__file__).resolve().parent
RECORDED = HERE.parent / "facebook_tut" / "recorded"
CHECKPOINTS = HERE / "checkpoints"
WIDTH = 100  # of a value on one line, unless it is an array of numbers


def options(text, name, *, data=False, kept=None):
    """Return a parser for the options that benchmarks share.

    Parameters
    ----------
    text : str
        What the benchmark does: its docstring.
    name : str or None
        Of the record, without ``.json``; None if that depends on the other options.
    data : bool
        Whether it needs the photographs of LFW.
    kept : Path, optional
        Where it keeps what takes long, if it does.

    Returns
    -------
    argparse.ArgumentParser
    """
    parser = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if data:
        help_ = "the folder of LFW (default: as data.lfw.load_lfw finds it)"
        parser.add_argument("--data", type=Path, help=help_)
    output = RECORDED / f"{name}.json" if name else None
    help_ = "the JSON file to write (default: in facebook_tut/recorded)"
    parser.add_argument("--output", type=Path, default=output, help=help_)
    if kept:
        help_ = "folder of what is kept"
        parser.add_argument("--checkpoints", type=Path, default=kept, help=help_)
    return parser


def run(arguments, measure, table, *packages):
    """Measure, print the table and record it.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of a parser that `options` began.
    measure : callable
        From the arguments to the figures, a dict.
    table : callable
        From the record to lines of text.
    *packages : str
        Whose versions matter beside those of `versions`.
    """
    check_writable(arguments.output, overwrite=True)
    if hasattr(arguments, "checkpoints"):
        arguments.checkpoints.mkdir(parents=True, exist_ok=True)
    record = {**describe(*packages), **measure(arguments)}
    print(table(record))
    write(record, arguments.output)


def positive(text):
    """Return a whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return number


def describe(*packages):
    """Return what was run, when, on what machine and with which versions of which packages."""
    return {
        "command": command(*sys.argv),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {"python": platform.python_version(), **versions(packages)},
    }


def command(script, *arguments):
    """Return what repeats the run from the project's folder.

    Where the data are is called PATH, and where a network or a program is, FILE. Where files are
    kept and written changes no number, and is left out.
    """
    named = dict.fromkeys(("--data", "--pages", "--libraries"), "PATH")
    named |= dict.fromkeys(("--model", "--camera", "--start", "--lighthouse"), "FILE")
    words, before = [], ""
    for word in arguments:
        if not {word, before} & {"--output", "--checkpoints"}:
            words.append(named.get(before, word))
        before = word
    return shlex.join(["python", f"benchmarks/{Path(script).name}", *words])


def versions(packages):
    """Return the versions of the packages that are measured, and of ours."""
    found = {}
    for name in ("facebook_tut", "keras", "tensorflow", "numpy", *packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


# The file


def write(record, path):
    """Write a record as JSON, whole or not at all, over an older one."""
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text(as_text(record) + "\n", encoding="utf-8", newline="\n")
    print(f"written to {path}")


def as_text(value, indent=0):
    """Return a value as JSON: what is short, and every array of numbers, stands on one line.

    Parameters
    ----------
    value : dict, list or other
        What JSON can hold.
    indent : int
        Blanks before the lines that follow the first.

    Returns
    -------
    str
        The same for the same value.
    """
    line = json.dumps(value)
    if not isinstance(value, dict | list | tuple) or (indent and indent + len(line) <= WIDTH):
        return line
    inner = indent + 2
    if isinstance(value, dict):
        brackets = "{}"
        parts = [f"{json.dumps(name)}: {as_text(part, inner)}" for name, part in value.items()]
    elif any(isinstance(part, dict | list | tuple | str) for part in value):
        brackets = "[]"
        parts = [as_text(part, inner) for part in value]
    else:
        return line
    text = f",\n{' ' * inner}".join(parts)
    return f"{brackets[0]}\n{' ' * inner}{text}\n{' ' * indent}{brackets[1]}"
