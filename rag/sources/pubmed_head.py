"""The head of a PubMed page: citation, title, authors, affiliations and identifiers, between the frame and the abstract.

PubMed prints this block twice, in full and short; a saved page holds both, one, or parts of them, in some order:

Review
Nat Biotechnol
. 2025 Apr;43(4):506-515.
doi: 10.1038/s41587-024-02446-2. Epub 2024 Nov 12.
Beyond the blood: expanding CAR T cell therapy to solid tumors
Ugur Uslu 1 2, Carl H June 3 4
Affiliations
1 Center for Cellular Immunotherapies, …
PMID: 39533106 DOI: 10.1038/s41587-024-02446-2
Review
Beyond the blood: expanding CAR T cell therapy to solid tumors
Ugur Uslu et al. Nat Biotechnol. 2025 Apr.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.sources.dates import JOURNAL_DATE
from rag.sources.headings import plain_title
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    BOILERPLATE,
    CITATION,
    IDENTIFIERS,
    JOURNAL,
    TITLE,
    Line,
    Part,
    key,
    squeeze,
)
from rag.sources.names import looks_like_institution, looks_like_names, looks_numbered, split_names
from rag.sources.pubmed_words import PUBLICATION_TYPE, is_frame, is_publication_type, without_publication_type

_LONGEST_LINE = 20_000  # author lists of large trials have thousands of names
_LONGEST_TITLE = 600
_NOT_YET = Part("", "boilerplate", "page")

_DATE = rf"(?P<date>{JOURNAL_DATE})"
_DATE_FIRST = re.compile(rf"(?:\[Preprint\]\s*)?(?:\.\s*{_DATE}\b|(?P<bare>{JOURNAL_DATE})\s?[;:]\s?[\w(])")
_JOURNAL_FIRST = re.compile(
    rf"(?P<journal>[^;:]{{2,120}}?)\s*\.\s*{_DATE}\s*(?:[;:]\s*\S|\.\s*(?:doi|Online|Epub))", re.IGNORECASE
)
_SHORT = re.compile(rf"(?P<authors>.{{2,200}}?)\s+et al\b\.?,?\s+(?P<journal>\S.{{0,118}}?)\.\s*{_DATE}\b")
_SHORT_ONE = re.compile(rf"(?P<authors>[^.;:]{{3,120}})\.\s+(?P<journal>[^.;:]{{2,118}})\.\s+{_DATE}\.?")
_ET_AL = re.compile(r"(?P<authors>.{2,200}?)\s+et al\.?")
_JOURNAL_AND_DATE = re.compile(rf"(?P<journal>[^.;:]{{2,118}})\.\s+{_DATE}\.?")
_LATER_DATE = re.compile(r"Epub\b|eCollection\b|Online ahead of print|Published online|Print \d{4}", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"(?:PMID|PMCID|NIHMSID|DOI)\b\s*:?\s*(?:$|\d|PMC|NIHMS|https?:)|PMC\d+$|https?://(?:dx\.)?doi\.org/", re.IGNORECASE
)
_AFFILIATIONS = re.compile(r"(?:collaborators,? |authors? (?:and|&) )?affiliations?(?: expand| collapse)?|author information|authors?")
_NUMBERS_ONLY = re.compile(r"[\d\s,;*#†‡§.]+")
_BETWEEN_JOURNAL_AND_DATE = frozenset(["actions", "search in pubmed", "search in nlm catalog", "add to search"])
_PAGE_TITLE = re.compile(r"(?:title:\s*)?[\"']?(?P<title>.{3,}?)\s+[-–|]\s+PubMed\b")


@dataclass(frozen=True, slots=True)
class Head:
    """The parts of the head's lines, and the facts they state."""

    parts: tuple[Part | None, ...]
    title: str | None = None
    authors: tuple[str, ...] = ()
    journal: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class _Short:
    """The short citation, "Ugur Uslu et al. Nat Biotechnol. 2025 Apr.", on the lines from `first` to `last`."""

    first: int
    last: int
    authors: str
    journal: str
    date: str


def is_citation(text: str) -> bool:
    """Return whether a line gives date, volume and pages: ". 2025 Apr;43(4):506-515." or "Nat Med. 2025;1:2."."""
    return bool(_citation(squeeze(text[:400])))


def _citation(text: str) -> re.Match[str] | None:
    return _DATE_FIRST.match(text) or _JOURNAL_FIRST.match(text)


def read_head(lines: Sequence[Line]) -> Head:
    """Return what the lines before the first section of a PubMed page say."""
    texts = [squeeze(line.text) if len(line.text) <= _LONGEST_LINE else "" for line in lines]
    parts = [_certain_part(line, text) for line, text in zip(lines, texts, strict=True)]
    _mark_values(texts, parts)
    _mark_repeated(texts, parts)
    short = _short_citation(texts, parts)
    dated = _first(parts, CITATION)
    journal = _journal_line(texts, parts, dated, short)
    title = _title_line(texts, parts, short)
    if short:
        parts[short.first : short.last + 1] = [CITATION] * (short.last + 1 - short.first)
    if title is not None:
        _mark_title(texts, parts, title)
        _mark_people(texts, parts, title)
    return Head(
        parts=tuple(BOILERPLATE if part is _NOT_YET else part for part in parts),
        title=plain_title(texts[title].lstrip("# ") if title is not None else _page_title(texts) or "") or None,
        authors=_authors(texts, parts) or (split_names(short.authors) if short else ()),
        journal=short.journal if short else journal,
        date=_date(texts, parts) or (short.date if short else None),
    )


def _certain_part(line: Line, text: str) -> Part | None:
    """Return the part that a line shows by its own wording, `_NOT_YET` if its place must decide."""
    words = key(line)
    if is_publication_type(words):
        return PUBLICATION_TYPE
    if _AFFILIATIONS.fullmatch(words):
        return None
    if is_frame(words) or _PAGE_TITLE.match(text):
        return BOILERPLATE
    if _citation(text) or _LATER_DATE.match(text):
        return CITATION
    return IDENTIFIERS if _IDENTIFIER.match(text) else _NOT_YET


def _mark_values(texts: Sequence[str], parts: list[Part | None]) -> None:
    """Mark the numbers that stand on a line of their own below "PMID:" or "DOI:"."""
    for place in range(1, len(texts)):
        if parts[place - 1] is IDENTIFIERS and texts[place - 1].endswith(":"):
            parts[place] = IDENTIFIERS


def _mark_repeated(texts: Sequence[str], parts: list[Part | None]) -> None:
    """Mark the later copies of certain lines as boilerplate, so that each fact is quoted once."""
    seen: set[str] = set()
    for place, text in enumerate(texts):
        if parts[place] in (PUBLICATION_TYPE, CITATION, IDENTIFIERS) and text in seen:
            parts[place] = BOILERPLATE
        seen.add(text)


def _short_citation(texts: Sequence[str], parts: Sequence[Part | None]) -> _Short | None:
    for place, text in enumerate(texts):
        if parts[place] not in (_NOT_YET, CITATION) or len(text) > 400:
            continue
        match = _SHORT.match(text) or _SHORT_ONE.fullmatch(text)
        if match and looks_like_names(match["authors"]):
            return _Short(place, place, match["authors"], match["journal"], match["date"])
        below = texts[place + 1] if place + 1 < len(texts) else ""
        if (people := _ET_AL.fullmatch(text)) and (match := _JOURNAL_AND_DATE.match(below[:400])):
            return _Short(place, place + 1, people["authors"], match["journal"], match["date"])
    return None


def _first(parts: Sequence[Part | None], wanted: Part) -> int:
    return parts.index(wanted) if wanted in parts else -1


def _journal_line(texts: Sequence[str], parts: list[Part | None], dated: int, short: _Short | None) -> str | None:
    """Return the journal: part of the citation line, or the line above it, which is then marked."""
    if dated < 0 or (short and dated in (short.first, short.last)):
        return None
    if match := _JOURNAL_FIRST.match(texts[dated][:400]):
        return without_publication_type(match["journal"])
    for place in range(dated - 1, -1, -1):
        if parts[place] is PUBLICATION_TYPE or texts[place].casefold() in _BETWEEN_JOURNAL_AND_DATE:
            continue
        journal = without_publication_type(texts[place].strip(" .#*"))
        if parts[place] is not _NOT_YET or len(journal) > 120 or (short and journal != short.journal):
            return None
        parts[place] = JOURNAL
        return journal
    return None


def _title_line(texts: Sequence[str], parts: Sequence[Part | None], short: _Short | None) -> int | None:
    """Return where the title stands: printed twice, named by the page, or next to lines that are certain."""
    addresses = parts.index(None) if None in parts else len(parts)
    free = [
        place
        for place, part in enumerate(parts)
        if part is _NOT_YET and _could_be_title(texts[place]) and not (place > addresses and texts[place][0].isdigit())
    ]
    below = [place for place in free if place > _anchor(texts, parts, short)]
    copies = Counter(_same(texts[place]) for place in below)
    named = _same(_page_title(texts) or "")
    for place in free:
        if texts[place].startswith("# ") or _same(texts[place]) == named:
            return place
    for place in below:
        if copies[_same(texts[place])] > 1:
            return place
    if below and (below[0] == free[0] or not looks_like_names(texts[below[0]])) and _anchor(texts, parts, short) >= 0:
        return below[0]
    if short and (above := [place for place in free if place < short.first]):
        return above[-1]
    return _above_people(texts, parts, free)


def _above_people(texts: Sequence[str], parts: Sequence[Part | None], free: Sequence[int]) -> int | None:
    """Return the line above the author list, else the longest."""
    neighbours = list(pairwise(free))
    numbered = [above for above, place in neighbours if looks_numbered(texts[place])]
    named = [above for above, place in neighbours if looks_like_names(texts[place])]
    if numbered or named:
        return numbered[0] if numbered else named[-1]
    return max(free, key=lambda place: len(texts[place]), default=None)


def _could_be_title(text: str) -> bool:
    labelled = text.casefold().startswith(("author:", "authors:", "keywords:", "journal:"))
    if not text or labelled or len(text) > _LONGEST_TITLE or _NUMBERS_ONLY.fullmatch(text):
        return False
    return not looks_numbered(text) and not (text[0].isdigit() and looks_like_institution(text))


def _anchor(texts: Sequence[str], parts: Sequence[Part | None], short: _Short | None) -> int:
    """Return the last of the first lines with date and DOI, which PubMed prints above the title; -1 without any."""
    in_short = range(short.first, short.last + 1) if short else range(0)
    anchor = -1
    for place, part in enumerate(parts):
        dated = part in (CITATION, IDENTIFIERS) and place not in in_short and not texts[place].startswith("PM")
        if dated:
            anchor = place
        elif anchor >= 0 and part is _NOT_YET:
            break
    return anchor


def _same(text: str) -> str:
    return text.strip(" .#*").casefold()


def _page_title(texts: Sequence[str]) -> str | None:
    """Return the title of the browser's window, "… - PubMed", which some saved pages begin with."""
    matches = (_PAGE_TITLE.match(text[:_LONGEST_TITLE]) for text in texts)
    return next((match["title"] for match in matches if match), None)


def _mark_title(texts: Sequence[str], parts: list[Part | None], title: int) -> None:
    for place, part in enumerate(parts):
        if part is _NOT_YET and _same(texts[place]) == _same(texts[title]):
            parts[place] = TITLE if place == title else BOILERPLATE


def _mark_people(texts: Sequence[str], parts: list[Part | None], title: int) -> None:
    """Mark authors and affiliations, which follow the title until its next copy."""
    current = AUTHORS
    for place in range(title + 1, len(texts)):
        text = texts[place]
        if _same(text) == _same(texts[title]):
            break
        if parts[place] is None:
            current = AUTHORS if _same(text) == "authors" else AFFILIATIONS
        if parts[place] is not _NOT_YET:
            continue
        if current is AUTHORS and not (_NUMBERS_ONLY.fullmatch(text) or looks_like_names(text)):
            if not (text[:1].isdigit() or looks_like_institution(text)):
                continue
            current = AFFILIATIONS
        parts[place] = current


def _authors(texts: Sequence[str], parts: Sequence[Part | None]) -> tuple[str, ...]:
    listed = [text for text, part in zip(texts, parts, strict=True) if part is AUTHORS]
    wrapped = any("," in text for text in listed)
    joined = ""
    for text in listed:
        complete = not wrapped or joined[-1:] in ",;*" or joined[-1:].isdigit()
        joined += ("\n" if complete else " ") + text
    return split_names(joined)


def _date(texts: Sequence[str], parts: Sequence[Part | None]) -> str | None:
    """Return the date of the journal issue."""
    for text, part in zip(texts, parts, strict=True):
        if part is CITATION and (match := _citation(text[:400])):
            return match["date"] or match["bare"]
    return None
