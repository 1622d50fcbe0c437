"""Sphinx extension: set the mathematics when the book is built, as MathML.

Browsers draw MathML themselves, so a page needs no script for its formulas: they are there at once,
move nothing, can be read aloud, and stand in the EPUB too. KaTeX translates the TeX, run once in
an embedded JavaScript engine; it comes with `sphinxcontrib-katex`. The font, STIX Two Math, comes
with `ziamath`; the pages get the characters that they use.
"""

import base64
import re
from functools import cache
from importlib.metadata import files
from pathlib import Path
from xml.etree import ElementTree

import fonts
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number

FONT = "_static/stix-two-math.css"
NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
THIN = "0.167em"
SIGNS = set("−+±")
APPLY = "\u2061"  # stands between a function's name and its argument
FIXED = ("msub", "msup", "msubsup", "munder", "mover", "munderover", "mfrac", "mroot")
CLOSING = set(")]}⌋⌉∣|∥′%")
LONG = 16  # parts; an inline formula of more may be broken before its relations
RELATIONS = set("=≈≠≤≥<>→←⇒")


def file_of(package, name):
    """Return the path of the file `name` that an installed package brings."""
    return Path(next(file.locate() for file in files(package) if file.name == name))


@cache
def katex():
    """Return KaTeX, loaded into a JavaScript engine."""
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval(file_of("sphinxcontrib-katex", "katex.min.js").read_text("utf-8"))
    engine.eval(
        "function set(tex, displayMode) { return katex.renderToString("
        "tex, {displayMode, output: 'mathml', strict: 'ignore'}); }"
    )
    return engine


@cache
def to_mathml(tex, display=False):
    """Return a formula's MathML; a long one inside a line comes in parts, with places to break."""
    from py_mini_racer import JSEvalException

    try:
        html = katex().call("set", tex, display)
    except JSEvalException as error:
        problem = re.search(r"KaTeX parse error: .*", str(error))
        raise ExtensionError(f"mathematics {tex!r}: {problem[0] if problem else error}") from None
    math = ElementTree.fromstring(html[html.index("<math") : html.rindex("</span>")])
    for element in math.iter():
        element.tag = element.tag.removeprefix(NAMESPACE)
    mend(math)
    parts = [math] if display else broken(math)
    return "<wbr/>".join(ElementTree.tostring(part, "unicode") for part in parts)


def mend(math):
    """Space signs and functions as TeX does, and lay tables out by style, as browsers need."""
    for row in list(math.iter()):
        if row.tag == "mtable":
            lay_out(row)
        if row.tag in FIXED:  # so many parts, each with its place
            for element in [one for one in row if one.text == APPLY]:
                row.remove(element)
            continue
        before = None
        for place, element in enumerate(list(row)):
            if element.tag == "mo" and element.text in SIGNS and is_operator(before):
                element.attrib.update(form="prefix", lspace="0", rspace="0")
            if element.tag == "mo" and element.text == APPLY:
                after = row[place + 1] if place + 1 < len(row) else None
                fenced = after is not None and opens(after)
                element.attrib.update(lspace="0", rspace="0" if fenced else THIN)
            before = element
        space_before_functions(row)


def is_operator(element):
    """Whether what stands before a sign makes it a sign of its number, as in `= −1`."""
    if element is None:
        return True
    return element.tag == "mo" and element.text not in CLOSING


def opens(element):
    """Whether an element, or its first part, is an opening bracket."""
    first = next(element.iter("mo"), None)
    return element.tag in ("mo", "mrow") and first is not None and first.text in set("([{⌊⌈")


def space_before_functions(row):
    """Put a thin space before a function that follows a letter, number or bracket."""
    elements = list(row)
    for place in range(len(elements) - 1, 0, -1):
        element, before = elements[place], elements[place - 1]
        name = next(element.iter("mi"), None)
        is_name = element.tag in ("mi", "msub", "msup", "munder") and name is not None
        if is_name and len(name.text or "") > 1 and not is_operator(before):
            row.insert(place, ElementTree.Element("mspace", width=THIN))


def lay_out(table):
    """Turn a table's `columnalign` and `columnspacing` into styles of its cells."""
    aligns = table.attrib.pop("columnalign", "center").split()
    gaps = table.attrib.pop("columnspacing", "1em").split()
    for row in table:
        for column, cell in enumerate(row):
            align = aligns[min(column, len(aligns) - 1)]
            gap = gaps[min(column - 1, len(gaps) - 1)] if column and gaps else "0"
            cell.set("style", f"text-align:{align};padding:.25em 0 .25em {gap}")


def broken(math):
    """Return an inline formula in parts, each but the first beginning with a relation."""
    row = math.find("semantics/mrow")
    if row is None or len(row) <= LONG:
        return [math]
    parts = [[]]
    for element in row:
        if element.tag == "mo" and element.text in RELATIONS and parts[-1]:
            parts.append([])
        parts[-1].append(element)
    return [whole(part) for part in parts]


def whole(elements):
    """Return a `<math>` of these elements; a relation at its head keeps its space."""
    math = ElementTree.Element("math")
    row = ElementTree.SubElement(math, "mrow")
    if elements[0].tag == "mo":
        elements[0].attrib.update(lspace="0.278em", rspace="0.278em")
    row.extend(elements)
    return math


def visit_inline(translator, node):
    """Write a formula inside a line."""
    translator.body.append(f'<span class="math">{to_mathml(node.astext())}</span>')
    raise nodes.SkipNode


def visit_display(translator, node):
    """Write a formula on a line of its own, with its number where it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    tex = node.astext()
    tex = rf"\begin{{aligned}}{tex}\end{{aligned}}" if needs_lines(tex) else tex
    translator.body.append(to_mathml(tex, display=True))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>")
    raise nodes.SkipNode


def needs_lines(tex):
    """Whether a formula has lines but no environment that makes them."""
    return r"\\" in tex and r"\begin" not in tex


def make_font(app, exception):
    """Write the font, with the characters that the pages' formulas use.

    It stands inside a style sheet: there before the first formula is drawn, so that none moves.
    """
    if exception is not None or app.builder.name not in ("html", "singlehtml"):
        return
    source = file_of("ziamath", "STIXTwoMath-Regular.ttf")
    codes = map(ord, characters(Path(app.outdir)))
    data = base64.b64encode(fonts.woff(source, codes, layout_features=[])).decode()
    rule = f'font-family:"STIX Two Math";src:url(data:font/woff;base64,{data}) format("woff")'
    (Path(app.outdir) / FONT).write_text(f"@font-face{{{rule}}}\n", "utf-8")


def characters(folder):
    """Return the characters of all formulas in a folder of pages, italic letters among them."""
    used = set()
    for path in folder.rglob("*.*htm*"):
        for math in re.findall(r"<math.*?</math>", path.read_text("utf-8"), re.DOTALL):
            used.update(re.sub(r"<annotation.*?</annotation>|<[^>]*>", "", math))
    italics = {chr(code) for letter in used for code in italic(letter)}
    return "".join(sorted(used | italics))


def italic(letter):
    """Yield the code of a letter's mathematical italic, which `<mi>` draws it in."""
    for first, last, start in (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("α", "ω", 0x1D6FC)):
        if first <= letter <= last:
            yield start + ord(letter) - ord(first)
    if letter == "h":
        yield 0x210E  # Planck's constant stands in h's place
    if letter in "∂ϵϑϕ":
        yield {"∂": 0x1D715, "ϵ": 0x1D716, "ϑ": 0x1D717, "ϕ": 0x1D719}[letter]


def setup(app):
    """Tell Sphinx how mathematics is written."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    app.connect("build-finished", make_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
