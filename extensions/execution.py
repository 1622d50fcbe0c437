"""Sphinx extension: the directive `execution-table`, which says how each chapter ran.

For each notebook: its code cells, those with output, those whose output the tests compare with the
stored one, and how long it ran and when. A cell tagged `nbval-ignore-output` runs in the tests as
well, but what it prints may differ.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

HEAD = ("Chapter", "Code cells", "With output", "Compared", "Seconds", "Last run (UTC)")


class execution_table(nodes.General, nodes.Element):
    """Stands in the page until every chapter is known."""


class ExecutionTable(SphinxDirective):
    """Put the table here."""

    def run(self):
        """Return the table's place."""
        self.env.note_reread()  # chapters may run anew without a change to this page
        return [execution_table()]


def counts(notebook):
    """Return the numbers of code cells, of those with output, and of those compared."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [cell for cell in cells if cell["outputs"]]
    free = [cell for cell in shown if "nbval-ignore-output" in cell["metadata"].get("tags", ())]
    return len(cells), len(shown), len(shown) - len(free)


def chapters(env):
    """Yield each notebook's name, its counts, and the seconds and the end of its last run."""
    for name in sorted(env.found_docs):
        path = Path(env.doc2path(name))
        if path.suffix == ".ipynb":
            run = env.nb_metadata[name].get("exec_data") or {}
            notebook = json.loads(path.read_text("utf-8"))
            yield name, counts(notebook), run.get("runtime"), run.get("mtime")


def fill(app, doctree, docname):
    """Put the table where the directive stood."""
    for place in list(doctree.findall(execution_table)):
        place.replace_self(table(app, docname))


def table(app, docname):
    """Return the table as nodes, with a line of sums."""
    known = list(chapters(app.env))
    lines = [
        [link(app, docname, name), *map(entry, numbers), seconds(took), moment(ended)]
        for name, numbers, took, ended in known
    ]
    sums = map(sum, zip(*(numbers for _, numbers, _, _ in known), strict=True))
    total = seconds(sum(took or 0 for _, _, took, _ in known) or None)
    lines.append([entry("Together"), *map(entry, sums), total, entry("")])
    group = nodes.tgroup(cols=len(HEAD))
    group += [nodes.colspec(colwidth=1) for _ in HEAD]
    group += nodes.thead("", nodes.row("", *map(entry, HEAD)))
    group += nodes.tbody("", *(nodes.row("", *line) for line in lines))
    return nodes.table("", group, classes=["execution"])


def entry(content):
    """Return a cell of the table."""
    return nodes.entry("", nodes.paragraph("", str(content)))


def seconds(took):
    """Return the cell of a time; a chapter built from its stored outputs has none."""
    return entry("–" if took is None else f"{took:.0f}")


def moment(ended):
    """Return the cell of a moment."""
    return entry(f"{datetime.fromtimestamp(ended, UTC):%Y-%m-%d %H:%M}" if ended else "–")


def link(app, docname, name):
    """Return a cell with a link to a chapter."""
    uri = app.builder.get_relative_uri(docname, name)
    number = app.env.toc_secnumbers.get(name, {}).get("", ())
    title = ". ".join([*map(str, number), app.env.titles[name].astext()])
    reference = nodes.reference("", title, refuri=uri, internal=True)
    return nodes.entry("", nodes.paragraph("", "", reference))


def setup(app):
    """Tell Sphinx of the directive."""
    app.add_node(execution_table)
    app.add_directive("execution-table", ExecutionTable)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
