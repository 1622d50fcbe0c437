"""What the package offers its readers, read from its source: nothing is imported.

A name has a home, the module that defines it, and is shown under the shortest dotted name by which
a public module offers it. Modules may move and become folders: all is found by walking.
"""

import ast
import importlib.util
from functools import cache
from pathlib import Path

import facebook_tut

ROOT = facebook_tut.__name__
FOLDER = Path(facebook_tut.__file__).parent


@cache
def file(module):
    """Return the path of a module's source, or None if there is no such module.

    >>> file("facebook_tut.layers").name, file("facebook_tut.no_such_module")
    ('__init__.py', None)
    """
    top, *parts = module.split(".")
    path = FOLDER.joinpath(*parts)
    found = path / "__init__.py", path.parent / f"{path.name}.py"
    return next((one for one in found if top == ROOT and one.is_file()), None)


@cache
def tree(module):
    """Return the syntax tree of a module."""
    return ast.parse(file(module).read_text("utf-8"))


@cache
def public_modules():
    """Return the dotted names of all modules that are no one's private part, the shortest first."""
    found = []
    for path in FOLDER.rglob("*.py"):
        parts = path.relative_to(FOLDER).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if parts and not any(part.startswith("_") for part in parts):
            found.append(".".join((ROOT, *parts)))
    return sorted(found, key=lambda module: (module.count("."), module))


def page(name):
    """Return which page a dotted name is on: the module or folder right below the package.

    >>> page("facebook_tut.layers.pooling.max_pool")
    'layers'
    """
    return name.split(".")[1]


@cache
def bindings(module):
    """Return where each name comes from that a module binds: None for what it defines itself."""
    found = {}
    for node in tree(module).body:
        if isinstance(node, ast.ImportFrom):
            found.update(imported(node, module))
        elif isinstance(node, ast.Import):
            found.update({one.asname: one.name for one in node.names if one.asname})
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = None
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found.update(dict.fromkeys(assigned(node)))
    return found


def imported(node, module):
    """Yield each name that ``from … import …`` binds, and the dotted name it comes from."""
    package = module if file(module).name == "__init__.py" else module.rpartition(".")[0]
    name = "." * node.level + (node.module or "")
    base = importlib.util.resolve_name(name, package)
    for one in node.names:
        if one.name == "*" and file(base):
            yield from ((name, f"{base}.{name}") for name in offered(base))
        else:
            yield one.asname or one.name, f"{base}.{one.name}"


@cache
def handed_on(module):
    """Return the names that a module imports and does not use itself: they are for others."""
    nodes = list(ast.walk(tree(module)))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    return {name for name, source in bindings(module).items() if source} - used


def assigned(node):
    """Return the names to which an assignment gives a value."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in getattr(target, "elts", [target])]
    return [part.id for part in parts if isinstance(part, ast.Name)]


@cache
def home(name):
    """Return the dotted name by which what `name` leads to is defined; None for others' names.

    >>> home("facebook_tut.layers.max_pool"), home("facebook_tut.layers.np")
    ('facebook_tut.layers.pooling.max_pool', None)
    """
    module, _, last = name.rpartition(".")
    if file(name):
        return name
    if not module:
        return None
    if not file(module):  # a method of a class
        outer = home(module)
        return outer and f"{outer}.{last}"
    source = bindings(module).get(last, "")
    return name if source is None else home(source)


@cache
def offered(module):
    """Return what a module offers, in the order of its source.

    That is ``__all__``, or what it defines or hands on; a folder offers what its modules define.
    """
    known = bindings(module)
    for node in tree(module).body:
        if isinstance(node, ast.Assign) and assigned(node) == ["__all__"]:
            return sorted(ast.literal_eval(node.value), key=[*known].index)
    own = f"{module}."
    return [
        name
        for name, source in known.items()
        if not name.startswith("_")
        and (source is None or source.startswith(own) or name in handed_on(module))
        and kind(f"{module}.{name}")
    ]


@cache
def definition(name):
    """Return the node that defines a function or a class by its home, or None."""
    module, _, last = name.rpartition(".")
    body = tree(module).body if file(module) else getattr(definition(module), "body", ())
    kinds = ast.FunctionDef | ast.ClassDef
    return next((one for one in body if isinstance(one, kinds) and one.name == last), None)


def kind(name):
    """Return whether a name is a "class", a "function" or "data", a constant; None for a module.

    >>> kind("facebook_tut.layers.Conv2D"), kind("facebook_tut.models.INPUT_SHAPE")
    ('class', 'data')
    """
    place = home(name)
    if place is None or file(place):
        return None
    node = definition(place)
    if node is None:
        return "data" if place.rpartition(".")[2].isupper() else None
    return "class" if isinstance(node, ast.ClassDef) else "function"


@cache
def shown():
    """Return by its home the name under which each public name is shown.

    >>> shown()["facebook_tut.layers.pooling.max_pool"]
    'facebook_tut.layers.max_pool'
    """
    found, private = {}, [path.stem for path in FOLDER.glob("_[a-z]*")]
    for module in public_modules():
        for name in offered(module):
            place = home(f"{module}.{name}")
            if place and not file(place) and page(place) in (page(module), *private):
                found.setdefault(place, f"{module}.{name}")
    return found


def find(name):
    """Return the name under which the reference shows what a dotted name leads to, or None.

    >>> find("facebook_tut.layers.pooling.max_pool"), find("facebook_tut.matching.Gallery.verify")
    ('facebook_tut.layers.max_pool', 'facebook_tut.matching.Gallery.verify')
    """
    place = home(name)
    if place is None or file(place):
        return place
    if place in shown():
        return shown()[place]
    outer, _, last = place.rpartition(".")
    return f"{shown()[outer]}.{last}" if outer in shown() and definition(place) else None


def summary(name):
    """Return the first sentence of the docstring of what is shown as `name`; "" if it has none.

    >>> summary("facebook_tut.layers.relu")[-1]
    '.'
    """
    place = home(name)
    node = tree(place) if file(place) else definition(place)
    text = (node and ast.get_docstring(node)) or ""
    return " ".join(text.partition("\n\n")[0].split())


def constant(name):
    """Return the value of a constant as its source has it, and the comment beside it.

    >>> constant("facebook_tut.models.INPUT_SHAPE")
    ('(64, 64, 3)', '')
    """
    module, _, last = home(name).rpartition(".")
    lines = file(module).read_text("utf-8").splitlines()
    assignments = (one for one in tree(module).body if isinstance(one, ast.Assign | ast.AnnAssign))
    node = next(one for one in assignments if last in assigned(one))
    rest = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode()
    return ast.unparse(node.value), rest.partition("# ")[2]
