"""The lines of a text with their place in it, and the sections that neighbouring lines of one kind make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rag.types import Provenance, Section, SectionKind

# Only these three end a line: str.splitlines() would also cut at form feeds and other separators inside a line.
_LINE_END = re.compile(r"\r\n|\n|\r")
_LONGEST_HEADING = 160
_PROSE_SAMPLE = 2_000  # characters
_MARKS_AROUND = "#*_:>|[]\\ \t.…•–—-▼▲\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without the white space around it; `gap` says that a blank line comes before it."""

    start: int
    end: int
    text: str
    gap: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What a line belongs to. Neighbouring lines of one part become one section."""

    heading: str
    kind: SectionKind
    provenance: Provenance


BOILERPLATE = Part("Page", "boilerplate", "page")
TITLE = Part("Title", "bibliographic", "authors")
AUTHORS = Part("Authors", "bibliographic", "authors")
AFFILIATIONS = Part("Affiliations", "bibliographic", "authors")
JOURNAL = Part("Journal", "bibliographic", "authors")
CITATION = Part("Citation", "bibliographic", "authors")
IDENTIFIERS = Part("Identifiers", "bibliographic", "authors")
KEYWORDS = Part("Keywords", "bibliographic", "authors")
COPYRIGHT = Part("Copyright", "bibliographic", "authors")


def split_lines(text: str) -> list[Line]:
    """Return the lines of a text that are not blank, in order."""
    lines: list[Line] = []
    start, gap = 0, True
    for end, following in _line_ends(text):
        raw = text[start:end]
        if stripped := raw.strip():
            first = start + len(raw) - len(raw.lstrip())
            lines.append(Line(first, first + len(stripped), stripped, gap))
        gap = not stripped
        start = following
    return lines


def _line_ends(text: str) -> Iterable[tuple[int, int]]:
    for match in _LINE_END.finditer(text):
        yield match.span()
    yield len(text), len(text)


def sections(lines: Sequence[Line], parts: Sequence[Part | None]) -> tuple[Section, ...]:
    """Return one section for each run of lines of the same part; lines without a part are headings and rules."""
    found = []
    for part, run in groupby(zip(lines, parts, strict=True), key=lambda pair: pair[1]):
        if part is not None:
            members = [line for line, _ in run]
            found.append(Section(part.heading, part.kind, part.provenance, members[0].start, members[-1].end))
    return tuple(found)


def squeeze(text: str) -> str:
    """Return the text with every run of white space, non-breaking or not, as one space.

    >>> squeeze("Ugur Uslu\\u00a0et al.\\n")
    'Ugur Uslu et al.'
    """
    return " ".join(text.split())


def listed(words: str) -> frozenset[str]:
    """Return the entries of a vocabulary that is written with bars between them."""
    return frozenset(re.split(r"\s*\|\s*", words.strip()))


def is_prose(text: str, fewest: int) -> bool:
    """Return whether a text has at least `fewest` words, most of them small, unlike names, addresses and headings."""
    words = text[:_PROSE_SAMPLE].split()
    return len(words) >= fewest and sum(word[0].islower() for word in words) > len(words) / 2


def key(line: Line) -> str:
    """Return a short line as headings are compared: lower case, without marks around it; "" for a longer line.

    >>> key(Line(0, 13, "## Abstract :", True))
    'abstract'
    """
    if len(line.text) > _LONGEST_HEADING:
        return ""
    return squeeze(line.text).strip(_MARKS_AROUND).casefold().replace("’", "'")
