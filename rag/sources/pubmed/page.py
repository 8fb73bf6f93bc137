"""A saved PubMed abstract page, as text: frame, head, sections in any order, foot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.sources.assembly import assemble
from rag.sources.entities import terms_in
from rag.sources.headings import ABSTRACT, abstract_label, abstract_part, is_rule, next_line, usual_part
from rag.sources.lines import (
    BOILERPLATE,
    COPYRIGHT,
    IDENTIFIERS,
    KEYWORDS,
    Line,
    Part,
    is_prose,
    key,
    listed,
    split_lines,
)
from rag.sources.pubmed.citation import is_citation
from rag.sources.pubmed.head import read_head
from rag.sources.pubmed.words import HEADINGS, MESH, STATUS_BY_NOTICE, SUBSTANCES, begins_foot, is_frame
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review

_ONLY_PUBMED = listed("""
    pubmed disclaimer | linkout - more resources | see all similar articles | search in pubmed | search in mesh
    | title & authors | save citation to file | item in clipboard
""")
_USUAL = listed("""
    similar articles | cited by | mesh terms | publication types | substances | grants and funding | abstract
    | conflict of interest statement | related information | affiliations | references | full text links
    | skip to main page content | an official website of the united states government | page navigation
""")
_NAVIGATION = listed("page navigation | title & authors | title and authors")
_IN_NAVIGATION = listed("affiliations | keywords")

_HEADING = re.compile(r"(?P<words>[a-z][a-z –-]*?)(?: \(\d+\)| in [a-z]+(?:, [a-z]+)*)?")
_ABSTRACT_LINE = re.compile(r"(?i:abstract)\s*[:.–—]\s*\S|ABSTRACT\s+[A-Z]|Abstract\s+[A-Z][a-z]+ [a-z]")
_KEYWORDS_LINE = re.compile(r"key ?words?\s*[:：]", re.IGNORECASE)
_BY_BEGINNING = (
    (_ABSTRACT_LINE, ABSTRACT),
    (_KEYWORDS_LINE, KEYWORDS),
    (re.compile(r"(?:copyright\b|©|\(c\)).*(?:rights reserved|text and data mining)", re.IGNORECASE), BOILERPLATE),
    (re.compile(r"(?:copyright\b|©|\(c\)\s*(?:19|20)\d\d)", re.IGNORECASE), COPYRIGHT),
)
_IDENTIFIERS_LINE = re.compile(r"(?:PMID|PMCID|DOI)\s*:.{1,200}")
_OWN_NUMBERS = re.compile(r"PMID\s*:?\s*(?P<pmid>\d{1,8})\b.*\bDOI\b")  # those of similar articles have no DOI
_LONGEST_BEGINNING = 400
_LONGEST_FACT = 2_000
_FEWEST_WORDS = 25  # of a paragraph that is an abstract though no heading says so


def recognises(file: SourceFile) -> bool:
    """Return whether a text comes from a PubMed abstract page, whole or cut."""
    lines = split_lines(file.text)
    keys = {key(line) for line in lines}
    own = len(keys & _ONLY_PUBMED) + sum(
        words.startswith("access keys") or words.endswith(" - pubmed") for words in keys
    )
    cited = any(line.text[0] == "." and is_citation(line.text) for line in lines)
    numbered = any(line.text.startswith("PMID") and _IDENTIFIERS_LINE.fullmatch(line.text) for line in lines)
    signs = own + len(keys & _USUAL) + cited + numbered
    return (own >= 1 and signs >= 2) or (signs >= 3 and (cited or numbered))


def read(file: SourceFile) -> Reading:
    """Return the review that a PubMed page shows, or each of several; one without a title is only a frame."""
    lines = split_lines(file.text)
    starts = _page_starts(lines)
    ends = [*(lines[start].start for start in starts[1:]), len(file.text)]
    reviews = [_read(file.text[lines[at].start if at else 0 : end]) for at, end in zip(starts, ends, strict=True)]
    return Reading("PubMed page", tuple(reviews), len(file.text), of_records=True)


def _page_starts(lines: Sequence[Line]) -> list[int]:
    """Return where pages that were copied one below the other begin: with the citation above each one's numbers."""
    starts, above = [0], 0
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if match := _OWN_NUMBERS.match(line.text[:_LONGEST_BEGINNING]):
            cited = [place for place in range(above, at) if is_citation(lines[place].text)]
            if seen and cited and match["pmid"] not in seen:
                starts.append(cited[-1] - (lines[cited[-1]].text[0] == "." and cited[-1] > above))
            seen.add(match["pmid"])
            above = at + 1
    return starts


def _read(text: str) -> Review:
    lines = split_lines(text)
    keys = [key(line) for line in lines]
    opening = _sections_start(lines, keys)
    head = read_head(lines[:opening])
    parts = [*head.parts, *_parts_below(lines, keys, opening)]
    placed = list(zip(lines, parts, strict=True))

    def lines_of(wanted: Part) -> list[Line]:
        return [line for line, part in placed if part == wanted]

    facts, printed = head.facts, [*lines[:opening], *lines_of(IDENTIFIERS)]
    facts.status = next((status for notice, status in STATUS_BY_NOTICE.items() if notice in keys), "")
    facts.add_identifiers("\n".join(line.text for line in printed if len(line.text) < _LONGEST_FACT))
    return assemble(
        text,
        head.title,
        lines,
        parts,
        facts,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{facts.pmid}/" if facts.pmid else None,
        entities=terms_in(lines_of(SUBSTANCES), SUBSTANCES.heading),
        mesh=tuple(term.name for term in terms_in(lines_of(MESH), MESH.heading)),
    )


def _sections_start(lines: Sequence[Line], keys: Sequence[str]) -> int:
    """Return the place of the first section: a heading outside the table of contents, or an abstract without one."""
    navigation = _navigation(lines, keys)
    cited = False
    for place, (line, words) in enumerate(zip(lines, keys, strict=True)):
        # "Format: Abstract"
        chosen = words == "abstract" and (
            "format" in keys[max(place - 1, 0) : place] or any(map(is_frame, keys[place + 1 : place + 2]))
        )
        if _part_of(words) and place not in navigation and not chosen:
            return place
        beginning = line.text[:_LONGEST_BEGINNING]
        if _KEYWORDS_LINE.match(beginning) or _ABSTRACT_LINE.match(beginning):
            return place
        if cited and is_prose(line.text, _FEWEST_WORDS):
            return place
        cited = cited or is_citation(line.text) or line.text.startswith("PMID")
    return len(lines)


def _navigation(lines: Sequence[Line], keys: Sequence[str]) -> set[int]:
    """Return the places of headings that follow each other without anything between, above the citation."""
    cited = next((place for place, line in enumerate(lines) if is_citation(line.text)), 0)
    found: set[int] = set()
    run: list[int] = []
    for place, words in enumerate(keys):
        if words in _NAVIGATION or _part_of(words) or (run and words in _IN_NAVIGATION):
            run.append(place)
            continue
        if run and (keys[run[0]] in _NAVIGATION or (len(run) >= 3 and run[-1] < cited)):
            found.update(run)
        run = []
    return found


def _part_of(words: str) -> Part | None:
    """Return what a line with this `key` announces if it is a heading of PubMed, or a usual one for the same."""
    match = _HEADING.fullmatch(words)
    if match and (part := HEADINGS.get(words) or HEADINGS.get(match["words"])):
        return part
    usual = usual_part(words.capitalize())
    return usual if usual and usual.kind in {"competing interests", "references"} else None


def _parts_below(lines: Sequence[Line], keys: Sequence[str], opening: int) -> Iterator[Part | None]:
    """Yield the parts of the lines from the first section on."""
    current = ABSTRACT
    for place in range(opening, len(lines)):
        line, words = lines[place], keys[place]
        if heading := (BOILERPLATE if begins_foot(words) else _part_of(words)):
            current = heading
            yield None if heading is not BOILERPLATE else BOILERPLATE
        elif is_rule(line):
            yield None
        elif is_frame(words):
            yield BOILERPLATE
        elif current.kind == "abstract" and (label := abstract_label(line, next_line(lines, place))):
            current = abstract_part(label)
            yield None
        else:
            current = _part_by_beginning(line, current)
            yield current


def _part_by_beginning(line: Line, current: Part) -> Part:
    """Return the part of a line within a section: keywords, copyright and identifiers stand below the abstract."""
    beginning = line.text[:_LONGEST_BEGINNING]
    if current is not BOILERPLATE and current.kind not in {"abstract", "bibliographic"}:
        return current
    if part := next((part for pattern, part in _BY_BEGINNING if pattern.match(beginning)), None):
        return part
    return IDENTIFIERS if current is not BOILERPLATE and _IDENTIFIERS_LINE.fullmatch(beginning) else current
