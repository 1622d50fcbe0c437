"""Sphinx extension: what a line may not separate, such as a number and its unit, stays together."""

import re

from docutils import nodes

NO_BREAK = "\xa0"
SPACE = re.compile(
    r"(?<=\d) (?=%|(?:ms|s|kB|MB|GB|dB)\b)"  # 90 %, 30 s
    r"|(?<=\b[Ff]igure) (?=\d)|(?<=\b[Cc]hapter) (?=\d)|(?<=\b[Ee]quation) (?=\()"
)
AS_IT_IS = (nodes.FixedTextElement, nodes.Invisible, nodes.literal, nodes.math, nodes.raw)


def bind(app, doctree, docname):
    """Put a space at which no line ends where one would part what belongs together."""
    for text in list(doctree.findall(nodes.Text)):
        bound = SPACE.sub(NO_BREAK, text)
        if bound != text and not isinstance(text.parent, AS_IT_IS):
            siblings = text.parent.children
            place = next(at for at, one in enumerate(siblings) if one is text)
            text.parent[place] = nodes.Text(bound)


def setup(app):
    """Tell Sphinx when: once words have become links."""
    app.connect("doctree-resolved", bind, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
