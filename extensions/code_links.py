"""Sphinx extension: the names of the package in a chapter's code lead to the reference.

The code on a page is read as Python, cell after cell, so that `evaluation.roc` is known by the
chapter's imports. In each cell, the first use of a name is a link of the class ``code-link``, with
what the name is for as its title.
"""

import re
from html import escape, unescape

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
    """Put links around parts of highlighted code; a link ends before a tag and goes on after it.

    Places are the start and the end of a part, in characters of the code, and the opening tag.

    >>> insert("<b>a</b>.b &lt; 1", [(0, 3, "<a>")])
    '<b><a>a</a></b><a>.b</a> &lt; 1'
    """
    pieces, at, opened = [], 0, ""
    for piece in PIECE.finditer(code):
        wanted = next((tag for start, end, tag in places if start <= at < end), "")
        wanted = "" if piece[1] else wanted
        if wanted != opened:
            pieces += ["</a>" if opened else "", wanted]
            opened = wanted
        pieces.append(piece[0])
        at += not piece[1]
    return "".join(pieces) + ("</a>" if opened else "")


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
