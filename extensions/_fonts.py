"""What the extensions that serve fonts have in common: a font with only the characters in use."""

import io
import logging
from contextlib import contextmanager

from fontTools import subset

DATES = "fontTools.ttLib.tables._h_e_a_d"  # warns of KaTeX' fonts, dated by another calendar


@contextmanager
def hushed():
    """Let fontTools tell of trouble alone: it tells each step, and a build has hundreds."""
    log, dates = logging.getLogger("fontTools"), logging.getLogger(DATES)
    levels = log.level, dates.level
    log.setLevel(logging.WARNING)
    dates.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(levels[0])
        dates.setLevel(levels[1])


@hushed()
def woff(source, codes, **options):
    """Return the font file `source` as WOFF, with the characters of these codes; bytes."""
    options = subset.Options(**{"flavor": "woff", "hinting": False, **options})
    written = io.BytesIO()
    with subset.load_font(source, options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=codes)
        subsetter.subset(font)
        subset.save_font(font, written, options)
    return written.getvalue()
