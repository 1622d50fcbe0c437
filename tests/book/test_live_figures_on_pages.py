"""The live figures as readers meet them: on the built pages, wide and dark, narrow and light.

`tests/interactive` tests each figure alone; a page's own styles must not change what it draws.
"""

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CHAPTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "book").glob("[01]*.ipynb"))
DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"}
PHONE = {"viewport": {"width": 390, "height": 800}, "color_scheme": "light"}
SHOWN = (
    "section { content-visibility: visible !important } #pst-skip-link { display: none !important }"
)


@pytest.fixture(
    scope="module",
    params=[(name, on) for name in CHAPTERS for on in ("desk", "phone")],
    ids="-".join,
)
def page(request, opened):
    """Each chapter in turn, on a desk in the dark and on a phone in the light."""
    name, on = request.param
    with opened() as open_:
        options = {"desk": DESK, "phone": PHONE}[on]
        page = open_(f"book/{name}", reduced_motion="reduce", **options)
        page.add_style_tag(content=SHOWN)
        yield page


# A figure's parts: where each lies in it, and what the picture that it is looks like.
PARTS = """root => {
    const at = root.getBoundingClientRect(), parts = [...root.querySelectorAll("*")];
    const drawn = one => one.checkVisibility() &&
        !["style", "path", "code", "wbr"].includes(one.localName);
    return parts.filter(drawn).map(one => {
        const { x, y, width, height } = one.getBoundingClientRect(), look = getComputedStyle(one);
        const name = `${one.localName}.${one.getAttribute("class")}`;
        const picture = [look.padding, look.borderWidth, look.filter, look.backgroundColor];
        return { name, box: [x - at.x, y - at.y, width, height],
                 picture: ["img", "svg"].includes(one.localName) ? picture.join() : "" };
    });
}"""
ALONE = """root => {
    const { fontFamily, fontSize, color } = getComputedStyle(root.parentElement);
    const { backgroundColor } = getComputedStyle(document.body);
    const body = document.createElement("body"), figure = root.cloneNode(true);
    figure.querySelectorAll("script").forEach(script => script.remove());
    const width = `${root.getBoundingClientRect().width}px`;
    Object.assign(body.style, { fontFamily, fontSize, color, backgroundColor, width, margin: 0 });
    body.append(figure);
    const theme = document.documentElement.dataset.theme;
    return `<!doctype html><html data-theme="${theme}">${body.outerHTML}</html>`;
}"""


def test_a_figure_is_on_its_page_what_it_is_alone(page):
    alone = page.context.new_page()
    for figure in page.locator(".ft-live").all():
        figure.locator("code").evaluate_all("all => all.forEach(one => one.remove())")
        alone.set_content(figure.evaluate(ALONE))
        here, there = (one.evaluate(PARTS) for one in (figure, alone.locator(".ft-live")))
        assert [part["name"] for part in here] == [part["name"] for part in there]
        for one, other in zip(here, there, strict=True):
            assert one["picture"] == other["picture"], one["name"]
            assert one["box"] == pytest.approx(other["box"], abs=0.6), one["name"]
    alone.close()


# Text: how large it is, how far from what is behind it, and how it is broken

TEXT = """
    const texts = [...document.querySelectorAll(".ft-live")].flatMap(root => {
        const found = [], walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const { data, parentElement: at } = walk.currentNode;
            const seen = at.checkVisibility({ visibilityProperty: true, opacityProperty: true });
            const unread = "style, script, noscript, option, .ft-hidden, :disabled";
            if (data.trim() && seen && !at.closest(unread)) found.push(walk.currentNode);
        }
        return found;
    });
"""
SMALL = """limit => {
    TEXT
    const size = ({ parentElement: at }) => parseFloat(getComputedStyle(at).fontSize) *
        (at.ownerSVGElement ? at.getScreenCTM().a : 1);
    return texts.filter(text => size(text) < limit).map(text => [text.data, size(text)]);
}""".replace("TEXT", TEXT)
FAINT = """() => {
    TEXT
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const read = new Map();
    const rgba = colour => {
        if (!read.has(colour)) {
            pen.clearRect(0, 0, 1, 1);
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
            read.set(colour, [...pen.getImageData(0, 0, 1, 1).data].map(part => part / 255));
        }
        return read.get(colour);
    };
    const over = (under, [r, g, b, a]) => [r, g, b].map((part, i) => a * part + (1 - a) * under[i]);
    const linear = part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
    const light = rgb => rgb.map(linear)
        .reduce((sum, part, i) => sum + part * [.2126, .7152, .0722][i], 0);
    const known = new Map([[null, { behind: [1, 1, 1], opacity: 1 }]]);
    const ground = one => {  // once for each element: most texts share those around them
        if (!known.has(one)) {
            const { behind, opacity } = ground(one.parentElement), look = getComputedStyle(one);
            const painted = over(behind, rgba(look.backgroundColor));
            known.set(one, { behind: painted, opacity: opacity * look.opacity });
        }
        return known.get(one);
    };
    const contrast = ({ parentElement }) => {
        const { behind, opacity } = ground(parentElement);
        const [r, g, b, a] = rgba(getComputedStyle(parentElement).color);
        const both = [behind, over(behind, [r, g, b, a * opacity])].map(light);
        const [low, high] = both.sort((p, q) => p - q);
        return (high + .05) / (low + .05);
    };
    return texts.filter(text => contrast(text) < 4.5).map(text => [text.data, contrast(text)]);
}""".replace("TEXT", TEXT)
BROKEN = """() => {
    TEXT
    const signs = texts.flatMap(node => [...node.data].map((sign, at) => ({ sign, node, at })))
        .filter(({ sign }) => sign.trim());
    const top = ({ node, at }) => {
        const range = document.createRange();
        range.setStart(node, at), range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
    };
    const apart = (one, at) => one.sign === "%" && at && /\\d/.test(signs[at - 1].sign) &&
        top(one).top > top(signs[at - 1]).bottom - 3;
    return signs.filter(apart).map(({ node }) => node.parentElement.outerHTML);
}""".replace("TEXT", TEXT)
# What stands in the way: texts of a plot that overlap, and cells wider than their column.
CROWDED = """() => [...document.querySelectorAll(".ft-live .ft-plot")].flatMap(plot => {
    const texts = [...plot.querySelectorAll("span, b")].filter(one => one.textContent.trim());
    const boxes = texts.map(one => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getBoundingClientRect();
    });
    const meet = (p, q) =>
        p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom;
    return boxes.flatMap((one, i) => boxes.slice(0, i).flatMap((other, j) =>
        meet(one, other) ? [`${texts[i].textContent} on ${texts[j].textContent}`] : []));
})"""
CUT = """() => [...document.querySelectorAll(".ft-live")].flatMap(root => {
    const inside = one => one.scrollWidth <= one.clientWidth + 1 &&
        one.getBoundingClientRect().right <= root.getBoundingClientRect().right + 1;
    const cells = [...root.querySelectorAll("th, td")];
    return cells.filter(one => one.checkVisibility() && !inside(one));
}).map(one => one.textContent)"""


def turns(page):
    """Turn every dial of a page to one end and then to the other, and every menu with them."""
    yield
    for end, last in (("min", False), ("max", True)):
        page.evaluate(
            """([end, last]) => {
                const all = kind => [...document.querySelectorAll(`.ft-live [data-dial]${kind}`)];
                for (const figure of document.querySelectorAll(".ft-live"))
                    [...figure.querySelectorAll("[type=radio]")].at(last ? -1 : 0)?.click();
                for (const dial of all(":not([data-cell], [type=radio])")) {
                    const names = [...dial.options ?? []].map(one => one.value);
                    dial.value = dial[end] || names.at(last ? -1 : 0);
                    dial.dispatchEvent(new Event("input", { bubbles: true }));
                }
            }""",
            [end, last],
        )
        yield


def test_text_is_large_dark_and_whole_enough_to_be_read_wherever_the_dials_stand(page):
    desk = page.viewport_size["width"] > 1000
    for _ in turns(page):
        assert page.evaluate(SMALL, 9 if desk else 8) == []
        assert page.evaluate(BROKEN) == []
        assert page.evaluate(CROWDED) == []
        assert page.evaluate(CUT) == []
        assert page.evaluate(FAINT) == []  # in the dark on the desk, in the light on the phone


PICTURES = ".ft-tiles *, .ft-items *"  # buttons that are pictures


def test_on_paper_there_are_no_controls_but_what_they_chose(page):
    page.emulate_media(media="print")
    seen = "all => all.filter(one => one.checkVisibility()).map(one => one.outerHTML)"
    controls = f".ft-live :is(input[type=range], select, button:not(:has(img), {PICTURES}))"
    assert page.locator(controls).evaluate_all(seen) == []
    for menu in page.locator(".ft-live select").all():
        said = menu.locator("xpath=..").locator(".ft-printed")
        chosen = menu.evaluate("menu => menu.value")
        single = menu.evaluate("menu => menu.options.length === 1")
        assert said.text_content() == chosen and (said.is_visible() or single)
    page.emulate_media(media="screen")


# Single figures: what their pictures show


def box(part):
    box = part.bounding_box()
    return [box[name] for name in ("x", "y", "width", "height")]


def photographed(part):
    with Image.open(io.BytesIO(part.screenshot())) as image:
        return np.array(image.convert("RGB"), dtype=int)


@pytest.mark.parametrize("options", [DESK, PHONE], ids=["desk", "phone"])
def test_the_severity_explorer_shows_one_face(open_built, options):
    figure = open_built("book/17_challenge_data_quality", **options).locator(".ft-severity")
    figure.scroll_into_view_if_needed()
    frame, sheet = figure.locator(".ft-pixels"), figure.locator(".ft-pixels img")
    read = "(root, name) => Number(getComputedStyle(root).getPropertyValue(name))"
    across, down = (figure.evaluate(read, name) for name in ("--across", "--down"))
    (x, y, width, height), (left, top, *size) = box(frame), box(sheet)
    assert size == pytest.approx([across * width, down * height], abs=0.1)
    column, row = (figure.evaluate(read, name) for name in ("--column", "--row"))
    assert [x - left, y - top] == pytest.approx([column * width, row * height], abs=0.1)
    faces = photographed(frame)
    figure.locator("[data-dial=severity]").press("Home")
    assert np.abs(photographed(frame) - faces).mean() > 3  # another one


@pytest.mark.parametrize("options", [DESK, PHONE], ids=["desk", "phone"])
def test_the_network_explorer_has_its_frames_on_its_pictures(open_built, options):
    figure = open_built("book/03_convolutional_networks", **options).locator(".ft-network")
    pictures = figure.locator(".ft-pixels:has(> i)").all()
    assert len(pictures) >= 8
    for picture in pictures:
        assert box(picture.locator("img")) == pytest.approx(box(picture), abs=0.1)
    cards = [box(card) for card in figure.locator(".ft-card").all()]
    assert len({round(height) for *_, height in cards}) <= 2  # a row or two, and none is taller
    rows = [round(y) for _, y, *_ in cards]
    assert min(map(rows.count, rows)) >= 5, "a card alone on its line"


@pytest.mark.parametrize(("window", "stride"), [(2, 2), (2, 3), (2, 6), (6, 1)])
def test_the_pooling_explorer_hatches_each_pixel_that_no_window_reads(open_built, window, stride):
    figure = open_built("book/05_pooling", **DESK).locator(".ft-pooling")
    figure.locator("[data-dial=window]").fill(str(window))
    figure.locator("[data-dial=stride]").fill(str(stride))
    unread, pixels = figure.locator("[data-slot=unseen]").text_content().split(" of ")
    side = int(int(pixels.split()[0]) ** 0.5)
    shown = photographed(figure.locator(".ft-input .ft-pixels"))
    blue = shown[..., 2] > shown[..., 0] + 60  # pixels are grey, frames and dots are orange
    edges = np.linspace(0, len(shown), side + 1).round().astype(int)
    cells = [
        blue[top + 1 : bottom - 1, left + 1 : right - 1].mean()
        for top, bottom in pairwise(edges)
        for left, right in pairwise(edges)
    ]
    assert sum(part > 0.15 for part in cells) == int(unread)
