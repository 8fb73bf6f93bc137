"""Lists of records that each cite where they appeared: on a line with the journal, or in a whole reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.encoders import LineKind
from rag.sources.dates import JOURNAL_DATE
from rag.sources.lines import Line, is_prose, squeeze
from rag.sources.names import is_byline, looks_like_names
from rag.sources.record import listed_names

_NUMBER = r"(?:\[\d{1,4}\]|\d{1,4}[.)])?\s*"
# Where a paper stands, after the date of the issue: "2021 Mar;12(3):33-41", "2021, 12, 33".
_PLACE = r"(?P<volume>\d{1,4})(?:\s?\([^()]{1,20}\))?\s?[:,]\s?(?P<page>\w{1,12})"
_IN_ISSUE = rf"(?P<date>{JOURNAL_DATE})\s?[;,]\s?{_PLACE}"
_JOURNAL = re.compile(
    rf"{_NUMBER}[^;:]{{2,120}}?(?:{_IN_ISSUE}|\b(?P<first>\d{{1,4}})\s?\((?P<year>(?:19|20)\d\d)\)[:,]?\s?(?P<on>\w{{1,12}}))"
)
_REFERENCES = (
    re.compile(
        rf"{_NUMBER}(?P<names>\S.{{2,2000}}?) \((?P<date>(?:19|20)\d\d)\)\. (?P<title>\S.{{12,400}}?)(?P<end>[.?!]) "
        rf"(?P<journal>[^.;?!]{{2,118}}), {_PLACE}"
    ),
    re.compile(
        rf"{_NUMBER}(?P<names>\S[^.]{{2,2000}})[.:] (?P<title>\S.{{12,400}}?)(?P<end>[.?!]) "
        rf"(?P<journal>[^.;:?!]{{2,118}})[.,]? {_IN_ISSUE}"
    ),
)
_LONGEST, _LONGEST_REFERENCE = 200, 3_000  # characters
_FEWEST_WORDS = 8  # of a sentence
_NEAR, _FEWEST = 4, 2  # lines from a citation to its title; records of a list


@dataclass(frozen=True, slots=True)
class Reference:
    """What a whole reference states: "Wick A, Flint B. Moths at lamps. J Lamps. 2021;12:33-41."."""

    authors: tuple[str, ...]
    title: str
    journal: str
    date: str
    place: tuple[str, str]


def reference_in(text: str) -> Reference | None:
    """Return what a line states that begins with a reference, with names, title, journal, year and volume."""
    if len(text) > _LONGEST_REFERENCE:
        return None
    for form in _REFERENCES:
        match = form.match(text)
        if match and looks_like_names(names := "; ".join(listed_names(match["names"]))):
            title = match["title"] + match["end"].strip(".")
            place = match["volume"], match["page"]
            return Reference(tuple(names.split("; ")), title, squeeze(match["journal"]), match["date"], place)
    return None


def place_cited(text: str) -> tuple[str, ...] | None:
    """Return year, volume and page of a line that cites a paper, by its journal or in a reference; else None."""
    if reference := reference_in(text):
        return reference.date[:4], *reference.place
    match = None if len(text) > _LONGEST or is_prose(text, _FEWEST_WORDS) else _JOURNAL.match(text)
    if not match or is_byline(text.partition(". ")[0]):
        return None
    return (match["date"] or match["year"])[:4], match["volume"] or match["first"], match["page"] or match["on"]


def cited_starts(lines: Sequence[Line], kinds: Sequence[LineKind]) -> list[int]:
    """Return where the records of a list begin, each of which has a citation of its own and a text; [] of others.

    The lines that begin with the citation, and those that have it below the title, are told by where titles stand.
    """
    cited = _citations(lines, kinds)
    stops = [*cited[1:], len(lines)]
    if len(cited) < _FEWEST or not all(_says(lines, at + 1, stop) for at, stop in zip(cited, stops, strict=True)):
        return []
    if all(reference_in(lines[at].text) for at in cited):
        return cited
    heads = _heads(lines, kinds, cited)
    above = [at - head for at, head in zip(cited, heads, strict=True) if head < at]
    below = sum("title" in kinds[at + 1 : at + _NEAR] for at in cited)
    if max(below, len(above)) < max(_FEWEST, len(cited) / 2):
        return []
    if below > len(above):
        return cited
    usual = min(above)
    return [head if head < at else max(at - usual, 0) for at, head in zip(cited, heads, strict=True)]


def _citations(lines: Sequence[Line], kinds: Sequence[LineKind]) -> list[int]:
    """Return the places of the lines that cite a paper, each paper's first."""
    found: dict[tuple[str, ...], int] = {}
    for at, line in enumerate(lines):
        if kinds[at] != "references" and (place := place_cited(line.text)):
            found.setdefault(place, at)
    return list(found.values())


def _says(lines: Sequence[Line], start: int, stop: int) -> bool:
    return any(is_prose(lines[at].text, _FEWEST_WORDS) for at in range(start, stop))


def _heads(lines: Sequence[Line], kinds: Sequence[LineKind], cited: Sequence[int]) -> list[int]:
    """Return for each citation where the title above it begins, or the names above that; itself where none is."""
    heads = []
    for at in cited:
        block = at
        while block and block - 1 not in cited and (kinds[block - 1] == "title" or not _says(lines, block - 1, block)):
            block -= 1
        titles = [place for place in range(block, at) if kinds[place] == "title"]
        start = next((place for place in titles if not {*range(place, titles[-1])} - {*titles}), at)
        named = start > block and (kinds[start - 1] == "authors" or is_byline(lines[start - 1].text))
        heads.append(start - named)
    return heads
