"""The extension `pages`: light pages. tests/book/test_pages.py looks at them in a browser."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from pages import (
    address,
    description,
    launch,
    named,
    scripts,
    sized,
    without_tab_stops,
)
from PIL import Image
from sphinx.builders.html._assets import _JavaScript
from sphinx.errors import ExtensionError


def configured(**options):
    return SimpleNamespace(config=SimpleNamespace(html_theme_options=options, html_baseurl=""))


def test_the_address_follows_from_the_repository():
    assert (
        address(configured(repository_url="https://github.com/me/book"))
        == "https://me.github.io/book/"
    )
    assert address(configured()) == ""
    elsewhere = configured(repository_url="https://github.com/me/book")
    elsewhere.config.html_baseurl = "https://example.org/read"
    assert address(elsewhere) == "https://example.org/read/"


def document(*paragraphs, aims=()):
    page = nodes.section()
    page += [nodes.paragraph(text=text) for text in paragraphs]
    if aims:
        items = [nodes.list_item("", nodes.paragraph(text=aim)) for aim in aims]
        page += nodes.bullet_list("", *items)
    return page


def test_a_page_is_described_by_its_first_long_paragraph():
    text = "This page has a paragraph that is long enough to say what the page is about."
    assert description(document("Short.", text)) == text


def test_a_chapter_is_described_by_its_aims_cut_at_a_word():
    aims = ["work out a sum by hand;", "say what it is for, at some length, " + "word " * 40]
    text = description(document("After this chapter you can", aims=aims))
    assert text.startswith("Learn to work out a sum by hand; say what it is for")
    assert len(text) < 160 and text.endswith("word …")


def test_buttons_show_icons_and_no_pictures_of_other_sites():
    buttons = [{"icon": "_static/logo.svg"}, {"icon": "fas fa-play"}, {"text": "Colab"}]
    launch([{"buttons": buttons}, {"type": "link"}])
    own = "fas fa-up-right-from-square"
    assert buttons == [{"icon": own}, {"icon": "fas fa-play"}, {"text": "Colab"}]


def test_colab_opens_the_copy_that_is_made_for_it():
    place = "github/me/book/blob/main"
    urls = [f"https://colab.research.google.com/{place}/book/04_a.ipynb", "https://x.org/book/a"]
    buttons = [{"icon": "fas fa-play", "url": url} for url in urls]
    launch([{"buttons": buttons}])
    copied = f"https://colab.research.google.com/{place}/open_in_colab/04_a.ipynb"
    assert [button["url"] for button in buttons] == [copied, urls[1]]


def script(filename, **attributes):
    return _JavaScript(filename, **attributes)


def test_no_kernel_code_and_no_widget_state_is_loaded_and_files_wait():
    given = [
        script("_static/doctools.js"),
        script("https://example.org/thebe.js"),
        script(None, body="const THEBE_JS_URL = 1"),
        script(None, body="{}", type="application/vnd.jupyter.widget-state+json"),
        script(None, body="let a = 1"),
    ]
    kept = list(scripts(given, is_search=False))
    assert [(one.filename, one.attributes.get("defer")) for one in kept] == [
        ("_static/doctools.js", "defer"),
        (None, None),
    ]
    assert "defer" not in next(scripts(given, is_search=True)).attributes


def test_an_image_gets_the_size_of_its_file(tmp_path):
    (tmp_path / "_images").mkdir()
    Image.new("L", (30, 20)).save(tmp_path / "_images" / "a.png")
    builder = SimpleNamespace(imagedir="_images", images={})
    app = SimpleNamespace(outdir=tmp_path, srcdir=tmp_path, builder=builder)
    tag = sized('<img alt="x" src="../_images/a.png" />', tmp_path / "book", app)
    assert 'width="30" height="20" loading="lazy"' in tag and 'alt="x"' in tag
    for other in ('<img src="data:image/png;base64,AA" />', '<img src="a.png" width="3" />'):
        assert sized(other, tmp_path, app) == other


def test_a_column_headed_by_a_formula_has_a_name():
    head = (
        '<th class="head"><p><span class="math"><math><mi>y</mi><annotation '
        'encoding="application/x-tex">\\hat{y}</annotation></math></span></p></th>'
    )
    assert '<span class="visually-hidden">hat y</span>' in named([head])


def test_a_theme_whose_script_has_changed_is_noticed():
    script = '(()=>{a(),"complete"===document.readyState?I():window.addEventListener("load",I)})();'
    assert without_tab_stops(script) == "(()=>{a()})();"
    with pytest.raises(ExtensionError, match="the theme's script has changed"):
        without_tab_stops("(()=>{a()})();")
