"""Catalogues of messages: GNU gettext's PO files, one for each chapter and page.

`locale/zh_CN/LC_MESSAGES/05_pooling.po` holds the messages of `book/05_pooling.ipynb`. A message of
code has the context "code", since a word may be said otherwise there than in the text.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from messages import Message

from facebook_tut._files import replacing

ROOT = Path(__file__).resolve().parents[1]
DATE = datetime(2026, 12, 1, tzinfo=UTC)  # the same for all: git knows when a file changed
PLACE = "locale/{language}/LC_MESSAGES"


def path_of(source: Path, language: str) -> Path:
    """Return where the catalogue of a notebook or page is."""
    return ROOT / PLACE.format(language=language) / f"{source.stem}.po"


def template(messages: Iterable[Message]) -> Catalog:
    """Return a catalogue without translations: each message, what it is, and in which cell."""
    made = Catalog(charset="utf-8")
    for text, cell, kind in messages:
        context = "code" if kind == "code" else None
        made.add(text, context=context, auto_comments=[kind], locations=[(cell, None)])
    return made


def read(path: Path, language: str) -> Catalog:
    """Return a catalogue, empty if there is no file."""
    if not path.is_file():
        return Catalog(language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def updated(catalogue: Catalog, messages: Iterable[Message]) -> Catalog:
    """Return a catalogue with these messages; a changed one keeps its translation, marked fuzzy."""
    catalogue.update(template(messages), update_header_comment=False)
    return catalogue


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue so that equal ones give equal files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.creation_date = catalogue.revision_date = DATE
    with replacing(path, overwrite=True) as temporary, temporary.open("wb") as file:
        write_po(file, catalogue, width=0)


def missing(catalogue: Catalog, messages: Iterable[Message]) -> list[Message]:
    """Return the messages that have no translation, or one that is marked fuzzy."""
    return [one for one in messages if translation(catalogue, one) is None]


def translation(catalogue: Catalog, message: Message) -> str | None:
    """Return a message's translation, or None."""
    found = catalogue.get(message.text, "code" if message.kind == "code" else None)
    return found.string if found and found.string and not found.fuzzy else None
