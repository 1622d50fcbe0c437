"""What every live figure keeps: on the page, in a notebook, with and without its script."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from figures import FIGURES, open_widget
from live_figures import drawn

from facebook_tut import _live, interactive

FOLDER = Path(interactive.__file__).parent
NAMES = sorted(FIGURES)
SWITCHED = ("disabled", "data-lm-suppress-shortcuts", "name", "value", "checked", "selected")
# What a reader sees and hears of a figure: its elements, and what each input is set to.
LOOK = """([root, switched]) => {
  const inputs = [...root.querySelectorAll("input, select")];
  const set = inputs.map((one) => one.type === "radio" ? one.checked : one.value);
  const bare = root.cloneNode(true);
  for (const one of bare.querySelectorAll("script, style, [aria-live], noscript")) one.remove();
  for (const one of bare.querySelectorAll("*")) {
    const kept = [...one.attributes].filter(({ name }) => !switched.includes(name));
    const sorted = kept.map(({ name, value }) => [name, value]).sort();
    for (const { name } of [...one.attributes]) one.removeAttribute(name);
    for (const [name, value] of sorted) one.setAttribute(name, value);
  }
  const after = document.querySelector("#after").getBoundingClientRect().top;
  return [bare.innerHTML.replace(/\\s+/g, " ").trim(), set, after];
}"""


@pytest.fixture(params=NAMES)
def make(request):
    """A function that makes a figure with these dials."""
    return FIGURES[request.param]


@pytest.fixture(params=NAMES, scope="module")
def figure(request):
    """A figure as it is at first. Do not move it."""
    return FIGURES[request.param]()


def built(figure):
    """Return a figure's HTML as the book's page has it."""
    return drawn(figure._repr_html_())


def unscripted(html):
    """Return HTML whose script does not begin."""
    return re.sub(r"^mount\(", "// mount(", html, flags=re.MULTILINE)


def others(figure):
    """Return a value for each dial that it does not have."""
    return {name: other(kind, figure._values[name]) for name, kind in figure._dials.items()}


def other(kind, value):
    """Return a value that a dial takes and that is not `value`."""
    if isinstance(kind, _live.Choice):
        return next(option for option in kind.options if option != value)
    if isinstance(kind, _live.Table):
        return [[kind.high if cell != kind.high else kind.low for cell in row] for row in value]
    if isinstance(value, list):  # positions in a picture
        return [[0, kind.last_y], [kind.last_x, 0]]
    return kind.high if value != kind.high else kind.low


def look(page, figure=0):
    """Return what is seen of a figure on a page."""
    root = page.locator(".ft-live").nth(figure).element_handle()
    return page.evaluate(LOOK, [root, list(SWITCHED)])


def test_every_figure_keeps_the_contract():
    folders = {script.parent.name for script in FOLDER.glob("*/figure.js")}
    assert set(NAMES) == folders - {"photos"}  # it is nothing without Python


def test_import_loads_no_widget_or_plotting_library():
    heavy = ("anywidget", "ipywidgets", "IPython", "matplotlib", "tensorflow")
    code = f"import sys, facebook_tut.interactive; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_html_depends_on_the_figure_alone_and_fetches_nothing(make):
    figure = make()
    first, again, moved = (one._repr_html_() for one in (figure, make(), make(**others(figure))))
    assert first == again != moved
    assert not re.search(r'https?:|@import|(?: src="|url\()(?!data:|\$\{)', first)
    assert len(built(figure)) < 250_000


def test_widget_and_python_move_each_other(make):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    figure = make()
    first, moved = dict(figure._values), others(figure)
    for name, value in moved.items():
        assert getattr(figure.widget, name) == first[name]
        setattr(figure, name, value)
        assert getattr(figure.widget, name) == value
    figure.widget.set_state(first)  # what the page does
    assert {name: getattr(figure, name) for name in first} == first


def test_no_dial_is_invented(figure):
    with pytest.raises(AttributeError, match="no dial 'flavour'; the dials are"):
        figure.flavour = "sweet"
    assert set(figure._dials) <= set(dir(figure))


def test_a_notebook_viewer_says_where_the_figure_lives(open_page, figure):
    page = open_page(figure, java_script_enabled=False)
    assert page.locator(".ft-live").inner_text().strip().startswith("Here stands a live figure.")
    assert page.locator("input, button, select").count() == 0


def test_without_javascript_the_still_is_complete(open_page, figure):
    page = open_page(built(figure), java_script_enabled=False)
    assert page.locator("noscript p").is_visible()
    controls = page.locator(".ft-live :is(input, select, button)")
    assert controls.count() > 0
    assert all(control.is_disabled() for control in controls.all())
    assert page.locator("path:not([d]), img:not([src]), [data-parts]:empty").count() == 0


def test_the_script_takes_over_without_a_jump_and_a_notebook_draws_the_same(open_page, figure):
    live = look(open_page(built(figure)))
    assert look(open_page(unscripted(built(figure)))) == live
    assert look(open_page(figure)) == live


def test_the_widget_moves_to_what_a_page_shows(open_page, make):
    figure = make()
    moved = others(figure)
    page = open_widget(open_page, figure)
    page.evaluate("(moved) => Object.entries(moved).forEach(([n, v]) => model.set(n, v))", moved)
    seen = look(page)  # Python moved every dial
    page.locator(".ft-live").evaluate(MOVE)
    held = page.evaluate("(names) => names.map((name) => model.get(name))", [*moved])
    assert held != [*moved.values()]
    html = built(make(**moved))
    assert look(open_page(unscripted(html))) == look(open_page(html)) == seen


MOVE = """(root) => {
  const control = root.querySelector(
    "[data-dial]:is([type=range], select, :not(:checked)), [data-set][aria-pressed=false]");
  if (control.localName === "select") control.selectedIndex += control.selectedIndex ? -1 : 1;
  else if (control.type === "range")
    control.value = control.value === control.max ? control.min : control.max;
  if (["radio", undefined].includes(control.type) || control.localName === "button")
    return control.click();
  for (const kind of ["input", "change"])
    control.dispatchEvent(new Event(kind, { bubbles: true }));
}"""


def test_equal_figures_on_one_page_live_apart_and_say_what_changed(open_page, figure):
    page = open_page(built(figure), built(figure))
    first, second = look(page, 0)[:2], look(page, 1)[:2]
    assert first == second
    page.locator(".ft-live").nth(1).evaluate(MOVE)
    assert look(page, 0)[:2] == first != look(page, 1)[:2]
    said = page.locator(".ft-live [aria-live]")
    assert said.nth(0).text_content() == "" != said.nth(1).text_content()


SWEEP = """async (root) => {
  const after = () => {
    const box = root.parentNode;
    return `${document.querySelector("#after").getBoundingClientRect().top} ` +
      (box.scrollWidth - box.clientWidth);
  };
  const seen = new Set([after()]), fire = (control) => {
    control.dispatchEvent(new Event("input", { bubbles: true }));
    seen.add(after());
  };
  const all = (selector) => [...root.querySelectorAll(selector)];
  const menus = () => {
    for (const menu of all("select"))
      for (const option of [...menu.options]) { menu.value = option.value; fire(menu); }
    for (const button of all("input[type=radio], [data-set]")) {
      button.click();
      seen.add(after());
    }
  };
  menus();
  for (const slider of all("[data-dial][type=range]"))
    for (let step = 0; step <= 8; step++) {
      const [low, high] = [Number(slider.min), Number(slider.max)];
      slider.value = low + ((high - low) * step) / 8;
      fire(slider);
    }
  menus();
  return [...seen];
}"""


def test_nothing_below_moves_and_nothing_overflows_at_any_setting(open_page, figure):
    page = open_page(f'<div style="overflow: auto">{built(figure)}</div>')
    for width in (300, 390, 660, 800):
        page.set_viewport_size({"width": width + 16, "height": 800})
        seen = page.locator(".ft-live").evaluate(SWEEP)
        assert len(seen) == 1, f"at {width} pixels"
        assert seen[0].endswith(" 0"), f"at {width} pixels"


REACHED = """(root) => [...root.querySelectorAll("input, select, button")]
  .filter((one) => one.checkVisibility())
  .map((one) => {
    const named = one.ariaLabel || one.labels?.[0]?.innerText || one.innerText ||
      one.querySelector("img").alt;
    one.focus();
    return named.trim() !== "" && one === document.activeElement;
  })"""


def test_every_control_has_a_name_and_takes_the_focus(open_page, figure):
    reached = open_page(built(figure)).locator(".ft-live").evaluate(REACHED)
    assert len(reached) > 0 and all(reached)
