"""Sphinx extension: pages that load little, at once, and from nowhere else.

What the theme and the other extensions would load and the book does not need is left out: Font
Awesome's script, code that starts kernels on other hosts, the state of widgets, pictures where
words do. Images get their size, so that nothing moves while they load, and each page a description
and its address for search engines and previews.
"""

import re
from functools import cache
from html import escape
from pathlib import Path

import pydata_sphinx_theme
from docutils import nodes
from PIL import Image
from sphinx.builders.html._assets import _JavaScript
from sphinx.errors import ExtensionError

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
FORMULA_HEAD = re.compile(
    r'<th [^>]*><p><span class="formula"><span class="math">(?:(?!</th>).)*</span></p></th>'
)
EMPTY_HEAD = re.compile(r"<th((?: class=\"[^\"]*\")?)><p>\s*</p></th>")
# A picture of words is drawn like a page of its own, which takes a phone a twentieth of a second.
BADGE = re.compile(r'<a class="reference external" (href="[^"]*")><img [^>]*colab-badge[^>]*></a>')
TAB_STOPS = re.compile(
    r',"complete"===document\.readyState\?(\w+)\(\):'
    r'window\.addEventListener\("load",\1\)\}\)\(\);'
)
CARD = "_static/card.png"  # what a link to the book shows where links are previewed
# Read from files, a page may not read others, to show what stands around the words it found.
NO_EXCERPTS = "DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== 'file:'"
UNUSED = (
    "scripts/fontawesome.js",
    "sphinx-thebe.js",
    "sphinx-thebe.css",
    "styles/theme.css",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
)


def address(app):
    """Return where the book is read, with a slash at its end: GitHub Pages of the repository."""
    if app.config.html_baseurl:
        return app.config.html_baseurl.rstrip("/") + "/"
    repository = app.config.html_theme_options.get("repository_url", "")
    found = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)/?", repository)
    return f"https://{found[1]}.github.io/{found[2]}/" if found else ""


def complete(app, pagename, templatename, context, doctree):
    """Give a page what its head needs, and take from it what it does not."""
    base = address(app)
    context["page_address"] = base and f"{base}{pagename}.html"
    context["page_meta"] = metadata(app, base, context, doctree)
    styles = context["css_files"]
    context["css_files"] = [style for style in styles if "thebe" not in str(style.filename)]
    context["script_files"] = list(scripts(context["script_files"], pagename == "search"))
    if pagename == "search":
        context["script_files"].append(_JavaScript(None, body=NO_EXCERPTS))
    launch(context.get("header_buttons", ()))
    if "body" in context:
        folder = Path(app.outdir) / Path(pagename).parent
        body = re.sub(r"<img [^>]*>", lambda tag: sized(tag[0], folder, app), context["body"])
        body = re.sub(BADGE, r'<a class="colab-badge" \1>Open in Colab</a>', body)
        body = re.sub(FORMULA_HEAD, named, body)
        body = re.sub(EMPTY_HEAD, r"<td\1></td>", body)
        context["body"] = body


def launch(groups):
    """Let buttons show an icon of the page's own; Colab opens the copy that is made for it."""
    for group in groups:
        for button in group.get("buttons", ()):
            if not (button.get("icon") or "fa").startswith("fa"):
                button["icon"] = "fas fa-up-right-from-square"
            if "//colab." in button.get("url", ""):
                button["url"] = re.sub(r"/book/(?=[^/]*$)", "/open_in_colab/", button["url"])


def metadata(app, base, context, doctree):
    """Return pairs of name and content, for search engines and previews."""
    text = description(doctree) if doctree is not None else app.config.html_title
    title = re.sub(r"<[^>]+>", "", context.get("title", app.config.html_title))
    pairs = [("description", text)]
    if base:
        pairs += [
            ("og:type", "article"),
            ("og:site_name", app.config.html_title),
            ("og:title", title),
            ("og:description", text),
            ("og:url", context["page_address"]),
            ("og:image", base + CARD),
            ("og:image:alt", f"The cover of {app.config.html_title}"),
            ("twitter:card", "summary_large_image"),
        ]
    return pairs


def description(doctree, most=155):
    """Return the first sentences of a page: those after its list of aims, if it has one."""
    aims = next(doctree.findall(nodes.bullet_list), None)
    numbered = aims is not None and "After this chapter" in doctree.astext()[:400]
    if numbered:
        text = "Learn to " + "; ".join(item.astext().rstrip(";. ") for item in aims)
    else:
        paragraphs = (p.astext() for p in doctree.findall(nodes.paragraph))
        text = next((p for p in paragraphs if len(p) > 60), "")
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(",;:. ") + " …"


def scripts(files, is_search):
    """Yield the scripts that a page keeps, those in files to run once it is read."""
    for script in files:
        kind = script.attributes.get("type", "")
        text = f"{script.filename} {script.attributes.get('body', '')}"
        if "thebe" in text.lower() or "widget-state" in kind:
            continue
        if script.filename and not is_search and "documentation_options" not in text:
            # A script of its own: the search page shows the same ones, and needs them at once.
            attributes = {"defer": "defer", **script.attributes}
            script = _JavaScript(script.filename, priority=script.priority, **attributes)
        yield script


@cache
def size(path):
    """Return an image's width and height."""
    with Image.open(path) as image:
        return image.size


def sized(tag, folder, app):
    """Return an image's tag with its width and height, to be loaded when it comes near."""
    source = re.search(r'src="([^":]+\.(?:png|jpe?g))"', tag)
    if source is None or "width=" in tag:
        return tag
    path = (folder / source[1]).resolve()
    original = Path(app.outdir) / app.builder.imagedir / path.name
    origin = next((src for src, name in app.builder.images.items() if name == path.name), None)
    known = Path(app.srcdir, origin) if origin else original
    if not known.exists():
        return tag
    width, height = size(known)
    extra = f' width="{width}" height="{height}" loading="lazy" decoding="async"'
    return tag.rstrip("/> ") + extra + " />"


def named(head):
    """Return a column's head, a formula, with words beside it for readers that read no formulas."""
    tex = re.search(r'x-tex">(.*?)</annotation>', head[0])[1]
    name = " ".join(re.findall(r"\w+|[^\\{}$\s]", tex))
    words = f'<span class="visually-hidden">{name}</span><span class="math" aria-hidden="true">'
    return head[0].replace('<span class="math">', words, 1)


def finish(app, exception):
    """Mend the theme's script, remove what no page loads, list the pages."""
    if exception is not None or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    pages = [path for path in Path(app.outdir).rglob("*.html") if "_static" not in path.parts]
    script = (THEME / "scripts" / "pydata-sphinx-theme.js").read_text("utf-8")
    (static / "scripts" / "pydata-sphinx-theme.js").write_text(without_tab_stops(script), "utf-8")
    for name in UNUSED:
        (static / name).unlink(missing_ok=True)
    for path in static.rglob("*.map"):
        path.unlink()
    if address(app):
        names = sorted(path.relative_to(app.outdir).as_posix() for path in pages)
        write_lists(Path(app.outdir), address(app), names)


def without_tab_stops(script):
    """Take the search for boxes that scroll out of the theme's script; book.js does it, in time."""
    rest, found = TAB_STOPS.subn("})();", script)
    if not found:
        raise ExtensionError("the theme's script has changed: see TAB_STOPS in extensions/pages.py")
    return rest


def write_lists(folder, base, names):
    """Write sitemap.xml and robots.txt."""
    left_out = ("genindex.html", "search.html", "index.html")
    places = "".join(
        f"  <url><loc>{escape(base + name)}</loc></url>\n" for name in names if name not in left_out
    )
    sitemap = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n'
    )
    (folder / "sitemap.xml").write_text(sitemap, "utf-8")
    (folder / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n")


def setup(app):
    """Tell Sphinx when."""
    app.connect("html-page-context", complete, priority=950)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
