"""Write the notebooks that Colab opens: copies of the chapters that read well there.

    python tools/colab_copies.py           # write open_in_colab/*.ipynb from book/*.ipynb
    python tools/colab_copies.py --check   # exit 1 if one differs

Colab opens one file and knows nothing of those beside it. So a copy's links are full addresses:
chapters open in Colab, at the cell of the heading that is meant, and all else as a page of the
book. What JupyterLab folds by `source_hidden`, Colab folds as a form, which has a title. A solution
shows no output until it is run, since Colab folds none.
"""

import argparse
import re
import sys
from copy import deepcopy
from functools import partial
from pathlib import Path

import colab
import links
from nbformat import NotebookNode
from normalise_notebooks import (
    code_cells,
    differs,
    is_install_cell,
    is_solution,
    read,
    to_text,
    validate,
    without_badges,
    write,
)

ROOT = Path(__file__).resolve().parents[1]
INLINE = re.compile(r"(?<=\]\()[^)\s]+(?=\))")


def copy_of(notebook: NotebookNode, path: Path) -> NotebookNode:
    """Return what Colab opens of a chapter.

    Parameters
    ----------
    notebook : NotebookNode
        The chapter, in normal form.
    path : Path
        Its file, which decides where its links lead.

    Returns
    -------
    NotebookNode
        The same cells; those of code have the same code.
    """
    copied = deepcopy(notebook)
    title, _, text = without_badges(copied.cells[0].source).partition("\n")
    copied.cells[0].source = f"{title}\n\n{text.strip()}".strip()
    for cell in copied.cells:
        cell.metadata.id = cell.id  # by which Colab finds a cell
        if cell.cell_type == "markdown":
            cell.source = INLINE.sub(partial(full_address, path=path), cell.source)
    for cell in code_cells(copied):
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            fold(cell)
    validate(copied)
    return copied


def full_address(target: re.Match, path: Path) -> str:
    """Return where a link in the chapter at `path` leads, for a reader in Colab."""
    if links.SCHEME.match(target[0]):
        return target[0]
    [(file, anchor)] = links.targets(f"]({target[0]})")
    page = path.parent / file if file else path
    if page.suffix != ".ipynb":
        return colab.page_address(page) + (f"#{anchor}" if anchor else "")
    cell = links.headings(read(page).cells)[anchor] if anchor else ""
    return (colab.address(page) if file else "") + (f"#scrollTo={cell}" if cell else "")


def fold(cell: NotebookNode) -> None:
    """Let Colab show a cell's title instead of its code."""
    title = "Code"
    if is_install_cell(cell):
        title = "Install the book's package"
    elif is_solution(cell):
        title = "Solution"
        cell.outputs, cell.execution_count = [], None
    cell.source = f"# @title {title}\n{cell.source}"
    cell.metadata.cellView = "form"


def wanted(root: Path = ROOT) -> dict[Path, str]:
    """Return the files that the folder of copies should hold, and their text."""
    folder, chapters = root / colab.COPIES, sorted((root / "book").glob("*.ipynb"))
    return {folder / path.name: to_text(copy_of(read(path), path)) for path in chapters}


def main(arguments: list[str] | None = None) -> int:
    """Write the copies, or check them; return 1 if one differs from what is checked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check, copies = parser.parse_args(arguments).check, wanted()
    found = [path for path, text in copies.items() if not path.exists() or differs(path, text)]
    found += [path for path in (ROOT / colab.COPIES).glob("*.ipynb") if path not in copies]
    for path in found:
        print(f"{path}: " + ("differs: run `python tools/colab_copies.py`" if check else "written"))
        if not check and path in copies:
            path.parent.mkdir(exist_ok=True)
            write(path, copies[path])
        elif not check:
            path.unlink()  # its chapter has gone
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
