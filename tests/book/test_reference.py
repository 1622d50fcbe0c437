"""The reference: every public name is in it, chapters and pages lead to each other."""

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import _package as package
import pytest
import reference
from bs4 import BeautifulSoup
from code_links import linked
from docutils import nodes
from sphinx import addnodes

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r'<a class="code-link" href="([^"]*)" title="([^"]*)">(.*?)</a>')


def defined():
    """Yield the path of a file and the name of each function and class that is no private part."""
    for path in sorted((ROOT / "facebook_tut").rglob("*.py")):
        if not any(part.startswith("_") and part != "__init__.py" for part in path.parts):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
                    yield path, node.name


def test_every_public_function_and_class_has_an_entry(pages):
    entries = {}
    for path in (pages / "book" / "api").glob("*.html"):
        ids = re.findall(r'<dt class="sig [^>]*id="facebook_tut\.([^"]*)"', path.read_text("utf-8"))
        entries[path.stem] = {name.rpartition(".")[2] for name in ids}
    assert sum(map(len, entries.values())) > 250
    for path, name in defined():
        page = path.relative_to(ROOT / "facebook_tut").parts[0].removesuffix(".py")
        assert page == reference.COMMANDS or name in entries[page], f"{path}: {name}"


def test_a_page_names_the_chapters_whose_code_has_its_module(pages):
    for name in ("layers", "fisher", "corruption"):
        users = []
        for path in sorted((ROOT / "book").glob("*.ipynb")):
            cells = json.loads(path.read_text("utf-8"))["cells"]
            code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
            if re.search(rf"facebook_tut\.{name}\b|facebook_tut import [\w, (\n]*\b{name}\b", code):
                users.append(str(int(path.name[:2])))
        page = BeautifulSoup(
            (pages / "book" / "api" / f"{name}.html").read_text("utf-8"), "html.parser"
        )
        taught = page.find(string=re.compile("^Taught in chapter")).parent
        assert [link.text for link in taught("a")] == users


def test_the_names_in_every_chapter_lead_to_their_entries(pages):
    for path in sorted((pages / "book").glob("[0-9]*.html")):
        links = LINK.findall(path.read_text("utf-8"))
        assert len(links) > 20
        for address, title, shown in links:
            name, text = title.partition(":")[0], re.sub("<[^>]*>", "", shown)
            assert name.endswith(text.split(".")[-1])
            assert address.rpartition("#")[2].removeprefix("module-") == name


def test_names_in_docstrings_are_links_where_they_are_known(pages):
    text = (pages / "book" / "api" / "pipeline.html").read_text("utf-8")
    page = BeautifulSoup(text, "html.parser").article
    known = {link.text: link["href"] for link in page("a")}
    assert known["models.build_embedder"] == "models.html#facebook_tut.models.build_embedder"
    assert page.find("code", string="picture").find_parent("a") is None  # a parameter


SHOWN = (
    '<div class="highlight-python notranslate"><div class="highlight"><pre><span></span>{}'
    "</pre></div>\n</div>"
)


def tell(*cells):
    """The HTML of cells, each with its links, which lead to ``/name``."""
    html = linked("".join(map(SHOWN.format, cells)), lambda name: f"/{package.find(name)}")
    html = re.sub(r' class="code-link"| title="[^"]*"|/facebook_tut', "", html)
    return re.findall(r"<span></span>(.*?)</pre>", html, re.DOTALL)


def test_a_name_leads_where_the_chapters_imports_say():
    imports, use, other = tell(
        '<span class="k">from</span> facebook_tut <span class="k">import</span> layers',
        'y <span class="o">=</span> layers.relu(x)  <span class="c"># layers.relu</span>',
        "other.layers.relu; layers.no_such; print(&quot;layers.relu&quot;)",
    )
    assert imports.endswith('<a href=".layers">layers</a>')
    assert use == (
        'y <span class="o">=</span> <a href=".layers.relu">layers.relu</a>(x)  '
        '<span class="c"># layers.relu</span>'
    )
    assert other == (
        'other.layers.relu; <a href=".layers">layers</a>.no_such; print(&quot;layers.relu&quot;)'
    )


def test_a_name_that_means_something_else_by_now_is_no_link_and_the_second_use_is_none():
    imports = "from facebook_tut.layers import relu"
    first, given, later = tell(f"{imports}; relu(1); relu(2)", "relu = 3", "relu")
    assert first.count("<a ") == 2  # the module and the name
    assert "<a " not in given + later
    assert "<a " not in "".join(tell(imports, "def relu(x): return x")[1:])
    assert "<a " not in "".join(tell("%pip install facebook_tut"))


def test_a_link_holds_whole_tags_and_is_left_out_where_it_cannot():
    imports, opened = "from facebook_tut import layers", '<a href=".layers.relu">'
    (code,) = tell(f"{imports}\nlayers<i>.</i>relu(ä)")
    assert code.endswith(f"\n{opened}layers<i>.</i>relu</a>(ä)")
    (code,) = tell(f"{imports}\n<b>layers</b><i>.relu</i>(ä)")
    assert code.endswith("\n<b>layers</b><i>.relu</i>(ä)")


def lead(target, module="facebook_tut.pipeline"):
    """What becomes of a name in backticks, if `matching.Gallery` is all that has an entry."""
    name = "facebook_tut.matching.Gallery"
    entry = SimpleNamespace(docname="book/api/matching", node_id=name)
    env = SimpleNamespace(domains={"py": SimpleNamespace(objects={name: entry})})
    app = SimpleNamespace(builder=SimpleNamespace(get_relative_uri=lambda *places: places[1]))
    asked = {"reftype": "obj", "reftarget": target, "refdoc": "book/api/pipeline"}
    node = addnodes.pending_xref("", refdomain="py", **asked, **{"py:module": module})
    return reference.resolve(app, env, node, nodes.literal(text=target))


@pytest.mark.parametrize("target", ["Gallery", "matching.Gallery"])
def test_a_name_is_found_as_its_module_knows_it_or_from_the_package(target):
    assert lead(target)["refuri"] == "book/api/matching#facebook_tut.matching.Gallery"


def test_what_is_no_name_stays_code_and_what_a_module_lacks_is_left_to_warn():
    assert isinstance(lead("threshold"), nodes.literal)
    assert isinstance(lead("keras.Model"), nodes.literal)
    assert lead("matching.no_such_name") is None


def test_pages_are_written_when_they_change_and_removed_with_their_module(tmp_path):
    app, config = SimpleNamespace(srcdir=tmp_path), SimpleNamespace()
    gone = tmp_path / "book" / "api" / "gone.rst"
    gone.parent.mkdir(parents=True)
    gone.write_text("gone")
    reference.write_pages(app, config)
    assert not gone.exists()
    before = {path: path.stat().st_mtime_ns for path in gone.parent.iterdir()}
    reference.write_pages(app, config)
    assert before == {path: path.stat().st_mtime_ns for path in gone.parent.iterdir()}
    assert sorted(path.stem for path in before) == reference.pages()


def test_an_entry_leads_to_its_lines_on_the_branch():
    options = {"repository_url": "https://github.com/me/book", "repository_branch": "main"}
    config = SimpleNamespace(html_theme_options=options)
    info = {"module": "facebook_tut.layers", "fullname": "Layer.build"}
    found = reference.source_address(config, info)
    path, first, last = re.fullmatch(
        r"https://github\.com/me/book/blob/main/(.*)#L(\d+)-L(\d+)", found
    ).groups()
    lines = (ROOT / path).read_text("utf-8").splitlines()
    assert "def build(self" in lines[int(first) - 1] and int(first) < int(last)


@pytest.mark.parametrize(("builder", "kept"), [("html", True), ("epub", False), ("text", False)])
def test_the_reference_is_on_the_pages_alone(builder, kept):
    part = SimpleNamespace(items=["book/faq", "book/api"])
    contents = {"book/intro": SimpleNamespace(subtrees=[part])}
    config = SimpleNamespace(exclude_patterns=[], external_site_map=contents)
    reference.leave_out(SimpleNamespace(builder=SimpleNamespace(name=builder), config=config))
    assert ("book/api" in part.items) == kept == (config.exclude_patterns == [])
