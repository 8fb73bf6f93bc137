"""A Word document: what its package holds, as the Markdown that `plain` reads."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from rag.sources import plain
from rag.sources.docx.markdown import as_markdown, is_of_head, title_place
from rag.sources.docx.paragraphs import Paragraph, read_notes, read_paragraphs, read_styles
from rag.sources.lines import TITLE, squeeze
from rag.sources.source_file import Reading, SourceFile
from rag.sources.xml.parsing import Element, markup, parse
from rag.types import Review

_MOST_UNPACKED = 200_000_000  # bytes
_MOST_PARTS = 10_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


def recognises(file: SourceFile) -> bool:
    """Return whether a file is a Word document."""
    return file.content.startswith(b"PK\x03\x04") and b"word/" in file.content


def read(file: SourceFile) -> Reading:
    """Return the review that a Word document holds; raise UnreadableReview where it is damaged, locked or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as package:
            paragraphs, title = _read(file, package)
    except _DAMAGED as error:
        raise file.refused("is a damaged Word document") from error
    except RuntimeError as error:  # what zipfile raises for a part that needs a password
        raise file.refused("is locked with a password; save it without") from error
    if not paragraphs:
        raise file.refused("is a Word document without text")
    place = title_place(paragraphs, title)
    text = as_markdown(paragraphs, place)
    reviews = plain.read(SourceFile(file.name, file.content, text)).reviews
    if place and len(reviews) == 1 and all(map(is_of_head, paragraphs[:place])):
        reviews = (_from_title(reviews[0]),)
    return Reading("Word document (.docx)", reviews, len(text))


def _from_title(review: Review) -> Review:
    """Return a review without the sections above its title: what kind of article it is, a journal's name."""
    start = next((section.start for section in review.sections if section.heading == TITLE.heading), 0)
    return replace(review, sections=tuple(section for section in review.sections if section.start >= start))


def _read(file: SourceFile, package: zipfile.ZipFile) -> tuple[list[Paragraph], str]:
    """Return the paragraphs of a document, and the title among its properties."""
    parts = package.infolist()
    if sum(part.file_size for part in parts) > _MOST_UNPACKED or len(parts) > _MOST_PARTS:
        raise file.refused(f"unpacks to more than {_MOST_UNPACKED // 10**6} MB")
    place = _document_place(package)
    document = _part(package, place)
    if document is None:
        raise file.refused("is a damaged Word document")
    styles = read_styles(_part(package, str(PurePosixPath(place).with_name("styles.xml"))))
    properties = _part(package, "docProps/core.xml")
    title = "" if properties is None else squeeze(properties.findtext("title") or "")
    paragraphs = [*read_paragraphs(document, styles)]
    for name in ("footnotes", "endnotes"):
        paragraphs += read_notes(name, _part(package, str(PurePosixPath(place).with_name(f"{name}.xml"))), styles)
    return paragraphs, title


def _document_place(package: zipfile.ZipFile) -> str:
    """Return where the package says that its document is."""
    relations = _part(package, "_rels/.rels")
    for relation in [] if relations is None else relations.iter("Relationship"):
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or "").lstrip("/")
    return "word/document.xml"


def _part(package: zipfile.ZipFile, place: str) -> Element | None:
    with suppress(KeyError):
        return parse(markup(package.read(place).decode("utf-8-sig", "replace")), recover=True)[0]
    return None
