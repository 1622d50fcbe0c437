"""What the repository promises: pins that fit, targets that exist, links that lead somewhere."""

import re
import subprocess
import sys
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
