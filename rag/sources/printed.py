"""The text of printed pages, as converters of PDF write it: running heads, broken words, headings amid the lines.

Where it is laid out as the page was, with columns side by side or numbered lines, it is put in reading order first, and
that order is the text of the review.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import PurePath

from rag.sources.assembly import assemble
from rag.sources.facts import Facts
from rag.sources.furniture import add_own_doi, add_stated, is_furniture
from rag.sources.headings import (
    ABSTRACT,
    NUMBERED,
    OF_PAPERS,
    Heading,
    Outline,
    is_rule,
    labelled_part,
    markdown_heading,
    spelled,
    usual_part,
)
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    BOILERPLATE,
    CITATION,
    KEYWORDS,
    TITLE,
    Line,
    Part,
    key,
    split_lines,
    squeeze,
)
from rag.sources.names import is_byline, looks_like_institution, split_names, unmarked
from rag.sources.source_file import Reading, SourceFile
from rag.sources.text_kinds import text_kinds

_BROKEN_WORD = re.compile(r"[a-z]{2}-\r?\n\s*[a-z]{2}")
_FEWEST_BROKEN = 3
_RUN_IN = re.compile(r"(?:Abstract|ABSTRACT|Summary|SUMMARY)[.:]?\s+[A-Z]")
_KEYWORDS = re.compile(r"key ?words?\s*:?", re.IGNORECASE)
_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_NUMBERED_LINE = re.compile(r"\s*(?P<number>\d{1,4})(?:\s+(?=\S)|\s*$)")
_PAGE_NUMBER = re.compile(r"\s*\d{1,4}\s*")
_LONGEST_HEAD, _LONGEST_REPEATED = 100, 40
_FIRST_LINES = 60
_COLUMN_LINES = 5  # fewest lines of a page that two columns share
_HEAD, _FIRST_COLUMNS, _COLUMN = 30_000, 150, 25  # characters and lines that tell of columns; how wide those are
_MOSTLY = 0.6
_SURE = 0.9  # that a line is of the frame


def recognises(file: SourceFile) -> bool:
    """Return whether a text comes from printed pages: they end in form feeds, break words, or have columns."""
    broken = len(_BROKEN_WORD.findall(file.text)) >= _FEWEST_BROKEN
    if not ("\f" in file.text or broken or _is_in_columns(file.text)):
        return False
    return sum(markdown_heading(line) is not None for line in split_lines(file.text)) < _FEWEST_BROKEN


def _is_in_columns(text: str) -> bool:
    """Tell whether most of the first lines hold two columns of text, and no table."""
    lines = [line for line in text[:_HEAD].expandtabs().splitlines()[:_FIRST_COLUMNS] if line.strip()]
    gutter, shared = _gutter(lines)
    sides = [(line[:gutter].strip(), line[gutter:].strip()) for line in lines if not line[gutter - 2 : gutter].strip()]
    text_on_both = sum(min(map(len, pair)) >= _COLUMN for pair in sides)
    return shared >= _COLUMN_LINES and 2 * text_on_both > len(lines)


def read(file: SourceFile) -> Reading:
    """Return the paper on printed pages; words that a line breaks stay as they stand."""
    text = in_reading_order(file.text)
    lines = split_lines(text)
    first = _first_page(text, lines)
    told = enumerate(text_kinds(lines[:first]))
    furniture = _furniture(text, lines) | {at for at, (kind, sure) in told if kind == "frame" and sure >= _SURE}
    facts = Facts()
    head = [place for place in range(min(len(lines), _FIRST_LINES)) if place not in furniture]
    title, authors = _title_and_authors(lines, head)
    facts.authors = split_names(unmarked(" ".join(lines[place].text for place in authors)))
    _add_citation(lines, facts)
    around = [lines[at].text for at in sorted(furniture)]
    add_own_doi([lines[at].text for at in sorted(furniture) if at < first], facts)
    add_stated(around, facts)
    parts = list(_parts(lines, furniture, title, authors))
    words = squeeze(" ".join(lines[place].text for place in title)) or PurePath(file.name).stem
    return Reading("text of printed pages", (assemble(text, words, lines, parts, facts),), len(text), guessed=True)


def in_reading_order(text: str) -> str:
    """Return the text of pages with one column below the other and without numbers of lines; others as they are."""
    return "\f".join(map(_in_order, _pages(text)))


def _pages(text: str) -> list[str]:
    """Return the pages of a text: between its form feeds, or, where it has none, down to numbers that count up."""
    if "\f" in text:
        return text.split("\f")
    lines = text.split("\n")
    alone = [at for at, line in enumerate(lines) if at and _PAGE_NUMBER.fullmatch(line) and not lines[at - 1].strip()]
    counted = {at for pair in pairwise(alone) if int(lines[pair[1]]) - int(lines[pair[0]]) == 1 for at in pair}
    starts = [0, *(at + 1 for at in sorted(counted))]
    return ["\n".join(lines[start:stop]) for start, stop in zip(starts, [*starts[1:], None], strict=True)]


def _in_order(page: str) -> str:
    lines = page.split("\n")
    if _are_numbered(lines):
        lines = [_NUMBERED_LINE.sub("", line, count=1) for line in lines]
    expanded = [line.expandtabs() for line in lines]
    gutter, shared = _gutter(expanded)
    return "\n".join(_below_each_other(expanded, gutter) if shared >= _COLUMN_LINES else lines)


def _gutter(lines: Sequence[str]) -> tuple[int, int]:
    """Return where the right one of two columns begins, and how many lines they share; 0 where few do."""
    places = sorted({match.end() for line in lines for match in _GAP.finditer(line)})
    best = (0, 0, 0)
    for at in places:
        beyond = [line for line in lines if len(line) > at]
        shared = sum(not line[at - 2 : at].strip() and bool(line[: at - 2].strip()) for line in beyond)
        crossed = sum(bool(line[at - 2 : at].strip()) for line in beyond)
        best = max(best, (shared - crossed, -at, shared))
    return -best[1], best[2]


def _are_numbered(lines: Sequence[str]) -> bool:
    """Tell a manuscript, whose lines are numbered one by one, from lists and tables."""
    said = [line for line in lines if line.strip()]
    numbers = [int(match["number"]) for line in said if (match := _NUMBERED_LINE.match(line))]
    steps = sum(after - before == 1 for before, after in pairwise(numbers))
    return len(numbers) >= max(_COLUMN_LINES, _MOSTLY * len(said)) and steps >= _MOSTLY * len(numbers)


def _below_each_other(lines: Sequence[str], gutter: int) -> Iterator[str]:
    """Yield the lines of a page, of each stretch in two columns those of the left one first."""
    for crossed, run in groupby(lines, key=lambda line: line[gutter - 2 : gutter].strip() != ""):
        stretch = list(run)
        if crossed:
            yield from stretch
        else:
            yield from (line[:gutter].rstrip() for line in stretch)
            yield ""
            yield from (line[gutter:].rstrip() for line in stretch)


def _furniture(text: str, lines: Sequence[Line]) -> set[int]:
    """Return the places of running heads, which come again on other pages, and of what publishers print around."""
    words = [re.sub(r"\d+", "0", squeeze(line.text)).casefold() for line in lines]
    counts = Counter(words)
    return {
        place
        for place, (word, line) in enumerate(zip(words, lines, strict=True))
        if is_furniture(line.text)
        or (counts[word] > 1 and (len(word) > _LONGEST_REPEATED or _stands_apart(text, lines, place)))
    }


def _stands_apart(text: str, lines: Sequence[Line], place: int) -> bool:
    """Tell a line at the top or the end of a page, or alone in its paragraph, from one of a paragraph."""
    line, below = lines[place], lines[place + 1] if place + 1 < len(lines) else None
    if len(line.text) > _LONGEST_HEAD or line.text[-1] in ".;":
        return False
    after = text[line.end : below.start if below else len(text)]
    return "\f" in after or "\f" in text[max(0, line.start - 3) : line.start] or (line.gap and (not below or below.gap))


def _first_page(text: str, lines: Sequence[Line]) -> int:
    """Return how many lines the first page has."""
    end = text.find("\f")
    return next((place for place, line in enumerate(lines) if line.start > end >= 0), min(len(lines), _FIRST_LINES))


def _title_and_authors(lines: Sequence[Line], head: Sequence[int]) -> tuple[range, range]:
    """Return the places of the lines of the title and of the authors below it; empty where they cannot be told."""
    for at in head[1:]:
        above = [place for place in head if place < at and _may_be_title(lines[place])]
        if above and is_byline(lines[at].text):
            first = last = above[-1]
            while not lines[first].gap and first - 1 in above:
                first -= 1
            start, end = at, at + 1
            while start - 1 > last and not lines[start].gap and is_byline(lines[start - 1].text):
                start -= 1  # the first of them may look like what stands around a paper
            while end in head and not lines[end].gap and (lines[end - 1].text[-1] == "," or is_byline(lines[end].text)):
                end += 1
            return range(first, last + 1), range(start, end)
    return range(0), range(0)


def _may_be_title(line: Line) -> bool:
    return len(line.text) <= 300 and not usual_part(line.text)


def _add_citation(lines: Sequence[Line], facts: Facts) -> None:
    """Add what a paragraph that says how to cite the paper states."""
    for place, line in enumerate(lines[:_FIRST_LINES]):
        if labelled_part(line) is CITATION or line.text.casefold().startswith("please cite"):
            end = next((at for at in range(place + 1, len(lines)) if lines[at].gap), len(lines))
            told = " ".join(one.text for one in lines[place:end])
            facts.add("citation", told)
            year = re.search(r"\(((?:19|20)\d\d)\)", told)
            facts.date = facts.date or (year[1] if year else None)


def _parts(lines: Sequence[Line], furniture: set[int], title: range, authors: range) -> Iterator[Part | None]:
    """Yield the parts of the lines."""
    outline = Outline(Part("Text", "body", "authors"))
    headed = any(usual_part(spelled(line.text)) for line in lines[authors.stop : _FIRST_LINES])
    aside: Part | None = AFFILIATIONS if authors else None
    for place, line in enumerate(lines):
        heading = None if place in furniture or place in title else _heading(lines, place, furniture)
        words = _KEYWORDS.match(line.text) or (aside is KEYWORDS and not line.gap)
        if place in furniture and not words:
            yield BOILERPLATE
        elif place in title or place in authors:
            yield TITLE if place in title else AUTHORS
        elif _RUN_IN.match(line.text) and outline.current.kind == "body":
            aside, outline.current = None, ABSTRACT
            yield ABSTRACT
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
            aside = _still(aside, line, headed=headed)
            above = authors and place < authors.start
            yield BOILERPLATE if above else aside or (None if is_rule(line) else outline.current)


def _still(aside: Part | None, line: Line, *, headed: bool) -> Part | None:
    """Return what a line belongs to beside the text: keywords end at a blank line, addresses where prose begins.

    `headed` says that a heading comes near: then they end there.
    """
    if aside is KEYWORDS and line.gap:
        return None
    prose = len(line.text) > _LONGEST_HEAD / 2 and not looks_like_institution(line.text)
    return None if aside is AFFILIATIONS and line.gap and prose and not headed else aside


def _heading(lines: Sequence[Line], place: int, furniture: set[int]) -> Heading | None:
    """Return the heading that a line is: a usual one, or a numbered one that no sentence runs into."""
    line = lines[place]
    text = spelled(line.text)
    if len(text) > _LONGEST_HEAD or text[-1] in ".,;":
        return None
    if key(Line(0, 0, text, True)) in OF_PAPERS or usual_part(text):
        return Heading(1, text.capitalize() if text.isupper() or text.islower() else text.strip(" :"))
    above = next((lines[at] for at in range(place - 1, -1, -1) if at not in furniture), None)
    begins = line.gap or above is None or above.text[-1] in ".:?!)]" or NUMBERED.fullmatch(above.text)
    numbered = NUMBERED.fullmatch(text)
    return Heading(1 + numbered["number"].count("."), text) if numbered and begins else None
