"""Sphinx extension: what the EPUB needs beyond the pages.

An e-book has no scripts: of a live figure or a quiz it shows the still form, without what could be
pressed. Its pages must be XML as EPUB 3 asks, so their HTML is written anew in that form; the list
of the book's files says which of them hold formulas and drawings. epubcheck finds no fault in it.
"""

import base64
import io
import re
from pathlib import Path
from xml.sax.saxutils import escape

import plain_code
from bs4 import BeautifulSoup
from PIL import Image
from sphinx.builders.epub3 import Epub3Builder

import facebook_tut

LISTED = re.compile(r'href="(?!nav)([^"]*\.xhtml)"')  # a page in the list of files
DEAD = "script, style, noscript, button, select, input, img:not([src]), summary .expanded"
BITMAP = re.compile("data:image/bmp;base64,([A-Za-z0-9+/=]+)")
HELD = {"math": "mathml", "svg": "svg"}  # a tag, and EPUB's name for what it brings
WEB = re.compile("mystnb|copybutton|togglebutton|thebe")  # styles for what e-books do not have


class Ebook(Epub3Builder):
    """Makes the EPUB."""

    def build_content(self):
        """Write the list of files; add to each page what it holds."""
        super().build_content()
        listed = Path(self.outdir) / "content.opf"
        text = listed.read_text("utf-8")
        listed.write_text(LISTED.sub(self.held, text), "utf-8")

    def held(self, item):
        """Return a page's entry in the list with its properties."""
        page = (Path(self.outdir) / item[1]).read_text("utf-8")
        found = " ".join(name for tag, name in HELD.items() if f"<{tag} " in page)
        return f'{item[0]} properties="{found}"' if found else item[0]


def configure(app, config):
    """Name the book."""
    config.version = config.release = facebook_tut.__version__
    config.pygments_style = plain_code.STYLES[0]
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
    """Write an e-book's page as XML, without scripts, and with its styles in its head."""
    if not is_ebook(app):
        return
    files = context["css_files"]
    context["css_files"] = [file for file in files if not WEB.search(str(file.filename))]
    context.update(ebook=True, page_meta=[], page_address="")
    if "body" in context:
        page = BeautifulSoup(context["body"], "html.parser")
        context["page_styles"] = escape("\n".join(style.string for style in page("style")))
        still(page)
        conform(page)
        context["body"] = BITMAP.sub(as_png, page.decode())


def still(page):
    """Take out what only a script can bring to life; of what could be set, leave the value."""
    for chosen in page.select("select option[selected]"):
        chosen.find_parent("select").replace_with(chosen.text)
    for field in page.select("input[value]:not([type=range], [type=radio], [type=checkbox])"):
        field.replace_with(field["value"])
    for element in page.select(DEAD):
        element.decompose()
    for form in page("form"):
        form.name = "div"
        form.attrs.pop("novalidate", None)
    for label in page("label"):
        label.name = "span"
        label.attrs.pop("for", None)


def conform(page):
    """Write what HTML takes as it is and XML does not."""
    for math in page("math"):
        math["xmlns"] = "http://www.w3.org/1998/Math/MathML"
    for drawing in page("svg"):
        drawing["xmlns"] = "http://www.w3.org/2000/svg"
    for paragraph in page.select("summary p"):
        paragraph.name = "span"


def as_png(bitmap):
    """Return the address of a picture with the picture in a format that every reader knows."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(bitmap[1]))) as picture:
        picture.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def setup(app):
    """Tell Sphinx when."""
    app.add_builder(Ebook, override=True)
    app.connect("config-inited", configure)
    app.connect("builder-inited", without_launching)
    app.connect("html-page-context", as_xml, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
