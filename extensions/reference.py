"""Sphinx extension: the reference of the package, a page for each module or folder.

The pages are written before each build into `book/api/`, which is not kept: they only say what to
show, and autodoc reads it out of the package. A page tells which chapters use its names. Words in
single backticks become links where they are a name of the package. Print and e-book go without.
"""

import ast
import importlib
import inspect
import re
import textwrap
from pathlib import Path

import _package as package
from _cells import used
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

INDEX = "book/api"  # the page that lists them, and the folder that they are in
BACKTICKS = re.compile(r"(?<!`)`(\w+)`(?!`)")
SUMMARY = ".. autosummary::\n   :nosignatures:\n"
SOURCE = "download-source-button"
COMMANDS = "cli"  # whose reference is what `--help` says


def pages():
    """Return the names of the pages."""
    return sorted({package.page(module) for module in package.public_modules()})


def write_pages(app, config):
    """Write what each page is to show, and remove the pages of modules that are gone."""
    folder = Path(app.srcdir, INDEX)
    folder.mkdir(parents=True, exist_ok=True)
    chapters = used(Path(app.srcdir, "book"))
    config.linkcode_resolve = lambda domain, info: source_address(config, info)
    texts = {f"{name}.rst": page_text(name, chapters) for name in pages()}
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    for path in folder.glob("*.rst"):
        if path.name not in texts:
            path.unlink()


def page_text(name, chapters):
    """Return the source of a page."""
    own = [place for place, shown in package.shown().items() if package.page(shown) == name]
    modules = [one for one in package.public_modules() if package.page(one) == name]
    taught = taught_in(users(name, chapters))
    parts = [heading(name, "="), f".. automodule:: {modules[0]}", taught]
    if name == COMMANDS:
        return "\n\n".join([*parts, *helps()]) + "\n"
    for module in modules:
        names = [place for place in own if section(place, modules) == module]
        if module != modules[0]:
            title = module.removeprefix(f"{package.ROOT}.")
            parts += [heading(title, "-"), f".. automodule:: {module}"]
        parts += entries([package.shown()[place] for place in names], chapters)
    return "\n\n".join(parts) + "\n"


def users(name, chapters):
    """Return the chapters that use what is on a page."""
    on_page = (place for place in chapters if f"{place}.".startswith(f"{package.ROOT}.{name}."))
    return sorted(set().union(*(chapters[place] for place in on_page)))


def heading(title, line):
    """Return a title with its line."""
    return f"{title}\n{line * len(title)}"


def taught_in(names):
    """Return the sentence that links to the chapters with these names."""
    if not names:
        return "No chapter uses it."
    links = [f":doc:`{int(name[:2])} </book/{name}>`" for name in names]
    listed = " and ".join(filter(None, (", ".join(links[:-1]), links[-1])))
    return f"Taught in chapter{'s' if len(links) > 1 else ''} {listed}."


def section(place, modules):
    """Return the module under whose title a name stands: its home, or what offers it."""
    home = place.rpartition(".")[0]
    return home if home in modules else package.shown()[place].rpartition(".")[0]


def entries(names, chapters):
    """Return the parts of a page that show these names: a list, then each by itself."""
    entries = [name for name in names if package.kind(name) != "data"]
    constants = [name for name in names if package.kind(name) == "data"]
    table = [f"   ~{name}" for name in entries]
    shown = [".. currentmodule:: None", "\n".join([SUMMARY, *table]), *map(entry, entries)]
    told = [constant(name) for name in constants if package.constant(name)[1] or name in chapters]
    return (shown if entries else []) + told


def entry(name):
    """Return the entry of a function or a class, with what it has from a base of its own alone."""
    options = ["members"] if package.kind(name) == "class" else []
    bases = getattr(package.definition(package.home(name)), "bases", ())
    if any(isinstance(base, ast.Name) and base.id.startswith("_") for base in bases):
        options.append("inherited-members")
    return "".join([f".. auto{package.kind(name)}:: {name}", *(f"\n   :{one}:" for one in options)])


def constant(name):
    """Return the entry of a constant."""
    value, comment = package.constant(name)
    shown = f"   :value: {value}\n" if len(value) < 80 else ""
    module, _, last = name.rpartition(".")
    return f".. py:data:: {last}\n   :module: {module}\n{shown}\n   {comment}"


def source_address(config, info):
    """Return where the source of a documented name is read."""
    place = package.home(f"{info['module']}.{info['fullname']}")
    node = place and package.definition(place)
    if node is None:
        return None
    module = place
    while not package.file(module):
        module = module.rpartition(".")[0]
    path = package.file(module).relative_to(package.FOLDER.parent).as_posix()
    options = config.html_theme_options
    base = f"{options['repository_url']}/blob/{options['repository_branch']}"
    return f"{base}/{path}#L{node.lineno}-L{node.end_lineno}"


def helps():
    """Return what the command line says of itself and of each command, as code."""
    parser = importlib.import_module(f"{package.ROOT}.{COMMANDS}")._parser()
    commands = next(one.choices for one in parser._actions if isinstance(one.choices, dict))
    for name, command in {"": parser, **commands}.items():
        text = command.format_help()
        title = heading(name, "-") if name else ""
        yield f"{title}\n\n.. code-block:: text\n\n{textwrap.indent(text, '   ')}"


def keep_parameters(app, what, name, obj, options, lines):
    """Let a parameter in backticks stay code, though a function may have the same name."""
    try:
        names = set(inspect.signature(obj).parameters)
    except (TypeError, ValueError):
        return

    def keep(word):
        return f"`{word[0]}`" if word[1] in names else word[0]

    lines[:] = [BACKTICKS.sub(keep, line) for line in lines]


def resolve(app, env, node, contnode):
    """Lead a name in backticks to its entry, wherever its module has it from; else it is code.

    A part of a module that the module does not have is left to the build, which warns.
    """
    if node.get("refdomain") != "py" or node.get("reftype") != "obj":
        return None
    target, module = node["reftarget"], node.get("py:module") or package.ROOT
    scopes = [f"{module}.{node['py:class']}"] if node.get("py:class") else []
    objects = env.domains["py"].objects
    for scope in [*scopes, module, package.ROOT]:
        name = f"{scope}.{target}"
        to = objects.get(package.find(name)) or objects.get(name)  # a class may have it from a base
        if to:
            place = node["refdoc"], to.docname, to.node_id
            return make_refnode(app.builder, *place, contnode)
    top, dot, _ = target.partition(".")
    return None if dot and package.file(f"{package.ROOT}.{top}") else contnode


class ApiTable(SphinxDirective):
    """List the pages here: what each is about."""

    def run(self):
        """Return the table, in the order in which the package's docstring names the modules."""
        self.env.note_reread()  # modules may change without a change to this page
        floors = ast.get_docstring(package.tree(package.ROOT))

        def place(name):
            named = re.search(rf"`{name}\b", floors)
            return named.start() if named else len(floors)

        rows = ["| Module | What it is for |", "| --- | --- |"]
        for name in sorted(pages(), key=place):
            what = package.summary(f"{package.ROOT}.{name}").rstrip(".:")
            rows.append(f"| [`{name}`](api/{name}.rst) | {what} |")
        return self.parse_text_to_nodes("\n".join(rows))


def leave_out(app):
    """Let print and e-book go without the reference, which is for looking things up."""
    if app.builder.name != "html":
        app.config.exclude_patterns += [f"{INDEX}*"]
        for document in app.config.external_site_map.values():
            for part in document.subtrees:
                part.items = [item for item in part.items if item != INDEX]


def without_source(app, pagename, templatename, context, doctree):
    """Offer no page's source, which says nothing: each entry leads to the source it describes."""
    if pagename.startswith(f"{INDEX}/"):
        groups = (group for group in context["header_buttons"] if "buttons" in group)
        for group in groups:
            group["buttons"] = [one for one in group["buttons"] if one["label"] != SOURCE]


def setup(app):
    """Tell Sphinx when."""
    app.add_directive("api-table", ApiTable)
    app.connect("config-inited", write_pages)
    app.connect("builder-inited", leave_out)
    app.connect("autodoc-process-docstring", keep_parameters, priority=400)  # before napoleon
    app.connect("missing-reference", resolve)
    app.connect("html-page-context", without_source, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
