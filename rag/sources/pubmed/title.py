"""Which line of a PubMed page's head is the title: it has no wording of its own, only its neighbours and copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rag.sources.lines import CITATION, IDENTIFIERS, Part
from rag.sources.names import looks_like_institution, looks_like_names, looks_numbered
from rag.sources.pubmed.citation import ShortCitation

NOT_YET = Part("", "boilerplate", "page")  # of lines whose own wording does not show what they are
NUMBERS_ONLY = re.compile(r"[\d\s,;*#†‡§.]+")

_LONGEST_TITLE = 600
_PAGE_TITLE = re.compile(r"(?:title:\s*)?[\"']?(?P<title>.{3,}?)\s+[-–|]\s+PubMed\b")
_LABELLED = re.compile(r"(?:authors?|keywords|journal)\s*:", re.IGNORECASE)


def title_place(texts: Sequence[str], parts: Sequence[Part | None], short: ShortCitation | None) -> int | None:
    """Return where the title stands: marked or named as such, printed twice, or next to lines that are certain."""
    free = _candidates(texts, parts)
    anchor = _anchor(texts, parts, short)
    below = [place for place in free if place > anchor]
    if (place := _named_or_copied(texts, free, below)) is not None:
        return place
    if anchor >= 0 and below and (below[0] == free[0] or not looks_like_names(texts[below[0]])):
        return below[0]
    if short and (above := [place for place in free if place < short.places.start]):
        return above[-1]
    return _above_people(texts, free)


def same(text: str, other: str) -> bool:
    """Return whether two lines have the same words, whatever their case and the point at their end."""
    return _words(text) == _words(other)


def page_title(texts: Sequence[str]) -> str | None:
    """Return the title of the browser's window, "… - PubMed", which some saved pages begin with."""
    matches = filter(None, (_PAGE_TITLE.match(text[:_LONGEST_TITLE]) for text in texts))
    return next((match["title"] for match in matches), None)


def _words(text: str) -> str:
    return text.strip(" .#*").casefold()


def _candidates(texts: Sequence[str], parts: Sequence[Part | None]) -> list[int]:
    addresses = parts.index(None) if None in parts else len(parts)
    places = (place for place, part in enumerate(parts) if part is NOT_YET and _could_be_title(texts[place]))
    return [place for place in places if place < addresses or not texts[place][0].isdigit()]


def _could_be_title(text: str) -> bool:
    if not text or len(text) > _LONGEST_TITLE or _LABELLED.match(text) or NUMBERS_ONLY.fullmatch(text):
        return False
    return not looks_numbered(text) and not (text[0].isdigit() and looks_like_institution(text))


def _anchor(texts: Sequence[str], parts: Sequence[Part | None], short: ShortCitation | None) -> int:
    """Return the last of the first lines with date and DOI, which PubMed prints above the title; -1 without any."""
    anchor = -1
    for place, part in enumerate(parts):
        of_short = short is not None and place in short.places
        if part in (CITATION, IDENTIFIERS) and not of_short and not texts[place].startswith("PM"):
            anchor = place
        elif anchor >= 0 and part is NOT_YET:
            break
    return anchor


def _named_or_copied(texts: Sequence[str], free: Sequence[int], below: Sequence[int]) -> int | None:
    named = page_title(texts)
    for place in free:
        if texts[place].startswith("# ") or (named and same(texts[place], named)):
            return place
    copies = Counter(_words(texts[place]) for place in below)
    return next((place for place in below if copies[_words(texts[place])] > 1), None)


def _above_people(texts: Sequence[str], free: Sequence[int]) -> int | None:
    """Return the line above the author list, else the longest."""
    neighbours = list(pairwise(free))
    numbered = [above for above, place in neighbours if looks_numbered(texts[place])]
    named = [above for above, place in neighbours if looks_like_names(texts[place])]
    if numbered or named:
        return numbered[0] if numbered else named[-1]
    return max(free, key=lambda place: len(texts[place]), default=None)
