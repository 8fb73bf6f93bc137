"""Which reader a file needs, told by its content; the name of a file decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.errors import UnreadableReview
from rag.sources import (
    abstract_text,
    bare_references,
    bibtex,
    csl_json,
    docx,
    endnote_xml,
    html,
    jats,
    labelled,
    pdf,
    plain,
    pmc_page,
    printed,
    pubmed,
    pubmed_xml,
    retraction_list,
    summary,
    table_export,
    tagged,
)
from rag.sources.decoding import decode
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review


class Format(Protocol):
    """The face of a reader, which is a module."""

    def recognises(self, file: SourceFile) -> bool:
        """Tell whether the content is of this format."""
        ...

    def read(self, file: SourceFile) -> Reading:
        """Return the reviews in a file of this format; raise UnreadableReview where there can be none."""
        ...


# The first that recognises a file reads it; the last recognises any text.
FORMATS: Sequence[Format] = (
    pdf,
    docx,
    jats,
    pubmed_xml,
    endnote_xml,
    html,
    csl_json,
    tagged,
    abstract_text,
    bare_references,
    bibtex,
    retraction_list,
    table_export,
    labelled,
    summary,
    pmc_page,
    pubmed,
    printed,
    plain,
)

# What is seen in libraries and not read, by its first bytes or those at a place, with what to do.
_FOREIGN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG", "is an image, not text; recognise its text first (ocrmypdf)"),
    (0, b"GIF8", "is an image, not text; recognise its text first (ocrmypdf)"),
    (0, b"\xff\xd8\xff", "is an image, not text; recognise its text first (ocrmypdf)"),
    (0, b"\x1f\x8b", "is a compressed file, not text; unpack it"),
    (0, b"7z\xbc\xaf", "is a compressed file, not text; unpack it"),
    (0, b"Rar!", "is a compressed file, not text; unpack it"),
    (0, b"{\\rtf", "is a rich-text file; save it as .docx or as plain text"),
    (0, b"\xd0\xcf\x11\xe0", "is an old Office file, or locked with a password; save it as .docx, .csv or plain text"),
    (30, b"mimetypeapplication/epub", "is an e-book (EPUB); save the paper as PDF, HTML or text"),
    (30, b"mimetypeapplication/vnd.oasis", "is an OpenDocument file; save it as .docx or as PDF"),
)
_DAMAGED_ARCHIVE = "is a damaged archive or Word document; download it or save it again"
_READABLE = frozenset(["abstract", "summary", "body"])
_FEWEST_WORDS = 8


def read_content(content: bytes, name: str) -> Reading:
    """Return the reviews that the bytes of a file hold, of whatever format; raise UnreadableReview, which names it."""
    for place, magic, why in _FOREIGN:
        if content.startswith(magic, place):
            raise UnreadableReview(f"{name}: the file {why}")
    file, problem = SourceFile(name, content), None
    try:
        file = SourceFile(name, content, decode(content, name))
    except UnreadableReview as error:
        problem = error
    for form in FORMATS:
        if form.recognises(file):
            return _with_content(form.read(file), file)
    if content.startswith(b"PK\x03\x04"):
        raise file.refused(_DAMAGED_ARCHIVE)
    raise problem or file.refused("is of no kind that is read here")


def _with_content(reading: Reading, file: SourceFile) -> Reading:
    """Return what was read without the records that hold nothing; raise UnreadableReview where that is all."""
    known = not reading.guessed
    kept = tuple(review for review in reading.reviews if review.title and _has_content(review, known=known))
    if kept or reading.refused or reading.notices:
        empty = [review.title for review in reading.reviews if review.title and review not in kept]
        refused = [*reading.refused, *(f"“{title}” has no abstract, text or number" for title in empty)]
        return replace(reading, reviews=kept, refused=tuple(f"{file.name}: {line}" for line in refused))
    words = sum(len(review.text.split()) for review in reading.reviews)
    if words < _FEWEST_WORDS:
        raise file.refused("has too few words for a paper or a note")
    raise file.refused("holds the frame of a page, but no title, abstract or text of a paper")


def _has_content(review: Review, *, known: bool) -> bool:
    """Return whether there is something to quote, or a paper at all: its number, or, in a `known` format, its year."""
    named = review.doi or review.pmid or (known and review.year)
    return bool(named) or any(section.kind in _READABLE for section in review.sections)
