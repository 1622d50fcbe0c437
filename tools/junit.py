"""Reads pytest's reports in JUnit's form, for the tools that run pytest elsewhere."""

import re
from xml.etree import ElementTree

COLOUR = re.compile(r"(?:\x1b|#x1B)\[[\d;]*m")


def cases(text):
    """Yield each test's class, its name, and what was said of its failure, or None if it passed.

    Examples
    --------
    >>> list(cases('<testsuite><testcase classname="a" name="b"/></testsuite>'))
    [('a', 'b', None)]
    """
    for case in ElementTree.fromstring(text).iter("testcase"):
        troubles = [*case.iter("failure"), *case.iter("error")]
        said = "\n".join(trouble.text or trouble.get("message") or "" for trouble in troubles)
        told = COLOUR.sub("", said) if troubles else None
        yield case.get("classname") or "", case.get("name"), told
