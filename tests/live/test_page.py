"""The HTML of a figure or a quiz: what stands in it, and whose styles hold."""

import json

import pytest

from facebook_tut import _live
from facebook_tut.interactive import cross_entropy_explorer


def test_json_cannot_end_its_element():
    text = _live.embed_json({"note": "</script><!-- <b>"})
    assert "<" not in text
    assert json.loads(text) == {"note": "</script><!-- <b>"}


@pytest.mark.parametrize("source", ["a = '</script>'", "a < b <!-- c"])
def test_a_source_that_would_end_its_element_is_refused(source):
    with pytest.raises(ValueError, match="must hold neither </script nor <!--"):
        _live.page._inside(source, "script")


def test_a_script_has_what_it_imports_and_no_comments(tmp_path):
    path = tmp_path / "figure.js"
    path.write_text(
        'import {\n  fixed,\n} from "../../_live/live.js";\n\n/** One: a rule.\n *\n */\n'
        "const url = `https:`; // said\nif (url) {\n  /* why */\n  go();\n}\n"
    )
    text = _live.script(path)
    assert text.endswith("const url = `https:`; // said\nif (url) {\ngo();\n}\n")
    assert "export function fixed(" in text
    assert not any(part in text for part in ("import", "/*", "*/", "\n\n", "\n "))


def test_a_figures_rules_outrank_the_shared_ones_and_a_pages(open_page, tmp_path):
    """Pages bring the shared rules again after a figure's own, and style the outputs of cells."""
    sheet = tmp_path / "figure.css"
    sheet.write_text(".ft-some p { margin: 1px; padding: 2px }")
    again = (_live.FOLDER / "live.css").read_text("utf-8")
    theme = ".page div.output div p { margin: 9px; padding: 9px }"
    figure = '<div class="ft-live"><div class="ft-some"><p>Text</p></div></div>'
    page = open_page(
        f"<style>{_live.style(sheet)}</style><style>{again}</style><style>{theme}</style>"
        f'<div class="page"><div class="output">{figure}</div></div>'
    )
    read = "(({ margin, padding }) => [margin, padding])(getComputedStyle(some))"
    assert page.evaluate(f"some => {read}", page.query_selector(".ft-some p")) == ["1px", "2px"]


BLUE = """(root) => {
  const probe = root.appendChild(document.createElement("i"));
  probe.style.color = "var(--ft-blue)";
  return getComputedStyle(probe).color;
}"""


@pytest.mark.parametrize(
    ("scheme", "blue"), [("light", "rgb(11, 95, 168)"), ("dark", "rgb(116, 185, 245)")]
)
def test_a_figure_takes_the_scheme_of_its_page(open_page, scheme, blue):
    page = open_page(cross_entropy_explorer(), color_scheme=scheme)
    assert page.locator(".ft-live").evaluate(BLUE) == blue


def test_the_theme_of_the_book_outranks_the_system(open_page):
    page = open_page(cross_entropy_explorer(), color_scheme="light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    colour = page.evaluate("getComputedStyle(document.querySelector('path.ft-squared')).stroke")
    assert colour == "rgb(245, 163, 92)"
