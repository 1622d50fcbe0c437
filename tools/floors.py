"""The floors of the package, with the chapters that use each module.

    python tools/floors.py           # write the chapters into the table, and README.md's table
    python tools/floors.py --check   # exit 1 if one is stale

The table in the docstring of `facebook_tut/__init__.py` is the one place where the floors stand.
Which chapters use a module is read from the notebooks.
"""

import argparse
import ast
import re
import sys
import textwrap
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "facebook_tut" / "__init__.py"
README = ROOT / "README.md"
EDGE = re.compile(r"^=+  =+\n", re.MULTILINE)  # the lines of the docstring's table
HEADING = "modules, and the chapters that use them"
ROWS = re.compile(rf"(?<=\| floor \| {HEADING} \|\n)(\|.*\n)*")
ENTRY = re.compile(r"`([\w.]+)`(?: \([\d–, ]+\))?")
WIDTH = 100  # letters of a line of the docstring


def floors(text):
    """Return the floors in a docstring with the table, the highest first.

    Parameters
    ----------
    text : str
        Of `facebook_tut/__init__.py`.

    Returns
    -------
    dict of str to list of str
        By the floor's words, the modules on it.
    """
    lines = EDGE.split(text)[2].splitlines()
    column = len(re.match("=+", EDGE.search(text)[0])[0]) + 2
    found, floor = {}, ""
    for line in lines:
        floor = line[:column].strip() or floor
        found.setdefault(floor, []).extend(ENTRY.findall(line[column:]))
    return found


def taken(path):
    """Return what a chapter takes of the package, as dotted names.

    Parameters
    ----------
    path : pathlib.Path
        A notebook.

    Returns
    -------
    set of str
        Such as ``"plots.lines"``, of every module and every name in it that a cell names.
    """
    trees = [ast.parse(code) for code in _cells(path)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    bound = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "facebook_tut":
            inner = node.module.removeprefix("facebook_tut").lstrip(".")
            for alias in node.names:
                bound[alias.asname or alias.name] = f"{inner}.{alias.name}".lstrip(".")
    names = set(bound.values())
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names.add(f"{bound.get(node.value.id, '')}.{node.attr}")
    return {name for name in names if not name.startswith(".")}


def _cells(path):
    """Yield the code of a notebook's cells, without lines that are for IPython alone."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            yield re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE)


def chapters():
    """Return the numbered chapters, in order: a dict of number to path."""
    return {int(path.name[:2]): path for path in sorted((ROOT / "book").glob("[0-9][0-9]_*.ipynb"))}


def place_of(name, modules):
    """Return the module of the table that a dotted name belongs to, or None.

    Parameters
    ----------
    name : str
        Such as ``"data.lfw.load_lfw"``.
    modules : iterable of str
        The table's, such as ``"data"`` and ``"data.lfw"``: the longest that fits is meant.

    Returns
    -------
    str or None
    """
    fitting = [one for one in modules if f"{name}.".startswith(f"{one}.")]
    return max(fitting, key=len, default=None)


def uses(modules):
    """Return in which chapters each module is used: a dict of name to list of int."""
    found = {name: [] for name in modules}
    for number, path in chapters().items():
        for module in {place_of(name, modules) for name in taken(path)} - {None}:
            found[module].append(number)
    return found


def ranges(numbers):
    """Return rising numbers in words.

    Examples
    --------
    >>> ranges([1, 2, 3, 8])
    '01–03, 08'
    """
    runs = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        f"{run[0]:02}" if len(run) == 1 else f"{run[0]:02}–{run[-1]:02}" for run in runs
    )


def rows(text):
    """Return the table's rows as they should be: a list of (floor, list of entries)."""
    table = floors(text)
    found = uses([name for names in table.values() for name in names])
    return [
        (
            floor,
            [f"`{name}` ({ranges(found[name])})" if found[name] else f"`{name}`" for name in names],
        )
        for floor, names in table.items()
    ]


def in_docstring(text, table):
    """Return the text of `facebook_tut/__init__.py` with the table's rows."""
    column = max(len(floor) for floor, _ in table)
    edge = f"{'=' * column}  {'=' * (WIDTH - column - 2)}\n"
    body = f"{'floor':{column}}  {HEADING}\n"
    lines = ""
    for floor, entries in table:
        parts = textwrap.wrap(
            ", ".join(one.replace(" ", "\0") for one in entries), WIDTH - column - 2
        )
        for number, part in enumerate(parts):
            part = part.replace("\0", " ")
            lines += f"{'' if number else floor:{column}}  {part}".rstrip() + "\n"
    before, _, _, after = EDGE.split(text)
    return before + edge + body + edge + lines + edge + after


def in_readme(text, table):
    """Return the text of README.md with the table's rows."""
    lines = [f"| {floor} | {', '.join(entries)} |\n" for floor, entries in table]
    return ROWS.sub("| --- | --- |\n" + "".join(lines), text, count=1)


def main(arguments=None):
    """Write the table, or say what would change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if it is stale")
    check = parser.parse_args(arguments).check
    text = PACKAGE.read_text("utf-8")
    table = rows(text)
    stale = False
    for path, write in ((PACKAGE, in_docstring), (README, in_readme)):
        old = path.read_text("utf-8")
        new = write(old, table)
        if new != old:
            stale = True
            print(f"{path.relative_to(ROOT)}: {'stale' if check else 'written'}")
            if not check:
                path.write_text(new, "utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
