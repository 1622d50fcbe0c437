"""The extension `plain_code`: fewer elements, the same colours."""

import io
from pathlib import Path

import plain_code
import pytest
from bs4 import BeautifulSoup
from pygments.formatters import HtmlFormatter
from pygments.lexers import BashLexer, PythonLexer
from pygments.token import STANDARD_TYPES, Keyword, Name

LOOKS = {name: plain_code.look(kind) for kind, name in STANDARD_TYPES.items()}


def look_of(element):
    """Return how the text of an element is drawn; outside a span it is drawn as a name is."""
    return LOOKS["n" if element.name != "span" else " ".join(element["class"])]


def written(code, lexer, formatter):
    """Return code as HTML, and every character with its look; blanks have none."""
    file = io.StringIO()
    formatter().format(lexer.get_tokens(code), file)
    html = BeautifulSoup(file.getvalue(), "html.parser")
    drawn = [
        (letter, look_of(text.parent))
        for text in html.pre.find_all(string=True)
        for letter in text
        if letter.strip()
    ]
    return html, drawn


@pytest.mark.parametrize(
    "code, lexer",
    [
        (Path(plain_code.__file__).read_text("utf-8"), PythonLexer()),
        ('x = f"{y:.2f} {z!r}" if not -1e3 else None  # so\n@a\nclass B(C): ...', PythonLexer()),
        ("make book && $HOME/a 'b' # c", BashLexer()),
    ],
)
def test_code_keeps_its_colours_with_fewer_elements(code, lexer):
    usual, drawn = written(code, lexer, HtmlFormatter)
    fewer, same = written(code, lexer, plain_code.PlainFormatter)
    assert same == drawn
    assert fewer.get_text() == usual.get_text()
    assert len(fewer.find_all("span")) < 0.6 * len(usual.find_all("span"))


def test_what_differs_in_one_style_alone_stays_apart(monkeypatch):
    look = plain_code.look.__wrapped__  # without its memory
    assert look(Name) == look(Name.Namespace) != look(Keyword)
    monkeypatch.setattr(plain_code, "STYLES", ("a11y-high-contrast-light", "default"))
    assert look(Name) != look(Name.Namespace)
