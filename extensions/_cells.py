"""Which names of the package the code of a chapter uses, and where they stand in it."""

import ast
import json

import _package as package


class Reader:
    """Reads the cells of a chapter in their order, and knows what its imports stand for.

    Examples
    --------
    >>> reader = Reader()
    >>> reader.names("from facebook_tut import layers as own")
    [(5, 17, 'facebook_tut'), (25, 38, 'facebook_tut.layers')]
    >>> reader.names("y = own.relu(x)"), reader.names("own = 1"), reader.names("own.relu")
    ([(4, 12, 'facebook_tut.layers.relu')], [], [])
    """

    def __init__(self):
        self.known = {}  # by its name in the chapter, where a thing comes from

    def names(self, code):
        """Return start, end and dotted name of each name of the package, in order.

        A name that a cell gives to something else is that from there on. There is nothing to see in
        a cell that is not plain Python, such as one that installs.
        """
        try:
            tree = ast.parse(code)
        except SyntaxError:
            return []
        nodes = list(ast.walk(tree))
        for name in filter(None, map(bound, nodes)):
            self.known.pop(name, None)
        found = [one for node in nodes for one in self.of_import(node)]
        found += [one for node in nodes for one in self.of_use(node)]
        starts = offsets(code)
        places = ((starts(node), starts(node, "end_"), name) for node, name in found)
        return outermost(sorted(places, key=lambda place: (place[0], -place[1])))

    def of_import(self, node):
        """Yield the parts of an import with what they stand for, and note them."""
        if isinstance(node, ast.ImportFrom) and package.home(node.module or ""):
            word = ast.Name(node.module, lineno=node.lineno, end_lineno=node.lineno)
            word.col_offset = node.col_offset + len("from ")
            word.end_col_offset = word.col_offset + len(node.module)
            yield word, node.module
            for one in node.names:
                name = f"{node.module}.{one.name}"
                self.known[one.asname or one.name] = name
                yield one, name

    def of_use(self, node):
        """Yield a name, with its attributes if it has some, and what it stands for."""
        parts, inner = [], node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in self.known:
            yield node, ".".join([self.known[inner.id], *reversed(parts)])


def bound(node):
    """Return the name to which a node gives a value, or None."""
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else None


def offsets(code):
    """Return the function that gives a node's place, or its end, in characters from the start."""
    lines = code.splitlines(keepends=True)
    before = [0]
    for line in lines:
        before.append(before[-1] + len(line))

    def offset(node, which=""):
        line, column = getattr(node, f"{which}lineno"), getattr(node, f"{which}col_offset")
        return before[line - 1] + len(lines[line - 1].encode()[:column].decode())

    return offset


def outermost(places):
    """Return the places, sorted by their start, that do not stand in another that is shown."""
    kept, end = [], 0
    for place in places:
        if place[0] >= end and package.find(place[2]):
            kept.append(place)
            end = place[1]
    return kept


def used(folder):
    """Return by each name that the reference shows the chapters in `folder` whose code has it."""
    found = {}
    for path in sorted(folder.glob("[0-9]*.ipynb")):
        reader = Reader()
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                for *_, name in reader.names("".join(cell["source"])):
                    found.setdefault(package.find(name), set()).add(path.stem)
    return found
