"""The built pages in a browser: every page loads whole, and every live figure answers real events.

The pages are built from the outputs that the notebooks store, so nothing is executed here; that
those outputs are true is what ``pytest --nbval`` tests.
"""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import colab
import numpy as np
import pytest
import skimage.data
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup, SoupStrainer
from playwright.sync_api import expect
from scipy import signal

from facebook_tut import recorded

ROOT = Path(__file__).resolve().parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
HANG = 300_000  # milliseconds that nothing takes, however slow the machine
expect.set_options(timeout=HANG)
PAGES = [TOC["root"], *(c["file"] for part in TOC["parts"] for c in part["chapters"])]


# Every page

PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 900}
# What text looks like costs most to judge, and most of it looks the same: by its tag, class and
# style and those of all around it. This empties what has no text of a look not seen before.
EMPTY_SEEN = """known => {
    const seen = new Set(known), fresh = new Set(), needed = new Set();
    const chain = one => one ? [one, ...chain(one.parentElement)] : [];
    const own = one => [one.tagName, one.getAttribute("class"), one.getAttribute("style"),
        (one.sectionRowIndex ?? 0) % 2].join(".");
    const text = one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const elements = [...document.querySelectorAll("body *")];
    for (const element of elements.filter(text)) {
        const all = chain(element), look = all.map(own).join(" ");
        if (seen.has(look)) { continue; }
        seen.add(look), fresh.add(look), all.forEach(one => needed.add(one));
    }
    for (const one of document.querySelectorAll("body, style")) {  // a figure brings its own
        chain(one).forEach(one => needed.add(one));
    }
    const outermost = one => !needed.has(one) && needed.has(one.parentElement);
    window.emptied = elements.filter(outermost).map(one => [one, one.cloneNode(false)]);
    for (const [one, empty] of emptied) {
        empty.classList.add("looked-at");
        one.replaceWith(empty);
    }
    return [...fresh];
}"""
# Of code and formulas, whose parts have no roles and names, the other rules get a line, a letter.
SHOW_SHORT = """() => {
    emptied.forEach(([one, empty]) => empty.replaceWith(one));
    for (const code of document.querySelectorAll(".highlight pre")) {
        code.textContent = code.textContent.trim().split("\\n")[0];
    }
    for (const drawn of document.querySelectorAll(".katex-html")) { drawn.replaceChildren("x"); }
}"""
# Boxes that scroll sideways, though a desk has room for what is in them
SCROLLING = """() => {
    const all = document.querySelectorAll(
        ".bd-article :is(pre, div.math, .output, .pst-scrollable-table-container, .ft-live *)"
    );
    const wide = box => box.clientWidth && box.scrollWidth > box.clientWidth + 1;
    const cuts = box => getComputedStyle(box).overflowX !== "visible";
    const sheet = box => box.matches(".ft-pixels, .ft-hidden");  // one picture of many; unseen
    const cut = [...all].filter(box => wide(box) && cuts(box) && !sheet(box));
    return cut.map(box => `${box.tagName} ${box.className}: ${box.textContent.slice(0, 80)}`);
}"""
# Formulas on lines of their own of which their box shows not everything
CUT = """() => [...document.querySelectorAll("div.math")].filter(box => {
    const outer = box.getBoundingClientRect();
    return [...box.querySelectorAll(".base, .eqno")].some(part => {
        const inner = part.getBoundingClientRect();
        return inner.top < outer.top || inner.bottom > outer.bottom
            || inner.left < outer.left || inner.right > outer.right;
    });
}).map(box => box.textContent)"""
# Marks of punctuation that a formula has let go to the next line
LOST = """() => [...document.querySelectorAll("span.formula")].filter(group => {
    const mark = document.createRange(), after = group.lastChild;
    if (after.nodeType !== 3) { return false; }
    mark.setStart(after, 0), mark.setEnd(after, 1);
    const last = [...group.querySelectorAll(".base")].at(-1);
    return mark.getBoundingClientRect().top > last.getBoundingClientRect().bottom;
}).map(group => group.textContent)"""
# Words and marks beside a formula that are not held to it
LOOSE = """() => [...document.querySelectorAll("span.math")].filter(({ parentElement: group }) => {
    const beside = [group.previousSibling?.data?.at(-1), group.nextSibling?.data?.[0]];
    return !group.matches(".formula") || beside.some(letter => /\\S/.test(letter ?? " "));
}).map(formula => formula.parentElement.textContent.slice(0, 60))"""
UNHIDDEN = (
    "section { content-visibility: visible !important } .looked-at { display: none !important }"
)
UNFOLD = "document.querySelectorAll('details').forEach(part => { part.open = true; })"
# axe's rules that are about what text looks like alone
LOOKS = ("color-contrast", "link-in-text-block")
SHIFT = """new Promise(done => {
    setTimeout(() => done(0), 300);  // nothing moved
    const sum = list => list.getEntries().reduce((sum, entry) => sum + entry.value, 0);
    new PerformanceObserver(list => done(sum(list))).observe({type: "layout-shift", buffered: true})
})"""


@pytest.fixture(scope="module", params=PAGES)
def page(request, opened):
    """Each page in turn, opened once for all tests that take it: on a phone, in the dark."""
    with opened() as open_:
        options = {"viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}
        page = open_(request.param, **options)
        page.shift = page.evaluate(SHIFT)
        yield page


def width(page):
    return page.evaluate("document.documentElement.scrollWidth")


def violations(page, *only):
    """What axe-core finds against accessibility by all rules but LOOKS, or by these only."""
    # What scrolls is reached by keyboard once it is near: there is a test for it.
    others = {rule: {"enabled": False} for rule in ("scrollable-region-focusable", *LOOKS)}
    rules = {"runOnly": only} if only else {"rules": others}
    options = {"preload": False, "resultTypes": ["violations"], **rules}
    run = "async options => (await axe.run(document, options)).violations"
    found = page.evaluate(run, options)
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found for node in rule["nodes"]]


def test_a_page_fits_every_screen_and_nothing_moves_while_it_loads(page):
    assert page.shift < 0.05
    for across in (390, 768, 1024, 3840):
        page.set_viewport_size({"width": across, "height": 900})
        assert width(page) <= across
    page.set_viewport_size(PHONE)


def test_a_page_is_whole(page):
    assert page.locator("article h1").count() == 1
    formulas = page.locator(".math")
    assert formulas.count() == page.locator(".math:has(math):has(.katex-html)").count()
    flat = "drawn => drawn.filter(one => !one.getBoundingClientRect().height).length"
    assert page.locator(".math .katex-html").evaluate_all(flat) == 0
    assert page.locator("img:not([alt])").count() == 0
    expect(page.locator("[data-live]"), "a live figure did not start").to_have_count(0)
    stills = page.locator("figure.numbered-figure > img").count()  # in folded solutions too
    assert page.locator("button.enlarge[aria-label^='Enlarge Figure ']").count() == stills


def test_nothing_that_a_reader_needs_is_cut(page):
    unfolded = page.add_style_tag(content="section { content-visibility: visible !important }")
    page.evaluate(UNFOLD)
    assert page.evaluate(LOOSE) == []
    assert page.evaluate(LOST) == []
    page.set_viewport_size(DESK)
    assert page.evaluate(SCROLLING) == []
    assert page.evaluate(CUT) == []
    assert page.evaluate(LOST) == []
    page.set_viewport_size(PHONE)
    unfolded.evaluate("style => style.remove()")


def stored_prints(name):
    """What each code cell of a chapter has printed, as the notebook stores it."""
    notebook = json.loads((ROOT / f"{name}.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "stream":
                yield "".join(output["text"])


def test_what_is_printed_stands_as_it_is_stored(page):
    name = page.url.partition("/html/")[2].removesuffix(".html")
    if not (ROOT / f"{name}.ipynb").exists():
        return
    shown = page.locator("div.output.stream pre").all_text_contents()
    assert [text.rstrip("\n") for text in shown] == [
        text.rstrip("\n") for text in stored_prints(name)
    ]


def answer(form, right, by_mouse):
    """Give a question its right answer."""
    option = form.locator(f"input[type=radio][value='{right}']")
    if not option.count():
        form.locator("input").press_sequentially(str(right))
    elif by_mouse:
        option.check()
    else:
        option.press("Space")
    button = form.get_by_role("button", name="Check")
    button.click() if by_mouse else button.press("Enter")


def test_every_quiz_question_takes_its_answer_by_mouse_and_keyboard(page):
    quiz = page.locator(".ft-live:has(form.ft-question)")
    if not re.search(r"/\d\d_", page.url):  # no numbered chapter
        assert quiz.count() == 0
        return
    data = json.loads(quiz.locator("script[type='application/json']").text_content())
    forms = quiz.locator("form")
    assert forms.count() == len(data["questions"]) >= 3
    for number, question in enumerate(data["questions"]):
        answer(forms.nth(number), question["answer"], by_mouse=number % 2 == 0)
        assert forms.nth(number).get_by_role("status").text_content().startswith("✓ Right.")


def test_every_slider_of_a_live_figure_answers_the_keyboard(page):
    for figure in page.locator(".ft-live:not(:has(form.ft-question))").all():
        dials, answered = figure.locator("input[type=range]:enabled").all(), False
        for dial in dials:
            before, start = figure.inner_html(), dial.input_value()
            dial.press("Home" if start == dial.get_attribute("max") else "End")
            assert dial.input_value() != start
            answered = answered or figure.inner_html() != before
        assert answered or not dials, "no slider changes what the figure shows"


def test_what_scrolls_sideways_is_reached_by_keyboard(page):
    boxes = page.locator(".bd-article").locator("pre, div.math, .pst-scrollable-table-container")
    widths = boxes.evaluate_all("boxes => boxes.map(box => box.scrollWidth - box.clientWidth)")
    scrolling = [boxes.nth(number) for number, more in enumerate(widths) if more > 1]
    for box in scrolling[:3] + scrolling[-1:]:
        if box.is_visible():  # not inside what is folded
            box.scroll_into_view_if_needed()
            expect(box).to_have_attribute("tabindex", "0")


def turn(page, scheme, window):
    """Let a page be read in light or dark, in a window of this size."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(window)
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")


@pytest.fixture(scope="module")
def looks():
    """What text can look like on the pages so far."""
    return []


def test_a_page_is_accessible_on_a_phone_in_the_dark_and_on_a_desk_in_the_light(page, looks):
    page.add_style_tag(content=UNHIDDEN)
    page.evaluate(Axe().axe_script)
    page.mouse.move(0, 0)  # what it is over looks different
    looks += page.evaluate(EMPTY_SEEN, looks)
    turn(page, "dark", PHONE)
    assert violations(page, *LOOKS) == []
    turn(page, "light", DESK)
    assert violations(page, *LOOKS) == []
    page.evaluate(SHOW_SHORT)
    if page.url.endswith(("intro.html", "08_full_training_code.html")):
        assert violations(page) == []  # a desk shows other menus, alike on all pages
    turn(page, "dark", PHONE)
    assert violations(page) == []


def test_every_page_of_the_reference_is_whole_and_accessible_on_a_phone(open_built, pages, looks):
    # One template makes them all, so one window will do, and the rules but for looks on a page of
    # each kind: a module, a folder with classes, the commands.
    names = sorted(path.stem for path in (pages / "book" / "api").glob("*.html"))
    page = open_built("book/api", viewport=PHONE, color_scheme="dark", reduced_motion="reduce")
    for name in names:
        page.goto((pages / "book" / "api" / f"{name}.html").as_uri())
        page.add_style_tag(content=UNHIDDEN)
        assert width(page) <= PHONE["width"], name
        assert page.locator("article h1").count() == 1
        page.evaluate(Axe().axe_script)
        fresh = page.evaluate(EMPTY_SEEN, looks)
        looks += fresh
        assert not fresh or violations(page, *LOOKS) == [], name
        if name in ("alignment", "cli", "matching"):
            page.evaluate(SHOW_SHORT)
            assert violations(page) == [], name


# The whole


def test_every_link_and_anchor_resolves(pages):
    texts = {path: path.read_text("utf-8") for path in pages.rglob("*.html")}
    anchors = {path: set(re.findall(r'\bid="([^"]*)"', text)) for path, text in texts.items()}
    broken = []
    for path, text in texts.items():
        seen = re.sub(r"<script\b(?: type=\"module\")?>.*?</script>", "", text, flags=re.DOTALL)
        for link in re.findall(r'\b(?:href|src)="([^"]*)"', seen):
            file, _, anchor = unquote(html.unescape(link)).partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            target = (path.parent / file.partition("?")[0]).resolve() if file else path
            known = anchors.get(target, {anchor})  # none are known of what is no page
            if link.startswith("/") or not target.exists() or (anchor and anchor not in known):
                broken.append(f"{path.name}: {link}")
    assert broken == []


@pytest.fixture(scope="module")
def articles(pages):
    """Each chapter's number and its text, parsed. Do not change it."""
    paths, only = sorted((pages / "book").glob("[01]*.html")), SoupStrainer("article")
    texts = (path.read_text("utf-8") for path in paths)
    soups = [BeautifulSoup(text, "html.parser", parse_only=only) for text in texts]
    return [(int(path.name[:2]), soup) for path, soup in zip(paths, soups, strict=True)]


def test_citations_lead_to_references_and_equations_are_numbered_by_chapter(articles):
    raw, apart = re.compile(r"[Ee]quation \(\d|\bet al\b|\\tag"), ["annotation", "pre", "code", "a"]
    for chapter, page in articles:
        assert page.h1.get_text().startswith(f"{chapter}. ")
        numbers = [node.find(string=True) for node in page(class_="eqno")]
        assert numbers == [f"({chapter}.{n})" for n in range(1, len(numbers) + 1)]
        cited = page.select('a[href^="references.html#"]')
        assert len(cited) > 5 and all(re.search(r"\d{4}[a-z]?\)?$", a.get_text()) for a in cited)
        assert [text for text in page(string=raw) if not text.find_parent(apart)] == []


def test_what_is_folded_says_what_it_is_and_every_exercise_has_a_solution(articles):
    things = ("the code", "the solution", "the solution in words")
    for _, page in articles:
        folds = page.select(".hide > summary")
        prompts = [tuple(line.get_text() for line in fold("p")) for fold in folds]
        assert set(prompts) <= {(f"Show {thing}", f"Hide {thing}") for thing in things}
        exercises = page.select(".admonition.tip")
        assert prompts.count(("Show the solution", "Hide the solution")) == len(exercises) > 2


def test_the_copies_for_colab_know_where_the_pages_are(pages):
    page = (pages / "book" / "faq.html").read_text("utf-8")
    address = colab.page_address(ROOT / "book" / "faq.md")
    assert f'<link rel="canonical" href="{address}"' in page


def test_the_search_finds_a_word(open_built):
    page = open_built("search")
    page.locator(".bd-search-container input[name=q]").fill("logit")
    page.locator(".bd-search-container input[name=q]").press("Enter")
    page.locator("#search-results li a", has_text="Binary cross-entropy").wait_for()


def test_the_buttons_of_a_chapter_open_its_own_file(pages):
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    place = config["repository"]["url"].removeprefix("https://github.com/")
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        text = (pages / "book" / f"{path.stem}.html").read_text("utf-8")
        colab = (
            f"https://colab.research.google.com/github/{place}/blob/main/open_in_colab/{path.name}"
        )
        assert f'<a class="colab-badge" href="{colab}">Open in Colab</a>' in text
        assert text.count(colab) == 2  # the menu's, too
        assert not re.search(r"<img [^>]*\.svg", text), "a picture where words do"
        assert f"/v2/gh/{place}/main?urlpath=lab/tree/book/{path.name}" in text  # Binder
        assert (pages / "_sources" / "book" / path.name).is_file()  # the download
        assert f"_sources/book/{path.name}" in text


def test_the_lists_for_search_engines_name_every_page(pages):
    listed = (pages / "sitemap.xml").read_text("utf-8")
    for name in [
        *PAGES,
        *(f"book/api/{path.stem}" for path in (pages / "book/api").glob("*.html")),
    ]:
        assert f"{name}.html</loc>" in listed
        head = (pages / f"{name}.html").read_text("utf-8").partition("<body")[0]
        described = re.search(r'name="description" content="([^"]*)"', head)
        assert 40 < len(html.unescape(described[1])) < 170
        assert f"/{name}.html" in re.search(r'rel="canonical" href="([^"]*)"', head)[1]


@pytest.mark.parametrize(("window", "scheme"), [(PHONE, "dark"), (DESK, "light")])
def test_a_still_picture_opens_at_a_size_at_which_its_words_read(open_built, window, scheme):
    page = open_built("book/05_pooling", viewport=window, color_scheme=scheme)
    button = page.get_by_role("button", name="Enlarge Figure 5.3")
    button.press("Enter")
    dialog = page.get_by_role("dialog", name="Figure 5.3")
    picture = dialog.get_by_role("img", name=re.compile("table", re.IGNORECASE))
    assert picture.bounding_box()["width"] >= 725  # a line of 8 points is 11 pixels high
    box = dialog.get_by_role("group")
    page.keyboard.press("Tab")
    expect(box).to_be_focused()  # and so scrolls from the keyboard
    assert width(page) <= window["width"]
    page.evaluate(Axe().axe_script)
    assert violations(page) == violations(page, *LOOKS) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    button.click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    page.emulate_media(media="print")
    expect(button).to_be_hidden()


# The live figures, each with its own numbers


def test_a_figure_starts_when_it_comes_near_and_all_do_at_the_first_key(open_built):
    page = open_built("book/02_face_recognition", key=None, viewport=PHONE)
    first = page.locator(".ft-live").first
    dial = first.locator("input[type=range]").first
    page.wait_for_timeout(300)
    assert page.locator(".ft-live[data-live]").count() == 2 and dial.is_disabled()
    first.evaluate("figure => figure.scrollIntoView()")
    expect(dial).to_be_enabled()
    assert page.locator(".ft-live[data-live]").count() == 1
    page.keyboard.press("Shift")
    assert page.locator(".ft-live[data-live]").count() == 0


HEAVY = "book/14_own_photographs"  # a figure with a network


def test_a_heavy_figure_loads_when_it_comes_near_and_brings_its_pictures(opened):
    asked = []
    with opened() as open_:
        page = open_(HEAVY, key=None, viewport=PHONE)
        page.on("request", lambda request: asked.append(request.url))
        figure = page.locator(".ft-live:has(.ft-nearer)")
        page.wait_for_timeout(300)
        assert not asked and figure.locator("button").first.is_disabled()
        figure.evaluate("figure => figure.scrollIntoView()")
        expect(figure.locator("[data-do=load]")).to_be_enabled()
        scripts = [url for url in asked if ".js" in url]
        assert len(scripts) == 1 and "_static/live/" in scripts[0]
        large = figure.locator("img[data-picture]")
        assert large.count() and large.evaluate_all("all => all.every(one => one.naturalWidth)")
        assert large.first.get_attribute("src").startswith("data:")  # its pixels can be read


def test_a_heavy_figure_that_does_not_load_says_so_and_keeps_its_still(browser, pages):
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.route("**/_static/live/*.js*", lambda route: route.abort())
        page.goto((pages / f"{HEAVY}.html").as_uri())
        page.keyboard.press("Shift")
        figure = page.locator(".ft-live:has(.ft-nearer)")
        expect(figure.get_by_text("This figure could not be loaded.")).to_have_count(1)
        assert figure.locator("table").is_visible()


def test_a_box_that_scrolls_is_found_when_it_comes_near_or_is_unfolded(open_built):
    page = open_built("book/02_face_recognition", key=None, viewport=PHONE)
    wide = "box => box.scrollWidth > box.clientWidth + 1"
    boxes = page.locator("details.hide pre").all()
    folded = next(box for box in boxes[::-1] if box.evaluate(wide))
    assert folded.get_attribute("tabindex") is None
    folded.evaluate("box => box.closest('details').open = true")
    expect(folded).to_have_attribute("tabindex", "0")


def slot(figure, name):
    return figure.locator(f"[data-slot={name}]").first.text_content()


def number(text):
    return float(text.replace("−", "-"))


def point(picture, row, column, rows, columns):
    """Move the mouse over a cell of a picture, once it stands still."""
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    across, down = (column + 0.5) / columns, (row + 0.5) / rows
    picture.hover(position={"x": across * box["width"], "y": down * box["height"]})


def test_the_convolution_explorer_answers_on_its_page(open_built):
    page = open_built("book/04_convolution")
    figure = page.locator(".ft-convolution")
    face = skimage.data.lfw_subset()[93]
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    expected = signal.correlate2d(face, sobel, "valid")
    for row, column in [(3, 4), (20, 11), (0, 22)]:
        point(figure.locator("img[data-slot=map]"), row, column, 23, 23)
        assert (int(slot(figure, "row")), int(slot(figure, "column"))) == (row, column)
        assert number(slot(figure, "sum")) == pytest.approx(expected[row, column], abs=0.02)
    figure.locator("select[data-dial=padding]").select_option("same")
    assert slot(figure, "size") == "25 × 25"
    figure.locator("input[data-dial=stride]").press("End")
    assert slot(figure, "size") == "7 × 7"
    figure.locator("[data-cell='1 1']").fill("5")
    assert number(slot(figure, "product4")) == pytest.approx(
        5 * number(slot(figure, "pixel4")), abs=0.01
    )


def test_the_pooling_explorer_answers_on_its_page(open_built):
    page = open_built("book/05_pooling")
    figure = page.locator(".ft-pooling")
    rows, columns = map(int, slot(figure, "size").split(" × "))
    point(figure.locator("img[data-slot=map]"), 2, 3, rows, columns)
    assert (int(slot(figure, "row")), int(slot(figure, "column"))) == (2, 3)
    before = slot(figure, "map_change")
    figure.locator("[data-dial=shift_right]").press("ArrowRight")
    assert slot(figure, "right") == "1" and slot(figure, "map_change") != before
    figure.get_by_role("button", name="Put it back").click()
    assert slot(figure, "map_change") == before
    figure.locator("select[data-dial=kind]").select_option("average")
    assert "average" in slot(figure, "title").lower() or "mean" in slot(figure, "title").lower()


def test_the_network_explorer_answers_on_its_page(open_built):
    page = open_built("book/03_convolutional_networks")
    figure = page.locator(".ft-network")
    figure.locator("[data-set='layer 6']").click()
    point(figure.locator("img[data-slot=map]"), 2, 3, 6, 6)
    assert (int(slot(figure, "row")), int(slot(figure, "column"))) == (2, 3)
    assert "22" in slot(figure, "size")  # pixels of its receptive field
    figure.locator("[data-set='layer 1']").click()
    figure.locator("[data-dial=row]").press("Home")
    assert slot(figure, "row") == "0"
    assert "3" in slot(figure, "size")


def test_the_cross_entropy_explorer_answers_on_its_page(open_built):
    page = open_built("book/07_cross_entropy")
    figure = page.locator(".ft-entropy")
    figure.get_by_role("button", name="Confidently wrong").click()
    z, label = number(slot(figure, "z")), int(figure.get_attribute("data-label"))
    wrong = -z if label else z  # how far on the wrong side
    assert wrong == 5
    assert number(slot(figure, "entropy")) == pytest.approx(np.log1p(np.exp(5)), abs=1e-3)
    assert abs(number(slot(figure, "entropy_pull"))) > 0.99
    assert abs(number(slot(figure, "squared_pull"))) < 0.02
    figure.locator("[data-dial=logit]").press("Home")
    assert number(slot(figure, "z")) == -8


def test_the_curves_explorer_answers_on_its_page(open_built):
    page = open_built("book/16_challenge_data_scarcity")
    figure = page.locator(".ft-curves")
    people = int(slot(figure, "x").replace(",", ""))
    figure.locator("[data-dial=at]").press("End")
    assert int(slot(figure, "x").replace(",", "")) == 1184 > people
    measured = recorded.load("lfw_trainings")["studies"]["people"]["1184"]["trainings"]
    tars = [one["all_pairs"]["operating_points"]["0.01"]["tar"]["value"] for one in measured]
    missed = 1 - np.mean(tars)
    assert number(slot(figure, "value_0")) == pytest.approx(missed, abs=0.006)


def test_the_watch_list_answers_on_its_page(open_built):
    page = open_built("book/15_trends")
    figure = page.locator(".ft-curves")
    measured = recorded.load("watch_list")
    at = measured["thresholds"].index(0.42)

    def shown(panel):
        """Return what the table says of the list of 100, where the slider stands at first."""
        figure.locator("[data-dial=panel]").select_option(panel)
        assert slot(figure, "x") == "0.42"
        return number(slot(figure, "value_1").rstrip(" %"))

    found = {name: measured["lists"]["100"][name][at] for name in ("fpir", "dir")}
    assert shown("strangers who set off an alarm") == pytest.approx(100 * found["fpir"], abs=0.06)
    assert shown("listed people who are found") == pytest.approx(100 * found["dir"], abs=0.06)
    right = found["dir"] / (found["dir"] + 99 * found["fpir"])
    shares = shown("alarms that are right, 1 in 100 is listed")
    assert shares == pytest.approx(100 * right, abs=0.06)
    figure.locator("[data-dial=at]").press("End")
    assert number(slot(figure, "x")) > 0.42 and slot(figure, "value_1") == "–"  # too few alarms


def test_the_severity_explorer_answers_on_its_page(open_built):
    page = open_built("book/17_challenge_data_quality")
    figure = page.locator(".ft-severity")
    figure.locator("[data-dial=kind]").select_option("noise")
    figure.locator("[data-dial=severity]").press("Home")
    assert slot(figure, "own") == "1.00" and slot(figure, "step").startswith("0 of 5")
    figure.locator("[data-dial=severity]").press("End")
    networks = recorded.load("lfw_quality")["severity"]
    for place, network in enumerate(("shipped", "camera")):
        measured = networks[network]["kinds"]["noise"][5]["fnmr"]["value"]
        shown = number(slot(figure, f"missed_{place}").rstrip(" %"))
        assert shown == pytest.approx(100 * measured, abs=0.51)
    assert 0.42 < number(slot(figure, "own")) < 1
    assert slot(figure, "verdict").startswith("Accepted")


def test_the_curves_of_privacy_answer_on_their_page(open_built):
    page = open_built("book/18_challenge_privacy")
    private = page.locator(".ft-curves")
    measured = recorded.load("privacy")
    private.locator("[data-dial=at]").press("End")
    assert number(slot(private, "x")) == 16
    aucs = [run["auc"] for run in measured["learning"]["people"]["300"]["private"]["16"]]
    assert number(slot(private, "value_2")) == pytest.approx(np.mean(aucs), abs=0.006)


def test_the_curves_of_fairness_answer_on_their_page(open_built):
    page = open_built("book/19_challenge_fairness")
    fair = page.locator(".ft-curves")
    measured = recorded.load("privacy")
    fair.locator("[data-dial=panel]").select_option("trained with half dark")
    fair.locator("[data-dial=at]").press("Home")
    assert number(slot(fair, "x")) == 0.7
    light = measured["judging"]["shares"]["half dark"][0]["curves"][0]["light"]["fmr"]
    shown = number(slot(fair, "value_0").split()[0])
    assert shown == pytest.approx(100 * light["successes"] / light["trials"], abs=0.01)


def test_the_alignment_explorer_answers_on_its_page(open_built):
    page = open_built("book/10_preprocessing")
    figure = page.locator(".ft-alignment")
    figure.get_by_role("button", name="True eyes").click()
    crop = figure.locator("img[data-slot=crop]")
    upright, right = number(slot(figure, "rotation").rstrip("°")), crop.get_attribute("src")
    assert number(slot(figure, "error").rstrip(" %")) == 0
    figure.get_by_role("button", name="Tilted 10°").click()
    tilted = number(slot(figure, "rotation").rstrip("°"))
    assert abs(abs(tilted - upright) - 10) < 1
    assert number(slot(figure, "error").rstrip(" %")) > 0
    figure.get_by_role("button", name="True eyes").click()
    figure.locator("input[data-cell='0 1']").press("Home")  # the left eye to the upper edge
    assert number(slot(figure, "left_y")) == 0
    assert abs(number(slot(figure, "rotation").rstrip("°")) - upright) > 10
    assert crop.get_attribute("src") != right


def test_the_embedding_explorer_answers_on_its_page(open_built):
    page = open_built("book/11_embeddings")
    figure = page.locator(".ft-embedding")
    last = slot(figure, "title")
    figure.locator("[data-dial=frame]").press("Home")
    assert slot(figure, "title") != last
    shares = figure.locator(".ft-snapshots tbody tr").all_text_contents()
    assert len(shares) >= 4  # snapshots, and any two faces
    figure.locator("[data-dial=face]").press("End")
    chosen = figure.locator("[data-dial=face]").get_attribute("max")
    assert slot(figure, "this_face") == chosen
    names = figure.locator("[data-dial=colour] option").all_text_contents()
    figure.locator("[data-dial=colour]").select_option(names[1])
    assert slot(figure, "low") and slot(figure, "high")


@pytest.mark.parametrize(
    "name",
    [
        "01_deep_learning",
        "02_face_recognition",
        "06_dense_layers",
        "08_full_training_code",
        "12_matching_and_evaluation",
        "13_lfw",
        "14_own_photographs",
    ],
)
def test_the_decision_explorer_answers_on_its_pages(open_built, name):
    page = open_built(f"book/{name}")
    figure = page.locator(".ft-decision").first
    dial = figure.locator("[data-dial=threshold]")
    dial.press("End")
    assert slot(figure, "cut") == "1.00"
    dial.press("Home")
    assert (slot(figure, "fn"), slot(figure, "tn")) == ("0", "0")  # everything is called a face
    assert slot(figure, "tp") == slot(figure, "faces")
