r"""The list of references, and the names by which the text cites them, from book/references.bib.

    python tools/references.py           # write book/references.md
    python tools/references.py --check   # exit 1 if it differs

The list is plain Markdown, so that it reads the same on GitHub, in JupyterLab and on the page. Each
entry has its key for an anchor. A citation is a link, `[Deng et al., 2019](references.md#deng2019)`
or, as a part of its sentence, `[Deng et al. (2019)](references.md#deng2019)`.
"""

import argparse
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from pybtex.database import parse_string
from pybtex.richtext import Text

BOOK = Path(__file__).resolve().parents[1] / "book"
CITATION = re.compile(r"\[(?P<text>[^\[\]]*)\]\(references\.md#(?P<key>[^)]*)\)")
URL = re.compile(r"\\url\{(.*?)\}")
MARK = (
    "In November and December 2026 each entry was looked up at its address, in a stored copy of it,"
    " or in other lists of references that agree and name the address. A note at the end of an"
    " entry says what could not be checked, or where else it was read."
)


# Names -----------------------------------------------------------------------------------------


def names(path):
    """Return how the text cites each entry of a list of references.

    Parameters
    ----------
    path : Path
        A BibTeX file.

    Returns
    -------
    dict
        For each key the authors, such as "Deng et al.", and the year, such as "2019". Where two
        entries would read the same, letters tell the years apart, in the order of the list.
    """
    return _names(path.read_text("utf-8"))


@cache
def _names(text):
    plain = {key: (authors(entry), entry.fields["year"]) for key, entry in _entries(text)}
    count, seen = Counter(plain.values()), Counter()
    for key, name in plain.items():
        if count[name] > 1:
            plain[key] = (name[0], name[1] + "abcdefghij"[seen[name]])
            seen[name] += 1
    return plain


def citation(name, in_sentence=False):
    """Return the words of a citation.

    >>> citation(("Deng et al.", "2019")), citation(("Deng et al.", "2019"), in_sentence=True)
    ('Deng et al., 2019', 'Deng et al. (2019)')
    """
    return f"{name[0]} ({name[1]})" if in_sentence else f"{name[0]}, {name[1]}"


def with_names(source, known):
    """Return Markdown whose citations have the words that `known`, of `names`, gives them."""

    def named(match):
        text, key = match["text"], match["key"]
        words = citation(known[key], text.endswith(")")) if key in known else text
        return f"[{words}](references.md#{key})"

    return CITATION.sub(named, source)


def authors(entry):
    """Return the authors of an entry as the text names them."""
    family = [family_name(person) for person in entry.persons["author"]]
    return f"{family[0]} et al." if len(family) > 2 else " and ".join(family)


def family_name(person):
    """Return a person's family name, or the whole name of an institution."""
    return plain_text(" ".join(person.prelast_names + person.last_names))


def plain_text(latex):
    """Return LaTeX without its commands: `Mont{\\'u}far` gives `Montúfar`; formulas stay."""
    return str(Text.from_latex(latex)).replace("---", "—").replace("--", "–")


# The list --------------------------------------------------------------------------------------


@cache
def _entries(text):
    """Return keys and entries by name, year and title."""
    entries = parse_string(text, "bibtex").entries.items()
    return sorted(entries, key=lambda item: place(item[1]))


def place(entry):
    """Return what decides where in the list an entry stands."""
    people = [unaccented(inverted(person)) for person in entry.persons["author"]]
    return people, entry.fields["year"], unaccented(plain_text(entry.fields["title"]))


def unaccented(text):
    """Return small letters without accents, by which lists are ordered."""
    from unicodedata import normalize

    return normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def page(path):
    """Return the page of references as Markdown."""
    text = path.read_text("utf-8")
    years = {key: year for key, (_, year) in _names(text).items()}
    lines = [f'<a id="{key}"></a>{line(entry, years[key])}' for key, entry in _entries(text)]
    marked = any("note" in entry.fields for _, entry in _entries(text))
    return "\n\n".join(["# References", *([MARK] if marked else []), *lines]) + "\n"


def line(entry, year):
    """Return an entry of the list: who, when, what and where."""
    people = listed(entry.persons["author"])
    title = plain_text(entry.fields["title"])
    title = f"*{title}*" if entry.type == "book" else title
    parts = [f"{people} ({year})", title, *where(entry)]
    return " ".join(part if part.rstrip("*")[-1] in "?." else f"{part}." for part in parts)


def listed(people):
    """Return people as a list has them: `Deng, J., Guo, J. and Xue, N.`."""
    *first, last = [inverted(person) for person in people]
    return f"{', '.join(first)} and {last}" if first else last


def inverted(person):
    """Return a family name and initials."""
    given = plain_text(" ".join(person.first_names + person.middle_names))
    initials = re.sub(r"(\w)[\w'’]*\.?", r"\1.", given)
    return ", ".join(filter(None, [family_name(person), initials]))


def where(entry):
    """Return what the list says of an entry's place, in sentences."""
    fields = {name: linked(value) for name, value in entry.fields.items()}
    if entry.type == "article":
        number = f"({fields['number']})" if "number" in fields else ""
        parts = [f"*{fields['journal']}*", fields.get("volume", "") + number, fields.get("pages")]
    elif entry.type == "techreport":
        parts = ["Technical Report " + fields["number"], fields["institution"]]
    elif "booktitle" in fields:
        volume = f"volume {fields['volume']}" if "volume" in fields else None
        parts = ["In " + book(entry, fields), fields.get("series"), volume, fields.get("pages")]
    else:
        parts = [fields.get("howpublished")]
    address = f"<https://doi.org/{fields['doi']}>" if "doi" in fields else None
    if "url" in fields:
        address = f"<{entry.fields['url']}>"
    sentences = [", ".join(filter(None, parts)), fields.get("publisher"), address]
    sentences.append(fields.get("note"))  # where it was read, or that it was not looked up
    return [sentence for sentence in sentences if sentence]


def book(entry, fields):
    """Return the book that a contribution is part of."""
    editors = entry.persons.get("editor", ())
    edition = f" (edition {fields['edition']})" if "edition" in fields else ""
    by = f"{listed(editors)} (editors), " if editors else ""
    return f"{by}*{fields['booktitle']}*{edition}"


def linked(value):
    """Return a field's text, with its addresses as links."""
    pieces = URL.split(value)  # text, address, text, …
    texts = [f"<{piece}>" if odd % 2 else plain_text(piece) for odd, piece in enumerate(pieces)]
    return "".join(texts)


def main(arguments=None):
    """Write the page of references, or check it; return 1 if it differs from what is checked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check, target = parser.parse_args(arguments).check, BOOK / "references.md"
    text = page(BOOK / "references.bib")
    if target.read_text("utf-8") == text:
        return 0
    if check:
        print(f"{target}: not up to date: run `python tools/references.py`")
        return 1
    target.write_text(text, "utf-8", newline="\n")
    print(f"{target}: rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
