"""A page in Markdown that presents one paper: facts, the page's own summary, the authors' abstract, linked terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from rag.sources import identifiers
from rag.sources.assembly import assemble
from rag.sources.entities import entities_in, terms_in
from rag.sources.facts import LABELS, Facts, read_facts
from rag.sources.front_matter import front_matter, front_matter_end
from rag.sources.headings import (
    CITE,
    DETAILS,
    PAGE_WRITTEN,
    Heading,
    Outline,
    bold_heading,
    is_rule,
    labelled_part,
    markdown_heading,
    next_line,
    usual_part,
    without_marks,
    without_number,
)
from rag.sources.lines import BOILERPLATE, CITATION, TITLE, Line, Part, is_prose, key, listed, split_lines
from rag.sources.source_file import Reading, SourceFile
from rag.types import Entity

_ENTITIES = re.compile(
    r"(?:(?:linked|full[- ]text|extracted|named|biomedical|annotated|abstract|mentioned) )?(?:entities|annotations)"
    r"|mesh(?: terms| headings)?|substances"
)
_ENTITY_KINDS = listed("genes | proteins | diseases | chemicals | species | cell lines | mutations")
_MESH = re.compile(r"(?:.*: )?mesh(?: terms| headings)?", re.IGNORECASE)
_FRAME = re.compile(
    r"figures?|tables?|figures? (?:and|&) tables?|supplementary .*|sources?|(?:external )?links?|navigation|menu|share"
    r"|(?:related|similar|recommended|citing|cited) (?:papers|articles|reviews|publications|works|reading|links)"
    r"|cited by|see also|more like this|downloads?|comments?|tags|(?:alt)?metrics|(?:table of )?contents|on this page"
)
_BODY_BEGINS = listed("introduction | full text | full-text | main text | article text | article | body")
_FEWEST_WORDS = 20  # of a paragraph of the paper, as against a link to it
_SOURCE = re.compile(
    r"(?:[-*>]\s+)?(?:\*\*|_)?(?:source|permalink|original|page|url|canonical|view (?:at|on)|retrieved from)\b",
    re.IGNORECASE,
)
_LONGEST_LINK_LINE = 400
_LONGEST_FACT = 20_000
_MOST_LINES_ABOVE_TITLE = 10

PREFACE = Part("Summary", "summary", "page")


def recognises(file: SourceFile) -> bool:
    """Return whether a text is a paper-summary page: a first-level title and sections that only such pages write."""
    lines = split_lines(file.text)
    title = _title_place(lines)
    sourced = any(_is_source(line) for line in lines[-3:])
    if title is None or (front_matter(file.text, lines).note and not sourced):
        return False
    words = {_words(heading) for line in lines[title + 1 :] if (heading := _heading(line))}
    written = sum(bool(PAGE_WRITTEN.fullmatch(word) or _ENTITIES.fullmatch(word)) for word in words)
    facts = Facts()
    read_facts(_header(lines, title), facts, otherwise=PREFACE)
    signs = written + sourced + bool(facts.authors) + bool(facts.doi) + ("abstract" in words)
    return written + sourced >= 1 and signs >= 2


def read(file: SourceFile) -> Reading:
    """Return the review that a paper-summary page presents."""
    text, lines = file.text, split_lines(file.text)
    title, facts = _title_place(lines) or 0, Facts()
    header = _header(lines, title)
    parts: list[Part | None] = [BOILERPLATE] * title
    parts += [TITLE, *read_facts(header, facts, otherwise=PREFACE)]
    below = len(parts)
    parts += _parts_below(lines, below)
    placed = list(zip(lines, parts, strict=True))
    _add_facts(placed[below:], facts)
    url = _address(placed)
    facts.add_identifiers(url or "")
    mesh = tuple(entity.name for entity in _entities(placed, mesh=True))
    heading = without_marks(lines[title]).text
    if not url and not any(part and part.kind in {"entities", "abstract"} for part in parts):
        parts = [replace(part, provenance="note") if part and part.kind == "summary" else part for part in parts]
    review = assemble(text, heading, lines, parts, facts, url=url, entities=_entities(placed), mesh=mesh)
    return Reading("summary page", (review,), len(text), of_records=True)


def _add_facts(placed: Sequence[tuple[Line, Part | None]], facts: Facts) -> None:
    """Add what sections such as "Authors", "Publication details" and "Citation" state."""
    for line, part in placed:
        if part is None or part.kind != "bibliographic" or len(line.text) > _LONGEST_FACT:
            continue
        if name := LABELS.get(part.heading.casefold()):
            facts.add(name, line.text)
        elif part is CITATION:
            facts.add("citation", line.text)
        elif DETAILS.fullmatch(part.heading.casefold()):
            read_facts([line], facts, otherwise=PREFACE)


def _title_place(lines: Sequence[Line]) -> int | None:
    """Return where the first heading stands if it is one of the first level."""
    begun = front_matter_end(lines)
    for place, line in enumerate(lines[begun : begun + _MOST_LINES_ABOVE_TITLE], start=begun):
        if heading := markdown_heading(line):
            return place if heading.level == 1 else None
    return None


def _header(lines: Sequence[Line], title: int) -> Sequence[Line]:
    """Return the lines between the title and the first section."""
    below = range(title + 1, len(lines))
    return lines[title + 1 : next((place for place in below if _heading(lines[place])), len(lines))]


def _heading(line: Line) -> Heading | None:
    if heading := markdown_heading(line):
        return heading
    bold = bold_heading(line)
    return Heading(2, bold) if bold and _known(bold) else None


def _known(words: str) -> bool:
    bare = words.casefold()
    return bool(PAGE_WRITTEN.fullmatch(bare) or _ENTITIES.fullmatch(bare) or usual_part(words))


def _words(heading: Heading) -> str:
    return without_number(key(Line(0, 0, heading.text, True)))


def _parts_below(lines: Sequence[Line], start: int) -> Iterator[Part | None]:
    """Yield the parts of the lines from the first section on."""
    outline, in_body = Outline(BOILERPLATE), False
    for place in range(start, len(lines)):
        line, below = lines[place], next_line(lines, place)
        if heading := _heading(line):
            text_follows = below is not None and is_prose(below.text, _FEWEST_WORDS)
            in_body = in_body or (_words(heading) in _BODY_BEGINS and text_follows)
            outline.enter(heading, _announced(heading, in_body))
            yield None
        elif is_rule(line):
            yield None
        else:
            leads_away = outline.current.kind in {"summary", "body", "entities"} and _is_link_line(line)
            of_paper = outline.current.kind in {"abstract", "body"} and labelled_part(line)
            yield BOILERPLATE if leads_away or _is_source(line) else of_paper or outline.current


def _announced(heading: Heading, in_body: bool) -> Part:
    words = _words(heading)
    if usual := usual_part(heading.text):
        return usual
    if PAGE_WRITTEN.fullmatch(words):
        return Part(heading.text, "summary", "page")
    if _ENTITIES.fullmatch(words) or (words in _ENTITY_KINDS and not in_body):
        return Part(heading.text, "entities", "page")
    if CITE.fullmatch(words):
        return CITATION
    if words in LABELS or DETAILS.fullmatch(words):
        return Part(heading.text, "bibliographic", "authors")
    if _FRAME.fullmatch(words):
        return BOILERPLATE
    return Part(heading.text, "body", "authors") if in_body else Part(heading.text, "summary", "page")


def _is_source(line: Line) -> bool:
    return bool(_SOURCE.match(line.text[:60]) and _is_link_line(line))


def _is_link_line(line: Line) -> bool:
    """Return whether a line leads to another page and says nothing else about the paper."""
    if len(line.text) > _LONGEST_LINK_LINE or not (address := identifiers.find_address(line.text)):
        return False
    return "doi.org/" not in address and len(identifiers.without_addresses(line.text).split()) <= 9


def _address(placed: Sequence[tuple[Line, Part | None]]) -> str | None:
    """Return the page's own address: from its source line, else from a line at its end that is only an address."""
    links = [line.text for line, part in placed if part is BOILERPLATE and _is_link_line(line)]
    sources = [text for text in links if _SOURCE.match(text)]
    bare = [text for text in links if not identifiers.without_addresses(text).strip("<>-* ")]
    return identifiers.find_address((sources or bare or [""])[-1])


def _entities(placed: Sequence[tuple[Line, Part | None]], *, mesh: bool = False) -> tuple[Entity, ...]:
    """Return the terms of the entity sections that list MeSH terms, or of those that do not."""
    found: list[Entity] = []
    for part, run in groupby(placed, key=lambda pair: pair[1]):
        if part and part.kind == "entities" and bool(_MESH.fullmatch(part.heading)) is mesh:
            lines = [line for line, _ in run]
            one_a_line = mesh and len(lines) > 1
            found += (terms_in if one_a_line else entities_in)(lines, part.heading.split(": ")[-1])
    return tuple(found)
