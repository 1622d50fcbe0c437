"""Sphinx extension: set the mathematics when the book is built, with KaTeX.

A page needs no script for its formulas: they are there at once, move nothing, look the same in
every browser, and carry MathML, unseen, for who has them read aloud. An e-book, whose reader sets
formulas itself, gets the MathML alone. KaTeX runs once, in an embedded JavaScript engine; it comes
with `sphinxcontrib-katex`, and its style and fonts, of the same version, are in `katex/`. Pages get
the characters that they use.
"""

import base64
import html
import re
from functools import cache
from importlib.metadata import files
from pathlib import Path

import _fonts
import styles
import tinycss2
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number

STYLE = "_static/formulas.css"
KATEX = Path(__file__).parent / "katex"
FONT = re.compile(r'src:url\("?fonts/([\w-]+)\.woff2.*', re.DOTALL)
TRAITS = ("font-style:italic", "font-weight:700")
DRAWN = '<span class="katex-html" aria-hidden="true">'  # where a formula is drawn
PART = '<span class="base">'
SPAN = re.compile(r"<(/?)span\b")
TAG = re.compile(r"<[^>]*>")
CLASSES = re.compile(r'class="([^"]*)"')


@cache
def katex():
    """Return KaTeX, loaded into a JavaScript engine."""
    from py_mini_racer import MiniRacer

    installed = files("sphinxcontrib-katex")
    script = next(file.locate() for file in installed if file.name == "katex.min.js")
    engine = MiniRacer()
    engine.eval(Path(script).read_text("utf-8"))
    engine.eval(
        "function set(tex, displayMode, output) { return katex.renderToString("
        "tex, {displayMode, output, strict: 'ignore'}); }"
    )
    return engine


@cache
def to_html(tex, display=False, output="htmlAndMathml"):
    """Return a formula as HTML with MathML, or as one of both: `output` is KaTeX's option."""
    from py_mini_racer import JSEvalException

    try:
        return katex().call("set", tex, display, output)
    except JSEvalException as error:
        problem = re.search(r"KaTeX parse error: .*", str(error))
        raise ExtensionError(f"mathematics {tex!r}: {problem[0] if problem else error}") from None


def written(translator, node, display):
    """Return the HTML of a node's formula for the builder at work."""
    output = "mathml" if translator.builder.name == "epub" else "htmlAndMathml"
    tex = node.astext()
    if display and needs_lines(tex):
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return to_html(tex, display, output)


def needs_lines(tex):
    """Whether a formula has lines but no environment that makes them."""
    return r"\\" in tex and r"\begin" not in tex


def keep_together(app, doctree, docname):
    """Put each formula inside a line into one element with what stands beside it, up to a space.

    Browsers would end a line between a formula and the comma after it.
    """
    for math in list(doctree.findall(nodes.math)):
        group = nodes.inline(classes=["formula"])
        math.replace_self(group)
        group += math
        take_in(group, -1)
        take_in(group, 1)


def take_in(group, step):
    """Move text that stands beside a group, before (-1) or after (1), into it, up to a space."""
    parent, place = group.parent, group.parent.index(group) + step
    if not 0 <= place < len(parent) or not isinstance(parent[place], nodes.Text):
        return
    text = parent[place].astext()
    near = re.search(r"\S*$" if step < 0 else r"^\S*", text)[0]
    far = text[: len(text) - len(near)] if step < 0 else text[len(near) :]
    parent[place] = nodes.Text(far)
    group.insert(0 if step < 0 else len(group), nodes.Text(near))


def visit_inline(translator, node):
    """Write a formula inside a line, which may end between its parts."""
    first, *others = written(translator, node, display=False).split(PART)
    drawn = PART.join([first, *others[:1]]) + "".join(f"<wbr/>{PART}{part}" for part in others[1:])
    translator.body.append(f'<span class="math">{drawn}</span>')
    raise nodes.SkipNode


def visit_display(translator, node):
    """Write a formula on a line of its own, with its number where it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    translator.body.append(written(translator, node, display=True))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>")
    raise nodes.SkipNode


def make_style(app, exception):
    """Write KaTeX's style: the rules, fonts and characters that the pages' formulas use.

    The fonts stand inside: there before the first formula is drawn, so that none moves.
    """
    if exception is not None or app.builder.name not in ("html", "singlehtml"):
        return
    drawn = [*formulas(Path(app.outdir))]
    words = {word for one in drawn for names in CLASSES.findall(one) for word in names.split()}
    words |= {"katex", "katex-display", "katex-html", "katex-mathml"}  # what stands around it
    codes = {ord(letter) for one in drawn for letter in html.unescape(TAG.sub("", one))}
    parts = tinycss2.parse_stylesheet((KATEX / "katex.css").read_text("utf-8"), True, True)
    faces = [rule.serialize() for rule in parts if rule.type == "at-rule" and rule.content]
    rules = [styles.used(rule, words) for rule in parts if rule.type == "qualified-rule"]
    needed = [with_font(face, codes) for face in faces if any(asks(rule, face) for rule in rules)]
    (Path(app.outdir) / STYLE).write_text(
        "\n".join(['@charset "utf-8";', *needed, *rules]), "utf-8"
    )


def formulas(folder):
    """Yield the HTML that draws each formula of a folder of pages."""
    for path in folder.rglob("*.html"):
        for after in path.read_text("utf-8").split(DRAWN)[1:]:
            yield element(after)


def element(after):
    """Return an element `<span>` from what stands after its first tag.

    >>> element("a<span>b</span></span>c<span>d</span>")
    'a<span>b</span>'
    """
    depth = 1
    for tag in SPAN.finditer(after):
        depth += -1 if tag[1] else 1
        if not depth:
            return after[: tag.start()]
    return after


def asks(rule, face):
    """Return whether a rule sets text in the typeface of a `@font-face`; Main is everyone's.

    >>> asks(".katex .mathbb{font-family:KaTeX_AMS}", "@font-face{font-family:KaTeX_AMS;}")
    True
    """
    family = re.search(r'font-family:"?(\w+)', face)[1]
    named = family in rule or ("font-family" not in rule and family == "KaTeX_Main")
    return named and all((trait in rule) == (trait in face) for trait in TRAITS)


def with_font(face, codes):
    """Return a `@font-face` with these characters of the font inside."""
    file = KATEX / "fonts" / f"{FONT.search(face)[1]}.woff"
    if not file.exists():
        raise ExtensionError(f"a formula needs the typeface {file.name}, which is not in {KATEX}")
    data = base64.b64encode(_fonts.woff(file, codes, hinting=True, layout_features=[])).decode()
    return FONT.sub(f'src:url(data:font/woff;base64,{data}) format("woff")}}', face)


def setup(app):
    """Tell Sphinx how mathematics is written."""
    app.add_html_math_renderer("formulas", (visit_inline, None), (visit_display, None))
    app.connect("doctree-resolved", keep_together, priority=900)  # once the text is as it stays
    app.connect("build-finished", make_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
