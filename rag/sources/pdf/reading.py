"""A PDF as a review: its pages' text in reading order, with what each stretch belongs to and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rag.errors import ServiceAway
from rag.settings import Settings
from rag.sources.extract import Extract
from rag.sources.headings import TITLE_LABEL
from rag.sources.lines import AUTHORS, BOILERPLATE, TITLE, Part
from rag.sources.pdf.flow import paragraphs
from rag.sources.pdf.front import Fields, Front, front
from rag.sources.pdf.furniture import furniture
from rag.sources.pdf.grobid import Structure, read_structure
from rag.sources.pdf.kinds import features, kinds
from rag.sources.pdf.layout import Column, columns, usual_gutters
from rag.sources.pdf.ligatures import with_ligatures
from rag.sources.pdf.outline import TEXT, Outline, body_type, first_rank
from rag.sources.pdf.pages import Fonts, Unreadable, covered_by_image, glyphs, metadata, opened, text_page
from rag.sources.pdf.paragraphs import Block, Words, blocks, joined, known_words, usual_size
from rag.sources.pdf.rows import Row, Wording, segments, with_initials
from rag.sources.pdf.tables import table_rows
from rag.sources.source_file import Reading, SourceFile
from rag.types import PROSE, FloatMatrix, Review

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

KIND = "PDF"
_ONLY_IMAGES = "holds images of pages and no text; run OCR first (ocrmypdf FILE FILE)"
_NO_LETTERS = "holds text whose fonts do not tell its letters; run OCR first (ocrmypdf --force-ocr FILE FILE)"
_NO_TEXT = "holds no text"
_FOOTNOTE = re.compile(r"\s*(?:\[[^\[\]]{1,3}\]|[*∗†‡§¶#])+$")
_ENTRY = re.compile(r"\[?\d{1,3}[\].)]?\s+\S")
_CLEAN = re.compile(r"[\w'’‘“”\"().,:;?!%+=&/<>\[\]{}–—−‐*†‡§#@|°±×µ~$€£•-]+")
# Letters of a page's text: an image with fewer holds a page's; an image with more is a figure.
_FEWEST_LETTERS, _FEW_LETTERS = 20, 1_000
# Shares: of words that are made of letters, of vowels among Latin letters; less of either is no language.
_WORDS, _VOWELS = 0.6, 0.2


@dataclass(slots=True)
class _Document:
    """What is read of a document, by page: pieces of lines, heights, what an image covers, what could not be read."""

    metadata: Mapping[str, str]
    pieces: dict[int, list[Row]] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    covered: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)


class _Pages(Extract):
    """An extract that keeps where on the pages its text stands."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[tuple[int, int, int]] = []

    def add_words(self, words: Wording, part: Part | None) -> None:
        """Add a paragraph, which has single spaces alone."""
        self.add(words.text, part)
        start = self._end - len(words.text)
        self.places += ((start + at, page, number) for at, page, number in words.runs)


def read(file: SourceFile) -> Reading:
    """Return the one review that a PDF is; raise UnreadableReview where it has no text that can be read."""
    try:
        with opened(file.content) as document:
            found = _document(document)
    except Unreadable as error:
        raise file.refused(str(error)) from error
    heads = _take_heads(found)
    images = [page for page in found.covered if _letters(found.pieces[page]) < _FEWEST_LETTERS]
    found.pieces.update((page, []) for page in images)
    if not any(found.pieces.values()):
        raise file.refused(_ONLY_IMAGES if images else _NO_LETTERS if found.garbled else _NO_TEXT)
    structure, away = _asked(file.content)
    unread = {page: why for pages, why in _unread(found, images) for page in pages}
    review = _review(found, file.name, heads, min(unread, default=0), structure)
    told = [f"{away}; read without it"] if away else []
    told += [f"page{'s' * (len(pages) > 1)} {_ranges(pages)}: {why}" for pages, why in _unread(found, images)]
    return Reading(KIND, (review,), len(review.text), tuple(told), lasting=not away)


@dataclass(frozen=True, slots=True)
class PrintedLines:
    """The lines of a document in reading order, without what is printed again and again; the file's own fields."""

    columns: Sequence[Column]
    stated: Mapping[str, str]

    @property
    def rows(self) -> list[Row]:
        """The lines."""
        return [row for column in self.columns for row in column.rows]

    def features(self) -> FloatMatrix:
        """Return what is known of each line."""
        return features(self.columns, self.stated, usual_size(self.columns))

    def beginning(self, most: int) -> PrintedLines:
        """Return at most so many lines of the first page, as a file shows them that knows one font and no fields."""
        first, taken = [], 0
        for column in self.columns:
            rows = [replace(row, font=0, bold=False) for row in column.rows if row.page == self.columns[0].rows[0].page]
            if rows := rows[: most - taken]:
                first.append(replace(column, rows=tuple(rows)))
                taken += len(rows)
        return PrintedLines(first, {})


def printed_lines(content: bytes) -> PrintedLines:
    """Return the lines of a PDF, from which `rag.training` learns; raise Unreadable."""
    with opened(content) as document:
        found = _document(document)
    _take_heads(found)
    return PrintedLines(_columns(found), found.metadata)


def _columns(found: _Document) -> list[Column]:
    pages = [with_initials(pieces) for pieces in found.pieces.values()]
    gutters = usual_gutters(pages)
    return [column for pieces in pages for column in columns(pieces, gutters)]


def _asked(content: bytes) -> tuple[Structure, str]:
    """Return what the server says of a PDF where the settings name one, and why it says nothing."""
    if not (server := Settings().grobid_url):
        return Structure(), ""
    try:
        return read_structure(content, server), ""
    except ServiceAway as error:
        return Structure(), str(error)


def _document(document: PdfDocument) -> _Document:
    import pypdfium2

    found, fonts = _Document(metadata(document)), Fonts()
    for number in range(1, len(document) + 1):
        try:
            with text_page(document, number) as (page, text):
                printed = with_ligatures(glyphs(page, text, number, fonts))
                covered = len(printed.text) < _FEW_LETTERS and covered_by_image(page)
        except pypdfium2.PdfiumError:
            found.damaged.append(number)
            continue
        pieces = segments(printed)
        found.heights[number] = printed.height
        if covered:
            found.covered.append(number)
        if _is_garbled(" ".join(piece.text for piece in pieces)):
            found.garbled.append(number)
            pieces = []
        found.pieces[number] = pieces
    return found


def _take_heads(found: _Document) -> tuple[str, ...]:
    """Take what is printed around the text from the pages, unless nothing else is, and return its words."""
    ignored = furniture(found.pieces, found.heights)
    shown = {page: [piece for piece in pieces if id(piece) not in ignored] for page, pieces in found.pieces.items()}
    if not any(shown.values()) and not found.covered:
        return ()
    heads = dict.fromkeys(p.text for pieces in found.pieces.values() for p in pieces if id(p) in ignored)
    found.pieces = shown
    return tuple(heads)


def _letters(pieces: Sequence[Row]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _is_garbled(text: str) -> bool:
    """Tell text that a font's missing table of letters makes unreadable."""
    words = text.split()
    if len(words) < _FEWEST_LETTERS:
        return False
    if sum(bool(_CLEAN.fullmatch(word)) for word in words) < _WORDS * len(words):
        return True
    latin = re.findall(r"[a-z]", text, re.IGNORECASE)
    vowels = sum(letter in "aeiouAEIOU" for letter in latin)
    return 2 * len(latin) > len("".join(words)) and vowels < _VOWELS * len(latin)


def _unread(found: _Document, images: Sequence[int]) -> list[tuple[Sequence[int], str]]:
    """Return the pages that were not read, by why."""
    why = (
        (images, "an image and no text; run OCR first (ocrmypdf --skip-text FILE FILE)"),
        (found.garbled, "text whose fonts do not tell its letters; run OCR first (ocrmypdf --force-ocr FILE FILE)"),
        (found.damaged, "damaged"),
    )
    return [(pages, reason) for pages, reason in why if pages]


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers in words.

    >>> _ranges([1, 2, 3, 7])
    '1–3, 7'
    """
    runs = [list(run) for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0][1]) if len(run) == 1 else f"{run[0][1]}–{run[-1][1]}" for run in runs)


def _review(found: _Document, name: str, heads: Sequence[str], first_unread: int, structure: Structure) -> Review:
    every = _columns(found)
    size, words = usual_size(every), known_words(every)
    told = kinds(every, found.metadata, size)
    flow = [block for column in every for block in blocks(column, told)]
    page = flow[0].first.page
    # What stands on a page that was not read would be missing from the facts, or be another's.
    stated = structure.printed_in(" ".join(block.text for block in flow if block.first.page == page))
    fields = Fields({**found.metadata, **stated}, heads, words, size)
    opening = front(flow, fields) if not 0 < first_unread < page else Front()
    extract = _Pages()
    parts = list(_parts(flow, opening, size, structure))
    bare = not any(part and part.kind in PROSE for *_, part in parts)
    for block, rows, part in parts:
        for paragraph in _wordings(block, rows, part, words):
            extract.add_words(paragraph, TEXT if bare and part in (None, BOILERPLATE) else part)
    title = joined([row for block in opening.title for row in block.rows], words).text if opening.title else ""
    title = TITLE_LABEL.sub("", _FOOTNOTE.sub("", title)) or PurePosixPath(name).stem
    return replace(extract.review(title, opening.facts), places=tuple(extract.places))


def _parts(
    flow: Sequence[Block], opening: Front, size: float, structure: Structure
) -> Iterator[tuple[Block, list[Row], Part | None]]:
    """Yield each paragraph by its first block, its rows, and its part; the title and the names of the authors first."""
    for run, part in ((opening.title, TITLE), (opening.authors, AUTHORS)):
        if run:
            yield run[0], [row for block in run for row in block.rows], part
    rest = [block for block in flow if block not in opening.title and block not in opening.authors]
    body = body_type(rest, size)
    begins = opening.title[0].first.base if opening.title else 0.0
    outline = Outline(body, first_rank(rest, body), bool(opening.title), begins, structure)
    groups = paragraphs(rest, size)
    for place, group in enumerate(groups):
        below = groups[place + 1][0] if place + 1 < len(groups) else None
        announced = outline.part(group[0], below, first_page=group[0].first.page == flow[0].first.page)
        yield group[0], [row for block in group for row in block.rows], announced


def _wordings(block: Block, rows: Sequence[Row], part: Part | None, words: Words) -> Iterator[Wording]:
    """Yield the paragraphs that rows make: those of a table one by one, references each for itself."""
    if block.is_table and part and part.kind == "body":
        yield from table_rows(rows)
    elif part and part.kind == "references":
        yield from (joined(entry, words) for entry in _entries(rows))
    else:
        yield joined(rows, words)


def _entries(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows of each numbered reference, or all of them."""
    left = min(row.left for row in rows)
    entry: list[Row] = []
    for row in rows:
        if entry and _ENTRY.match(row.text) and row.left < left + row.size:
            yield entry
            entry = []
        entry.append(row)
    yield entry
