"""What the commands share: options, progress bars, tables and reports."""

import json
from pathlib import Path

from facebook_tut._files import replacing


def add_command(commands, name, command, text, output):
    """Add a command with the options that all have, and return its parser."""
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command, suffix="")
    parser.add_argument("--output", type=Path, metavar="FILE", help=output)
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser


def with_progress(items, options, **words):
    """Return the items in a progress bar, or without one if `--quiet` is given."""
    from tqdm.auto import tqdm

    return tqdm(items, **words, **({"disable": True} if options.quiet else {}))


def write_report(report, options):
    """Write the report as JSON to the file of `--output`, if one is given."""
    if options.output is not None:
        with replacing(options.output, overwrite=options.force) as temporary:
            temporary.write_text(as_json(report) + "\n", "utf-8")


def as_json(report):
    """Return a report as the commands print and write it."""
    return json.dumps(report, indent=2, ensure_ascii=False)


def as_table(rows, columns):
    """Return rows (dicts) as text in columns, their names above."""
    cells = [columns, *([_cell(row.get(name)) for name in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)
    return "\n".join(lines)


def _cell(value):
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        return ",".join(f"{number:.0f}" for number in value)
    return str(value)
