"""What the extensions that serve fonts have in common: a font with only the characters in use."""

import io
import logging
from contextlib import contextmanager

from fontTools import subset


@contextmanager
def hushed():
    """Let fontTools tell of trouble alone: it tells each step, and a build has hundreds."""
    log = logging.getLogger("fontTools")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)


@hushed()
def woff(source, codes, **options):
    """Return the font file `source` as WOFF, with the characters of these codes; bytes."""
    options = subset.Options(flavor="woff", hinting=False, **options)
    written = io.BytesIO()
    with subset.load_font(source, options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=codes)
        subsetter.subset(font)
        subset.save_font(font, written, options)
    return written.getvalue()
