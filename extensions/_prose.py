"""What the extensions that link words have in common: which text is prose, and how to link in it.

Headings, code, mathematics, captions, the head of a table, entries of the references, cards,
outputs of cells and what is a link already are left alone.
"""

from docutils import nodes
from sphinx import addnodes

LEFT_ALONE = (
    addnodes.toctree,
    nodes.FixedTextElement,
    nodes.Invisible,
    nodes.caption,
    nodes.literal,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.reference,
    nodes.rubric,
    nodes.thead,
    nodes.title,
)
CLASSES = {"cell_input", "cell_output", "reference-entry", "sd-card"}


def texts(node):
    """Yield the pieces of prose below `node` in reading order."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield child
        elif not isinstance(child, LEFT_ALONE) and not CLASSES.intersection(child["classes"]):
            yield from texts(child)


def link_matches(text, matches, link):
    """Put ``link(match)`` in the place of each of the `matches` in `text`, in order."""
    pieces, end = [], 0
    for match in matches:
        pieces += [nodes.Text(text[end : match.start()]), link(match)]
        end = match.end()
    if pieces:
        text.parent.replace(text, [*pieces, nodes.Text(text[end:])])
