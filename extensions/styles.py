"""Sphinx extension: one style sheet, with the rules that the pages use, and the icons they show.

A page would load ten style sheets, one after the other, before it shows anything, and most of
their rules are for what the book does not have. They are joined in their order once all pages are
written: a selector stays if every class and id it asks for is a word of some page or script.
"""

import posixpath
import re
from pathlib import Path

import fonts
import tinycss2
from pages import THEME

THEMES = ("basic.css", "styles/pydata-sphinx-theme.css")  # what the theme's own template loads
ALL = "styles/pages.css"
WEBFONTS = "vendor/fontawesome/webfonts"
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
    """Write the one sheet and the icon fonts."""
    if exception is not None or not hasattr(app, "book_styles"):
        return
    static = Path(app.outdir) / "_static"
    served = [*Path(app.outdir).rglob("*.html"), *static.rglob("*.js")]
    words = {word for path in served for word in WORD.findall(path.read_text("utf-8"))}
    style = "\n".join(joined(static, name, words) for name in app.book_styles)
    (static / ALL).write_text(f'@charset "utf-8";\n{style}', "utf-8")
    codes = set(map(ord, re.findall("[\uf000-\uf8ff]", style)))  # where icons are
    for name in ("fa-solid-900", "fa-brands-400", "fa-regular-400"):
        write_font(static / WEBFONTS / name, codes)


def joined(static, name, words):
    """Return what the pages use of the sheet `name`, as it reads from where the one sheet is."""
    rules = tinycss2.parse_stylesheet((static / name).read_text("utf-8"), True, True)
    style = "\n".join(used(rule, words) for rule in rules)
    style = re.sub(
        r"url\((?!data:|[\"'])([^)]+)\)",
        lambda url: f"url({moved(name, url[1])})",
        style,
    )
    sources = r'url\(([^)]*)\.woff2\) format\("woff2"\),url\([^)]*\.ttf\) format\("truetype"\)'
    return re.sub(sources, r'url(\1.woff) format("woff")', style)


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


def write_font(place, codes):
    """Write the icon font `place`.woff with these characters; remove the theme's whole one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    font = fonts.woff(THEME / WEBFONTS / f"{place.name}.ttf", codes)
    place.with_suffix(".woff").write_bytes(font)
    for suffix in (".ttf", ".woff2"):
        place.with_suffix(suffix).unlink(missing_ok=True)


def setup(app):
    """Tell Sphinx when."""
    app.connect("html-page-context", replace, priority=960)  # after `pages` left some out
    app.connect("build-finished", finish, priority=900)  # after the theme wrote its own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
