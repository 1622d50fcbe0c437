"""Rewrite notebooks in the one form that the book agreed on.

    python tools/normalise_notebooks.py book/*.ipynb             # rewrite what differs
    python tools/normalise_notebooks.py --check book/*.ipynb     # only name what differs
    python tools/normalise_notebooks.py --execute book/*.ipynb   # run the cells, keep the outputs

`--execute` also names what is wrong with how a figure looks (`figure_faults`).

Each rule is one function in STEPS. A rule changes a notebook only where it differs, so that
normalising twice equals normalising once. Cells are numbered from 1, Markdown cells included.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import colab
import nbformat
import reading_time
import references
from nbformat import NotebookNode
from nbformat.validator import iter_validate

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
NOTEBOOK_KEYS = {"mystnb", "facebook_tut"}
CELL_KEYS = {"tags", "mystnb"}
SOLUTION = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
CAPTION_TAG = "caption"
CAPTION_TAGS = [CAPTION_TAG, "remove-cell"]  # on the page, the caption is below the figure itself
IMAGE_KEYS = {"width", "height"}  # All that MyST-NB reads from the metadata of an output.

TITLE = re.compile(r"# \S")
COLAB_BADGE = re.compile(
    r"\[!\[.*\]\(https://colab\.research\.google\.com/.*\)"  # Markdown: linked image
    r"|<a .*colab\.research\.google\.com.*</a>"  # HTML: as Colab itself writes it
)
EQUATION_TAG = re.compile(r"\\tag\{([^}]*)\}")
EQUATION = re.compile(r"\b([Ee]quation[ \xa0]\()(\d+\.\d+)(?=\))")  # in the text
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
TIMEOUT = 1800  # seconds for one cell: against what hangs
# In the kernel, without a name that a chapter could see: look at every figure that is shown
WATCH = (
    f"__import__('sys').path.append({str(Path(__file__).parent)!r});"
    "__import__('figure_faults').watch({!r})"
)


def read(path: Path) -> NotebookNode:
    """Read a version 4 notebook as it is; its details may be wrong, its structure may not."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"not JSON, {error}: restore an older version of the file") from error
    check_format(content, minor=4, relaxed=True)
    return nbformat.v4.to_notebook_json(content)


def validate(notebook: NotebookNode) -> None:
    """Raise `ValueError` where the notebook breaks its format in any detail."""
    check_format(notebook, minor=notebook.nbformat_minor)


def check_format(content: object, minor: int, relaxed: bool = False) -> None:
    """Raise `ValueError` at the first fault; unlike `nbformat.validate`, repair nothing."""
    faults = iter_validate(content, version=4, version_minor=minor, relax_add_props=relaxed)
    for fault in faults:
        message = fault.message if len(fault.message) <= 100 else fault.message[:100] + "..."
        raise ValueError(f"not a version 4 notebook, {message}: save it anew in JupyterLab")


# The rules -----------------------------------------------------------------------------------


def set_metadata(notebook: NotebookNode, path: Path) -> None:
    """State the format and the kernel, the same for everyone, and keep no unknown key."""
    kept = {key: value for key, value in notebook.metadata.items() if key in NOTEBOOK_KEYS}
    notebook.metadata = nbformat.from_dict(kept | KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5


def clean_cells(notebook: NotebookNode, path: Path) -> None:
    """Keep only the cell metadata that the book uses: no timings, no state of an editor."""
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in CELL_KEYS if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)


def fold_cells(notebook: NotebookNode, path: Path) -> None:
    """Fold in JupyterLab what the tags fold on the page, and call a solution one."""
    for cell in code_cells(notebook):
        tags = set(cell.metadata.get("tags", []))
        if {"hide-input", "hide-cell"} & tags:
            cell.metadata.jupyter = nbformat.from_dict({"source_hidden": True})
        if is_solution(cell):
            cell.metadata.jupyter.outputs_hidden = True
            cell.metadata.mystnb = nbformat.from_dict(cell.metadata.get("mystnb", {}) | SOLUTION)


def clean_outputs(notebook: NotebookNode, path: Path) -> None:
    """Keep only the size of images in the metadata of outputs."""
    for output in all_outputs(notebook):
        if "metadata" in output:
            output.metadata = nbformat.from_dict(image_sizes(output.metadata))


def merge_streams(notebook: NotebookNode, path: Path) -> None:
    """Join neighbouring pieces of one stream, which the kernel splits differently at each run."""
    for cell in code_cells(notebook):
        merged = []
        for output in cell.outputs:
            if merged and output.get("name") and output.get("name") == merged[-1].get("name"):
                merged[-1].text += output.text
            else:
                merged.append(output)
        cell.outputs = merged


def name_citations(notebook: NotebookNode, path: Path) -> None:
    """Let each citation say what references.bib says of authors and year."""
    for cell in markdown_cells(notebook):
        if references.CITATION.search(cell.source):
            known = references.names(path.parent / "references.bib")
            cell.source = references.with_names(cell.source, known)


def number_equations(notebook: NotebookNode, path: Path) -> None:
    """Number equations by chapter and in order; let the text of the chapter follow."""
    cells = markdown_cells(notebook)
    old = [tag for cell in cells for tag in EQUATION_TAG.findall(cell.source)]
    right = [f"{chapter(path, old)}.{n}" for n in range(1, len(old) + 1)]
    new = dict(reversed(list(zip(old, right, strict=True))))  # of two alike the first is meant
    left = iter(right)
    for cell in cells:
        cell.source = EQUATION.sub(lambda m: m[1] + new.get(m[2], m[2]), cell.source)
        cell.source = EQUATION_TAG.sub(lambda m: rf"\tag{{{next(left)}}}", cell.source)


def place_badge(notebook: NotebookNode, path: Path) -> None:
    """Put the Colab badge directly below the title, once."""
    if notebook.cells and not without_badges(notebook.cells[0].source):
        del notebook.cells[0]  # A cell of its own for the badge, as Colab adds it.
    first = notebook.cells[0] if notebook.cells else NotebookNode(cell_type=None, source="")
    title, _, text = without_badges(first.source).partition("\n")
    if first.cell_type != "markdown" or not TITLE.match(title):
        raise ValueError("no title: start the first cell, a Markdown cell, with `# Title`")
    first.source = "\n\n".join(filter(None, [title, colab.badge(path), text.strip("\n")]))


def place_install_cell(notebook: NotebookNode, path: Path) -> None:
    """Put the Colab install cell directly below the first cell, once."""
    found = [cell for cell in notebook.cells if is_install_cell(cell)]
    cell = found[0] if found else nbformat.v4.new_code_cell(id=colab.INSTALL_TAG)
    cell.source = colab.install_cell(path)
    cell.metadata = nbformat.from_dict({"tags": colab.INSTALL_TAGS})
    cell.outputs = []
    others = [other for other in notebook.cells if not is_install_cell(other)]
    notebook.cells = [others[0], cell, *others[1:]]


def name_cells(notebook: NotebookNode, path: Path) -> None:
    """Give each cell without a valid and unique id one that comes from its first line."""
    taken = set()
    for cell in notebook.cells:
        name = cell.get("id", "")
        if not CELL_ID.fullmatch(name) or name in taken:
            name = free_name(slug(cell.source), taken)
        cell.id = name
        taken.add(name)


def place_captions(notebook: NotebookNode, path: Path) -> None:
    """Write each figure's caption below its cell, for JupyterLab, GitHub and Colab.

    The page takes the caption from the metadata; a solution's figure has it there alone.
    """
    cells, count = [], 0
    for cell in notebook.cells:
        if CAPTION_TAG in cell.metadata.get("tags", []):
            continue  # it is written anew
        cells.append(cell)
        if cell.cell_type == "code":
            caption = caption_of(cell)
            count += figures_in(cell) or bool(caption and not cell.outputs)
            if caption and not is_solution(cell):
                cells.append(caption_cell(cell, f"{figure_word(path)}{count}", caption))
    notebook.cells = cells


STEPS = [
    set_metadata,
    clean_cells,
    clean_outputs,
    merge_streams,
    name_citations,
    number_equations,
    place_badge,
    place_install_cell,
    fold_cells,
    name_cells,
    place_captions,
    reading_time.state,  # when all else is in its place
]


# What the rules need -------------------------------------------------------------------------


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the Markdown cells in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def chapter(path: Path, tags: list[str]) -> str:
    """Return a chapter's number: as its file says, or else as its equations do."""
    found = re.match(r"0*(\d+)_", path.name) or re.match(r"(\d+)\.", "".join(tags[:1]))
    return found[1] if found else "1"


def all_outputs(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the outputs of all code cells in order."""
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def image_sizes(metadata: dict) -> dict:
    """Return the image sizes by MIME type, such as `{"image/png": {"width": 400}}`."""
    images = {mime: value for mime, value in metadata.items() if mime.startswith("image/")}
    sizes = {
        mime: {key: value[key] for key in IMAGE_KEYS if key in value}
        for mime, value in images.items()
    }
    return {mime: size for mime, size in sizes.items() if size}


def without_badges(source: str) -> str:
    """Return Markdown without the lines that are a Colab badge."""
    lines = [line for line in source.splitlines() if not COLAB_BADGE.match(line.strip())]
    return "\n".join(lines).strip()


def is_install_cell(cell: NotebookNode) -> bool:
    """Tell whether the cell is the Colab install cell."""
    return cell.cell_type == "code" and colab.INSTALL_TAG in cell.metadata.get("tags", [])


def is_solution(cell: NotebookNode) -> bool:
    """Tell whether the cell is hidden whole, which only the install cell and solutions are."""
    return "hide-cell" in cell.metadata.get("tags", []) and not is_install_cell(cell)


def caption_of(cell: NotebookNode) -> str:
    """Return the caption that a cell has for its figure, or an empty string."""
    return str(cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")).strip()


def figures_in(cell: NotebookNode) -> int:
    """Return how many pictures and live figures a cell shows, as the page numbers them."""
    return sum(map(is_figure, cell.get("outputs", [])))


def is_figure(output: NotebookNode) -> bool:
    """Tell whether an output is a picture or a live figure; a quiz is none."""
    data = output.get("data", {})
    html = data.get("text/html", "")
    live = 'class="ft-live"' in html and "ft-question" not in html
    return live or any(mime.startswith("image/") for mime in data)


def figure_word(path: Path) -> str:
    """Return what precedes a figure's number, such as `Figure 4.` in `04_convolution.ipynb`."""
    found = re.match(r"0*(\d+)_", path.name)
    return f"Figure {found[1]}." if found else "Figure "


def caption_cell(cell: NotebookNode, name: str, caption: str) -> NotebookNode:
    """Return the Markdown cell with the caption of a code cell's figure."""
    made = nbformat.v4.new_markdown_cell(f"**{name}.** {caption}", id=f"caption-{cell.id}"[:64])
    made.metadata = nbformat.from_dict({"tags": CAPTION_TAGS})
    return made


def slug(source: str) -> str:
    """Turn the first line into an id: `## Why a token?` gives `why-a-token`."""
    first_line = source.strip().partition("\n")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", first_line)[:40].strip("-") or "cell"


def free_name(name: str, taken: set[str]) -> str:
    """Return `name`, or `name-2`, `name-3`, ... where it is taken."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}-{count}"
    return candidate


# Notebook in, notebook out -------------------------------------------------------------------


def normalise(notebook: NotebookNode, path: Path) -> NotebookNode:
    """Apply every rule to the notebook, in place.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook; its outputs and execution counts stay.
    path : Path
        Where the notebook lies, which decides the link of its badge. The file is not read.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    for step in STEPS:
        step(notebook, path)
    validate(notebook)
    return notebook


def execute(notebook: NotebookNode, path: Path) -> list[str]:
    """Run the code cells top to bottom in a fresh kernel, in the folder of the notebook.

    A failing cell raises `ValueError` that names the cell and the error.

    Returns
    -------
    list of str
        What is wrong with how figures look, with the numbers of their cells.
    """
    import forked_kernels  # Only to run cells takes matplotlib and Jupyter.
    from figure_faults import recorded
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal, DeadKernelError

    forked_kernels.use()  # as the tests and the build do
    folder = {"metadata": {"path": str(path.parent)}}
    options = {"timeout": TIMEOUT, "startup_timeout": TIMEOUT, "resources": folder}
    client, faults = NotebookClient(notebook, kernel_name="python3", **options), []
    with TemporaryDirectory() as record, client.setup_kernel():
        client.kc.execute(WATCH.format(record), silent=True, store_history=False)
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except (CellControlSignal, DeadKernelError) as error:
                raise ValueError(f"cell {index + 1}: {cause(error)}: correct the cell") from error
            faults += [f"cell {index + 1}: the figure: {fault}" for fault in recorded(record)]
    return faults


def cause(error: Exception) -> str:
    """Say in one line why a cell failed."""
    if hasattr(error, "ename"):
        return f"{error.ename}: {error.evalue}"
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def clear(notebook: NotebookNode) -> None:
    """Remove all outputs and execution counts."""
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None


def to_text(notebook: NotebookNode) -> str:
    """Return the notebook as the text of its file."""
    return nbformat.v4.writes(notebook) + "\n"


def write(path: Path, text: str) -> None:
    """Replace the file at once, so that a failure leaves the old file whole."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


# Command line --------------------------------------------------------------------------------


def executed(path: Path) -> NotebookNode:
    """Return the normalised notebook with the outputs of a fresh run, and say how long it took."""
    notebook = normalise(read(path), path)
    clear(notebook)
    print(f"{path}: executing ({len(code_cells(notebook))} cells) ...", end=" ", flush=True)
    start, faults = time.perf_counter(), []
    try:
        faults = execute(notebook, path)
    finally:
        print(f"{time.perf_counter() - start:.1f} s", *faults, sep="\n    ")
    return notebook


def normalised_text(path: Path, run: bool = False) -> str:
    """Return the text that the file at `path` should hold, after a fresh run if `run` is true."""
    notebook = executed(path) if run else read(path)
    return to_text(normalise(notebook, path))


def differs(path: Path, text: str) -> bool:
    """Tell whether the file holds anything but `text`, to the byte."""
    return path.read_bytes() != text.encode()


def process(path: Path, check: bool, run: bool) -> str:
    """Normalise one notebook and return what happened to it in one word."""
    try:
        text = normalised_text(path, run)
    except (OSError, ValueError) as error:
        print(f"{path}: {error}")
        return "failed"
    if not differs(path, text):
        return "unchanged"
    if check:
        print(f"{path}: not normalised: run `python tools/normalise_notebooks.py {path}`")
        return "failed"
    write(path, text)
    print(f"{path}: rewritten")
    return "rewritten"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="NOTEBOOK")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing; exit 1 if any differs")
    mode.add_argument(
        "--execute", action="store_true", help="run the cells in a fresh kernel first"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Normalise the notebooks; return 0 if all is well and 1 if not."""
    options = parse(arguments)
    results = [process(path, options.check, options.execute) for path in options.paths]
    words = ("rewritten", "unchanged", "failed")
    print(", ".join(f"{word}: {results.count(word)}" for word in words))
    return 1 if "failed" in results else 0


if __name__ == "__main__":
    sys.exit(main())
