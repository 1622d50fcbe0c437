"""The script of all live figures: numbers, pictures and text; and inputs in a browser."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from facebook_tut import _live

RNG = np.random.default_rng(0)
PICTURES = [RNG.integers(0, 256, shape).tolist() for shape in [(1, 1), (4, 4), (3, 5), (25, 62)]]
VALUES = [
    RNG.uniform(0, 3, (4, 5)).tolist(),
    RNG.uniform(-3, 2, (4, 5)).tolist(),
    [[0.0, 0.0]],
    [[-1.0, 1.0]],
]
BLUE, ORANGE = np.array([11, 95, 168]), np.array([166, 74, 6])


@pytest.fixture
def shared(javascript):
    """A function: the value of an expression over what live.js defines."""
    return lambda expression, **names: javascript("cross_entropy", expression, **names)


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [(0.0625, 3, "0.063"), (0.125, 2, "0.13"), (37, 1, "37.0"), (1, 3, "1.000"), (-0.5, 0, "0")],
)
def test_halves_round_up(shared, number, digits, text):
    assert shared("fixed(n, d)", n=number, d=digits) == text


def test_no_number_shows_as_a_dash(shared):
    assert shared("fixed(NaN, 3)") == "–"


def test_a_minus_is_as_wide_as_a_plus(shared):
    assert shared("[minus(-4), signed(-0.5, 2), signed(3, 1)]") == ["−4", "−0.50", "3.0"]


def colours(levels, palette):
    """Return what a level looks like: signed ones fade from an end to white at 128."""
    levels = np.array(levels)[..., None]
    if palette == "grey":
        return np.broadcast_to(levels, (*levels.shape[:2], 3))
    ends = np.where(levels < 128, BLUE, ORANGE)
    return 255 - (255 - ends) * np.abs(levels - 128) // 128


@pytest.mark.parametrize("palette", ["grey", "signed"])
def test_a_bitmap_is_the_picture(shared, palette):
    for levels, uri in zip(
        PICTURES, shared("all.map((p) => bitmap(p, name))", all=PICTURES, name=palette), strict=True
    ):
        with Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2]))) as image:
            pixels = np.array(image.convert("RGB"))
        np.testing.assert_array_equal(pixels, colours(levels, palette))


def test_signed_colours_are_white_in_the_middle_and_strong_at_both_ends(shared):
    found = shared("[0, 128, 255].map((level) => colour(level, 'signed'))")
    assert found == [BLUE.tolist(), [255, 255, 255], [167, 76, 8]]


def test_levels_are_signed_if_one_is_negative(shared):
    for (levels, palette), values in zip(
        shared("values.map((v) => levels(v, 3))", values=VALUES), VALUES, strict=True
    ):
        parts = np.array(values) / 3
        assert palette == ("signed" if parts.min() < 0 else "grey")
        exact = 128 + 127 * parts if parts.min() < 0 else 255 * parts
        np.testing.assert_array_equal(levels, np.floor(exact + 0.5))
        assert 0 <= np.min(levels) <= np.max(levels) <= 255
    assert shared("levels([[0, 0]], 0)") == [[[0, 0]], "grey"]


def test_text_cannot_become_html(shared):
    assert shared("""escape('<b title="x">&')""") == "&#60;b title=&#34;x&#34;&#62;&#38;"
    assert shared("options(['a', ' b  & c'])") == (
        '<option value="a">a</option><option value=" b  &#38; c"> b  &#38; c</option>'
    )


def test_a_cell_stays_inside_a_table_that_shrinks(shared):
    cell = shared("inside([3, 9], { row: 7, column: 7 })")
    assert cell == {"row": 2, "column": 7, "last_row": 2, "last_column": 8}


def test_what_lasts_is_computed_once_for_the_same(shared):
    count = "((calls) => { const f = lasting((a, b) => calls.push(a + b)); %s; return calls; })([])"
    assert shared(count % "f(1, 2); f(1, 2); f(1, 3); f(1, 2)") == [3, 4, 3]


EDITOR = """
<label><select data-dial="padding" disabled><option>valid</option><option>same</option></select>
<b class="ft-printed"></b></label>
<label><select data-dial="preset" disabled><option>ones</option><option>own</option></select>
<b class="ft-printed"></b></label>
<input type="number" min="-9" max="9" step="any" data-dial="kernel" data-cell="0 0" disabled>
<input type="number" min="-9" max="9" step="any" data-dial="kernel" data-cell="0 1" disabled>
<p data-slot="said"></p><ul data-parts="items"></ul><p data-slot="draws"></p>
<p aria-live="polite"></p>
"""
FIGURE = """figure({
  view: ({ padding, kernel }) => ({
    said: JSON.stringify([padding, kernel]),
    items: kernel[0].map((weight) => `<li>${weight}</li>`).join(""),
    preset: String(kernel) === "1,1" ? "ones" : "own",
    draws: (window.count = (window.count ?? 0) + 1),
  }),
  sentence: ({ said }) => `Now ${said}`,
  follow: (values, { preset }) => (preset === "ones" ? { kernel: [[1, 1]] } : {}),
  listen: (root, { set }) => (window.set = set),
})"""


@pytest.fixture
def editor(open_page):
    """A page with a small figure: a menu, one that is no dial, a table, and what it says."""
    source = (_live.FOLDER / "live.js").read_text("utf-8")
    values = '{ data: {}, dials: ["padding", "kernel"], padding: "same", kernel: [[1, -2]] }'
    script = f"""{source}
      window.model = pageModel({values});
      start(document.querySelector("#figure"), model, {FIGURE});"""
    return open_page(f'<div id="figure">{EDITOR}</div><script type="module">{script}</script>')


def said(page):
    return page.locator("[data-slot=said]").text_content()


def test_choices_and_tables_follow_their_inputs_and_move_them(editor):
    assert said(editor) == '["same",[[1,-2]]]'
    menu = editor.locator("select").first
    menu.select_option("valid")
    assert editor.locator(".ft-printed").first.text_content() == "valid"
    cell = editor.locator("[data-cell='0 1']")
    cell.fill("0.5")
    assert said(editor) == '["valid",[[1,0.5]]]'
    for half_typed in ("", "90"):
        cell.fill(half_typed)
        assert said(editor) == '["valid",[[1,0.5]]]'
    editor.evaluate("model.set('kernel', [[3, 4]])")
    assert [editor.locator("input").nth(i).input_value() for i in range(2)] == ["3", "4"]


def test_a_number_shows_three_decimals_but_not_while_it_is_typed(editor):
    first, cell = editor.locator("input").all()
    cell.fill("0.12345")
    assert (cell.input_value(), said(editor)) == ("0.12345", '["same",[[1,0.12345]]]')
    first.focus()
    assert (cell.input_value(), said(editor)) == ("0.123", '["same",[[1,0.12345]]]')


def test_an_input_that_is_no_dial_sets_what_follows_and_shows_what_is_so(editor):
    menu = editor.locator("select").nth(1)
    assert menu.input_value() == "own"
    menu.select_option("ones")
    assert said(editor) == '["same",[[1,1]]]'
    assert editor.locator("[aria-live]").text_content() == 'Now ["same",[[1,1]]]'
    menu.select_option("own")  # which says nothing
    assert menu.input_value() == "ones"
    editor.locator("input").first.fill("2")
    assert menu.input_value() == "own"
    assert editor.evaluate("model.get('preset') === undefined")


def test_what_a_view_makes_anew_may_be_html(editor):
    assert editor.locator("li").all_text_contents() == ["1", "-2"]
    editor.evaluate("model.set('kernel', [[5, 6]])")
    assert editor.locator("li").all_text_contents() == ["5", "6"]


def test_several_dials_are_drawn_once_and_what_is_so_already_not_again(editor):
    draws = editor.locator("[data-slot=draws]")
    assert draws.text_content() == "1"
    editor.evaluate("set({ padding: 'valid', kernel: [[7, 8]] })")
    assert (said(editor), draws.text_content()) == ('["valid",[[7,8]]]', "2")
    editor.evaluate("set({ padding: 'valid' })")
    assert draws.text_content() == "2"
