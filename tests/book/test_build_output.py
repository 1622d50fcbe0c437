"""What a build prints is for people: it does not tell each step of a font's making."""

import logging
import shutil
import subprocess
import sysconfig
from pathlib import Path

import _fonts
import pytest
import styles
import yaml

ROOT = Path(__file__).resolve().parents[2]
ICONS = styles.THEME / styles.WEBFONTS / "fa-solid-900.ttf"
CONTENTS = {"format": "jb-book", "root": "intro"}
PAGE = "# Intro\n\nA formula: $x^2 + \\alpha$.\n"


def test_making_a_font_tells_nothing_and_leaves_the_log_as_it_was(caplog):
    log = logging.getLogger("fontTools")
    level = log.level
    with caplog.at_level(logging.INFO):
        assert _fonts.woff(ICONS, [0xF0C9]).startswith(b"wOFF")
    assert caplog.messages == []
    assert log.level == level


def test_trouble_with_a_font_is_told(caplog):
    with _fonts.hushed():
        logging.getLogger("fontTools.subset").warning("no such table")
    assert caplog.messages == ["no such table"]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What a build of one page printed, with a formula and with icons."""
    folder = tmp_path_factory.mktemp("book")
    for name in ("_static", "_templates", "extensions"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "intro.md").write_text(PAGE)
    (folder / "_toc.yml").write_text(yaml.safe_dump(CONTENTS))
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    command = [program, "build", folder, "-n", "-W", "-q"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def test_a_build_prints_no_log_and_no_warning(said):
    assert "INFO" not in said.stdout + said.stderr
    assert said.stderr.strip() == ""


def test_what_make_hides_of_it_says_only_where_the_pages_are(said):
    assert len(said.stdout.splitlines()) < 20
