"""Sphinx extension: number the figures that code cells put out, and link to them by number.

Every picture and every live figure of a numbered chapter gets a caption that says which it is,
such as "Figure 4.3": the third of ``04_convolution``. What there is to see in it follows, if the
cell says so in its metadata, ``{"mystnb": {"figure": {"caption": "..."}}}``: Markdown, of which
MyST-NB has made a caption by then. A quiz is no figure.

Text that says Figure 4.3 becomes a link, on any page; in Colab it reads as it stands. If there is
no such figure, the build warns.
"""

import re
from pathlib import PurePosixPath

import _prose
from docutils import nodes
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

MENTION = re.compile(r"\bFigure[ \xa0](?P<chapter>\d+)\.(?P<number>\d+)\b")
logger = logging.getLogger(__name__)


class numbered_figure(nodes.General, nodes.Element):
    """What a cell has put out, with its `number`, such as "4.3", and an id."""


class numbered_caption(nodes.caption):
    """What there is to see in a figure; the last child of a `numbered_figure`."""


def chapter(docname):
    """Return the number of a chapter by its file's name, or None.

    Examples
    --------
    >>> chapter("book/04_convolution"), chapter("book/faq")
    (4, None)
    """
    found = re.match(r"(\d+)_", PurePosixPath(docname).name)
    return int(found[1]) if found else None


def is_figure(node):
    """Return whether a node is what a cell has put out, and a picture or a live figure.

    MyST-NB keeps all forms of an output side by side until it knows the builder.
    """
    if node.get("nb_element") != "mime_bundle":
        return False
    html = "".join(raw.astext() for raw in node.findall(nodes.raw) if raw["format"] == "html")
    live = 'class="ft-live"' in html and "ft-question" not in html
    return live or any(form["mime_type"].startswith("image/") for form in node.children)


def number_figures(app, doctree):
    """Wrap each figure of a chapter in its number, and note how many there are."""
    docname = app.env.docname
    if chapter(docname) is None:
        return
    found = list(filter(is_figure, doctree.findall(nodes.container)))
    for count, node in enumerate(found, start=1):
        number = f"{chapter(docname)}.{count}"
        figure = numbered_figure(number=number, ids=[f"figure-{number.replace('.', '-')}"])
        outer = node.parent if isinstance(node.parent, nodes.figure) else node
        outer.parent.replace(outer, figure)  # without the id that it has as an enumerated node
        figure += [node, caption_of(outer)]
    counts(app.env)[docname] = len(found)


def caption_of(node):
    """Return what MyST-NB has made of a cell's caption, or an empty one."""
    found = [child for child in node.children if isinstance(child, nodes.caption)]
    return numbered_caption("", "", *(found[0].children if found else ()))


def counts(env):
    """Return the number of figures by document, which Sphinx keeps between builds."""
    if not hasattr(env, "figure_counts"):
        env.figure_counts = {}
    return env.figure_counts


def forget(app, env, docname):
    """Forget a document that has changed or gone."""
    counts(env).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what a parallel process has read."""
    counts(env).update({name: counts(other)[name] for name in docnames if name in counts(other)})


def pages_to_write(app, env):
    """Return all pages if a chapter has another number of figures than when they were written."""
    changed = counts(env) != getattr(env, "figure_counts_written", {})
    env.figure_counts_written = dict(counts(env))
    return list(env.found_docs) if changed else []


def link_mentions(app, doctree, docname):
    """Make links of the figures that the text mentions, and warn of those that do not exist."""
    chapters = {chapter(name): name for name in counts(app.env)}

    def link(match):
        words = nodes.Text(match.group())
        place = chapters.get(int(match["chapter"]))
        if place is None or not 1 <= int(match["number"]) <= counts(app.env)[place]:
            logger.warning("there is no %s", words, location=docname, type="numbered_figures")
            return words
        id_ = f"figure-{match['chapter']}-{match['number']}"
        return make_refnode(app.builder, docname, place, id_, words)

    for text in list(_prose.texts(doctree)):
        _prose.link_matches(text, MENTION.finditer(text), link)


def visit_html(translator, node):
    """Open the figure."""
    translator.body.append(translator.starttag(node, "figure", CLASS="numbered-figure"))


def depart_html(translator, node):
    """Close the figure."""
    translator.body.append("</figure>\n")


def visit_caption_html(translator, node):
    """Open the caption with the figure's number."""
    number = f"<span>Figure {node.parent['number']}</span>"
    translator.body.append(f"<figcaption>{number}{' ' if node.children else ''}")


def depart_caption_html(translator, node):
    """Link to the figure itself, and close the caption."""
    translator.add_permalink_ref(node.parent, "Link to this figure")
    translator.body.append("</figcaption>")


def visit_caption(translator, node):
    """Write a caption as a paragraph, in a format that is not HTML."""
    if node.children:
        translator.visit_paragraph(node)


def depart_caption(translator, node):
    """End what `visit_caption` has begun."""
    if node.children:
        translator.depart_paragraph(node)


def leave(translator, node):
    """Add nothing to the figure, in a format that is not HTML."""


def setup(app):
    """Tell Sphinx of the node, and when to number and to link."""
    plain = (leave, leave)
    app.add_node(numbered_figure, html=(visit_html, depart_html), latex=plain, text=plain)
    html, plain = (visit_caption_html, depart_caption_html), (visit_caption, depart_caption)
    app.add_node(numbered_caption, html=html, latex=plain, text=plain)
    app.connect("doctree-read", number_figures)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", link_mentions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
