"""Formulas as they are seen on the built pages: whole, in their own fonts, and in line."""

import base64
import io
import json
import re

import numpy as np
import pytest
from formulas import DRAWN, KATEX, STYLE, element
from PIL import Image

SHEET = """<!doctype html><meta charset="utf-8"><style>{style}</style>
<style>
  body {{ margin: 8px; width: 1600px }}
  body > * {{ display: inline-block; margin: 6px 10px; vertical-align: top }}
</style>
{formulas}"""
# Pairs of a typeface and a character that is drawn in it
LETTERS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode;
        const { fontFamily, fontStyle, fontWeight } = getComputedStyle(parentElement);
        for (const letter of data.replace(/[\\s\\u200b]/g, "")) {
            found.add(JSON.stringify([fontFamily, fontStyle, fontWeight, letter]));
        }
    }
    return [...found].map(JSON.parse);
}"""
PROBES = """letters => {
    const probes = letters.map(([fontFamily, fontStyle, fontWeight, letter]) => {
        const probe = Object.assign(document.createElement("i"), { textContent: letter });
        Object.assign(probe.style, { fontFamily, fontStyle, fontWeight });
        return probe;
    });
    document.body.replaceChildren(...probes);
}"""
# How far the ends of a column's cells, right or left, lie from each other
RAGGED = """side => {
    const columns = [...document.querySelectorAll(`.col-align-${side[0]} > .vlist-t`)];
    const cells = ":scope > .vlist-r > .vlist > span > .mord";
    const end = cell => cell.getBoundingClientRect()[side];
    return columns.map(column => {
        const all = [...column.querySelectorAll(cells)];
        const ends = all.filter(cell => /[^\\u200b]/.test(cell.textContent)).map(end);
        return ends.length ? Math.max(...ends) - Math.min(...ends) : 0;
    });
}"""


@pytest.fixture(scope="module")
def formulas(pages):
    """The HTML of each formula of the book, once."""
    texts = (path.read_text("utf-8") for path in sorted(pages.rglob("*.html")))
    drawn = (element(after) for text in texts for after in text.split(DRAWN)[1:])
    return [f'<span class="katex">{DRAWN}{html}</span></span>' for html in dict.fromkeys(drawn)]


@pytest.fixture(scope="module")
def sheet(browser, formulas):
    """A function that shows all formulas on one page, in a style."""
    page = browser.new_page(viewport={"width": 1640, "height": 800})

    def show(style):
        page.set_content(SHEET.format(style=style, formulas="\n".join(formulas)))
        page.evaluate("document.fonts.ready.then(() => null)")
        return page

    yield show
    page.close()


@pytest.fixture(scope="module")
def style(pages):
    """The style that pages load for their formulas."""
    return (pages / STYLE).read_text("utf-8")


def picture(page):
    """Return what a page shows, as an array."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L"))


def whole_style():
    """Return KaTeX's own style, with each font whole and inside."""

    def inside(found):
        file = KATEX / "fonts" / f"{found[1]}.woff"
        data = file.read_bytes() if file.exists() else b""
        return f"src:url(data:font/woff;base64,{base64.b64encode(data).decode()})}}"

    style = (KATEX / "katex.css").read_text("utf-8")
    return re.sub(r"src:url\(fonts/([\w-]+)\.woff2\)[^}]*\}", inside, style)


def test_formulas_look_as_in_the_whole_fonts(sheet, formulas, style):
    assert len(formulas) > 400
    ours, whole = (picture(sheet(one)) for one in (style, whole_style()))
    assert ours.shape == whole.shape
    assert np.array_equal(ours, whole), f"{np.mean(ours != whole):.2%} of pixels differ"
    assert (ours < 128).mean() > 0.01  # there is ink


def test_each_character_is_drawn_in_its_own_font(sheet, style):
    page = sheet(style)
    letters = page.evaluate(LETTERS)
    page.evaluate(PROBES, letters)
    session = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        session.send(f"{domain}.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    probes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "i"})["nodeIds"]
    foreign = []
    for (family, *_, letter), probe in zip(letters, probes, strict=True):
        used = session.send("CSS.getPlatformFontsForNode", {"nodeId": probe})["fonts"]
        if [font["familyName"] for font in used] != [family.split(",")[0]]:
            foreign.append((letter, family, [font["familyName"] for font in used]))
    assert len(letters) > 150
    assert foreign == []


@pytest.mark.parametrize("side", ["right", "left"])
def test_columns_of_equations_end_in_line(sheet, style, side):
    ragged = sheet(style).evaluate(RAGGED, side)
    assert len(ragged) > 10
    assert max(ragged) < 1


def test_style_and_script_are_of_one_version():
    from formulas import katex

    style = (KATEX / "katex.css").read_text("utf-8")
    assert f".katex-version:after{{content:{json.dumps(katex().eval('katex.version'))}}}" in style
