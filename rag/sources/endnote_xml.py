"""References as EndNote writes them in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rag.sources.record import Field, gathered, laid_out, name_in_order, title_of
from rag.sources.source_file import Reading, SourceFile
from rag.sources.xml.parsing import Element, begins_as_xml, decoded, markup, parse
from rag.types import Review

_HEAD = 2_000  # characters, in which the first reference begins
_RECORDS = re.compile(r"<records>\s*<record>")
_FIELDS: Mapping[str, Field] = {
    "titles/title": "title",
    "auth-address": "affiliation",
    "abstract": "abstract",
    "keywords/keyword": "keyword",
    "titles/secondary-title": "journal",
    "periodical/full-title": "journal",
    "dates/year": "year",
    "dates/pub-dates/date": "date",
    "volume": "volume",
    "number": "issue",
    "pages": "pages",
    "electronic-resource-num": "doi",
    "accession-num": "accession",
    "remote-database-name": "database",
    "custom2": "pmcid",
    "urls/related-urls/url": "url",
    "work-type": "type",
    "notes": "note",
    "research-notes": "note",
}


def recognises(file: SourceFile) -> bool:
    """Tell whether a text is XML that begins with a list of records."""
    head = file.text[:_HEAD]
    return begins_as_xml(head) and bool(_RECORDS.search(head))


def read(file: SourceFile) -> Reading:
    """Return the references as reviews; raise UnreadableReview for XML that is damaged or holds none."""
    root, fault = parse(markup(decoded(file)), recover=True)
    if root is None:
        raise file.refused(f"is not XML that can be read ({fault})")
    return gathered(file, "References of EndNote in XML", map(_review, _numbered(root)))


def _numbered(root: Element) -> Iterator[tuple[int, Element]]:
    yield from enumerate(root.iterfind("records/record"), start=1)


def _review(numbered: tuple[int, Element]) -> Review | str:
    number, record = numbered
    fields: dict[Field, list[str]] = {"author": [name_in_order(name) for name in _words(record, _AUTHORS)]}
    for path, field in _FIELDS.items():
        # A journal is named twice.
        if field != "journal" or not fields.get(field):
            fields.setdefault(field, []).extend(_words(record, path))
    return laid_out(fields) if title_of(fields) else f"Record {number}: it has no title"


_AUTHORS = "contributors/authors/author"


def _words(record: Element, path: str) -> Iterator[str]:
    """Yield what elements hold, whatever styles it is parted into; EndNote ends lines as old Macs did."""
    for element in record.iterfind(path):
        if words := "".join(element.itertext()).replace("\r", "\n").strip():
            yield words
