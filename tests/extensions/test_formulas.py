"""The extension `formulas`: KaTeX sets TeX, whole and with what it is read aloud from."""

from xml.etree import ElementTree

import pytest
from docutils import nodes
from formulas import KATEX, asks, element, keep_together, to_html, with_font
from sphinx.errors import ExtensionError

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def mathml(tex):
    """The MathML of a formula."""
    return ElementTree.fromstring(to_html(tex)).find(f".//{MATHML}math")


def test_a_formula_keeps_its_tex_and_can_be_read_aloud():
    math = mathml(r"\frac{a}{b}")
    assert [part.text for part in math.iter(f"{MATHML}mi")] == ["a", "b"]
    assert math.find(f"{MATHML}semantics/{MATHML}annotation").text == r"\frac{a}{b}"
    assert 'class="katex-html" aria-hidden="true"' in to_html(r"\frac{a}{b}")


def test_a_root_is_drawn():
    assert "<path" in to_html(r"\sqrt{x}")


def test_an_ebook_gets_mathml_alone():
    html = to_html(r"\sqrt{x}", output="mathml")
    assert "<msqrt>" in html and "katex-html" not in html


def test_a_long_formula_in_a_line_comes_in_parts():
    parts = to_html("(4608 + 1) \\cdot 512 = 4608 \\cdot 512 + 512 = 2{,}359{,}808")
    assert parts.count('class="base"') > 3


def test_wrong_tex_is_named():
    with pytest.raises(ExtensionError, match=r"frc\{1\}2.: KaTeX parse error: Undefined"):
        to_html(r"\frc{1}2")


def test_an_element_ends_with_its_own_tag():
    assert (
        element("a<span>b</span><svg></svg></span>c<span>d</span>") == "a<span>b</span><svg></svg>"
    )


@pytest.mark.parametrize(
    ("rule", "face", "asked"),
    [
        (".katex .mathit{font-family:KaTeX_Main;font-style:italic}", ("Main", "italic", 400), True),
        (
            ".katex .mathit{font-family:KaTeX_Main;font-style:italic}",
            ("Main", "normal", 400),
            False,
        ),
        (".katex .textbf{font-weight:700}", ("Main", "normal", 700), True),
        (".katex .textbf{font-weight:700}", ("Math", "normal", 700), False),
        (".katex .mathbb{font-family:KaTeX_AMS}", ("AMS", "normal", 400), True),
    ],
)
def test_a_rule_asks_for_its_typeface(rule, face, asked):
    family, style, weight = face
    text = f"@font-face{{font-family:KaTeX_{family};font-style:{style};font-weight:{weight}}}"
    assert asks(rule, text) is asked


def test_a_typeface_that_is_not_there_is_named():
    face = '@font-face{font-family:KaTeX_Fraktur;src:url("fonts/KaTeX_Fraktur-Regular.woff2")}'
    with pytest.raises(ExtensionError, match=r"KaTeX_Fraktur-Regular\.woff, which is not in"):
        with_font(face, [65])
    assert not (KATEX / "fonts" / "KaTeX_Fraktur-Regular.woff").exists()


def test_a_formula_is_held_to_what_stands_beside_it_up_to_a_space():
    words = nodes.Text("with ("), nodes.math("", "s"), nodes.Text("), the "), nodes.math("", "t")
    line = nodes.paragraph("", "", *words, nodes.Text("-th, "), nodes.emphasis("", "u"))
    keep_together(None, line, "page")
    assert line.astext() == "with (s), the t-th, u"
    groups = line.findall(nodes.inline)
    assert [group.astext() for group in groups] == ["(s),", "t-th,"]
