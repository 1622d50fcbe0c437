"""Sphinx extension: pages that load little, at once, and from nowhere else.

What the theme and the other extensions would load and the book does not need is left out: Font
Awesome's script, code that starts kernels on other hosts, the state of widgets. Images get their
size, so that nothing moves while they load, and each page a description and its address for
search engines and previews.
"""

import re
import shutil
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme
from docutils import nodes
from PIL import Image

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
ICON = re.compile(r'"?(?P<name>[\w-]+)"?:\[(\d+),(\d+),\[[^\]]*\],"[^"]*","(?P<path>[^"]+)"\]')
FONT_AWESOME = re.compile(r"(?:\.(?:fa|fab|fas|far|svg-inline--fa)\b[^{}]*)\{[^{}]*\}")
CARD = "_static/card.png"  # what a link to the book shows where links are previewed
UNUSED = (
    "scripts/fontawesome.js",
    "sphinx-thebe.js",
    "sphinx-thebe.css",
    "vendor/fontawesome",
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
    context["page_address"] = address(app) and f"{address(app)}{pagename}.html"
    context["page_meta"] = metadata(app, pagename, context, doctree)
    if app.builder.format != "html":
        return
    context["script_files"] = list(scripts(context["script_files"], pagename == "search"))
    if "body" in context:
        folder = Path(app.outdir) / Path(pagename).parent
        context["body"] = re.sub(
            r"<img [^>]*>", lambda tag: sized(tag[0], folder, app), context["body"]
        )


def metadata(app, pagename, context, doctree):
    """Return pairs of name and content, for search engines and previews."""
    text = description(doctree) if doctree is not None else app.config.html_title
    title = re.sub(r"<[^>]+>", "", context.get("title", app.config.html_title))
    pairs = [("description", text)]
    if address(app):
        pairs += [
            ("og:type", "article"),
            ("og:site_name", app.config.html_title),
            ("og:title", title),
            ("og:description", text),
            ("og:url", f"{address(app)}{pagename}.html"),
            ("og:image", address(app) + CARD),
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
            script.attributes.setdefault("defer", "defer")
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


def finish(app, exception):
    """Write the icons and the lists for search engines; remove what no page loads."""
    if exception is not None or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    pages = [path for path in Path(app.outdir).rglob("*.html") if "_static" not in path.parts]
    (static / "icons.css").write_text(icons(pages), "utf-8")
    lighten(static / "styles" / "pydata-sphinx-theme.css")
    for name in UNUSED:
        path = static / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in static.rglob("*.map"):
        path.unlink()
    if address(app):
        names = sorted(path.relative_to(app.outdir).as_posix() for path in pages)
        write_lists(Path(app.outdir), address(app), names)


def icons(pages):
    """Return a style sheet with the icons whose classes stand in the pages, drawn as masks."""
    used = {
        name for page in pages for name in re.findall(r"\bfa-([\w-]+)", page.read_text("utf-8"))
    }
    known = (THEME / "scripts" / "fontawesome.js").read_text("utf-8")
    rules = [
        ".fas,.fab,.far,.fa-solid,.fa-brands,.fa-regular{display:inline-block;width:1em;height:1em;"
        "background:currentColor;mask:var(--icon) center/contain no-repeat;vertical-align:-.125em}",
        ".fa-lg{font-size:1.25em}",
    ]
    found = {}
    for icon in ICON.finditer(known):
        if icon["name"] in used and icon["name"] not in found:
            found[icon["name"]] = icon
    for name, icon in sorted(found.items()):
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {icon[2]} {icon[3]}">'
            f'<path d="{icon["path"]}"/></svg>'
        )
        rules.append(f'.fa-{name}{{--icon:url("data:image/svg+xml,{quote(svg)}")}}')
    return "\n".join(rules) + "\n"


def lighten(path):
    """Take Font Awesome's rules, a third of it, out of the theme's style sheet."""
    text = path.read_text("utf-8")
    path.write_text(FONT_AWESOME.sub("", text), "utf-8")


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
    app.add_css_file("icons.css", priority=300)
    app.add_css_file("book.css", priority=900)
    app.add_js_file("book.js")
    app.connect("html-page-context", complete, priority=950)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
