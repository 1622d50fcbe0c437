"""Sphinx extension: code with as few coloured words as its colours need.

Pygments gives every name, bracket and blank an element of its own, most of them in the colour that
text has anyway. Of two styles, for light and dark, tokens are the same where both colour them the
same; those that look like a name become text. A long chapter loses half of its elements.
"""

from functools import cache

from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Name, Token
from sphinx.highlighting import PygmentsBridge

STYLES = ("a11y-high-contrast-light", "a11y-high-contrast-dark")  # the theme's own


@cache
def look(kind):
    """Return how a kind of token is drawn, in light and in dark; blanks look like nothing."""
    return tuple(tuple(get_style_by_name(name).style_for_token(kind).items()) for name in STYLES)


@cache
def plainer(kind):
    """Return the kind of token that stands for all that look like this one."""
    if look(kind) == look(Name):
        return Token.Text
    return next(other for other in STANDARD_TYPES if look(other) == look(kind))


class PlainFormatter(HtmlFormatter):
    """Writes code as HTML, tokens that look alike as one."""

    def format(self, tokens, outfile):
        """Write these tokens."""
        super().format(((plainer(kind), text) for kind, text in tokens), outfile)


def setup(app):
    """Let Sphinx use it."""
    PygmentsBridge.html_formatter = PlainFormatter
    return {"parallel_read_safe": True, "parallel_write_safe": True}
