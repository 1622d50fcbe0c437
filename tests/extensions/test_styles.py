"""The extension `styles`: one sheet with what pages use; see tests/book/test_pages.py, too."""

import re
from base64 import b64decode
from io import BytesIO
from types import SimpleNamespace

import pytest
import styles
import tinycss2
from fontTools.ttLib import TTFont


def kept(style, *words):
    rules = tinycss2.parse_stylesheet(style, True, True)
    return "".join(styles.used(rule, set(words)) for rule in rules)


@pytest.mark.parametrize(
    "style, words, left",
    [
        (".a, .b > p, td { c: d }", ["b"], ".b > p,td{ c: d }"),
        (".a.b{c:d}#e{c:d}", ["a"], ""),
        (".a.b{c:d}", ["a", "b"], ".a.b{c:d}"),
        (":not(.a):is(.b, :not(.c)) i{c:d}", [], ":not(.a):is(.b, :not(.c)) i{c:d}"),
        ("@media print{.a{c:d}.b{c:d}}@media screen{.a{c:d}}", ["b"], "@media print{.b{c:d}}"),
        ("@keyframes turn{to{rotate:1turn}}", [], "@keyframes turn{to{rotate:1turn}}"),
        (".a\\/b{c:d}", ["a/b"], ".a\\/b{c:d}"),
        ('p{--bs-a:".b{}"}/* .c */', [], 'p{--bs-a:".b{}"}'),
    ],
)
def test_a_rule_stays_where_all_its_names_are_used(style, words, left):
    assert kept(style, *words) == left


def test_addresses_are_seen_from_the_one_sheet(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.css").write_text("p{b:url(c.png);d:url(data:e)}")
    style = styles.joined(tmp_path, "own/a.css", set())
    assert "url(../own/c.png)" in style and "url(data:e)" in style


def test_sheets_are_joined_in_the_order_in_which_pages_ask_for_them(tmp_path):
    builder = SimpleNamespace(name="html")
    app = SimpleNamespace(builder=builder, outdir=tmp_path)
    asked = (["_static/b.css", "_static/c.css"], ["_static/b.css", "_static/d.css"])
    for names in asked:
        context = {"css_files": [SimpleNamespace(filename=name) for name in names]}
        styles.replace(app, "", "", context, None)
        assert context == {"css_files": [], "one_style": "_static/styles/pages.css"}
    for name, style in [*zip(styles.THEMES, "pq", strict=True), *zip("bcd", "rst", strict=True)]:
        path = tmp_path / "_static" / (name if "." in name else f"{name}.css")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f".{style}::before{{content:'\\f0c9'}}")
    (tmp_path / "a.html").write_text('<p class="p r t">')
    styles.finish(app, None)
    written = (tmp_path / "_static" / styles.ALL).read_text("utf-8")
    assert written.startswith('@charset "utf-8";')
    places = [written.index(f".{style}::") for style in "prt"]
    assert places == sorted(places) and ".q" not in written and ".s" not in written


def test_an_icon_font_stands_in_the_sheet_with_the_icons_that_are_used(tmp_path):
    face = "@font-face{font-family:Icons;src:%s}.a::before{content:'\\f0c9'}"
    place = f"../{styles.WEBFONTS}/fa-solid-900"
    source = f'url({place}.woff2) format("woff2"),url({place}.ttf) format("truetype")'
    whole = tmp_path / "_static" / styles.WEBFONTS / "fa-solid-900.woff2"
    for path, text in {
        tmp_path / "_static" / "styles" / "b.css": face % source,
        tmp_path / "a.html": '<p class="a">',
        whole: "",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    styles.finish(SimpleNamespace(outdir=tmp_path, book_styles=["styles/b.css"]), None)
    written = (tmp_path / "_static" / styles.ALL).read_text("utf-8")
    coded = re.search(r'src:url\(data:font/woff;base64,([^)]*)\) format\("woff"\)}', written)[1]
    font = TTFont(BytesIO(b64decode(coded)))
    assert 0xF0C9 in font.getBestCmap() and 0xF0CA not in font.getBestCmap()
    assert not whole.exists()
