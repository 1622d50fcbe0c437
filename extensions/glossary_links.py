"""Sphinx extension: link the first use of each glossary term on a page to its definition.

The chapters keep plain text, which reads well in Colab; the built pages get the links. A link has
the class ``glossary-link`` and, as its title, the definition up to the arrow before the chapter:

    stride
      How many pixels a window moves at a time. → [Convolution](04_convolution.ipynb)

- A term matches in any case, with a plural -s or -es, with spaces or hyphens, and only as whole
  words; the longest term wins. One with a capital letter after its first, such as FAR or ArcFace,
  matches only as written.
- Terms that share a definition count as one: a page links the first of them.
- An everyday word is linked only where it is emphasised, by itself. `glossary_links_emphasised` in
  the configuration lists these.
"""

import re

import _prose
from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import make_refnode

ARROW = "→"


def definitions(doctree):
    """Yield each term of the glossaries in `doctree`: its words, its id and its definition."""
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            text = item[-1].astext().partition(ARROW)[0]
            for term in item.findall(nodes.term):
                yield term.astext(), term["ids"][0], " ".join(text.split())


def read_glossary(app, env):
    """Note where each term is defined and how; return the pages to write again, all if it changed.

    The result is a dict of words to document, id and definition, which Sphinx keeps between builds.
    """
    objects = env.get_domain("std").objects
    places = {place[0] for (kind, _), place in objects.items() if kind == "term"}
    found = {
        words: (place, id_, text)
        for place in sorted(places)
        for words, id_, text in definitions(env.get_doctree(place))
    }
    changed = found != getattr(env, "glossary_terms", {})
    env.glossary_terms = found
    return list(env.found_docs) if changed else []


def pattern(terms):
    """Return the expression that finds any of the `terms`; its group number n is the nth term.

    Examples
    --------
    >>> found = pattern(["false match rate", "FAR"]).search("not far from False Match Rates")
    >>> found.group(), found.lastindex
    ('False Match Rates', 1)
    """
    groups = []
    for term in terms:
        words = re.sub(r"\\[ -]", r"[\\s-]", re.escape(term).replace("'", "['’]"))
        groups.append(f"({words})" if re.search(".[A-Z]", term) else f"((?i:{words}))")
    return re.compile(rf"(?<![\w@-])(?:{'|'.join(groups)})(?:e?s)?(?![\w-])")


def first_uses(text, finder, terms, seen, emphasised_only):
    """Yield the matches in `text` that are to be linked, and note their places in `seen`.

    `terms` gives for each of the finder's groups, in order, its words, and where it is defined.
    """
    for match in finder.finditer(text):
        words, (*_, definition) = terms[match.lastindex - 1]
        emphasised = isinstance(text.parent, nodes.emphasis) and match.group() == text
        if definition not in seen and (emphasised or words not in emphasised_only):
            seen.add(definition)
            yield match


def link_terms(app, doctree, docname):
    """Link the first use of each term in a page, unless the page defines terms itself."""
    terms = sorted(app.env.glossary_terms.items(), key=lambda item: -len(item[0]))
    if app.builder.format != "html" or docname in {place[0] for _, place in terms} or not terms:
        return

    def link(match):
        place, id_, definition = terms[match.lastindex - 1][1]
        words = nodes.Text(match.group())
        node = make_refnode(app.builder, docname, place, id_, words, definition)
        node["classes"].append("glossary-link")
        return node

    finder, seen = pattern([words for words, _ in terms]), set()
    for text in list(_prose.texts(doctree)):
        only = app.config.glossary_links_emphasised
        _prose.link_matches(text, first_uses(text, finder, terms, seen, only), link)


def setup(app):
    """Tell Sphinx when to read the glossary and when to link."""
    app.add_config_value("glossary_links_emphasised", [], "env")
    app.connect("env-updated", read_glossary)
    app.connect("doctree-resolved", link_terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
