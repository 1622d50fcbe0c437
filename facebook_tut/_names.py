"""Names of people: one spelling for each, found again if mistyped, and safe to print."""

import difflib
import unicodedata

LONGEST = 300  # letters of a name
HIDDEN = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
HIDDEN |= {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}  # variations
JOINERS = "\u200c\u200d"  # belong to words of Persian, Hindi and other languages
UNWANTED = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, invisible, half of a pair, line, paragraph
NEAR = 0.6  # of difflib's ratio, from which a name is suggested


def clean_name(name):
    """Return a name in the one spelling in which it is kept.

    Unicode has two spellings of many an accented letter: it becomes the composed one (NFC). Blanks
    at the ends go, and several in a row become one.

    Parameters
    ----------
    name : str
        Any text that is not blank.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If it is no text.
    ValueError
        If it is blank, or holds characters that control a terminal, that nobody sees, or that are
        no characters.

    Examples
    --------
    >>> clean_name(" Zoe\\u0308  Muster ") == "Zoë Muster"
    True
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {name!r}")
    if len(name) > LONGEST:
        raise ValueError(f"name must have at most {LONGEST} letters, got {len(name)}")
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if clean.isascii() and clean.isprintable() and clean:
        return clean
    wrong = [c for n, c in enumerate(clean) if _is_unwanted(clean, n)]
    if wrong:
        raise ValueError(f"name must hold no control characters, got {wrong[0]!a} in {clean!a}")
    if not any(unicodedata.category(c)[0] in "LNPS" for c in clean):
        raise ValueError(f"name must not be blank, got {name!a}")
    return clean


def _is_unwanted(name, n):
    """Return whether a letter of a name is not to be there; joiners may be between letters."""
    c = name[n]
    if c in JOINERS:
        around = name[n - 1 : n] + name[n + 1 : n + 2]
        return len(around) < 2 or any(unicodedata.category(each)[0] not in "LMS" for each in around)
    return c in HIDDEN or unicodedata.category(c) in UNWANTED


def unknown_person(name, names):
    """Return the sentence that nobody of that name is there, with names that are nearly the same.

    Parameters
    ----------
    name : str
        Who was asked for.
    names : iterable of str
        Who is there.

    Returns
    -------
    str

    Examples
    --------
    >>> unknown_person("ada lovelac", ["Ada Lovelace", "Grace Hopper"])
    "nobody named 'ada lovelac' is enrolled; did you mean 'Ada Lovelace'?"
    """
    folded = {each.casefold(): each for each in names}
    near = difflib.get_close_matches(str(name).casefold(), folded, n=3, cutoff=NEAR)
    meant = " or ".join(repr(folded[each]) for each in near)
    return f"nobody named {name!r} is enrolled" + (f"; did you mean {meant}?" if meant else "")


def printable(text):
    """Return a text in which whatever could move a terminal's cursor or colour it is spelled out.

    Parameters
    ----------
    text : str
        Such as a name, or a file's.

    Returns
    -------
    str
        On one line.

    Examples
    --------
    >>> print(printable("Ada\\x1b[2J\\n"))
    Ada\\x1b[2J\\n
    """
    return "".join(
        c if c.isprintable() or c in JOINERS or unicodedata.category(c) == "Zs" else f"{c!a}"[1:-1]
        for c in text
    )
