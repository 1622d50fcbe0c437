"""The extension `ebook`: pages as EPUB 3 asks. The whole book is for epubcheck to judge."""

import io
from base64 import b64decode, b64encode
from types import SimpleNamespace
from xml.etree import ElementTree

import ebook
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def page():
    """The page of an e-book, from the HTML of a live figure, a quiz and a formula."""
    bitmap = io.BytesIO()
    Image.new("L", (3, 2), 200).save(bitmap, "BMP")
    body = (
        "<style>p { & > q { color: red } }</style>"
        '<script>alert("<p>")</script><noscript>No</noscript>'
        '<form novalidate><label for="a">Yes <input id="a" type=radio></label><button>Go</button>'
        '<input type="number" value="-2"><select><option>a<option selected>b</select>'
        f'</form><img alt="filled later"><img src="data:image/bmp;base64,'
        f'{b64encode(bitmap.getvalue()).decode()}" alt="grey"><br><math><mi>x</mi></math>'
        "<svg viewBox='0 0 1 1'></svg><details><summary><p>More</p></summary></details>"
    )
    names = ("_static/book.css", "_static/copybutton.css")
    files = [SimpleNamespace(filename=name) for name in names]
    context = {"body": body, "css_files": files, "page_meta": [("a", "b")], "page_address": "c"}
    app = SimpleNamespace(builder=SimpleNamespace(name="epub"))
    ebook.as_xml(app, "book/a", "page.html", context, None)
    return context


def test_a_page_is_xml_without_what_needs_a_script(page):
    tags = {
        element.tag for element in ElementTree.fromstring(f"<body>{page['body']}</body>").iter()
    }
    assert not tags & {"script", "style", "noscript", "form", "input", "button", "p", "label"}
    assert {"{http://www.w3.org/1998/Math/MathML}mi", "{http://www.w3.org/2000/svg}svg"} <= tags
    style = ElementTree.fromstring(f"<style>{page['page_styles']}</style>")
    assert style.text == "p { & > q { color: red } }"
    assert "Yes" in page["body"] and "-2b" in page["body"]
    assert "novalidate" not in page["body"]


def test_pictures_keep_their_pixels_in_a_format_of_e_books(page):
    assert page["body"].count("<img") == 1 and "image/bmp" not in page["body"]
    data = page["body"].partition("data:image/png;base64,")[2].partition('"')[0]
    with Image.open(io.BytesIO(b64decode(data))) as picture:
        assert picture.size == (3, 2) and picture.getpixel((2, 1)) == 200


def test_a_page_is_not_for_the_web(page):
    assert [file.filename for file in page["css_files"]] == ["_static/book.css"]
    assert page["ebook"] and page["page_meta"] == [] and page["page_address"] == ""


def test_pages_for_the_web_are_left_alone():
    context = {"body": "<form>"}
    app = SimpleNamespace(builder=SimpleNamespace(name="html"))
    ebook.as_xml(app, "book/a", "page.html", context, None)
    assert context == {"body": "<form>"}


def test_the_list_of_files_says_what_a_page_holds(tmp_path):
    (tmp_path / "a.xhtml").write_text('<math xmlns="m"></math><svg viewBox=""></svg>')
    (tmp_path / "b.xhtml").write_text("<p>&lt;math </p>")
    builder = SimpleNamespace(outdir=tmp_path)
    for name, properties in (("a", ' properties="mathml svg"'), ("b", "")):
        entry = f'href="{name}.xhtml"'
        held = ebook.Ebook.held(builder, ebook.LISTED.search(entry))
        assert held == entry + properties
    assert ebook.LISTED.search('href="nav.xhtml"') is None
