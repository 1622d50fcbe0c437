"""The extension `styles`: one sheet with what pages use. test_pages.py looks at pages with it."""

from types import SimpleNamespace

import pytest
import styles
import tinycss2


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
    fonts = 'url(../f/a.woff2) format("woff2"),url(../f/a.ttf) format("truetype")'
    (tmp_path / "own" / "a.css").write_text(
        f"p{{b:url(c.png);d:url(data:e)}}@font-face{{src:{fonts}}}"
    )
    style = styles.joined(tmp_path, "own/a.css", set())
    assert "url(../own/c.png)" in style and "url(data:e)" in style
    assert 'src:url(../f/a.woff) format("woff")}' in style


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
    fonts = tmp_path / "_static" / styles.WEBFONTS
    assert (fonts / "fa-solid-900.woff").read_bytes()[:4] == b"wOFF"
