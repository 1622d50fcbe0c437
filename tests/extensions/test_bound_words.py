"""The extension `bound_words`: no line ends between a number and its unit."""

import pytest
from bound_words import bind
from docutils import nodes


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("at 90 % or 90 % of it", "at 90_% or 90_% of it"),
        ("in 30 s, or 5 seconds", "in 30_s, or 5 seconds"),
        ("see Figure 4.3 and chapter 4", "see Figure_4.3 and chapter_4"),
        ("by equation (4.2)", "by equation_(4.2)"),
        ("a chapter of 2 sets", "a chapter of 2 sets"),
    ],
)
def test_what_belongs_together_stays_on_a_line(text, bound):
    line = nodes.paragraph("", "", nodes.Text("90 %, "), nodes.Text(text), nodes.literal("", "9 s"))
    bind(None, line, "page")
    assert line.astext().replace("\xa0", "_") == f"90_%, {bound}9 s"
