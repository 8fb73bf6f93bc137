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
_JOURNAL = r"(?P<journal>(?:[^.;:?!()]|\([^()]{1,40}\)){2,118})"  # "Dusk Care (Harbour Town, N.Z.)"
_JOURNALS = tuple(
    re.compile(form)
    for form in (
        rf"{_NUMBER}[^;:]{{2,120}}?{_IN_ISSUE}",
        # "J Lamps 12 (2021) 33-41"; "J Lamps (2021) 12:3 (33-41)"; "(2021) J Lamps, 12 (3), pp. 33-41"
        rf"{_NUMBER}[^;:]{{2,120}}?\b(?P<volume>\d{{1,4}})\s?\((?P<date>(?:19|20)\d\d)\)[:,]?\s?(?P<page>\w{{1,12}})",
        r"[^;:()]{2,120} \((?P<date>(?:19|20)\d\d)\) (?P<volume>\d{1,4})(?::\w{1,9})?[ (:]{1,2}(?P<page>\w{1,12})",
        r"\((?P<date>(?:19|20)\d\d)\) [^;:()]{2,99}, (?P<volume>\d{1,4})\b[^;:]{,9}, (?:\w+\. ){0,2}(?P<page>\w{1,12})",
        # "A Wick, B Flint - J Lamps, 2021 - press.example", of Google Scholar
        r"(?P<volume>[^;:–]{3,120}?) - (?P<page>[^;:]{2,80}, )?(?P<date>(?:19|20)\d\d)(?: - \S+.{0,60})?$",
    )
)
_REFERENCES = (
    re.compile(
        rf"{_NUMBER}(?P<names>\S.{{2,2000}}?) \((?P<date>(?:19|20)\d\d)\)\. (?P<title>\S.{{12,400}}?)(?P<end>[.?!]) "
        rf"{_JOURNAL}, {_PLACE}"
    ),
    re.compile(
        rf"{_NUMBER}(?P<names>\S.{{2,2000}}?) \((?P<date>(?:19|20)\d\d)\)\. [\"“](?P<title>\S.{{12,400}}?)"
        r"(?P<end>[.?!])[\"”] (?P<journal>[^.;:?!]{2,118}) (?P<volume>\d{1,4})(?:\([^()]{1,20}\))?: (?P<page>\w{1,12})"
    ),
    re.compile(
        rf"{_NUMBER}(?P<names>\S[^.]{{2,2000}})[.:] (?P<title>\S.{{12,400}}?)(?P<end>[.?!]) "
        rf"{_JOURNAL}[.,]? {_IN_ISSUE}"
    ),
    re.compile(
        rf"{_NUMBER}(?P<title>\S.{{12,400}}?)(?P<end>[.?!]) (?P<names>\S[^.:]{{2,2000}})\. "
        rf"{_JOURNAL}[.,]? {_IN_ISSUE}"
    ),
)
_ET_AL = re.compile(r",?\s+et al\.?$")
_LONGEST, _LONGEST_REFERENCE = 200, 3_000  # characters
_FEWEST_WORDS = 8  # of a sentence
_SHORTEST_TEXT = 80  # characters
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
        match = form.match(_unmarked(text))
        if match and looks_like_names(names := "; ".join(listed_names(_ET_AL.sub("", match["names"])))):
            title = match["title"] + match["end"].strip(".")
            place = match["volume"], match["page"]
            return Reference(tuple(names.split("; ")), title, squeeze(match["journal"]), match["date"], place)
    return None


def _unmarked(text: str) -> str:
    """Return a line without what sets it in italics or bold, or as an item."""
    return text.replace("*", "").lstrip("-•> ")


def place_cited(text: str) -> tuple[str, ...] | None:
    """Return year, volume and page of a line that cites a paper, by its journal or in a reference; else None."""
    if reference := reference_in(text):
        return reference.date[:4], *reference.place
    if len(text) > _LONGEST or is_prose(text, _FEWEST_WORDS) or is_byline(text.partition(". ")[0]):
        return None
    match = next(filter(None, (form.match(_unmarked(text)) for form in _JOURNALS)), None)
    return (match["date"][:4], match["volume"], match["page"] or "") if match else None


def names_beside_place(text: str) -> str:
    """Return the names that a line below a title begins with, before the journal; "" of another line.

    >>> names_beside_place("Wick A, Flint B. J Lamps. 2021;12(3):33-41."), names_beside_place("J Lamps. 2021;12:33.")
    ('Wick A, Flint B. ', '')
    """
    names, stop, behind = text.partition(". ")
    return names + stop if is_byline(names) and place_cited(behind) else ""


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
        long = all(_length(lines, at + 1, stop) >= _SHORTEST_TEXT for at, stop in zip(cited, stops, strict=True))
        stated = long and all(kinds[at] == "text" for at in cited)
        return [_paragraph(lines, at) for at in cited] if stated else []
    if below > len(above):
        return cited
    told = [at - head for at, head in zip(cited, heads, strict=True) if "title" in kinds[head : head + 2]]
    usual = min(told, default=min(above))
    return [
        head if "title" in kinds[head : head + 2] else max(at - usual, 0) for at, head in zip(cited, heads, strict=True)
    ]


def _citations(lines: Sequence[Line], kinds: Sequence[LineKind]) -> list[int]:
    """Return the places of the lines that cite a paper, each paper's first."""
    found: dict[tuple[str, ...], int] = {}
    for at, line in enumerate(lines):
        place = place_cited(line.text) if kinds[at] != "references" else None
        if at and not place and (kinds[at - 1] == "title" or lines[at - 1].text[0] == "#"):
            place = place_cited(line.text.removeprefix(names_beside_place(line.text)))
        if place:
            found.setdefault(place, at)
    return list(found.values())


def _runs_on(lines: Sequence[Line], titles: Sequence[int], place: int) -> bool:
    """Return whether the lines from a place to the last of a title are one paragraph of it."""
    return all(at in titles and not lines[at].gap for at in range(place + 1, titles[-1] + 1))


def _length(lines: Sequence[Line], start: int, stop: int) -> int:
    said = (lines[at].text for at in range(start, stop))
    return sum(len(text) for text in said if is_prose(text, _FEWEST_WORDS))


def _paragraph(lines: Sequence[Line], cited: int) -> int:
    """Return where the paragraph of a citation begins, or the line right above where the text above runs into it."""
    if lines[cited].gap or cited == 0:
        return cited
    for at in range(cited - 1, max(cited - 3 * _NEAR, -1), -1):
        if lines[at].gap:
            return at
        if is_prose(lines[at].text, _FEWEST_WORDS) and lines[at].text[-1] in ".…":
            return cited if at + 1 == cited else cited - 1
    return cited - 1


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
        start = next((place for place in titles if _runs_on(lines, titles, place)), at)
        named = start > block and (kinds[start - 1] == "authors" or is_byline(lines[start - 1].text))
        heads.append(start - named)
    return heads
