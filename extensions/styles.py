"""Sphinx extension: one style sheet, with the rules that the pages use, and the icons they show.

A page would load ten style sheets, one after the other, before it shows anything, and most of
their rules are for what the book does not have. They are joined in their order once all pages are
written: a selector stays if every class and id it asks for is a word of some page or script.
"""

import posixpath
import re
from base64 import b64encode
from pathlib import Path

import _fonts
import tinycss2
from pages import THEME

THEMES = ("basic.css", "styles/pydata-sphinx-theme.css")  # what the theme's own template loads
ALL = "styles/pages.css"
WEBFONTS = "vendor/fontawesome/webfonts"
ICONS = re.compile(
    rf'url\([^)]*{WEBFONTS}/([\w-]+)\.woff2\) format\("woff2"\),url\([^)]*\) format\("truetype"\)'
)
WORD = re.compile(r"[\w-]+")
FUNCTION = re.compile(r":[\w-]+\([^()]*\)")  # what stands in :not(…) need not be there
NAME = re.compile(r"[.#]((?:[\w-]|\\.)+)")
GROUPS = ("media", "supports", "layer", "container")


def replace(app, pagename, templatename, context, doctree):
    """Let a page load the one sheet instead of its own, and note which those are."""
    if app.builder.name != "html":
        return
    own = [str(style.filename).removeprefix("_static/") for style in context["css_files"]]
    app.book_styles = list(dict.fromkeys([*getattr(app, "book_styles", THEMES), *own]))
    context["css_files"] = []
    context["one_style"] = f"_static/{ALL}"


def finish(app, exception):
    """Write the one sheet, icon fonts and all."""
    if exception is not None or not hasattr(app, "book_styles"):
        return
    static = Path(app.outdir) / "_static"
    served = [*Path(app.outdir).rglob("*.html"), *static.rglob("*.js")]
    words = {word for path in served for word in WORD.findall(path.read_text("utf-8"))}
    style = "\n".join(joined(static, name, words) for name in app.book_styles)
    codes = set(map(ord, re.findall("[\uf000-\uf8ff]", style)))  # where icons are
    style = ICONS.sub(lambda url: icon_font(static, url[1], codes), style)
    (static / ALL).write_text(f'@charset "utf-8";\n{style}', "utf-8")


def joined(static, name, words):
    """Return what the pages use of the sheet `name`, as it reads from where the one sheet is."""
    rules = tinycss2.parse_stylesheet((static / name).read_text("utf-8"), True, True)
    style = "\n".join(used(rule, words) for rule in rules)
    address = r"url\((?!data:|[\"'])([^)]+)\)"
    return re.sub(address, lambda url: f"url({moved(name, url[1])})", style)


def moved(name, address):
    """Return an address in the sheet `name` as it is seen from the one sheet."""
    target = posixpath.join(posixpath.dirname(name), address)
    return posixpath.relpath(target, posixpath.dirname(ALL))


def used(rule, words):
    """Return what of a rule applies to pages with these words."""
    if rule.type == "qualified-rule":
        selectors = top_level_parts(rule.prelude)
        kept = [one for one in selectors if names(one) <= words]
        return f"{','.join(kept)}{{{tinycss2.serialize(rule.content)}}}" if kept else ""
    if rule.type == "at-rule" and rule.lower_at_keyword in GROUPS and rule.content is not None:
        inner = tinycss2.parse_rule_list(rule.content, True, True)
        style = "\n".join(filter(None, (used(one, words) for one in inner)))
        head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
        return f"{head}{{{style}}}" if style else ""
    return rule.serialize()


def top_level_parts(tokens):
    """Return the selectors of a list, which commas separate, as text."""
    parts = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]


def names(selector):
    """Return the classes and ids that a selector asks for.

    >>> sorted(names("#menu > .sd-card.open:not(.closed) a:hover"))
    ['menu', 'open', 'sd-card']
    """
    while FUNCTION.search(selector):
        selector = FUNCTION.sub("", selector)
    return {re.sub(r"\\(.)", r"\1", name) for name in NAME.findall(selector)}


def icon_font(static, name, codes):
    """Return the source of an icon font with these characters; remove the theme's whole one.

    It stands in the sheet: a font that comes later lets all of the page be laid out once more.
    """
    font = _fonts.woff(THEME / WEBFONTS / f"{name}.ttf", codes)
    for suffix in (".ttf", ".woff2"):
        (static / WEBFONTS / name).with_suffix(suffix).unlink(missing_ok=True)
    return f'url(data:font/woff;base64,{b64encode(font).decode()}) format("woff")'


def setup(app):
    """Tell Sphinx when."""
    app.connect("html-page-context", replace, priority=960)  # after `pages` left some out
    app.connect("build-finished", finish, priority=900)  # after the theme wrote its own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
