"""Sphinx extension: what the plain Markdown of the chapters becomes on the page.

Notebooks hold no Markdown that GitHub, JupyterLab or Colab would show raw. A quotation that begins
with a line of its own in bold is a box with that title; `<details>` folds an answer; an anchor,
`<a id="deng2019"></a>`, names an entry of the references. The page shows them as the theme shows
such things. Links lead to a heading by the id that JupyterLab gives it.
"""

import re

from docutils import nodes

EXERCISE = re.compile(r"\d+\. .+ \((?:easy|medium|hard)\)")
KINDS = ((EXERCISE, "tip"), (re.compile("What this does not show"), "warning"))
ANCHOR = re.compile(r'<a id="(?P<key>[\w-]+)">')
SUMMARY = re.compile(r"\s*<details>\s*<summary>(?P<words>[^<]*)</summary>\s*")
FOLD = """\
<details class="admonition hide above-input answer"><summary aria-label="Toggle hidden content">
<p class="collapsed admonition-title">Show {words}</p>
<p class="expanded admonition-title">Hide {words}</p>
</summary>"""


def heading_id(title):
    """Return the id by which JupyterLab knows a heading.

    >>> heading_id("How large is the feature map?")
    'How-large-is-the-feature-map?'
    """
    return title.strip().replace(" ", "-")


def make_boxes(app, doctree):
    """Make a box of each quotation that begins with a title."""
    for quotation in list(doctree.findall(nodes.block_quote)):
        title = title_of(quotation)
        if title is not None:
            quotation.replace_self(box(title, quotation[1:]))


def title_of(quotation):
    """Return the words in bold that are the first line of a quotation, or None."""
    first = next(quotation.findall(nodes.paragraph), None)
    parts = [part for part in first or () if part.astext()]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], nodes.strong) else None


def box(strong, content):
    """Return a box with a title in bold and what follows it."""
    title = strong.astext()
    kind = next((kind for pattern, kind in KINDS if pattern.fullmatch(title)), "note")
    return nodes.admonition("", nodes.title(title, "", *strong), *content, classes=[kind])


def fold_answers(app, doctree):
    """Let folded text look as folded code does; a quiz, which has more in it, stays as it is."""
    for raw in list(doctree.findall(nodes.raw)):
        summary = SUMMARY.fullmatch(raw.astext())
        if summary:
            words = summary["words"][:1].lower() + summary["words"][1:]
            fold(raw, FOLD.format(words=words))


def fold(start, opening):
    """Put what stands between two tags into a box like a cell's, with another opening tag."""
    siblings, first = start.parent, start.parent.index(start)
    last = first
    while siblings[last].astext().strip() != "</details>":
        last += 1
    content = [nodes.raw("", opening, format="html"), *siblings[first + 1 : last + 1]]
    siblings[first : last + 1] = [nodes.container("", *content, classes=["cell"])]


def name_entries(app, doctree):
    """Let links find the entries of the references; hovering over one will show its text."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    texts = app.env.metadata[app.env.docname].setdefault("reference_texts", {})
    for paragraph in doctree.findall(nodes.paragraph):
        raw = [part for part in paragraph if isinstance(part, nodes.raw)]
        anchor = ANCHOR.match(raw[0].astext()) if raw else None
        if anchor:
            key = anchor["key"]
            for tag in raw:
                paragraph.remove(tag)
            paragraph["ids"].append(key)
            paragraph["classes"].append("reference-entry")
            slugs[key] = (paragraph.line, key, paragraph.astext())
            texts[key] = paragraph.astext()


def tell_entries(app, doctree, docname):
    """Give each citation, for a title, the entry that it leads to."""
    for reference in doctree.findall(nodes.reference):
        page, _, key = reference.get("refuri", "").partition("#")
        entry = key and entries(app).get((page.rpartition("/")[2], key))
        if entry:
            reference["reftitle"] = entry


def entries(app):
    """Return the text of each entry of the references by the end of its address and its key."""
    return {
        (app.builder.get_target_uri(name).rpartition("/")[2], key): text
        for name, data in app.env.metadata.items()
        for key, text in data.get("reference_texts", {}).items()
    }


def setup(app):
    """Tell Sphinx when."""
    for transform in (make_boxes, fold_answers, name_entries):
        app.connect("doctree-read", transform)
    app.connect("doctree-resolved", tell_entries)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
