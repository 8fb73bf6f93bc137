"""Citations as PubMed prints them: long, short, with the journal on its own line, or ahead of print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.sources.dates import JOURNAL_DATE
from rag.sources.lines import squeeze
from rag.sources.names import looks_like_names
from rag.sources.pubmed.words import without_publication_type

_LONGEST = 400  # characters of a citation
_DATE = rf"(?P<date>{JOURNAL_DATE})"
_DATE_FIRST = re.compile(rf"(?:\[Preprint\]\s*)?(?:\.\s*{_DATE}\b|(?P<bare>{JOURNAL_DATE})\s?[;:]\s?[\w(])")
_JOURNAL_FIRST = re.compile(
    rf"(?P<journal>[^;:]{{2,120}}?)\s*\.\s*{_DATE}\s*(?:[;:]\s*\S|\.\s*(?:doi|Online|Epub))", re.IGNORECASE
)
_SHORT = re.compile(rf"(?P<authors>.{{2,200}}?)\s+et al\b\.?,?\s+(?P<journal>\S.{{0,118}}?)\.\s*{_DATE}\b.*")
_SHORT_ONE = re.compile(rf"(?P<authors>[^.;:]{{3,120}})\.\s+(?P<journal>[^.;:]{{2,118}})\.\s+{_DATE}\.?")
_ET_AL = re.compile(r"(?P<authors>.{2,200}?)\s+et al\.?")
_JOURNAL_AND_DATE = re.compile(rf"(?P<journal>[^.;:]{{2,118}})\.\s+{_DATE}\b.*")
_LATER = re.compile(rf"(?:Epub|eCollection|Published online|Print)\s+{_DATE}", re.IGNORECASE)
_LATER_LINE = re.compile(r"(?:Epub|eCollection|Online ahead of print|Published online|Print \d{4})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShortCitation:
    """The facts of "Ugur Uslu et al. Nat Biotechnol. 2025 Apr.", and the places of its one or two lines."""

    places: range
    authors: str
    journal: str
    date: str


def is_citation(text: str) -> bool:
    """Return whether a line gives the date of an issue: ". 2025 Apr;43(4):506-515." or "Nat Med. 2025;1:2."."""
    return _long(squeeze(text[:_LONGEST])) is not None


def is_later_date(text: str) -> bool:
    """Return whether a line goes on with a citation: "Epub 2024 Nov 12."."""
    return bool(_LATER_LINE.match(text))


def _long(text: str) -> re.Match[str] | None:
    return _DATE_FIRST.match(text) or _JOURNAL_FIRST.match(text)


def issue_date(texts: Sequence[str]) -> str | None:
    """Return the date of the journal issue, as printed in the first of the lines that has one."""
    matches = filter(None, (_long(text[:_LONGEST]) for text in texts))
    return next((match["date"] or match["bare"] for match in matches), None)


def later_date(texts: Sequence[str]) -> str | None:
    """Return the date of publication ahead of an issue: of "Epub 2024 Nov 12", "2024 Nov 12"."""
    matches = filter(None, (_LATER.search(text[:_LONGEST]) for text in texts))
    return next((match["date"] for match in matches), None)


def journal_in(text: str) -> str | None:
    """Return the journal that a citation line begins with."""
    match = _JOURNAL_FIRST.match(text[:_LONGEST])
    return without_publication_type(match["journal"]) if match else None


def short_citation(texts: Sequence[str]) -> ShortCitation | None:
    """Return the first short citation of the lines."""
    for place, text in enumerate(texts):
        if len(text) > _LONGEST:
            continue
        match = _SHORT.fullmatch(text) or _SHORT_ONE.fullmatch(text)
        if match and looks_like_names(match["authors"]):
            return ShortCitation(range(place, place + 1), match["authors"], match["journal"], match["date"])
        people = _ET_AL.fullmatch(text)
        below = _JOURNAL_AND_DATE.match(texts[place + 1][:_LONGEST]) if people and place + 1 < len(texts) else None
        if people and below:
            return ShortCitation(range(place, place + 2), people["authors"], below["journal"], below["date"])
    return None
