r"""Sphinx extension: the numbers of equations, as notebooks show them, and links to them by number.

A formula that is numbered says so itself, `\tag{4.2}`, which JupyterLab, Colab and GitHub show as
"(4.2)"; so does the page, with a link to the formula. Text that says equation (4.2) becomes a link,
on any page. If there is no such equation, the build warns.
"""

import re

import _prose
from docutils import nodes
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

TAG = re.compile(r"\s*\\tag\{(?P<number>\d+\.\d+)\}")
MENTION = re.compile(r"\b[Ee]quation[ \xa0]\((?P<number>\d+\.\d+)\)")
logger = logging.getLogger(__name__)


def number_equations(app, doctree):
    """Take the tags out of a page's formulas, and note each number and its place with Sphinx."""
    places = app.env.get_domain("math").equations
    for node in doctree.findall(nodes.math_block):
        tag = TAG.search(node.astext())
        if tag:
            number = tag["number"]
            node.update_basic_atts({"ids": [identity(number)]})
            node["number"] = node["label"] = number
            node.children = [nodes.Text(TAG.sub("", node.astext(), count=1))]
            node.rawsource = node.astext()
            places[number] = (app.env.docname, number)


def identity(number):
    """Return the id of an equation on its page.

    >>> identity("4.2")
    'equation-4-2'
    """
    return f"equation-{number.replace('.', '-')}"


def pages_to_write(app, env):
    """Return all pages if an equation came, went or moved since they were written."""
    places = dict(env.get_domain("math").equations)
    changed = places != getattr(env, "equations_written", {})
    env.equations_written = places
    return list(env.found_docs) if changed else []


def link_mentions(app, doctree, docname):
    """Make links of the equations that the text mentions, and warn of those that do not exist."""
    places = app.env.get_domain("math").equations

    def link(match):
        words, number = nodes.Text(match.group()), match["number"]
        if number not in places:
            logger.warning("there is no %s", words, location=docname, type="numbered_equations")
            return words
        return make_refnode(app.builder, docname, places[number][0], identity(number), words)

    for text in list(_prose.texts(doctree)):
        _prose.link_matches(text, MENTION.finditer(text), link)


def setup(app):
    """Tell Sphinx when to number and to link."""
    app.connect("doctree-read", number_equations)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", link_mentions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
