"""What the live figures share: pictures as text, and the kinds of dials."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from facebook_tut.interactive import _live

RNG = np.random.default_rng(0)
PICTURES = [RNG.integers(0, 256, shape).tolist() for shape in [(1, 1), (4, 4), (3, 5), (25, 62)]]
VALUES = [
    RNG.uniform(0, 3, (4, 5)).tolist(),
    RNG.uniform(-3, 2, (4, 5)).tolist(),
    [[0.0, 0.0]],
    [[-1.0, 1.0]],
]


@pytest.mark.parametrize("palette", ["grey", "signed"])
@pytest.mark.parametrize("levels", PICTURES, ids=str)
def test_a_bitmap_is_the_picture(levels, palette):
    text = _live.bitmap(levels, palette).partition("base64,")[2]
    with Image.open(io.BytesIO(base64.b64decode(text))) as image:
        pixels = np.array(image.convert("RGB"))
    expected = [[list(_live._colour(level, palette)) for level in row] for row in levels]
    np.testing.assert_array_equal(pixels, expected)


def test_signed_colours_are_white_in_the_middle_and_strong_at_both_ends():
    assert _live._colour(128, "signed") == [255, 255, 255]
    assert _live._colour(0, "signed") == [11, 95, 168]
    assert _live._colour(255, "signed") == [167, 76, 8]


def test_both_languages_write_the_same_bitmaps(javascript):
    expression = "pictures.map((p) => [bitmap(p), bitmap(p, 'signed')])"
    page = javascript("decision_explorer", expression, pictures=PICTURES)
    assert page == [[_live.bitmap(p), _live.bitmap(p, "signed")] for p in PICTURES]


def test_both_languages_choose_the_same_levels(javascript):
    page = javascript("decision_explorer", "values.map((v) => levels(v, 3))", values=VALUES)
    for (levels, palette), values in zip(page, VALUES, strict=True):
        expected, name = _live.levels(np.array(values), 3)
        assert (levels, palette) == (expected.tolist(), name)
        assert 0 <= np.min(levels) <= np.max(levels) <= 255


def test_levels_of_a_picture_of_zeros_are_zero():
    assert _live.levels(np.zeros((1, 2)), 0)[0].tolist() == [[0, 0]]


@pytest.mark.parametrize(
    "value",
    [[[1, 2]], [[1], [2, 3]], [["a", 1], [2, 3]], 3, [[1, 2], [3, np.nan]], [[1, 2], [3, 10]]],
)
def test_a_table_of_the_wrong_shape_or_values_is_named(value):
    with pytest.raises(ValueError, match="kernel must hold 2 x 2 numbers from -9 to 9, got"):
        _live.Table(2, 2, -9, 9).check("kernel", value)


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


EDITOR = """
<label><select data-dial="padding" disabled><option>valid</option><option>same</option></select>
<b class="ft-printed">same</b></label>
<input type="number" min="-9" max="9" step="any" data-dial="kernel" data-cell="0 0" disabled>
<input type="number" min="-9" max="9" step="any" data-dial="kernel" data-cell="0 1" disabled>
<p id="said"></p>
"""


def test_choices_and_tables_follow_their_inputs_and_move_them(open_page):
    source = (_live.FOLDER / "live.js").read_text("utf-8")
    script = f"""{source}
      const root = document.querySelector("#figure");
      window.model = pageModel({{ padding: "same", kernel: [[1, -2]] }});
      const say = () => document.querySelector("#said").textContent =
        JSON.stringify([model.get("padding"), model.get("kernel")]);
      start(root, model, () => bind(root, model, say));"""
    page = open_page(f'<div id="figure">{EDITOR}</div><script type="module">{script}</script>')
    said = page.locator("#said")
    assert said.text_content() == '["same",[[1,-2]]]'
    page.locator("select").select_option("valid")
    assert page.locator(".ft-printed").text_content() == "valid"
    cell = page.locator("[data-cell='0 1']")
    cell.fill("0.5")
    assert said.text_content() == '["valid",[[1,0.5]]]'
    for half_typed in ("", "90"):
        cell.fill(half_typed)
        assert said.text_content() == '["valid",[[1,0.5]]]'
    page.evaluate("model.set('kernel', [[3, 4]])")
    assert [page.locator("input").nth(i).input_value() for i in range(2)] == ["3", "4"]
