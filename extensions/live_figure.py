"""Sphinx extension: the directive `live-figure`, for pages that are not notebooks.

Its content is one Python expression, which may use `interactive` and `skimage`, and whose value
shows itself as HTML.
"""

import skimage.data
from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class LiveFigure(SphinxDirective):
    """Draw a live figure here."""

    has_content = True

    def run(self):
        """Return the figure's HTML."""
        from facebook_tut import interactive

        names = {"interactive": interactive, "skimage": skimage}
        figure = eval("\n".join(self.content), names)
        return [nodes.raw("", figure._repr_html_(), format="html")]


def setup(app):
    """Tell Sphinx of the directive."""
    app.add_directive("live-figure", LiveFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
