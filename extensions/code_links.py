"""Sphinx extension: the names of the package in a chapter's code lead to the reference.

The code on a page is read as Python, cell after cell, so that `evaluation.roc` is known by the
chapter's imports. In each cell, the first use of a name is a link of the class ``code-link``, with
what the name is for as its title.
"""

import re
from html import escape, unescape
from itertools import accumulate

import _package as package
from _cells import Reader

CODE = re.compile(
    r'(<div class="highlight-i?python3? [^>]*><div [^>]*><pre>)(.*?)(?=</pre>)', re.DOTALL
)
PIECE = re.compile(r"(<[^>]*>)|&[^;]*;|[^<&]")


def linked(html, address):
    """Return a page's HTML with links in its code: ``address(name)`` is a name's, or None."""
    reader = Reader()

    def link(code):
        places = reader.names(unescape(re.sub("<[^>]*>", "", code[2])))
        first = {name: (start, end) for start, end, name in reversed(places) if address(name)}
        tags = [(*place, tag(name, address(name))) for name, place in first.items()]
        return code[1] + insert(code[2], tags)

    return CODE.sub(link, html)


def tag(name, address):
    """Return the tag that opens a link."""
    title = escape(f"{package.find(name)}: {package.summary(name)}".rstrip(": "))
    return f'<a class="code-link" href="{escape(address)}" title="{title}">'


def insert(code, places):
    """Put links around parts of highlighted code, unless a part begins or ends within a tag's text.

    Places are the start and the end of a part, in characters of the code, and the opening tag.

    >>> insert("a<i>.</i>b &lt; c.d", [(0, 3, "<a>")])
    '<a>a<i>.</i>b</a> &lt; c.d'
    """
    spans = [piece.span() for piece in PIECE.finditer(code) if not piece[1]]
    for start, end, opening in sorted(places, reverse=True):
        first, last = spans[start][0], spans[end - 1][1]
        part = code[first:last]
        if is_balanced(part):
            code = f"{code[:first]}{opening}{part}</a>{code[last:]}"
    return code


def is_balanced(html):
    """Return whether each tag in a piece of HTML is opened and closed there.

    >>> is_balanced("a<i>.</i>b"), is_balanced("a</b>"), is_balanced("a</b><b>")
    (True, False, False)
    """
    depths = list(accumulate(-1 if slash else 1 for slash in re.findall("<(/?)", html)))
    return not depths or (min(depths) >= 0 and depths[-1] == 0)


def link_code(app, pagename, templatename, context, doctree):
    """Link the names in a page's code."""
    objects = app.env.domains["py"].objects

    def address(name):
        to = objects.get(package.find(name))
        return to and f"{app.builder.get_relative_uri(pagename, to.docname)}#{to.node_id}"

    if app.builder.name == "html" and "body" in context:
        context["body"] = linked(context["body"], address)


def pages_to_write(app, env):
    """Return all pages if the reference has other entries than when they were written."""
    entries = {name: entry[:2] for name, entry in env.domains["py"].objects.items()}
    changed = entries != getattr(env, "entries_written", entries)
    env.entries_written = entries
    return list(env.found_docs) if changed else []


def setup(app):
    """Tell Sphinx when."""
    app.connect("env-updated", pages_to_write)
    app.connect("html-page-context", link_code, priority=940)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
