"""What the repository promises: pins that fit, targets that exist, links that lead somewhere."""

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PINS = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def requirements():
    extras = PROJECT["optional-dependencies"]
    listed = [*PROJECT["dependencies"], *extras["book"], *extras["test"], *extras["interactive"]]
    return [Requirement(text) for text in listed]


def test_every_pin_is_plain():
    assert [
        pin for pin in PINS if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", pin)
    ] == []


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_every_requirement_is_pinned_within_its_bounds(requirement):
    pins = dict(pin.lower().replace("_", "-").split("==") for pin in PINS)
    assert requirement.specifier.contains(pins[requirement.name.lower()])


def test_make_and_make_py_have_the_same_targets():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    shown = subprocess.run(
        [sys.executable, "make.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"^  (\w+) ", shown.split("targets:")[1], re.MULTILINE)
    assert targets == phony[1].split()


def test_an_unknown_target_is_a_usage_error():
    run = subprocess.run([sys.executable, "make.py", "bok"], cwd=ROOT, capture_output=True)
    assert run.returncode == 2


def test_the_embedder_to_install_is_the_one_that_was_measured():
    extras = PROJECT["optional-dependencies"]
    assert {*extras["dlib"]} < {*extras["bench"]}


def test_every_page_of_the_contents_exists():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    pages = [contents["root"]] + [
        chapter["file"] for part in contents["parts"] for chapter in part["chapters"]
    ]
    for page in pages:
        assert any((ROOT / page).with_suffix(suffix).is_file() for suffix in (".ipynb", ".md")), (
            page
        )


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_relative_links_lead_somewhere(page):
    text = re.sub(r"`[^`]+`", "", (ROOT / page).read_text("utf-8"))
    links = re.findall(r"\]\((?!http)([^)#]+)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


FOLDERS = ("benchmarks", "extensions", "facebook_tut", "tests", "tools")
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef
PATH = re.compile(rf"\b(?:(?:{'|'.join(FOLDERS)})/[\w/]*|(?<!/)test_)\w*\.(?:py|js|md|json|toml)\b")
LEFT_OUT = {"CHANGELOG.md"}  # tells what was


def sources():
    """Return the paths of programs and documents, as the repository has them."""
    programs = [path for name in FOLDERS for path in (ROOT / name).rglob("*.py")]
    pages = [path for folder in (ROOT, ROOT / "book") for path in folder.glob("*.md")]
    paths = {path.relative_to(ROOT).as_posix() for path in [*programs, *pages, *ROOT.glob("*.py")]}
    return sorted(paths - LEFT_OUT)


def words_of(name):
    """Return what people read in a file: a document's text, a program's docstrings and comments."""
    text = (ROOT / name).read_text("utf-8")
    if name.endswith(".md") or not PATH.search(text):
        return text
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, DOCUMENTED)]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return "\n".join([ast.get_docstring(node) or "" for node in nodes] + comments)


def test_every_file_that_is_named_exists():
    there = {path.name for path in (ROOT / "tests").rglob("*.py")}
    named = {(name, path) for name in sources() for path in PATH.findall(words_of(name))}
    assert len(named) > 30
    missing = [
        (name, path)
        for name, path in sorted(named)
        if not (ROOT / path).is_file() and path not in there and "NAME" not in path
    ]
    assert missing == []


def test_what_looks_like_an_extension_is_one():
    for path in sorted((ROOT / "extensions").glob("*.py")):
        has_setup = "\ndef setup(app):" in path.read_text("utf-8")
        assert has_setup != path.name.startswith("_"), path.name


def test_the_readme_names_every_module():
    named = set(re.findall(r"`(\w+)`", (ROOT / "README.md").read_text("utf-8")))
    public = {
        path.stem
        for path in (ROOT / "facebook_tut").iterdir()
        if not path.name.startswith("_") and path.suffix in ("", ".py") and path.stem != "cli"
    }
    assert public <= named


def test_the_citation_has_the_package_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert str(citation["version"]) == version("facebook_tut")
    cover = (ROOT / "book" / "intro.md").read_text("utf-8")  # for BibTeX
    wanted = (citation["title"], str(citation["version"]), str(citation["date-released"].year))
    assert all(f"= {{{field}}}" in cover for field in wanted)
