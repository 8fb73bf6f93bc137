"""The text of printed pages, as converters of PDF write it: running heads, broken words, headings amid the lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from rag.sources.assembly import assemble
from rag.sources.dates import PRINTED_DATE
from rag.sources.facts import Facts
from rag.sources.headings import NUMBERED, OF_PAPERS, Heading, Outline, is_rule, markdown_heading, usual_part
from rag.sources.lines import AFFILIATIONS, AUTHORS, BOILERPLATE, KEYWORDS, TITLE, Line, Part, key, split_lines, squeeze
from rag.sources.names import looks_like_institution, looks_like_names, split_names
from rag.sources.source_file import Reading, SourceFile

_BROKEN_WORD = re.compile(r"[a-z]{2}-\r?\n\s*[a-z]{2}")
_FEWEST_BROKEN = 3
_SPACED = re.compile(r"(?:[A-Z] ){3,}[A-Z]")
_KEYWORDS = re.compile(r"key ?words?\s*:?", re.IGNORECASE)
# What publishers print around a paper: where and when it appeared, whom to write to, and numbers of pages.
_FURNITURE = re.compile(
    r"\d{1,4}|page \d+(?: of \d+)?|[ivx]+|contents lists? available .*|journal homepage.*|article (?:info|history).*"
    r"|.{0,40}e-?mail(?: address(?:es)?)?\s*:.*|[*†‡✉]?\s*(?:corresponding authors?|correspondence)\b.*"
    r"|[^@]{0,200}\S@\S+\.\w.*|(?:https?://|www\.|doi\s*:).*|downloaded from .*|\d{4}-\d{3}[\dX]/.*"
    r"|(?:received|accepted|revised|available online|published(?: online)?)\b.{0,200}\d{4}.*"
    r"|.{0,40}(?:©|\(c\) \d{4}|all rights reserved|creative commons|licen[cs]e).*"
    r"|(?:[A-Z]\.[ -]?)+[\w'’-]+(?: et al\.?| and .{2,40})",
    re.IGNORECASE,
)
_AFFILIATION_MARKS = re.compile(r"\s[a-z](?:\s?,\s?[a-z*†‡§#])*(?=\s?[,*]|$|\s(?:and|&)\s)")
_IN_HEAD = re.compile(
    r"(?P<journal>[A-Z][\w&.:’' -]{2,80}?),?\s+(?:vol(?:ume)?\.?\s*)?\d{1,4}\s*\((?P<year>(?:19|20)\d\d)\)"
)
_APPEARED = re.compile(rf"(?:available online|published(?: online)?)\W+(?P<date>{PRINTED_DATE})", re.IGNORECASE)
_LONGEST_HEAD = 100
_FIRST_LINES = 60


def recognises(file: SourceFile) -> bool:
    """Return whether a text comes from printed pages: they end in form feeds, or lines break words."""
    if "\f" not in file.text.strip() and len(_BROKEN_WORD.findall(file.text)) < _FEWEST_BROKEN:
        return False
    return sum(markdown_heading(line) is not None for line in split_lines(file.text)) < _FEWEST_BROKEN


def read(file: SourceFile) -> Reading:
    """Return the paper on printed pages; words that a line breaks stay as they stand."""
    lines = split_lines(file.text)
    furniture = _furniture(file.text, lines)
    facts = Facts()
    head = [place for place in range(min(len(lines), _FIRST_LINES)) if place not in furniture]
    title, authors = _title_and_authors(lines, head)
    facts.authors = _names(" ".join(lines[place].text for place in authors))
    _add_facts([lines[place].text for place in sorted(furniture)], _first_page(file.text, lines), facts)
    parts = list(_parts(lines, furniture, title, authors))
    words = squeeze(" ".join(lines[place].text for place in title)) or PurePath(file.name).stem
    review = assemble(file.text, words, lines, parts, facts)
    return Reading("text of printed pages", (review,), len(file.text), guessed=True)


def _furniture(text: str, lines: Sequence[Line]) -> set[int]:
    """Return the places of running heads, which come again on other pages, and of what publishers print around."""
    words = [re.sub(r"\d+", "0", key(line)) for line in lines]
    counts = Counter(word for word, line in zip(words, lines, strict=True) if len(line.text) <= _LONGEST_HEAD)
    return {
        place
        for place, (word, line) in enumerate(zip(words, lines, strict=True))
        if _FURNITURE.fullmatch(line.text[:400])
        or (word and counts[word] > 1 and line.text[-1] not in ".;" and _stands_apart(text, lines, place))
    }


def _stands_apart(text: str, lines: Sequence[Line], place: int) -> bool:
    """Tell a line at the top or the end of a page, or alone in its paragraph, from one of a paragraph."""
    line, below = lines[place], lines[place + 1] if place + 1 < len(lines) else None
    at_edge = (
        "\f" in text[line.end : below.start if below else len(text)]
        or "\f" in text[max(0, line.start - 3) : line.start]
    )
    return at_edge or (line.gap and (below is None or below.gap))


def _first_page(text: str, lines: Sequence[Line]) -> int:
    """Return how many lines the first page has."""
    end = text.find("\f")
    return next((place for place, line in enumerate(lines) if line.start > end >= 0), min(len(lines), _FIRST_LINES))


def _title_and_authors(lines: Sequence[Line], head: Sequence[int]) -> tuple[range, range]:
    """Return the places of the lines of the title and of the authors below it; empty where they cannot be told."""
    for at in head[1:]:
        if _is_byline(lines[at].text) and (
            above := [place for place in head if place < at and _may_be_title(lines[place])]
        ):
            first = last = above[-1]
            while not lines[first].gap and first - 1 in above:
                first -= 1
            end = at + 1
            while end in head and not lines[end].gap and _is_byline(lines[end].text):
                end += 1
            return range(first, last + 1), range(at, end)
    return range(0), range(0)


def _may_be_title(line: Line) -> bool:
    return len(line.text) <= 300 and not usual_part(line.text)


def _is_byline(text: str) -> bool:
    names = _names(text)
    marked = bool(_AFFILIATION_MARKS.search(text) or re.search(r"[a-z][\d*†‡§¹²³]", text))
    return (
        len(text) < 400
        and looks_like_names(_unmarked(text))
        and (len(names) > 1 or (marked and len(names[0].split()) > 1))
    )


def _names(text: str) -> tuple[str, ...]:
    return split_names(_unmarked(text))


def _unmarked(text: str) -> str:
    return _AFFILIATION_MARKS.sub("", text).strip(" ,*")


def _add_facts(furniture: Sequence[str], first_page: int, facts: Facts) -> None:
    """Add what the running heads and the foot of the first page state of the paper."""
    for text in furniture:
        if match := _IN_HEAD.match(text):
            facts.journal = facts.journal or match["journal"].strip(" ,.")
            facts.date = facts.date or match["year"]
    for text in furniture[:first_page]:
        facts.add_identifiers(text)
        if match := _APPEARED.search(text):
            facts.date = match["date"]
            return


def _parts(lines: Sequence[Line], furniture: set[int], title: range, authors: range) -> Iterator[Part | None]:
    """Yield the parts of the lines."""
    outline = Outline(Part("Text", "body", "authors"))
    aside: Part | None = AFFILIATIONS if authors else None
    for place, line in enumerate(lines):
        heading = None if place in furniture or place in title else _heading(lines, place, furniture)
        if place in furniture:
            yield BOILERPLATE
        elif place in title or place in authors:
            yield TITLE if place in title else AUTHORS
        elif _KEYWORDS.match(line.text):
            aside = KEYWORDS
            yield KEYWORDS
        elif heading:
            aside = None
            part = usual_part(heading.text) or Part(heading.text, "body", "authors")
            if part != outline.current:
                outline.enter(heading, part)
            yield None
        else:
            aside = _still(aside, line)
            above = authors and place < authors.start
            yield BOILERPLATE if above else aside or (None if is_rule(line) else outline.current)


def _still(aside: Part | None, line: Line) -> Part | None:
    """Return what a line belongs to beside the text: keywords end at a blank line, addresses where prose begins."""
    if aside is KEYWORDS and line.gap:
        return None
    prose = len(line.text) > _LONGEST_HEAD / 2 and not looks_like_institution(line.text)
    return None if aside is AFFILIATIONS and line.gap and prose else aside


def _heading(lines: Sequence[Line], place: int, furniture: set[int]) -> Heading | None:
    """Return the heading that a line is: a usual one, or a numbered one that no sentence runs into."""
    line = lines[place]
    text = line.text.replace(" ", "") if _SPACED.fullmatch(line.text) else line.text
    if len(text) > _LONGEST_HEAD or text[-1] in ".,;":
        return None
    if key(Line(0, 0, text, True)) in OF_PAPERS or usual_part(text):
        return Heading(1, text.capitalize() if text.isupper() else text.strip(" :"))
    above = next((lines[at] for at in range(place - 1, -1, -1) if at not in furniture), None)
    begins = line.gap or above is None or above.text[-1] in ".:?!)]" or NUMBERED.fullmatch(above.text)
    numbered = NUMBERED.fullmatch(text)
    return Heading(1 + numbered["number"].count("."), text) if numbered and begins else None
