"""Sphinx extension: what the EPUB needs beyond the pages.

An e-book has no scripts: of a live figure or a quiz it shows the still form. Its pages must be
XML, so the HTML of cell outputs is written anew in that form.
"""

import re

from bs4 import BeautifulSoup

import facebook_tut


def configure(app, config):
    """Name the book."""
    config.version = config.release = facebook_tut.__version__
    config.epub_title = config.html_title
    config.epub_basename = "facebook_tut"
    config.epub_tocscope = "includehidden"
    config.epub_tocdepth = 2
    config.epub_show_urls = "no"
    config.epub_exclude_files = ["search.html", "genindex.html", ".buildinfo"]
    config.suppress_warnings = [*config.suppress_warnings, "epub.unknown_project_files"]


def is_ebook(app):
    """Return whether an EPUB is being made."""
    return app.builder.name == "epub"


def without_launching(app):
    """Take the buttons that open a chapter elsewhere out of an e-book."""
    if is_ebook(app):
        app.config.html_theme_options.pop("launch_buttons", None)


def as_xml(app, pagename, templatename, context, doctree):
    """Write an e-book's page as XML, without scripts."""
    if is_ebook(app) and "body" in context:
        html = re.sub(r"<script\b.*?</script>", "", context["body"], flags=re.DOTALL)
        context["body"] = BeautifulSoup(html, "html.parser").decode()


def setup(app):
    """Tell Sphinx when."""
    app.connect("config-inited", configure)
    app.connect("builder-inited", without_launching)
    app.connect("html-page-context", as_xml, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
