"""The extension `mathml`: TeX becomes MathML, spaced as TeX spaces it."""

from xml.etree import ElementTree

import pytest
from mathml import characters, to_mathml
from sphinx.errors import ExtensionError


def marks(tex, display=False):
    """The signs, names and numbers of a formula in their order."""
    math = ElementTree.fromstring(to_mathml(tex, display))
    return [part for part in math.iter() if part.text and part.tag in ("mi", "mn", "mo")]


def test_a_formula_keeps_its_tex_for_who_copies_it():
    math = ElementTree.fromstring(to_mathml(r"\frac{a}{b}"))
    assert [part.text for part in math.iter("mi")] == ["a", "b"]
    assert math.find("semantics/annotation").text == r"\frac{a}{b}"


@pytest.mark.parametrize("tex", ["-1", "x = -1", "(-1, 2)", r"a \cdot -b", r"\log -x"])
def test_a_sign_of_its_number_stands_close_to_it(tex):
    minus = next(mark for mark in marks(tex) if mark.text == "−")
    assert (minus.get("form"), minus.get("rspace")) == ("prefix", "0")


@pytest.mark.parametrize("tex", ["a - b", "2 - 1", "(a) - b", "x' - y", r"\lVert a \rVert - 1"])
def test_a_difference_keeps_its_space(tex):
    minus = next(mark for mark in marks(tex) if mark.text == "−")
    assert minus.get("form") is None


def test_a_function_has_a_thin_space_on_both_sides_unless_brackets_follow():
    spaces = lambda tex: to_mathml(tex).count('<mspace width="0.167em"')  # noqa: E731
    assert spaces(r"y \log z") == 1 and 'rspace="0.167em"' in to_mathml(r"y \log z")
    assert spaces(r"y \log(z)") == 1 and 'rspace="0.167em"' not in to_mathml(r"y \log(z)")
    assert spaces(r"-\log z") == 0


def test_aligned_lines_meet_at_their_relation():
    html = to_mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True)
    assert html.count("text-align:right") == html.count("text-align:left") == 2


def test_a_long_formula_in_a_line_may_break_before_its_relations():
    html = to_mathml("(4608 + 1) \\cdot 512 = 4608 \\cdot 512 + 512 = 2{,}359{,}808 = n + m + k")
    parts = html.split("<wbr/>")
    assert len(parts) == 4 and all("=" in part for part in parts[1:])
    assert "<wbr/>" not in to_mathml("a = b")


def test_wrong_tex_is_named():
    with pytest.raises(ExtensionError, match=r"frc\{1\}2.: KaTeX parse error: Undefined"):
        to_mathml(r"\frc{1}2")


def test_the_font_gets_the_italics_of_the_letters_that_pages_use(tmp_path):
    (tmp_path / "page.html").write_text(f"<p>Q</p>{to_mathml('h = z')}", "utf-8")
    assert set("h=z") | {"\u210e", "\U0001d467"} <= set(characters(tmp_path))
    assert "Q" not in characters(tmp_path)


def test_a_function_in_an_exponent_is_one_part_of_two():
    assert "<msup><mi>y</mi><mi>max</mi></msup>" in to_mathml(r"y^{\max} = 1")
