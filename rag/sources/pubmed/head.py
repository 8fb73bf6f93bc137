"""The head of a PubMed page: citation, title, authors, affiliations, identifiers; between its frame and the abstract.

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

Each line gets its part in two steps: by its own wording, where that is certain; by its place among these, else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.sources.facts import Facts
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
    listed,
    squeeze,
)
from rag.sources.names import looks_like_institution, looks_like_journal, looks_like_names, split_names
from rag.sources.pubmed.citation import (
    ShortCitation,
    is_citation,
    is_later_date,
    issue_date,
    journal_in,
    later_date,
    short_citation,
)
from rag.sources.pubmed.title import NOT_YET, NUMBERS_ONLY, page_title, same, title_place
from rag.sources.pubmed.words import PUBLICATION_TYPE, is_frame, is_publication_type, without_publication_type

_LONGEST_LINE = 20_000  # author lists of large trials have thousands of names
_LONGEST_JOURNAL = 120
_IDENTIFIER = re.compile(
    r"(?:PMID|PMCID|NIHMSID|DOI)\b\s*:?\s*(?:$|\d|PMC|NIHMS|https?:)|PMC\d+$|https?://(?:dx\.)?doi\.org/", re.IGNORECASE
)
_AFFILIATIONS = re.compile(
    r"(?:collaborators,? |authors? (?:and|&) )?affiliations?(?: expand| collapse)?|author information|authors?"
)
_BETWEEN_JOURNAL_AND_DATE = listed("actions | search in pubmed | search in nlm catalog | add to search")


@dataclass(frozen=True, slots=True)
class Head:
    """The parts of the head's lines, and what they state."""

    parts: tuple[Part | None, ...]
    title: str | None
    facts: Facts


def read_head(lines: Sequence[Line]) -> Head:
    """Return what the lines before the first section of a PubMed page say."""
    texts = [squeeze(line.text) if len(line.text) <= _LONGEST_LINE else "" for line in lines]
    parts = [_certain_part(line, text) for line, text in zip(lines, texts, strict=True)]
    _mark_values_and_copies(texts, parts)
    short = short_citation(
        [text if part in (NOT_YET, CITATION) else "" for text, part in zip(texts, parts, strict=True)]
    )
    journal = _journal(texts, parts, short)
    title = title_place(texts, parts, short)
    for place in short.places if short else ():
        parts[place] = CITATION
    if title is not None:
        _mark_title(texts, parts, title)
        _mark_people(texts, parts, title)
    facts = _facts(texts, parts, short, journal)
    named = page_title(texts) if title is None else texts[title].lstrip("# ")
    return Head(tuple(BOILERPLATE if part is NOT_YET else part for part in parts), named, facts)


def _certain_part(line: Line, text: str) -> Part | None:
    """Return the part that a line shows by its own wording, None for a heading, NOT_YET if its place must decide."""
    words = key(line)
    if is_publication_type(words):
        return PUBLICATION_TYPE
    if _AFFILIATIONS.fullmatch(words):
        return None
    if is_frame(words) or page_title([text]):
        return BOILERPLATE
    if is_citation(text) or is_later_date(text):
        return CITATION
    return IDENTIFIERS if _IDENTIFIER.match(text) else NOT_YET


def _mark_values_and_copies(texts: Sequence[str], parts: list[Part | None]) -> None:
    """Mark numbers alone below "PMID:", and later copies of certain lines, so that each fact is quoted once."""
    seen: set[str] = set()
    for place, text in enumerate(texts):
        if place and parts[place - 1] is IDENTIFIERS and texts[place - 1].endswith(":"):
            parts[place] = IDENTIFIERS
        elif parts[place] in (PUBLICATION_TYPE, CITATION, IDENTIFIERS) and text in seen:
            parts[place] = BOILERPLATE
        seen.add(text)


def _journal(texts: Sequence[str], parts: list[Part | None], short: ShortCitation | None) -> str | None:
    """Return the journal: part of the citation line, or the line above it, which is then marked."""
    dated = parts.index(CITATION) if CITATION in parts else -1
    if dated < 0 or (short and dated in short.places):
        return None
    if inside := journal_in(texts[dated]):
        return inside
    for place in range(dated - 1, -1, -1):
        if parts[place] is PUBLICATION_TYPE or texts[place].casefold() in _BETWEEN_JOURNAL_AND_DATE:
            continue
        journal = without_publication_type(texts[place].strip(" .#*"))
        known = journal == short.journal if short else looks_like_journal(journal) and len(journal) <= _LONGEST_JOURNAL
        if parts[place] is not NOT_YET or not known:
            return None
        parts[place] = JOURNAL
        return journal
    return None


def _mark_title(texts: Sequence[str], parts: list[Part | None], title: int) -> None:
    for place, part in enumerate(parts):
        if part is NOT_YET and same(texts[place], texts[title]):
            parts[place] = TITLE if place == title else BOILERPLATE


def _mark_people(texts: Sequence[str], parts: list[Part | None], title: int) -> None:
    """Mark authors and affiliations, which follow the title until its next copy."""
    current = AUTHORS
    for place in range(title + 1, len(texts)):
        text = texts[place]
        if same(text, texts[title]):
            break
        if parts[place] is None:
            current = AUTHORS if same(text, "authors") else AFFILIATIONS
        if parts[place] is not NOT_YET:
            continue
        if current is AUTHORS and not (NUMBERS_ONLY.fullmatch(text) or looks_like_names(text)):
            if not (text[:1].isdigit() or looks_like_institution(text)):
                continue
            current = AFFILIATIONS
        parts[place] = current


def _facts(
    texts: Sequence[str], parts: Sequence[Part | None], short: ShortCitation | None, journal: str | None
) -> Facts:
    stated = [text for text, part in zip(texts, parts, strict=True) if part in (CITATION, IDENTIFIERS)]
    listed_authors = _authors([text for text, part in zip(texts, parts, strict=True) if part is AUTHORS])
    return Facts(
        authors=listed_authors or (split_names(short.authors) if short else ()),
        journal=short.journal if short else journal,
        date=issue_date(stated) or (short.date if short else None) or later_date(stated),
    )


def _authors(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the names of an author list, which may be wrapped within a name, or have one name on each line."""
    wrapped = any("," in text for text in texts)
    joined = ""
    for text in texts:
        complete = not wrapped or joined[-1:] in ",;*" or joined[-1:].isdigit()
        joined += ("\n" if complete else " ") + text
    return split_names(joined)
